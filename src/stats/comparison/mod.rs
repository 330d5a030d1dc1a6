//! Is one model, reader or group better than another?

pub mod bootstrap;
pub mod clustered_delong;
pub mod delong;
pub mod delong_many;
pub mod non_inferiority;
pub mod unpaired_delong;
