//! Agreement of raters.

pub mod cohen_kappa;
pub mod fleiss_kappa;
pub mod intraclass_correlation;
pub mod symmetry;
