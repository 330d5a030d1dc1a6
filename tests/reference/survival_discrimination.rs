//! 09_survival_discrimination.json (R survival, timeROC, survAUC) and 09_survival_discrimination_py.json (scikit-survival).

use super::support::{Coverage, topic};
use super::survival_frame::{Frame, Times};
use serde_json::Value;
use vouch::stats::survival::brier_survival::{BrierOptions, integrated_brier};
use vouch::stats::survival::censoring_weights::CensoringSide;
use vouch::stats::survival::concordance::{
    Concordance, ConcordanceInput, ConcordanceOptions, TimeWeight, concordance, concordance_influence,
};
use vouch::stats::survival::concordance_difference::concordance_difference;
use vouch::stats::survival::cox::{CoxInput, CoxOptions, cox};
use vouch::stats::survival::gonen_heller::{TiedPredictors, gonen_heller};
use vouch::stats::survival::kaplan_meier::{KaplanMeierOptions, kaplan_meier};
use vouch::stats::survival::nelson_aalen::{NelsonAalenOptions, nelson_aalen};
use vouch::stats::survival::time_dependent_auc::{
    TimeDependentAucOptions, mean_time_dependent_auc, time_dependent_auc,
};
use vouch::stats::survival::uno_concordance::{UnoOptions, uno_concordance};
use vouch::stats::{NullDistribution, Orientation, Test};

const CLOSED_FORM: f64 = 1e-10;
/// Coefficients of an iterative fit, and what follows from them.
const FITTED: f64 = 1e-7;

struct Case {
    times: Times,
    lp: Vec<f64>,
    other: Option<Vec<f64>>,
    tau: f64,
    horizons: Vec<f64>,
}

impl Case {
    fn of(case: &Value, frame: &Frame, score: &str) -> Self {
        let column = |name: &str| case["columns"][name].as_str();
        Self {
            times: frame.times(column("time").unwrap(), column("event").unwrap()),
            lp: frame.value(column(score).unwrap()),
            other: column("lp2").map(|column| frame.value(column)),
            tau: case["options"]["tau"].as_f64().unwrap(),
            horizons: case["options"]["times"].as_array().unwrap().iter().map(|time| time.as_f64().unwrap()).collect(),
        }
    }

    fn input<'a>(&'a self, risk: &'a [f64]) -> ConcordanceInput<'a> {
        ConcordanceInput::new(&self.times.time, &self.times.event, risk)
    }

    fn harrell(&self, time_weight: TimeWeight, limit: Option<f64>) -> Concordance {
        concordance(&self.input(&self.lp), &ConcordanceOptions { time_weight, limit, ..Default::default() }).unwrap()
    }

    fn uno(&self, options: UnoOptions) -> Concordance {
        uno_concordance(&self.times.data(), &self.lp, Orientation::HigherIsRisk, &options).unwrap()
    }
}

#[test]
fn every_value_of_09_survival_discrimination() {
    let document = topic("09_survival_discrimination.json");
    let mut coverage = Coverage::of("09_survival_discrimination", &document);
    for case in document["cases"].as_array().unwrap() {
        let ours = Case::of(case, &Frame::of(case), "lp");
        for (name, values) in case["values"].as_object().unwrap() {
            let what = format!("{} {name}", case["id"].as_str().unwrap());
            let mut check = |result: Concordance| check_concordance(&mut coverage, &what, &result, values);
            match name.as_str() {
                "harrell" => check(ours.harrell(TimeWeight::Pairs, None)),
                "harrell_tau" => check(ours.harrell(TimeWeight::Pairs, Some(ours.tau))),
                "timewt_S" => check(ours.harrell(TimeWeight::Survival, None)),
                "uno_n_G2" => check(ours.uno(UnoOptions::default())),
                "uno_n_G2_tau" => check(ours.uno(UnoOptions { tau: Some(ours.tau), ..Default::default() })),
                "survAUC_UnoC_tau" => {
                    coverage.not_covered("survAUC steps its censoring curve row by row within tied times", values);
                }
                "gonen_heller" => {
                    let result = gonen_heller(&ours.lp, TiedPredictors::Zero).unwrap();
                    coverage.check(&what, result.value, values, CLOSED_FORM);
                }
                "calibration_slope" => check_slope(&mut coverage, &what, &ours, values),
                "timeROC_marginal" => check_time_roc(&mut coverage, &what, &ours, values),
                "compare_two_scores" => check_two_scores(&mut coverage, &what, &ours, values),
                _ => panic!("unknown value {what}"),
            }
        }
    }
    coverage.finish();
}

