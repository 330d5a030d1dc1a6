//! A score cut at a threshold: the four counts, what is computed from them, and how a threshold is chosen.

pub mod confusion;
pub mod diagnostic_odds_ratio;
pub mod f1;
pub mod likelihood_ratio;
pub mod matthews;
pub mod metric;
pub mod predictive_value;
pub mod proportion;
pub mod proportion_difference;
pub mod rule;
pub mod sweep;

pub use confusion::ConfusionMatrix;
pub use metric::{Metric, Proportion};
pub use proportion::ProportionInterval;
pub use rule::{ChosenThreshold, ThresholdRule};
