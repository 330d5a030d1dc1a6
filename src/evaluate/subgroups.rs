//! Performance of models within the levels of variables, and whether it is the same in all of them.

use super::baseline_table::test_by_size;
use super::threshold::{chosen_threshold, metric_facts, to_interval};
use super::{Context, EvaluateError, pick};
use crate::data::VariableData;
use crate::results::{SubgroupAnalysis, SubgroupInteraction, SubgroupRow};
use crate::spec::raw::{RawStatistic, RawSubgroups};
use crate::stats::baseline::contingency::ContingencyTable;
use crate::stats::comparison::heterogeneity::heterogeneity;
use crate::stats::discrimination::delong::delong_auc;
use crate::stats::random::Seed;
use crate::stats::threshold::{ConfusionMatrix, Metric, Proportion};
use crate::stats::{Estimate, Orientation, StatsError, Test};

pub(super) fn evaluate(context: Context<'_>, declared: &RawSubgroups) -> Result<SubgroupAnalysis, EvaluateError> {
    let RawSubgroups { outcome, partition, variables, thresholds_of, level, .. } = declared;
    let models = context.models_of(outcome, declared.models.as_ref())?;
    let metrics: Vec<Metric> = declared.metrics.iter().map(|metric| Metric::from(*metric)).collect();
    let rows = context.rows(partition);
    let mut analysis = SubgroupAnalysis {
        outcome: outcome.clone(),
        partition: partition.clone(),
        level: *level,
        models: models.clone(),
        variables: variables.clone(),
        metrics: metrics.iter().map(metric_facts).collect(),
        thresholds_of: thresholds_of.clone(),
        rows: Vec::new(),
        interactions: Vec::new(),
    };
    let mut judges = Vec::new();
    for model in &models {
        let column = context.model(model)?;
        let threshold = match thresholds_of.as_ref().and_then(|id| context.study.spec.statistics.get(id)) {
            Some(RawStatistic::Performance { threshold, .. }) => {
                Some(chosen_threshold(context, outcome, model, threshold)?)
            }
            _ => None,
        };
        judges.push(Judge {
            context,
            declared,
            metrics: &metrics,
            model,
            scores: &column.scores,
            orientation: column.orientation,
            threshold,
        });
    }
    let within = |source| EvaluateError::Within {
        partition: partition.clone(),
        what: "performance in subgroups".to_string(),
        source,
    };
    for judge in &judges {
        analysis.rows.push(judge.of(None, None, &rows).map_err(within)?.row);
    }
    for variable in variables {
        let Some(VariableData::Levels(levels)) = context.cohort.variables.get(variable.as_str()) else {
            return Err(EvaluateError::Other(format!("`{variable}` has no levels")));
        };
        let labels = context.study.spec.variables[variable.as_str()].levels.values();
        let mut judged: Vec<Vec<Judged>> = judges.iter().map(|_| Vec::new()).collect();
        for (level, label) in labels.enumerate() {
            let members: Vec<usize> = rows.iter().copied().filter(|row| levels[*row] == Some(level)).collect();
            if members.is_empty() {
                continue;
            }
            for (judge, judged) in judges.iter().zip(&mut judged) {
                judged.push(judge.of(Some(variable), Some(label), &members).map_err(within)?);
            }
        }
        let missing = rows.iter().filter(|row| levels[**row].is_none()).count();
        for (judge, judged) in judges.iter().zip(judged) {
            analysis.interactions.push(judge.interaction(variable, &judged, missing).map_err(within)?);
            analysis.rows.extend(judged.into_iter().map(|judged| judged.row));
        }
    }
    Ok(analysis)
}

/// One model, ready to be judged on any set of subjects.
struct Judge<'a> {
    context: Context<'a>,
    declared: &'a RawSubgroups,
    metrics: &'a [Metric],
    model: &'a String,
    /// Of every subject of the cohort.
    scores: &'a [f64],
    orientation: Orientation,
    threshold: Option<f64>,
}

/// A row with the counts behind its metrics, for the test between levels.
struct Judged {
    row: SubgroupRow,
    proportions: Vec<Option<Proportion>>,
}

impl Judge<'_> {
    fn of(&self, variable: Option<&String>, label: Option<&String>, rows: &[usize]) -> Result<Judged, StatsError> {
        let RawSubgroups { outcome, level, interval, .. } = self.declared;
        let outcome = self.context.predictions.binary(outcome, rows);
        let score = pick(self.scores, rows);
        let events = outcome.iter().filter(|event| **event).count();
        let both_classes = events > 0 && events < outcome.len();
        let confusion = self
            .threshold
            .map(|threshold| ConfusionMatrix::at(&outcome, &score, self.orientation, threshold))
            .transpose()?;
        let estimates = |confusion: &ConfusionMatrix| {
            self.metrics
                .iter()
                .map(|metric| metric.estimate(confusion, to_interval(*interval), *level))
                .collect::<Result<Vec<Option<Estimate>>, StatsError>>()
        };
        let proportions = |confusion: &ConfusionMatrix| {
            self.metrics.iter().map(|metric| metric.as_proportion(confusion)).collect::<Vec<_>>()
        };
        Ok(Judged {
            row: SubgroupRow {
                model: self.model.clone(),
                variable: variable.cloned(),
                level: label.cloned(),
                n: rows.len(),
                events,
                auc: if both_classes { Some(delong_auc(&outcome, &score, self.orientation, *level)?) } else { None },
                metrics: confusion.as_ref().map(estimates).transpose()?.unwrap_or_default(),
            },
            proportions: confusion.as_ref().map(proportions).unwrap_or_default(),
        })
    }

    fn interaction(
        &self,
        variable: &str,
        judged: &[Judged],
        missing: usize,
    ) -> Result<SubgroupInteraction, StatsError> {
        let certain = |estimate: &&Estimate| estimate.standard_error.is_some_and(|error| error > 0.0);
        let aucs: Vec<&Estimate> = judged.iter().filter_map(|judged| judged.row.auc.as_ref()).collect();
        // A level whose AUC has no standard error cannot be weighed: the others alone would be another question.
        let auc = if aucs.len() == judged.len() && aucs.len() > 1 && aucs.iter().all(certain) {
            Some(heterogeneity(&aucs)?)
        } else {
            None
        };
        let metrics = (0..self.metrics.len())
            .map(|metric| {
                let seed = self.context.seed.child(self.model).child(variable);
                equal_proportions(judged.iter().filter_map(|judged| judged.proportions.get(metric)?.as_ref()), seed)
            })
            .collect::<Result<Vec<_>, StatsError>>()?;
        Ok(SubgroupInteraction { model: self.model.clone(), variable: variable.to_string(), missing, auc, metrics })
    }
}

/// The test that proportions of different subjects are equal; `None` where there is nothing to compare.
fn equal_proportions<'a>(parts: impl Iterator<Item = &'a Proportion>, seed: Seed) -> Result<Option<Test>, StatsError> {
    let parts: Vec<&Proportion> = parts.collect();
    if parts.len() < 2 {
        return Ok(None);
    }
    let counts = parts.iter().map(|part| part.successes).chain(parts.iter().map(|part| part.n - part.successes));
    let table = ContingencyTable::new(2, parts.len(), counts.collect())?.without_empty();
    match test_by_size(&table, seed) {
        Ok(test) => Ok(Some(test)),
        Err(StatsError::Undefined { .. } | StatsError::TooFew { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}
