//! Reclassification: what a new model's probabilities change against an old one's.
//!
//! **Caution.** The net reclassification improvement and the integrated discrimination improvement are not proper
//! scoring rules: a worse calibrated, or a purely noisy, new model can score a significant improvement on new data
//! (Hilden and Gerds 2014, doi:10.1002/sim.5804; Pepe et al. 2015, doi:10.1007/s12561-014-9118-0), and their tests
//! reject too often where the models are nested and fitted to the same subjects (Kerr et al. 2014,
//! doi:10.1097/EDE.0000000000000018; Demler, Pencina and D'Agostino 2012, doi:10.1002/sim.5328). They are here to check and
//! to reproduce published numbers; a likelihood-ratio test, the Brier score and net benefit answer the question better.

pub mod integrated_discrimination;
pub mod net_reclassification;

use crate::stats::distribution::normal_two_sided;
use crate::stats::error::{StatsError, require_finite, require_same_length};
use crate::stats::estimate::{Alternative, NullDistribution, Test};
use std::borrow::Cow;

/// A probability of either model for every outcome, and at least one subject of each class.
fn check_pairs(outcome: &[bool], old: &[f64], new: &[f64]) -> Result<(), StatsError> {
    for (name, probability) in [("old probability", old), ("new probability", new)] {
        require_same_length("outcome", outcome.len(), name, probability.len())?;
        require_finite(name, probability)?;
        if let Some(index) = probability.iter().position(|p| !(0.0..=1.0).contains(p)) {
            return Err(StatsError::InvalidAt { what: name, index, expected: "between 0 and 1" });
        }
    }
    let positives = outcome.iter().filter(|event| **event).count();
    let negatives = outcome.len() - positives;
    if positives == 0 || negatives == 0 { Err(StatsError::OneClass { positives, negatives }) } else { Ok(()) }
}

/// Estimate over standard error; `None` without spread.
fn wald(value: f64, standard_error: f64) -> Option<Test> {
    let z = value / standard_error;
    (standard_error > 0.0).then(|| Test {
        statistic: Some(z),
        distribution: NullDistribution::Normal,
        p_value: normal_two_sided(z),
        alternative: Alternative::TwoSided,
        method: Cow::Borrowed("Wald"),
    })
}
