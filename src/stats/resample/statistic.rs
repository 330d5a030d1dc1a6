//! Bootstrap interval for any statistic of the rows.
//!
//! Estimand: whatever `statistic` computes from a list of row positions: of all rows for the estimate, of the drawn rows
//! (with repetitions) for a replicate. It returns `None`, or a number that is not finite, where it is not defined; how
//! often that happened is in the interval's `method`.
//!
//! What is drawn: rows, or whole clusters when `clusters` names the patient of each row: several lesions of a patient
//! are then in or out together. Under [`Sampling::Stratified`] units are drawn within the strata that `strata` names,
//! and all rows of a cluster must be of one stratum; under [`Sampling::Simple`] `strata` is not read.
//! Intervals and their edge cases: `bootstrap.rs`. BCa calls the statistic once more for each unit that is left out.
//!
//! Order: strata and clusters are ordered by their labels, rows of a cluster by position. Any number of threads gives
//! the same bits. Since rows are drawn by position, another order of the rows is another (equally valid) sample of
//! replicates: a caller that wants the same bits sorts the rows first.
//!
//! Edge cases: a statistic that is not defined on all rows is an error; so is a single unit in all.
//!
//! Source: as in `bootstrap.rs`; clusters: Field and Welsh 2007, doi:10.1111/j.1467-9868.2007.00593.x.
//! Oracle: none of its own; for an AUC its replicates are held against `resample/auc.rs`.

use super::bootstrap::{BootstrapOptions, Sampling};
use super::interval::{Observed, Weighted, acceleration, bootstrap_estimate};
use super::replicates;
use crate::stats::error::{StatsError, require_same_length};
use crate::stats::estimate::Estimate;
use crate::stats::random::{Seed, Stream};
use rayon::prelude::*;
use std::ops::Range;

/// The statistic of rows `0..n` with its bootstrap standard error and interval.
pub fn bootstrap_statistic(
    n: usize,
    strata: Option<&[usize]>,
    clusters: Option<&[usize]>,
    options: &BootstrapOptions,
    seed: Seed,
    statistic: impl Fn(&[usize]) -> Option<f64> + Sync,
) -> Result<Estimate, StatsError> {
    options.validate()?;
    let units = Units::new(n, strata, clusters, options.sampling)?;
    let all_rows: Vec<usize> = (0..n).collect();
    let defined = |rows: &[usize]| statistic(rows).filter(|value| value.is_finite());
    let Some(value) = defined(&all_rows) else {
        return Err(StatsError::Undefined { what: "statistic", why: "it has no finite value on all rows" });
    };
    let drawn = replicates::run(options.replicates, seed, Vec::new, |rows, stream| {
        units.draw(stream, rows);
        defined(rows)
    });
    let name = if clusters.is_some() { format!(" of {} clusters", units.count()) } else { String::new() };
    let observed = Observed { value, n, support: f64::NEG_INFINITY..=f64::INFINITY, units: &name };
    bootstrap_estimate(&observed, &drawn, options, || acceleration(&units.without_each(&defined)))
}

/// Units to draw from, each with its rows; the units of a stratum are neighbours.
struct Units {
    rows: Vec<usize>,
    /// Where the rows of each unit begin, and the end of the last.
    starts: Vec<usize>,
    /// The units of each stratum.
    strata: Vec<Range<usize>>,
}

/// A row and the unit that it belongs to. Sorts by stratum, then unit, then row.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Member {
    stratum: usize,
    unit: usize,
    row: usize,
}

impl Units {
    fn new(
        n: usize,
        strata: Option<&[usize]>,
        clusters: Option<&[usize]>,
        sampling: Sampling,
    ) -> Result<Self, StatsError> {
        let strata = match (sampling, strata) {
            (Sampling::Simple, _) => None,
            (Sampling::Stratified, Some(strata)) => Some(strata),
            (Sampling::Stratified, None) => {
                return Err(StatsError::Undefined { what: "stratified bootstrap", why: "no strata were given" });
            }
        };
        for (name, labels) in [("strata", strata), ("clusters", clusters)] {
            if let Some(labels) = labels {
                require_same_length("rows", n, name, labels.len())?;
            }
        }
        let mut members: Vec<Member> = (0..n)
            .map(|row| Member {
                stratum: strata.map_or(0, |labels| labels[row]),
                unit: clusters.map_or(row, |labels| labels[row]),
                row,
            })
            .collect();
        require_one_stratum_per_unit(&mut members)?;
        members.sort_unstable();
        Self::of_sorted(&members)
    }

