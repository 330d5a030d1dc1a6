//! Cox models: 06_cox.json (R survival, MASS) and 06_cox_py.json (lifelines, statsmodels).

use crate::reference::support::{Coverage, csv, floats, number, topic};
use serde_json::Value;
use std::collections::BTreeMap;
use vouch::stats::Test;
use vouch::stats::linear_algebra::Matrix;
use vouch::stats::survival::concordance::{Concordance, ConcordanceInput, ConcordanceOptions, concordance};
use vouch::stats::survival::cox::{
    BaselineAt, BaselineHazard, CoxFit, CoxInput, CoxOptions, Criterion, Direction, DroppedTerm, HazardStep, Move,
    SequentialTerm, TermTest, Ties, TimeTransform, backward_by_p, cox, drop_each, sequential, stepwise, univariable,
};

/// R's default criterion: the reference stopped there, and so do we where its values are compared to the last digits.
const REFERENCE_TOLERANCE: f64 = 1e-9;

/// One term of a formula and the columns of the design that it makes.
struct Term {
    name: String,
    columns: Vec<Vec<f64>>,
    /// Of the columns of a factor, the level that each stands for.
    levels: Vec<String>,
}

impl Term {
    fn coefficient_names(&self) -> Vec<String> {
        if self.levels.is_empty() {
            return vec![self.name.clone()];
        }
        self.levels.iter().map(|level| format!("{}{level}", self.name)).collect()
    }
}

struct Data {
    entry: Option<Vec<f64>>,
    time: Vec<f64>,
    event: Vec<bool>,
    strata: Option<Vec<usize>>,
    stratum_labels: Vec<String>,
    terms: Vec<Term>,
    /// Every column of the file, of the same rows.
    raw: BTreeMap<String, Vec<String>>,
}

impl Data {
    fn columns(&self) -> Vec<&[f64]> {
        self.terms.iter().flat_map(|term| term.columns.iter().map(Vec::as_slice)).collect()
    }

    fn coefficient_names(&self) -> Vec<String> {
        self.terms.iter().flat_map(Term::coefficient_names).collect()
    }

    fn all(&self) -> Vec<usize> {
        (0..self.terms.len()).collect()
    }

    fn groups(&self) -> Vec<Vec<usize>> {
        let mut next = 0;
        self.terms
            .iter()
            .map(|term| {
                next += term.columns.len();
                (next - term.columns.len()..next).collect()
            })
            .collect()
    }

    fn input<'a>(&'a self, columns: &'a [&'a [f64]]) -> CoxInput<'a> {
        CoxInput {
            entry: self.entry.as_deref(),
            strata: self.strata.as_deref(),
            ..CoxInput::new(&self.time, &self.event, columns)
        }
    }

    fn keep(&self, rows: &[usize]) -> Self {
        let pick = |values: &Vec<f64>| rows.iter().map(|row| values[*row]).collect::<Vec<f64>>();
        Self {
            entry: self.entry.as_ref().map(pick),
            time: pick(&self.time),
            event: rows.iter().map(|row| self.event[*row]).collect(),
            strata: self.strata.as_ref().map(|strata| rows.iter().map(|row| strata[*row]).collect()),
            stratum_labels: self.stratum_labels.clone(),
            terms: self
                .terms
                .iter()
                .map(|term| Term {
                    name: term.name.clone(),
                    columns: term.columns.iter().map(pick).collect(),
                    levels: term.levels.clone(),
                })
                .collect(),
            raw: self
                .raw
                .iter()
                .map(|(name, values)| (name.clone(), rows.iter().map(|row| values[*row].clone()).collect()))
                .collect(),
        }
    }
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().map(|item| item.as_str().unwrap_or_default().to_string()).collect()
}

/// The levels that the setup of a case gives to a factor, the first being the reference.
fn levels(name: &str, values: &[String]) -> Vec<String> {
    if name == "size" && values.iter().any(|value| value == ">50") {
        return vec!["<=20".into(), "20-50".into(), ">50".into()];
    }
    let mut levels: Vec<String> = values.to_vec();
    levels.sort();
    levels.dedup();
    levels
}

