//! Columns on one scale: mean 0 and standard deviation 1 in the training rows.

use crate::split::TrainingRows;
use crate::stats::linear_algebra::Matrix;

/// Mean and standard deviation of every column in the training rows. A column that is constant there carries nothing and
/// is left out.
#[derive(Clone, Debug, PartialEq)]
pub struct Scaler {
    columns: Vec<ScaledColumn>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScaledColumn {
    /// Its place among the columns that came in.
    pub source: usize,
    pub mean: f64,
    pub standard_deviation: f64,
}

impl Scaler {
    /// `values` has a row for every subject; only the training rows' are looked at.
    pub fn fit(values: &Matrix, training: &TrainingRows) -> Self {
        let n = training.rows().len() as f64;
        let columns = (0..values.columns()).filter_map(|source| {
            let mean = training.rows().iter().map(|row| values.get(*row, source)).sum::<f64>() / n;
            let squares: f64 = training.rows().iter().map(|row| (values.get(*row, source) - mean).powi(2)).sum();
            let standard_deviation = (squares / n).sqrt();
            (standard_deviation > 0.0).then_some(ScaledColumn { source, mean, standard_deviation })
        });
        Self { columns: columns.collect() }
    }

    pub fn columns(&self) -> &[ScaledColumn] {
        &self.columns
    }

    pub fn apply(&self, values: &Matrix) -> Matrix {
        let mut scaled = Matrix::zeros(values.rows(), self.columns.len());
        for row in 0..values.rows() {
            for (place, column) in self.columns.iter().enumerate() {
                scaled.set(row, place, (values.get(row, column.source) - column.mean) / column.standard_deviation);
            }
        }
        scaled
    }
}
