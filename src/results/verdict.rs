//! What a study declared that a model has to show against the reference, and whether it did.

use super::{Comparison, MetricComparison};
use crate::stats::Test;
use crate::stats::comparison::non_inferiority::NonInferiority;
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeclaredClaim {
    Superior,
    NonInferior,
}

impl DeclaredClaim {
    /// Whether it is shown by a difference of the model less the reference; `None` where there is no test.
    fn holds(
        self,
        difference: f64,
        test: &Test,
        adjusted: Option<f64>,
        non_inferiority: Option<&NonInferiority>,
        level: f64,
    ) -> Option<bool> {
        match self {
            DeclaredClaim::Superior => Some(difference > 0.0 && adjusted.unwrap_or(test.p_value) < 1.0 - level),
            DeclaredClaim::NonInferior => non_inferiority.map(|found| found.non_inferior),
        }
    }
}

impl Comparison {
    /// Applies the declared rule to every row, once P-values are adjusted.
    pub fn judge(&mut self) {
        let Some(claim) = self.verdict else { return };
        for row in &mut self.rows {
            let found = row.non_inferiority.as_ref();
            row.holds = claim.holds(row.difference.value, &row.test, row.adjusted_p_value, found, self.level);
        }
    }
}

impl MetricComparison {
    /// Applies the declared rule to every row, once P-values are adjusted.
    pub fn judge(&mut self) {
        let Some(claim) = self.verdict else { return };
        for row in &mut self.rows {
            let found = row.non_inferiority.as_ref();
            row.holds = claim.holds(row.difference.value, &row.test, row.adjusted_p_value, found, self.level);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::{Alternative, NullDistribution};

    #[test]
    fn superiority_needs_the_right_side_and_the_adjusted_p() {
        let test = Test {
            statistic: Some(2.5),
            distribution: NullDistribution::Normal,
            p_value: 0.02,
            alternative: Alternative::TwoSided,
            method: "made up".into(),
        };
        let holds = |difference: f64, adjusted| DeclaredClaim::Superior.holds(difference, &test, adjusted, None, 0.95);
        assert_eq!(holds(0.1, None), Some(true));
        assert_eq!(holds(-0.1, None), Some(false), "the reference is better");
        assert_eq!(holds(0.1, Some(0.06)), Some(false), "not after adjustment");
        assert_eq!(DeclaredClaim::NonInferior.holds(0.1, &test, None, None, 0.95), None, "without a test");
    }
}
