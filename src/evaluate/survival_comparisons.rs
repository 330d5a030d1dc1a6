//! Comparisons of survival between groups beside the test of all: trend, pairs, restricted means; within strata.

use super::comparison::{adjustment_in_words, to_method};
use super::{Context, EvaluateError, pick};
use crate::data::VariableData;
use crate::predictions::SurvivalColumns;
use crate::results::{GroupPair, MeanDifference, SurvivalComparisons};
use crate::spec::raw::{RawAdjustment, RawLogRank, RawLogRankWeight};
use crate::stats::multiplicity::adjust;
use crate::stats::survival::data::SurvivalData;
use crate::stats::survival::log_rank::{LogRankWeight, log_rank, log_rank_pairwise, log_rank_trend};
use crate::stats::survival::restricted_mean::{compare_restricted_means, restricted_mean};
use crate::stats::{StatsError, Test};

/// What the declared tests look at: the subjects of a partition whose group, and stratum, are known.
pub(super) struct Compared<'a> {
    pub labels: &'a [String],
    pub group: Vec<usize>,
    pub columns: SurvivalColumns,
    pub strata: Option<Vec<usize>>,
}

/// The strata of every subject of the cohort; `None` without a declared variable.
pub(super) fn strata<'a>(
    context: Context<'a>,
    declared: &RawLogRank,
) -> Result<Option<&'a [Option<usize>]>, EvaluateError> {
    let Some(name) = &declared.stratify else { return Ok(None) };
    match context.cohort.variables.get(name.as_str()) {
        Some(VariableData::Levels(levels)) => Ok(Some(levels)),
        _ => Err(EvaluateError::Other(format!("`{name}` has no levels"))),
    }
}

impl<'a> Compared<'a> {
    /// Subjects without a known stratum are left out; `entry` is known of all rows.
    pub fn new(
        context: Context<'_>,
        outcome: &str,
        labels: &'a [String],
        of: &[Option<usize>],
        rows: &[usize],
        strata: Option<&[Option<usize>]>,
        entry: Option<&[Option<f64>]>,
    ) -> Self {
        let known: Vec<usize> =
            rows.iter().copied().filter(|row| strata.is_none_or(|strata| strata[*row].is_some())).collect();
        Self {
            labels,
            group: pick(of, &known).into_iter().flatten().collect(),
            columns: SurvivalColumns {
                entry: entry.map(|entry| pick(entry, &known).into_iter().flatten().collect()),
                ..context.predictions.survival(outcome, &known)
            },
            strata: strata.map(|strata| pick(strata, &known).into_iter().flatten().collect()),
        }
    }