fn load(case: &Value) -> Data {
    let mut raw = csv(case["data"][0].as_str().unwrap());
    let id = case["id"].as_str().unwrap();
    let text = |values: Vec<f64>| values.iter().map(f64::to_string).collect::<Vec<_>>();
    if id == "rotterdam_transformed" {
        let size2 = raw["size"].iter().map(|size| f64::from(size != "<=20")).collect();
        let lnodes = floats(&raw["nodes"]).iter().map(|nodes| (nodes + 1.0).ln()).collect();
        let agec = floats(&raw["age"]).iter().map(|age| (age - 55.0) / 10.0).collect();
        raw.extend([("size2".into(), text(size2)), ("lnodes".into(), text(lnodes)), ("agec".into(), text(agec))]);
    }
    if id == "toy10" {
        let g = raw["group"].iter().map(|group| f64::from(group == "b")).collect();
        let x = floats(&raw["id"]).iter().map(|id| id % 4.0).collect();
        raw.extend([("g".into(), text(g)), ("x".into(), text(x))]);
    }
    let terms = texts(&case["columns"]["terms"]);
    let plain = |term: &String| term.trim_start_matches("strata(").trim_end_matches(')').to_string();
    let length = raw.values().next().unwrap().len();
    let complete: Vec<usize> =
        (0..length).filter(|row| terms.iter().all(|term| !raw[&plain(term)][*row].is_empty())).collect();
    for column in raw.values_mut() {
        *column = complete.iter().map(|row| column[*row].clone()).collect();
    }
    let surv = case["columns"]["surv"].as_str().unwrap();
    let parts: Vec<&str> = surv.trim_start_matches("Surv(").trim_end_matches(')').split(", ").collect();
    let time = floats(&raw[parts[parts.len() - 2]]);
    let status = floats(&raw[parts[parts.len() - 1]]);
    let highest = status.iter().copied().fold(0.0, f64::max);
    let mut data = Data {
        entry: (parts.len() == 3).then(|| floats(&raw[parts[0]])),
        time,
        event: status.iter().map(|status| *status == highest).collect(),
        strata: None,
        stratum_labels: Vec::new(),
        terms: Vec::new(),
        raw,
    };
    for term in &terms {
        let values = &data.raw[&plain(term)];
        if term.starts_with("strata(") {
            let levels = levels(&plain(term), values);
            let position = |value: &String| levels.iter().position(|level| level == value).unwrap();
            data.strata = Some(values.iter().map(position).collect());
            data.stratum_labels = levels;
            continue;
        }
        let numeric = values.iter().all(|value| value.parse::<f64>().is_ok());
        let levels = if numeric { Vec::new() } else { levels(term, values)[1..].to_vec() };
        let indicator = |level: &String| values.iter().map(|value| f64::from(value == level)).collect::<Vec<f64>>();
        let columns = if numeric { vec![floats(values)] } else { levels.iter().map(indicator).collect() };
        data.terms.push(Term { name: term.clone(), columns, levels });
    }
    data
}

fn reference_options(ties: Ties) -> CoxOptions {
    CoxOptions { ties, tolerance: REFERENCE_TOLERANCE, ..CoxOptions::default() }
}

fn statistic(test: &Test) -> f64 {
    test.statistic.unwrap_or(f64::NAN)
}

fn check_list(coverage: &mut Coverage, what: &str, ours: &[f64], reference: &Value, relative: f64) {
    let list = reference.as_array().unwrap_or_else(|| panic!("{what} is no list"));
    if list.len() != ours.len() {
        coverage.check_that(&format!("{what}: {} values, reference {}", ours.len(), list.len()), list.len(), false);
        return;
    }
    for (index, (value, expected)) in ours.iter().zip(list).enumerate() {
        coverage.check_near(&format!("{what}[{index}]"), *value, expected, relative, 1e-14);
    }
}

