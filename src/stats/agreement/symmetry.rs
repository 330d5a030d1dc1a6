//! Bowker's test of symmetry: whether two raters use the categories alike where they disagree.
//!
//! Null hypothesis: pᵢⱼ = pⱼᵢ for all i ≠ j. Statistic Σ over i < j of (nᵢⱼ − nⱼᵢ)²/(nᵢⱼ + nⱼᵢ), chi-squared with one degree of
//! freedom for each pair of categories that any subject was put in both ways. For two categories it is McNemar's,
//! uncorrected.
//! Edge cases: pairs of categories without subjects are left out (R's `mcnemar.test` gives NaN for the whole table);
//! `Undefined` where no pair is left.
//! Source: Bowker 1948 (doi:10.1080/01621459.1948.10483284). Oracle: R 4.2.2 `mcnemar.test`, where it is defined.

use crate::stats::baseline::contingency::ContingencyTable;
use crate::stats::distribution::chi_squared_upper;
use crate::stats::error::{StatsError, require_same_length};
use crate::stats::estimate::{Alternative, NullDistribution, Test};

/// Bowker's test on a square table of two raters.
pub fn bowker(table: &ContingencyTable) -> Result<Test, StatsError> {
    require_same_length("the first rater's categories", table.rows(), "the second rater's", table.columns())?;
    let pairs = (0..table.rows()).flat_map(|i| (0..i).map(move |j| (table.count(i, j), table.count(j, i))));
    let (mut statistic, mut df) = (0.0, 0.0);
    for (left, right) in pairs.filter(|(left, right)| left + right > 0) {
        let difference = left.abs_diff(right) as f64;
        statistic += difference * difference / (left + right) as f64;
        df += 1.0;
    }
    if df == 0.0 {
        return Err(StatsError::Undefined { what: "the test of symmetry", why: "the raters never disagree" });
    }
    Ok(Test {
        statistic: Some(statistic),
        distribution: NullDistribution::ChiSquared { df },
        p_value: chi_squared_upper(statistic, df),
        alternative: Alternative::TwoSided,
        method: "Bowker's symmetry".into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        // (4 − 1)²/5 + (2 − 2)²/4, and a pair without subjects.
        let table = ContingencyTable::new(3, 3, vec![9, 4, 2, 1, 9, 0, 2, 0, 9]).unwrap();
        let test = bowker(&table).unwrap();
        assert_eq!(test.statistic, Some(9.0 / 5.0));
        assert_eq!(test.distribution, NullDistribution::ChiSquared { df: 2.0 });
        let agree = ContingencyTable::new(2, 2, vec![3, 0, 0, 3]).unwrap();
        assert!(matches!(bowker(&agree), Err(StatsError::Undefined { .. })));
    }
}
