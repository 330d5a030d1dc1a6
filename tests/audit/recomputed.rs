//! Printed numbers beside recomputed ones: our own report agrees with its results to the last number, an error that is
//! planted is found at the very number, and a paper with names of its own is matched.

use super::as_reported::committed;
use crate::support::sample_results;
use vouch::audit::recompute::{Evidence, OutcomeColumn, ScoreColumn, ScoreTable, recompute};
use vouch::audit::reported::{Body, CiMethod};
use vouch::audit::{Reported, parse};
use vouch::report::document::{Block, Row};
use vouch::results::{Agreement, Published, PublishedFigure, Results};
use vouch::stats::Orientation;

fn read(text: &str) -> Reported {
    parse(text, "reported.yaml").unwrap_or_else(|problems| panic!("{problems:#?}"))
}

fn beside(text: &str, results: &Results) -> Published {
    recompute(&read(text), &Evidence { results: Some(results), scores: None }, String::new())
}

fn paths(published: &Published, agreement: Agreement) -> Vec<String> {
    published.figures().filter(|figure| figure.agreement == agreement).map(|figure| figure.path.clone()).collect()
}

#[test]
fn our_own_report_agrees_with_its_results() {
    for (id, results) in committed() {
        let published = beside(&vouch::report::as_reported(&results), &results);
        assert_eq!(paths(&published, Agreement::Disagrees), Vec::<String>::new(), "{id}");
        assert_eq!(paths(&published, Agreement::AgreesUpToRounding), Vec::<String>::new(), "{id}");
        let agree = published.count(Agreement::Agrees);
        let unknown = published.count(Agreement::NotRecomputable);
        assert!(agree > 100 && unknown * 10 < agree, "{id}: {}", published.in_words());
    }
}

/// The printed text with its digits moved by three units of the last place.
fn moved(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(|letter| letter.is_ascii_digit()).collect();
    let plain = text.chars().all(|letter| letter.is_ascii_digit() || letter == '.');
    let larger = (digits.parse::<u64>().ok()? + 3).to_string();
    let padded = format!("{larger:0>width$}", width = digits.len());
    let point = text.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    let (whole, fraction) = padded.split_at(padded.len() - point);
    plain.then(|| if point > 0 { format!("{whole}.{fraction}") } else { whole.to_string() })
}

/// The limits of intervals that the file says come from a bootstrap. Other draws print other limits, so that a number near
/// them is none that can be wrong.
fn limits_that_depend_on_draws(reported: &Reported) -> Vec<String> {
    let tables = reported.sections.iter().filter_map(|section| match &section.body {
        Body::Performance(table) => Some(table),
        _ => None,
    });
    let cells = tables.flat_map(|table| {
        let cells = table.rows.iter().flat_map(|row| &row.metrics);
        cells.filter(|cell| table.method(cell) == Some(CiMethod::Bootstrap))
    });
    let limits = cells.flat_map(|cell| [&cell.lower, &cell.upper]).flatten();
    limits.map(|limit| reported.leaves[limit.leaf].path.clone()).collect()
}

#[test]
fn a_planted_error_is_found_at_the_very_number_and_nowhere_else() {
    let (_, results) = committed().into_iter().find(|(id, _)| id == "rotterdam-lnm").unwrap();
    let text = vouch::report::as_reported(&results);
    let original = beside(&text, &results);
    let drawn = limits_that_depend_on_draws(&read(&text));
    let lines: Vec<&str> = text.lines().collect();
    let candidates: Vec<&PublishedFigure> =
        original.figures().filter(|figure| figure.agreement == Agreement::Agrees).collect();
    let (mut planted, mut open) = (0, Vec::new());
    for figure in candidates.iter().step_by(11) {
        let Some(wrong) = moved(&figure.printed) else { continue };
        let mut changed: Vec<String> = lines.iter().map(ToString::to_string).collect();
        let line = &mut changed[figure.line - 1];
        let start = line.char_indices().nth(figure.column - 1).map_or(0, |(at, _)| at);
        let typed = format!("\"{}\"", figure.printed);
        assert!(line[start..].starts_with(&typed), "{}: {line}", figure.path);
        line.replace_range(start..start + typed.len(), &format!("\"{wrong}\""));
        let after = beside(&changed.join("\n"), &results);
        let at = after.figures().find(|other| other.path == figure.path).unwrap();
        // What cannot be decided is open, but never right.
        assert!(at.agreement >= Agreement::Disagrees, "{} {} {}", figure.path, figure.printed, wrong);
        if !drawn.contains(&figure.path) {
            planted += 1;
            if at.agreement != Agreement::Disagrees {
                open.push(format!("{} {} as {wrong}", figure.path, figure.printed));
            }
        }
        let others = paths(&after, Agreement::Disagrees);
        assert!(others.iter().all(|path| *path == figure.path), "{}: {others:?}", figure.path);
    }
    println!("{planted} planted, open: {open:#?}");
    assert!(planted > 60 && open.len() * 20 <= planted, "{planted} planted, open: {open:#?}");
}