/// Everything that the helper `cx` of the reference lists of a fit.
fn check_fit(coverage: &mut Coverage, what: &str, fit: &CoxFit, input: &CoxInput, reference: &Value, terms: &[String]) {
    let robust = fit.coefficients.iter().any(|coefficient| coefficient.robust_standard_error.is_some());
    let of = |value: fn(&vouch::stats::survival::cox::CoxCoefficient) -> f64| {
        fit.coefficients.iter().map(value).collect::<Vec<f64>>()
    };
    for (key, expected) in reference.as_object().unwrap() {
        let name = format!("{what}.{key}");
        let tests = |test: &Test| vec![statistic(test), fit.coefficients.len() as f64, test.p_value];
        match key.as_str() {
            "n" => coverage.check(&name, fit.n as f64, expected, 0.0),
            "nevent" => coverage.check(&name, fit.events as f64, expected, 0.0),
            "terms" => coverage.check_that(&name, terms.len(), texts(expected) == terms),
            "coef" => check_list(coverage, &name, &of(|c| c.coefficient), expected, 1e-9),
            "exp_coef" => check_list(coverage, &name, &of(|c| c.hazard_ratio.value), expected, 1e-9),
            "se" => check_list(coverage, &name, &of(|c| c.standard_error), expected, 1e-9),
            "robust_se" if !robust => coverage.check_that(&name, 1, expected.is_null()),
            "robust_se" => {
                check_list(coverage, &name, &of(|c| c.robust_standard_error.unwrap_or(f64::NAN)), expected, 1e-9)
            }
            "z" => check_list(coverage, &name, &of(|c| c.z), expected, 1e-9),
            "p" => check_list(coverage, &name, &of(|c| c.p_value), expected, 1e-8),
            "ci_lower" => check_list(coverage, &name, &of(|c| c.interval.lower), expected, 1e-8),
            "ci_upper" => check_list(coverage, &name, &of(|c| c.interval.upper), expected, 1e-8),
            "hr_lower" => {
                check_list(coverage, &name, &of(|c| c.hazard_ratio.interval.as_ref().unwrap().lower), expected, 1e-9)
            }
            "hr_upper" => {
                check_list(coverage, &name, &of(|c| c.hazard_ratio.interval.as_ref().unwrap().upper), expected, 1e-9)
            }
            "var" => check_matrix(coverage, &name, fit.covariance.values(), expected, 1e-8),
            "loglik_null" => coverage.check(&name, fit.log_likelihood_null, expected, 1e-11),
            "loglik" => coverage.check(&name, fit.log_likelihood, expected, 1e-11),
            "aic" => coverage.check(&name, fit.akaike(), expected, 1e-11),
            "bic" => coverage.check(&name, fit.bayesian(), expected, 1e-11),
            "lr" => check_list(coverage, &name, &tests(&fit.likelihood_ratio), expected, 1e-8),
            // R rounds this statistic to two digits, but not its P-value.
            "wald" => {
                let mut values = tests(fit.wald.as_ref().expect("defined on these data"));
                values[0] = (values[0] * 100.0).round() / 100.0;
                check_list(coverage, &name, &values, expected, 1e-8);
            }
            "score" => check_list(coverage, &name, &tests(&fit.score), expected, 1e-8),
            "robust_score" => match &fit.robust_score {
                Some(test) => check_list(coverage, &name, &tests(test), expected, 1e-8),
                None => coverage.check_that(&name, 1, expected.is_null()),
            },
            "iter" => coverage.check(&name, fit.iterations as f64, expected, 0.0),
            "means" => check_list(coverage, &name, &fit.means, expected, 1e-12),
            "method" => {
                let method = match fit.ties {
                    Ties::Efron => "efron",
                    Ties::Breslow => "breslow",
                    Ties::ExactPartial => "exact",
                    Ties::ExactMarginal => "",
                };
                coverage.check_that(&name, 1, expected == method);
            }
            "concordance" => {
                let ours = concordance_of(input, fit);
                check_list(coverage, &name, &[ours.c.value, ours.c.standard_error.unwrap()], expected, 1e-11);
            }
            _ => panic!("{name} is not known to this test"),
        }
    }
}

/// Values by rows against a matrix of the reference.
fn check_matrix(coverage: &mut Coverage, what: &str, ours: &[f64], reference: &Value, relative: f64) {
    let rows: Vec<&Value> =
        reference["data"].as_array().unwrap().iter().flat_map(|row| row.as_array().unwrap()).collect();
    if rows.len() != ours.len() {
        coverage.check_that(&format!("{what}: {} values, reference {}", ours.len(), rows.len()), rows.len(), false);
        return;
    }
    for (index, (value, expected)) in ours.iter().zip(rows).enumerate() {
        coverage.check_near(&format!("{what}[{index}]"), *value, expected, relative, 1e-14);
    }
}