    fn of_sorted(members: &[Member]) -> Result<Self, StatsError> {
        let mut starts = Vec::new();
        let mut strata: Vec<Range<usize>> = Vec::new();
        for (position, member) in members.iter().enumerate() {
            let previous = position.checked_sub(1).map(|before| members[before]);
            if previous.is_some_and(|previous| (previous.stratum, previous.unit) == (member.stratum, member.unit)) {
                continue;
            }
            let unit = starts.len();
            starts.push(position);
            match strata.last_mut() {
                Some(stratum) if previous.is_some_and(|previous| previous.stratum == member.stratum) => {
                    stratum.end = unit + 1;
                }
                _ => strata.push(unit..unit + 1),
            }
        }
        if starts.len() < 2 {
            return Err(StatsError::TooFew { what: "number of units to draw", needed: 2, found: starts.len() });
        }
        starts.push(members.len());
        Ok(Self { rows: members.iter().map(|member| member.row).collect(), starts, strata })
    }

    fn count(&self) -> usize {
        self.starts.len() - 1
    }

    fn rows_of(&self, unit: usize) -> &[usize] {
        &self.rows[self.starts[unit]..self.starts[unit + 1]]
    }

    /// As many units of each stratum as it has, with replacement.
    fn draw(&self, stream: &mut Stream, rows: &mut Vec<usize>) {
        rows.clear();
        for stratum in &self.strata {
            for _ in stratum.clone() {
                let unit = stratum.start + stream.below(stratum.len() as u64) as usize;
                rows.extend_from_slice(self.rows_of(unit));
            }
        }
    }

    /// The statistic without each unit, by stratum, where it is defined.
    fn without_each(&self, statistic: &(impl Fn(&[usize]) -> Option<f64> + Sync)) -> Vec<Vec<Weighted>> {
        let of_stratum = |stratum: &Range<usize>| {
            let values: Vec<Option<f64>> = stratum
                .clone()
                .into_par_iter()
                .map(|unit| {
                    let (before, after) = (&self.rows[..self.starts[unit]], &self.rows[self.starts[unit + 1]..]);
                    statistic(&[before, after].concat())
                })
                .collect();
            values.into_iter().flatten().map(|value| Weighted { value, times: 1.0 }).collect()
        };
        self.strata.iter().map(of_stratum).collect()
    }
}

