//! 14_cox_exact_marginal_py.json: the exact marginal likelihood of tied events, against a sum over all their orders.

use super::firth::{columns, numbers, yes};
use super::support::{Coverage, topic};
use vouch::stats::survival::cox::{CoxInput, CoxOptions, Ties, cox};

#[test]
fn every_value_of_14_cox_exact_marginal_py() {
    let document = topic("14_cox_exact_marginal_py.json");
    let mut coverage = Coverage::of("14_cox_exact_marginal_py", &document);
    for case in document["cases"].as_array().unwrap() {
        let id = case["id"].as_str().unwrap();
        let (time, event, columns) = (numbers(&case["time"]), yes(&case["event"]), columns(case));
        let views: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let input = CoxInput::new(&time, &event, &views);
        let fit = cox(&input, &CoxOptions { ties: Ties::ExactMarginal, ..CoxOptions::default() }).unwrap();
        let values = &case["values"];
        for (j, row) in fit.coefficients.iter().enumerate() {
            coverage.check(&format!("{id} coefficient {j}"), row.coefficient, &values["coef"][j], 1e-8);
            coverage.check(&format!("{id} standard error {j}"), row.standard_error, &values["se"][j], 1e-8);
        }
        coverage.check(&format!("{id} null"), fit.log_likelihood_null, &values["loglik"][0], 1e-10);
        coverage.check(&format!("{id} maximum"), fit.log_likelihood, &values["loglik"][1], 1e-10);
    }
    coverage.finish();
}
