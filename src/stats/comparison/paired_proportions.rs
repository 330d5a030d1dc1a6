//! Difference of two proportions measured on the same subjects.
//!
//! Estimand: δ = p₁ − p₂. With n subjects of which b are positive (or right) in the first only and c in the second only,
//! δ̂ = (b − c)/n. Typical use: sensitivities of two readers, over the subjects with the event.
//! Intervals:
//! - Newcombe (his method 10): Wilson's limits of both proportions, combined with their correlation φ̂, which is taken
//!   towards zero by a continuity correction;
//! - Tango: the δ not rejected by the score test, |b − c − nδ| ≤ z √(n(2q + δ(1 − δ))) with q the constrained estimate of p₂₁;
//! - Wald: δ̂ ± z √(b + c − (b − c)²/n)/n, cut to [−1, 1]; no width where b + c is 0 or n.
//!
//! `standard_error` is Wald's. Sign: first minus second.
//! Edge cases: no subject is an error. Without discordant pairs δ̂ = 0, and Newcombe's and Tango's still have width.
//! Sources: Newcombe 1998 (doi:10.1002/(SICI)1097-0258(19981130)17:22<2635::AID-SIM954>3.0.CO;2-C); Tango 1998
//! (doi:10.1002/(SICI)1097-0258(19980430)17:8<891::AID-SIM780>3.0.CO;2-B). Oracle: the definitions (the score equation for
//! Tango, independence for Newcombe).

use crate::stats::distribution::normal_critical;
use crate::stats::error::{StatsError, require_level, require_same_length};
use crate::stats::estimate::{Estimate, Interval};
use crate::stats::threshold::proportion::{ProportionInterval, interval};
use serde::{Deserialize, Serialize};

/// Two calls per subject, counted by whether each is positive (or right).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PairedCounts {
    /// In both.
    pub both: u64,
    /// In the first, not in the second.
    pub only_first: u64,
    /// In the second, not in the first.
    pub only_second: u64,
    /// In neither.
    pub neither: u64,
}

impl PairedCounts {
    /// Counts two calls of the same subjects.
    pub fn of(first: &[bool], second: &[bool]) -> Result<Self, StatsError> {
        require_same_length("first calls", first.len(), "second calls", second.len())?;
        let mut counts = Self { both: 0, only_first: 0, only_second: 0, neither: 0 };
        for pair in first.iter().zip(second) {
            match pair {
                (true, true) => counts.both += 1,
                (true, false) => counts.only_first += 1,
                (false, true) => counts.only_second += 1,
                (false, false) => counts.neither += 1,
            }
        }
        Ok(counts)
    }

    /// All subjects.
    pub fn n(&self) -> u64 {
        self.both + self.only_first + self.only_second + self.neither
    }

    /// Subjects on whom the two differ.
    pub fn discordant(&self) -> u64 {
        self.only_first + self.only_second
    }
}

/// How the interval is made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PairedInterval {
    /// Hybrid of Wilson's limits; the default.
    #[default]
    Newcombe,
    /// Inverted score test.
    Tango,
    /// Estimate ± z standard errors.
    Wald,
}

/// The difference of the two proportions.
pub fn paired_difference(counts: &PairedCounts, method: PairedInterval, level: f64) -> Result<Estimate, StatsError> {
    require_level(level)?;
    if counts.n() == 0 {
        return Err(StatsError::Empty { what: "paired calls" });
    }
    let n = counts.n() as f64;
    let (b, c) = (counts.only_first as f64, counts.only_second as f64);
    let value = (b - c) / n;
    // b + c − (b − c)²/n without its cancellation: b(1 − p̂) + c(1 + p̂) with p̂ = δ̂.
    let standard_error = (b * (1.0 - value) + c * (1.0 + value)).max(0.0).sqrt() / n;
    let mut estimate = Estimate::new(value, counts.n() as usize).with_standard_error(standard_error);
    estimate.interval = Some(match method {
        PairedInterval::Newcombe => newcombe(counts, value, level)?,
        PairedInterval::Tango => tango(counts, value, level),
        PairedInterval::Wald => {
            let half_width = normal_critical(level) * standard_error;
            bounded(value - half_width, value + half_width, level, "Wald, paired")
        }
    });
    Ok(estimate)
}

fn bounded(lower: f64, upper: f64, level: f64, method: &'static str) -> Interval {
    Interval { lower: lower.max(-1.0), upper: upper.min(1.0), level, method: method.into() }
}

fn newcombe(counts: &PairedCounts, value: f64, level: f64) -> Result<Interval, StatsError> {
    let n = counts.n();
    let (positive_first, positive_second) = (counts.both + counts.only_first, counts.both + counts.only_second);
    let first = interval(positive_first, n, level, ProportionInterval::Wilson)?;
    let second = interval(positive_second, n, level, ProportionInterval::Wilson)?;
    let (p, q) = (positive_first as f64 / n as f64, positive_second as f64 / n as f64);
    let margins = [positive_first, n - positive_first, positive_second, n - positive_second];
    let product = counts.both as f64 * counts.neither as f64 - counts.only_first as f64 * counts.only_second as f64;
    let shrunk = if product > 0.0 { (product - 0.5 * n as f64).max(0.0) } else { product };
    let correlation = if margins.contains(&0) {
        0.0
    } else {
        shrunk / margins.iter().fold(1.0, |scale, margin| scale * (*margin as f64).sqrt())
    };
    let side = |x: f64, y: f64| (x * x - 2.0 * correlation * x * y + y * y).max(0.0).sqrt();
    Ok(bounded(
        value - side(p - first.lower, second.upper - q),
        value + side(first.upper - p, q - second.lower),
        level,
        "Newcombe, paired",
    ))
}

