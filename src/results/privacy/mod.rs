//! What may not be told of few subjects: a pure pass over finished results, before anything is written, so that
//! `results.json`, the page, the PDF and every figure hold the same and nothing more.
//!
//! - A count from 1 to one less than the minimum is **small** and is withheld. Zero is shown: nobody is in it. The sizes
//!   of the sets are not withheld, nor is that of the file unless few left.
//! - What would give a small count away goes with it: the next smallest cell of its column, the proportions, tests and
//!   differences made of it, and the same cells in sets that are unions of others.
//! - A set in which an outcome's class is small is left out of every analysis of that outcome, and so are its unions.
//! - Curves become as coarse as it takes: between two points that are kept no class has a small count. ROC curves and
//!   threshold sweeps share their points; of survival and incidence the rates come first ([`curve`]), and curves end where
//!   fewer than the minimum are at risk. A curve of which only the ends are left is not told.
//! - What tells of the events by a horizon goes by the same rule along the predicted risk ([`horizon`]).
//! - The smallest and the largest value of a variable are those of single subjects and are left out.
//! - Steps of the flow with small counts are joined with a neighbour, and what would take them apart again goes. Where few left
//!   in all, neither why nor how many were read is told.
//! - Last, whatever kind of analysis still holds a small count, known here or not, is withheld as a whole
//!   ([`guard`]): the pass fails closed.
//!
//! The rule of a minimum with a complementary cell is that of official statistics (Hundepool et al. 2012, Statistical
//! Disclosure Control, chapter 4); zero being shown is the rule of CMS and NHS Digital for small numbers. It is no proof
//! against somebody who knows all subjects but one; noise would be needed for that, and would break "bit for bit".

mod baseline;
mod calibration;
mod chain;
mod characteristics;
mod cohort;
mod curve;
mod emptied;
mod guard;
mod horizon;
mod incidence;
mod lattice;
mod performance;
mod subgroups;
mod survival;

use super::{AnalysisOutcome, Notice, NoticeLevel, PartitionFacts, Results, forget_tallies};

/// Which counts are small.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Rule {
    minimum: usize,
}

impl Rule {
    fn is_small(self, count: usize) -> bool {
        count > 0 && count < self.minimum
    }
}

/// An outcome in a set where one of its classes is small.
struct Withheld {
    outcome: String,
    partition: String,
}

/// A set that was taken out of one analysis.
struct Taken {
    analysis: String,
    partition: String,
}

