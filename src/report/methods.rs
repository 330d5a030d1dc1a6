//! The methods section: written from the results, so that it names what was done and by what, and nothing else.

mod further;
mod further_survival;
mod grouped;
mod models;
mod preparation;
mod software;
mod survival;

use super::build::names::{Names, capitalised, distinct, group_sizes, interval_methods, list, metric};
use super::build::readers_words::exhibits;
use super::document::{Block, Definition};
use super::number::{self, count};
use crate::results::*;
use crate::stats::{Estimate, Interval};

pub fn blocks(results: &Results) -> Vec<Block> {
    let mut blocks = vec![paragraph(outcomes(results))];
    blocks.extend(preparation::derived(results));
    if !results.study.images.is_empty() {
        let entry = |fact: &ImageFact| Definition { term: fact.term.clone(), text: fact.text.clone() };
        blocks.push(Block::Definitions { entries: results.study.images.iter().map(entry).collect() });
    }
    let names = Names { results };
    let prepared: Vec<String> =
        preparation::missing_values(results).into_iter().chain(models::fitted(results, &names)).collect();
    if !prepared.is_empty() {
        blocks.push(paragraph(prepared.join(" ")));
    }
    if !results.models.is_empty() {
        blocks.push(Block::Definitions { entries: models::entries(results) });
    }
    let analyses = analyses(results);
    if !analyses.is_empty() {
        blocks.push(Block::Definitions { entries: analyses });
    }
    blocks.push(paragraph(software::sentence(results)));
    blocks
}

/// The method of each analysis under the tables and figures that show it. What is declared more than once, for other sets or
/// groups, is told once.
fn analyses(results: &Results) -> Vec<Definition> {
    let mut told: Vec<(String, Vec<&str>)> = Vec::new();
    let mut done: Vec<&str> = Vec::new();
    for analysis in &results.analyses {
        if done.contains(&analysis.id.as_str()) {
            continue;
        }
        let alike = grouped::alike(analysis, results);
        let ids: Vec<&str> = alike.iter().map(|other| other.id.as_str()).collect();
        done.extend(&ids);
        let Some(text) = statistics(&alike, results) else { continue };
        match told.iter_mut().find(|(known, _)| *known == text) {
            Some((_, others)) => others.extend(ids),
            None => told.push((text, ids)),
        }
    }
    let entry = |(text, ids): (String, Vec<&str>)| {
        let labels: Vec<&str> = ids.iter().flat_map(|id| exhibits(id, results)).collect();
        let labels = distinct(labels);
        let term = if labels.is_empty() { "In no table or figure".to_string() } else { list(&labels) };
        Definition { term, text }
    };
    told.into_iter().map(entry).collect()
}

/// Whether the methods say what happened to missing values.
pub fn tells_of_missing_values(results: &Results) -> bool {
    preparation::missing_values(results).is_some()
}

fn paragraph(text: String) -> Block {
    Block::Paragraph { text }
}

fn outcomes(results: &Results) -> String {
    let outcomes = results.outcomes.iter().map(|outcome| {
        let kind = match outcome.kind {
            OutcomeKind::Binary => "binary",
            OutcomeKind::Survival => "time to event",
        };
        format!("{} ({kind}; “{}”)", outcome.label, outcome.definition)
    });
    let outcomes: Vec<String> = outcomes.collect();
    let noun = if outcomes.len() == 1 { "The outcome is" } else { "The outcomes are" };
    format!("{noun} {}.", list(&outcomes))
}

/// "gamma = 0.1429"; `None` where the description has told it.
fn setting_text(setting: &Setting, description: &str) -> Option<String> {
    let value = number::significant(&setting.value);
    let words = || description.split(|character: char| !(character.is_alphanumeric() || ".-".contains(character)));
    let told = |text: &str| words().any(|word| word.trim_end_matches('.') == text);
    let name_told = setting.name.split(' ').next().is_some_and(told);
    (!(told(&value) && (name_told || value.len() > 1))).then(|| format!("{} = {value}", setting.name))
}

fn by(methods: &[&str]) -> String {
    if methods.is_empty() { String::new() } else { format!(" ({})", list(methods)) }
}

