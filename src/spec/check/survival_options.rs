//! Whether the keys of survival analyses fit together.

use super::Checker;
use crate::spec::raw::*;

impl Checker<'_> {
    pub(super) fn check_log_rank(&mut self, test: &RawLogRank, restricted_to: Option<f64>, path: &str) {
        let weighted = test.weight == RawLogRankWeight::FlemingHarrington;
        if weighted && test.rho.is_none() && test.gamma.is_none() {
            self.error(
                "spec/log-rank",
                &format!("{path}/test"),
                "`fleming_harrington` needs `rho`, `gamma` or both",
                "rho: 1 weighs early differences, gamma: 1 late ones",
            );
        }
        if !weighted && (test.rho.is_some() || test.gamma.is_some()) {
            let key = if test.rho.is_some() { "rho" } else { "gamma" };
            self.error(
                "spec/log-rank",
                &format!("{path}/test/{key}"),
                format!("`{key}` is for the weight `fleming_harrington`"),
                "weight: fleming_harrington, or take it away",
            );
        }
        if let Some(name) = &test.stratify {
            self.require_levels(name, &format!("{path}/test/stratify"));
        }
        if restricted_to.is_some_and(|tau| tau <= 0.0) {
            self.error(
                "spec/times",
                &format!("{path}/restricted_mean_to"),
                "`restricted_mean_to` must be above 0",
                "a time in the outcome's reported unit",
            );
        }
    }

    /// Delayed entry is a time.
    pub(super) fn check_entry(&mut self, name: &str, path: &str) {
        if self.require_name("variable", name, path, self.study.spec.variables.keys())
            && !self.study.spec.variables[name].levels.is_empty()
        {
            self.error(
                "spec/entry",
                path,
                format!("`{name}` has levels, not times"),
                "a continuous variable, in the unit of the outcome's time",
            );
        }
    }

    pub(super) fn check_cox_fit(&mut self, fit: &RawCoxFit, ties: RawTies, path: &str) {
        for (index, name) in fit.strata.iter().enumerate() {
            self.require_levels(name, &format!("{path}/fit/strata/{index}"));
        }
        if let Some(name) = &fit.cluster {
            self.require_name("variable", name, &format!("{path}/fit/cluster"), self.study.spec.variables.keys());
        }
        if let Some(name) = &fit.entry {
            self.check_entry(name, &format!("{path}/fit/entry"));
        }
        if fit.firth {
            let others = [
                (fit.robust || fit.cluster.is_some(), "robust variance"),
                (fit.selection.is_some(), "choice of terms"),
                (matches!(ties, RawTies::Exact | RawTies::ExactMarginal), "exact ties"),
            ];
            for (_, what) in others.iter().filter(|(given, _)| *given) {
                self.error(
                    "spec/firth",
                    &format!("{path}/fit/firth"),
                    format!("Firth's penalised likelihood has no {what} here"),
                    "use one of the two",
                );
            }
        }
        if let Some(RawCoxSelection { direction: RawCoxDirection::Both, p: Some(_), .. }) = fit.selection {
            self.error(
                "spec/selection",
                &format!("{path}/fit/selection/p"),
                "a choice in both directions goes by AIC or BIC",
                "direction: backward or forward, or take `p` away",
            );
        }
    }

    pub(super) fn check_incidence(&mut self, declared: &RawCumulativeIncidence, path: &str) {
        self.check_competing(&declared.outcome, &declared.competing, path);
        self.check_groups(&declared.groups, &format!("{path}/groups"));
        let times = &declared.rates_at;
        if times.iter().any(|time| *time <= 0.0) || times.windows(2).any(|pair| pair[0] >= pair[1]) {
            self.error("spec/times", &format!("{path}/rates_at"), "times must be above 0 and increase", "");
        }
    }

    pub(super) fn check_fine_gray(&mut self, declared: &RawFineGray, path: &str) {
        self.check_competing(&declared.outcome, &declared.competing, path);
        self.check_terms(&declared.terms, path);
    }

    fn check_competing(&mut self, outcome: &str, competing: &[String], path: &str) {
        self.require_outcome(outcome, &format!("{path}/outcome"), false);
        if competing.is_empty() {
            self.error(
                "spec/competing",
                &format!("{path}/competing"),
                "no competing event is named",
                "name a survival outcome; without competing events use kaplan_meier or cox",
            );
        }
        let unit = |name: &str| match self.study.spec.outcomes.get(name) {
            _ if self.study.is_in_doubt(&format!("outcomes/{name}")) => None,
            Some(RawOutcome::Survival { report_in, .. }) => Some(*report_in),
            _ => None,
        };
        let wanted = unit(outcome);
        let differing: Vec<bool> = competing.iter().map(|name| unit(name).is_some() && unit(name) != wanted).collect();
        for (index, name) in competing.iter().enumerate() {
            let place = format!("{path}/competing/{index}");
            self.require_outcome(name, &place, false);
            if name == outcome || competing[..index].contains(name) {
                self.error("spec/twice", &place, format!("`{name}` competes with itself"), "name another outcome");
            } else if differing[index] && wanted.is_some() {
                self.error(
                    "spec/competing",
                    &place,
                    format!("`{name}` is reported in another unit than `{outcome}`"),
                    "give both outcomes the same `report_in`",
                );
            }
        }
    }

    fn require_levels(&mut self, name: &str, path: &str) {
        let variables = &self.study.spec.variables;
        if self.require_name("variable", name, path, variables.keys())
            && variables[name].kind == RawVariableKind::Continuous
        {
            self.error("spec/groups", path, format!("`{name}` is continuous"), "strata need levels");
        }
    }
}
