//! Calibration and overall performance of risks at a horizon, which the reference files leave out: values of R 4.2.2 with
//! survival 3.5-3, rms 6.5-0 and riskRegression 2022.11.28 on gbsg_external.csv, `h <- 1096; r <- risk3y`.

use super::survival_frame::{Frame, Times};
use vouch::stats::Orientation;
use vouch::stats::survival::brier_survival::{BrierOptions, brier_survival};
use vouch::stats::survival::survival_calibration::{RatioInterval, observed_expected_survival};
use vouch::stats::survival::survival_calibration_curve::survival_calibration_curve;
use vouch::stats::survival::survival_calibration_follow_up::{follow_up_calibration, follow_up_calibration_slope};
use vouch::stats::survival::time_dependent_auc::{TimeDependentAucOptions, time_dependent_auc};

const HORIZON: f64 = 1096.0;

struct Validation {
    times: Times,
    risk: Vec<f64>,
    lp: Vec<f64>,
}

impl Validation {
    fn read() -> Self {
        let frame = Frame::read("gbsg_external.csv");
        Self { times: frame.times("rfstime", "status"), risk: frame.value("risk3y"), lp: frame.value("lp") }
    }
}

fn assert_close(what: &str, ours: f64, theirs: f64, relative: f64) {
    assert!((ours - theirs).abs() <= relative * theirs.abs(), "{what}: ours {ours:e}, R {theirs:e}");
}

/// `s <- summary(survfit(Surv(rfstime, status) ~ 1), times = h)`: `(1 - s$surv) / mean(r)`, `s$n.event`, `s$std.err`.
#[test]
fn observed_over_expected() {
    let data = Validation::read();
    let result =
        observed_expected_survival(&data.times.data(), &data.risk, HORIZON, 0.95, RatioInterval::Events).unwrap();
    assert_close("O/E", result.ratio.value, 0.9184301740867323, 1e-12);
    assert_close("standard error of the risk", result.observed.standard_error.unwrap(), 0.019349827845303764, 1e-12);
    assert_eq!(result.events, 224.0);
}

/// `f <- coxph(Surv(rfstime, status) ~ rcs(log(-log(1 - r)), 3), ties = "efron")`,
/// `a <- abs(r - (1 - exp(-predict(f, type = "expected", newdata = transform(d, rfstime = h)))))`: its mean, median,
/// 90th percentile and maximum; and the knots of `rcs`.
#[test]
fn distances_from_the_smooth_curve() {
    let data = Validation::read();
    let curve = survival_calibration_curve(&data.times.data(), &data.risk, HORIZON).unwrap();
    assert_close("ICI", curve.ici, 0.039049328139137404, 1e-8);
    assert_close("E50", curve.e50, 0.0252582180969341, 1e-8);
    assert_close("E90", curve.e90, 0.08924529805226153, 1e-8);
    assert_close("Emax", curve.e_max, 0.10846301781497916, 1e-8);
    for (ours, theirs) in curve.knots.iter().zip([-1.253413083226155, -0.865013519937357, -0.114353567819038]) {
        assert_close("knot", *ours, theirs, 1e-12);
    }
}

/// `e <- (rfstime / 2500) * exp(0.8 * lp)`: `glm(status ~ offset(log(e)), poisson)`; with `lp8 <- 0.8 * lp`,
/// `glm(status ~ lp8 + offset(log(e) - lp8), poisson)`.
#[test]
fn calibration_over_the_whole_follow_up() {
    let data = Validation::read();
    let predictor: Vec<f64> = data.lp.iter().map(|lp| 0.8 * lp).collect();
    let expected: Vec<f64> =
        data.times.time.iter().zip(&predictor).map(|(time, predictor)| time / 2500.0 * predictor.exp()).collect();
    let result = follow_up_calibration(&data.times.event, &expected, 0.95).unwrap();
    assert_close("intercept", result.log_ratio.value, -0.24951324570283367, 1e-12);
    assert_close("its standard error", result.log_ratio.standard_error.unwrap(), 0.0578314931966232, 1e-10);
    let slope = follow_up_calibration_slope(&data.times.event, &expected, &predictor, 0.95).unwrap();
    assert_close("slope", slope.value, 1.313314646813952, 1e-10);
    assert_close("its standard error", slope.standard_error.unwrap(), 0.12685801212412232, 1e-9);
}

/// `Score(list(m = matrix(r)), Surv(rfstime, status) ~ 1, times = h, metrics = c("auc", "brier"), summary = "ipa",
/// cens.model = "km")`. Its standard errors take the censoring martingale's ties in another way.
#[test]
fn auc_brier_and_scaled_brier_of_risk_regression() {
    let data = Validation::read();
    let options = TimeDependentAucOptions::default();
    let data_of = data.times.data();
    let auc = time_dependent_auc(&data_of, &data.risk, Orientation::HigherIsRisk, &[HORIZON], &options).unwrap();
    assert_close("AUC", auc[0].auc.value, 0.733746473370683, 1e-12);
    assert_close("its standard error", auc[0].auc.standard_error.unwrap(), 0.0217328440031522, 1e-5);
    let brier = brier_survival(&data_of, &data.risk, HORIZON, &BrierOptions::default()).unwrap();
    assert_close("Brier", brier.brier.value, 0.196218158145687, 1e-12);
    assert_close("its standard error", brier.brier.standard_error.unwrap(), 0.00612734838023754, 2e-4);
    assert_close("null Brier", brier.null_brier, 0.229659426529903, 1e-12);
    assert_close("IPA", brier.scaled.unwrap(), 0.145612435289533, 1e-11);
}