fn methods_of<'a>(estimates: impl IntoIterator<Item = &'a Estimate>) -> String {
    let intervals: Vec<&Interval> = estimates.into_iter().filter_map(|estimate| estimate.interval.as_ref()).collect();
    by(&interval_methods(intervals))
}

/// `alike`: an analysis, and those whose method is told together with its own.
fn statistics(alike: &[&Analysis], results: &Results) -> Option<String> {
    let names = Names { results };
    Some(match &alike.first()?.outcome {
        AnalysisOutcome::BaselineTable(analysis) => grouped::baseline(analysis, alike, &names),
        AnalysisOutcome::Performance(analysis) => performance(analysis, &names),
        AnalysisOutcome::Comparison(analysis) => comparison(analysis, &names),
        AnalysisOutcome::KaplanMeier(analysis) => grouped::survival(analysis, alike, &names),
        AnalysisOutcome::Cox(analysis) => cox(analysis, &names),
        AnalysisOutcome::Characteristics(_) => return None,
        AnalysisOutcome::SurvivalPerformance(analysis) => survival::performance(analysis, &names),
        AnalysisOutcome::Calibration(analysis) => calibration(analysis, &names),
        AnalysisOutcome::SetComparison(analysis) => further::set_comparison(analysis, &names),
        AnalysisOutcome::MetricComparison(analysis) => further::metric_comparison(analysis, &names),
        AnalysisOutcome::PartitionComparison(analysis) => further::partition_comparison(analysis, &names),
        AnalysisOutcome::Regression(analysis) => further::regression(analysis, &names),
        AnalysisOutcome::Subgroups(analysis) => further::subgroups(analysis, &names),
        AnalysisOutcome::Reclassification(analysis) => further::reclassification(analysis, &names),
        AnalysisOutcome::Optimism(analysis) => further::optimism(analysis, &names),
        AnalysisOutcome::Agreement(analysis) => further::agreement(analysis, &names),
        AnalysisOutcome::Planning(analysis) => further::planning(analysis, &names),
        AnalysisOutcome::CumulativeIncidence(analysis) => further_survival::incidence(analysis, &names),
        AnalysisOutcome::FineGray(analysis) => further_survival::fine_gray(analysis, &names),
        AnalysisOutcome::NotComputed { .. } => return None,
    })
}

/// "Discrimination of “Reader 1” and “Reader 2”, for “Metastasis”,"; models are named where they are not all of the outcome's.
fn performance(analysis: &Performance, names: &Names) -> String {
    let level = number::level(analysis.level);
    let aucs = methods_of(analysis.rows.iter().filter_map(|row| row.auc.as_ref()));
    let of_outcome = names.results.models.iter().filter(|model| model.outcome == analysis.outcome).count();
    let models: Vec<String> = analysis.models.iter().map(|model| format!("“{}”", names.model(model))).collect();
    let whose = match analysis.models.len() {
        number if number < of_outcome && number <= MODELS_NAMED => format!(" by {}", list(&models)),
        number if number < of_outcome => format!(" by {} of the models", count(number)),
        _ => String::new(),
    };
    let mut text = format!(
        "Discrimination of “{}”{whose} is measured by the area under the receiver operating characteristic curve with {level} \
         confidence intervals{aucs}",
        names.outcome(&analysis.outcome)
    );
    if let Some(bootstrap) = analysis.rows.iter().find_map(|row| row.auc_bootstrap.as_ref()) {
        let replicates = match analysis.replicates {
            Some(replicates) if !bootstrap.method.contains("replicates") => {
                format!(", {} replicates", count(replicates))
            }
            _ => String::new(),
        };
        text.push_str(&format!(" and, beside them, {}{replicates}", bootstrap.method));
    }
    text.push('.');
    text.push_str(&further::areas(analysis));
    if !analysis.metrics.is_empty() {
        let labels: Vec<String> = analysis.metrics.iter().map(|facts| metric(&facts.label)).collect();
        let intervals = methods_of(analysis.rows.iter().flat_map(|row| row.metrics.iter().flatten()));
        text.push_str(&format!(
            " {} are given with {level} confidence intervals{intervals}",
            capitalised(&list(&labels))
        ));
        let rules: Vec<String> = analysis.thresholds.iter().map(|facts| names.rule(facts)).collect();
        let rules = distinct(rules.iter().map(String::as_str));
        if !rules.is_empty() {
            text.push_str(&format!(" at one threshold per model ({})", rules.join("; ")));
        }
        text.push('.');
    }
    text
}

