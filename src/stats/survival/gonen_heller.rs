//! Gönen and Heller's concordance probability of a proportional hazards model.
//!
//! Estimand: the probability that, of two subjects, the one with the higher linear predictor has the event first, if the
//! proportional hazards model holds. It needs no event times: censoring cannot distort it, but neither can a model that
//! does not fit lower it.
//! Formula: 2 / (n (n - 1)) Σ over pairs i < j with different linear predictors of 1 / (1 + exp(-|η_i - η_j|)). Pairs of
//! equal predictors count 0, or one half if asked for.
//!
//! Assumptions: proportional hazards with the linear predictor η (log hazard ratio, natural log).
//! Shapes: one linear predictor per subject. Row order: no effect on a single bit.
//! Cost: the pairs of distinct values, hence quadratic in their number: not for a million distinct predictors.
//! Edge cases: fewer than two subjects is an error; all predictors equal give 0 (or one half).
//!
//! Source: Gönen and Heller 2005, doi:10.1093/biomet/92.4.965.
//! Oracle: R survAUC 1.3-0, `GHCI(lp)`, which counts ties 0.

use crate::stats::error::{StatsError, require_finite};
use crate::stats::estimate::Estimate;

/// What a pair of equal linear predictors counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TiedPredictors {
    /// Nothing, as in the paper's formula.
    #[default]
    Zero,
    /// One half: such a pair is a toss of a coin.
    Half,
}

/// The concordance probability that a model's linear predictors imply.
pub fn gonen_heller(linear_predictor: &[f64], ties: TiedPredictors) -> Result<Estimate, StatsError> {
    require_finite("linear predictor", linear_predictor)?;
    let n = linear_predictor.len();
    if n < 2 {
        return Err(StatsError::TooFew { what: "a concordance probability", needed: 2, found: n });
    }
    let mut sorted: Vec<f64> = linear_predictor.iter().map(|value| value + 0.0).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let distinct: Vec<(f64, f64)> =
        sorted.chunk_by(|left, right| left == right).map(|equal| (equal[0], equal.len() as f64)).collect();
    let mut sum = 0.0;
    for (i, (value, count)) in distinct.iter().enumerate() {
        let mut above = 0.0;
        for (other, other_count) in &distinct[i + 1..] {
            above += other_count / (1.0 + (value - other).exp());
        }
        let tied = match ties {
            TiedPredictors::Zero => 0.0,
            TiedPredictors::Half => 0.25 * (count - 1.0),
        };
        sum += count * (above + tied);
    }
    let n = n as f64;
    Ok(Estimate::new(2.0 * sum / (n * (n - 1.0)), linear_predictor.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_subjects_by_hand() {
        // Predictors 0, 0, ln 3: two pairs of 1 / (1 + 1/3) = 3/4 and a tied one, of three.
        let predictor = [0.0, 3f64.ln(), 0.0];
        assert!((gonen_heller(&predictor, TiedPredictors::Zero).unwrap().value - 0.5).abs() < 1e-15);
        assert!((gonen_heller(&predictor, TiedPredictors::Half).unwrap().value - 2.0 / 3.0).abs() < 1e-15);
        assert_eq!(gonen_heller(&[1.0, 1.0], TiedPredictors::Half).unwrap().value, 0.5);
        // A difference too large for exp is concordant for certain.
        assert_eq!(gonen_heller(&[-1e308, 1e308], TiedPredictors::Zero).unwrap().value, 1.0);
        assert!(gonen_heller(&[1.0], TiedPredictors::Zero).is_err());
    }
}
