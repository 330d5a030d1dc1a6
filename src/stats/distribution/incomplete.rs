//! The incomplete gamma and beta functions, regularised.
//!
//! Both are a density-like prefix times a series or a continued fraction that needs no cancellation. The prefix is
//! computed by Loader's saddle-point form (deviance and Stirling remainder), whose error does not grow with the size of
//! the parameters as that of differences of ln Γ does.
//! Sources: Loader 2000 (Fast and accurate computation of binomial probabilities); Abramowitz and Stegun 6.5.29, 6.5.31,
//! 26.5.8; Lentz 1976 (doi:10.1364/AO.15.000668); Didonato and Morris 1992 (doi:10.1145/131766.131776).

use std::f64::consts::PI;

/// Steps after which a series or fraction is given up. They need some √(largest parameter) steps.
const MOST_STEPS: usize = 5_000_000;

/// Beyond this parameter of the beta distribution, its limit, a gamma distribution, is exact to rounding.
const GAMMA_LIMIT: f64 = 1e9;

/// ln n! − ln(√(2πn) (n/e)ⁿ): what Stirling's formula leaves over.
pub fn stirling_remainder(n: f64) -> f64 {
    if n > 16.0 {
        let inverse = 1.0 / (n * n);
        let series = 1.0 / 12.0
            - inverse
                * (1.0 / 360.0
                    - inverse
                        * (1.0 / 1260.0
                            - inverse
                                * (1.0 / 1680.0
                                    - inverse * (1.0 / 1188.0 - inverse * (691.0 / 360_360.0 - inverse / 156.0)))));
        return series / n;
    }
    if n == 0.0 {
        return f64::INFINITY;
    }
    libm::lgamma(n + 1.0) - (n + 0.5) * n.ln() + n - 0.5 * (2.0 * PI).ln()
}

/// x ln(x/m) + m − x, without the cancellation at x near m.
pub fn deviance(x: f64, mean: f64) -> f64 {
    let difference = x - mean;
    if difference.abs() >= 0.1 * (x + mean) {
        return x * (x / mean).ln() - difference;
    }
    // With v = (x − m)/(x + m): ln(x/m) = 2 (v + v³/3 + v⁵/5 …).
    let v = difference / (x + mean);
    let square = v * v;
    let mut sum = difference * v;
    let mut power = 2.0 * x * v;
    for odd in (3..100).step_by(2) {
        power *= square;
        let next = sum + power / f64::from(odd);
        if next == sum {
            break;
        }
        sum = next;
    }
    sum
}

/// xᵃ e⁻ˣ / Γ(a).
pub fn gamma_prefix(a: f64, x: f64) -> f64 {
    if x == 0.0 || x == f64::INFINITY {
        return 0.0;
    }
    (a / (2.0 * PI)).sqrt() * (-stirling_remainder(a) - deviance(a, x)).exp()
}

/// xᵃ yᵇ / B(a, b), where y = 1 − x.
pub fn beta_prefix(a: f64, b: f64, x: f64, y: f64) -> f64 {
    if x == 0.0 || y == 0.0 {
        return 0.0;
    }
    let n = a + b;
    let exponent =
        stirling_remainder(n) - stirling_remainder(a) - stirling_remainder(b) - deviance(a, n * x) - deviance(b, n * y);
    ((a / n) * b / (2.0 * PI)).sqrt() * exponent.exp()
}

/// P(a, x) = γ(a, x)/Γ(a).
pub fn gamma_lower(a: f64, x: f64) -> f64 {
    match gamma_limits(a, x) {
        Some(upper) => 1.0 - upper,
        None if x < a + 1.0 => gamma_series(a, x),
        None => 1.0 - gamma_fraction(a, x),
    }
}

/// Q(a, x) = Γ(a, x)/Γ(a).
pub fn gamma_upper(a: f64, x: f64) -> f64 {
    match gamma_limits(a, x) {
        Some(upper) => upper,
        None if x < a + 1.0 => 1.0 - gamma_series(a, x),
        None => gamma_fraction(a, x),
    }
}

fn gamma_limits(a: f64, x: f64) -> Option<f64> {
    if !(a > 0.0 && a < f64::INFINITY && x >= 0.0) {
        Some(f64::NAN)
    } else if x == 0.0 {
        Some(1.0)
    } else if x == f64::INFINITY {
        Some(0.0)
    } else {
        None
    }
}

/// Σ xᵏ / (a (a+1) … (a+k)), all terms positive.
fn gamma_series(a: f64, x: f64) -> f64 {
    let mut term = 1.0 / a;
    let mut sum = term;
    for k in 1..MOST_STEPS {
        term *= x / (a + k as f64);
        sum += term;
        if term < 1e-17 * sum {
            break;
        }
    }
    gamma_prefix(a, x) * sum
}

