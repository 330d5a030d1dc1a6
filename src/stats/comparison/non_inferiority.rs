//! Non-inferiority of one measure to another, from their difference and its standard error.
//!
//! Estimand: whether a difference (new − reference) lies on the acceptable side of a margin that was fixed beforehand.
//!
//! Formula: where higher is better, the null hypothesis is difference <= −margin and
//! z = (difference + margin) / SE, P = P(Z > z); where lower is better, the null is difference >= margin and
//! z = (difference − margin) / SE, P = P(Z < z). The one-sided confidence bound is the limit of the difference's own interval
//! where that has a two-sided coverage of 2 level − 1, so that a printed interval and its verdict never contradict each other, else
//! difference ∓ z(level) SE. Non-inferior: the bound lies strictly on the acceptable side of the margin, which for the latter is the
//! same as P < 1 − level. An interval of another kind (percentiles of a bootstrap, Newcombe) has no such P: it is absent.
//!
//! `level` is one-sided: 0.975 belongs to a two-sided interval of 95%, 0.95 to one of 90%.
//!
//! Assumptions: the difference is approximately normal. The margin is on the scale of the difference and positive.
//!
//! Edge cases: no standard error, or one of zero (identical scores): an error, since there is nothing to test with.
//!
//! Source: the general scheme of Blackwelder 1982,
//! doi:10.1016/0197-2456(82)90024-1. No oracle: checked by hand.

use super::delong::normal_p_value;
use crate::stats::distribution::normal_quantile;
use crate::stats::error::{StatsError, require_level};
use crate::stats::estimate::{Alternative, Estimate, Interval, NullDistribution, Test};
use serde::{Deserialize, Serialize};

/// Which sign of the difference (new − reference) is an improvement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// As of an AUC or a sensitivity.
    HigherIsBetter,
    /// As of a Brier score or an error rate.
    LowerIsBetter,
}

/// The verdict, and what it rests on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NonInferiority {
    /// new − reference, as given.
    pub difference: f64,
    pub margin: f64,
    pub direction: Direction,
    /// One-sided coverage of `bound`.
    pub level: f64,
    /// The one-sided confidence bound on the side of the margin: the worst difference that is compatible.
    pub bound: f64,
    pub non_inferior: bool,
    /// One-sided: a small P speaks for non-inferiority. Absent where the bound is not made of the standard error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test: Option<Test>,
}

