//! What the layers share.

pub mod browser;
pub mod program;
pub mod sample_results;
