//! Why a statistic could not be computed. Every variant carries what its message needs; positions count from zero and
//! are positions in the input slice, so that no subject-level value is ever part of a message.

use thiserror::Error;

#[derive(Clone, Debug, PartialEq, Error)]
pub enum StatsError {
    #[error("{what} is empty")]
    Empty { what: &'static str },
    #[error("{left_name} has {left} values but {right_name} has {right}")]
    LengthMismatch { left_name: &'static str, left: usize, right_name: &'static str, right: usize },
    #[error("{what} is not a finite number at position {index}")]
    NotFinite { what: &'static str, index: usize },
    #[error("{what} is {value}, but must be {expected}")]
    OutOfRange { what: &'static str, value: f64, expected: &'static str },
    #[error("{what} at position {index} must be {expected}")]
    InvalidAt { what: &'static str, index: usize, expected: &'static str },
    #[error("needs both classes, found {positives} with the event and {negatives} without")]
    OneClass { positives: usize, negatives: usize },
    #[error("{what} needs at least {needed}, found {found}")]
    TooFew { what: &'static str, needed: usize, found: usize },
    #[error("no event was observed")]
    NoEvents,
    #[error("column {column} of the design is constant or a combination of the others")]
    Collinear { column: usize },
    #[error("the outcome is separated by column {column}: its coefficient has no finite maximum-likelihood estimate")]
    Separated { column: usize },
    #[error("no convergence after {iterations} iterations")]
    NotConverged { iterations: usize },
    #[error("{what} is not defined here: {why}")]
    Undefined { what: &'static str, why: &'static str },
}

/// All of `values` are finite, or the first position that is not.
pub fn require_finite(what: &'static str, values: &[f64]) -> Result<(), StatsError> {
    match values.iter().position(|value| !value.is_finite()) {
        Some(index) => Err(StatsError::NotFinite { what, index }),
        None => Ok(()),
    }
}

/// Spreads between these have squares that are numbers, and so have their inverses: what a variance needs.
pub const SQUARABLE: std::ops::RangeInclusive<f64> = 1e-152..=1e152;

/// A column of a model whose variance would be lost.
pub const UNSQUARABLE: StatsError = StatsError::Undefined {
    what: "the variance of a covariate",
    why: "its spread is not between 1e-152 and 1e152: use another unit",
};

/// All of `values` are zero or of a size whose square is a number.
pub fn require_squarable(what: &'static str, values: &[f64]) -> Result<(), StatsError> {
    match values.iter().position(|value| *value != 0.0 && !SQUARABLE.contains(&value.abs())) {
        Some(index) => {
            Err(StatsError::InvalidAt { what, index, expected: "between 1e-152 and 1e152 in size: use another unit" })
        }
        None => Ok(()),
    }
}

/// Two inputs describe the same units.
pub fn require_same_length(
    left_name: &'static str,
    left: usize,
    right_name: &'static str,
    right: usize,
) -> Result<(), StatsError> {
    if left == right { Ok(()) } else { Err(StatsError::LengthMismatch { left_name, left, right_name, right }) }
}

/// A confidence level strictly between 0 and 1.
pub fn require_level(level: f64) -> Result<(), StatsError> {
    if level > 0.0 && level < 1.0 {
        Ok(())
    } else {
        Err(StatsError::OutOfRange { what: "confidence level", value: level, expected: "between 0 and 1" })
    }
}
