//! Restricted cubic splines: a smooth effect of one variable, linear beyond its outer knots.
//!
//! Definition: with knots t₁ < … < t_k the basis is x itself and, for j = 1, …, k − 2, the cubic spline
//! (x − t_j)₊³ − (x − t_{k−1})₊³ (t_k − t_j)/(t_k − t_{k−1}) + (x − t_k)₊³ (t_{k−1} − t_j)/(t_k − t_{k−1}), divided by a
//! constant (see [`SplineScale`]). Below t₁ the terms are 0, above t_k they are linear; there they are computed as the line
//! that they are, so that no digits are lost far out.
//! Default knots: quantiles (type 7 of Hyndman and Fan) at equal distances from 0.1 to 0.9 for 3 knots, 0.05 to 0.95 for 4
//! to 6, 0.025 to 0.975 for more; below 100 values the outer knots are the fifth smallest and the fifth largest value.
//! Missing: NaN and infinity are errors.
//! Edge cases: knots that coincide are merged, so that a variable with heavy ties gets fewer terms; fewer than three
//! distinct knots, or fewer than six values to take them from, is an error.
//! Source: Stone and Koo 1985; Harrell 2015, Regression Modeling Strategies, 2.4.5 (doi:10.1007/978-3-319-19425-7).
//! Oracle: the definition, worked by hand. R Hmisc `rcspline.eval(inclx = TRUE)` defines the same basis.

use crate::stats::error::{StatsError, require_finite};
use serde::{Deserialize, Serialize};

/// What the nonlinear terms are divided by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SplineScale {
    /// (t_k − t₁)²: the terms have the unit of x.
    #[default]
    Range,
    /// (t_k − t_{k−1})³: the terms have no unit.
    LastInterval,
    /// 1.
    None,
}

/// The knots of a restricted cubic spline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RestrictedCubicSpline {
    knots: Vec<f64>,
    scale: SplineScale,
}

impl RestrictedCubicSpline {
    /// With given knots, in any order.
    pub fn with_knots(knots: &[f64], scale: SplineScale) -> Result<Self, StatsError> {
        require_finite("knot", knots)?;
        let mut knots = knots.to_vec();
        knots.sort_unstable_by(f64::total_cmp);
        knots.dedup();
        if knots.len() < 3 {
            return Err(StatsError::TooFew { what: "distinct knots", needed: 3, found: knots.len() });
        }
        Ok(Self { knots, scale })
    }

    /// With `count` knots at the default quantiles of `values`.
    pub fn with_quantile_knots(values: &[f64], count: usize, scale: SplineScale) -> Result<Self, StatsError> {
        require_finite("spline variable", values)?;
        if count < 3 {
            return Err(StatsError::TooFew { what: "knots", needed: 3, found: count });
        }
        if values.len() < 6 {
            return Err(StatsError::TooFew { what: "values to take knots from", needed: 6, found: values.len() });
        }
        let mut sorted = values.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        let outer = match count {
            3 => 0.1,
            4..=6 => 0.05,
            _ => 0.025,
        };
        let mut knots: Vec<f64> = (0..count)
            .map(|knot| quantile(&sorted, outer + (1.0 - 2.0 * outer) * knot as f64 / (count - 1) as f64))
            .collect();
        if sorted.len() < 100 {
            knots[0] = sorted[4];
            knots[count - 1] = sorted[sorted.len() - 5];
        }
        Self::with_knots(&knots, scale)
    }

    /// In rising order.
    pub fn knots(&self) -> &[f64] {
        &self.knots
    }

    /// Columns of the basis: x and the nonlinear terms, one fewer than there are knots.
    pub fn columns(&self) -> usize {
        self.knots.len() - 1
    }

    /// The basis, one vector per column; the first is x itself.
    pub fn basis(&self, values: &[f64]) -> Result<Vec<Vec<f64>>, StatsError> {
        require_finite("spline variable", values)?;
        let mut columns = vec![values.to_vec()];
        for term in 0..self.knots.len() - 2 {
            columns.push(values.iter().map(|value| self.term(term, *value)).collect());
        }
        Ok(columns)
    }

    /// One column of the basis at a finite x; column 0 is x itself.
    pub fn value(&self, column: usize, x: f64) -> f64 {
        if column == 0 { x } else { self.term(column - 1, x) }
    }

