//! A study whose names are resolved, and what the rest of the house asks of it. A [`Study`] can only be made by the check
//! in [`super::check`], so nothing unresolved ever runs.

use super::diagnostic::{Diagnostic, Source, Span};
use super::published::PublishedFile;
use super::raw::*;
use super::shape::Doubts;
use super::tree::Node;
use super::{InvalidSpec, SpecError};
use crate::results::Show;
use std::path::PathBuf;

/// A part of the cohort.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    Training,
    Validation,
    Test,
    /// The cohort of another file, on which nothing is fitted.
    External,
}

impl Part {
    pub const ALL: [Part; 4] = [Part::Training, Part::Validation, Part::Test, Part::External];

    /// The parts of the first file's cohort.
    pub const INTERNAL: [Part; 3] = [Part::Training, Part::Validation, Part::Test];

    pub fn id(self) -> &'static str {
        match self {
            Part::Training => "training",
            Part::Validation => "validation",
            Part::Test => "test",
            Part::External => "external",
        }
    }
}

/// A part, or a union of parts, by the name that the spec uses for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartitionName {
    pub id: String,
    pub parts: Vec<Part>,
}

impl PartitionName {
    /// "training", "validation", "test", "external", sums of them, "primary" (training+validation), "all" (of the first
    /// file: not the external cohort).
    pub fn parse(name: &str) -> Option<Self> {
        let parts = match name {
            "primary" => vec![Part::Training, Part::Validation],
            "all" => Part::INTERNAL.to_vec(),
            _ => name
                .split('+')
                .map(|word| Part::ALL.into_iter().find(|part| part.id() == word.trim()))
                .collect::<Option<Vec<_>>>()?,
        };
        let mut unique = parts.clone();
        unique.sort();
        unique.dedup();
        (unique.len() == parts.len()).then(|| Self { id: name.to_string(), parts })
    }

    pub fn of(part: Part) -> Self {
        Self { id: part.id().to_string(), parts: vec![part] }
    }

    pub fn label(&self) -> String {
        if self.id == "all" {
            return "Whole cohort".to_string();
        }
        let mut label = self.id.replace('+', " + ");
        if let Some(first) = label.get_mut(0..1) {
            first.make_ascii_uppercase();
        }
        label
    }
}

/// A table that the spec names: where it lies and what is declared of it.
#[derive(Clone, Debug)]
pub struct TableSource<'a> {
    /// Where in the spec it is declared.
    pub place: &'static str,
    /// The path as it was typed.
    pub typed: &'a str,
    pub path: PathBuf,
    pub id: &'a str,
    pub sha256: Option<&'a str>,
    pub content_sha256: Option<&'a str>,
    pub missing: &'a [String],
}

/// A spec whose names are resolved.
#[derive(Clone, Debug)]
pub struct Study {
    pub spec: RawStudy,
    pub source: Source,
    /// The printed numbers of a publication, where the spec names them.
    pub published: Option<PublishedFile>,
    pub profiles: Profiles,
    tree: Node,
    /// Empty in a study that runs.
    doubts: Doubts,
    folder: PathBuf,
}

/// A spec as it was read: the tree that fits the schema, what kept it from fitting as it was typed, and what nobody typed.
pub(super) struct Reading {
    pub tree: Node,
    pub problems: Vec<Diagnostic>,
    pub doubts: Doubts,
    pub profiles: Profiles,
}

/// The profiles of a spec.
#[derive(Clone, Debug, Default)]
pub struct Profiles {
    /// The one that is laid over the spec.
    pub used: Option<String>,
    pub names: Vec<String>,
}

impl Study {
    pub(super) fn check(spec: RawStudy, reading: Reading, source: Source, folder: PathBuf) -> Result<Self, SpecError> {
        let Reading { tree, mut problems, doubts, profiles } = reading;
        let mut study = Self { spec, source, published: None, profiles, tree, doubts, folder };
        problems.extend(super::check::check(&study));
        match PublishedFile::load(&study) {
            Ok(file) => study.published = file,
            Err(more) => problems.extend(more),
        }
        if problems.is_empty() {
            Ok(study)
        } else {
            Err(SpecError::Invalid(Box::new(InvalidSpec {
                source: study.source.clone(),
                diagnostics: problems,
                draft: Some(study),
            })))
        }
    }

