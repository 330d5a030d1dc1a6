//! Whether groups have the same variance: the F test of two, Bartlett's of several.
//!
//! F = s₁²/s₂² on n₁ − 1 and n₂ − 1 degrees of freedom; two-sided P is twice the smaller tail; interval F over the F
//! quantiles. Bartlett: [(N − k) ln s² − Σ(nᵢ − 1) ln sᵢ²]/[1 + (Σ 1/(nᵢ − 1) − 1/(N − k))/(3(k − 1))] with the pooled s²,
//! chi-squared on k − 1.
//! Assumptions: normal data; both react to long tails as much as to unequal variances.
//! Row order does not matter, bit for bit.
//! Edge cases: each group needs two values that differ.
//! Source: Bartlett 1937 (doi:10.1098/rspa.1937.0109). Oracle: R 4.2.2 `var.test`, `bartlett.test`.

use super::kruskal_wallis::require_groups;
use super::moments::{Moments, moments};
use crate::stats::distribution::{chi_squared_upper, f_lower, f_quantile, f_upper};
use crate::stats::error::{StatsError, require_level};
use crate::stats::estimate::{Alternative, Estimate, NullDistribution, Test};
use serde::{Deserialize, Serialize};

/// A ratio of variances with its test.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VarianceRatio {
    /// s₁²/s₂².
    pub ratio: Estimate,
    /// The test of ratio 1, two-sided.
    pub test: Test,
}

fn varying(values: &[f64]) -> Result<Moments, StatsError> {
    let moments = moments("group", values, 2)?;
    if moments.standard_deviation > 0.0 {
        Ok(moments)
    } else {
        Err(StatsError::Undefined { what: "the test of variances", why: "the values of a group do not vary" })
    }
}

/// The F test of two variances.
pub fn variance_ratio(first: &[f64], second: &[f64], level: f64) -> Result<VarianceRatio, StatsError> {
    require_level(level)?;
    let (first, second) = (varying(first)?, varying(second)?);
    let value = (first.standard_deviation / second.standard_deviation).powi(2);
    let (df_numerator, df_denominator) = (first.n as f64 - 1.0, second.n as f64 - 1.0);
    let tail = 0.5 * (1.0 - level);
    let smaller = f_lower(value, df_numerator, df_denominator).min(f_upper(value, df_numerator, df_denominator));
    Ok(VarianceRatio {
        ratio: Estimate::new(value, first.n + second.n).with_interval(
            // The upper F quantile is one over the lower one with the degrees of freedom exchanged.
            value * f_quantile(tail, df_denominator, df_numerator),
            value / f_quantile(tail, df_numerator, df_denominator),
            level,
            "F",
        ),
        test: Test {
            statistic: Some(value),
            distribution: NullDistribution::F { df_numerator, df_denominator },
            p_value: (2.0 * smaller).min(1.0),
            alternative: Alternative::TwoSided,
            method: "F test of two variances".into(),
        },
    })
}

/// Bartlett's test of several variances.
pub fn bartlett(groups: &[&[f64]]) -> Result<Test, StatsError> {
    require_groups(groups, 2)?;
    let parts = groups.iter().map(|group| varying(group)).collect::<Result<Vec<_>, _>>()?;
    let k = parts.len() as f64;
    let df_of = |part: &Moments| part.n as f64 - 1.0;
    let df_total = parts.iter().fold(0.0, |sum, part| sum + df_of(part));
    // In units of the first group's variance: scales do not overflow.
    let ratio = |part: &Moments| (part.standard_deviation / parts[0].standard_deviation).powi(2);
    let pooled = parts.iter().fold(0.0, |sum, part| sum + df_of(part) / df_total * ratio(part));
    let spread = parts.iter().fold(0.0, |sum, part| sum + df_of(part) * (pooled / ratio(part)).ln());
    let inverse = parts.iter().fold(0.0, |sum, part| sum + 1.0 / df_of(part));
    let statistic = (spread / (1.0 + (inverse - 1.0 / df_total) / (3.0 * (k - 1.0)))).max(0.0);
    Ok(Test {
        statistic: Some(statistic),
        distribution: NullDistribution::ChiSquared { df: k - 1.0 },
        p_value: chi_squared_upper(statistic, k - 1.0),
        alternative: Alternative::TwoSided,
        method: "Bartlett".into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        // Variances 1 and 4 on 2 and 2: F = ¼, P(F < ¼) = ¼/(1 + ¼) = 0.2.
        let test = variance_ratio(&[1.0, 2.0, 3.0], &[2.0, 4.0, 6.0], 0.95).unwrap().test;
        assert!((test.statistic.unwrap() - 0.25).abs() < 1e-15 && (test.p_value - 0.4).abs() < 1e-15);
        // 4 ln 2.5 − 2 ln 4 over 1 + (1 − ¼)/3.
        let test = bartlett(&[&[1.0, 2.0, 3.0], &[2.0, 4.0, 6.0]]).unwrap();
        assert!((test.statistic.unwrap() - (4.0 * 2.5_f64.ln() - 2.0 * 4.0_f64.ln()) / 1.25).abs() < 1e-14);
        assert!(bartlett(&[&[1.0, 1.0], &[2.0, 4.0]]).is_err());
    }
}
