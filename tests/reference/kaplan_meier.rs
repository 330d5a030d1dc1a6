//! 04_km.json: R survival and survRM2.

use super::support::{Coverage, number, topic};
use super::survival_frame::{Frame, Times};
use serde_json::Value;
use vouch::stats::Estimate;
use vouch::stats::survival::follow_up::{follow_up, reverse_kaplan_meier};
use vouch::stats::survival::kaplan_meier::{
    KaplanMeier, KaplanMeierOptions, KaplanMeierStep, SurvivalInterval, kaplan_meier,
};
use vouch::stats::survival::nelson_aalen::{HazardTies, NelsonAalen, NelsonAalenOptions, nelson_aalen};
use vouch::stats::survival::restricted_mean::{
    Contrast, RestrictedMean, compare_restricted_means, restricted_mean, restricted_mean_of_curve,
};
use vouch::stats::survival::survival_quantile::quantile;

const CLOSED_FORM: f64 = 1e-10;

#[test]
fn every_value_of_04_km() {
    let document = topic("04_km.json");
    let mut coverage = Coverage::of("04_km", &document);
    for case in document["cases"].as_array().unwrap() {
        let frame = Frame::of(case);
        let id = case["id"].as_str().unwrap();
        for (name, values) in case["values"].as_object().unwrap() {
            let what = format!("{id} {name}");
            if id.starts_with("reverse_km") {
                check_reverse(&mut coverage, &what, name, &frame, case, values);
                continue;
            }
            let times = frame.surv(case["columns"]["surv"].as_str().unwrap());
            let labels = case["columns"]["group"].as_str().map(|column| Labels { column, of: frame.labels(column) });
            let tau = case["options"]["tau"].as_f64().unwrap();
            match name.as_str() {
                "survRM2" => check_comparison(&mut coverage, &what, &times, labels.unwrap(), tau, values),
                "table_rmst_tau" => check_table(&mut coverage, &what, &times, labels, tau, values),
                "nelson_aalen_fh_at_times" | "fleming_harrington_ctype2_at_times" => {
                    check_hazard_curve(&mut coverage, &what, name, &times, labels, values);
                }
                _ if name.starts_with("at_times") => check_at_times(&mut coverage, &what, name, &times, labels, values),
                _ if name.starts_with("quantiles") => {
                    check_quantiles(&mut coverage, &what, name, &times, labels, values)
                }
                _ if name.starts_with("every_time") => check_every_time(&mut coverage, &what, name, &times, values),
                _ => panic!("unknown value {what}"),
            }
        }
    }
    coverage.finish();
}

struct Labels<'a> {
    column: &'a str,
    of: Vec<String>,
}

/// The rows of a stratum that R names `column=label`; all rows where there is no stratum.
fn stratum(times: &Times, labels: &Option<Labels>, name: Option<&str>) -> Times {
    match (labels, name) {
        (Some(labels), Some(name)) => {
            let label = name.strip_prefix(&format!("{}=", labels.column)).unwrap();
            let rows: Vec<usize> = (0..labels.of.len()).filter(|row| labels.of[*row] == label).collect();
            times.rows(&rows)
        }
        _ => times.clone(),
    }
}

fn options(name: &str) -> KaplanMeierOptions {
    let interval = match name.rsplit_once("_ci90").map_or(name, |(name, _)| name).rsplit('_').next().unwrap() {
        "log" => SurvivalInterval::Log,
        "log-log" | "loglog" => SurvivalInterval::LogLog,
        "plain" => SurvivalInterval::Plain,
        "logit" => SurvivalInterval::Logit,
        "arcsin" => SurvivalInterval::Arcsine,
        other => panic!("unknown interval {other}"),
    };
    KaplanMeierOptions { level: if name.ends_with("_ci90") { 0.9 } else { 0.95 }, interval }
}

/// Number at risk, events since the time before, and so on: what `summary(survfit, times)` prints beside the estimate.
struct Counts<'a> {
    curve: &'a KaplanMeier,
    after: f64,
    time: f64,
}

