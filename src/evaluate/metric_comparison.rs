//! Accuracy, sensitivity and specificity of every model against the reference's, at the thresholds of a performance
//! analysis, on the same subjects.

use super::comparison::{adjustment_in_words, to_claim, to_method};
use super::threshold::chosen_threshold;
use super::{Context, EvaluateError};
use crate::results::{MetricComparison, MetricComparisonRow, OverallTest};
use crate::spec::raw::{RawMetricComparison, RawPairedInterval, RawPairedMetric, RawPairedTest, RawStatistic};
use crate::stats::comparison::cochran_q::cochran_q;
use crate::stats::comparison::mcnemar::{McNemarMethod, mcnemar};
use crate::stats::comparison::non_inferiority::{Direction, NonInferiority, non_inferiority};
use crate::stats::comparison::paired_proportions::{PairedCounts, PairedInterval, paired_difference};
use crate::stats::multiplicity::adjust;
use crate::stats::threshold::Metric;
use crate::stats::threshold::confusion::is_positive;
use crate::stats::{Estimate, StatsError};

/// One model's calls, right or wrong, of every subject of the cohort.
struct Calls {
    model: String,
    right: Vec<bool>,
}

pub(super) fn evaluate(
    context: Context<'_>,
    declared: &RawMetricComparison,
) -> Result<MetricComparison, EvaluateError> {
    let RawMetricComparison { thresholds_of, reference, partitions, level, .. } = declared;
    let Some(RawStatistic::Performance { outcome, models, threshold, .. }) =
        context.study.spec.statistics.get(thresholds_of)
    else {
        return Err(EvaluateError::Other(format!("there is no performance analysis `{thresholds_of}`")));
    };
    let models = context.models_of(outcome, declared.models.as_ref().or(models.as_ref()))?;
    let truth = context.cohort.binary(outcome);
    let calls_of = |model: &String| -> Result<Calls, EvaluateError> {
        let cut = chosen_threshold(context, outcome, model, threshold)?;
        let column = context.model(model)?;
        let right = column.scores.iter().zip(truth);
        let right = right.map(|(score, event)| is_positive(*score, column.orientation, cut) == *event).collect();
        Ok(Calls { model: model.clone(), right })
    };
    let reference_calls = calls_of(reference)?;
    let others: Vec<Calls> =
        models.iter().filter(|model| *model != reference).map(calls_of).collect::<Result<_, _>>()?;
    let mut comparison = MetricComparison {
        outcome: outcome.clone(),
        thresholds_of: thresholds_of.clone(),
        level: *level,
        reference: reference.clone(),
        adjustment: adjustment_in_words(declared.adjust, others.len(), "within a partition and metric"),
        verdict: declared.verdict.map(to_claim),
        rows: Vec::new(),
        overall: Vec::new(),
    };
    for partition in partitions {
        let rows = context.rows(partition);
        for metric in &declared.metrics {
            let denominator: Vec<usize> = rows.iter().copied().filter(|row| counts(*metric, truth[*row])).collect();
            let within = |source| EvaluateError::Within {
                partition: partition.clone(),
                what: to_metric(*metric).label().to_lowercase(),
                source,
            };
            let mut family = others
                .iter()
                .map(|model| compare(declared, partition, *metric, &reference_calls, model, &denominator))
                .collect::<Result<Vec<_>, _>>()
                .map_err(within)?;
            if let Some(method) = to_method(declared.adjust) {
                let raw: Vec<f64> = family.iter().map(|row| row.test.p_value).collect();
                for (row, adjusted) in family.iter_mut().zip(adjust(&raw, method)?) {
                    row.adjusted_p_value = Some(adjusted);
                }
            }
            comparison.rows.extend(family);
            if others.len() > 1 {
                let all: Vec<&Calls> = std::iter::once(&reference_calls).chain(&others).collect();
                comparison.overall.extend(overall(&all, partition, *metric, &denominator).map_err(within)?);
            }
        }
    }
    comparison.judge();
    Ok(comparison)
}

