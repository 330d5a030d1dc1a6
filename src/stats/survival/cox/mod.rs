//! Cox's proportional hazards model.
//!
//! Estimand: the coefficients β of hazard(t | x) = hazard₀(t) exp(xᵀβ), one baseline hazard per stratum; exp(β) is the
//! hazard ratio for one unit of a covariate, the others held.
//! Formula: β maximises the partial likelihood, with ties by Efron (default), Breslow, the exact partial likelihood (the
//! discrete logistic model) or the exact marginal likelihood (tied times in truth follow each other in an unknown
//! order); see `likelihood`, `exact_partial`, `exact_marginal`. The covariance is the inverse of the observed
//! information, or, where robust, Lin and Wei's sandwich Σ (dfbeta)(dfbeta)ᵀ over rows or clusters.
//! Assumptions: proportional hazards (see `proportional_hazards`), log-linear effects, independent censoring and entry.
//! Shapes and units: one slice per covariate; one row per subject or per interval at risk (entry, time]; coefficients
//! per unit of the covariate as given.
//! Ties and missing: an event comes before a censoring at the same time; times that differ by rounding only are one time
//! (see `survival::data`). NaN and infinity are errors. Rows of weight zero are left out, as if absent.
//! Edge cases: no event is an error; a column that does not vary in any risk set, or is a combination of the others, is
//! an error that names it (R gives NA); without covariates the fit has no coefficients and its tests have 0 degrees of
//! freedom and P = 1. Where the likelihood rises for ever along some columns (separation), they are listed in
//! [`CoxFit::monotone`]: their coefficients stop where the likelihood no longer changes, their hazard ratios are reported
//! as infinite or zero with the interval from 0 to infinity, their Wald statistics mean nothing, and the log-likelihood,
//! the likelihood-ratio test and the other coefficients are those of the limit. `firth` gives finite estimates there.
//! With no more clusters than coefficients the robust covariance is singular: the fit and the robust standard errors are
//! kept, and the robust tests of all coefficients are `None` (R divides by what rounding has left, or lowers the rank).
//! Not dependent on row order, to the last bit.
//! Source: Cox 1972 (doi:10.1111/j.2517-6161.1972.tb00899.x); Efron 1977 (doi:10.1080/01621459.1977.10480613); Lin and
//! Wei 1989 (doi:10.1080/01621459.1989.10478874); Andersen and Gill 1982 (doi:10.1214/aos/1176345976).
//! Oracle: R survival 3.5-3 `coxph`, `residuals`, `cox.zph`, `basehaz`, `survfit`; lifelines and statsmodels for a second
//! opinion.

mod baseline;
mod columns;
mod design;
mod exact_marginal;
mod exact_partial;
mod extended;
mod firth;
mod fit;
mod likelihood;
mod long_sums;
mod newton;
pub(in crate::stats::survival) mod one_time;
pub mod optimism;
mod outer_products;
mod prepare;
mod proportional_hazards;
mod residuals;
mod row_order;
mod score_parts;
mod selection;
mod sweep;

pub use baseline::{BaselineAt, BaselineHazard, HazardStep, PredictedStep, PredictedSurvival, StratumHazard};
pub use firth::{FirthCoxCoefficient, FirthCoxFit, FirthCoxOptions, firth_cox};
pub use fit::cox;
pub use proportional_hazards::{ProportionalHazardsTest, TimeTransform};
pub use residuals::{CoxResiduals, SchoenfeldResiduals};
pub use selection::{
    Criterion, Direction, DroppedTerm, Move, Selection, SelectionStep, SequentialTerm, TermTest, backward_by_p,
    drop_each, forward_by_p, sequential, stepwise, univariable,
};

use crate::stats::error::{StatsError, require_same_length};
use crate::stats::estimate::{Estimate, Interval, Test, number, optional_number};
use crate::stats::linear_algebra::{Matrix, dot};
use serde::{Deserialize, Serialize};

/// The columns of a Cox model.
#[derive(Clone, Copy, Debug, Default)]
pub struct CoxInput<'a> {
    /// Start of the time at risk (left truncation, counting process), exclusive.
    pub entry: Option<&'a [f64]>,
    /// End of the time at risk, inclusive.
    pub time: &'a [f64],
    /// `true` where the row ends in the event.
    pub event: &'a [bool],
    /// One slice per covariate.
    pub covariates: &'a [&'a [f64]],
    /// How many subjects a row stands for; zero leaves it out.
    pub weight: Option<&'a [f64]>,
    /// Rows of one label share a baseline hazard.
    pub strata: Option<&'a [usize]>,
    /// Rows of one label are one independent unit of the robust covariance.
    pub cluster: Option<&'a [usize]>,
    /// Added to the linear predictor with coefficient 1.
    pub offset: Option<&'a [f64]>,
}

impl<'a> CoxInput<'a> {
    pub fn new(time: &'a [f64], event: &'a [bool], covariates: &'a [&'a [f64]]) -> Self {
        Self { time, event, covariates, ..Self::default() }
    }
}

/// What is done with events at the same time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ties {
    #[default]
    Efron,
    Breslow,
    /// The conditional logistic likelihood of a discrete time scale: R's `ties = "exact"`, SAS's `TIES=DISCRETE`.
    ExactPartial,
    /// The average over all orders in which the tied events may have come: SAS's `TIES=EXACT`.
    ExactMarginal,
}

