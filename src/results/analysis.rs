//! What was computed: one variant per kind of analysis that a study can declare.

use super::DeclaredClaim;
use super::{
    AgreementAnalysis, CoxDetails, CurveTallies, FineGrayAnalysis, IncidenceAnalysis, MetricComparison, OptimismAnalysis,
    OverallTest, PartitionComparison, PlanningAnalysis, ReclassificationAnalysis, RegressionAnalysis, SubgroupAnalysis,
    SurvivalComparisons,
};
use crate::stats::comparison::non_inferiority::NonInferiority;
use crate::stats::discrimination::partial_auc::PartialAucRange;
use crate::stats::{Estimate, Interval, Test};
use serde::{Deserialize, Serialize};

/// A declared analysis and what came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Analysis {
    /// The spec's own name for it.
    pub id: String,
    #[serde(flatten)]
    pub outcome: AnalysisOutcome,
}

/// A result, or why there is none: an analysis that cannot be computed does not stop the others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum AnalysisOutcome {
    BaselineTable(BaselineTable),
    SetComparison(SetComparison),
    Performance(Performance),
    Comparison(Comparison),
    MetricComparison(MetricComparison),
    PartitionComparison(PartitionComparison),
    Regression(RegressionAnalysis),
    Subgroups(SubgroupAnalysis),
    Reclassification(ReclassificationAnalysis),
    Optimism(OptimismAnalysis),
    Agreement(AgreementAnalysis),
    Planning(PlanningAnalysis),
    CumulativeIncidence(IncidenceAnalysis),
    FineGray(FineGrayAnalysis),
    KaplanMeier(SurvivalAnalysis),
    Cox(CoxAnalysis),
    Calibration(CalibrationAnalysis),
    Characteristics(super::Characteristics),
    SurvivalPerformance(super::SurvivalPerformance),
    NotComputed { declared: String, why: String },
}

/// Baseline characteristics by outcome class, for each set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BaselineTable {
    pub outcome: String,
    /// One block of columns per set (a partition or a union).
    pub sets: Vec<BaselineSet>,
    pub rows: Vec<BaselineRow>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BaselineSet {
    pub partition: String,
    /// Subjects without and with the outcome.
    pub negatives: usize,
    pub positives: usize,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BaselineRow {
    pub variable: String,
    /// One per set, in the order of `sets`.
    pub cells: Vec<BaselineCell>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BaselineCell {
    pub negative: GroupSummary,
    pub positive: GroupSummary,
    /// `None` where the test is not defined, with the reason beside it.
    pub test: Option<Test>,
    pub no_test_because: Option<String>,
    pub standardised_mean_difference: Option<f64>,
    /// Of both groups together, where asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overall: Option<GroupSummary>,
}

/// Characteristics of the subjects of two partitions: in each cell `negative` is of the first, `positive` of the second.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SetComparison {
    pub first: String,
    pub second: String,
    pub n_first: usize,
    pub n_second: usize,
    pub rows: Vec<BaselineRow>,
    /// One per outcome: its classes as two levels.
    pub outcomes: Vec<BaselineRow>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "summary", rename_all = "snake_case")]
pub enum GroupSummary {
    MeanSd {
        n: usize,
        missing: usize,
        mean: f64,
        #[serde(with = "crate::stats::estimate::optional_number")]
        sd: Option<f64>,
    },
    MedianQuartiles {
        n: usize,
        missing: usize,
        median: f64,
        lower_quartile: f64,
        upper_quartile: f64,
    },
    /// One count per level, in the order of the variable's levels.
    Counts {
        n: usize,
        missing: usize,
        counts: Vec<usize>,
    },
    /// As [`GroupSummary::Counts`], where a count is below the study's minimum: `None` is withheld.
    CountsWithheld {
        n: Option<usize>,
        missing: Option<usize>,
        counts: Vec<Option<usize>>,
        minimum: usize,
    },
    /// As [`GroupSummary::MeanSd`], where the number of missing values is below the study's minimum.
    MeanSdFewMissing {
        mean: f64,
        #[serde(with = "crate::stats::estimate::optional_number")]
        sd: Option<f64>,
        minimum: usize,
    },
    /// As [`GroupSummary::MedianQuartiles`], likewise.
    MedianQuartilesFewMissing {
        median: f64,
        lower_quartile: f64,
        upper_quartile: f64,
        minimum: usize,
    },
    /// No subject has a value.
    Empty {
        missing: usize,
    },
}

