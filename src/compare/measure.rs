//! The measures in which models are compared: what each needs, and which way is better.

use super::arrange::Arranged;
use super::declaration::Declaration;
use crate::stats::comparison::non_inferiority::Direction;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Area under the ROC curve; DeLong's paired test.
    Auc,
    /// Average precision; tested by the bootstrap.
    AveragePrecision,
    /// At each model's threshold; McNemar's test among subjects with the event.
    Sensitivity,
    /// At each model's threshold; McNemar's test among subjects without the event.
    Specificity,
    /// At each model's threshold; McNemar's test.
    Accuracy,
    /// Brier score; the paired test of a mean. Of a survival outcome: by the declared horizon, tested by the bootstrap.
    Brier,
    /// Log loss; the paired test of a mean.
    LogLoss,
    /// Net benefit at the first declared threshold probability; the test of a paired difference. Of a survival outcome: by the
    /// declared horizon, tested by the bootstrap.
    NetBenefit,
    /// Calibration slope; its best value is 1, so it decides nothing.
    CalibrationSlope,
    /// Integrated calibration index; tested by the bootstrap.
    IntegratedCalibrationIndex,
    /// Harrell's C of a survival outcome; the paired test of the infinitesimal jackknife.
    Concordance,
    /// AUC of the event by the declared horizon, weighted for censoring; the paired test of its influence function.
    TimeDependentAuc,
    /// Index of prediction accuracy by the declared horizon: one less the Brier score over that of the Kaplan-Meier risk; tested by
    /// the bootstrap.
    ScaledBrier,
    /// Observed over expected risk by the declared horizon; its best value is 1, so it decides nothing.
    ObservedExpectedRatio,
}

/// Which measures these models and this outcome allow, in the order of a table.
pub fn of(declaration: &Declaration, arranged: &Arranged) -> Vec<Measure> {
    if arranged.binary().is_none() {
        return of_survival(declaration, arranged);
    }
    let all = std::iter::once(&arranged.base).chain(&arranged.variants);
    let (mut thresholds, mut probabilities) = (true, true);
    for scores in all {
        thresholds &= scores.threshold.is_some();
        probabilities &= scores.gives_probability;
    }
    let mut measures = vec![Measure::Auc];
    if declaration.bootstrap.is_some() {
        measures.push(Measure::AveragePrecision);
    }
    if thresholds {
        measures.extend([Measure::Sensitivity, Measure::Specificity, Measure::Accuracy]);
    }
    if probabilities {
        measures.extend([Measure::Brier, Measure::LogLoss, Measure::NetBenefit]);
        if declaration.bootstrap.is_some() {
            measures.extend([Measure::CalibrationSlope, Measure::IntegratedCalibrationIndex]);
        }
    }
    measures
}

fn of_survival(declaration: &Declaration, arranged: &Arranged) -> Vec<Measure> {
    let mut measures = vec![Measure::Concordance];
    if declaration.horizon.is_none() {
        return measures;
    }
    measures.push(Measure::TimeDependentAuc);
    let have_risks = std::iter::once(&arranged.base).chain(&arranged.variants).all(|scores| scores.risk.is_some());
    if have_risks && declaration.bootstrap.is_some() {
        measures.extend([
            Measure::Brier,
            Measure::ScaledBrier,
            Measure::NetBenefit,
            Measure::CalibrationSlope,
            Measure::ObservedExpectedRatio,
        ]);
    }
    measures
}

impl Measure {
    pub fn id(self) -> &'static str {
        match self {
            Measure::Auc => "auc",
            Measure::AveragePrecision => "average_precision",
            Measure::Sensitivity => "sensitivity",
            Measure::Specificity => "specificity",
            Measure::Accuracy => "accuracy",
            Measure::Brier => "brier",
            Measure::LogLoss => "log_loss",
            Measure::NetBenefit => "net_benefit",
            Measure::CalibrationSlope => "calibration_slope",
            Measure::IntegratedCalibrationIndex => "integrated_calibration_index",
            Measure::Concordance => "concordance",
            Measure::TimeDependentAuc => "time_dependent_auc",
            Measure::ScaledBrier => "scaled_brier",
            Measure::ObservedExpectedRatio => "observed_expected_ratio",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Measure::Auc => "AUC",
            Measure::AveragePrecision => "Average precision",
            Measure::Sensitivity => "Sensitivity",
            Measure::Specificity => "Specificity",
            Measure::Accuracy => "Accuracy",
            Measure::Brier => "Brier score",
            Measure::LogLoss => "Log loss",
            Measure::NetBenefit => "Net benefit",
            Measure::CalibrationSlope => "Calibration slope",
            Measure::IntegratedCalibrationIndex => "Integrated calibration index",
            Measure::Concordance => "C index",
            Measure::TimeDependentAuc => "AUC by the horizon",
            Measure::ScaledBrier => "IPA",
            Measure::ObservedExpectedRatio => "O/E",
        }
    }

    /// "AUC", "net benefit" within a sentence.
    pub fn in_a_sentence(self) -> String {
        let label = self.label();
        let is_a_name = ["AUC", "C ", "Brier", "IPA", "O/E"].iter().any(|name| label.starts_with(name));
        if is_a_name { label.to_string() } else { label.to_lowercase() }
    }

    /// `None` where the best value is in the middle.
    pub fn direction(self) -> Option<Direction> {
        match self {
            Measure::CalibrationSlope | Measure::ObservedExpectedRatio => None,
            Measure::Brier | Measure::LogLoss | Measure::IntegratedCalibrationIndex => Some(Direction::LowerIsBetter),
            _ => Some(Direction::HigherIsBetter),
        }
    }

    /// There is no formula for the error of the difference.
    pub fn needs_bootstrap(self, of_survival: bool) -> bool {
        match self {
            Measure::AveragePrecision
            | Measure::IntegratedCalibrationIndex
            | Measure::CalibrationSlope
            | Measure::ScaledBrier
            | Measure::ObservedExpectedRatio => true,
            Measure::Brier | Measure::NetBenefit => of_survival,
            _ => false,
        }
    }

    /// It is of the time by which an event has happened.
    pub fn is_by_horizon(self, of_survival: bool) -> bool {
        of_survival && self != Measure::Concordance
    }

    /// What is missing where a measure is not among those that can be compared.
    pub fn needs(self) -> &'static str {
        match self {
            Measure::Auc => "it needs a binary outcome",
            Measure::AveragePrecision => "it needs a binary outcome and a declared `bootstrap`",
            Measure::Sensitivity | Measure::Specificity | Measure::Accuracy => {
                "it needs a binary outcome and a threshold for every model: a training part, or a fixed threshold"
            }
            Measure::LogLoss => "it needs a binary outcome, and models that give probabilities",
            Measure::Brier | Measure::NetBenefit => {
                "it needs a binary outcome and models that give probabilities, or a survival outcome, a declared `horizon`, models that give risks by it, and a declared `bootstrap`"
            }
            Measure::CalibrationSlope => {
                "it needs a declared `bootstrap`, and a binary outcome and models that give probabilities, or a survival outcome, a declared `horizon` and models that give risks by it"
            }
            Measure::IntegratedCalibrationIndex => {
                "it needs a binary outcome, models that give probabilities, and a declared `bootstrap`"
            }
            Measure::Concordance => "it needs a survival outcome",
            Measure::TimeDependentAuc => "it needs a survival outcome and a declared `horizon`",
            Measure::ScaledBrier | Measure::ObservedExpectedRatio => {
                "it needs a survival outcome, a declared `horizon`, models that give risks by it, and a declared `bootstrap`"
            }
        }
    }
}
