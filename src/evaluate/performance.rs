//! Discrimination of every model in every partition, and classification at a threshold chosen on the training part.

use super::{Context, EvaluateError, pick, sweep};
use crate::results::{
    ConfusionFacts, MetricFacts, Performance, PerformanceRow, RocCurveFacts, RocPointFacts, ThresholdFacts,
    ThresholdSweep,
};
use crate::spec::PartitionName;
use crate::spec::raw::{
    RawBootstrap, RawBootstrapInterval, RawMetric, RawProportionInterval, RawStatistic, RawThreshold, RawThresholdRule,
};
use crate::spec::study::Part;
use crate::stats::StatsError;
use crate::stats::discrimination::delong::delong_auc;
use crate::stats::discrimination::roc_curve::roc_curve;
use crate::stats::random::Seed;
use crate::stats::resample::auc::bootstrap_auc;
use crate::stats::resample::bootstrap::{BootstrapInterval, BootstrapOptions, Sampling};
use crate::stats::threshold::{ConfusionMatrix, Metric, ProportionInterval, ThresholdRule, rule};
use rayon::prelude::*;

pub(super) fn evaluate(context: Context<'_>, statistic: &RawStatistic) -> Result<Performance, EvaluateError> {
    let RawStatistic::Performance { outcome, models, partitions, level, bootstrap, threshold, metrics, interval } =
        statistic
    else {
        return Err(EvaluateError::Other("not a performance analysis".to_string()));
    };
    let models = context.study.models_of(outcome, models.as_ref());
    let metrics: Vec<Metric> = metrics.iter().map(|metric| to_metric(*metric)).collect();
    let thresholds = models
        .iter()
        .map(|model| {
            let value = chosen_threshold(context, outcome, model, threshold)?;
            Ok(ThresholdFacts {
                model: model.clone(),
                rule: rule_in_words(threshold),
                chosen_on: match threshold.rule {
                    RawThresholdRule::Fixed => "declared".to_string(),
                    _ => Part::Training.id().to_string(),
                },
                threshold: value,
            })
        })
        .collect::<Result<Vec<_>, EvaluateError>>()?;
    let cells: Vec<Cell<'_>> = partitions
        .iter()
        .flat_map(|partition| thresholds.iter().map(move |threshold| Cell { partition, threshold }))
        .collect();
    let computed: Vec<Result<Computed, EvaluateError>> = cells
        .par_iter()
        .map(|cell| {
            let seed = context.seed.child(&cell.threshold.model).child(cell.partition);
            let settings = Settings {
                outcome,
                level: *level,
                bootstrap: bootstrap.as_ref(),
                metrics: &metrics,
                interval: to_interval(*interval),
            };
            compute(context, cell, &settings, seed).map_err(|source| EvaluateError::Within {
                partition: cell.partition.clone(),
                what: format!("model `{}`", cell.threshold.model),
                source,
            })
        })
        .collect();
    let mut rows = Vec::new();
    let mut curves = Vec::new();
    let mut sweeps = Vec::new();
    for computed in computed {
        let computed = computed?;
        rows.push(computed.row);
        curves.extend(computed.curve);
        sweeps.extend(computed.sweep);
    }
    Ok(Performance {
        outcome: outcome.clone(),
        level: *level,
        partitions: partitions.clone(),
        models,
        metrics: metrics.iter().map(metric_facts).collect(),
        thresholds,
        rows,
        curves,
        sweeps,
        replicates: bootstrap.as_ref().map(|bootstrap| bootstrap.replicates),
    })
}

struct Cell<'a> {
    partition: &'a String,
    threshold: &'a ThresholdFacts,
}

struct Settings<'a> {
    outcome: &'a str,
    level: f64,
    bootstrap: Option<&'a RawBootstrap>,
    metrics: &'a [Metric],
    interval: ProportionInterval,
}

