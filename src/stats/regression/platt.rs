//! Platt scaling: decision values to probabilities.
//!
//! Estimand: A and B of P(event | f) = 1 / (1 + e^(A f + B)), f a decision value (of a support vector machine).
//!
//! Method: minimises the cross-entropy against smoothed targets, t₊ = (N₊ + 1) / (N₊ + 2) for events and
//! t₋ = 1 / (N₋ + 2) for the others (which keeps the estimate finite under separation), by Newton's method with
//! backtracking, to a relative step of 1e-13. A and B are the same as those of libsvm up to its looser stop
//! (gradient below 1e-5) and its ridge on the Hessian (1e-12).
//!
//! Input: one decision value per subject and its outcome; to be unbiased, decision values from cross-validation, not of
//! the subjects that the machine was trained on. Row order does not matter, bit for bit.
//!
//! Edge cases: a sample with one class only has its targets too, and is fitted; when all decision values are equal, A is
//! 0 and e^−B the odds of the mean target. A is negative when larger values mean the event.
//!
//! Source: Platt 1999; Lin, Lin and Weng 2007, doi:10.1007/s10994-007-5018-6.

use crate::stats::error::{StatsError, require_finite, require_same_length};
use serde::{Deserialize, Serialize};

/// P(event | f) = 1 / (1 + e^(a f + b)).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlattScaling {
    /// Per unit of the decision value; negative where larger values mean the event.
    pub a: f64,
    /// The log odds against the event at a decision value of 0.
    pub b: f64,
}

impl PlattScaling {
    /// The probability of the event at a decision value.
    pub fn probability(&self, decision: f64) -> f64 {
        super::logistic::inverse_logit(-(self.a * decision + self.b))
    }
}

/// Fits the scaling.
pub fn fit(decision: &[f64], outcome: &[bool]) -> Result<PlattScaling, StatsError> {
    require_same_length("decision", decision.len(), "outcome", outcome.len())?;
    if outcome.is_empty() {
        return Err(StatsError::Empty { what: "outcome" });
    }
    require_finite("decision", decision)?;
    let mut rows: Vec<Row> =
        decision.iter().zip(outcome).map(|(f, event)| Row { decision: *f, event: *event }).collect();
    rows.sort_unstable_by(|left, right| left.decision.total_cmp(&right.decision).then(left.event.cmp(&right.event)));
    let (least, greatest) = (rows[0].decision, rows[rows.len() - 1].decision);
    let events = outcome.iter().filter(|event| **event).count() as f64;
    let others = outcome.len() as f64 - events;
    let targets = Targets { event: (events + 1.0) / (events + 2.0), other: 1.0 / (others + 2.0) };
    let mean_target = (events * targets.event + others * targets.other) / outcome.len() as f64;
    let level = (mean_target / (1.0 - mean_target)).ln();
    // In units in which the decision values run from -1/2 to 1/2, so that the scale of the machine does not matter.
    let (middle, range) = (0.5 * least + 0.5 * greatest, greatest - least);
    if range == 0.0 {
        return Ok(PlattScaling { a: 0.0, b: -level });
    }
    if !range.is_finite() {
        return Err(StatsError::OutOfRange { what: "range of the decision values", value: range, expected: "finite" });
    }
    for row in &mut rows {
        row.decision = (row.decision - middle) / range;
    }
    let line = newton(&rows, &targets, Line { slope: 0.0, level })?;
    Ok(PlattScaling { a: -line.slope / range, b: line.slope * middle / range - line.level })
}

struct Row {
    decision: f64,
    event: bool,
}

struct Targets {
    event: f64,
    other: f64,
}

/// Log odds = slope · decision + level.
#[derive(Clone, Copy)]
struct Line {
    slope: f64,
    level: f64,
}

#[derive(Default)]
struct Sums {
    entropy: f64,
    gradient_slope: f64,
    gradient_level: f64,
    slope_slope: f64,
    slope_level: f64,
    level_level: f64,
}

fn sums(rows: &[Row], targets: &Targets, line: Line) -> Sums {
    rows.iter().fold(Sums::default(), |mut sums, row| {
        let target = if row.event { targets.event } else { targets.other };
        let odds = line.slope * row.decision + line.level;
        let tail = (-odds.abs()).exp();
        let (near, far) = (1.0 / (1.0 + tail), tail / (1.0 + tail));
        let probability = if odds >= 0.0 { near } else { far };
        // −t ln p − (1 − t) ln(1 − p) = ln(1 + e^|η|) − (t η or, for η < 0, −(1 − t) |η|), arranged not to cancel.
        sums.entropy += tail.ln_1p() + odds.abs() * if odds >= 0.0 { 1.0 - target } else { target };
        let (error, variance) = (probability - target, near * far);
        sums.gradient_slope += error * row.decision;
        sums.gradient_level += error;
        sums.slope_slope += variance * row.decision * row.decision;
        sums.slope_level += variance * row.decision;
        sums.level_level += variance;
        sums
    })
}

