//! What a bootstrap is asked for: how many replicates, drawn how, and which interval is read off them.
//!
//! The intervals, for an estimate t with replicates t*, of coverage 1 − α:
//! - percentile: the α/2 and 1 − α/2 quantiles of t* (Hyndman and Fan's type 7, the default of R, as pROC takes them);
//! - basic: 2 t − the 1 − α/2 and α/2 quantiles;
//! - bias-corrected and accelerated (BCa): quantiles of t* at levels shifted by the bias correction
//!   z₀ = Φ⁻¹(share of t* below t, replicates equal to t counting one half) and the acceleration a from the jackknife;
//!   for several strata a = Σ u³ / (6 (Σ u²)^1.5) with u = (n − 1) / n · (mean − value without the unit), per stratum.
//!
//! Basic and BCa limits read the quantiles as R's `boot::boot.ci` does: the k-th of R replicates is the quantile at k/(R + 1),
//! with interpolation between neighbours on the scale of normal quantiles (Davison and Hinkley 1997, (5.8)). That keeps the
//! coverage of levels near 0 and 1, to which BCa shifts, with few replicates. Of replicates equal to t `boot.ci` counts none
//! in z₀, which with tied scores would be a bias of its own: they count one half here.
//!
//! The centre of an interval is always the estimate of the data, never the mean of the replicates; the standard error
//! is the standard deviation (n − 1) of the replicates.
//!
//! Replicates in which the statistic is not defined are left out; the interval's `method` says how many they were. When
//! they are more than half, the result is an error. A BCa interval that is not defined (all replicates on one side of
//! the estimate) is `None`.
//!
//! Source: Davison and Hinkley 1997, Bootstrap Methods and their Application, doi:10.1017/CBO9780511802843, sections
//! 5.2 and 5.3; Efron 1987, doi:10.1080/01621459.1987.10478410.

use crate::stats::error::{StatsError, require_level};
use serde::{Deserialize, Serialize};

/// Which interval is read off the replicates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BootstrapInterval {
    #[default]
    Percentile,
    Basic,
    BiasCorrectedAccelerated,
}

/// How the units of a replicate are drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sampling {
    /// n of n units; how many have the event varies.
    Simple,
    /// Within each stratum (for an AUC: with and without the event), so that stratum sizes stay as they are.
    #[default]
    Stratified,
}

/// How a bootstrap is made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BootstrapOptions {
    /// 2000 by default; at least 2.
    pub replicates: usize,
    /// Coverage of the interval; 0.95 by default.
    pub level: f64,
    /// Percentile by default.
    pub kind: BootstrapInterval,
    /// Stratified by default.
    pub sampling: Sampling,
}

impl Default for BootstrapOptions {
    fn default() -> Self {
        Self { replicates: 2000, level: 0.95, kind: BootstrapInterval::default(), sampling: Sampling::default() }
    }
}

impl BootstrapOptions {
    pub(crate) fn validate(&self) -> Result<(), StatsError> {
        require_level(self.level)?;
        if self.replicates < 2 {
            return Err(StatsError::TooFew { what: "number of replicates", needed: 2, found: self.replicates });
        }
        Ok(())
    }

    /// As a table's footnote names it, without the counts.
    pub(crate) fn name(&self, units: &str) -> String {
        let sampling = match self.sampling {
            Sampling::Simple => "",
            Sampling::Stratified => "stratified ",
        };
        let kind = match self.kind {
            BootstrapInterval::Percentile => "percentile",
            BootstrapInterval::Basic => "basic",
            BootstrapInterval::BiasCorrectedAccelerated => "BCa",
        };
        format!("{sampling}bootstrap{units}, {kind}")
    }
}
