//! Need 46 of docs/audit.md: how survival models perform by a horizon. What follows by definition is checked, what does not
//! is left alone.

use super::needs::{none, only, passes, read};
use vouch::audit::Verdict;

/// A model in 686 subjects, with these entries.
fn model(entries: &str) -> String {
    format!(
        "cohorts: {{v: {{n: 686}}}}\nt:\n  kind: survival_performance\n  horizon: 5 years\n  models:\n    m:\n      v: {{{entries}}}\n"
    )
}

const WHOLE: &str = "events: 285, harrell_c: [\"0.652\", \"0.620\", \"0.685\"], uno_c: \"0.635\", auc_5y: \"0.677\", \
                     observed: \"0.51\", expected: \"0.50\", oe: [\"1.02\", \"0.91\", \"1.14\"], slope: [\"1.06\", \"0.82\", \"1.30\"], \
                     ici: \"0.030\", e50: \"0.026\", e90: \"0.075\", emax: \"0.075\", brier: \"0.225\", null_brier: \"0.250\", \
                     ipa: \"0.101\", net_benefit: {\"0.23\": {model: [\"0.362\", \"0.32\", \"0.40\"], treat_all: \"0.362\", treat_none: \"0\", treated: 640}}";

#[test]
fn need_46_performance_of_survival_models() {
    passes(&model(WHOLE), "V703");
    passes(&model(WHOLE), "V202");
    // Every figure is read. Nothing is known of an interval without a method, nor of net benefit; and an AUC by a time is not
    // one of two fixed classes.
    let audit = read(&model(WHOLE));
    let label = |leaf: &&vouch::audit::LeafCoverage| leaf.path.contains("/models/") && leaf.rules.is_empty();
    let untouched: Vec<&str> = audit.leaves.iter().filter(label).map(|leaf| leaf.path.as_str()).collect();
    assert!(untouched.iter().all(|path| path.contains("net_benefit") || path.contains("slope")), "{untouched:?}");
    assert!(audit.records.iter().all(|record| !["V201", "V301", "V302"].contains(&record.rule)));
}

#[test]
fn the_ratio_of_observed_and_expected() {
    let printed = |observed: &str, expected: &str, ratio: &str| {
        model(&format!("observed: \"{observed}\", expected: \"{expected}\", oe: \"{ratio}\""))
    };
    // 0.51/0.49 with a unit of the last place to either side: 0.50/0.50 to 0.52/0.48.
    passes(&printed("0.51", "0.49", "1.07"), "V703");
    passes(&printed("51.0", "50.0", "1.02"), "V703");
    passes(&printed("310", "301.5", "1.03"), "V703");
    only(&printed("0.51", "0.49", "1.23"), "V703", Verdict::Inconsistent);
    only(&printed("310", "301.5", "0.97"), "V703", Verdict::Inconsistent);
    // A number of events beside a risk is another question.
    none(&printed("310", "0.49", "1.23"));
    // By two times, it is not known which the two are by.
    none(&model("observed: \"0.51\", expected: \"0.49\", oe_3y: \"1.23\", oe_5y: \"1.02\""));
    only(&model("observed: \"0.51\", expected: \"0.49\", eo: \"1.15\""), "V703", Verdict::Inconsistent);
    only(&model("oe: \"-0.20\""), "V202", Verdict::Impossible);
}

#[test]
fn the_index_of_prediction_accuracy() {
    let printed = |index: &str| model(&format!("brier: \"0.225\", null_brier: \"0.250\", ipa: {index}"));
    // 1 - 0.225/0.250 = 0.100; with rounding 0.092 to 0.108.
    for right in ["\"0.101\"", "\"10.1\"", "\"10%\"", "\"0.093\""] {
        passes(&printed(right), "V703");
    }
    for wrong in ["\"0.155\"", "\"15.5\"", "\"1.0%\""] {
        only(&printed(wrong), "V703", Verdict::Inconsistent);
    }
    passes(&model("brier: \"22.5\", null_brier: \"25.0\", ipa: \"10.0\""), "V703");
    // A mean of quotients is not the quotient of means, and a corrected index is corrected by itself.
    none(&model("averaged: optimism, brier: \"0.225\", null_brier: \"0.250\", ipa: \"0.155\""));
}

