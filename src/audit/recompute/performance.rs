//! Metrics of models in cohorts: from the 2 × 2 counts, the AUC, the calibration of the study, or from scores.

use super::Context;
use super::evidence::Sample;
use super::interval::{Known, Limits, judge_limits};
use super::rows::Rows;
use super::survival_performance::{self, Wanted};
use crate::audit::reported::metric::Metric;
use crate::audit::reported::{CiMethod, Figure, MetricCell, Performance, PerformanceRow, Scale};
use crate::audit::rules::support::in_percent;
use crate::results::{FigurePart, PublishedRow};
use crate::stats::calibration::brier::brier_score;
use crate::stats::calibration::expected_observed::observed_expected_ratio;
use crate::stats::calibration::integrated_calibration_index::integrated_calibration_index;
use crate::stats::calibration::intercept_slope::{CalibrationOptions, weak_calibration};
use crate::stats::discrimination::delong::{DelongScale, delong_auc_scaled};
use crate::stats::discrimination::hanley_mcneil::hanley_mcneil;
use crate::stats::distribution::normal_critical;
use crate::stats::random::Seed;
use crate::stats::resample::auc::bootstrap_auc;
use crate::stats::resample::bootstrap::BootstrapOptions;
use crate::stats::threshold::{ConfusionMatrix, Metric as TableMetric, Proportion, ProportionInterval};
use crate::stats::{Estimate, Interval};

pub(super) fn table(context: &Context<'_>, section: &str, table: &Performance, rows: &mut Rows<'_>) {
    for row in &table.rows {
        add_row(context, section, table, row, rows);
    }
}

/// A row that is printed again elsewhere.
pub(super) fn restated(context: &Context<'_>, row: &PerformanceRow) -> Vec<PublishedRow> {
    let alone = Performance {
        rows: vec![row.clone()],
        ci_level: None,
        ci_method: None,
        ci_methods: Vec::new(),
        scale: None,
        readers: false,
        survival: None,
    };
    let mut rows = Rows::new(context.reported);
    add_row(context, "", &alone, row, &mut rows);
    rows.finish()
}

fn add_row(context: &Context<'_>, section: &str, table: &Performance, row: &PerformanceRow, rows: &mut Rows<'_>) {
    let cohort = row.cohort.as_deref().unwrap_or_default();
    let place = place(context, section, table, row);
    sizes(context, row, &place, rows);
    for cell in &row.metrics {
        let level = level_of(cell.ci_level.as_ref().or(table.ci_level.as_ref()));
        let declared = table.method(cell).or(context.reported.assume.ci_method);
        let measured = match &place {
            _ if row.averaged || context.reported.assume.averaged => {
                Err("a mean over folds or repeats has no single sample behind it".to_string())
            }
            Ok(_) if row.sample.is_some() || !row.pooled.is_empty() => {
                Err("a part of the cohort, or several readers together, are no set of the data".to_string())
            }
            Ok(place) => measure(context, place, cell, level, declared),
            Err(why) => Err(why.clone()),
        };
        let mut builder = rows.begin(cohort, &row.model, &cell.key);
        let own_estimate =
            cell.estimate.as_ref().filter(|figure| cell.share.percent.as_ref().is_none_or(|p| p.leaf != figure.leaf));
        let estimate = own_estimate.cloned();
        match measured {
            Ok(measured) => {
                let percent = match (&estimate, cell.metric.is_proportion()) {
                    (Some(figure), true) => in_percent(table, cell.metric, figure),
                    _ => Some(false),
                };
                builder.says(measured.how.clone());
                if cell.metric.is_count() {
                    builder.count(FigurePart::Count, &estimate, measured.value as usize);
                } else {
                    builder.share(FigurePart::Value, &estimate, measured.value, percent);
                }
                match measured.share {
                    Some(share) => {
                        builder.count(FigurePart::Count, &cell.share.count, share.successes as usize);
                        builder.count(FigurePart::Denominator, &cell.share.of, share.n as usize);
                    }
                    None => {
                        builder.unknown(FigurePart::Count, &cell.share.count);
                        builder.unknown(FigurePart::Denominator, &cell.share.of);
                    }
                }
                builder.share(FigurePart::Percent, &cell.share.percent, measured.value, Some(true));
                match measured.standard_error {
                    Some(error) => builder.share(FigurePart::Spread, &cell.standard_error, error, percent),
                    None => builder.unknown(FigurePart::Spread, &cell.standard_error),
                }
                if cell.lower.is_some() || cell.upper.is_some() {
                    let limits = Limits {
                        lower: &cell.lower,
                        upper: &cell.upper,
                        declared,
                        factor: match cell.ci_scale {
                            Some(Scale::Percent) => 100.0,
                            Some(Scale::Proportion) => 1.0,
                            None if percent == Some(true) => 100.0,
                            None => 1.0,
                        },
                    };
                    judge_limits(&limits, measured.value, &measured.intervals, &mut builder);
                }
            }
            Err(why) => {
                builder.says(why);
                builder.unknown(FigurePart::Value, &estimate);
                for (part, figure) in [
                    (FigurePart::Count, &cell.share.count),
                    (FigurePart::Denominator, &cell.share.of),
                    (FigurePart::Percent, &cell.share.percent),
                    (FigurePart::Spread, &cell.standard_error),
                    (FigurePart::Lower, &cell.lower),
                    (FigurePart::Upper, &cell.upper),
                ] {
                    builder.unknown(part, figure);
                }
            }
        }
        rows.push(builder);
    }
    if table.survival.is_some() {
        let wanted = place.as_ref().map(Place::wanted).map_err(String::clone);
        survival_performance::beside(context.evidence, &wanted, row, level_of(table.ci_level.as_ref()), rows);
    }
}