impl Counts<'_> {
    fn check(&self, coverage: &mut Coverage, what: &str, values: &Value, i: usize) {
        let between = self.curve.steps.iter().filter(|step| step.time > self.after && step.time <= self.time);
        let (events, censored) = between.fold((0.0, 0.0), |sum, step| (sum.0 + step.events, sum.1 + step.censored));
        // With delayed entry R prints the number at risk at the next step, which counts those who enter in between;
        // without it that is the number at risk just before the time.
        let at_risk = match &self.curve.entries {
            None => self.curve.at_risk(self.time),
            Some(_) => self.curve.steps.iter().find(|step| step.time >= self.time).map_or(0.0, |step| step.at_risk),
        };
        coverage.check(&format!("{what} n.risk[{i}]"), at_risk, &values["n.risk"][i], 0.0);
        coverage.check(&format!("{what} n.event[{i}]"), events, &values["n.event"][i], 0.0);
        coverage.check(&format!("{what} n.censor[{i}]"), censored, &values["n.censor"][i], 0.0);
    }
}

fn check_estimate(coverage: &mut Coverage, what: &str, estimate: &Estimate, values: &Value, i: usize) {
    let limit = |upper: bool| {
        estimate.interval.as_ref().map_or(f64::NAN, |interval| if upper { interval.upper } else { interval.lower })
    };
    coverage.check(&format!("{what} surv[{i}]"), estimate.value, &values["surv"][i], CLOSED_FORM);
    let error = estimate.standard_error.unwrap_or(f64::NAN);
    coverage.check(&format!("{what} std.err[{i}]"), error, &values["std.err"][i], CLOSED_FORM);
    coverage.check(&format!("{what} lower[{i}]"), limit(false), &values["lower"][i], CLOSED_FORM);
    coverage.check(&format!("{what} upper[{i}]"), limit(true), &values["upper"][i], CLOSED_FORM);
}

fn check_at_times(
    coverage: &mut Coverage,
    what: &str,
    name: &str,
    times: &Times,
    labels: Option<Labels>,
    values: &Value,
) {
    let mut after = f64::NEG_INFINITY;
    coverage.check_that("stratum labels", strata_values(values), true);
    for (i, time) in values["time"].as_array().unwrap().iter().enumerate() {
        let time = time.as_f64().unwrap();
        let part = stratum(times, &labels, values["strata"][i].as_str());
        let curve = kaplan_meier(&part.data(), &options(name)).unwrap();
        let hazard = nelson_aalen(&part.data(), &NelsonAalenOptions::default()).unwrap();
        if i > 0 && values["strata"][i] != values["strata"][i - 1] {
            after = f64::NEG_INFINITY;
        }
        coverage.check_that("time asked for", 1, true);
        Counts { curve: &curve, after, time }.check(coverage, what, values, i);
        check_estimate(coverage, what, &curve.at(time), values, i);
        coverage.check(&format!("{what} cumhaz[{i}]"), hazard.at(time).value, &values["cumhaz"][i], CLOSED_FORM);
        after = time;
    }
}

fn strata_values(values: &Value) -> usize {
    values["strata"].as_array().map_or(1, Vec::len)
}

fn check_hazard_curve(
    coverage: &mut Coverage,
    what: &str,
    name: &str,
    times: &Times,
    labels: Option<Labels>,
    values: &Value,
) {
    let ties = if name.contains("ctype2") { HazardTies::FlemingHarrington } else { HazardTies::NelsonAalen };
    let mut after = f64::NEG_INFINITY;
    coverage.check_that("stratum labels", strata_values(values), true);
    for (i, time) in values["time"].as_array().unwrap().iter().enumerate() {
        let time = time.as_f64().unwrap();
        let part = stratum(times, &labels, values["strata"][i].as_str());
        let curve = kaplan_meier(&part.data(), &KaplanMeierOptions::default()).unwrap();
        let hazard = nelson_aalen(&part.data(), &NelsonAalenOptions { ties, ..Default::default() }).unwrap();
        if i > 0 && values["strata"][i] != values["strata"][i - 1] {
            after = f64::NEG_INFINITY;
        }
        coverage.check_that("time asked for", 1, true);
        Counts { curve: &curve, after, time }.check(coverage, what, values, i);
        check_estimate(coverage, what, &hazard.survival_at(time, SurvivalInterval::Log), values, i);
        coverage.check(&format!("{what} cumhaz[{i}]"), hazard.at(time).value, &values["cumhaz"][i], CLOSED_FORM);
        after = time;
    }
}