fn newton(rows: &[Row], targets: &Targets, start: Line) -> Result<Line, StatsError> {
    const MAX_ITERATIONS: usize = 200;
    let mut line = start;
    let mut present = sums(rows, targets, line);
    let mut last_size = f64::INFINITY;
    for _ in 0..MAX_ITERATIONS {
        let determinant = present.slope_slope * present.level_level - present.slope_level * present.slope_level;
        if determinant.is_nan() || determinant <= 0.0 {
            return Err(StatsError::NotConverged { iterations: MAX_ITERATIONS });
        }
        let step = Line {
            slope: (present.slope_level * present.gradient_level - present.level_level * present.gradient_slope)
                / determinant,
            level: (present.slope_level * present.gradient_slope - present.slope_slope * present.gradient_level)
                / determinant,
        };
        let size = step.slope.abs().max(step.level.abs()) / line.slope.abs().max(line.level.abs()).max(1.0);
        // Steps that are small and no longer shrink are rounding.
        if size <= 1e-13 || (size <= 1e-8 && size >= 0.5 * last_size) {
            return Ok(line);
        }
        let mut fraction = 1.0;
        loop {
            let trial = Line { slope: line.slope + fraction * step.slope, level: line.level + fraction * step.level };
            let next = sums(rows, targets, trial);
            // Near the minimum a step changes the entropy by less than rounding, and needs no watch.
            if size <= 1e-5 || next.entropy <= present.entropy || fraction < 1e-10 {
                line = trial;
                present = next;
                break;
            }
            fraction *= 0.5;
        }
        last_size = size;
    }
    Err(StatsError::NotConverged { iterations: MAX_ITERATIONS })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_distinct_values_reach_the_mean_targets_of_each() {
        // Decision values −1 (three others, one event) and 1 (one other, three events): two parameters, two groups, so
        // the fitted probabilities are the mean targets. N₊ = N₋ = 4: t₊ = 5/6, t₋ = 1/6; at 1: (3·5/6 + 1/6)/4 = 2/3.
        let decision = [-1.0, -1.0, -1.0, -1.0, 1.0, 1.0, 1.0, 1.0];
        let outcome = [false, false, false, true, false, true, true, true];
        let scaling = fit(&decision, &outcome).unwrap();
        assert!((scaling.probability(1.0) - 2.0 / 3.0).abs() < 1e-12);
        assert!((scaling.a + 2f64.ln()).abs() < 1e-12 && scaling.b.abs() < 1e-12);
    }

    #[test]
    fn separation_is_finite_and_reaches_the_targets() {
        // Two values, separated: the fitted probabilities are the targets, t₊ = 3/4 and t₋ = 1/4.
        let scaling = fit(&[-2.0, -2.0, 3.0, 3.0], &[false, false, true, true]).unwrap();
        assert!((scaling.probability(3.0) - 0.75).abs() < 1e-12 && (scaling.probability(-2.0) - 0.25).abs() < 1e-12);
    }

    #[test]
    fn equal_values_and_one_class_are_fitted() {
        // One event, two others: mean target (2/3 + 2·1/4)/3 = 7/18.
        let scaling = fit(&[1.5; 3], &[true, false, false]).unwrap();
        assert_eq!(scaling.a, 0.0);
        assert!((scaling.probability(9.0) - 7.0 / 18.0).abs() < 1e-15);
        // Events only: every target is 4/5.
        let scaling = fit(&[1.0, 2.0, 3.0], &[true; 3]).unwrap();
        assert!((scaling.probability(2.0) - 0.8).abs() < 1e-9 && scaling.a.abs() < 1e-9);
    }

    #[test]
    fn scale_and_place_of_the_decision_values_do_not_matter() {
        let decision = [-1.3, 0.2, 0.4, 1.9, 2.2, -0.4];
        let outcome = [false, true, false, true, true, false];
        let far: Vec<f64> = decision.iter().map(|f| 1e6 + 1e-3 * f).collect();
        let (near, far_fit) = (fit(&decision, &outcome).unwrap(), fit(&far, &outcome).unwrap());
        for (f, g) in decision.iter().zip(&far) {
            assert!((near.probability(*f) - far_fit.probability(*g)).abs() < 1e-6);
        }
    }

    #[test]
    fn bad_input_is_an_error() {
        assert_eq!(fit(&[f64::NAN], &[true]), Err(StatsError::NotFinite { what: "decision", index: 0 }));
        assert_eq!(fit(&[], &[]), Err(StatsError::Empty { what: "outcome" }));
    }
}
