//! Two AUCs on different subjects: DeLong variances and a Welch-type t test.
//!
//! Estimand: AUC(a) − AUC(b) in two independent samples (training against test, two hospitals), and the test that it is
//! zero.
//!
//! Formula: t = difference / √(Var(a) + Var(b)), with DeLong's variances, against Student's t with
//! df = (Var(a) + Var(b))² / [Var(a)² / (n_a − 1) + Var(b)² / (n_b − 1)], n being all subjects of a sample.
//! The interval uses the same t distribution; it is clipped to [−1, 1].
//!
//! Assumptions: independent subjects and independent samples. Inputs, ties, missing values, row order: as in
//! `discrimination/auc.rs`.
//!
//! Edge cases: two samples without variance: with difference 0 the statistic is 0, P = 1 and the degrees of freedom
//! n_a + n_b − 2; with another difference an error. One positive or one negative in a sample: an error.
//!
//! Source: DeLong et al. 1988, doi:10.2307/2531595; the degrees of freedom as pROC has them (Robin et al. 2011,
//! doi:10.1186/1471-2105-12-77). Oracle: pROC 1.18.0, `roc.test(r1, r2, method = 'delong', paired = FALSE)`.

use super::delong::{signed_statistic, too_few_of_a_class};
use crate::stats::discrimination::delong::delong_auc;
use crate::stats::distribution::{student_t_critical, student_t_lower, student_t_two_sided, student_t_upper};
use crate::stats::error::StatsError;
use crate::stats::estimate::{Alternative, Estimate, NullDistribution, Orientation, Test};
use serde::{Deserialize, Serialize};

/// One sample: who had the event, and the score of each.
#[derive(Clone, Copy, Debug)]
pub struct ScoredSample<'a> {
    pub outcome: &'a [bool],
    pub score: &'a [f64],
    pub orientation: Orientation,
}

/// Two AUCs of different subjects, held against each other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UnpairedAucComparison {
    pub auc_a: Estimate,
    pub auc_b: Estimate,
    /// AUC(a) − AUC(b).
    pub difference: Estimate,
    /// Two-sided; its statistic has the sign of the difference.
    pub test: Test,
}

/// DeLong's test of AUC(a) = AUC(b) for independent samples; `level` is the coverage of all three intervals.
pub fn unpaired_delong(
    a: ScoredSample<'_>,
    b: ScoredSample<'_>,
    level: f64,
) -> Result<UnpairedAucComparison, StatsError> {
    let auc_a = delong_auc(a.outcome, a.score, a.orientation, level)?;
    let auc_b = delong_auc(b.outcome, b.score, b.orientation, level)?;
    let (Some(error_a), Some(error_b)) = (auc_a.standard_error, auc_b.standard_error) else {
        let without = if auc_a.standard_error.is_none() { a.outcome } else { b.outcome };
        return Err(too_few_of_a_class(without.iter().filter(|event| **event).count() as u64));
    };
    let (variance_a, variance_b) = (error_a * error_a, error_b * error_b);
    let standard_error = (variance_a + variance_b).sqrt();
    let value = auc_a.value - auc_b.value;
    let statistic = signed_statistic("unpaired DeLong test", value, standard_error)?;
    let (freedom_a, freedom_b) = ((auc_a.n - 1) as f64, (auc_b.n - 1) as f64);
    let df = if standard_error > 0.0 {
        // Shares of the variance rather than variances: their squares could underflow.
        let share_a = variance_a / (variance_a + variance_b);
        let share_b = variance_b / (variance_a + variance_b);
        1.0 / (share_a * share_a / freedom_a + share_b * share_b / freedom_b)
    } else {
        freedom_a + freedom_b
    };
    let half_width = student_t_critical(level, df) * standard_error;
    let difference = Estimate::new(value, auc_a.n + auc_b.n).with_standard_error(standard_error).with_interval(
        (value - half_width).max(-1.0),
        (value + half_width).min(1.0),
        level,
        "DeLong, unpaired",
    );
    Ok(UnpairedAucComparison {
        auc_a,
        auc_b,
        difference,
        test: Test {
            statistic: Some(statistic),
            distribution: NullDistribution::StudentT { df },
            p_value: student_t_two_sided(statistic, df),
            alternative: Alternative::TwoSided,
            method: "DeLong, unpaired".into(),
        },
    })
}

impl UnpairedAucComparison {
    /// The same test against another alternative: `Greater` means AUC(a) > AUC(b).
    pub fn test_against(&self, alternative: Alternative) -> Test {
        let (NullDistribution::StudentT { df }, Some(t)) = (self.test.distribution, self.test.statistic) else {
            return self.test.clone();
        };
        let p_value = match alternative {
            Alternative::TwoSided => student_t_two_sided(t, df),
            Alternative::Less => student_t_lower(t, df),
            Alternative::Greater => student_t_upper(t, df),
        };
        Test { p_value, alternative, ..self.test.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTCOME: [bool; 6] = [false, false, true, true, true, false];
    const SCORE: [f64; 6] = [0.1, 0.4, 0.35, 0.8, 0.4, 0.4];
    const HIGHER: Orientation = Orientation::HigherIsRisk;

    fn sample<'a>(outcome: &'a [bool], score: &'a [f64]) -> ScoredSample<'a> {
        ScoredSample { outcome, score, orientation: HIGHER }
    }

    #[test]
    fn by_hand_with_one_variance() {
        // AUC 2/3 with variance 7/108 against 1 with variance 0: df = n_a − 1 = 5, t = −(1/3) / √(7/108).
        let perfect: Vec<f64> = OUTCOME.iter().map(|event| f64::from(*event)).collect();
        let compared = unpaired_delong(sample(&OUTCOME, &SCORE), sample(&OUTCOME, &perfect), 0.95).unwrap();
        let t = -(1.0 / 3.0) / (7.0f64 / 108.0).sqrt();
        assert!((compared.test.statistic.unwrap() - t).abs() < 1e-14);
        let NullDistribution::StudentT { df } = compared.test.distribution else { panic!() };
        assert!((df - 5.0).abs() < 1e-14);
        // t(0.975, 5 df) = 2.570581835636314 from tables of the distribution.
        let lower = -1.0 / 3.0 - 2.570581835636314 * (7.0f64 / 108.0).sqrt();
        assert!((compared.difference.interval.as_ref().unwrap().lower - lower).abs() < 1e-12);
        let less = compared.test_against(Alternative::Less).p_value;
        assert_eq!(less, 0.5 * compared.test.p_value);
        assert_eq!(compared.test_against(Alternative::Greater).p_value, 1.0 - less);
    }

    #[test]
    fn edge_cases() {
        let perfect: Vec<f64> = OUTCOME.iter().map(|event| f64::from(*event)).collect();
        let both_perfect = unpaired_delong(sample(&OUTCOME, &perfect), sample(&OUTCOME, &perfect), 0.95).unwrap();
        assert_eq!((both_perfect.test.statistic, both_perfect.test.p_value), (Some(0.0), 1.0));
        assert_eq!(both_perfect.test.distribution, NullDistribution::StudentT { df: 10.0 });
        assert!(unpaired_delong(sample(&OUTCOME, &perfect), sample(&OUTCOME, &[1.0; 6]), 0.95).is_err());
        let few = unpaired_delong(sample(&OUTCOME, &SCORE), sample(&[true, true, false], &[1.0, 2.0, 3.0]), 0.95);
        assert!(matches!(few, Err(StatsError::TooFew { what: "number of subjects without the event", .. })));
    }
}