/// A cluster is drawn as a whole, so it cannot lie in two strata. Leaves the members sorted by unit.
fn require_one_stratum_per_unit(members: &mut [Member]) -> Result<(), StatsError> {
    members.sort_unstable_by_key(|member| (member.unit, member.row));
    match members.windows(2).find(|pair| pair[0].unit == pair[1].unit && pair[0].stratum != pair[1].stratum) {
        Some(pair) => Err(StatsError::InvalidAt {
            what: "stratum",
            index: pair[1].row,
            expected: "that of the other rows of its cluster",
        }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::bootstrap::BootstrapInterval;
    use super::*;

    const VALUES: [f64; 8] = [1.0, 4.0, 2.0, 8.0, 5.0, 7.0, 3.0, 6.0];

    fn mean(rows: &[usize]) -> Option<f64> {
        (!rows.is_empty()).then(|| rows.iter().map(|row| VALUES[*row]).sum::<f64>() / rows.len() as f64)
    }

    fn options(sampling: Sampling) -> BootstrapOptions {
        BootstrapOptions { sampling, replicates: 4000, ..Default::default() }
    }

    #[test]
    fn the_standard_error_of_a_mean_by_hand() {
        // The exact bootstrap standard error of a mean is √(Σ (x − x̄)² / n²) = √(42 / 64) = 0.8101.
        let estimate =
            bootstrap_statistic(8, None, None, &options(Sampling::Simple), Seed::from_study(5), mean).unwrap();
        assert_eq!(estimate.value, 4.5);
        // Four standard errors of a standard deviation of 4000 replicates: 4.5%.
        assert!((estimate.standard_error.unwrap() / 0.8101 - 1.0).abs() < 0.045);
        assert_eq!(estimate.interval.unwrap().method, "bootstrap, percentile, 4000 replicates");
    }

    #[test]
    fn clusters_are_drawn_whole() {
        // Clusters {1, 4}, {2, 8}, {5, 7}, {3, 6} with sums 5, 10, 12, 9: the exact standard error of the mean of four
        // cluster means 2.5, 5, 6, 4.5 is √(Σ (m − 4.5)²) / 4 = √6.5 / 4 = 0.6374.
        let clusters = [9, 9, 2, 2, 5, 5, 7, 7];
        let estimate =
            bootstrap_statistic(8, None, Some(&clusters), &options(Sampling::Simple), Seed::from_study(5), |rows| {
                assert!(rows.chunks(2).all(|pair| pair.len() == 2 && pair[0] % 2 == 0 && pair[1] == pair[0] + 1));
                mean(rows)
            })
            .unwrap();
        assert!((estimate.standard_error.unwrap() / 0.6374 - 1.0).abs() < 0.045);
        assert_eq!(estimate.interval.unwrap().method, "bootstrap of 4 clusters, percentile, 4000 replicates");
    }

    #[test]
    fn strata_keep_their_sizes() {
        let strata = [1, 1, 1, 0, 0, 0, 0, 0];
        let seed = Seed::from_study(5);
        bootstrap_statistic(8, Some(&strata), None, &options(Sampling::Stratified), seed, |rows| {
            assert_eq!((rows.len(), rows.iter().filter(|row| strata[**row] == 1).count()), (8, 3));
            mean(rows)
        })
        .unwrap();
        let crossing = bootstrap_statistic(
            8,
            Some(&strata),
            Some(&[0, 0, 1, 1, 2, 2, 3, 3]),
            &options(Sampling::Stratified),
            seed,
            mean,
        );
        assert!(matches!(crossing, Err(StatsError::InvalidAt { index: 3, .. })));
    }

    #[test]
    fn the_jackknife_leaves_out_each_unit() {
        // Without each of the values the mean is (36 − x) / 7.
        let units = Units::new(8, None, None, Sampling::Simple).unwrap();
        let values = units.without_each(&mean);
        for (row, item) in values[0].iter().enumerate() {
            assert!((item.value - (36.0 - VALUES[row]) / 7.0).abs() < 1e-15);
        }
        let options =
            BootstrapOptions { kind: BootstrapInterval::BiasCorrectedAccelerated, ..options(Sampling::Simple) };
        let interval =
            bootstrap_statistic(8, None, None, &options, Seed::from_study(5), mean).unwrap().interval.unwrap();
        assert!(interval.lower < 4.5 && interval.upper > 4.5);
    }

    #[test]
    fn undefined_statistics_are_reported() {
        let never = |_: &[usize]| None;
        let seed = Seed::from_study(5);
        assert!(bootstrap_statistic(8, None, None, &options(Sampling::Simple), seed, never).is_err());
        assert!(bootstrap_statistic(1, None, None, &options(Sampling::Simple), seed, mean).is_err());
        assert!(bootstrap_statistic(8, None, None, &options(Sampling::Stratified), seed, mean).is_err());
        // Not defined without row 0, which a replicate lacks with probability (7/8)⁸ = 0.34.
        let sometimes = |rows: &[usize]| rows.contains(&0).then_some(1.0);
        let estimate = bootstrap_statistic(8, None, None, &options(Sampling::Simple), seed, sometimes).unwrap();
        assert!(estimate.interval.unwrap().method.ends_with(" undefined"));
    }
}
