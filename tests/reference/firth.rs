//! 13_firth_py.json: Firth's penalised likelihood in logistic and Cox models, against Python's firthmodels.

use super::support::{Coverage, topic};
use serde_json::Value;
use vouch::stats::regression::firth::{FirthOptions, firth_logistic};
use vouch::stats::regression::logistic::LogisticInput;
use vouch::stats::survival::cox::{CoxInput, FirthCoxOptions, Ties, firth_cox};

pub(super) fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|value| value.as_f64().unwrap()).collect()
}

pub(super) fn columns(case: &Value) -> Vec<Vec<f64>> {
    case["x"].as_array().unwrap().iter().map(numbers).collect()
}

pub(super) fn yes(value: &Value) -> Vec<bool> {
    numbers(value).iter().map(|value| *value == 1.0).collect()
}

/// What the package gives of one coefficient.
struct Row {
    coefficient: f64,
    standard_error: f64,
    lower: f64,
    upper: f64,
}

#[test]
fn every_value_of_13_firth_py() {
    let document = topic("13_firth_py.json");
    let mut coverage = Coverage::of("13_firth_py", &document);
    for case in document["cases"].as_array().unwrap() {
        let id = case["id"].as_str().unwrap();
        let columns = columns(case);
        let views: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let (rows, likelihood) = if case["model"] == "logistic" { logistic(case, &views) } else { cox(case, &views) };
        let values = &case["values"];
        for (j, row) in rows.iter().enumerate() {
            let mut check = |name: &str, actual: f64, relative: f64| {
                if !values[name].is_array() {
                    return;
                }
                // The package stops its search for one limit of the intercept where 2Δℓ* is 3.65, and not 3.84.
                if id == "fl.13" && name == "lower" && j == 0 {
                    coverage.not_covered("the package's search for a limit ended before the limit", &values[name][j]);
                    return;
                }
                coverage.check_near(&format!("{id} {name} {j}"), actual, &values[name][j], relative, 1e-8);
            };
            check("coef", row.coefficient, 1e-6);
            check("se", row.standard_error, 1e-6);
            check("lower", row.lower, 1e-6);
            check("upper", row.upper, 1e-6);
        }
        coverage.check(&format!("{id} log-likelihood"), likelihood, &values["ll"][0], 1e-8);
    }
    coverage.finish();
}

fn logistic(case: &Value, columns: &[&[f64]]) -> (Vec<Row>, f64) {
    let outcome = yes(&case["outcome"]);
    let fit = firth_logistic(&LogisticInput::new(&outcome, columns), &FirthOptions::default()).unwrap();
    let rows = std::iter::once(&fit.intercept).chain(&fit.coefficients).map(|row| Row {
        coefficient: row.coefficient,
        standard_error: row.augmented_standard_error,
        lower: row.interval.lower,
        upper: row.interval.upper,
    });
    (rows.collect(), fit.penalized_log_likelihood)
}

fn cox(case: &Value, columns: &[&[f64]]) -> (Vec<Row>, f64) {
    let (time, event) = (numbers(&case["time"]), yes(&case["event"]));
    let input = CoxInput::new(&time, &event, columns);
    let fit = firth_cox(&input, &FirthCoxOptions { ties: Ties::Breslow, ..FirthCoxOptions::default() }).unwrap();
    let rows = fit.coefficients.iter().map(|row| Row {
        coefficient: row.coefficient,
        standard_error: row.standard_error,
        lower: row.interval.lower,
        upper: row.interval.upper,
    });
    (rows.collect(), fit.penalised_log_likelihood)
}
