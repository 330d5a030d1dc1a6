//! Variance inflation factors.
//!
//! Estimand: how much larger the variance of a coefficient is than it would be with uncorrelated columns. For one column,
//! 1 / (1 − R²), R² that of the column regressed on the others; for a term of several columns (a factor, a spline) the
//! generalised factor det R₁₁ · det R₂₂ / det R, R the correlation matrix, 1 the term's columns, 2 the others; to
//! compare terms of d columns, its power 1/(2d) is on the scale of a standard error.
//!
//! Two correlation matrices are in use, with different values: that of the columns ([`vif`], [`generalized_vif`]), which
//! is that of linear regression, and that of the estimated coefficients of a fitted (weighted) model
//! ([`generalized_vif_of_covariance`]), which `car::vif` uses for a logistic model.
//!
//! Input: columns without the intercept, of equal length, finite. Row order does not matter, bit for bit.
//! Edge cases: a constant column, or one that is a combination of the earlier ones, is [`StatsError::Collinear`] with its
//! position; a single column has factor 1.
//!
//! Source: Fox and Monette 1992, doi:10.1080/01621459.1992.10475190. Oracle: the definition (regression of each column
//! on the others); no published values are in the reference set.

use super::row_order::row_order;
use crate::stats::error::{StatsError, require_finite, require_same_length};
use crate::stats::linear_algebra::{Cholesky, Matrix};
use serde::{Deserialize, Serialize};

/// Least share of a column's variance that the others must leave.
const COLLINEAR: f64 = 1e-12;

/// The inflation of one term.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct VarianceInflation {
    /// Columns of the term.
    pub columns: usize,
    /// The (generalised) variance inflation factor.
    pub factor: f64,
    /// factor^(1 / (2 columns)): comparable between terms; its square is comparable with a one-column factor.
    pub scaled: f64,
}

/// The factor of each column.
pub fn vif(columns: &[&[f64]]) -> Result<Vec<VarianceInflation>, StatsError> {
    let terms: Vec<Vec<usize>> = (0..columns.len()).map(|column| vec![column]).collect();
    generalized_vif(columns, &terms)
}

/// The factor of each term, given as positions of its columns.
pub fn generalized_vif(columns: &[&[f64]], terms: &[Vec<usize>]) -> Result<Vec<VarianceInflation>, StatsError> {
    let rows = columns.first().map_or(0, |column| column.len());
    if rows < 2 {
        return Err(StatsError::TooFew { what: "rows", needed: 2, found: rows });
    }
    for column in columns {
        require_same_length("first column", rows, "column", column.len())?;
        require_finite("column", column)?;
    }
    let order = row_order(rows, columns, |_| true);
    let mut standardised = Vec::with_capacity(columns.len());
    for (position, column) in columns.iter().enumerate() {
        standardised.push(standardise(column, &order).ok_or(StatsError::Collinear { column: position })?);
    }
    let mut correlation = Matrix::identity(columns.len());
    for (i, left) in standardised.iter().enumerate() {
        for (j, right) in standardised[..i].iter().enumerate() {
            let value = crate::stats::linear_algebra::dot(left, right);
            correlation.set(i, j, value);
            correlation.set(j, i, value);
        }
    }
    factors(&correlation, terms)
}

/// The factor of each term from the covariance of coefficients **without the intercept's**; terms are positions in it.
pub fn generalized_vif_of_covariance(
    covariance: &Matrix,
    terms: &[Vec<usize>],
) -> Result<Vec<VarianceInflation>, StatsError> {
    let size = covariance.rows();
    let mut correlation = Matrix::identity(size);
    for i in 0..size {
        for j in (0..size).filter(|j| *j != i) {
            correlation.set(i, j, covariance.get(i, j) / (covariance.get(i, i) * covariance.get(j, j)).sqrt());
        }
    }
    factors(&correlation, terms)
}

fn factors(correlation: &Matrix, terms: &[Vec<usize>]) -> Result<Vec<VarianceInflation>, StatsError> {
    let size = correlation.rows();
    if let Some(index) = terms.iter().position(|term| term.is_empty() || term.iter().any(|column| *column >= size)) {
        return Err(StatsError::InvalidAt { what: "term", index, expected: "positions of columns, at least one" });
    }
    let whole = log_determinant(correlation, &(0..size).collect::<Vec<_>>())?;
    terms
        .iter()
        .map(|term| {
            let others: Vec<usize> = (0..size).filter(|column| !term.contains(column)).collect();
            let log = log_determinant(correlation, term)? + log_determinant(correlation, &others)? - whole;
            let columns = term.len();
            Ok(VarianceInflation { columns, factor: log.exp(), scaled: (log / (2 * columns) as f64).exp() })
        })
        .collect()
}