/// The first rows of a residual matrix of the reference.
fn check_head(coverage: &mut Coverage, what: &str, ours: &Matrix, reference: &Value, relative: f64) {
    let rows = reference["data"].as_array().unwrap().len();
    check_matrix(coverage, what, &ours.values()[..rows * ours.columns()], reference, relative);
}

fn check_list_head(coverage: &mut Coverage, what: &str, ours: &[f64], reference: &Value, relative: f64) {
    check_list(coverage, what, &ours[..reference.as_array().unwrap().len()], reference, relative);
}

/// Concordance of the fitted linear predictor, offset included.
fn concordance_of(input: &CoxInput, fit: &CoxFit) -> Concordance {
    let mut risk = fit.linear_predictor(input.covariates).unwrap();
    for (value, offset) in risk.iter_mut().zip(input.offset.into_iter().flatten()) {
        *value += offset;
    }
    let input = ConcordanceInput {
        entry: input.entry,
        weight: input.weight,
        strata: input.strata,
        cluster: input.cluster,
        ..ConcordanceInput::new(input.time, input.event, &risk)
    };
    concordance(&input, &ConcordanceOptions::default()).unwrap()
}

fn check_proportional_hazards(
    coverage: &mut Coverage,
    what: &str,
    fit: &CoxFit,
    input: &CoxInput,
    groups: &[Vec<usize>],
    reference: &Value,
) {
    let transform = match what.rsplit('_').next().unwrap() {
        "km" => TimeTransform::KaplanMeier,
        "identity" => TimeTransform::Identity,
        "rank" => TimeTransform::Rank,
        _ => TimeTransform::Log,
    };
    let test = fit.proportional_hazards_test(input, transform, Some(groups)).unwrap();
    let rows = groups.iter().map(Vec::len).zip(&test.terms).chain([(fit.coefficients.len(), &test.global)]);
    let ours: Vec<f64> = rows.flat_map(|(df, test)| [statistic(test), df as f64, test.p_value]).collect();
    check_matrix(coverage, what, &ours, reference, 1e-7);
}

fn check_baseline(
    coverage: &mut Coverage,
    what: &str,
    baseline: &BaselineHazard,
    labels: &[String],
    reference: &Value,
    relative: f64,
) {
    let rows: Vec<_> =
        baseline.strata.iter().flat_map(|stratum| stratum.steps.iter().map(|step| (stratum.stratum, *step))).collect();
    coverage.check(&format!("{what}.n"), rows.len() as f64, &reference["n"], 0.0);
    let index: Vec<usize> =
        reference["index"].as_array().unwrap().iter().map(|index| index.as_u64().unwrap() as usize - 1).collect();
    coverage.check_that(&format!("{what}.index"), index.len(), index.iter().all(|index| *index < rows.len()));
    let of = |value: fn(&HazardStep) -> f64| index.iter().map(|index| value(&rows[*index].1)).collect::<Vec<f64>>();
    check_list(coverage, what, &of(|step| step.cumulative_hazard), &reference["hazard"], relative);
    check_list(coverage, what, &of(|step| step.time), &reference["time"], 0.0);
    if let Some(strata) = reference.get("strata") {
        let ours: Vec<String> = index.iter().map(|index| labels[rows[*index].0].clone()).collect();
        coverage.check_that(&format!("{what}.strata"), ours.len(), texts(strata) == ours);
    }
}

