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
use crate::stats::estimate::Estimate;
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
    check(data, risk, horizon)?;
    let second = SecondModel::new(risk, options)?;
    let columns: Vec<&[f64]> = second.columns.iter().map(Vec::as_slice).collect();
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

/// The curve at a predicted risk, with its pointwise interval (that of the second model's survival, on the logarithm).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SurvivalCalibrationPoint {
    pub predicted: f64,
    pub observed: Estimate,
}

/// The curve at the predicted risks in `grid`, strictly between 0 and 1.
pub fn survival_calibration_on_grid(
    data: &SurvivalData,
    risk: &[f64],
    horizon: f64,
    grid: &[f64],
    level: f64,
    options: &SurvivalCalibrationOptions,
) -> Result<Vec<SurvivalCalibrationPoint>, StatsError> {
    check(data, risk, horizon)?;
    check_risks("grid", grid)?;
    let second = SecondModel::new(risk, options)?;
    let columns: Vec<&[f64]> = second.columns.iter().map(Vec::as_slice).collect();
    let input = CoxInput::new(data.time, data.event, &columns);
    let fit = cox(&input, &CoxOptions { tolerance: options.tolerance, level, ..CoxOptions::default() })?;
    grid.iter()
        .map(|predicted| {
            let survival = fit.predicted_survival(&input, &second.row(*predicted), 0)?.at(horizon);
            let mut observed = Estimate::new(1.0 - survival.value, data.len());
            if let Some(interval) = survival.interval {
                let method = "Cox model on a restricted cubic spline, log survival";
                observed = observed.with_interval(1.0 - interval.upper, 1.0 - interval.lower, level, method);
            }
            Ok(SurvivalCalibrationPoint { predicted: *predicted, observed })
        })
        .collect()
}

/// ln(−ln(1 − p)) and, where there are knots enough, its spline.
struct SecondModel {
    spline: Option<RestrictedCubicSpline>,
    columns: Vec<Vec<f64>>,
}

impl SecondModel {
    fn new(risk: &[f64], options: &SurvivalCalibrationOptions) -> Result<Self, StatsError> {
        let predictor: Vec<f64> = risk.iter().map(|risk| log_minus_log(*risk)).collect();
        match RestrictedCubicSpline::with_quantile_knots(&predictor, options.knots, SplineScale::Range) {
            Ok(spline) => Ok(Self { columns: spline.basis(&predictor)?, spline: Some(spline) }),
            Err(StatsError::TooFew { what: "distinct knots", .. }) => {
                Ok(Self { columns: vec![predictor], spline: None })
            }
            Err(other) => Err(other),
        }
    }

    /// The columns of one predicted risk.
    fn row(&self, risk: f64) -> Vec<f64> {
        let x = log_minus_log(risk);
        (0..self.columns.len()).map(|column| self.spline.as_ref().map_or(x, |spline| spline.value(column, x))).collect()
    }
}

fn log_minus_log(risk: f64) -> f64 {
    (-(-risk).ln_1p()).ln()
}

fn check_risks(what: &'static str, risk: &[f64]) -> Result<(), StatsError> {
    require_finite(what, risk)?;
    match risk.iter().position(|risk| *risk <= 0.0 || *risk >= 1.0) {
        Some(index) => Err(StatsError::InvalidAt { what, index, expected: "strictly between 0 and 1" }),
        None => Ok(()),
    }
}

fn check(data: &SurvivalData, risk: &[f64], horizon: f64) -> Result<(), StatsError> {
    data.check()?;
    if data.entry.is_some() || data.weight.is_some() {
        let why = "it is given for subjects observed from the origin on, each counting once";
        return Err(StatsError::Undefined { what: "the calibration curve", why });
    }
    require_same_length("time", data.len(), "risk", risk.len())?;
    check_risks("risk", risk)?;
    if !(horizon > 0.0 && horizon.is_finite()) {
        return Err(StatsError::OutOfRange { what: "horizon", value: horizon, expected: "above 0 and finite" });
    }
    Ok(())
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
    fn the_curve_on_a_grid_is_the_curve_at_the_subjects() {
        let mut stream = Seed::from_study(5).stream();
        let risk: Vec<f64> = (0..200).map(|_| 0.05 + 0.9 * stream.unit()).collect();
        let time: Vec<f64> = risk.iter().map(|risk| (1.0 - stream.unit()).ln() / (-risk).ln_1p()).collect();
        let event: Vec<bool> = (0..200).map(|row| row % 4 != 0).collect();
        let data = SurvivalData::new(&time, &event);
        let options = SurvivalCalibrationOptions::default();
        let at_subjects = survival_calibration(&data, &risk, 1.0, &options).unwrap().observed;
        let grid = survival_calibration_on_grid(&data, &risk, 1.0, &risk[..5], 0.95, &options).unwrap();
        for (point, observed) in grid.iter().zip(&at_subjects) {
            assert!((point.observed.value - observed).abs() < 1e-10, "{point:?} {observed}");
            let interval = point.observed.interval.as_ref().unwrap();
            assert!(interval.lower < *observed && *observed < interval.upper);
        }
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
