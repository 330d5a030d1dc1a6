//! `match:`, the paper's names and what the study calls the same things. It is needed only where the two differ, and only
//! when printed numbers are set beside recomputed ones.
//!
//! ```yaml
//! match:
//!   outcome: lnm
//!   models: {combined_model: fused}
//!   cohorts: {train: training, internal: [training, validation]}
//!   variables: {age_years: age, size_gt50: "size: > 50 mm"}
//!   levels: {gender: {f: Female, m: Male}}
//!   groups: {high: "Predicted high risk"}
//!   sections: {table_3: performance}
//!   thresholds: {fused: "0.41", clinical: youden}
//!   orientations: {reader: lower_is_risk}
//! ```

use super::diagnostic::Diagnostic;
use super::fields::{Fields, Reader};
use super::tree::{self, Node};

/// What a counterpart is declared for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Outcome,
    Model,
    Cohort,
    Variable,
    /// The paper's name is "row/level".
    Level,
    Group,
    /// A section of the paper and the analysis of the study that it prints.
    Section,
    /// Of a model, by the study's name: a number, or "youden".
    Threshold,
    Orientation,
}

impl Kind {
    /// As the file calls it.
    pub fn key(self) -> &'static str {
        match self {
            Kind::Outcome => "outcome",
            Kind::Model => "models",
            Kind::Cohort => "cohorts",
            Kind::Variable => "variables",
            Kind::Level => "levels",
            Kind::Group => "groups",
            Kind::Section => "sections",
            Kind::Threshold => "thresholds",
            Kind::Orientation => "orientations",
        }
    }
}

/// One of the paper's names and what the study calls it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counterpart {
    pub kind: Kind,
    pub paper: String,
    /// Several parts make up one cohort; anything else is one name.
    pub ours: Vec<String>,
    pub line: usize,
    pub column: usize,
}

/// All declared counterparts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matching {
    pub counterparts: Vec<Counterpart>,
}

impl Matching {
    pub fn find(&self, kind: Kind, paper: &str) -> Option<&Counterpart> {
        self.counterparts.iter().find(|counterpart| counterpart.kind == kind && counterpart.paper == paper)
    }

    /// The single name that is declared.
    pub fn name(&self, kind: Kind, paper: &str) -> Option<&str> {
        self.find(kind, paper).and_then(|counterpart| counterpart.ours.first()).map(String::as_str)
    }

    /// Takes over what another file declares; its word goes before what was there.
    pub fn override_with(&mut self, mut other: Matching) {
        other.counterparts.append(&mut self.counterparts);
        self.counterparts = other.counterparts;
    }
}

/// Reads a file that holds nothing but counterparts, with or without `match:` around them.
pub fn parse(text: &str) -> Result<Matching, Vec<Diagnostic>> {
    let tree = tree::read(text).map_err(|problem| vec![problem])?;
    let mut reader = Reader::default();
    reader.register(&tree);
    let node = match &tree.content {
        tree::Content::Mapping(entries) => match entries.as_slice() {
            [only] if only.key == "match" => &only.value,
            _ => &tree,
        },
        _ => &tree,
    };
    let matching = read(node, &mut reader);
    if reader.diagnostics.is_empty() { Ok(matching) } else { Err(reader.diagnostics) }
}

pub(super) fn read(node: &Node, reader: &mut Reader) -> Matching {
    let mut matching = Matching::default();
    let Some(mut fields) = Fields::of(node, "match", reader) else { return matching };
    if let Some(node) = fields.get("outcome") {
        add(&mut matching, Kind::Outcome, String::new(), node, reader);
    }
    for kind in [Kind::Model, Kind::Cohort, Kind::Variable, Kind::Group, Kind::Section, Kind::Threshold] {
        if let Some(node) = fields.get(kind.key())
            && let Some(entries) = Fields::of(node, kind.key(), reader)
        {
            for entry in entries.others() {
                add(&mut matching, kind, entry.key.clone(), &entry.value, reader);
            }
        }
    }
    if let Some(node) = fields.get("levels")
        && let Some(rows) = Fields::of(node, "levels", reader)
    {
        for row in rows.others() {
            if let Some(levels) = Fields::of(&row.value, "the levels of a row", reader) {
                for level in levels.others() {
                    let paper = format!("{}/{}", row.key, level.key);
                    add(&mut matching, Kind::Level, paper, &level.value, reader);
                }
            }
        }
    }
    if let Some(node) = fields.get("orientations")
        && let Some(entries) = Fields::of(node, "orientations", reader)
    {
        for entry in entries.others() {
            add(&mut matching, Kind::Orientation, entry.key.clone(), &entry.value, reader);
            let word = matching.name(Kind::Orientation, &entry.key).unwrap_or_default();
            if !["higher_is_risk", "lower_is_risk"].contains(&word) {
                let help = "known: higher_is_risk, lower_is_risk".to_string();
                reader.problem(&entry.value, format!("`{word}` is no orientation"), Some(help));
            }
        }
    }
    for counterpart in &matching.counterparts {
        let is_threshold = counterpart.kind == Kind::Threshold;
        if is_threshold && counterpart.ours.iter().any(|text| text != "youden" && text.parse::<f64>().is_err()) {
            reader.diagnostics.push(Diagnostic {
                message: format!("the threshold of `{}` is no number", counterpart.paper),
                line: counterpart.line,
                column: counterpart.column,
                help: Some("write a number, or `youden` for the largest Youden index on the training part".into()),
            });
        }
    }
    fields.finish("match", reader);
    matching
}

fn add(matching: &mut Matching, kind: Kind, paper: String, node: &Node, reader: &mut Reader) {
    // Only cohorts are sums of parts: a list, or "training+validation".
    let ours = match kind {
        Kind::Cohort => {
            reader.names(node).iter().flat_map(|name| name.split('+')).map(|part| part.trim().into()).collect()
        }
        _ => reader.text(node).into_iter().collect(),
    };
    let place = node.position;
    matching.counterparts.push(Counterpart { kind, paper, ours, line: place.line, column: place.column });
}
