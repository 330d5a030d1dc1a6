//! The integrated discrimination improvement (IDI).
//!
//! Estimand: the rise of the discrimination slope (mean probability of events minus mean probability of the others) from
//! the old to the new model; the same as the rise of the mean among events plus the fall of the mean among the others.
//! See the caution in [`super`].
//!
//! Formula of the standard error: √(s₁²/n₁ + s₀²/n₀), s² the sample variance (divisor n − 1) of the change of
//! probability in each class; the test is estimate over this standard error.
//!
//! Input: outcomes (`true` the event), probabilities in [0, 1] of the old and the new model. Row order does not matter,
//! bit for bit.
//! Edge cases: needs both classes; a class of one subject has no variance, and the standard error, interval and test are
//! then absent; where no probability changes differently from another the test is `None`.
//!
//! Source: Pencina et al. 2008, doi:10.1002/sim.2929. Oracle: Hmisc 4.8-0 `improveProb`.

use super::net_reclassification::Improvement;
use super::{check_pairs, wald};
use crate::stats::error::{StatsError, require_level};
use crate::stats::estimate::Estimate;
use serde::{Deserialize, Serialize};

/// The IDI and its parts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IntegratedDiscrimination {
    /// The improvement.
    pub idi: Improvement,
    /// Rise of the mean probability among events ("improvement of integrated sensitivity").
    pub events: Improvement,
    /// Fall of the mean probability among the others ("improvement of integrated specificity").
    pub others: Improvement,
    /// Mean probability of events minus that of the others, under either model.
    pub old_slope: f64,
    /// As `old_slope`, of the new model.
    pub new_slope: f64,
}

/// The IDI of a new against an old model.
pub fn integrated_discrimination(
    outcome: &[bool],
    old: &[f64],
    new: &[f64],
    level: f64,
) -> Result<IntegratedDiscrimination, StatsError> {
    check_pairs(outcome, old, new)?;
    require_level(level)?;
    let class = |event: bool| Class::new(outcome, old, new, event);
    let (events, others) = (class(true), class(false));
    let variance = match (events.variance, others.variance) {
        (Some(of_events), Some(of_others)) => Some(of_events + of_others),
        _ => None,
    };
    Ok(IntegratedDiscrimination {
        idi: improvement(events.change - others.change, variance, outcome.len(), level),
        events: improvement(events.change, events.variance, events.n, level),
        others: improvement(-others.change, others.variance, others.n, level),
        old_slope: events.old_mean - others.old_mean,
        new_slope: events.new_mean - others.new_mean,
    })
}

fn improvement(value: f64, variance: Option<f64>, n: usize, level: f64) -> Improvement {
    match variance {
        Some(variance) => Improvement::new(value, variance, n, level),
        None => Improvement { estimate: Estimate::new(value, n), test: wald(value, 0.0) },
    }
}

/// The changes of probability in one class.
struct Class {
    n: usize,
    /// Mean change.
    change: f64,
    /// Of the mean change; `None` for one subject.
    variance: Option<f64>,
    old_mean: f64,
    new_mean: f64,
}

impl Class {
    fn new(outcome: &[bool], old: &[f64], new: &[f64], event: bool) -> Self {
        let of_class = |values: &[f64]| {
            let mut values: Vec<f64> =
                outcome.iter().zip(values).filter(|(outcome, _)| **outcome == event).map(|(_, value)| *value).collect();
            values.sort_unstable_by(f64::total_cmp);
            values
        };
        let changes: Vec<f64> = old.iter().zip(new).map(|(old, new)| new - old).collect();
        let mut changes = of_class(&changes);
        // Summed by size, so that exchanging the models changes the sign and no more.
        changes.sort_unstable_by(|left, right| left.abs().total_cmp(&right.abs()));
        let n = changes.len();
        let change = mean(&changes);
        let squares: f64 = changes.iter().map(|value| (value - change) * (value - change)).sum();
        Self {
            n,
            change,
            variance: (n > 1).then(|| squares / (n as f64 - 1.0) / n as f64),
            old_mean: mean(&of_class(old)),
            new_mean: mean(&of_class(new)),
        }
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        // Events: changes 0.1, 0.3 (mean 0.2, variance 0.02, of the mean 0.01). Others: −0.2, 0 (mean −0.1, the same).
        let outcome = [true, true, false, false];
        let (old, new) = ([0.5, 0.5, 0.5, 0.4], [0.6, 0.8, 0.3, 0.4]);
        let result = integrated_discrimination(&outcome, &old, &new, 0.95).unwrap();
        assert!((result.idi.estimate.value - 0.3).abs() < 1e-15);
        assert!((result.idi.estimate.standard_error.unwrap() - 0.02f64.sqrt()).abs() < 1e-15);
        assert!((result.new_slope - result.old_slope - 0.3).abs() < 1e-15);
        let back = integrated_discrimination(&outcome, &new, &old, 0.95).unwrap();
        assert_eq!(back.idi.estimate.value, -result.idi.estimate.value);
    }

    #[test]
    fn one_event_has_no_standard_error() {
        let result =
            integrated_discrimination(&[true, false, false], &[0.5, 0.4, 0.3], &[0.7, 0.3, 0.3], 0.95).unwrap();
        assert!((result.idi.estimate.value - 0.25).abs() < 1e-15);
        assert_eq!((result.idi.estimate.standard_error, result.idi.test), (None, None));
    }
}
