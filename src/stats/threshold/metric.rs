//! The metrics of a confusion matrix.
//!
//! With P, N subjects with and without the event, C⁺, C⁻ called positive and negative:
//! sensitivity TP/P; specificity TN/N; predictive values TP/C⁺ and TN/C⁻; accuracy (TP + TN)/n; prevalence P/n; apparent
//! prevalence C⁺/n; false positive rate FP/N; false negative rate FN/P; false discovery rate FP/C⁺; false omission rate
//! FN/C⁻; balanced accuracy (Se + Sp)/2; Youden's J = Se + Sp − 1; F1, Matthews, kappa, likelihood ratios, diagnostic odds
//! ratio: see their own files.
//! Intervals: proportions by the method asked for. Youden's J is a difference of independent proportions, Se − (1 − Sp),
//! with the hybrid interval of `proportion_difference` (Newcombe's from Wilson's); balanced accuracy is (J + 1)/2. The others
//! have one interval each, whatever method is asked for.
//! Assumptions: one call per subject, subjects independent. PPV, NPV, accuracy, F1, kappa and Matthews depend on the
//! prevalence in the sample.
//! Edge cases: a metric whose denominator is 0 is `None`, never NaN or infinity.
//! Sources: Altman and Bland 1994 (doi:10.1136/bmj.308.6943.1552, doi:10.1136/bmj.309.6947.102); Youden 1950
//! (doi:10.1002/1097-0142(1950)3:1<32::AID-CNCR2820030106>3.0.CO;2-3).
//! Oracle: R 4.2.2 (helpers.R, `met`); epiR 2.0.57 `epi.tests`; scikit-learn 1.9.1.

use super::confusion::ConfusionMatrix;
use super::proportion::{self, ProportionInterval};
use super::{diagnostic_odds_ratio, f1, likelihood_ratio, matthews, proportion_difference};
use crate::stats::agreement::cohen_kappa::{KappaWeights, cohen_kappa};
use crate::stats::baseline::contingency::ContingencyTable;
use crate::stats::error::{StatsError, require_level};
use crate::stats::estimate::Estimate;
use serde::{Deserialize, Serialize};

/// A number computed from a confusion matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// Share of right calls.
    Accuracy,
    /// P(positive | event).
    Sensitivity,
    /// P(negative | no event).
    Specificity,
    /// P(event | positive).
    PositivePredictiveValue,
    /// P(no event | negative).
    NegativePredictiveValue,
    /// Harmonic mean of sensitivity and positive predictive value.
    F1,
    /// Correlation of call and truth.
    MatthewsCorrelation,
    /// Agreement of call and truth beyond chance.
    CohenKappa,
    /// Mean of sensitivity and specificity.
    BalancedAccuracy,
    /// Sensitivity / (1 − specificity).
    PositiveLikelihoodRatio,
    /// (1 − sensitivity) / specificity.
    NegativeLikelihoodRatio,
    /// LR+ / LR−.
    DiagnosticOddsRatio,
    /// Sensitivity + specificity − 1.
    Youden,
    /// Share of subjects with the event.
    Prevalence,
    /// Share of subjects called positive.
    ApparentPrevalence,
    /// 1 − specificity.
    FalsePositiveRate,
    /// 1 − sensitivity.
    FalseNegativeRate,
    /// 1 − positive predictive value.
    FalseDiscoveryRate,
    /// 1 − negative predictive value.
    FalseOmissionRate,
}

/// A count out of a count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proportion {
    /// The numerator.
    pub successes: u64,
    /// The denominator.
    pub n: u64,
}

impl Proportion {
    /// The quotient; NaN where `n` is 0.
    pub fn value(self) -> f64 {
        self.successes as f64 / self.n as f64
    }
}

impl Metric {
    /// Every metric, in the order in which a table shows them.
    pub const ALL: [Metric; 19] = [
        Metric::Accuracy,
        Metric::Sensitivity,
        Metric::Specificity,
        Metric::PositivePredictiveValue,
        Metric::NegativePredictiveValue,
        Metric::F1,
        Metric::MatthewsCorrelation,
        Metric::CohenKappa,
        Metric::BalancedAccuracy,
        Metric::PositiveLikelihoodRatio,
        Metric::NegativeLikelihoodRatio,
        Metric::DiagnosticOddsRatio,
        Metric::Youden,
        Metric::Prevalence,
        Metric::ApparentPrevalence,
        Metric::FalsePositiveRate,
        Metric::FalseNegativeRate,
        Metric::FalseDiscoveryRate,
        Metric::FalseOmissionRate,
    ];

