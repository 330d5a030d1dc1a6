//! Delayed entry: from when each subject is under observation.

use super::{Context, EvaluateError};
use crate::data::VariableData;
use crate::spec::raw::RawOutcome;

/// For every subject of the cohort the time from which it is under observation, in the outcome's reported unit.
pub(super) fn entry_times(
    context: Context<'_>,
    outcome: &str,
    variable: &str,
) -> Result<Vec<Option<f64>>, EvaluateError> {
    let (Some(RawOutcome::Survival { unit, report_in, .. }), Some(VariableData::Continuous(values))) =
        (context.study.spec.outcomes.get(outcome), context.cohort.variables.get(variable))
    else {
        return Err(EvaluateError::Other(format!("`{variable}` holds no times of `{outcome}`")));
    };
    let factor = unit.days() / report_in.days();
    Ok(values.iter().map(|value| value.map(|value| value * factor)).collect())
}

/// Every subject is under observation for some time. The message has no number and no place: it is printed with the results.
pub(super) fn require_observed(
    entry: &[f64],
    end: &[f64],
    variable: &str,
    partition: &str,
) -> Result<(), EvaluateError> {
    if entry.iter().zip(end).all(|(entry, end)| entry < end) {
        return Ok(());
    }
    Err(EvaluateError::Other(format!(
        "`{variable}` is not before the end of follow-up for every subject of `{partition}`: those who were never under \
         observation have to be excluded, or to be given no value"
    )))
}