/// 1/(x + 1 − a − 1(1 − a)/(x + 3 − a − …)), by Lentz's algorithm.
fn gamma_fraction(a: f64, x: f64) -> f64 {
    let mut b = x + 1.0 - a;
    let mut c = 1.0 / f64::MIN_POSITIVE;
    let mut d = 1.0 / b;
    let mut value = d;
    for k in 1..MOST_STEPS {
        let numerator = -(k as f64) * (k as f64 - a);
        b += 2.0;
        d = 1.0 / away_from_zero(numerator * d + b);
        c = away_from_zero(b + numerator / c);
        value *= d * c;
        if (d * c - 1.0).abs() < 3e-16 {
            break;
        }
    }
    gamma_prefix(a, x) * value
}

/// I_x(a, b) with y = 1 − x, both given because one of them may be too close to one to give the other.
pub fn beta_lower(a: f64, b: f64, x: f64, y: f64) -> f64 {
    if !(a > 0.0 && b > 0.0 && a < f64::INFINITY && b < f64::INFINITY && x >= 0.0 && y >= 0.0) {
        return f64::NAN;
    }
    if x == 0.0 {
        return 0.0;
    }
    if y == 0.0 {
        return 1.0;
    }
    if a > GAMMA_LIMIT && b < 1e-4 * a {
        return gamma_upper(b, (a + 0.5 * (b - 1.0)) * -log_share(x, y));
    }
    if b > GAMMA_LIMIT && a < 1e-4 * b {
        return gamma_lower(a, (b + 0.5 * (a - 1.0)) * -log_share(y, x));
    }
    if x <= (a + 1.0) / (a + b + 2.0) {
        beta_prefix(a, b, x, y) / beta_fraction(a, b, x, y)
    } else {
        1.0 - beta_prefix(b, a, y, x) / beta_fraction(b, a, y, x)
    }
}

/// ln x, from whichever of x and 1 − x carries the digits.
fn log_share(x: f64, complement: f64) -> f64 {
    if x < 0.5 { x.ln() } else { (-complement).ln_1p() }
}

/// The prefix divided by I_x(a, b), as a continued fraction by Lentz's algorithm.
///
/// The even part of Abramowitz and Stegun's 26.5.8 (Didonato and Morris): half the terms, and with a y − b x in one of
/// them it does not cancel where a is large and x near one, as the fraction itself does.
fn beta_fraction(a: f64, b: f64, x: f64, y: f64) -> f64 {
    let lead = a * y - b * x + 1.0;
    let denominator =
        |m: f64| m + m * (b - m) * x / (a + 2.0 * m - 1.0) + (a + m) * (lead + m * (2.0 - x)) / (a + 2.0 * m + 1.0);
    let mut value = away_from_zero(a * lead / (a + 1.0));
    let mut c = value;
    let mut d = 0.0;
    for m in 1..MOST_STEPS {
        let m = m as f64;
        let scale = a + 2.0 * m - 1.0;
        let numerator = ((a + m - 1.0) / scale) * ((a + b + m - 1.0) / scale) * m * (b - m) * x * x;
        d = 1.0 / away_from_zero(denominator(m) + numerator * d);
        c = away_from_zero(denominator(m) + numerator / c);
        value *= d * c;
        if (d * c - 1.0).abs() < 3e-16 {
            break;
        }
    }
    value
}

fn away_from_zero(value: f64) -> f64 {
    if value.abs() < f64::MIN_POSITIVE { f64::MIN_POSITIVE } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stirling_remainder_joins() {
        // ln 16! by its product, and the series just above.
        let direct: f64 = (1..=16).map(|k| f64::from(k).ln()).sum();
        let stirling = 0.5 * (2.0 * PI * 16.0).ln() + 16.0 * (16.0_f64.ln() - 1.0);
        assert!((stirling_remainder(16.0) - (direct - stirling)).abs() < 1e-13);
        assert!((stirling_remainder(16.0) - stirling_remainder(16.000_000_001)).abs() < 1e-12);
    }

    #[test]
    fn deviance_joins_and_is_zero_at_the_mean() {
        assert_eq!(deviance(7.0, 7.0), 0.0);
        let (x, mean) = (1.2_f64, 1.0_f64);
        assert!((deviance(x, mean) - (x * (x / mean).ln() + mean - x)).abs() < 1e-16);
    }

    #[test]
    fn complements_add_to_one() {
        for (a, b, x) in [(0.5, 0.5, 0.3), (2.0, 7.0, 0.9), (500.0, 0.5, 0.99), (3e5, 4e5, 0.43)] {
            assert!((beta_lower(a, b, x, 1.0 - x) + beta_lower(b, a, 1.0 - x, x) - 1.0).abs() < 1e-13);
            assert!((gamma_lower(a, x * a) + gamma_upper(a, x * a) - 1.0).abs() < 1e-15);
        }
    }
}
