//! The paper's names and the study's. A name is matched when it is declared under `match:`, when it is the study's own name
//! or label (whatever its case and punctuation), or, for cohorts, when it is a word with one meaning.

use super::evidence::Evidence;
use crate::audit::reported::fields::nearest;
use crate::audit::reported::matching::{Counterpart, Kind, Matching};
use crate::audit::reported::{Diagnostic, Reported};
use crate::results::VariableFacts;
use crate::stats::Orientation;

/// Words for the parts of a study.
const PARTS: [(&str, &[&str]); 3] = [
    ("training", &["train", "training", "development", "derivation"]),
    ("validation", &["val", "valid", "validation", "tuning", "internalvalidation"]),
    ("test", &["test", "testing", "holdout", "temporaltest"]),
];

/// Looks names up.
pub struct Names<'a> {
    reported: &'a Reported,
    evidence: &'a Evidence<'a>,
}

impl<'a> Names<'a> {
    pub fn new(reported: &'a Reported, evidence: &'a Evidence<'a>) -> Self {
        Self { reported, evidence }
    }

    fn declared(&self, kind: Kind, paper: &str) -> Option<&'a str> {
        self.reported.matching.name(kind, paper)
    }

    /// The outcome that is declared for all.
    pub fn outcome(&self) -> Option<&'a str> {
        self.declared(Kind::Outcome, "")
    }

    /// The analysis that a section prints, where that is declared.
    pub fn analysis(&self, section: &str) -> Option<&'a str> {
        self.declared(Kind::Section, section)
    }

    pub fn threshold(&self, model: &str) -> Option<&'a str> {
        self.declared(Kind::Threshold, model)
    }

    fn models(&self) -> Vec<Named> {
        let mut models = Vec::new();
        if let Some(results) = self.evidence.results {
            models.extend(results.models.iter().map(|model| Named::new(&model.id, &model.label)));
        }
        if let Some(scores) = self.evidence.scores {
            let more = scores.scores.keys().filter(|id| models.iter().all(|model: &Named| model.id != **id));
            let more: Vec<Named> = more.map(|id| Named::new(id, id)).collect();
            models.extend(more);
        }
        models
    }

    /// The study's name of a model, or why there is none.
    pub fn model(&self, paper: &str) -> Result<String, String> {
        if let Some(declared) = self.declared(Kind::Model, paper) {
            return Ok(declared.to_string());
        }
        only(&self.models(), paper).ok_or_else(|| no_counterpart("model", paper, Kind::Model))
    }

    /// The parts of the study that make up one of the paper's cohorts.
    pub fn cohort(&self, paper: &str) -> Result<Vec<String>, String> {
        self.parts_of(paper, 0).ok_or_else(|| no_counterpart("set", paper, Kind::Cohort))
    }

    fn parts_of(&self, paper: &str, depth: usize) -> Option<Vec<String>> {
        let known = self.evidence.parts();
        if let Some(declared) = self.reported.matching.find(Kind::Cohort, paper) {
            let parts: Option<Vec<Vec<String>>> = declared.ours.iter().map(|name| self.own_parts(name)).collect();
            return parts.map(|parts| sorted(parts.concat(), &known));
        }
        if let Some(parts) = self.own_parts(paper) {
            return Some(sorted(parts, &known));
        }
        let word = normal(paper);
        if let Some((part, _)) = PARTS.iter().find(|(_, words)| words.contains(&word.as_str()))
            && known.iter().any(|name| name == part)
        {
            return Some(vec![part.to_string()]);
        }
        // Cohorts refer to each other by name; a file in a circle ends here.
        let cohort = self.reported.cohort(paper).filter(|cohort| !cohort.parts.is_empty() && depth < 8)?;
        let parts: Option<Vec<Vec<String>>> = cohort.parts.iter().map(|part| self.parts_of(part, depth + 1)).collect();
        parts.map(|parts| sorted(parts.concat(), &known))
    }

    /// The parts of a set by the study's own name of it: a part, a described union, a sum of parts, "primary", "all".
    fn own_parts(&self, name: &str) -> Option<Vec<String>> {
        let known = self.evidence.parts();
        let described = self.evidence.results.and_then(|results| {
            let same = |id: &str, label: &str| id == name || normal(label) == normal(name);
            results.partitions.iter().find(|partition| same(&partition.id, &partition.label))
        });
        if let Some(partition) = described {
            return Some(if partition.union_of.is_empty() {
                vec![partition.id.clone()]
            } else {
                partition.union_of.clone()
            });
        }
        if let Some(part) = known.iter().find(|part| part.as_str() == name) {
            return Some(vec![part.clone()]);
        }
        let named = |names: &[&str]| -> Option<Vec<String>> {
            names
                .iter()
                .all(|name| known.iter().any(|part| part == name))
                .then(|| names.iter().map(|name| name.to_string()).collect())
        };
        match name {
            "primary" => named(&["training", "validation"]),
            "all" => Some(known),
            _ if name.contains('+') => {
                let parts: Vec<&str> = name.split('+').map(str::trim).collect();
                named(&parts)
            }
            _ => None,
        }
    }

    /// One of the study's variables.
    pub fn variable(&self, paper: &str) -> Result<&'a VariableFacts, String> {
        let variables = self.evidence.results.map_or(&[][..], |results| &results.variables);
        let own = self.declared(Kind::Variable, paper).unwrap_or(paper);
        let own = own.split_once(": ").map_or(own, |(variable, _)| variable);
        let named: Vec<Named> = variables.iter().map(|facts| Named::new(&facts.name, &facts.label)).collect();
        only(&named, own)
            .and_then(|name| variables.iter().find(|facts| facts.name == name))
            .ok_or_else(|| no_counterpart("variable", paper, Kind::Variable))
    }

    /// The position of one of the paper's levels among those of the variable.
    pub fn level(&self, row: &str, level: &str, variable: &VariableFacts) -> Option<usize> {
        let own = self.declared(Kind::Level, &format!("{row}/{level}")).unwrap_or(level);
        position(variable.levels.iter().map(String::as_str), own)
    }

    /// The position of one of the paper's groups among those of an analysis.
    pub fn group(&self, paper: &str, labels: &[String]) -> Option<usize> {
        let own = self.declared(Kind::Group, paper).unwrap_or(paper);
        position(labels.iter().map(String::as_str), own)
    }

    /// The study's label of a set; `None` where the paper's name answers to none, or the study does not describe it.
    pub fn cohort_label(&self, paper: &str) -> Option<String> {
        let parts = self.parts_of(paper, 0)?;
        let partitions = &self.evidence.results?.partitions;
        let same = partitions.iter().find(|partition| match partition.union_of.as_slice() {
            [] => parts == [partition.id.clone()],
            union => sorted(union.to_vec(), &self.evidence.parts()) == parts,
        });
        same.map(|partition| partition.label.clone())
    }

    /// What a row is about, in the study's labels: a model, two of them, a variable with or without its level; where it is
    /// printed again stands behind it.
    pub fn subject_label(&self, subject: &str) -> Option<String> {
        if let Some((first, second)) = subject.split_once(" against ") {
            return Some(format!("{} against {}", self.subject_label(first)?, self.subject_label(second)?));
        }
        if let Some((what, place)) = subject.strip_suffix(')').and_then(|text| text.rsplit_once(" (")) {
            return Some(format!("{} ({place})", self.subject_label(what)?));
        }
        let results = self.evidence.results?;
        if let Some(model) = self.model(subject).ok().and_then(|id| results.model(&id)) {
            return Some(model.label.clone());
        }
        // "size: > 50 mm" is declared for "size_gt50"; "size: gt50" has the paper's own level.
        let declared = self.declared_variable(subject).unwrap_or(subject);
        let facts = self.variable(subject).ok().or_else(|| self.variable(declared.split_once(": ")?.0).ok())?;
        match declared.split_once(": ") {
            Some((row, level)) => {
                let position = self.level(row, level, facts);
                let level = position.and_then(|at| facts.levels.get(at)).map_or(level, String::as_str);
                Some(format!("{}: {level}", facts.label))
            }
            None => Some(facts.label.clone()),
        }
    }

    /// A declared variable with its level, as in `size_gt50: "size: > 50 mm"`.
    pub fn declared_variable(&self, paper: &str) -> Option<&'a str> {
        self.declared(Kind::Variable, paper)
    }

    /// The orientations that are declared, by the study's name of the model.
    pub fn orientations(reported: &Reported) -> Vec<DeclaredOrientation> {
        let declared =
            reported.matching.counterparts.iter().filter(|counterpart| counterpart.kind == Kind::Orientation);
        declared
            .map(|counterpart| DeclaredOrientation {
                model: counterpart.paper.clone(),
                orientation: match counterpart.ours.first().map(String::as_str) {
                    Some("lower_is_risk") => Orientation::LowerIsRisk,
                    _ => Orientation::HigherIsRisk,
                },
            })
            .collect()
    }
}

