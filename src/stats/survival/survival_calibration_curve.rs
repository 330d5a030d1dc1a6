//! The smooth calibration curve of predicted risks at a horizon, and the distances from it (ICI, E50, E90).
//!
//! Estimand: with c(p) the actual risk by the horizon h among subjects of predicted risk p, the curve c, and the mean (ICI),
//! median (E50) and 90th percentile (E90) of |p - c(p)| over subjects.
//! Formula: a Cox model (Efron ties) of the outcome on a restricted cubic spline of ln(-ln(1 - p)) with three knots at its
//! 10th, 50th and 90th percentile (type 7; with fewer than 100 subjects the outer ones are the fifth value from either end);
//! c(p) = 1 - S₀(h)^exp(predictor). The spline's second column is Harrell's truncated power basis over (last - first knot)².
//! If the model held, c would be the diagonal and the linear term alone would do.
//!
//! Assumptions: proportional hazards in the prediction; censoring independent given it.
//! Shapes: `risk` strictly between 0 and 1 (ln(-ln(1 - p)) has no value at the ends), one per subject; h in the unit of the
//! times. Row order: no effect on a single bit.
//!
//! Edge cases: risks of 0 or 1, fewer than 10 subjects, and too few distinct risks for three knots are errors, as is a
//! horizon after the last observed time.
//!
//! Source: Austin, Harrell and van Klaveren 2020, doi:10.1002/sim.8570; McLernon et al. 2023, doi:10.7326/M22-0844.
//! Oracle: R survival 3.5-3 and rms 6.5-0, `coxph(Surv(time, status) ~ rcs(log(-log(1 - p)), 3), ties = "efron")` and its
//! `predict(type = "expected")` at h. (`cph` and `survest` of rms take another baseline hazard at ties.)

use super::cox::{BaselineAt, CoxInput, CoxOptions, cox};
use super::data::SurvivalData;
use super::survival_calibration::sample_quantile;
use crate::stats::error::{StatsError, require_finite, require_same_length};
use serde::{Deserialize, Serialize};

/// The curve at the subjects' predictions, and how far it is from the diagonal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SurvivalCalibrationCurve {
    pub horizon: f64,
    /// Distinct predicted risks, ascending.
    pub predicted: Vec<f64>,
    /// Smoothed actual risk at each of `predicted`.
    pub observed: Vec<f64>,
    /// Absolute distances between prediction and curve, over subjects: their mean (ICI),
    pub ici: f64,
    /// median,
    pub e50: f64,
    /// 90th percentile (type 7),
    pub e90: f64,
    /// and maximum.
    pub e_max: f64,
    /// Knots of the spline, on the scale of ln(-ln(1 - p)).
    pub knots: [f64; 3],
}

/// The calibration curve of the predicted `risk` of the event by `horizon`.
pub fn survival_calibration_curve(
    data: &SurvivalData,
    risk: &[f64],
    horizon: f64,
) -> Result<SurvivalCalibrationCurve, StatsError> {
    data.check()?;
    require_same_length("survival time", data.len(), "predicted risk", risk.len())?;
    require_finite("predicted risk", risk)?;
    super::censoring_weights::require_horizon(horizon)?;
    if let Some(index) = risk.iter().position(|risk| !(*risk > 0.0 && *risk < 1.0)) {
        let expected = "strictly between 0 and 1";
        return Err(StatsError::InvalidAt { what: "predicted risk", index, expected });
    }
    if data.time.iter().all(|time| *time < horizon) {
        let expected = "at most the last observed time";
        return Err(StatsError::OutOfRange { what: "horizon", value: horizon, expected });
    }
    let scale = |risk: f64| (-(-risk).ln_1p()).ln();
    let linear: Vec<f64> = risk.iter().map(|risk| scale(*risk)).collect();
    let spline = Spline::of(&linear)?;
    let curved: Vec<f64> = linear.iter().map(|value| spline.second(*value)).collect();
    let covariates = [linear.as_slice(), curved.as_slice()];
    let input =
        CoxInput { entry: data.entry, weight: data.weight, ..CoxInput::new(data.time, data.event, &covariates) };
    let fit = cox(&input, &CoxOptions::default())?;
    let baseline = fit.baseline_hazard(&input, BaselineAt::Means)?;
    let baseline = baseline.stratum(0)?;
    let mut predicted = risk.to_vec();
    predicted.sort_unstable_by(f64::total_cmp);
    let smoothed = |risks: &[f64]| -> Result<Vec<f64>, StatsError> {
        let linear: Vec<f64> = risks.iter().map(|risk| scale(*risk)).collect();
        let curved: Vec<f64> = linear.iter().map(|value| spline.second(*value)).collect();
        let predictor = fit.linear_predictor(&[&linear, &curved])?;
        Ok(predictor.iter().map(|predictor| 1.0 - baseline.survival(horizon, *predictor)).collect())
    };
    let mut distances: Vec<f64> =
        predicted.iter().zip(smoothed(&predicted)?).map(|(predicted, observed)| (predicted - observed).abs()).collect();
    distances.sort_unstable_by(f64::total_cmp);
    predicted.dedup();
    let observed = smoothed(&predicted)?;
    Ok(SurvivalCalibrationCurve {
        horizon,
        predicted,
        observed,
        ici: distances.iter().sum::<f64>() / distances.len() as f64,
        e50: sample_quantile(&distances, 0.5),
        e90: sample_quantile(&distances, 0.9),
        e_max: sample_quantile(&distances, 1.0),
        knots: spline.knots,
    })
}

