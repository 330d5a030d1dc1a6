//! Pearson's chi-squared test of independence.
//!
//! Statistic X² = Σ (O − E)²/E with E = row total · column total / n; chi-squared on (r − 1)(c − 1) degrees of freedom.
//! With Yates' correction (2×2 only) |O − E| is reduced by ½, or by itself where it is smaller.
//! Likelihood ratio: G² = 2 Σ O ln(O/E), same degrees of freedom.
//! Residuals: (O − E)/√(E (1 − row share)(1 − column share)), standard normal under independence.
//! Cramér's V = √(X²/(n (min(r, c) − 1))), without correction.
//! Assumptions: independent subjects, expected counts not small; `smallest_expected` says how small (five is customary).
//! Edge cases: rows and columns without subjects do not count (R's `chisq.test` gives NaN there); fewer than two left is
//! `Undefined`.
//! Sources: Pearson 1900 (doi:10.1080/14786440009463897); Yates 1934 (doi:10.2307/2983604); Haberman 1973
//! (doi:10.2307/2529686). Oracle: R 4.2.2 `chisq.test`.

use super::contingency::ContingencyTable;
use crate::stats::distribution::chi_squared_upper;
use crate::stats::error::StatsError;
use crate::stats::estimate::{Alternative, NullDistribution, Test};
use serde::{Deserialize, Serialize};

/// The chi-squared test with what a reader needs to judge it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChiSquared {
    /// The test.
    pub test: Test,
    /// Smallest expected count among the rows and columns that count.
    pub smallest_expected: f64,
    /// Effect size from 0 (independent) to 1.
    pub cramers_v: f64,
}

/// Whether |O − E| is reduced by one half in a 2×2 table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum YatesCorrection {
    /// No; the default.
    #[default]
    Without,
    /// Yes where the table is 2×2, as R does unasked.
    With,
}

/// Expected counts under independence, by rows.
pub fn expected_counts(table: &ContingencyTable) -> Vec<f64> {
    let n = table.total() as f64;
    let columns = table.column_totals();
    let row = |row: u64| columns.iter().map(move |column| row as f64 * *column as f64 / n).collect::<Vec<_>>();
    table.row_totals().into_iter().flat_map(row).collect()
}

/// Standardised (adjusted) residuals, by rows; NaN in a row or column that holds all subjects or none.
pub fn standardised_residuals(table: &ContingencyTable) -> Vec<f64> {
    let n = table.total() as f64;
    let (rows, columns) = (table.row_totals(), table.column_totals());
    let expected = expected_counts(table);
    let cells = table.counts().iter().zip(expected).enumerate();
    cells
        .map(|(cell, (count, expected))| {
            let row = rows[cell / columns.len()] as f64 / n;
            let column = columns[cell % columns.len()] as f64 / n;
            (*count as f64 - expected) / (expected * (1.0 - row) * (1.0 - column)).sqrt()
        })
        .collect()
}

/// The table without empty rows and columns, and its degrees of freedom.
fn prepared(table: &ContingencyTable) -> Result<(ContingencyTable, f64), StatsError> {
    let table = table.without_empty();
    if table.rows() < 2 || table.columns() < 2 {
        return Err(StatsError::Undefined {
            what: "the test of independence",
            why: "fewer than two rows or columns have subjects",
        });
    }
    let df = ((table.rows() - 1) * (table.columns() - 1)) as f64;
    Ok((table, df))
}

fn test_of(statistic: f64, df: f64, method: &'static str) -> Test {
    Test {
        statistic: Some(statistic),
        distribution: NullDistribution::ChiSquared { df },
        p_value: chi_squared_upper(statistic, df),
        alternative: Alternative::TwoSided,
        method: method.into(),
    }
}

/// Pearson's chi-squared test.
pub fn chi_squared(table: &ContingencyTable, correction: YatesCorrection) -> Result<ChiSquared, StatsError> {
    let (table, df) = prepared(table)?;
    let expected = expected_counts(&table);
    let sum = |step: f64| {
        table.counts().iter().zip(&expected).fold(0.0, |sum, (count, expected)| {
            let distance = (*count as f64 - expected).abs();
            let distance = distance - step.min(distance);
            sum + distance * distance / expected
        })
    };
    let corrected = correction == YatesCorrection::With && df == 1.0;
    let plain = sum(0.0);
    let smaller_side = table.rows().min(table.columns()) as f64;
    Ok(ChiSquared {
        test: if corrected {
            test_of(sum(0.5), df, "chi-squared, Yates' correction")
        } else {
            test_of(plain, df, "chi-squared")
        },
        smallest_expected: expected.iter().copied().fold(f64::INFINITY, f64::min),
        cramers_v: (plain / (table.total() as f64 * (smaller_side - 1.0))).sqrt().min(1.0),
    })
}

/// The likelihood ratio test of independence.
pub fn likelihood_ratio(table: &ContingencyTable) -> Result<Test, StatsError> {
    let (table, df) = prepared(table)?;
    let cells = table.counts().iter().zip(expected_counts(&table)).filter(|(count, _)| **count > 0);
    let half = cells.fold(0.0, |sum, (count, expected)| sum + *count as f64 * (*count as f64 / expected).ln());
    Ok(test_of((2.0 * half).max(0.0), df, "likelihood ratio (G test)"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        // [[10, 20], [30, 40]]: n (ad − bc)²/(margins) = 100 · 200²/(30·70·40·60) = 0.79365…; Yates takes n/2 off |ad − bc|.
        let table = ContingencyTable::new(2, 2, vec![10, 20, 30, 40]).unwrap();
        let plain = chi_squared(&table, YatesCorrection::Without).unwrap();
        assert!((plain.test.statistic.unwrap() - 4e6 / 5.04e6).abs() < 1e-14);
        assert_eq!(plain.smallest_expected, 12.0);
        let corrected = chi_squared(&table, YatesCorrection::With).unwrap();
        assert!((corrected.test.statistic.unwrap() - 100.0 * 150.0 * 150.0 / 5.04e6).abs() < 1e-14);
        // In a 2×2 table every standardised residual is ±X.
        for residual in standardised_residuals(&table) {
            assert!((residual.abs() - plain.test.statistic.unwrap().sqrt()).abs() < 1e-14);
        }
        let perfect = ContingencyTable::new(2, 2, vec![5, 0, 0, 7]).unwrap();
        assert!((chi_squared(&perfect, YatesCorrection::Without).unwrap().cramers_v - 1.0).abs() < 1e-15);
    }

    #[test]
    fn empty_categories_do_not_count() {
        let table = ContingencyTable::new(3, 3, vec![10, 0, 20, 0, 0, 0, 30, 0, 40]).unwrap();
        let small = ContingencyTable::new(2, 2, vec![10, 20, 30, 40]).unwrap();
        assert_eq!(chi_squared(&table, YatesCorrection::With), chi_squared(&small, YatesCorrection::With));
        assert_eq!(likelihood_ratio(&table), likelihood_ratio(&small));
        let one_row = ContingencyTable::new(2, 2, vec![3, 4, 0, 0]).unwrap();
        assert!(matches!(chi_squared(&one_row, YatesCorrection::Without), Err(StatsError::Undefined { .. })));
    }
}
