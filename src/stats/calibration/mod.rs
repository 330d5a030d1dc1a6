//! Calibration: whether predicted probabilities agree with what is observed.
//!
//! All statistics of this family take the outcome (`true` the event) and the predicted probability of the event for each
//! subject, in the same order.

pub mod brier;
pub mod expected_observed;
pub mod flexible_curve;
pub mod groups;
pub mod hosmer_lemeshow;
pub mod integrated_calibration_index;
pub mod intercept_slope;
pub mod loess;
pub mod log_loss;
pub mod lowess;
pub mod survival_curve;
pub mod survival_poisson;

use crate::stats::error::{StatsError, require_finite, require_same_length};

/// One probability in [0, 1] per outcome, at least one.
pub(crate) fn check_probabilities(outcome: &[bool], probability: &[f64]) -> Result<(), StatsError> {
    require_same_length("outcome", outcome.len(), "probability", probability.len())?;
    if outcome.is_empty() {
        return Err(StatsError::Empty { what: "outcome" });
    }
    require_finite("probability", probability)?;
    match probability.iter().position(|p| !(0.0..=1.0).contains(p)) {
        Some(index) => Err(StatsError::InvalidAt { what: "probability", index, expected: "between 0 and 1" }),
        None => Ok(()),
    }
}
