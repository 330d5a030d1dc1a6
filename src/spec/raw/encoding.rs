//! How a continuous variable enters models.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Values beyond a quantile of the training part count as that quantile, in models only: tables describe the values as
/// they are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawWinsorise {
    /// Values below this quantile are raised to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub lower_quantile: Option<f64>,
    /// Values above this quantile are lowered to it: 0.99.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub upper_quantile: Option<f64>,
    /// Which of the nine definitions of a sample quantile (Hyndman and Fan): 1 is a value of the data, 7 interpolates.
    #[serde(default = "default_quantile_type", rename = "type")]
    #[schemars(range(min = 1, max = 9))]
    pub quantile_type: u8,
}

fn default_quantile_type() -> u8 {
    7
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawTransform {
    #[default]
    None,
    /// ln(1 + x), for a right-skewed variable that can be zero.
    Log1p,
    /// A smooth curve, linear beyond its outer knots.
    Spline(RawSpline),
}

/// A restricted cubic spline: Harrell's truncated-power basis, its cubic terms over the square of (last knot - first knot).
/// Give its knots in one of three ways.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RawSpline {
    /// The knots themselves, in the unit of the variable: [0, 1, 9].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub knots: Option<Vec<f64>>,
    /// Knots at these quantiles of the training part: [0.1, 0.5, 0.9].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantiles: Option<Vec<f64>>,
    /// So many knots at Harrell's default quantiles of the training part: 3 are at 0.1, 0.5 and 0.9.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 3, max = 10))]
    pub count: Option<usize>,
}
