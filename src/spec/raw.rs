//! What was typed: the types of `study.yaml`, unknown keys refused. The JSON Schema is generated from these types, and
//! their comments are its descriptions.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A study: its data, cohort, split, models, statistics and report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Vouch study")]
pub struct RawStudy {
    /// The layout of this file.
    pub schema: SchemaVersion,
    /// A short name, for folders and headers: letters, digits, hyphens.
    pub id: String,
    pub title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Printed on the report, as given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// All that is random in the study derives from this number.
    pub seed: u64,
    pub data: RawData,
    #[serde(default)]
    pub cohort: RawCohort,
    pub variables: IndexMap<String, RawVariable>,
    pub outcomes: IndexMap<String, RawOutcome>,
    #[serde(default)]
    pub split: RawSplit,
    #[serde(default)]
    pub models: IndexMap<String, RawModel>,
    #[serde(default)]
    pub statistics: IndexMap<String, RawStatistic>,
    #[serde(default)]
    pub report: RawReport,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum SchemaVersion {
    #[serde(rename = "study/1")]
    Study1,
}

/// The table of patients.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawData {
    /// A CSV or Parquet file, relative to this spec; one row per subject.
    pub path: String,
    /// The column that identifies a subject.
    pub id: String,
    /// SHA-256 of the file's bytes; a file with another hash is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// SHA-256 of the table's content whatever the order of its rows, as `vouch check` prints it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_sha256: Option<String>,
    /// Texts that mean "missing", beside the empty field.
    #[serde(default = "default_missing_texts")]
    pub missing: Vec<String>,
    /// Where the data come from and how they may be used; printed in the report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The data are simulated: every page says so.
    #[serde(default)]
    pub simulated: bool,
}

fn default_missing_texts() -> Vec<String> {
    vec!["NA".to_string()]
}

/// Who is analysed. Derived columns come first, then inclusion, exclusion and missing values, in this order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RawCohort {
    /// New columns, by name: SQL expressions over the columns of the table.
    pub derive: IndexMap<String, String>,
    /// Subjects stay when every expression is true.
    pub include: Vec<RawCriterion>,
    /// Subjects leave when an expression is true.
    pub exclude: Vec<RawCriterion>,
    pub missing: RawMissing,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawCriterion {
    pub id: String,
    /// The criterion in words, as the flow figure prints it.
    pub says: String,
    /// The criterion as an SQL expression.
    #[serde(rename = "where")]
    pub condition: String,
}

/// What happens to missing values of predictors.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RawMissing {
    /// A predictor with a larger share of missing values than this is dropped from all models.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub drop_variables_above: Option<f64>,
    pub cases: RawMissingCases,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawMissingCases {
    /// Subjects with a missing value in any predictor are excluded, and counted.
    #[default]
    Complete,
    /// Median, or most frequent level, of the training part.
    Impute,
}

