//! Events that compete and happen at the same time: which one counts is a rule, so that it was applied is told, and how often.

use super::notices::{note, quoted, warning};
use crate::cohort::Cohort;
use crate::results::Notice;
use crate::spec::raw::RawStatistic;
use crate::spec::{Diagnostic, Study};
use indexmap::IndexMap;

/// Outcomes that compete in an analysis, in the order of their declaration, which is their rank where they coincide.
struct Competitors<'a> {
    analysis: &'a str,
    outcomes: Vec<&'a String>,
}

fn competitors(study: &Study) -> Vec<Competitors<'_>> {
    let mut found: Vec<Competitors<'_>> = Vec::new();
    for (id, statistic) in &study.spec.statistics {
        let (outcome, others) = match statistic {
            RawStatistic::CumulativeIncidence(declared) => (&declared.outcome, &declared.competing),
            RawStatistic::FineGray(declared) => (&declared.outcome, &declared.competing),
            _ => continue,
        };
        let mut outcomes: Vec<&String> = std::iter::once(outcome).chain(others).collect();
        outcomes.sort_by_key(|name| study.spec.outcomes.get_index_of(name.as_str()));
        if !found.iter().any(|known| known.outcomes == outcomes) {
            found.push(Competitors { analysis: id, outcomes });
        }
    }
    found
}

/// For each outcome its events, and how many of them come at the time of an event of higher rank.
fn overtaken(cohort: &Cohort, outcomes: &[&String]) -> Vec<(usize, usize)> {
    let columns: Vec<_> = outcomes.iter().filter_map(|name| cohort.survival(name)).collect();
    let mut counts = Vec::new();
    for (rank, column) in columns.iter().enumerate() {
        let happens = |row: &usize| column.event[*row];
        let is_overtaken = |row: &usize| {
            columns[..rank].iter().any(|before| before.event[*row] && before.time[*row] == column.time[*row])
        };
        let events: Vec<usize> = (0..cohort.n()).filter(happens).collect();
        counts.push((events.len(), events.iter().filter(|row| is_overtaken(row)).count()));
    }
    counts
}

/// How many subjects have two competing events at one time.
pub(super) fn notices(study: &Study, cohort: &Cohort) -> Vec<Notice> {
    let mut notices = Vec::new();
    for Competitors { outcomes, .. } in competitors(study) {
        let twice: usize = overtaken(cohort, &outcomes).iter().map(|(_, overtaken)| overtaken).sum();
        if twice == 0 {
            continue;
        }
        let names: Vec<String> = outcomes.iter().map(|name| format!("`{name}`")).collect();
        // Of few the number is not told.
        let is_small = study.spec.report.privacy.minimum_cell.is_some_and(|minimum| twice < minimum);
        let subjects = match twice {
            _ if is_small => "some events come".to_string(),
            1 => "1 event comes".to_string(),
            _ => format!("{twice} events come"),
        };
        notices.push(warning(
            "analysis/simultaneous-events",
            format!(
                "Of the competing outcomes {}, {subjects} at the same time as another of the same subject. The one that is declared first counts, in every analysis of them; where one is meant to exclude the other, its `event` should say so.",
                names.join(", ")
            ),
        ));
    }
    notices
}

/// Analyses of an outcome that has competing events in another analysis, and that take those for the end of follow-up.
pub(super) fn censored(study: &Study) -> Vec<Notice> {
    let mut rivals: IndexMap<&str, Vec<&str>> = IndexMap::new();
    for statistic in study.spec.statistics.values() {
        let (outcome, others) = match statistic {
            RawStatistic::CumulativeIncidence(declared) => (&declared.outcome, &declared.competing),
            RawStatistic::FineGray(declared) => (&declared.outcome, &declared.competing),
            _ => continue,
        };
        let known = rivals.entry(outcome).or_default();
        for other in others.iter().map(String::as_str) {
            if !known.contains(&other) {
                known.push(other);
            }
        }
    }
    let censoring = rivals.iter().filter_map(|(outcome, others)| {
        let (mut analyses, mut means) = (Vec::new(), Vec::new());
        for (id, statistic) in &study.spec.statistics {
            let meaning = match statistic {
                RawStatistic::KaplanMeier { outcome: of, .. } if of == outcome => {
                    "a curve is not the share of subjects who stay free of the event"
                }
                RawStatistic::Cox { outcome: of, .. } if of == outcome => "a hazard ratio is of the cause-specific hazard",
                _ => continue,
            };
            analyses.push(id.as_str());
            if !means.contains(&meaning) {
                means.push(meaning);
            }
        }
        let (noun, verb) = if analyses.len() == 1 { ("The analysis", "takes") } else { ("The analyses", "take") };
        let event = if others.len() == 1 { "event" } else { "events" };
        (!analyses.is_empty()).then(|| {
            note(
                "analysis/competing-censored",
                format!(
                    "{noun} {} of `{outcome}` {verb} the competing {event} {} for the end of follow-up (censored): there {}.",
                    quoted(&analyses),
                    quoted(others),
                    means.join(", and ")
                ),
            )
        })
    });
    censoring.collect()
}

/// An outcome all of whose events come with one of higher rank could never happen.
pub(super) fn without_event(study: &Study, cohort: &Cohort) -> Vec<Diagnostic> {
    let mut problems: Vec<Diagnostic> = Vec::new();
    for Competitors { analysis, outcomes } in competitors(study) {
        let counts = overtaken(cohort, &outcomes);
        let whole = outcomes.iter().zip(&counts).filter(|(_, (events, overtaken))| *events > 0 && events == overtaken);
        for (name, (events, _)) in whole {
            let message = format!(
                "every event of `{name}` ({events}) comes at the time of another outcome's that it competes with, so that none of them counts"
            );
            let place = study.place(&format!("outcomes/{name}/event"));
            if !problems.iter().any(|known| known.message == message) {
                problems.push(Diagnostic::error("data/simultaneous-events", message, place).with_help(format!(
                    "`{analysis}` needs outcomes of which one does not hold the other: `event` says when it is this one and no other, such as: died = 1 AND relapsed = 0"
                )));
            }
        }
    }
    problems
}