fn check_concordance(coverage: &mut Coverage, what: &str, ours: &Concordance, values: &Value) {
    let mut check = |name: &str, actual: f64, reference: &Value| {
        coverage.check_near(&format!("{what} {name}"), actual, reference, CLOSED_FORM, 1e-12);
    };
    check("concordance", ours.c.value, &values["concordance"]);
    check("se", ours.c.standard_error.unwrap(), &values["se"]);
    check("n", ours.c.n as f64, &values["n"]);
    check("concordant", ours.concordant, &values["counts"]["concordant"]);
    check("discordant", ours.discordant, &values["counts"]["discordant"]);
    check("tied.x", ours.tied_risk, &values["counts"]["tied.x"]);
    check("tied.y", ours.tied_time, &values["counts"]["tied.y"]);
    check("tied.xy", ours.tied_both, &values["counts"]["tied.xy"]);
}

fn check_time_roc(coverage: &mut Coverage, what: &str, ours: &Case, values: &Value) {
    let options = TimeDependentAucOptions { case_at_horizon: false, ..Default::default() };
    let results =
        time_dependent_auc(&ours.times.data(), &ours.lp, Orientation::HigherIsRisk, &ours.horizons, &options).unwrap();
    for (i, result) in results.iter().enumerate() {
        coverage.check(&format!("{what} times[{i}]"), result.horizon, &values["times"][i], 0.0);
        coverage.check(&format!("{what} AUC[{i}]"), result.auc.value, &values["AUC"][i], CLOSED_FORM);
        coverage.check(&format!("{what} cases[{i}]"), result.cases as f64, &values["cases"][i], 0.0);
        coverage.check(&format!("{what} survivors[{i}]"), result.controls as f64, &values["survivors"][i], 0.0);
        if !values["se"].is_null() {
            // timeROC's censoring martingale takes rows of one time one after the other, in the order in which they
            // stand: with ties its standard error is another one in each row order, and the fewer the rows the more so.
            let tolerance = if ours.lp.len() < 50 { 1e-3 } else { 3e-5 };
            let error = result.auc.standard_error.unwrap();
            coverage.check(&format!("{what} se[{i}]"), error, &values["se"][i], tolerance);
        }
    }
    if values["se"].is_null() {
        coverage.check_that("no standard error asked for", 1, true);
    }
}

fn check_two_scores(coverage: &mut Coverage, what: &str, ours: &Case, values: &Value) {
    let influence = |risk: &[f64]| concordance_influence(&ours.input(risk), &ConcordanceOptions::default()).unwrap();
    let scores = [influence(&ours.lp), influence(ours.other.as_ref().unwrap())];
    for (i, score) in scores.iter().enumerate() {
        let reference = &values["concordance"][i];
        coverage.check(&format!("{what} concordance[{i}]"), score.concordance.c.value, reference, CLOSED_FORM);
        for (j, other) in scores.iter().enumerate() {
            let covariance: f64 = score.influence.iter().zip(&other.influence).map(|(a, b)| a * b).sum();
            coverage.check(&format!("{what} var[{i}][{j}]"), covariance, &values["var"]["data"][i][j], CLOSED_FORM);
        }
    }
    let other = ours.other.as_ref().unwrap();
    let compared = concordance_difference(&ours.input(&ours.lp), other, &ConcordanceOptions::default()).unwrap();
    let (difference, test) = (compared.difference, compared.test.unwrap());
    coverage.check(&format!("{what} difference"), difference.value, &values["difference"], CLOSED_FORM);
    coverage.check(&format!("{what} se"), difference.standard_error.unwrap(), &values["se"], CLOSED_FORM);
    coverage.check(&format!("{what} z"), test.statistic.unwrap(), &values["z"], CLOSED_FORM);
    coverage.check(&format!("{what} p"), test.p_value, &values["p"], CLOSED_FORM);
}

