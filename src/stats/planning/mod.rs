//! How many subjects a study needs.

pub mod auc_precision;
pub mod riley;
