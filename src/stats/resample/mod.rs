//! Intervals from resampling. Every function takes a [`Seed`](crate::stats::random::Seed) and gives the same bits at
//! any number of threads.

pub mod auc;
pub mod bootstrap;
pub mod cluster;
pub(crate) mod interval;
pub mod optimism;
pub(crate) mod replicates;
pub mod statistic;
