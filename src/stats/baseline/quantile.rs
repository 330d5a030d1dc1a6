//! Sample quantiles, all nine definitions of Hyndman and Fan.
//!
//! Q(p) interpolates the sorted values x₍₁₎ … x₍ₙ₎ at position h (counted from one):
//! type 1: ⌈np⌉, no interpolation; 2: as 1, but the mean of the two where np is whole; 3: np rounded to the nearest, even on
//! ties; 4: np; 5: np + ½; 6: (n + 1)p; 7: (n − 1)p + 1; 8: (n + ⅓)p + ⅓; 9: (n + ¼)p + ⅜. Positions are cut to [1, n].
//! The default is 7 (R, NumPy); SAS reports 2, Minitab and SPSS 6.
//! Row order does not matter. A position within 4 ulp-sized steps of a whole number is taken as whole, as R does, so that
//! 0.3 · 10 is 3.
//! Edge cases: no value is an error; one value is every quantile; p outside [0, 1] is an error.
//! Source: Hyndman and Fan 1996 (doi:10.1080/00031305.1996.10473566). Oracle: R 4.2.2 `quantile(type =)`.

use super::moments::sorted;
use crate::stats::error::StatsError;
use serde::{Deserialize, Serialize};

/// Which of Hyndman and Fan's definitions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuantileType {
    /// Inverse of the empirical distribution.
    Type1,
    /// The same, averaged where it jumps.
    Type2,
    /// Nearest order statistic.
    Type3,
    /// Linear in the empirical distribution.
    Type4,
    /// Linear through the midpoints of the steps (Hazen).
    Type5,
    /// Weibull's positions.
    Type6,
    /// Linear from minimum to maximum; the default.
    #[default]
    Type7,
    /// Close to median-unbiased.
    Type8,
    /// Close to unbiased for normal data.
    Type9,
}

/// The quantiles of `values` at `probabilities`.
pub fn quantiles(values: &[f64], probabilities: &[f64], kind: QuantileType) -> Result<Vec<f64>, StatsError> {
    let sorted = sorted("values", values, 1)?;
    if let Some(index) = probabilities.iter().position(|p| !(0.0..=1.0).contains(p)) {
        return Err(StatsError::InvalidAt { what: "probability", index, expected: "between 0 and 1" });
    }
    Ok(probabilities.iter().map(|p| of_sorted(&sorted, *p, kind)).collect())
}

/// One quantile of values in ascending order, which must not be empty; `p` must lie in [0, 1].
pub(super) fn of_sorted(sorted: &[f64], p: f64, kind: QuantileType) -> f64 {
    let n = sorted.len() as f64;
    let position = match kind {
        QuantileType::Type1 | QuantileType::Type2 | QuantileType::Type4 => n * p,
        QuantileType::Type3 => n * p - 0.5,
        QuantileType::Type5 => n * p + 0.5,
        QuantileType::Type6 => (n + 1.0) * p,
        QuantileType::Type7 => (n - 1.0) * p + 1.0,
        QuantileType::Type8 => (n + 1.0 / 3.0) * p + 1.0 / 3.0,
        QuantileType::Type9 => (n + 0.25) * p + 0.375,
    };
    let fuzz = 4.0 * f64::EPSILON * position.abs().max(1.0);
    let below = (position + fuzz).floor();
    let rest = if (position - below).abs() < fuzz { 0.0 } else { position - below };
    let weight = match kind {
        QuantileType::Type1 => f64::from(u8::from(rest > 0.0)),
        QuantileType::Type2 => {
            if rest > 0.0 {
                1.0
            } else {
                0.5
            }
        }
        QuantileType::Type3 => f64::from(u8::from(rest > 0.0 || below % 2.0 != 0.0)),
        _ => rest,
    };
    // Positions count from one; a cast of a negative number is zero.
    let at = |position: f64| sorted[(position.clamp(1.0, n) as usize).saturating_sub(1)];
    let (low, high) = (at(below), at(below + 1.0));
    if weight == 0.0 || low == high {
        low
    } else if weight == 1.0 {
        high
    } else {
        (1.0 - weight) * low + weight * high
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [QuantileType; 9] = [
        QuantileType::Type1,
        QuantileType::Type2,
        QuantileType::Type3,
        QuantileType::Type4,
        QuantileType::Type5,
        QuantileType::Type6,
        QuantileType::Type7,
        QuantileType::Type8,
        QuantileType::Type9,
    ];

    #[test]
    fn every_type_by_hand() {
        // 10, 20, 30, 40 at p = 0.3: np = 1.2.
        let expected = [20.0, 20.0, 10.0, 12.0, 17.0, 15.0, 19.0, 10.0 + 10.0 * (1.3 + 1.0 / 3.0 - 1.0), 10.0 + 6.5];
        for (kind, expected) in ALL.into_iter().zip(expected) {
            let actual = quantiles(&[40.0, 10.0, 30.0, 20.0], &[0.3], kind).unwrap()[0];
            assert!((actual - expected).abs() < 1e-13, "{kind:?}: {actual} {expected}");
        }
    }

    #[test]
    fn ends_single_values_and_whole_positions() {
        for kind in ALL {
            assert_eq!(quantiles(&[3.0, 1.0, 2.0], &[0.0, 1.0], kind), Ok(vec![1.0, 3.0]));
            assert_eq!(quantiles(&[7.0], &[0.0, 0.4, 1.0], kind), Ok(vec![7.0; 3]));
        }
        let ten: Vec<f64> = (1..=10).map(f64::from).collect();
        // 0.3 · 10 is 3.0000000000000004 in binary, but means three.
        assert_eq!(quantiles(&ten, &[0.1 + 0.2], QuantileType::Type1), Ok(vec![3.0]));
        assert_eq!(quantiles(&ten, &[0.1 + 0.2], QuantileType::Type2), Ok(vec![3.5]));
        assert!(quantiles(&[], &[0.5], QuantileType::Type7).is_err());
        assert!(quantiles(&ten, &[1.5], QuantileType::Type7).is_err());
    }
}
