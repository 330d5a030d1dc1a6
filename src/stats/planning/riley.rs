//! Sample size for developing a prediction model, by the criteria of Riley et al.
//!
//! With p candidate parameters and an anticipated Cox-Snell R²:
//! 1. shrinkage: n = p/((S − 1) ln(1 − R²/S)) keeps the expected uniform shrinkage at S (0.9);
//! 2. optimism: the same with S = R²/(R² + δ max R²), which keeps the optimism in Nagelkerke's R² at δ (0.05);
//! 3. overall risk within a margin (0.05): binary n = (z/margin)² φ(1 − φ); survival: the n for which the exponential risk at
//!    the time point, 1 − exp(−λt), has both ends of its interval λ ± z √(λ/(n · follow-up)) within the margin.
//!
//! max R² = 1 − exp(2 ln L₀/n), with ln L₀/n = φ ln φ + (1 − φ) ln(1 − φ) for a binary outcome of prevalence φ, and
//! μ ln μ − μ for survival with μ = rate · mean follow-up events per subject.
//! The survival likelihood has time in units of the mean follow-up, as pmsampsize has it (which also rounds the events of
//! 10 000 subjects up; here they are not rounded). pmsampsize reports criterion 3 for survival as a check at the other two
//! criteria's n; here it is solved for n.
//! The sample size is the largest of the three, each rounded up.
//! Units: `rate` in events per unit of person-time, `time_point` and `mean_follow_up` in the same unit of time.
//! z is 1.96, as printed and as pmsampsize has it.
//! Edge cases: R² must lie above 0 and below S and max R²; shrinkage, margins and prevalence in (0, 1). Where no rate is
//! far enough below (the margin exceeds the risk) only the upper side counts.
//! Sources: Riley et al. 2019 (doi:10.1002/sim.7992); Riley et al. 2020 (doi:10.1136/bmj.m441). Oracle: pmsampsize 1.1.3, its
//! examples: binary (R² 0.288, 24 parameters, φ 0.174) 623, 662, 221; survival (R² 0.051, 30 parameters, rate
//! 0.065, time point 2, follow-up 2.07) 5143 and 1039.

use crate::stats::error::StatsError;
use serde::{Deserialize, Serialize};

/// The normal quantile that the published criteria use.
const CRITICAL: f64 = 1.96;

/// What is wanted of the model; the defaults are the published ones.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct RileyTargets {
    /// Expected uniform shrinkage factor; 0.9.
    pub shrinkage: f64,
    /// Largest optimism in Nagelkerke's R²; 0.05.
    pub optimism: f64,
    /// Largest error of the overall risk; 0.05.
    pub risk_margin: f64,
}

impl Default for RileyTargets {
    fn default() -> Self {
        Self { shrinkage: 0.9, optimism: 0.05, risk_margin: 0.05 }
    }
}

/// A survival outcome as it is anticipated.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct AnticipatedSurvival {
    /// Events per unit of person-time.
    pub rate: f64,
    /// Time at which risk is predicted.
    pub time_point: f64,
    /// Mean follow-up of a subject.
    pub mean_follow_up: f64,
}

/// The sample sizes of the criteria.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct RileySampleSize {
    /// Criterion 1.
    pub for_shrinkage: u64,
    /// Criterion 2.
    pub for_optimism: u64,
    /// Criterion 3.
    pub for_overall_risk: u64,
    /// The largest of them.
    pub n: u64,
    /// Expected events among n.
    pub events: f64,
    /// Expected events per candidate parameter.
    pub events_per_parameter: f64,
    /// Largest Cox-Snell R² that the outcome allows.
    pub largest_r_squared: f64,
}

/// Largest Cox-Snell R² of a binary outcome of this prevalence.
pub fn largest_r_squared(prevalence: f64) -> Result<f64, StatsError> {
    require_share("prevalence", prevalence)?;
    let log_likelihood = prevalence * prevalence.ln() + (1.0 - prevalence) * (-prevalence).ln_1p();
    Ok(-(2.0 * log_likelihood).exp_m1())
}

/// Cox-Snell R² of a Nagelkerke R² at this prevalence.
pub fn cox_snell_of_nagelkerke(nagelkerke: f64, prevalence: f64) -> Result<f64, StatsError> {
    require_share("Nagelkerke's R²", nagelkerke)?;
    Ok(nagelkerke * largest_r_squared(prevalence)?)
}

/// The criteria for a binary outcome.
pub fn binary(
    parameters: u32,
    r_squared: f64,
    prevalence: f64,
    targets: &RileyTargets,
) -> Result<RileySampleSize, StatsError> {
    let largest = largest_r_squared(prevalence)?;
    let ratio = CRITICAL / targets.risk_margin;
    let for_overall_risk = (ratio * ratio * prevalence * (1.0 - prevalence)).ceil() as u64;
    combine(parameters, r_squared, largest, for_overall_risk, prevalence, targets)
}

