//! Correlation of two variables: Pearson's r, Spearman's ρ, Kendall's τ_b.
//!
//! - Pearson: r = Σ(x − x̄)(y − ȳ)/√(Σ(x − x̄)² Σ(y − ȳ)²); t = r √((n − 2)/(1 − r²)) on n − 2 degrees of freedom; interval
//!   by Fisher's transformation, tanh(atanh r ± z/√(n − 3)), from four pairs on.
//! - Spearman: Pearson's r of the midranks, with the same t.
//! - Kendall: τ_b = S/√((T − T_x)(T − T_y)) with S concordant minus discordant pairs, T = n(n − 1)/2 pairs of which T_x and
//!   T_y are tied; z = S/√Var S, with the tie terms of the variance, without continuity correction. O(n log n).
//!
//! Tests are two-sided. Row order does not matter for Spearman and Kendall, bit for bit, and for Pearson (pairs are sorted).
//! Edge cases: fewer than three pairs is an error; a variable that does not vary is `Undefined`.
//! Sources: Fisher 1915 (doi:10.2307/2331838); Kendall 1970; Knight 1966 (doi:10.2307/2282833). Oracle: R 4.2.2 `cor.test`.

use super::midranks::Midranks;
use crate::stats::distribution::{normal_critical, normal_two_sided, student_t_two_sided};
use crate::stats::error::{StatsError, require_finite, require_level, require_same_length};
use crate::stats::estimate::{Alternative, Estimate, NullDistribution, Test};
use serde::{Deserialize, Serialize};

/// A correlation with the test of no association.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Correlation {
    /// The coefficient; with an interval for Pearson's.
    pub estimate: Estimate,
    /// The test of zero.
    pub test: Test,
}

fn require_pairs(x: &[f64], y: &[f64]) -> Result<(), StatsError> {
    require_same_length("x", x.len(), "y", y.len())?;
    require_finite("x", x)?;
    require_finite("y", y)?;
    if x.len() < 3 {
        return Err(StatsError::TooFew { what: "pairs", needed: 3, found: x.len() });
    }
    Ok(())
}

/// r, from pairs in an order of their own.
fn coefficient(x: &[f64], y: &[f64]) -> Result<f64, StatsError> {
    let mut pairs: Vec<(f64, f64)> = x.iter().copied().zip(y.iter().copied()).collect();
    pairs.sort_by(|left, right| left.0.total_cmp(&right.0).then(left.1.total_cmp(&right.1)));
    let n = pairs.len() as f64;
    let centre = |of: &dyn Fn(&(f64, f64)) -> f64| {
        let rough = pairs.iter().fold(0.0, |sum, pair| sum + of(pair) / n);
        rough + pairs.iter().fold(0.0, |sum, pair| sum + (of(pair) - rough)) / n
    };
    let (mean_x, mean_y) = (centre(&|pair| pair.0), centre(&|pair| pair.1));
    // By the largest deviation, so that squares stay in range.
    let scale_x = pairs.iter().fold(0.0_f64, |scale, pair| scale.max((pair.0 - mean_x).abs()));
    let scale_y = pairs.iter().fold(0.0_f64, |scale, pair| scale.max((pair.1 - mean_y).abs()));
    if scale_x == 0.0 || scale_y == 0.0 {
        return Err(StatsError::Undefined { what: "the correlation", why: "a variable does not vary" });
    }
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    for (x, y) in pairs {
        let (x, y) = ((x - mean_x) / scale_x, (y - mean_y) / scale_y);
        xx += x * x;
        yy += y * y;
        xy += x * y;
    }
    Ok((xy / (xx.sqrt() * yy.sqrt())).clamp(-1.0, 1.0))
}

fn t_test(r: f64, n: usize, method: &'static str) -> Test {
    let df = n as f64 - 2.0;
    let statistic = r * (df / ((1.0 - r) * (1.0 + r))).sqrt();
    Test {
        statistic: Some(statistic),
        distribution: NullDistribution::StudentT { df },
        p_value: student_t_two_sided(statistic, df),
        alternative: Alternative::TwoSided,
        method: method.into(),
    }
}

/// Pearson's correlation.
pub fn pearson(x: &[f64], y: &[f64], level: f64) -> Result<Correlation, StatsError> {
    require_level(level)?;
    require_pairs(x, y)?;
    let r = coefficient(x, y)?;
    let mut estimate = Estimate::new(r, x.len());
    if x.len() > 3 {
        let half_width = normal_critical(level) / (x.len() as f64 - 3.0).sqrt();
        let (lower, upper) = ((r.atanh() - half_width).tanh(), (r.atanh() + half_width).tanh());
        estimate = estimate.with_interval(lower, upper, level, "Fisher's transformation");
    }
    Ok(Correlation { estimate, test: t_test(r, x.len(), "Pearson's correlation") })
}

/// Spearman's rank correlation.
pub fn spearman(x: &[f64], y: &[f64]) -> Result<Correlation, StatsError> {
    require_pairs(x, y)?;
    let ranks = |what, values: &[f64]| -> Result<Vec<f64>, StatsError> {
        Ok(Midranks::new(what, &[values])?.doubled[0].iter().map(|rank| *rank as f64).collect())
    };
    let r = coefficient(&ranks("x", x)?, &ranks("y", y)?)?;
    Ok(Correlation { estimate: Estimate::new(r, x.len()), test: t_test(r, x.len(), "Spearman's rank correlation") })
}

