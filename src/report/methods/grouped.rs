//! Analyses whose method is one: what a study declares for several sets of variables or of groups is told together.

use super::super::build::names::{Names, distinct, list};
use super::super::build::readers_words::exhibits;
use super::{by, further_survival, methods_of};
use crate::report::build::names::method_of;
use crate::report::number;
use crate::results::{Analysis, AnalysisOutcome, BaselineTable, Results, SurvivalAnalysis};

/// The analysis itself, then those that are told with it.
pub fn alike<'a>(analysis: &'a Analysis, results: &'a Results) -> Vec<&'a Analysis> {
    let is_alike = |other: &&Analysis| match (&analysis.outcome, &other.outcome) {
        (AnalysisOutcome::BaselineTable(one), AnalysisOutcome::BaselineTable(other)) => one.outcome == other.outcome,
        (AnalysisOutcome::KaplanMeier(one), AnalysisOutcome::KaplanMeier(other)) => {
            let same = one.outcome == other.outcome && one.level == other.level && one.entry == other.entry;
            same && intervals(one) == intervals(other) && tests(one) == tests(other) && plain(one) && plain(other)
        }
        _ => false,
    };
    let others = results.analyses.iter().filter(|other| other.id != analysis.id).filter(is_alike);
    std::iter::once(analysis).chain(others).collect()
}

/// Nothing is compared beside all groups.
fn plain(analysis: &SurvivalAnalysis) -> bool {
    analysis.partitions.iter().all(|partition| partition.comparisons.is_empty())
}

fn intervals(analysis: &SurvivalAnalysis) -> [String; 2] {
    let groups = || analysis.partitions.iter().flat_map(|partition| &partition.groups);
    let rates = methods_of(groups().flat_map(|group| group.rates.iter().flatten()));
    [rates, methods_of(groups().filter_map(|group| group.median.as_ref()))]
}

fn tests(analysis: &SurvivalAnalysis) -> Vec<&str> {
    distinct(analysis.partitions.iter().filter_map(|partition| Some(partition.log_rank.as_ref()?.method.as_ref())))
}

pub fn baseline(analysis: &BaselineTable, alike: &[&Analysis], names: &Names) -> String {
    let tables = alike.iter().filter_map(|analysis| match &analysis.outcome {
        AnalysisOutcome::BaselineTable(table) => Some(table),
        _ => None,
    });
    let tests: Vec<String> = tables
        .flat_map(|table| &table.rows)
        .flat_map(|row| &row.cells)
        .filter_map(|cell| Some(method_of(cell.test.as_ref()?)))
        .collect();
    format!(
        "Characteristics were compared between the classes of the outcome “{}” within each set{}, two-sided and without \
         adjustment; the test of each row is named by its mark.",
        names.outcome(&analysis.outcome),
        by(&distinct(tests.iter().map(String::as_str)))
    )
}

/// "Overall survival", or "The share free of death".
fn kaplan_meier_of(label: &str, event_free: &str) -> String {
    if label == event_free { label.to_string() } else { event_free.replacen("Free", "The share free", 1) }
}

pub fn survival(analysis: &SurvivalAnalysis, alike: &[&Analysis], names: &Names) -> String {
    let level = number::level(analysis.level);
    let [rates, medians] = intervals(analysis);
    let tests = tests(analysis);
    let compared = if tests.is_empty() { String::new() } else { format!(", compared by the {} test", list(&tests)) };
    let several = alike.len() > 1;
    let groups = alike.iter().filter_map(|analysis| match &analysis.outcome {
        AnalysisOutcome::KaplanMeier(survival) => {
            let labels = exhibits(&analysis.id, names.results);
            let place = if several && !labels.is_empty() { format!(" ({})", list(&labels)) } else { String::new() };
            Some(format!("{}{place}", survival.grouped_by.trim_end_matches('.')))
        }
        _ => None,
    });
    let groups: Vec<String> = groups.collect();
    format!(
        "{} is estimated by the Kaplan-Meier method{compared}; groups: {}. Rates{rates} and medians{medians} have {level} \
         confidence intervals.{}",
        kaplan_meier_of(names.outcome(&analysis.outcome), &names.event_free(&analysis.outcome)),
        groups.join("; "),
        further_survival::comparisons(analysis, names)
    )
}
