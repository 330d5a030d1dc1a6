//! Binomial and Poisson probabilities and tails; binomial coefficients.

use super::incomplete::{beta_lower, deviance, gamma_lower, gamma_upper, stirling_remainder};
use std::f64::consts::PI;

/// ln of the binomial coefficient n over k; minus infinity where k > n.
pub fn ln_choose(n: u64, k: u64) -> f64 {
    if k > n {
        return f64::NEG_INFINITY;
    }
    let smaller = k.min(n - k);
    if smaller <= 30 {
        // A short product, exact to rounding.
        return (0..smaller).fold(1.0, |product, i| product * (n - i) as f64 / (i + 1) as f64).ln();
    }
    let (n, k) = (n as f64, smaller as f64);
    let rest = n - k;
    stirling_remainder(n) - stirling_remainder(k) - stirling_remainder(rest) + k * (n / k).ln()
        - rest * (-k / n).ln_1p()
        - 0.5 * (2.0 * PI * k * (rest / n)).ln()
}

/// P(X = k) for a binomial X of `n` trials (Loader's saddle-point form).
pub fn binomial_probability(k: u64, n: u64, p: f64) -> f64 {
    if !(0.0..=1.0).contains(&p) {
        return f64::NAN;
    }
    if k > n {
        return 0.0;
    }
    let q = 1.0 - p;
    let (successes, failures, trials) = (k as f64, (n - k) as f64, n as f64);
    if k == 0 {
        return (trials * (-p).ln_1p()).exp();
    }
    if k == n {
        return p.powf(trials);
    }
    if p == 0.0 || q == 0.0 {
        return 0.0;
    }
    let exponent = stirling_remainder(trials)
        - stirling_remainder(successes)
        - stirling_remainder(failures)
        - deviance(successes, trials * p)
        - deviance(failures, trials * q);
    exponent.exp() * (trials / (2.0 * PI * successes * failures)).sqrt()
}

/// P(X <= k) for a binomial X of `n` trials.
pub fn binomial_lower(k: u64, n: u64, p: f64) -> f64 {
    if k >= n { 1.0 } else { beta_lower((n - k) as f64, k as f64 + 1.0, 1.0 - p, p) }
}

/// P(X >= k) for a binomial X of `n` trials.
pub fn binomial_upper(k: u64, n: u64, p: f64) -> f64 {
    if k == 0 {
        1.0
    } else if k > n {
        0.0
    } else {
        beta_lower(k as f64, (n - k) as f64 + 1.0, p, 1.0 - p)
    }
}

/// P(X = k) for a Poisson X.
pub fn poisson_probability(k: u64, mean: f64) -> f64 {
    if k == 0 {
        return (-mean).exp();
    }
    if mean == 0.0 {
        return 0.0;
    }
    let k = k as f64;
    (-stirling_remainder(k) - deviance(k, mean)).exp() / (2.0 * PI * k).sqrt()
}

/// P(X <= k) for a Poisson X.
pub fn poisson_lower(k: u64, mean: f64) -> f64 {
    gamma_upper(k as f64 + 1.0, mean)
}

/// P(X >= k) for a Poisson X.
pub fn poisson_upper(k: u64, mean: f64) -> f64 {
    if k == 0 { 1.0 } else { gamma_lower(k as f64, mean) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(actual: f64, expected: f64) {
        assert!((actual - expected).abs() <= 1e-13 * expected.abs(), "{actual:e} is not {expected:e}");
    }

    #[test]
    fn small_ones_by_hand() {
        close(ln_choose(10, 3), 120.0_f64.ln());
        assert_eq!((ln_choose(5, 0), ln_choose(5, 6)), (0.0, f64::NEG_INFINITY));
        // 80 over 40 = 107507208733336176461620.
        close(ln_choose(80, 40), 107507208733336176461620.0_f64.ln());
        close(binomial_probability(2, 4, 0.5), 0.375);
        close(binomial_lower(1, 3, 0.5), 0.5);
        close(binomial_upper(3, 3, 0.1), 0.001);
        close(binomial_upper(1000, 1000, 0.5), 0.5_f64.powi(1000));
        assert_eq!((binomial_lower(3, 3, 0.2), binomial_upper(0, 3, 0.2)), (1.0, 1.0));
        close(poisson_lower(1, 2.0), 3.0 * (-2.0_f64).exp());
        close(poisson_upper(1, 1e-20), 1e-20);
        close(poisson_probability(3, 2.0), 8.0 / 6.0 * (-2.0_f64).exp());
    }

    #[test]
    fn tails_are_sums_of_probabilities() {
        for (n, p) in [(7, 0.3), (40, 0.01), (200, 0.77)] {
            for k in [0, 1, n / 2, n - 1, n] {
                close(binomial_lower(k, n, p), (0..=k).map(|i| binomial_probability(i, n, p)).sum());
                close(binomial_upper(k, n, p), (k..=n).map(|i| binomial_probability(i, n, p)).sum());
            }
        }
    }
}
