//! Regression models and what surrounds them: logistic models by maximum and by penalised likelihood, selection of
//! candidates, collinearity, optimism, and the scaling of decision values to probabilities.

mod design;
mod likelihood;
mod row_order;

pub mod firth;
pub mod logistic;
pub mod optimism;
pub mod platt;
pub mod selection;
pub mod separation;
pub mod splines;
pub mod variance_inflation;

/// A matrix in a result file: a list of rows.
pub(crate) mod matrix_by_rows {
    use crate::stats::linear_algebra::Matrix;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(crate) fn serialize<S: Serializer>(matrix: &Matrix, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((0..matrix.rows()).map(|row| matrix.row(row)))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Matrix, D::Error> {
        let rows = Vec::<Vec<f64>>::deserialize(deserializer)?;
        let columns = rows.first().map_or(0, Vec::len);
        Matrix::from_rows(rows.len(), columns, rows.concat()).map_err(D::Error::custom)
    }
}
