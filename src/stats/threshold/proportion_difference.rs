//! Difference of two independent proportions.
//!
//! Estimand: δ = p₁ − p₂, estimated by p̂₁ − p̂₂ from two independent samples.
//! Interval: hybrid of two single-proportion intervals (l₁, u₁), (l₂, u₂) (MOVER):
//! lower = δ̂ − √((p̂₁ − l₁)² + (u₂ − p̂₂)²), upper = δ̂ + √((u₁ − p̂₁)² + (p̂₂ − l₂)²). With Wilson's it is Newcombe's
//! method 10, with Wilson's corrected for continuity his method 11; it never leaves [−1, 1].
//! `standard_error` is Wald's, √(p̂₁q̂₁/n₁ + p̂₂q̂₂/n₂).
//! Edge cases: an empty sample is an error.
//! Source: Newcombe 1998 (doi:10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I), whose table II is the oracle.

use super::metric::Proportion;
use super::proportion::{ProportionInterval, interval};
use crate::stats::error::StatsError;
use crate::stats::estimate::Estimate;

/// `first` minus `second`.
pub fn difference(
    first: Proportion,
    second: Proportion,
    level: f64,
    method: ProportionInterval,
) -> Result<Estimate, StatsError> {
    let around_first = interval(first.successes, first.n, level, method)?;
    let around_second = interval(second.successes, second.n, level, method)?;
    let (p, q) = (first.value(), second.value());
    let below = (p - around_first.lower).hypot(around_second.upper - q);
    let above = (around_first.upper - p).hypot(q - around_second.lower);
    let variance = p * (1.0 - p) / first.n as f64 + q * (1.0 - q) / second.n as f64;
    let label = match method {
        ProportionInterval::Wilson => "Newcombe (Wilson)".to_string(),
        other => format!("hybrid of {} intervals", other.label()),
    };
    let estimate = Estimate::new(p - q, (first.n + second.n) as usize).with_standard_error(variance.sqrt());
    Ok(estimate.with_interval((p - q - below).max(-1.0), (p - q + above).min(1.0), level, label))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn newcombe_table_two() {
        // Newcombe 1998, table II, method 10, printed to four decimals.
        let cases = [
            (56, 70, 48, 80, 0.0524, 0.3339),
            (9, 10, 3, 10, 0.1705, 0.8090),
            (5, 56, 0, 29, -0.0381, 0.1926),
            (0, 10, 0, 10, -0.2775, 0.2775),
            (10, 10, 0, 10, 0.6075, 1.0),
        ];
        for (a, m, b, n, lower, upper) in cases {
            let difference = difference(
                Proportion { successes: a, n: m },
                Proportion { successes: b, n },
                0.95,
                ProportionInterval::Wilson,
            );
            let interval = difference.unwrap().interval.unwrap();
            assert!((interval.lower - lower).abs() < 6e-5, "{a}/{m}: {}", interval.lower);
            assert!((interval.upper - upper).abs() < 6e-5, "{a}/{m}: {}", interval.upper);
        }
    }

    #[test]
    fn an_empty_sample_is_an_error() {
        let (some, none) = (Proportion { successes: 1, n: 2 }, Proportion { successes: 0, n: 0 });
        assert!(difference(some, none, 0.95, ProportionInterval::Wilson).is_err());
    }
}
