//! Quantiles of a survival curve: the time by which a fraction of the subjects has the event.
//!
//! Estimand: the p-quantile of the time to the event, for 0 < p < 1.
//! Formula: the first time at which S(t) <= 1 - p. Where the curve runs exactly at 1 - p until it drops again, every
//! time of that stretch is a quantile, and its midpoint is given. The limits are the same function of the curve's
//! pointwise limits (Brookmeyer and Crowley), on the scale of the curve's interval.
//! Where it runs there to its end, its first time is given, as R prints a median (R's `quantile()` takes the midpoint to
//! the last observed time then).
//! Equality is to 1.5e-8, so that a survival of 0.5 that came out as 0.49999999999999994 is 0.5.
//!
//! Edge cases: a curve (or limit) that does not come down to 1 - p gives infinity: the quantile was not reached.
//! Steps without limits (survival 0) are passed over for the limits. No quantile is an error but p outside (0, 1).
//!
//! Source: Brookmeyer and Crowley 1982, doi:10.2307/2530286.
//! Oracle: R survival 3.5-3, `quantile(survfit(...))`, whose NA is infinity here.

use super::kaplan_meier::{KaplanMeier, KaplanMeierStep};
use crate::stats::error::StatsError;
use crate::stats::estimate::Estimate;

/// Two probabilities of a curve that differ by no more are equal.
const TOLERANCE: f64 = 1.0 / (1u64 << 26) as f64;

/// The time by which a fraction `p` has the event, with the limits of the curve's interval.
pub fn quantile(curve: &KaplanMeier, p: f64) -> Result<Estimate, StatsError> {
    if p > 0.0 && p < 1.0 {
        Ok(quantile_of(curve, p))
    } else {
        Err(StatsError::OutOfRange { what: "probability of a quantile", value: p, expected: "between 0 and 1" })
    }
}

pub(crate) fn quantile_of(curve: &KaplanMeier, p: f64) -> Estimate {
    let crossing = |limit: fn(&KaplanMeierStep) -> Option<f64>| first_at_or_below(&curve.steps, limit, 1.0 - p);
    Estimate::new(crossing(|step| Some(step.survival)), curve.n).with_interval(
        crossing(|step| step.lower),
        crossing(|step| step.upper),
        curve.level,
        curve.interval_method.method(curve.variance),
    )
}

fn first_at_or_below(steps: &[KaplanMeierStep], value: fn(&KaplanMeierStep) -> Option<f64>, target: f64) -> f64 {
    let mut reached = steps.iter().filter_map(|step| value(step).map(|value| (step.time, value)));
    let Some((start, level)) = reached.find(|(_, value)| *value < target + TOLERANCE) else {
        return f64::INFINITY;
    };
    if (level - target).abs() >= TOLERANCE {
        return start;
    }
    // The curve may run at the target to its end: then its first time is all that is known.
    reached.find(|(_, value)| *value < level - TOLERANCE).map_or(start, |(end, _)| 0.5 * (start + end))
}

#[cfg(test)]
mod tests {
    use super::super::data::SurvivalData;
    use super::super::kaplan_meier::{SurvivalInterval, kaplan_meier};
    use super::*;

    #[test]
    fn a_stretch_at_one_half_gives_its_midpoint() {
        // Four events: S = 3/4, 1/2, 1/4, 0; the curve is at 1/2 from 2 to 5.
        let curve = kaplan_meier(&SurvivalData::new(&[1.0, 2.0, 5.0, 7.0], &[true; 4]), &Default::default()).unwrap();
        assert_eq!(quantile(&curve, 0.5).unwrap().value, 3.5);
        assert_eq!(quantile(&curve, 0.6).unwrap().value, 5.0);
        assert_eq!(quantile(&curve, 0.1).unwrap().value, 1.0);
    }

    #[test]
    fn what_is_not_reached_is_infinite() {
        let data = SurvivalData::new(&[1.0, 2.0, 3.0], &[true, false, false]);
        let curve = kaplan_meier(&data, &Default::default()).unwrap();
        let median = quantile(&curve, 0.5).unwrap();
        let interval = median.interval.unwrap();
        assert_eq!((median.value, interval.lower, interval.upper), (f64::INFINITY, 1.0, f64::INFINITY));
        // To the end at 1/2: its first time.
        let curve = kaplan_meier(&SurvivalData::new(&[1.0, 2.0], &[true, false]), &Default::default()).unwrap();
        assert_eq!(curve.median().value, 1.0);
    }

    #[test]
    fn p_is_a_probability_inside() {
        let curve = kaplan_meier(&SurvivalData::new(&[1.0], &[true]), &Default::default()).unwrap();
        for p in [0.0, 1.0, f64::NAN] {
            assert!(quantile(&curve, p).is_err());
        }
        assert_eq!(curve.interval_method, SurvivalInterval::Log);
    }
}
