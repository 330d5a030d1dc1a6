//! What the study is: its program, inputs, cohort, variables, partitions, models, and the layout of its report.

use serde::{Deserialize, Serialize};

/// What computed the results.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Program {
    pub name: String,
    pub version: String,
    /// Results of one class are equal bit for bit; results of different classes agree within a tolerance.
    pub numeric_class: String,
    /// The libraries whose code has a part in the numbers, with their versions.
    pub libraries: Vec<Library>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Library {
    pub name: String,
    pub version: String,
    /// What it does here.
    pub part: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StudyFacts {
    pub id: String,
    pub title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Printed on the report; the run's own date is never used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    pub seed: u64,
    /// Simulated data say so on every page.
    pub simulated: bool,
    /// SHA-256 of the spec file.
    pub spec_sha256: String,
    /// Where the data come from and how they may be used, in the spec's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_source: Option<String>,
    /// What was read of images, measured on them, and given to models.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<ImageFact>,
    /// Columns that the study computes from those of its tables.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub derived: Vec<DerivedColumn>,
    /// What happens to missing values of predictors.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing: Option<MissingRule>,
}

/// A column that the table does not have.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DerivedColumn {
    pub name: String,
    /// SQL over the columns of the table.
    pub expression: String,
    /// Labels of the variables and outcomes that are read from it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub of: Vec<String>,
    /// Derived in the file of the external cohort.
    #[serde(default, skip_serializing_if = "is_false")]
    pub external: bool,
}

fn is_false(value: &bool) -> bool {
    !*value
}

/// The study's rule for missing values of predictors.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct MissingRule {
    /// A predictor with a larger share of missing values is dropped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drop_above: Option<f64>,
    /// Missing values are replaced in models; otherwise their subjects leave the study.
    pub imputed: bool,
}

/// One thing about the images, in words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ImageFact {
    /// "Series kv_100"
    pub term: String,
    pub text: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InputFile {
    pub name: String,
    /// Of the table's content, whatever the order of its rows: SHA-256 over its rows, sorted.
    pub content_sha256: String,
    /// Rows of a table, or subjects with images; `None` where they would give away that few left the cohort.
    pub rows: Option<usize>,
    /// None for images.
    pub columns: usize,
}

impl InputFile {
    /// "418 rows, 22 columns", "30 subjects": how large it is, numbers as `count` writes them.
    pub fn size(&self, count: impl Fn(usize) -> String) -> String {
        match (self.columns, self.rows) {
            // Images have no columns.
            (0, Some(subjects)) => format!("{} subjects", count(subjects)),
            (0, None) => "number of subjects withheld".to_string(),
            (columns, Some(rows)) => format!("{} rows, {} columns", count(rows), count(columns)),
            (columns, None) => format!("number of rows withheld, {} columns", count(columns)),
        }
    }
}

/// From the rows of the file to the subjects that are analysed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CohortFlow {
    /// `None` where fewer left than the study's minimum; the steps are withheld then.
    pub read: Option<usize>,
    pub steps: Vec<AttritionStep>,
    pub analysed: usize,
    /// Predictors that were dropped because too many of their values were missing.
    pub dropped_variables: Vec<DroppedVariable>,
    /// Which values are missing together, before anybody leaves for it; `None` where nothing is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing_values: Option<MissingValues>,
}

/// Missing values of the study's variables among those who meet the criteria.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MissingValues {
    pub n: usize,
    /// Subjects without any missing value.
    pub complete: usize,
    /// Variables with at least one missing value, in the study's order.
    pub variables: Vec<MissingVariable>,
    /// Combinations of missing variables, the most frequent first.
    pub patterns: Vec<MissingPattern>,
    /// Subjects whose combination is not listed.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub others: usize,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MissingVariable {
    pub variable: String,
    pub missing: usize,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MissingPattern {
    /// Names of the variables that are missing together.
    pub variables: Vec<String>,
    pub subjects: usize,
}

fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// An external validation cohort: who they are, and from its rows to its subjects.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExternalCohort {
    pub label: String,
    /// Where the data come from and how they may be used, in the spec's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_source: Option<String>,
    pub flow: CohortFlow,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttritionKind {
    /// Rows that do not meet an inclusion criterion leave.
    Inclusion,
    /// Rows that meet an exclusion criterion leave.
    Exclusion,
    /// Rows with a missing value leave.
    Missing,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AttritionStep {
    pub id: String,
    pub says: String,
    pub kind: AttritionKind,
    pub excluded: usize,
    pub remaining: usize,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DroppedVariable {
    pub variable: String,
    /// Of how many how many are missing; `None` where it would tell of few subjects.
    pub missing: Option<usize>,
    pub n: Option<usize>,
}

impl DroppedVariable {
    /// "95 of 312, 30.4%", numbers as `count` and `percent` write them; `None` where they are withheld.
    pub fn part(&self, count: impl Fn(usize) -> String, percent: impl Fn(f64) -> String) -> Option<String> {
        let (missing, n) = (self.missing?, self.n?);
        Some(format!("{} of {}, {}%", count(missing), count(n), percent(missing as f64 / n.max(1) as f64)))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VariableKind {
    Continuous,
    /// Levels without an order.
    Categorical,
    /// Levels with an order.
    Ordinal,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VariableFacts {
    pub name: String,
    pub label: String,
    pub unit: Option<String>,
    pub kind: VariableKind,
    /// Labels of the levels, in order; empty for a continuous variable. The first is the reference level.
    pub levels: Vec<String>,
    /// How a continuous variable enters models when not as it is: "ln(1 + x)".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transform: Option<String>,
    /// `None` where the number is below the study's minimum.
    pub missing: Option<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutcomeKind {
    Binary,
    Survival,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OutcomeFacts {
    pub id: String,
    pub label: String,
    pub kind: OutcomeKind,
    /// The spec's own definition, an SQL expression.
    pub definition: String,
    /// Names of the two classes of a binary outcome, without and with the event.
    pub negative_label: Option<String>,
    pub positive_label: Option<String>,
    /// The unit in which times of a survival outcome are reported, e.g. "years".
    pub time_unit: Option<String>,
}

impl OutcomeFacts {
    /// What a curve that falls from one shows: an outcome may be named by what is survived ("Overall survival", "Freedom from
    /// relapse") or by the event itself ("Death"), of which the curve shows who is free.
    pub fn event_free(&self) -> String {
        let lower = self.label.to_lowercase();
        if lower.contains("surviv") || lower.contains("free") {
            return self.label.clone();
        }
        // A word, not an abbreviation.
        let is_word = self.label.chars().nth(1).is_none_or(char::is_lowercase);
        let mut letters = self.label.chars();
        match letters.next() {
            Some(first) if is_word => format!("Free of {}{}", first.to_lowercase(), letters.as_str()),
            _ => format!("Free of {}", self.label),
        }
    }
}

/// One part of the cohort. `Training` is the only part that anything is fitted on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PartitionFacts {
    /// "training", "validation", "test", or the name of a union that an analysis asks for ("validation+test").
    pub id: String,
    pub label: String,
    /// How its subjects came to be in it, in words.
    pub says: String,
    pub n: usize,
    pub outcomes: Vec<PartitionOutcome>,
    /// The parts of a union; empty for a part itself.
    pub union_of: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PartitionOutcome {
    pub outcome: String,
    pub events: usize,
    /// Median follow-up by reverse Kaplan-Meier, in the outcome's reported unit; survival outcomes only.
    pub median_follow_up: Option<crate::stats::Estimate>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeLevel {
    Note,
    Warning,
}

/// A model without a fit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModelNotFitted {
    pub id: String,
    pub label: String,
    pub why: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Notice {
    /// A stable code: "leakage/outcome-function", "small/events", …
    pub code: String,
    pub level: NoticeLevel,
    pub message: String,
}

/// One table or figure of the report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LayoutItem {
    pub show: Show,
    /// "Table 1", "Figure 2": given by the spec, or counted.
    pub label: String,
    /// The id of the analysis it draws on, or of the model; the attrition flow has none.
    pub of: Option<String>,
    pub caption: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Show {
    /// Figure: from the rows that were read to the parts that are analysed.
    AttritionFlow,
    /// Table: baseline characteristics by outcome, per set.
    BaselineTable,
    /// Table: models × partitions × metrics.
    PerformanceTable,
    /// Table: paired comparisons of AUCs.
    ComparisonTable,
    /// Table: characteristics of the subjects of each partition.
    CharacteristicsTable,
    /// Table: coefficients, tests and baseline survival of the Cox prediction models.
    CoxModelTable,
    /// Table: discrimination, calibration and overall error of survival models.
    SurvivalPerformanceTable,
    /// Table: net benefit of survival models at the declared thresholds.
    SurvivalNetBenefitTable,
    /// Figure: smooth calibration curves and groups of survival models.
    SurvivalCalibrationFigure,
    /// Figure: net benefit of survival models over thresholds.
    SurvivalDecisionFigure,
    /// Table: paired comparisons of accuracy, sensitivity and specificity.
    MetricComparisonTable,
    /// Table: characteristics of the subjects of two partitions.
    SetComparisonTable,
    /// Table: AUCs compared between two partitions.
    PartitionComparisonTable,
    /// Figure: precision-recall curves, a panel per partition.
    PrecisionRecallFigure,
    /// Table: odds ratios of logistic regression.
    RegressionTable,
    /// Figure: odds ratios with intervals on a log axis.
    RegressionForestFigure,
    /// Table: performance within the levels of variables.
    SubgroupTable,
    /// Figure: AUCs within the levels of variables.
    SubgroupForestFigure,
    /// Table: net reclassification and integrated discrimination improvement.
    ReclassificationTable,
    /// Table: apparent and optimism-corrected performance.
    OptimismTable,
    /// Table: agreement of raters.
    AgreementTable,
    /// Table: sample sizes.
    PlanningTable,
    /// Table: cumulative incidences at the declared times, per group.
    IncidenceTable,
    /// Figure: cumulative incidence by group.
    IncidenceFigure,
    /// Table: subdistribution hazard ratios.
    FineGrayTable,
    /// Figure: subdistribution hazard ratios with intervals on a log axis.
    FineGrayForestFigure,
    /// Table: univariable screen and stepwise trace of the models that select their predictors.
    SelectionTable,
    /// Figure: ROC curves, a panel per partition.
    RocFigure,
    /// Figure: survival curves with risk table.
    SurvivalFigure,
    /// Table: survival rates at the declared times, per group.
    SurvivalTable,
    /// Table: Cox regression.
    CoxTable,
    /// Figure: hazard ratios with intervals on a log axis.
    CoxForestFigure,
    /// Figure: observed against predicted risk, with intervals.
    CalibrationFigure,
    /// Table: calibration and overall performance.
    CalibrationTable,
    /// Figure: net benefit over thresholds.
    DecisionFigure,
    /// Table: the models in full, as far as they are coefficients.
    ModelTable,
    /// Figure: the study from data to evaluation, drawn from what was done.
    WorkflowFigure,
    /// Figure: which values are missing, and which together.
    MissingDataFigure,
    /// Figure: distribution of each model's score, with and without the outcome, per partition.
    ScoreDistributionFigure,
    /// Figure: what each threshold does; the HTML page has a slider for it.
    ThresholdExplorer,
    /// Figure: loss and AUC over the epochs of training, a panel per network.
    LearningFigure,
    /// Figure: heat maps over the images of single subjects, where `explain` allows to show them.
    HeatMapFigure,
    /// Figure: mean feature maps and mean heat maps by outcome class.
    FeatureMapFigure,
}

impl Show {
    pub fn is_figure(self) -> bool {
        matches!(
            self,
            Show::AttritionFlow
                | Show::RocFigure
                | Show::PrecisionRecallFigure
                | Show::RegressionForestFigure
                | Show::SubgroupForestFigure
                | Show::IncidenceFigure
                | Show::FineGrayForestFigure
                | Show::SurvivalFigure
                | Show::CoxForestFigure
                | Show::CalibrationFigure
                | Show::DecisionFigure
                | Show::WorkflowFigure
                | Show::MissingDataFigure
                | Show::ScoreDistributionFigure
                | Show::ThresholdExplorer
                | Show::SurvivalCalibrationFigure
                | Show::SurvivalDecisionFigure
                | Show::LearningFigure
                | Show::HeatMapFigure
                | Show::FeatureMapFigure
        )
    }
}
