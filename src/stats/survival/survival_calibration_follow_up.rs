//! Calibration over the whole follow-up: observed events against those that the model expects while each subject is watched.
//!
//! Estimand: the ratio of events observed to events expected, and how much the log hazard rises with the linear predictor
//! (1 is perfect; below 1 the predictions are too extreme).
//! Formula: e_i is the cumulative hazard that the model predicts for subject i at the end of its own follow-up, so that
//! Σ e_i is the number of events expected. Events are modelled as Poisson with offset ln e_i. Without covariate the
//! intercept is ln(Σ events / Σ e), with standard error 1 / √(Σ events). For the slope the offset is ln e_i - η_i, η_i the
//! linear predictor with coefficient to be estimated; its standard error is from the information.
//!
//! Assumptions: the hazard ratio of observed to predicted is constant over time.
//! Shapes: `expected` one per subject, zero or positive; `linear_predictor` on the log hazard scale. Row order: no effect
//! on a single bit. A subject with no event expected, being censored before the model's first event, says nothing and
//! counts for nothing; an event where none is expected is an error. So are no event at all and, for the slope, a linear
//! predictor that does not vary.
//!
//! Source: Crowson, Atkinson and Therneau 2016, doi:10.1177/0962280213497434; Berry 1983, doi:10.2307/2530804.
//! Oracle: R 4.2.2, `glm(status ~ offset(log(e)), poisson)` and `glm(status ~ lp + offset(log(e) - lp), poisson)`.

use crate::stats::distribution::normal_critical;
use crate::stats::error::{StatsError, require_finite, require_level, require_same_length};
use crate::stats::estimate::Estimate;
use serde::{Deserialize, Serialize};

/// Events observed over events expected.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FollowUpCalibration {
    /// Events observed, and expected by the model.
    pub observed: usize,
    pub expected: f64,
    /// ln(observed / expected): the intercept of the Poisson model.
    pub log_ratio: Estimate,
    /// observed / expected.
    pub ratio: Estimate,
}

const METHOD: &str = "Poisson, Wald";

/// Observed against expected events.
pub fn follow_up_calibration(event: &[bool], expected: &[f64], level: f64) -> Result<FollowUpCalibration, StatsError> {
    check(event, expected, level)?;
    let mut sorted = expected.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let total: f64 = sorted.iter().sum();
    let observed = event.iter().filter(|event| **event).count();
    let (value, error) = ((observed as f64 / total).ln(), 1.0 / (observed as f64).sqrt());
    let (lower, upper) = (value - normal_critical(level) * error, value + normal_critical(level) * error);
    let n = event.len();
    Ok(FollowUpCalibration {
        observed,
        expected: total,
        log_ratio: Estimate::new(value, n).with_standard_error(error).with_interval(lower, upper, level, METHOD),
        ratio: Estimate::new(value.exp(), n).with_interval(lower.exp(), upper.exp(), level, METHOD),
    })
}

