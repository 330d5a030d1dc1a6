//! Distribution functions by numerical integration of their densities: nothing but exp, sqrt and ln of the language.

/// Integral by Simpson's rule with `steps` (even) intervals.
fn simpson(from: f64, to: f64, steps: u32, f: impl Fn(f64) -> f64) -> f64 {
    let width = (to - from) / f64::from(steps);
    let mut sum = f(from) + f(to);
    for index in 1..steps {
        sum += f(from + width * f64::from(index)) * if index % 2 == 1 { 4.0 } else { 2.0 };
    }
    sum * width / 3.0
}

/// Two-sided tail of the standard normal distribution. Beyond 12 it is taken for zero.
pub(super) fn normal_tail(z: f64) -> f64 {
    let z = z.abs();
    if z > 12.0 {
        return 0.0;
    }
    let density = |x: f64| (-0.5 * x * x).exp() / (2.0 * std::f64::consts::PI).sqrt();
    (2.0 * simpson(z, z + 10.0, 2_000, density)).min(1.0)
}

/// The |z| of a two-sided P-value, by bisection.
pub(super) fn z_of(p: f64) -> f64 {
    if p >= 1.0 {
        return 0.0;
    }
    let (mut low, mut high) = (0.0, 12.0);
    for _ in 0..40 {
        let middle = 0.5 * (low + high);
        if normal_tail(middle) > p {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

/// ln Gamma of a multiple of one half, by its recursion.
fn ln_gamma_half(twice: u32) -> f64 {
    let (mut value, mut x) = if twice % 2 == 0 { (0.0, 1.0) } else { (0.5 * std::f64::consts::PI.ln(), 0.5) };
    while 2.0 * x < f64::from(twice) - 0.25 {
        value += f64::ln(x);
        x += 1.0;
    }
    value
}

/// Two-sided tail of Student's t. With x = sqrt(df) tan(a) the density is a power of the cosine.
pub(super) fn student_tail(t: f64, df: f64) -> f64 {
    let from = (t.abs() / df.sqrt()).atan();
    let half = 0.5 * std::f64::consts::PI;
    let power = |a: f64| a.cos().powf(df - 1.0);
    simpson(from, half, 4_000, power) / simpson(0.0, half, 4_000, power)
}

/// Upper tail of chi-squared with whole degrees of freedom. With x = y^2 the density is smooth at zero.
pub(super) fn chi_squared_tail(x: f64, df: u32) -> f64 {
    let root = x.max(0.0).sqrt();
    let log_constant = std::f64::consts::LN_2 * (1.0 - 0.5 * f64::from(df)) - ln_gamma_half(df);
    let density = |y: f64| {
        if y == 0.0 && df > 1 {
            return 0.0;
        }
        (log_constant - 0.5 * y * y + (f64::from(df) - 1.0) * y.max(1e-300).ln()).exp()
    };
    let density = |y: f64| if df == 1 { (log_constant - 0.5 * y * y).exp() } else { density(y) };
    simpson(root, root + 14.0 + f64::from(df).sqrt(), 4_000, density).min(1.0)
}

/// Upper tail of F. With F = df2 / df1 tan^2(a) the density is a product of powers of sine and cosine.
pub(super) fn f_tail(f: f64, between: f64, within: f64) -> f64 {
    let from = (between * f.max(0.0) / within).sqrt().atan();
    let half = 0.5 * std::f64::consts::PI;
    let density = |a: f64| a.sin().max(0.0).powf(between - 1.0) * a.cos().max(0.0).powf(within - 1.0);
    simpson(from, half, 4_000, density) / simpson(0.0, half, 4_000, density)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Textbook values: 1.96, 2.228 with 10 degrees of freedom, 3.841 with 1, 11.070 with 5, all P = 0.05.
    #[test]
    fn textbook_quantiles() {
        assert!((normal_tail(1.959_964) - 0.05).abs() < 1e-7);
        assert!((z_of(0.05) - 1.959_964).abs() < 1e-5);
        assert!((student_tail(2.228_139, 10.0) - 0.05).abs() < 1e-6);
        assert!((student_tail(12.706_205, 1.0) - 0.05).abs() < 1e-6);
        assert!((chi_squared_tail(3.841_459, 1) - 0.05).abs() < 1e-7);
        assert!((chi_squared_tail(5.991_465, 2) - 0.05).abs() < 1e-7);
        assert!((f_tail(4.964_603, 1.0, 10.0) - 0.05).abs() < 1e-6);
        assert!((f_tail(3.098_391, 3.0, 20.0) - 0.05).abs() < 1e-6);
        assert!((chi_squared_tail(11.070_498, 5) - 0.05).abs() < 1e-7);
    }
}
