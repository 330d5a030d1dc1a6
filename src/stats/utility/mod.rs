//! Clinical usefulness: what a prediction model gains when decisions follow it.

pub mod net_benefit;
pub mod survival_net_benefit;
