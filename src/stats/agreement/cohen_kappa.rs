//! Cohen's kappa of two raters, unweighted or weighted.
//!
//! Estimand: agreement beyond chance, κ = (p_o − p_e)/(1 − p_e) with p_o = Σ w_ij p_ij, p_e = Σ w_ij p_i. p_.j and agreement
//! weights w_ij: 1 on the diagonal and 0 off it; linear 1 − |i − j|/(k − 1); quadratic 1 − (i − j)²/(k − 1)².
//! Standard errors (Fleiss, Cohen and Everitt), with row and column mean weights w̄_i. and w̄_.j:
//! - large sample, for the interval: n SE² (1 − p_e)⁴ = Σ p_ij [w_ij (1 − p_e) − (w̄_i. + w̄_.j)(1 − p_o)]² − (p_o p_e − 2p_e + p_o)²;
//! - under κ = 0, for the test: n SE₀² (1 − p_e)² = Σ p_i. p_.j [w_ij − (w̄_i. + w̄_.j)]² − p_e².
//!
//! Interval: κ ± z SE, cut to [−1, 1]. Test: z = κ / SE₀, two-sided.
//! Shapes: a square table, rows one rater's categories and columns the other's, in the same order; the order matters for
//! the weights only. Categories that neither rater used belong in the table where weights count distances on the full scale.
//! Edge cases: an empty table is `Empty`; p_e = 1 (both raters used one and the same category) is `Undefined`.
//! Sources: Cohen 1960 (doi:10.1177/001316446002000104); Fleiss, Cohen and Everitt 1969 (doi:10.1037/h0028106).
//! Oracle: vcd 1.4.11 `Kappa` (large-sample error), irr 0.84.1 `kappa2` (z), psych 2.2.9 `cohen.kappa`.

use crate::stats::baseline::contingency::ContingencyTable;
use crate::stats::distribution::{normal_critical, normal_two_sided};
use crate::stats::error::{StatsError, require_level};
use crate::stats::estimate::{Alternative, Estimate, NullDistribution, Test};
use serde::{Deserialize, Serialize};

/// How much a disagreement counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KappaWeights {
    /// Any disagreement counts fully; the default.
    #[default]
    Unweighted,
    /// By the distance of the categories (Cicchetti and Allison).
    Linear,
    /// By the squared distance (Fleiss and Cohen).
    Quadratic,
}

impl KappaWeights {
    /// The weight of agreement of categories `i` and `j` of `categories`.
    pub fn weight(self, i: usize, j: usize, categories: usize) -> f64 {
        let distance = i.abs_diff(j) as f64;
        let longest = categories.saturating_sub(1).max(1) as f64;
        match self {
            Self::Unweighted => f64::from(u8::from(i == j)),
            Self::Linear => 1.0 - distance / longest,
            Self::Quadratic => 1.0 - (distance / longest) * (distance / longest),
        }
    }
}

/// Kappa with what it is made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CohenKappa {
    /// κ, its large-sample standard error and interval.
    pub estimate: Estimate,
    /// p_o, weighted.
    pub observed_agreement: f64,
    /// p_e, weighted.
    pub expected_agreement: f64,
    /// Standard error under κ = 0; that of the test.
    pub standard_error_null: f64,
    /// The test of κ = 0; absent where the null variance is zero.
    pub test: Option<Test>,
}