fn tango(counts: &PairedCounts, value: f64, level: f64) -> Interval {
    let z = normal_critical(level);
    let (n, b, c) = (counts.n() as f64, counts.only_first as f64, counts.only_second as f64);
    // The score statistic falls in δ; its distance to the critical value changes sign once on either side of δ̂.
    let score = |delta: f64| {
        let linear = (2.0 * n - b + c) * delta - b - c;
        let constant = -c * delta * (1.0 - delta);
        let q = ((linear * linear - 8.0 * n * constant).max(0.0).sqrt() - linear) / (4.0 * n);
        (b - c - n * delta) / (n * (2.0 * q + delta * (1.0 - delta)).max(0.0)).sqrt()
    };
    let limit = |mut inside: f64, mut outside: f64| {
        if score(outside).abs() <= z {
            return outside;
        }
        // Sixty halvings of an interval no longer than 2 leave nothing at double precision.
        for _ in 0..60 {
            let middle = 0.5 * (inside + outside);
            if score(middle).abs() > z { outside = middle } else { inside = middle }
        }
        0.5 * (inside + outside)
    };
    bounded(limit(value, -1.0), limit(value, 1.0), level, "Tango score, paired")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::threshold::metric::Proportion;
    use crate::stats::threshold::proportion_difference::difference;

    fn counts(both: u64, only_first: u64, only_second: u64, neither: u64) -> PairedCounts {
        PairedCounts { both, only_first, only_second, neither }
    }

    #[test]
    fn newcombe_without_correlation_is_that_of_independent_samples() {
        // ad = bc: 12·6 = 8·9. The margins are 20/35 and 21/35.
        let paired = paired_difference(&counts(12, 8, 9, 6), PairedInterval::Newcombe, 0.95).unwrap().interval.unwrap();
        let margins = [20, 21].map(|successes| Proportion { successes, n: 35 });
        let unpaired = difference(margins[0], margins[1], 0.95, ProportionInterval::Wilson).unwrap().interval.unwrap();
        assert!((paired.lower - unpaired.lower).abs() < 1e-15 && (paired.upper - unpaired.upper).abs() < 1e-15);
    }

    #[test]
    fn tango_solves_the_score_equation() {
        // At a limit the constrained estimate maximises b ln(q + δ) + c ln q + (a + d) ln(1 − 2q − δ): its derivative is 0.
        let paired = counts(40, 12, 3, 45);
        let interval = paired_difference(&paired, PairedInterval::Tango, 0.95).unwrap().interval.unwrap();
        for delta in [interval.lower, interval.upper] {
            let derivative = |q: f64| 12.0 / (q + delta) + 3.0 / q - 2.0 * 85.0 / (1.0 - 2.0 * q - delta);
            let (mut low, mut high) = (f64::max(0.0, -delta), 0.5 * (1.0 - delta));
            for _ in 0..200 {
                let middle = 0.5 * (low + high);
                if derivative(middle) > 0.0 { low = middle } else { high = middle }
            }
            let z = (9.0 - 100.0 * delta) / (100.0 * (2.0 * low + delta * (1.0 - delta))).sqrt();
            assert!((z.abs() - 1.959963984540054).abs() < 1e-10, "{z}");
        }
    }

    #[test]
    fn signs_ends_and_width() {
        for method in [PairedInterval::Newcombe, PairedInterval::Tango, PairedInterval::Wald] {
            let forth = paired_difference(&counts(20, 7, 2, 11), method, 0.9).unwrap();
            let back = paired_difference(&counts(20, 2, 7, 11), method, 0.9).unwrap();
            let (forth_interval, back_interval) = (forth.interval.unwrap(), back.interval.unwrap());
            assert_eq!(forth.value, -back.value);
            assert!((forth_interval.lower + back_interval.upper).abs() < 1e-12);
            assert!(forth_interval.lower < forth.value && forth.value < forth_interval.upper);
            let all = paired_difference(&counts(0, 5, 0, 0), method, 0.95).unwrap();
            assert_eq!((all.value, all.interval.unwrap().upper), (1.0, 1.0));
            assert!(paired_difference(&counts(0, 0, 0, 0), method, 0.95).is_err());
        }
        let none = paired_difference(&counts(5, 0, 0, 5), PairedInterval::Tango, 0.95).unwrap().interval.unwrap();
        // b = c = 0: n δ² = z²·|δ|(1 − |δ|)… = z² |δ| − z² δ², so |δ| = z²/(n + z²).
        let z = 1.959963984540054_f64;
        assert!((none.upper - z * z / (10.0 + z * z)).abs() < 1e-12 && (none.lower + none.upper).abs() < 1e-12);
    }
}
