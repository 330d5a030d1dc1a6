//! Options of survival analyses, and the analyses with competing events.

use super::{RawAdjustment, RawGroups, RawSurvivalInterval, RawTerm, default_level, default_true};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The log-rank test and its relatives.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RawLogRank {
    /// How event times are weighted.
    pub weight: RawLogRankWeight,
    /// For `fleming_harrington`: weighs early differences.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0))]
    pub rho: Option<f64>,
    /// For `fleming_harrington`: weighs late differences.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0))]
    pub gamma: Option<f64>,
    /// Compare within the levels of this variable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stratify: Option<String>,
    /// Test for a trend over the groups in their order too.
    pub trend: bool,
    /// Test each pair of groups too, with this adjustment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pairwise: Option<RawAdjustment>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawLogRankWeight {
    /// All event times alike.
    #[default]
    LogRank,
    /// By the number at risk: the generalised Wilcoxon test.
    Gehan,
    /// By the root of the number at risk.
    TaroneWare,
    /// By an estimate of survival.
    PetoPeto,
    /// By survival to the power of ρ times its complement to the power of γ.
    FlemingHarrington,
}

/// How a Cox model is fitted, beside its terms.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RawCoxFit {
    /// Variables whose levels have baseline hazards of their own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub strata: Vec<String>,
    /// Intervals and tests rest on the robust (sandwich) variance.
    pub robust: bool,
    /// A variable whose values name the independent units of the robust variance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster: Option<String>,
    /// A variable that holds the time from which a subject is under observation, in the unit of the outcome's time: before it
    /// a subject is in no risk set. Subjects without a value are left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entry: Option<String>,
    /// Firth's penalised likelihood has an estimate where the likelihood is monotone.
    pub firth: bool,
    /// Terms of the multivariable model are chosen stepwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selection: Option<RawCoxSelection>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawCoxSelection {
    /// Which steps are allowed.
    pub direction: RawCoxDirection,
    /// What a step must better; AIC unless `p` is given.
    #[serde(default)]
    pub criterion: RawInformationCriterion,
    /// Terms stay, or enter, with a likelihood-ratio P-value below this; for `backward` and `forward`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub p: Option<f64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawCoxDirection {
    Forward,
    Backward,
    Both,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawInformationCriterion {
    #[default]
    Aic,
    /// With the number of events as the sample size.
    Bic,
}

/// Cumulative incidence of an event in the presence of competing ones (Aalen-Johansen), by group with Gray's test.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawCumulativeIncidence {
    /// A survival outcome: the event of interest.
    pub outcome: String,
    /// Survival outcomes whose event, where it comes first, precludes that of interest. Of events at one time that counts
    /// whose outcome is declared first under `outcomes`.
    pub competing: Vec<String>,
    /// What divides subjects into groups.
    pub groups: RawGroups,
    /// Partitions or unions of them.
    pub partitions: Vec<String>,
    /// Times of the incidences, in the outcome's reported unit.
    pub rates_at: Vec<f64>,
    /// Coverage of the intervals.
    #[serde(default = "default_level")]
    #[schemars(range(min = 0.5, max = 0.999))]
    pub level: f64,
    /// Scale of the intervals.
    #[serde(default = "default_interval")]
    pub interval: RawSurvivalInterval,
}

fn default_interval() -> RawSurvivalInterval {
    RawSurvivalInterval::LogLog
}

/// Fine-Gray regression: subdistribution hazard ratios of an event in the presence of competing ones.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawFineGray {
    /// A survival outcome: the event of interest.
    pub outcome: String,
    /// Survival outcomes whose event, where it comes first, precludes that of interest. Of events at one time that counts
    /// whose outcome is declared first under `outcomes`.
    pub competing: Vec<String>,
    /// The subjects: a partition or a union of partitions.
    pub partition: String,
    /// Variables, or the groups of a kaplan_meier analysis.
    pub terms: Vec<RawTerm>,
    /// Fit each term alone.
    #[serde(default = "default_true")]
    pub univariable: bool,
    /// Fit all terms together.
    #[serde(default = "default_true")]
    pub multivariable: bool,
    /// Coverage of the intervals.
    #[serde(default = "default_level")]
    #[schemars(range(min = 0.5, max = 0.999))]
    pub level: f64,
}
