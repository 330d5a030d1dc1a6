//! What the t tests have in common: a difference of two means, its test and its interval.

use crate::stats::distribution::{student_t_critical, student_t_lower, student_t_two_sided, student_t_upper};
use crate::stats::error::StatsError;
use crate::stats::estimate::{Alternative, Estimate, NullDistribution, Test};
use serde::{Deserialize, Serialize};

/// A difference of means with its test.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MeanDifference {
    /// First mean minus second. The interval is two-sided whatever the alternative.
    pub difference: Estimate,
    /// Mean of the first group.
    pub mean_first: f64,
    /// Mean of the second group.
    pub mean_second: f64,
    /// The test of no difference.
    pub test: Test,
}

/// A difference, its standard error and degrees of freedom.
pub(super) struct Contrast {
    pub mean_first: f64,
    pub mean_second: f64,
    pub difference: f64,
    pub standard_error: f64,
    pub df: f64,
    pub n: usize,
}

impl Contrast {
    /// The test of difference = 0. An error where the data are constant: the standard error is zero, or no more than the
    /// rounding of the means.
    pub fn test(
        &self,
        alternative: Alternative,
        level: f64,
        method: &'static str,
    ) -> Result<MeanDifference, StatsError> {
        let noise = 10.0 * f64::EPSILON * self.mean_first.abs().max(self.mean_second.abs());
        if self.standard_error.is_nan() || self.standard_error <= noise {
            return Err(StatsError::Undefined { what: "the t test", why: "the values do not vary within the groups" });
        }
        let statistic = self.difference / self.standard_error;
        let p_value = match alternative {
            Alternative::TwoSided => student_t_two_sided(statistic, self.df),
            Alternative::Greater => student_t_upper(statistic, self.df),
            Alternative::Less => student_t_lower(statistic, self.df),
        };
        let half_width = student_t_critical(level, self.df) * self.standard_error;
        Ok(MeanDifference {
            difference: Estimate::new(self.difference, self.n).with_standard_error(self.standard_error).with_interval(
                self.difference - half_width,
                self.difference + half_width,
                level,
                method,
            ),
            mean_first: self.mean_first,
            mean_second: self.mean_second,
            test: Test {
                statistic: Some(statistic),
                distribution: NullDistribution::StudentT { df: self.df },
                p_value,
                alternative,
                method: method.into(),
            },
        })
    }
}