/// n and class counts that stand in the row itself.
fn sizes(context: &Context<'_>, row: &PerformanceRow, place: &Result<Place<'_>, String>, rows: &mut Rows<'_>) {
    let counts =
        place.as_ref().ok().and_then(|place| context.evidence.class_counts(&place.parts, context.names.outcome()));
    let positive = counts.and_then(|counts| counts.positive);
    let negative = counts.and_then(|counts| counts.positive.map(|positive| counts.n - positive));
    for (quantity, figure, count) in [
        ("n", &row.n, counts.map(|counts| counts.n)),
        ("positive", &row.positive, positive),
        ("negative", &row.negative, negative),
    ] {
        let mut builder = rows.begin(row.cohort.as_deref().unwrap_or_default(), &row.model, quantity);
        match count {
            Some(count) => builder.count(FigurePart::Count, figure, count),
            None => builder.unknown(FigurePart::Count, figure),
        }
        rows.push(builder);
    }
}

/// A model in a set, by the study's names.
struct Place<'a> {
    model: String,
    parts: Vec<String>,
    analysis: Option<&'a str>,
    /// By which time the section says that the event is predicted.
    horizon: Option<String>,
}

impl Place<'_> {
    fn wanted(&self) -> Wanted<'_> {
        Wanted { model: &self.model, parts: &self.parts, analysis: self.analysis, horizon: self.horizon.as_deref() }
    }
}

fn place<'a>(
    context: &Context<'a>,
    section: &str,
    table: &Performance,
    row: &PerformanceRow,
) -> Result<Place<'a>, String> {
    let cohort = row.cohort.as_deref().ok_or("the row names no cohort")?;
    let parts = context.names.cohort(cohort)?;
    let model = context.names.model(&row.model)?;
    let horizon = table.survival.as_ref().and_then(|survival| survival.horizon.clone());
    Ok(Place { model, parts, analysis: context.names.analysis(section), horizon })
}

/// A recomputed quantity with every interval that is known for it.
struct Measured {
    value: f64,
    standard_error: Option<f64>,
    /// The counts of a simple share.
    share: Option<Proportion>,
    /// In the order of preference.
    intervals: Vec<Known>,
    how: String,
}

fn measure(
    context: &Context<'_>,
    place: &Place<'_>,
    cell: &MetricCell,
    level: f64,
    declared: Option<CiMethod>,
) -> Result<Measured, String> {
    if cell.metric.is_from_table() {
        return from_counts(context, place, cell.metric, level);
    }
    if let Some(found) = survival_performance::estimate(context.evidence, place.wanted(), &cell.key) {
        let found = found?;
        let mut measured = of_estimate(&found.estimate, level);
        for (error, name) in found.log_errors {
            let known = Known::on_the_log_scale(measured.value, error, level, name);
            if measured.intervals.iter().all(|own| own.name != known.name) {
                measured.intervals.push(known);
            }
        }
        return Ok(measured);
    }
    if cell.metric == Metric::Auc {
        return area(context, place, level, declared);
    }
    from_estimates(context, place, &cell.key, level)
}

