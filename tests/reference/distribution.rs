//! Tail areas and quantiles against 60-digit arithmetic.

use super::support::csv;
use vouch::stats::distribution as d;

/// Relative error allowed. A tail of 1e-300 is the exponential of −690, whose last bit alone is worth 1e-13.
const RELATIVE: f64 = 2e-13;

fn ours(function: &str, a: f64, b: f64, c: f64) -> f64 {
    match function {
        "normal_upper" => d::normal_upper(a),
        "normal_log_upper" => d::normal_log_upper(a),
        "normal_quantile" => d::normal_quantile(a),
        "chi_squared_upper" => d::chi_squared_upper(a, b),
        "chi_squared_lower" => d::chi_squared_lower(a, b),
        "chi_squared_quantile" => d::chi_squared_quantile(a, b),
        "student_t_two_sided" => d::student_t_two_sided(a, b),
        "student_t_critical" => d::student_t_critical(a, b),
        "f_upper" => d::f_upper(a, b, c),
        "f_lower" => d::f_lower(a, b, c),
        "f_quantile" => d::f_quantile(a, b, c),
        "beta_quantile" => d::beta_quantile(a, b, c),
        "binomial_lower" => d::binomial_lower(a as u64, b as u64, c),
        "binomial_upper" => d::binomial_upper(a as u64, b as u64, c),
        "poisson_lower" => d::poisson_lower(a as u64, b),
        "poisson_upper" => d::poisson_upper(a as u64, b),
        "ln_choose" => d::ln_choose(a as u64, b as u64),
        other => panic!("{other} is not known here"),
    }
}

#[test]
fn tails_and_quantiles_hold_to_the_last_digits() {
    let table = csv("tails.csv");
    let mut failures = Vec::new();
    let mut worst: std::collections::BTreeMap<&str, f64> = std::collections::BTreeMap::new();
    let number = |column: &str, row: usize| table[column][row].parse::<f64>().unwrap_or(f64::NAN);
    for (row, function) in table["function"].iter().enumerate() {
        let (a, b, c, expected) = (number("a", row), number("b", row), number("c", row), number("value", row));
        let actual = ours(function, a, b, c);
        let error = if actual == expected { 0.0 } else { ((actual - expected) / expected).abs() };
        let entry = worst.entry(function).or_default();
        *entry = entry.max(error);
        if error.is_nan() || error > RELATIVE {
            failures
                .push(format!("{function}({a:e}, {b:e}, {c:e}): ours {actual:e}, mpmath {expected:e}, {error:.1e}"));
        }
    }
    println!("distribution: {} values, largest relative errors {worst:?}", table["function"].len());
    assert!(
        failures.is_empty(),
        "{} beyond {RELATIVE:e}\n{}",
        failures.len(),
        failures[..failures.len().min(60)].join("\n")
    );
}
