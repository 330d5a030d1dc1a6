//! Discrimination of every model in every partition, and classification at a threshold chosen on the training part.

use super::clusters::{clusters_of_all, kinds_of_clusters};
use super::threshold::{chosen_threshold, metric_facts, rule_in_words, to_interval};
use super::{Context, EvaluateError, pick, sweep};
use crate::results::{
    ConfusionFacts, PartialAucFacts, Performance, PerformanceRow, PrecisionRecallFacts, PrecisionRecallPointFacts,
    RocCurveFacts, RocPointFacts, ThresholdFacts, ThresholdSweep,
};
use crate::spec::raw::{
    RawAucInterval, RawBootstrap, RawBootstrapInterval, RawPartialAuc, RawProportionInterval, RawRocAxis, RawStatistic,
    RawThresholdRule,
};
use crate::spec::study::Part;
use crate::stats::discrimination::auc::auc;
use crate::stats::discrimination::clustered_delong::clustered_delong_auc;
use crate::stats::discrimination::delong::{DelongScale, delong_auc, delong_auc_scaled};
use crate::stats::discrimination::hanley_mcneil::hanley_mcneil;
use crate::stats::discrimination::partial_auc::{PartialAuc, PartialAucAxis, PartialAucRange, partial_auc};
use crate::stats::discrimination::precision_recall::{PrecisionRecall, precision_recall};
use crate::stats::discrimination::roc_curve::roc_curve;
use crate::stats::random::Seed;
use crate::stats::resample::auc::bootstrap_auc;
use crate::stats::resample::bootstrap::{BootstrapInterval, BootstrapOptions, Sampling};
use crate::stats::resample::cluster::bootstrap_auc_clustered;
use crate::stats::resample::statistic::bootstrap_statistic;
use crate::stats::threshold::confusion::is_positive;
use crate::stats::threshold::{ConfusionMatrix, Metric};
use crate::stats::{Estimate, Orientation, StatsError};
use rayon::prelude::*;

pub(super) fn evaluate(context: Context<'_>, statistic: &RawStatistic) -> Result<Performance, EvaluateError> {
    let RawStatistic::Performance {
        outcome,
        models,
        partitions,
        level,
        auc_interval,
        bootstrap,
        partial_auc,
        average_precision,
        threshold,
        metrics,
        interval,
        cluster,
    } = statistic
    else {
        return Err(EvaluateError::Other("not a performance analysis".to_string()));
    };
    let models = context.models_of(outcome, models.as_ref())?;
    let metrics: Vec<Metric> = metrics.iter().map(|metric| Metric::from(*metric)).collect();
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
                auc_interval: *auc_interval,
                bootstrap: bootstrap.as_ref().map(|bootstrap| bootstrap_options(bootstrap, *level)),
                partial_range: partial_auc.as_ref().map(to_range),
                average_precision: *average_precision,
                metrics: &metrics,
                interval: *interval,
            };
            let rows = context.rows(cell.partition);
            let cluster = cluster
                .as_ref()
                .map(|variable| clusters_of_all(context, variable, cell.partition, &rows))
                .transpose()?;
            compute(context, cell, &settings, rows, cluster, seed).map_err(|source| EvaluateError::Within {
                partition: cell.partition.clone(),
                what: format!("model `{}`", cell.threshold.model),
                source,
            })
        })
        .collect();
    let mut rows = Vec::new();
    let mut curves = Vec::new();
    let mut sweeps = Vec::new();
    let mut precision_recall = Vec::new();
    for computed in computed {
        let computed = computed?;
        rows.push(computed.row);
        curves.extend(computed.curve);
        sweeps.extend(computed.sweep);
        precision_recall.extend(computed.precision_recall);
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
        partial_range: partial_auc.as_ref().map(to_range),
        precision_recall,
    })
}

struct Cell<'a> {
    partition: &'a String,
    threshold: &'a ThresholdFacts,
}

struct Settings<'a> {
    outcome: &'a str,
    level: f64,
    auc_interval: RawAucInterval,
    bootstrap: Option<BootstrapOptions>,
    partial_range: Option<PartialAucRange>,
    average_precision: bool,
    metrics: &'a [Metric],
    interval: RawProportionInterval,
}

struct Computed {
    row: PerformanceRow,
    curve: Option<RocCurveFacts>,
    sweep: Option<ThresholdSweep>,
    precision_recall: Option<PrecisionRecallFacts>,
}

