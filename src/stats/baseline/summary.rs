//! Summary of a continuous variable: mean, standard deviation, median, quartiles, range.
//!
//! Standard deviation with denominator n − 1. Quartiles by a declared definition (`quantile`); the median is the same in
//! types 2 and 5 to 9. Row order does not matter, bit for bit.
//! Edge cases: no value is an error; the standard deviation of one value is absent.
//! Oracle: R 4.2.2 `mean`, `sd`, `quantile`, `range`.

use super::moments;
use super::quantile::{self, QuantileType};
use crate::stats::error::StatsError;
use serde::{Deserialize, Serialize};

/// The summary of one group.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Number of values.
    pub n: usize,
    /// Arithmetic mean.
    pub mean: f64,
    /// Standard deviation, denominator n − 1; absent for one value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standard_deviation: Option<f64>,
    /// The smallest value.
    pub minimum: f64,
    /// Quantile at ¼.
    pub first_quartile: f64,
    /// Quantile at ½.
    pub median: f64,
    /// Quantile at ¾.
    pub third_quartile: f64,
    /// The largest value.
    pub maximum: f64,
}

/// Summarises `values`.
pub fn summary(values: &[f64], kind: QuantileType) -> Result<Summary, StatsError> {
    let sorted = moments::sorted("values", values, 1)?;
    let moments = moments::of_sorted(&sorted);
    Ok(Summary {
        n: moments.n,
        mean: moments.mean,
        standard_deviation: (moments.n > 1).then_some(moments.standard_deviation),
        minimum: sorted[0],
        first_quartile: quantile::of_sorted(&sorted, 0.25, kind),
        median: quantile::of_sorted(&sorted, 0.5, kind),
        third_quartile: quantile::of_sorted(&sorted, 0.75, kind),
        maximum: sorted[sorted.len() - 1],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        let five = summary(&[5.0, 1.0, 2.0, 4.0, 3.0], QuantileType::default()).unwrap();
        let expected = Summary {
            n: 5,
            mean: 3.0,
            standard_deviation: Some(2.5_f64.sqrt()),
            minimum: 1.0,
            first_quartile: 2.0,
            median: 3.0,
            third_quartile: 4.0,
            maximum: 5.0,
        };
        assert_eq!(five, expected);
        let one = summary(&[2.0], QuantileType::Type2).unwrap();
        assert_eq!((one.standard_deviation, one.median), (None, 2.0));
        assert!(summary(&[], QuantileType::Type7).is_err());
    }
}
