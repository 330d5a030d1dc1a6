//! Shapiro and Wilk's test of normality, by Royston's approximation.
//!
//! W = (Σ aᵢx₍ᵢ₎)²/Σ(x − x̄)², with the weights aᵢ approximated from normal scores m̃ᵢ = Φ⁻¹((i − ⅜)/(n + ¼)) and the two
//! outermost corrected by polynomials in 1/√n. ln(1 − W), transformed for n ≤ 11, is taken as normal with mean and
//! deviation that are polynomials in n or ln n; for n = 3 the P-value is exact. Small W counts against normality.
//! Input: 3 to 5000 values. Row order does not matter, bit for bit.
//! Edge cases: fewer or more values are errors; values that do not vary are `Undefined`.
//! Source: Royston 1995, algorithm AS R94 (doi:10.2307/2986146). Oracle: R 4.2.2 `shapiro.test`.

use super::moments::{of_sorted, sorted};
use crate::stats::distribution::{normal_quantile, normal_upper};
use crate::stats::error::StatsError;
use crate::stats::estimate::{Alternative, NullDistribution, Test};
use std::f64::consts::{FRAC_PI_3, PI};

/// Royston's polynomials, constant term first.
const OUTERMOST: [f64; 6] = [0.0, 0.221157, -0.147981, -2.07119, 4.434685, -2.706056];
const SECOND: [f64; 6] = [0.0, 0.042981, -0.293762, -1.752461, 5.682633, -3.582633];
const SMALL_MEAN: [f64; 4] = [0.544, -0.39978, 0.025054, -6.714e-4];
const SMALL_LOG_DEVIATION: [f64; 4] = [1.3822, -0.77857, 0.062767, -0.0020322];
const LARGE_MEAN: [f64; 4] = [-1.5861, -0.31082, -0.083751, 0.0038915];
const LARGE_LOG_DEVIATION: [f64; 3] = [-0.4803, -0.082676, 0.0030302];
const SMALL_SHIFT: [f64; 2] = [-2.273, 0.459];

fn polynomial(coefficients: &[f64], x: f64) -> f64 {
    coefficients.iter().rev().fold(0.0, |value, coefficient| value * x + coefficient)
}

/// The Shapiro-Wilk test of `values`.
pub fn shapiro_wilk(values: &[f64]) -> Result<Test, StatsError> {
    let sorted = sorted("values", values, 3)?;
    let n = sorted.len();
    if n > 5000 {
        return Err(StatsError::OutOfRange { what: "number of values", value: n as f64, expected: "at most 5000" });
    }
    let moments = of_sorted(&sorted);
    let range = sorted[n - 1] - sorted[0];
    if moments.standard_deviation <= 0.0 || range <= 1e-14 * moments.mean.abs() {
        return Err(StatsError::Undefined { what: "the Shapiro-Wilk test", why: "the values do not vary" });
    }
    // 1 − W as a ratio of sums of squares: (Σd² − (Σ a d)²)/Σd² with Σa² = 1, factored so that it keeps its digits near 0.
    let weights = weights(n);
    let deviation: Vec<f64> = sorted.iter().map(|value| value / range - moments.mean / range).collect();
    let total = deviation.iter().fold(0.0, |sum, d| sum + d * d);
    let weighted = weights.iter().enumerate().fold(0.0, |sum, (i, a)| sum + a * (deviation[n - 1 - i] - deviation[i]));
    let norm = (2.0 * weights.iter().fold(0.0, |sum, a| sum + a * a) * total).sqrt();
    let complement = ((norm - weighted) * (norm + weighted) / (norm * norm)).max(0.0);
    let w = 1.0 - complement;
    Ok(Test {
        statistic: Some(w),
        distribution: if n == 3 { NullDistribution::Exact } else { NullDistribution::Normal },
        p_value: p_value(n, w, complement),
        alternative: Alternative::Less,
        method: "Shapiro-Wilk (Royston)".into(),
    })
}

/// The weights of the upper half, outermost first; the lower half has them with the other sign.
fn weights(n: usize) -> Vec<f64> {
    if n == 3 {
        return vec![0.5_f64.sqrt()];
    }
    let size = n as f64;
    let half = n / 2;
    let scores: Vec<f64> = (1..=half).map(|i| -normal_quantile((i as f64 - 0.375) / (size + 0.25))).collect();
    let squares = 2.0 * scores.iter().fold(0.0, |sum, score| sum + score * score);
    let root = 1.0 / size.sqrt();
    let first = polynomial(&OUTERMOST, root) + scores[0] / squares.sqrt();
    let mut corrected = vec![first];
    if n > 5 {
        corrected.push(polynomial(&SECOND, root) + scores[1] / squares.sqrt());
    }
    // The others keep their proportions, and all together have length one.
    let left = corrected.iter().zip(&scores).fold(squares, |sum, (_, score)| sum - 2.0 * score * score);
    let length = corrected.iter().fold(1.0, |sum, weight| sum - 2.0 * weight * weight);
    let factor = (left / length).sqrt();
    let rest = scores.iter().skip(corrected.len()).map(|score| score / factor);
    corrected.iter().copied().chain(rest).collect()
}

fn p_value(n: usize, w: f64, complement: f64) -> f64 {
    if n == 3 {
        // 6/π (asin √W − asin √¾); asin √¾ = π/3.
        return (6.0 / PI * (w.sqrt().asin() - FRAC_PI_3)).clamp(0.0, 1.0);
    }
    let size = n as f64;
    let log_complement = complement.ln();
    let (value, mean, log_deviation) = if n <= 11 {
        let shift = polynomial(&SMALL_SHIFT, size);
        if log_complement >= shift {
            // Beyond the range of the transformation: W is as small as it can be.
            return 0.0;
        }
        (-(shift - log_complement).ln(), polynomial(&SMALL_MEAN, size), polynomial(&SMALL_LOG_DEVIATION, size))
    } else {
        let log_size = size.ln();
        (log_complement, polynomial(&LARGE_MEAN, log_size), polynomial(&LARGE_LOG_DEVIATION, log_size))
    };
    normal_upper((value - mean) / log_deviation.exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_values_by_hand() {
        // 1, 2, 4: W = (3/√2)²/(14/3) = 27/28.
        let test = shapiro_wilk(&[2.0, 4.0, 1.0]).unwrap();
        assert!((test.statistic.unwrap() - 27.0 / 28.0).abs() < 1e-15);
        let expected = 6.0 / PI * ((27.0_f64 / 28.0).sqrt().asin() - 0.75_f64.sqrt().asin());
        assert!((test.p_value - expected).abs() < 1e-14);
    }

    #[test]
    fn shift_and_scale_do_not_matter_and_limits_hold() {
        let values = [0.3, 1.2, 1.9, 2.2, 2.8, 3.1, 5.0, 9.5];
        let moved: Vec<f64> = values.iter().map(|value| 1e3 - 40.0 * value).collect();
        let (left, right) = (shapiro_wilk(&values).unwrap(), shapiro_wilk(&moved).unwrap());
        assert!((left.p_value / right.p_value - 1.0).abs() < 1e-9);
        assert!(shapiro_wilk(&[1.0, 2.0]).is_err());
        assert!(shapiro_wilk(&vec![0.0; 5001]).is_err());
        assert!(matches!(shapiro_wilk(&[2.0; 10]), Err(StatsError::Undefined { .. })));
    }
}
