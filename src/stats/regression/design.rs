//! The design of a regression in a basis in which it is easy to solve.
//!
//! The caller's columns arrive on any scale (a year near 2000, a square, a concentration of 1e-9) and in any row order.
//! Here the rows are put in an order of their contents (see [`super::row_order`]); each column is moved to [0, 1] and
//! made orthogonal to the constant and to the columns before it, by Gram and Schmidt with reorthogonalisation (Giraud et
//! al. 2005, doi:10.1007/s00211-005-0615-4), and scaled to mean square one. A fit in this basis starts from a well-conditioned
//! information matrix; [`Design::original`] turns its coefficients back.
//!
//! A column that is constant, or whose part orthogonal to the earlier ones is below 1e-10 of its own spread, is
//! reported as collinear, by its position among the caller's columns.

use super::row_order::row_order;
use crate::stats::error::{SQUARABLE, StatsError, UNSQUARABLE, require_finite, require_same_length};
use crate::stats::linear_algebra::Matrix;
use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};
use rayon::slice::ParallelSliceMut;

/// Rows that one task sums. Partial sums are added in the order of the blocks, whatever thread made them.
pub(crate) const BLOCK: usize = 4096;

/// Least part of a column's spread that the earlier columns must leave unexplained.
const COLLINEAR: f64 = 1e-10;

pub(crate) struct Design {
    /// Orthogonal columns of mean square one; the first is the constant 1.
    basis: Vec<Vec<f64>>,
    pub(crate) outcome: Vec<bool>,
    pub(crate) weight: Option<Vec<f64>>,
    pub(crate) offset: Option<Vec<f64>>,
    /// The caller's coefficients (intercept first) are this matrix times the coefficients in the basis.
    back: Matrix,
    /// Distance from the least to the greatest value of each of the caller's columns.
    ranges: Vec<f64>,
}

impl Design {
    /// Rows of zero weight are left out.
    pub(crate) fn new(
        outcome: &[bool],
        covariates: &[&[f64]],
        weight: Option<&[f64]>,
        offset: Option<&[f64]>,
    ) -> Result<Self, StatsError> {
        check_input(outcome, covariates, weight, offset)?;
        let label: Vec<f64> = outcome.iter().map(|event| if *event { 1.0 } else { 0.0 }).collect();
        let contents: Vec<&[f64]> =
            std::iter::once(label.as_slice()).chain(covariates.iter().copied()).chain(weight).chain(offset).collect();
        let order = row_order(outcome.len(), &contents, |row| weight.is_none_or(|weight| weight[row] > 0.0));
        if order.is_empty() {
            return Err(StatsError::Empty { what: "rows of positive weight" });
        }
        let gather = |column: &[f64]| order.iter().map(|row| column[*row]).collect::<Vec<f64>>();

        let width = covariates.len() + 1;
        let mut basis = vec![vec![1.0; order.len()]];
        // Row k: the k-th basis column as a combination of the constant and the columns scaled to [0, 1].
        let mut composition = Matrix::identity(width);
        let (mut least, mut ranges) = (Vec::new(), Vec::new());
        for (position, covariate) in covariates.iter().enumerate() {
            let collinear = StatsError::Collinear { column: position };
            let mut column = gather(covariate);
            let scale = to_unit_interval(&mut column).ok_or(collinear.clone())?;
            if !SQUARABLE.contains(&scale.range) {
                return Err(UNSQUARABLE);
            }
            let removed = orthogonalise(&basis, &mut column).ok_or(collinear)?;
            compose(&mut composition, position + 1, &removed);
            basis.push(column);
            least.push(scale.least);
            ranges.push(scale.range);
        }
        Ok(Self {
            back: back_transform(&composition, &least, &ranges),
            outcome: order.iter().map(|row| outcome[*row]).collect(),
            weight: weight.map(gather),
            offset: offset.map(gather),
            basis,
            ranges,
        })
    }

    pub(crate) fn rows(&self) -> usize {
        self.outcome.len()
    }

    /// Coefficients of the model, the intercept among them.
    pub(crate) fn width(&self) -> usize {
        self.basis.len()
    }

    pub(crate) fn basis(&self) -> &[Vec<f64>] {
        &self.basis
    }

    /// The caller's coefficients, intercept first.
    pub(crate) fn original(&self, coefficients: &[f64]) -> Vec<f64> {
        self.back.multiply_vector(coefficients)
    }

    /// The row that takes coefficients in the basis to the caller's coefficient `position` (0 is the intercept).
    pub(crate) fn functional(&self, position: usize) -> &[f64] {
        self.back.row(position)
    }

    /// ln |det| of the map from coefficients in the basis to the caller's: a triangular matrix, but for its first row,
    /// which other rows were added to.
    pub(crate) fn log_determinant(&self) -> f64 {
        (1..self.width()).fold(0.0, |sum, j| sum + self.back.get(j, j).abs().ln())
    }

