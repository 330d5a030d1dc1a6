//! Calibration of either model, side by side.

use super::arrange::{Arranged, Scores};
use super::facts::{CalibrationFacts, CalibrationPair};
use crate::stats::calibration::expected_observed::observed_expected_ratio;
use crate::stats::calibration::integrated_calibration_index::integrated_calibration_index;
use crate::stats::calibration::intercept_slope::{CalibrationOptions, weak_calibration};

/// `None` where the outcome is not binary or a model gives no probabilities.
pub fn pair(arranged: &Arranged, variant: &Scores, level: f64) -> Option<CalibrationPair> {
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