fn compute(
    context: Context<'_>,
    cell: &Cell<'_>,
    settings: &Settings<'_>,
    rows: Vec<usize>,
    cluster: Option<Vec<usize>>,
    seed: Seed,
) -> Result<Computed, StatsError> {
    let model = &cell.threshold.model;
    let outcome = context.predictions.binary(settings.outcome, &rows);
    let Some(column) = context.predictions.model(model) else {
        return Err(StatsError::Empty { what: "the model's scores" });
    };
    let sample = Sample {
        outcome,
        score: pick(&column.scores, &rows),
        orientation: column.orientation,
        cluster,
        settings,
        seed,
    };
    let Sample { outcome, score, orientation, .. } = &sample;
    let threshold = cell.threshold.threshold;
    let confusion = ConfusionMatrix::at(outcome, score, *orientation, threshold)?;
    let events = outcome.iter().filter(|event| **event).count();
    let both_classes = events > 0 && events < outcome.len();
    let mut row = PerformanceRow {
        model: model.clone(),
        partition: cell.partition.clone(),
        n: outcome.len(),
        events,
        auc: None,
        auc_bootstrap: None,
        partial_auc: None,
        average_precision: None,
        confusion: Some(ConfusionFacts {
            true_positives: confusion.true_positives,
            false_positives: confusion.false_positives,
            true_negatives: confusion.true_negatives,
            false_negatives: confusion.false_negatives,
        }),
        metrics: settings
            .metrics
            .iter()
            .map(|metric| sample.metric(*metric, &confusion, threshold))
            .collect::<Result<Vec<_>, _>>()?,
    };
    if !both_classes {
        return Ok(Computed { row, curve: None, precision_recall: None, sweep: None });
    }
    row.auc = Some(sample.auc()?);
    if let Some(options) = &settings.bootstrap {
        row.auc_bootstrap = sample.bootstrapped_auc(options)?.interval;
    }
    row.partial_auc = settings.partial_range.map(|range| sample.partial_auc(range)).transpose()?;
    let mut facts = None;
    if settings.average_precision {
        row.average_precision = Some(sample.average_precision()?);
        facts = Some(PrecisionRecallFacts {
            model: model.clone(),
            partition: cell.partition.clone(),
            points: on_recall_grid(&precision_recall(outcome, score, *orientation)?),
        });
    }
    let curve = roc_curve(outcome, score, *orientation)?;
    let points = curve
        .points
        .iter()
        .map(|point| RocPointFacts { false_positive_rate: 1.0 - point.specificity, sensitivity: point.sensitivity })
        .collect();
    let curve = RocCurveFacts { model: model.clone(), partition: cell.partition.clone(), points: corners(points) };
    let sweep = sweep::facts(context, model, cell.partition, outcome, score)?;
    Ok(Computed { row, curve: Some(curve), precision_recall: facts, sweep: Some(sweep) })
}

/// A model's scores in a partition, with how they are to be judged.
struct Sample<'a> {
    outcome: Vec<bool>,
    score: Vec<f64>,
    orientation: Orientation,
    /// The cluster of each row, where rows are not subjects of their own.
    cluster: Option<Vec<usize>>,
    settings: &'a Settings<'a>,
    seed: Seed,
}

