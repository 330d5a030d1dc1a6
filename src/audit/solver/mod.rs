//! Exact searches: which integers, or which score orders, are behind the printed figures.

pub mod auc_variance;
pub mod confusion;
pub mod mean_of_tables;
pub mod relaxation;
pub mod table_tests;
