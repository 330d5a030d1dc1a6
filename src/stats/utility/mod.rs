//! Clinical usefulness: what a prediction model gains when decisions follow it.

pub mod net_benefit;
