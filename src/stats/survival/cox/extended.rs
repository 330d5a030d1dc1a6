//! Sums whose differences keep their digits: the unevaluated sum of two numbers (Dekker 1971, doi:10.1007/BF01397083).
//!
//! A row under left truncation is exposed to the hazard between its entry and its time, the difference of two running
//! sums. Where the hazard before the entry is huge against that between (few, low risks early on), the difference of
//! plain sums would hold no digit; here it holds those of the increments.

/// `high` + `low`, with `low` below the rounding of `high`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Extended {
    high: f64,
    low: f64,
}

impl Extended {
    pub fn add(&mut self, value: f64) {
        let sum = self.high + value;
        let moved = sum - self.high;
        let lost = (self.high - (sum - moved)) + (value - moved);
        let low = self.low + lost;
        self.high = sum + low;
        self.low = low - (self.high - sum);
    }

    /// As `add`, for a sum that is not subtracted from another.
    pub fn add_plainly(&mut self, value: f64) {
        self.high += value;
    }

    /// Times a power of two: exact.
    pub fn scale(&mut self, power_of_two: f64) {
        self.high *= power_of_two;
        self.low *= power_of_two;
    }

    pub fn value(self) -> f64 {
        self.high + self.low
    }

    /// `self` − `other` · `power_of_two`.
    pub fn minus(self, other: Self, power_of_two: f64) -> f64 {
        (self.high - other.high * power_of_two) + (self.low - other.low * power_of_two)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_difference_of_large_sums_is_exact() {
        // 1e16 + 1 has no place for the 1 in one number.
        let mut before = Extended::default();
        before.add(1e16);
        let mut after = before;
        after.add(1.0);
        after.add(0.125);
        assert_eq!(after.minus(before, 1.0), 1.125);
        after.scale(4.0);
        assert_eq!(after.minus(before, 4.0), 4.5);
    }
}
