//! The layout of the report.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the report shows, in order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RawReport {
    /// The paper that the PDF is set for.
    pub paper: crate::results::Paper,
    /// Reporting checklists that are appended, filled in where the run gives evidence.
    pub checklists: Vec<crate::results::Checklist>,
    pub privacy: RawPrivacy,
    pub show: Vec<RawItem>,
}

/// What may not be told of few subjects.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RawPrivacy {
    /// Counts from 1 to one less than this are withheld, with what would give them away; curves become as coarse as that
    /// asks for. It holds for the report and for results.json.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 2, max = 1000))]
    pub minimum_cell: Option<usize>,
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