/// What data call their things.
#[derive(Clone, Debug, Default)]
pub struct KnownNames {
    pub models: Vec<String>,
    /// Parts, and the names of sets of them.
    pub cohorts: Vec<String>,
    pub outcomes: Vec<String>,
    /// `None` where only scores are at hand, which know neither.
    pub variables: Option<Vec<String>>,
    pub analyses: Option<Vec<String>>,
}

impl KnownNames {
    pub fn of(evidence: &Evidence<'_>) -> Self {
        let mut known = Self { cohorts: evidence.parts(), ..Self::default() };
        if let Some(results) = evidence.results {
            known.models.extend(results.models.iter().map(|model| model.id.clone()));
            known.cohorts.extend(results.partitions.iter().map(|partition| partition.id.clone()));
            known.outcomes.extend(results.outcomes.iter().map(|outcome| outcome.id.clone()));
            known.variables = Some(results.variables.iter().map(|facts| facts.name.clone()).collect());
            // A section prints an analysis, or the coefficients of a model.
            let analyses = results.analyses.iter().map(|analysis| analysis.id.clone());
            known.analyses = Some(analyses.chain(results.models.iter().map(|model| model.id.clone())).collect());
        }
        if let Some(scores) = evidence.scores {
            known.models.extend(scores.scores.keys().cloned());
            known.outcomes.extend(scores.outcomes.keys().cloned());
        }
        known
    }
}

