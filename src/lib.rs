//! Vouch re-runs a clinical prediction-model study from its spec, computes its statistics, and renders its report.
//!
//! Data flow one way, and no module knows one to its right:
//!
//! ```text
//! spec → data → cohort → split → features → model → predictions → evaluate → results → report
//!                                             stats  (pure numbers; knows none of the others)
//!                                             audit  (reported numbers; uses the statistics only)
//!                                             cli    (sees all; nothing sees it)
//! ```
//!
//! The statistics are a library of their own: see [`stats`].

pub mod audit;
pub mod cache;
pub mod cli;
pub mod cohort;
pub mod compare;
pub mod data;
pub mod evaluate;
pub mod features;
pub mod model;
pub mod pipeline;
pub mod pool;
pub mod predictions;
pub mod provenance;
pub mod report;
pub mod results;
pub mod simulate;
pub mod spec;
pub mod split;
pub mod stats;