fn check_predicted(coverage: &mut Coverage, what: &str, fit: &CoxFit, input: &CoxInput, reference: &Value) {
    let times = floats(&reference["time"].as_array().unwrap().iter().map(Value::to_string).collect::<Vec<_>>());
    coverage.check_that(&format!("{what}.strata"), 1, reference["strata"].is_null());
    let subjects: Vec<_> = (0..2)
        .map(|row| {
            let covariates: Vec<f64> = input.covariates.iter().map(|column| column[row]).collect();
            fit.predicted_survival(input, &covariates, 0).unwrap()
        })
        .collect();
    let steps = fit.baseline_hazard(input, BaselineAt::Means).unwrap().strata.remove(0).steps;
    let between = |index: usize, value: fn(&HazardStep) -> f64| {
        let after = if index == 0 { f64::NEG_INFINITY } else { times[index - 1] };
        steps.iter().filter(|step| step.time > after && step.time <= times[index]).map(value).sum::<f64>()
    };
    for (index, time) in times.iter().enumerate() {
        let at_risk = steps.iter().find(|step| step.time >= *time).map_or(0.0, |step| step.at_risk);
        coverage.check(&format!("{what}.time"), *time, &reference["time"][index], 0.0);
        coverage.check(&format!("{what}.n.risk"), at_risk, &reference["n.risk"][index], 0.0);
        coverage.check(
            &format!("{what}.n.event"),
            between(index, |step| step.events),
            &reference["n.event"][index],
            0.0,
        );
        let censored = between(index, |step| step.censored);
        coverage.check(&format!("{what}.n.censor"), censored, &reference["n.censor"][index], 0.0);
        for (subject, predicted) in subjects.iter().enumerate() {
            let estimate = predicted.at(*time);
            let interval = estimate.interval.unwrap();
            let at = |key: &str| reference[key]["data"][index][subject].clone();
            let hazard = predicted.steps.iter().rev().find(|step| step.time <= *time).unwrap().cumulative_hazard;
            coverage.check(&format!("{what}.surv"), estimate.value, &at("surv"), 1e-9);
            coverage.check(&format!("{what}.std.err"), estimate.standard_error.unwrap(), &at("std.err"), 1e-8);
            coverage.check(&format!("{what}.lower"), interval.lower, &at("lower"), 1e-9);
            coverage.check(&format!("{what}.upper"), interval.upper, &at("upper"), 1e-9);
            coverage.check(&format!("{what}.cumhaz"), hazard, &at("cumhaz"), 1e-9);
        }
    }
}

fn names(data: &Data, terms: &[usize]) -> Vec<String> {
    terms.iter().map(|term| data.terms[*term].name.clone()).collect()
}

fn check_stepwise(coverage: &mut Coverage, what: &str, data: &Data, input: &CoxInput, reference: &Value) {
    let direction = match what {
        _ if what.ends_with("forward") => Direction::Forward,
        _ if what.ends_with("both") => Direction::Both,
        _ => Direction::Backward,
    };
    let criterion = if what.contains("bic") { Criterion::Bayesian } else { Criterion::Akaike };
    let options = reference_options(Ties::Efron);
    let selection = stepwise(input, &data.groups(), direction, criterion, &options).unwrap();
    let last = selection.path.last().unwrap().value;
    let final_terms = texts(&reference["final_terms"]);
    // A model that starts full is named by R in the order of its formula.
    coverage.check_that(
        &format!("{what}.final_terms"),
        final_terms.len(),
        names(data, &selection.terms) == final_terms,
    );
    // extractAIC of a fit always counts 2 per coefficient, whatever the penalty of the search was.
    coverage.check(&format!("{what}.final_aic"), selection.fit.akaike(), &reference["final_aic"], 1e-11);
    assert!(criterion == Criterion::Bayesian || last == selection.fit.akaike());
    let path = reference["path"].as_array().unwrap();
    coverage.check_that(&format!("{what}.path"), 0, path.len() == selection.path.len());
    for (step, expected) in selection.path.iter().zip(path) {
        let label = match step.made {
            Move::Start => String::new(),
            Move::Drop(term) => format!("- {}", data.terms[term].name),
            Move::Add(term) => format!("+ {}", data.terms[term].name),
        };
        coverage.check_that(&format!("{what}.step {label}"), 1, expected["step"] == label.as_str());
        coverage.check(&format!("{what}.aic {label}"), step.value, &expected["aic"], 1e-11);
    }
}

fn check_backward(coverage: &mut Coverage, what: &str, data: &Data, input: &CoxInput, reference: &Value) {
    let threshold = number(&reference["threshold"]).unwrap();
    let options = reference_options(Ties::Efron);
    let selection = backward_by_p(input, &data.groups(), threshold, TermTest::LikelihoodRatio, &options).unwrap();
    coverage.check_that(what, 1, what.contains(&format!("_{threshold}_")));
    coverage.check_that(what, 1, reference["criterion"] == "likelihood-ratio test of dropping the term");
    let final_terms = texts(&reference["final_terms"]);
    coverage.check_that(what, final_terms.len(), names(data, &selection.terms) == final_terms);
    let path = reference["path"].as_array().unwrap();
    coverage.check_that(what, 0, path.len() == selection.path.len());
    for (step, expected) in selection.path.iter().zip(path) {
        let dropped = matches!(step.made, Move::Drop(term) if expected["dropped"] == data.terms[term].name.as_str());
        coverage.check_that(what, 1, dropped);
        coverage.check(what, step.value, &expected["p"], 1e-7);
    }
}

