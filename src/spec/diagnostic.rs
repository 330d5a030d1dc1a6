//! What is wrong, where, and what to do about it.

use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, SourceSpan};
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
        let theme = if colour { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
        let handler = GraphicalReportHandler::new_themed(theme).with_width(width).with_context_lines(0);
        let mut ordered: Vec<&Diagnostic> = diagnostics.iter().collect();
        ordered.sort_by_key(|diagnostic| (diagnostic.severity, diagnostic.span.start));
        let mut text = String::new();
        for diagnostic in ordered {
            let report = Report { source: NamedSource::new(&self.name, self.text.clone()), diagnostic };
            let mut drawn = String::new();
            if handler.render_report(&mut drawn, &report).is_err() {
                drawn = format!("{diagnostic}\n");
            }
            text.push_str(drawn.trim_matches('\n'));
            text.push_str("\n\n");
        }
        text
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

#[derive(Debug)]
struct Report<'a> {
    source: NamedSource<String>,
    diagnostic: &'a Diagnostic,
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.diagnostic.message)
    }
}

impl std::error::Error for Report<'_> {}

impl miette::Diagnostic for Report<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.diagnostic.code))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.diagnostic.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.diagnostic.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        Some(&self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let span = self.diagnostic.span;
        let length = span.end.saturating_sub(span.start);
        Some(Box::new(std::iter::once(LabeledSpan::new_primary_with_span(None, SourceSpan::new(span.start.into(), length)))))
    }
}

/// ` (did you mean …?)`-style help: the candidate nearest to what was typed, if any is near.
pub fn nearest<'a>(typed: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&typed.to_lowercase(), &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.chars().count().max(typed.chars().count()) / 3)
        .min()
        .map(|(_, candidate)| candidate)
}

/// The help line for a name that is not one of `candidates`.
pub fn suggestion<'a>(typed: &str, candidates: impl IntoIterator<Item = &'a str> + Clone) -> String {
    match nearest(typed, candidates.clone()) {
        Some(name) => format!("did you mean `{name}`?"),
        None => {
            let names: Vec<String> = candidates.into_iter().map(|name| format!("`{name}`")).collect();
            if names.is_empty() { "nothing can stand here".to_string() } else { format!("it can be {}", names.join(", ")) }
        }
    }
}