fn compare(
    declared: &RawMetricComparison,
    partition: &str,
    metric: RawPairedMetric,
    reference: &Calls,
    model: &Calls,
    rows: &[usize],
) -> Result<MetricComparisonRow, StatsError> {
    let right = PairedCounts::of(&super::pick(&reference.right, rows), &super::pick(&model.right, rows))?;
    // The difference is that of the model less the reference.
    let turned = PairedCounts { only_first: right.only_second, only_second: right.only_first, ..right };
    let difference = paired_difference(&turned, to_interval(declared.interval), declared.level)?;
    let share = |count: u64| count as f64 / right.n() as f64;
    Ok(MetricComparisonRow {
        partition: partition.to_string(),
        metric: to_metric(metric).label().to_string(),
        model: model.model.clone(),
        n: rows.len(),
        reference_value: share(right.both + right.only_first),
        model_value: share(right.both + right.only_second),
        right,
        test: mcnemar(&turned, to_test(declared.test))?,
        adjusted_p_value: None,
        holds: None,
        non_inferiority: not_inferior(&difference, declared.non_inferiority_margin, declared.level)?,
        difference,
    })
}

/// Non-inferiority of the model to the reference, out of the difference model − reference; the one-sided level belongs to
/// the two-sided interval. `None` without a margin, and where the difference has no standard error.
pub(super) fn not_inferior(
    difference: &Estimate,
    margin: Option<f64>,
    level: f64,
) -> Result<Option<NonInferiority>, StatsError> {
    let Some(margin) = margin else { return Ok(None) };
    match non_inferiority(difference, margin, Direction::HigherIsBetter, 0.5 * (1.0 + level)) {
        Ok(result) => Ok(Some(result)),
        Err(StatsError::Undefined { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Cochran's Q; `None` where no two models differ on any subject.
fn overall(
    models: &[&Calls],
    partition: &str,
    metric: RawPairedMetric,
    rows: &[usize],
) -> Result<Option<OverallTest>, StatsError> {
    let calls: Vec<Vec<bool>> = models.iter().map(|model| super::pick(&model.right, rows)).collect();
    let calls: Vec<&[bool]> = calls.iter().map(Vec::as_slice).collect();
    match cochran_q(&calls) {
        Ok(test) => Ok(Some(OverallTest {
            partition: partition.to_string(),
            measure: to_metric(metric).label().to_string(),
            models: models.len(),
            test,
        })),
        Err(StatsError::Undefined { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether a subject is in the metric's denominator.
fn counts(metric: RawPairedMetric, event: bool) -> bool {
    match metric {
        RawPairedMetric::Accuracy => true,
        RawPairedMetric::Sensitivity => event,
        RawPairedMetric::Specificity => !event,
    }
}

fn to_metric(metric: RawPairedMetric) -> Metric {
    match metric {
        RawPairedMetric::Accuracy => Metric::Accuracy,
        RawPairedMetric::Sensitivity => Metric::Sensitivity,
        RawPairedMetric::Specificity => Metric::Specificity,
    }
}

fn to_test(test: RawPairedTest) -> McNemarMethod {
    match test {
        RawPairedTest::McnemarExact => McNemarMethod::Exact,
        RawPairedTest::McnemarMidP => McNemarMethod::MidP,
        RawPairedTest::McnemarChiSquared => McNemarMethod::ChiSquared { correction: false },
        RawPairedTest::McnemarChiSquaredCorrected => McNemarMethod::ChiSquared { correction: true },
    }
}

fn to_interval(interval: RawPairedInterval) -> PairedInterval {
    match interval {
        RawPairedInterval::Newcombe => PairedInterval::Newcombe,
        RawPairedInterval::Tango => PairedInterval::Tango,
        RawPairedInterval::Wald => PairedInterval::Wald,
    }
}