/// Kendall's rank correlation τ_b.
pub fn kendall(x: &[f64], y: &[f64]) -> Result<Correlation, StatsError> {
    require_pairs(x, y)?;
    let parts = KendallScore::of(x, y)?;
    let scale = (parts.pairs - parts.tied_x).sqrt() * (parts.pairs - parts.tied_y).sqrt();
    let statistic = parts.score / parts.variance.sqrt();
    Ok(Correlation {
        estimate: Estimate::new((parts.score / scale).clamp(-1.0, 1.0), x.len()),
        test: Test {
            statistic: Some(statistic),
            distribution: NullDistribution::Normal,
            p_value: normal_two_sided(statistic),
            alternative: Alternative::TwoSided,
            method: "Kendall's rank correlation".into(),
        },
    })
}

/// Kendall's S with what it is held against.
pub(super) struct KendallScore {
    /// Concordant minus discordant pairs.
    pub score: f64,
    /// Its variance without association, given the ties of both.
    pub variance: f64,
    /// All pairs.
    pub pairs: f64,
    /// Pairs tied in x.
    pub tied_x: f64,
    /// Pairs tied in y.
    pub tied_y: f64,
}

impl KendallScore {
    /// At least three finite pairs are taken for granted; an error where a variable does not vary.
    pub(super) fn of(x: &[f64], y: &[f64]) -> Result<Self, StatsError> {
        let (ranks_x, ranks_y) = (Midranks::new("x", &[x])?, Midranks::new("y", &[y])?);
        let n = x.len() as f64;
        let pairs = 0.5 * n * (n - 1.0);
        let tied =
            |ties: &[u64], term: &dyn Fn(f64) -> f64| ties.iter().fold(0.0, |sum, size| sum + term(*size as f64));
        let two = |t: f64| t * (t - 1.0);
        let (tied_x, tied_y) = (0.5 * tied(&ranks_x.ties, &two), 0.5 * tied(&ranks_y.ties, &two));
        if tied_x >= pairs || tied_y >= pairs {
            return Err(StatsError::Undefined { what: "the correlation", why: "a variable does not vary" });
        }
        let mut order: Vec<(u64, u64)> =
            ranks_x.doubled[0].iter().copied().zip(ranks_y.doubled[0].iter().copied()).collect();
        order.sort_unstable();
        let tied_both =
            order.chunk_by(|left, right| left == right).fold(0.0, |sum, same| sum + 0.5 * two(same.len() as f64));
        let mut sequence: Vec<u64> = order.into_iter().map(|(_, y)| y).collect();
        let discordant = inversions(&mut sequence) as f64;
        let whole = |t: f64| t * (t - 1.0) * (2.0 * t + 5.0);
        let three = |t: f64| t * (t - 1.0) * (t - 2.0);
        let variance = (whole(n) - tied(&ranks_x.ties, &whole) - tied(&ranks_y.ties, &whole)) / 18.0
            + tied(&ranks_x.ties, &two) * tied(&ranks_y.ties, &two) / (2.0 * n * (n - 1.0))
            + tied(&ranks_x.ties, &three) * tied(&ranks_y.ties, &three) / (9.0 * n * (n - 1.0) * (n - 2.0));
        // All pairs are concordant, discordant, or tied in x or y.
        let score = pairs - tied_x - tied_y + tied_both - 2.0 * discordant;
        Ok(Self { score, variance, pairs, tied_x, tied_y })
    }
}

/// Pairs that are out of order, counted while sorting by merging.
fn inversions(values: &mut [u64]) -> u64 {
    let mut count = 0;
    let mut width = 1;
    let mut merged = Vec::with_capacity(values.len());
    while width < values.len() {
        for block in values.chunks_mut(2 * width) {
            if block.len() <= width {
                continue;
            }
            let (left, right) = block.split_at(width);
            let (mut i, mut j) = (0, 0);
            merged.clear();
            while i < left.len() || j < right.len() {
                if j == right.len() || (i < left.len() && left[i] <= right[j]) {
                    merged.push(left[i]);
                    i += 1;
                } else {
                    merged.push(right[j]);
                    count += (left.len() - i) as u64;
                    j += 1;
                }
            }
            block.copy_from_slice(&merged);
        }
        width *= 2;
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        // x 1 2 3 4, y 1 3 2 4: r = ρ = 0.8; five pairs of six in order: τ = 4/6; Var S = 4·3·13/18.
        let (x, y) = ([1.0, 2.0, 3.0, 4.0], [1.0, 3.0, 2.0, 4.0]);
        assert!((pearson(&x, &y, 0.95).unwrap().estimate.value - 0.8).abs() < 1e-15);
        assert!((spearman(&x, &y).unwrap().estimate.value - 0.8).abs() < 1e-15);
        let tau = kendall(&x, &y).unwrap();
        assert!((tau.estimate.value - 4.0 / 6.0).abs() < 1e-15);
        assert!((tau.test.statistic.unwrap() - 4.0 / (156.0_f64 / 18.0).sqrt()).abs() < 1e-15);
    }

    #[test]
    fn perfect_constant_and_few() {
        let x = [1.0, 2.0, 3.0, 4.0];
        let perfect = pearson(&x, &x, 0.95).unwrap();
        assert_eq!((perfect.estimate.value, perfect.test.p_value), (1.0, 0.0));
        assert!(matches!(pearson(&x, &[2.0; 4], 0.95), Err(StatsError::Undefined { .. })));
        assert!(matches!(kendall(&x, &[2.0; 4]), Err(StatsError::Undefined { .. })));
        assert!(spearman(&x[..2], &x[..2]).is_err());
    }

    #[test]
    fn inversions_as_counted_pair_by_pair() {
        let values: Vec<u64> = (0..57).map(|i| (i * i * 31 + 7 * i) % 23).collect();
        let slow = (0..57).flat_map(|i| (i..57).map(move |j| (i, j))).filter(|(i, j)| values[*i] > values[*j]).count();
        assert_eq!(inversions(&mut values.clone()), slow as u64);
    }
}
