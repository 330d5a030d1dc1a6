//! Fisher's exact test of a 2×2 table.
//!
//! Given both margins the first cell X has, for odds ratio ψ, P(X = k) ∝ C(m, k) C(n, K − k) ψᵏ (m, n the column totals, K
//! the first row's). Null hypothesis: ψ = 1.
//! - Two-sided P: the sum of the probabilities that do not exceed the observed one (by more than 1e-7 of it: ties that
//!   rounding has parted). One-sided: the tail; `Greater` means a larger first cell, ψ > 1.
//! - Odds ratio: the conditional maximum likelihood estimate, E_ψ(X) = x. It is not ad/bc.
//! - Interval: the ψ that leave (1 − level)/2 in each tail (Cornfield, exact); its ends may be 0 and infinity.
//!
//! Row order of subjects is irrelevant: only the counts enter.
//! Edge cases: an empty margin fixes the table: P = 1, no odds ratio. At the ends of the support the estimate is 0 or infinity.
//! Sources: Fisher 1935 (doi:10.2307/2342435); Cornfield 1956. Oracle: R 4.2.2 `fisher.test` (whose root finder stops at
//! 1.2e-4, so that its estimate and limits agree to some four digits only; its P-values to all).

use super::contingency::ContingencyTable;
use crate::stats::error::{StatsError, require_level};
use crate::stats::estimate::{Alternative, Estimate, NullDistribution, Test};
use serde::{Deserialize, Serialize};

/// Probabilities up to this factor above the observed one count as equal to it.
pub(super) const TIE: f64 = 1.0 + 1e-7;

/// Fisher's exact test with the conditional odds ratio.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FisherExact {
    /// Odds of the first column in the first row over those in the second; absent where a margin is empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub odds_ratio: Option<Estimate>,
    /// The test of odds ratio 1.
    pub test: Test,
}

/// Fisher's exact test of a 2×2 table.
pub fn fisher_exact(table: &ContingencyTable, alternative: Alternative, level: f64) -> Result<FisherExact, StatsError> {
    require_level(level)?;
    if (table.rows(), table.columns()) != (2, 2) {
        return Err(StatsError::Undefined { what: "the odds ratio", why: "the table is not 2×2" });
    }
    if table.total() == 0 {
        return Err(StatsError::Empty { what: "contingency table" });
    }
    let family = Family::of(table);
    let observed = table.count(0, 0);
    let null = family.distribution(1.0);
    let test = Test {
        statistic: None,
        distribution: NullDistribution::Exact,
        p_value: match alternative {
            Alternative::TwoSided => null.as_unlikely_as(observed),
            Alternative::Less => null.lower(observed),
            Alternative::Greater => null.upper(observed),
        },
        alternative,
        method: "Fisher's exact test".into(),
    };
    let odds_ratio = (family.lowest < family.highest).then(|| {
        let tail = 0.5 * (1.0 - level);
        let lower = if observed == family.lowest {
            0.0
        } else {
            family.solve(|at| (at.upper(observed).ln() - tail.ln(), at.mean_from(observed) - at.mean()))
        };
        let upper = if observed == family.highest {
            f64::INFINITY
        } else {
            // Falling in ψ, so with the other sign.
            family.solve(|at| (tail.ln() - at.lower(observed).ln(), at.mean() - at.mean_up_to(observed)))
        };
        let value = if observed == family.lowest {
            0.0
        } else if observed == family.highest {
            f64::INFINITY
        } else {
            family.solve(|at| (at.mean() - observed as f64, at.variance()))
        };
        Estimate::new(value, table.total() as usize).with_interval(lower, upper, level, "exact conditional")
    });
    Ok(FisherExact { odds_ratio, test })
}

/// The tables with the margins of one table, by their first cell.
struct Family {
    column: u64,
    row: u64,
    /// Second column total less the first row's: may be negative.
    offset: i128,
    lowest: u64,
    highest: u64,
}

impl Family {
    fn of(table: &ContingencyTable) -> Self {
        let (columns, rows) = (table.column_totals(), table.row_totals());
        Self {
            column: columns[0],
            row: rows[0],
            offset: i128::from(columns[1]) - i128::from(rows[0]),
            lowest: rows[0].saturating_sub(columns[1]),
            highest: rows[0].min(columns[0]),
        }
    }

