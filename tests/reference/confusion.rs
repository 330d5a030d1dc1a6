//! Threshold metrics, proportion intervals, McNemar and Cochran's Q against R and Python.

use super::support::{Coverage, csv, floats, number, topic};
use serde_json::{Value, json};
use vouch::stats::Orientation;
use vouch::stats::comparison::cochran_q::cochran_q;
use vouch::stats::comparison::mcnemar::{McNemarMethod, mcnemar};
use vouch::stats::comparison::paired_proportions::PairedCounts;
use vouch::stats::threshold::confusion::ConfusionMatrix;
use vouch::stats::threshold::metric::{Metric, Proportion};
use vouch::stats::threshold::predictive_value::at_prevalence;
use vouch::stats::threshold::proportion::{ProportionInterval, interval};

const RELATIVE: f64 = 1e-10;

/// The columns of a case's file, of the rows that it keeps.
struct Frame {
    columns: std::collections::BTreeMap<String, Vec<String>>,
    kept: Vec<usize>,
}

impl Frame {
    fn of(case: &Value) -> Self {
        let columns = csv(case["data"][0].as_str().unwrap());
        let rows = columns.values().next().unwrap().len();
        let test_only =
            case["options"]["subset"] == "split == 'test'" || case["id"].as_str().unwrap().starts_with("cochran");
        let kept = (0..rows).filter(|row| !test_only || columns["split"][*row] == "test").collect();
        Self { columns, kept }
    }

    fn numbers(&self, name: &str) -> Vec<f64> {
        let all = floats(&self.columns[name]);
        self.kept.iter().map(|row| all[*row]).collect()
    }

    /// A column of zeros and ones, or a comparison in R's words.
    fn calls(&self, expression: &str) -> Vec<bool> {
        let inner = expression.trim_start_matches("as.integer(").trim_end_matches(')');
        if let Some((name, level)) = inner.split_once(" == ") {
            let level = level.trim_matches('\'');
            return self.kept.iter().map(|row| self.columns[name][*row] == level).collect();
        }
        if let Some((name, bound)) = inner.split_once(" >= ") {
            let bound: f64 = bound.parse().unwrap();
            return self.numbers(name).into_iter().map(|value| value >= bound).collect();
        }
        self.numbers(inner).into_iter().map(|value| value == 1.0).collect()
    }
}

fn metric_of(name: &str) -> Metric {
    match name {
        "prevalence" | "tp" => Metric::Prevalence,
        "accuracy" | "diag.ac" => Metric::Accuracy,
        "sensitivity" | "se" => Metric::Sensitivity,
        "specificity" | "sp" => Metric::Specificity,
        "ppv" | "pv.pos" => Metric::PositivePredictiveValue,
        "npv" | "pv.neg" => Metric::NegativePredictiveValue,
        "f1" => Metric::F1,
        "balanced_accuracy" => Metric::BalancedAccuracy,
        "youden" => Metric::Youden,
        "mcc" => Metric::MatthewsCorrelation,
        "kappa" => Metric::CohenKappa,
        "lr_plus" | "lr.pos" => Metric::PositiveLikelihoodRatio,
        "lr_minus" | "lr.neg" => Metric::NegativeLikelihoodRatio,
        "dor" | "diag.or" => Metric::DiagnosticOddsRatio,
        "ap" | "p.rin" => Metric::ApparentPrevalence,
        "p.tpdn" => Metric::FalsePositiveRate,
        "p.tndp" => Metric::FalseNegativeRate,
        "p.dntp" => Metric::FalseDiscoveryRate,
        "p.dptn" => Metric::FalseOmissionRate,
        other => panic!("{other} is not known here"),
    }
}

/// Checks a value that is absent here where the reference has NaN, an infinity or NA.
fn check_option(coverage: &mut Coverage, what: &str, ours: Option<f64>, reference: &Value) {
    match (ours, number(reference)) {
        (Some(ours), _) => coverage.check_near(what, ours, reference, RELATIVE, 1e-14),
        (None, expected) => {
            coverage.check_that(
                &format!("{what}: absent here, {reference} there"),
                1,
                expected.is_none_or(|value| !value.is_finite()),
            );
        }
    }
}

fn clamped(reference: &Value) -> Value {
    json!(number(reference).unwrap().clamp(0.0, 1.0))
}

