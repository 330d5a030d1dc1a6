//! Messages speak to the author of a spec, in the names of the spec. A reader of the report knows labels and the numbers of
//! tables: this puts those in the place of names in `backticks`, and what is no name of the study in quotes.

use super::names::{Names, list};
use crate::report::document::{Block, Footnote};
use crate::results::Results;

/// In notices, and in notes of tables and figures; all other text is in readers' words already.
pub fn translate(blocks: &mut [Block], results: &Results) {
    let names = Names { results };
    let change = |text: &mut String| {
        if text.contains('`') {
            *text = told(text, &names);
        }
    };
    for block in blocks {
        match block {
            Block::Notices { entries } => entries.iter_mut().for_each(|entry| change(&mut entry.text)),
            Block::Table(table) => {
                let footnotes = table.footnotes.iter_mut().map(|Footnote { text, .. }| text);
                table.notes.iter_mut().chain(footnotes).for_each(change);
            }
            Block::Figure(figure) => figure.notes.iter_mut().for_each(change),
            _ => {}
        }
    }
}

/// What a name is of, as the word before it says.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Model,
    Analysis,
    Criterion,
    Other,
}

/// The message with labels in the place of names.
pub fn told(message: &str, names: &Names) -> String {
    let mut parts = message.split('`');
    let mut text = parts.next().unwrap_or_default().to_string();
    let mut kind = kind_before(&text, Kind::Other);
    for (number, part) in parts.enumerate() {
        if number % 2 == 0 {
            text.push_str(&label(part, kind, names).unwrap_or_else(|| format!("“{part}”")));
        } else {
            kind = kind_before(part, kind);
            text.push_str(part);
        }
    }
    text
}

/// In a list every name is of the kind of the first.
fn kind_before(text: &str, last: Kind) -> Kind {
    if matches!(text, ", " | " and ") {
        return last;
    }
    match text.trim_end().rsplit([' ', '\u{a0}', '(']).next().unwrap_or_default().to_lowercase().as_str() {
        "model" | "models" => Kind::Model,
        "analysis" | "analyses" => Kind::Analysis,
        "criterion" => Kind::Criterion,
        _ => Kind::Other,
    }
}

fn label(name: &str, kind: Kind, names: &Names) -> Option<String> {
    let results = names.results;
    let model = || results.model(name).map(|model| format!("“{}”", model.label));
    let variable = || results.variable(name).map(|variable| format!("“{}”", variable.label));
    let outcome = || results.outcome(name).map(|outcome| format!("“{}”", outcome.label));
    let partition = || results.partition(name).map(|part| Names { results }.set(&part.id));
    let analysis = || {
        let labels = exhibits(name, results);
        (!labels.is_empty()).then(|| match kind {
            Kind::Analysis => format!("behind {}", list(&labels)),
            _ => list(&labels),
        })
    };
    let criterion = || {
        let flows = std::iter::once(&results.cohort).chain(results.external.as_ref().map(|external| &external.flow));
        let step = flows.flat_map(|flow| &flow.steps).find(|step| step.id == name);
        step.map(|step| format!("“{}”", step.says.trim_end_matches('.')))
    };
    match kind {
        Kind::Model => model(),
        Kind::Analysis => analysis(),
        Kind::Criterion => criterion(),
        Kind::Other => variable().or_else(outcome).or_else(model).or_else(partition).or_else(analysis),
    }
}

/// The tables and figures that show an analysis: "Table 3", "Figure S8A".
pub fn exhibits<'a>(analysis: &str, results: &'a Results) -> Vec<&'a str> {
    let items = results.layout.iter().filter(|item| item.of.as_deref() == Some(analysis) && !item.label.is_empty());
    let mut labels: Vec<&str> = Vec::new();
    for item in items {
        if !labels.contains(&item.label.as_str()) {
            labels.push(&item.label);
        }
    }
    labels
}
