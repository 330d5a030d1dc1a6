//! McNemar's test of two calls on the same subjects.
//!
//! Null hypothesis: a subject on whom the two differ is as likely to be positive (or right) in the first only, b, as in
//! the second only, c. Given b + c = m, b is binomial (m, ½).
//! - Exact: two-sided, twice the smaller tail, at most 1.
//! - Mid-P: twice the smaller tail less the probability of the observed count.
//! - Chi-squared: (b − c)²/m on 1 degree of freedom; with continuity correction (|b − c| − 1)²/m, where the correction
//!   does not go beyond the difference (b = c gives 0, as in R; statsmodels gives 1/m).
//!
//! Edge cases: without discordant pairs the exact P is 1, the others are `Undefined`.
//! Sources: McNemar 1947 (doi:10.1007/BF02295996); Edwards 1948; Fagerland et al. 2013 (doi:10.1186/1471-2288-13-91).
//! Oracle: R 4.2.2 `mcnemar.test`, `binom.test`; statsmodels 0.15.0 `mcnemar`.

use super::paired_proportions::PairedCounts;
use crate::stats::distribution::{binomial_lower, binomial_probability, chi_squared_upper};
use crate::stats::error::StatsError;
use crate::stats::estimate::{Alternative, NullDistribution, Test};
use serde::{Deserialize, Serialize};

/// How the P-value is found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "method")]
pub enum McNemarMethod {
    /// Binomial; the default.
    #[default]
    Exact,
    /// Binomial, half of the observed probability left out.
    MidP,
    /// Large sample.
    ChiSquared {
        /// Whether |b − c| is reduced by one.
        correction: bool,
    },
}

/// McNemar's test.
pub fn mcnemar(counts: &PairedCounts, method: McNemarMethod) -> Result<Test, StatsError> {
    let discordant = counts.discordant();
    if discordant == 0 && method != McNemarMethod::Exact {
        return Err(StatsError::Undefined { what: "McNemar's test", why: "no pair is discordant" });
    }
    let smaller = counts.only_first.min(counts.only_second);
    let (statistic, distribution, p_value, name) = match method {
        McNemarMethod::Exact => {
            let p_value = (2.0 * binomial_lower(smaller, discordant, 0.5)).min(1.0);
            (None, NullDistribution::Exact, p_value, "McNemar, exact")
        }
        McNemarMethod::MidP => {
            let at = binomial_probability(smaller, discordant, 0.5);
            let tail = binomial_lower(smaller, discordant, 0.5);
            // At b = c both tails hold the observed count.
            let p_value = if 2 * smaller == discordant { 1.0 - at } else { 2.0 * tail - at };
            (None, NullDistribution::Exact, p_value, "McNemar, mid-P")
        }
        McNemarMethod::ChiSquared { correction } => {
            let difference = counts.only_first.abs_diff(counts.only_second);
            let step = difference.saturating_sub(u64::from(correction)) as f64;
            let statistic = step * step / discordant as f64;
            let name = if correction { "McNemar, continuity corrected" } else { "McNemar" };
            (Some(statistic), NullDistribution::ChiSquared { df: 1.0 }, chi_squared_upper(statistic, 1.0), name)
        }
    };
    Ok(Test { statistic, distribution, p_value, alternative: Alternative::TwoSided, method: name.into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn test(only_first: u64, only_second: u64, method: McNemarMethod) -> Result<Test, StatsError> {
        mcnemar(&PairedCounts { both: 3, only_first, only_second, neither: 2 }, method)
    }

    #[test]
    fn by_hand() {
        // b = 1, c = 4: P(X <= 1 | 5, ½) = 6/32; chi-squared 9/5 and 4/5.
        assert!((test(1, 4, McNemarMethod::Exact).unwrap().p_value - 12.0 / 32.0).abs() < 1e-15);
        assert!((test(1, 4, McNemarMethod::MidP).unwrap().p_value - 7.0 / 32.0).abs() < 1e-15);
        assert!((test(2, 2, McNemarMethod::MidP).unwrap().p_value - 10.0 / 16.0).abs() < 1e-15);
        let plain = test(4, 1, McNemarMethod::ChiSquared { correction: false }).unwrap();
        assert_eq!(plain.statistic, Some(9.0 / 5.0));
        let corrected = test(4, 1, McNemarMethod::ChiSquared { correction: true }).unwrap();
        assert_eq!(corrected.statistic, Some(4.0 / 5.0));
    }

    #[test]
    fn equal_and_no_discordant_pairs() {
        assert_eq!(test(3, 3, McNemarMethod::Exact).unwrap().p_value, 1.0);
        let equal = test(3, 3, McNemarMethod::ChiSquared { correction: true }).unwrap();
        assert_eq!((equal.statistic, equal.p_value), (Some(0.0), 1.0));
        assert_eq!(test(0, 0, McNemarMethod::Exact).unwrap().p_value, 1.0);
        for method in [McNemarMethod::MidP, McNemarMethod::ChiSquared { correction: false }] {
            assert!(matches!(test(0, 0, method), Err(StatsError::Undefined { .. })));
        }
    }
}