/// The slope of the linear predictor.
pub fn follow_up_calibration_slope(
    event: &[bool],
    expected: &[f64],
    linear_predictor: &[f64],
    level: f64,
) -> Result<Estimate, StatsError> {
    check(event, expected, level)?;
    require_same_length("event", event.len(), "linear predictor", linear_predictor.len())?;
    require_finite("linear predictor", linear_predictor)?;
    let mut rows: Vec<(f64, f64, bool)> =
        (0..event.len()).map(|row| (linear_predictor[row], expected[row], event[row])).collect();
    rows.sort_unstable_by(|left, right| {
        left.0.total_cmp(&right.0).then(left.1.total_cmp(&right.1)).then(left.2.cmp(&right.2))
    });
    let events = rows.iter().filter(|row| row.2).count() as f64;
    // The mean predictor of those with the event: what the expected events must match at the solution.
    let target = rows.iter().filter(|row| row.2).fold(0.0, |sum, row| sum + row.0) / events;
    if rows[0].0 == rows[rows.len() - 1].0 {
        return Err(StatsError::Collinear { column: 0 });
    }
    // With the intercept profiled out the slope solves: mean of η under weights e exp((slope - 1) η) = target.
    let moments = |slope: f64| {
        let shift = rows.iter().fold(f64::NEG_INFINITY, |most, row| most.max((slope - 1.0) * row.0));
        let (mut total, mut first, mut second) = (0.0, 0.0, 0.0);
        for (predictor, expected, _) in &rows {
            let (weight, distance) = (expected * ((slope - 1.0) * predictor - shift).exp(), predictor - target);
            total += weight;
            first += weight * distance;
            second += weight * distance * distance;
        }
        let excess = first / total;
        (excess, second / total - excess * excess)
    };
    let mut slope = 1.0;
    let mut iterations = 0;
    loop {
        let (excess, variance) = moments(slope);
        let step = excess / variance;
        if !step.is_finite() || iterations == 100 {
            return Err(StatsError::NotConverged { iterations });
        }
        // The mean rises with the slope, but flattens far out: a long step is cut short.
        let range = rows[rows.len() - 1].0 - rows[0].0;
        slope -= step.clamp(-4.0 / range, 4.0 / range);
        iterations += 1;
        if step.abs() <= 1e-9 * (1.0 + slope.abs()) {
            break;
        }
    }
    let (_, variance) = moments(slope);
    let error = 1.0 / (events * variance).sqrt();
    let margin = normal_critical(level) * error;
    Ok(Estimate::new(slope, event.len()).with_standard_error(error).with_interval(
        slope - margin,
        slope + margin,
        level,
        METHOD,
    ))
}

fn check(event: &[bool], expected: &[f64], level: f64) -> Result<(), StatsError> {
    require_level(level)?;
    require_same_length("event", event.len(), "expected events", expected.len())?;
    require_finite("expected events", expected)?;
    if let Some(index) = expected.iter().position(|expected| *expected < 0.0) {
        return Err(StatsError::InvalidAt { what: "expected events", index, expected: "zero or positive" });
    }
    if let Some(index) = (0..event.len()).find(|row| event[*row] && expected[*row] == 0.0) {
        let what = "expected events";
        return Err(StatsError::InvalidAt { what, index, expected: "positive where there is an event" });
    }
    if event.contains(&true) { Ok(()) } else { Err(StatsError::NoEvents) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ratio_by_hand() {
        let result = follow_up_calibration(&[true, false, true, false], &[0.1, 0.3, 0.4, 0.2], 0.95).unwrap();
        assert_eq!((result.observed, result.expected), (2, 1.0));
        assert!((result.log_ratio.value - 2f64.ln()).abs() < 1e-15);
        assert!((result.log_ratio.standard_error.unwrap() - 0.5f64.sqrt()).abs() < 1e-15);
        assert!(follow_up_calibration(&[false], &[0.1], 0.95).is_err());
        assert!(follow_up_calibration(&[true], &[0.0], 0.95).is_err());
    }

    #[test]
    fn the_slope_of_two_values_is_a_log_rate_ratio() {
        // Predictors 0 and 1; 1 event of 2 expected, 3 of 1 expected: the slope is 1 + ln(3/1) - ln(1/2) = 1 + ln 6, with
        // variance 1/1 + 1/3.
        let event = [true, false, true, true, true];
        let expected = [1.0, 1.0, 0.5, 0.25, 0.25];
        let slope = follow_up_calibration_slope(&event, &expected, &[0.0, 0.0, 1.0, 1.0, 1.0], 0.95).unwrap();
        assert!((slope.value - (1.0 + 6f64.ln())).abs() < 1e-12);
        assert!((slope.standard_error.unwrap() - (4.0f64 / 3.0).sqrt()).abs() < 1e-12);
        let same = follow_up_calibration_slope(&event, &expected, &[2.0; 5], 0.95);
        assert_eq!(same.unwrap_err(), StatsError::Collinear { column: 0 });
    }

    #[test]
    fn events_at_one_end_only_have_no_finite_slope() {
        let slope = follow_up_calibration_slope(&[false, false, true], &[0.5; 3], &[0.0, 1.0, 2.0], 0.95);
        assert!(matches!(slope, Err(StatsError::NotConverged { .. })));
    }
}
