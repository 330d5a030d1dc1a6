//! Quantiles, by Newton's method on the logarithm of a tail.
//!
//! The smaller tail is solved for, in a coordinate (log, log odds) in which neither end of the support is crowded; each
//! step that would leave the bracket is replaced by a bisection. So a quantile is as good as the tail area: it is exact
//! to rounding, and needs no table of coefficients.

use super::incomplete::{beta_lower, beta_prefix, gamma_lower, gamma_prefix, gamma_upper};
use std::f64::consts::{PI, SQRT_2};

/// One evaluation: the tail area at a coordinate, and its slope there.
struct Tail {
    area: f64,
    slope: f64,
}

/// The coordinate at which the tail area is `target`. `area` must be monotone.
fn solve(target: f64, start: f64, tail: impl Fn(f64) -> Tail) -> f64 {
    let (mut low, mut high) = (-800.0, 800.0);
    let mut at = start.clamp(low, high);
    let rising = tail(at).slope > 0.0 || tail(low).area < tail(high).area;
    for _ in 0..2000 {
        let here = tail(at);
        if here.area == target {
            return at;
        }
        if (here.area < target) == rising {
            low = at;
        } else {
            high = at;
        }
        // Newton on ln(area); where the area is zero there is no step, and the bracket is halved.
        let newton = at - (here.area / target).ln() * here.area / here.slope;
        let next = if newton > low && newton < high { newton } else { 0.5 * (low + high) };
        if (next - at).abs() <= 1e-16 * at.abs() || next == low && next == high {
            return next;
        }
        // Within rounding of the root Newton's steps wander by the noise of the tail area: a step that small is the last.
        if (next - at).abs() <= 4e-16 * at.abs().max(1.0) {
            return next;
        }
        at = next;
    }
    at
}

/// Below this logarithm of a quantile its leading term is all there is in double precision.
const LEADING_TERM: f64 = -690.0;

/// z with P(Z <= z) = p for a standard normal Z; infinite at 0 and 1, NaN outside.
pub fn normal_quantile(p: f64) -> f64 {
    if !(0.0..=1.0).contains(&p) {
        return f64::NAN;
    }
    if p == 0.0 {
        return f64::NEG_INFINITY;
    }
    if p > 0.5 {
        // 1 − p is exact from one half on.
        return -normal_quantile(1.0 - p);
    }
    if p > 0.2 {
        // Near the median: erf(w) = 1 − 2p with w = −z/√2, where the difference is exact and the quantile may be small.
        let target = 2.0 * (0.5 - p);
        let mut w = 0.5 * PI.sqrt() * target;
        for _ in 0..6 {
            w -= (libm::erf(w) - target) * 0.5 * PI.sqrt() * (w * w).exp();
        }
        return -w * SQRT_2;
    }
    // In the tail: ln P(Z > x) is concave, so Newton's steps from below the root stay on one side of it.
    let log_target = p.ln();
    let mut x = (-2.0 * log_target - (-4.0 * PI * log_target).ln()).max(0.25).sqrt();
    for _ in 0..12 {
        let log_upper = super::normal_log_upper(x);
        // density / tail, in logarithms because both may be below the smallest double.
        let hazard = (-0.5 * x * x - 0.5 * (2.0 * PI).ln() - log_upper).exp();
        let step = (log_upper - log_target) / hazard;
        x += step;
        if step.abs() <= 1e-16 * x {
            break;
        }
    }
    -x
}

/// x with P(X <= x) = p for a gamma distributed X of shape `a` and scale 1.
pub fn gamma_quantile(p: f64, a: f64) -> f64 {
    if !(a > 0.0 && a < f64::INFINITY && (0.0..=1.0).contains(&p)) {
        return f64::NAN;
    }
    if p == 0.0 {
        return 0.0;
    }
    if p == 1.0 {
        return f64::INFINITY;
    }
    // Wilson and Hilferty's cube, or the leading term of the lower tail where that is not positive.
    let cube = 1.0 - 1.0 / (9.0 * a) + normal_quantile(p) / (3.0 * a.sqrt());
    let leading = (p.ln() + libm::lgamma(a + 1.0)) / a;
    if leading < LEADING_TERM {
        return leading.exp();
    }
    let start = if cube > 0.1 { a.ln() + 3.0 * cube.ln() } else { leading };
    let logarithm = if p <= 0.5 {
        solve(p, start, |u| Tail { area: gamma_lower(a, u.exp()), slope: gamma_prefix(a, u.exp()) })
    } else {
        solve(1.0 - p, start, |u| Tail { area: gamma_upper(a, u.exp()), slope: -gamma_prefix(a, u.exp()) })
    };
    logarithm.exp()
}