    /// The covariance of the caller's coefficients from that of the coefficients in the basis.
    pub(crate) fn original_covariance(&self, covariance: &Matrix) -> Matrix {
        let width = self.width();
        let mut result = Matrix::zeros(width, width);
        for i in 0..width {
            let image = covariance.multiply_vector(self.functional(i));
            for j in 0..=i {
                let value = crate::stats::linear_algebra::dot(self.functional(j), &image);
                result.set(i, j, value);
                result.set(j, i, value);
            }
        }
        result
    }

    /// The caller's column that contributes most, over its range, to the direction `coefficients` of the basis.
    pub(crate) fn dominant_column(&self, coefficients: &[f64]) -> usize {
        let original = self.original(coefficients);
        let spread = |column: usize| (original[column + 1] * self.ranges[column]).abs();
        (0..self.ranges.len()).fold(0, |best, column| if spread(column) > spread(best) { column } else { best })
    }

    /// Total weight of the rows with and without the event.
    pub(crate) fn class_weights(&self) -> ClassWeights {
        let total = |event: bool| match &self.weight {
            None => self.outcome.iter().filter(|outcome| **outcome == event).count() as f64,
            Some(weight) => {
                self.outcome.iter().zip(weight).filter(|(outcome, _)| **outcome == event).map(|(_, w)| *w).sum()
            }
        };
        ClassWeights { events: total(true), others: total(false) }
    }
}

pub(crate) struct ClassWeights {
    pub(crate) events: f64,
    pub(crate) others: f64,
}

fn check_input(
    outcome: &[bool],
    covariates: &[&[f64]],
    weight: Option<&[f64]>,
    offset: Option<&[f64]>,
) -> Result<(), StatsError> {
    if outcome.is_empty() {
        return Err(StatsError::Empty { what: "outcome" });
    }
    for covariate in covariates {
        require_same_length("outcome", outcome.len(), "covariate", covariate.len())?;
        require_finite("covariate", covariate)?;
    }
    if let Some(offset) = offset {
        require_same_length("outcome", outcome.len(), "offset", offset.len())?;
        require_finite("offset", offset)?;
    }
    if let Some(weight) = weight {
        require_same_length("outcome", outcome.len(), "weight", weight.len())?;
        require_finite("weight", weight)?;
        if let Some(index) = weight.iter().position(|weight| *weight < 0.0) {
            return Err(StatsError::InvalidAt { what: "weight", index, expected: "zero or positive" });
        }
    }
    let used = |row: usize| weight.is_none_or(|weight| weight[row] > 0.0);
    let positives = outcome.iter().enumerate().filter(|(row, event)| **event && used(*row)).count();
    let negatives = outcome.iter().enumerate().filter(|(row, event)| !**event && used(*row)).count();
    if positives == 0 || negatives == 0 { Err(StatsError::OneClass { positives, negatives }) } else { Ok(()) }
}

struct Scale {
    least: f64,
    range: f64,
}

/// Moves the column to [0, 1] in place; `None` where it is constant or its range overflows. Subtracting the least value
/// loses no digit that the spread of the column has.
fn to_unit_interval(column: &mut [f64]) -> Option<Scale> {
    let least = column.iter().copied().fold(f64::INFINITY, f64::min);
    let greatest = column.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let range = greatest - least;
    if !(range > 0.0) {
        return None;
    }
    for value in column.iter_mut() {
        *value = (*value - least) / range;
    }
    Some(Scale { least, range })
}

/// What was taken from a column: its share of each earlier basis column, and the length of what was left.
struct Removed {
    shares: Vec<f64>,
    length: f64,
}

/// Takes from `column` its part along each of `basis` and scales the rest to mean square one.
fn orthogonalise(basis: &[Vec<f64>], column: &mut [f64]) -> Option<Removed> {
    let rows = column.len() as f64;
    let mut shares = remove_projection(&basis[..1], column);
    let spread = (dot(column, column) / rows).sqrt();
    shares.resize(basis.len(), 0.0);
    let mut length = spread;
    for _ in 0..3 {
        let before = length;
        for (share, more) in shares.iter_mut().zip(remove_projection(basis, column)) {
            *share += more;
        }
        length = (dot(column, column) / rows).sqrt();
        // Where little was taken little was lost to rounding; otherwise once more (Kahan's "twice is enough").
        if length > 0.5 * before {
            break;
        }
    }
    if length.is_nan() || length <= COLLINEAR * spread {
        return None;
    }
    column.iter_mut().for_each(|value| *value /= length);
    Some(Removed { shares, length })
}

