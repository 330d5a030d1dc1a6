//! Small dense linear algebra with a fixed order of operations.
//!
//! Written here rather than taken from faer or ndarray's BLAS-like kernels, because those choose instructions (fused
//! multiply-add or not) at run time, and the last bit of a coefficient would then depend on the processor. The systems
//! are as large as a regression has columns, so nothing is lost.

use super::error::StatsError;

/// A dense matrix, stored by rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Matrix {
    rows: usize,
    columns: usize,
    values: Vec<f64>,
}

impl Matrix {
    pub fn zeros(rows: usize, columns: usize) -> Self {
        Self { rows, columns, values: vec![0.0; rows * columns] }
    }

    pub fn identity(size: usize) -> Self {
        let mut matrix = Self::zeros(size, size);
        for i in 0..size {
            matrix.set(i, i, 1.0);
        }
        matrix
    }

    /// `values` by rows; its length must be `rows * columns`.
    pub fn from_rows(rows: usize, columns: usize, values: Vec<f64>) -> Result<Self, StatsError> {
        if values.len() != rows * columns {
            return Err(StatsError::LengthMismatch {
                left_name: "matrix",
                left: rows * columns,
                right_name: "values",
                right: values.len(),
            });
        }
        Ok(Self { rows, columns, values })
    }

    /// One slice per column, all of the same length.
    pub fn from_columns(columns: &[&[f64]]) -> Result<Self, StatsError> {
        let rows = columns.first().map_or(0, |column| column.len());
        let mut matrix = Self::zeros(rows, columns.len());
        for (j, column) in columns.iter().enumerate() {
            super::error::require_same_length("first column", rows, "column", column.len())?;
            for (i, value) in column.iter().enumerate() {
                matrix.set(i, j, *value);
            }
        }
        Ok(matrix)
    }

    pub fn rows(&self) -> usize {
        self.rows
    }

    pub fn columns(&self) -> usize {
        self.columns
    }

    pub fn get(&self, row: usize, column: usize) -> f64 {
        self.values[row * self.columns + column]
    }

    pub fn set(&mut self, row: usize, column: usize, value: f64) {
        self.values[row * self.columns + column] = value;
    }

    pub fn add(&mut self, row: usize, column: usize, value: f64) {
        self.values[row * self.columns + column] += value;
    }

    pub fn row(&self, row: usize) -> &[f64] {
        &self.values[row * self.columns..(row + 1) * self.columns]
    }

    pub fn row_mut(&mut self, row: usize) -> &mut [f64] {
        &mut self.values[row * self.columns..(row + 1) * self.columns]
    }

    pub fn column(&self, column: usize) -> Vec<f64> {
        (0..self.rows).map(|row| self.get(row, column)).collect()
    }

    pub fn values(&self) -> &[f64] {
        &self.values
    }

    pub fn transpose(&self) -> Self {
        let mut transposed = Self::zeros(self.columns, self.rows);
        for i in 0..self.rows {
            for j in 0..self.columns {
                transposed.set(j, i, self.get(i, j));
            }
        }
        transposed
    }

    pub fn multiply(&self, other: &Self) -> Result<Self, StatsError> {
        super::error::require_same_length("left columns", self.columns, "right rows", other.rows)?;
        let mut product = Self::zeros(self.rows, other.columns);
        for i in 0..self.rows {
            for k in 0..self.columns {
                let left = self.get(i, k);
                for j in 0..other.columns {
                    product.add(i, j, left * other.get(k, j));
                }
            }
        }
        Ok(product)
    }

    pub fn multiply_vector(&self, vector: &[f64]) -> Vec<f64> {
        (0..self.rows).map(|i| dot(self.row(i), vector)).collect()
    }
}

/// The sum of products, added from the first to the last.
pub fn dot(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).fold(0.0, |sum, (a, b)| sum + a * b)
}

/// The Cholesky factor L of a symmetric positive definite matrix A = L Lᵀ.
#[derive(Clone, Debug)]
pub struct Cholesky {
    factor: Matrix,
}

