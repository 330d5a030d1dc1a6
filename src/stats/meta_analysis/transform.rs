//! Scales on which estimates are pooled, and the way back.
//!
//! The standard error on the new scale is the delta method's: SE/(p(1 − p)) for the logit, SE/x for the logarithm. Where
//! only an interval is at hand, SE is the width of the transformed interval over 2z.
//! Edge cases: an AUC of 0 or 1 has no logit, and a ratio of 0 no logarithm: `Undefined`.
//! Source: Debray et al. 2017, doi:10.1136/bmj.i6460 (pooling of C statistics and O:E ratios).

use crate::stats::StatsError;
use crate::stats::distribution::normal_critical;
use crate::stats::estimate::{Estimate, Interval};
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PoolingScale {
    /// As it is: a calibration slope or intercept.
    Identity,
    /// ln(p/(1 − p)): an AUC or C index.
    Logit,
    /// A hazard ratio, an observed-to-expected ratio.
    Logarithm,
}

/// An estimate on a pooling scale.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Transformed {
    pub value: f64,
    pub standard_error: f64,
}

impl PoolingScale {
    pub fn forward(self, value: f64) -> f64 {
        match self {
            PoolingScale::Identity => value,
            PoolingScale::Logit => (value / (1.0 - value)).ln(),
            PoolingScale::Logarithm => value.ln(),
        }
    }

    pub fn back(self, value: f64) -> f64 {
        match self {
            PoolingScale::Identity => value,
            PoolingScale::Logit => 1.0 / (1.0 + (-value).exp()),
            PoolingScale::Logarithm => value.exp(),
        }
    }

    /// An estimate with its standard error, or with an interval, on this scale.
    pub fn estimate(self, estimate: &Estimate) -> Result<Transformed, StatsError> {
        let value = self.forward(estimate.value);
        if !value.is_finite() {
            return Err(StatsError::Undefined { what: "the pooling scale", why: "the estimate is at its border" });
        }
        let slope = match self {
            PoolingScale::Identity => 1.0,
            PoolingScale::Logit => 1.0 / (estimate.value * (1.0 - estimate.value)),
            PoolingScale::Logarithm => 1.0 / estimate.value,
        };
        let error = match (estimate.standard_error, &estimate.interval) {
            (Some(error), _) => slope * error,
            (None, Some(interval)) => self.error_of(interval),
            (None, None) => f64::NAN,
        };
        if error > 0.0 && error.is_finite() {
            Ok(Transformed { value, standard_error: error })
        } else {
            Err(StatsError::Undefined { what: "the pooling scale", why: "the estimate has no standard error" })
        }
    }

    fn error_of(self, interval: &Interval) -> f64 {
        (self.forward(interval.upper) - self.forward(interval.lower)) / (2.0 * normal_critical(interval.level))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        let auc = Estimate::new(0.8, 10).with_standard_error(0.04);
        let found = PoolingScale::Logit.estimate(&auc).unwrap();
        assert!((found.value - 4f64.ln()).abs() < 1e-15);
        assert!((found.standard_error - 0.25).abs() < 1e-15);
        let ratio = Estimate::new(2.0, 10).with_interval(1.0, 4.0, 0.95, "Wald");
        let found = PoolingScale::Logarithm.estimate(&ratio).unwrap();
        assert!((found.standard_error - 4f64.ln() / (2.0 * normal_critical(0.95))).abs() < 1e-15);
    }

    #[test]
    fn there_and_back() {
        for scale in [PoolingScale::Identity, PoolingScale::Logit, PoolingScale::Logarithm] {
            assert!((scale.back(scale.forward(0.7)) - 0.7).abs() < 1e-15);
        }
    }

    #[test]
    fn borders_have_no_scale() {
        assert!(PoolingScale::Logit.estimate(&Estimate::new(1.0, 5).with_standard_error(0.1)).is_err());
        assert!(PoolingScale::Identity.estimate(&Estimate::new(1.0, 5)).is_err());
        assert!(PoolingScale::Identity.estimate(&Estimate::new(1.0, 5).with_standard_error(0.0)).is_err());
    }
}
