//! 05_logrank.json (R survival) and 04_05_km_logrank_py.json (statsmodels, lifelines).

use super::support::{Coverage, topic};
use super::survival_frame::{Frame, Times};
use serde_json::Value;
use vouch::stats::NullDistribution;
use vouch::stats::multiplicity::{MultiplicityMethod, adjust};
use vouch::stats::survival::cox::{CoxInput, CoxOptions, Ties, cox};
use vouch::stats::survival::kaplan_meier::{KaplanMeierOptions, kaplan_meier};
use vouch::stats::survival::log_rank::{LogRank, LogRankWeight, log_rank, log_rank_pairwise, log_rank_trend};
use vouch::stats::survival::nelson_aalen::{NelsonAalenOptions, nelson_aalen};

const CLOSED_FORM: f64 = 1e-10;

/// A factor as numbers: the position of each row's label among `levels`.
fn codes(labels: &[String], levels: &[String]) -> Vec<usize> {
    labels.iter().map(|label| levels.iter().position(|level| level == label).unwrap()).collect()
}

/// The labels that occur, as R sorts them: punctuation comes before digits, and these before letters.
fn levels(labels: &[String]) -> Vec<String> {
    let mut levels = labels.to_vec();
    levels.sort_by_key(|label| label.chars().map(|sign| (sign.is_alphanumeric(), sign)).collect::<Vec<_>>());
    levels.dedup();
    levels
}

struct Case {
    id: String,
    times: Times,
    levels: Vec<String>,
    group: Vec<usize>,
    strata: Option<Vec<usize>>,
}

impl Case {
    fn run(&self, weight: LogRankWeight) -> LogRank {
        log_rank(&self.times.data(), &self.group, self.levels.len(), weight, self.strata.as_deref()).unwrap()
    }
}

fn rho(rho: f64) -> LogRankWeight {
    LogRankWeight::FlemingHarrington { rho, gamma: 0.0 }
}

/// The case as R reads it: rows whose group is missing are left out, and the levels are those of its `survdiff`.
fn r_case(case: &Value) -> Case {
    let frame = Frame::of(case);
    let column = case["columns"]["group"].as_str().unwrap();
    let times = frame.surv(case["columns"]["surv"].as_str().unwrap());
    let labels = frame.labels(column);
    let rows: Vec<usize> = (0..frame.len()).filter(|row| !labels[*row].is_empty()).collect();
    let labels: Vec<String> = rows.iter().map(|row| labels[*row].clone()).collect();
    let named = case["values"]["logrank"]["groups"].as_array().unwrap();
    let levels: Vec<String> = named
        .iter()
        .map(|name| name.as_str().unwrap().strip_prefix(&format!("{column}=")).unwrap().to_string())
        .collect();
    let strata = case["columns"]["strata"].as_str().map(|column| {
        let labels = frame.labels(column);
        codes(&labels, &self::levels(&labels))
    });
    Case {
        id: case["id"].as_str().unwrap().to_string(),
        times: times.rows(&rows),
        group: codes(&labels, &levels),
        levels,
        strata,
    }
}

#[test]
fn every_value_of_05_logrank() {
    let document = topic("05_logrank.json");
    let mut coverage = Coverage::of("05_logrank", &document);
    for case in document["cases"].as_array().unwrap() {
        let ours = r_case(case);
        for (name, values) in case["values"].as_object().unwrap() {
            let what = format!("{} {name}", ours.id);
            match name.as_str() {
                "logrank" => check_survdiff(&mut coverage, &what, &ours.run(LogRankWeight::LogRank), values),
                "peto_rho1" => check_survdiff(&mut coverage, &what, &ours.run(rho(1.0)), values),
                "rho_0.5" => check_survdiff(&mut coverage, &what, &ours.run(rho(0.5)), values),
                "trend" => check_trend(&mut coverage, &what, &ours, LogRankWeight::LogRank, values),
                "trend_rho1" => check_trend(&mut coverage, &what, &ours, rho(1.0), values),
                "pairwise_holm" => check_pairs(&mut coverage, &what, &ours, values),
                "cox_score_test_breslow" => check_cox_score(&mut coverage, &what, &ours, values),
                _ => panic!("unknown value {what}"),
            }
        }
    }
    coverage.finish();
}

fn check_survdiff(coverage: &mut Coverage, what: &str, ours: &LogRank, values: &Value) {
    coverage.check_that("group labels", ours.groups.len(), true);
    for (g, total) in ours.groups.iter().enumerate() {
        coverage.check(&format!("{what} n[{g}]"), total.n as f64, &values["n"][g], 0.0);
        // One value per group, or one per group and stratum.
        for (name, of) in [("observed", 0), ("expected", 1)] {
            let value = |group: &vouch::stats::survival::log_rank::LogRankGroup| [group.observed, group.expected][of];
            if values[name].is_array() {
                coverage.check(&format!("{what} {name}[{g}]"), value(total), &values[name][g], CLOSED_FORM);
            } else {
                for (s, stratum) in ours.strata.iter().enumerate() {
                    let reference = &values[name]["data"][g][s];
                    coverage.check(
                        &format!("{what} {name}[{g}][{s}]"),
                        value(&stratum.groups[g]),
                        reference,
                        CLOSED_FORM,
                    );
                }
            }
        }
        for (h, variance) in ours.variance[g].iter().enumerate() {
            coverage.check(&format!("{what} var[{g}][{h}]"), *variance, &values["var"]["data"][g][h], CLOSED_FORM);
        }
    }
    coverage.check(&format!("{what} chisq"), ours.test.statistic.unwrap(), &values["chisq"], CLOSED_FORM);
    let NullDistribution::ChiSquared { df } = ours.test.distribution else { panic!("{what}") };
    coverage.check(&format!("{what} df"), df, &values["df"], 0.0);
    coverage.check(&format!("{what} p"), ours.test.p_value, &values["p"], CLOSED_FORM);
}

