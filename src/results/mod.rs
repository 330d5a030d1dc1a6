//! The result tree of a study: typed, versioned, and all that a report, an audit or a comparison reads.
//!
//! Nothing in it is a subject: curves are given on a grid, counts are counts. It is written as `results.json`, with
//! fields in the order of these types, and the same study gives the same bytes.

mod agreement;
mod analysis;
mod explanation;
mod lacks;
mod model;
mod paired;
mod planning;
mod presentation;
pub mod privacy;
mod published;
mod regression;
mod study;
mod subgroups;
mod survival;
mod survival_comparisons;
mod tally;
mod verdict;

pub use agreement::*;
pub use analysis::*;
pub use explanation::*;
pub use lacks::GIVES_NO_RISK;
pub use model::*;
pub use paired::*;
pub use planning::*;
pub use presentation::*;
pub use published::*;
pub use regression::*;
pub use study::*;
pub use subgroups::*;
pub use survival::*;
pub use survival_comparisons::*;
pub use tally::*;
pub use verdict::*;

use serde::{Deserialize, Serialize};

/// The layout of `results.json` that this version writes and reads.
pub const SCHEMA: &str = "results/1";

/// Everything a run has computed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Results {
    /// [`SCHEMA`].
    pub schema: String,
    pub program: Program,
    pub study: StudyFacts,
    pub inputs: Vec<InputFile>,
    pub cohort: CohortFlow,
    /// The cohort of another file, on which models are only validated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external: Option<ExternalCohort>,
    pub variables: Vec<VariableFacts>,
    pub outcomes: Vec<OutcomeFacts>,
    pub partitions: Vec<PartitionFacts>,
    pub models: Vec<ModelFacts>,
    /// Declared models that the rest is without.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_fitted: Vec<ModelNotFitted>,
    /// In the order in which the spec declares them.
    pub analyses: Vec<Analysis>,
    /// Where networks look, when the study asks for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub explanation: Option<ExplanationFacts>,
    /// What a careful reader should know before believing the rest: signs of leakage, few events, imbalance.
    pub notices: Vec<Notice>,
    /// What a publication prints beside what was computed, where the study names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<Published>,
    /// What the report shows, in this order.
    pub layout: Vec<LayoutItem>,
    /// How the report is set, and what it leaves out.
    #[serde(default)]
    pub presentation: Presentation,
}

impl Results {
    pub fn analysis(&self, id: &str) -> Option<&Analysis> {
        self.analyses.iter().find(|analysis| analysis.id == id)
    }

    pub fn model(&self, id: &str) -> Option<&ModelFacts> {
        self.models.iter().find(|model| model.id == id)
    }

    pub fn variable(&self, name: &str) -> Option<&VariableFacts> {
        self.variables.iter().find(|variable| variable.name == name)
    }

    pub fn outcome(&self, id: &str) -> Option<&OutcomeFacts> {
        self.outcomes.iter().find(|outcome| outcome.id == id)
    }

    pub fn partition(&self, id: &str) -> Option<&PartitionFacts> {
        self.partitions.iter().find(|partition| partition.id == id)
    }

    /// `results.json`: two-space indentation, the shortest decimal that reads back to the same number, a final newline.
    pub fn to_json(&self) -> serde_json::Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }

    pub fn from_json(text: &str) -> Result<Self, ReadError> {
        let tree: serde_json::Value = serde_json::from_str(text).map_err(ReadError::Json)?;
        match tree.get("schema").and_then(serde_json::Value::as_str) {
            Some(SCHEMA) => serde_json::from_value(tree).map_err(ReadError::Json),
            found => Err(ReadError::Schema { found: found.map(str::to_string) }),
        }
    }
}

/// Why a file is not a result tree of this version.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error("not the results of a study: {0}")]
    Json(serde_json::Error),
    #[error("expected schema \"{SCHEMA}\", found {}", .found.as_deref().unwrap_or("none"))]
    Schema { found: Option<String> },
}
