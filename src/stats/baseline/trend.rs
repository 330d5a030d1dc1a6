//! Trend of a proportion over ordered groups, and association of two ordered classifications.
//!
//! Cochran-Armitage: with xᵢ events of nᵢ in group i, scores sᵢ and p̂ = Σx/Σn,
//! X² = [Σ sᵢ(xᵢ − nᵢp̂)]² / [p̂(1 − p̂)(Σ nᵢsᵢ² − (Σ nᵢsᵢ)²/N)], chi-squared on 1 degree of freedom.
//! Linear by linear (Mantel): X² = (N − 1) r² with r the correlation of row score and column score over subjects; for two
//! rows it is (N − 1)/N times the former.
//! Statistic: signed z, the root of X² with the sign of the trend; positive where the share rises with the score.
//! Edge cases: `Undefined` where no group differs in score, or all or none have the event.
//! Sources: Cochran 1954 (doi:10.2307/3001616); Armitage 1955 (doi:10.2307/3001775); Mantel 1963
//! (doi:10.1080/01621459.1963.10500879). Oracle: R 4.2.2 `prop.trend.test` (its statistic is z²).

use super::contingency::ContingencyTable;
use crate::stats::distribution::normal_two_sided;
use crate::stats::error::{StatsError, require_finite, require_same_length, require_squarable};
use crate::stats::estimate::{Alternative, NullDistribution, Test};

/// Σ and spread of the scores over subjects.
struct Spread {
    mean: f64,
    squares: f64,
}

fn spread(scores: &[f64], totals: &[u64]) -> Spread {
    let n = totals.iter().sum::<u64>() as f64;
    let weighted = |value: &dyn Fn(f64) -> f64| {
        scores.iter().zip(totals).fold(0.0, |sum, (score, total)| sum + *total as f64 * value(*score))
    };
    let mean = weighted(&|score| score) / n;
    Spread { mean, squares: weighted(&|score| (score - mean) * (score - mean)) }
}

fn signed_test(statistic: f64, method: &'static str) -> Test {
    Test {
        statistic: Some(statistic),
        distribution: NullDistribution::Normal,
        p_value: normal_two_sided(statistic),
        alternative: Alternative::TwoSided,
        method: method.into(),
    }
}

const NO_SPREAD: StatsError =
    StatsError::Undefined { what: "the trend", why: "one of the classifications does not vary" };

/// Cochran and Armitage's test: `events[i]` of `totals[i]` subjects, in the order of `scores`.
pub fn cochran_armitage(events: &[u64], totals: &[u64], scores: &[f64]) -> Result<Test, StatsError> {
    require_same_length("events", events.len(), "totals", totals.len())?;
    require_same_length("events", events.len(), "scores", scores.len())?;
    require_finite("scores", scores)?;
    require_squarable("scores", scores)?;
    if let Some(index) = events.iter().zip(totals).position(|(events, total)| events > total) {
        return Err(StatsError::InvalidAt { what: "events", index, expected: "at most the total of its group" });
    }
    let n = totals.iter().sum::<u64>() as f64;
    let share = events.iter().sum::<u64>() as f64 / n;
    if n == 0.0 || share == 0.0 || share == 1.0 {
        return Err(NO_SPREAD);
    }
    let over_score = spread(scores, totals);
    if over_score.squares <= 0.0 {
        return Err(NO_SPREAD);
    }
    // About the mean score, where Σ nᵢ(sᵢ − s̄) = 0 and p̂ drops out of the covariance.
    let covariance =
        events.iter().zip(scores).fold(0.0, |sum, (events, score)| sum + *events as f64 * (score - over_score.mean));
    let variance = share * (1.0 - share) * over_score.squares;
    Ok(signed_test(covariance / variance.sqrt(), "Cochran-Armitage trend"))
}

/// Mantel's linear-by-linear association of rows and columns.
pub fn linear_by_linear(
    table: &ContingencyTable,
    row_scores: &[f64],
    column_scores: &[f64],
) -> Result<Test, StatsError> {
    require_same_length("rows", table.rows(), "row scores", row_scores.len())?;
    require_same_length("columns", table.columns(), "column scores", column_scores.len())?;
    require_finite("row scores", row_scores)?;
    require_finite("column scores", column_scores)?;
    require_squarable("row scores", row_scores)?;
    require_squarable("column scores", column_scores)?;
    let n = table.total() as f64;
    if n < 2.0 {
        return Err(StatsError::TooFew { what: "subjects", needed: 2, found: n as usize });
    }
    let rows = spread(row_scores, &table.row_totals());
    let columns = spread(column_scores, &table.column_totals());
    if rows.squares <= 0.0 || columns.squares <= 0.0 {
        return Err(NO_SPREAD);
    }
    let cells = table.counts().iter().enumerate();
    let covariance = cells.fold(0.0, |sum, (cell, count)| {
        let (row, column) = (cell / table.columns(), cell % table.columns());
        sum + *count as f64 * (row_scores[row] - rows.mean) * (column_scores[column] - columns.mean)
    });
    let correlation = covariance / (rows.squares.sqrt() * columns.squares.sqrt());
    Ok(signed_test(correlation * (n - 1.0).sqrt(), "linear-by-linear association"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_whose_squares_are_no_numbers_are_refused() {
        for scores in [[0.5, 0.56, 1e308], [1.0, 2.0, 1e155]] {
            assert!(cochran_armitage(&[1, 5, 3], &[9, 9, 9], &scores).is_err());
        }
    }

    #[test]
    fn two_groups_are_the_chi_squared_test() {
        // Events 10/40 and 20/60: X² of [[30, 10], [40, 20]] is 100 · 200²/(30·70·40·60), and the share rises.
        let test = cochran_armitage(&[10, 20], &[40, 60], &[1.0, 2.0]).unwrap();
        assert!((test.statistic.unwrap() - (4e6_f64 / 5.04e6).sqrt()).abs() < 1e-14);
        let table = ContingencyTable::new(2, 2, vec![30, 20 + 20, 10, 20]).unwrap();
        let linear = linear_by_linear(&table, &[0.0, 1.0], &[1.0, 2.0]).unwrap();
        assert!((linear.statistic.unwrap().powi(2) - 0.99 * 4e6 / 5.04e6).abs() < 1e-14);
    }

    #[test]
    fn sign_and_degenerate_tables() {
        let falling = cochran_armitage(&[9, 5, 1], &[10, 10, 10], &[0.0, 1.0, 2.0]).unwrap();
        assert!(falling.statistic.unwrap() < -3.0);
        assert!(cochran_armitage(&[0, 0], &[5, 5], &[0.0, 1.0]).is_err());
        assert!(cochran_armitage(&[1, 2], &[5, 5], &[1.0, 1.0]).is_err());
        assert!(cochran_armitage(&[6, 2], &[5, 5], &[0.0, 1.0]).is_err());
        assert!(cochran_armitage(&[], &[], &[]).is_err());
    }
}
