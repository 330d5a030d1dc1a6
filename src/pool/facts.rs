//! What several sites say together: the typed tree behind `pooled.json`.

use super::collect::Quantity;
use crate::stats::meta_analysis::random_effects::RandomEffects;
use crate::stats::meta_analysis::transform::PoolingScale;
use crate::stats::{Estimate, Interval};
use serde::{Deserialize, Serialize};

/// The layout of `pooled.json`.
pub const SCHEMA: &str = "pooled/1";

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PooledResults {
    pub schema: String,
    pub program: String,
    pub study: String,
    pub title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    pub simulated: bool,
    /// Of the spec that every site ran.
    pub spec_sha256: String,
    pub level: f64,
    pub sites: Vec<SiteFacts>,
    pub rows: Vec<PooledRow>,
}

impl PooledResults {
    pub fn to_json(&self) -> serde_json::Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SiteFacts {
    pub label: String,
    pub analysed: usize,
    pub program: String,
    pub numeric_class: String,
    /// Content hashes of its inputs.
    pub inputs: Vec<String>,
}

/// One quantity, at each site and together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PooledRow {
    /// Analysis, model, partition, …
    pub path: Vec<String>,
    pub quantity: Quantity,
    pub scale: PoolingScale,
    pub sites: Vec<SiteRow>,
    /// `None` where fewer than two sites have it.
    pub pooled: Option<PooledFacts>,
    pub why_not: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SiteRow {
    pub site: String,
    pub estimate: Option<Estimate>,
    /// Its share of the pooled mean.
    pub weight: Option<f64>,
    pub why_not: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PooledFacts {
    /// On the quantity's own scale.
    pub mean: Estimate,
    /// Of the true value at a new site, on the quantity's own scale.
    pub prediction: Option<Interval>,
    /// Standard deviation of the true values between sites, on the pooling scale.
    pub tau: f64,
    pub i_squared: f64,
    /// The analysis on the pooling scale.
    pub on_scale: RandomEffects,
}
