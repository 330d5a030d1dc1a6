//! What a study asks of its report beside the tables and figures: the paper, the checklists, what is withheld.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Presentation {
    pub paper: Paper,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checklists: Vec<Checklist>,
    /// Counts from 1 to one less than this have been withheld.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum_cell: Option<usize>,
}

/// The paper that the PDF is set for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Paper {
    /// 210 × 297 mm.
    #[default]
    A4,
    /// 8.5 × 11 inches.
    UsLetter,
}

/// A reporting guideline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Checklist {
    /// TRIPOD+AI: clinical prediction models by regression or machine learning (doi:10.1136/bmj-2023-078378).
    TripodAi,
    /// CLEAR: radiomics research (doi:10.1186/s13244-023-01415-8).
    Clear,
}
