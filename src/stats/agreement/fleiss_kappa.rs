//! Fleiss' kappa of several raters, and Randolph's free-marginal one.
//!
//! Estimand: agreement beyond chance of any two raters. With nᵢⱼ of m raters putting subject i of n into category j:
//! Pᵢ = (Σⱼ nᵢⱼ² − m)/(m(m − 1)), p_o = mean of Pᵢ, πⱼ = Σᵢ nᵢⱼ/(nm), p_e = Σ πⱼ² (Randolph: 1/k), κ = (p_o − p_e)/(1 − p_e).
//! Test of κ = 0: z = κ/SE₀ with SE₀² = 2[(Σπⱼqⱼ)² − Σπⱼqⱼ(qⱼ − πⱼ)]/((Σπⱼqⱼ)² n m(m − 1)), qⱼ = 1 − πⱼ (Fleiss, Nee and Landis).
//! Interval: κ ± z SE, cut to [−1, 1], with Gwet's large-sample error over subjects, SE² = Σ(κᵢ* − κ)²/(n(n − 1)) and
//! κᵢ* = (Pᵢ − p_e)/(1 − p_e) − 2(1 − κ)(Σⱼ πⱼnᵢⱼ/m − p_e)/(1 − p_e).
//! Shapes: one row per subject, one column per category, every row with the same sum m >= 2.
//! Row order changes at most the last bits.
//! Edge cases: one subject has no interval; all ratings in one category is `Undefined`.
//! Sources: Fleiss 1971 (doi:10.1037/h0031619); Fleiss, Nee and Landis 1979 (doi:10.1037/0033-2909.86.5.974); Randolph 2005;
//! Gwet 2021 (doi:10.1177/0013164420973080). Oracle: statsmodels 0.15.0 `fleiss_kappa`.

use crate::stats::baseline::contingency::ContingencyTable;
use crate::stats::distribution::{normal_critical, normal_two_sided};
use crate::stats::error::{StatsError, require_level};
use crate::stats::estimate::{Alternative, Estimate, NullDistribution, Test};
use serde::{Deserialize, Serialize};

/// Kappa of several raters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FleissKappa {
    /// κ with Gwet's standard error and interval.
    pub estimate: Estimate,
    /// p_o.
    pub observed_agreement: f64,
    /// p_e.
    pub expected_agreement: f64,
    /// The test of κ = 0.
    pub test: Test,
}

/// The number of raters, the same for every subject.
fn raters(table: &ContingencyTable) -> Result<u64, StatsError> {
    let totals = table.row_totals();
    let m = totals[0];
    if let Some(index) = totals.iter().position(|total| *total != m) {
        return Err(StatsError::InvalidAt { what: "subject", index, expected: "rated as often as the first" });
    }
    if m < 2 {
        return Err(StatsError::TooFew { what: "ratings per subject", needed: 2, found: m as usize });
    }
    Ok(m)
}

/// Pᵢ of every subject: the share of pairs of raters that agree.
fn agreement_by_subject(table: &ContingencyTable, m: u64) -> Vec<f64> {
    let pairs = m as f64 * (m as f64 - 1.0);
    let agreeing = |row: &[u64]| row.iter().fold(0.0, |sum, count| sum + *count as f64 * (*count as f64 - 1.0));
    table.counts().chunks(table.columns()).map(|row| agreeing(row) / pairs).collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |sum, value| sum + value) / values.len() as f64
}