/// A restricted cubic spline of three knots: linear below the first and above the last.
struct Spline {
    knots: [f64; 3],
}

impl Spline {
    fn of(values: &[f64]) -> Result<Self, StatsError> {
        let mut sorted = values.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        let n = sorted.len();
        if n < 10 {
            return Err(StatsError::TooFew { what: "a smooth calibration curve", needed: 10, found: n });
        }
        let [first, last] = if n < 100 {
            [sorted[4], sorted[n - 5]]
        } else {
            [sample_quantile(&sorted, 0.1), sample_quantile(&sorted, 0.9)]
        };
        let knots = [first, sample_quantile(&sorted, 0.5), last];
        if knots[0] < knots[1] && knots[1] < knots[2] {
            Ok(Self { knots })
        } else {
            let why = "the predictions have too few distinct values for three knots";
            Err(StatsError::Undefined { what: "a smooth calibration curve", why })
        }
    }

    /// The second column of the basis; the first is the value itself.
    fn second(&self, value: f64) -> f64 {
        let [first, middle, last] = self.knots;
        let cube = |knot: f64| (value - knot).max(0.0).powi(3);
        let curved = cube(first) - cube(middle) * (last - first) / (last - middle)
            + cube(last) * (middle - first) / (last - middle);
        curved / (last - first).powi(2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::random::Seed;

    #[test]
    fn the_spline_is_linear_outside_its_knots() {
        let spline = Spline { knots: [0.0, 1.0, 9.0] };
        assert_eq!(spline.second(-3.0), 0.0);
        // At 5: (125 - 64 · 9/8) / 81 = 53/81. Beyond 9 straight: equal differences.
        assert!((spline.second(5.0) - 53.0 / 81.0).abs() < 1e-15);
        let difference = |from: f64| spline.second(from + 1.0) - spline.second(from);
        assert!((difference(10.0) - difference(20.0)).abs() < 1e-12);
    }

    #[test]
    fn true_risks_are_close_to_the_diagonal_and_halved_ones_are_not() {
        let mut stream = Seed::from_study(11).stream();
        let (mut time, mut event, mut risk) = (vec![], vec![], vec![]);
        for _ in 0..4000 {
            let rate = (stream.unit() * 2.0 - 2.0).exp();
            let (failing, censored) = (-(1.0 - stream.unit()).ln() / rate, 3.0 * stream.unit());
            time.push(failing.min(censored));
            event.push(failing <= censored);
            risk.push(1.0 - (-rate).exp());
        }
        let data = SurvivalData::new(&time, &event);
        let good = survival_calibration_curve(&data, &risk, 1.0).unwrap();
        assert!(good.ici < 0.02 && good.e90 < 0.04, "{} {}", good.ici, good.e90);
        let halved: Vec<f64> = risk.iter().map(|risk| 0.5 * risk).collect();
        let bad = survival_calibration_curve(&data, &halved, 1.0).unwrap();
        let mean = halved.iter().sum::<f64>() / 4000.0;
        assert!((bad.ici - mean).abs() < 0.02, "{} {mean}", bad.ici);
    }

    #[test]
    fn what_cannot_be_smoothed_is_an_error() {
        let time: Vec<f64> = (1..=12).map(f64::from).collect();
        let data = SurvivalData::new(&time, &[true; 12]);
        let run = |risk: &[f64], horizon: f64| survival_calibration_curve(&data, risk, horizon).unwrap_err();
        assert!(matches!(run(&[0.5; 12], 3.0), StatsError::Undefined { .. }));
        assert!(matches!(run(&[0.0; 12], 3.0), StatsError::InvalidAt { index: 0, .. }));
        assert!(matches!(run(&[0.5; 12], 13.0), StatsError::OutOfRange { .. }));
    }
}