    /// P(k + 1)/P(k) at odds ratio 1.
    fn ratio(&self, k: u64) -> f64 {
        let below = (self.offset + i128::from(k) + 1) as f64;
        ((self.column - k) as f64 / (k + 1) as f64) * ((self.row - k) as f64 / below)
    }

    /// The distribution at odds ratio `odds`, from the mode outwards until nothing is left of it in double precision.
    fn distribution(&self, odds: f64) -> Distribution {
        let (mut low, mut high) = (self.lowest, self.highest);
        while low < high {
            let middle = low + (high - low) / 2;
            if odds * self.ratio(middle) > 1.0 { low = middle + 1 } else { high = middle }
        }
        let mode = low;
        let mut below = Vec::new();
        let mut weight = 1.0;
        for k in (self.lowest..mode).rev() {
            weight /= odds * self.ratio(k);
            if weight < f64::MIN_POSITIVE {
                break;
            }
            below.push(weight);
        }
        let first = mode - below.len() as u64;
        let mut weights: Vec<f64> = below.into_iter().rev().collect();
        weight = 1.0;
        weights.push(weight);
        for k in mode..self.highest {
            weight *= odds * self.ratio(k);
            if weight < f64::MIN_POSITIVE {
                break;
            }
            weights.push(weight);
        }
        Distribution { first, weights }
    }

    /// The odds ratio at which `function` is zero. It gives its value, rising with the logarithm of the odds ratio, and its
    /// slope. Newton's steps, kept in a bracket.
    fn solve(&self, function: impl Fn(&Distribution) -> (f64, f64)) -> f64 {
        let (mut low, mut high) = (-700.0, 700.0);
        let mut at = 0.0_f64;
        for _ in 0..300 {
            let (value, slope) = function(&self.distribution(at.exp()));
            if value == 0.0 {
                break;
            }
            if value < 0.0 {
                low = at
            } else {
                high = at
            }
            let newton = at - value / slope;
            let next = if newton > low && newton < high { newton } else { 0.5 * (low + high) };
            let done = (next - at).abs() <= 1e-15 * at.abs().max(1.0);
            at = next;
            if done {
                break;
            }
        }
        at.exp()
    }
}

/// Unnormalised probabilities of first, first + 1, …
struct Distribution {
    first: u64,
    weights: Vec<f64>,
}

impl Distribution {
    fn cells(&self) -> impl DoubleEndedIterator<Item = (u64, f64)> {
        self.weights.iter().enumerate().map(|(index, weight)| (self.first + index as u64, *weight))
    }

    /// Σ over the chosen cells of weight · (k − first)^power.
    fn sum(&self, power: i32, chosen: impl Fn(u64, f64) -> bool) -> f64 {
        let cells = self.cells().filter(|(k, weight)| chosen(*k, *weight));
        cells.fold(0.0, |sum, (k, weight)| sum + weight * ((k - self.first) as f64).powi(power))
    }

    fn share(&self, chosen: impl Fn(u64, f64) -> bool) -> f64 {
        (self.sum(0, chosen) / self.sum(0, |_, _| true)).min(1.0)
    }

    fn lower(&self, observed: u64) -> f64 {
        self.share(|k, _| k <= observed)
    }

    fn upper(&self, observed: u64) -> f64 {
        self.share(|k, _| k >= observed)
    }

    fn as_unlikely_as(&self, observed: u64) -> f64 {
        let index = observed.checked_sub(self.first).and_then(|index| usize::try_from(index).ok());
        // A cell outside the stored range is less likely than the smallest double.
        let bound = index.and_then(|index| self.weights.get(index)).copied().unwrap_or(0.0) * TIE;
        self.share(|_, weight| weight <= bound)
    }

    fn mean_where(&self, chosen: impl Fn(u64, f64) -> bool + Copy) -> f64 {
        self.first as f64 + self.sum(1, chosen) / self.sum(0, chosen)
    }

    fn mean(&self) -> f64 {
        self.mean_where(|_, _| true)
    }