/// The criteria for a survival outcome.
pub fn survival(
    parameters: u32,
    r_squared: f64,
    outcome: &AnticipatedSurvival,
    targets: &RileyTargets,
) -> Result<RileySampleSize, StatsError> {
    let AnticipatedSurvival { rate, time_point, mean_follow_up } = *outcome;
    for (what, value) in [("rate", rate), ("time point", time_point), ("mean follow-up", mean_follow_up)] {
        if !(value > 0.0 && value < f64::INFINITY) {
            return Err(StatsError::OutOfRange { what, value, expected: "positive" });
        }
    }
    require_targets(targets)?;
    let events_per_subject = rate * mean_follow_up;
    let largest = -(2.0 * (events_per_subject * events_per_subject.ln() - events_per_subject)).exp_m1();
    let risk = -(-rate * time_point).exp_m1();
    // How far the rate may be off on each side before the risk is off by the margin.
    let distance = |risk: f64| {
        let inside = risk > 0.0 && risk < 1.0;
        inside.then(|| (-(-risk).ln_1p() / time_point - rate).abs())
    };
    let nearest = [risk + targets.risk_margin, risk - targets.risk_margin]
        .into_iter()
        .filter_map(distance)
        .fold(f64::INFINITY, f64::min);
    let person_time = rate * (CRITICAL / nearest) * (CRITICAL / nearest);
    let for_overall_risk = (person_time / mean_follow_up).ceil().max(1.0) as u64;
    combine(parameters, r_squared, largest, for_overall_risk, events_per_subject, targets)
}

fn require_share(what: &'static str, value: f64) -> Result<(), StatsError> {
    if value > 0.0 && value < 1.0 {
        Ok(())
    } else {
        Err(StatsError::OutOfRange { what, value, expected: "between 0 and 1" })
    }
}

fn require_targets(targets: &RileyTargets) -> Result<(), StatsError> {
    require_share("shrinkage", targets.shrinkage)?;
    require_share("optimism", targets.optimism)?;
    require_share("margin of the overall risk", targets.risk_margin)
}

fn combine(
    parameters: u32,
    r_squared: f64,
    largest: f64,
    for_overall_risk: u64,
    events_per_subject: f64,
    targets: &RileyTargets,
) -> Result<RileySampleSize, StatsError> {
    require_targets(targets)?;
    if parameters == 0 {
        return Err(StatsError::TooFew { what: "candidate parameters", needed: 1, found: 0 });
    }
    if !(r_squared > 0.0 && r_squared < largest && r_squared < targets.shrinkage) {
        return Err(StatsError::OutOfRange {
            what: "Cox-Snell R²",
            value: r_squared,
            expected: "above 0 and below both its largest value and the shrinkage factor",
        });
    }
    let parameters = f64::from(parameters);
    let for_factor = |shrinkage: f64| parameters / ((shrinkage - 1.0) * (-r_squared / shrinkage).ln_1p());
    let for_shrinkage = for_factor(targets.shrinkage).ceil() as u64;
    let for_optimism = for_factor(r_squared / (r_squared + targets.optimism * largest)).ceil() as u64;
    let n = for_shrinkage.max(for_optimism).max(for_overall_risk);
    let events = n as f64 * events_per_subject;
    Ok(RileySampleSize {
        for_shrinkage,
        for_optimism,
        for_overall_risk,
        n,
        events,
        events_per_parameter: events / parameters,
        largest_r_squared: largest,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_binary_example() {
        let size = binary(24, 0.288, 0.174, &RileyTargets::default()).unwrap();
        assert_eq!((size.for_shrinkage, size.for_optimism, size.for_overall_risk, size.n), (623, 662, 221, 662));
        assert!((size.events_per_parameter - 4.8).abs() < 0.01);
    }

    #[test]
    fn the_published_survival_example() {
        let outcome = AnticipatedSurvival { rate: 0.065, time_point: 2.0, mean_follow_up: 2.07 };
        let size = survival(30, 0.051, &outcome, &RileyTargets::default()).unwrap();
        assert_eq!((size.for_shrinkage, size.for_optimism, size.n), (5143, 1039, 5143));
        // By its definition: at n the risk is within the margin, at n − 1 not.
        let risk = |rate: f64| 1.0 - (-2.0 * rate).exp();
        let off = |n: f64| {
            let half_width = 1.96 * (0.065 / (n * 2.07)).sqrt();
            (risk(0.065 + half_width) - risk(0.065)).max(risk(0.065) - risk(0.065 - half_width))
        };
        let n = size.for_overall_risk as f64;
        assert!(off(n) <= 0.05 + 1e-12 && off(n - 1.0) > 0.05);
    }

    #[test]
    fn refusals() {
        let targets = RileyTargets::default();
        assert!(binary(0, 0.1, 0.2, &targets).is_err() && binary(5, 0.95, 0.5, &targets).is_err());
        assert!(binary(5, 0.0, 0.5, &targets).is_err() && binary(5, 0.1, 1.0, &targets).is_err());
        assert!(binary(5, 0.1, 0.3, &RileyTargets { shrinkage: 1.0, ..targets }).is_err());
        // A rare outcome does not allow an R² of 0.3.
        assert!(binary(5, 0.3, 0.01, &targets).is_err());
        assert!((cox_snell_of_nagelkerke(0.5, 0.5).unwrap() - 0.375).abs() < 1e-15);
    }
}
