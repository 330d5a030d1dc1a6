//! Intervals for one proportion.
//!
//! Estimand: the probability p of which `successes` out of `n` independent trials are a sample. With p̂ = x/n, q̂ = 1 − p̂
//! and z the standard normal quantile of (1 + level)/2:
//! - Wilson: the score interval, the p with |p̂ − p| ≤ z √(p(1−p)/n). Textbook form, not bent near 0 and n.
//! - Wilson with continuity correction: the p with |p̂ − p| − 1/(2n) ≤ z √(p(1−p)/n) (Newcombe's method 4). The correction
//!   is always 1/(2n); R's `prop.test` drops it at x = n/2, because it also tests p = 1/2.
//! - Clopper-Pearson: beta quantiles of (1 ∓ level)/2; its coverage is never below the level.
//! - Agresti-Coull: Wald's form around p̃ = (x + z²/2)/(n + z²) with ñ = n + z².
//! - Jeffreys: quantiles of Beta(x + ½, n − x + ½), the lower limit 0 at x = 0 and the upper 1 at x = n (Brown et al.).
//! - Wald: p̂ ± z √(p̂q̂/n). Here to read others' tables; it has no width at 0 and n.
//!
//! Decision: every interval lies in [0, 1]. Agresti-Coull and Wald are cut there (statsmodels does so, epiR and Hmisc do
//! not): no probability lies outside.
//! Edge cases: `n` = 0 and `successes` > `n` are errors. At x = 0 the lower limit of all is exactly 0, at x = n the upper
//! exactly 1.
//! Sources: Wilson 1927 (doi:10.1080/01621459.1927.10502953); Clopper and Pearson 1934 (doi:10.1093/biomet/26.4.404);
//! Agresti and Coull 1998 (doi:10.1080/00031305.1998.10480550); Newcombe 1998 (doi:10.1002/(SICI)1097-0258(19980430)17:8<857::AID-SIM777>3.0.CO;2-E);
//! Brown, Cai and DasGupta 2001 (doi:10.1214/ss/1009213286).
//! Oracle: R 4.2.2 `prop.test(correct = FALSE)`, `binom.test`; epiR 2.0.57 `epi.conf`; statsmodels 0.15.0 `proportion_confint`.

use crate::stats::distribution::{beta_quantile, normal_critical};
use crate::stats::error::{StatsError, require_level};
use crate::stats::estimate::{Estimate, Interval};
use serde::{Deserialize, Serialize};

/// How an interval for a proportion is made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProportionInterval {
    /// The score interval; the default.
    #[default]
    Wilson,
    /// The exact interval.
    ClopperPearson,
    /// Wald's form around a shrunken proportion, cut to [0, 1].
    AgrestiCoull,
    /// Estimate ± z standard errors, cut to [0, 1].
    Wald,
    /// The score interval with continuity correction.
    WilsonContinuity,
    /// Equal-tailed posterior interval under Jeffreys' prior.
    Jeffreys,
}

impl ProportionInterval {
    /// The name as a table's footnote prints it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Wilson => "Wilson",
            Self::ClopperPearson => "Clopper-Pearson",
            Self::AgrestiCoull => "Agresti-Coull",
            Self::Wald => "Wald",
            Self::WilsonContinuity => "Wilson, continuity corrected",
            Self::Jeffreys => "Jeffreys",
        }
    }
}

/// The interval of coverage `level` for the proportion of `successes` in `n`.
pub fn interval(successes: u64, n: u64, level: f64, method: ProportionInterval) -> Result<Interval, StatsError> {
    require_level(level)?;
    if n == 0 {
        return Err(StatsError::Empty { what: "the denominator of a proportion" });
    }
    if successes > n {
        return Err(StatsError::OutOfRange {
            what: "number of successes",
            value: successes as f64,
            expected: "at most the number of trials",
        });
    }
    // The upper limit is one minus the lower limit of the failures: so the limits of a label and of its opposite mirror
    // each other, and only the lower limit needs care with cancellation.
    let failures = n - successes;
    let lower = if successes == 0 { 0.0 } else { lower_limit(successes, n, level, method) };
    let upper = if failures == 0 { 1.0 } else { upper_limit(successes, n, level, method) };
    Ok(Interval { lower: lower.clamp(0.0, 1.0), upper: upper.clamp(0.0, 1.0), level, method: method.label().into() })
}

/// The proportion of `successes` in `n`, with its standard error √(p̂q̂/n) and its interval.
pub fn estimate(successes: u64, n: u64, level: f64, method: ProportionInterval) -> Result<Estimate, StatsError> {
    let interval = interval(successes, n, level, method)?;
    let value = successes as f64 / n as f64;
    let mut estimate = Estimate::new(value, n as usize).with_standard_error((value * (1.0 - value) / n as f64).sqrt());
    estimate.interval = Some(interval);
    Ok(estimate)
}

