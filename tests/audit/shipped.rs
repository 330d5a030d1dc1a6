//! The two shipped files: every leaf accounted for, findings replayed, the same bytes again, in time.

use std::path::Path;
use std::time::{Duration, Instant};
use vouch::audit::{
    Audit, Replay, Reported, Verdict, audit, parse, render_html, render_json, render_junit, render_sarif, render_text,
    replay,
};

fn read(study: &str) -> (Reported, Audit) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("studies").join(study).join("reported.yaml");
    let text = std::fs::read_to_string(path).expect("shipped");
    let reported = parse(&text, "reported.yaml").unwrap_or_else(|problems| panic!("{problems:#?}"));
    let audit = audit(&reported);
    (reported, audit)
}

#[test]
fn the_paper() {
    let (reported, audit) = read("pdac-lnm-dect");
    let upper: Vec<&str> =
        audit.findings.iter().filter(|f| f.verdict == Verdict::Impossible).map(|f| f.id.as_str()).collect();
    // Each can be checked with a pocket calculator: 19/61, 13/52, 14/16, 3/19, 45/61, 1/19, 32/52, 15/16; 12/16 and 11/16.
    for id in [
        "V101:table1/ct_ln_status/prim_neg",
        "V101:table1/ct_t_stage/prim_pos",
        "V101:table1/marital_status/test_pos",
        "V101:table1/kps/test_neg",
        "V101:table1/histologic_grade/prim_neg",
        "V101:table1/histologic_grade/test_neg",
        "V101:table1/location/prim_pos",
        "V101:table1/ct_metastasis/test_pos",
        "V201:classes/test",
        // A sensitivity of 90 with the event, where the classes add up to 52 + 16 = 68; a specificity of 58, 61 + 19 = 80.
        "V103:readers/both_readers/all/sens",
        "V103:readers/both_readers/all/spec",
    ] {
        assert!(upper.contains(&id), "{id} is not among {upper:#?}");
    }
    for finding in &audit.findings {
        match replay(finding, &reported) {
            Replay::Refuted(says) => panic!("{}: {says}", finding.id),
            Replay::Confirmed(_) => {}
            Replay::NotReplayable(why) => panic!("{}: {why}", finding.id),
        }
        assert!(!finding.leaves.is_empty() && finding.leaves.iter().all(|&leaf| leaf < reported.leaves.len()));
    }
    assert_eq!(audit.leaves.len(), reported.leaves.len());
}

#[test]
fn the_published_validation_agrees_but_for_one_restatement() {
    let (_, audit) = read("breast-rfs");
    let ids: Vec<&str> = audit.findings.iter().map(|finding| finding.id.as_str()).collect();
    // The article's text prints an O/E of 1.04 where its companion prints 1.0173902.
    assert_eq!(ids, ["V802:restated/0/oe_5y"]);
}

#[test]
fn the_same_bytes_again_and_in_every_format() {
    for study in ["pdac-lnm-dect", "breast-rfs"] {
        let (first, second) = (read(study).1, read(study).1);
        assert_eq!(render_text(&first, false), render_text(&second, false));
        assert_eq!(render_html(&first), render_html(&second));
        let json: serde_json::Value = serde_json::from_str(&render_json(&first)).expect("JSON");
        assert_eq!(json["findings"].as_array().map(Vec::len), Some(first.findings.len()));
        let sarif: serde_json::Value = serde_json::from_str(&render_sarif(&first)).expect("JSON");
        assert_eq!(sarif["version"], "2.1.0");
        let results = sarif["runs"][0]["results"].as_array().expect("results");
        assert_eq!(results.len(), first.findings.len() + first.records.len());
        assert!(
            results.iter().all(|result| result["locations"][0]["physicalLocation"]["region"]["startLine"].is_u64())
        );
        // What the SARIF schema requires: a rule for every index, kinds and levels that go together, places from one.
        let rules = sarif["runs"][0]["tool"]["driver"]["rules"].as_array().expect("rules");
        for result in results {
            let index = result["ruleIndex"].as_u64().expect("index") as usize;
            assert_eq!(rules[index]["id"], result["ruleId"]);
            assert!(["fail", "pass", "open", "notApplicable"].contains(&result["kind"].as_str().expect("kind")));
            assert_eq!(result["kind"] == "fail", result["level"] != "none", "{result}");
            assert!(result["message"]["text"].as_str().is_some_and(|text| !text.is_empty()));
            for place in
                result["locations"].as_array().into_iter().chain(result["relatedLocations"].as_array()).flatten()
            {
                let region = &place["physicalLocation"]["region"];
                assert!(region["startLine"].as_u64() > Some(0) && region["startColumn"].as_u64() > Some(0));
                assert_eq!(place["physicalLocation"]["artifactLocation"]["uri"], "reported.yaml");
            }
        }
        assert!(render_junit(&first).contains("<testsuites"));
        let page = render_html(&first);
        assert!(page.contains("Content-Security-Policy") && !page.contains("<script") && !page.contains("http://"));
    }
}

#[test]
fn in_time() {
    let start = Instant::now();
    read("pdac-lnm-dect");
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    // Six models of 5,000 subjects, class counts unknown, no sensitivity to cut the search.
    let mut text = "schema: reported/1\ncohorts: {c: 5000}\nt:\n  models:\n".to_string();
    for model in 0..6 {
        text += &format!(
            "    m{model}: {{c: {{acc: \"0.8{model}\", ppv: \"0.7{model}\", npv: \"0.9{model}\", kappa: \"0.6{model}\", f1: \"0.74\"}}}}\n"
        );
    }
    let start = Instant::now();
    let reported = parse(&text, "large.yaml").expect("valid");
    audit(&reported);
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
}
