//! A flexible calibration curve with a pointwise interval.
//!
//! Estimand: P(event | predicted probability p) as a smooth function of p.
//!
//! Method: logistic regression of the outcome on a restricted cubic spline of logit p (4 knots at default quantiles);
//! limits are Wald limits of the linear predictor, turned back to probabilities, so that they lie inside (0, 1). They are
//! pointwise, and take the shape of the spline as given.
//!
//! Input: outcomes (`true` the event), probabilities strictly between 0 and 1, and the probabilities at which the curve is
//! wanted. Row order does not matter, bit for bit.
//! Edge cases: heavy ties that leave fewer than three distinct knots make the curve linear in logit p (logistic
//! recalibration); predictions that are all equal, or that separate the classes, are errors of
//! [`crate::stats::regression::logistic`].
//!
//! Source: Harrell 2015, Regression Modeling Strategies, ch. 10.9; Van Calster et al. 2016,
//! doi:10.1016/j.jclinepi.2015.12.005. Oracle: the logistic fit and the spline basis, each tested on its own.

use super::intercept_slope::logits;
use crate::stats::distribution::normal_critical;
use crate::stats::error::{StatsError, require_finite, require_level};
use crate::stats::estimate::Estimate;
use crate::stats::linear_algebra::quadratic_form;
use crate::stats::regression::logistic::{LogisticInput, LogisticOptions, inverse_logit, logistic};
use crate::stats::regression::splines::{RestrictedCubicSpline, SplineScale};
use serde::{Deserialize, Serialize};

/// How the curve is fitted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FlexibleCurveOptions {
    /// Knots of the spline; 4.
    pub knots: usize,
    /// Coverage of the pointwise limits; 0.95.
    pub level: f64,
}

impl Default for FlexibleCurveOptions {
    fn default() -> Self {
        Self { knots: 4, level: 0.95 }
    }
}

/// One point of the curve.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CalibrationPoint {
    /// Predicted probability.
    pub predicted: f64,
    /// Smoothed share of events, with pointwise limits.
    pub observed: Estimate,
}

/// The curve at the probabilities `at`.
pub fn flexible_calibration_curve(
    outcome: &[bool],
    probability: &[f64],
    at: &[f64],
    options: &FlexibleCurveOptions,
) -> Result<Vec<CalibrationPoint>, StatsError> {
    require_level(options.level)?;
    let predictor = logits(outcome, probability)?;
    require_finite("place on the curve", at)?;
    if let Some(index) = at.iter().position(|p| *p <= 0.0 || *p >= 1.0) {
        let expected = "strictly between 0 and 1";
        return Err(StatsError::InvalidAt { what: "place on the curve", index, expected });
    }
    let places: Vec<f64> = at.iter().map(|p| p.ln() - (-p).ln_1p()).collect();
    let (basis, new) = match RestrictedCubicSpline::with_quantile_knots(&predictor, options.knots, SplineScale::Range) {
        Ok(spline) => (spline.basis(&predictor)?, spline.basis(&places)?),
        Err(StatsError::TooFew { what: "distinct knots" | "values to take knots from", .. }) => {
            (vec![predictor], vec![places])
        }
        Err(other) => return Err(other),
    };
    let columns: Vec<&[f64]> = basis.iter().map(Vec::as_slice).collect();
    let fit = logistic(&LogisticInput::new(outcome, &columns), &LogisticOptions::default())?;
    let critical = normal_critical(options.level);
    Ok(at
        .iter()
        .enumerate()
        .map(|(place, predicted)| {
            let row: Vec<f64> = new.iter().map(|column| column[place]).collect();
            let centre = fit.linear_predictor(&row);
            let with_intercept: Vec<f64> = std::iter::once(1.0).chain(row).collect();
            let half = critical * quadratic_form(&fit.covariance, &with_intercept).max(0.0).sqrt();
            let observed = Estimate::new(inverse_logit(centre), fit.n).with_interval(
                inverse_logit(centre - half),
                inverse_logit(centre + half),
                options.level,
                "pointwise Wald, logit",
            );
            CalibrationPoint { predicted: *predicted, observed }
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_distinct_predictions_give_the_shares_of_their_groups() {
        // ¼ with one event in four, ½ with three in four: saturated, and the standard error of a logit of 3/4 from four
        // subjects is √(1/3 + 1).
        let probability = [0.25, 0.25, 0.25, 0.25, 0.5, 0.5, 0.5, 0.5];
        let outcome = [true, false, false, false, true, true, true, false];
        let options = FlexibleCurveOptions::default();
        let curve = flexible_calibration_curve(&outcome, &probability, &[0.25, 0.5], &options).unwrap();
        assert!((curve[0].observed.value - 0.25).abs() < 1e-10 && (curve[1].observed.value - 0.75).abs() < 1e-10);
        let half = 1.959_963_984_540_054 * (4.0f64 / 3.0).sqrt();
        let upper = curve[1].observed.interval.clone().unwrap().upper;
        assert!((upper - inverse_logit(3f64.ln() + half)).abs() < 1e-9);
    }

    #[test]
    fn a_calibrated_sample_lies_near_the_diagonal_inside_its_limits() {
        let n = 1000;
        let probability: Vec<f64> = (0..n).map(|i| 0.05 + 0.9 * f64::from(i) / f64::from(n)).collect();
        let mut owed = 0.0;
        let outcome: Vec<bool> = probability
            .iter()
            .map(|p| {
                owed += p;
                let event = owed >= 1.0;
                if event {
                    owed -= 1.0;
                }
                event
            })
            .collect();
        let options = FlexibleCurveOptions::default();
        for point in flexible_calibration_curve(&outcome, &probability, &[0.1, 0.3, 0.5, 0.7, 0.9], &options).unwrap() {
            let interval = point.observed.interval.clone().unwrap();
            assert!((point.observed.value - point.predicted).abs() < 0.03, "{point:?}");
            assert!(interval.lower < point.predicted && point.predicted < interval.upper, "{point:?}");
        }
    }

    #[test]
    fn places_outside_are_errors() {
        let curve = flexible_calibration_curve(&[true, false], &[0.3, 0.6], &[1.0], &FlexibleCurveOptions::default());
        assert!(matches!(curve, Err(StatsError::InvalidAt { what: "place on the curve", .. })));
    }
}
