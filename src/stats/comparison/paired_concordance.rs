//! Two C indices of the same subjects: the difference, with the standard error that the pairing gives.
//!
//! Estimand: C(a) − C(b) of two risk scores and one survival outcome (Harrell's C, or that of another weight of the
//! pairs). With uᵢ(a) and uᵢ(b) the influence of subject i on either, SE = √Σ(uᵢ(a) − uᵢ(b))²; interval difference ± z SE,
//! clipped to [−1, 1]; z = difference/SE against the normal distribution.
//!
//! Sign: that of a − b. Assumptions: independent subjects, censoring that tells nothing of the risk. Inputs: as in
//! `survival/concordance.rs`; higher scores mean earlier events. Missing values: none allowed.
//! Edge cases: scores that order every pair alike: difference 0, SE 0, statistic 0, P = 1; a difference without variance:
//! an error.
//!
//! Source: Therneau and Watson 2015, The concordance statistic and the Cox model (Mayo Clinic technical report 85),
//! section 4: the infinitesimal jackknife of several scores. Oracle: R survival 3.5-3 `concordance(y ~ a + b)`: the
//! contrast of `coef` with `vcov`; here by the identity with the covariance of the influences, and by properties.

use crate::stats::distribution::{normal_critical, normal_two_sided};
use crate::stats::error::StatsError;
use crate::stats::estimate::{Alternative, Estimate, NullDistribution, Test};
use crate::stats::survival::concordance::{ConcordanceInput, ConcordanceOptions, concordance_influence};
use serde::{Deserialize, Serialize};

/// Two C indices of the same subjects, held against each other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PairedConcordance {
    pub c_a: Estimate,
    pub c_b: Estimate,
    /// C(a) − C(b).
    pub difference: Estimate,
    /// Two-sided; its statistic has the sign of the difference.
    pub test: Test,
}

/// Tests C(a) = C(b); of `input`, `risk` is replaced by either score.
pub fn paired_concordance(
    input: &ConcordanceInput<'_>,
    risk_a: &[f64],
    risk_b: &[f64],
    options: &ConcordanceOptions,
) -> Result<PairedConcordance, StatsError> {
    let (a, b) = rayon::join(
        || concordance_influence(&ConcordanceInput { risk: risk_a, ..*input }, options),
        || concordance_influence(&ConcordanceInput { risk: risk_b, ..*input }, options),
    );
    let (a, b) = (a?, b?);
    let (c_a, c_b) = (a.concordance.c, b.concordance.c);
    let value = c_a.value - c_b.value;
    let mut squares: Vec<f64> = a.influence.iter().zip(&b.influence).map(|(a, b)| (a - b) * (a - b)).collect();
    squares.sort_unstable_by(f64::total_cmp);
    let error = squares.iter().sum::<f64>().sqrt();
    let statistic = if error > 0.0 {
        value / error
    } else if value == 0.0 {
        0.0
    } else {
        return Err(StatsError::Undefined { what: "difference of two C indices", why: "it has no variance" });
    };
    let half = normal_critical(options.level) * error;
    let method = "infinitesimal jackknife, paired";
    let difference = Estimate::new(value, c_a.n).with_standard_error(error).with_interval(
        (value - half).max(-1.0),
        (value + half).min(1.0),
        options.level,
        method,
    );
    Ok(PairedConcordance {
        c_a,
        c_b,
        difference,
        test: Test {
            statistic: Some(statistic),
            distribution: NullDistribution::Normal,
            p_value: normal_two_sided(statistic),
            alternative: Alternative::TwoSided,
            method: method.into(),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIME: [f64; 8] = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0];
    const EVENT: [bool; 8] = [true, true, false, true, true, false, true, true];
    const A: [f64; 8] = [8.0, 5.0, 7.0, 6.0, 2.0, 3.0, 4.0, 1.0];
    const B: [f64; 8] = [3.0, 8.0, 1.0, 4.0, 7.0, 2.0, 5.0, 6.0];

    fn compare(a: &[f64], b: &[f64]) -> PairedConcordance {
        let input = ConcordanceInput::new(&TIME, &EVENT, a);
        paired_concordance(&input, a, b, &ConcordanceOptions::default()).unwrap()
    }

    #[test]
    fn variances_and_covariance_give_the_variance_of_the_difference() {
        let influence = |risk: &[f64]| {
            concordance_influence(&ConcordanceInput::new(&TIME, &EVENT, risk), &ConcordanceOptions::default())
                .unwrap()
                .influence
        };
        let (a, b) = (influence(&A), influence(&B));
        let product = |left: &[f64], right: &[f64]| left.iter().zip(right).map(|(l, r)| l * r).sum::<f64>();
        let variance = product(&a, &a) + product(&b, &b) - 2.0 * product(&a, &b);
        let found = compare(&A, &B);
        assert!((found.difference.standard_error.unwrap() - variance.sqrt()).abs() < 1e-14);
        assert_eq!(found.difference.value, found.c_a.value - found.c_b.value);
    }

    #[test]
    fn a_score_does_not_differ_from_itself_and_differences_change_sign() {
        let same = compare(&A, &A);
        assert_eq!((same.difference.value, same.test.p_value), (0.0, 1.0));
        let (forth, back) = (compare(&A, &B), compare(&B, &A));
        assert_eq!(forth.difference.value, -back.difference.value);
        assert_eq!(forth.test.p_value, back.test.p_value);
    }
}