/// Fleiss' kappa.
pub fn fleiss_kappa(table: &ContingencyTable, level: f64) -> Result<FleissKappa, StatsError> {
    require_level(level)?;
    let m = raters(table)?;
    let column_totals = table.column_totals();
    if column_totals.contains(&table.total()) {
        return Err(StatsError::Undefined { what: "kappa", why: "all ratings are in one category" });
    }
    let (n, m_float) = (table.rows() as f64, m as f64);
    let share: Vec<f64> = column_totals.iter().map(|total| *total as f64 / (n * m_float)).collect();
    let agreement = agreement_by_subject(table, m);
    let observed = mean(&agreement);
    let expected = share.iter().fold(0.0, |sum, p| sum + p * p);
    let beyond = 1.0 - expected;
    let value = (observed - expected) / beyond;

    let binomial = share.iter().fold(0.0, |sum, p| sum + p * (1.0 - p));
    let skew = share.iter().fold(0.0, |sum, p| sum + p * (1.0 - p) * (1.0 - 2.0 * p));
    let null_error = (2.0 * (binomial * binomial - skew) / (n * m_float * (m_float - 1.0))).max(0.0).sqrt() / binomial;
    let z = value / null_error;

    let mut estimate = Estimate::new(value, table.rows());
    if table.rows() > 1 {
        let rows = table.counts().chunks(table.columns()).zip(&agreement);
        let squares = rows.fold(0.0, |sum, (row, agreement)| {
            let chance = row.iter().zip(&share).fold(0.0, |sum, (count, p)| sum + *count as f64 / m_float * p);
            let own = (agreement - expected) / beyond - 2.0 * (1.0 - value) * (chance - expected) / beyond;
            sum + (own - value) * (own - value)
        });
        let standard_error = (squares / (n * (n - 1.0))).sqrt();
        let half_width = normal_critical(level) * standard_error;
        estimate = estimate.with_standard_error(standard_error).with_interval(
            (value - half_width).max(-1.0),
            (value + half_width).min(1.0),
            level,
            "large sample over subjects (Gwet)",
        );
    }
    Ok(FleissKappa {
        estimate,
        observed_agreement: observed,
        expected_agreement: expected,
        test: Test {
            statistic: Some(z),
            distribution: NullDistribution::Normal,
            p_value: normal_two_sided(z),
            alternative: Alternative::TwoSided,
            method: "Fleiss' kappa, no agreement beyond chance".into(),
        },
    })
}

/// Randolph's kappa: chance is one over the number of categories. With two raters it is the prevalence-adjusted,
/// bias-adjusted kappa.
pub fn free_marginal_kappa(table: &ContingencyTable) -> Result<Estimate, StatsError> {
    let m = raters(table)?;
    if table.columns() < 2 {
        return Err(StatsError::TooFew { what: "the number of categories", needed: 2, found: table.columns() });
    }
    let expected = 1.0 / table.columns() as f64;
    let observed = mean(&agreement_by_subject(table, m));
    Ok(Estimate::new((observed - expected) / (1.0 - expected), table.rows()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        // Three raters, (3,0), (0,3), (2,1): P = 1, 1, 1/3; shares 5/9, 4/9; p_e = 41/81, κ = (63 − 41)/(81 − 41).
        let table = ContingencyTable::new(3, 2, vec![3, 0, 0, 3, 2, 1]).unwrap();
        let kappa = fleiss_kappa(&table, 0.95).unwrap();
        assert!((kappa.estimate.value - 22.0 / 40.0).abs() < 1e-15);
        // Two categories: SE₀² = 2/(n m(m − 1)).
        assert!((kappa.test.statistic.unwrap() - 0.55 / (2.0_f64 / 18.0).sqrt()).abs() < 1e-14);
        assert!((free_marginal_kappa(&table).unwrap().value - (7.0 / 9.0 - 0.5) / 0.5).abs() < 1e-15);
    }

    #[test]
    fn refusals() {
        let uneven = ContingencyTable::new(2, 2, vec![3, 0, 1, 1]).unwrap();
        assert!(fleiss_kappa(&uneven, 0.95).is_err());
        let alike = ContingencyTable::new(2, 2, vec![3, 0, 3, 0]).unwrap();
        assert!(matches!(fleiss_kappa(&alike, 0.95), Err(StatsError::Undefined { .. })));
        let alone = ContingencyTable::new(2, 2, vec![1, 0, 0, 1]).unwrap();
        assert!(fleiss_kappa(&alone, 0.95).is_err());
    }
}