#[test]
fn a_ratio_by_the_poisson_count_is_as_right_as_one_by_the_binomial() {
    // 6 events in 12 and predictions that add up to 6.2: O/E 0.968. Binomial sqrt(0.5/6), Poisson sqrt(1/6) on the logarithm.
    let mut scores = twelve();
    let probabilities = [0.9, 0.85, 0.8, 0.7, 0.6, 0.3, 0.75, 0.55, 0.3, 0.25, 0.1, 0.1];
    scores.scores =
        [("m".to_string(), ScoreColumn { orientation: Orientation::HigherIsRisk, scores: probabilities.to_vec() })]
            .into_iter()
            .collect();
    let judged = |limits: [&str; 2]| {
        let text = format!(
            "schema: reported/1\nmatch: {{outcome: sick}}\ncohorts: {{test: {{n: 12}}}}\nt:\n  models: {{m: {{test: {{oe: {{value: \"0.97\", ci: [\"{}\", \"{}\"], ci_method: wald_log}}}}}}}}\n",
            limits[0], limits[1]
        );
        let published = recompute(&read(&text), &Evidence { results: None, scores: Some(&scores) }, String::new());
        row_says(&published, "oe").0
    };
    // R: 6/6.2 * exp(c(-1, 1) * 1.96 * sqrt(0.5/6)); the same with sqrt(1/6)
    assert_eq!(judged(["0.55", "1.70"]), [Agreement::Agrees; 3]);
    assert_eq!(judged(["0.43", "2.15"]), [Agreement::Agrees; 3]);
    assert_eq!(judged(["0.50", "1.90"]), [Agreement::Agrees, Agreement::Disagrees, Agreement::Disagrees]);
}

#[test]
fn rates_in_percent_and_times_in_months_are_compared_as_they_are_printed() {
    // The study has 0.8948 at three years in the low-risk group, and a median follow-up of 10.669 years.
    let (_, results) = committed().into_iter().find(|(id, _)| id == "rotterdam-lnm").unwrap();
    let paper = |rate: &str, follow_up: &str| {
        let text = format!(
            "schema: reported/1\ncohorts: {{training: {{n: 1478}}}}\ns:\n  kind: survival\n  cohort: training\n  follow_up: {follow_up}\n  times: [1, 3]\n  groups: {{\"Low risk\": {{rates: [\"98.8\", \"{rate}\"]}}}}\n"
        );
        beside(&text, &results)
    };
    let months = "{median: \"128.0\", unit: months}";
    assert_eq!(paths(&paper("89.5", months), Agreement::Disagrees), Vec::<String>::new());
    assert!(paths(&paper("89.5", months), Agreement::Agrees).contains(&"/s/follow_up/median".to_string()));
    let wrong = paper("88.5", "{median: \"10.7\", unit: moons}");
    let rate = wrong.figures().find(|figure| figure.agreement == Agreement::Disagrees).expect("one disagrees");
    assert_eq!((rate.printed.as_str(), rate.at_printed_precision.as_deref()), ("88.5", Some("89.5")));
    assert!(paths(&wrong, Agreement::NotRecomputable).contains(&"/s/follow_up/median".to_string()));
    assert_eq!(paths(&paper("89.5", "{median: \"10.7\"}"), Agreement::Disagrees), Vec::<String>::new());
}

