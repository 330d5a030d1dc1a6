//! The smallest difference that a sample could have shown.
//!
//! Estimand: the true difference at which a two-sided test of level α, with the standard error SE that this sample gave,
//! has power 1 − β: (z(1 − α/2) + z(1 − β)) SE. It is a property of the sample's size and of how far the two measures
//! move together, not of the difference that was found: it says what a result that is not significant leaves open.
//!
//! Assumptions: the difference is approximately normal with a standard error that does not depend on it.
//! Edge cases: no standard error above zero: an error, as there is nothing to detect with.
//! Source: the usual power formula of the z test (e.g. Lachin 1981, doi:10.1016/0197-2456(81)90001-5). By hand.

use crate::stats::distribution::{normal_critical, normal_quantile};
use crate::stats::error::{StatsError, require_level};

/// The difference that is detected with this power at the two-sided confidence `level`.
pub fn detectable_difference(standard_error: f64, level: f64, power: f64) -> Result<f64, StatsError> {
    require_level(level)?;
    if !(power > 0.0 && power < 1.0) {
        return Err(StatsError::OutOfRange { what: "power", value: power, expected: "between 0 and 1" });
    }
    if !(standard_error > 0.0 && standard_error.is_finite()) {
        return Err(StatsError::Undefined {
            what: "smallest detectable difference",
            why: "the difference has no standard error, or one of zero",
        });
    }
    Ok((normal_critical(level) + normal_quantile(power)) * standard_error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        // z(0.975) + z(0.8) = 1.959963985 + 0.841621234 = 2.801585218.
        let found = detectable_difference(0.01, 0.95, 0.8).unwrap();
        assert!((found - 0.02801585218).abs() < 1e-11);
        assert!(detectable_difference(0.0, 0.95, 0.8).is_err());
        assert!(detectable_difference(0.1, 0.95, 1.0).is_err());
    }
}
