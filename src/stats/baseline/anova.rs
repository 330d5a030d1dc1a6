//! One-way analysis of variance, classic and Welch's.
//!
//! Null hypothesis: all group means are equal. Classic: F = [Σ nᵢ(x̄ᵢ − x̄)²/(k − 1)] / [Σ(nᵢ − 1)sᵢ²/(N − k)] on k − 1 and
//! N − k degrees of freedom; it assumes equal variances. Welch: with wᵢ = nᵢ/sᵢ², W = Σ wᵢ, x̃ = Σ wᵢx̄ᵢ/W and
//! L = Σ (1 − wᵢ/W)²/(nᵢ − 1): F = [Σ wᵢ(x̄ᵢ − x̃)²/(k − 1)] / [1 + 2(k − 2)L/(k² − 1)] on k − 1 and (k² − 1)/(3L).
//! Row order does not matter, bit for bit; group order only in rounding.
//! Edge cases: classic needs one value per group and N > k, and some variation within groups; Welch needs two values and
//! some variation in each group. Else the error says which.
//! Sources: Fisher 1925; Welch 1951 (doi:10.1093/biomet/38.3-4.330). Oracle: R 4.2.2 `anova(lm())`, `oneway.test`.

use super::kruskal_wallis::require_groups;
use super::moments::{Moments, moments};
use crate::stats::distribution::f_upper;
use crate::stats::error::StatsError;
use crate::stats::estimate::{Alternative, NullDistribution, Test};
use serde::{Deserialize, Serialize};

/// The classic analysis of variance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AnalysisOfVariance {
    /// Σ nᵢ(x̄ᵢ − x̄)².
    pub sum_of_squares_between: f64,
    /// Σ (x − x̄ᵢ)².
    pub sum_of_squares_within: f64,
    /// The F test.
    pub test: Test,
}

fn f_test(statistic: f64, df_numerator: f64, df_denominator: f64, method: &'static str) -> Test {
    Test {
        statistic: Some(statistic),
        distribution: NullDistribution::F { df_numerator, df_denominator },
        p_value: f_upper(statistic, df_numerator, df_denominator),
        alternative: Alternative::TwoSided,
        method: method.into(),
    }
}

fn group_moments(groups: &[&[f64]], needed: usize) -> Result<Vec<Moments>, StatsError> {
    require_groups(groups, needed)?;
    groups.iter().map(|group| moments("group", group, needed)).collect()
}

/// One-way analysis of variance with equal variances.
pub fn anova(groups: &[&[f64]]) -> Result<AnalysisOfVariance, StatsError> {
    let parts = group_moments(groups, 1)?;
    let n: usize = parts.iter().map(|part| part.n).sum();
    if n <= parts.len() {
        return Err(StatsError::TooFew { what: "all groups together", needed: parts.len() + 1, found: n });
    }
    // About the first mean, so that a common offset does not cancel.
    let origin = parts[0].mean;
    let mean = parts.iter().fold(0.0, |sum, part| sum + part.n as f64 / n as f64 * (part.mean - origin));
    let between = parts.iter().fold(0.0, |sum, part| {
        let distance = part.mean - origin - mean;
        sum + part.n as f64 * distance * distance
    });
    let within = parts
        .iter()
        .filter(|part| part.n > 1)
        .fold(0.0, |sum, part| sum + (part.n - 1) as f64 * part.standard_deviation * part.standard_deviation);
    if within <= 0.0 {
        return Err(StatsError::Undefined { what: "the F test", why: "the values do not vary within the groups" });
    }
    let (df_between, df_within) = ((parts.len() - 1) as f64, (n - parts.len()) as f64);
    Ok(AnalysisOfVariance {
        sum_of_squares_between: between,
        sum_of_squares_within: within,
        test: f_test((between / df_between) / (within / df_within), df_between, df_within, "analysis of variance"),
    })
}