fn check_counts(coverage: &mut Coverage, matrix: &ConfusionMatrix, reference: &Value) {
    let counts = [
        ("tp", matrix.true_positives),
        ("fp", matrix.false_positives),
        ("fn", matrix.false_negatives),
        ("tn", matrix.true_negatives),
    ];
    for (name, count) in counts {
        coverage.check(name, count as f64, &reference[name], 0.0);
    }
}

/// {metric: {x, n, est, lower, upper}} or null where the denominator is zero.
fn check_proportions(
    coverage: &mut Coverage,
    id: &str,
    matrix: &ConfusionMatrix,
    reference: &Value,
    method: ProportionInterval,
    hmisc: bool,
) {
    for (name, fields) in reference.as_object().unwrap() {
        let what = format!("{id} {method:?} {name}");
        let Some(Proportion { successes, n }) = metric_of(name).as_proportion(matrix) else {
            coverage.check_that(&what, super::support::count_values(fields), fields.is_null());
            continue;
        };
        let ours = interval(successes, n, 0.95, method).unwrap();
        for (field, value) in fields.as_object().unwrap() {
            match field.as_str() {
                "x" => coverage.check(&what, successes as f64, value, 0.0),
                "n" => coverage.check(&what, n as f64, value, 0.0),
                "est" if method == ProportionInterval::AgrestiCoull => {
                    coverage.not_covered(
                        "epiR reports Agresti and Coull's shrunken centre as the estimate; ours is x/n",
                        value,
                    );
                }
                "est" => coverage.check(&what, successes as f64 / n as f64, value, RELATIVE),
                "lower" if hmisc && successes == 1 => coverage.not_covered(HMISC, value),
                "upper" if hmisc && successes + 1 == n => coverage.not_covered(HMISC, value),
                "lower" => coverage.check_near(&what, ours.lower, &clamped(value), RELATIVE, 1e-15),
                "upper" => coverage.check_near(&what, ours.upper, &clamped(value), RELATIVE, 1e-15),
                other => panic!("{other}"),
            }
        }
    }
}

const HMISC: &str = "Hmisc moves this Wilson limit to a Poisson bound at x = 1 and x = n - 1";

fn check_epi_tests(coverage: &mut Coverage, id: &str, matrix: &ConfusionMatrix, reference: &Value) {
    for (index, name) in reference["statistic"].as_array().unwrap().iter().enumerate() {
        let name = name.as_str().unwrap();
        let what = format!("{id} epi.tests {name}");
        let (est, lower, upper) = (&reference["est"][index], &reference["lower"][index], &reference["upper"][index]);
        coverage.check_that(&what, 1, true);
        if name == "nndx" || name == "youden" {
            let youden = Metric::Youden.value(matrix).unwrap();
            let ours = if name == "nndx" { 1.0 / youden } else { youden };
            if ours.is_infinite() || youden == 0.0 || (youden.abs() < 1e-15 && name == "nndx") {
                coverage.not_covered("reciprocal of a Youden index of zero", est);
            } else {
                coverage.check_near(&what, ours, est, RELATIVE, 1e-14);
            }
            for limit in [lower, upper] {
                coverage.not_covered(
                    "epiR adds the exact limits of sensitivity and specificity; ours is Newcombe's interval",
                    limit,
                );
            }
            continue;
        }
        let ours = if name == "p.rout" {
            vouch::stats::threshold::proportion::estimate(
                matrix.called_negative(),
                matrix.n(),
                0.95,
                ProportionInterval::ClopperPearson,
            )
            .ok()
        } else {
            metric_of(name).estimate(matrix, ProportionInterval::ClopperPearson, 0.95).unwrap()
        };
        check_option(coverage, &what, ours.as_ref().map(|ours| ours.value), est);
        if ours.is_none() && number(lower) == Some(0.0) && number(upper) == Some(1.0) {
            for limit in [lower, upper] {
                coverage.not_covered(
                    "epiR gives a proportion without denominator the interval 0 to 1; ours has no value",
                    limit,
                );
            }
            continue;
        }
        let interval = ours.and_then(|ours| ours.interval);
        check_option(coverage, &format!("{what} lower"), interval.as_ref().map(|interval| interval.lower), lower);
        check_option(coverage, &format!("{what} upper"), interval.as_ref().map(|interval| interval.upper), upper);
    }
}

