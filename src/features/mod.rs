//! From variables to the columns of a design: imputed, transformed, coded, scaled, with everything that is estimated on
//! the way estimated on the training rows.

pub mod image;

use crate::cohort::Cohort;
use crate::data::VariableData;
use crate::spec::Study;
use crate::spec::raw::{RawCoding, RawTransform, RawVariable, RawVariableKind};
use crate::split::TrainingRows;
use crate::stats::baseline::quantile::{QuantileType, quantiles};
use crate::stats::linear_algebra::Matrix;

/// A column of the design and the variable it stands for.
#[derive(Clone, Debug, PartialEq)]
pub struct DesignColumn {
    pub variable: String,
    /// The level that an indicator is for.
    pub level: Option<String>,
    source: Source,
    /// Mean and standard deviation in the training rows.
    pub mean: f64,
    pub standard_deviation: f64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Source {
    Number { transform: RawTransform, imputed: f64 },
    Indicator { level: usize, imputed: usize },
    Score { imputed: usize },
}

/// How the predictors of a model become columns, as fitted on the training rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Encoder {
    columns: Vec<DesignColumn>,
}

impl Encoder {
    /// A column that is constant in the training rows carries nothing and is left out.
    pub fn fit(study: &Study, cohort: &Cohort, training: &TrainingRows, predictors: &[String]) -> Self {
        let mut columns = Vec::new();
        for name in predictors {
            let (Some(variable), Some(data)) = (study.spec.variables.get(name), cohort.variables.get(name)) else {
                continue;
            };
            for (level, source) in sources(variable, data, training.rows()) {
                let mut column =
                    DesignColumn { variable: name.clone(), level, source, mean: 0.0, standard_deviation: 1.0 };
                let values: Vec<f64> = training.rows().iter().map(|row| column.value(data, *row)).collect();
                let n = values.len() as f64;
                column.mean = values.iter().sum::<f64>() / n;
                let squares: f64 = values.iter().map(|value| (value - column.mean).powi(2)).sum();
                column.standard_deviation = (squares / n).sqrt();
                if column.standard_deviation > 0.0 {
                    columns.push(column);
                }
            }
        }
        Self { columns }
    }

    pub fn columns(&self) -> &[DesignColumn] {
        &self.columns
    }

    /// The columns on the scale of the variables, one slice of values per column.
    pub fn columns_of(&self, cohort: &Cohort, rows: &[usize]) -> Vec<Vec<f64>> {
        self.columns
            .iter()
            .map(|column| {
                let data = &cohort.variables[column.variable.as_str()];
                rows.iter().map(|row| column.value(data, *row)).collect()
            })
            .collect()
    }

    /// The design with every column scaled to mean 0 and standard deviation 1 in the training rows, one row per subject.
    pub fn standardised(&self, cohort: &Cohort, rows: &[usize]) -> Matrix {
        let mut design = Matrix::zeros(rows.len(), self.columns.len());
        for (j, column) in self.columns.iter().enumerate() {
            let data = &cohort.variables[column.variable.as_str()];
            for (i, row) in rows.iter().enumerate() {
                design.set(i, j, (column.value(data, *row) - column.mean) / column.standard_deviation);
            }
        }
        design
    }
}

impl DesignColumn {
    fn value(&self, data: &VariableData, row: usize) -> f64 {
        match (self.source, data) {
            (Source::Number { transform, imputed }, VariableData::Continuous(values)) => {
                let value = values[row].unwrap_or(imputed);
                match transform {
                    RawTransform::None => value,
                    RawTransform::Log1p => value.ln_1p(),
                }
            }
            (Source::Indicator { level, imputed }, VariableData::Levels(values)) => {
                f64::from(u8::from(values[row].unwrap_or(imputed) == level))
            }
            (Source::Score { imputed }, VariableData::Levels(values)) => values[row].unwrap_or(imputed) as f64,
            // The kind of a variable decides both; see `cohort::variable`.
            _ => 0.0,
        }
    }
}

/// The columns of one variable, with what a missing value becomes: the median, or the most frequent level, of the
/// training rows.
fn sources(variable: &RawVariable, data: &VariableData, training: &[usize]) -> Vec<(Option<String>, Source)> {
    match data {
        VariableData::Continuous(values) => {
            let known: Vec<f64> = training.iter().filter_map(|row| values[*row]).collect();
            let median = quantiles(&known, &[0.5], QuantileType::Type7).unwrap_or_default();
            let imputed = median.first().copied().unwrap_or(0.0);
            vec![(None, Source::Number { transform: variable.transform, imputed })]
        }
        VariableData::Levels(values) => {
            let mut counts = vec![0usize; variable.levels.len()];
            for level in training.iter().filter_map(|row| values[*row]) {
                counts[level] += 1;
            }
            // The first of the most frequent.
            let imputed = (0..counts.len()).rev().max_by_key(|level| counts[*level]).unwrap_or(0);
            if variable.kind == RawVariableKind::Ordinal && variable.coding == RawCoding::Scores {
                return vec![(None, Source::Score { imputed })];
            }
            let labels = variable.levels.values().enumerate().skip(1);
            labels.map(|(level, label)| (Some(label.clone()), Source::Indicator { level, imputed })).collect()
        }
    }
}
