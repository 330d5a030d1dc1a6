//! Thresholds, chosen on the training part, and the metrics that are taken at them.

use super::{Context, EvaluateError, pick};
use crate::results::MetricFacts;
use crate::spec::PartitionName;
use crate::spec::raw::{RawProportionInterval, RawThreshold, RawThresholdRule};
use crate::spec::study::Part;
use crate::stats::threshold::{Metric, ProportionInterval, ThresholdRule, rule};

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
        RawThresholdRule::Maximum => match threshold.metric {
            Some(metric) => ThresholdRule::Maximum { metric: Metric::from(metric) },
            None => return Err(EvaluateError::Other("the threshold rule names no metric".to_string())),
        },
    };
    let rows = context.predictions.rows(&PartitionName::of(Part::Training));
    let outcome = context.predictions.binary(outcome, &rows);
    let column = context.model(model)?;
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
        RawThresholdRule::Maximum => {
            let metric = threshold.metric.map_or("metric", |metric| Metric::from(metric).label());
            format!("largest {}", lower_first(metric))
        }
    }
}

/// "F1 score" and "Youden's J" keep their capital: they begin with a name.
fn lower_first(label: &str) -> String {
    match label.split_once(' ') {
        Some(("F1" | "Youden's" | "Matthews" | "Cohen's", _)) => label.to_string(),
        _ => label.to_lowercase(),
    }
}

/// Metrics that are printed as percentages.
const IS_PROPORTION: [Metric; 11] = [
    Metric::Accuracy,
    Metric::Sensitivity,
    Metric::Specificity,
    Metric::PositivePredictiveValue,
    Metric::NegativePredictiveValue,
    Metric::Prevalence,
    Metric::ApparentPrevalence,
    Metric::FalsePositiveRate,
    Metric::FalseNegativeRate,
    Metric::FalseDiscoveryRate,
    Metric::FalseOmissionRate,
];

pub(super) fn metric_facts(metric: &Metric) -> MetricFacts {
    let id = match serde_json::to_value(metric) {
        Ok(serde_json::Value::String(id)) => id,
        _ => metric.abbreviation().to_string(),
    };
    MetricFacts {
        id,
        label: metric.label().to_string(),
        abbreviation: metric.abbreviation().to_string(),
        is_proportion: IS_PROPORTION.contains(metric),
    }
}

/// What a closed form gives; a bootstrap interval is made elsewhere.
pub(super) fn to_interval(interval: RawProportionInterval) -> ProportionInterval {
    match interval {
        RawProportionInterval::Wilson | RawProportionInterval::Bootstrap => ProportionInterval::Wilson,
        RawProportionInterval::ClopperPearson => ProportionInterval::ClopperPearson,
        RawProportionInterval::AgrestiCoull => ProportionInterval::AgrestiCoull,
        RawProportionInterval::Wald => ProportionInterval::Wald,
    }
}
