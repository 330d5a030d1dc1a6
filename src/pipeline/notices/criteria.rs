//! Criteria that select on the outcome: who is analysed then depends on what was not known when care was given.

use super::{quoted, warning};
use crate::data::Expression;
use crate::results::Notice;
use crate::spec::Study;
use crate::spec::raw::RawCriterion;
use crate::split::leakage::{ancestors, definition};

/// Criteria of either file that read a column from which an outcome is made. One that asks only whether the value is missing
/// does not select by it, and a study cannot do without: a subject whose outcome is missing has to be left out.
pub(super) fn notices(study: &Study) -> Vec<Notice> {
    let cohort = &study.spec.cohort;
    let external = study.spec.data.external.as_ref();
    let of_external = external.into_iter().flat_map(|external| external.include.iter().chain(&external.exclude));
    let criteria = cohort.include.iter().chain(&cohort.exclude).chain(of_external);
    let mut notices: Vec<Notice> = criteria.filter_map(|criterion| reads_an_outcome(study, criterion)).collect();
    notices.dedup();
    notices
}

fn reads_an_outcome(study: &Study, criterion: &RawCriterion) -> Option<Notice> {
    let mut columns: Vec<String> = Expression::columns_valued(&criterion.condition);
    // When somebody entered is known at the start, also where a follow-up time is counted from it.
    let entry = study.spec.split.temporal.as_ref().map(|temporal| &temporal.by);
    columns.retain(|column| Some(column) != entry);
    let mut shared: Vec<&str> = Vec::new();
    let mut outcomes: Vec<&str> = Vec::new();
    for outcome in study.spec.outcomes.keys() {
        let of_outcome: Vec<String> =
            definition(study, outcome).iter().flat_map(|part| ancestors(study, part, 0)).collect();
        let is_read = |column: &str| {
            let mut sources = ancestors(study, &crate::data::quoting::column_name(column), 0);
            sources.retain(|source| Some(source) != entry);
            sources.iter().any(|source| of_outcome.contains(source))
        };
        let read: Vec<&str> = columns.iter().map(String::as_str).filter(|column| is_read(column)).collect();
        if !read.is_empty() {
            outcomes.push(outcome);
        }
        for column in read {
            if !shared.contains(&column) {
                shared.push(column);
            }
        }
    }
    let noun = if outcomes.len() == 1 { "the outcome" } else { "the outcomes" };
    let verb = if outcomes.len() == 1 { "is" } else { "are" };
    (!outcomes.is_empty()).then(|| {
        warning(
            "cohort/selects-on-outcome",
            format!(
                "The criterion `{}` reads {}, from which {noun} {} {verb} made: who is analysed then depends on what happened \
                 afterwards, and nobody can be selected like this at the time of prediction.",
                criterion.id,
                quoted(&shared),
                quoted(&outcomes)
            ),
        )
    })
}