/// A metric of the 2 × 2 counts, with each interval for shares.
fn from_counts(context: &Context<'_>, place: &Place<'_>, metric: Metric, level: f64) -> Result<Measured, String> {
    let judged = context.evidence.judged(&place.model, &place.parts, place.analysis);
    let (matrix, own) = match judged.first() {
        Some(row) if judged.iter().any(|other| other.confusion != row.confusion) => {
            return Err(
                "several analyses of the study judge it, each at its own threshold: `match: {sections: …}` says \
                        which is meant"
                    .to_string(),
            );
        }
        Some(row) => {
            let counts = row.confusion.ok_or("the counts are withheld")?;
            let matrix = ConfusionMatrix {
                true_positives: counts.true_positives,
                false_positives: counts.false_positives,
                true_negatives: counts.true_negatives,
                false_negatives: counts.false_negatives,
            };
            let own = row.metrics.iter().flatten().find_map(|estimate| estimate.interval.as_ref());
            (matrix, own.map(|interval| interval.method.to_string()))
        }
        None => {
            let sample = context.evidence.sample(&place.model, &place.parts, context.names.outcome())?;
            let declared = context
                .names
                .threshold(&place.model)
                .ok_or_else(|| format!("no threshold is declared (`match: {{thresholds: {{{}: …}}}}`)", place.model))?;
            (context.evidence.calls(&place.model, &sample, declared, context.names.outcome())?, None)
        }
    };
    let count = |value: u64| Measured {
        value: value as f64,
        standard_error: None,
        share: None,
        intervals: Vec::new(),
        how: String::new(),
    };
    let of_table = match metric {
        Metric::TruePositives => return Ok(count(matrix.true_positives)),
        Metric::FalseNegatives => return Ok(count(matrix.false_negatives)),
        Metric::FalsePositives => return Ok(count(matrix.false_positives)),
        Metric::TrueNegatives => return Ok(count(matrix.true_negatives)),
        Metric::Accuracy => TableMetric::Accuracy,
        Metric::Sensitivity => TableMetric::Sensitivity,
        Metric::Specificity => TableMetric::Specificity,
        Metric::PositivePredictiveValue => TableMetric::PositivePredictiveValue,
        Metric::NegativePredictiveValue => TableMetric::NegativePredictiveValue,
        Metric::F1 => TableMetric::F1,
        Metric::BalancedAccuracy => TableMetric::BalancedAccuracy,
        Metric::YoudenIndex => TableMetric::Youden,
        Metric::Kappa => TableMetric::CohenKappa,
        Metric::Matthews => TableMetric::MatthewsCorrelation,
        Metric::PositiveLikelihoodRatio => TableMetric::PositiveLikelihoodRatio,
        Metric::NegativeLikelihoodRatio => TableMetric::NegativeLikelihoodRatio,
        Metric::DiagnosticOddsRatio => TableMetric::DiagnosticOddsRatio,
        Metric::FalseNegativeRate => TableMetric::FalseNegativeRate,
        Metric::FalsePositiveRate => TableMetric::FalsePositiveRate,
        Metric::FalseDiscoveryRate => TableMetric::FalseDiscoveryRate,
        Metric::FalseOmissionRate => TableMetric::FalseOmissionRate,
        Metric::PredictedPositiveRate => TableMetric::ApparentPrevalence,
        Metric::Prevalence => TableMetric::Prevalence,
        _ => return Err("it does not follow from 2 × 2 counts".to_string()),
    };
    let value = of_table.value(&matrix).ok_or("its denominator is zero")?;
    let methods = [
        (ProportionInterval::Wilson, CiMethod::Wilson),
        (ProportionInterval::ClopperPearson, CiMethod::ClopperPearson),
        (ProportionInterval::AgrestiCoull, CiMethod::AgrestiCoull),
        (ProportionInterval::Wald, CiMethod::Wald),
        (ProportionInterval::WilsonContinuity, CiMethod::Other),
        (ProportionInterval::Jeffreys, CiMethod::Other),
    ];
    let mut intervals: Vec<Known> = Vec::new();
    let mut standard_error = None;
    for (method, named) in methods {
        let Ok(Some(estimate)) = of_table.estimate(&matrix, method, level) else { continue };
        standard_error = standard_error.or(estimate.standard_error);
        if let Some(interval) = estimate.interval
            && intervals.iter().all(|known| known.name != interval.method)
        {
            intervals.push(known(named, &interval));
        }
    }
    // The study's own method first.
    intervals.sort_by_key(|interval| own.as_ref().is_none_or(|own| *own != interval.name));
    Ok(Measured { value, standard_error, share: of_table.as_proportion(&matrix), intervals, how: String::new() })
}