    /// The full name.
    pub fn label(self) -> &'static str {
        match self {
            Self::Accuracy => "Accuracy",
            Self::Sensitivity => "Sensitivity",
            Self::Specificity => "Specificity",
            Self::PositivePredictiveValue => "Positive predictive value",
            Self::NegativePredictiveValue => "Negative predictive value",
            Self::F1 => "F1 score",
            Self::MatthewsCorrelation => "Matthews correlation coefficient",
            Self::CohenKappa => "Cohen's kappa",
            Self::BalancedAccuracy => "Balanced accuracy",
            Self::PositiveLikelihoodRatio => "Positive likelihood ratio",
            Self::NegativeLikelihoodRatio => "Negative likelihood ratio",
            Self::DiagnosticOddsRatio => "Diagnostic odds ratio",
            Self::Youden => "Youden's J",
            Self::Prevalence => "Prevalence",
            Self::ApparentPrevalence => "Apparent prevalence",
            Self::FalsePositiveRate => "False positive rate",
            Self::FalseNegativeRate => "False negative rate",
            Self::FalseDiscoveryRate => "False discovery rate",
            Self::FalseOmissionRate => "False omission rate",
        }
    }

    /// What a narrow column prints.
    pub fn abbreviation(self) -> &'static str {
        match self {
            Self::Accuracy => "ACC",
            Self::Sensitivity => "SEN",
            Self::Specificity => "SPE",
            Self::PositivePredictiveValue => "PPV",
            Self::NegativePredictiveValue => "NPV",
            Self::F1 => "F1",
            Self::MatthewsCorrelation => "MCC",
            Self::CohenKappa => "κ",
            Self::BalancedAccuracy => "BA",
            Self::PositiveLikelihoodRatio => "LR+",
            Self::NegativeLikelihoodRatio => "LR−",
            Self::DiagnosticOddsRatio => "DOR",
            Self::Youden => "J",
            Self::Prevalence => "PREV",
            Self::ApparentPrevalence => "AP",
            Self::FalsePositiveRate => "FPR",
            Self::FalseNegativeRate => "FNR",
            Self::FalseDiscoveryRate => "FDR",
            Self::FalseOmissionRate => "FOR",
        }
    }

    /// The counts behind a metric that is a proportion; `None` for other metrics, and where the denominator is 0.
    pub fn as_proportion(self, matrix: &ConfusionMatrix) -> Option<Proportion> {
        let (successes, n) = match self {
            Self::Accuracy => (matrix.true_positives + matrix.true_negatives, matrix.n()),
            Self::Sensitivity => (matrix.true_positives, matrix.positives()),
            Self::Specificity => (matrix.true_negatives, matrix.negatives()),
            Self::PositivePredictiveValue => (matrix.true_positives, matrix.called_positive()),
            Self::NegativePredictiveValue => (matrix.true_negatives, matrix.called_negative()),
            Self::Prevalence => (matrix.positives(), matrix.n()),
            Self::ApparentPrevalence => (matrix.called_positive(), matrix.n()),
            Self::FalsePositiveRate => (matrix.false_positives, matrix.negatives()),
            Self::FalseNegativeRate => (matrix.false_negatives, matrix.positives()),
            Self::FalseDiscoveryRate => (matrix.false_positives, matrix.called_positive()),
            Self::FalseOmissionRate => (matrix.false_negatives, matrix.called_negative()),
            _ => return None,
        };
        (n > 0).then_some(Proportion { successes, n })
    }

    /// The value alone; `None` where it has none.
    pub fn value(self, matrix: &ConfusionMatrix) -> Option<f64> {
        if let Some(proportion) = self.as_proportion(matrix) {
            return Some(proportion.value());
        }
        if self == Self::MatthewsCorrelation {
            return matthews::coefficient(matrix);
        }
        // The level only shapes the interval, which is not looked at.
        self.estimate(matrix, ProportionInterval::Wald, 0.95).ok().flatten().map(|estimate| estimate.value)
    }

    /// The value with its interval; `Ok(None)` where it has no value. `method` applies to proportions and to what is made
    /// of two of them.
    pub fn estimate(
        self,
        matrix: &ConfusionMatrix,
        method: ProportionInterval,
        level: f64,
    ) -> Result<Option<Estimate>, StatsError> {
        require_level(level)?;
        match self {
            Self::F1 => f1::f1(matrix, level),
            Self::MatthewsCorrelation => matthews::matthews_correlation(matrix, level),
            Self::CohenKappa => kappa(matrix, level),
            Self::PositiveLikelihoodRatio => likelihood_ratio::positive(matrix, level),
            Self::NegativeLikelihoodRatio => likelihood_ratio::negative(matrix, level),
            Self::DiagnosticOddsRatio => diagnostic_odds_ratio::diagnostic_odds_ratio(matrix, level),
            Self::Youden => youden(matrix, method, level),
            Self::BalancedAccuracy => Ok(youden(matrix, method, level)?.map(halve_towards_one)),
            _ => match self.as_proportion(matrix) {
                Some(Proportion { successes, n }) => proportion::estimate(successes, n, level, method).map(Some),
                None => Ok(None),
            },
        }
    }
}

