//! What came of regressions whose effects are odds ratios, and of the bootstrap of models for their optimism.

use crate::stats::regression::optimism::OptimismCorrected;
use crate::stats::regression::variance_inflation::VarianceInflation;
use crate::stats::resample::optimism::CorrectedMeasure;
use crate::stats::survival::cox::optimism::SurvivalOptimism;
use crate::stats::{Estimate, Test};
use serde::{Deserialize, Serialize};

/// Logistic regression on declared terms, one at a time and together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RegressionAnalysis {
    pub outcome: String,
    pub partition: String,
    pub level: f64,
    pub n: usize,
    pub events: usize,
    /// In words: "maximum likelihood", "Firth's penalised likelihood".
    pub estimation: String,
    /// One row per term; a variable alone.
    pub univariable: Vec<RegressionRow>,
    /// All terms together; empty when not asked for or not estimable.
    pub multivariable: Vec<RegressionRow>,
    /// Of all terms together, against the intercept alone.
    pub likelihood_ratio: Option<Test>,
    /// Of all terms together, on the subjects that they were fitted on.
    pub apparent_auc: Option<Estimate>,
    /// How much the other terms widen the interval of each; of the multivariable model with two or more terms.
    pub variance_inflation: Vec<VarianceInflationRow>,
    /// Models without an estimate, with the reason.
    pub not_estimated: Vec<NotEstimated>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RegressionRow {
    pub variable: String,
    /// The level against the reference, for a categorical variable.
    pub level: Option<String>,
    pub reference: Option<String>,
    /// For a continuous variable, the step that the odds ratio is for: "per 10 years".
    pub per: Option<String>,
    pub n: usize,
    pub events: usize,
    pub coefficient: f64,
    pub standard_error: f64,
    pub odds_ratio: Estimate,
    /// That the coefficient is zero.
    pub test: Test,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VarianceInflationRow {
    pub variable: String,
    #[serde(flatten)]
    pub inflation: VarianceInflation,
}

/// A model that has no estimate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NotEstimated {
    /// The term that was to be fitted alone; `None` for all terms together.
    pub variable: Option<String>,
    pub why: String,
}

/// Apparent performance of models in the part that they were developed on, and corrected for optimism.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OptimismAnalysis {
    pub outcome: String,
    pub replicates: usize,
    pub rows: Vec<OptimismRow>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OptimismRow {
    pub model: String,
    pub n: usize,
    pub events: usize,
    #[serde(flatten)]
    pub measures: OptimismMeasures,
}

/// Of a model of a binary outcome, or of survival.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum OptimismMeasures {
    Binary(OptimismCorrected),
    Survival(SurvivalOptimism),
}

impl OptimismMeasures {
    /// Each measure under its name.
    pub fn named(&self) -> Vec<(&'static str, CorrectedMeasure)> {
        match self {
            Self::Binary(measures) => vec![
                ("AUC", measures.auc),
                ("Calibration slope", measures.slope),
                ("Calibration intercept", measures.intercept),
                ("Brier score", measures.brier),
            ],
            Self::Survival(measures) => {
                vec![("Harrell's C", measures.concordance), ("Calibration slope", measures.slope)]
            }
        }
    }

    /// Bootstrap samples that the corrections rest on.
    pub fn replicates(&self) -> usize {
        match self {
            Self::Binary(measures) => measures.replicates,
            Self::Survival(measures) => measures.replicates,
        }
    }

    /// Bootstrap samples on which the model could not be developed or measured.
    pub fn failed(&self) -> usize {
        match self {
            Self::Binary(measures) => measures.failed,
            Self::Survival(measures) => measures.failed,
        }
    }
}
