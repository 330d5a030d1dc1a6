//! The printed performance of a published validation study (McLernon et al. 2023, doi:10.7326/M22-0844, public companion):
//! models developed on rotterdam, validated on gbsg, by our own functions from the raw data on.

use super::support::{csv, floats};
use vouch::stats::calibration::survival_curve::{SurvivalCalibrationOptions, survival_calibration};
use vouch::stats::calibration::survival_poisson::{survival_in_the_large, survival_slope};
use vouch::stats::regression::splines::{RestrictedCubicSpline, SplineScale};
use vouch::stats::survival::SurvivalData;
use vouch::stats::survival::cox::{BaselineAt, CoxFit, CoxInput, CoxOptions, cox};
use vouch::stats::utility::survival_net_benefit::survival_decision_curve;

const HORIZON: f64 = 5.0;

/// One cohort: recurrence-free survival in years, censored at the horizon, and the columns of both models.
struct Cohort {
    time: Vec<f64>,
    event: Vec<bool>,
    size: Vec<f64>,
    nodes: Vec<f64>,
    grade: Vec<f64>,
    pgr: Vec<f64>,
}

impl Cohort {
    fn censored(mut self) -> Self {
        for (time, event) in self.time.iter_mut().zip(&mut self.event) {
            if *time > HORIZON {
                (*time, *event) = (HORIZON, false);
            }
        }
        self
    }

    fn data(&self) -> SurvivalData<'_> {
        SurvivalData::new(&self.time, &self.event)
    }

    /// Columns of the basic model, or of the one extended by the progesterone receptor.
    fn columns(&self, extended: bool, limits: &Limits) -> Vec<Vec<f64>> {
        let is = |level: f64| self.size.iter().map(|size| f64::from(u8::from(*size == level))).collect::<Vec<_>>();
        let spline = |values: &[f64], limit: f64, knots: &[f64]| {
            let cut: Vec<f64> = values.iter().map(|value| value.min(limit)).collect();
            RestrictedCubicSpline::with_knots(knots, SplineScale::Range).unwrap().basis(&cut).unwrap()
        };
        let mut columns = vec![is(1.0), is(2.0)];
        columns.extend(spline(&self.nodes, limits.nodes, &[0.0, 1.0, 9.0]));
        columns.push(self.grade.clone());
        if extended {
            columns.extend(spline(&self.pgr, limits.pgr, &[0.0, 41.0, 486.0]));
        }
        columns
    }
}

/// 99th percentiles of the development cohort.
struct Limits {
    nodes: f64,
    pgr: f64,
}

fn rotterdam() -> Cohort {
    let d = csv("rotterdam.csv");
    let column = |name: &str| floats(&d[name]);
    let (rtime, recur, dtime, death) = (column("rtime"), column("recur"), column("dtime"), column("death"));
    let n = rtime.len();
    let late_death = |i: usize| recur[i] == 0.0 && death[i] == 1.0 && rtime[i] < dtime[i];
    let size = d["size"].iter().map(|size| ["<=20", "20-50", ">50"].iter().position(|l| l == size).unwrap() as f64);
    Cohort {
        time: (0..n).map(|i| if late_death(i) { dtime[i] } else { rtime[i] } / 365.25).collect(),
        event: (0..n).map(|i| recur[i] == 1.0 || death[i] == 1.0).collect(),
        size: size.collect(),
        nodes: column("nodes"),
        grade: column("grade").iter().map(|grade| f64::from(u8::from(*grade == 3.0))).collect(),
        pgr: column("pgr"),
    }
}

fn gbsg() -> Cohort {
    let d = csv("gbsg.csv");
    let column = |name: &str| floats(&d[name]);
    let level = |size: &f64| f64::from(u8::from(*size > 20.0) + u8::from(*size > 50.0));
    Cohort {
        time: column("rfstime").iter().map(|days| days / 365.25).collect(),
        event: column("status").iter().map(|status| *status == 1.0).collect(),
        size: column("size").iter().map(level).collect(),
        nodes: column("nodes"),
        grade: column("grade").iter().map(|grade| f64::from(u8::from(*grade == 3.0))).collect(),
        pgr: column("pgr"),
    }
}

/// Quantile type 1: the inverse of the distribution function.
fn percentile_99(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[(0.99 * sorted.len() as f64).ceil() as usize - 1]
}

/// What a model predicts for a cohort.
struct Prediction {
    linear_predictor: Vec<f64>,
    /// Risk by the horizon.
    risk: Vec<f64>,
    /// Up to the end of each subject's follow-up.
    cumulative_hazard: Vec<f64>,
}