/// Declared counterparts that the data do not have, each with its place and the nearest name.
pub fn unknown_names(matching: &Matching, data: &KnownNames) -> Vec<Diagnostic> {
    let mut unknown = Vec::new();
    let mut cohorts = data.cohorts.clone();
    cohorts.extend(["primary".to_string(), "all".to_string()]);
    // The groups of an analysis can be a term of a regression, as variables are.
    let terms: Option<Vec<String>> = data
        .variables
        .as_ref()
        .map(|variables| variables.iter().chain(data.analyses.iter().flatten()).cloned().collect());
    // A section prints an analysis, or the coefficients of a model.
    let sources: Option<Vec<String>> =
        data.analyses.as_ref().map(|analyses| analyses.iter().chain(&data.models).cloned().collect());
    for counterpart in &matching.counterparts {
        let Counterpart { kind, paper, ours, .. } = counterpart;
        let (names, known) = match kind {
            Kind::Model => (ours.clone(), Some(&data.models)),
            Kind::Threshold | Kind::Orientation => (vec![paper.clone()], Some(&data.models)),
            Kind::Cohort => (ours.clone(), Some(&cohorts)),
            Kind::Outcome => (ours.clone(), Some(&data.outcomes)),
            Kind::Variable => {
                let variable =
                    |name: &String| name.split_once(": ").map_or(name.clone(), |(first, _)| first.to_string());
                (ours.iter().map(variable).collect(), terms.as_ref())
            }
            Kind::Section => (ours.clone(), sources.as_ref()),
            // Levels and groups belong to one variable or analysis each; what is not found there says so in its row.
            Kind::Level | Kind::Group => (Vec::new(), None),
        };
        let Some(known) = known else { continue };
        unknown.extend(names.iter().filter(|name| !known.contains(name)).map(|name| missing(counterpart, name, known)));
    }
    unknown
}

