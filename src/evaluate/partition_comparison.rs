//! Each model's AUC in two partitions of different subjects.

use super::performance::bootstrap_options;
use super::{Context, EvaluateError, pick};
use crate::results::{PartitionComparison, PartitionComparisonRow};
use crate::spec::raw::{RawAucTest, RawPartitionComparison};
use crate::stats::comparison::bootstrap::unpaired_bootstrap_auc;
use crate::stats::comparison::unpaired_delong::{ScoredSample, unpaired_delong};

pub(super) fn evaluate(
    context: Context<'_>,
    declared: &RawPartitionComparison,
) -> Result<PartitionComparison, EvaluateError> {
    let RawPartitionComparison { outcome, level, partitions: [first, second], .. } = declared;
    let (rows_first, rows_second) = (context.rows(first), context.rows(second));
    let outcome_first = context.predictions.binary(outcome, &rows_first);
    let outcome_second = context.predictions.binary(outcome, &rows_second);
    let mut rows = Vec::new();
    for model in context.models_of(outcome, declared.models.as_ref())? {
        let column = context.model(&model)?;
        let orientation = column.orientation;
        let (score_first, score_second) = (pick(&column.scores, &rows_first), pick(&column.scores, &rows_second));
        let a = ScoredSample { outcome: &outcome_first, score: &score_first, orientation };
        let b = ScoredSample { outcome: &outcome_second, score: &score_second, orientation };
        let row = match (declared.test, &declared.bootstrap) {
            (RawAucTest::Bootstrap, Some(bootstrap)) => {
                let options = bootstrap_options(bootstrap, *level);
                unpaired_bootstrap_auc(a, b, &options, context.seed.child(&model)).map(|compared| {
                    PartitionComparisonRow {
                        model: model.clone(),
                        auc_first: compared.auc_a,
                        auc_second: compared.auc_b,
                        difference: compared.difference,
                        test: compared.test,
                    }
                })
            }
            _ => unpaired_delong(a, b, *level).map(|compared| PartitionComparisonRow {
                model: model.clone(),
                auc_first: compared.auc_a,
                auc_second: compared.auc_b,
                difference: compared.difference,
                test: compared.test,
            }),
        };
        rows.push(row.map_err(|source| EvaluateError::Within {
            partition: format!("{first} or the {second}"),
            what: format!("model `{model}`"),
            source,
        })?);
    }
    Ok(PartitionComparison {
        outcome: outcome.clone(),
        level: *level,
        first: first.clone(),
        second: second.clone(),
        rows,
    })
}
