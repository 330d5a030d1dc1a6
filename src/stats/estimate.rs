//! The shape of every result: an [`Estimate`] with its [`Interval`], a [`Test`] with its null distribution.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Which end of a score means the event. Declared by the caller, never guessed from the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Orientation {
    HigherIsRisk,
    LowerIsRisk,
}

impl Orientation {
    /// The score turned so that a higher value means the event.
    pub fn risk(self, score: f64) -> f64 {
        match self {
            Orientation::HigherIsRisk => score,
            Orientation::LowerIsRisk => -score,
        }
    }
}

/// An interval for an estimate: its limits, its coverage (0.95) and the method that made it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    #[serde(with = "number")]
    pub lower: f64,
    #[serde(with = "number")]
    pub upper: f64,
    pub level: f64,
    /// In words that can stand in a table's footnote: "DeLong", "Wilson", "stratified bootstrap, percentile".
    pub method: Cow<'static, str>,
}

/// A number that is estimated from `n` units.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    #[serde(with = "number")]
    pub value: f64,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_number")]
    pub standard_error: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<Interval>,
    /// How many units the number rests on: the denominator of a proportion, the subjects of a model.
    pub n: usize,
    /// Empty for a pure number.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub unit: Cow<'static, str>,
}

impl Estimate {
    pub fn new(value: f64, n: usize) -> Self {
        Self { value, standard_error: None, interval: None, n, unit: Cow::Borrowed("") }
    }

    pub fn with_standard_error(mut self, standard_error: f64) -> Self {
        self.standard_error = Some(standard_error);
        self
    }

    pub fn with_interval(mut self, lower: f64, upper: f64, level: f64, method: impl Into<Cow<'static, str>>) -> Self {
        self.interval = Some(Interval { lower, upper, level, method: method.into() });
        self
    }

    pub fn with_unit(mut self, unit: impl Into<Cow<'static, str>>) -> Self {
        self.unit = unit.into();
        self
    }

    /// One over a ratio, as O/E of E/O: the limits change places, and the standard error is that of the other no more.
    pub fn reciprocal(&self) -> Self {
        let turned = Self::new(1.0 / self.value, self.n);
        match &self.interval {
            Some(Interval { lower, upper, level, method }) => {
                turned.with_interval(1.0 / upper, 1.0 / lower, *level, method.clone())
            }
            None => turned,
        }
    }
}

/// Which departures from the null hypothesis count against it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Alternative {
    TwoSided,
    Less,
    Greater,
}

/// What the statistic is held against.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "distribution", rename_all = "snake_case")]
pub enum NullDistribution {
    Normal,
    StudentT {
        df: f64,
    },
    ChiSquared {
        df: f64,
    },
    F {
        df_numerator: f64,
        df_denominator: f64,
    },
    /// The P-value is a sum over the sample space, or over the permutations; there may be no statistic.
    Exact,
    Resampled {
        replicates: usize,
    },
}

/// A hypothesis test.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Test {
    /// Signed where the test has a sign. `None` where an exact test has no statistic of its own.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_number")]
    pub statistic: Option<f64>,
    #[serde(flatten)]
    pub distribution: NullDistribution,
    #[serde(with = "number")]
    pub p_value: f64,
    pub alternative: Alternative,
    /// The test's name as a table's footnote prints it: "DeLong, paired", "log-rank".
    pub method: Cow<'static, str>,
}

/// JSON has no infinity: a limit that is infinite is written as the text "Inf" or "-Inf", and read back.
pub mod number {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
        if value.is_finite() {
            serializer.serialize_f64(*value)
        } else if value.is_nan() {
            serializer.serialize_str("NaN")
        } else {
            serializer.serialize_str(if *value > 0.0 { "Inf" } else { "-Inf" })
        }
    }

    #[derive(Deserialize)]
    #[serde(untagged)]
    enum NumberOrText {
        Number(f64),
        Text(String),
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
        match NumberOrText::deserialize(deserializer)? {
            NumberOrText::Number(value) => Ok(value),
            NumberOrText::Text(text) => match text.as_str() {
                "Inf" => Ok(f64::INFINITY),
                "-Inf" => Ok(f64::NEG_INFINITY),
                "NaN" => Ok(f64::NAN),
                other => {
                    Err(D::Error::custom(format!("expected a number, \"Inf\", \"-Inf\" or \"NaN\", found \"{other}\"")))
                }
            },
        }
    }
}

/// [`number`] for a value that may be absent.
pub mod optional_number {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    struct Wrapped(#[serde(with = "super::number")] f64);

    pub fn serialize<S: Serializer>(value: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
        value.map(Wrapped).serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
        Ok(Option::<Wrapped>::deserialize(deserializer)?.map(|wrapped| wrapped.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_turned_ratio_the_limits_change_places() {
        let ratio = Estimate::new(0.8, 10).with_interval(0.5, 2.0, 0.95, "Wald").reciprocal();
        let interval = ratio.interval.unwrap();
        assert_eq!((ratio.value, interval.lower, interval.upper), (1.25, 0.5, 2.0));
        assert_eq!(Estimate::new(4.0, 10).reciprocal().value, 0.25);
    }
}
