//! The network over which Fisher's exact test of an r×c table is summed; see `fisher_table`.

use super::contingency::ContingencyTable;
use super::fisher::TIE;
use super::fisher_size::expected_steps;
use std::collections::{BTreeMap, HashMap};

/// Log weights that agree to this share of themselves, some ten times their rounding, are followed as one.
const MERGE: f64 = 1e-13;

/// So many paths may wait at the nodes of one column: 160 MB.
const MOST_PATHS: usize = 10_000_000;

/// What the sum came to.
pub(super) enum Outcome {
    Exact(f64),
    TooMuchWork,
}

/// A table's margins, and the logarithms of the factorials that they need. A table's log weight is −Σ ln xᵢⱼ!.
pub(super) struct Network {
    rows: Vec<u64>,
    columns: Vec<u64>,
    log_factorial: Vec<f64>,
    observed: f64,
}

/// Tables that reach a node with one weight: its logarithm, and how many they are.
#[derive(Clone, Copy)]
struct Paths {
    log_weight: f64,
    number: f64,
}

/// Largest and smallest log weight of the ways on from a node.
#[derive(Clone, Copy)]
struct Reach {
    most: f64,
    least: f64,
}

/// What the rows have left, in ascending order.
type Node = Vec<u64>;

/// Only looked up, never walked through, so that its order does not matter.
type Reaches = HashMap<Node, Reach>;

impl Network {
    pub(super) fn new(table: &ContingencyTable) -> Self {
        let mut log_factorial = vec![0.0];
        // Compensated, so that a long sum of logarithms keeps its digits.
        let (mut sum, mut lost) = (0.0_f64, 0.0_f64);
        for k in 1..=table.total() {
            let term = (k as f64).ln() - lost;
            let next = sum + term;
            lost = (next - sum) - term;
            sum = next;
            log_factorial.push(sum);
        }
        let mut columns = table.column_totals();
        // The largest columns first: then little is left to choose when nodes are many.
        columns.sort_unstable_by(|left, right| right.cmp(left));
        let mut network = Self { rows: table.row_totals(), columns, log_factorial, observed: 0.0 };
        network.observed = network.log_weight(table.counts());
        network
    }

    /// −Σ ln x! over the cells, added in ascending order.
    pub(super) fn log_weight(&self, counts: &[u64]) -> f64 {
        let mut counts = counts.to_vec();
        counts.sort_unstable();
        -counts.iter().fold(0.0, |sum, count| sum + self.ln_factorial(*count))
    }

    fn ln_factorial(&self, k: u64) -> f64 {
        self.log_factorial[k as usize]
    }

    fn sum_ln_factorials(&self, counts: &[u64]) -> f64 {
        counts.iter().fold(0.0, |sum, count| sum + self.ln_factorial(*count))
    }

    /// How many of `drawn` subjects are marked, where `marked` of `total` are: the value of the hypergeometric distribution
    /// that `uniform` falls on, counted from the mode outwards, which takes some standard deviations of steps.
    pub(super) fn hypergeometric(&self, total: u64, marked: u64, drawn: u64, uniform: f64) -> u64 {
        let choose = |n: u64, k: u64| self.ln_factorial(n) - self.ln_factorial(k) - self.ln_factorial(n - k);
        let (lowest, highest) = ((marked + drawn).saturating_sub(total), marked.min(drawn));
        let centre = u128::from(marked + 1) * u128::from(drawn + 1) / u128::from(total + 2);
        let mode = (centre as u64).clamp(lowest, highest);
        // P(k + 1)/P(k).
        let ratio = |k: u64| {
            let unmarked = (total - marked) + k + 1 - drawn;
            (marked - k) as f64 / (k + 1) as f64 * ((drawn - k) as f64 / unmarked as f64)
        };
        let at_mode = (choose(marked, mode) + choose(total - marked, drawn - mode) - choose(total, drawn)).exp();
        let mut rest = uniform - at_mode;
        let (mut up, mut down) = (mode, mode);
        let (mut share_up, mut share_down) = (at_mode, at_mode);
        while rest >= 0.0 && (up < highest || down > lowest) {
            if up < highest {
                share_up *= ratio(up);
                up += 1;
                rest -= share_up;
                if rest < 0.0 {
                    return up;
                }
            }
            if down > lowest {
                share_down /= ratio(down - 1);
                down -= 1;
                rest -= share_down;
                if rest < 0.0 {
                    return down;
                }
            }
        }
        // Hit at the mode, or rounding has left less than the whole.
        mode
    }

