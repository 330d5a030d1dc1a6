//! Sample size for an AUC (C statistic) of a declared precision.
//!
//! Estimand: the smallest n for which the Wald interval of an anticipated AUC A at prevalence φ is no wider than asked:
//! 2 z SE(n) ≤ width.
//! - Newcombe (the closed form used for external validation by Riley et al.):
//!   SE² = A(1 − A)[1 + (n/2 − 1)(1 − A)/(2 − A) + (n/2 − 1)A/(1 + A)]/(n²φ(1 − φ));
//! - Hanley and McNeil: SE² = [A(1 − A) + (n₊ − 1)(Q₁ − A²) + (n₋ − 1)(Q₂ − A²)]/(n₊n₋) with Q₁ = A/(2 − A),
//!   Q₂ = 2A²/(1 + A), n₊ = nφ and n₋ = n(1 − φ), not rounded.
//!
//! Assumptions: independent subjects; both formulae take the scores to be (negative) exponential, which is close to normal.
//! Edge cases: A must lie in [0.5, 1) and φ, width and level in (0, 1); widths that only some 10^12 subjects reach are `Undefined`.
//! Sources: Hanley and McNeil 1982 (doi:10.1148/radiology.143.1.7063747); Newcombe 2006 (doi:10.1002/sim.2324); Riley et al.
//! 2021 (doi:10.1002/sim.9025). Oracle: pmvalsampsize 0.1.0, whose example (φ 0.018, C 0.8, width 0.1) gives 4252.

use crate::stats::distribution::normal_critical;
use crate::stats::error::{StatsError, require_level};
use serde::{Deserialize, Serialize};

/// Which variance of the AUC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AucVariance {
    /// Newcombe's, as Riley et al. use it; the default.
    #[default]
    Newcombe,
    /// Hanley and McNeil's.
    HanleyMcNeil,
}

/// A sample size with the precision it gives.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct AucSampleSize {
    /// Subjects needed.
    pub n: u64,
    /// Events among them at the prevalence, rounded up.
    pub events: u64,
    /// SE of the AUC at n.
    pub standard_error: f64,
    /// Width of the interval at n.
    pub width: f64,
}

/// SE of an AUC `auc` estimated from `n` subjects with the share `prevalence` of events.
pub fn standard_error(auc: f64, prevalence: f64, n: f64, variance: AucVariance) -> f64 {
    let (q1, q2) = (auc / (2.0 - auc), 2.0 * auc * auc / (1.0 + auc));
    let (positives, negatives) = (n * prevalence, n * (1.0 - prevalence));
    let product = positives * negatives;
    let spread = auc * (1.0 - auc);
    let numerator = match variance {
        AucVariance::Newcombe => {
            spread * (1.0 + (0.5 * n - 1.0) * (1.0 - auc) / (2.0 - auc) + (0.5 * n - 1.0) * auc / (1.0 + auc))
        }
        AucVariance::HanleyMcNeil => {
            spread + (positives - 1.0) * (q1 - auc * auc) + (negatives - 1.0) * (q2 - auc * auc)
        }
    };
    (numerator.max(0.0) / product).sqrt()
}

/// The smallest sample whose interval of coverage `level` is no wider than `width`.
pub fn auc_sample_size(
    auc: f64,
    prevalence: f64,
    width: f64,
    level: f64,
    variance: AucVariance,
) -> Result<AucSampleSize, StatsError> {
    require_level(level)?;
    if !(0.5..1.0).contains(&auc) {
        return Err(StatsError::OutOfRange { what: "AUC", value: auc, expected: "at least 0.5 and below 1" });
    }
    for (what, value) in [("prevalence", prevalence), ("width", width)] {
        if !(value > 0.0 && value < 1.0) {
            return Err(StatsError::OutOfRange { what, value, expected: "between 0 and 1" });
        }
    }
    let z = normal_critical(level);
    // At least one subject of each class.
    let smallest = (1.0 / prevalence.min(1.0 - prevalence)).ceil();
    let reached = |n: f64| 2.0 * z * standard_error(auc, prevalence, n, variance) <= width;
    let mut enough = smallest;
    while !reached(enough) {
        enough *= 2.0;
        if enough > 1e12 {
            return Err(StatsError::Undefined {
                what: "the sample size",
                why: "no sample of a practical size is enough",
            });
        }
    }
    // The width falls with n: halve until the first n that is enough.
    let mut short = (0.5 * enough).floor().max(smallest - 1.0);
    while enough - short > 1.0 {
        let middle = (0.5 * (short + enough)).floor();
        if reached(middle) { enough = middle } else { short = middle }
    }
    let standard_error = standard_error(auc, prevalence, enough, variance);
    Ok(AucSampleSize {
        n: enough as u64,
        events: (enough * prevalence).ceil() as u64,
        standard_error,
        width: 2.0 * z * standard_error,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_example() {
        let size = auc_sample_size(0.8, 0.018, 0.1, 0.95, AucVariance::Newcombe).unwrap();
        assert_eq!(size.n, 4252);
        assert!(size.width <= 0.1);
    }

    #[test]
    fn hanley_and_mcneil_by_hand_and_smallest() {
        // A = 0.8, 50 and 50: Q₁ = 2/3, Q₂ = 32/45; [0.16 + 49(2/75) + 49(16/225)]/2500.
        let expected = ((0.16 + 49.0 * (2.0 / 75.0) + 49.0 * (16.0 / 225.0)) / 2500.0_f64).sqrt();
        assert!((standard_error(0.8, 0.5, 100.0, AucVariance::HanleyMcNeil) - expected).abs() < 1e-15);
        for variance in [AucVariance::Newcombe, AucVariance::HanleyMcNeil] {
            let size = auc_sample_size(0.75, 0.3, 0.12, 0.95, variance).unwrap();
            let before = standard_error(0.75, 0.3, size.n as f64 - 1.0, variance);
            assert!(size.width <= 0.12 && 2.0 * normal_critical(0.95) * before > 0.12);
        }
    }

    #[test]
    fn refusals() {
        let size = |auc, prevalence, width| auc_sample_size(auc, prevalence, width, 0.95, AucVariance::Newcombe);
        assert!(size(1.0, 0.5, 0.1).is_err() && size(0.4, 0.5, 0.1).is_err());
        assert!(size(0.8, 0.0, 0.1).is_err() && size(0.8, 0.5, 0.0).is_err() && size(0.8, 0.5, 1e-9).is_err());
    }
}
