//! 07_logistic.json: logistic models, selection, Firth, calibration, reclassification, net benefit.

use super::support::{Coverage, csv, floats, number, topic};
use serde_json::Value;
use std::collections::BTreeMap;
use vouch::stats::Orientation;
use vouch::stats::calibration::brier::brier_score;
use vouch::stats::calibration::expected_observed::observed_expected_ratio;
use vouch::stats::calibration::groups::calibration_groups;
use vouch::stats::calibration::hosmer_lemeshow::{HosmerLemeshow, HosmerLemeshowOptions, hosmer_lemeshow};
use vouch::stats::calibration::integrated_calibration_index::integrated_calibration_index;
use vouch::stats::calibration::intercept_slope::{CalibrationOptions, weak_calibration};
use vouch::stats::calibration::log_loss::log_loss;
use vouch::stats::discrimination::auc::auc;
use vouch::stats::linear_algebra::Matrix;
use vouch::stats::random::Seed;
use vouch::stats::reclassification::integrated_discrimination::integrated_discrimination;
use vouch::stats::reclassification::net_reclassification::{Improvement, categorical_nri, continuous_nri};
use vouch::stats::regression::firth::{FirthOptions, firth_logistic};
use vouch::stats::regression::logistic::{
    LogisticFit, LogisticInput, LogisticInterval, LogisticOptions, inverse_logit, logistic,
};
use vouch::stats::regression::optimism::{OptimismOptions, logistic_optimism};
use vouch::stats::regression::selection::{
    Candidate, Criterion, Direction, Marginality, Start, StepAction, StepwiseOptions, StepwiseResult, TermTest,
    drop_one, stepwise, univariable_screen,
};
use vouch::stats::utility::net_benefit::decision_curve;

struct Term {
    name: String,
    columns: Vec<(String, Vec<f64>)>,
}

struct Data {
    outcome: Vec<bool>,
    terms: Vec<Term>,
    /// Interactions and what they require, by position among the terms.
    marginality: Vec<Marginality>,
}

impl Data {
    fn columns(&self, terms: &[usize]) -> Vec<&[f64]> {
        terms.iter().flat_map(|term| self.terms[*term].columns.iter().map(|(_, column)| column.as_slice())).collect()
    }

    fn all(&self) -> Vec<usize> {
        (0..self.terms.len()).collect()
    }

    fn position(&self, name: &str) -> usize {
        self.terms.iter().position(|term| term.name == name).unwrap_or_else(|| panic!("no term {name}"))
    }

    fn names(&self, terms: &[usize]) -> Vec<&str> {
        terms.iter().map(|term| self.terms[*term].name.as_str()).collect()
    }

    fn fit(&self, terms: &[usize], interval: LogisticInterval) -> LogisticFit {
        let columns = self.columns(terms);
        let options = LogisticOptions { interval, ..LogisticOptions::default() };
        logistic(&LogisticInput::new(&self.outcome, &columns), &options).unwrap()
    }
}

fn single(name: &str, values: Vec<f64>) -> Term {
    Term { name: name.to_string(), columns: vec![(name.to_string(), values)] }
}

/// Dummy columns of a factor, the first level left out.
fn factor(name: &str, values: &[String], levels: &[&str]) -> Term {
    let dummy = |level: &str| values.iter().map(|value| f64::from(u8::from(value == level))).collect();
    let columns = levels[1..].iter().map(|level| (format!("{name}{level}"), dummy(level))).collect();
    Term { name: name.to_string(), columns }
}

fn keep<T: Clone>(values: &[T], rows: &[usize]) -> Vec<T> {
    rows.iter().map(|row| values[*row].clone()).collect()
}

fn rotterdam(train_only: bool) -> BTreeMap<String, Vec<String>> {
    let all = csv("rotterdam.csv");
    let rows: Vec<usize> =
        floats(&all["year"]).iter().enumerate().filter(|(_, y)| !train_only || **y <= 1989.0).map(|(i, _)| i).collect();
    all.into_iter().map(|(name, column)| (name, keep(&column, &rows))).collect()
}

