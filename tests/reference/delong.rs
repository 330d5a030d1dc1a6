//! Topic 02: paired and unpaired comparison of AUCs (pROC 1.18.0).

use super::roc::{Rows, check_interval, not_covered_seeds, text, tolerance_of_seeds};
use super::support::{self, Coverage};
use serde_json::Value;
use vouch::stats::comparison::bootstrap::{paired_bootstrap_auc, unpaired_bootstrap_auc};
use vouch::stats::comparison::delong::paired_delong;
use vouch::stats::comparison::unpaired_delong::{ScoredSample, UnpairedAucComparison, unpaired_delong};
use vouch::stats::random::Seed;
use vouch::stats::resample::bootstrap::BootstrapOptions;
use vouch::stats::{Alternative, Estimate, NullDistribution, Orientation, Test};

const HIGHER: Orientation = Orientation::HigherIsRisk;
const CLOSED_FORM: f64 = 1e-10;

#[test]
fn proc() {
    let document = support::topic("02_delong.json");
    let mut coverage = Coverage::of("02_delong", &document);
    for case in document["cases"].as_array().unwrap() {
        let (columns, options) = (&case["columns"], &case["options"]);
        let file = case["data"][0].as_str().unwrap();
        let label = text(columns, "label");
        if columns["score2"].is_null() {
            let rows = |subset| Rows::load(file, label, &[text(columns, "score")], text(options, subset));
            check_unpaired_case(&mut coverage, case, &rows("subset1"), &rows("subset2"));
        } else {
            let scores = [text(columns, "score1"), text(columns, "score2")];
            check_paired_case(&mut coverage, case, &Rows::load(file, label, &scores, text(options, "subset")));
        }
    }
    coverage.finish();
}

fn check_paired_case(coverage: &mut Coverage, case: &Value, rows: &Rows) {
    let Rows { outcome, scores } = rows;
    let (a, b) = (&scores[0], &scores[1]);
    let paired = |level| paired_delong(outcome, a, HIGHER, b, HIGHER, level).unwrap();
    let compared = paired(0.95);
    for (name, value) in case["values"].as_object().unwrap() {
        let what = &format!("{} {name}", text(case, "id"));
        let mut single = |ours: f64| coverage.check_near(what, ours, value, CLOSED_FORM, 1e-17);
        match name.as_str() {
            "auc1" => single(compared.auc_a.value),
            "auc2" => single(compared.auc_b.value),
            "var1" => single(variance(&compared.auc_a)),
            "var2" => single(variance(&compared.auc_b)),
            "cov" => single(compared.covariance),
            "cor_of_aucs" => single(compared.correlation.unwrap_or(f64::NAN)),
            "paired_less" => single(compared.test_against(Alternative::Less).p_value),
            "paired_greater" => single(compared.test_against(Alternative::Greater).p_value),
            "paired_ci90" => check_interval(coverage, what, &paired(0.90).difference, value),
            "paired_two_sided" => {
                let aucs = [&compared.auc_a, &compared.auc_b];
                check_test(coverage, what, &compared.test, aucs, &compared.difference, value);
            }
            "treated_as_unpaired" => {
                let sample = |score| ScoredSample { outcome, score, orientation: HIGHER };
                check_unpaired_test(coverage, what, &unpaired_delong(sample(a), sample(b), 0.95).unwrap(), value);
            }
            "bootstrap_paired_B2000" => {
                let options = BootstrapOptions::default();
                let seed = Seed::from_study(1);
                let ours = paired_bootstrap_auc(outcome, a, HIGHER, b, HIGHER, &options, seed).unwrap();
                check_bootstrap(coverage, what, &ours.test, value);
            }
            _ => panic!("{what} is not known"),
        }
    }
}

fn check_unpaired_case(coverage: &mut Coverage, case: &Value, a: &Rows, b: &Rows) {
    fn sample(rows: &Rows) -> ScoredSample<'_> {
        ScoredSample { outcome: &rows.outcome, score: &rows.scores[0], orientation: HIGHER }
    }
    let compared = unpaired_delong(sample(a), sample(b), 0.95).unwrap();
    for (name, value) in case["values"].as_object().unwrap() {
        let what = &format!("{} {name}", text(case, "id"));
        let mut single = |ours: f64| coverage.check(what, ours, value, CLOSED_FORM);
        match name.as_str() {
            "auc1" => single(compared.auc_a.value),
            "auc2" => single(compared.auc_b.value),
            "var1" => single(variance(&compared.auc_a)),
            "var2" => single(variance(&compared.auc_b)),
            "unpaired_less" => single(compared.test_against(Alternative::Less).p_value),
            "unpaired_two_sided" => check_unpaired_test(coverage, what, &compared, value),
            "bootstrap_unpaired_B2000" => {
                let options = BootstrapOptions::default();
                let ours = unpaired_bootstrap_auc(sample(a), sample(b), &options, Seed::from_study(1)).unwrap();
                check_bootstrap(coverage, what, &ours.test, value);
            }
            _ => panic!("{what} is not known"),
        }
    }
}

fn variance(estimate: &Estimate) -> f64 {
    estimate.standard_error.unwrap().powi(2)
}

fn check_unpaired_test(coverage: &mut Coverage, what: &str, ours: &UnpairedAucComparison, reference: &Value) {
    check_test(coverage, what, &ours.test, [&ours.auc_a, &ours.auc_b], &ours.difference, reference);
}

fn check_test(
    coverage: &mut Coverage,
    what: &str,
    test: &Test,
    aucs: [&Estimate; 2],
    difference: &Estimate,
    reference: &Value,
) {
    for (name, value) in reference.as_object().unwrap() {
        let what = &format!("{what} {name}");
        match name.as_str() {
            "statistic" => coverage.check(what, test.statistic.unwrap(), value, CLOSED_FORM),
            "p.value" => coverage.check(what, test.p_value, value, CLOSED_FORM),
            "conf.int" => check_interval(coverage, what, difference, value),
            "parameter" => {
                let NullDistribution::StudentT { df } = test.distribution else { panic!("{what}") };
                coverage.check(what, df, value, CLOSED_FORM);
            }
            "estimate" => {
                coverage.check(what, aucs[0].value, &value[0], CLOSED_FORM);
                coverage.check(what, aucs[1].value, &value[1], CLOSED_FORM);
            }
            "alternative" => {
                coverage.check_that(what, 1, value == "two.sided" && test.alternative == Alternative::TwoSided);
            }
            "null.value" => coverage.check_that(what, 1, value.as_f64() == Some(0.0)),
            "method" => coverage.not_covered("the package's name for the test", value),
            _ => panic!("{what} is not known"),
        }
    }
}

fn check_bootstrap(coverage: &mut Coverage, what: &str, test: &Test, reference: &Value) {
    for (column, ours) in [(0, test.statistic.unwrap()), (1, test.p_value)] {
        let mean = support::number(&reference["mean"][column]).unwrap();
        let deviation = support::number(&reference["sd"][column]).unwrap();
        let what = &format!("{what}: ours {ours}, mean of five seeds {mean}");
        coverage.check_that(what, 1, (ours - mean).abs() <= tolerance_of_seeds(deviation));
    }
    not_covered_seeds(coverage, reference);
}
