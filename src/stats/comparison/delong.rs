//! Two AUCs on the same subjects: the paired test of DeLong, DeLong and Clarke-Pearson.
//!
//! Estimand: the difference AUC(a) − AUC(b), both of the same subjects and outcome, and the test that it is zero.
//!
//! Formula: Cov = S₁₀(a, b) / n₊ + S₀₁(a, b) / n₋ from the placement values of the two scores (see
//! `discrimination/delong.rs`). The variance of the difference is DeLong's variance of the differences of the placement
//! values, which equals Var(a) + Var(b) − 2 Cov(a, b) but loses no digits where the scores are nearly equal. All sums
//! are exact integers. z = difference / SE, against the normal distribution; interval difference ± z SE, clipped to
//! [−1, 1].
//!
//! Sign: difference, z and interval are those of a − b; exchanging the scores changes exactly their signs.
//! Assumptions: independent subjects. Inputs, ties, missing values: as in `discrimination/auc.rs`; each score has an
//! orientation of its own. Row order: the same bits in any.
//!
//! Edge cases:
//! - the scores order every pair alike (in particular: identical scores): difference 0, SE 0, statistic 0, P = 1 (one
//!   sided 0.5), interval [0, 0]; the correlation is 1 unless the variances are zero;
//! - the difference is not zero but its variance is (as one perfect score against one that is all tied): an error,
//!   since z would be infinite and P zero on however few subjects;
//! - one positive, or one negative: an error, since no variance is defined;
//! - a variance of zero (AUC 1 or 0, all tied): the correlation is `None`.
//!
//! Source: DeLong et al. 1988, doi:10.2307/2531595; Sun and Xu 2014, doi:10.1109/LSP.2014.2337313.
//! Oracle: pROC 1.18.0, `roc.test(r1, r2, method = 'delong', paired = TRUE)`, `cov(r1, r2)`.

use crate::stats::discrimination::delong::{DelongScale, delong_estimate};
use crate::stats::discrimination::placement::{
    CountedPairs, HalfPairs, Products, delong_covariance, delong_variance, half_pairs,
};
use crate::stats::discrimination::ranking::{RankedScores, RankedUnits, rank_units};
use crate::stats::distribution::{normal_critical, normal_lower, normal_two_sided, normal_upper};
use crate::stats::error::{StatsError, require_level};
use crate::stats::estimate::{Alternative, Estimate, NullDistribution, Orientation, Test};
use serde::{Deserialize, Serialize};

/// Two AUCs of the same subjects, held against each other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PairedAucComparison {
    pub auc_a: Estimate,
    pub auc_b: Estimate,
    /// AUC(a) − AUC(b), with the standard error that the pairing gives.
    pub difference: Estimate,
    /// Of the two AUCs, as estimates.
    pub covariance: f64,
    /// Of the two AUCs, as estimates; `None` when one of them has no variance.
    pub correlation: Option<f64>,
    /// Two-sided; its statistic has the sign of the difference.
    pub test: Test,
}

impl PairedAucComparison {
    /// The same test against another alternative: `Greater` means AUC(a) > AUC(b).
    pub fn test_against(&self, alternative: Alternative) -> Test {
        let p_value = self.test.statistic.map_or(self.test.p_value, |z| normal_p_value(z, alternative));
        Test { p_value, alternative, ..self.test.clone() }
    }
}

/// DeLong's paired test of AUC(a) = AUC(b); `level` is the coverage of all three intervals.
pub fn paired_delong(
    outcome: &[bool],
    score_a: &[f64],
    orientation_a: Orientation,
    score_b: &[f64],
    orientation_b: Orientation,
    level: f64,
) -> Result<PairedAucComparison, StatsError> {
    require_level(level)?;
    let (a, b) = rayon::join(
        || PlacedScore::new(outcome, score_a, orientation_a),
        || PlacedScore::new(outcome, score_b, orientation_b),
    );
    let (a, b) = (a?, b?);
    let paired = paired_variances(outcome, &a, &b)?;
    let difference_value = paired.difference;
    let standard_error = paired.variance_of_difference.sqrt();
    let statistic = signed_statistic("paired DeLong test", difference_value, standard_error)?;
    let half_width = normal_critical(level) * standard_error;
    let difference = Estimate::new(difference_value, outcome.len()).with_standard_error(standard_error).with_interval(
        (difference_value - half_width).max(-1.0),
        (difference_value + half_width).min(1.0),
        level,
        "DeLong, paired",
    );
    let auc_a = a.estimate(level);
    let auc_b = b.estimate(level);
    let scale = match (auc_a.standard_error, auc_b.standard_error) {
        (Some(error_a), Some(error_b)) => error_a * error_b,
        _ => 0.0,
    };
    Ok(PairedAucComparison {
        auc_a,
        auc_b,
        difference,
        covariance: paired.covariance,
        correlation: (scale > 0.0).then(|| (paired.covariance / scale).clamp(-1.0, 1.0)),
        test: Test {
            statistic: Some(statistic),
            distribution: NullDistribution::Normal,
            p_value: normal_p_value(statistic, Alternative::TwoSided),
            alternative: Alternative::TwoSided,
            method: "DeLong, paired".into(),
        },
    })
}

