//! Three made studies in the layouts that papers use: honest as they stand, and with one number changed at a time.

use vouch::audit::{Replay, Verdict, audit, parse, replay};

fn file(name: &str) -> String {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/audit/made").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Which rules speak, of the upper three verdicts; every finding is replayed.
fn rules(text: &str) -> Vec<&'static str> {
    let reported = parse(text, "made.yaml").unwrap_or_else(|problems| panic!("{problems:#?}"));
    let audit = audit(&reported);
    for finding in &audit.findings {
        let again = replay(finding, &reported);
        assert!(!matches!(again, Replay::Refuted(_)), "{again:?}\n{finding:#?}");
    }
    audit
        .findings
        .iter()
        .filter(|finding| finding.verdict <= Verdict::Implausible)
        .map(|finding| finding.rule)
        .collect()
}

fn changed(name: &str, edits: &[(&str, &str, &str)]) {
    let honest = file(name);
    assert_eq!(rules(&honest), Vec::<&str>::new(), "{name}");
    for (from, to, rule) in edits {
        assert!(honest.contains(from), "{name} has no {from}");
        let found = rules(&honest.replacen(from, to, 1));
        assert!(found.contains(rule), "{name}: {from} as {to}: {found:?}, not {rule}");
    }
}

#[test]
fn a_score() {
    changed(
        "septic_shock.yaml",
        &[
            ("[149, \"55.0\"]", "[149, \"52.0\"]", "V101"),
            ("total: [227, \"55.1\"]", "total: [229, \"55.6\"]", "V102"),
            ("sens: [\"0.700\"", "sens: [\"0.720\"", "V201"),
            ("auc: [\"0.826\", \"0.751\", \"0.901\"]", "auc: [\"0.826\", \"0.821\", \"0.831\"]", "V302"),
            ("difference: \"0.190\"", "difference: \"0.109\"", "V402"),
            ("se: \"0.068\"", "se: \"0.008\"", "V401"),
            ("ci: [\"0.67\", \"1.53\"]", "ci: [\"0.93\", \"1.10\"]", "V502"),
            ("linear_predictor: \"1.85\"", "linear_predictor: \"1.58\"", "V503"),
            ("probability: \"86.4%\"", "probability: \"84.6%\"", "V503"),
            ("events: 40,", "events: 45,", "V107"),
            ("p: \"0.093\"", "p: \"0.93\"", "V602"),
            ("p: \"0.948\"", "p: \"0.148\"", "V601"),
            ("auc: \"0.83\"", "auc: \"0.88\"", "V802"),
            ("total: [\"67.7\"", "total: [\"69.7\"", "V603"),
        ],
    );
}

#[test]
fn readers_with_aid() {
    changed(
        "aided_readers.yaml",
        &[
            ("auc: \"0.820\"", "auc: \"0.802\"", "V301"),
            ("count: 66, of: 82", "count: 69, of: 82", "V101"),
            ("recall_rate: \"33.8%\"", "recall_rate: \"38.3%\"", "V201"),
            ("f1: \"0.733\"", "f1: \"0.773\"", "V201"),
            ("only_second: 11", "only_second: 12", "V109"),
            ("p: \"0.006\"", "p: \"0.06\"", "V109"),
            ("\n  kappa: \"0.69\"", "\n  kappa: \"0.96\"", "V108"),
            ("distortion: 22", "distortion: 12", "V106"),
        ],
    );
}

#[test]
fn a_nomogram() {
    changed(
        "survival_nomogram.yaml",
        &[
            ("\"86.4\", \"66.4\"", "\"86.4\", \"46.4\"", "V701"),
            ("  p: \"<0.001\"\n", "  p: \"0.41\"\n", "V702"),
            ("all: {n: 318, events: 173", "all: {n: 318, events: 137", "V702"),
            ("ci: [\"1.83\", \"3.37\"]", "ci: [\"2.38\", \"2.58\"]", "V702"),
            ("wald: \"18.61\"", "wald: \"11.86\"", "V501"),
            ("[121, \"38.1\"]", "[121, \"31.8\"]", "V101"),
            ("sd: \"0.051\"", "sd: \"0.51\"", "V205"),
            ("p: \"0.006\"", "p: \"0.60\"", "V901"),
        ],
    );
}