struct Computed {
    row: PerformanceRow,
    curve: Option<RocCurveFacts>,
    sweep: Option<ThresholdSweep>,
}

fn compute(context: Context<'_>, cell: &Cell<'_>, settings: &Settings<'_>, seed: Seed) -> Result<Computed, StatsError> {
    let model = &cell.threshold.model;
    let rows = context.rows(cell.partition);
    let outcome = context.predictions.binary(settings.outcome, &rows);
    let Some(column) = context.predictions.model(model) else {
        return Err(StatsError::Empty { what: "the model's scores" });
    };
    let score = pick(&column.scores, &rows);
    let confusion = ConfusionMatrix::at(&outcome, &score, column.orientation, cell.threshold.threshold)?;
    let events = outcome.iter().filter(|event| **event).count();
    let both_classes = events > 0 && events < outcome.len();
    let mut row = PerformanceRow {
        model: model.clone(),
        partition: cell.partition.clone(),
        n: outcome.len(),
        events,
        auc: None,
        auc_bootstrap: None,
        confusion: Some(ConfusionFacts {
            true_positives: confusion.true_positives,
            false_positives: confusion.false_positives,
            true_negatives: confusion.true_negatives,
            false_negatives: confusion.false_negatives,
        }),
        metrics: settings
            .metrics
            .iter()
            .map(|metric| metric.estimate(&confusion, settings.interval, settings.level))
            .collect::<Result<Vec<_>, _>>()?,
    };
    if !both_classes {
        return Ok(Computed { row, curve: None, sweep: None });
    }
    row.auc = Some(delong_auc(&outcome, &score, column.orientation, settings.level)?);
    if let Some(bootstrap) = settings.bootstrap {
        let options = bootstrap_options(bootstrap, settings.level);
        row.auc_bootstrap = bootstrap_auc(&outcome, &score, column.orientation, &options, seed)?.interval;
    }
    let curve = roc_curve(&outcome, &score, column.orientation)?;
    let points = curve
        .points
        .iter()
        .map(|point| RocPointFacts { false_positive_rate: 1.0 - point.specificity, sensitivity: point.sensitivity })
        .collect();
    let curve = RocCurveFacts { model: model.clone(), partition: cell.partition.clone(), points: corners(points) };
    let sweep = sweep::facts(context, model, cell.partition, &outcome, &score)?;
    Ok(Computed { row, curve: Some(curve), sweep: Some(sweep) })
}

/// The ends of the straight pieces of a curve, from (0, 0) to (1, 1).
fn corners(mut points: Vec<RocPointFacts>) -> Vec<RocPointFacts> {
    points.sort_by(|left, right| {
        left.false_positive_rate
            .total_cmp(&right.false_positive_rate)
            .then(left.sensitivity.total_cmp(&right.sensitivity))
    });
    points.dedup();
    let mut corners: Vec<RocPointFacts> = Vec::new();
    for point in points {
        if let [.., before, last] = corners.as_slice() {
            let vertical = before.false_positive_rate == last.false_positive_rate
                && last.false_positive_rate == point.false_positive_rate;
            let horizontal = before.sensitivity == last.sensitivity && last.sensitivity == point.sensitivity;
            if vertical || horizontal {
                corners.pop();
            }
        }
        corners.push(point);
    }
    corners
}

