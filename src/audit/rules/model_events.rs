//! V505: events of a regression model, or of a level in it, against its subjects.

use super::Rule;
use crate::audit::finding::{Finding, Sink, Verdict};
use crate::audit::reported::{Body, Figure, RegressionModel, Reported};
use crate::audit::statement::Statement;

const CODE: &str = "V505";

pub const RULE: Rule = Rule {
    code: CODE,
    name: "model-events",
    checks: "that a logistic or Cox model, and a term that prints its own numbers, has no more events than subjects",
    why: "In these models a subject has one event at most.",
    example: "743 events in 300 men",
    silent: "for other models, for tables of another unit (`unit:`), and for Cox models of events that recur, by their names",
    strongest: Verdict::Inconsistent,
    run,
};

fn run(reported: &Reported, sink: &mut Sink) {
    for section in &reported.sections {
        let Body::Regression(table) = &section.body else { continue };
        let names = [section.name.as_str(), section.label.as_deref().unwrap_or_default()];
        let one_event = match table.model {
            Some(RegressionModel::Logistic) => true,
            Some(RegressionModel::Cox) => !names.into_iter().any(may_recur),
            _ => false,
        };
        if !one_event || table.unit.is_some() {
            continue;
        }
        compare(&section.name, &table.events, &table.n, sink);
        for term in &table.terms {
            compare(&format!("{}/{}", section.name, term.id), &term.events, &term.n, sink);
        }
    }
}

/// Exacerbations, admissions and the like may come again, and each is an event of an Andersen-Gill model.
fn may_recur(name: &str) -> bool {
    const STEMS: [&str; 9] =
        ["recurrent", "repeat", "exacerbation", "episode", "andersen", "hospitali", "admission", "attack", "seizure"];
    STEMS.iter().any(|stem| name.to_lowercase().contains(stem))
}

fn compare(key: &str, events: &Option<Figure>, n: &Option<Figure>, sink: &mut Sink) {
    let (Some(events), Some(n)) = (events, n) else { return };
    let (Some(count), Some(size)) = (events.integer(), n.integer()) else { return };
    let leaves = vec![events.leaf, n.leaf];
    if count <= size {
        sink.pass(CODE, leaves, "no more events than subjects");
        return;
    }
    let message = format!("{count} events in {size} subjects");
    sink.finding(
        Finding::new(CODE, Verdict::Inconsistent, &format!("{key}/events"), leaves, message)
            .assuming("a subject has one event at most")
            .stating(Statement::Order { low: events.leaf, high: n.leaf }),
    );
}