/// Which end of a score means the event, as declared.
pub struct DeclaredOrientation {
    pub model: String,
    pub orientation: Orientation,
}

fn missing(counterpart: &Counterpart, name: &str, known: &[String]) -> Diagnostic {
    let help = match nearest(name, known.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("known: {}", known.join(", ")),
    };
    Diagnostic {
        message: format!("`match: {}` names `{name}`, which the data do not have", counterpart.kind.key()),
        line: counterpart.line,
        column: counterpart.column,
        help: Some(help),
    }
}

fn no_counterpart(what: &str, paper: &str, kind: Kind) -> String {
    format!(
        "the data have no {what} `{paper}`; declare what it is called there: `match: {{{}: {{{paper}: …}}}}`",
        kind.key()
    )
}

/// An id and its label.
struct Named {
    id: String,
    label: String,
}

impl Named {
    fn new(id: &str, label: &str) -> Self {
        Self { id: id.to_string(), label: label.to_string() }
    }
}

/// The one entry that this name means.
fn only(named: &[Named], wanted: &str) -> Option<String> {
    if let Some(exact) = named.iter().find(|entry| entry.id == wanted) {
        return Some(exact.id.clone());
    }
    let word = normal(wanted);
    let mut similar = named.iter().filter(|entry| normal(&entry.id) == word || normal(&entry.label) == word);
    let first = similar.next()?;
    similar.next().is_none().then(|| first.id.clone())
}

fn position<'t>(names: impl Iterator<Item = &'t str> + Clone, wanted: &str) -> Option<usize> {
    if let Some(exact) = names.clone().position(|name| name == wanted) {
        return Some(exact);
    }
    let word = normal(wanted);
    let mut similar = names.enumerate().filter(|(_, name)| normal(name) == word);
    let (first, _) = similar.next()?;
    similar.next().is_none().then_some(first)
}

/// Letters and digits in lower case. Signs of comparison are words: "≤ 20 mm" is not "> 20 mm".
pub(super) fn normal(text: &str) -> String {
    let mut out = String::new();
    for letter in text.chars() {
        match letter {
            '≤' => out.push_str("le"),
            '≥' => out.push_str("ge"),
            '<' => out.push_str("lt"),
            '>' => out.push_str("gt"),
            letter if letter.is_alphanumeric() => out.extend(letter.to_lowercase()),
            _ => {}
        }
    }
    out
}

/// Each part once, in the order of the study.
fn sorted(mut parts: Vec<String>, order: &[String]) -> Vec<String> {
    parts.sort_by_key(|part| order.iter().position(|known| known == part));
    parts.dedup();
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_same_whatever_their_case_and_punctuation_but_not_their_signs() {
        assert_eq!(normal("Lymph-node status (pN)"), normal("lymph_node_status_pn"));
        assert_ne!(normal("≤ 20 mm"), normal("> 20 mm"));
        let levels = ["≤ 20 mm", "> 20 mm"];
        assert_eq!(position(levels.into_iter(), "le_20_mm"), Some(0));
        assert_eq!(position(levels.into_iter(), "20 mm"), None);
        let named = [Named::new("a", "Model"), Named::new("b", "model")];
        assert_eq!(only(&named, "MODEL"), None, "two that look alike are no match");
    }
}
