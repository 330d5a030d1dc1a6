//! How many subjects a study needs.

pub mod auc_difference;
pub mod auc_precision;
pub mod detectable_difference;
pub mod riley;
