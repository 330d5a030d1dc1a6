//! The analyses of a study.

mod agreement;
mod comparison;
mod optimism;
mod performance;
mod planning;
mod reclassification;
mod regression;
mod set_comparison;
mod subgroups;
mod survival;

pub use agreement::*;
pub use comparison::*;
pub use optimism::*;
pub use performance::*;
pub use planning::*;
pub use reclassification::*;
pub use regression::*;
pub use set_comparison::*;
pub use subgroups::*;
pub use survival::*;

use super::survival::{RawCalibrationCurve, RawDescription, RawRatioInterval, RawSurvivalBootstrap, RawThresholdRange};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum RawStatistic {
    /// Baseline characteristics by the classes of a binary outcome.
    BaselineTable {
        /// A binary outcome: its classes are the groups.
        by: String,
        /// Partitions or unions of them: "training", "validation+test", "primary" (training+validation), "all".
        within: Vec<String>,
        /// The rows of the table.
        variables: Vec<String>,
        /// How continuous variables are compared.
        #[serde(default)]
        continuous_test: RawContinuousTest,
        /// How variables with levels are compared.
        #[serde(default)]
        categorical_test: RawCategoricalTest,
        /// A column with all subjects of each set.
        #[serde(default, skip_serializing_if = "is_false")]
        overall: bool,
        /// A column with standardised mean differences.
        #[serde(default = "default_true")]
        differences: bool,
    },
    SetComparison(RawSetComparison),
    /// AUC, and metrics at a threshold, of every model in every partition.
    Performance {
        /// A binary outcome.
        outcome: String,
        /// All models of the outcome when not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        models: Option<Vec<String>>,
        /// Partitions or unions of them.
        partitions: Vec<String>,
        /// Coverage of the intervals.
        #[serde(default = "default_level")]
        #[schemars(range(min = 0.5, max = 0.999))]
        level: f64,
        /// Interval of the AUC.
        #[serde(default)]
        auc_interval: RawAucInterval,
        /// Bootstrap intervals, beside those of `auc_interval`; also of a partial AUC and of the average precision.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bootstrap: Option<RawBootstrap>,
        /// A part of the area under the curve, as it is and standardised after McClish.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        partial_auc: Option<RawPartialAuc>,
        /// Precision-recall curves and their average precision.
        #[serde(default, skip_serializing_if = "is_false")]
        average_precision: bool,
        /// Where a score becomes a call.
        threshold: RawThreshold,
        /// What is computed from the calls, in the order of the table's columns.
        metrics: Vec<RawMetric>,
        /// Interval of metrics; without `bootstrap` it holds for those that are proportions, others have one of their own.
        #[serde(default)]
        interval: RawProportionInterval,
        /// A variable whose equal values tell which rows belong together, as the lesions of one patient do. Intervals then
        /// rest on clusters: the AUC's on Obuchowski's variance, all others on a bootstrap of clusters.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cluster: Option<String>,
    },
    /// Paired comparison of every model's AUC with one model's; that all AUCs are equal is tested too.
    Comparison {
        /// A binary outcome.
        outcome: String,
        /// The model that the others are compared with.
        reference: String,
        /// All models of the outcome when not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        models: Option<Vec<String>>,
        /// Partitions or unions of them.
        partitions: Vec<String>,
        /// Coverage of the intervals.
        #[serde(default = "default_level")]
        #[schemars(range(min = 0.5, max = 0.999))]
        level: f64,
        /// Adjustment of the P-values over all models within a partition.
        #[serde(default)]
        adjust: RawAdjustment,
        /// The test of a difference.
        #[serde(default)]
        test: RawAucTest,
        /// For `test: bootstrap`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bootstrap: Option<RawBootstrap>,
        /// A model is not inferior to the reference when its AUC is surely less than this below the reference's; the test
        /// is one-sided.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(range(min = 0.0, max = 1.0))]
        non_inferiority_margin: Option<f64>,
        /// A variable whose equal values tell which rows belong together, as the lesions of one patient do. DeLong's test then
        /// rests on clusters (Obuchowski); that all AUCs are equal is not tested.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cluster: Option<String>,
        /// What a model has to show. The report prints the rule with a verdict in words on every model.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        verdict: Option<RawClaim>,
    },
    MetricComparison(RawMetricComparison),
    PartitionComparison(RawPartitionComparison),
    Regression(RawRegression),
    Subgroups(RawSubgroups),
    Reclassification(RawReclassification),
    Optimism(RawOptimism),
    Agreement(RawAgreement),
    Planning(RawPlanning),
    /// Kaplan-Meier curves by group with a log-rank test.
    KaplanMeier {
        /// A survival outcome.
        outcome: String,
        /// What divides subjects into groups.
        groups: RawGroups,
        /// Partitions or unions of them.
        partitions: Vec<String>,
        /// Times of the survival rates, in the outcome's reported unit.
        rates_at: Vec<f64>,
        /// Coverage of the intervals.
        #[serde(default = "default_level")]
        #[schemars(range(min = 0.5, max = 0.999))]
        level: f64,
        /// Scale of the intervals.
        #[serde(default)]
        interval: RawSurvivalInterval,
        /// Curves are drawn up to this time; to the last observation when not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        horizon: Option<f64>,
        /// The test between the groups; the log-rank test when not given.
        #[serde(default)]
        test: RawLogRank,
        /// Mean survival time up to this time, per group and compared between groups.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        restricted_mean_to: Option<f64>,
        /// A continuous variable with the time from which a subject is under observation (delayed entry), in the unit of the
        /// outcome's time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        entry: Option<String>,
    },
    CumulativeIncidence(RawCumulativeIncidence),
    FineGray(RawFineGray),
    /// Cox regression, one term at a time and together.
    Cox {
        /// A survival outcome.
        outcome: String,
        /// The subjects: a partition or a union of partitions.
        partition: String,
        /// Variables, or the groups of a kaplan_meier analysis.
        terms: Vec<RawTerm>,
        /// Each term in a model of its own.
        #[serde(default = "default_true")]
        univariable: bool,
        /// All terms in one model.
        #[serde(default = "default_true")]
        multivariable: bool,
        /// How tied event times enter the partial likelihood.
        #[serde(default)]
        ties: RawTies,
        /// Strata, robust variance, Firth's penalty, choice of terms.
        #[serde(default)]
        fit: RawCoxFit,
        /// Coverage of the intervals.
        #[serde(default = "default_level")]
        #[schemars(range(min = 0.5, max = 0.999))]
        level: f64,
    },
    /// Characteristics of the subjects of each partition, side by side.
    Characteristics {
        /// Partitions or unions of them, a column each.
        partitions: Vec<String>,
        /// The variables that are described, in this order.
        variables: Vec<String>,
        /// How continuous variables are described, each in a row of its own; as their `summary` says when not given.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        continuous: Vec<RawDescription>,
    },
    /// Discrimination, calibration, overall error and net benefit of models of a survival outcome, by a horizon.
    SurvivalPerformance {
        /// The survival outcome that the models predict.
        outcome: String,
        /// All models of the outcome when not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        models: Option<Vec<String>>,
        /// Partitions or unions of them, in each of which every model is judged.
        partitions: Vec<String>,
        /// The time by which the event is predicted, in the outcome's reported unit.
        horizon: f64,
        /// The time of the AUC and of the Brier score, which need subjects who are followed beyond it; the horizon when not
        /// given. Where follow-up ends at the horizon, take it a little earlier.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        weighted_at: Option<f64>,
        /// Coverage of the intervals.
        #[serde(default = "default_level")]
        #[schemars(range(min = 0.5, max = 0.999))]
        level: f64,
        /// Predicted risks from which on subjects would be treated, for the table of net benefit.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        thresholds: Vec<f64>,
        /// The thresholds of the decision curve.
        #[serde(default)]
        decision_curve: RawThresholdRange,
        /// Groups of predicted risk in the calibration figure.
        #[serde(default = "default_groups")]
        #[schemars(range(min = 2, max = 50))]
        groups: usize,
        /// The smooth calibration curve behind ICI, E50 and E90.
        #[serde(default)]
        calibration_curve: RawCalibrationCurve,
        /// What the interval of observed over expected rests on.
        #[serde(default)]
        ratio_interval: RawRatioInterval,
        /// Intervals of ICI, E50, E90 and IPA; they have none when not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bootstrap: Option<RawSurvivalBootstrap>,
        /// The other models are compared with this one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reference: Option<String>,
    },
    /// Agreement of predicted and observed risk, and net benefit, of every model that gives probabilities.
    Calibration {
        /// A binary outcome.
        outcome: String,
        /// All models of the outcome when not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        models: Option<Vec<String>>,
        /// Partitions or unions of them.
        partitions: Vec<String>,
        /// Coverage of the intervals.
        #[serde(default = "default_level")]
        #[schemars(range(min = 0.5, max = 0.999))]
        level: f64,
        /// Groups of predicted risk.
        #[serde(default = "default_groups")]
        #[schemars(range(min = 2, max = 50))]
        groups: usize,
    },
}