    fn data(&self) -> SurvivalData<'_> {
        self.columns.data()
    }

    fn present(&self) -> usize {
        (0..self.labels.len()).filter(|group| self.group.contains(group)).count()
    }

    /// The test of all groups; `None` where fewer than two have subjects, or no event happened while two were at risk.
    pub fn all(&self, declared: &RawLogRank) -> Result<Option<Test>, StatsError> {
        if self.present() < 2 {
            return Ok(None);
        }
        let weight = to_weight(declared);
        let tested = log_rank(&self.data(), &self.group, self.labels.len(), weight, self.strata.as_deref());
        Ok(defined(tested)?.map(|result| result.test))
    }

    pub fn further(
        &self,
        declared: &RawLogRank,
        stratified_by: Option<String>,
        restricted_to: Option<f64>,
        level: f64,
    ) -> Result<SurvivalComparisons, StatsError> {
        let mut found = SurvivalComparisons { stratified_by, restricted_to, ..SurvivalComparisons::default() };
        let weight = to_weight(declared);
        let strata = self.strata.as_deref();
        if declared.trend && self.present() > 1 {
            let scores: Vec<f64> = (0..self.labels.len()).map(|group| group as f64).collect();
            found.trend = defined(log_rank_trend(&self.data(), &self.group, &scores, weight, strata))?;
        }
        if let Some(adjustment) = declared.pairwise.filter(|_| self.present() > 1) {
            let pairs = defined(log_rank_pairwise(&self.data(), &self.group, self.labels.len(), weight, strata))?;
            found.pairwise = pairs
                .unwrap_or_default()
                .into_iter()
                .map(|pair| GroupPair {
                    first: self.labels[pair.first].clone(),
                    second: self.labels[pair.second].clone(),
                    test: pair.test,
                    adjusted_p_value: None,
                })
                .collect();
            adjust_pairs(&mut found.pairwise, adjustment)?;
            let tested = found.pairwise.iter().filter(|pair| pair.test.is_some()).count();
            found.pairwise_adjustment = adjustment_in_words(adjustment, tested, "of two groups within a partition");
        }
        if let Some(tau) = restricted_to {
            self.restricted_means(tau, level, &mut found)?;
        }
        Ok(found)
    }

    fn restricted_means(&self, tau: f64, level: f64, found: &mut SurvivalComparisons) -> Result<(), StatsError> {
        let members: Vec<SurvivalColumns> = (0..self.labels.len())
            .map(|group| {
                let rows: Vec<usize> = (0..self.group.len()).filter(|row| self.group[*row] == group).collect();
                SurvivalColumns {
                    time: pick(&self.columns.time, &rows),
                    event: pick(&self.columns.event, &rows),
                    entry: self.columns.entry.as_ref().map(|entry| pick(entry, &rows)),
                }
            })
            .collect();
        for columns in &members {
            // One subject has no variance, and its mean would be its own time.
            let mean =
                if columns.time.len() < 2 { None } else { defined(restricted_mean(&columns.data(), tau, level))? };
            found.restricted_means.push(mean.map(|mean| mean.mean));
        }
        for first in 0..members.len() {
            for second in first + 1..members.len() {
                if found.restricted_means[first].is_none() || found.restricted_means[second].is_none() {
                    continue;
                }
                let (one, other) = (members[first].data(), members[second].data());
                if let Some(compared) = defined(compare_restricted_means(&one, &other, tau, level))? {
                    found.mean_differences.push(MeanDifference {
                        first: self.labels[first].clone(),
                        second: self.labels[second].clone(),
                        difference: compared.difference.estimate,
                        test: compared.difference.test,
                    });
                }
            }
        }
        Ok(())
    }
}

fn adjust_pairs(pairs: &mut [GroupPair], adjustment: RawAdjustment) -> Result<(), StatsError> {
    let Some(method) = to_method(adjustment) else { return Ok(()) };
    let raw: Vec<f64> = pairs.iter().filter_map(|pair| pair.test.as_ref()).map(|test| test.p_value).collect();
    if raw.is_empty() {
        return Ok(());
    }
    let tested = pairs.iter_mut().filter(|pair| pair.test.is_some());
    for (pair, adjusted) in tested.zip(adjust(&raw, method)?) {
        pair.adjusted_p_value = Some(adjusted);
    }
    Ok(())
}

/// `None` where a comparison is not defined for these subjects; any other error stays one.
fn defined<T>(result: Result<T, StatsError>) -> Result<Option<T>, StatsError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(StatsError::NoEvents | StatsError::Undefined { .. } | StatsError::OutOfRange { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

fn to_weight(declared: &RawLogRank) -> LogRankWeight {
    match declared.weight {
        RawLogRankWeight::LogRank => LogRankWeight::LogRank,
        RawLogRankWeight::Gehan => LogRankWeight::Gehan,
        RawLogRankWeight::TaroneWare => LogRankWeight::TaroneWare,
        RawLogRankWeight::PetoPeto => LogRankWeight::PetoPeto,
        RawLogRankWeight::FlemingHarrington => {
            LogRankWeight::FlemingHarrington { rho: declared.rho.unwrap_or(0.0), gamma: declared.gamma.unwrap_or(0.0) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_restricted_mean_of_one_subject_is_not_told() {
        let labels = ["One", "Three"].map(String::from);
        let compared = Compared {
            labels: &labels,
            group: vec![0, 1, 1, 1],
            columns: SurvivalColumns {
                time: vec![3.5, 1.0, 2.0, 5.0],
                event: vec![true, true, false, true],
                entry: None,
            },
            strata: None,
        };
        let mut found = SurvivalComparisons::default();
        compared.restricted_means(3.0, 0.95, &mut found).unwrap();
        assert!(found.restricted_means[0].is_none() && found.restricted_means[1].is_some());
        assert!(found.mean_differences.is_empty());
    }
}