/// A table whose first row is the full or the empty model, with NA where that row has no test.
fn check_term_table(
    coverage: &mut Coverage,
    what: &str,
    terms: &[String],
    columns: &[(&str, Vec<f64>)],
    reference: &Value,
) {
    coverage.check_that(&format!("{what}.term"), terms.len(), texts(&reference["term"]) == terms);
    for (key, ours) in columns {
        check_list(coverage, &format!("{what}.{key}"), ours, &reference[*key], 1e-7);
    }
}

/// The fits of the case "lung" that name their own model.
fn check_named_fit(coverage: &mut Coverage, what: &str, key: &str, data: &Data, reference: &Value) {
    let numbers = |data: &Data, name: &str| floats(&data.raw[name]);
    let ties = if key.starts_with("breslow") { Ties::Breslow } else { Ties::Efron };
    let mut options = reference_options(ties);
    let kept: Vec<usize> =
        (0..data.time.len()).filter(|row| key != "cluster_inst" || !data.raw["inst"][*row].is_empty()).collect();
    let data = data.keep(&kept);
    let (age, sex) = (numbers(&data, "age"), numbers(&data, "sex"));
    let weight: Vec<f64> = age.iter().map(|age| 1.0 + age % 3.0).collect();
    let cluster: Vec<usize> = floats(&data.raw["inst"]).iter().map(|inst| *inst as usize).collect();
    let offset: Vec<f64> = age.iter().map(|age| 0.02 * age).collect();
    let columns: Vec<&[f64]> = if key == "offset" { vec![&sex] } else { vec![&age, &sex] };
    let mut input = data.input(&columns);
    match key {
        "weights" | "breslow_weights" => input.weight = Some(&weight),
        "cluster_inst" => input.cluster = Some(&cluster),
        "robust" => options.robust = true,
        _ => input.offset = Some(&offset),
    }
    let fit = cox(&input, &options).unwrap();
    check_fit(coverage, what, &fit, &input, reference, &texts(&reference["terms"]));
}

fn centred_by(values: &[f64], strata: &[usize]) -> Vec<f64> {
    let mean = |stratum: usize| {
        let own: Vec<f64> =
            values.iter().zip(strata).filter(|(_, other)| **other == stratum).map(|(v, _)| *v).collect();
        own.iter().sum::<f64>() / own.len() as f64
    };
    let means: Vec<f64> = (0..=*strata.iter().max().unwrap()).map(mean).collect();
    values.iter().zip(strata).map(|(value, stratum)| value - means[*stratum]).collect()
}