fn known(method: CiMethod, interval: &Interval) -> Known {
    Known { method, name: interval.method.to_string(), lower: interval.lower, upper: interval.upper }
}

/// The AUC with the intervals of DeLong (plain and on the logit scale), Hanley and McNeil, and the study's bootstrap.
fn area(context: &Context<'_>, place: &Place<'_>, level: f64, declared: Option<CiMethod>) -> Result<Measured, String> {
    let judged = context.evidence.judged(&place.model, &place.parts, place.analysis);
    if let Some(row) = judged.first() {
        let auc = row.auc.as_ref().ok_or("the set has one class only")?;
        let mut intervals = delong_intervals(auc, level);
        // The area is the same in every analysis; how its interval was made may differ.
        let bootstraps = judged.iter().filter_map(|row| row.auc_bootstrap.as_ref());
        intervals.extend(
            bootstraps.filter(|interval| interval.level == level).map(|interval| known(CiMethod::Bootstrap, interval)),
        );
        intervals.extend(hanley(auc.value, row.events, row.n - row.events, level));
        return Ok(Measured {
            value: auc.value,
            standard_error: auc.standard_error,
            share: None,
            intervals,
            how: String::new(),
        });
    }
    let Sample { outcome, score, orientation } =
        context.evidence.sample(&place.model, &place.parts, context.names.outcome())?;
    let positives = outcome.iter().filter(|event| **event).count();
    if positives == 0 || positives == outcome.len() {
        return Err("the set has one class only".to_string());
    }
    let estimate =
        |scale| delong_auc_scaled(&outcome, &score, orientation, level, scale).map_err(|error| error.to_string());
    let plain = estimate(DelongScale::Plain)?;
    let mut intervals = delong_intervals(&plain, level);
    if declared == Some(CiMethod::Bootstrap) {
        let options = BootstrapOptions { level, ..BootstrapOptions::default() };
        let seed = Seed::from_study(0).child("recompute").child(&place.model).child(&place.parts.join("+"));
        let resampled = bootstrap_auc(&outcome, &score, orientation, &options, seed).ok();
        intervals.extend(
            resampled
                .iter()
                .filter_map(|auc| auc.interval.as_ref())
                .map(|interval| known(CiMethod::Bootstrap, interval)),
        );
    }
    intervals.extend(hanley(plain.value, positives, outcome.len() - positives, level));
    Ok(Measured {
        value: plain.value,
        standard_error: plain.standard_error,
        share: None,
        intervals,
        how: String::new(),
    })
}

/// From DeLong's standard error: plain, and symmetric on the logit scale.
fn delong_intervals(auc: &Estimate, level: f64) -> Vec<Known> {
    let Some(error) = auc.standard_error else { return Vec::new() };
    let half = normal_critical(level) * error;
    let (lower, upper) = ((auc.value - half).max(0.0), (auc.value + half).min(1.0));
    let mut intervals = vec![Known { method: CiMethod::DeLong, name: "DeLong".to_string(), lower, upper }];
    if auc.value > 0.0 && auc.value < 1.0 {
        let odds = auc.value / (1.0 - auc.value);
        let factor = (half / (auc.value * (1.0 - auc.value))).exp();
        let back = |odds: f64| if odds.is_finite() { odds / (1.0 + odds) } else { 1.0 };
        let name = "DeLong, logit scale".to_string();
        intervals.push(Known { method: CiMethod::Other, name, lower: back(odds / factor), upper: back(odds * factor) });
    }
    intervals
}

fn hanley(auc: f64, positives: usize, negatives: usize, level: f64) -> Option<Known> {
    let estimate = hanley_mcneil(auc, positives, negatives, level).ok()?;
    estimate.interval.as_ref().map(|interval| known(CiMethod::HanleyMcNeil, interval))
}

