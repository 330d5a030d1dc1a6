//! What came of survival analyses beside curves, rates and the Cox model: further tests, restricted means, competing events.

use super::CurveTallies;
use crate::stats::{Estimate, Test};
use serde::{Deserialize, Serialize};

/// Comparisons of the groups of a Kaplan-Meier analysis in one partition, beside the test of all groups.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SurvivalComparisons {
    /// The variable within whose levels the groups are compared.
    pub stratified_by: Option<String>,
    /// For a trend over the groups in their order.
    pub trend: Option<Test>,
    pub pairwise: Vec<GroupPair>,
    /// How the P-values of the pairs were adjusted, in words.
    pub pairwise_adjustment: Option<String>,
    /// The end of the time over which means are taken.
    pub restricted_to: Option<f64>,
    /// Mean time without the event up to that time, one per group; `None` for a group that was not followed as long, and
    /// where few had the event.
    pub restricted_means: Vec<Option<Estimate>>,
    /// Of each pair of groups that both have a restricted mean.
    pub mean_differences: Vec<MeanDifference>,
}

impl SurvivalComparisons {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Two groups, by their labels, held against each other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GroupPair {
    pub first: String,
    pub second: String,
    /// `None` where no event happened while both groups were at risk.
    pub test: Option<Test>,
    pub adjusted_p_value: Option<f64>,
}

/// The second group's restricted mean less the first's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MeanDifference {
    pub first: String,
    pub second: String,
    pub difference: Estimate,
    pub test: Option<Test>,
}

/// How a Cox model was fitted, where not in the plain way.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CoxDetails {
    /// Variables whose levels have baseline hazards of their own.
    pub strata: Vec<String>,
    /// The variable that says from when a subject is under observation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entry: Option<String>,
    /// The variance behind intervals and tests, in words, where it is not that of the information.
    pub variance: Option<String>,
    /// How coefficients are estimated, in words, where not by the partial likelihood.
    pub estimation: Option<String>,
    /// How terms were chosen, in words, and the steps.
    pub selection: Option<String>,
    pub steps: Vec<CoxStep>,
    /// Terms whose coefficient has no finite estimate: the likelihood is monotone in it.
    pub monotone: Vec<String>,
}

impl CoxDetails {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CoxStep {
    /// "start", "add" or "remove".
    pub action: String,
    pub term: Option<String>,
    /// The criterion of the model after this step.
    pub value: f64,
}

/// Incidence of an event in the presence of competing ones, by group, in each partition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IncidenceAnalysis {
    pub outcome: String,
    pub competing: Vec<String>,
    pub level: f64,
    /// What the groups are, in words.
    pub grouped_by: String,
    pub group_labels: Vec<String>,
    pub rate_times: Vec<f64>,
    /// Times at which the numbers at risk are given, in the outcome's reported unit.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub risk_table_times: Vec<f64>,
    /// Curves are kept up to here.
    pub horizon: f64,
    pub partitions: Vec<PartitionIncidence>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PartitionIncidence {
    pub partition: String,
    /// In the order of `group_labels`.
    pub groups: Vec<GroupIncidence>,
    /// Gray's test of the event of interest; `None` where fewer than two groups have subjects.
    pub gray: Option<Test>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GroupIncidence {
    pub label: String,
    pub n: usize,
    pub events: usize,
    /// Subjects with a competing event; `None` where the number, or one that it would give away, is below the study's minimum.
    pub competing: Option<usize>,
    /// In the order of [`IncidenceAnalysis::rate_times`]; `None` past the last observation, and where it is withheld.
    pub rates: Vec<Option<Estimate>>,
    /// In the order of [`IncidenceAnalysis::risk_table_times`]; `None` where a number, or one it would give away, is below the
    /// study's minimum, and shorter where few are at risk.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub at_risk: Vec<Option<usize>>,
    /// On a grid: the value holds from its time to the next point's.
    pub curve: Vec<IncidencePoint>,
    /// Grid times at which at least one subject was censored since the point before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub censored_at: Vec<f64>,
    #[serde(default, skip_serializing_if = "CurveTallies::is_empty")]
    pub tallies: CurveTallies,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct IncidencePoint {
    pub time: f64,
    pub incidence: f64,
    /// Absent where there is no interval: before the first event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lower: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upper: Option<f64>,
}

/// Fine-Gray regression on declared terms; the ratios of its rows are subdistribution hazard ratios.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FineGrayAnalysis {
    pub outcome: String,
    pub competing: Vec<String>,
    pub partition: String,
    pub level: f64,
    pub n: usize,
    pub events: usize,
    /// Subjects with a competing event.
    pub competing_events: usize,
    pub univariable: Vec<SubdistributionRow>,
    pub multivariable: Vec<SubdistributionRow>,
    /// That all coefficients are zero.
    pub wald: Option<Test>,
}

/// A coefficient with its subdistribution hazard ratio.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SubdistributionRow {
    pub variable: String,
    /// The level against the reference, for a categorical variable.
    pub level: Option<String>,
    pub reference: Option<String>,
    /// For a continuous variable, the step that the ratio is for: "per 10 years".
    pub per: Option<String>,
    pub n: usize,
    pub events: usize,
    pub coefficient: f64,
    /// From the sandwich covariance.
    pub standard_error: f64,
    pub subdistribution_hazard_ratio: Estimate,
    /// That the coefficient is zero.
    pub test: Test,
}
