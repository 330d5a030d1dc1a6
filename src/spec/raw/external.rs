//! A second table: the cohort that models are only validated on.

use super::{RawCriterion, default_missing_texts};
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An external validation cohort from a file of its own: the part `external`. Nothing is ever fitted on it. Variables,
/// outcomes and given scores are read from its columns as from those of the first table; the criteria and derived columns
/// of `cohort` are not applied to it, it has its own. Equal identifiers in the two files are two persons.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawExternal {
    /// A CSV or Parquet file, relative to this spec; one row per subject.
    pub path: String,
    /// The column that identifies a subject, as the file names it.
    pub id: String,
    /// Who they are, in words: "German Breast Cancer Study Group".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// SHA-256 of the file's bytes; a file with another hash is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// SHA-256 of the table's content whatever the order of its rows, as `vouch check` prints it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_sha256: Option<String>,
    /// Texts that mean "missing", beside the empty field.
    #[serde(default = "default_missing_texts")]
    pub missing: Vec<String>,
    /// Columns that go by another name in this file. Our name: theirs.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub columns: IndexMap<String, String>,
    /// New columns, by name: SQL expressions over the columns of this file, after `columns` has renamed them.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub derive: IndexMap<String, String>,
    /// Subjects stay when every expression is true.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub include: Vec<RawCriterion>,
    /// Subjects leave when an expression is true.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exclude: Vec<RawCriterion>,
    /// Where the data come from and how they may be used; printed in the report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}