impl Ties {
    pub fn method(self) -> &'static str {
        match self {
            Ties::Efron => "Efron",
            Ties::Breslow => "Breslow",
            Ties::ExactPartial => "exact partial likelihood",
            Ties::ExactMarginal => "exact marginal likelihood",
        }
    }
}

/// How a Cox model is fitted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CoxOptions {
    pub ties: Ties,
    /// Coverage of the intervals, 0.95.
    pub level: f64,
    /// 100.
    pub max_iterations: usize,
    /// The search ends when the log-likelihood changes by at most this part of itself: 1e-12.
    pub tolerance: f64,
    /// Whether intervals and Wald tests rest on the sandwich covariance. Always so where the input has clusters.
    pub robust: bool,
}

impl Default for CoxOptions {
    fn default() -> Self {
        Self { ties: Ties::Efron, level: 0.95, max_iterations: 100, tolerance: 1e-12, robust: false }
    }
}

/// One covariate of a fitted Cox model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CoxCoefficient {
    /// Log hazard ratio per unit of the covariate.
    pub coefficient: f64,
    /// From the inverse of the information.
    #[serde(with = "number")]
    pub standard_error: f64,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_number")]
    pub robust_standard_error: Option<f64>,
    /// Wald interval of the coefficient.
    pub interval: Interval,
    /// Coefficient divided by its standard error (the robust one where there is one).
    pub z: f64,
    /// z².
    pub wald: f64,
    pub p_value: f64,
    /// exp(coefficient) with its Wald interval.
    pub hazard_ratio: Estimate,
}

/// A fitted Cox model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CoxFit {
    pub coefficients: Vec<CoxCoefficient>,
    /// Of the coefficients; the robust one where the fit is robust.
    #[serde(with = "matrix_by_rows")]
    pub covariance: Matrix,
    /// The inverse of the observed information.
    #[serde(with = "matrix_by_rows")]
    pub model_covariance: Matrix,
    /// With all coefficients zero.
    pub log_likelihood_null: f64,
    pub log_likelihood: f64,
    pub likelihood_ratio: Test,
    /// With the robust covariance where the fit is robust; `None` where that is singular.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wald: Option<Test>,
    pub score: Test,
    /// The score test with its variance estimated from the rows or clusters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub robust_score: Option<Test>,
    /// Why a robust fit lacks the Wald test or the robust score test of all coefficients: with no more clusters than
    /// coefficients their robust covariance is singular. Their robust standard errors are given all the same, and are as
    /// uncertain as so few clusters make them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_robust_test_because: Option<String>,
    /// Rows of positive weight.
    pub n: usize,
    /// Rows that end in the event.
    pub events: usize,
    /// Newton steps tried, halved ones included.
    pub iterations: usize,
    /// Columns whose coefficient has no finite maximum-likelihood estimate.
    pub monotone: Vec<usize>,
    pub ties: Ties,
    /// Weighted means of the covariates, at which predictions are centred; zero, as in R, for a column that holds nothing
    /// but -1, 0 and 1. R's `coxph` takes these too, but plain means where there are both weights and entry times: what is
    /// centred (`predict(type = "lp")`, `basehaz()`) then differs from ours by a constant.
    pub means: Vec<f64>,
    pub level: f64,
    /// Independent units of the robust covariance: clusters, or rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clusters: Option<usize>,
}

impl CoxFit {
    /// The coefficients alone.
    pub fn beta(&self) -> Vec<f64> {
        self.coefficients.iter().map(|coefficient| coefficient.coefficient).collect()
    }

    /// Akaike's criterion, −2 log-likelihood + 2 per coefficient.
    pub fn akaike(&self) -> f64 {
        -2.0 * self.log_likelihood + 2.0 * self.coefficients.len() as f64
    }

    /// The Bayesian criterion with the number of events as sample size (Volinsky and Raftery 2000).
    pub fn bayesian(&self) -> f64 {
        -2.0 * self.log_likelihood + (self.events as f64).ln() * self.coefficients.len() as f64
    }

    /// (x − means)ᵀβ for each row; one slice per covariate, in the order of the fit.
    pub fn linear_predictor(&self, covariates: &[&[f64]]) -> Result<Vec<f64>, StatsError> {
        let shift = dot(&self.means, &self.beta());
        Ok(self.linear_predictor_uncentred(covariates)?.into_iter().map(|value| value - shift).collect())
    }

    /// xᵀβ for each row.
    pub fn linear_predictor_uncentred(&self, covariates: &[&[f64]]) -> Result<Vec<f64>, StatsError> {
        require_same_length("coefficients", self.coefficients.len(), "covariates", covariates.len())?;
        let rows = covariates.first().map_or(0, |column| column.len());
        let mut predictor = vec![0.0; rows];
        for (column, coefficient) in covariates.iter().zip(&self.coefficients) {
            require_same_length("first covariate", rows, "covariate", column.len())?;
            for (sum, value) in predictor.iter_mut().zip(*column) {
                *sum += coefficient.coefficient * value;
            }
        }
        Ok(predictor)
    }
}

/// A matrix in a result file: a list of rows.
mod matrix_by_rows {
    use super::Matrix;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(matrix: &Matrix, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((0..matrix.rows()).map(|row| matrix.row(row)))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Matrix, D::Error> {
        let rows = Vec::<Vec<f64>>::deserialize(deserializer)?;
        let columns = rows.first().map_or(0, Vec::len);
        Matrix::from_rows(rows.len(), columns, rows.concat()).map_err(D::Error::custom)
    }
}