/// Six subjects with the event and six without; 31 of 36 pairs are ranked rightly and one is tied: AUC 31.5/36 = 0.875.
/// At 0.5: TP 5, FN 1, FP 2, TN 4.
fn twelve() -> ScoreTable {
    let with = [0.9, 0.85, 0.8, 0.7, 0.6, 0.3];
    let without = [0.75, 0.55, 0.3, 0.25, 0.2, 0.1];
    let scores: Vec<f64> = with.into_iter().chain(without).collect();
    let outcome = (0..12).map(|row| row < 6).collect();
    ScoreTable {
        partitions: vec!["test".to_string(); 12],
        outcomes: [("sick".to_string(), OutcomeColumn::Binary(outcome))].into_iter().collect(),
        scores: [("m".to_string(), ScoreColumn { orientation: Orientation::HigherIsRisk, scores })]
            .into_iter()
            .collect(),
    }
}

fn beside_scores(text: &str) -> Published {
    let scores = twelve();
    recompute(&read(text), &Evidence { results: None, scores: Some(&scores) }, String::new())
}

const PAPER: &str = r#"schema: reported/1
match:
  models: {our_model: m}
  thresholds: {m: "0.5"}
cohorts: {test_set: {n: 12, positive: 6, negative: 6}}
table_2:
  kind: performance
  ci_method: METHOD
  models:
    our_model: {test_set: {auc: "AUC", sens: ["SENS", "LOWER", "UPPER"], spec: "66.7", tp: 5, fp: 2}}
"#;

fn paper(replacements: &[(&str, &str)]) -> String {
    let usual = [
        ("cohorts: {test_set", "  cohorts: {test_set: test}\ncohorts: {test_set"),
        ("METHOD", "clopper_pearson"),
        ("AUC", "0.88"),
        ("SENS", "83.3"),
        // R: binom.test(5, 6)$conf.int
        ("LOWER", "35.9"),
        ("UPPER", "99.6"),
    ];
    let mut text = PAPER.to_string();
    for (from, to) in replacements.iter().chain(&usual) {
        text = text.replacen(from, to, 1);
    }
    text
}

fn row_says(published: &Published, quantity: &str) -> (Vec<Agreement>, String) {
    let row = published.tables.iter().flat_map(|table| &table.rows).find(|row| row.quantity == quantity).unwrap();
    (row.figures.iter().map(|figure| figure.agreement).collect(), row.says.clone())
}

#[test]
fn a_paper_with_names_of_its_own_by_hand() {
    let published = beside_scores(&paper(&[]));
    assert_eq!(paths(&published, Agreement::Disagrees), Vec::<String>::new());
    assert_eq!(published.count(Agreement::Agrees), 10, "{published:#?}");
    let auc = published.figures().find(|figure| figure.path.ends_with("/auc")).unwrap();
    assert_eq!((auc.recomputed, auc.at_printed_precision.as_deref()), (Some(0.875), Some("0.88")));
    // Cut off where 0.875 is printed as 0.87: still within rounding to nearest, because 0.875 is a half.
    assert_eq!(beside_scores(&paper(&[("AUC", "0.87")])).count(Agreement::Disagrees), 0);
    let wrong = beside_scores(&paper(&[("AUC", "0.84")]));
    assert_eq!(paths(&wrong, Agreement::Disagrees), ["/table_2/models/our_model/test_set/auc"]);
}

#[test]
fn an_interval_by_another_method_is_named_and_disagrees_only_with_a_stated_one() {
    // R: binom::binom.confint(5, 6, methods = "wilson"): 0.4365, 0.9699
    let wilson = [("LOWER", "43.6"), ("UPPER", "97.0")];
    let stated = beside_scores(&paper(&wilson));
    let (agreement, says) = row_says(&stated, "sens");
    assert_eq!(agreement, [Agreement::Agrees, Agreement::Disagrees, Agreement::Disagrees]);
    assert!(says.contains("Wilson gives the printed limits"), "{says}");
    let silent = beside_scores(&paper(&[("METHOD", "not_stated"), wilson[0], wilson[1]]));
    let (agreement, says) = row_says(&silent, "sens");
    assert_eq!(agreement, [Agreement::Agrees; 3]);
    assert!(says.contains("Wilson"), "{says}");
    // A width that no method gives: an unnamed method may be near, but not this far off.
    let narrow = [("METHOD", "not_stated"), ("LOWER", "82.0"), ("UPPER", "84.6")];
    let (agreement, _) = row_says(&beside_scores(&paper(&narrow)), "sens");
    assert_eq!(agreement, [Agreement::Agrees, Agreement::Disagrees, Agreement::Disagrees]);
}

