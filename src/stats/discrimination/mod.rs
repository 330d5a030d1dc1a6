//! How well a score separates subjects with the event from those without.

pub mod auc;
pub mod clustered_delong;
pub mod delong;
pub mod hanley_mcneil;
pub mod partial_auc;
pub(crate) mod placement;
pub mod precision_recall;
pub(crate) mod ranking;
pub mod roc_curve;
