//! Topic 01: ROC curve, AUC, DeLong, thresholds, partial AUC (pROC 1.18.0; scikit-learn 1.9.1).

use super::support::{self, Coverage};
use serde_json::Value;
use vouch::stats::discrimination::auc::auc;
use vouch::stats::discrimination::delong::delong_auc;
use vouch::stats::discrimination::partial_auc::{PartialAucAxis, PartialAucRange, partial_auc};
use vouch::stats::discrimination::precision_recall::precision_recall;
use vouch::stats::discrimination::roc_curve::{RocCurve, RocPoint, roc_curve};
use vouch::stats::random::Seed;
use vouch::stats::resample::auc::bootstrap_auc;
use vouch::stats::resample::bootstrap::{BootstrapOptions, Sampling};
use vouch::stats::{Estimate, Orientation};

const HIGHER: Orientation = Orientation::HigherIsRisk;
const CLOSED_FORM: f64 = 1e-10;

/// The rows of a case: those of its subset in which neither the label nor a score is missing.
pub struct Rows {
    pub outcome: Vec<bool>,
    pub scores: Vec<Vec<f64>>,
}

impl Rows {
    /// `label` is a column of 0 and 1 or "as.integer(column == 'text')"; `subset` is empty or "column == value".
    pub fn load(file: &str, label: &str, scores: &[&str], subset: &str) -> Self {
        let table = support::csv(file);
        let (label_column, label_text) = match label.strip_prefix("as.integer(") {
            Some(condition) => equality(condition.trim_end_matches(')')),
            None => (label, "1"),
        };
        let rows = table[label_column].len();
        let kept = (0..rows).filter(|row| {
            let in_subset = subset.is_empty() || {
                let (column, text) = equality(subset);
                table[column][*row] == text
            };
            let columns = scores.iter().chain(std::iter::once(&label_column));
            in_subset && columns.into_iter().all(|column| !matches!(table[*column][*row].as_str(), "" | "NA"))
        });
        let kept: Vec<usize> = kept.collect();
        Self {
            outcome: kept.iter().map(|row| table[label_column][*row] == label_text).collect(),
            scores: scores
                .iter()
                .map(|column| kept.iter().map(|row| table[*column][*row].parse().unwrap()).collect())
                .collect(),
        }
    }
}

/// The two sides of "column == 'text'".
fn equality(condition: &str) -> (&str, &str) {
    let (column, text) = condition.split_once("==").unwrap();
    (column.trim(), text.trim().trim_matches('\''))
}

pub fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

fn check_all(coverage: &mut Coverage, what: &str, ours: &[f64], reference: &Value, tolerance: f64) {
    let reference: Vec<&Value> = match reference {
        Value::Array(items) => items.iter().collect(),
        single => vec![single],
    };
    assert_eq!(ours.len(), reference.len(), "{what}: {ours:?} {reference:?}");
    for (ours, reference) in ours.iter().zip(reference) {
        // Sensitivities of zero, and areas that are differences of like numbers, have no relative precision.
        coverage.check_near(what, *ours, reference, tolerance, 1e-14);
    }
}

/// How far one more seed may lie from the mean of five: the two-sided 99.9% point of Student's t on 4 degrees of
/// freedom, times their standard deviation, for one new draw against a mean of five.
pub fn tolerance_of_seeds(standard_deviation: f64) -> f64 {
    8.610 * standard_deviation * 1.2f64.sqrt()
}

#[test]
fn proc() {
    let document = support::topic("01_roc.json");
    let mut coverage = Coverage::of("01_roc", &document);
    for case in document["cases"].as_array().unwrap() {
        check_case(&mut coverage, case);
    }
    coverage.finish();
}