    /// The same study with one more model, which no file declares: a network that a comparison was handed. Its names are
    /// those of a model that was checked.
    pub(crate) fn with_model(mut self, id: String, model: RawModel) -> Self {
        self.spec.models.insert(id, model);
        self
    }

    /// Where in the file the value at a path such as `models/forest/trees` stands.
    pub fn place(&self, path: &str) -> Span {
        self.tree.span_at(path)
    }

    /// Whether what stands at a path, above or below it could not be read: a problem that is told already.
    pub fn is_in_doubt(&self, path: &str) -> bool {
        self.doubts.about(path)
    }

    /// The names that are declared in a section of the spec, in a way that could be read or not.
    pub(super) fn declared<'a>(&'a self, section: &str, read: impl Iterator<Item = &'a String>) -> Vec<String> {
        let left_out = self.doubts.left_out(section).into_iter().map(str::to_string);
        read.cloned().chain(left_out).collect()
    }

    /// A model of whose declaration everything could be read.
    pub(super) fn certain_model(&self, id: &str) -> Option<&RawModel> {
        self.spec.models.get(id).filter(|_| !self.is_in_doubt(&format!("models/{id}")))
    }

    /// A variable of whose declaration everything could be read.
    pub(super) fn certain_variable(&self, name: &str) -> Option<&RawVariable> {
        self.spec.variables.get(name).filter(|_| !self.is_in_doubt(&format!("variables/{name}")))
    }

    /// Whether a problem of the data may come of what could not be read of the spec. A name that is nowhere to be found is
    /// one whatever that was, unless it was left out itself.
    pub fn may_follow_from_doubts(&self, problem: &Diagnostic) -> bool {
        let is_of_names = problem.code.ends_with("/unknown-column") || problem.code.ends_with("/syntax");
        let within = |place: &str, span: Span| {
            let range = self.tree.range_at(place);
            range.start <= span.start && span.end <= range.end
        };
        self.doubts.places().any(|doubt| {
            let mut steps = doubt.split('/');
            let section = steps.next().unwrap_or_default();
            let entry = steps.next().map_or_else(|| section.to_string(), |entry| format!("{section}/{entry}"));
            match section {
                "data" => true,
                // Who is analysed decides what is wrong with their values, and derived columns can be named anywhere.
                "cohort" => !is_of_names || entry == "cohort/derive",
                _ if is_of_names => self.typed(doubt).is_some() && within(doubt, problem.span),
                _ => within(&entry, problem.span),
            }
        })
    }

    /// What was typed at a path, if anything was.
    pub(super) fn typed(&self, path: &str) -> Option<&super::tree::Value> {
        let mut node = &self.tree;
        for key in path.split('/') {
            node = &node.entry(key)?.value;
        }
        Some(&node.value)
    }

    /// A path of the spec, which starts from its folder.
    pub fn path(&self, relative: &str) -> PathBuf {
        self.folder.join(relative)
    }

    pub fn data_path(&self) -> PathBuf {
        self.folder.join(&self.spec.data.path)
    }

    /// What the relative paths of the spec start from.
    pub fn folder(&self) -> &std::path::Path {
        &self.folder
    }

    /// The table of the study.
    pub fn table_source(&self) -> TableSource<'_> {
        let data = &self.spec.data;
        TableSource {
            place: "data",
            typed: &data.path,
            path: self.data_path(),
            id: &data.id,
            sha256: data.sha256.as_deref(),
            content_sha256: data.content_sha256.as_deref(),
            missing: &data.missing,
        }
    }

    /// The table of the external validation cohort.
    pub fn external_source(&self) -> Option<TableSource<'_>> {
        let external = self.spec.data.external.as_ref()?;
        Some(TableSource {
            place: "data/external",
            typed: &external.path,
            path: self.folder.join(&external.path),
            id: &external.id,
            sha256: external.sha256.as_deref(),
            content_sha256: external.content_sha256.as_deref(),
            missing: &external.missing,
        })
    }

    /// What the study means, apart from where its files lie and how its text is set: the content of its hash.
    pub fn canonical_json(&self) -> serde_json::Result<String> {
        let mut spec = self.spec.clone();
        spec.data.path = String::new();
        spec.data.sha256 = None;
        spec.data.content_sha256 = None;
        if let Some(features) = &mut spec.data.features {
            features.path.clear();
        }
        if let Some(images) = &mut spec.data.images {
            images.series.values_mut().for_each(|series| series.path.clear());
            images.masks.values_mut().for_each(|mask| mask.path.clear());
        }
        if let Some(external) = &mut spec.data.external {
            external.path = String::new();
            external.sha256 = None;
            external.content_sha256 = None;
        }
        // What a publication prints changes no result.
        spec.reported = None;
        serde_json::to_string(&spec)
    }

    pub fn variable_column<'a>(&'a self, name: &'a str) -> &'a str {
        self.spec.variables.get(name).and_then(|variable| variable.column.as_deref()).unwrap_or(name)
    }

    /// The parts that this study's split makes.
    pub fn parts(&self) -> Vec<Part> {
        let split = &self.spec.split;
        Part::ALL
            .into_iter()
            .filter(|part| match part {
                Part::Training => true,
                Part::Validation => split.validation.is_some(),
                Part::Test => split.temporal.is_some(),
                Part::External => self.spec.data.external.is_some(),
            })
            .collect()
    }

    /// The models that an analysis is about: those it names, or all of its outcome.
    pub fn models_of(&self, outcome: &str, named: Option<&Vec<String>>) -> Vec<String> {
        match named {
            Some(names) => names.clone(),
            None => self
                .spec
                .models
                .iter()
                .filter(|(_, model)| model.outcome() == outcome)
                .map(|(id, _)| id.clone())
                .collect(),
        }
    }

    /// All predictors that any model may use, in the order of the variables.
    pub fn predictors(&self) -> Vec<String> {
        self.spec
            .variables
            .keys()
            .filter(|name| self.spec.models.values().any(|model| model.predictors().contains(name)))
            .cloned()
            .collect()
    }
}