/// Calibration and overall performance, by the audit's keys: of the study, or of scores that are probabilities.
fn from_estimates(context: &Context<'_>, place: &Place<'_>, key: &str, level: f64) -> Result<Measured, String> {
    if let Some(row) = context.evidence.calibrated(&place.model, &place.parts, place.analysis) {
        let plain = |value: Option<f64>| value.map(|value| Estimate::new(value, row.n));
        let estimate = match key {
            "calibration_intercept" | "intercept" => row.intercept.clone(),
            "calibration_slope" | "slope" => row.slope.clone(),
            "eo" => row.expected_observed_ratio.clone(),
            "oe" => row.expected_observed_ratio.as_ref().map(Estimate::reciprocal),
            "brier" => row.brier.clone(),
            "scaled_brier" | "ipa" => plain(row.scaled_brier),
            "ici" => plain(row.integrated_calibration_index),
            _ => return Err(format!("no result of the study is a `{key}`")),
        };
        let mut measured = estimate
            .map(|estimate| of_estimate(&estimate, level))
            .ok_or_else(|| "it is not defined in this set".to_string())?;
        if matches!(key, "oe" | "eo") {
            measured.intervals.extend(poisson(measured.value, row.events, level));
        }
        return Ok(measured);
    }
    let known = [
        "calibration_intercept",
        "intercept",
        "calibration_slope",
        "slope",
        "eo",
        "oe",
        "brier",
        "scaled_brier",
        "ipa",
        "ici",
    ];
    if !known.contains(&key) {
        return Err(format!("no result at hand is a `{key}` of this model in this set"));
    }
    let Sample { outcome, score, .. } = context.evidence.sample(&place.model, &place.parts, context.names.outcome())?;
    if score.iter().any(|score| !(0.0..=1.0).contains(score)) {
        return Err(format!("the scores of `{}` are no probabilities", place.model));
    }
    let words = |error: crate::stats::StatsError| error.to_string();
    let options = CalibrationOptions { level, ..CalibrationOptions::default() };
    let estimate = match key {
        "calibration_intercept" | "intercept" => {
            weak_calibration(&outcome, &score, &options).map_err(words)?.in_the_large
        }
        "calibration_slope" | "slope" => weak_calibration(&outcome, &score, &options).map_err(words)?.slope,
        "oe" => observed_expected_ratio(&outcome, &score, level).map_err(words)?.ratio,
        "eo" => observed_expected_ratio(&outcome, &score, level).map_err(words)?.ratio.reciprocal(),
        "ici" => Estimate::new(integrated_calibration_index(&outcome, &score).map_err(words)?.ici, outcome.len()),
        "brier" => brier_score(&outcome, &score, level).map_err(words)?.brier,
        _ => {
            let scaled = brier_score(&outcome, &score, level).map_err(words)?.scaled;
            Estimate::new(scaled.ok_or("the set has one class only")?, outcome.len())
        }
    };
    let mut measured = of_estimate(&estimate, level);
    if matches!(key, "oe" | "eo") {
        let events = outcome.iter().filter(|event| **event).count();
        measured.intervals.extend(poisson(measured.value, events, level));
    }
    Ok(measured)
}

/// Of O/E or E/O where the number of events is taken as a Poisson count: as usual as the binomial one.
fn poisson(ratio: f64, events: usize, level: f64) -> Option<Known> {
    let error = (events as f64).sqrt().recip();
    (events > 0).then(|| Known::on_the_log_scale(ratio, error, level, "log normal, Poisson events"))
}

/// An estimate of the study, with its interval where that has the printed level.
fn of_estimate(estimate: &Estimate, level: f64) -> Measured {
    let own = estimate.interval.iter().filter(|interval| same_level(interval.level, level));
    Measured {
        value: estimate.value,
        standard_error: estimate.standard_error,
        share: None,
        intervals: own.map(Known::of_result).collect(),
        how: String::new(),
    }
}

pub(super) fn same_level(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-9
}

/// "95" or "0.95"; 0.95 when nothing is printed.
pub(super) fn level_of(figure: Option<&Figure>) -> f64 {
    match figure.and_then(Figure::value) {
        Some(value) if value > 1.0 && value < 100.0 => value / 100.0,
        Some(value) if value > 0.0 && value < 1.0 => value,
        _ => 0.95,
    }
}
