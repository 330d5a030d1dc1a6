//! Sums of a million terms, and of their logarithms.

use std::f64::consts::LN_2;

/// Σ ln x by the product of the mantissas and the sum of the exponents: one logarithm for hundreds of terms, and no more
/// rounding than a logarithm for each has.
#[derive(Clone, Copy, Debug)]
pub(super) struct LogSum {
    sum: f64,
    mantissas: f64,
    exponents: i64,
    count: u32,
}

impl Default for LogSum {
    fn default() -> Self {
        Self { sum: 0.0, mantissas: 1.0, exponents: 0, count: 0 }
    }
}

impl LogSum {
    /// Of mantissas below 2 so many have a product that does not overflow.
    const MOST: u32 = 1000;

    pub fn add(&mut self, value: f64) {
        if !value.is_normal() || value < 0.0 {
            self.sum += value.ln();
            return;
        }
        let bits = value.to_bits();
        self.exponents += (bits >> 52) as i64 - 1023;
        self.mantissas *= f64::from_bits(bits & ((1 << 52) - 1) | 1023 << 52);
        self.count += 1;
        if self.count == Self::MOST {
            self.sum += self.mantissas.ln();
            (self.mantissas, self.count) = (1.0, 0);
        }
    }

    pub fn value(self) -> f64 {
        self.sum + self.mantissas.ln() + self.exponents as f64 * LN_2
    }
}

/// Adds many terms with the rounding error of few (Neumaier 1974, doi:10.1002/zamm.19740540106).
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct CompensatedSum {
    sum: f64,
    correction: f64,
}

impl CompensatedSum {
    pub fn add(&mut self, value: f64) {
        let total = self.sum + value;
        self.correction +=
            if self.sum.abs() >= value.abs() { (self.sum - total) + value } else { (value - total) + self.sum };
        self.sum = total;
    }

    pub fn value(self) -> f64 {
        self.sum + self.correction
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithms_add_up_whatever_their_size() {
        let values: Vec<f64> = (0..5000).map(|k| 1e-300 * 1.4f64.powi(k % 2000)).collect();
        let mut logs = LogSum::default();
        let mut plain = CompensatedSum::default();
        for value in &values {
            logs.add(*value);
            plain.add(value.ln());
        }
        assert!((logs.value() - plain.value()).abs() < 1e-12 * plain.value().abs());
    }

    #[test]
    fn what_has_no_logarithm_is_not_hidden() {
        for (value, sum) in [(0.0, f64::NEG_INFINITY), (f64::INFINITY, f64::INFINITY), (5e-324, 5e-324f64.ln())] {
            let mut logs = LogSum::default();
            logs.add(value);
            assert_eq!(logs.value(), sum);
        }
        let mut logs = LogSum::default();
        logs.add(-1.0);
        assert!(logs.value().is_nan());
    }
}