/// One score with the half pairs of every subject.
pub(crate) struct PlacedScore {
    ranked: RankedUnits,
    half_pairs: HalfPairs,
}

impl PlacedScore {
    pub fn new(outcome: &[bool], score: &[f64], orientation: Orientation) -> Result<Self, StatsError> {
        let ranked = rank_units(outcome, score, orientation)?;
        let half_pairs = half_pairs(&ranked.scores);
        Ok(Self { ranked, half_pairs })
    }

    /// Half pairs of one subject, in its own class.
    pub fn of_unit(&self, unit: usize, event: bool) -> i64 {
        let group = self.ranked.group_of_unit[unit] as usize;
        if event { self.half_pairs.of_positive[group] as i64 } else { self.half_pairs.of_negative[group] as i64 }
    }

    pub fn counted(&self) -> CountedPairs {
        let RankedScores { positives, negatives, .. } = self.ranked.scores;
        CountedPairs { half_pairs: self.half_pairs.total, positives, negatives }
    }

    pub fn estimate(&self, level: f64) -> Estimate {
        let scores = &self.ranked.scores;
        delong_estimate(
            self.counted().auc(),
            delong_variance(scores, &self.half_pairs),
            scores.units(),
            level,
            DelongScale::Plain,
        )
    }
}

struct PairedVariances {
    difference: f64,
    variance_of_difference: f64,
    covariance: f64,
}

fn paired_variances(outcome: &[bool], a: &PlacedScore, b: &PlacedScore) -> Result<PairedVariances, StatsError> {
    let mut products = [Products::default(); 2];
    let mut differences = [Products::default(); 2];
    for (unit, event) in outcome.iter().enumerate() {
        let (of_a, of_b) = (a.of_unit(unit, *event), b.of_unit(unit, *event));
        products[usize::from(*event)].add(of_a, of_b);
        differences[usize::from(*event)].add(of_a - of_b, of_a - of_b);
    }
    let covariances =
        (delong_covariance(&products[1], &products[0]), delong_covariance(&differences[1], &differences[0]));
    let (Some(covariance), Some(variance_of_difference)) = covariances else {
        return Err(too_few_of_a_class(a.counted().positives));
    };
    Ok(PairedVariances { difference: a.counted().auc_minus(b.counted()), variance_of_difference, covariance })
}

/// Which class has the single subject that leaves DeLong's variance undefined.
pub(crate) fn too_few_of_a_class(positives: u64) -> StatsError {
    let what = if positives < 2 { "number of subjects with the event" } else { "number of subjects without the event" };
    StatsError::TooFew { what, needed: 2, found: 1 }
}

/// value / SE; zero when both are; an error when only the standard error is.
pub(crate) fn signed_statistic(what: &'static str, value: f64, standard_error: f64) -> Result<f64, StatsError> {
    if standard_error > 0.0 {
        Ok(value / standard_error)
    } else if value == 0.0 {
        Ok(0.0)
    } else {
        Err(StatsError::Undefined { what, why: "the difference is not zero but its estimated variance is" })
    }
}

