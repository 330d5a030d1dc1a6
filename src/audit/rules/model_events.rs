//! V505: events of a term of a regression model, against its subjects and the model's events.

use super::Rule;
use crate::audit::finding::{Finding, Sink, Verdict};
use crate::audit::reported::{Body, Figure, Regression, RegressionModel, Reported, Term};
use crate::audit::statement::Statement;

const CODE: &str = "V505";

pub const RULE: Rule = Rule {
    code: CODE,
    name: "model-events",
    checks: "that a term of a logistic or Cox model that prints its own numbers has no more events than subjects, and than the model",
    why: "A subject has one event at most, and those of a part are among those of all.",
    example: "743 events in 300 men of a model with 258 events in 500 subjects",
    silent: "(it asks) for more events than subjects in a whole model, or in a term where the model's own numbers are not printed: events may \
             recur, or be of visits; for a term with more subjects than the model, which is of another sample; for other models and units \
             (`unit:`)",
    strongest: Verdict::Inconsistent,
    run,
};

fn run(reported: &Reported, sink: &mut Sink) {
    for section in &reported.sections {
        let Body::Regression(table) = &section.body else { continue };
        if !matches!(table.model, Some(RegressionModel::Logistic | RegressionModel::Cox)) || table.unit.is_some() {
            continue;
        }
        let whole = Numbers::of(&table.events, &table.n);
        if let Some(whole) = &whole {
            whole.look(sink);
        }
        for term in &table.terms {
            examine(&section.name, table, term, whole.as_ref(), sink);
        }
    }
}

/// Events and subjects, as printed.
struct Numbers<'a> {
    events: (&'a Figure, i128),
    n: (&'a Figure, i128),
}

impl<'a> Numbers<'a> {
    fn of(events: &'a Option<Figure>, n: &'a Option<Figure>) -> Option<Self> {
        let read = |figure: &'a Option<Figure>| figure.as_ref().and_then(|figure| Some((figure, figure.integer()?)));
        Some(Self { events: read(events)?, n: read(n)? })
    }

    fn leaves(&self) -> Vec<usize> {
        vec![self.events.0.leaf, self.n.0.leaf]
    }

    fn look(&self, sink: &mut Sink) {
        if self.events.1 <= self.n.1 {
            sink.pass(CODE, self.leaves(), "no more events than subjects");
        } else {
            sink.undecidable(
                CODE,
                self.leaves(),
                "more events than subjects: do they recur, or are they of another unit (`unit:`)?",
            );
        }
    }
}

fn examine(section: &str, table: &Regression, term: &Term, whole: Option<&Numbers<'_>>, sink: &mut Sink) {
    let Some(own) = Numbers::of(&term.events, &term.n) else { return };
    // Where all subjects together have no more events than they are, and the part has more than all, nothing recurs.
    let certain = whole.is_some_and(|whole| {
        whole.events.1 <= whole.n.1 && own.n.1 <= whole.n.1 && own.events.1 > whole.events.1 && own.events.1 > own.n.1
    });
    let Some(all) = table.events.as_ref().filter(|_| certain) else {
        own.look(sink);
        return;
    };
    let message = format!("{} events in {} subjects, of {} events in all", own.events.1, own.n.1, all.text);
    let leaves = own.leaves().into_iter().chain([all.leaf]).collect();
    sink.finding(
        Finding::new(CODE, Verdict::Inconsistent, &format!("{section}/{}/events", term.id), leaves, message)
            .assuming("a subject has one event at most")
            .stating(Statement::Order { low: own.events.0.leaf, high: own.n.0.leaf }),
    );
}
