//! Logistic regression of a binary outcome on declared terms, one at a time and together.

use super::terms::{self, Term, columns_of, complete_rows, named_columns, positions};
use super::{Context, EvaluateError};
use crate::results::{NotEstimated, RegressionAnalysis, RegressionRow, VarianceInflationRow};
use crate::spec::raw::{RawCoefficientInterval, RawEstimation, RawRegression};
use crate::stats::discrimination::delong::delong_auc;
use crate::stats::distribution::chi_squared_upper;
use crate::stats::estimate::NullDistribution;
use crate::stats::linear_algebra::Matrix;
use crate::stats::regression::firth::{FirthOptions, firth_logistic};
use crate::stats::regression::logistic::{
    LogisticCoefficient, LogisticInput, LogisticInterval, LogisticOptions, logistic,
};
use crate::stats::regression::separation::separation;
use crate::stats::regression::variance_inflation::generalized_vif_of_covariance;
use crate::stats::{Alternative, Estimate, Orientation, StatsError, Test};

pub(super) fn evaluate(context: Context<'_>, declared: &RawRegression) -> Result<RegressionAnalysis, EvaluateError> {
    let RawRegression { outcome, partition, level, .. } = declared;
    let terms = terms::terms(context, &declared.terms)?;
    let rows = complete_rows(context, partition, &terms);
    let outcomes = context.predictions.binary(outcome, &rows);
    let mut analysis = RegressionAnalysis {
        outcome: outcome.clone(),
        partition: partition.clone(),
        level: *level,
        n: rows.len(),
        events: outcomes.iter().filter(|event| **event).count(),
        estimation: match declared.estimation {
            RawEstimation::MaximumLikelihood => "maximum likelihood",
            RawEstimation::Firth => "Firth's penalised likelihood",
        }
        .to_string(),
        univariable: Vec::new(),
        multivariable: Vec::new(),
        likelihood_ratio: None,
        apparent_auc: None,
        variance_inflation: Vec::new(),
        not_estimated: Vec::new(),
    };
    let within = |what: String| move |source| EvaluateError::Within { partition: partition.clone(), what, source };
    if declared.univariable {
        for term in &terms {
            let alone = std::slice::from_ref(term);
            match estimable(fit(alone, &rows, &outcomes, declared), alone, &rows, &outcomes)
                .map_err(within(format!("the term `{}` alone", term.name)))?
            {
                Ok(fitted) => analysis.univariable.extend(fitted.rows),
                Err(why) => analysis.not_estimated.push(NotEstimated { variable: Some(term.name.clone()), why }),
            }
        }
    }
    if declared.multivariable {
        match estimable(fit(&terms, &rows, &outcomes, declared), &terms, &rows, &outcomes)
            .map_err(within("all terms together".to_string()))?
        {
            Ok(fitted) => {
                analysis.multivariable = fitted.rows;
                analysis.likelihood_ratio = Some(fitted.likelihood_ratio);
                analysis.apparent_auc =
                    Some(delong_auc(&outcomes, &fitted.linear_predictor, Orientation::HigherIsRisk, *level)?);
                analysis.variance_inflation = variance_inflation(&terms, &fitted.covariance)?;
            }
            Err(why) => analysis.not_estimated.push(NotEstimated { variable: None, why }),
        }
    }
    Ok(analysis)
}

/// What a fit gives to the report.
struct Fitted {
    rows: Vec<RegressionRow>,
    likelihood_ratio: Test,
    linear_predictor: Vec<f64>,
    /// Of the intercept and the coefficients.
    covariance: Matrix,
}

/// One coefficient, of either way of estimation.
struct Effect {
    coefficient: f64,
    standard_error: f64,
    odds_ratio: Estimate,
    test: Test,
}

fn fit(terms: &[Term], rows: &[usize], outcome: &[bool], declared: &RawRegression) -> Result<Fitted, StatsError> {
    let columns = columns_of(terms, rows);
    let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let input = LogisticInput::new(outcome, &slices);
    let row_of = |row: usize| slices.iter().map(|column| column[row]).collect::<Vec<f64>>();
    let interval = |otherwise| match declared.interval {
        None => otherwise,
        Some(RawCoefficientInterval::Wald) => LogisticInterval::Wald,
        Some(RawCoefficientInterval::Profile) => LogisticInterval::Profile,
    };
    match declared.estimation {
        RawEstimation::MaximumLikelihood => {
            let options = LogisticOptions {
                level: declared.level,
                interval: interval(LogisticInterval::Wald),
                ..LogisticOptions::default()
            };
            let fit = logistic(&input, &options)?;
            // A profile interval and a Wald test may contradict each other; the likelihood ratio is the interval's own test.
            let own_test = |column: usize, coefficient: &LogisticCoefficient| match options.interval {
                LogisticInterval::Profile => without(&input, column, fit.log_likelihood),
                LogisticInterval::Wald => Ok(wald(coefficient)),
            };
            let effects = fit.coefficients.iter().enumerate().map(|(column, coefficient)| {
                Ok(Effect {
                    coefficient: coefficient.coefficient,
                    standard_error: coefficient.standard_error,
                    odds_ratio: coefficient.odds_ratio.clone(),
                    test: own_test(column, coefficient)?,
                })
            });
            let effects = effects.collect::<Result<Vec<Effect>, StatsError>>()?;
            Ok(Fitted {
                rows: regression_rows(terms, effects.into_iter(), fit.n, fit.events),
                linear_predictor: (0..rows.len()).map(|row| fit.linear_predictor(&row_of(row))).collect(),
                likelihood_ratio: fit.likelihood_ratio.clone(),
                covariance: fit.covariance,
            })
        }
        RawEstimation::Firth => {
            let options = FirthOptions {
                level: declared.level,
                interval: interval(LogisticInterval::Profile),
                ..FirthOptions::default()
            };
            let fit = firth_logistic(&input, &options)?;
            let effects = fit.coefficients.iter().map(|coefficient| Effect {
                coefficient: coefficient.coefficient,
                standard_error: coefficient.standard_error,
                odds_ratio: coefficient.odds_ratio.clone(),
                test: coefficient.test.clone(),
            });
            Ok(Fitted {
                rows: regression_rows(terms, effects, fit.n, fit.events),
                linear_predictor: (0..rows.len()).map(|row| fit.linear_predictor(&row_of(row))).collect(),
                likelihood_ratio: fit.likelihood_ratio.clone(),
                covariance: fit.covariance,
            })
        }
    }
}