#[test]
fn cox_r() {
    let document = topic("06_cox.json");
    let mut coverage = Coverage::of("06_cox", &document);
    for case in document["cases"].as_array().unwrap() {
        let id = case["id"].as_str().unwrap();
        let data = load(case);
        let columns = data.columns();
        let groups = data.groups();
        let input = data.input(&columns);
        let efron = cox(&input, &reference_options(Ties::Efron)).unwrap();
        let breslow = cox(&input, &reference_options(Ties::Breslow)).unwrap();
        let residuals = efron.residuals(&input).unwrap();
        for (key, expected) in case["values"].as_object().unwrap() {
            let what = format!("{id}.{key}");
            let coverage = &mut coverage;
            match key.as_str() {
                "efron" => check_fit(coverage, &what, &efron, &input, expected, &data.coefficient_names()),
                "breslow" => check_fit(coverage, &what, &breslow, &input, expected, &data.coefficient_names()),
                "exact" => {
                    let fit = cox(&input, &reference_options(Ties::ExactPartial)).unwrap();
                    check_fit(coverage, &what, &fit, &input, expected, &data.coefficient_names());
                }
                "zph_breslow_km" => check_proportional_hazards(coverage, &what, &breslow, &input, &groups, expected),
                _ if key.starts_with("zph") => {
                    check_proportional_hazards(coverage, &what, &efron, &input, &groups, expected)
                }
                "schoenfeld_head" => {
                    check_head(coverage, &what, &residuals.schoenfeld.residual, expected, 1e-8);
                }
                "scaled_schoenfeld_head" => {
                    check_head(coverage, &what, &residuals.schoenfeld.scaled, expected, 1e-8);
                }
                "dfbeta_head" => check_head(coverage, &what, &residuals.dfbeta, expected, 1e-8),
                "score_residual_head" => check_head(coverage, &what, &residuals.score, expected, 1e-8),
                "martingale_head" => check_list_head(coverage, &what, &residuals.martingale, expected, 1e-9),
                "deviance_head" => check_list_head(coverage, &what, &residuals.deviance, expected, 1e-8),
                "expected_head" => check_list_head(coverage, &what, &residuals.expected, expected, 1e-9),
                "linear_predictor_head" => {
                    // With strata, R centres by default at the means of each stratum.
                    let ours = match &data.strata {
                        Some(strata) => centred_by(&efron.linear_predictor_uncentred(&columns).unwrap(), strata),
                        None => efron.linear_predictor(&columns).unwrap(),
                    };
                    check_list_head(coverage, &what, &ours, expected, 1e-9);
                }
                "lp_uncentred_head" => {
                    let ours = efron.linear_predictor_uncentred(&columns).unwrap();
                    check_list_head(coverage, &what, &ours, expected, 1e-9);
                }
                "concordance" => {
                    let ours = concordance_of(&input, &efron);
                    coverage.check(&what, ours.c.value, &expected["concordance"], 1e-12);
                    coverage.check(&what, ours.c.standard_error.unwrap(), &expected["se"], 1e-11);
                    coverage.check(&what, ours.c.n as f64, &expected["n"], 0.0);
                    for (count, value) in expected["counts"].as_object().unwrap() {
                        let ours = match count.as_str() {
                            "concordant" => ours.concordant,
                            "discordant" => ours.discordant,
                            "tied.x" => ours.tied_risk,
                            "tied.y" => ours.tied_time,
                            _ => ours.tied_both,
                        };
                        coverage.check(&format!("{what}.{count}"), ours, value, 0.0);
                    }
                }
                "basehaz_zero" | "basehaz_centered" | "basehaz_zero_breslow" => {
                    let at = if key == "basehaz_centered" { BaselineAt::Means } else { BaselineAt::Zero };
                    let fit = if key.ends_with("breslow") { &breslow } else { &efron };
                    let baseline = fit.baseline_hazard(&input, at).unwrap();
                    check_baseline(coverage, &what, &baseline, &data.stratum_labels, expected, 1e-9);
                }
                "univariable" => {
                    let fits = univariable(&input, &groups, &reference_options(Ties::Efron)).unwrap();
                    for ((term, columns), fit) in data.terms.iter().zip(&groups).zip(&fits) {
                        let covariates: Vec<&[f64]> = columns.iter().map(|column| input.covariates[*column]).collect();
                        let input = CoxInput { covariates: &covariates, ..input };
                        let what = format!("{what}.{}", term.name);
                        check_fit(coverage, &what, fit, &input, &expected[&term.name], &term.coefficient_names());
                    }
                }
                "univariable_p_0.1_then_multivariable" => {
                    let fits = univariable(&input, &groups, &reference_options(Ties::Efron)).unwrap();
                    for (term, fit) in data.terms.iter().zip(&fits) {
                        coverage.check(&what, fit.likelihood_ratio.p_value, &expected["lr_p"][&term.name], 1e-8);
                    }
                    let kept: Vec<usize> =
                        (0..fits.len()).filter(|term| fits[*term].likelihood_ratio.p_value < 0.1).collect();
                    let kept_names = names(&data, &kept);
                    coverage.check_that(&what, kept_names.len(), texts(&expected["kept"]) == kept_names);
                    let columns: Vec<&[f64]> =
                        kept.iter().flat_map(|term| data.terms[*term].columns.iter().map(Vec::as_slice)).collect();
                    let coefficients: Vec<String> =
                        kept.iter().flat_map(|term| data.terms[*term].coefficient_names()).collect();
                    let input = data.input(&columns);
                    let fit = cox(&input, &reference_options(Ties::Efron)).unwrap();
                    check_fit(coverage, &what, &fit, &input, &expected["fit"], &coefficients);
                }
                "drop1_lrt" => {
                    let drops = drop_each(&input, &groups, &reference_options(Ties::Efron)).unwrap();
                    let rows = |first: f64, of: &dyn Fn(&DroppedTerm) -> f64| {
                        std::iter::once(first).chain(drops.iter().map(of)).collect::<Vec<f64>>()
                    };
                    let terms: Vec<String> =
                        std::iter::once("<none>".to_string()).chain(names(&data, &data.all())).collect();
                    let columns = [
                        ("df", rows(f64::NAN, &|row| groups[row.term].len() as f64)),
                        ("aic", rows(efron.akaike(), &|row| row.akaike)),
                        ("lrt", rows(f64::NAN, &|row| statistic(&row.likelihood_ratio))),
                        ("p", rows(f64::NAN, &|row| row.likelihood_ratio.p_value)),
                    ];
                    check_term_table(coverage, &what, &terms, &columns, expected);
                }
                "anova" => {
                    let tests = sequential(&input, &groups, &reference_options(Ties::Efron)).unwrap();
                    let rows = |first: f64, of: &dyn Fn(&SequentialTerm) -> f64| {
                        std::iter::once(first).chain(tests.iter().map(of)).collect::<Vec<f64>>()
                    };
                    let terms: Vec<String> =
                        std::iter::once("NULL".to_string()).chain(names(&data, &data.all())).collect();
                    let columns = [
                        ("loglik", rows(efron.log_likelihood_null, &|row| row.log_likelihood)),
                        ("chisq", rows(f64::NAN, &|row| statistic(&row.likelihood_ratio))),
                        ("df", rows(f64::NAN, &|row| groups[row.term].len() as f64)),
                        ("p", rows(f64::NAN, &|row| row.likelihood_ratio.p_value)),
                    ];
                    check_term_table(coverage, &what, &terms, &columns, expected);
                }
                "survfit_first_two_patients" => check_predicted(coverage, &what, &efron, &input, expected),
                _ if key.starts_with("step") => check_stepwise(coverage, &what, &data, &input, expected),
                _ if key.starts_with("backward_p") => check_backward(coverage, &what, &data, &input, expected),
                "weights" | "breslow_weights" | "cluster_inst" | "robust" | "offset" => {
                    check_named_fit(coverage, &what, key, &data, expected);
                }
                _ => panic!("{what} is not known to this test"),
            }
        }
    }
    coverage.finish();
}