/// The results without what would tell of fewer than `minimum` subjects.
pub fn withhold(mut results: Results, minimum: usize) -> Results {
    let rule = Rule { minimum };
    cohort::withhold(&mut results, rule);
    let withheld = small_classes(&results.partitions, rule);
    for partition in &mut results.partitions {
        partition.outcomes.retain(|facts| !is_withheld(&withheld, &facts.outcome, &partition.id));
    }
    if withheld.iter().any(|entry| entry.partition == "training") {
        results.notices.retain(|notice| !notice.code.starts_with("sample/"));
    }
    let partitions = results.partitions.clone();
    let had_nothing: Vec<bool> = results.analyses.iter().map(emptied::is_empty).collect();
    let mut taken = Vec::new();
    for analysis in &mut results.analyses {
        let keeps = |outcome: &str, partition: &str| !is_withheld(&withheld, outcome, partition);
        match &mut analysis.outcome {
            AnalysisOutcome::BaselineTable(table) => baseline::withhold(table, &partitions, rule, keeps),
            AnalysisOutcome::Performance(performance) => performance::withhold(performance, &partitions, rule, keeps),
            AnalysisOutcome::Comparison(comparison) => {
                let outcome = comparison.outcome.clone();
                comparison.rows.retain(|row| keeps(&outcome, &row.partition));
            }
            AnalysisOutcome::KaplanMeier(survival) => {
                let gone = survival::withhold(survival, &partitions, rule, keeps);
                taken.extend(gone.into_iter().map(|partition| Taken { analysis: analysis.id.clone(), partition }));
            }
            AnalysisOutcome::CumulativeIncidence(found) => {
                let gone = incidence::withhold(found, &partitions, rule, keeps);
                taken.extend(gone.into_iter().map(|partition| Taken { analysis: analysis.id.clone(), partition }));
            }
            AnalysisOutcome::Characteristics(table) => characteristics::withhold(table, rule),
            AnalysisOutcome::Subgroups(found) => subgroups::withhold(found, rule),
            AnalysisOutcome::SurvivalPerformance(performance) => {
                let outcome = performance.outcome.clone();
                performance.rows.retain(|row| keeps(&outcome, &row.partition));
                performance.comparisons.retain(|row| keeps(&outcome, &row.partition));
                horizon::withhold(performance, &partitions, rule);
            }
            _ => {}
        }
    }
    calibration::withhold_all(&mut results, rule, &|outcome, partition| !is_withheld(&withheld, outcome, partition));
    if let Some(explanation) = &mut results.explanation {
        for maps in &mut explanation.maps {
            maps.classes.retain(|class| !rule.is_small(class.n));
            maps.patients.clear();
        }
    }
    let hidden: Vec<String> = results
        .analyses
        .iter()
        .flat_map(|analysis| match &analysis.outcome {
            AnalysisOutcome::BaselineTable(table) => baseline::hidden_missing(table),
            _ => Vec::new(),
        })
        .collect();
    cohort::hide_missing(&mut results, &hidden);
    let mut left_out: Vec<String> =
        withheld.iter().map(|entry| format!("`{}` in {}", entry.outcome, entry.partition)).collect();
    forget_tallies(&mut results.analyses);
    for (analysis, had_nothing) in results.analyses.iter_mut().zip(had_nothing) {
        if guard::withhold(analysis, &partitions, rule) || (!had_nothing && emptied::withhold(analysis, rule)) {
            taken.retain(|taken| taken.analysis != analysis.id);
            // A notice of it may say what it is withheld for.
            let named = format!("`{}`", analysis.id);
            results.notices.retain(|notice| !(notice.code.starts_with("analysis/") && notice.message.contains(&named)));
            left_out.push(format!("the analysis `{}`", analysis.id));
        }
    }
    left_out.extend(taken.into_iter().map(|taken| format!("`{}` in {}", taken.analysis, taken.partition)));
    let more = if left_out.is_empty() { String::new() } else { format!(" Left out: {}.", left_out.join(", ")) };
    results.notices.push(Notice {
        code: "privacy/minimum-cell".to_string(),
        level: if left_out.is_empty() { NoticeLevel::Note } else { NoticeLevel::Warning },
        message: format!(
            "Counts from 1 to {} are withheld, with the numbers that would give them away; curves are coarser for it.{more}",
            minimum - 1
        ),
    });
    results
}

/// Sets in which a class of an outcome is small, and the unions that hold such a set.
fn small_classes(partitions: &[PartitionFacts], rule: Rule) -> Vec<Withheld> {
    let mut found: Vec<Withheld> = Vec::new();
    for partition in partitions {
        for facts in &partition.outcomes {
            if rule.is_small(facts.events) || rule.is_small(partition.n.saturating_sub(facts.events)) {
                found.push(Withheld { outcome: facts.outcome.clone(), partition: partition.id.clone() });
            }
        }
    }
    for union in partitions.iter().filter(|partition| !partition.union_of.is_empty()) {
        for facts in &union.outcomes {
            let of_part = |part: &String| is_withheld(&found, &facts.outcome, part);
            if union.union_of.iter().any(of_part) && !is_withheld(&found, &facts.outcome, &union.id) {
                found.push(Withheld { outcome: facts.outcome.clone(), partition: union.id.clone() });
            }
        }
    }
    found
}

fn is_withheld(withheld: &[Withheld], outcome: &str, partition: &str) -> bool {
    withheld.iter().any(|entry| entry.outcome == outcome && entry.partition == partition)
}

/// The parts that a set is made of: itself, unless it is a union.
fn parts<'a>(partitions: &'a [PartitionFacts], id: &'a str) -> Vec<&'a str> {
    match partitions.iter().find(|partition| partition.id == id) {
        Some(partition) if !partition.union_of.is_empty() => partition.union_of.iter().map(String::as_str).collect(),
        _ => vec![id],
    }
}

/// Two sets that share a part: the counts of the one then tell of the other.
fn overlap(partitions: &[PartitionFacts], one: &str, other: &str) -> bool {
    let of_other = parts(partitions, other);
    parts(partitions, one).iter().any(|part| of_other.contains(part))
}
