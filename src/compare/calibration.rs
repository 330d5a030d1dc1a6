//! Calibration of either model, side by side.

use super::arrange::{Arranged, Scores};
use super::facts::{CalibrationFacts, CalibrationPair};
use super::scored::{ByHorizon, Scored};
use crate::stats::calibration::expected_observed::observed_expected_ratio;
use crate::stats::calibration::integrated_calibration_index::integrated_calibration_index;
use crate::stats::calibration::intercept_slope::{CalibrationOptions, weak_calibration};
use crate::stats::calibration::survival_curve::{SurvivalCalibrationOptions, survival_calibration};
use crate::stats::survival::survival_calibration::{RatioInterval, observed_expected_survival};

/// `None` where a model gives no probabilities or, of a survival outcome, no risks by the horizon.
pub fn pair(arranged: &Arranged, variant: &Scores, level: f64) -> Option<CalibrationPair> {
    if arranged.binary().is_none() {
        let (base, variant) = (by_horizon(arranged, &arranged.base, level), by_horizon(arranged, variant, level));
        return Some(CalibrationPair { base: base?, variant: variant? });
    }
    let pair = arranged.probabilities(variant)?;
    let (base, variant) =
        rayon::join(|| one(pair.outcome, pair.base, level), || one(pair.outcome, pair.variant, level));
    Some(CalibrationPair { base, variant })
}

/// What is not defined for these predictions is absent.
fn one(outcome: &[bool], probability: &[f64], level: f64) -> CalibrationFacts {
    let options = CalibrationOptions { level, ..CalibrationOptions::default() };
    let weak = weak_calibration(outcome, probability, &options).ok();
    CalibrationFacts {
        in_the_large: weak.as_ref().map(|weak| weak.in_the_large.clone()),
        slope: weak.map(|weak| weak.slope),
        observed_expected_ratio: observed_expected_ratio(outcome, probability, level).ok().map(|found| found.ratio),
        integrated_calibration_index: integrated_calibration_index(outcome, probability).ok().map(|found| found.ici),
    }
}

/// Observed over expected risk by the horizon, the slope, and the distance from a smooth curve.
fn by_horizon(arranged: &Arranged, scores: &Scores, level: f64) -> Option<CalibrationFacts> {
    let scored = Scored::of(arranged, scores, f64::NAN);
    let judged = scored.by_horizon().ok()?;
    let ByHorizon { data, risk, horizon } = &judged;
    let ratio = observed_expected_survival(data, risk, *horizon, level, RatioInterval::default());
    let curve = survival_calibration(data, risk, *horizon, &SurvivalCalibrationOptions::default());
    Some(CalibrationFacts {
        in_the_large: None,
        slope: judged.slope(level).ok(),
        observed_expected_ratio: ratio.ok().map(|found| found.ratio),
        integrated_calibration_index: curve.ok().map(|found| found.distance.ici),
    })
}
