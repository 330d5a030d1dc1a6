//! Where results come from and where they go: the libraries behind them, the manifest, and the writing of a report that
//! is either whole or not there.

pub mod libraries;
pub mod manifest;
pub mod output;
