//! The layout of the report.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the report shows, in order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RawReport {
    pub show: Vec<RawItem>,
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
