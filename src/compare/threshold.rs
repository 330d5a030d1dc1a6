//! Where each model's score becomes a call.

use super::declaration::Declaration;
use super::facts::ThresholdFacts;
use super::part::part_of;
use super::source::Source;
use crate::data::OutcomeData;
use crate::predictions::order::Pairing;
use crate::spec::raw::RawThresholdRule;
use crate::spec::study::Part;
use crate::stats::Orientation;
use crate::stats::threshold::{Metric, ThresholdRule, rule};

/// A model whose threshold is chosen, and where its subjects stand in the base.
pub(super) struct Judged<'a> {
    pub source: &'a Source,
    pub base: &'a Source,
    pub pairing: Option<&'a Pairing>,
    pub outcome: &'a str,
}

/// A model's threshold by the declared rule: on its own training part, else on the base's.
pub(super) fn threshold(
    judged: &Judged<'_>,
    orientation: Orientation,
    declaration: &Declaration,
) -> Result<ThresholdFacts, String> {
    let value = declaration.threshold.value.unwrap_or(0.5);
    let (rule, words) = match declaration.threshold.rule {
        RawThresholdRule::Fixed => {
            return Ok(ThresholdFacts { threshold: value, rule: "fixed in advance".to_string() });
        }
        RawThresholdRule::Youden => (ThresholdRule::Youden, "largest Youden index".to_string()),
        RawThresholdRule::ClosestTopLeft => {
            (ThresholdRule::ClosestTopLeft, "point of the ROC curve closest to the top left corner".to_string())
        }
        RawThresholdRule::Sensitivity => {
            (ThresholdRule::Sensitivity { at_least: value }, format!("sensitivity of at least {value}"))
        }
        RawThresholdRule::Specificity => {
            (ThresholdRule::Specificity { at_least: value }, format!("specificity of at least {value}"))
        }
        RawThresholdRule::Maximum => match declaration.threshold.metric.map(Metric::from) {
            Some(metric) => (ThresholdRule::Maximum { metric }, format!("largest {}", metric.label())),
            None => return Err("the threshold rule `maximum` names no `metric`".to_string()),
        },
    };
    let Judged { source, base, pairing, outcome } = *judged;
    let own = source.table.file.partitions.is_some() && source.outcome(outcome).is_some();
    let (mut events, mut scores) = (Vec::new(), Vec::new());
    for row in 0..source.scores.len() {
        let in_base = || pairing.map_or(Some(row), |pairing| pairing.in_first[row]);
        let (judge, judge_row) = match own {
            true => (source, row),
            false => match in_base() {
                Some(base_row) => (base, base_row),
                None => continue,
            },
        };
        let in_training = part_of(judge, judge_row).is_some_and(|part| part == Part::Training.id());
        if let (true, Some(OutcomeData::Binary(values))) = (in_training, judge.outcome(outcome)) {
            events.push(values[judge_row]);
            scores.push(source.scores[row]);
        }
    }
    if events.is_empty() {
        return Err("there is no training part to choose a threshold on".to_string());
    }
    let chosen = rule::choose(rule, &events, &scores, orientation).map_err(|error| format!("no threshold: {error}"))?;
    Ok(ThresholdFacts { threshold: chosen.threshold, rule: format!("{words}, on the training part") })
}
