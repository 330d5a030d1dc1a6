//! What must hold for any input.
//!
//! The cases are the same in every run, so that a build fails for what was changed and not by chance. To look further:
//! `PROPTEST_RNG_SEED=7 PROPTEST_CASES=20000 cargo test --release -- properties`.

use proptest::test_runner::{Config, RngSeed};

mod baseline;
mod calibration;
mod cox;
mod discrimination;
mod distribution;
mod regression;
mod survival;
mod threshold;

const SEED: u64 = 20_260_817;

/// `cases` cases from [`SEED`], unless the environment asks for others.
fn cases(cases: u32) -> Config {
    let mut config = Config::default();
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = cases;
    }
    if config.rng_seed == RngSeed::Random {
        config.rng_seed = RngSeed::Fixed(SEED);
    }
    config
}
