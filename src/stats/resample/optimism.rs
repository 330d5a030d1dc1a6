//! The bootstrap behind corrections for optimism, whatever is measured.
//!
//! Estimand: performance of the development *procedure*'s model on new subjects of the same population.
//!
//! Method (Harrell): apparent performance is that of the model on its own subjects. Each replicate draws n subjects with
//! replacement, repeats **the whole development** on them, and takes the performance on the drawn subjects minus that on
//! all original subjects; the mean of these differences is the optimism, and corrected = apparent − optimism.
//!
//! The development is a closure: it gets the positions of the subjects to develop on (repeats allowed) and returns the
//! linear predictor of **all** subjects. One seed per replicate: the same result at any number of threads. Replicates are
//! drawn by position, so the order of subjects matters.
//!
//! Edge cases: a replicate that cannot be developed or measured is left out and counted in `failed`; when fewer than two
//! remain the result is an error.
//!
//! Source: Harrell, Lee and Mark 1996, doi:10.1002/(SICI)1097-0258(19960229)15:4<361::AID-SIM168>3.0.CO;2-4.

use crate::stats::error::StatsError;
use crate::stats::random::Seed;
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use serde::{Deserialize, Serialize};

/// How many replicates, from which seed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OptimismOptions {
    /// 200.
    pub replicates: usize,
    /// Where their random numbers come from.
    pub seed: Seed,
}

impl OptimismOptions {
    /// 200 replicates.
    pub fn new(seed: Seed) -> Self {
        Self { replicates: 200, seed }
    }
}

/// One measure, as it appears and corrected.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CorrectedMeasure {
    /// On the subjects that the model was developed on.
    pub apparent: f64,
    /// Mean over replicates of performance on the drawn minus on the original subjects.
    pub optimism: f64,
    /// Apparent minus optimism.
    pub corrected: f64,
}

/// Every measure of a model, corrected.
pub(crate) struct Corrected<const MEASURES: usize> {
    pub measures: [CorrectedMeasure; MEASURES],
    /// Replicates that the means rest on.
    pub replicates: usize,
    /// Replicates left out.
    pub failed: usize,
}

/// `performance` of a linear predictor of all `n` subjects on the subjects at some positions.
pub(crate) fn correct<const MEASURES: usize>(
    n: usize,
    develop: impl Fn(&[usize]) -> Result<Vec<f64>, StatsError> + Sync,
    performance: impl Fn(&[f64], &[usize]) -> Result<[f64; MEASURES], StatsError> + Sync,
    options: &OptimismOptions,
) -> Result<Corrected<MEASURES>, StatsError> {
    let all: Vec<usize> = (0..n).collect();
    let apparent = performance(&develop(&all)?, &all)?;
    let replicate = |index: usize| -> Result<[f64; MEASURES], StatsError> {
        let mut stream = options.seed.replicate(index as u64).stream();
        let drawn: Vec<usize> = (0..n).map(|_| stream.below(n as u64) as usize).collect();
        let predictor = develop(&drawn)?;
        let (on_drawn, on_all) = (performance(&predictor, &drawn)?, performance(&predictor, &all)?);
        Ok(std::array::from_fn(|measure| on_drawn[measure] - on_all[measure]))
    };
    let results: Vec<Result<[f64; MEASURES], StatsError>> =
        (0..options.replicates).into_par_iter().map(replicate).collect();
    let used: Vec<[f64; MEASURES]> = results.into_iter().filter_map(Result::ok).collect();
    if used.len() < 2 {
        return Err(StatsError::TooFew {
            what: "bootstrap replicates that can be fitted",
            needed: 2,
            found: used.len(),
        });
    }
    let measures = std::array::from_fn(|measure| {
        let optimism = used.iter().map(|differences| differences[measure]).sum::<f64>() / used.len() as f64;
        CorrectedMeasure { apparent: apparent[measure], optimism, corrected: apparent[measure] - optimism }
    });
    Ok(Corrected { measures, replicates: used.len(), failed: options.replicates - used.len() })
}
