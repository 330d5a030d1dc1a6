//! Logistic regression by linfa-logistic (L-BFGS), on standardised columns; coefficients are given on the scale of the
//! variables.

use super::{Data, Fitted, ModelError, setting, to_array};
use crate::results::{ModelFacts, ModelTerm};
use crate::stats::regression::logistic::{LogisticFit, LogisticInput, LogisticOptions, inverse_logit, logistic};
use crate::stats::regression::separation::separation;
use crate::stats::{Estimate, Orientation, StatsError};
use linfa::prelude::*;
use linfa_logistic::LogisticRegression;
use ndarray::Array1;

pub(super) fn fit(data: &Data<'_>, mut facts: ModelFacts, penalty: f64) -> Result<Fitted, ModelError> {
    let model = facts.id.clone();
    let outcome = data.training_outcome();
    let newton = if penalty == 0.0 { Some(maximum_likelihood(data, &facts, &outcome)?) } else { None };
    // Both fits find the maximum: Newton's has the intervals of its odds ratios.
    let ratios: Option<Vec<Estimate>> =
        newton.as_ref().map(|fit| fit.coefficients.iter().map(|slope| slope.odds_ratio.clone()).collect());
    let fails = |reason: String| ModelError::Fit { model: model.clone(), reason };
    let design = to_array(&data.encoder.standardised(data.cohort, data.training.rows()));
    let targets = Array1::from_iter(outcome.iter().map(|event| usize::from(*event)));
    let fitted = LogisticRegression::default()
        .alpha(penalty)
        .max_iterations(10_000)
        // Tight enough that the coefficients are those of the maximum to about eight digits.
        .gradient_tolerance(1e-8)
        .fit(&linfa::Dataset::new(design, targets));
    let (method, intercept, slopes) = match (fitted, newton) {
        (Ok(fitted), _) => {
            // linfa calls one of the two labels positive; the sign follows the event.
            let sign = if fitted.labels().pos.class == 1 { 1.0 } else { -1.0 };
            let slopes: Vec<f64> = fitted.params().iter().map(|slope| sign * slope).collect();
            ("linfa-logistic, L-BFGS", sign * fitted.intercept(), slopes)
        }
        // The line search of L-BFGS can stall within rounding of the maximum; Newton's method has found it.
        (Err(_), Some(newton)) => {
            let columns = data.encoder.columns().iter().zip(&newton.coefficients);
            let slopes: Vec<f64> =
                columns.clone().map(|(column, slope)| slope.coefficient * column.standard_deviation).collect();
            let shift: f64 = columns.map(|(column, slope)| slope.coefficient * column.mean).sum();
            ("Newton's method", newton.intercept.coefficient + shift, slopes)
        }
        (Err(error), None) => return Err(fails(error.to_string())),
    };

    let columns = data.encoder.columns();
    let mut on_scale = intercept;
    let mut terms = Vec::new();
    for (at, (column, slope)) in columns.iter().zip(&slopes).enumerate() {
        let coefficient = slope / column.standard_deviation;
        on_scale -= coefficient * column.mean;
        terms.push(ModelTerm {
            variable: column.variable.clone(),
            level: column.level.clone(),
            coefficient,
            ratio: ratios.as_ref().and_then(|ratios| ratios.get(at).cloned()),
        });
    }
    let variable = "(intercept)".to_string();
    facts.coefficients.push(ModelTerm { variable, level: None, coefficient: on_scale, ratio: None });
    facts.coefficients.extend(terms);
    facts.settings.push(setting("penalty", penalty));
    facts.description = if penalty > 0.0 {
        format!(
            "Logistic regression with an L2 penalty of {penalty} on standardised predictors (linfa-logistic, L-BFGS)."
        )
    } else {
        format!("Logistic regression by maximum likelihood ({method}).")
    };
    let everyone = data.encoder.standardised(data.cohort, &data.everyone());
    let log_odds: Vec<f64> = (0..everyone.rows())
        .map(|row| everyone.row(row).iter().zip(&slopes).fold(intercept, |sum, (value, slope)| sum + value * slope))
        .collect();
    let scores = log_odds.iter().map(|log_odds| inverse_logit(*log_odds)).collect();
    Ok(Fitted { facts, orientation: Orientation::HigherIsRisk, scores, baseline: None, log_odds })
}

/// Maximum likelihood has no finite answer when a combination of predictors separates the classes, and an optimiser
/// stops somewhere on the way to infinity: our own fit recognises that, and collinear columns, by name. A predictor is
/// blamed for a separation only where it separates alone.
fn maximum_likelihood(data: &Data<'_>, facts: &ModelFacts, outcome: &[bool]) -> Result<LogisticFit, ModelError> {
    let columns = data.encoder.columns_of(data.cohort, data.training.rows());
    let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let name = |column: usize| data.column_name(column);
    let model = facts.id.clone();
    match logistic(&LogisticInput::new(outcome, &slices), &LogisticOptions::default()) {
        Ok(fit) => Ok(fit),
        Err(StatsError::Separated { column }) => {
            let variables: Vec<&str> = data.encoder.columns().iter().map(|column| column.variable.as_str()).collect();
            let variable = |column: usize| variables[column].to_string();
            let alone = separation(outcome, &slices, &variables, column).name(&name, variable);
            let reason = match alone {
                Some(name) => format!(
                    "`{name}` separates the classes in the training part, so its coefficient is infinite; drop it or set a `penalty`"
                ),
                None => {
                    "the predictors together separate the classes in the training part, though none does alone, so \
                         that coefficients are infinite; take fewer, or set a `penalty`"
                        .to_string()
                }
            };
            Err(ModelError::Fit { model, reason })
        }
        Err(StatsError::Collinear { column }) => Err(ModelError::Fit {
            model,
            reason: format!("`{}` is a combination of the other predictors; drop one or set a `penalty`", name(column)),
        }),
        Err(source) => Err(ModelError::Statistics { model, source }),
    }
}
