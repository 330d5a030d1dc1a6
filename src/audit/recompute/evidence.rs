//! Results and scores as one source of numbers. What the results of a study hold comes first, because it was computed as
//! the study declares; scores give what the results lack: other methods, other sets.

use super::score_table::ScoreTable;
use crate::results::{
    AnalysisOutcome, CalibrationRow, Comparison, OutcomeKind, PartitionFacts, PerformanceRow, Results,
};
use crate::stats::Orientation;
use crate::stats::threshold::{ConfusionMatrix, ThresholdRule, rule};

/// What printed numbers are held against. At least one of the two is there.
#[derive(Clone, Copy, Debug, Default)]
pub struct Evidence<'a> {
    pub results: Option<&'a Results>,
    pub scores: Option<&'a ScoreTable>,
}

/// Scores and outcomes of one model in one set.
pub(super) struct Sample {
    pub outcome: Vec<bool>,
    pub score: Vec<f64>,
    pub orientation: Orientation,
}

impl<'a> Evidence<'a> {
    /// The parts that sets are made of.
    pub(super) fn parts(&self) -> Vec<String> {
        match (self.results, self.scores) {
            (Some(results), _) => {
                let parts = results.partitions.iter().filter(|partition| partition.union_of.is_empty());
                parts.map(|partition| partition.id.clone()).collect()
            }
            (None, Some(scores)) => scores.partition_names().into_iter().map(str::to_string).collect(),
            (None, None) => Vec::new(),
        }
    }

