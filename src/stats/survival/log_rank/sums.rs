//! Observed and expected events of the groups, their covariance, and the form that makes a test of both.

use super::{LogRankGroup, LogRankStratum, LogRankWeight, check};
use crate::stats::error::StatsError;
use crate::stats::survival::data::{SurvivalData, key_time, tie_tolerance, tie_tolerance_of_sorted, time_key};

/// A row in the order of stratum, time, and event before censoring, at half the size of a struct. The lowest bits hold its
/// group; where rows are weighted, its number, which leads to group and weight. Rows alike in the rest may be in any
/// order: what is summed over them is whole numbers, and exact.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Packed(u128);

impl Packed {
    fn new(stratum_rank: u32, key: u64, payload: u32) -> Self {
        Self((u128::from(stratum_rank) << 96) | (u128::from(key) << 32) | u128::from(payload))
    }

    fn stratum_rank(self) -> usize {
        (self.0 >> 96) as usize
    }

    fn key(self) -> u64 {
        (self.0 >> 32) as u64
    }

    fn time(self) -> f64 {
        key_time(self.key())
    }

    fn is_event(self) -> bool {
        self.key() & 1 == 0
    }

    fn payload(self) -> usize {
        self.0 as u32 as usize
    }
}

/// The strata's labels in ascending order, and the rank of each row's label.
struct Strata {
    labels: Vec<usize>,
    ranks: Option<Vec<u32>>,
}

impl Strata {
    fn of(strata: Option<&[usize]>) -> Self {
        let Some(strata) = strata else {
            return Self { labels: vec![0], ranks: None };
        };
        let mut labels = strata.to_vec();
        labels.sort_unstable();
        labels.dedup();
        let ranks = strata.iter().map(|label| labels.partition_point(|other| other < label) as u32).collect();
        Self { labels, ranks: Some(ranks) }
    }

    fn sorted_rows(&self, data: &SurvivalData, group: &[usize], key: impl Fn(usize) -> u64) -> Vec<Packed> {
        let rank = |row: u32| self.ranks.as_ref().map_or(0, |ranks| ranks[row as usize]);
        let payload = |row: u32| if data.weight.is_some() { row } else { group[row as usize] as u32 };
        let mut rows: Vec<Packed> = (0..data.len() as u32)
            .filter(|row| data.weight_of(*row as usize) > 0.0)
            .map(|row| Packed::new(rank(row), key(row as usize), payload(row)))
            .collect();
        rows.sort_unstable();
        rows
    }
}

/// The part of the input that does not change from stratum to stratum.
struct Frame<'a> {
    data: &'a SurvivalData<'a>,
    group: &'a [usize],
    weight: LogRankWeight,
    tolerance: f64,
}

impl Frame<'_> {
    /// The row's group and weight.
    fn member(&self, row: Packed) -> (usize, f64) {
        match self.data.weight {
            Some(weight) => (self.group[row.payload()], weight[row.payload()]),
            None => (row.payload(), 1.0),
        }
    }
}

/// Observed and expected by stratum, and their covariance over all strata.
pub(super) struct Sums {
    pub strata: Vec<LogRankStratum>,
    pub variance: Vec<Vec<f64>>,
}

impl Sums {
    pub fn of(
        data: &SurvivalData,
        group: &[usize],
        group_count: usize,
        weight: LogRankWeight,
        strata: Option<&[usize]>,
    ) -> Result<Self, StatsError> {
        check(data, group, group_count, weight, strata)?;
        let strata = Strata::of(strata);
        let leaving = strata.sorted_rows(data, group, |row| time_key(data.time[row], !data.event[row]));
        if !leaving.iter().any(|row| row.is_event()) {
            return Err(StatsError::NoEvents);
        }
        let entering = data.entry.map(|entry| strata.sorted_rows(data, group, |row| time_key(entry[row], false)));
        let tolerance = match data.entry {
            Some(entry) => tie_tolerance(&[entry, data.time]),
            None if strata.labels.len() > 1 => tie_tolerance(&[data.time]),
            None => tie_tolerance_of_sorted(leaving.iter().map(|row| row.time())),
        };
        let frame = Frame { data, group, weight, tolerance };
        let mut sums = Sums { strata: Vec::new(), variance: vec![vec![0.0; group_count]; group_count] };
        for leaving in leaving.chunk_by(|left, right| left.stratum_rank() == right.stratum_rank()) {
            let rank = leaving[0].stratum_rank();
            let entering = entering.as_ref().map(|entering| {
                let from = entering.partition_point(|row| row.stratum_rank() < rank);
                let to = entering.partition_point(|row| row.stratum_rank() <= rank);
                &entering[from..to]
            });
            sums.add_stratum(&frame, strata.labels[rank], leaving, entering);
        }
        Ok(sums)
    }

