//! Smooth calibration of predicted risks by a horizon, under censoring.
//!
//! Estimand: the risk by the horizon among subjects of predicted risk p, as a smooth function o(p), and the distribution
//! of |p − o(p)| over subjects (ICI, E50, E90, Emax; see [`super::integrated_calibration_index`]).
//!
//! Method: a second Cox model (Efron) of the outcome on a restricted cubic spline of ln(−ln(1 − p)), by default with 3
//! knots at its 10%, 50% and 90% quantiles; o(p) is its predicted risk by the horizon, with Efron's baseline hazard.
//!
//! Assumptions: proportional hazards along the prediction; independent censoring.
//! Input: risks strictly between 0 and 1 by the horizon, one per row of `data` (right-censored, from the origin on).
//! The distances do not depend on the order of rows, bit for bit; the curve comes back in the order of the input.
//! Edge cases: fewer than three distinct knots (predictions with heavy ties) make the effect of ln(−ln(1 − p)) linear;
//! predictions that are all equal are [`StatsError::Collinear`]; no event is [`StatsError::NoEvents`].
//!
//! Source: Austin, Harrell and van Klaveren 2020, doi:10.1002/sim.8570; McLernon et al. 2023, doi:10.7326/M22-0844.
//! Oracle: the printed values of the latter's public companion (`rms::cph`, rms 6.3).

use super::integrated_calibration_index::{CalibrationDistance, calibration_distance};
use crate::stats::error::{StatsError, require_finite, require_same_length};
use crate::stats::regression::splines::{RestrictedCubicSpline, SplineScale};
use crate::stats::survival::SurvivalData;

use crate::stats::survival::cox::{BaselineAt, CoxInput, CoxOptions, cox};
use serde::{Deserialize, Serialize};

/// How the curve is fitted.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SurvivalCalibrationOptions {
    /// Knots of the spline; 3.
    pub knots: usize,
    /// Relative change of the log-likelihood at which the second Cox model stops; 1e-12, that is, converged. `rms::cph`
    /// stops at 1e-4, one Newton step early, which moves the distances in their third digit: with 1e-4 here, and only
    /// then, published values from it come out to the last digit.
    pub tolerance: f64,
}

impl Default for SurvivalCalibrationOptions {
    fn default() -> Self {
        Self { knots: 3, tolerance: CoxOptions::default().tolerance }
    }
}

/// The smoothed risks of a calibration curve.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SurvivalCalibration {
    /// The time by which the event is counted.
    pub horizon: f64,
    /// Smoothed risk by the horizon of each subject, in the order of the input.
    pub observed: Vec<f64>,
    /// From the predicted risks.
    pub distance: CalibrationDistance,
}

/// Smoothed risks and their distance from the predicted.
pub fn survival_calibration(
    data: &SurvivalData,
    risk: &[f64],
    horizon: f64,
    options: &SurvivalCalibrationOptions,
) -> Result<SurvivalCalibration, StatsError> {
    data.check()?;
    if data.entry.is_some() || data.weight.is_some() {
        let why = "it is given for subjects observed from the origin on, each counting once";
        return Err(StatsError::Undefined { what: "the calibration curve", why });
    }
    require_same_length("time", data.len(), "risk", risk.len())?;
    require_finite("risk", risk)?;
    if let Some(index) = risk.iter().position(|risk| *risk <= 0.0 || *risk >= 1.0) {
        return Err(StatsError::InvalidAt { what: "risk", index, expected: "strictly between 0 and 1" });
    }
    if !(horizon > 0.0 && horizon.is_finite()) {
        return Err(StatsError::OutOfRange { what: "horizon", value: horizon, expected: "above 0 and finite" });
    }
    let predictor: Vec<f64> = risk.iter().map(|risk| (-(-risk).ln_1p()).ln()).collect();
    let basis = match RestrictedCubicSpline::with_quantile_knots(&predictor, options.knots, SplineScale::Range) {
        Ok(spline) => spline.basis(&predictor)?,
        Err(StatsError::TooFew { what: "distinct knots", .. }) => vec![predictor],
        Err(other) => return Err(other),
    };
    let columns: Vec<&[f64]> = basis.iter().map(Vec::as_slice).collect();
    let input = CoxInput::new(data.time, data.event, &columns);
    let fit = cox(&input, &CoxOptions { tolerance: options.tolerance, ..CoxOptions::default() })?;
    let baseline = fit.baseline_hazard(&input, BaselineAt::Means)?;
    let hazard = baseline.stratum(0)?;
    let observed: Vec<f64> = fit
        .linear_predictor(&columns)?
        .into_iter()
        .map(|predictor| -(-hazard.at(horizon) * predictor.exp()).exp_m1())
        .collect();
    let distance = calibration_distance(risk, &observed)?;
    Ok(SurvivalCalibration { horizon, observed, distance })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::random::Seed;

    #[test]
    fn risks_of_the_true_model_are_close_to_the_curve_and_half_the_risk_is_not() {
        // Exponential times with rate e^x, no censoring: the risk by time 1 is 1 − exp(−e^x).
        let mut stream = Seed::from_study(4).stream();
        let x: Vec<f64> = (0..3000).map(|_| 2.0 * stream.unit() - 1.5).collect();
        let time: Vec<f64> = x.iter().map(|x| -(1.0 - stream.unit()).ln() / x.exp()).collect();
        let event = vec![true; x.len()];
        let risk: Vec<f64> = x.iter().map(|x| 1.0 - (-x.exp()).exp()).collect();
        let data = SurvivalData::new(&time, &event);
        let options = SurvivalCalibrationOptions::default();
        let good = survival_calibration(&data, &risk, 1.0, &options).unwrap();
        // The standard error of a risk near one half from 3000 subjects is 0.009.
        assert!(good.distance.ici < 0.03, "{:?}", good.distance);
        let half: Vec<f64> = risk.iter().map(|risk| 0.5 * risk).collect();
        let poor = survival_calibration(&data, &half, 1.0, &options).unwrap();
        let mean = half.iter().sum::<f64>() / 3000.0;
        assert!((poor.distance.ici - mean).abs() < 0.03, "{:?} {mean}", poor.distance);
    }

    #[test]
    fn two_distinct_risks_are_linear_and_equal_risks_an_error() {
        let time: Vec<f64> = (1..=20).map(f64::from).collect();
        let event = vec![true; 20];
        let data = SurvivalData::new(&time, &event);
        let two: Vec<f64> = (0..20).map(|i| if i % 3 == 0 { 0.6 } else { 0.3 }).collect();
        let options = SurvivalCalibrationOptions::default();
        let result = survival_calibration(&data, &two, 10.0, &options);
        assert!(result.is_ok(), "{result:?}");
        assert!(survival_calibration(&data, &[0.4; 20], 10.0, &options).is_err());
    }
}
