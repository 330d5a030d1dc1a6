//! Performance of models of a survival outcome.

use super::Checker;
use crate::spec::raw::{RawOutcome, RawStatistic};

impl Checker<'_> {
    pub(super) fn check_survival_performance(&mut self, statistic: &RawStatistic, path: &str) {
        let RawStatistic::SurvivalPerformance {
            outcome,
            models,
            horizon,
            weighted_at,
            thresholds,
            decision_curve,
            reference,
            ..
        } = statistic
        else {
            return;
        };
        self.check_models(outcome, models.as_ref(), path, false);
        if let Some(reference) = reference {
            self.check_model_of(reference, outcome, &format!("{path}/reference"));
        }
        self.check_horizon(outcome, *horizon, *weighted_at, path);
        for (index, threshold) in thresholds.iter().enumerate() {
            if !(*threshold > 0.0 && *threshold < 1.0) {
                let place = format!("{path}/thresholds/{index}");
                self.error("spec/threshold", &place, "a risk lies between 0 and 1", "0.23 means 23%");
            }
        }
        let curve = decision_curve;
        let inside = curve.from > 0.0 && curve.to < 1.0 && curve.from <= curve.to && curve.step > 0.0;
        if !inside || (curve.to - curve.from) / curve.step > 1000.0 {
            self.error(
                "spec/threshold",
                &format!("{path}/decision_curve"),
                "thresholds run between 0 and 1, upwards, in at most 1,000 steps",
                "decision_curve: {from: 0.01, to: 0.99, step: 0.01}",
            );
        }
    }

    fn check_horizon(&mut self, outcome: &str, horizon: f64, weighted_at: Option<f64>, path: &str) {
        for (key, time) in [("horizon", Some(horizon)), ("weighted_at", weighted_at)] {
            if time.is_some_and(|time| time <= 0.0) {
                let message = format!("`{key}` must be above 0");
                self.error("spec/times", &format!("{path}/{key}"), message, "in the unit of `report_in`");
            }
        }
        let Some(RawOutcome::Survival { censor_at: Some(end), report_in, .. }) = self.study.spec.outcomes.get(outcome)
        else {
            return;
        };
        if self.study.is_in_doubt(&format!("outcomes/{outcome}")) {
            return;
        }
        let end = end.time * end.unit.days() / report_in.days();
        let just_before = format!("{}", (end * 0.998 * 1e4).round() / 1e4);
        if horizon > end {
            self.error(
                "spec/times",
                &format!("{path}/horizon"),
                format!("follow-up of `{outcome}` ends at {end}, before this horizon"),
                "choose an earlier horizon, or a later `censor_at`",
            );
        } else if weighted_at.unwrap_or(horizon) >= end {
            let key = if weighted_at.is_some() { "weighted_at" } else { "horizon" };
            self.error(
                "spec/times",
                &format!("{path}/{key}"),
                format!("follow-up of `{outcome}` ends at {end}: nobody is known to be event-free beyond it"),
                format!(
                    "the AUC and the Brier score weigh subjects by their follow-up and need some beyond their time; take \
                     them a little earlier: weighted_at: {just_before}"
                ),
            );
        }
    }
}