/// More models than this are counted.
const MODELS_NAMED: usize = 8;

fn comparison(analysis: &Comparison, names: &Names) -> String {
    let tests = distinct(analysis.rows.iter().map(|row| row.test.method.as_ref()));
    let adjustment = match &analysis.adjustment {
        Some(adjustment) => format!("P-values are adjusted ({adjustment})"),
        None => "P-values are not adjusted".to_string(),
    };
    let overall = further::overall(&analysis.overall);
    let margin = analysis.rows.iter().find_map(|row| row.non_inferiority.as_ref()).map_or(String::new(), |found| {
        format!(" Non-inferiority to it was tested with a margin of {}, one-sided.", number::fixed(found.margin, 3))
    });
    format!(
        "The area under the curve of each model was compared with that of “{}” on the same subjects{}, two-sided; {adjustment}.\
         {overall}{margin}",
        names.model(&analysis.reference),
        by(&tests)
    )
}

fn cox(analysis: &CoxAnalysis, names: &Names) -> String {
    let level = number::level(analysis.level);
    let which = match (analysis.univariable.is_empty(), analysis.multivariable.is_empty()) {
        (false, true) => "univariable",
        (true, false) => "multivariable",
        _ => "univariable and multivariable",
    };
    let ratios = methods_of(analysis.univariable.iter().chain(&analysis.multivariable).map(|row| &row.hazard_ratio));
    let hazards = distinct(analysis.proportional_hazards.iter().map(|row| row.test.method.as_ref()));
    let hazards = if hazards.is_empty() {
        String::new()
    } else {
        format!(" Proportional hazards were examined by the {}.", list(&hazards))
    };
    let concordance = analysis.concordance.as_ref().map_or(String::new(), |concordance| {
        format!(" Concordance is given with its interval{}.", methods_of([concordance]))
    });
    format!(
        "Hazard ratios for “{}” with {level} confidence intervals{ratios} come from {which} Cox regression on {}{} ({} \
         approximation for ties).{}{hazards}{concordance}",
        names.outcome(&analysis.outcome),
        names.set(&analysis.partition),
        complete_cases(analysis.n, &analysis.partition, names),
        analysis.ties,
        further_survival::cox_details(&analysis.details, names)
    )
}

/// ", of which the 182 of 186 subjects without a missing value in the terms"; nothing where none is missing.
fn complete_cases(n: usize, partition: &str, names: &Names) -> String {
    match names.results.partition(partition) {
        Some(facts) if n < facts.n => format!(
            ", of whom those without a missing value in what it needs are taken ({} of {})",
            count(n),
            count(facts.n)
        ),
        _ => String::new(),
    }
}

fn calibration(analysis: &CalibrationAnalysis, names: &Names) -> String {
    let level = number::level(analysis.level);
    let estimates =
        analysis.rows.iter().flat_map(|row| [&row.intercept, &row.slope, &row.expected_observed_ratio, &row.brier]);
    let intervals = methods_of(estimates.flatten());
    let groups = methods_of(analysis.rows.iter().flat_map(|row| &row.groups).map(|group| &group.observed));
    let observed = if groups.is_empty() {
        String::new()
    } else {
        let sizes = group_sizes(analysis.rows.iter().map(|row| row.groups.as_slice()));
        format!("; observed proportions in {sizes}{groups}")
    };
    let decision = if analysis.rows.iter().any(|row| !row.decision_curve.is_empty()) {
        " Net benefit is compared with treating all and treating none."
    } else {
        ""
    };
    format!(
        "Calibration of the models that predict a probability of “{}” is described by intercept, slope and the ratio of \
         observed to expected events with {level} confidence intervals{intervals}, by the Brier score and the integrated \
         calibration index, the mean distance of the predicted risks from a lowess curve (span 2/3){observed}.{decision}",
        names.outcome(&analysis.outcome)
    )
}
