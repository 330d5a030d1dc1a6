//! V902: dates against each other.

use super::Rule;
use crate::audit::finding::{Finding, Sink, Verdict};
use crate::audit::reported::{Body, DateEntry, DateSpan, Day, Reported};
use crate::audit::statement::Statement;

const CODE: &str = "V902";

pub const RULE: Rule = Rule {
    code: CODE,
    name: "dates",
    checks: "that spans run forwards, that a date printed twice is the same, and that a date which divides the subjects \
             lies within their enrolment and between the dates of the two sets",
    why: "A cut-off after the last enrolled subject divides nobody. Months and years without a day are taken as wide as \
          they can be.",
    example: "enrolment to October 2020, test set after a cut-off of January 2021",
    silent: "for dates of different names, and when a date cannot be read; for a cut-off that is not named as one of training, test \
             or validation, and that no set is before or after (it may end the follow-up)",
    strongest: Verdict::Inconsistent,
    run,
};

fn run(reported: &Reported, sink: &mut Sink) {
    let mut dates: Vec<&DateEntry> = Vec::new();
    for section in &reported.sections {
        if let Body::Dates(entries) = &section.body {
            dates.extend(entries);
        }
    }
    for entry in &dates {
        match &entry.span {
            DateSpan::Span { from, to } if from.earliest() > to.latest() => {
                let message = "the span ends before it begins".to_string();
                let leaf = entry.leaves.first().copied().unwrap_or(0);
                sink.finding(
                    Finding::new(CODE, Verdict::Inconsistent, &entry.name, entry.leaves.clone(), message)
                        .stating(Statement::DatesApart { first: leaf, second: leaf }),
                );
            }
            DateSpan::Unreadable => sink.undecidable(CODE, entry.leaves.clone(), "the date cannot be read"),
            _ => sink.pass(CODE, entry.leaves.clone(), "a date"),
        }
    }
    for (index, first) in dates.iter().enumerate() {
        for second in &dates[index + 1..] {
            if first.name == second.name && first.span != second.span {
                pair(first, second, sink);
            }
        }
    }
    within_enrolment(&dates, sink);
}

fn both(first: &DateEntry, second: &DateEntry) -> Vec<usize> {
    first.leaves.iter().chain(&second.leaves).copied().collect()
}

fn place(entry: &DateEntry) -> &str {
    entry.place.as_deref().unwrap_or("elsewhere")
}

fn shown(day: Day) -> String {
    match (day.month, day.day) {
        (Some(month), Some(d)) => format!("{}-{month:02}-{d:02}", day.year),
        (Some(month), None) => format!("{}-{month:02}", day.year),
        _ => day.year.to_string(),
    }
}

fn pair(first: &DateEntry, second: &DateEntry, sink: &mut Sink) {
    let message = match (&first.span, &second.span) {
        (DateSpan::Span { from: a, to: b }, DateSpan::Span { from: c, to: d }) => {
            let overlap = |x: &Day, y: &Day| x.earliest() <= y.latest() && y.earliest() <= x.latest();
            (!overlap(a, c) || !overlap(b, d)).then(|| {
                format!(
                    "{} to {} in {}, {} to {} in {}",
                    shown(*a),
                    shown(*b),
                    place(first),
                    shown(*c),
                    shown(*d),
                    place(second)
                )
            })
        }
        (DateSpan::CutOff(cut), DateSpan::Before { cohort, day })
        | (DateSpan::Before { cohort, day }, DateSpan::CutOff(cut)) => {
            // Everyone before the cut-off is in the set, so nobody lies between its last day and the cut-off's.
            (cut.latest() + 1 < day.earliest() || cut.earliest() > day.latest() + 1).then(|| {
                format!(
                    "the cut-off is {} in {}, but {cohort} is before {} in {}",
                    shown(*cut),
                    place(first),
                    shown(*day),
                    place(second)
                )
            })
        }
        (DateSpan::CutOff(cut), DateSpan::After { cohort, day })
        | (DateSpan::After { cohort, day }, DateSpan::CutOff(cut)) => {
            (cut.latest() + 1 < day.earliest() || cut.earliest() > day.latest() + 1).then(|| {
                format!(
                    "the cut-off is {} in {}, but {cohort} is after {} in {}",
                    shown(*cut),
                    place(first),
                    shown(*day),
                    place(second)
                )
            })
        }
        (DateSpan::CutOff(a), DateSpan::CutOff(b)) => (a.latest() < b.earliest() || b.latest() < a.earliest())
            .then(|| format!("{} in {}, {} in {}", shown(*a), place(first), shown(*b), place(second))),
        (DateSpan::Before { day: a, .. }, DateSpan::After { day: b, .. })
        | (DateSpan::After { day: b, .. }, DateSpan::Before { day: a, .. }) => {
            (a.earliest() > b.latest() + 1).then(|| "the two sets overlap in time".to_string())
        }
        _ => None,
    };
    if let Some(message) = message {
        let leaves = both(first, second);
        let key = format!("{}/{}", first.name, leaves.last().copied().unwrap_or(0));
        let statement = match leaves.as_slice() {
            [a, b] if matches!((&first.span, &second.span), (DateSpan::Span { .. }, DateSpan::Span { .. })) => {
                Statement::Differ { first: *a, second: *b }
            }
            [a, b] => Statement::DatesApart { first: *a, second: *b },
            _ => Statement::NotReplayable { why: "more than two dates".into() },
        };
        sink.finding(
            Finding::new(CODE, Verdict::Inconsistent, &key, leaves, message)
                .assuming("both dates are of one division")
                .stating(statement),
        );
    }
}

/// A cut-off that divides the subjects: one that a set is before or after, or that is named so. The end of follow-up or of
/// data entry is a cut-off too, and lies after the last subject.
fn divides(entry: &DateEntry, dates: &[&DateEntry]) -> bool {
    const STEMS: [&str; 7] = ["train", "test", "valid", "split", "division", "temporal", "develop"];
    let name = entry.name.to_lowercase();
    STEMS.iter().any(|stem| name.contains(stem))
        || dates.iter().any(|other| {
            other.name == entry.name && matches!(other.span, DateSpan::Before { .. } | DateSpan::After { .. })
        })
}

/// A cut-off must lie within the span named `enrolment`.
fn within_enrolment(dates: &[&DateEntry], sink: &mut Sink) {
    let Some((enrolment, from, to)) = dates.iter().find_map(|entry| match &entry.span {
        DateSpan::Span { from, to } if entry.name == "enrolment" => Some((entry, from, to)),
        _ => None,
    }) else {
        return;
    };
    for entry in dates {
        if let DateSpan::CutOff(cut) = &entry.span
            && divides(entry, dates)
            && (cut.earliest() > to.latest() + 1 || cut.latest() < from.earliest())
        {
            let message =
                format!("the cut-off {} lies outside the enrolment, {} to {}", shown(*cut), shown(*from), shown(*to));
            let key = format!("{}/enrolment", entry.name);
            let leaves = both(entry, enrolment);
            let statement = match leaves.as_slice() {
                [a, b] => Statement::DatesApart { first: *a, second: *b },
                _ => Statement::NotReplayable { why: "more than two dates".into() },
            };
            sink.finding(
                Finding::new(CODE, Verdict::Inconsistent, &key, leaves, message)
                    .assuming("subjects are divided by the date of their enrolment")
                    .stating(statement),
            );
        }
    }
}