fn youden(matrix: &ConfusionMatrix, method: ProportionInterval, level: f64) -> Result<Option<Estimate>, StatsError> {
    let sensitivity = Metric::Sensitivity.as_proportion(matrix);
    let false_positive_rate = Metric::FalsePositiveRate.as_proportion(matrix);
    match (sensitivity, false_positive_rate) {
        (Some(first), Some(second)) => proportion_difference::difference(first, second, level, method).map(Some),
        _ => Ok(None),
    }
}

/// J becomes (J + 1)/2, with all that belongs to it.
fn halve_towards_one(mut estimate: Estimate) -> Estimate {
    let halve = |value: f64| 0.5 * (value + 1.0);
    estimate.value = halve(estimate.value);
    estimate.standard_error = estimate.standard_error.map(|error| 0.5 * error);
    if let Some(interval) = &mut estimate.interval {
        interval.lower = halve(interval.lower);
        interval.upper = halve(interval.upper);
    }
    estimate
}

fn kappa(matrix: &ConfusionMatrix, level: f64) -> Result<Option<Estimate>, StatsError> {
    let counts = vec![matrix.true_positives, matrix.false_negatives, matrix.false_positives, matrix.true_negatives];
    let table = ContingencyTable::new(2, 2, counts)?;
    match cohen_kappa(&table, KappaWeights::Unweighted, level) {
        Ok(kappa) => Ok(Some(kappa.estimate)),
        Err(StatsError::Undefined { .. } | StatsError::Empty { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MATRIX: ConfusionMatrix =
        ConfusionMatrix { true_positives: 8, false_positives: 5, true_negatives: 15, false_negatives: 2 };

    #[test]
    fn by_hand() {
        let expected = [
            (Metric::Accuracy, 23.0 / 30.0),
            (Metric::Sensitivity, 0.8),
            (Metric::Specificity, 0.75),
            (Metric::PositivePredictiveValue, 8.0 / 13.0),
            (Metric::NegativePredictiveValue, 15.0 / 17.0),
            (Metric::F1, 16.0 / 23.0),
            (Metric::BalancedAccuracy, 0.775),
            (Metric::PositiveLikelihoodRatio, 3.2),
            (Metric::DiagnosticOddsRatio, 12.0),
            (Metric::Youden, 0.55),
            // Observed 23/30, expected (13·10 + 17·20)/900: (690 − 470)/(900 − 470).
            (Metric::CohenKappa, 220.0 / 430.0),
            (Metric::Prevalence, 1.0 / 3.0),
        ];
        for (metric, value) in expected {
            let actual = metric.value(&MATRIX).unwrap();
            assert!((actual - value).abs() < 1e-14, "{metric:?}: {actual}");
        }
    }

    #[test]
    fn every_metric_is_a_number_or_absent() {
        for bits in 1..81_u64 {
            let cell = |power: u32| (bits / 3_u64.pow(power)) % 3;
            let matrix = ConfusionMatrix {
                true_positives: cell(0),
                false_positives: cell(1),
                true_negatives: cell(2),
                false_negatives: cell(3),
            };
            for metric in Metric::ALL {
                let estimate = metric.estimate(&matrix, ProportionInterval::Wilson, 0.95).unwrap();
                assert_eq!(estimate.as_ref().map(|estimate| estimate.value), metric.value(&matrix));
                if let Some(interval) = estimate.as_ref().and_then(|estimate| estimate.interval.as_ref()) {
                    let value = estimate.as_ref().map_or(f64::NAN, |estimate| estimate.value);
                    assert!(interval.lower <= value && value <= interval.upper, "{metric:?} {matrix:?} {estimate:?}");
                }
            }
        }
    }

    #[test]
    fn a_level_that_is_none_is_refused_even_where_there_is_no_value() {
        let empty = ConfusionMatrix { true_positives: 0, false_positives: 0, true_negatives: 1, false_negatives: 0 };
        assert!(Metric::Sensitivity.estimate(&empty, ProportionInterval::Wilson, 1.0).is_err());
        assert_eq!(Metric::Sensitivity.estimate(&empty, ProportionInterval::Wilson, 0.9), Ok(None));
    }
}
