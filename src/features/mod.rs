//! From variables to the columns of a design: imputed, transformed, coded, scaled, with everything that is estimated on
//! the way estimated on the training rows.

mod continuous;
pub mod image;
pub mod scale;

use crate::cohort::Cohort;
use crate::data::VariableData;
use crate::results::{EncodingFacts, ImputedFacts};
use crate::spec::Study;
use crate::spec::raw::{RawCoding, RawVariable, RawVariableKind};
use crate::split::TrainingRows;
use crate::stats::StatsError;
use crate::stats::baseline::quantile::{QuantileType, quantiles};
use crate::stats::linear_algebra::Matrix;
use continuous::Continuous;
use std::sync::Arc;

/// A variable that cannot be turned into columns on these training rows.
#[derive(Debug, thiserror::Error)]
#[error("the variable `{variable}` cannot be encoded: {source}")]
pub struct FeatureError {
    pub variable: String,
    pub source: StatsError,
}

/// A column of the design and the variable it stands for.
#[derive(Clone, Debug, PartialEq)]
pub struct DesignColumn {
    pub variable: String,
    /// The level that an indicator is for, or which term of a spline it is.
    pub level: Option<String>,
    source: Source,
    /// Mean and standard deviation in the training rows.
    pub mean: f64,
    pub standard_deviation: f64,
}

#[derive(Clone, Debug, PartialEq)]
enum Source {
    /// A column of a continuous variable; the variable's columns share what was fitted.
    Number {
        fitted: Arc<Continuous>,
        column: usize,
        imputed: f64,
    },
    Indicator {
        level: usize,
        imputed: usize,
    },
    Score {
        imputed: usize,
    },
}

/// How the predictors of a model become columns, as fitted on the training rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Encoder {
    columns: Vec<DesignColumn>,
    facts: Vec<EncodingFacts>,
}

impl Encoder {
    /// A column that is constant in the training rows carries nothing and is left out.
    pub fn fit(
        study: &Study,
        cohort: &Cohort,
        training: &TrainingRows,
        predictors: &[String],
    ) -> Result<Self, FeatureError> {
        let mut columns = Vec::new();
        let mut facts = Vec::new();
        for name in predictors {
            let (Some(variable), Some(data)) = (study.spec.variables.get(name), cohort.variables.get(name)) else {
                continue;
            };
            let sources = sources(name, variable, data, training.rows())?;
            if let Some((_, Source::Number { fitted, .. })) = sources.first() {
                facts.extend(fitted.facts(name));
            }
            for (level, source) in sources {
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
        Ok(Self { columns, facts })
    }

    /// What was estimated to turn continuous variables into columns.
    pub fn facts(&self) -> &[EncodingFacts] {
        &self.facts
    }

    /// What a missing value counts as, of each variable of which somebody in the cohort misses one.
    pub fn imputed(&self, study: &Study, cohort: &Cohort) -> Vec<ImputedFacts> {
        let mut found: Vec<ImputedFacts> = Vec::new();
        for DesignColumn { variable, source, .. } in &self.columns {
            let is_known = found.iter().any(|known| known.variable == *variable);
            if is_known || cohort.variables[variable.as_str()].missing() == 0 {
                continue;
            }
            let level = |at: usize| study.spec.variables[variable.as_str()].levels.values().nth(at).cloned();
            let (value, level) = match source {
                Source::Number { imputed, .. } => (Some(*imputed), None),
                Source::Indicator { imputed, .. } | Source::Score { imputed } => (None, level(*imputed)),
            };
            found.push(ImputedFacts { variable: variable.clone(), value, level });
        }
        found
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
        match (&self.source, data) {
            (Source::Number { fitted, column, imputed }, VariableData::Continuous(values)) => {
                fitted.value(*column, values[row].unwrap_or(*imputed))
            }
            (Source::Indicator { level, imputed }, VariableData::Levels(values)) => {
                f64::from(u8::from(values[row].unwrap_or(*imputed) == *level))
            }
            (Source::Score { imputed }, VariableData::Levels(values)) => values[row].unwrap_or(*imputed) as f64,
            // The kind of a variable decides both; see `cohort::variable`.
            _ => 0.0,
        }
    }
}

/// The columns of one variable, with what a missing value becomes: the median, or the most frequent level, of the
/// training rows.
fn sources(
    name: &str,
    variable: &RawVariable,
    data: &VariableData,
    training: &[usize],
) -> Result<Vec<(Option<String>, Source)>, FeatureError> {
    Ok(match data {
        VariableData::Continuous(values) => {
            let known: Vec<f64> = training.iter().filter_map(|row| values[*row]).collect();
            let median = quantiles(&known, &[0.5], QuantileType::Type7).unwrap_or_default();
            let imputed = median.first().copied().unwrap_or(0.0);
            let fitted = Arc::new(Continuous::fit(name, variable, &known)?);
            let column =
                |column| (fitted.label(column), Source::Number { fitted: Arc::clone(&fitted), column, imputed });
            (0..fitted.columns()).map(column).collect()
        }
        VariableData::Levels(values) => {
            let mut counts = vec![0usize; variable.levels.len()];
            for level in training.iter().filter_map(|row| values[*row]) {
                counts[level] += 1;
            }
            // The first of the most frequent.
            let imputed = (0..counts.len()).rev().max_by_key(|level| counts[*level]).unwrap_or(0);
            if variable.kind == RawVariableKind::Ordinal && variable.coding == RawCoding::Scores {
                return Ok(vec![(None, Source::Score { imputed })]);
            }
            let labels = variable.levels.values().enumerate().skip(1);
            labels.map(|(level, label)| (Some(label.clone()), Source::Indicator { level, imputed })).collect()
        }
    })
}
