//! Residuals of a Cox model.
//!
//! With H the row's cumulative hazard over its time at risk (by the ties of the fit), r its risk and x̄ the risk set's mean:
//! - martingale: event − expected events; they sum to zero (times the weights) in every stratum;
//! - deviance: sign(m) √(−2 (m + δ ln(δ − m)));
//! - score: the row's share of the gradient, see `score_parts`;
//! - dfbeta: weight · score · covariance, to first order the change of the coefficients when the row is left out; dfbetas:
//!   in standard errors;
//! - Schoenfeld: x − x̄ for each event; scaled: coefficient + events · covariance · Schoenfeld, whose smooth over time shows
//!   how a coefficient changes with time (Grambsch and Therneau 1994).
//!
//! Rows: those of positive weight, in input order; the Schoenfeld residuals by stratum, time, and input order.
//! Edge cases: an exact likelihood has no such residuals: an error.
//! Source: Therneau, Grambsch and Fleming 1990 (doi:10.1093/biomet/77.1.147); Schoenfeld 1982
//! (doi:10.1093/biomet/69.1.239); Grambsch and Therneau 1994 (doi:10.1093/biomet/81.3.515).
//! Oracle: R survival 3.5-3 `residuals.coxph`.

use super::likelihood::TieTerms;
use super::matrix_by_rows;
use super::prepare::Prepared;
use super::score_parts::ScoreParts;
use super::{CoxFit, CoxInput, Ties};
use crate::stats::error::{StatsError, require_same_length};
use crate::stats::linear_algebra::Matrix;
use serde::{Deserialize, Serialize};

/// One row of residuals per subject.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CoxResiduals {
    /// Positions in the input that the rows below stand for.
    pub rows: Vec<usize>,
    pub martingale: Vec<f64>,
    pub deviance: Vec<f64>,
    /// Expected number of events of each row.
    pub expected: Vec<f64>,
    /// Not weighted.
    #[serde(with = "matrix_by_rows")]
    pub score: Matrix,
    #[serde(with = "matrix_by_rows")]
    pub dfbeta: Matrix,
    #[serde(with = "matrix_by_rows")]
    pub dfbetas: Matrix,
    pub schoenfeld: SchoenfeldResiduals,
}

/// One row of residuals per event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SchoenfeldResiduals {
    /// Positions in the input of the events.
    pub rows: Vec<usize>,
    pub time: Vec<f64>,
    #[serde(with = "matrix_by_rows")]
    pub residual: Matrix,
    #[serde(with = "matrix_by_rows")]
    pub scaled: Matrix,
}

impl CoxFit {
    /// The rows as this fit sees them, and its coefficients in their scale.
    pub(super) fn prepare(&self, input: &CoxInput) -> Result<PreparedFit, StatsError> {
        require_same_length("coefficients", self.coefficients.len(), "covariates", input.covariates.len())?;
        let data = Prepared::new(input)?;
        let beta = self.beta().iter().zip(&data.scale).map(|(beta, scale)| beta * scale).collect();
        Ok(PreparedFit { data, beta })
    }

    /// All residuals of the fit on the data that it was fitted to.
    pub fn residuals(&self, input: &CoxInput) -> Result<CoxResiduals, StatsError> {
        let ties = self.tie_terms().ok_or(StatsError::Undefined {
            what: "a residual of a Cox model",
            why: "an exact likelihood has no risk-set means",
        })?;
        let PreparedFit { data, beta } = self.prepare(input)?;
        let parts = ScoreParts::new(&data, ties, &beta)?;
        let p = data.columns;
        let mut order: Vec<usize> = (0..data.len()).collect();
        order.sort_unstable_by_key(|row| data.source[*row]);

        let mut score = Matrix::zeros(order.len(), p);
        for (at, row) in order.iter().enumerate() {
            for j in 0..p {
                score.set(at, j, parts.score[row * p + j] * data.scale[j]);
            }
        }
        let mut dfbeta = score.multiply(&self.model_covariance)?;
        let mut dfbetas = dfbeta.clone();
        for (at, row) in order.iter().enumerate() {
            for j in 0..p {
                let change = data.weight[*row] * dfbeta.get(at, j);
                dfbeta.set(at, j, change);
                dfbetas.set(at, j, change / self.coefficients[j].standard_error);
            }
        }
        let observed = |row: usize| f64::from(u8::from(data.event[row]));
        let martingale: Vec<f64> = order.iter().map(|row| observed(*row) - parts.expected[*row]).collect();
        Ok(CoxResiduals {
            rows: order.iter().map(|row| data.source[*row] as usize).collect(),
            deviance: order.iter().map(|row| deviance(observed(*row), parts.expected[*row])).collect(),
            expected: order.iter().map(|row| parts.expected[*row]).collect(),
            martingale,
            score,
            dfbeta,
            dfbetas,
            schoenfeld: self.schoenfeld(&data, &parts)?,
        })
    }

    fn schoenfeld(&self, data: &Prepared, parts: &ScoreParts) -> Result<SchoenfeldResiduals, StatsError> {
        let p = data.columns;
        let (mut rows, mut time, mut values) = (Vec::new(), Vec::new(), Vec::new());
        for stratum in &data.strata {
            for index in stratum.blocks.clone().rev() {
                let block = &data.blocks[index];
                let mut deaths: Vec<usize> = block.deaths().collect();
                deaths.sort_unstable_by_key(|row| data.source[*row]);
                for row in deaths {
                    rows.push(data.source[row] as usize);
                    time.push(block.time);
                    values.extend(
                        (0..p).map(|j| (data.design[row * p + j] - parts.means[index * p + j]) * data.scale[j]),
                    );
                }
            }
        }
        let residual = Matrix::from_rows(rows.len(), p, values)?;
        let mut scaled = residual.multiply(&self.model_covariance)?;
        for row in 0..scaled.rows() {
            for (value, coefficient) in scaled.row_mut(row).iter_mut().zip(&self.coefficients) {
                *value = *value * rows.len() as f64 + coefficient.coefficient;
            }
        }
        Ok(SchoenfeldResiduals { rows, time, residual, scaled })
    }

    /// `None` for the exact likelihoods.
    pub(super) fn tie_terms(&self) -> Option<TieTerms> {
        match self.ties {
            Ties::Efron => Some(TieTerms::Efron),
            Ties::Breslow => Some(TieTerms::Breslow),
            Ties::ExactPartial | Ties::ExactMarginal => None,
        }
    }
}

pub(super) struct PreparedFit {
    pub data: Prepared,
    pub beta: Vec<f64>,
}

fn deviance(observed: f64, expected: f64) -> f64 {
    let martingale = observed - expected;
    let logarithm = if observed == 0.0 { 0.0 } else { observed * expected.ln() };
    // Rounding may leave a trace below zero where the residual is nil.
    let squared = (-2.0 * (martingale + logarithm)).max(0.0);
    squared.sqrt().copysign(martingale)
}