#[test]
fn what_has_no_counterpart_is_said_to_have_none() {
    let published = beside_scores(&paper(&[("our_model: {test_set", "another: {test_set")]));
    assert_eq!(published.count(Agreement::Disagrees), 0);
    let (agreement, says) = row_says(&published, "auc");
    assert_eq!(agreement, [Agreement::NotRecomputable]);
    assert!(says.contains("no model `another`") && says.contains("match: {models:"), "{says}");
    let mut scores = twelve();
    scores.outcomes = [("sick".to_string(), OutcomeColumn::Binary(vec![true; 12]))].into_iter().collect();
    let published = recompute(&read(&paper(&[])), &Evidence { results: None, scores: Some(&scores) }, String::new());
    let (agreement, says) = row_says(&published, "auc");
    assert_eq!(
        (agreement.as_slice(), says.as_str()),
        (&[Agreement::NotRecomputable][..], "the set has one class only")
    );
}

/// The rows of the report's tables of printed numbers, cell by cell, with its headings and notes.
fn published_section(results: &Results) -> (Vec<Vec<String>>, Vec<String>) {
    let document = vouch::report::build(results).unwrap();
    let (mut rows, mut words) = (Vec::new(), Vec::new());
    for block in &document.blocks {
        match block {
            Block::Heading { text, .. } => words.push(text.clone()),
            Block::Table(table) if table.id.starts_with("published-") => {
                words.extend(table.notes.clone());
                let cells = table.rows.iter().filter_map(|row| match row {
                    Row::Cells { cells, .. } => Some(cells.iter().map(|cell| cell.text.clone()).collect()),
                    Row::Section { .. } => None,
                });
                rows.extend(cells);
            }
            _ => {}
        }
    }
    (rows, words)
}

#[test]
fn a_row_of_the_report_says_which_of_its_numbers_differs_and_simulated_data_accuse_nobody() {
    for (mut results, word, heading) in [
        (sample_results::sample(), "disagrees (estimate)", "Published and recomputed"),
        (sample_results::simulated(), "differs (estimate)", "Published, and the protocol on simulated data"),
    ] {
        let text = vouch::report::as_reported(&results);
        let figures = beside(&text, &results);
        let auc = figures.figures().find(|figure| figure.path.ends_with("/auc/value")).unwrap();
        let wrong = moved(&auc.printed).unwrap();
        let typed =
            text.replacen(&format!("auc: {{value: \"{}\"", auc.printed), &format!("auc: {{value: \"{wrong}\""), 1);
        results.published = Some(beside(&typed, &results));
        let (rows, words) = published_section(&results);
        assert!(words.iter().any(|text| text == heading), "{words:?}");
        let note = words.iter().any(|text| text.contains("a comparison of protocol, not of truth"));
        assert_eq!(note, results.study.simulated, "{words:?}");
        let told: Vec<&Vec<String>> = rows.iter().filter(|row| row[4].starts_with(word)).collect();
        assert_eq!(told.len(), 1, "{rows:#?}");
        assert!(told[0][1].starts_with(&wrong) && told[0][2].starts_with(&auc.printed), "{told:?}");
        assert_eq!(told[0][3].trim_start_matches('−').len(), auc.printed.len() + 1, "{told:?}");
    }
}

#[test]
fn numbers_are_shown_as_the_paper_prints_them() {
    let text = "schema: reported/1\nmatch: {outcome: sick}\ncohorts: {test: {n: 12, positive: 6}}\nin_the_text:\n  kind: counts\n  sick: {cohort: test, class: positive, count: 6, of: 12, percent: \"50.0\"}\n";
    let mut results = sample_results::sample();
    results.published = Some(beside_scores(text));
    let (rows, _) = published_section(&results);
    let shares: Vec<[&str; 4]> =
        rows.iter().filter(|row| row[0].contains("n (%)")).map(|row| [1, 2, 3, 4].map(|at| row[at].as_str())).collect();
    // The recomputed percentage has a decimal more than the paper prints; counts have none.
    assert_eq!(shares, [["6/12 (50.0)", "6/12 (50.00)", "0", "agrees"]]);
}