fn check_paired(coverage: &mut Coverage, what: &str, counts: &PairedCounts, reference: &Value) {
    let numbers = [
        ("both", counts.both),
        ("only_first", counts.only_first),
        ("only_second", counts.only_second),
        ("neither", counts.neither),
    ];
    for (name, count) in numbers {
        coverage.check(&format!("{what} {name}"), count as f64, &reference[name], 0.0);
    }
    for (name, correction) in [("chisq_uncorrected", false), ("chisq_corrected", true)] {
        let test = mcnemar(counts, McNemarMethod::ChiSquared { correction }).ok();
        let fields = &reference[name];
        check_option(
            coverage,
            &format!("{what} {name}"),
            test.as_ref().and_then(|test| test.statistic),
            &fields["statistic"],
        );
        check_option(coverage, &format!("{what} {name} p"), test.as_ref().map(|test| test.p_value), &fields["p.value"]);
        coverage.check_that(what, 1, fields["parameter"] == 1);
        coverage.check_that(what, 1, fields["method"].is_string());
    }
    let exact = mcnemar(counts, McNemarMethod::Exact).unwrap().p_value;
    if counts.discordant() == 0 {
        coverage.check_that(
            &format!("{what} exact: one here, NA there"),
            1,
            exact == 1.0 && reference["exact_p"].is_null(),
        );
    } else {
        coverage.check(&format!("{what} exact"), exact, &reference["exact_p"], RELATIVE);
    }
    check_option(
        coverage,
        &format!("{what} mid-P"),
        mcnemar(counts, McNemarMethod::MidP).ok().map(|test| test.p_value),
        &reference["mid_p"],
    );
}

