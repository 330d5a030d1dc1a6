//! The performance metrics that a table can print: their names, their ranges, and how they follow from a 2 x 2 table.

use serde::Serialize;

/// A metric with a meaning to the audit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    TruePositives,
    FalseNegatives,
    FalsePositives,
    TrueNegatives,
    /// TP + FP: called positive, recalled.
    PredictedPositives,
    /// TN + FN.
    PredictedNegatives,
    /// TP + TN.
    Correct,
    Accuracy,
    Sensitivity,
    Specificity,
    PositivePredictiveValue,
    NegativePredictiveValue,
    F1,
    BalancedAccuracy,
    YoudenIndex,
    Kappa,
    Matthews,
    PositiveLikelihoodRatio,
    NegativeLikelihoodRatio,
    DiagnosticOddsRatio,
    FalseNegativeRate,
    FalsePositiveRate,
    FalseDiscoveryRate,
    FalseOmissionRate,
    PredictedPositiveRate,
    /// TP over all.
    DetectionRate,
    /// TP / (TP + FP + FN), also called the threat score.
    Jaccard,
    /// PPV + NPV - 1.
    Markedness,
    /// Means over the two classes, each taken as the event once: plain, and weighted by the numbers of the classes.
    F1Macro,
    F1Weighted,
    PrecisionMacro,
    PrecisionWeighted,
    RecallMacro,
    RecallWeighted,
    Prevalence,
    Auc,
    /// A concordance index: between 0 and 1, not from one 2 x 2 table.
    Concordance,
    /// Between 0 and 1: Brier score, ICI, E50, E90, Emax.
    UnitInterval,
    /// Any real number: scaled Brier, calibration slope and intercept, net benefit.
    Real,
    /// Positive: observed / expected.
    PositiveRatio,
}

use Metric::*;

/// The spellings, the usual one first.
const NAMES: &[(Metric, &[&str])] = &[
    (TruePositives, &["tp", "true_positives"]),
    (FalseNegatives, &["fn", "false_negatives", "missed"]),
    (FalsePositives, &["fp", "false_positives"]),
    (TrueNegatives, &["tn", "true_negatives"]),
    (PredictedPositives, &["test_positives", "predicted_positives", "recalls"]),
    (PredictedNegatives, &["test_negatives", "predicted_negatives"]),
    (Correct, &["correct"]),
    (Accuracy, &["acc", "accuracy", "agreement"]),
    (Sensitivity, &["sens", "sensitivity", "recall", "tpr"]),
    (Specificity, &["spec", "specificity", "tnr"]),
    (PositivePredictiveValue, &["ppv", "precision"]),
    (NegativePredictiveValue, &["npv"]),
    (F1, &["f1", "f1_score"]),
    (BalancedAccuracy, &["bacc", "balanced_accuracy"]),
    (YoudenIndex, &["youden", "youden_index"]),
    (Kappa, &["kappa", "cohen_kappa"]),
    (Matthews, &["mcc"]),
    (PositiveLikelihoodRatio, &["lr_positive", "plr", "positive_likelihood_ratio"]),
    (NegativeLikelihoodRatio, &["lr_negative", "nlr", "negative_likelihood_ratio"]),
    (DiagnosticOddsRatio, &["dor", "diagnostic_odds_ratio"]),
    (FalseNegativeRate, &["fnr", "missed_rate", "false_negative_rate"]),
    (FalsePositiveRate, &["fpr", "false_positive_rate"]),
    (FalseDiscoveryRate, &["fdr", "false_discovery_rate"]),
    (FalseOmissionRate, &["for", "false_omission_rate", "residual_risk"]),
    (PredictedPositiveRate, &["recall_rate", "predicted_positive_rate"]),
    (DetectionRate, &["detection_rate"]),
    (Jaccard, &["jaccard", "threat_score", "critical_success_index"]),
    (Markedness, &["markedness"]),
    (F1Macro, &["f1_macro", "macro_f1"]),
    (F1Weighted, &["f1_weighted", "weighted_f1"]),
    (PrecisionMacro, &["precision_macro", "macro_precision"]),
    (PrecisionWeighted, &["precision_weighted", "weighted_precision"]),
    (RecallMacro, &["recall_macro", "macro_recall"]),
    (RecallWeighted, &["recall_weighted", "weighted_recall"]),
    (Prevalence, &["prevalence"]),
    (Auc, &["auc", "auroc", "c_statistic"]),
    (Concordance, &["c_index", "harrell_c", "uno_c", "auc_t", "auprc"]),
    (UnitInterval, &["brier", "integrated_brier", "ici", "e50", "e90", "emax"]),
    (
        Real,
        &[
            "ipa",
            "scaled_brier",
            "r2",
            "calibration_slope",
            "calibration_intercept",
            "slope",
            "intercept",
            "net_benefit",
            "slope_overall",
            "dxy",
        ],
    ),
    (PositiveRatio, &["oe", "eo", "in_the_large"]),
];