impl RawModel {
    pub fn outcome(&self) -> &str {
        match self {
            RawModel::Logistic { outcome, .. }
            | RawModel::Svm { outcome, .. }
            | RawModel::Forest { outcome, .. }
            | RawModel::Cox { outcome, .. }
            | RawModel::Network { outcome, .. }
            | RawModel::Onnx { outcome, .. }
            | RawModel::Fusion { outcome, .. }
            | RawModel::Scores { outcome, .. } => outcome,
        }
    }

    pub fn label(&self) -> &str {
        match self {
            RawModel::Logistic { label, .. }
            | RawModel::Svm { label, .. }
            | RawModel::Forest { label, .. }
            | RawModel::Cox { label, .. }
            | RawModel::Network { label, .. }
            | RawModel::Onnx { label, .. }
            | RawModel::Fusion { label, .. }
            | RawModel::Scores { label, .. } => label,
        }
    }

    pub fn predictors(&self) -> &[String] {
        match self {
            RawModel::Logistic { predictors, .. }
            | RawModel::Svm { predictors, .. }
            | RawModel::Forest { predictors, .. }
            | RawModel::Cox { predictors, .. } => predictors,
            RawModel::Network { .. } | RawModel::Onnx { .. } | RawModel::Fusion { .. } | RawModel::Scores { .. } => &[],
        }
    }

    /// A model of this kind is fitted on predictors that the spec names.
    pub fn has_predictors(&self) -> bool {
        matches!(self.kind(), "logistic" | "svm" | "forest" | "cox")
    }

    pub fn selection(&self) -> Option<&RawSelection> {
        match self {
            RawModel::Logistic { selection, .. }
            | RawModel::Svm { selection, .. }
            | RawModel::Forest { selection, .. }
            | RawModel::Cox { selection, .. } => selection.as_ref(),
            RawModel::Network { .. }
            | RawModel::Onnx { .. }
            | RawModel::Fusion { .. }
            | RawModel::Scores { .. } => None,
        }
    }

