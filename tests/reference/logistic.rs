//! 07_logistic.json: logistic models, selection, Firth, calibration, reclassification, net benefit.

use super::glm_stop::{Run, irls};
use super::logistic_calibration::{
    check_calibration_case, check_hosmer_lemeshow, check_hosmer_lemeshow_test, check_reclassification_case,
};
use super::support::{Coverage, csv, floats, number, topic};
use serde_json::Value;
use std::collections::BTreeMap;
use vouch::stats::Orientation;
use vouch::stats::calibration::brier::brier_score;
use vouch::stats::discrimination::auc::auc;
use vouch::stats::distribution::normal_two_sided;
use vouch::stats::linear_algebra::Matrix;
use vouch::stats::random::Seed;
use vouch::stats::regression::firth::{FirthOptions, firth_logistic};
use vouch::stats::regression::logistic::{
    LogisticFit, LogisticInput, LogisticInterval, LogisticOptions, inverse_logit, logistic,
};
use vouch::stats::regression::optimism::logistic_optimism;
use vouch::stats::resample::optimism::OptimismOptions;
use vouch::stats::regression::selection::{
    Candidate, Criterion, Direction, Marginality, Start, StepAction, StepwiseOptions, StepwiseResult, TermTest,
    drop_one, stepwise, univariable_screen,
};

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

    fn model(&self, terms: &[usize]) -> Model<'_> {
        let names = terms.iter().flat_map(|t| self.terms[*t].columns.iter().map(|(name, _)| name.as_str())).collect();
        Model { outcome: &self.outcome, columns: self.columns(terms), names, offset: None }
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

/// The values of some rows.
pub fn keep<T: Clone>(values: &[T], rows: &[usize]) -> Vec<T> {
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

/// `gl()`: a model's estimates, tests and summary.
pub fn check_fit(coverage: &mut Coverage, id: &str, fit: &LogisticFit, model: &Model<'_>, reference: &Value) {
    let (outcome, columns) = (model.outcome, &model.columns);
    let stopped = irls(outcome, columns, model.offset, 1e-8);
    let converged = irls(outcome, columns, model.offset, 0.0);
    let all: Vec<_> = std::iter::once(&fit.intercept).chain(&fit.coefficients).collect();
    // Ours, moved by what glm leaves undone (see glm_stop).
    let coefficient = |j: usize| all[j].coefficient + (stopped.coefficients[j] - converged.coefficients[j]);
    let error = |j: usize| all[j].standard_error * (stopped.covariance[j][j] / converged.covariance[j][j]).sqrt();
    let critical = 1.959_963_984_540_054;
    for (key, value) in reference.as_object().unwrap() {
        let what = format!("{id} {key}");
        let mut each = |ours: &dyn Fn(usize) -> f64, relative: f64, errors: f64| {
            for (j, value) in value.as_array().unwrap().iter().enumerate() {
                coverage.check_near(&format!("{what}[{j}]"), ours(j), value, relative, errors * all[j].standard_error);
            }
        };
        match key.as_str() {
            "coef" => each(&coefficient, 1e-9, 1e-9),
            "odds_ratio" => each(&|j| coefficient(j).exp(), 1e-8, 0.0),
            "se" => each(&error, 1e-8, 0.0),
            "z" => each(&|j| coefficient(j) / error(j), 1e-8, 1e-9),
            "p" => each(&|j| normal_two_sided(coefficient(j) / error(j)), 1e-7, 0.0),
            "wald_lower" => each(&|j| coefficient(j) - critical * error(j), 1e-8, 1e-8),
            "wald_upper" => each(&|j| coefficient(j) + critical * error(j), 1e-8, 1e-8),
            "or_wald_lower" => each(&|j| (coefficient(j) - critical * error(j)).exp(), 1e-7, 0.0),
            "or_wald_upper" => each(&|j| (coefficient(j) + critical * error(j)).exp(), 1e-7, 0.0),
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
            "vcov" => check_covariance(coverage, &what, &fit.covariance, &stopped, &converged, value),
            "converged" => coverage.check_that(&what, 1, value == &Value::Bool(true)),
            "terms" | "coef_rows" => {
                let expected: Vec<&str> = value.as_array().unwrap().iter().filter_map(Value::as_str).collect();
                let ours: Vec<&str> = std::iter::once("(Intercept)").chain(model.names.iter().copied()).collect();
                coverage.check_that(&format!("{what}: {ours:?}"), expected.len(), expected == ours);
            }
            // The iterations of the re-run; ours begin elsewhere and go on longer.
            "iter" => coverage.check(&what, stopped.iterations as f64, value, 0.0),
            other => panic!("{id}: no check for {other}"),
        }
        // What is reported is consistent with itself.
        let own = &all[all.len() - 1];
        assert!((own.z - own.coefficient / own.standard_error).abs() < 1e-12 * own.z.abs().max(1.0));
        assert!((own.interval.upper - own.coefficient - critical * own.standard_error).abs() < 1e-9, "{what}");
    }
}

/// What a reference model was fitted to.
pub struct Model<'a> {
    pub outcome: &'a [bool],
    pub columns: Vec<&'a [f64]>,
    pub names: Vec<&'a str>,
    pub offset: Option<&'a [f64]>,
}

fn check_covariance(
    coverage: &mut Coverage,
    what: &str,
    ours: &Matrix,
    stopped: &Run,
    converged: &Run,
    reference: &Value,
) {
    for (i, row) in reference["data"].as_array().unwrap().iter().enumerate() {
        for (j, value) in row.as_array().unwrap().iter().enumerate() {
            // Relative to the scale of the entry's row and column: a covariance can be nearly zero.
            let scale = (ours.get(i, i) * ours.get(j, j)).sqrt();
            let moved = ours.get(i, j) + (stopped.covariance[i][j] - converged.covariance[i][j]);
            coverage.check_near(what, moved, value, 1e-8, 1e-8 * scale);
        }
    }
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
            "fit" => check_fit(coverage, &what, &wald, &data.model(&data.all()), value),
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
                    // MASS interpolates the limits between points of a grid.
                    let absolute = 1e-3 * ours.standard_error;
                    coverage.check_near(&format!("{what}[{j}] lower"), ours.interval.lower, &row[0], 0.0, absolute);
                    coverage.check_near(&format!("{what}[{j}] upper"), ours.interval.upper, &row[1], 0.0, absolute);
                }
            }
            "univariable" => {
                for (name, reference) in value.as_object().unwrap() {
                    let term = data.position(name);
                    let fit = data.fit(&[term], LogisticInterval::Wald);
                    check_fit(coverage, &format!("{what} {name}"), &fit, &data.model(&[term]), reference);
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
                let fit = data.fit(&kept, LogisticInterval::Wald);
                check_fit(coverage, &what, &fit, &data.model(&kept), &value["fit"]);
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
