//! Which of several events came first.

use super::{Context, EvaluateError, pick};
use crate::spec::raw::RawOutcome;
use crate::stats::survival::competing_risks::CompetingRisksData;

/// The time of the first event, or of the end of follow-up, with its cause: 0 censored, 1 the event of interest, 2 and on
/// the competing ones.
pub(super) struct Competing {
    pub time: Vec<f64>,
    pub cause: Vec<usize>,
    causes: usize,
}

impl Competing {
    pub fn of(&self, rows: &[usize]) -> Self {
        Self { time: pick(&self.time, rows), cause: pick(&self.cause, rows), causes: self.causes }
    }

    pub fn data(&self) -> CompetingRisksData<'_> {
        CompetingRisksData::new(&self.time, &self.cause, self.causes)
    }
}

/// Follow-up ends with the earliest of the outcomes' times: after it, one of them is not known. Of events at that time the one
/// that the study declares first under `outcomes` counts, whichever is the event of interest, so that every analysis has the
/// same first events.
pub(super) fn competing(
    context: Context<'_>,
    outcome: &str,
    others: &[String],
    rows: &[usize],
) -> Result<Competing, EvaluateError> {
    let names: Vec<&str> = std::iter::once(outcome).chain(others.iter().map(String::as_str)).collect();
    let unit = |name: &str| match context.study.spec.outcomes.get(name) {
        Some(RawOutcome::Survival { report_in, .. }) => Some(*report_in),
        _ => None,
    };
    if names.iter().any(|name| unit(name) != unit(outcome)) {
        return Err(EvaluateError::Other("the outcomes are reported in different units".to_string()));
    }
    let columns: Vec<_> = names.iter().map(|name| context.predictions.survival(name, rows)).collect();
    let declared = |name: &str| context.study.spec.outcomes.get_index_of(name);
    let mut in_order: Vec<usize> = (0..names.len()).collect();
    in_order.sort_by_key(|position| declared(names[*position]));
    let (mut time, mut cause) = (Vec::new(), Vec::new());
    for row in 0..rows.len() {
        let first = columns.iter().map(|column| column.time[row]).fold(f64::INFINITY, f64::min);
        let happens = |position: &usize| columns[*position].event[row] && columns[*position].time[row] <= first;
        let happened = in_order.iter().copied().find(happens);
        time.push(first);
        cause.push(happened.map_or(0, |position| position + 1));
    }
    Ok(Competing { time, cause, causes: names.len() })
}
