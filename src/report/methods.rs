//! The methods section: written from the results, so that it names what was done and by what, and nothing else.

mod further;
mod further_survival;
mod models;
mod software;
mod survival;

use super::build::names::{Names, capitalised, distinct, interval_methods, list, metric};
use super::document::{Block, Definition};
use super::number::{self, count};
use crate::results::*;
use crate::stats::{Estimate, Interval};

pub fn blocks(results: &Results) -> Vec<Block> {
    let mut blocks = vec![paragraph(outcomes_and_sets(results))];
    if !results.study.images.is_empty() {
        let entry = |fact: &ImageFact| Definition { term: fact.term.clone(), text: fact.text.clone() };
        blocks.push(Block::Definitions { entries: results.study.images.iter().map(entry).collect() });
    }
    if !results.models.is_empty() {
        blocks.push(Block::Definitions { entries: models::entries(results) });
    }
    let sentences: Vec<String> =
        results.analyses.iter().filter_map(|analysis| statistics(&analysis.outcome, results)).collect();
    // An analysis may be declared more than once, for other sets or outcomes: its method is told once.
    blocks.extend(distinct(sentences.iter().map(String::as_str)).into_iter().map(|text| paragraph(text.to_string())));
    blocks.push(paragraph(software::sentence(results)));
    blocks
}

fn paragraph(text: String) -> Block {
    Block::Paragraph { text }
}

fn outcomes_and_sets(results: &Results) -> String {
    let outcomes = results.outcomes.iter().map(|outcome| {
        let kind = match outcome.kind {
            OutcomeKind::Binary => "binary",
            OutcomeKind::Survival => "time to event",
        };
        format!("{} ({kind}; “{}”)", outcome.label, outcome.definition)
    });
    let outcomes: Vec<String> = outcomes.collect();
    let names = Names { results };
    let noun = if outcomes.len() == 1 { "The outcome is" } else { "The outcomes are" };
    format!("{noun} {}.{}", list(&outcomes), models::fitted(results, &names).unwrap_or_default())
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

fn statistics(outcome: &AnalysisOutcome, results: &Results) -> Option<String> {
    let names = Names { results };
    Some(match outcome {
        AnalysisOutcome::BaselineTable(analysis) => baseline(analysis, &names),
        AnalysisOutcome::Performance(analysis) => performance(analysis, &names),
        AnalysisOutcome::Comparison(analysis) => comparison(analysis, &names),
        AnalysisOutcome::KaplanMeier(analysis) => survival(analysis, &names),
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

fn baseline(analysis: &BaselineTable, names: &Names) -> String {
    let tests = distinct(
        analysis.rows.iter().flat_map(|row| &row.cells).filter_map(|cell| Some(cell.test.as_ref()?.method.as_ref())),
    );
    format!(
        "Baseline characteristics were compared between the classes of the outcome “{}” within each set{}, two-sided and \
         without adjustment; the test of each row is named by its mark.",
        names.outcome(&analysis.outcome),
        by(&tests)
    )
}

fn performance(analysis: &Performance, names: &Names) -> String {
    let level = number::level(analysis.level);
    let aucs = methods_of(analysis.rows.iter().filter_map(|row| row.auc.as_ref()));
    let mut text = format!(
        "Discrimination of “{}” is measured by the area under the receiver operating characteristic curve with {level} \
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

fn survival(analysis: &SurvivalAnalysis, names: &Names) -> String {
    let level = number::level(analysis.level);
    let groups = || analysis.partitions.iter().flat_map(|partition| &partition.groups);
    let rates = methods_of(groups().flat_map(|group| group.rates.iter().flatten()));
    let medians = methods_of(groups().filter_map(|group| group.median.as_ref()));
    let tests =
        distinct(analysis.partitions.iter().filter_map(|partition| Some(partition.log_rank.as_ref()?.method.as_ref())));
    let compared = if tests.is_empty() { String::new() } else { format!(", compared by the {} test", list(&tests)) };
    format!(
        "{} is estimated by the Kaplan-Meier method{compared}; groups: {}. Rates{rates} and medians{medians} have {level} \
         confidence intervals.{}",
        names.outcome(&analysis.outcome),
        analysis.grouped_by.trim_end_matches('.'),
        further_survival::comparisons(analysis, names)
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
        "Hazard ratios for “{}” with {level} confidence intervals{ratios} come from {which} Cox regression on {} ({} \
         approximation for ties).{}{hazards}{concordance}",
        names.outcome(&analysis.outcome),
        names.set(&analysis.partition),
        analysis.ties,
        further_survival::cox_details(&analysis.details, names)
    )
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
        format!("; observed proportions in groups of predicted risk{groups}")
    };
    let decision = if analysis.rows.iter().any(|row| !row.decision_curve.is_empty()) {
        " Net benefit is compared with treating all and treating none."
    } else {
        ""
    };
    format!(
        "Calibration of the models that predict a probability of “{}” is described by intercept, slope and the ratio of \
         observed to expected events with {level} confidence intervals{intervals}, by the Brier score and the integrated \
         calibration index{observed}.{decision}",
        names.outcome(&analysis.outcome)
    )
}
