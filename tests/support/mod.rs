//! What the layers share.

pub mod program;
pub mod sample_results;