fn data(id: &str) -> Data {
    let no_rules = Vec::new();
    match id {
        "rotterdam_train_nodepos" => {
            let d = rotterdam(true);
            let outcome = floats(&d["nodes"]).iter().map(|nodes| *nodes > 0.0).collect();
            let log1p = |name: &str| floats(&d[name]).iter().map(|value| value.ln_1p()).collect();
            let terms = vec![
                single("age", floats(&d["age"])),
                single("meno", floats(&d["meno"])),
                factor("size", &d["size"], &["<=20", ">50", "20-50"]),
                single("grade", floats(&d["grade"])),
                single("lpgr", log1p("pgr")),
                single("ler", log1p("er")),
            ];
            Data { outcome, terms, marginality: no_rules }
        }
        "rotterdam_all_numeric" => {
            let d = rotterdam(false);
            let outcome = floats(&d["nodes"]).iter().map(|nodes| *nodes > 0.0).collect();
            let is = |level: &str| d["size"].iter().map(|size| f64::from(u8::from(size == level))).collect();
            let terms = vec![
                single("age", floats(&d["age"])),
                single("meno", floats(&d["meno"])),
                single("size2", is("20-50")),
                single("size3", is(">50")),
                single("grade", floats(&d["grade"])),
                single("pgr", floats(&d["pgr"])),
                single("er", floats(&d["er"])),
            ];
            Data { outcome, terms, marginality: no_rules }
        }
        "rotterdam_interaction" => {
            let d = rotterdam(true);
            let outcome = floats(&d["nodes"]).iter().map(|nodes| *nodes > 0.0).collect();
            let (age, meno) = (floats(&d["age"]), floats(&d["meno"]));
            let square = age.iter().map(|age| age * age).collect();
            let product = age.iter().zip(&meno).map(|(age, meno)| age * meno).collect();
            let terms =
                vec![single("age", age), single("meno", meno), single("I(age^2)", square), single("age:meno", product)];
            Data { outcome, terms, marginality: vec![Marginality { candidate: 3, requires: vec![0, 1] }] }
        }
        "asah_poor" | "asah_poor_wfns_factor" => {
            let d = csv("asah.csv");
            let outcome = d["outcome"].iter().map(|outcome| outcome == "Poor").collect();
            let mut gender = factor("gender", &d["gender"], &["Female", "Male"]);
            gender.columns[0].0 = "genderMale".to_string();
            let s100b = single("s100b", floats(&d["s100b"]));
            let terms = if id == "asah_poor" {
                let wfns = single("wfns", floats(&d["wfns"]));
                vec![single("age", floats(&d["age"])), gender, wfns, s100b, single("ndka", floats(&d["ndka"]))]
            } else {
                vec![gender, factor("wfns", &d["wfns"], &["1", "2", "3", "4", "5"]), s100b]
            };
            Data { outcome, terms, marginality: no_rules }
        }
        "lung_dead_1y" => {
            let d = csv("lung.csv");
            let (time, status) = (floats(&d["time"]), floats(&d["status"]));
            let names = ["age", "sex", "ph.ecog", "wt.loss", "meal.cal"];
            let columns: Vec<Vec<f64>> = names.iter().map(|name| floats(&d[*name])).collect();
            let rows: Vec<usize> = (0..time.len())
                .filter(|i| (time[*i] >= 365.0 || status[*i] == 2.0) && columns.iter().all(|c| c[*i].is_finite()))
                .collect();
            let outcome = rows.iter().map(|i| time[*i] < 365.0 && status[*i] == 2.0).collect();
            let terms = names.iter().zip(&columns).map(|(name, column)| single(name, keep(column, &rows))).collect();
            Data { outcome, terms, marginality: no_rules }
        }
        "toy12" | "toy12_null" => {
            let d = csv("toy_logit12.csv");
            let outcome = floats(&d["y"]).iter().map(|y| *y == 1.0).collect();
            let terms = if id == "toy12" { vec![single("x", floats(&d["x"]))] } else { Vec::new() };
            Data { outcome, terms, marginality: no_rules }
        }
        other => panic!("no data for {other}"),
    }
}

fn check_matrix(coverage: &mut Coverage, what: &str, matrix: &Matrix, reference: &Value, relative: f64) {
    for (i, row) in reference["data"].as_array().unwrap().iter().enumerate() {
        for (j, value) in row.as_array().unwrap().iter().enumerate() {
            // Relative to the scale of the entry's row and column: a covariance can be nearly zero.
            let scale = (matrix.get(i, i) * matrix.get(j, j)).sqrt();
            coverage.check_near(what, matrix.get(i, j), value, relative, relative * scale);
        }
    }
}