    /// The word that the spec uses for this kind.
    pub fn kind(&self) -> &'static str {
        match self {
            RawModel::Logistic { .. } => "logistic",
            RawModel::Svm { .. } => "svm",
            RawModel::Forest { .. } => "forest",
            RawModel::Cox { .. } => "cox",
            RawModel::Network { .. } => "network",
            RawModel::Onnx { .. } => "onnx",
            RawModel::Fusion { .. } => "fusion",
            RawModel::Scores { .. } => "scores",
        }
    }

    pub fn gives_probability(&self) -> bool {
        match self {
            RawModel::Scores { is_probability, .. } => *is_probability,
            // A linear predictor; the risk by a time comes with the baseline hazard.
            RawModel::Cox { .. } => false,
            _ => true,
        }
    }
}

impl RawVariable {
    /// How it enters models when not as it is: "winsorised at its 99% quantile, restricted cubic spline with knots 0, 1, 9".
    pub fn entry_in_words(&self) -> Option<String> {
        let mut words = Vec::new();
        if let Some(rule) = &self.winsorise {
            let percent = |quantile: f64| format!("{}%", (1e6 * quantile).round() / 1e4);
            let limits: Vec<String> =
                [rule.lower_quantile, rule.upper_quantile].into_iter().flatten().map(percent).collect();
            let noun = if limits.len() == 1 { "quantile" } else { "quantiles" };
            words.push(format!("winsorised at its {} {noun}", limits.join(" and ")));
        }
        let list = |values: &[f64]| values.iter().map(f64::to_string).collect::<Vec<_>>().join(", ");
        match &self.transform {
            RawTransform::None => {}
            RawTransform::Log1p => words.push("ln(1 + x)".to_string()),
            RawTransform::Spline(RawSpline { knots: Some(knots), .. }) => {
                words.push(format!("restricted cubic spline with knots {}", list(knots)));
            }
            RawTransform::Spline(RawSpline { quantiles: Some(quantiles), .. }) => {
                words.push(format!("restricted cubic spline with knots at the quantiles {}", list(quantiles)));
            }
            RawTransform::Spline(RawSpline { count, .. }) => {
                words.push(format!("restricted cubic spline with {} knots", count.unwrap_or(3)));
            }
        }
        (!words.is_empty()).then(|| words.join(", "))
    }
}

impl RawStatistic {
    pub fn kind(&self) -> &'static str {
        match self {
            RawStatistic::BaselineTable { .. } => "baseline_table",
            RawStatistic::Performance { .. } => "performance",
            RawStatistic::Comparison { .. } => "comparison",
            RawStatistic::KaplanMeier { .. } => "kaplan_meier",
            RawStatistic::Cox { .. } => "cox",
            RawStatistic::Calibration { .. } => "calibration",
            RawStatistic::Characteristics { .. } => "characteristics",
            RawStatistic::SurvivalPerformance { .. } => "survival_performance",
            RawStatistic::MetricComparison(_) => "metric_comparison",
            RawStatistic::PartitionComparison(_) => "partition_comparison",
            RawStatistic::SetComparison(_) => "set_comparison",
            RawStatistic::Regression(_) => "regression",
            RawStatistic::Subgroups(_) => "subgroups",
            RawStatistic::Reclassification(_) => "reclassification",
            RawStatistic::Optimism(_) => "optimism",
            RawStatistic::Agreement(_) => "agreement",
            RawStatistic::Planning(_) => "planning",
            RawStatistic::CumulativeIncidence(_) => "cumulative_incidence",
            RawStatistic::FineGray(_) => "fine_gray",
        }
    }

    pub fn partitions(&self) -> Vec<&str> {
        match self {
            RawStatistic::BaselineTable { within, .. } => within.iter().map(String::as_str).collect(),
            RawStatistic::Performance { partitions, .. }
            | RawStatistic::Comparison { partitions, .. }
            | RawStatistic::KaplanMeier { partitions, .. }
            | RawStatistic::Characteristics { partitions, .. }
            | RawStatistic::SurvivalPerformance { partitions, .. }
            | RawStatistic::Calibration { partitions, .. } => partitions.iter().map(String::as_str).collect(),
            RawStatistic::Cox { partition, .. }
            | RawStatistic::Regression(RawRegression { partition, .. })
            | RawStatistic::Subgroups(RawSubgroups { partition, .. })
            | RawStatistic::FineGray(RawFineGray { partition, .. })
            | RawStatistic::Planning(RawPlanning { partition, .. }) => vec![partition],
            RawStatistic::MetricComparison(RawMetricComparison { partitions, .. })
            | RawStatistic::Reclassification(RawReclassification { partitions, .. })
            | RawStatistic::CumulativeIncidence(RawCumulativeIncidence { partitions, .. })
            | RawStatistic::Agreement(RawAgreement { partitions, .. }) => {
                partitions.iter().map(String::as_str).collect()
            }
            RawStatistic::SetComparison(declared) => declared.partitions.iter().map(String::as_str).collect(),
            RawStatistic::PartitionComparison(declared) => declared.partitions.iter().map(String::as_str).collect(),
            // Models are developed on the training part.
            RawStatistic::Optimism(_) => vec![Part::Training.id()],
        }
    }
}

