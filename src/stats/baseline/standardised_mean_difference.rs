//! Standardised differences of two groups: how far apart they are in units of their own spread, whatever their size.
//!
//! - Continuous: (x̄₂ − x̄₁)/√((s₁² + s₂²)/2).
//! - Binary: (p₂ − p₁)/√((p₁(1 − p₁) + p₂(1 − p₂))/2).
//! - Categorical (Yang and Dalton): √(dᵀ S⁻¹ d) with d the differences of the category shares but the first, and S the
//!   mean of the two multinomial covariances; not negative.
//!
//! Sign: second group minus first. Interval: d ± z √((n₁ + n₂)/(n₁n₂) + d²/(2(n₁ + n₂))) (Hedges and Olkin).
//! Edge cases: groups that do not vary at all have no unit: equal ones give 0, different ones are `Undefined`. Categories
//! that nobody has do not count; a singular S (a category that takes all of both groups' variation) is `Undefined`.
//! Sources: Austin 2009 (doi:10.1002/sim.3697); Yang and Dalton 2012 (SAS Global Forum, paper 335); Hedges and Olkin 1985.
//! Oracle: the definitions in R 4.2.2 (helpers.R: `smd_c`, `smd_b`, `smd_m`).

use super::contingency::ContingencyTable;
use super::moments::moments;
use crate::stats::distribution::normal_critical;
use crate::stats::error::{StatsError, require_level};
use crate::stats::estimate::Estimate;
use crate::stats::linear_algebra::{Cholesky, Matrix, dot};

const NO_SPREAD: StatsError =
    StatsError::Undefined { what: "the standardised difference", why: "neither group varies, and they differ" };

fn with_interval(value: f64, first: usize, second: usize, level: f64) -> Estimate {
    let (n, product) = ((first + second) as f64, first as f64 * second as f64);
    let standard_error = (n / product + value * value / (2.0 * n)).sqrt();
    let half_width = normal_critical(level) * standard_error;
    Estimate::new(value, first + second).with_standard_error(standard_error).with_interval(
        value - half_width,
        value + half_width,
        level,
        "normal (Hedges and Olkin)",
    )
}

/// A difference in units of √((left² + right²)/2).
fn standardise(difference: f64, left: f64, right: f64) -> Result<f64, StatsError> {
    let unit = left.hypot(right) / std::f64::consts::SQRT_2;
    if unit > 0.0 {
        Ok(difference / unit)
    } else if difference == 0.0 {
        Ok(0.0)
    } else {
        Err(NO_SPREAD)
    }
}

/// Of the means of a continuous variable.
pub fn continuous(first: &[f64], second: &[f64], level: f64) -> Result<Estimate, StatsError> {
    require_level(level)?;
    let (first, second) = (moments("first group", first, 2)?, moments("second group", second, 2)?);
    let value = standardise(second.mean - first.mean, first.standard_deviation, second.standard_deviation)?;
    Ok(with_interval(value, first.n, second.n, level))
}

/// Of two proportions: `first_events` of `first_n`, `second_events` of `second_n`.
pub fn binary(
    first_events: u64,
    first_n: u64,
    second_events: u64,
    second_n: u64,
    level: f64,
) -> Result<Estimate, StatsError> {
    require_level(level)?;
    for (events, n) in [(first_events, first_n), (second_events, second_n)] {
        if n == 0 {
            return Err(StatsError::Empty { what: "group" });
        }
        if events > n {
            return Err(StatsError::OutOfRange {
                what: "number of events",
                value: events as f64,
                expected: "at most the size of its group",
            });
        }
    }
    let (p, q) = (first_events as f64 / first_n as f64, second_events as f64 / second_n as f64);
    let value = standardise(q - p, (p * (1.0 - p)).sqrt(), (q * (1.0 - q)).sqrt())?;
    Ok(with_interval(value, first_n as usize, second_n as usize, level))
}

/// Of a categorical variable: two rows, the groups; one column per category.
pub fn categorical(table: &ContingencyTable, level: f64) -> Result<Estimate, StatsError> {
    require_level(level)?;
    if table.rows() != 2 {
        return Err(StatsError::OutOfRange { what: "number of groups", value: table.rows() as f64, expected: "2" });
    }
    let totals = table.row_totals();
    if totals.contains(&0) {
        return Err(StatsError::Empty { what: "group" });
    }
    let table = table.without_empty();
    let (first, second) = (totals[0] as usize, totals[1] as usize);
    let size = table.columns() - 1;
    let share = |group: usize, category: usize| table.count(group, category + 1) as f64 / totals[group] as f64;
    let difference: Vec<f64> = (0..size).map(|category| share(1, category) - share(0, category)).collect();
    if table.column_totals().len() == 1 || difference.iter().all(|value| *value == 0.0) {
        return Ok(with_interval(0.0, first, second, level));
    }
    let mut covariance = Matrix::zeros(size, size);
    for group in 0..2 {
        for i in 0..size {
            for j in 0..size {
                let diagonal = if i == j { share(group, i) } else { 0.0 };
                covariance.add(i, j, 0.5 * (diagonal - share(group, i) * share(group, j)));
            }
        }
    }
    let Ok(factor) = Cholesky::new(&covariance, 1e-12) else { return Err(NO_SPREAD) };
    let value = dot(&difference, &factor.solve(&difference)).max(0.0).sqrt();
    Ok(with_interval(value, first, second, level))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        // Means 2 and 4, variances 1 and 4: 2/√2.5. Shares 0.2 and 0.5: 0.3/√((0.16 + 0.25)/2).
        let value = continuous(&[1.0, 2.0, 3.0], &[2.0, 4.0, 6.0], 0.95).unwrap().value;
        assert!((value - 2.0 / 2.5_f64.sqrt()).abs() < 1e-15);
        let shares = binary(2, 10, 5, 10, 0.95).unwrap().value;
        assert!((shares - 0.3 / 0.205_f64.sqrt()).abs() < 1e-15);
        // Two categories: the binary one without its sign.
        let table = ContingencyTable::new(2, 2, vec![8, 2, 5, 5]).unwrap();
        assert!((categorical(&table, 0.95).unwrap().value - shares).abs() < 1e-15);
    }

    #[test]
    fn without_spread() {
        assert_eq!(continuous(&[1.0; 3], &[1.0; 4], 0.95).unwrap().value, 0.0);
        assert!(continuous(&[1.0; 3], &[2.0; 4], 0.95).is_err());
        assert!(binary(0, 5, 5, 5, 0.95).is_err());
        assert_eq!(binary(5, 5, 3, 3, 0.95).unwrap().value, 0.0);
        let apart = ContingencyTable::new(2, 3, vec![5, 0, 0, 0, 0, 7]).unwrap();
        assert!(categorical(&apart, 0.95).is_err());
        let alike = ContingencyTable::new(2, 3, vec![5, 0, 5, 7, 0, 7]).unwrap();
        assert_eq!(categorical(&alike, 0.95).unwrap().value, 0.0);
    }
}