/// x with P(X <= x) = p for a chi-squared X.
pub fn chi_squared_quantile(p: f64, df: f64) -> f64 {
    2.0 * gamma_quantile(p, 0.5 * df)
}

/// x with I_x(a, b) = p: the quantile of a beta distribution.
pub fn beta_quantile(p: f64, a: f64, b: f64) -> f64 {
    if !(a > 0.0 && b > 0.0 && a < f64::INFINITY && b < f64::INFINITY && (0.0..=1.0).contains(&p)) {
        return f64::NAN;
    }
    if p == 0.0 || p == 1.0 {
        return p;
    }
    share(beta_log_odds(p, 1.0 - p, a, b))
}

/// x of the log odds ln(x/(1 − x)).
fn share(log_odds: f64) -> f64 {
    1.0 / (1.0 + (-log_odds).exp())
}

/// ln(x/(1 − x)) of the beta quantile x; `lower` and `upper` are the areas on its two sides.
fn beta_log_odds(lower: f64, upper: f64, a: f64, b: f64) -> f64 {
    // Near 0 the lower area is xᵃ/(a B(a, b)); where both areas are all but one, the other end is meant.
    let log_beta = libm::lgamma(a) + libm::lgamma(b) - libm::lgamma(a + b);
    let leading = |area: f64, exponent: f64| (area.ln() + exponent.ln() + log_beta) / exponent;
    let (at_zero, at_one) = (leading(lower, a), leading(upper, b));
    if at_zero < LEADING_TERM {
        return at_zero;
    }
    if at_one < LEADING_TERM {
        return -at_one;
    }
    // The mean, moved by as many standard deviations of the log odds as a normal distribution would be.
    let spread = (1.0 / a + 1.0 / b).sqrt();
    let normal = if lower < upper { normal_quantile(lower) } else { -normal_quantile(upper) };
    let start = (a / b).ln() + if a.min(b) > 1.0 { normal * spread } else { 0.0 };
    let at = |u: f64| (share(u), share(-u));
    if lower <= upper {
        solve(lower, start, |u| {
            let (x, y) = at(u);
            Tail { area: beta_lower(a, b, x, y), slope: beta_prefix(a, b, x, y) }
        })
    } else {
        solve(upper, start, |u| {
            let (x, y) = at(u);
            Tail { area: beta_lower(b, a, y, x), slope: -beta_prefix(a, b, x, y) }
        })
    }
}

/// t with P(|T| <= t) = `level` for Student's T: 2.228 for 0.95 and 10 degrees of freedom.
pub fn student_t_critical(level: f64, df: f64) -> f64 {
    two_sided_t(level, 1.0 - level, df)
}

/// t with P(T <= t) = p for Student's T.
pub fn student_t_quantile(p: f64, df: f64) -> f64 {
    if p <= 0.5 {
        -two_sided_t(2.0 * (0.5 - p), 2.0 * p, df)
    } else {
        two_sided_t(2.0 * (p - 0.5), 2.0 * (1.0 - p), df)
    }
}

/// t with P(|T| <= t) = `inside` and P(|T| > t) = `outside`.
fn two_sided_t(inside: f64, outside: f64, df: f64) -> f64 {
    if df.is_nan() || df <= 0.0 || !(0.0..=1.0).contains(&inside) {
        return f64::NAN;
    }
    if inside == 0.0 {
        return 0.0;
    }
    if outside <= 0.0 {
        return f64::INFINITY;
    }
    if df == f64::INFINITY {
        return -normal_quantile(0.5 * outside);
    }
    // T²/df is the odds of a beta distributed share.
    // Half the log odds, as the odds themselves may be beyond the doubles where their root is not.
    df.sqrt() * (0.5 * beta_log_odds(inside, outside, 0.5, 0.5 * df)).exp()
}