/// One-way analysis of means with unequal variances.
pub fn welch_anova(groups: &[&[f64]]) -> Result<Test, StatsError> {
    let parts = group_moments(groups, 2)?;
    if parts.iter().any(|part| part.standard_deviation <= 0.0) {
        return Err(StatsError::Undefined { what: "Welch's F test", why: "the values of a group do not vary" });
    }
    let k = parts.len() as f64;
    let weights: Vec<f64> =
        parts.iter().map(|part| part.n as f64 / (part.standard_deviation * part.standard_deviation)).collect();
    // About the mean that weighs most: the distances of the others to it carry the statistic.
    let heaviest = weights.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).map_or(0, |(index, _)| index);
    let origin = parts[heaviest].mean;
    let total = weights.iter().fold(0.0, |sum, weight| sum + weight);
    let centre =
        parts.iter().zip(&weights).fold(0.0, |sum, (part, weight)| sum + weight / total * (part.mean - origin));
    let between = parts.iter().zip(&weights).fold(0.0, |sum, (part, weight)| {
        let distance = part.mean - origin - centre;
        sum + weight * distance * distance
    });
    let lack = parts.iter().zip(&weights).fold(0.0, |sum, (part, weight)| {
        let rest = 1.0 - weight / total;
        sum + rest * rest / (part.n as f64 - 1.0)
    });
    let statistic = between / (k - 1.0) / (1.0 + 2.0 * (k - 2.0) * lack / (k * k - 1.0));
    Ok(f_test(statistic, k - 1.0, (k * k - 1.0) / (3.0 * lack), "Welch's analysis of variance"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::baseline::welch_t::welch_t;

    #[test]
    fn by_hand_and_at_an_offset() {
        // {1, 3}, {2, 4}, {6, 8}: means 2, 3, 7; between 2(4 + 1 + 9) = 28, within 6; F = 14/2.
        for offset in [0.0, 1e8] {
            let groups = [[1.0, 3.0], [2.0, 4.0], [6.0, 8.0]].map(|group| group.map(|value| value + offset));
            let table = anova(&[&groups[0], &groups[1], &groups[2]]).unwrap();
            assert!((table.sum_of_squares_between - 28.0).abs() < 1e-12);
            assert!((table.sum_of_squares_within - 6.0).abs() < 1e-12);
            assert!((table.test.statistic.unwrap() - 7.0).abs() < 1e-13);
        }
    }

    #[test]
    fn welch_of_two_groups_is_the_square_of_his_t() {
        let (first, second) = ([1.0, 2.0, 3.5], [6.0, 2.0, 4.0, 9.0]);
        let t = welch_t(&first, &second, Alternative::TwoSided, 0.95).unwrap().test;
        let f = welch_anova(&[&first, &second]).unwrap();
        assert!((f.statistic.unwrap() - t.statistic.unwrap().powi(2)).abs() < 1e-13);
        assert!((f.p_value - t.p_value).abs() < 1e-14);
    }

    #[test]
    fn spreads_that_differ_by_sixteen_orders_cost_no_digits() {
        // The formula at 60 digits (mpmath): 13.374071551091083387; R's oneway.test has 13.374071551091092.
        let wide = [1.1, -0.7, 2.3, 0.2].map(|value| 1e8 * value);
        let narrow = [1.0, 3.0, 2.0].map(|value| 5.0 + 1e-8 * value);
        let usual = [0.1, -0.2, 0.3, 0.05].map(|value| 5.5 + value);
        let statistic = welch_anova(&[&wide, &narrow, &usual]).unwrap().statistic.unwrap();
        assert!((statistic / 13.374071551091083 - 1.0).abs() < 1e-13, "{statistic}");
    }

    #[test]
    fn no_variation() {
        assert!(anova(&[&[1.0, 1.0], &[2.0, 2.0]]).is_err());
        assert!(anova(&[&[1.0], &[2.0]]).is_err());
        assert!(welch_anova(&[&[1.0, 1.0], &[2.0, 3.0]]).is_err());
        assert!(welch_anova(&[&[1.0], &[2.0, 3.0]]).is_err());
    }
}