impl Metric {
    /// The metric that a key names. A time may follow: `auc_5y`, `oe_24m` (then it is no longer one 2 x 2 table).
    pub fn named(key: &str) -> Option<Self> {
        let find = |name: &str| NAMES.iter().find(|(_, names)| names.contains(&name)).map(|(metric, _)| *metric);
        if let Some(metric) = find(key) {
            return Some(metric);
        }
        let (stem, time) = key.rsplit_once('_')?;
        let (digits, unit) = time.split_at_checked(time.len().checked_sub(1)?)?;
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) || !["y", "m", "d"].contains(&unit) {
            return None;
        }
        match find(stem)? {
            Auc | Concordance => Some(Concordance),
            metric @ (UnitInterval | Real | PositiveRatio) => Some(metric),
            _ => Some(UnitInterval),
        }
    }

    /// Every spelling, for suggestions.
    pub fn spellings() -> impl Iterator<Item = &'static str> {
        NAMES.iter().flat_map(|(_, names)| names.iter().copied())
    }

    /// The short name.
    pub fn key(self) -> &'static str {
        NAMES.iter().find(|(metric, _)| *metric == self).map_or("metric", |(_, names)| names[0])
    }

    /// A count of the 2 x 2 table itself.
    pub fn is_count(self) -> bool {
        self <= Correct
    }

    /// Follows from one 2 x 2 table.
    pub fn is_from_table(self) -> bool {
        self <= Prevalence
    }

    /// A mean over the classes. Of more than two it follows from no 2 x 2 table.
    pub fn is_class_mean(self) -> bool {
        (F1Macro..=RecallWeighted).contains(&self)
    }

    /// A proportion: 0 to 1, or 0 to 100 in percent.
    pub fn is_proportion(self) -> bool {
        matches!(
            self,
            Accuracy
                | Sensitivity
                | Specificity
                | PositivePredictiveValue
                | NegativePredictiveValue
                | F1
                | BalancedAccuracy
                | FalseNegativeRate
                | FalsePositiveRate
                | FalseDiscoveryRate
                | FalseOmissionRate
                | PredictedPositiveRate
                | DetectionRate
                | Jaccard
                | F1Macro
                | F1Weighted
                | PrecisionMacro
                | PrecisionWeighted
                | RecallMacro
                | RecallWeighted
                | Prevalence
                | Auc
                | Concordance
                | UnitInterval
        )
    }

    /// A simple share k/n of subjects, for which a binomial interval is meant.
    pub fn is_share(self) -> bool {
        matches!(
            self,
            Accuracy
                | Sensitivity
                | Specificity
                | PositivePredictiveValue
                | NegativePredictiveValue
                | FalseNegativeRate
                | FalsePositiveRate
                | FalseDiscoveryRate
                | FalseOmissionRate
                | PredictedPositiveRate
                | DetectionRate
                | Prevalence
        )
    }
}