    fn add_stratum(&mut self, frame: &Frame, stratum: usize, leaving: &[Packed], entering: Option<&[Packed]>) {
        let group_count = self.variance.len();
        let mut groups = vec![LogRankGroup { n: 0, observed: 0.0, expected: 0.0 }; group_count];
        let mut at_risk = vec![0.0; group_count];
        let mut events = vec![0.0; group_count];
        for row in leaving {
            let (group, weight) = frame.member(*row);
            groups[group].n += weight as usize;
            at_risk[group] += if entering.is_none() { weight } else { 0.0 };
        }
        let mut still_outside = entering.unwrap_or_default();
        let mut pooled = PooledWeight { weight: frame.weight, survival: 1.0, peto: 1.0 };
        for tied in leaving.chunk_by(|left, right| right.time() - left.time() <= frame.tolerance) {
            let time = tied[0].time();
            let entered = still_outside.partition_point(|row| time - row.time() > frame.tolerance);
            for row in &still_outside[..entered] {
                let (group, weight) = frame.member(*row);
                at_risk[group] += weight;
            }
            still_outside = &still_outside[entered..];
            let mut any_event = false;
            for row in tied.iter().filter(|row| row.is_event()) {
                let (group, weight) = frame.member(*row);
                any_event = true;
                events[group] += weight;
            }
            if any_event {
                self.add_time(&mut groups, &at_risk, &events, &mut pooled);
                events.fill(0.0);
            }
            for row in tied {
                let (group, weight) = frame.member(*row);
                at_risk[group] -= weight;
            }
        }
        self.strata.push(LogRankStratum { stratum, groups });
    }

    fn add_time(&mut self, groups: &mut [LogRankGroup], at_risk: &[f64], events: &[f64], pooled: &mut PooledWeight) {
        let (n, d): (f64, f64) = (at_risk.iter().sum(), events.iter().sum());
        let weight = pooled.next(n, d);
        for (group, (at_risk, events)) in groups.iter_mut().zip(at_risk.iter().zip(events)) {
            group.observed += weight * events;
            group.expected += weight * (d * at_risk / n);
        }
        if n > 1.0 && d < n {
            let factor = weight * weight * d * (n - d) / (n - 1.0);
            for g in 0..at_risk.len() {
                let share = factor * (at_risk[g] / n);
                if share > 0.0 {
                    for (h, other) in at_risk[..g].iter().enumerate() {
                        let covariance = share * (other / n);
                        self.variance[g][h] -= covariance;
                        self.variance[h][g] -= covariance;
                    }
                    self.variance[g][g] += share * ((n - at_risk[g]) / n);
                }
            }
        }
    }

    pub fn totals(&self) -> Vec<LogRankGroup> {
        let mut totals = vec![LogRankGroup { n: 0, observed: 0.0, expected: 0.0 }; self.variance.len()];
        for stratum in &self.strata {
            for (total, group) in totals.iter_mut().zip(&stratum.groups) {
                total.n += group.n;
                total.observed += group.observed;
                total.expected += group.expected;
            }
        }
        totals
    }

    pub fn difference(&self) -> Vec<f64> {
        self.totals().iter().map(|group| group.observed - group.expected).collect()
    }
}

/// The weight of the next event time, from the pooled groups so far.
struct PooledWeight {
    weight: LogRankWeight,
    survival: f64,
    peto: f64,
}

impl PooledWeight {
    fn next(&mut self, at_risk: f64, events: f64) -> f64 {
        match self.weight {
            LogRankWeight::LogRank => 1.0,
            LogRankWeight::Gehan => at_risk,
            LogRankWeight::TaroneWare => at_risk.sqrt(),
            LogRankWeight::FlemingHarrington { rho, gamma } => {
                let before = self.survival;
                self.survival *= (at_risk - events) / at_risk;
                before.powf(rho) * (1.0 - before).powf(gamma)
            }
            LogRankWeight::PetoPeto => {
                self.peto *= 1.0 - events / (at_risk + 1.0);
                self.peto
            }
        }
    }
}

/// A pivot below this fraction of its diagonal is rounding: its group adds nothing to those before.
pub(super) const RANK_TOLERANCE: f64 = 1e-10;

pub(super) struct QuadraticForm {
    pub value: f64,
    pub rank: usize,
}

/// u' V⁻ u by elimination. A column that is a combination of those before it is left out, which changes nothing, as u
/// lies in the range of V.
pub(super) fn generalised_form(u: &[f64], variance: &[Vec<f64>]) -> QuadraticForm {
    let (mut rest, mut matrix) = (u.to_vec(), variance.to_vec());
    let mut form = QuadraticForm { value: 0.0, rank: 0 };
    for pivot in 0..u.len() {
        let pivot_row = matrix[pivot].clone();
        let diagonal = pivot_row[pivot];
        if diagonal <= RANK_TOLERANCE * variance[pivot][pivot] {
            continue;
        }
        form.rank += 1;
        form.value += rest[pivot] * rest[pivot] / diagonal;
        for row in pivot + 1..u.len() {
            let factor = matrix[row][pivot] / diagonal;
            rest[row] -= factor * rest[pivot];
            for (value, above) in matrix[row].iter_mut().zip(&pivot_row) {
                *value -= factor * above;
            }
        }
    }
    form
}