fn check_slope(coverage: &mut Coverage, what: &str, ours: &Case, values: &Value) {
    let covariates = [ours.lp.as_slice()];
    let fit = cox(&CoxInput::new(&ours.times.time, &ours.times.event, &covariates), &CoxOptions::default()).unwrap();
    let slope = &fit.coefficients[0];
    let hazard_ratio = slope.hazard_ratio.interval.as_ref().unwrap();
    // That of the model's prediction, which falls with the score where the slope is negative.
    let predicted = fit.linear_predictor(&covariates).unwrap();
    let c = concordance(&ours.input(&predicted), &ConcordanceOptions::default()).unwrap().c;
    for (name, values) in values.as_object().unwrap() {
        let actual = match name.as_str() {
            "n" => fit.n as f64,
            "nevent" => fit.events as f64,
            "coef" => slope.coefficient,
            "exp_coef" => slope.hazard_ratio.value,
            "se" => slope.standard_error,
            "z" => slope.z,
            "p" => slope.p_value,
            "ci_lower" => slope.interval.lower,
            "ci_upper" => slope.interval.upper,
            "hr_lower" => hazard_ratio.lower,
            "hr_upper" => hazard_ratio.upper,
            "loglik_null" => fit.log_likelihood_null,
            "loglik" => fit.log_likelihood,
            "aic" => fit.akaike(),
            "bic" => fit.bayesian(),
            "means" => fit.means[0],
            "var" => {
                coverage.check(&format!("{what} var"), fit.covariance.get(0, 0), &values["data"][0][0], FITTED);
                continue;
            }
            "lr" => {
                check_test(coverage, &format!("{what} lr"), &fit.likelihood_ratio, values, FITTED);
                continue;
            }
            "score" => {
                check_test(coverage, &format!("{what} score"), &fit.score, values, FITTED);
                continue;
            }
            "wald" => {
                // R rounds this statistic to two decimals.
                let rounded = (fit.wald.as_ref().unwrap().statistic.unwrap() * 100.0).round() / 100.0;
                coverage.check(&format!("{what} wald"), rounded, &values[0], 1e-12);
                coverage.check_that("degrees of freedom", 1, true);
                coverage.check(&format!("{what} wald p"), fit.wald.as_ref().unwrap().p_value, &values[2], FITTED);
                continue;
            }
            "concordance" => {
                coverage.check(&format!("{what} concordance"), c.value, &values[0], CLOSED_FORM);
                coverage.check(&format!("{what} se"), c.standard_error.unwrap(), &values[1], CLOSED_FORM);
                continue;
            }
            "robust_se" | "robust_score" => {
                coverage.check_that("not a robust fit", 1, values.is_null());
                continue;
            }
            "terms" | "method" => {
                coverage.check_that("a label", 1, true);
                continue;
            }
            "iter" => {
                coverage.not_covered("number of iterations: internal of the package", values);
                continue;
            }
            _ => panic!("unknown value {what} {name}"),
        };
        let reference = if values.is_array() { &values[0] } else { values };
        coverage.check(&format!("{what} {name}"), actual, reference, FITTED);
    }
}

fn check_test(coverage: &mut Coverage, what: &str, test: &Test, values: &Value, relative: f64) {
    let NullDistribution::ChiSquared { df } = test.distribution else { panic!("{what}") };
    coverage.check(what, test.statistic.unwrap(), &values[0], relative);
    coverage.check(&format!("{what} df"), df, &values[1], 0.0);
    coverage.check(&format!("{what} p"), test.p_value, &values[2], relative);
}

