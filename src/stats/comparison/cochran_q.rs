//! Cochran's Q: several binary calls on the same subjects.
//!
//! Null hypothesis: all k calls are positive (or right) equally often. With column sums Cⱼ, row sums Rᵢ and T = ΣCⱼ:
//! Q = (k − 1)(k ΣCⱼ² − T²)/(kT − ΣRᵢ²), chi-squared on k − 1 degrees of freedom. For k = 2 it is McNemar's, uncorrected.
//! Shapes: one slice per call, one entry per subject. Row order does not matter: only whole counts enter.
//! Edge cases: fewer than two calls is an error; `Undefined` where no subject has calls that differ.
//! Source: Cochran 1950 (doi:10.1093/biomet/37.3-4.256). Oracle: statsmodels 0.15.0 `cochrans_q`.

use crate::stats::distribution::chi_squared_upper;
use crate::stats::error::{StatsError, require_same_length};
use crate::stats::estimate::{Alternative, NullDistribution, Test};

/// Cochran's Q test.
pub fn cochran_q(calls: &[&[bool]]) -> Result<Test, StatsError> {
    let [first, rest @ ..] = calls else { return Err(StatsError::Empty { what: "calls" }) };
    if rest.is_empty() {
        return Err(StatsError::TooFew { what: "the number of calls per subject", needed: 2, found: 1 });
    }
    for call in rest {
        require_same_length("first calls", first.len(), "further calls", call.len())?;
    }
    let k = calls.len() as u128;
    let of_calls: Vec<u128> =
        calls.iter().map(|call| call.iter().filter(|positive| **positive).count() as u128).collect();
    let total: u128 = of_calls.iter().sum();
    let row_squares: u128 = (0..first.len())
        .map(|subject| {
            let sum = calls.iter().filter(|call| call[subject]).count() as u128;
            sum * sum
        })
        .sum();
    let denominator = k * total - row_squares;
    if denominator == 0 {
        return Err(StatsError::Undefined { what: "Cochran's Q", why: "no subject has calls that differ" });
    }
    let column_squares: u128 = of_calls.iter().map(|sum| sum * sum).sum();
    let statistic = ((k - 1) * (k * column_squares - total * total)) as f64 / denominator as f64;
    let df = (k - 1) as f64;
    Ok(Test {
        statistic: Some(statistic),
        distribution: NullDistribution::ChiSquared { df },
        p_value: chi_squared_upper(statistic, df),
        alternative: Alternative::TwoSided,
        method: "Cochran's Q".into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_calls_are_mcnemar() {
        // b = 3, c = 1: (3 − 1)²/4.
        let first = [true, true, true, false, true, false];
        let second = [false, false, false, true, true, false];
        assert_eq!(cochran_q(&[&first, &second]).unwrap().statistic, Some(1.0));
    }

    #[test]
    fn three_calls_by_hand() {
        // Columns 3, 1, 1, rows 2, 1, 1, 1: Q = 2(3·11 − 25)/(15 − 7) = 2.
        let calls = [[true, true, true, false], [true, false, false, false], [false, false, false, true]];
        assert_eq!(cochran_q(&[&calls[0], &calls[1], &calls[2]]).unwrap().statistic, Some(2.0));
        assert!(matches!(cochran_q(&[&calls[0], &calls[0]]), Err(StatsError::Undefined { .. })));
        assert!(cochran_q(&[&calls[0]]).is_err() && cochran_q(&[]).is_err());
    }
}
