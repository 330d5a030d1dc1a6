//! A result tree as a `reported/1` file: what the report prints, typed in as an auditor would type a paper in. Each item
//! of the report becomes a section of the kind that the audit knows for it; what has no kind is kept as facts, word for
//! word as its table prints it.
//!
//! Every number comes from the formatters and styles that the report's tables use, so that the file holds what a reader
//! of the report sees and nothing else.

mod baseline;
mod calibration;
mod characteristics;
mod cohorts;
mod comparison;
mod cox;
mod facts;
mod models;
mod performance;
mod selection;
mod survival;
mod survival_performance;
mod yaml;

use super::build::names::Names;
use super::effects::{bounded_ratio, ratio_decimals};
use crate::audit::reported::CiMethod;
use crate::results::{AnalysisOutcome, LayoutItem, ModelFacts, OutcomeKind, Results, Show};
use crate::stats::{Estimate, Interval};
use serde_json::{Value, json};
use yaml::Mapping;

/// The file's text.
pub fn as_reported(results: &Results) -> String {
    let mut file = Mapping::default();
    file.add("schema", json!("reported/1"));
    file.add("source", source(results));
    cohorts::add(results, &mut file);
    let mut printed = Mapping::default();
    for item in &results.layout {
        let before = file.len();
        add_item(results, item, &mut file);
        for section in file.names_from(before) {
            if let Some(source) = source_of(results, item, &section) {
                printed.add(&section, json!(source));
            }
        }
    }
    if !printed.is_empty() {
        file.add("match", json!({"sections": printed.into_value()}));
    }
    let head = "# The numbers that a report of Vouch prints, each exactly as printed. `vouch audit` reads this file.\n";
    format!("{head}{}", yaml::write(&file.into_value()))
}

/// The analysis or model whose numbers a section prints: with it the sections of several of a kind are told apart.
fn source_of<'a>(results: &'a Results, item: &'a LayoutItem, section: &str) -> Option<&'a str> {
    match item.show {
        Show::SelectionTable | Show::ModelTable | Show::CoxModelTable => {
            let of_model = |model: &&ModelFacts| section.ends_with(&format!("_{}", slug(&model.id)));
            // Of two names of which one ends in the other the longer is meant.
            results.models.iter().filter(of_model).max_by_key(|model| model.id.len()).map(|model| model.id.as_str())
        }
        _ => item.of.as_deref(),
    }
}

fn source(results: &Results) -> Value {
    let study = &results.study;
    let mut source = Mapping::default();
    source.add("title", json!(study.title));
    source.add("study", json!(study.id));
    source.add("program", json!(format!("{} {}", results.program.name, results.program.version)));
    if study.simulated {
        source.add("data", json!("simulated"));
    }
    source.into_value()
}

/// The sections of one item of the report. A figure has none: its numbers stand in the table of the same analysis.
fn add_item(results: &Results, item: &LayoutItem, file: &mut Mapping) {
    if item.show.is_figure() {
        return;
    }
    let page = Page { results, names: Names { results }, item };
    let analysis = item.of.as_deref().and_then(|id| results.analysis(id)).map(|analysis| &analysis.outcome);
    match (item.show, analysis) {
        (Show::BaselineTable, Some(AnalysisOutcome::BaselineTable(table))) => baseline::add(&page, table, file),
        (Show::PerformanceTable, Some(AnalysisOutcome::Performance(table))) => performance::add(&page, table, file),
        (Show::ComparisonTable, Some(AnalysisOutcome::Comparison(table))) => comparison::add(&page, table, file),
        (Show::CalibrationTable, Some(AnalysisOutcome::Calibration(table))) => calibration::add(&page, table, file),
        (Show::SurvivalTable, Some(AnalysisOutcome::KaplanMeier(table))) => survival::add(&page, table, file),
        (Show::CoxTable, Some(AnalysisOutcome::Cox(table))) => cox::add(&page, table, file),
        (Show::SurvivalPerformanceTable, Some(AnalysisOutcome::SurvivalPerformance(table))) => {
            survival_performance::add(&page, table, file);
        }
        (Show::SurvivalNetBenefitTable, Some(AnalysisOutcome::SurvivalPerformance(table))) => {
            survival_performance::add_net_benefit(&page, table, file);
        }
        (Show::SelectionTable, _) => selection::add(&page, file),
        (Show::CharacteristicsTable, Some(AnalysisOutcome::Characteristics(table))) => {
            characteristics::add(&page, table, file);
        }
        (Show::ModelTable, _) => models::add(&page, file),
        (Show::CoxModelTable, _) => models::add_cox(&page, file),
        _ => facts::add(&page, file),
    }
}