    /// The set that is made of exactly these parts, if the results describe it.
    pub(super) fn partition(&self, parts: &[String]) -> Option<&'a PartitionFacts> {
        self.results?.partitions.iter().find(|partition| same_parts(partition, parts))
    }

    fn is_set(&self, partition: &str, parts: &[String]) -> bool {
        self.results.is_some_and(|results| results.partition(partition).is_some_and(|facts| same_parts(facts, parts)))
    }

    /// The binary outcome that class counts are of: the declared one, or the first of the study.
    pub(super) fn main_outcome(&self, declared: Option<&str>) -> Option<String> {
        if let Some(declared) = declared {
            return Some(declared.to_string());
        }
        if let Some(results) = self.results {
            let first = results.outcomes.iter().find(|outcome| outcome.kind == OutcomeKind::Binary);
            return first.map(|outcome| outcome.id.clone());
        }
        None
    }

    /// Subjects of a set, and those with the event.
    pub(super) fn class_counts(&self, parts: &[String], outcome: Option<&str>) -> Option<ClassCounts> {
        if let Some(partition) = self.partition(parts) {
            let main = self.main_outcome(outcome);
            let events = partition.outcomes.iter().find(|facts| Some(&facts.outcome) == main.as_ref());
            return Some(ClassCounts { n: partition.n, positive: events.map(|facts| facts.events) });
        }
        if let Some(results) = self.results {
            // Disjoint parts, each of which is described.
            let described: Option<Vec<&PartitionFacts>> = parts.iter().map(|part| results.partition(part)).collect();
            if let Some(described) = described {
                let main = self.main_outcome(outcome);
                let events = |facts: &&PartitionFacts| {
                    facts.outcomes.iter().find(|facts| Some(&facts.outcome) == main.as_ref()).map(|facts| facts.events)
                };
                let positive: Option<Vec<usize>> = described.iter().map(events).collect();
                return Some(ClassCounts {
                    n: described.iter().map(|facts| facts.n).sum(),
                    positive: positive.map(|counts| counts.iter().sum()),
                });
            }
        }
        let scores = self.scores?;
        let rows = scores.rows(parts);
        let positive = scores.binary(outcome).map(|values| rows.iter().filter(|row| values[**row]).count());
        (!rows.is_empty()).then_some(ClassCounts { n: rows.len(), positive })
    }

    /// The performance of a model in a set, in each analysis that judges it there, each perhaps at another threshold; `analysis`
    /// restricts it to one of them.
    pub(super) fn judged(&self, model: &str, parts: &[String], analysis: Option<&str>) -> Vec<&'a PerformanceRow> {
        let rows = self.analyses(analysis).filter_map(|outcome| match outcome {
            AnalysisOutcome::Performance(analysis) => {
                analysis.rows.iter().find(|row| row.model == model && self.is_set(&row.partition, parts))
            }
            _ => None,
        });
        rows.collect()
    }

    pub(super) fn calibrated(
        &self,
        model: &str,
        parts: &[String],
        analysis: Option<&str>,
    ) -> Option<&'a CalibrationRow> {
        self.analyses(analysis).find_map(|outcome| match outcome {
            AnalysisOutcome::Calibration(analysis) => {
                analysis.rows.iter().find(|row| row.model == model && self.is_set(&row.partition, parts))
            }
            _ => None,
        })
    }

    /// Every comparison of AUCs.
    pub(super) fn comparisons(&self, analysis: Option<&str>) -> impl Iterator<Item = &'a Comparison> {
        self.analyses(analysis).filter_map(|outcome| match outcome {
            AnalysisOutcome::Comparison(comparison) => Some(comparison),
            _ => None,
        })
    }

    /// All analyses with a result, or the one of this id.
    pub(super) fn analyses(&self, id: Option<&str>) -> impl Iterator<Item = &'a AnalysisOutcome> {
        let id = id.map(str::to_string);
        let all = self.results.map_or(&[][..], |results| &results.analyses);
        all.iter()
            .filter(move |analysis| id.as_ref().is_none_or(|id| *id == analysis.id))
            .map(|analysis| &analysis.outcome)
    }

    /// A partition of an analysis is the set that is asked for.
    pub(super) fn is_partition(&self, partition: &str, parts: &[String]) -> bool {
        self.is_set(partition, parts)
    }

    /// The scores of a model in a set. The error says why there are none.
    pub(super) fn sample(&self, model: &str, parts: &[String], outcome: Option<&str>) -> Result<Sample, String> {
        let Some(scores) = self.scores else { return Err("it takes the scores, which are not at hand".to_string()) };
        let Some(column) = scores.scores.get(model) else { return Err(format!("there is no column `score_{model}`")) };
        let main = self.main_outcome(outcome);
        let Some(values) = scores.binary(main.as_deref()) else {
            return Err("which outcome the scores are for is not declared (`match: {outcome: …}`)".to_string());
        };
        let rows = scores.rows(parts);
        if rows.is_empty() {
            return Err(format!("no subject is in {}", parts.join("+")));
        }
        Ok(Sample {
            outcome: rows.iter().map(|row| values[*row]).collect(),
            score: rows.iter().map(|row| column.scores[*row]).collect(),
            orientation: column.orientation,
        })
    }

    /// The 2 × 2 counts of a model's calls at a declared threshold: a number, or "youden", chosen on the training part.
    pub(super) fn calls(
        &self,
        model: &str,
        sample: &Sample,
        declared: &str,
        outcome: Option<&str>,
    ) -> Result<ConfusionMatrix, String> {
        let threshold = match declared.parse::<f64>() {
            Ok(value) => value,
            Err(_) => {
                let training = self.sample(model, &["training".to_string()], outcome)?;
                rule::choose(ThresholdRule::Youden, &training.outcome, &training.score, training.orientation)
                    .map_err(|error| format!("no threshold can be chosen on the training part: {error}"))?
                    .threshold
            }
        };
        ConfusionMatrix::at(&sample.outcome, &sample.score, sample.orientation, threshold)
            .map_err(|error| error.to_string())
    }
}

#[derive(Clone, Copy, Debug)]
pub(super) struct ClassCounts {
    pub n: usize,
    pub positive: Option<usize>,
}

fn same_parts(partition: &PartitionFacts, parts: &[String]) -> bool {
    let own: Vec<&str> = if partition.union_of.is_empty() {
        vec![partition.id.as_str()]
    } else {
        partition.union_of.iter().map(String::as_str).collect()
    };
    own.len() == parts.len() && parts.iter().all(|part| own.contains(&part.as_str()))
}