impl Show {
    /// The kind of analysis that an item draws on.
    pub fn draws_on(self) -> Option<&'static str> {
        match self {
            Show::AttritionFlow
            | Show::SelectionTable
            | Show::ModelTable
            | Show::CoxModelTable
            | Show::WorkflowFigure
            | Show::MissingDataFigure
            | Show::LearningFigure
            | Show::HeatMapFigure
            | Show::FeatureMapFigure => None,
            Show::CharacteristicsTable => Some("characteristics"),
            Show::SurvivalPerformanceTable
            | Show::SurvivalCalibrationFigure
            | Show::SurvivalDecisionFigure
            | Show::SurvivalNetBenefitTable => Some("survival_performance"),
            Show::BaselineTable => Some("baseline_table"),
            Show::PerformanceTable
            | Show::RocFigure
            | Show::PrecisionRecallFigure
            | Show::ScoreDistributionFigure
            | Show::ThresholdExplorer => Some("performance"),
            Show::ComparisonTable => Some("comparison"),
            Show::MetricComparisonTable => Some("metric_comparison"),
            Show::PartitionComparisonTable => Some("partition_comparison"),
            Show::SetComparisonTable => Some("set_comparison"),
            Show::RegressionTable | Show::RegressionForestFigure => Some("regression"),
            Show::SubgroupTable | Show::SubgroupForestFigure => Some("subgroups"),
            Show::ReclassificationTable => Some("reclassification"),
            Show::OptimismTable => Some("optimism"),
            Show::AgreementTable => Some("agreement"),
            Show::PlanningTable => Some("planning"),
            Show::IncidenceTable | Show::IncidenceFigure => Some("cumulative_incidence"),
            Show::FineGrayTable | Show::FineGrayForestFigure => Some("fine_gray"),
            Show::SurvivalFigure | Show::SurvivalTable => Some("kaplan_meier"),
            Show::CoxTable | Show::CoxForestFigure => Some("cox"),
            Show::CalibrationFigure | Show::CalibrationTable | Show::DecisionFigure => Some("calibration"),
        }
    }
}

/// Days since 1970-01-01 of a date written YYYY-MM-DD (proleptic Gregorian calendar).
pub fn days_of_date(text: &str) -> Option<i64> {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts.as_slice() else { return None };
    if year.len() != 4 || month.len() != 2 || day.len() != 2 {
        return None;
    }
    let (year, month, day): (i64, i64, i64) = (year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let lengths = [31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let length = *lengths.get(usize::try_from(month - 1).ok()?)?;
    if day < 1 || day > length {
        return None;
    }
    // Days from civil: the year begins in March, so that the leap day is its last.
    let shifted_year = if month <= 2 { year - 1 } else { year };
    let era = shifted_year.div_euclid(400);
    let year_of_era = shifted_year - era * 400;
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some(era * 146_097 + day_of_era - 719_468)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partitions_by_name() {
        assert_eq!(PartitionName::parse("validation+test").unwrap().parts, [Part::Validation, Part::Test]);
        assert_eq!(PartitionName::parse("primary").unwrap().parts, [Part::Training, Part::Validation]);
        assert!(PartitionName::parse("test+test").is_none());
        assert!(PartitionName::parse("tets").is_none());
    }

    #[test]
    fn dates_count_from_the_epoch() {
        assert_eq!(days_of_date("1970-01-01"), Some(0));
        assert_eq!(days_of_date("2000-03-01"), Some(11_017));
        assert_eq!(days_of_date("2021-02-29"), None);
        assert_eq!(days_of_date("2021-1-1"), None);
    }
}