#[test]
fn cox_python() {
    let document = topic("06_cox_py.json");
    let mut coverage = Coverage::of("06_cox_py", &document);
    for case in document["cases"].as_array().unwrap() {
        let id = case["id"].as_str().unwrap();
        let time = case["columns"]["time"].as_str().unwrap();
        let event = case["columns"]["event"].as_str().unwrap().trim_end_matches("==2");
        let mut case = case.clone();
        case["columns"]["surv"] = Value::String(format!("Surv({time}, {event})"));
        let data = load(&case);
        let columns = data.columns();
        let input = data.input(&columns);
        for (key, expected) in case["values"].as_object().unwrap() {
            let what = format!("{id}.{key}");
            if key == "n" {
                coverage.check(&what, data.time.len() as f64, expected, 0.0);
                continue;
            }
            let ties = if key.ends_with("breslow") { Ties::Breslow } else { Ties::Efron };
            let fit = cox(&input, &CoxOptions { ties, ..CoxOptions::default() }).unwrap();
            for (name, value) in expected.as_object().unwrap() {
                let what = format!("{what}.{name}");
                let errors: Vec<f64> = fit.coefficients.iter().map(|c| c.standard_error).collect();
                match name.as_str() {
                    "terms" => coverage.check_that(&what, columns.len(), texts(value) == names(&data, &data.all())),
                    "coef" => check_list(&mut coverage, &what, &fit.beta(), value, 1e-8),
                    "se" => check_list(&mut coverage, &what, &errors, value, 1e-8),
                    "loglik" => coverage.check(&what, fit.log_likelihood, value, 1e-10),
                    // lifelines counts a subject censored at the time of an event as outliving it, as we do.
                    "concordance" => coverage.check(&what, concordance_of(&input, &fit).c.value, value, 1e-10),
                    _ => panic!("{what} is not known to this test"),
                }
            }
        }
    }
    coverage.finish();
}
