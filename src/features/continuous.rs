//! How a continuous variable enters a design: winsorised at quantiles of the training rows, then as it is, as a logarithm, or
//! as a restricted cubic spline whose knots are given or are quantiles of the training rows.

use super::FeatureError;
use crate::results::EncodingFacts;
use crate::spec::raw::{RawSpline, RawTransform, RawVariable, RawWinsorise};
use crate::stats::StatsError;
use crate::stats::baseline::quantile::{QuantileType, quantiles};
use crate::stats::regression::splines::{RestrictedCubicSpline, SplineScale};

/// A variable's limits and transformation, as fitted on the training rows.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Continuous {
    lower: f64,
    upper: f64,
    transform: Transform,
}

#[derive(Clone, Debug, PartialEq)]
enum Transform {
    Identity,
    Log1p,
    Spline(RestrictedCubicSpline),
}

impl Continuous {
    /// `known`: the values of the training rows that are not missing.
    pub fn fit(name: &str, variable: &RawVariable, known: &[f64]) -> Result<Self, FeatureError> {
        let fails = |source| FeatureError { variable: name.to_string(), source };
        let limits = variable.winsorise.as_ref().map(|rule| limits(rule, known)).transpose().map_err(fails)?;
        let (lower, upper) = limits.unwrap_or((f64::NEG_INFINITY, f64::INFINITY));
        let transform = match &variable.transform {
            RawTransform::None => Transform::Identity,
            RawTransform::Log1p => Transform::Log1p,
            RawTransform::Spline(declared) => {
                let cut: Vec<f64> = known.iter().map(|value| value.clamp(lower, upper)).collect();
                Transform::Spline(spline(declared, &cut).map_err(fails)?)
            }
        };
        Ok(Self { lower, upper, transform })
    }

    /// How many columns it makes.
    pub fn columns(&self) -> usize {
        match &self.transform {
            Transform::Spline(spline) => spline.columns(),
            _ => 1,
        }
    }

    /// What tells its columns apart; `None` where there is one.
    pub fn label(&self, column: usize) -> Option<String> {
        match (&self.transform, column) {
            (Transform::Spline(_), 0) => Some("linear term".to_string()),
            (Transform::Spline(spline), _) if spline.columns() == 2 => Some("spline term".to_string()),
            (Transform::Spline(_), _) => Some(format!("spline term {column}")),
            _ => None,
        }
    }

    pub fn value(&self, column: usize, value: f64) -> f64 {
        let value = value.clamp(self.lower, self.upper);
        match &self.transform {
            Transform::Identity => value,
            Transform::Log1p => value.ln_1p(),
            Transform::Spline(spline) => spline.value(column, value),
        }
    }

    /// What was estimated; `None` where nothing was.
    pub fn facts(&self, name: &str) -> Option<EncodingFacts> {
        let knots = match &self.transform {
            Transform::Spline(spline) => spline.knots().to_vec(),
            _ => Vec::new(),
        };
        let limit = |value: f64| value.is_finite().then_some(value);
        let facts =
            EncodingFacts { variable: name.to_string(), lower: limit(self.lower), upper: limit(self.upper), knots };
        (facts.lower.is_some() || facts.upper.is_some() || !facts.knots.is_empty()).then_some(facts)
    }
}

fn limits(rule: &RawWinsorise, known: &[f64]) -> Result<(f64, f64), StatsError> {
    let at = |probability: Option<f64>, otherwise: f64| match probability {
        Some(probability) => Ok(quantiles(known, &[probability], quantile_type(rule.quantile_type))?
            .first()
            .copied()
            .unwrap_or(otherwise)),
        None => Ok(otherwise),
    };
    Ok((at(rule.lower_quantile, f64::NEG_INFINITY)?, at(rule.upper_quantile, f64::INFINITY)?))
}

/// The spec was checked: exactly one of the three ways to give knots is there.
fn spline(declared: &RawSpline, values: &[f64]) -> Result<RestrictedCubicSpline, StatsError> {
    if let Some(knots) = &declared.knots {
        return RestrictedCubicSpline::with_knots(knots, SplineScale::Range);
    }
    if let Some(probabilities) = &declared.quantiles {
        let knots = quantiles(values, probabilities, QuantileType::Type7)?;
        return RestrictedCubicSpline::with_knots(&knots, SplineScale::Range);
    }
    RestrictedCubicSpline::with_quantile_knots(values, declared.count.unwrap_or(3), SplineScale::Range)
}

fn quantile_type(number: u8) -> QuantileType {
    match number {
        1 => QuantileType::Type1,
        2 => QuantileType::Type2,
        3 => QuantileType::Type3,
        4 => QuantileType::Type4,
        5 => QuantileType::Type5,
        6 => QuantileType::Type6,
        8 => QuantileType::Type8,
        9 => QuantileType::Type9,
        _ => QuantileType::Type7,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::raw::{RawCoding, RawSummary, RawVariableKind};
    use indexmap::IndexMap;

    fn variable(winsorise: Option<RawWinsorise>, transform: RawTransform) -> RawVariable {
        RawVariable {
            label: None,
            unit: None,
            kind: RawVariableKind::Continuous,
            column: None,
            levels: IndexMap::new(),
            summary: RawSummary::default(),
            coding: RawCoding::default(),
            winsorise,
            transform,
        }
    }

    #[test]
    fn limits_are_estimated_and_hold_for_new_values() {
        // Type 1 of 1..=10 at 0.9 is the ninth value; at 0.05 the first.
        let rule = RawWinsorise { lower_quantile: Some(0.05), upper_quantile: Some(0.9), quantile_type: 1 };
        let values: Vec<f64> = (1..=10).map(f64::from).collect();
        let fitted = Continuous::fit("x", &variable(Some(rule), RawTransform::None), &values).unwrap();
        assert_eq!([-3.0, 5.5, 400.0].map(|value| fitted.value(0, value)), [1.0, 5.5, 9.0]);
        let facts = fitted.facts("x").unwrap();
        assert_eq!((facts.lower, facts.upper), (Some(1.0), Some(9.0)));
    }

    #[test]
    fn a_winsorised_spline_by_hand() {
        // Cut at 3, knots 0, 1, 3: at 2 the cubic term is 6.5 / 9 (see the spline's own test), at 400 that of 3.
        let rule = RawWinsorise { lower_quantile: None, upper_quantile: Some(1.0), quantile_type: 7 };
        let declared = RawSpline { knots: Some(vec![0.0, 1.0, 3.0]), ..RawSpline::default() };
        let fitted = Continuous::fit("x", &variable(Some(rule), RawTransform::Spline(declared)), &[0.0, 3.0]).unwrap();
        assert_eq!(fitted.columns(), 2);
        assert_eq!((fitted.value(0, 2.0), fitted.value(0, 400.0)), (2.0, 3.0));
        assert!((fitted.value(1, 2.0) - 6.5 / 9.0).abs() < 1e-15);
        assert!((fitted.value(1, 400.0) - 15.0 / 9.0).abs() < 1e-15);
    }

    #[test]
    fn knots_that_coincide_name_the_variable() {
        let declared = RawSpline { quantiles: Some(vec![0.1, 0.5, 0.9]), ..RawSpline::default() };
        let error = Continuous::fit("x", &variable(None, RawTransform::Spline(declared)), &[1.0; 50]).unwrap_err();
        assert_eq!(error.variable, "x");
    }
}
