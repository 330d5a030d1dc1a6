//! Calibration over the whole follow-up: observed events against the predicted cumulative hazard.
//!
//! Estimands, with H the cumulative hazard that a model predicts for a subject up to the end of its follow-up and D its
//! event (0 or 1), taken as Poisson with mean:
//! - in the large: e^a H; e^a is the ratio of observed to expected events, 1 is perfect, above 1 the model predicts too
//!   little;
//! - slope: e^a' H₀ e^(b L), with L the model's linear predictor and H₀ = H e^−L its cumulative baseline hazard, so that
//!   ln H − L is the offset; b = 1 is perfect, below 1 predictions are too extreme.
//!
//! The Poisson likelihood of (D, H) is that of a proportional-hazards model whose baseline hazard is known (Berry 1983).
//! Formulas: e^a = ΣD / ΣH with interval e^(a ± z/√ΣD); b by Newton's method, with Wald limits and test of b = 1.
//!
//! Input: events, cumulative hazards and linear predictors, one per subject. A hazard of zero (follow-up that ends before
//! the model's first event) is allowed where there is no event, and adds nothing. Row order does not matter, bit for bit.
//! Edge cases: no event is [`StatsError::NoEvents`]; a constant linear predictor has no slope
//! ([`StatsError::Collinear`]).
//!
//! Source: Crowson, Atkinson and Therneau 2016, doi:10.1177/0962280213497434; Berry 1983, doi:10.2307/2531323.
//! Oracle: the printed values of the public companion of McLernon et al. 2023, doi:10.7326/M22-0844 (R 4.2 `glm`).

use crate::stats::distribution::{normal_critical, normal_two_sided};
use crate::stats::error::{StatsError, require_finite, require_level, require_same_length};
use crate::stats::estimate::{Alternative, Estimate, NullDistribution, Test};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Observed against expected events over the whole follow-up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SurvivalInTheLarge {
    /// Observed events.
    pub observed: usize,
    /// Σ cumulative hazard.
    pub expected: f64,
    /// Observed over expected.
    pub ratio: Estimate,
}

/// Calibration slope over the whole follow-up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SurvivalSlope {
    /// Of the logit of the predictions.
    pub slope: Estimate,
    /// That the slope is 1.
    pub test: Test,
}

/// Observed over expected events.
pub fn survival_in_the_large(
    event: &[bool],
    cumulative_hazard: &[f64],
    level: f64,
) -> Result<SurvivalInTheLarge, StatsError> {
    check_input(event, cumulative_hazard)?;
    require_level(level)?;
    let mut sorted = cumulative_hazard.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let expected: f64 = sorted.iter().sum();
    let observed = event.iter().filter(|event| **event).count();
    let ratio = observed as f64 / expected;
    let factor = (normal_critical(level) / (observed as f64).sqrt()).exp();
    let ratio = Estimate::new(ratio, event.len()).with_interval(ratio / factor, ratio * factor, level, "Wald, log");
    Ok(SurvivalInTheLarge { observed, expected, ratio })
}

/// The slope of the linear predictor.
pub fn survival_slope(
    event: &[bool],
    cumulative_hazard: &[f64],
    linear_predictor: &[f64],
    level: f64,
) -> Result<SurvivalSlope, StatsError> {
    const MAX_ITERATIONS: usize = 100;
    check_input(event, cumulative_hazard)?;
    require_same_length("event", event.len(), "linear predictor", linear_predictor.len())?;
    require_finite("linear predictor", linear_predictor)?;
    require_level(level)?;
    let mut rows: Vec<Row> = (0..event.len())
        .map(|row| Row { event: event[row], hazard: cumulative_hazard[row], predictor: linear_predictor[row] })
        .collect();
    rows.sort_unstable_by(|left, right| {
        (left.predictor.total_cmp(&right.predictor))
            .then(left.hazard.total_cmp(&right.hazard))
            .then(left.event.cmp(&right.event))
    });
    let (least, greatest) = (rows[0].predictor, rows[rows.len() - 1].predictor);
    if least == greatest {
        return Err(StatsError::Collinear { column: 0 });
    }
    // The intercept is taken out: given the slope, events over expected events is its maximum-likelihood estimate.
    let mut slope = 1.0;
    for _ in 0..MAX_ITERATIONS {
        let Moments { score, information } = moments(&rows, slope);
        let step = score / information;
        if !step.is_finite() {
            return Err(StatsError::NotConverged { iterations: MAX_ITERATIONS });
        }
        if step.abs() <= 1e-13 * f64::max(1.0, slope.abs()) {
            let error = information.sqrt().recip();
            return Ok(summary(slope, error, event.len(), level));
        }
        // The profile likelihood is concave; steps are bounded so that no exponential overflows on the way.
        let farthest = 5.0 / (greatest - least);
        slope += step.clamp(-farthest, farthest);
    }
    Err(StatsError::NotConverged { iterations: MAX_ITERATIONS })
}