/// `gl()`: a model's estimates, tests and summary.
fn check_fit(coverage: &mut Coverage, id: &str, fit: &LogisticFit, names: &[&str], reference: &Value) {
    // glm stops when the deviance D changes by less than 1e-8 (D + 0.1). The last step is then up to √(1e-8 D) standard
    // errors long, and its standard errors, which are those of the iterate before, are off by that order; its estimates,
    // by the quadratic convergence of Newton's method, by the square of it.
    let (estimate, error) = (1e-8, 3e-4);
    let all: Vec<_> = std::iter::once(&fit.intercept).chain(&fit.coefficients).collect();
    for (key, value) in reference.as_object().unwrap() {
        let what = format!("{id} {key}");
        let mut each = |ours: &dyn Fn(usize) -> f64, relative: f64, absolute: &dyn Fn(usize) -> f64| {
            for (j, value) in value.as_array().unwrap().iter().enumerate() {
                coverage.check_near(&format!("{what}[{j}]"), ours(j), value, relative, absolute(j));
            }
        };
        let scaled = |factor: f64| move |j: usize| factor * all_errors(fit)[j];
        match key.as_str() {
            "coef" => each(&|j| all[j].coefficient, estimate, &scaled(1e-7)),
            "odds_ratio" => each(&|j| all[j].odds_ratio.value, 1e-7, &scaled(0.0)),
            "se" => each(&|j| all[j].standard_error, error, &scaled(0.0)),
            "z" => each(&|j| all[j].z, error, &scaled(0.0)),
            "p" => each(&|j| all[j].p_value, 3e-3, &scaled(0.0)),
            "wald_lower" => each(&|j| all[j].interval.lower, error, &scaled(error)),
            "wald_upper" => each(&|j| all[j].interval.upper, error, &scaled(error)),
            "or_wald_lower" => each(&|j| all[j].odds_ratio.interval.as_ref().unwrap().lower, 1e-3, &scaled(0.0)),
            "or_wald_upper" => each(&|j| all[j].odds_ratio.interval.as_ref().unwrap().upper, 1e-3, &scaled(0.0)),
            "n" => coverage.check(&what, fit.n as f64, value, 0.0),
            "null_deviance" => coverage.check(&what, -2.0 * fit.log_likelihood_null, value, 1e-10),
            "deviance" => coverage.check(&what, fit.deviance, value, 1e-10),
            "df_null" => coverage.check(&what, fit.n as f64 - 1.0, value, 0.0),
            "df_residual" => coverage.check(&what, (fit.n - 1 - fit.coefficients.len()) as f64, value, 0.0),
            "aic" => coverage.check(&what, fit.aic, value, 1e-10),
            "bic" => coverage.check(&what, fit.bic(), value, 1e-10),
            "loglik" => coverage.check(&what, fit.log_likelihood, value, 1e-10),
            "lr_chisq" => coverage.check_near(&what, fit.likelihood_ratio.statistic.unwrap(), value, 1e-9, 1e-10),
            "lr_p" if fit.coefficients.is_empty() => coverage.not_covered(
                "P(X > 0) of a chi-squared variable without degrees of freedom, which R gives as 0",
                value,
            ),
            "lr_p" => coverage.check(&what, fit.likelihood_ratio.p_value, value, 1e-7),
            "vcov" => check_matrix(coverage, &what, &fit.covariance, value, 2.0 * error),
            "converged" => coverage.check_that(&what, 1, value == &Value::Bool(true)),
            "terms" | "coef_rows" => {
                let expected: Vec<&str> = value.as_array().unwrap().iter().filter_map(Value::as_str).collect();
                let ours: Vec<&str> = std::iter::once("(Intercept)").chain(names.iter().copied()).collect();
                coverage.check_that(&format!("{what}: {ours:?}"), expected.len(), expected == ours);
            }
            "iter" => coverage.not_covered("iteration counts belong to the algorithm", value),
            other => panic!("{id}: no check for {other}"),
        }
    }
}

fn all_errors(fit: &LogisticFit) -> Vec<f64> {
    std::iter::once(&fit.intercept).chain(&fit.coefficients).map(|c| c.standard_error).collect()
}

fn check_numbers(coverage: &mut Coverage, what: &str, ours: &[f64], reference: &Value, relative: f64) {
    let values = reference.as_array().unwrap();
    assert_eq!(values.len(), ours.len().min(values.len()), "{what}");
    for (j, (ours, value)) in ours.iter().zip(values).enumerate() {
        coverage.check(&format!("{what}[{j}]"), *ours, value, relative);
    }
}