/// Discrimination and classification of every model in every partition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Performance {
    pub outcome: String,
    pub level: f64,
    pub partitions: Vec<String>,
    pub models: Vec<String>,
    /// In the order of the table's columns, AUC not among them.
    pub metrics: Vec<MetricFacts>,
    pub thresholds: Vec<ThresholdFacts>,
    pub rows: Vec<PerformanceRow>,
    pub curves: Vec<RocCurveFacts>,
    /// Counts over round thresholds, one per model and partition with both classes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sweeps: Vec<ThresholdSweep>,
    /// How many bootstrap replicates; `None` where no bootstrap interval was asked for.
    pub replicates: Option<usize>,
    /// The part of the curve that `partial_auc` is the area under.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partial_range: Option<PartialAucRange>,
    /// Precision over recall; empty when not asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub precision_recall: Vec<PrecisionRecallFacts>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MetricFacts {
    /// "sensitivity"
    pub id: String,
    /// "Sensitivity"
    pub label: String,
    /// "SENS"
    pub abbreviation: String,
    /// The metric is a proportion and may be printed as a percentage.
    pub is_proportion: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ThresholdFacts {
    pub model: String,
    /// In words: "largest Youden index".
    pub rule: String,
    pub chosen_on: String,
    pub threshold: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PerformanceRow {
    pub model: String,
    pub partition: String,
    pub n: usize,
    pub events: usize,
    /// With the declared interval where it is defined; `None` where the partition has one class only.
    pub auc: Option<Estimate>,
    pub auc_bootstrap: Option<Interval>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partial_auc: Option<PartialAucFacts>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub average_precision: Option<Estimate>,
    /// `None` where a cell is below the study's minimum.
    pub confusion: Option<ConfusionFacts>,
    /// In the order of [`Performance::metrics`]; `None` where the denominator is zero.
    pub metrics: Vec<Option<Estimate>>,
}

/// The area under a part of the curve, as it is and standardised after McClish (½ on the diagonal, 1 at best).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PartialAucFacts {
    pub area: Estimate,
    pub standardised: Estimate,
}

/// A precision-recall curve, without the thresholds that made it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PrecisionRecallFacts {
    pub model: String,
    pub partition: String,
    /// By rising recall.
    pub points: Vec<PrecisionRecallPointFacts>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PrecisionRecallPointFacts {
    pub recall: f64,
    pub precision: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfusionFacts {
    pub true_positives: u64,
    pub false_positives: u64,
    pub true_negatives: u64,
    pub false_negatives: u64,
}

/// The corners of an ROC curve, without the thresholds that made them (those are subjects' scores).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RocCurveFacts {
    pub model: String,
    pub partition: String,
    pub points: Vec<RocPointFacts>,
}

/// How many are called positive at each of a list of round thresholds, which are no subject's score.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ThresholdSweep {
    pub model: String,
    pub partition: String,
    /// Unset where a lower score means the event.
    pub higher_is_risk: bool,
    /// Subjects with and without the outcome.
    pub positives: usize,
    pub negatives: usize,
    /// Thresholds ascending.
    pub points: Vec<ThresholdPoint>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ThresholdPoint {
    pub threshold: f64,
    pub true_positives: usize,
    pub false_positives: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct RocPointFacts {
    pub false_positive_rate: f64,
    pub sensitivity: f64,
}

/// Paired comparison of every model's AUC with the reference model's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    pub outcome: String,
    pub level: f64,
    pub reference: String,
    /// How P-values were adjusted, and over which family, in words; `None` when they were not.
    pub adjustment: Option<String>,
    /// What the study declared that a model has to show.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<DeclaredClaim>,
    pub rows: Vec<ComparisonRow>,
    /// That the AUCs of all models are equal, per partition; where there are three models or more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overall: Vec<OverallTest>,
    /// The partitions whose subjects are too few for a test of so many models at once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub too_few_for_all: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ComparisonRow {
    pub partition: String,
    /// Compared with [`Comparison::reference`].
    pub model: String,
    pub n: usize,
    pub auc_reference: f64,
    pub auc_model: f64,
    /// AUC of the model less that of the reference, with its interval.
    pub difference: Estimate,
    pub test: Test,
    pub adjusted_p_value: Option<f64>,
    /// Of the model to the reference, where a margin is declared and the test is defined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub non_inferiority: Option<NonInferiority>,
    /// Whether what the study declared is shown; `None` where nothing is declared, or the test is not defined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holds: Option<bool>,
}