struct Row {
    event: bool,
    hazard: f64,
    predictor: f64,
}

struct Moments {
    score: f64,
    information: f64,
}

/// Score and information of the profile likelihood of the slope: with weights H e^((b − 1) L) scaled to the number of
/// events, Σ D L − Σ weight · L, and the weighted variance of L.
fn moments(rows: &[Row], slope: f64) -> Moments {
    let centre = 0.5 * rows[0].predictor + 0.5 * rows[rows.len() - 1].predictor;
    let (mut events, mut total, mut observed, mut first) = (0.0, 0.0, 0.0, 0.0);
    for row in rows {
        let place = row.predictor - centre;
        let weight = row.hazard * ((slope - 1.0) * place).exp();
        total += weight;
        first += weight * place;
        if row.event {
            events += 1.0;
            observed += place;
        }
    }
    let mean = first / total;
    let second: f64 = rows
        .iter()
        .map(|row| {
            let place = row.predictor - centre;
            row.hazard * ((slope - 1.0) * place).exp() * (place - mean) * (place - mean)
        })
        .sum();
    Moments { score: observed - events * mean, information: events * second / total }
}

fn summary(slope: f64, error: f64, n: usize, level: f64) -> SurvivalSlope {
    let half = normal_critical(level) * error;
    let z = (slope - 1.0) / error;
    SurvivalSlope {
        slope: Estimate::new(slope, n).with_standard_error(error).with_interval(
            slope - half,
            slope + half,
            level,
            "Wald",
        ),
        test: Test {
            statistic: Some(z),
            distribution: NullDistribution::Normal,
            p_value: normal_two_sided(z),
            alternative: Alternative::TwoSided,
            method: Cow::Borrowed("Wald"),
        },
    }
}

fn check_input(event: &[bool], cumulative_hazard: &[f64]) -> Result<(), StatsError> {
    require_same_length("event", event.len(), "cumulative hazard", cumulative_hazard.len())?;
    if event.is_empty() {
        return Err(StatsError::Empty { what: "event" });
    }
    require_finite("cumulative hazard", cumulative_hazard)?;
    let impossible = |row: usize| cumulative_hazard[row] < 0.0 || (event[row] && cumulative_hazard[row] == 0.0);
    if let Some(index) = (0..event.len()).find(|row| impossible(*row)) {
        let expected = "positive, or zero where there is no event";
        return Err(StatsError::InvalidAt { what: "cumulative hazard", index, expected });
    }
    if event.contains(&true) { Ok(()) } else { Err(StatsError::NoEvents) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_the_large_by_hand() {
        // Two events, expected 1.6: ratio 1.25, limits by a factor of exp(1.96/√2).
        let result = survival_in_the_large(&[true, false, true], &[0.4, 0.4, 0.8], 0.95).unwrap();
        assert!((result.ratio.value - 1.25).abs() < 1e-15);
        let factor = (1.959_963_984_540_054 / 2f64.sqrt()).exp();
        assert!((result.ratio.interval.unwrap().upper - 1.25 * factor).abs() < 1e-12);
    }

    #[test]
    fn slope_of_two_groups_by_hand() {
        // L = 0 and 1 with H = 1 and e (H₀ = 1): 2 of 4 events at L = 0, 4 of 4 at L = 1, so that the rates are ½ and 1
        // per unit of H₀ and b = ln 2. Information: 6 events, shares 1/3 and 2/3: 6 · 2/9 = 4/3.
        let event = [true, true, false, false, true, true, true, true];
        let predictor = [0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0];
        let hazard: Vec<f64> = predictor.iter().map(|l: &f64| l.exp()).collect();
        let result = survival_slope(&event, &hazard, &predictor, 0.95).unwrap();
        assert!((result.slope.value - 2f64.ln()).abs() < 1e-12);
        assert!((result.slope.standard_error.unwrap() - 0.75f64.sqrt()).abs() < 1e-12);
    }

    #[test]
    fn no_event_and_a_constant_predictor_are_errors() {
        assert_eq!(survival_in_the_large(&[false], &[1.0], 0.95), Err(StatsError::NoEvents));
        let constant = survival_slope(&[true, false], &[1.0, 2.0], &[0.5, 0.5], 0.95);
        assert_eq!(constant, Err(StatsError::Collinear { column: 0 }));
    }
}
