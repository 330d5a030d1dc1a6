//! Paired comparison of every model's AUC with the reference's, per partition, and of all AUCs together.

use super::clusters::clusters_of_all;
use super::metric_comparison::not_inferior;
use super::performance::bootstrap_options;
use super::{Context, EvaluateError, pick};
use crate::predictions::ScoreColumn;
use crate::results::{Comparison, ComparisonRow, DeclaredClaim, OverallTest};
use crate::spec::raw::{RawAdjustment, RawAucTest, RawClaim, RawStatistic};
use crate::stats::StatsError;
use crate::stats::comparison::bootstrap::paired_bootstrap_auc;
use crate::stats::comparison::clustered_delong::clustered_paired_delong;
use crate::stats::comparison::delong::paired_delong;
use crate::stats::comparison::delong_many::{ModelScore, delong_many};
use crate::stats::multiplicity::{MultiplicityMethod, adjust};
use crate::stats::resample::bootstrap::BootstrapOptions;

/// Subjects of the rarer class for each degree of freedom of the test that all AUCs are equal. With fewer the covariance of
/// the differences is so uncertain that the statistic is far larger than χ². Simulated without a difference, a test at 5%
/// rejects in 5 to 7% with five, in 12% with two, always with one.
const FEWEST_PER_DEGREE_OF_FREEDOM: usize = 5;

pub(super) fn evaluate(context: Context<'_>, statistic: &RawStatistic) -> Result<Comparison, EvaluateError> {
    let RawStatistic::Comparison {
        outcome,
        reference,
        models,
        partitions,
        level,
        adjust: adjustment,
        test,
        bootstrap,
        non_inferiority_margin,
        cluster,
        verdict,
    } = statistic
    else {
        return Err(EvaluateError::Other("not a comparison".to_string()));
    };
    let others: Vec<String> =
        context.models_of(outcome, models.as_ref())?.into_iter().filter(|model| model != reference).collect();
    let reference_column = context.model(reference)?;
    let options = match (test, bootstrap) {
        (RawAucTest::Bootstrap, Some(bootstrap)) => Some(bootstrap_options(bootstrap, *level)),
        _ => None,
    };
    let plan =
        Plan { context, outcome, level: *level, margin: *non_inferiority_margin, options, cluster: cluster.as_deref() };
    let mut rows = Vec::new();
    let mut overall = Vec::new();
    let mut too_few_for_all = Vec::new();
    for partition in partitions {
        let mut family = Vec::new();
        for model in &others {
            let rows = context.rows(partition);
            let cluster =
                plan.cluster.map(|variable| clusters_of_all(context, variable, partition, &rows)).transpose()?;
            let sample = Sample { partition, rows, cluster };
            let row = plan.compare(reference_column, model, context.model(model)?, sample).map_err(|source| {
                EvaluateError::Within { partition: partition.clone(), what: format!("model `{model}`"), source }
            })?;
            family.push(row);
        }
        if let Some(method) = to_method(*adjustment) {
            let raw: Vec<f64> = family.iter().map(|row| row.test.p_value).collect();
            for (row, adjusted) in family.iter_mut().zip(adjust(&raw, method)?) {
                row.adjusted_p_value = Some(adjusted);
            }
        }
        rows.extend(family);
        if others.len() > 1 && plan.cluster.is_none() {
            let columns: Vec<&ScoreColumn> = std::iter::once(Ok(reference_column))
                .chain(others.iter().map(|model| context.model(model)))
                .collect::<Result<_, _>>()?;
            if plan.are_too_few(columns.len(), partition) {
                too_few_for_all.push(partition.clone());
                continue;
            }
            overall.extend(plan.all_equal(&columns, partition).map_err(|source| EvaluateError::Within {
                partition: partition.clone(),
                what: "all models together".to_string(),
                source,
            })?);
        }
    }
    let mut comparison = Comparison {
        outcome: outcome.clone(),
        level: *level,
        reference: reference.clone(),
        adjustment: adjustment_in_words(*adjustment, others.len(), "within a partition"),
        verdict: verdict.map(to_claim),
        rows,
        overall,
        too_few_for_all,
    };
    comparison.judge();
    Ok(comparison)
}

pub(super) fn to_claim(claim: RawClaim) -> DeclaredClaim {
    match claim {
        RawClaim::Superior => DeclaredClaim::Superior,
        RawClaim::NonInferior => DeclaredClaim::NonInferior,
    }
}

/// "Holm, over the 4 comparisons within a partition"
pub(super) fn adjustment_in_words(adjustment: RawAdjustment, comparisons: usize, family: &str) -> Option<String> {
    name_of(adjustment).map(|name| format!("{name}, over the {comparisons} comparisons {family}"))
}