fn default_level() -> f64 {
    0.95
}

fn default_true() -> bool {
    true
}

fn is_false(value: &bool) -> bool {
    !*value
}

fn default_groups() -> usize {
    10
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawContinuousTest {
    /// Wilcoxon rank-sum test for variables described by their median, Welch's t for those described by their mean.
    #[default]
    BySummary,
    StudentT,
    WelchT,
    Wilcoxon,
    KruskalWallis,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawCategoricalTest {
    /// Pearson's χ² without continuity correction; Fisher's exact test when an expected count is below 5.
    #[default]
    BySize,
    ChiSquared,
    ChiSquaredYates,
    Fisher,
    /// Cochran-Armitage test for trend over the levels of ordinal variables; the others as `by_size`.
    Trend,
}

/// Bootstrap intervals of the AUC, beside DeLong's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawBootstrap {
    #[serde(default = "default_replicates")]
    #[schemars(range(min = 100, max = 1000000))]
    pub replicates: usize,
    /// How the interval is made of the replicates.
    #[serde(default)]
    pub interval: RawBootstrapInterval,
    /// Resample within the classes of the outcome.
    #[serde(default = "default_true")]
    pub stratified: bool,
}

fn default_replicates() -> usize {
    2000
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawBootstrapInterval {
    #[default]
    Percentile,
    Basic,
    Bca,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawAdjustment {
    #[default]
    None,
    Bonferroni,
    Holm,
    Hochberg,
    BenjaminiHochberg,
    BenjaminiYekutieli,
}

/// What divides subjects into groups.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "by", rename_all = "snake_case", deny_unknown_fields)]
pub enum RawGroups {
    /// A model's score against the threshold that a performance analysis chose for it.
    Threshold {
        /// The model whose score makes the groups.
        model: String,
        /// The performance analysis.
        of: String,
        /// Labels below and from the threshold on.
        #[serde(default = "default_risk_labels")]
        labels: [String; 2],
    },
    /// A model's score cut at quantiles of its training scores.
    Quantiles { model: String, at: Vec<f64>, labels: Vec<String> },
    /// The levels of a variable.
    Variable { variable: String },
    /// The classes of a binary outcome.
    Outcome { outcome: String },
}

fn default_risk_labels() -> [String; 2] {
    ["Low risk".to_string(), "High risk".to_string()]
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawSurvivalInterval {
    Plain,
    #[default]
    Log,
    LogLog,
    Logit,
    Arcsine,
}

/// A term of a Cox regression.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum RawTerm {
    Variable(String),
    Detailed(RawDetailedTerm),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawDetailedTerm {
    /// A variable, …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variable: Option<String>,
    /// … or the groups of a Kaplan-Meier analysis.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups_of: Option<String>,
    /// The hazard ratio is for this many units of a continuous variable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per: Option<f64>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawTies {
    #[default]
    Efron,
    Breslow,
    /// The exact partial likelihood: time is discrete, and events at one time are at one time.
    Exact,
    /// The exact marginal likelihood: time is continuous, and the order of events at one time is unknown.
    ExactMarginal,
}