fn wald(coefficient: &LogisticCoefficient) -> Test {
    Test {
        statistic: Some(coefficient.wald),
        distribution: NullDistribution::ChiSquared { df: 1.0 },
        p_value: coefficient.p_value,
        alternative: Alternative::TwoSided,
        method: "Wald".into(),
    }
}

/// The likelihood-ratio test of one column, against the model of the others.
fn without(input: &LogisticInput<'_>, column: usize, log_likelihood: f64) -> Result<Test, StatsError> {
    let others: Vec<&[f64]> =
        input.covariates.iter().enumerate().filter(|(other, _)| *other != column).map(|(_, values)| *values).collect();
    let reduced = logistic(&LogisticInput { covariates: &others, ..*input }, &LogisticOptions::default())?;
    let statistic = (2.0 * (log_likelihood - reduced.log_likelihood)).max(0.0);
    Ok(Test {
        statistic: Some(statistic),
        distribution: NullDistribution::ChiSquared { df: 1.0 },
        p_value: chi_squared_upper(statistic, 1.0),
        alternative: Alternative::TwoSided,
        method: "likelihood ratio".into(),
    })
}

fn regression_rows(
    terms: &[Term],
    effects: impl Iterator<Item = Effect>,
    n: usize,
    events: usize,
) -> Vec<RegressionRow> {
    named_columns(terms)
        .zip(effects)
        .map(|((term, column), effect)| RegressionRow {
            variable: term.name.clone(),
            level: column.level.clone(),
            reference: term.reference.clone(),
            per: term.per.clone(),
            n,
            events,
            coefficient: effect.coefficient,
            standard_error: effect.standard_error,
            odds_ratio: effect.odds_ratio,
            test: effect.test,
        })
        .collect()
}

/// Separation and collinearity are findings about the data, to be printed; any other failure stays an error.
fn estimable(
    fit: Result<Fitted, StatsError>,
    terms: &[Term],
    rows: &[usize],
    outcome: &[bool],
) -> Result<Result<Fitted, String>, StatsError> {
    let name = |column: usize| match named_columns(terms).nth(column) {
        Some((term, column)) => match &column.level {
            Some(level) => format!("`{}` ({level})", term.name),
            None => format!("`{}`", term.name),
        },
        None => "a column".to_string(),
    };
    match fit {
        Ok(fitted) => Ok(Ok(fitted)),
        Err(StatsError::Separated { column }) => {
            let columns = columns_of(terms, rows);
            let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
            let variables: Vec<&str> = named_columns(terms).map(|(term, _)| term.name.as_str()).collect();
            let variable = |column: usize| format!("`{}`", variables[column]);
            let alone = separation(outcome, &columns, &variables, column).name(&name, variable);
            Ok(Err(match alone {
                Some(name) => format!(
                    "{name} separates the classes, so that its coefficient has no finite maximum-likelihood estimate; \
                     Firth's estimation has one"
                ),
                None => {
                    "the terms together separate the classes, though none does alone, so that coefficients have no \
                         finite maximum-likelihood estimate; Firth's estimation has one"
                        .to_string()
                }
            }))
        }
        Err(StatsError::Collinear { column }) => {
            Ok(Err(format!("{} is constant or a combination of the other terms", name(column))))
        }
        Err(error) => Err(error),
    }
}

/// Of each term, its columns together, from the covariance of the coefficients without the intercept (the first), as
/// `car::vif` has it; nothing where there is no other term.
fn variance_inflation(terms: &[Term], covariance: &Matrix) -> Result<Vec<VarianceInflationRow>, StatsError> {
    if terms.len() < 2 {
        return Ok(Vec::new());
    }
    let size = covariance.rows() - 1;
    let mut slopes = Matrix::zeros(size, size);
    for row in 0..size {
        for column in 0..size {
            slopes.set(row, column, covariance.get(row + 1, column + 1));
        }
    }
    let factors = generalized_vif_of_covariance(&slopes, &positions(terms))?;
    let names = terms.iter().map(|term| term.name.clone());
    Ok(names.zip(factors).map(|(variable, inflation)| VarianceInflationRow { variable, inflation }).collect())
}