    /// ln of the sum of the weights of all ways on: n!/(Π rows! Π columns!) of what is left.
    fn log_total(&self, node: &[u64], stage: usize) -> f64 {
        self.ln_factorial(node.iter().sum())
            - self.sum_ln_factorials(node)
            - self.sum_ln_factorials(&self.columns[stage..])
    }

    /// The P-value, unless it takes more than `work_limit` steps.
    pub(super) fn p_value(&self, work_limit: u64) -> Outcome {
        // Known before any of it is done.
        if expected_steps(&self.rows, &self.columns) > work_limit as f64 {
            return Outcome::TooMuchWork;
        }
        let mut work = Work { left: work_limit };
        let mut reaches: Vec<Reaches> = vec![Reaches::new(); self.columns.len() + 1];
        let mut start = self.rows.clone();
        start.sort_unstable();
        if self.reach(&start, 0, &mut reaches, &mut work).is_none() {
            return Outcome::TooMuchWork;
        }
        let bound = self.observed + TIE.ln();
        let start_reach = reaches[0][&start];
        if start_reach.most <= bound {
            return Outcome::Exact(1.0);
        }
        // Every probability is a weight over this sum of all weights.
        let log_total = self.log_total(&start, 0);
        let mut p_value = 0.0;
        let mut here: BTreeMap<Node, Waiting> = BTreeMap::new();
        here.insert(start, Waiting { paths: vec![Paths { log_weight: 0.0, number: 1.0 }], merged: 1 });
        for stage in 0..self.columns.len() {
            let mut next: BTreeMap<Node, Waiting> = BTreeMap::new();
            let mut stored = 0;
            for (node, waiting) in here {
                let open = OpenPaths::new(waiting.paths);
                if let Some(last) = self.last_choice(&node, stage) {
                    if !work.take(last.ways()) {
                        return Outcome::TooMuchWork;
                    }
                    p_value += last.share_below(&open.paths, bound, log_total);
                    continue;
                }
                let mut fits = true;
                self.each_step(&node, stage, |left, step| {
                    let Some(reach) = reaches[stage + 1].get(left) else { return true };
                    let below = open.up_to(bound - step - reach.most);
                    if below > 0 {
                        let sum_on = self.log_total(left, stage + 1) - log_total;
                        p_value += open.sum_of_first(below, step + sum_on);
                    }
                    let undecided = &open.paths[below..open.up_to(bound - step - reach.least)];
                    stored += undecided.len();
                    fits = work.take(1 + undecided.len() as u64) && stored <= MOST_PATHS;
                    if fits && !undecided.is_empty() {
                        if !next.contains_key(left) {
                            next.insert(left.to_vec(), Waiting::default());
                        }
                        if let Some(waiting) = next.get_mut(left) {
                            stored -= waiting.add(undecided, step);
                        }
                    }
                    fits
                });
                if !fits {
                    return Outcome::TooMuchWork;
                }
            }
            here = next;
        }
        Outcome::Exact(p_value.min(1.0))
    }

    /// The extreme ways on from `node`, remembered for each node. `None` where the work runs out.
    fn reach(&self, node: &[u64], stage: usize, known: &mut Vec<Reaches>, work: &mut Work) -> Option<Reach> {
        if let Some(reach) = known[stage].get(node) {
            return Some(*reach);
        }
        let mut reach = Reach { most: f64::NEG_INFINITY, least: f64::INFINITY };
        if stage + 1 >= self.columns.len() {
            // The last column takes what is left.
            let weight = -self.sum_ln_factorials(node);
            reach = if stage < self.columns.len() {
                Reach { most: weight, least: weight }
            } else {
                Reach { most: 0.0, least: 0.0 }
            };
            known[stage].insert(node.to_vec(), reach);
            if stage < self.columns.len() {
                known[stage + 1].insert(vec![0; node.len()], Reach { most: 0.0, least: 0.0 });
            }
            return Some(reach);
        }
        if let Some(last) = self.last_choice(node, stage) {
            let reach = last.reach();
            known[stage].insert(node.to_vec(), reach);
            return Some(reach);
        }
        let mut fits = true;
        self.each_step(node, stage, |left, step| {
            fits = fits && work.take(1);
            if !fits {
                return false;
            }
            match self.reach(left, stage + 1, known, work) {
                Some(on) => {
                    reach.most = reach.most.max(step + on.most);
                    reach.least = reach.least.min(step + on.least);
                }
                None => fits = false,
            }
            fits
        });
        if !fits {
            return None;
        }
        known[stage].insert(node.to_vec(), reach);
        Some(reach)
    }

