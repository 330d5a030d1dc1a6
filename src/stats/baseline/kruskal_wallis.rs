//! Kruskal and Wallis's rank sum test of several groups.
//!
//! Null hypothesis: all groups are drawn from one distribution. H = 12/(N(N + 1)) Σ nᵢ(R̄ᵢ − (N + 1)/2)², divided by the
//! share of variance that ties leave, 1 − Σ(t³ − t)/(N³ − N); chi-squared on k − 1 degrees of freedom.
//! Assumptions: independent samples; the approximation wants some five values per group.
//! Row order does not matter, bit for bit; group order only in rounding.
//! Edge cases: an empty group and fewer than two groups are errors; all values tied is `Undefined`.
//! Source: Kruskal and Wallis 1952 (doi:10.1080/01621459.1952.10483441). Oracle: R 4.2.2 `kruskal.test`.

use super::midranks::Midranks;
use crate::stats::distribution::chi_squared_upper;
use crate::stats::error::StatsError;
use crate::stats::estimate::{Alternative, NullDistribution, Test};

/// The Kruskal-Wallis test.
pub fn kruskal_wallis(groups: &[&[f64]]) -> Result<Test, StatsError> {
    require_groups(groups, 1)?;
    let ranks = Midranks::new("values", groups)?;
    let tie_factor = ranks.tie_factor();
    if tie_factor <= 0.0 {
        return Err(StatsError::Undefined { what: "the Kruskal-Wallis test", why: "all values are tied" });
    }
    let n = ranks.n as f64;
    let between = groups.iter().enumerate().fold(0.0, |sum, (index, group)| {
        let size = group.len() as f64;
        let distance = 0.5 * ranks.doubled_sum(index) as f64 / size - 0.5 * (n + 1.0);
        sum + size * distance * distance
    });
    let statistic = 12.0 * between / (n * (n + 1.0)) / tie_factor;
    let df = (groups.len() - 1) as f64;
    Ok(Test {
        statistic: Some(statistic),
        distribution: NullDistribution::ChiSquared { df },
        p_value: chi_squared_upper(statistic, df),
        alternative: Alternative::TwoSided,
        method: "Kruskal-Wallis".into(),
    })
}

/// At least two groups, each with `needed` values.
pub(super) fn require_groups(groups: &[&[f64]], needed: usize) -> Result<(), StatsError> {
    if groups.len() < 2 {
        return Err(StatsError::TooFew { what: "the number of groups", needed: 2, found: groups.len() });
    }
    match groups.iter().find(|group| group.len() < needed) {
        Some(group) => Err(StatsError::TooFew { what: "each group", needed, found: group.len() }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        // Ranks {1, 2}, {3, 4}, {5, 6}: mean ranks 1.5, 3.5, 5.5; H = 12/42 · 2(4 + 0 + 4) = 32/7, P = e^(−16/7).
        let test = kruskal_wallis(&[&[1.0, 2.0], &[4.0, 3.0], &[9.0, 8.0]]).unwrap();
        assert!((test.statistic.unwrap() - 32.0 / 7.0).abs() < 1e-14);
        assert!((test.p_value - (-16.0_f64 / 7.0).exp()).abs() < 1e-15);
    }

    #[test]
    fn all_tied_empty_and_single() {
        assert!(matches!(kruskal_wallis(&[&[1.0; 2], &[1.0; 3]]), Err(StatsError::Undefined { .. })));
        assert!(kruskal_wallis(&[&[1.0], &[]]).is_err() && kruskal_wallis(&[&[1.0, 2.0]]).is_err());
    }
}
