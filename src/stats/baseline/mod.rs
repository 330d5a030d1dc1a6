//! The tests and summaries of a table of baseline characteristics.
//!
//! Groups are slices of numbers, `&[&[f64]]`, without missing values; categories are counts in a
//! [`contingency::ContingencyTable`].

pub mod anova;
pub mod contingency;
pub mod kruskal_wallis;
pub mod mean_difference;
mod midranks;
mod moments;
pub mod student_t;
pub mod welch_t;
pub mod wilcoxon;