fn check_case(coverage: &mut Coverage, case: &Value) {
    let id = text(case, "id");
    let (columns, subset) = (&case["columns"], text(&case["options"], "subset"));
    let file = case["data"][0].as_str().unwrap();
    let rows = Rows::load(file, text(columns, "label"), &[text(columns, "score")], subset);
    let (outcome, score) = (&rows.outcome, &rows.scores[0]);
    let curve = roc_curve(outcome, score, HIGHER).unwrap();
    let (positives, negatives) = (curve.positives as f64, curve.negatives as f64);
    let delong = |level: f64| delong_auc(outcome, score, HIGHER, level).unwrap();
    let area =
        |axis, lower, upper| partial_auc(outcome, score, HIGHER, PartialAucRange { axis, lower, upper }).unwrap();
    let spec = PartialAucAxis::Specificity;
    let sens = PartialAucAxis::Sensitivity;
    for (name, value) in case["values"].as_object().unwrap() {
        let what = &format!("{id} {name}");
        let mut single = |ours: f64| coverage.check_near(what, ours, value, CLOSED_FORM, 0.0);
        match name.as_str() {
            "n_pos" => single(positives),
            "n_neg" => single(negatives),
            "auc" => single(auc(outcome, score, HIGHER).unwrap()),
            "mann_whitney_u" => single(auc(outcome, score, HIGHER).unwrap() * positives * negatives),
            "delong_var" => single(delong(0.95).standard_error.unwrap().powi(2)),
            "delong_se" => single(delong(0.95).standard_error.unwrap()),
            "ci95_delong" => check_interval(coverage, what, &delong(0.95), value),
            "ci90_delong" => check_interval(coverage, what, &delong(0.90), value),
            "ci99_delong" => check_interval(coverage, what, &delong(0.99), value),
            "coordinates" => check_coordinates(coverage, what, &curve, value),
            "best_youden" => {
                check_points(coverage, what, &curve, value, |point| -(point.sensitivity + point.specificity));
            }
            "best_closest_topleft" => check_points(coverage, what, &curve, value, squared_distance),
            "best_youden_weighted" => {
                // A false negative costs twice a false positive, at a prevalence of 0.3.
                let ratio = (1.0 - 0.3) / (2.0 * 0.3);
                check_points(coverage, what, &curve, value, |point| -(point.sensitivity + ratio * point.specificity));
            }
            "sens_at_spec" => {
                let at = numbers(&value["specificity"]);
                check_all(coverage, what, &at, &value["specificity"], 0.0);
                let ours: Vec<f64> = at.iter().map(|x| curve.sensitivity_at(*x).unwrap()).collect();
                check_all(coverage, what, &ours, &value["sensitivity"], CLOSED_FORM);
            }
            "spec_at_sens" => {
                let at = numbers(&value["sensitivity"]);
                check_all(coverage, what, &at, &value["sensitivity"], 0.0);
                let ours: Vec<f64> = at.iter().map(|x| curve.specificity_at(*x).unwrap()).collect();
                check_all(coverage, what, &ours, &value["specificity"], CLOSED_FORM);
            }
            "pauc_spec_1_0.9" => single(area(spec, 0.9, 1.0).area),
            "pauc_spec_1_0.9_corrected" => single(area(spec, 0.9, 1.0).standardised),
            "pauc_spec_0.95_0.7" => single(area(spec, 0.7, 0.95).area),
            "pauc_sens_1_0.8" => single(area(sens, 0.8, 1.0).area),
            "pauc_sens_1_0.8_corrected" => single(area(sens, 0.8, 1.0).standardised),
            "bootstrap_stratified_B2000_ci95" => {
                check_bootstrap(coverage, what, outcome, score, Sampling::Stratified, value);
            }
            "bootstrap_unstratified_B2000_ci95" => {
                check_bootstrap(coverage, what, outcome, score, Sampling::Simple, value);
            }
            _ => panic!("{what} is not known"),
        }
    }
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|item| support::number(item).unwrap()).collect()
}

pub fn check_interval(coverage: &mut Coverage, what: &str, ours: &Estimate, reference: &Value) {
    let interval = ours.interval.as_ref().unwrap();
    coverage.check_near(what, interval.lower, &reference[0], CLOSED_FORM, 1e-15);
    coverage.check_near(what, interval.upper, &reference[1], CLOSED_FORM, 1e-15);
}

fn check_coordinates(coverage: &mut Coverage, what: &str, curve: &RocCurve, reference: &Value) {
    coverage.check_that(what, 1, reference["n_thresholds"] == curve.points.len());
    let index: Vec<usize> = numbers(&reference["index"]).iter().map(|index| *index as usize - 1).collect();
    coverage.check_that(what, index.len(), index.iter().all(|index| *index < curve.points.len()));
    let column = |of: fn(&RocPoint) -> f64| index.iter().map(|index| of(&curve.points[*index])).collect::<Vec<f64>>();
    check_all(coverage, what, &column(|point| point.threshold), &reference["threshold"], 1e-15);
    check_all(coverage, what, &column(|point| point.specificity), &reference["specificity"], 1e-15);
    check_all(coverage, what, &column(|point| point.sensitivity), &reference["sensitivity"], 1e-15);
}

fn squared_distance(point: &RocPoint) -> f64 {
    (1.0 - point.sensitivity).powi(2) + (1.0 - point.specificity).powi(2)
}