fn check_trend(coverage: &mut Coverage, what: &str, ours: &Case, weight: LogRankWeight, values: &Value) {
    let scores: Vec<f64> = values["scores"].as_array().unwrap().iter().map(|score| score.as_f64().unwrap()).collect();
    let trend = log_rank_trend(&ours.times.data(), &ours.group, &scores, weight, ours.strata.as_deref()).unwrap();
    let z = trend.statistic.unwrap();
    coverage.check_that("scores", scores.len(), true);
    coverage.check(&format!("{what} z"), z, &values["z"], CLOSED_FORM);
    coverage.check(&format!("{what} chisq"), z * z, &values["chisq"], CLOSED_FORM);
    coverage.check(&format!("{what} p"), trend.p_value, &values["p"], CLOSED_FORM);
}

/// The log-rank test with Breslow's variance: the score test of a Cox model with an indicator per group but one.
fn check_cox_score(coverage: &mut Coverage, what: &str, ours: &Case, values: &Value) {
    let indicators: Vec<Vec<f64>> = (1..ours.levels.len())
        .map(|level| ours.group.iter().map(|group| f64::from(*group == level)).collect())
        .collect();
    let covariates: Vec<&[f64]> = indicators.iter().map(Vec::as_slice).collect();
    let input = CoxInput::new(&ours.times.time, &ours.times.event, &covariates);
    let score = cox(&input, &CoxOptions { ties: Ties::Breslow, ..Default::default() }).unwrap().score;
    coverage.check(what, score.statistic.unwrap(), &values[0], CLOSED_FORM);
    let NullDistribution::ChiSquared { df } = score.distribution else { panic!("{what}") };
    coverage.check(&format!("{what} df"), df, &values[1], 0.0);
    coverage.check(&format!("{what} p"), score.p_value, &values[2], CLOSED_FORM);
}

fn check_pairs(coverage: &mut Coverage, what: &str, ours: &Case, values: &Value) {
    let pairs =
        log_rank_pairwise(&ours.times.data(), &ours.group, ours.levels.len(), LogRankWeight::LogRank, None).unwrap();
    if values.is_null() {
        coverage.check_that(&format!("{what}: one pair"), 1, pairs.len() == 1);
        return;
    }
    for (i, pair) in pairs.iter().enumerate() {
        let name = format!("{} vs {}", ours.levels[pair.first], ours.levels[pair.second]);
        coverage.check_that(&format!("{what} {name}"), 1, values["pair"][i] == name);
        let p_value = pair.test.as_ref().unwrap().p_value;
        coverage.check(&format!("{what} {name}"), p_value, &values["p"][i], CLOSED_FORM);
    }
    let p_values: Vec<f64> = pairs.iter().map(|pair| pair.test.as_ref().unwrap().p_value).collect();
    for (name, method) in [("holm", MultiplicityMethod::Holm), ("BH", MultiplicityMethod::BenjaminiHochberg)] {
        for (i, adjusted) in adjust(&p_values, method).unwrap().into_iter().enumerate() {
            coverage.check(&format!("{what} {name}[{i}]"), adjusted, &values[name][i], CLOSED_FORM);
        }
    }
}

#[test]
fn every_value_of_04_05_km_logrank_py() {
    let document = topic("04_05_km_logrank_py.json");
    let mut coverage = Coverage::of("04_05_km_logrank_py", &document);
    for case in document["cases"].as_array().unwrap() {
        let column = |name: &str| case["columns"][name].as_str();
        let file = case["data"][0].as_str().unwrap();
        let frame = Frame::read(file);
        let labels = frame.labels(column("group").unwrap());
        let levels = levels(&labels);
        let ours = Case {
            id: case["id"].as_str().unwrap().to_string(),
            times: frame.times(column("time").unwrap(), column("event").unwrap()),
            group: codes(&labels, &levels),
            levels,
            strata: column("strata").map(|column| codes(&frame.labels(column), &self::levels(&frame.labels(column)))),
        };
        for (name, values) in case["values"].as_object().unwrap() {
            let what = format!("{} {name}", ours.id);
            let weight = match name.as_str() {
                "logrank" => LogRankWeight::LogRank,
                "gehan_breslow" => LogRankWeight::Gehan,
                "tarone_ware" => LogRankWeight::TaroneWare,
                "fleming_harrington_p1" => rho(1.0),
                "fleming_harrington_p0.5" => rho(0.5),
                "lifelines_median" => {
                    let curve = kaplan_meier(&ours.times.data(), &KaplanMeierOptions::default()).unwrap();
                    coverage.check(&what, curve.median().value, values, CLOSED_FORM);
                    continue;
                }
                "lifelines_nelson_aalen_last" => {
                    let hazard = nelson_aalen(&ours.times.data(), &NelsonAalenOptions::default()).unwrap();
                    coverage.check(&what, hazard.at(f64::MAX).value, values, CLOSED_FORM);
                    continue;
                }
                _ => panic!("unknown value {what}"),
            };
            let test = ours.run(weight).test;
            coverage.check(&format!("{what} chisq"), test.statistic.unwrap(), &values[0], CLOSED_FORM);
            // statsmodels takes the upper tail from 1: it is 0 where the P-value is below 1e-16.
            coverage.check_near(&format!("{what} p"), test.p_value, &values[1], CLOSED_FORM, 1e-15);
        }
    }
    coverage.finish();
}