/// One declared comparison, to be carried out in each partition.
struct Plan<'a> {
    context: Context<'a>,
    outcome: &'a str,
    level: f64,
    margin: Option<f64>,
    /// Of the bootstrap test; `None` for DeLong's.
    options: Option<BootstrapOptions>,
    /// The variable that tells which rows belong together.
    cluster: Option<&'a str>,
}

/// The rows that are compared on.
struct Sample<'a> {
    partition: &'a str,
    rows: Vec<usize>,
    cluster: Option<Vec<usize>>,
}

impl Plan<'_> {
    fn compare(
        &self,
        reference: &ScoreColumn,
        model: &str,
        column: &ScoreColumn,
        Sample { partition, rows, cluster }: Sample<'_>,
    ) -> Result<ComparisonRow, StatsError> {
        let outcome = self.context.predictions.binary(self.outcome, &rows);
        // The difference is that of the model less the reference.
        let (ours, theirs) = (pick(&column.scores, &rows), pick(&reference.scores, &rows));
        let (auc_model, auc_reference, difference, test) = match (&self.options, &cluster) {
            (None, Some(cluster)) => {
                let compared = clustered_paired_delong(
                    &outcome,
                    cluster,
                    &ours,
                    column.orientation,
                    &theirs,
                    reference.orientation,
                    self.level,
                )?;
                (compared.auc_a, compared.auc_b, compared.difference, compared.test)
            }
            (None, None) => {
                let compared =
                    paired_delong(&outcome, &ours, column.orientation, &theirs, reference.orientation, self.level)?;
                (compared.auc_a, compared.auc_b, compared.difference, compared.test)
            }
            (Some(options), _) => {
                let seed = self.context.seed.child(model).child(partition);
                let compared = paired_bootstrap_auc(
                    &outcome,
                    &ours,
                    column.orientation,
                    &theirs,
                    reference.orientation,
                    options,
                    seed,
                )?;
                (compared.auc_a, compared.auc_b, compared.difference, compared.test)
            }
        };
        Ok(ComparisonRow {
            partition: partition.to_string(),
            model: model.to_string(),
            n: rows.len(),
            auc_reference: auc_reference.value,
            auc_model: auc_model.value,
            non_inferiority: not_inferior(&difference, self.margin, self.level)?,
            difference,
            test,
            adjusted_p_value: None,
            holds: None,
        })
    }

    /// DeLong's test that all AUCs are equal; `None` where their covariance leaves nothing to test.
    fn are_too_few(&self, models: usize, partition: &str) -> bool {
        let rows = self.context.rows(partition);
        let outcome = self.context.predictions.binary(self.outcome, &rows);
        let positives = outcome.iter().filter(|event| **event).count();
        positives.min(outcome.len() - positives) < FEWEST_PER_DEGREE_OF_FREEDOM * (models - 1)
    }

    fn all_equal(&self, columns: &[&ScoreColumn], partition: &str) -> Result<Option<OverallTest>, StatsError> {
        let rows = self.context.rows(partition);
        let outcome = self.context.predictions.binary(self.outcome, &rows);
        let scores: Vec<Vec<f64>> = columns.iter().map(|column| pick(&column.scores, &rows)).collect();
        let models: Vec<ModelScore<'_>> = scores
            .iter()
            .zip(columns)
            .map(|(score, column)| ModelScore { score, orientation: column.orientation })
            .collect();
        match delong_many(&outcome, &models, self.level) {
            Ok(compared) => Ok(Some(OverallTest {
                partition: partition.to_string(),
                measure: "AUC".to_string(),
                models: models.len(),
                test: compared.test,
            })),
            Err(StatsError::Undefined { .. } | StatsError::Collinear { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

pub(super) fn to_method(adjustment: RawAdjustment) -> Option<MultiplicityMethod> {
    Some(match adjustment {
        RawAdjustment::None => return None,
        RawAdjustment::Bonferroni => MultiplicityMethod::Bonferroni,
        RawAdjustment::Holm => MultiplicityMethod::Holm,
        RawAdjustment::Hochberg => MultiplicityMethod::Hochberg,
        RawAdjustment::BenjaminiHochberg => MultiplicityMethod::BenjaminiHochberg,
        RawAdjustment::BenjaminiYekutieli => MultiplicityMethod::BenjaminiYekutieli,
    })
}

fn name_of(adjustment: RawAdjustment) -> Option<&'static str> {
    Some(match adjustment {
        RawAdjustment::None => return None,
        RawAdjustment::Bonferroni => "Bonferroni",
        RawAdjustment::Holm => "Holm",
        RawAdjustment::Hochberg => "Hochberg",
        RawAdjustment::BenjaminiHochberg => "Benjamini-Hochberg",
        RawAdjustment::BenjaminiYekutieli => "Benjamini-Yekutieli",
    })
}