/// Cohen's kappa of a square table.
pub fn cohen_kappa(table: &ContingencyTable, weights: KappaWeights, level: f64) -> Result<CohenKappa, StatsError> {
    require_level(level)?;
    let size = table.rows();
    if size != table.columns() {
        return Err(StatsError::LengthMismatch {
            left_name: "the first rater's categories",
            left: size,
            right_name: "the second rater's categories",
            right: table.columns(),
        });
    }
    let total = table.total();
    if total == 0 {
        return Err(StatsError::Empty { what: "contingency table" });
    }
    let n = total as f64;
    let share = |counts: Vec<u64>| -> Vec<f64> { counts.into_iter().map(|count| count as f64 / n).collect() };
    let (row, column) = (share(table.row_totals()), share(table.column_totals()));
    let weight = |i: usize, j: usize| weights.weight(i, j, size);
    let cells = || (0..size).flat_map(|i| (0..size).map(move |j| (i, j)));
    let joint = |i: usize, j: usize| table.count(i, j) as f64 / n;
    let observed = cells().fold(0.0, |sum, (i, j)| sum + weight(i, j) * joint(i, j));
    let expected = cells().fold(0.0, |sum, (i, j)| sum + weight(i, j) * row[i] * column[j]);
    // Both raters in one and the same category: decided on the counts, because rounding may leave 1 − p_e just off zero.
    if (0..size).any(|i| table.count(i, i) == total) {
        return Err(StatsError::Undefined { what: "kappa", why: "both raters used one and the same category only" });
    }
    // A rater of one category agrees by chance only, in every table with these margins; rounding would leave a trace.
    let constant = [table.row_totals(), table.column_totals()].iter().any(|totals| totals.contains(&total));
    let row_mean: Vec<f64> = (0..size).map(|i| (0..size).fold(0.0, |sum, j| sum + weight(i, j) * column[j])).collect();
    let column_mean: Vec<f64> = (0..size).map(|j| (0..size).fold(0.0, |sum, i| sum + weight(i, j) * row[i])).collect();
    let beyond = 1.0 - expected;
    let value = if constant { 0.0 } else { (observed - expected) / beyond };

    let spread = cells().fold(0.0, |sum, (i, j)| {
        let term = weight(i, j) * beyond - (row_mean[i] + column_mean[j]) * (1.0 - observed);
        sum + joint(i, j) * term * term
    });
    let centre = observed * expected - 2.0 * expected + observed;
    let root = |variance: f64| if constant { 0.0 } else { (variance.max(0.0) / n).sqrt() };
    let standard_error = root(spread - centre * centre) / (beyond * beyond);
    let null_spread = cells().fold(0.0, |sum, (i, j)| {
        let term = weight(i, j) - (row_mean[i] + column_mean[j]);
        sum + row[i] * column[j] * term * term
    });
    let standard_error_null = root(null_spread - expected * expected) / beyond;

    let half_width = normal_critical(level) * standard_error;
    let test = (standard_error_null > 0.0).then(|| {
        let statistic = value / standard_error_null;
        Test {
            statistic: Some(statistic),
            distribution: NullDistribution::Normal,
            p_value: normal_two_sided(statistic),
            alternative: Alternative::TwoSided,
            method: "Cohen's kappa, no agreement beyond chance".into(),
        }
    });
    Ok(CohenKappa {
        estimate: Estimate::new(value, total as usize).with_standard_error(standard_error).with_interval(
            (value - half_width).max(-1.0),
            (value + half_width).min(1.0),
            level,
            "large sample (Fleiss, Cohen and Everitt)",
        ),
        observed_agreement: observed,
        expected_agreement: expected,
        standard_error_null,
        test,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        // [[20, 5], [10, 15]]: p_o = 0.7, p_e = 0.5·0.6 + 0.5·0.4 = 0.5, κ = 0.4.
        // Null: n SE₀² = (p_e + p_e² − Σ p_i. p_.i (p_i. + p_.i))/(1 − p_e)² = (0.5 + 0.25 − 0.3·1.1 − 0.2·0.9)/0.25.
        let table = ContingencyTable::new(2, 2, vec![20, 5, 10, 15]).unwrap();
        let kappa = cohen_kappa(&table, KappaWeights::Unweighted, 0.95).unwrap();
        assert!((kappa.estimate.value - 0.4).abs() < 1e-15);
        assert!((kappa.standard_error_null - (0.24_f64 / 0.25 / 50.0).sqrt()).abs() < 1e-15);
        // With two categories all weights are the same.
        for weights in [KappaWeights::Linear, KappaWeights::Quadratic] {
            assert_eq!(cohen_kappa(&table, weights, 0.95).unwrap(), kappa);
        }
    }

    #[test]
    fn a_rater_of_one_category_has_no_standard_error_of_rounding() {
        let table = ContingencyTable::new(2, 2, vec![900_000, 400_000, 0, 0]).unwrap();
        let kappa = cohen_kappa(&table, KappaWeights::Unweighted, 0.95).unwrap();
        assert_eq!((kappa.estimate.value, kappa.estimate.standard_error, kappa.test), (0.0, Some(0.0), None));
    }

    #[test]
    fn perfect_none_and_undefined() {
        let perfect = ContingencyTable::new(3, 3, vec![2, 0, 0, 0, 3, 0, 0, 0, 4]).unwrap();
        let kappa = cohen_kappa(&perfect, KappaWeights::Linear, 0.95).unwrap();
        assert!((kappa.estimate.value - 1.0).abs() < 1e-15 && kappa.estimate.standard_error.unwrap() < 1e-7);
        let one = ContingencyTable::new(2, 2, vec![7, 0, 0, 0]).unwrap();
        assert!(matches!(cohen_kappa(&one, KappaWeights::Unweighted, 0.95), Err(StatsError::Undefined { .. })));
        let empty = ContingencyTable::new(2, 2, vec![0; 4]).unwrap();
        assert!(matches!(cohen_kappa(&empty, KappaWeights::Unweighted, 0.95), Err(StatsError::Empty { .. })));
        let oblong = ContingencyTable::new(1, 2, vec![1, 1]).unwrap();
        assert!(cohen_kappa(&oblong, KappaWeights::Unweighted, 0.95).is_err());
    }
}