impl Sample<'_> {
    fn auc(&self) -> Result<Estimate, StatsError> {
        let Self { outcome, score, orientation, settings, .. } = self;
        let level = settings.level;
        if let Some(cluster) = &self.cluster {
            return clustered_delong_auc(outcome, score, cluster, *orientation, level);
        }
        match settings.auc_interval {
            RawAucInterval::Delong => delong_auc(outcome, score, *orientation, level),
            RawAucInterval::LogitDelong => delong_auc_scaled(outcome, score, *orientation, level, DelongScale::Logit),
            RawAucInterval::HanleyMcneil => {
                let positives = outcome.iter().filter(|event| **event).count();
                hanley_mcneil(auc(outcome, score, *orientation)?, positives, outcome.len() - positives, level)
            }
        }
    }

    fn bootstrapped_auc(&self, options: &BootstrapOptions) -> Result<Estimate, StatsError> {
        let Self { outcome, score, orientation, seed, .. } = self;
        match &self.cluster {
            Some(cluster) => bootstrap_auc_clustered(outcome, score, cluster, *orientation, options, *seed),
            None => bootstrap_auc(outcome, score, *orientation, options, *seed),
        }
    }

    fn metric(
        &self,
        metric: Metric,
        confusion: &ConfusionMatrix,
        threshold: f64,
    ) -> Result<Option<Estimate>, StatsError> {
        let level = self.settings.level;
        let wanted = (self.settings.interval == RawProportionInterval::Bootstrap)
            .then_some(self.settings.bootstrap.as_ref())
            .flatten();
        let Some(options) = wanted else {
            return metric.estimate(confusion, to_interval(self.settings.interval), level);
        };
        let Some(value) = metric.value(confusion) else { return Ok(None) };
        let positive: Vec<bool> =
            self.score.iter().map(|score| is_positive(*score, self.orientation, threshold)).collect();
        let n = metric.as_proportion(confusion).map_or(self.outcome.len(), |proportion| proportion.n as usize);
        let drawn = self.resampled(&format!("metric {}", metric.label()), options, |rows| {
            metric.value(&counted(rows, &self.outcome, &positive))
        })?;
        let mut estimate = Estimate::new(value, n);
        if let Some(drawn) = drawn {
            estimate.standard_error = drawn.standard_error;
            estimate.interval = drawn.interval;
        }
        Ok(Some(estimate))
    }

    fn partial_auc(&self, range: PartialAucRange) -> Result<PartialAucFacts, StatsError> {
        let Self { outcome, score, orientation, .. } = self;
        let value = partial_auc(outcome, score, *orientation, range)?;
        let drawn = |name: &str, of: fn(PartialAuc) -> f64| {
            self.with_bootstrap(name, of(value.clone()), |rows| {
                partial_auc(&pick(outcome, rows), &pick(score, rows), *orientation, range).ok().map(of)
            })
        };
        Ok(PartialAucFacts {
            area: drawn("partial AUC", |partial| partial.area)?,
            standardised: drawn("standardised partial AUC", |partial| partial.standardised)?,
        })
    }

    fn average_precision(&self) -> Result<Estimate, StatsError> {
        let Self { outcome, score, orientation, .. } = self;
        let value = precision_recall(outcome, score, *orientation)?.average_precision;
        self.with_bootstrap("average precision", value, |rows| {
            let drawn = precision_recall(&pick(outcome, rows), &pick(score, rows), *orientation);
            drawn.ok().map(|curve| curve.average_precision)
        })
    }

    /// The value, with a bootstrap interval where one is asked for.
    fn with_bootstrap(
        &self,
        name: &str,
        value: f64,
        statistic: impl Fn(&[usize]) -> Option<f64> + Sync,
    ) -> Result<Estimate, StatsError> {
        let plain = Estimate::new(value, self.outcome.len());
        match &self.settings.bootstrap {
            Some(options) => Ok(self.resampled(name, options, statistic)?.unwrap_or(plain)),
            None => Ok(plain),
        }
    }

    /// Rows are in the order of the subjects' identifiers, so the draws do not depend on the order of the file. `None`
    /// where the statistic has no value in too many replicates.
    fn resampled(
        &self,
        name: &str,
        options: &BootstrapOptions,
        statistic: impl Fn(&[usize]) -> Option<f64> + Sync,
    ) -> Result<Option<Estimate>, StatsError> {
        let clusters = self.cluster.as_deref();
        let strata: Vec<usize> = match clusters {
            Some(clusters) => kinds_of_clusters(clusters, &self.outcome),
            None => self.outcome.iter().map(|event| usize::from(*event)).collect(),
        };
        let strata = (options.sampling == Sampling::Stratified).then_some(strata.as_slice());
        match bootstrap_statistic(self.outcome.len(), strata, clusters, options, self.seed.child(name), statistic) {
            Ok(estimate) => Ok(Some(estimate)),
            Err(StatsError::Undefined { .. } | StatsError::TooFew { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// The four counts of drawn subjects.
fn counted(rows: &[usize], outcome: &[bool], positive: &[bool]) -> ConfusionMatrix {
    let mut matrix = ConfusionMatrix { true_positives: 0, false_positives: 0, true_negatives: 0, false_negatives: 0 };
    for row in rows {
        match (positive[*row], outcome[*row]) {
            (true, true) => matrix.true_positives += 1,
            (true, false) => matrix.false_positives += 1,
            (false, false) => matrix.true_negatives += 1,
            (false, true) => matrix.false_negatives += 1,
        }
    }
    matrix
}

/// Steps of recall on which a precision-recall curve is kept: finer than a reader sees, and no row of a subject.
const RECALL_STEPS: usize = 200;

/// For each step of recall the precision of the strictest threshold that reaches it; a point that says no more than its
/// neighbours is left out.
fn on_recall_grid(curve: &PrecisionRecall) -> Vec<PrecisionRecallPointFacts> {
    let mut points: Vec<PrecisionRecallPointFacts> = Vec::new();
    for step in 1..=RECALL_STEPS {
        let wanted = step as f64 / RECALL_STEPS as f64;
        let Some(point) = curve.points.iter().find(|point| point.recall >= wanted - 1e-12) else { continue };
        if points.last().is_none_or(|last| last.recall < point.recall) {
            points.push(PrecisionRecallPointFacts { recall: point.recall, precision: point.precision });
        }
    }
    points
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

pub(super) fn bootstrap_options(bootstrap: &RawBootstrap, level: f64) -> BootstrapOptions {
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

fn to_range(declared: &RawPartialAuc) -> PartialAucRange {
    PartialAucRange {
        axis: match declared.over {
            RawRocAxis::Specificity => PartialAucAxis::Specificity,
            RawRocAxis::Sensitivity => PartialAucAxis::Sensitivity,
        },
        lower: declared.from,
        upper: declared.to,
    }
}
