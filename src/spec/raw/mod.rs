//! What was typed: the types of `study.yaml`, unknown keys refused. The JSON Schema is generated from these types, and
//! their comments are its descriptions.

mod encoding;
mod external;
mod image;
mod model;
mod network;
mod report;
mod simulation;
mod statistic;
mod survival;

pub use encoding::*;
pub use external::*;
pub use image::*;
pub use model::*;
pub use network::*;
pub use report::*;
pub use simulation::*;
pub use statistic::*;
pub use survival::*;

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
    /// What networks see of the images of `data: images`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub images: Option<RawImages>,
    pub variables: IndexMap<String, RawVariable>,
    pub outcomes: IndexMap<String, RawOutcome>,
    #[serde(default)]
    pub split: RawSplit,
    #[serde(default)]
    pub models: IndexMap<String, RawModel>,
    /// What holds for all networks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub networks: Option<RawNetworks>,
    /// Heat maps of networks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub explain: Option<RawExplain>,
    #[serde(default)]
    pub statistics: IndexMap<String, RawStatistic>,
    /// A file with the numbers that a publication of the study prints (layout reported/1, see `vouch audit --new`), relative
    /// to this spec: the report sets each beside the recomputed one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reported: Option<String>,
    #[serde(default)]
    pub report: RawReport,
    /// Other settings of the same study, by name, for `--profile NAME`: what a profile says takes the place of what stands
    /// above, key by key; `~` takes a key away. Its report goes to a folder of its own.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub profiles: IndexMap<String, IndexMap<String, serde_json::Value>>,
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
    /// The data are simulated, and made on first use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub simulate: Option<RawSimulation>,
    /// The images of the subjects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub images: Option<RawImageData>,
    /// A validation cohort from another file: the part `external`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external: Option<RawExternal>,
    /// A second table with features of the same subjects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub features: Option<RawFeatures>,
}

/// Features of the subjects that another program extracted, such as radiomics features by their IBSI names: one row per
/// subject, every column but the identifier joins the table before `cohort: derive`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawFeatures {
    /// A CSV or Parquet file, relative to this spec.
    pub path: String,
    /// The column that identifies a subject, as in the table.
    pub id: String,
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
    /// Extreme values of a continuous variable are cut before it enters a model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub winsorise: Option<RawWinsorise>,
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
        /// The time to the event or to the end of follow-up: a column, or an SQL expression.
        time: String,
        /// The unit of that time.
        unit: TimeUnit,
        /// An SQL expression that is true when the event was observed.
        event: String,
        /// Follow-up ends here for everybody: later events do not count.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        censor_at: Option<RawDuration>,
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

/// A length of time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawDuration {
    pub time: f64,
    pub unit: TimeUnit,
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

impl TimeUnit {
    /// Days in one unit.
    pub fn days(self) -> f64 {
        match self {
            TimeUnit::Days => 1.0,
            TimeUnit::Weeks => 7.0,
            TimeUnit::Months => 365.25 / 12.0,
            TimeUnit::Years => 365.25,
        }
    }
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