    fn mean_from(&self, observed: u64) -> f64 {
        self.mean_where(|k, _| k >= observed)
    }

    fn mean_up_to(&self, observed: u64) -> f64 {
        self.mean_where(|k, _| k <= observed)
    }

    fn variance(&self) -> f64 {
        let mean = self.mean();
        let total = self.sum(0, |_, _| true);
        self.cells().fold(0.0, |sum, (k, weight)| sum + weight * (k as f64 - mean) * (k as f64 - mean)) / total
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fisher(counts: [u64; 4], alternative: Alternative) -> FisherExact {
        fisher_exact(&ContingencyTable::new(2, 2, counts.to_vec()).unwrap(), alternative, 0.95).unwrap()
    }

    #[test]
    fn the_lady_tasting_tea() {
        // [[3, 1], [1, 3]]: P(X = 0 … 4) = 1, 16, 36, 16, 1 of 70.
        assert!((fisher([3, 1, 1, 3], Alternative::TwoSided).test.p_value - 34.0 / 70.0).abs() < 1e-15);
        assert!((fisher([3, 1, 1, 3], Alternative::Greater).test.p_value - 17.0 / 70.0).abs() < 1e-15);
        assert!((fisher([3, 1, 1, 3], Alternative::Less).test.p_value - 69.0 / 70.0).abs() < 1e-15);
        // E = Σ k wₖψᵏ/Σ wₖψᵏ = 3 at the root of 16ψ·(−2) + 36ψ²(−1) + ψ⁴ − 3 = 0.
        let odds = fisher([3, 1, 1, 3], Alternative::TwoSided).odds_ratio.unwrap().value;
        let residual = -3.0 - 32.0 * odds - 36.0 * odds * odds + odds.powi(4);
        assert!(residual.abs() < 1e-10, "{odds}");
    }

    #[test]
    fn limits_leave_the_tails() {
        // [[1, 2], [2, 1]]: weights 1, 9, 9, 1. Upper: (1 + 9ψ)/(1 + 9ψ + 9ψ² + ψ³) = 0.025.
        let interval = fisher([1, 2, 2, 1], Alternative::TwoSided).odds_ratio.unwrap().interval.unwrap();
        let weights = |psi: f64| [1.0, 9.0 * psi, 9.0 * psi * psi, psi * psi * psi];
        let total = |psi: f64| weights(psi).iter().sum::<f64>();
        let (low, high) = (interval.lower, interval.upper);
        assert!(((1.0 + 9.0 * high) / total(high) - 0.025).abs() < 1e-13);
        assert!((1.0 - 1.0 / total(low) - 0.025).abs() < 1e-13);
    }

    #[test]
    fn ends_of_the_support_and_empty_margins() {
        let zero = fisher([0, 5, 6, 2], Alternative::TwoSided).odds_ratio.unwrap();
        assert_eq!((zero.value, zero.interval.unwrap().lower), (0.0, 0.0));
        let infinite = fisher([5, 0, 2, 6], Alternative::TwoSided).odds_ratio.unwrap();
        assert_eq!((infinite.value, infinite.interval.unwrap().upper), (f64::INFINITY, f64::INFINITY));
        let fixed = fisher([3, 0, 4, 0], Alternative::TwoSided);
        assert_eq!((fixed.test.p_value, fixed.odds_ratio), (1.0, None));
        assert!(fisher_exact(&ContingencyTable::new(2, 2, vec![0; 4]).unwrap(), Alternative::Less, 0.9).is_err());
    }

    #[test]
    fn large_and_extreme_tables() {
        // All 500 apart: twice 1/C(1000, 500).
        let apart = fisher([500, 0, 0, 500], Alternative::TwoSided).test.p_value;
        let log = std::f64::consts::LN_2 - crate::stats::distribution::ln_choose(1000, 500);
        assert!((apart.ln() - log).abs() < 1e-9 * log.abs());
        let large = fisher([250_000, 250_100, 249_900, 250_000], Alternative::TwoSided);
        assert!(large.test.p_value > 0.8 && large.test.p_value <= 1.0);
        assert!((large.odds_ratio.unwrap().value - 1.0).abs() < 1e-2);
    }
}