/// R's NA for a quantile that is not reached is infinity here.
fn reached(time: f64) -> f64 {
    if time.is_infinite() { f64::NAN } else { time }
}

fn check_quantiles(
    coverage: &mut Coverage,
    what: &str,
    name: &str,
    times: &Times,
    labels: Option<Labels>,
    values: &Value,
) {
    let rows = values["quantile"]["rownames"].as_array();
    for row in 0..rows.map_or(1, Vec::len) {
        let part = stratum(times, &labels, rows.map(|rows| rows[row].as_str().unwrap()));
        let curve = kaplan_meier(&part.data(), &options(name)).unwrap();
        check_quantile_row(coverage, what, &curve, |part, p| match rows {
            Some(_) => &values[part]["data"][row][p],
            None => &values[part][p],
        });
    }
}

fn check_quantile_row<'a>(
    coverage: &mut Coverage,
    what: &str,
    curve: &KaplanMeier,
    value: impl Fn(&str, usize) -> &'a Value,
) {
    let falls = |limit: fn(&KaplanMeierStep) -> Option<f64>| {
        let limits: Vec<f64> = curve.steps.iter().filter_map(limit).collect();
        limits.is_sorted_by(|earlier, later| later <= earlier)
    };
    for (i, p) in [0.25, 0.5, 0.75].into_iter().enumerate() {
        let estimate = quantile(curve, p).unwrap();
        let interval = estimate.interval.unwrap();
        coverage.check(&format!("{what} {p}"), reached(estimate.value), value("quantile", i), CLOSED_FORM);
        let mut check_limit = |part: &str, actual: f64, falls: bool| {
            let reference = value(part, i);
            if !falls && number(reference).unwrap_or(f64::INFINITY) != actual {
                coverage.not_covered(
                    "R's quantile() sorts a limit that rises again, so it is not the first crossing",
                    reference,
                );
            } else {
                coverage.check(&format!("{what} {p} {part}"), reached(actual), reference, CLOSED_FORM);
            }
        };
        check_limit("lower", interval.lower, falls(|step| step.lower));
        check_limit("upper", interval.upper, falls(|step| step.upper));
    }
}

fn check_every_time(coverage: &mut Coverage, what: &str, name: &str, times: &Times, values: &Value) {
    let curve = kaplan_meier(&times.data(), &options(name)).unwrap();
    let hazard: NelsonAalen = nelson_aalen(&times.data(), &NelsonAalenOptions::default()).unwrap();
    coverage.check(&format!("{what} n_times"), curve.steps.len() as f64, &values["n_times"], 0.0);
    for (i, index) in values["index"].as_array().unwrap().iter().enumerate() {
        coverage.check_that("index", 1, true);
        let index = index.as_u64().unwrap() as usize - 1;
        let (step, hazard) = (&curve.steps[index], &hazard.steps[index]);
        let mut check = |column: &str, actual: f64| {
            coverage.check(&format!("{what} {column}[{index}]"), actual, &values[column][i], CLOSED_FORM);
        };
        check("time", step.time);
        check("n.risk", step.at_risk);
        check("n.event", step.events);
        check("n.censor", step.censored);
        check("surv", step.survival);
        check("cumhaz", hazard.cumulative_hazard);
        check("std.chaz", hazard.standard_error);
        // As survfit stores it: of the logarithm; infinite where the survival is 0.
        check("std.err", step.standard_error.map_or(f64::INFINITY, |error| error / step.survival));
        check("lower", step.lower.unwrap_or(f64::NAN));
        check("upper", step.upper.unwrap_or(f64::NAN));
    }
}

fn check_table(coverage: &mut Coverage, what: &str, times: &Times, labels: Option<Labels>, tau: f64, values: &Value) {
    let Some(rows) = values["rownames"].as_array() else {
        check_table_row(coverage, what, times, tau, |column| &values[column]);
        return;
    };
    let columns = values["colnames"].as_array().unwrap();
    for (row, name) in rows.iter().enumerate() {
        let part = stratum(times, &labels, name.as_str());
        check_table_row(coverage, what, &part, tau, |column| {
            let index = columns.iter().position(|name| name == column).unwrap();
            &values["data"][row][index]
        });
    }
}

