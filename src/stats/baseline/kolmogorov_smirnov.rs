//! Kolmogorov and Smirnov's test of two samples.
//!
//! Null hypothesis: both groups are drawn from one continuous distribution. Statistic D = largest distance of the two
//! empirical distributions, found over the distinct values, so ties are allowed (and make the test conservative).
//! P by the limiting distribution at z = D √(n₁n₂/(n₁ + n₂)): 2 Σ (−1)^{k−1} e^{−2k²z²}, or for small z
//! 1 − √(2π)/z Σ e^{−(2k−1)²π²/(8z²)}.
//! Row order does not matter, bit for bit. Edge cases: an empty group is an error.
//! Source: Smirnov 1948 (doi:10.1214/aoms/1177730256). Oracle: R 4.2.2 `ks.test(exact = FALSE)`, whose series stops at 1e-6.

use super::moments::sorted;
use crate::stats::error::StatsError;
use crate::stats::estimate::{Alternative, NullDistribution, Test};
use std::f64::consts::PI;

/// The two-sample Kolmogorov-Smirnov test, asymptotic.
pub fn kolmogorov_smirnov(first: &[f64], second: &[f64]) -> Result<Test, StatsError> {
    let (first, second) = (sorted("first group", first, 1)?, sorted("second group", second, 1)?);
    let (m, n) = (first.len() as u128, second.len() as u128);
    let (mut i, mut j) = (0, 0);
    // |F₁ − F₂| · mn, in whole numbers.
    let mut largest = 0_u128;
    while i < first.len() && j < second.len() {
        let value = first[i].min(second[j]);
        while first.get(i).is_some_and(|next| *next <= value) {
            i += 1;
        }
        while second.get(j).is_some_and(|next| *next <= value) {
            j += 1;
        }
        largest = largest.max((i as u128 * n).abs_diff(j as u128 * m));
    }
    let statistic = largest as f64 / (m * n) as f64;
    let (m, n) = (m as f64, n as f64);
    Ok(Test {
        statistic: Some(statistic),
        // Its limit is a distribution of its own, without parameters; the sample space is not enumerated.
        distribution: NullDistribution::Exact,
        p_value: limiting_upper(statistic * (m * n / (m + n)).sqrt()),
        alternative: Alternative::TwoSided,
        method: "Kolmogorov-Smirnov, asymptotic".into(),
    })
}

/// P(K > z) for Kolmogorov's limiting distribution.
fn limiting_upper(z: f64) -> f64 {
    if z <= 0.0 {
        return 1.0;
    }
    if z < 1.0 {
        let lower = (1..=20).fold(0.0, |sum, k| {
            let odd = f64::from(2 * k - 1) * PI / z;
            sum + (-0.125 * odd * odd).exp()
        });
        return (1.0 - (2.0 * PI).sqrt() / z * lower).clamp(0.0, 1.0);
    }
    let series = (1..=20).fold(0.0, |sum, k| {
        let term = (-2.0 * f64::from(k * k) * z * z).exp();
        if k % 2 == 1 { sum + term } else { sum - term }
    });
    (2.0 * series).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        // 1, 2, 3 against 3, 4: at 2 the distance is 2/3; the 3 is in both.
        let test = kolmogorov_smirnov(&[3.0, 1.0, 2.0], &[4.0, 3.0]).unwrap();
        assert!((test.statistic.unwrap() - 2.0 / 3.0).abs() < 1e-15);
        assert!((limiting_upper(1.0 - 1e-12) - limiting_upper(1.0)).abs() < 1e-11);
        // The 95% point of Kolmogorov's distribution is 1.3581.
        assert!((limiting_upper(1.358099) - 0.05).abs() < 1e-6);
        assert_eq!(kolmogorov_smirnov(&[1.0], &[1.0]).unwrap().p_value, 1.0);
        assert!(kolmogorov_smirnov(&[], &[1.0]).is_err());
    }
}
