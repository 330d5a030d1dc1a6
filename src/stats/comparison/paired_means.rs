//! Two means of a loss per subject, on the same subjects: Brier scores, log losses.
//!
//! Estimand: δ = E(a − b) of two values of each subject. δ̂ is the mean of the differences dᵢ = aᵢ − bᵢ, its standard
//! error √(Σ(dᵢ − δ̂)²/(n(n − 1))), the interval δ̂ ± z SE, the test z = δ̂/SE against the normal distribution.
//!
//! Sign: first minus second. Assumptions: independent subjects; a large sample. Missing values: none allowed.
//! Row order: differences are summed in ascending order, so another order of the rows gives the same bits.
//! Edge cases: two subjects at least; where no difference varies the standard error is 0 and the test is `None`, unless
//! all differences are zero: then statistic 0 and P = 1.
//!
//! Source: the paired z test; for the Brier score Redelmeier et al. 1991, doi:10.1016/0895-4356(91)90146-Z, treat the same
//! differences. Oracle: R 4.2.2 `t.test(a, b, paired = TRUE)` has the same estimate and standard error; by hand.

use crate::stats::distribution::{normal_critical, normal_two_sided};
use crate::stats::error::{StatsError, require_finite, require_level, require_same_length};
use crate::stats::estimate::{Alternative, Estimate, NullDistribution, Test};
use serde::{Deserialize, Serialize};

/// The difference of two means of paired values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PairedMeans {
    /// Mean of the first less mean of the second.
    pub difference: Estimate,
    /// Two-sided, that the difference is 0; `None` where it does not vary.
    pub test: Option<Test>,
}

/// Compares the means of two values of each subject.
pub fn paired_means(first: &[f64], second: &[f64], level: f64) -> Result<PairedMeans, StatsError> {
    require_level(level)?;
    require_same_length("first", first.len(), "second", second.len())?;
    require_finite("first", first)?;
    require_finite("second", second)?;
    if first.len() < 2 {
        return Err(StatsError::TooFew { what: "paired means", needed: 2, found: first.len() });
    }
    let n = first.len() as f64;
    let mut differences: Vec<f64> = first.iter().zip(second).map(|(first, second)| first - second).collect();
    differences.sort_unstable_by(f64::total_cmp);
    let mean = differences.iter().sum::<f64>() / n;
    let squares: f64 = differences.iter().map(|value| (value - mean) * (value - mean)).sum();
    let error = (squares / (n * (n - 1.0))).sqrt();
    let half = normal_critical(level) * error;
    let method = "paired differences";
    let test = |statistic: f64| Test {
        statistic: Some(statistic),
        distribution: NullDistribution::Normal,
        p_value: normal_two_sided(statistic),
        alternative: Alternative::TwoSided,
        method: method.into(),
    };
    Ok(PairedMeans {
        difference: Estimate::new(mean, first.len()).with_standard_error(error).with_interval(
            mean - half,
            mean + half,
            level,
            method,
        ),
        test: if error > 0.0 {
            Some(test(mean / error))
        } else if mean == 0.0 {
            Some(test(0.0))
        } else {
            None
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        // Differences 0.1, 0.2, 0.3, 0.6: mean 0.3, squares 0.04 + 0.01 + 0 + 0.09 = 0.14, SE √(0.14/12) = 0.10801.
        let result = paired_means(&[1.1, 1.2, 1.3, 1.6], &[1.0; 4], 0.95).unwrap();
        assert!((result.difference.value - 0.3).abs() < 1e-15);
        assert!((result.difference.standard_error.unwrap() - (0.14f64 / 12.0).sqrt()).abs() < 1e-15);
        let z = result.test.unwrap().statistic.unwrap();
        assert!((z - 0.3 / (0.14f64 / 12.0).sqrt()).abs() < 1e-13);
    }

    #[test]
    fn exchanging_the_two_changes_the_sign_only() {
        let (first, second) = ([0.1, 0.7, 0.4], [0.3, 0.2, 0.4]);
        let (forth, back) = (paired_means(&first, &second, 0.9).unwrap(), paired_means(&second, &first, 0.9).unwrap());
        assert!((forth.difference.value + back.difference.value).abs() < 1e-16);
        assert!((forth.test.unwrap().p_value - back.test.unwrap().p_value).abs() < 1e-15);
    }

    #[test]
    fn edge_cases() {
        assert!(paired_means(&[1.0], &[1.0], 0.95).is_err());
        assert!(paired_means(&[1.0, f64::NAN], &[1.0, 1.0], 0.95).is_err());
        assert_eq!(paired_means(&[1.0, 2.0], &[1.0, 2.0], 0.95).unwrap().test.unwrap().p_value, 1.0);
        assert!(paired_means(&[2.0, 3.0], &[1.0, 2.0], 0.95).unwrap().test.is_none());
    }
}
