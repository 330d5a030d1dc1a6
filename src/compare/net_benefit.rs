//! Net benefit of either model over the declared thresholds, with the paired difference. An estimate here is the estimate of the
//! same threshold in the table of measures: one function makes both.

use super::CompareError;
use super::arrange::{Arranged, Scores};
use super::declaration::Declaration;
use super::difference::survival_net_benefit;
use super::facts::NetBenefitRow;
use crate::data::OutcomeData;
use crate::stats::survival::SurvivalData;
use crate::stats::utility::net_benefit::{decision_curve, net_benefit_difference};
use crate::stats::utility::survival_net_benefit::survival_decision_curve;

/// Nothing where a model gives no probability, or no risk by the horizon.
pub(super) fn rows(
    arranged: &Arranged,
    variant: &Scores,
    declaration: &Declaration,
) -> Result<Vec<NetBenefitRow>, CompareError> {
    match &arranged.subjects.outcome {
        OutcomeData::Binary(_) => of_binary(arranged, variant, declaration),
        OutcomeData::Survival { time, event } => {
            of_survival(&SurvivalData::new(time, event), arranged, variant, declaration)
        }
    }
}

fn of_survival(
    data: &SurvivalData<'_>,
    arranged: &Arranged,
    variant: &Scores,
    declaration: &Declaration,
) -> Result<Vec<NetBenefitRow>, CompareError> {
    let (Some(horizon), Some(risk), Some(_)) = (&arranged.horizon, &arranged.base.risk, &variant.risk) else {
        return Ok(Vec::new());
    };
    let failed =
        |source| CompareError::Measure { measure: "Net benefit".to_string(), model: variant.label.clone(), source };
    let curve = survival_decision_curve(data, risk, horizon.time, &declaration.net_benefit_at(), declaration.level);
    curve
        .map_err(failed)?
        .into_iter()
        .map(|point| {
            let found = survival_net_benefit(arranged, variant, declaration, point.threshold).map_err(failed)?;
            Ok(NetBenefitRow {
                threshold: point.threshold,
                treat_all: point.treat_all,
                base: found.base,
                variant: found.variant,
                difference: found.difference,
            })
        })
        .collect()
}

fn of_binary(
    arranged: &Arranged,
    variant: &Scores,
    declaration: &Declaration,
) -> Result<Vec<NetBenefitRow>, CompareError> {
    let Some(pair) = arranged.probabilities(variant) else { return Ok(Vec::new()) };
    let at = declaration.net_benefit_at();
    let failed =
        |source| CompareError::Measure { measure: "Net benefit".to_string(), model: variant.label.clone(), source };
    let base = decision_curve(pair.outcome, pair.base, &at).map_err(failed)?;
    let new = decision_curve(pair.outcome, pair.variant, &at).map_err(failed)?;
    let differences =
        net_benefit_difference(pair.outcome, pair.variant, pair.base, &at, declaration.level).map_err(failed)?;
    Ok(base
        .iter()
        .zip(&new)
        .zip(differences)
        .map(|((base, new), difference)| NetBenefitRow {
            threshold: base.threshold,
            treat_all: base.treat_all,
            base: base.net_benefit.value,
            variant: new.net_benefit.value,
            difference,
        })
        .collect())
}