/// The threshold of a model, chosen on the training part by the declared rule.
pub(super) fn chosen_threshold(
    context: Context<'_>,
    outcome: &str,
    model: &str,
    threshold: &RawThreshold,
) -> Result<f64, EvaluateError> {
    let value = threshold.value.unwrap_or(0.5);
    let rule = match threshold.rule {
        RawThresholdRule::Fixed => return Ok(value),
        RawThresholdRule::Youden => ThresholdRule::Youden,
        RawThresholdRule::ClosestTopLeft => ThresholdRule::ClosestTopLeft,
        RawThresholdRule::Sensitivity => ThresholdRule::Sensitivity { at_least: value },
        RawThresholdRule::Specificity => ThresholdRule::Specificity { at_least: value },
    };
    let rows = context.predictions.rows(&PartitionName::of(Part::Training));
    let outcome = context.predictions.binary(outcome, &rows);
    let Some(column) = context.predictions.model(model) else {
        return Err(EvaluateError::Other(format!("there is no model `{model}`")));
    };
    let score = pick(&column.scores, &rows);
    let chosen = rule::choose(rule, &outcome, &score, column.orientation).map_err(|source| EvaluateError::Within {
        partition: Part::Training.id().to_string(),
        what: format!("the threshold of model `{model}`"),
        source,
    })?;
    Ok(chosen.threshold)
}

pub(super) fn rule_in_words(threshold: &RawThreshold) -> String {
    let value = threshold.value.unwrap_or(f64::NAN);
    match threshold.rule {
        RawThresholdRule::Youden => "largest Youden index".to_string(),
        RawThresholdRule::ClosestTopLeft => "point of the ROC curve closest to the top left corner".to_string(),
        RawThresholdRule::Fixed => "fixed in advance".to_string(),
        RawThresholdRule::Sensitivity => format!("sensitivity of at least {value}"),
        RawThresholdRule::Specificity => format!("specificity of at least {value}"),
    }
}

fn bootstrap_options(bootstrap: &RawBootstrap, level: f64) -> BootstrapOptions {
    BootstrapOptions {
        replicates: bootstrap.replicates,
        level,
        kind: match bootstrap.interval {
            RawBootstrapInterval::Percentile => BootstrapInterval::Percentile,
            RawBootstrapInterval::Basic => BootstrapInterval::Basic,
            RawBootstrapInterval::Bca => BootstrapInterval::BiasCorrectedAccelerated,
        },
        sampling: if bootstrap.stratified { Sampling::Stratified } else { Sampling::Simple },
    }
}

fn metric_facts(metric: &Metric) -> MetricFacts {
    let id = match serde_json::to_value(metric) {
        Ok(serde_json::Value::String(id)) => id,
        _ => metric.abbreviation().to_string(),
    };
    MetricFacts {
        id,
        label: metric.label().to_string(),
        abbreviation: metric.abbreviation().to_string(),
        is_proportion: matches!(
            metric,
            Metric::Accuracy
                | Metric::Sensitivity
                | Metric::Specificity
                | Metric::PositivePredictiveValue
                | Metric::NegativePredictiveValue
        ),
    }
}

fn to_metric(metric: RawMetric) -> Metric {
    match metric {
        RawMetric::Accuracy => Metric::Accuracy,
        RawMetric::Sensitivity => Metric::Sensitivity,
        RawMetric::Specificity => Metric::Specificity,
        RawMetric::PositivePredictiveValue => Metric::PositivePredictiveValue,
        RawMetric::NegativePredictiveValue => Metric::NegativePredictiveValue,
        RawMetric::F1 => Metric::F1,
        RawMetric::MatthewsCorrelation => Metric::MatthewsCorrelation,
        RawMetric::CohenKappa => Metric::CohenKappa,
        RawMetric::BalancedAccuracy => Metric::BalancedAccuracy,
        RawMetric::PositiveLikelihoodRatio => Metric::PositiveLikelihoodRatio,
        RawMetric::NegativeLikelihoodRatio => Metric::NegativeLikelihoodRatio,
        RawMetric::DiagnosticOddsRatio => Metric::DiagnosticOddsRatio,
    }
}

fn to_interval(interval: RawProportionInterval) -> ProportionInterval {
    match interval {
        RawProportionInterval::Wilson => ProportionInterval::Wilson,
        RawProportionInterval::ClopperPearson => ProportionInterval::ClopperPearson,
        RawProportionInterval::AgrestiCoull => ProportionInterval::AgrestiCoull,
        RawProportionInterval::Wald => ProportionInterval::Wald,
    }
}
