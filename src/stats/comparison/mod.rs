//! Is one model, reader or group better than another?

pub mod bootstrap;
pub mod clustered_delong;
pub mod cochran_q;
pub mod delong;
pub mod delong_many;
pub mod heterogeneity;
pub mod mcnemar;
pub mod non_inferiority;
pub mod paired_concordance;
pub mod paired_means;
pub mod paired_proportions;
pub mod unpaired_delong;