fn check_table_row<'a>(
    coverage: &mut Coverage,
    what: &str,
    times: &Times,
    tau: f64,
    value: impl Fn(&str) -> &'a Value,
) {
    let curve = kaplan_meier(&times.data(), &KaplanMeierOptions::default()).unwrap();
    let mut check = |column: &str, actual: f64| {
        coverage.check(&format!("{what} {column}"), actual, value(column), CLOSED_FORM);
    };
    check("records", curve.n as f64);
    check("n.max", curve.steps.iter().fold(0.0, |most, step| most.max(step.at_risk)));
    check("n.start", curve.steps[0].at_risk);
    check("events", curve.events as f64);
    let median = curve.median();
    let interval = median.interval.unwrap();
    check("median", reached(median.value));
    check("0.95LCL", reached(interval.lower));
    check("0.95UCL", reached(interval.upper));
    let mean = restricted_mean_of_curve(&curve, tau).unwrap().mean;
    check("rmean", mean.value);
    check("se(rmean)", mean.standard_error.unwrap());
}

fn check_comparison(coverage: &mut Coverage, what: &str, times: &Times, labels: Labels, tau: f64, values: &Value) {
    let arm = |index: usize| {
        let name = format!("{}={}", labels.column, values["arm_order"][index].as_str().unwrap());
        stratum(times, &Some(Labels { column: labels.column, of: labels.of.clone() }), Some(&name))
    };
    coverage.check_that("arm labels", 2, true);
    let (first, second) = (arm(0), arm(1));
    let comparison = compare_restricted_means(&first.data(), &second.data(), tau, 0.95).unwrap();
    assert_eq!(comparison.first, restricted_mean(&first.data(), tau, 0.95).unwrap());
    let mut check_arm = |name: &str, mean: &RestrictedMean| {
        for (row, estimate) in [&mean.mean, &mean.lost].into_iter().enumerate() {
            let interval = estimate.interval.as_ref().unwrap();
            let ours = [estimate.value, estimate.standard_error.unwrap(), interval.lower, interval.upper];
            for (column, actual) in ours.into_iter().enumerate() {
                let reference = &values[name]["data"][row][column];
                coverage.check(&format!("{what} {name}[{row}][{column}]"), actual, reference, CLOSED_FORM);
            }
        }
    };
    check_arm("arm0", &comparison.first);
    check_arm("arm1", &comparison.second);
    let mut check_contrast = |row: usize, contrast: &Contrast| {
        let interval = contrast.estimate.interval.as_ref().unwrap();
        let p_value = contrast.test.as_ref().unwrap().p_value;
        let ours = [contrast.estimate.value, interval.lower, interval.upper, p_value];
        for (column, actual) in ours.into_iter().enumerate() {
            let reference = &values["contrast"]["data"][row][column];
            coverage.check(&format!("{what} contrast[{row}][{column}]"), actual, reference, CLOSED_FORM);
        }
    };
    check_contrast(0, &comparison.difference);
    check_contrast(1, &comparison.ratio.unwrap());
    check_contrast(2, &comparison.ratio_lost.unwrap());
}

fn check_reverse(coverage: &mut Coverage, what: &str, name: &str, frame: &Frame, case: &Value, values: &Value) {
    let column = |name: &str| case["columns"][name].as_str().unwrap();
    let times = frame.times(column("time"), column("event"));
    match name {
        "median_time_of_the_censored" | "median_time" => {
            let result = follow_up(&times.data(), &KaplanMeierOptions::default()).unwrap();
            let ours = if name == "median_time" { result.observed } else { result.censored.unwrap() };
            coverage.check(what, ours, values, CLOSED_FORM);
        }
        _ => {
            let curve = reverse_kaplan_meier(&times.data(), &options(name)).unwrap();
            check_quantile_row(coverage, what, &curve, |part, p| &values[part][p]);
        }
    }
}
