//! Do raters say the same?

use super::default_level;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Agreement of two or more raters: Cohen's κ of each pair and Fleiss' κ of all where ratings are levels, intraclass
/// correlations where they are numbers. (For readers against the truth declare them as models of kind scores, and use
/// performance and metric_comparison.)
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawAgreement {
    /// One variable per rater: all continuous, or all with the same levels.
    pub ratings: Vec<String>,
    /// Partitions or unions of them.
    pub partitions: Vec<String>,
    /// How much a disagreement counts in Cohen's κ.
    #[serde(default)]
    pub weights: RawKappaWeights,
    /// Which intraclass correlations, for continuous ratings.
    #[serde(default = "default_forms")]
    pub forms: Vec<RawIntraclassForm>,
    /// Coverage of the intervals.
    #[serde(default = "default_level")]
    #[schemars(range(min = 0.5, max = 0.999))]
    pub level: f64,
}

fn default_forms() -> Vec<RawIntraclassForm> {
    vec![RawIntraclassForm::RandomSingle]
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawKappaWeights {
    /// Every disagreement counts fully.
    #[default]
    Unweighted,
    /// By the distance of the levels.
    Linear,
    /// By the squared distance of the levels.
    Quadratic,
}

/// The forms of Shrout and Fleiss.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawIntraclassForm {
    /// ICC(1,1): each subject has raters of its own; one rating.
    OneWaySingle,
    /// ICC(2,1): raters are a sample of raters, absolute agreement; one rating.
    RandomSingle,
    /// ICC(3,1): these raters only, consistency; one rating.
    FixedSingle,
    /// ICC(1,k): as ICC(1,1), for the mean of the ratings.
    OneWayMean,
    /// ICC(2,k): as ICC(2,1), for the mean of the ratings.
    RandomMean,
    /// ICC(3,k): as ICC(3,1), for the mean of the ratings.
    FixedMean,
}
