//! What is wrong, where, and what to do about it.

use annotate_snippets::{AnnotationKind, Element, Level, Origin, Renderer, Snippet};
use std::fmt;

/// A range of bytes in the spec's text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    pub start: usize,
    pub end: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    Error,
    Warning,
}

/// One problem of a spec or of the data it names.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnostic {
    pub severity: Severity,
    /// A stable code: "spec/unknown-key".
    pub code: &'static str,
    pub message: String,
    pub span: Span,
    pub help: Option<String>,
    /// The input file is missing or its hash differs: exit code 5 rather than 2.
    pub is_about_input: bool,
}

impl Diagnostic {
    pub fn error(code: &'static str, message: impl Into<String>, span: Span) -> Self {
        Self { severity: Severity::Error, code, message: message.into(), span, help: None, is_about_input: false }
    }

    pub fn warning(code: &'static str, message: impl Into<String>, span: Span) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, message, span) }
    }

    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    pub fn about_input(mut self) -> Self {
        self.is_about_input = true;
        self
    }
}

/// The text that diagnostics point into.
#[derive(Clone, Debug)]
pub struct Source {
    pub name: String,
    pub text: String,
}

impl Source {
    /// Line and column, counted from one, of a byte.
    pub fn position(&self, offset: usize) -> Position {
        let before = self.text.get(..offset.min(self.text.len())).unwrap_or(&self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().map_or(0, |line| line.chars().count()) + 1;
        Position { line, column }
    }

    /// All diagnostics in the order of their places, drawn with the line they point at.
    pub fn render(&self, diagnostics: &[Diagnostic], colour: bool, width: usize) -> String {
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() }.term_width(width);
        let mut ordered: Vec<&Diagnostic> = diagnostics.iter().collect();
        ordered.sort_by_key(|diagnostic| (diagnostic.severity, diagnostic.span.start));
        let drawn = ordered.into_iter().map(|diagnostic| renderer.render(&[self.group(diagnostic)]) + "\n\n");
        drawn.collect()
    }

    fn group<'a>(&'a self, diagnostic: &'a Diagnostic) -> annotate_snippets::Group<'a> {
        let level = match diagnostic.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let title = level.primary_title(diagnostic.message.as_str()).id(diagnostic.code);
        let help = diagnostic.help.iter().filter(|help| !help.is_empty());
        let help = help.map(|help| Element::from(Level::HELP.message(help.as_str())));
        if !has_keys(&self.text) {
            return title.element(Origin::path(self.name.as_str())).elements(help);
        }
        // Never more than one line: a value may run over many.
        let end = diagnostic.span.end.min(self.text.len());
        let start = diagnostic.span.start.min(end);
        let line_end = self.text.get(start..end).and_then(|text| text.find('\n')).map_or(end, |length| start + length);
        let snippet = Snippet::source(self.text.as_str())
            .path(self.name.as_str())
            .annotation(AnnotationKind::Primary.span(start..line_end));
        title.element(snippet).elements(help)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    pub line: usize,
    pub column: usize,
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

/// Whether a text looks like a mapping of keys. Of one that does not nothing is quoted: it may be a table of subjects.
pub fn has_keys(text: &str) -> bool {
    let is_letter = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    text.lines().any(|line| {
        line.trim_start_matches('\u{feff}').split_once(':').is_some_and(|(key, value)| {
            let is_key = key.starts_with(|first: char| first.is_ascii_alphabetic()) && key.chars().all(is_letter);
            is_key && (value.is_empty() || value.starts_with(char::is_whitespace))
        })
    })
}

/// The candidate nearest to what was typed, if any is near.
pub fn nearest<'a>(typed: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&typed.to_lowercase(), &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.chars().count().max(typed.chars().count()) / 3)
        .min()
        .map(|(_, candidate)| candidate)
}

/// All candidates, those that look most like what was typed first.
pub fn nearest_first<'a>(typed: &str, candidates: &[&'a str]) -> Vec<&'a str> {
    let mut ordered = candidates.to_vec();
    ordered.sort_by_key(|candidate| strsim::damerau_levenshtein(&typed.to_lowercase(), &candidate.to_lowercase()));
    ordered
}

/// The help line for a name that is not one of `candidates`.
pub fn suggestion<'a>(typed: &str, candidates: impl IntoIterator<Item = &'a str> + Clone) -> String {
    match nearest(typed, candidates.clone()) {
        Some(name) => format!("did you mean `{name}`?"),
        None => {
            let names: Vec<String> = candidates.into_iter().map(|name| format!("`{name}`")).collect();
            if names.is_empty() {
                "nothing can stand here".to_string()
            } else {
                format!("it can be {}", names.join(", "))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(text: &str, span: Span) -> String {
        let source = Source { name: "study.yaml".to_string(), text: text.to_string() };
        source.render(&[Diagnostic::error("spec/x", "it is wrong", span)], false, 100)
    }

    #[test]
    fn a_table_in_the_place_of_a_spec_was_quoted_row_by_row() {
        let text = "id,name\n1,Smith\n2,Jones\n";
        let told = rendered(text, Span { start: 0, end: text.len() });
        assert!(!told.contains("Smith") && told.contains("study.yaml"), "{told}");
    }

    #[test]
    fn one_line_is_quoted_of_a_value_that_runs_over_many() {
        let text = "title: first\n  second\n  third\n";
        let told = rendered(text, Span { start: 7, end: text.len() });
        assert!(told.contains("title: first") && !told.contains("second"), "{told}");
    }
}