fn lower_limit(successes: u64, n: u64, level: f64, method: ProportionInterval) -> f64 {
    let (x, n) = (successes as f64, n as f64);
    let z = normal_critical(level);
    match method {
        ProportionInterval::Wilson => wilson_lower(x, n, z),
        ProportionInterval::WilsonContinuity => wilson_lower((x - 0.5).max(0.0), n, z),
        ProportionInterval::ClopperPearson => beta_quantile(0.5 * (1.0 - level), x, n - x + 1.0),
        ProportionInterval::Jeffreys => beta_quantile(0.5 * (1.0 - level), x + 0.5, n - x + 0.5),
        ProportionInterval::AgrestiCoull => wald_limit(x + 0.5 * z * z, n + z * z, -z),
        ProportionInterval::Wald => wald_limit(x, n, -z),
    }
}

fn upper_limit(successes: u64, n: u64, level: f64, method: ProportionInterval) -> f64 {
    let (x, n) = (successes as f64, n as f64);
    let z = normal_critical(level);
    match method {
        ProportionInterval::Wilson => wilson_upper(x, n, z),
        ProportionInterval::WilsonContinuity => wilson_upper((x + 0.5).min(n), n, z),
        // The quantile of the mirrored beta in its lower tail: (1 + level)/2 would round the tail away.
        ProportionInterval::ClopperPearson => 1.0 - beta_quantile(0.5 * (1.0 - level), n - x, x + 1.0),
        ProportionInterval::Jeffreys => 1.0 - beta_quantile(0.5 * (1.0 - level), n - x + 0.5, x + 0.5),
        ProportionInterval::AgrestiCoull => wald_limit(x + 0.5 * z * z, n + z * z, z),
        ProportionInterval::Wald => wald_limit(x, n, z),
    }
}

/// The smaller root of (1 + z²/n) p² − (2p̂ + z²/n) p + p̂² = 0, from the product of the roots, which does not cancel.
fn wilson_lower(x: f64, n: f64, z: f64) -> f64 {
    let p = x / n;
    p * p / (p + 0.5 * z * z / n + wilson_spread(p, n, z))
}

/// The larger root of the same equation.
fn wilson_upper(x: f64, n: f64, z: f64) -> f64 {
    let p = x / n;
    (p + 0.5 * z * z / n + wilson_spread(p, n, z)) / (1.0 + z * z / n)
}

fn wilson_spread(p: f64, n: f64, z: f64) -> f64 {
    z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt()
}

fn wald_limit(x: f64, n: f64, z: f64) -> f64 {
    let p = x / n;
    p + z * (p * (1.0 - p) / n).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(actual: f64, expected: f64) {
        assert!((actual - expected).abs() <= 1e-13 * expected.abs().max(1.0), "{actual} is not {expected}");
    }

    const ALL: [ProportionInterval; 6] = [
        ProportionInterval::Wilson,
        ProportionInterval::ClopperPearson,
        ProportionInterval::AgrestiCoull,
        ProportionInterval::Wald,
        ProportionInterval::WilsonContinuity,
        ProportionInterval::Jeffreys,
    ];

    #[test]
    fn closed_forms_at_the_ends() {
        // x = 0: Wilson's upper limit is z²/(n + z²), Clopper and Pearson's is 1 − (α/2)^(1/n).
        let z = 1.959963984540054_f64;
        let wilson = interval(0, 10, 0.95, ProportionInterval::Wilson).unwrap();
        close(wilson.upper, z * z / (10.0 + z * z));
        let exact = interval(0, 10, 0.95, ProportionInterval::ClopperPearson).unwrap();
        close(exact.upper, 1.0 - 0.025_f64.powf(0.1));
        assert_eq!(wilson.lower, 0.0);
        // Half of ten: Wilson is symmetric about one half, with half width z/(2√(n + z²)).
        let half = interval(5, 10, 0.95, ProportionInterval::Wilson).unwrap();
        close(half.lower, 0.5 - 0.5 * z / (10.0 + z * z).sqrt());
        close(half.upper, 0.5 + 0.5 * z / (10.0 + z * z).sqrt());
    }

    #[test]
    fn ends_are_exact_and_nothing_leaves_the_unit_interval() {
        for method in ALL {
            for n in [1, 2, 7, 1_000_000, 1 << 60] {
                for (x, at) in [(0, 0.0), (n, 1.0)] {
                    let interval = interval(x, n, 0.95, method).unwrap();
                    assert!((0.0..=1.0).contains(&interval.lower) && (0.0..=1.0).contains(&interval.upper));
                    assert_eq!(if at == 0.0 { interval.lower } else { interval.upper }, at, "{method:?} {n}");
                }
            }
        }
    }

    #[test]
    fn refuses_what_is_no_proportion() {
        assert!(interval(0, 0, 0.95, ProportionInterval::Wilson).is_err());
        assert!(interval(2, 1, 0.95, ProportionInterval::Wilson).is_err());
        for level in [0.0, 1.0, -0.5, 95.0, f64::NAN] {
            assert!(interval(1, 2, level, ProportionInterval::Wilson).is_err());
        }
    }
}