/// An item of the report with all that its section needs.
struct Page<'a> {
    results: &'a Results,
    names: Names<'a>,
    item: &'a LayoutItem,
}

impl Page<'_> {
    /// "table_2" of "Table 2"; with a suffix "table_2_bootstrap".
    fn section(&self, suffix: &str) -> String {
        let stem = slug(&self.item.label);
        let stem = if stem.is_empty() { "table".to_string() } else { stem };
        if suffix.is_empty() { stem } else { format!("{stem}_{suffix}") }
    }

    /// "Table 2. Performance of the models", with more where one table becomes several sections.
    fn label(&self, more: &str) -> Value {
        let caption = self.item.caption.trim_end_matches('.');
        let more = if more.is_empty() { String::new() } else { format!(": {more}") };
        json!(format!("{}. {caption}{more}", self.item.label))
    }

    /// A section's first entries.
    fn begin(&self, kind: &str, more: &str) -> Mapping {
        let mut section = Mapping::default();
        section.add("kind", json!(kind));
        section.add("label", self.label(more));
        section
    }
}

/// The outcome whose events a cohort's `positive` counts: the first binary one. Sets are called by their own names for
/// it; for another outcome they are cohorts of their own, with other class counts.
fn main_outcome(results: &Results) -> Option<&str> {
    results.outcomes.iter().find(|outcome| outcome.kind == OutcomeKind::Binary).map(|outcome| outcome.id.as_str())
}

/// The cohort that a set is for an outcome.
fn cohort(results: &Results, partition: &str, outcome: &str) -> String {
    let is_other_binary = main_outcome(results) != Some(outcome)
        && results.outcome(outcome).is_some_and(|facts| facts.kind == OutcomeKind::Binary);
    if is_other_binary { format!("{partition} ({outcome})") } else { partition.to_string() }
}

/// Lower-case letters and digits, joined by underscores.
fn slug(text: &str) -> String {
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("_")
}

/// "95" of a confidence level of 0.95.
fn ci_level(level: f64) -> Value {
    json!(super::number::level(level).trim_end_matches('%'))
}

/// `["0.85", "0.80", "0.90"]`, or `["0.85"]`.
fn with_limits(estimate: &Estimate, style: super::number::Style) -> Value {
    let limits = estimate.interval.iter().flat_map(|interval| [interval.lower, interval.upper]);
    json!(std::iter::once(estimate.value).chain(limits).map(|value| style.value(value)).collect::<Vec<_>>())
}

/// The digits of a ratio; `None` where the report bounds it, as after separation.
fn ratio_in_digits(value: f64, decimals: usize) -> Option<String> {
    Some(bounded_ratio(value, decimals)).filter(|text| !text.starts_with(['<', '>']))
}

/// A ratio with its limits, as far as the report prints digits.
fn add_ratio(entry: &mut Mapping, name: &str, ratio: &Estimate) {
    let decimals = ratio_decimals(ratio);
    if let Some(value) = ratio_in_digits(ratio.value, decimals) {
        entry.add(name, json!(value));
    }
    let digits = |value: f64| ratio_in_digits(value, decimals);
    let limits = ratio.interval.as_ref().map(|interval| [interval.lower, interval.upper].map(digits));
    if let Some([Some(lower), Some(upper)]) = limits {
        entry.add("ci", json!([lower, upper]));
    }
}

/// The audit's word for the method of an interval.
fn ci_method(interval: &Interval) -> &'static str {
    CiMethod::of_result(&interval.method).word()
}

/// An estimate with its interval and the interval's method.
fn metric(estimate: &Estimate, style: super::number::Style) -> Value {
    match &estimate.interval {
        Some(interval) => json!({
            "value": style.value(estimate.value),
            "ci": [style.value(interval.lower), style.value(interval.upper)],
            "ci_method": ci_method(interval),
        }),
        None => json!([style.value(estimate.value)]),
    }
}

/// The audit's word for a test.
fn test_name(method: &str) -> String {
    let lower = method.to_lowercase();
    let known = [
        ("fisher", "fisher"),
        ("yates", "yates"),
        ("chi-squared", "chi_squared"),
        ("χ²", "chi_squared"),
        ("welch", "welch"),
        ("student", "student"),
    ];
    known.iter().find(|(word, _)| lower.contains(word)).map_or_else(|| slug(method), |(_, name)| name.to_string())
}

/// An estimate that may be absent, as the report prints absence.
fn or_absent(text: Option<String>) -> Value {
    json!(text.unwrap_or_else(|| super::number::ABSENT.to_string()))
}