#[test]
fn the_distances_from_a_calibration_curve() {
    passes(&model("ici: \"0.03\", e50: \"0.03\", e90: \"0.03\", emax: \"0.03\""), "V703");
    only(&model("e50: \"0.030\", e90: \"0.012\""), "V703", Verdict::Impossible);
    only(&model("ici: \"0.090\", emax: \"0.075\""), "V703", Verdict::Impossible);
    // The mean may be above the 90th percentile.
    none(&model("ici: \"0.050\", e90: \"0.040\", emax: \"0.700\""));
    // Bootstrap limits of a distance may both lie above it.
    none(&model("ici: [\"0.010\", \"0.012\", \"0.040\"]"));
}

#[test]
fn a_wald_interval_has_its_estimate_in_the_middle() {
    let stated = |name: &str, [value, lower, upper]: [&str; 3], method: &str| {
        model(&format!("{name}: {{value: \"{value}\", ci: [\"{lower}\", \"{upper}\"], ci_method: {method}}}"))
    };
    passes(&stated("slope", ["1.06", "0.82", "1.30"], "wald"), "V703");
    only(&stated("slope", ["1.06", "0.92", "1.40"], "wald"), "V703", Verdict::Inconsistent);
    // sqrt(0.91 * 1.14) = 1.0185; sqrt(0.91 * 1.25) = 1.067.
    passes(&stated("oe", ["1.02", "0.91", "1.14"], "wald_log"), "V703");
    only(&stated("oe", ["1.02", "0.91", "1.25"], "wald_log"), "V703", Verdict::Inconsistent);
    // Some call the interval of a ratio Wald's when it is even on the scale of the logarithm: sqrt(0.50 * 2.00) = 1.
    passes(&stated("oe", ["1.00", "0.50", "2.00"], "wald"), "V703");
    passes(&stated("oe", ["1.25", "0.50", "2.00"], "wald"), "V703");
    // R: plogis(qlogis(0.95) + c(-1, 1) * 1.96 * 0.35): 0.9054, 0.9742
    passes(&stated("harrell_c", ["0.950", "0.905", "0.974"], "wald"), "V703");
    only(&stated("harrell_c", ["0.651", "0.642", "0.699"], "wald"), "V703", Verdict::Inconsistent);
    // Cut at 1, by another method, or without a word on it: nothing follows.
    none(&stated("harrell_c", ["0.95", "0.88", "1.00"], "wald"));
    none(&stated("slope", ["1.06", "0.92", "1.40"], "bootstrap"));
    none(&model("slope: [\"1.06\", \"0.92\", \"1.40\"]"));
}

#[test]
fn ranges_and_limits() {
    only(&model("harrell_c: \"1.20\", uno_c: \"0.64\""), "V202", Verdict::Impossible);
    only(&model("uno_c: [\"0.702\", \"0.620\", \"0.685\"]"), "V202", Verdict::Implausible);
    only(&model("oe: [\"1.29\", \"0.91\", \"1.14\"]"), "V202", Verdict::Implausible);
    only(&model("slope: [\"1.06\", \"1.30\", \"0.82\"]"), "V202", Verdict::Impossible);
    only(&model("events: 700"), "V703", Verdict::Impossible);
    // A slope that is corrected for optimism, with the interval of the apparent one.
    none(&model("slope: [\"0.79\", \"0.82\", \"1.18\"]"));
}

#[test]
fn what_is_no_threshold_has_a_place_and_a_fix() {
    let text = format!("schema: reported/1\n{}", model("net_benefit: {low: {model: \"0.36\"}}"));
    let problems = vouch::audit::parse(&text, "test.yaml").unwrap_err();
    assert_eq!(problems.len(), 1, "{problems:#?}");
    assert!(problems[0].message.contains("`low` is no number") && problems[0].line == 8, "{problems:#?}");
}