/// P of a standard normal statistic; `Greater` means that large values count against the null hypothesis.
pub(crate) fn normal_p_value(z: f64, alternative: Alternative) -> f64 {
    match alternative {
        Alternative::TwoSided => normal_two_sided(z),
        Alternative::Less => normal_lower(z),
        Alternative::Greater => normal_upper(z),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTCOME: [bool; 6] = [false, false, true, true, true, false];
    const SCORE_A: [f64; 6] = [0.1, 0.4, 0.35, 0.8, 0.4, 0.4];
    const HIGHER: Orientation = Orientation::HigherIsRisk;

    #[test]
    fn by_hand_against_a_score_of_its_own() {
        // Positives 3rd, 4th, 5th; negatives 1st, 2nd, 6th.
        // a: V10 = 1/3, 1, 2/3; V01 = 1, 1/2, 1/2. b = 1, 2, 3, 4, 5, 6: V10 = 2/3, 2/3, 2/3; V01 = 1, 1, 0.
        // S10(a, b) = 0; S01(a, b) = [⅓ · ⅓ − ⅙ · ⅓ + ⅙ · ⅔] / 2 = 1/12; Cov = 1/36.
        // Differences a − b: V10 −1/3, 1/3, 0: variance 1/9; V01 0, −1/2, 1/2: variance 1/4; (1/9 + 1/4) / 3 = 13/108.
        let score_b = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        let compared = paired_delong(&OUTCOME, &SCORE_A, HIGHER, &score_b, HIGHER, 0.95).unwrap();
        assert!((compared.covariance - 1.0 / 36.0).abs() < 1e-16);
        assert_eq!(compared.difference.value, 0.0);
        assert!((compared.difference.standard_error.unwrap() - (13.0f64 / 108.0).sqrt()).abs() < 1e-15);
        // Var(a) = 7/108, Var(b) = (1/3) / 3 = 1/9: correlation (1/36) / √(7/972).
        assert!((compared.correlation.unwrap() - (1.0 / 36.0) / (7.0f64 / 972.0).sqrt()).abs() < 1e-15);
        assert_eq!((compared.test.statistic, compared.test.p_value), (Some(0.0), 1.0));
    }

    #[test]
    fn identical_scores_do_not_differ() {
        let compared = paired_delong(&OUTCOME, &SCORE_A, HIGHER, &SCORE_A, HIGHER, 0.95).unwrap();
        let interval = compared.difference.interval.clone().unwrap();
        assert_eq!((compared.difference.value, compared.difference.standard_error), (0.0, Some(0.0)));
        assert_eq!((interval.lower, interval.upper), (0.0, 0.0));
        assert_eq!((compared.test.statistic, compared.test.p_value), (Some(0.0), 1.0));
        assert_eq!(compared.test_against(Alternative::Less).p_value, 0.5);
        assert!((compared.correlation.unwrap() - 1.0).abs() < 1e-15);
    }

    #[test]
    fn the_sign_is_that_of_a_minus_b() {
        let perfect: Vec<f64> =
            OUTCOME.iter().zip(0..).map(|(event, i)| f64::from(*event) + 1e-3 * f64::from(i)).collect();
        let compared = paired_delong(&OUTCOME, &SCORE_A, HIGHER, &perfect, HIGHER, 0.95).unwrap();
        // AUC 2/3 against 1: z = −(1/3) / √(7/108), as a perfect score has no variance.
        assert!((compared.test.statistic.unwrap() + (1.0 / 3.0) / (7.0f64 / 108.0).sqrt()).abs() < 1e-14);
        assert_eq!(compared.correlation, None);
        let less = compared.test_against(Alternative::Less).p_value;
        assert!((2.0 * less - compared.test.p_value).abs() < 1e-16 && less < 0.1);
        assert!((compared.test_against(Alternative::Greater).p_value - (1.0 - less)).abs() < 1e-15);
    }

    #[test]
    fn a_difference_without_variance_is_an_error() {
        let perfect: Vec<f64> = OUTCOME.iter().map(|event| f64::from(*event)).collect();
        let error = paired_delong(&OUTCOME, &perfect, HIGHER, &[1.0; 6], HIGHER, 0.95).unwrap_err();
        assert!(matches!(error, StatsError::Undefined { .. }));
    }

    #[test]
    fn one_positive_is_an_error() {
        let error = paired_delong(&[true, false, false], &[1.0, 2.0, 3.0], HIGHER, &[3.0, 2.0, 1.0], HIGHER, 0.95);
        assert!(matches!(error, Err(StatsError::TooFew { what: "number of subjects with the event", .. })));
    }
}