    /// The ways on where two rows and two columns are left: there is one number to choose.
    fn last_choice(&self, node: &[u64], stage: usize) -> Option<LastChoice<'_>> {
        let [first, second] = *node else { return None };
        (stage + 2 == self.columns.len()).then(|| LastChoice {
            network: self,
            first,
            second,
            column: self.columns[stage],
        })
    }

    /// Calls `visit` with each node one column on and the log weight of that column, until it returns false.
    fn each_step(&self, node: &[u64], stage: usize, mut visit: impl FnMut(&[u64], f64) -> bool) {
        if stage >= self.columns.len() {
            return;
        }
        let mut cells = vec![0; node.len()];
        // How much the rows from each one on can hold.
        let mut room = vec![0; node.len() + 1];
        for row in (0..node.len()).rev() {
            room[row] = room[row + 1] + node[row];
        }
        let mut left = vec![0; node.len()];
        self.fill(node, &room, 0, self.columns[stage], &mut cells, &mut left, &mut visit);
    }

    #[expect(clippy::too_many_arguments, reason = "scratch that outlives the recursion")]
    fn fill(
        &self,
        node: &[u64],
        room: &[u64],
        row: usize,
        rest: u64,
        cells: &mut [u64],
        left: &mut [u64],
        visit: &mut impl FnMut(&[u64], f64) -> bool,
    ) -> bool {
        if row + 1 == node.len() {
            cells[row] = rest;
            for ((left, have), taken) in left.iter_mut().zip(node).zip(cells.iter()) {
                *left = have - taken;
            }
            left.sort_unstable();
            return visit(left, -self.sum_ln_factorials(cells));
        }
        let least = rest.saturating_sub(room[row + 1]);
        for taken in least..=rest.min(node[row]) {
            cells[row] = taken;
            if !self.fill(node, room, row + 1, rest - taken, cells, left, visit) {
                return false;
            }
        }
        true
    }
}

/// The tables of two rows and two columns with given margins. Their weights, by the cell of the first row and column, rise
/// to one top and fall again.
struct LastChoice<'a> {
    network: &'a Network,
    first: u64,
    second: u64,
    column: u64,
}

impl LastChoice<'_> {
    fn cells(&self) -> std::ops::RangeInclusive<u64> {
        self.column.saturating_sub(self.second)..=self.first.min(self.column)
    }

    fn ways(&self) -> u64 {
        self.cells().end() - self.cells().start() + 1
    }

    fn log_weight(&self, cell: u64) -> f64 {
        let beside = self.column - cell;
        -self.network.sum_ln_factorials(&[cell, beside, self.first - cell, self.second - beside])
    }

    fn reach(&self) -> Reach {
        let (lowest, highest) = (*self.cells().start(), *self.cells().end());
        let top = u128::from(self.first + 1) * u128::from(self.column + 1) / u128::from(self.first + self.second + 2);
        let near = (top as u64).clamp(lowest, highest);
        // By rounding the top may be a neighbour's.
        let most =
            [near, near.saturating_sub(1).max(lowest), (near + 1).min(highest)].map(|cell| self.log_weight(cell));
        Reach {
            most: most.into_iter().fold(f64::NEG_INFINITY, f64::max),
            least: self.log_weight(lowest).min(self.log_weight(highest)),
        }
    }

    /// The probability of the tables that `paths` lead to, in ascending order of weight, and that weigh at most `bound`.
    fn share_below(&self, paths: &[Paths], bound: f64, log_total: f64) -> f64 {
        let most = self.reach().most;
        let (mut low, mut high) = (*self.cells().start(), *self.cells().end());
        let (mut weight_low, mut weight_high) = (self.log_weight(low), self.log_weight(high));
        // From the ends inwards, the lighter end first; the heaviest path reaches in least far.
        let mut taken = 0.0;
        let mut share = 0.0;
        let mut exhausted = false;
        for path in paths.iter().rev() {
            while !exhausted && path.log_weight + weight_low.min(weight_high) <= bound {
                taken += (weight_low.min(weight_high) - most).exp();
                exhausted = low == high;
                if exhausted {
                    break;
                }
                if weight_low <= weight_high {
                    low += 1;
                    weight_low = self.log_weight(low);
                } else {
                    high -= 1;
                    weight_high = self.log_weight(high);
                }
            }
            share += path.number * (path.log_weight + most - log_total).exp() * taken;
        }
        share
    }
}

