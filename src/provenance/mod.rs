//! Where results come from and where they go: the libraries behind them, the manifest, the lock of a study's inputs, the
//! writing of a report that is either whole or not there, and the check that a report is what its study gives.

pub mod bundle;
pub mod difference;
pub mod libraries;
pub mod lock;
pub mod manifest;
pub mod output;
pub mod ro_crate;
mod templates;
pub mod verification;
