//! Competing risks, which the reference files leave out: values of R 4.2.2 with survival 3.5-3 and cmprsk 2.2-11 on
//! rotterdam.csv, cause 1 recurrence, cause 2 death without recurrence:
//!
//! ```r
//! d$cause <- ifelse(d$recur == 1, 1, ifelse(d$death == 1, 2, 0)); d$t <- ifelse(d$recur == 1, d$rtime, d$dtime)
//! X <- cbind(d$age, as.integer(d$nodes > 0), as.integer(d$grade == 3), d$hormon)
//! ```

use super::survival_frame::Frame;
use vouch::stats::survival::aalen_johansen::{AalenJohansenOptions, aalen_johansen};
use vouch::stats::survival::competing_risks::CompetingRisksData;
use vouch::stats::survival::fine_gray::{CensoringTies, FineGrayOptions, fine_gray};
use vouch::stats::survival::gray::gray;

struct Rotterdam {
    time: Vec<f64>,
    cause: Vec<usize>,
    size: Vec<usize>,
    hormon: Vec<usize>,
    covariates: [Vec<f64>; 4],
}

impl Rotterdam {
    fn read() -> Self {
        let frame = Frame::read("rotterdam.csv");
        let (recur, death) = (frame.value("recur"), frame.value("death"));
        let (recurrence_time, death_time) = (frame.value("rtime"), frame.value("dtime"));
        let rows = 0..frame.len();
        let indicator = |expression: &str| frame.value(expression);
        Self {
            time: rows
                .clone()
                .map(|row| if recur[row] == 1.0 { recurrence_time[row] } else { death_time[row] })
                .collect(),
            cause: rows.map(|row| if recur[row] == 1.0 { 1 } else { 2 * usize::from(death[row] == 1.0) }).collect(),
            size: frame
                .labels("size")
                .iter()
                .map(|label| ["<=20", "20-50", ">50"].iter().position(|level| level == label).unwrap())
                .collect(),
            hormon: frame.value("hormon").iter().map(|value| usize::from(*value == 1.0)).collect(),
            covariates: [frame.value("age"), indicator("nodes > 0"), indicator("grade == 3"), frame.value("hormon")],
        }
    }

    fn data(&self) -> CompetingRisksData<'_> {
        CompetingRisksData::new(&self.time, &self.cause, 2)
    }
}

fn assert_close(what: &str, ours: &[f64], theirs: &[f64], relative: f64) {
    for (i, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
        assert!((ours - theirs).abs() <= relative * theirs.abs(), "{what}[{i}]: ours {ours:e}, R {theirs:e}");
    }
}

/// `m <- survfit(Surv(t, factor(cause, 0:2)) ~ 1, d); summary(m, times = c(365, 1826, 3652))`: `pstate`, `std.err`.
#[test]
fn cumulative_incidence_of_survfit() {
    let rotterdam = Rotterdam::read();
    let curves = aalen_johansen(&rotterdam.data(), &AalenJohansenOptions::default()).unwrap();
    let incidence = [
        [0.08464638100449429, 0.40013045651380397, 0.5386871972894951],
        [0.004364414834468598, 0.03201035648514661, 0.06572217983433598],
    ];
    let error = [
        [0.005101623956629791, 0.009032350351372776, 0.010163737649325972],
        [0.0012078280435358234, 0.0032489822295784275, 0.005090188899129349],
    ];
    for (k, curve) in curves.iter().enumerate() {
        let at = [365.0, 1826.0, 3652.0].map(|time| curve.at(time));
        assert_close("incidence", &at.clone().map(|at| at.value), &incidence[k], 1e-12);
        assert_close("standard error", &at.map(|at| at.standard_error.unwrap()), &error[k], 1e-10);
    }
}