fn remove_projection(basis: &[Vec<f64>], column: &mut [f64]) -> Vec<f64> {
    let rows = column.len() as f64;
    let shares: Vec<f64> = basis.iter().map(|direction| dot(direction, column) / rows).collect();
    column.par_chunks_mut(BLOCK).enumerate().for_each(|(block, values)| {
        for (direction, share) in basis.iter().zip(&shares) {
            for (value, along) in values.iter_mut().zip(&direction[block * BLOCK..]) {
                *value -= share * along;
            }
        }
    });
    shares
}

/// The sum of products over all rows: blocks in parallel, added in their order.
fn dot(left: &[f64], right: &[f64]) -> f64 {
    let blocks = left.len().div_ceil(BLOCK);
    let partial: Vec<f64> = (0..blocks)
        .into_par_iter()
        .map(|block| {
            let rows = block * BLOCK..left.len().min((block + 1) * BLOCK);
            dot_block(&left[rows.clone()], &right[rows])
        })
        .collect();
    partial.iter().sum()
}

/// The sum of products in four interleaved partial sums, in an order that does not depend on the processor.
pub(crate) fn dot_block(left: &[f64], right: &[f64]) -> f64 {
    let mut lanes = [0.0; 4];
    let (left_lanes, right_lanes) = (left.chunks_exact(4), right.chunks_exact(4));
    let rest: f64 = left_lanes.remainder().iter().zip(right_lanes.remainder()).map(|(a, b)| a * b).sum();
    for (a, b) in left_lanes.zip(right_lanes) {
        for lane in 0..4 {
            lanes[lane] += a[lane] * b[lane];
        }
    }
    (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]) + rest
}

/// Basis column `k` = (scaled column `k` − Σ share · basis column) / length, written in the scaled columns.
fn compose(composition: &mut Matrix, k: usize, removed: &Removed) {
    for (earlier, share) in removed.shares.iter().enumerate() {
        for j in 0..=earlier {
            composition.add(k, j, -share * composition.get(earlier, j));
        }
    }
    for j in 0..=k {
        let value = composition.get(k, j) / removed.length;
        composition.set(k, j, value);
    }
}

/// From coefficients in the basis to those of the constant and the caller's columns.
fn back_transform(composition: &Matrix, least: &[f64], ranges: &[f64]) -> Matrix {
    let mut back = composition.transpose();
    for (position, (low, range)) in least.iter().zip(ranges).enumerate() {
        for k in 0..back.columns() {
            let coefficient = back.get(position + 1, k) / range;
            back.set(position + 1, k, coefficient);
            back.add(0, k, -coefficient * low);
        }
    }
    back
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_basis_reproduces_the_columns() {
        let outcome = [true, false, true, false, true];
        let year = [1990.0, 1991.0, 1990.0, 1993.0, 1999.0];
        let square: Vec<f64> = year.iter().map(|value| value * value).collect();
        let design = Design::new(&outcome, &[&year, &square], None, None).unwrap();
        // Coefficients (2, 0.5, 0.001) of the caller give the linear predictor 2 + year/2 + year²/1000 in either basis:
        // the basis is orthogonal with mean square one, so its coefficients are mean products.
        let order = row_order(5, &[&outcome.map(|event| if event { 1.0 } else { 0.0 }), &year, &square], |_| true);
        let predictor: Vec<f64> = order.iter().map(|i| 2.0 + 0.5 * year[*i] + 1e-3 * square[*i]).collect();
        let coefficients: Vec<f64> = design.basis().iter().map(|q| dot(q, &predictor) / 5.0).collect();
        let original = design.original(&coefficients);
        assert!((original[1] - 0.5).abs() < 1e-5 && (original[2] - 1e-3).abs() < 1e-8, "{original:?}");
    }

    #[test]
    fn names_constant_and_combined_columns() {
        let outcome = [true, false, true, false];
        let constant = [0.1; 4];
        let x = [1.0, 2.0, 3.0, 5.0];
        let double: Vec<f64> = x.iter().map(|value| 0.3 - 0.7 * value).collect();
        assert_eq!(
            Design::new(&outcome, &[&x, &constant], None, None).err(),
            Some(StatsError::Collinear { column: 1 })
        );
        assert_eq!(Design::new(&outcome, &[&x, &double], None, None).err(), Some(StatsError::Collinear { column: 1 }));
    }

    #[test]
    fn rejects_negative_weights_and_one_class() {
        let x = [1.0, 2.0, 3.0];
        let outcome = [true, false, false];
        let negative = Design::new(&outcome, &[&x], Some(&[1.0, -1.0, 1.0]), None).err();
        assert_eq!(negative, Some(StatsError::InvalidAt { what: "weight", index: 1, expected: "zero or positive" }));
        // The only event has no weight.
        let one_class = Design::new(&outcome, &[&x], Some(&[0.0, 1.0, 1.0]), None).err();
        assert_eq!(one_class, Some(StatsError::OneClass { positives: 0, negatives: 2 }));
    }
}