/// Counts down the steps that are allowed.
struct Work {
    left: u64,
}

impl Work {
    fn take(&mut self, steps: u64) -> bool {
        let enough = self.left >= steps;
        self.left = self.left.saturating_sub(steps);
        enough
    }
}

/// Paths of (nearly) one weight become one; in ascending order of weight.
fn merge(paths: &mut Vec<Paths>) {
    paths
        .sort_by(|left, right| left.log_weight.total_cmp(&right.log_weight).then(left.number.total_cmp(&right.number)));
    paths.dedup_by(|path, last| {
        let same = path.log_weight - last.log_weight <= MERGE * last.log_weight.abs().max(1.0);
        if same {
            last.number += path.number;
        }
        same
    });
}

/// Paths that have come to a node of the next column.
#[derive(Default)]
struct Waiting {
    paths: Vec<Paths>,
    /// How many there were after they were last merged.
    merged: usize,
}

impl Waiting {
    /// Adds paths with one more column's log weight, and merges when they have become many more; how many fewer that makes.
    fn add(&mut self, paths: &[Paths], step: f64) -> usize {
        self.paths.extend(paths.iter().map(|path| Paths { log_weight: path.log_weight + step, ..*path }));
        let before = self.paths.len();
        if before > 4 * self.merged + 1000 {
            merge(&mut self.paths);
            self.merged = self.paths.len();
        }
        before - self.paths.len()
    }
}

/// The paths that reach a node and are not yet decided, those of one weight as one, in ascending order of weight.
struct OpenPaths {
    paths: Vec<Paths>,
    /// Sums of weights of the first ones, over exp of the last one's log weight.
    sums: Vec<f64>,
}

impl OpenPaths {
    fn new(mut paths: Vec<Paths>) -> Self {
        merge(&mut paths);
        let greatest = paths.last().map_or(0.0, |path| path.log_weight);
        let mut sum = 0.0;
        let mut add = |path: &Paths| {
            sum += path.number * (path.log_weight - greatest).exp();
            sum
        };
        let sums = paths.iter().map(&mut add).collect();
        Self { paths, sums }
    }

    /// How many have at most this log weight.
    fn up_to(&self, log_weight: f64) -> usize {
        self.paths.partition_point(|path| path.log_weight <= log_weight)
    }

    /// The sum of the weights of the first `count`, times exp(`log_factor`).
    fn sum_of_first(&self, count: usize, log_factor: f64) -> f64 {
        let greatest = self.paths.last().map_or(0.0, |path| path.log_weight);
        self.sums[count - 1] * (greatest + log_factor).exp()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hypergeometric_draws_have_the_right_shares() {
        // Three of ten marked, four drawn: P(0 … 3) = 35, 105, 63, 7 of 210.
        let table = ContingencyTable::new(2, 2, vec![2, 3, 1, 4]).unwrap();
        let network = Network::new(&table);
        let mut hits = [0_u32; 4];
        for step in 0..21_000 {
            hits[network.hypergeometric(10, 3, 4, (f64::from(step) + 0.5) / 21_000.0) as usize] += 1;
        }
        for (hits, expected) in hits.into_iter().zip([3500_u32, 10_500, 6300, 700]) {
            assert!(hits.abs_diff(expected) <= 1, "{hits} {expected}");
        }
    }

    #[test]
    fn the_weights_of_all_tables_add_to_the_known_total() {
        let table = ContingencyTable::new(3, 3, vec![2, 1, 0, 1, 2, 1, 0, 1, 3]).unwrap();
        let network = Network::new(&table);
        let mut start = table.row_totals();
        start.sort_unstable();
        let mut total = 0.0;
        let mut stack = vec![(start.clone(), 0, 0.0)];
        while let Some((node, stage, weight)) = stack.pop() {
            if stage == 3 {
                total += f64::exp(weight);
            }
            network.each_step(&node, stage, |left, step| {
                stack.push((left.to_vec(), stage + 1, weight + step));
                true
            });
        }
        assert!((total.ln() - network.log_total(&start, 0)).abs() < 1e-13);
    }
}