fn log_determinant(correlation: &Matrix, columns: &[usize]) -> Result<f64, StatsError> {
    let mut part = Matrix::zeros(columns.len(), columns.len());
    for (i, row) in columns.iter().enumerate() {
        for (j, column) in columns.iter().enumerate() {
            part.set(i, j, correlation.get(*row, *column));
        }
    }
    match Cholesky::new(&part, COLLINEAR) {
        Ok(cholesky) => Ok(cholesky.log_determinant()),
        Err(StatsError::Collinear { column }) => Err(StatsError::Collinear { column: columns[column] }),
        Err(other) => Err(other),
    }
}

/// Centred and scaled to unit length; `None` where the column is constant.
fn standardise(column: &[f64], order: &[usize]) -> Option<Vec<f64>> {
    let least = column.iter().copied().fold(f64::INFINITY, f64::min);
    let range = column.iter().copied().fold(f64::NEG_INFINITY, f64::max) - least;
    if !(range > 0.0 && range.is_finite()) {
        return None;
    }
    let mut values: Vec<f64> = order.iter().map(|row| (column[*row] - least) / range).collect();
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    values.iter_mut().for_each(|value| *value -= mean);
    let length = values.iter().map(|value| value * value).sum::<f64>().sqrt();
    values.iter_mut().for_each(|value| *value /= length);
    Some(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_columns_by_hand() {
        // Deviations (−1, 0, 1) and (−1, 2, −1)/… : x = 1, 2, 3 and y = 1, 3, 2: r = ½, factor 1/(1 − ¼) = 4/3.
        let factors = vif(&[&[1.0, 2.0, 3.0], &[1.0, 3.0, 2.0]]).unwrap();
        assert!(factors.iter().all(|term| (term.factor - 4.0 / 3.0).abs() < 1e-14));
        assert!((factors[0].scaled - (4.0f64 / 3.0).sqrt()).abs() < 1e-14);
    }

    #[test]
    fn a_term_of_all_columns_is_not_inflated_and_a_balanced_factor_is_orthogonal() {
        let (a, b, c) =
            ([1.0, 0.0, 0.0, 1.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0, 1.0, 0.0], [1.0, 1.0, 1.0, 2.0, 2.0, 2.0]);
        let factors = generalized_vif(&[&a, &b, &c], &[vec![0, 1], vec![2]]).unwrap();
        assert!(factors.iter().all(|term| (term.factor - 1.0).abs() < 1e-14));
        let all = generalized_vif(&[&a, &b], &[vec![0, 1]]).unwrap();
        assert!((all[0].factor - 1.0).abs() < 1e-14);
    }

    #[test]
    fn the_inverse_of_the_correlation_gives_the_same_factors() {
        // For a linear model the covariance of the coefficients is proportional to the inverse of the cross-products.
        let (x, y, z) = ([1.0, 2.0, 3.0, 5.0], [1.0, 3.0, 2.0, 4.0], [0.0, 1.0, 4.0, 2.0]);
        let direct = vif(&[&x, &y, &z]).unwrap();
        let order = [0, 1, 2, 3];
        let columns: Vec<Vec<f64>> = [x, y, z].iter().map(|column| standardise(column, &order).unwrap()).collect();
        let mut products = Matrix::zeros(3, 3);
        for i in 0..3 {
            for j in 0..3 {
                products.set(i, j, crate::stats::linear_algebra::dot(&columns[i], &columns[j]));
            }
        }
        let covariance = Cholesky::new(&products, 0.0).unwrap().inverse();
        let terms: Vec<Vec<usize>> = (0..3).map(|i| vec![i]).collect();
        for (a, b) in direct.iter().zip(generalized_vif_of_covariance(&covariance, &terms).unwrap()) {
            assert!((a.factor / b.factor - 1.0).abs() < 1e-12);
        }
        assert!((direct[0].factor - covariance.get(0, 0)).abs() < 1e-10);
    }

    #[test]
    fn names_the_column_that_is_a_combination() {
        let error = vif(&[&[1.0, 2.0, 4.0], &[3.0, 5.0, 9.0]]);
        assert_eq!(error, Err(StatsError::Collinear { column: 1 }));
        assert_eq!(vif(&[&[1.0, 1.0]]), Err(StatsError::Collinear { column: 0 }));
    }
}
