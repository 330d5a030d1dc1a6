//! Mean and standard deviation of one group.
//!
//! Two passes over the sorted values: the result does not depend on the order of the rows, and a large offset does not
//! cancel. Squares are taken of values scaled by a power of two, so that only a standard deviation that is itself out of
//! range overflows.

use crate::stats::error::{StatsError, require_finite};

/// Size, mean and standard deviation (denominator n − 1) of a group.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moments {
    /// Number of values.
    pub n: usize,
    /// Their mean.
    pub mean: f64,
    /// √(Σ(x − x̄)²/(n − 1)); NaN for one value.
    pub standard_deviation: f64,
}

/// Beyond this size squares and differences could overflow; no measurement is that large.
const LARGEST: f64 = 1e150;

/// The values in ascending order, checked to be finite, of a size that can be squared, and at least `needed` in number.
pub fn sorted(what: &'static str, values: &[f64], needed: usize) -> Result<Vec<f64>, StatsError> {
    require_finite(what, values)?;
    if let Some(index) = values.iter().position(|value| value.abs() > LARGEST) {
        return Err(StatsError::InvalidAt { what, index, expected: "at most 1e150 in size" });
    }
    if values.len() < needed {
        return Err(StatsError::TooFew { what, needed, found: values.len() });
    }
    // −0 and 0 are one value; adding 0 makes them one bit pattern too.
    let mut sorted: Vec<f64> = values.iter().map(|value| value + 0.0).collect();
    sorted.sort_by(f64::total_cmp);
    Ok(sorted)
}

/// The moments of `values`.
pub fn moments(what: &'static str, values: &[f64], needed: usize) -> Result<Moments, StatsError> {
    Ok(of_sorted(&sorted(what, values, needed.max(1))?))
}

/// The moments of values that are sorted already and not empty.
pub fn of_sorted(sorted: &[f64]) -> Moments {
    let n = sorted.len() as f64;
    let rough = sorted.iter().fold(0.0, |sum, value| sum + value / n);
    let mean = rough + sorted.iter().fold(0.0, |sum, value| sum + (value - rough)) / n;
    let largest = sorted.iter().fold(0.0_f64, |largest, value| largest.max((value - mean).abs()));
    let scale = power_of_two_near(largest);
    let squares = sorted.iter().fold(0.0, |sum, value| sum + ((value - mean) / scale) * ((value - mean) / scale));
    Moments { n: sorted.len(), mean, standard_deviation: (squares / (n - 1.0)).sqrt() * scale }
}

/// The power of two at or below a positive finite number; 1 for others.
fn power_of_two_near(value: f64) -> f64 {
    let exponent_only = f64::from_bits(value.to_bits() & (0x7ff << 52));
    if exponent_only.is_normal() { exponent_only } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand_and_at_extreme_scales() {
        // 1, 2, 4: mean 7/3, Σ(x − x̄)² = 14/3.
        for scale in [1.0, 1e-200, 1e149] {
            let moments = moments("x", &[4.0 * scale, scale, 2.0 * scale], 1).unwrap();
            assert!((moments.mean / scale - 7.0 / 3.0).abs() < 1e-15);
            assert!((moments.standard_deviation / scale - (7.0_f64 / 3.0).sqrt()).abs() < 1e-15);
        }
        let shifted = moments("x", &[1e9 + 1.0, 1e9 + 2.0, 1e9 + 4.0], 1).unwrap();
        assert!((shifted.standard_deviation - (7.0_f64 / 3.0).sqrt()).abs() < 1e-12);
        assert_eq!(moments("x", &[0.1; 7], 1).unwrap().standard_deviation, 0.0);
        assert!(moments("x", &[1e200, 1.0], 1).is_err());
        assert!(moments("x", &[1.0], 2).is_err() && moments("x", &[1.0, f64::NAN], 1).is_err());
    }
}
