//! What a comparison found: the typed tree behind `comparison.json`. No subject is in it.

use super::measure::Measure;
use crate::results::{Notice, NoticeLevel};
use crate::stats::comparison::non_inferiority::NonInferiority;
use crate::stats::reclassification::integrated_discrimination::IntegratedDiscrimination;
use crate::stats::reclassification::net_reclassification::{CategoricalReclassification, NetReclassification};
use crate::stats::{Estimate, Interval, Test};
use serde::{Deserialize, Serialize};

/// The layout of `comparison.json`.
pub const SCHEMA: &str = "comparison/1";

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ComparisonResults {
    pub schema: String,
    pub program: ProgramFacts,
    pub title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    pub simulated: bool,
    /// The file with the rules; `None` where nothing was declared.
    pub declaration: Option<DeclarationFacts>,
    pub base: SourceFacts,
    pub base_threshold: Option<ThresholdFacts>,
    pub outcome: String,
    /// The base's words for it, where it has any.
    pub outcome_label: Option<String>,
    pub outcome_kind: OutcomeKindFacts,
    pub partition: String,
    /// The time by which a survival outcome is judged, where one was declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub horizon: Option<HorizonFacts>,
    pub n: usize,
    pub events: usize,
    pub level: f64,
    pub power: f64,
    pub bootstrap: Option<BootstrapFacts>,
    pub family: FamilyFacts,
    /// The declared rule in words; `None` where none was declared.
    pub rule: Option<String>,
    pub variants: Vec<VariantFacts>,
    pub notices: Vec<Notice>,
}

impl ComparisonResults {
    /// "the part “test”", "everybody, with those that models were fitted on"
    pub fn partition_in_words(&self) -> String {
        let is_apparent = self.notices.iter().any(|notice| notice.level == NoticeLevel::Warning);
        let with_training = if is_apparent { ", with subjects that models were fitted on" } else { "" };
        match self.partition.as_str() {
            "all" => format!("everybody{with_training}"),
            part => format!("the part “{part}”{with_training}"),
        }
    }

    pub fn to_json(&self) -> serde_json::Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProgramFacts {
    pub name: String,
    pub version: String,
    pub numeric_class: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeclarationFacts {
    pub name: String,
    pub sha256: String,
    pub text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutcomeKindFacts {
    Binary,
    Survival,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HorizonFacts {
    pub time: f64,
    /// "years"; `None` where the base's file does not tell.
    pub unit: Option<String>,
}

impl HorizonFacts {
    /// "by 5 years"
    pub fn in_words(&self) -> String {
        match &self.unit {
            Some(unit) => format!("by {}", crate::report::number::time(self.time, unit)),
            None => format!("by {}", self.time),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BootstrapFacts {
    pub replicates: usize,
    /// "percentile"
    pub interval: String,
    pub stratified: bool,
}

/// Where the scores of a model come from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SourceFacts {
    pub label: String,
    pub model: String,
    /// "study", "report", "predictions" or "network".
    pub kind: String,
    /// The name of the file or folder, without its place.
    pub name: String,
    /// Of the predictions, or of the network's file.
    pub sha256: String,
    pub gives_probability: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ThresholdFacts {
    pub threshold: f64,
    /// In words, with the part that it was chosen on.
    pub rule: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FamilyFacts {
    pub measures: Vec<Measure>,
    pub adjustment: Option<String>,
    pub hypotheses: usize,
}

/// One variant against the base.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VariantFacts {
    pub source: SourceFacts,
    pub threshold: Option<ThresholdFacts>,
    pub measures: Vec<MeasureRow>,
    pub calibration: Option<CalibrationPair>,
    pub net_benefit: Vec<NetBenefitRow>,
    pub reclassification: Option<ReclassificationFacts>,
    pub subgroups: Vec<SubgroupFacts>,
    pub non_inferiority: Option<NonInferiority>,
    pub verdict: Option<VerdictFacts>,
}

impl VariantFacts {
    pub fn hypotheses(&self) -> usize {
        self.measures.iter().filter(|row| row.in_family && row.test.is_some()).count()
    }

    pub fn measure(&self, measure: Measure) -> Option<&MeasureRow> {
        self.measures.iter().find(|row| row.measure == measure)
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MeasureRow {
    pub measure: Measure,
    /// With the threshold of net benefit, and the horizon of a survival outcome.
    pub label: String,
    pub base: f64,
    pub variant: f64,
    /// Variant less base.
    pub difference: Estimate,
    /// Two-sided, that there is no difference.
    pub test: Option<Test>,
    pub in_family: bool,
    pub adjusted_p_value: Option<f64>,
    /// The smallest true difference that this sample would have shown with the declared power.
    pub detectable: Option<f64>,
    pub bootstrap: Option<Interval>,
}

/// Agreement of predicted and observed risk, of either model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CalibrationPair {
    pub base: CalibrationFacts,
    pub variant: CalibrationFacts,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CalibrationFacts {
    pub in_the_large: Option<Estimate>,
    pub slope: Option<Estimate>,
    pub observed_expected_ratio: Option<Estimate>,
    pub integrated_calibration_index: Option<f64>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NetBenefitRow {
    pub threshold: f64,
    pub treat_all: f64,
    pub base: f64,
    pub variant: f64,
    pub difference: Estimate,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReclassificationFacts {
    pub cut_points: Vec<f64>,
    pub categorical: Option<CategoricalReclassification>,
    pub continuous: NetReclassification,
    pub integrated: IntegratedDiscrimination,
}

/// The difference of the first measure in each level of a variable.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SubgroupFacts {
    pub variable: String,
    pub label: String,
    pub measure: Measure,
    pub levels: Vec<SubgroupLevel>,
    /// That the difference is the same in all levels; `None` where fewer than two can be compared.
    pub interaction: Option<Test>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SubgroupLevel {
    pub level: String,
    pub n: usize,
    pub events: usize,
    /// `None` where it cannot be computed, with the reason beside it.
    pub difference: Option<Estimate>,
    pub why_not: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VerdictFacts {
    pub holds: bool,
    pub sentence: String,
}