/// `cuminc(d$t, d$cause, group, strata, rho)$Tests[, "stat"]`.
#[test]
fn gray_tests_of_cuminc() {
    let rotterdam = Rotterdam::read();
    let statistic = |cause: usize, group: &[usize], count: usize, rho: f64, strata: Option<&[usize]>| {
        gray(&rotterdam.data(), cause, group, count, rho, strata).unwrap().test.statistic.unwrap()
    };
    let size = [1, 2].map(|cause| statistic(cause, &rotterdam.size, 3, 0.0, None));
    assert_close("size", &size, &[171.57433850760893, 10.294567781333935], 1e-11);
    let hormon = [1, 2].map(|cause| statistic(cause, &rotterdam.hormon, 2, 0.0, None));
    assert_close("hormon", &hormon, &[7.344510375321757, 2.9896254097226214], 1e-11);
    let stratified = [1, 2].map(|cause| statistic(cause, &rotterdam.hormon, 2, 0.0, Some(&rotterdam.size)));
    assert_close("hormon, strata size", &stratified, &[0.7147266368903323, 1.7085725878859939], 1e-11);
    let weighted = [1, 2].map(|cause| statistic(cause, &rotterdam.size, 3, 1.0, None));
    assert_close("size, rho 1", &weighted, &[202.73765093071728, 10.700290303380545], 1e-11);
}

/// `crr(d$t, d$cause, X, failcode = k, gtol = 1e-12, maxiter = 50)`: `coef`, `sqrt(diag(var))`, `loglik`, and the last
/// value of `predict(f, c(60, 1, 1, 0))`; and the coefficients of
/// `coxph(Surv(fgstart, fgstop, fgstatus) ~ ., weights = fgwt, ties = "breslow")` on `finegray(..., etype = k)`.
#[test]
fn fine_gray_models_of_crr_and_finegray() {
    let rotterdam = Rotterdam::read();
    let covariates = rotterdam.covariates.each_ref().map(Vec::as_slice);
    let crr: [([f64; 4], [f64; 4], f64, f64); 2] = [
        (
            [-0.00791897273590383, 0.8169375819655618, 0.487171103595287, -0.1804396084661489],
            [0.002141096712122926, 0.0557123413241606, 0.06265092202247917, 0.08524654597788084],
            -11331.897997244969,
            0.8034384262917678,
        ),
        (
            [0.12208957532796585, -0.039937088185546345, -0.210246875524593, -0.19702513409652692],
            [0.0076290120482498495, 0.1515953077331297, 0.15570440524629386, 0.23588964012162758],
            -1311.225862642644,
            0.09604137597139495,
        ),
    ];
    let expanded = [
        [-0.007918795822761403, 0.8169385955317621, 0.4871717258483211, -0.18043990076882885],
        [0.12209004624836396, -0.0399220901525553, -0.21024150808604886, -0.1970202404308487],
    ];
    for cause in [1, 2] {
        let fit = |censoring: CensoringTies| {
            let options = FineGrayOptions { censoring, ..FineGrayOptions::default() };
            fine_gray(&rotterdam.data(), cause, &covariates, &options).unwrap()
        };
        let (beta, error, log_likelihood, predicted) = crr[cause - 1];
        let ours = fit(CensoringTies::Together);
        let coefficients: Vec<f64> = ours.coefficients.iter().map(|estimate| estimate.coefficient).collect();
        let errors: Vec<f64> = ours.coefficients.iter().map(|estimate| estimate.standard_error).collect();
        assert_close("coefficient", &coefficients, &beta, 1e-8);
        assert_close("standard error", &errors, &error, 1e-8);
        assert_close("log-likelihood", &[ours.log_likelihood], &[log_likelihood], 1e-12);
        let incidence = ours.incidence_at(&[60.0, 1.0, 1.0, 0.0], f64::MAX).unwrap();
        assert_close("prediction", &[incidence], &[predicted], 1e-8);
        let ours = fit(CensoringTies::EventsFirst);
        let coefficients: Vec<f64> = ours.coefficients.iter().map(|estimate| estimate.coefficient).collect();
        assert_close("coefficient, finegray", &coefficients, &expanded[cause - 1], 1e-8);
    }
}