/// All points of the curve at which `loss` is least, with everything that the reference says of them.
fn check_points(
    coverage: &mut Coverage,
    what: &str,
    curve: &RocCurve,
    reference: &Value,
    loss: impl Fn(&RocPoint) -> f64,
) {
    let least = curve.points.iter().map(&loss).fold(f64::INFINITY, f64::min);
    // Sums of two proportions that are equal as fractions differ by rounding.
    let best: Vec<&RocPoint> = curve.points.iter().filter(|point| loss(point) - least < 1e-12).collect();
    let (positives, negatives) = (curve.positives, curve.negatives);
    for (column, expected) in reference.as_object().unwrap() {
        let of = |point: &&RocPoint| {
            let (tp, fp) = (point.true_positives, point.false_positives);
            let (fn_, tn) = (positives - tp, negatives - fp);
            let share = |part: usize, whole: usize| part as f64 / whole as f64;
            match column.as_str() {
                "threshold" => point.threshold,
                "specificity" => point.specificity,
                "sensitivity" => point.sensitivity,
                "accuracy" => share(tp + tn, positives + negatives),
                "tn" => tn as f64,
                "tp" => tp as f64,
                "fn" => fn_ as f64,
                "fp" => fp as f64,
                "npv" => share(tn, tn + fn_),
                "ppv" => share(tp, tp + fp),
                "youden" => point.sensitivity + point.specificity,
                "closest.topleft" => squared_distance(point),
                _ => panic!("{what} {column} is not known"),
            }
        };
        let ours: Vec<f64> = best.iter().map(of).collect();
        check_all(coverage, &format!("{what} {column}"), &ours, expected, CLOSED_FORM);
    }
}

fn check_bootstrap(
    coverage: &mut Coverage,
    what: &str,
    outcome: &[bool],
    score: &[f64],
    sampling: Sampling,
    reference: &Value,
) {
    let options = BootstrapOptions { sampling, ..Default::default() };
    let ours = bootstrap_auc(outcome, score, HIGHER, &options, Seed::from_study(1)).unwrap().interval.unwrap();
    let (mean, deviation) = (numbers(&reference["mean"]), numbers(&reference["sd"]));
    for (column, limit) in [(0, ours.lower), (2, ours.upper)] {
        let distance = (limit - mean[column]).abs();
        coverage.check_that(
            &format!("{what}: ours {limit}, mean of five seeds {}", mean[column]),
            1,
            distance <= tolerance_of_seeds(deviation[column]),
        );
    }
    coverage.not_covered("pROC's centre, the median of the replicates (ours is the AUC)", &reference["mean"][1]);
    not_covered_seeds(coverage, reference);
}

/// What a bootstrap over five seeds gives beside its mean.
pub fn not_covered_seeds(coverage: &mut Coverage, reference: &Value) {
    for name in ["seeds", "each", "sd", "min", "max"] {
        coverage
            .not_covered("replicates of the reference's own random numbers: for the tolerance only", &reference[name]);
    }
}

#[test]
fn scikit_learn() {
    let document = support::topic("01_roc_py.json");
    let mut coverage = Coverage::of("01_roc_py", &document);
    for case in document["cases"].as_array().unwrap() {
        let id = text(case, "id");
        let (columns, subset) = (&case["columns"], text(&case["options"], "subset"));
        let file = case["data"][0].as_str().unwrap();
        let rows = Rows::load(file, text(columns, "label"), &[text(columns, "score")], subset);
        let (outcome, score) = (&rows.outcome, &rows.scores[0]);
        for (name, value) in case["values"].as_object().unwrap() {
            let what = &format!("{id} {name}");
            match name.as_str() {
                "auc" | "mann_whitney_auc" => {
                    coverage.check(what, auc(outcome, score, HIGHER).unwrap(), value, CLOSED_FORM);
                }
                "average_precision" => {
                    let ours = precision_recall(outcome, score, HIGHER).unwrap().average_precision;
                    coverage.check(what, ours, value, CLOSED_FORM);
                }
                "pauc_fpr_0.1_mcclish" => {
                    let range = PartialAucRange { axis: PartialAucAxis::Specificity, lower: 0.9, upper: 1.0 };
                    let ours = partial_auc(outcome, score, HIGHER, range).unwrap().standardised;
                    coverage.check(what, ours, value, CLOSED_FORM);
                }
                "roc_curve_all" => check_curve(&mut coverage, what, outcome, score, value),
                _ => panic!("{what} is not known"),
            }
        }
    }
    coverage.finish();
}

/// scikit-learn goes from the strictest threshold on, and its thresholds are scores.
fn check_curve(coverage: &mut Coverage, what: &str, outcome: &[bool], score: &[f64], reference: &Value) {
    let curve = roc_curve(outcome, score, HIGHER).unwrap();
    coverage.check_that(what, 1, reference["n"] == curve.points.len());
    let shown = reference["fpr"].as_array().unwrap().len();
    let from_strictest = || curve.points.iter().rev().take(shown);
    let fpr: Vec<f64> = from_strictest().map(|point| point.false_positives as f64 / curve.negatives as f64).collect();
    let tpr: Vec<f64> = from_strictest().map(|point| point.sensitivity).collect();
    check_all(coverage, what, &fpr, &reference["fpr"], 1e-15);
    check_all(coverage, what, &tpr, &reference["tpr"], 1e-15);
    let points = precision_recall(outcome, score, HIGHER).unwrap().points;
    let scores = points.iter().map(|point| point.threshold);
    let thresholds: Vec<f64> = std::iter::once(f64::INFINITY).chain(scores).take(shown).collect();
    check_all(coverage, what, &thresholds, &reference["thresholds"], 0.0);
}
