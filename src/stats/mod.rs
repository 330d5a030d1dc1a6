//! The statistics of prediction-model and survival studies: slices and matrices in, named results out.
//!
//! Nothing in here knows a data frame, a file, a study spec or a global random state. Every file holds one statistic
//! and begins with its estimand, formula, assumptions, shapes and units, its policy for ties and missing values, its
//! source, and the program whose values it is tested against.
//!
//! Three conventions hold throughout:
//! - an outcome is a `&[bool]` with `true` for the event; a score is a `&[f64]` with a declared [`Orientation`];
//! - input is complete and finite: a NaN or an infinity is an error that names its position ([`StatsError`]);
//! - what is resampled takes a [`random::Seed`], and gives the same bits at any number of threads.

pub mod distribution;
pub mod error;
pub mod estimate;
pub mod linear_algebra;
pub mod random;

pub mod agreement;
pub mod baseline;
pub mod calibration;
pub mod comparison;
pub mod discrimination;
pub mod meta_analysis;
pub mod multiplicity;
pub mod planning;

pub mod reclassification;
pub mod regression;
pub mod resample;
pub mod survival;
pub mod threshold;
pub mod utility;

pub use error::StatsError;
pub use estimate::{Alternative, Estimate, Interval, NullDistribution, Orientation, Test};
