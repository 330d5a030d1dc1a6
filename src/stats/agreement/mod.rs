//! Agreement of raters.

pub mod cohen_kappa;