/// A column that tables describe and models use.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawVariable {
    /// As tables print it; the name when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    pub kind: RawVariableKind,
    /// The column of the table; the variable's own name when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// Value in the table: label, in order; the first is the reference level. Needed unless the kind is continuous.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub levels: IndexMap<String, String>,
    /// How a baseline table describes a continuous variable.
    #[serde(default)]
    pub summary: RawSummary,
    /// How an ordinal variable enters a model: as its levels, or as the numbers 0, 1, 2, ….
    #[serde(default)]
    pub coding: RawCoding,
    /// How a continuous variable enters a model.
    #[serde(default)]
    pub transform: RawTransform,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawVariableKind {
    Continuous,
    Categorical,
    Ordinal,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawSummary {
    #[default]
    MedianQuartiles,
    MeanSd,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawCoding {
    /// One indicator per level but the first.
    #[default]
    Indicators,
    /// 0, 1, 2, … in the order of the levels.
    Scores,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawTransform {
    #[default]
    None,
    /// ln(1 + x), for a right-skewed variable that can be zero.
    Log1p,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum RawOutcome {
    /// Yes or no.
    Binary {
        label: String,
        /// An SQL expression that is true for the event.
        positive: String,
        /// Names of the classes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        names: Option<RawClassNames>,
    },
    /// Time to an event, censored on the right.
    Survival {
        label: String,
        /// The column with the time to the event or to the end of follow-up.
        time: String,
        /// The unit of that column.
        unit: TimeUnit,
        /// An SQL expression that is true when the event was observed.
        event: String,
        /// The unit in which times are reported.
        #[serde(default = "default_report_unit")]
        report_in: TimeUnit,
    },
}

fn default_report_unit() -> TimeUnit {
    TimeUnit::Years
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawClassNames {
    pub negative: String,
    pub positive: String,
}

/// A year has 365.25 days, a month a twelfth of that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TimeUnit {
    Days,
    Weeks,
    Months,
    Years,
}

/// How the cohort is divided into training, validation and test part.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RawSplit {
    /// Later subjects are the test part.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temporal: Option<RawTemporal>,
    /// A random share of the others is the validation part.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validation: Option<RawValidation>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawTemporal {
    /// A column with a number (a year) or a date.
    pub by: String,
    /// Subjects from this value on are the test part: a number, or a date as YYYY-MM-DD.
    pub test_from: RawCutoff,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum RawCutoff {
    Number(f64),
    Date(String),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawValidation {
    /// The validation part's share of the primary set.
    #[schemars(range(min = 0.01, max = 0.9))]
    pub fraction: f64,
    /// A binary outcome whose share is kept equal in both parts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stratify: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum RawModel {
    /// Logistic regression by maximum likelihood, or with an L2 penalty.
    Logistic {
        label: String,
        outcome: String,
        predictors: Vec<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        selection: Option<RawSelection>,
        /// Half of this number times the sum of squared coefficients (of standardised predictors) is added to the
        /// negative log-likelihood.
        #[serde(default)]
        #[schemars(range(min = 0.0))]
        penalty: f64,
    },
    /// Support vector machine with a radial kernel on standardised predictors; probabilities by Platt scaling.
    Svm {
        label: String,
        outcome: String,
        predictors: Vec<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        selection: Option<RawSelection>,
        /// C, the price of a margin violation.
        #[serde(default = "default_cost")]
        cost: f64,
        /// γ of exp(−γ‖x − y‖²); one over the number of columns when not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        gamma: Option<f64>,
        /// Folds of the cross-fitting behind the Platt scaling.
        #[serde(default = "default_folds")]
        #[schemars(range(min = 2, max = 20))]
        folds: usize,
    },
    /// Random forest of classification trees; the score is the share of trees that vote for the event.
    Forest {
        label: String,
        outcome: String,
        predictors: Vec<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        selection: Option<RawSelection>,
        #[serde(default = "default_trees")]
        #[schemars(range(min = 1, max = 10000))]
        trees: usize,
        /// The greatest depth of a tree; no limit when not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(range(min = 1))]
        depth: Option<u16>,
        /// The fewest subjects in a leaf.
        #[serde(default = "default_leaf")]
        #[schemars(range(min = 1))]
        leaf: usize,
    },
    /// A score that is already in the table: a reader's call, another team's model. Nothing is fitted.
    Scores {
        label: String,
        outcome: String,
        /// An SQL expression over the table's columns that gives the score.
        from: String,
        orientation: RawOrientation,
        /// The score is a probability of the event, so that calibration can be judged.
        #[serde(default)]
        is_probability: bool,
    },
}

/// Which end of a score means the event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawOrientation {
    HigherIsRisk,
    LowerIsRisk,
}

fn default_cost() -> f64 {
    1.0
}

fn default_folds() -> usize {
    5
}

fn default_trees() -> usize {
    500
}

fn default_leaf() -> usize {
    5
}

/// How predictors are chosen from the candidates, on the training part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawSelection {
    /// Candidates stay when their univariable likelihood-ratio test has a P-value below this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub screen_p_below: Option<f64>,
    /// Stepwise logistic regression by AIC over those that stay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stepwise: Option<RawDirection>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawDirection {
    Forward,
    Backward,
    Both,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum RawStatistic {
    /// Baseline characteristics by the classes of a binary outcome.
    BaselineTable {
        by: String,
        /// Partitions or unions of them: "training", "validation+test", "primary" (training+validation), "all".
        within: Vec<String>,
        variables: Vec<String>,
        #[serde(default)]
        continuous_test: RawContinuousTest,
        #[serde(default)]
        categorical_test: RawCategoricalTest,
    },
    /// AUC, and metrics at a threshold, of every model in every partition.
    Performance {
        outcome: String,
        /// All models of the outcome when not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        models: Option<Vec<String>>,
        partitions: Vec<String>,
        #[serde(default = "default_level")]
        #[schemars(range(min = 0.5, max = 0.999))]
        level: f64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bootstrap: Option<RawBootstrap>,
        threshold: RawThreshold,
        metrics: Vec<RawMetric>,
        #[serde(default)]
        interval: RawProportionInterval,
    },
    /// Paired DeLong tests of every model against one.
    Comparison {
        outcome: String,
        /// The model that the others are compared with.
        reference: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        models: Option<Vec<String>>,
        partitions: Vec<String>,
        #[serde(default = "default_level")]
        #[schemars(range(min = 0.5, max = 0.999))]
        level: f64,
        /// Adjustment of the P-values over all models within a partition.
        #[serde(default)]
        adjust: RawAdjustment,
    },
    /// Kaplan-Meier curves by group with a log-rank test.
    KaplanMeier {
        outcome: String,
        groups: RawGroups,
        partitions: Vec<String>,
        /// Times of the survival rates, in the outcome's reported unit.
        rates_at: Vec<f64>,
        #[serde(default = "default_level")]
        #[schemars(range(min = 0.5, max = 0.999))]
        level: f64,
        #[serde(default)]
        interval: RawSurvivalInterval,
        /// Curves are drawn up to this time; to the last observation when not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        horizon: Option<f64>,
    },
    /// Cox regression, one term at a time and together.
    Cox {
        outcome: String,
        partition: String,
        terms: Vec<RawTerm>,
        #[serde(default = "default_true")]
        univariable: bool,
        #[serde(default = "default_true")]
        multivariable: bool,
        #[serde(default)]
        ties: RawTies,
        #[serde(default = "default_level")]
        #[schemars(range(min = 0.5, max = 0.999))]
        level: f64,
    },
    /// Agreement of predicted and observed risk, and net benefit, of every model that gives probabilities.
    Calibration {
        outcome: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        models: Option<Vec<String>>,
        partitions: Vec<String>,
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
}

/// Bootstrap intervals of the AUC, beside DeLong's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawBootstrap {
    #[serde(default = "default_replicates")]
    #[schemars(range(min = 100, max = 1000000))]
    pub replicates: usize,
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

/// Where a score becomes a call: chosen on the training part, applied to all.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawThreshold {
    pub rule: RawThresholdRule,
    /// The value of `fixed`, or the bound of `sensitivity` and `specificity`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawThresholdRule {
    /// The largest sensitivity + specificity − 1.
    Youden,
    /// The point of the ROC curve closest to (0, 1).
    ClosestTopLeft,
    /// The value given.
    Fixed,
    /// The highest specificity among thresholds with at least this sensitivity.
    Sensitivity,
    /// The highest sensitivity among thresholds with at least this specificity.
    Specificity,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawMetric {
    Accuracy,
    Sensitivity,
    Specificity,
    PositivePredictiveValue,
    NegativePredictiveValue,
    F1,
    MatthewsCorrelation,
    CohenKappa,
    BalancedAccuracy,
    PositiveLikelihoodRatio,
    NegativeLikelihoodRatio,
    DiagnosticOddsRatio,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawProportionInterval {
    #[default]
    Wilson,
    ClopperPearson,
    AgrestiCoull,
    Wald,
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
        model: String,
        /// The performance analysis.
        of: String,
        /// Labels below and from the threshold on.
        #[serde(default = "default_risk_labels")]
        labels: [String; 2],
    },
    /// A model's score cut at quantiles of its training scores.
    Quantiles {
        model: String,
        at: Vec<f64>,
        labels: Vec<String>,
    },
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
    Exact,
}

/// What the report shows, in order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RawReport {
    pub show: Vec<RawItem>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawItem {
    pub item: crate::results::Show,
    /// The analysis to show; the attrition flow and the selection table need none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
    pub caption: String,
    /// "Table S1"; tables and figures are counted when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}
