//! The sum of squares of the subjects' influences on a curve, kept up to date as time goes on.
//!
//! Formula: the infinitesimal-jackknife variance of an estimate that moves by Σ wᵢ Uᵢ is Σ wᵢ² Uᵢ², or Σ wᵢ Uᵢ² where a weight
//! is a number of copies. U is linear in a few integrals over the subject's time at risk, v = (v₁ … v_N): at each time all
//! who are at risk move by the same step, and who has the event by a jump more. So a subject's v is what the steps came to
//! between entry and exit, and the sums of the products vₐ v_b over all subjects need no walk over those at risk.

use super::cox::one_time::OneTime;
use super::data::SurvivalData;
use super::risk_table::RiskRow;

/// One row of the input by the steps of its risk table.
#[derive(Clone, Copy, Debug)]
struct Spell {
    /// The first step at which it is at risk, and the one at which it leaves.
    from: usize,
    to: usize,
    /// What it leaves with: 0 censored, otherwise the number of its event.
    outcome: usize,
    /// Its weight or the square of it.
    factor: f64,
}

/// How the integrals move at one step of the risk table.
pub(super) struct Move<const N: usize> {
    /// All who are at risk.
    pub at_risk: [f64; N],
    /// Moreover those who have the event, by its number less one.
    pub events: Vec<[f64; N]>,
    /// The influence after the step, of the integrals.
    pub coefficient: [f64; N],
}

/// The variance after each step of `table`. `outcome` is 0 where a row is censored, otherwise the number of its event.
///
/// Weights that are whole count copies of a row; others are weights of one subject, whose influence grows with them.
pub(super) fn variances<const N: usize>(
    data: &SurvivalData,
    outcome: impl Fn(usize) -> usize,
    table: &[RiskRow],
    moves: &[Move<N>],
) -> Vec<f64> {
    let spells = spells(data, outcome, table);
    let mut entering = spells.clone();
    entering.sort_by_key(|spell| spell.from);
    let (mut entering, mut leaving) = (entering.into_iter().peekable(), spells.into_iter().peekable());
    let mut sums = InfluenceSums::<N>::new();
    let mut before = Vec::with_capacity(moves.len());
    let mut variances = Vec::with_capacity(moves.len());
    for (step, moved) in moves.iter().enumerate() {
        before.push(sums.cumulative);
        while let Some(spell) = entering.next_if(|spell| spell.from == step) {
            sums.enter(spell.factor);
        }
        sums.step(moved.at_risk);
        while let Some(spell) = leaving.next_if(|spell| spell.to == step) {
            let jump = if spell.outcome == 0 { [0.0; N] } else { moved.events[spell.outcome - 1] };
            sums.leave(spell.factor, before[spell.from], jump);
        }
        variances.push(sums.variance(moved.coefficient));
    }
    variances
}

/// The rows that have a weight, in the order in which they leave and then by all else, so that no row order shows.
fn spells(data: &SurvivalData, outcome: impl Fn(usize) -> usize, table: &[RiskRow]) -> Vec<Spell> {
    let one_time = OneTime::new(data.time, data.entry);
    let starts: Vec<f64> = table.iter().map(|row| one_time.of(row.time)).collect();
    let steps_by = |time: f64| starts.partition_point(|start| *start <= one_time.of(time));
    let copies = data.require_whole_weights().is_ok();
    let mut spells: Vec<Spell> = (0..data.len())
        .filter(|row| data.weight_of(*row) > 0.0)
        .map(|row| {
            let weight = data.weight_of(row);
            Spell {
                from: data.entry.map_or(0, |entry| steps_by(entry[row])),
                to: steps_by(data.time[row]) - 1,
                outcome: outcome(row),
                factor: if copies { weight } else { weight * weight },
            }
        })
        .collect();
    spells.sort_unstable_by(|left, right| {
        let by_step = (left.to, left.outcome, left.from).cmp(&(right.to, right.outcome, right.from));
        by_step.then(left.factor.total_cmp(&right.factor))
    });
    spells
}

/// The sums for influences that are linear in `N` integrals.
#[derive(Clone, Debug)]
struct InfluenceSums<const N: usize> {
    /// What the steps have come to so far, for a subject at risk from the origin on.
    cumulative: [f64; N],
    /// Σ c vₐ v_b over those who have left; c is the weight or its square.
    left: [[f64; N]; N],
    /// Over those at risk: Σ c, Σ c eₐ and Σ c eₐ e_b, with e what `cumulative` was at entry.
    number: f64,
    entry: [f64; N],
    entry_products: [[f64; N]; N],
}

impl<const N: usize> InfluenceSums<N> {
    fn new() -> Self {
        let (none, no_products) = ([0.0; N], [[0.0; N]; N]);
        Self { cumulative: none, left: no_products, number: 0.0, entry: none, entry_products: no_products }
    }

    /// A subject comes under observation now.
    fn enter(&mut self, factor: f64) {
        self.count(factor, self.cumulative);
    }

    /// All at risk move.
    fn step(&mut self, step: [f64; N]) {
        for (sum, step) in self.cumulative.iter_mut().zip(step) {
            *sum += step;
        }
    }

    /// A subject that came in when the steps had come to `entry` leaves with one more `jump`.
    fn leave(&mut self, factor: f64, entry: [f64; N], jump: [f64; N]) {
        self.count(-factor, entry);
        let own: [f64; N] = std::array::from_fn(|a| self.cumulative[a] - entry[a] + jump[a]);
        for a in 0..N {
            for b in 0..N {
                self.left[a][b] += factor * own[a] * own[b];
            }
        }
    }

    fn count(&mut self, factor: f64, entry: [f64; N]) {
        self.number += factor;
        for a in 0..N {
            self.entry[a] += factor * entry[a];
            for b in 0..N {
                self.entry_products[a][b] += factor * entry[a] * entry[b];
            }
        }
    }

    /// Σ c U² for U = Σ coefficientₐ vₐ.
    fn variance(&self, coefficient: [f64; N]) -> f64 {
        let mut variance = 0.0;
        for a in 0..N {
            for b in 0..N {
                let (now_a, now_b) = (self.cumulative[a], self.cumulative[b]);
                let at_risk = self.number * now_a * now_b - now_a * self.entry[b] - now_b * self.entry[a]
                    + self.entry_products[a][b];
                variance += coefficient[a] * coefficient[b] * (self.left[a][b] + at_risk);
            }
        }
        variance.max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sums_are_those_of_the_subjects_one_by_one() {
        // Three subjects: the first sees both steps and jumps; the second enters after the first step and stays; the third
        // leaves before the second step.
        let mut sums = InfluenceSums::<2>::new();
        sums.enter(1.0);
        sums.enter(3.0);
        sums.step([0.5, -1.0]);
        sums.leave(3.0, [0.0; 2], [0.0; 2]);
        let entered = sums.cumulative;
        sums.enter(2.0);
        sums.step([0.25, 2.0]);
        sums.leave(1.0, [0.0; 2], [1.0, 1.0]);
        let influence = |v: [f64; 2]| 2.0 * v[0] - v[1];
        let expected = influence([1.75, 2.0]).powi(2)
            + 2.0 * influence([0.25, 2.0]).powi(2)
            + 3.0 * influence([0.5, -1.0]).powi(2);
        assert!((sums.variance([2.0, -1.0]) - expected).abs() < 1e-14);
        assert_eq!(entered, [0.5, -1.0]);
    }
}