fn predict(development: &Cohort, validation: &Cohort, extended: bool) -> Prediction {
    let limits = Limits { nodes: percentile_99(&development.nodes), pgr: percentile_99(&development.pgr) };
    let columns = development.columns(extended, &limits);
    let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let input = CoxInput::new(&development.time, &development.event, &slices);
    let fit: CoxFit = cox(&input, &CoxOptions::default()).unwrap();
    let baseline = fit.baseline_hazard(&input, BaselineAt::Means).unwrap();
    let hazard = baseline.stratum(0).unwrap();
    let new = validation.columns(extended, &limits);
    let new_slices: Vec<&[f64]> = new.iter().map(Vec::as_slice).collect();
    let linear_predictor = fit.linear_predictor(&new_slices).unwrap();
    let at = |time: f64, predictor: f64| hazard.at(time) * predictor.exp();
    Prediction {
        risk: linear_predictor.iter().map(|l| 1.0 - (-at(HORIZON, *l)).exp()).collect(),
        cumulative_hazard: linear_predictor.iter().zip(&validation.time).map(|(l, time)| at(*time, *l)).collect(),
        linear_predictor,
    }
}

/// The number agrees with its printed form, rounded to as many places as it has.
fn agrees(ours: f64, printed: &str) -> bool {
    let places = printed.split('.').nth(1).map_or(0, str::len);
    format!("{ours:.places$}") == printed
}

#[test]
fn printed_calibration_and_net_benefit() {
    let (development, validation) = (rotterdam().censored(), gbsg().censored());
    assert_eq!(development.event.iter().filter(|event| **event).count(), 1275);
    let basic = predict(&development, &validation, false);
    let extended = predict(&development, &validation, true);
    // rms::cph stops its iterations at a relative change of 1e-4.
    let options = SurvivalCalibrationOptions { tolerance: 1e-4, ..SurvivalCalibrationOptions::default() };
    let mut failures = Vec::new();
    let mut check = |what: &str, ours: f64, printed: &str| {
        if !agrees(ours, printed) {
            failures.push(format!("{what}: ours {ours}, printed {printed}"));
        }
    };

    let curve = survival_calibration(&validation.data(), &basic.risk, HORIZON, &options).unwrap().distance;
    check("basic ICI", curve.ici, "0.03017958");
    check("basic E50", curve.e50, "0.02627822");
    check("basic E90", curve.e90, "0.07466548");
    check("basic Emax", curve.e_max, "0.07543556");
    let data = validation.data();
    let converged = survival_calibration(&data, &basic.risk, HORIZON, &SurvivalCalibrationOptions::default()).unwrap();
    assert!((converged.distance.ici / curve.ici - 1.0).abs() < 0.003, "{:?}", converged.distance);
    let curve = survival_calibration(&validation.data(), &extended.risk, HORIZON, &options).unwrap().distance;
    check("extended ICI", curve.ici, "0.02");
    check("extended E50", curve.e50, "0.02");
    check("extended E90", curve.e90, "0.05");

    for (name, prediction, large, slope) in [
        ("basic", &basic, ["1.016", "0.904", "1.141"], ["1.032", "0.795", "1.269"]),
        ("extended", &extended, ["0.986", "0.878", "1.107"], ["1.11", "0.887", "1.334"]),
    ] {
        let ours = survival_in_the_large(&validation.event, &prediction.cumulative_hazard, 0.95).unwrap().ratio;
        let interval = ours.interval.unwrap();
        check(&format!("{name} in the large"), ours.value, large[0]);
        check(&format!("{name} in the large, lower"), interval.lower, large[1]);
        check(&format!("{name} in the large, upper"), interval.upper, large[2]);
        let predictor = &prediction.linear_predictor;
        let ours = survival_slope(&validation.event, &prediction.cumulative_hazard, predictor, 0.95).unwrap().slope;
        let interval = ours.interval.unwrap();
        check(&format!("{name} slope"), ours.value, slope[0]);
        check(&format!("{name} slope, lower"), interval.lower, slope[1]);
        check(&format!("{name} slope, upper"), interval.upper, slope[2]);
    }

    let curve = |cohort: &Cohort, risk: &[f64]| {
        survival_decision_curve(&cohort.data(), risk, HORIZON, &[0.23], 0.95).unwrap().remove(0)
    };
    let own_basic = predict(&development, &development, false);
    let own_extended = predict(&development, &development, true);
    for (what, point, model, all) in [
        ("basic, development", curve(&development, &own_basic.risk), "0.267", "0.263"),
        ("extended, development", curve(&development, &own_extended.risk), "0.273", "0.263"),
        ("basic, validation", curve(&validation, &basic.risk), "0.362", "0.362"),
        ("extended, validation", curve(&validation, &extended.risk), "0.359", "0.362"),
    ] {
        check(&format!("net benefit, {what}"), point.net_benefit.value, model);
        check(&format!("net benefit of all, {what}"), point.treat_all, all);
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