fn check_binomial_intervals(coverage: &mut Coverage, values: &Value) {
    let pairs: Vec<(u64, u64)> = values["xn"]["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row[0].as_u64().unwrap(), row[1].as_u64().unwrap()))
        .collect();
    for (name, matrix) in values.as_object().unwrap() {
        let (method, level, hmisc) = match name.as_str() {
            "wilson_prop_test" => (ProportionInterval::Wilson, 0.95, false),
            "wilson_hmisc_modified" => (ProportionInterval::Wilson, 0.95, true),
            "wilson99_hmisc_modified" => (ProportionInterval::Wilson, 0.99, true),
            "exact" | "binom_test_exact" => (ProportionInterval::ClopperPearson, 0.95, false),
            "asymptotic" => (ProportionInterval::Wald, 0.95, false),
            "prop_test_corrected" => (ProportionInterval::WilsonContinuity, 0.95, false),
            "xn" => {
                coverage.check_that("input", 2 * pairs.len(), true);
                continue;
            }
            "binom_p_half" => {
                for ((x, n), expected) in pairs.iter().zip(matrix.as_array().unwrap()) {
                    let counts = PairedCounts { both: 0, only_first: *x, only_second: n - x, neither: 0 };
                    let p = mcnemar(&counts, McNemarMethod::Exact).unwrap().p_value;
                    if number(expected).unwrap() < 1e-300 {
                        coverage.not_covered(
                            "R returns two units of the smallest double where the sum is below it",
                            expected,
                        );
                    } else {
                        coverage.check(&format!("binomial {x}/{n}"), p, expected, RELATIVE);
                    }
                }
                continue;
            }
            other => panic!("{other}"),
        };
        for ((x, n), row) in pairs.iter().zip(matrix["data"].as_array().unwrap()) {
            let what = format!("{name} {x}/{n}");
            let ours = interval(*x, *n, level, method).unwrap();
            let row = row.as_array().unwrap();
            let (lower, upper) = (&row[row.len() - 2], &row[row.len() - 1]);
            if row.len() == 3 {
                coverage.check(&what, *x as f64 / *n as f64, &row[0], RELATIVE);
            }
            if method == ProportionInterval::WilsonContinuity && 2 * x == *n {
                let reason = "R drops the continuity correction at x = n/2, because prop.test also tests p = 1/2";
                coverage.not_covered(reason, lower);
                coverage.not_covered(reason, upper);
                continue;
            }
            match () {
                () if hmisc && *x == 1 => coverage.not_covered(HMISC, lower),
                () => coverage.check_near(&what, ours.lower, &clamped(lower), RELATIVE, 1e-15),
            }
            match () {
                () if hmisc && x + 1 == *n => coverage.not_covered(HMISC, upper),
                () => coverage.check_near(&what, ours.upper, &clamped(upper), RELATIVE, 1e-15),
            }
        }
    }
}

#[test]
fn confusion_agrees_with_r() {
    let document = topic("03_confusion.json");
    let mut coverage = Coverage::of("03_confusion", &document);
    for case in document["cases"].as_array().unwrap() {
        let id = case["id"].as_str().unwrap();
        let values = &case["values"];
        if id == "binomial_intervals" {
            check_binomial_intervals(&mut coverage, values);
            continue;
        }
        let frame = Frame::of(case);
        let truth = frame.calls(case["columns"]["label"].as_str().unwrap());
        if let Some(first) = case["columns"]["pred1"].as_str() {
            let calls = [frame.calls(first), frame.calls(case["columns"]["pred2"].as_str().unwrap())];
            let right: Vec<Vec<bool>> = calls
                .iter()
                .map(|calls| calls.iter().zip(&truth).map(|(call, truth)| call == truth).collect())
                .collect();
            for (name, keep) in [("accuracy", None), ("sensitivity", Some(true)), ("specificity", Some(false))] {
                let of = |index: usize| -> Vec<bool> {
                    right[index]
                        .iter()
                        .zip(&truth)
                        .filter(|(_, truth)| keep.is_none_or(|keep| **truth == keep))
                        .map(|(right, _)| *right)
                        .collect()
                };
                check_paired(
                    &mut coverage,
                    &format!("{id} {name}"),
                    &PairedCounts::of(&of(0), &of(1)).unwrap(),
                    &values[name],
                );
            }
            continue;
        }
        let score = frame.numbers(case["columns"]["score"].as_str().unwrap());
        let threshold = case["options"]["threshold"].as_f64().unwrap();
        let matrix = ConfusionMatrix::at(&truth, &score, Orientation::HigherIsRisk, threshold).unwrap();
        for (name, reference) in values.as_object().unwrap() {
            match name.as_str() {
                "counts" => check_counts(&mut coverage, &matrix, reference),
                "metrics" => {
                    for (metric, value) in reference.as_object().unwrap() {
                        let ours =
                            if metric == "n" { Some(matrix.n() as f64) } else { metric_of(metric).value(&matrix) };
                        check_option(&mut coverage, &format!("{id} {metric}"), ours, value);
                    }
                }
                "wilson95" => {
                    check_proportions(&mut coverage, id, &matrix, reference, ProportionInterval::Wilson, false)
                }
                "wilson95_hmisc_modified_near_0_and_n" => {
                    check_proportions(&mut coverage, id, &matrix, reference, ProportionInterval::Wilson, true)
                }
                "clopper_pearson95" => {
                    check_proportions(&mut coverage, id, &matrix, reference, ProportionInterval::ClopperPearson, false)
                }
                "asymptotic95" => {
                    check_proportions(&mut coverage, id, &matrix, reference, ProportionInterval::Wald, false)
                }
                "agresti_coull95" => {
                    check_proportions(&mut coverage, id, &matrix, reference, ProportionInterval::AgrestiCoull, false)
                }
                "epi_tests" => check_epi_tests(&mut coverage, id, &matrix, reference),
                "prevalence_adjusted_0.1" => {
                    let ours = at_prevalence(&matrix, 0.1).unwrap();
                    check_option(&mut coverage, &format!("{id} ppv at 0.1"), ours.positive, &reference["ppv"]);
                    check_option(&mut coverage, &format!("{id} npv at 0.1"), ours.negative, &reference["npv"]);
                }
                other => panic!("{other}"),
            }
        }
    }
    coverage.finish();
}

/// The matrix with the classes exchanged.
fn mirrored(matrix: &ConfusionMatrix) -> ConfusionMatrix {
    ConfusionMatrix {
        true_positives: matrix.true_negatives,
        false_positives: matrix.false_negatives,
        true_negatives: matrix.true_positives,
        false_negatives: matrix.false_positives,
    }
}

fn check_cochran(coverage: &mut Coverage, case: &Value) {
    let frame = Frame::of(case);
    let truth = frame.calls("node_pos");
    let right: Vec<Vec<bool>> = ["reader_a", "reader_b", "reader_c"]
        .iter()
        .map(|reader| frame.calls(reader).iter().zip(&truth).map(|(call, truth)| call == truth).collect())
        .collect();
    let values = &case["values"];
    let test = cochran_q(&[&right[0], &right[1], &right[2]]).unwrap();
    coverage.check("Cochran's Q", test.statistic.unwrap(), &values["cochrans_q"]["statistic"], RELATIVE);
    coverage.check("Cochran's Q p", test.p_value, &values["cochrans_q"]["p"], RELATIVE);
    coverage.check_that("Cochran's Q df", 1, values["cochrans_q"]["df"] == 2);
    for (right, sum) in right.iter().zip(values["column_sums"].as_array().unwrap()) {
        coverage.check("column sum", right.iter().filter(|right| **right).count() as f64, sum, 0.0);
    }
    coverage.check("n", truth.len() as f64, &values["n"], 0.0);
    let counts = PairedCounts::of(&right[0], &right[1]).unwrap();
    let reference = &values["mcnemar_12"];
    for (count, value) in [counts.both, counts.only_first, counts.only_second, counts.neither].into_iter().zip([
        &reference["table"][0][0],
        &reference["table"][0][1],
        &reference["table"][1][0],
        &reference["table"][1][1],
    ]) {
        coverage.check("McNemar's table", count as f64, value, 0.0);
    }
    coverage.check(
        "McNemar exact",
        mcnemar(&counts, McNemarMethod::Exact).unwrap().p_value,
        &reference["exact_p"],
        RELATIVE,
    );
    for (name, correction) in [("chi2_plain", false), ("chi2_corrected", true)] {
        let test = mcnemar(&counts, McNemarMethod::ChiSquared { correction }).unwrap();
        coverage.check(name, test.statistic.unwrap(), &reference[name][0], RELATIVE);
        coverage.check(name, test.p_value, &reference[name][1], RELATIVE);
    }
}

#[test]
fn confusion_agrees_with_python() {
    let document = topic("03_confusion_py.json");
    let mut coverage = Coverage::of("03_confusion_py", &document);
    for case in document["cases"].as_array().unwrap() {
        let id = case["id"].as_str().unwrap();
        if id.starts_with("cochran") {
            check_cochran(&mut coverage, case);
            continue;
        }
        let frame = Frame::of(case);
        let truth = frame.calls(case["columns"]["label"].as_str().unwrap());
        let score = frame.numbers(case["columns"]["score"].as_str().unwrap());
        let threshold = case["options"]["threshold"].as_f64().unwrap();
        let matrix = ConfusionMatrix::at(&truth, &score, Orientation::HigherIsRisk, threshold).unwrap();
        for (name, reference) in case["values"].as_object().unwrap() {
            let what = format!("{id} {name}");
            let method = match name.as_str() {
                "counts" => {
                    check_counts(&mut coverage, &matrix, reference);
                    continue;
                }
                "f1_macro" => {
                    let mean =
                        0.5 * (Metric::F1.value(&matrix).unwrap() + Metric::F1.value(&mirrored(&matrix)).unwrap());
                    coverage.check(&what, mean, reference, RELATIVE);
                    continue;
                }
                "confidenceinterval_f1_binary_takahashi" => {
                    coverage.check(&what, Metric::F1.value(&matrix).unwrap(), &reference[0], RELATIVE);
                    coverage.not_covered(
                        "confidenceinterval 1.0.5 squares p elementwise where the multinomial covariance has the outer product",
                        &reference[1],
                    );
                    continue;
                }
                "confidenceinterval_f1_macro_takahashi" => {
                    coverage.not_covered(
                        "macro F1 with 1e-7 added to denominators; a two-class study reports F1 of the event",
                        reference,
                    );
                    continue;
                }
                "ci_wilson" => ProportionInterval::Wilson,
                "ci_beta" => ProportionInterval::ClopperPearson,
                "ci_agresti_coull" => ProportionInterval::AgrestiCoull,
                "ci_normal" => ProportionInterval::Wald,
                "ci_jeffreys" => ProportionInterval::Jeffreys,
                metric => {
                    check_option(&mut coverage, &what, metric_of(metric).value(&matrix), reference);
                    continue;
                }
            };
            check_proportions(&mut coverage, id, &matrix, reference, method, false);
        }
    }
    coverage.finish();
}