/// x with P(X <= x) = p for an F-distributed X.
pub fn f_quantile(p: f64, df_numerator: f64, df_denominator: f64) -> f64 {
    if !(df_numerator > 0.0 && df_denominator > 0.0 && (0.0..=1.0).contains(&p)) {
        return f64::NAN;
    }
    if p == 0.0 {
        return 0.0;
    }
    if p == 1.0 {
        return f64::INFINITY;
    }
    df_denominator / df_numerator * beta_log_odds(p, 1.0 - p, 0.5 * df_numerator, 0.5 * df_denominator).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(actual: f64, expected: f64) {
        assert!((actual - expected).abs() <= 2e-15 * expected.abs(), "{actual:e} is not {expected:e}");
    }

    #[test]
    fn known_quantiles_of_the_normal() {
        // mpmath 1.3.0: the root of erfc(−z/√2)/2 = p for the double p.
        close(normal_quantile(0.975), 1.959963984540054);
        close(normal_quantile(0.995), 2.5758293035489004);
        close(normal_quantile(1e-300), -37.047_096_299_361_2);
        close(normal_quantile(0.25), -0.6744897501960817);
        assert_eq!(normal_quantile(0.5), 0.0);
        assert_eq!(normal_quantile(0.0), f64::NEG_INFINITY);
        assert_eq!(normal_quantile(1.0), f64::INFINITY);
        assert!(normal_quantile(1.1).is_nan() && normal_quantile(f64::NAN).is_nan());
    }

    #[test]
    fn closed_forms() {
        // Cauchy; exponential; I_x(a, 1) = xᵃ; F(2, 2): x = p/(1 − p).
        for p in [1e-300_f64, 1e-12, 0.2, 0.5, 0.9] {
            assert!((chi_squared_quantile(p, 2.0) / (-2.0 * (-p).ln_1p()) - 1.0).abs() < 2e-13);
            assert!((beta_quantile(p, 1.0, 1.0) / p - 1.0).abs() < 1e-12);
            assert!((f_quantile(p, 2.0, 2.0) / (p / (1.0 - p)) - 1.0).abs() < 1e-12);
        }
        close(student_t_critical(0.5, 1.0), 1.0);
        close(student_t_quantile(0.25, 1.0), -1.0);
        close(student_t_quantile(0.9, 2.0), 1.8856180831641267);
        assert_eq!(student_t_quantile(0.5, 3.0), 0.0);
        assert!((student_t_critical(0.95, 1e9) - 1.959963986).abs() < 1e-8);
    }

    #[test]
    fn at_the_ends_of_the_doubles_quantiles_are_their_leading_terms() {
        // mpmath, 40 digits.
        let near =
            |found: f64, expected: f64| assert!((found / expected - 1.0).abs() < 1e-10, "{found:e} {expected:e}");
        near(student_t_quantile(1e-20, 0.1), -1.604425705666529e196);
        near(student_t_critical(1.0 - 1e-12, 0.05), 1.140940627532027e239);
        near(student_t_quantile(2.17e-28, 0.139), -1.398364842992869e196);
        assert_eq!(f_quantile(1.57e-30, 0.1004, 79628.6), 0.0);
        assert_eq!(beta_quantile(4.1e-22, 0.0368, 0.1128), 0.0);
        assert!(gamma_quantile(4.33e-18, 0.05497) < 1e-315);
    }

    #[test]
    fn quantile_and_tail_are_inverse_and_end_for_any_size() {
        for (a, b) in
            [(0.5, 0.5), (1e-3, 2.0), (3.0, 1e6), (1e6, 1e6), (2.0_f64.powi(60), 1.0), (1.0, 2.0_f64.powi(60))]
        {
            for p in [1e-30, 0.025, 0.5, 0.975] {
                let x = beta_quantile(p, a, b);
                assert!((0.0..=1.0).contains(&x), "{a} {b} {p}: {x}");
                if x > 1e-290 && x < 0.999 {
                    let back = beta_lower(a, b, x, 1.0 - x);
                    assert!((back / p - 1.0).abs() < 1e-9, "{a} {b} {p}: {back}");
                }
            }
        }
    }
}