/// Survival by group, in each partition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SurvivalAnalysis {
    pub outcome: String,
    pub level: f64,
    /// "Predicted risk (stepwise logistic model), cut at 0.53": what the groups are, in words.
    pub grouped_by: String,
    pub group_labels: Vec<String>,
    /// Times at which the risk table and the rates are given, in the outcome's reported unit.
    pub rate_times: Vec<f64>,
    pub risk_table_times: Vec<f64>,
    /// The variable from whose time a subject is under observation; `None` for time 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<String>,
    pub partitions: Vec<PartitionSurvival>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PartitionSurvival {
    pub partition: String,
    /// In the order of `group_labels`; a group without subjects has n = 0 and an empty curve.
    pub groups: Vec<GroupSurvival>,
    /// `None` where fewer than two groups have subjects.
    pub log_rank: Option<Test>,
    #[serde(default, skip_serializing_if = "SurvivalComparisons::is_empty")]
    pub comparisons: SurvivalComparisons,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GroupSurvival {
    pub label: String,
    pub n: usize,
    pub events: usize,
    /// `None` when the curve does not fall to one half, or where it is withheld.
    pub median: Option<Estimate>,
    /// The curve falls to one half, but when would tell of few subjects.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub median_withheld: bool,
    /// In the order of [`SurvivalAnalysis::rate_times`]; `None` past the last observation, and where it is withheld.
    pub rates: Vec<Option<Estimate>>,
    /// In the order of [`SurvivalAnalysis::risk_table_times`]; `None` where a number, or one it would give away, is below the
    /// study's minimum, and shorter where few are at risk.
    pub at_risk: Vec<Option<usize>>,
    /// The step function on a grid: the value holds from its time to the next point's.
    pub curve: Vec<CurvePoint>,
    /// Grid times at which at least one subject was censored since the point before.
    pub censored_at: Vec<f64>,
    #[serde(default, skip_serializing_if = "CurveTallies::is_empty")]
    pub tallies: CurveTallies,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CurvePoint {
    pub time: f64,
    pub survival: f64,
    pub lower: f64,
    pub upper: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CoxAnalysis {
    pub outcome: String,
    pub partition: String,
    pub level: f64,
    pub n: usize,
    pub events: usize,
    /// "Efron", …
    pub ties: String,
    /// One row per term; a variable alone.
    pub univariable: Vec<CoxRow>,
    /// All terms together; empty when not asked for.
    pub multivariable: Vec<CoxRow>,
    pub likelihood_ratio: Option<Test>,
    pub concordance: Option<Estimate>,
    /// One test per term of the multivariable model and one for all, by scaled Schoenfeld residuals.
    pub proportional_hazards: Vec<ProportionalHazardsRow>,
    #[serde(default, skip_serializing_if = "CoxDetails::is_empty")]
    pub details: CoxDetails,
}

impl CoxAnalysis {
    /// The likelihood is monotone in this coefficient, alone or beside the others: its numbers are where a search ended.
    pub fn is_without_estimate(&self, row: &CoxRow) -> bool {
        let name = match &row.level {
            Some(level) => format!("`{}` ({level})", row.variable),
            None => format!("`{}`", row.variable),
        };
        self.details.monotone.contains(&name)
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CoxRow {
    pub variable: String,
    /// Where the term is the groups of another analysis, its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups_of: Option<String>,
    /// The level against the reference, for a categorical variable.
    pub level: Option<String>,
    pub reference: Option<String>,
    /// For a continuous variable, the step that the hazard ratio is for: "per 10 years".
    pub per: Option<String>,
    pub n: usize,
    pub events: usize,
    pub coefficient: f64,
    pub standard_error: f64,
    /// (β/SE)², χ² with one degree of freedom.
    pub wald: f64,
    pub hazard_ratio: Estimate,
    #[serde(with = "crate::stats::estimate::number")]
    pub p_value: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProportionalHazardsRow {
    /// A variable, or "global".
    pub term: String,
    pub test: Test,
}

/// Agreement of predicted and observed risk, and net benefit, per model that gives probabilities and partition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CalibrationAnalysis {
    pub outcome: String,
    pub level: f64,
    pub rows: Vec<CalibrationRow>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CalibrationRow {
    pub model: String,
    pub partition: String,
    pub n: usize,
    pub events: usize,
    pub intercept: Option<Estimate>,
    pub slope: Option<Estimate>,
    pub expected_observed_ratio: Option<Estimate>,
    pub brier: Option<Estimate>,
    pub scaled_brier: Option<f64>,
    pub integrated_calibration_index: Option<f64>,
    /// Groups of predicted risk with the observed proportion and its interval.
    pub groups: Vec<CalibrationGroup>,
    /// Why intercept and slope are absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_slope_because: Option<String>,
    /// At every hundredth at which at least [`FEWEST_ACTED_ON`] subjects are acted on.
    pub decision_curve: Vec<NetBenefitFacts>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CalibrationGroup {
    pub predicted: f64,
    pub observed: Estimate,
}

/// A decision curve ends where fewer subjects than these are acted on: from there on it is the luck of one or two.
pub const FEWEST_ACTED_ON: usize = 5;

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct NetBenefitFacts {
    pub threshold: f64,
    pub net_benefit: f64,
    pub treat_all: f64,
}