    fn term(&self, term: usize, x: f64) -> f64 {
        let (last, before) = (self.knots[self.knots.len() - 1], self.knots[self.knots.len() - 2]);
        let knot = self.knots[term];
        let divisor = match self.scale {
            SplineScale::Range => (last - self.knots[0]).powi(2),
            SplineScale::LastInterval => (last - before).powi(3),
            SplineScale::None => 1.0,
        };
        let (span, inner) = (last - knot, before - knot);
        let value = if x >= last {
            // The value at the last knot, and the slope that holds from there on.
            span * inner * ((last - knot) + (last - before)) + 3.0 * span * inner * (x - last)
        } else {
            let cube = |value: f64| value.max(0.0).powi(3);
            cube(x - knot) - cube(x - before) * span / (last - before)
        };
        value / divisor
    }
}

/// The quantile of sorted values that R gives by default: linear between order statistics, type 7.
fn quantile(sorted: &[f64], probability: f64) -> f64 {
    let position = (sorted.len() - 1) as f64 * probability;
    let below = position.floor();
    let (lower, upper) = (sorted[below as usize], sorted[(position.ceil() as usize).min(sorted.len() - 1)]);
    lower + (position - below) * (upper - lower)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition as it is written above, without the shortcut beyond the last knot.
    fn by_definition(knots: &[f64], j: usize, x: f64) -> f64 {
        let k = knots.len();
        let cube = |value: f64| value.max(0.0).powi(3);
        let gap = knots[k - 1] - knots[k - 2];
        (cube(x - knots[j]) - cube(x - knots[k - 2]) * (knots[k - 1] - knots[j]) / gap
            + cube(x - knots[k - 1]) * (knots[k - 2] - knots[j]) / gap)
            / (knots[k - 1] - knots[0]).powi(2)
    }

    #[test]
    fn three_knots_worked_by_hand() {
        // Knots 0, 1, 3, divisor 9. At x = 1: 1. At x = 2: 8 − 1·3/2 = 6.5. At x = 3: 27 − 8·3/2 = 15.
        // From 3 on the slope is 3 (3 − 0)(1 − 0) = 9: at x = 5 the term is 15 + 18 = 33.
        let spline = RestrictedCubicSpline::with_knots(&[3.0, 0.0, 1.0], SplineScale::Range).unwrap();
        let basis = spline.basis(&[-1.0, 0.0, 1.0, 2.0, 3.0, 5.0]).unwrap();
        let expected = [0.0, 0.0, 1.0, 6.5, 15.0, 33.0];
        assert_eq!(basis.len(), spline.columns());
        for (value, expected) in basis[1].iter().zip(expected) {
            assert!((value - expected / 9.0).abs() < 1e-15, "{value} {expected}");
        }
    }

    #[test]
    fn five_knots_agree_with_the_definition_on_both_sides_of_each() {
        let knots = [1.0, 2.5, 3.0, 7.0, 11.0];
        let spline = RestrictedCubicSpline::with_knots(&knots, SplineScale::Range).unwrap();
        let x: Vec<f64> = (0..60).map(|i| f64::from(i) * 0.3).collect();
        for (j, column) in spline.basis(&x).unwrap()[1..].iter().enumerate() {
            for (value, x) in column.iter().zip(&x) {
                assert!((value - by_definition(&knots, j, *x)).abs() < 1e-12, "term {j} at {x}");
            }
        }
    }

    #[test]
    fn the_default_knots_are_the_stated_quantiles() {
        // 101 values 0..=100: the quantile at p is 100 p.
        let values: Vec<f64> = (0..=100).map(f64::from).collect();
        let knots =
            |count| RestrictedCubicSpline::with_quantile_knots(&values, count, SplineScale::Range).unwrap().knots;
        for (count, expected) in [(3, vec![10.0, 50.0, 90.0]), (4, vec![5.0, 35.0, 65.0, 95.0])] {
            assert!(knots(count).iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12));
        }
        // 20 values: the outer knots are the fifth smallest and largest.
        let knots = RestrictedCubicSpline::with_quantile_knots(&values[..20], 3, SplineScale::Range).unwrap().knots;
        assert_eq!(knots, vec![4.0, 9.5, 15.0]);
    }

    #[test]
    fn what_gives_no_spline_is_an_error() {
        assert!(matches!(
            RestrictedCubicSpline::with_knots(&[1.0, 1.0, 2.0], SplineScale::Range),
            Err(StatsError::TooFew { found: 2, .. })
        ));
        assert!(RestrictedCubicSpline::with_quantile_knots(&[1.0; 50], 4, SplineScale::Range).is_err());
        assert!(RestrictedCubicSpline::with_quantile_knots(&[1.0, 2.0, f64::NAN], 3, SplineScale::Range).is_err());
        let spline = RestrictedCubicSpline::with_knots(&[0.0, 1.0, 2.0], SplineScale::None).unwrap();
        assert!(matches!(spline.basis(&[0.0, f64::INFINITY]), Err(StatsError::NotFinite { index: 1, .. })));
    }
}