/// Tests whether `difference` (new − reference) is no worse than `margin`, at the one-sided confidence `level`.
pub fn non_inferiority(
    difference: &Estimate,
    margin: f64,
    direction: Direction,
    level: f64,
) -> Result<NonInferiority, StatsError> {
    require_level(level)?;
    if !(margin > 0.0 && margin.is_finite()) {
        return Err(StatsError::OutOfRange { what: "non-inferiority margin", value: margin, expected: "positive" });
    }
    if !difference.value.is_finite() {
        return Err(StatsError::NotFinite { what: "difference", index: 0 });
    }
    let standard_error = match difference.standard_error {
        Some(standard_error) if standard_error > 0.0 && standard_error.is_finite() => standard_error,
        _ => {
            return Err(StatsError::Undefined {
                what: "non-inferiority test",
                why: "the difference has no standard error, or one of zero",
            });
        }
    };
    let reach = normal_quantile(level) * standard_error;
    let (wald, statistic, alternative) = match direction {
        Direction::HigherIsBetter => {
            (difference.value - reach, (difference.value + margin) / standard_error, Alternative::Greater)
        }
        Direction::LowerIsBetter => {
            (difference.value + reach, (difference.value - margin) / standard_error, Alternative::Less)
        }
    };
    let of_level = |interval: &&Interval| (interval.level - (2.0 * level - 1.0)).abs() < 1e-9;
    let bound = difference.interval.as_ref().filter(of_level).map_or(wald, |interval| match direction {
        Direction::HigherIsBetter => interval.lower,
        Direction::LowerIsBetter => interval.upper,
    });
    let is_wald = (bound - wald).abs() <= 1e-9 * standard_error;
    let non_inferior = match direction {
        Direction::HigherIsBetter => bound > -margin,
        Direction::LowerIsBetter => bound < margin,
    };
    Ok(NonInferiority {
        difference: difference.value,
        margin,
        direction,
        level,
        bound,
        non_inferior,
        test: is_wald.then(|| Test {
            statistic: Some(statistic),
            distribution: NullDistribution::Normal,
            p_value: normal_p_value(statistic, alternative),
            alternative,
            method: "non-inferiority, one-sided Wald".into(),
        }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn difference(value: f64, standard_error: f64) -> Estimate {
        Estimate::new(value, 100).with_standard_error(standard_error)
    }

    fn p(result: &NonInferiority) -> f64 {
        result.test.as_ref().unwrap().p_value
    }

    #[test]
    fn an_interval_within_the_margin_is_never_called_not_shown() {
        // The difference and its standard error alone give the bound 0.022 − 1.96 · 0.0393 = −0.055, past the margin.
        let interval = difference(0.022, 0.0393).with_interval(-0.045, 0.119, 0.95, "bootstrap percentile");
        let result = non_inferiority(&interval, 0.05, Direction::HigherIsBetter, 0.975).unwrap();
        assert_eq!((result.bound, result.non_inferior, result.test), (-0.045, true, None));
        // An interval of another coverage is none of this test's.
        let result = non_inferiority(&interval, 0.05, Direction::HigherIsBetter, 0.95).unwrap();
        assert!(result.test.is_some() && result.bound != -0.045);
    }

    #[test]
    fn by_hand() {
        // −0.01 with SE 0.02 and margin 0.05: z = 2, P = 0.02275; bound −0.01 − 1.645 · 0.02 = −0.0429 > −0.05.
        let result = non_inferiority(&difference(-0.01, 0.02), 0.05, Direction::HigherIsBetter, 0.95).unwrap();
        assert!((result.test.as_ref().unwrap().statistic.unwrap() - 2.0).abs() < 1e-14);
        assert!((result.test.as_ref().unwrap().p_value - 0.022750131948179195).abs() < 1e-15);
        assert!((result.bound - (-0.01 - 1.6448536269514722 * 0.02)).abs() < 1e-14);
        assert!(result.non_inferior);
        // At the one-sided level 0.99 the bound is −0.0565.
        assert!(
            !non_inferiority(&difference(-0.01, 0.02), 0.05, Direction::HigherIsBetter, 0.99).unwrap().non_inferior
        );
    }

    #[test]
    fn the_other_direction_mirrors() {
        let higher = non_inferiority(&difference(-0.01, 0.02), 0.05, Direction::HigherIsBetter, 0.95).unwrap();
        let lower = non_inferiority(&difference(0.01, 0.02), 0.05, Direction::LowerIsBetter, 0.95).unwrap();
        assert_eq!((p(&lower), lower.bound), (p(&higher), -higher.bound));
        assert!(lower.non_inferior);
        // A new model that is much worse: P near one, not near zero.
        let worse = non_inferiority(&difference(-0.2, 0.02), 0.05, Direction::HigherIsBetter, 0.95).unwrap();
        assert!(p(&worse) > 0.999 && !worse.non_inferior);
    }

    #[test]
    fn edge_cases() {
        let direction = Direction::HigherIsBetter;
        assert!(non_inferiority(&difference(0.0, 0.0), 0.05, direction, 0.95).is_err());
        assert!(non_inferiority(&Estimate::new(0.0, 10), 0.05, direction, 0.95).is_err());
        assert!(non_inferiority(&difference(0.0, 0.1), -0.05, direction, 0.95).is_err());
        assert!(non_inferiority(&difference(0.0, 0.1), 0.05, direction, 1.0).is_err());
    }
}