impl Cholesky {
    /// Fails with the first column that is, to `tolerance` relative to its own diagonal, a combination of those before.
    pub fn new(matrix: &Matrix, tolerance: f64) -> Result<Self, StatsError> {
        let size = matrix.rows();
        let mut factor = Matrix::zeros(size, size);
        for j in 0..size {
            let pivot = matrix.get(j, j) - dot(&factor.row(j)[..j], &factor.row(j)[..j]);
            // Written so that a NaN pivot fails too.
            if !(pivot > tolerance * matrix.get(j, j).abs() && pivot.is_finite()) {
                return Err(StatsError::Collinear { column: j });
            }
            let diagonal = pivot.sqrt();
            factor.set(j, j, diagonal);
            for i in j + 1..size {
                let inner = dot(&factor.row(i)[..j], &factor.row(j)[..j]);
                factor.set(i, j, (matrix.get(i, j) - inner) / diagonal);
            }
        }
        Ok(Self { factor })
    }

    pub fn factor(&self) -> &Matrix {
        &self.factor
    }

    /// x with A x = b.
    pub fn solve(&self, right: &[f64]) -> Vec<f64> {
        let size = self.factor.rows();
        let mut solution = right.to_vec();
        for i in 0..size {
            let inner = dot(&self.factor.row(i)[..i], &solution[..i]);
            solution[i] = (solution[i] - inner) / self.factor.get(i, i);
        }
        for i in (0..size).rev() {
            let known = solution.iter().enumerate().skip(i + 1);
            let value = known.fold(solution[i], |value, (k, solved)| value - self.factor.get(k, i) * solved);
            solution[i] = value / self.factor.get(i, i);
        }
        solution
    }

    pub fn inverse(&self) -> Matrix {
        let size = self.factor.rows();
        let mut inverse = Matrix::zeros(size, size);
        for j in 0..size {
            let mut unit = vec![0.0; size];
            unit[j] = 1.0;
            for (i, value) in self.solve(&unit).into_iter().enumerate() {
                inverse.set(i, j, value);
            }
        }
        // Exactly symmetric, whatever the rounding.
        for i in 0..size {
            for j in 0..i {
                let mean = 0.5 * (inverse.get(i, j) + inverse.get(j, i));
                inverse.set(i, j, mean);
                inverse.set(j, i, mean);
            }
        }
        inverse
    }

    pub fn log_determinant(&self) -> f64 {
        2.0 * (0..self.factor.rows()).fold(0.0, |sum, i| sum + self.factor.get(i, i).ln())
    }
}

/// The quadratic form xᵀ A x.
pub fn quadratic_form(matrix: &Matrix, vector: &[f64]) -> f64 {
    dot(vector, &matrix.multiply_vector(vector))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn solves_a_system_worked_by_hand() {
        // A = [[4, 2], [2, 3]] = L Lᵀ with L = [[2, 0], [1, √2]]; A (1, 2)ᵀ = (8, 8)ᵀ; det A = 8.
        let matrix = Matrix::from_rows(2, 2, vec![4.0, 2.0, 2.0, 3.0]).unwrap();
        let cholesky = Cholesky::new(&matrix, 1e-12).unwrap();
        let solution = cholesky.solve(&[8.0, 8.0]);
        assert!((solution[0] - 1.0).abs() < 1e-15 && (solution[1] - 2.0).abs() < 1e-15);
        assert!((cholesky.log_determinant() - 8f64.ln()).abs() < 1e-15);
        assert!((cholesky.inverse().get(0, 1) + 0.25).abs() < 1e-15);
    }

    #[test]
    fn names_the_column_that_is_a_combination() {
        let matrix = Matrix::from_rows(2, 2, vec![1.0, 2.0, 2.0, 4.0]).unwrap();
        assert_eq!(Cholesky::new(&matrix, 1e-12).unwrap_err(), StatsError::Collinear { column: 1 });
    }
}
