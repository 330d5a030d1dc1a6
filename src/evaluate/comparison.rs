//! Paired DeLong tests of every model against the reference, per partition.

use super::{Context, EvaluateError, pick};
use crate::results::{Comparison, ComparisonRow};
use crate::spec::raw::{RawAdjustment, RawStatistic};
use crate::stats::StatsError;
use crate::stats::comparison::delong::paired_delong;
use crate::stats::multiplicity::{MultiplicityMethod, adjust};

pub(super) fn evaluate(context: Context<'_>, statistic: &RawStatistic) -> Result<Comparison, EvaluateError> {
    let RawStatistic::Comparison { outcome, reference, models, partitions, level, adjust: adjustment } = statistic
    else {
        return Err(EvaluateError::Other("not a comparison".to_string()));
    };
    let others: Vec<String> =
        context.study.models_of(outcome, models.as_ref()).into_iter().filter(|model| model != reference).collect();
    let mut rows = Vec::new();
    for partition in partitions {
        let mut family = Vec::new();
        for model in &others {
            let row = compare(context, outcome, reference, model, partition, *level).map_err(|source| {
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
    }
    let family = format!("over the {} comparisons within a partition", others.len());
    Ok(Comparison {
        outcome: outcome.clone(),
        level: *level,
        reference: reference.clone(),
        adjustment: name_of(*adjustment).map(|name| format!("{name}, {family}")),
        rows,
    })
}

fn compare(
    context: Context<'_>,
    outcome: &str,
    reference: &str,
    model: &str,
    partition: &str,
    level: f64,
) -> Result<ComparisonRow, StatsError> {
    let rows = context.rows(partition);
    let outcome = context.predictions.binary(outcome, &rows);
    let (Some(first), Some(second)) = (context.predictions.model(reference), context.predictions.model(model)) else {
        return Err(StatsError::Empty { what: "the model's scores" });
    };
    let compared = paired_delong(
        &outcome,
        &pick(&first.scores, &rows),
        first.orientation,
        &pick(&second.scores, &rows),
        second.orientation,
        level,
    )?;
    Ok(ComparisonRow {
        partition: partition.to_string(),
        model: model.to_string(),
        n: rows.len(),
        auc_reference: compared.auc_a.value,
        auc_model: compared.auc_b.value,
        difference: compared.difference,
        test: compared.test,
        adjusted_p_value: None,
    })
}

fn to_method(adjustment: RawAdjustment) -> Option<MultiplicityMethod> {
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