#[test]
fn every_value_of_09_survival_discrimination_py() {
    let document = topic("09_survival_discrimination_py.json");
    let mut coverage = Coverage::of("09_survival_discrimination_py", &document);
    for case in document["cases"].as_array().unwrap() {
        let ours = Case::of(case, &Frame::read(case["data"][0].as_str().unwrap()), "score");
        let values = &case["values"];
        let id = case["id"].as_str().unwrap();

        check_pairs(
            &mut coverage,
            &format!("{id} harrell"),
            &ours.harrell(TimeWeight::Pairs, None),
            &ours,
            &values["harrell"],
        );
        // Its counts are those of the unweighted pairs, whatever tau is.
        let options = UnoOptions { censoring: CensoringSide::At, event_at_tau: false, ..Default::default() };
        check_pairs(&mut coverage, &format!("{id} uno"), &ours.uno(options), &ours, &values["uno_ipcw"]);
        let with_tau = ours.uno(UnoOptions { tau: Some(ours.tau), ..options });
        check_pairs(&mut coverage, &format!("{id} uno tau"), &with_tau, &ours, &values["uno_ipcw_tau"]);

        let options = TimeDependentAucOptions { censoring: CensoringSide::At, ..Default::default() };
        let (data, orientation) = (ours.times.data(), Orientation::HigherIsRisk);
        let results = time_dependent_auc(&data, &ours.lp, orientation, &ours.horizons, &options).unwrap();
        let reference = &values["cumulative_dynamic_auc"];
        for (i, result) in results.iter().enumerate() {
            coverage.check(&format!("{id} time[{i}]"), result.horizon, &reference["times"][i], 0.0);
            coverage.check(&format!("{id} auc[{i}]"), result.auc.value, &reference["auc"][i], CLOSED_FORM);
        }
        let mean = mean_time_dependent_auc(&data, &ours.lp, orientation, &ours.horizons, &options).unwrap();
        coverage.check(&format!("{id} mean auc"), mean, &reference["mean_auc"], CLOSED_FORM);
        check_brier(&mut coverage, id, &ours, values);
    }
    coverage.finish();
}

/// `[C, concordant, discordant, tied_risk, tied_time]`, the counts unweighted and without limit.
fn check_pairs(coverage: &mut Coverage, what: &str, ours: &Concordance, case: &Case, values: &Value) {
    let pairs = case.harrell(TimeWeight::Pairs, None);
    coverage.check(what, ours.c.value, &values[0], CLOSED_FORM);
    coverage.check(&format!("{what} concordant"), pairs.concordant, &values[1], 0.0);
    coverage.check(&format!("{what} discordant"), pairs.discordant, &values[2], 0.0);
    coverage.check(&format!("{what} tied risk"), pairs.tied_risk, &values[3], 0.0);
    // Its tied_time counts pairs of an event and a censoring at one time.
    let curve = kaplan_meier(&case.times.data(), &KaplanMeierOptions::default()).unwrap();
    let tied_time: f64 = curve.steps.iter().map(|step| step.events * step.censored).sum();
    coverage.check(&format!("{what} tied time"), tied_time, &values[4], 0.0);
}

fn check_brier(coverage: &mut Coverage, id: &str, ours: &Case, values: &Value) {
    let n = ours.lp.len() as f64;
    let mean = ours.lp.iter().sum::<f64>() / n;
    let deviation = (ours.lp.iter().map(|lp| (lp - mean).powi(2)).sum::<f64>() / n).sqrt();
    let hazard = nelson_aalen(&ours.times.data(), &NelsonAalenOptions::default()).unwrap();
    let mut risks: Vec<Vec<f64>> = Vec::new();
    for (k, horizon) in ours.horizons.iter().enumerate() {
        let hazard = hazard.at(*horizon).value;
        coverage.check(&format!("{id} H[{k}]"), hazard, &values["nelson_aalen_H"][k], CLOSED_FORM);
        let survival = |lp: &f64| (-hazard * (0.5 * (lp - mean) / deviation).exp()).exp();
        for (row, head) in values["predicted_survival_head"].as_array().unwrap().iter().enumerate() {
            coverage.check(&format!("{id} P[{row}][{k}]"), survival(&ours.lp[row]), &head[k], CLOSED_FORM);
        }
        risks.push(ours.lp.iter().map(|lp| 1.0 - survival(lp)).collect());
    }
    let risks: Vec<&[f64]> = risks.iter().map(Vec::as_slice).collect();
    let options = BrierOptions { censoring: CensoringSide::At, ..Default::default() };
    let result = integrated_brier(&ours.times.data(), &risks, &ours.horizons, &options).unwrap();
    for (k, at) in result.at.iter().enumerate() {
        coverage.check(&format!("{id} brier[{k}]"), at.brier.value, &values["brier"][k], CLOSED_FORM);
    }
    coverage.check(&format!("{id} integrated"), result.integrated, &values["integrated_brier"], CLOSED_FORM);
}
