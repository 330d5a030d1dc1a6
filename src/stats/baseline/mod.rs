//! The tests and summaries of a table of baseline characteristics.
//!
//! Groups are slices of numbers, `&[&[f64]]`, without missing values; categories are counts in a
//! [`contingency::ContingencyTable`].

pub mod anova;
pub mod chi_squared;
pub mod contingency;
pub mod correlation;
pub mod fisher;
mod fisher_network;
mod fisher_size;
pub mod fisher_table;
pub mod jonckheere_terpstra;
pub mod kolmogorov_smirnov;
pub mod kruskal_wallis;
pub mod mean_difference;
mod midranks;
mod moments;
pub mod quantile;
pub mod shapiro_wilk;
pub mod signed_rank;
pub mod standardised_mean_difference;
pub mod student_t;
pub mod summary;
pub mod trend;
pub mod variance_homogeneity;
pub mod welch_t;
pub mod wilcoxon;
