//! The smallest difference of two AUCs that a study can detect, and the n for a given difference.
//!
//! Estimand: the true difference Δ of two AUCs on the same subjects for which a two-sided DeLong test at 1 − level rejects
//! equality with probability `power`: Δ = (z(level) + z(power)) SE, where SE is the standard error of the difference with
//! the n at hand, z(level) the two-sided critical value and z(power) the one-sided quantile. The standard error falls with
//! √n at a fixed prevalence and correlation of the scores, so that a difference δ needs n (Δ/δ)² subjects, rounded up.
//!
//! Assumptions: the standard error is that under the alternative, here the study's own; the other tail of the test has no
//! part in its power. A difference that was observed is no reason to plan with it.
//!
//! Edge cases: a standard error of zero or none is an error; so is a power or a level outside (0, 1), and a difference
//! that is not positive or that needs more than 10^12 subjects.
//!
//! Source: the normal-theory formula, as Obuchowski and McClish 1997, doi:10.1002/(SICI)1097-0258(19970715)16:13<1529::AID-SIM565>3.0.CO;2-H,
//! use it for ROC areas. No oracle: checked by hand.

use crate::stats::distribution::{normal_critical, normal_quantile};
use crate::stats::error::{StatsError, require_level};
use crate::stats::estimate::Estimate;
use serde::{Deserialize, Serialize};

/// What a study can detect, and what it would take to detect a given difference.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct DetectableDifference {
    /// Subjects at hand.
    pub n: usize,
    /// Of the difference, with that n.
    pub standard_error: f64,
    /// One less the two-sided significance level.
    pub level: f64,
    pub power: f64,
    /// The smallest true difference that is found with this power.
    pub smallest: f64,
    /// The difference asked for, and the subjects it needs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<SampleForDifference>,
}

/// How many subjects a difference needs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SampleForDifference {
    pub difference: f64,
    pub n: u64,
}

/// From the estimated `difference` of two AUCs with its standard error; its value is not looked at.
pub fn detectable_difference(
    difference: &Estimate,
    power: f64,
    level: f64,
    asked: Option<f64>,
) -> Result<DetectableDifference, StatsError> {
    require_level(level)?;
    if !(power > 0.0 && power < 1.0) {
        return Err(StatsError::OutOfRange { what: "power", value: power, expected: "between 0 and 1" });
    }
    let standard_error = match difference.standard_error {
        Some(error) if error > 0.0 && error.is_finite() => error,
        _ => {
            return Err(StatsError::Undefined {
                what: "a detectable difference",
                why: "the difference has no standard error, or one of zero",
            });
        }
    };
    let smallest = (normal_critical(level) + normal_quantile(power)) * standard_error;
    let asked = asked.map(|asked| subjects(asked, smallest, difference.n)).transpose()?;
    Ok(DetectableDifference { n: difference.n, standard_error, level, power, smallest, asked })
}

fn subjects(difference: f64, smallest: f64, n: usize) -> Result<SampleForDifference, StatsError> {
    if !(difference > 0.0 && difference.is_finite()) {
        return Err(StatsError::OutOfRange { what: "difference", value: difference, expected: "positive" });
    }
    let needed = (n as f64 * (smallest / difference).powi(2)).ceil();
    if needed > 1e12 {
        return Err(StatsError::Undefined { what: "a sample size", why: "it is beyond 10^12 subjects" });
    }
    Ok(SampleForDifference { difference, n: needed as u64 })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// (1.959964 + 0.841621) · 0.02 = 0.056032; for 0.028016, half of it, four times as many subjects.
    #[test]
    fn by_hand() {
        let difference = Estimate::new(0.3, 150).with_standard_error(0.02);
        let found = detectable_difference(&difference, 0.8, 0.95, Some(0.05)).unwrap();
        assert!((found.smallest - 0.056_031_7).abs() < 1e-6);
        // 150 · (0.0560317/0.05)² = 188.37
        assert_eq!(found.asked.unwrap().n, 189);
        let half = detectable_difference(&difference, 0.8, 0.95, Some(found.smallest / 2.0)).unwrap();
        assert_eq!(half.asked.unwrap().n, 600);
    }

    #[test]
    fn what_cannot_be_planned_with_is_refused() {
        let difference = Estimate::new(0.0, 150).with_standard_error(0.0);
        assert!(detectable_difference(&difference, 0.8, 0.95, None).is_err());
        let difference = Estimate::new(0.0, 150).with_standard_error(0.1);
        assert!(detectable_difference(&difference, 1.0, 0.95, None).is_err());
        assert!(detectable_difference(&difference, 0.8, 0.95, Some(0.0)).is_err());
        assert!(detectable_difference(&difference, 0.8, 0.95, Some(1e-9)).is_err());
    }
}
