//! What the page's threshold slider reads: the counts over round thresholds of every model and set, and those at the
//! study's own threshold, as the performance table prints them.

use super::names::Names;
use crate::report::document::{Explorer, ExplorerModel, ExplorerSet};
use crate::report::figure;
use crate::results::{AnalysisOutcome, LayoutItem, Performance, Results, Show, ThresholdSweep};

/// `None` unless the item is a threshold explorer with something to explore.
pub fn of(results: &Results, item: &LayoutItem) -> Option<Explorer> {
    if item.show != Show::ThresholdExplorer {
        return None;
    }
    let AnalysisOutcome::Performance(performance) = &results.analysis(item.of.as_deref()?)?.outcome else {
        return None;
    };
    let names = Names { results };
    let front = figure::model_in_front(performance, results);
    // Where small counts are withheld, a set may have no threshold left.
    let told = |sweep: &&ThresholdSweep| sweep.points.len() > 1;
    let swept: Vec<&String> = performance
        .models
        .iter()
        .filter(|model| performance.sweeps.iter().filter(told).any(|sweep| sweep.model == **model))
        .collect();
    let first = swept.iter().position(|model| Some(model.as_str()) == front).unwrap_or(0);
    let models = swept.into_iter().filter_map(|model| {
        let sweeps: Vec<&ThresholdSweep> =
            performance.sweeps.iter().filter(told).filter(|sweep| sweep.model == *model).collect();
        let facts = performance.thresholds.iter().find(|facts| facts.model == *model);
        Some(ExplorerModel {
            label: names.model(model).to_string(),
            threshold: facts.map(|facts| facts.threshold),
            rule: facts.map_or(String::new(), |facts| names.rule(facts)),
            is_probability: results.model(model).is_some_and(|model| model.gives_probability),
            higher_is_risk: sweeps.first()?.higher_is_risk,
            sets: sweeps.into_iter().map(|sweep| set(sweep, performance, &names)).collect(),
        })
    });
    Some(Explorer { outcome: names.outcome(&performance.outcome).to_string(), first, models: models.collect() })
}

fn set(sweep: &ThresholdSweep, performance: &Performance, names: &Names) -> ExplorerSet {
    let row = performance.rows.iter().find(|row| row.model == sweep.model && row.partition == sweep.partition);
    let chosen = performance.thresholds.iter().any(|facts| facts.model == sweep.model);
    let counts = row.filter(|_| chosen).and_then(|row| row.confusion);
    ExplorerSet {
        label: names.partition(&sweep.partition).to_string(),
        positives: sweep.positives,
        negatives: sweep.negatives,
        thresholds: sweep.points.iter().map(|point| point.threshold).collect(),
        true_positives: sweep.points.iter().map(|point| point.true_positives).collect(),
        false_positives: sweep.points.iter().map(|point| point.false_positives).collect(),
        at_own: counts.map(|counts| [counts.true_positives, counts.false_positives]),
    }
}