fn with_candidates<R>(data: &Data, terms: &[usize], work: impl FnOnce(&[Candidate<'_>]) -> R) -> R {
    let columns: Vec<Vec<&[f64]>> = terms.iter().map(|term| data.columns(&[*term])).collect();
    let candidates: Vec<Candidate<'_>> = columns.iter().map(|columns| Candidate { columns }).collect();
    work(&candidates)
}

fn run_stepwise(
    data: &Data,
    direction: Direction,
    start: Start,
    criterion: Criterion,
    test: TermTest,
) -> StepwiseResult {
    let options = StepwiseOptions { direction, start, criterion, test, marginality: data.marginality.clone() };
    with_candidates(data, &data.all(), |candidates| stepwise(&data.outcome, candidates, &options).unwrap())
}

/// `steppath()`: each step with its criterion, the final terms and the final AIC.
fn check_path(coverage: &mut Coverage, what: &str, data: &Data, result: &StepwiseResult, reference: &Value) {
    let path = reference["path"].as_array().unwrap();
    coverage.check_that(&format!("{what}: steps {:?}", result.trace), 0, path.len() == result.trace.len());
    for (step, expected) in result.trace.iter().zip(path) {
        let ours = match (step.action, step.candidate) {
            (StepAction::Add, Some(candidate)) => format!("+ {}", data.terms[candidate].name),
            (StepAction::Remove, Some(candidate)) => format!("- {}", data.terms[candidate].name),
            _ => String::new(),
        };
        coverage.check_that(&format!("{what}: {ours}"), 1, expected["step"] == ours.as_str());
        coverage.check(&format!("{what} {ours}"), step.aic, &expected["aic"], 1e-10);
    }
    check_terms(coverage, what, &data.names(&result.selected), &reference["final_terms"]);
    coverage.check(&format!("{what} final aic"), result.fit.aic, &reference["final_aic"], 1e-10);
}

fn check_terms(coverage: &mut Coverage, what: &str, ours: &[&str], reference: &Value) {
    let expected: Vec<&str> = reference.as_array().unwrap().iter().filter_map(Value::as_str).collect();
    coverage.check_that(&format!("{what}: {ours:?}"), expected.len(), ours == expected);
}

fn check_backward_p(
    coverage: &mut Coverage,
    what: &str,
    data: &Data,
    test: TermTest,
    relative: f64,
    reference: &Value,
) {
    if !reference["skipped"].is_null() {
        return coverage.not_covered("the reference's own helper skipped this case", reference);
    }
    let threshold = number(&reference["threshold"]).unwrap();
    let criterion = Criterion::PValue { enter: threshold, remove: threshold };
    let result = run_stepwise(data, Direction::Backward, Start::Full, criterion, test);
    coverage.check_that(what, 2, reference["criterion"].is_string());
    let path = reference["path"].as_array().unwrap();
    coverage.check_that(&format!("{what}: {:?}", result.trace), 0, result.trace.len() == path.len() + 1);
    for (step, expected) in result.trace[1..].iter().zip(path) {
        let name = step.candidate.map(|candidate| data.terms[candidate].name.as_str());
        coverage.check_that(&format!("{what} {name:?}"), 1, expected["dropped"].as_str() == name);
        coverage.check(&format!("{what} {name:?}"), step.p.unwrap(), &expected["p"], relative);
    }
    check_terms(coverage, what, &data.names(&result.selected), &reference["final_terms"]);
}

fn check_drop_one(coverage: &mut Coverage, what: &str, data: &Data, fit: &LogisticFit, reference: &Value) {
    let dropped = with_candidates(data, &data.all(), |candidates| {
        drop_one(&data.outcome, candidates, TermTest::LikelihoodRatio).unwrap()
    });
    let column = |key: &str| reference[key].as_array().unwrap();
    for (row, name) in column("term").iter().enumerate() {
        let cell = |key: &str| &column(key)[row];
        let what = format!("{what} {name}");
        if name == "<none>" {
            coverage.check(&what, fit.deviance, cell("deviance"), 1e-10);
            coverage.check(&what, fit.aic, cell("aic"), 1e-10);
            coverage.check_that(&what, 4, cell("df").is_null() && cell("lrt").is_null() && cell("p").is_null());
            continue;
        }
        let ours = &dropped[data.position(name.as_str().unwrap())];
        coverage.check_that(&what, 1, true);
        coverage.check(&what, data.terms[ours.candidate].columns.len() as f64, cell("df"), 0.0);
        coverage.check(&what, ours.deviance, cell("deviance"), 1e-10);
        coverage.check(&what, ours.aic, cell("aic"), 1e-10);
        // A difference of deviances of 1e3: R's are good to 1e-8.
        coverage.check_near(&what, ours.test.statistic.unwrap(), cell("lrt"), 1e-7, 1e-8);
        coverage.check(&what, ours.test.p_value, cell("p"), 1e-7);
    }
}

fn check_firth(coverage: &mut Coverage, what: &str, data: &Data, names: &[&str], reference: &Value, of_brglm2: bool) {
    let columns = data.columns(&data.all());
    let fit = firth_logistic(&LogisticInput::new(&data.outcome, &columns), &FirthOptions::default()).unwrap();
    let all: Vec<_> = std::iter::once(&fit.intercept).chain(&fit.coefficients).collect();
    for (key, value) in reference.as_object().unwrap() {
        let what = format!("{what} {key}");
        let mut each = |ours: &dyn Fn(usize) -> f64, relative: f64| {
            for (j, value) in value.as_array().unwrap().iter().enumerate() {
                let absolute = 1e-8 * all[j].standard_error;
                coverage.check_near(&format!("{what}[{j}]"), ours(j), value, relative, absolute);
            }
        };
        match key.as_str() {
            "coef" => each(&|j| all[j].coefficient, 1e-8),
            "se" if of_brglm2 => each(&|j| all[j].standard_error, 1e-8),
            "se" => each(&|j| all[j].augmented_standard_error, 1e-8),
            "ci_lower" => each(&|j| all[j].interval.lower, 1e-7),
            "ci_upper" => each(&|j| all[j].interval.upper, 1e-7),
            "p" => each(&|j| all[j].test.p_value, 1e-7),
            "loglik" => {
                let ours = [fit.penalized_log_likelihood, fit.penalized_log_likelihood_null];
                check_numbers(coverage, &what, &ours, value, 1e-10);
            }
            "terms" => {
                let ours: Vec<&str> = std::iter::once("(Intercept)").chain(names.iter().copied()).collect();
                check_terms(coverage, &what, &ours, value);
            }
            "method_ci" => {
                let methods = value.as_array().unwrap();
                coverage.check_that(&what, methods.len(), methods.iter().all(|m| m == "Profile Likelihood"));
            }
            other => panic!("{what}: no check for {other}"),
        }
    }
}

fn check_model_case(coverage: &mut Coverage, case: &Value) {
    let id = case["id"].as_str().unwrap();
    let data = data(id);
    let names: Vec<&str> =
        data.terms.iter().flat_map(|term| term.columns.iter().map(|(name, _)| name.as_str())).collect();
    let fit = data.fit(&data.all(), LogisticInterval::Profile);
    let wald = data.fit(&data.all(), LogisticInterval::Wald);
    let columns = data.columns(&data.all());
    let predictor: Vec<f64> = (0..data.outcome.len())
        .map(|row| wald.linear_predictor(&columns.iter().map(|column| column[row]).collect::<Vec<_>>()))
        .collect();
    let probability: Vec<f64> = predictor.iter().map(|predictor| inverse_logit(*predictor)).collect();
    let n = data.outcome.len() as f64;
    for (key, value) in case["values"].as_object().unwrap() {
        let what = format!("{id} {key}");
        match key.as_str() {
            "n_pos" => coverage.check(&what, wald.events as f64, value, 0.0),
            "fit" => check_fit(coverage, &what, &wald, &names, value),
            "linear_predictor_head" => check_numbers(coverage, &what, &predictor, value, 1e-7),
            "fitted_head" => check_numbers(coverage, &what, &probability, value, 1e-7),
            "deviance_residual_head" => {
                let residual: Vec<f64> = probability
                    .iter()
                    .zip(&data.outcome)
                    .map(|(p, event)| if *event { (-2.0 * p.ln()).sqrt() } else { -(-2.0 * (-p).ln_1p()).sqrt() })
                    .collect();
                check_numbers(coverage, &what, &residual, value, 1e-7);
            }
            "mcfadden_r2" => {
                coverage.check_near(&what, 1.0 - wald.log_likelihood / wald.log_likelihood_null, value, 1e-9, 1e-15)
            }
            "cox_snell_r2" => {
                let ours = 1.0 - (2.0 * (wald.log_likelihood_null - wald.log_likelihood) / n).exp();
                coverage.check_near(&what, ours, value, 1e-9, 1e-15);
            }
            "nagelkerke_r2" => coverage.check_near(&what, nagelkerke(&wald), value, 1e-9, 1e-15),
            "profile_ci" => {
                for (j, row) in value["data"].as_array().unwrap().iter().enumerate() {
                    let ours = if j == 0 { &fit.intercept } else { &fit.coefficients[j - 1] };
                    let absolute = 1e-3 * ours.standard_error;
                    coverage.check_near(&format!("{what}[{j}] lower"), ours.interval.lower, &row[0], 0.0, absolute);
                    coverage.check_near(&format!("{what}[{j}] upper"), ours.interval.upper, &row[1], 0.0, absolute);
                }
            }
            "univariable" => {
                for (name, reference) in value.as_object().unwrap() {
                    let term = data.position(name);
                    let names: Vec<&str> = data.terms[term].columns.iter().map(|(name, _)| name.as_str()).collect();
                    let fit = data.fit(&[term], LogisticInterval::Wald);
                    check_fit(coverage, &format!("{what} {name}"), &fit, &names, reference);
                }
            }
            "drop1_lrt" => check_drop_one(coverage, &what, &data, &wald, value),
            "step_backward_aic" => {
                let ours = run_stepwise(&data, Direction::Backward, Start::Full, Criterion::Aic, TermTest::default());
                check_path(coverage, &what, &data, &ours, value);
            }
            "step_both_aic" => {
                let ours = run_stepwise(&data, Direction::Both, Start::Full, Criterion::Aic, TermTest::default());
                check_path(coverage, &what, &data, &ours, value);
            }
            "step_forward_aic" => {
                let ours = run_stepwise(&data, Direction::Forward, Start::Null, Criterion::Aic, TermTest::default());
                check_path(coverage, &what, &data, &ours, value);
            }
            "step_both_from_null_aic" => {
                let ours = run_stepwise(&data, Direction::Both, Start::Null, Criterion::Aic, TermTest::default());
                check_path(coverage, &what, &data, &ours, value);
            }
            "step_backward_bic" => {
                let ours = run_stepwise(&data, Direction::Backward, Start::Full, Criterion::Bic, TermTest::default());
                check_path(coverage, &what, &data, &ours, value);
            }
            "backward_p_0.1_lrt" => {
                check_backward_p(coverage, &what, &data, TermTest::LikelihoodRatio, 1e-7, value);
            }
            "backward_p_0.05_wald_coefficients" => {
                check_backward_p(coverage, &what, &data, TermTest::Wald, 1e-4, value);
            }
            "univariable_p_0.1_then_multivariable" => {
                let screen = with_candidates(&data, &data.all(), |candidates| {
                    univariable_screen(&data.outcome, candidates, 0.1, TermTest::LikelihoodRatio).unwrap()
                });
                for (name, p) in value["lr_p"].as_object().unwrap() {
                    coverage.check(&format!("{what} {name}"), screen[data.position(name)].p_value, p, 1e-7);
                }
                let kept: Vec<usize> = screen.iter().filter(|s| s.selected).map(|s| s.candidate).collect();
                let mut expected: Vec<&str> =
                    value["kept"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
                expected.sort_by_key(|name| data.position(name));
                coverage.check_that(&what, expected.len(), data.names(&kept) == expected);
                let names: Vec<&str> =
                    kept.iter().flat_map(|t| data.terms[*t].columns.iter().map(|(name, _)| name.as_str())).collect();
                check_fit(coverage, &what, &data.fit(&kept, LogisticInterval::Wald), &names, &value["fit"]);
            }
            "brier" => {
                let brier = brier_score(&data.outcome, &probability, 0.95).unwrap().brier.value;
                coverage.check(&what, brier, value, 1e-8);
            }
            "auc" => {
                let ours = auc(&data.outcome, &probability, Orientation::HigherIsRisk).unwrap();
                coverage.check(&what, ours, value, 1e-12);
            }
            "hosmer_lemeshow_10" => check_hosmer_lemeshow(coverage, &what, &data.outcome, &probability, value),
            "hosmer_lemeshow_5" => {
                check_hosmer_lemeshow_test(coverage, &what, &data.outcome, &probability, 5, 1e-7, value);
            }
            "rms_validate_B200" => check_validate(coverage, &what, &data, &wald, &probability, value),
            "firth_pl" => check_firth(coverage, &what, &data, &names, value, false),
            "firth_brglm2" => check_firth(coverage, &what, &data, &names, value, true),
            other => panic!("{what}: no check for {other}"),
        }
    }
}

fn check_hosmer_lemeshow_test(
    coverage: &mut Coverage,
    what: &str,
    outcome: &[bool],
    probability: &[f64],
    groups: usize,
    relative: f64,
    reference: &Value,
) -> HosmerLemeshow {
    let options = HosmerLemeshowOptions { groups, external: false };
    let ours = hosmer_lemeshow(outcome, probability, &options).unwrap();
    coverage.check(what, ours.test.statistic.unwrap(), &reference["statistic"], relative);
    coverage.check(what, (groups - 2) as f64, &reference["parameter"], 0.0);
    coverage.check(what, ours.test.p_value, &reference["p.value"], 10.0 * relative);
    coverage.check_that(what, 1, reference["method"].is_string());
    ours
}

fn check_hosmer_lemeshow(
    coverage: &mut Coverage,
    what: &str,
    outcome: &[bool],
    probability: &[f64],
    reference: &Value,
) {
    let ours = check_hosmer_lemeshow_test(coverage, what, outcome, probability, 10, 1e-7, &reference["test"]);
    for (k, group) in ours.groups.iter().enumerate() {
        let (observed, expected) = (&reference["observed"]["data"][k], &reference["expected"]["data"][k]);
        let n = group.n as f64;
        coverage.check(&format!("{what} others {k}"), n - group.events as f64, &observed[0], 0.0);
        coverage.check(&format!("{what} events {k}"), group.events as f64, &observed[1], 0.0);
        coverage.check(&format!("{what} expected others {k}"), n - group.expected, &expected[0], 1e-7);
        coverage.check(&format!("{what} expected events {k}"), group.expected, &expected[1], 1e-7);
    }
}

/// rms::validate: five runs of 200 replicates, and ours within their spread.
fn check_validate(
    coverage: &mut Coverage,
    what: &str,
    data: &Data,
    fit: &LogisticFit,
    probability: &[f64],
    reference: &Value,
) {
    let apparent = &reference["apparent"];
    let area = auc(&data.outcome, probability, Orientation::HigherIsRisk).unwrap();
    let brier = brier_score(&data.outcome, probability, 0.95).unwrap().brier.value;
    // lrm counts concordance on predictions binned to 0.002.
    coverage.check(&format!("{what} C"), area, &apparent["C"], 1e-4);
    coverage.check(&format!("{what} Dxy"), 2.0 * area - 1.0, &apparent["Dxy"], 1e-4);
    coverage.check(&format!("{what} Brier"), brier, &apparent["Brier"], 1e-7);
    coverage.check(&format!("{what} R2"), nagelkerke(fit), &apparent["R2"], 1e-7);
    let ratio = fit.likelihood_ratio.statistic.unwrap();
    coverage.check(&format!("{what} Model L.R."), ratio, &apparent["Model L.R."], 1e-7);

    let columns = data.columns(&data.all());
    let options = OptimismOptions { replicates: 1000, seed: Seed::from_study(1) };
    let ours = logistic_optimism(&data.outcome, &columns, &options).unwrap();
    let values = [2.0 * ours.auc.corrected - 1.0, ours.slope.corrected, ours.brier.corrected, 2.0 * ours.auc.optimism];
    let corrected = &reference["optimism_corrected"];
    for (k, value) in values.iter().enumerate() {
        // Ours is the mean of 1000 replicates, theirs of five runs of 200: the difference has a variance of 2/5 of one
        // run's. Four of these standard deviations, the standard deviation itself estimated from five runs.
        let deviation = number(&corrected["sd"][k]).unwrap();
        let allowed = 4.0 * deviation * 0.4f64.sqrt() * 1.5;
        coverage.check_near(&format!("{what} mean[{k}]"), *value, &corrected["mean"][k], 0.0, allowed);
    }
    let runs = corrected.as_object().unwrap();
    for (key, value) in runs.iter().filter(|(key, _)| *key != "mean") {
        coverage.not_covered(
            &format!("single runs of another random generator: {}", if key == "seeds" { "seeds" } else { "spread" }),
            value,
        );
    }
}

fn nagelkerke(fit: &LogisticFit) -> f64 {
    let n = fit.n as f64;
    let cox_snell = 1.0 - (2.0 * (fit.log_likelihood_null - fit.log_likelihood) / n).exp();
    cox_snell / (1.0 - (2.0 * fit.log_likelihood_null / n).exp())
}

/// The test part of rotterdam_scores.csv.
struct Scores {
    outcome: Vec<bool>,
    columns: BTreeMap<String, Vec<f64>>,
}

fn scores() -> Scores {
    let all = csv("rotterdam_scores.csv");
    let rows: Vec<usize> =
        all["split"].iter().enumerate().filter(|(_, split)| *split == "test").map(|(row, _)| row).collect();
    let columns: BTreeMap<String, Vec<f64>> =
        ["p_full", "p_clin"].iter().map(|name| (name.to_string(), keep(&floats(&all[*name]), &rows))).collect();
    let outcome = keep(&floats(&all["node_pos"]), &rows).iter().map(|value| *value == 1.0).collect();
    Scores { outcome, columns }
}

fn check_calibration_case(coverage: &mut Coverage, case: &Value) {
    let id = case["id"].as_str().unwrap();
    let scores = scores();
    let outcome = &scores.outcome;
    let probability = &scores.columns[case["columns"]["p"].as_str().unwrap()];
    let n = outcome.len() as f64;
    let brier = brier_score(outcome, probability, 0.95).unwrap();
    let weak = weak_calibration(outcome, probability, &CalibrationOptions::default()).unwrap();
    let predictor: Vec<f64> = probability.iter().map(|p| (p / (1.0 - p)).ln()).collect();
    let sloped = logistic(&LogisticInput::new(outcome, &[&predictor]), &LogisticOptions::default()).unwrap();
    let spiegelhalter = brier.spiegelhalter.clone().unwrap();
    for (key, value) in case["values"].as_object().unwrap() {
        let what = format!("{id} {key}");
        match key.as_str() {
            "n" => coverage.check(&what, n, value, 0.0),
            "brier" => coverage.check(&what, brier.brier.value, value, 1e-12),
            "brier_scaled" => coverage.check(&what, brier.scaled.unwrap(), value, 1e-12),
            "log_loss" => coverage.check(&what, log_loss(outcome, probability, 0.95).unwrap().value, value, 1e-12),
            "calibration_intercept_and_slope" => check_fit(coverage, &what, &sloped, &["lg"], value),
            "calibration_in_the_large" => {
                let input = LogisticInput { outcome, covariates: &[], weight: None, offset: Some(&predictor) };
                let fit = logistic(&input, &LogisticOptions::default()).unwrap();
                check_fit(coverage, &what, &fit, &[], value);
                assert!((weak.in_the_large.value - fit.intercept.coefficient).abs() < 1e-12, "{what}");
            }
            "observed_expected_ratio" => {
                let ratio = observed_expected_ratio(outcome, probability, 0.95).unwrap().ratio;
                coverage.check(&what, ratio.value, value, 1e-12);
            }
            "rms_val_prob" => {
                let distance = integrated_calibration_index(outcome, probability).unwrap();
                let area = auc(outcome, probability, Orientation::HigherIsRisk).unwrap();
                for (name, value) in value.as_object().unwrap() {
                    let joint = weak.joint_test.statistic.unwrap();
                    // Twice the log-likelihood of the given predictions above that of the share of events.
                    let given = n * weak.discrimination + 1.0;
                    let (ours, relative) = match name.as_str() {
                        // lrm counts concordance on binned predictions.
                        "Dxy" => (2.0 * area - 1.0, 1e-3),
                        "C (ROC)" => (area, 2e-4),
                        "R2" => {
                            let null = -2.0 * sloped.log_likelihood_null / n;
                            ((1.0 - (-given / n).exp()) / (1.0 - (-null).exp()), 1e-8)
                        }
                        "D" => (weak.discrimination, 1e-8),
                        "D:Chi-sq" => (given, 1e-8),
                        "U" => (weak.unreliability, 1e-8),
                        "U:Chi-sq" => (joint, 1e-8),
                        "U:p" => (weak.joint_test.p_value, 1e-8),
                        "Q" => (weak.quality, 1e-8),
                        "Brier" => (brier.brier.value, 1e-12),
                        "Intercept" => (weak.intercept.value, 1e-8),
                        "Slope" => (weak.slope.value, 1e-8),
                        "Emax" => (distance.e_max, 1e-10),
                        "E90" => (distance.e90, 1e-10),
                        "Eavg" => (distance.ici, 1e-10),
                        "S:z" => (spiegelhalter.statistic.unwrap(), 1e-10),
                        "S:p" => (spiegelhalter.p_value, 1e-10),
                        "D:p" => {
                            coverage.not_covered("val.prob leaves the P-value of D empty", value);
                            continue;
                        }
                        other => panic!("{what}: no check for {other}"),
                    };
                    coverage.check(&format!("{what} {name}"), ours, value, relative);
                }
            }
            "decile_table" => {
                let groups = calibration_groups(outcome, probability, 10, 0.95).unwrap();
                for (k, group) in groups.iter().enumerate() {
                    coverage.check(&what, group.n as f64, &value["n"][k], 0.0);
                    coverage.check(&what, group.mean_predicted, &value["mean_p"][k], 1e-12);
                    coverage.check(&what, group.events as f64, &value["events"][k], 0.0);
                }
            }
            "hosmer_lemeshow_external_10" => {
                check_hosmer_lemeshow_test(coverage, &what, outcome, probability, 10, 1e-10, value);
            }
            "net_benefit" => {
                let rows = value["data"].as_array().unwrap();
                let thresholds: Vec<f64> = rows.iter().map(|row| number(&row[0]).unwrap()).collect();
                for (point, row) in decision_curve(outcome, probability, &thresholds).unwrap().iter().zip(rows) {
                    coverage.check(&what, point.threshold, &row[0], 0.0);
                    coverage.check(&what, point.true_positives as f64, &row[1], 0.0);
                    coverage.check(&what, point.false_positives as f64, &row[2], 0.0);
                    coverage.check_near(&what, point.net_benefit.value, &row[3], 1e-10, 1e-14);
                    coverage.check_near(&what, point.treat_all, &row[4], 1e-10, 1e-14);
                }
            }
            "spiegelhalter_z" => coverage.check(&what, spiegelhalter.statistic.unwrap(), value, 1e-10),
            other => panic!("{what}: no check for {other}"),
        }
    }
}

fn check_reclassification_case(coverage: &mut Coverage, case: &Value) {
    let scores = scores();
    let (old, new) = (&scores.columns["p_clin"], &scores.columns["p_full"]);
    let continuous = continuous_nri(&scores.outcome, old, new, 0.95).unwrap();
    let idi = integrated_discrimination(&scores.outcome, old, new, 0.95).unwrap();
    let (events, others) = (continuous.event_moves, continuous.other_moves);
    for (name, value) in case["values"]["improveProb"].as_object().unwrap() {
        let error = |part: &Improvement| part.estimate.standard_error.unwrap();
        let z = |part: &Improvement| part.test.as_ref().unwrap().statistic.unwrap();
        let ours = match name.as_str() {
            "n" => scores.outcome.len() as f64,
            "na" => events.n() as f64,
            "nb" => others.n() as f64,
            "pup.ev" => events.share_up(),
            "pup.ne" => others.share_up(),
            "pdown.ev" => events.share_down(),
            "pdown.ne" => others.share_down(),
            "nri" => continuous.nri.estimate.value,
            "se.nri" => error(&continuous.nri),
            "z.nri" => z(&continuous.nri),
            "nri.ev" => continuous.events.estimate.value,
            "se.nri.ev" => error(&continuous.events),
            "z.nri.ev" => z(&continuous.events),
            "nri.ne" => continuous.others.estimate.value,
            "se.nri.ne" => error(&continuous.others),
            "z.nri.ne" => z(&continuous.others),
            "improveSens" => idi.events.estimate.value,
            "improveSpec" => idi.others.estimate.value,
            "idi" => idi.idi.estimate.value,
            "se.idi" => error(&idi.idi),
            "z.idi" => z(&idi.idi),
            other => panic!("improveProb: no check for {other}"),
        };
        coverage.check(&format!("improveProb {name}"), ours, value, 1e-10);
    }
    let categorical = categorical_nri(&scores.outcome, old, new, &[0.4, 0.6], 0.95).unwrap().reclassification;
    for (name, value) in case["values"]["categorical_nri"].as_object().unwrap() {
        let ours = match name.as_str() {
            "NRI" => categorical.nri.estimate.value,
            "NRI+" => categorical.events.estimate.value,
            "NRI-" => categorical.others.estimate.value,
            "Pr(Up|Case)" => categorical.event_moves.share_up(),
            "Pr(Down|Case)" => categorical.event_moves.share_down(),
            "Pr(Down|Ctrl)" => categorical.other_moves.share_down(),
            "Pr(Up|Ctrl)" => categorical.other_moves.share_up(),
            other => panic!("categorical NRI: no check for {other}"),
        };
        coverage.check(&format!("categorical NRI {name}"), ours, value, 1e-10);
    }
}

#[test]
fn logistic_models() {
    let document = topic("07_logistic.json");
    let mut coverage = Coverage::of("07_logistic.json", &document);
    for case in document["cases"].as_array().unwrap() {
        let columns = &case["columns"];
        if columns["terms"].is_array() {
            check_model_case(&mut coverage, case);
        } else if columns["p"].is_string() {
            check_calibration_case(&mut coverage, case);
        } else {
            check_reclassification_case(&mut coverage, case);
        }
    }
    coverage.finish();
}
