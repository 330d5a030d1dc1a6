//! Time-to-event statistics: curves, tests, competing risks, and the performance of predictions of survival.
//!
//! All take a [`SurvivalData`], or the same columns as slices, and share its conventions: subjects are at risk on
//! (entry, time], an event at a time comes before a censoring at the same time, and times that differ by rounding only
//! are one time ([`data::tie_tolerance`]).

pub mod aalen_johansen;
pub mod brier_survival;
pub mod censoring_weights;
pub mod competing_risks;
pub mod concordance;
pub mod concordance_difference;
pub mod cox;
pub mod data;
pub mod fine_gray;
pub mod follow_up;
pub mod gonen_heller;
pub mod gray;
mod influence_sums;
pub mod kaplan_meier;
pub mod log_rank;
pub mod nelson_aalen;
mod rank_pairs;
pub mod restricted_mean;
pub mod risk_table;
pub mod survival_calibration;
pub mod survival_calibration_curve;
pub mod survival_calibration_follow_up;
pub mod survival_quantile;
pub mod time_dependent_auc;
pub mod uno_concordance;

pub use data::SurvivalData;
