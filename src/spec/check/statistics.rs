//! Whether the keys of each analysis fit together.

use super::Checker;
use crate::spec::raw::*;
use crate::spec::study::PartitionName;

impl Checker<'_> {
    pub(super) fn check_threshold(&mut self, threshold: &RawThreshold, path: &str) {
        use RawThresholdRule::{Fixed, Maximum, Sensitivity, Specificity};
        let needs_value = matches!(threshold.rule, Fixed | Sensitivity | Specificity);
        match (needs_value, threshold.value) {
            (true, None) => self.error("spec/threshold", path, "this rule needs a `value`", "value: 0.9"),
            (false, Some(_)) => {
                self.error("spec/threshold", &format!("{path}/value"), "this rule takes no `value`", "take it away");
            }
            (true, Some(value)) if threshold.rule != Fixed && !(0.0..=1.0).contains(&value) => {
                self.error(
                    "spec/threshold",
                    &format!("{path}/value"),
                    "a proportion lies between 0 and 1",
                    "0.9 means 90%",
                );
            }
            _ => {}
        }
        match (threshold.rule == Maximum, threshold.metric) {
            (true, None) => self.error("spec/threshold", path, "this rule needs a `metric`", "metric: f1"),
            (false, Some(_)) => {
                self.error("spec/threshold", &format!("{path}/metric"), "this rule takes no `metric`", "take it away");
            }
            _ => {}
        }
    }

    pub(super) fn check_performance_options(
        &mut self,
        interval: RawProportionInterval,
        bootstrap: Option<&RawBootstrap>,
        partial_auc: Option<&RawPartialAuc>,
        path: &str,
    ) {
        if interval == RawProportionInterval::Bootstrap && bootstrap.is_none() {
            self.error(
                "spec/bootstrap",
                &format!("{path}/interval"),
                "bootstrap intervals of metrics, but no `bootstrap`",
                "say how: bootstrap: {replicates: 2000}",
            );
        }
        if partial_auc.is_some_and(|range| range.from >= range.to) {
            self.error(
                "spec/range",
                &format!("{path}/partial_auc"),
                "`from` must be below `to`",
                "{over: specificity, from: 0.9, to: 1}",
            );
        }
    }

    pub(super) fn check_auc_test(&mut self, test: RawAucTest, bootstrap: Option<&RawBootstrap>, path: &str) {
        match (test, bootstrap) {
            (RawAucTest::Bootstrap, None) => self.error(
                "spec/bootstrap",
                &format!("{path}/test"),
                "a bootstrap test, but no `bootstrap`",
                "say how: bootstrap: {replicates: 2000}",
            ),
            (RawAucTest::Delong, Some(_)) => self.error(
                "spec/bootstrap",
                &format!("{path}/bootstrap"),
                "DeLong's test draws no bootstrap samples",
                "test: bootstrap, or take `bootstrap` away",
            ),
            _ => {}
        }
    }

    pub(super) fn check_margin(&mut self, margin: Option<f64>, path: &str) {
        if margin == Some(0.0) {
            self.error(
                "spec/margin",
                &format!("{path}/non_inferiority_margin"),
                "the margin must be above 0",
                "how much less would be acceptable: 0.05",
            );
        }
    }

    pub(super) fn check_verdict(
        &mut self,
        verdict: Option<RawClaim>,
        margin: Option<f64>,
        adjust: RawAdjustment,
        path: &str,
    ) {
        if verdict != Some(RawClaim::NonInferior) {
            return;
        }
        let place = format!("{path}/verdict");
        if margin.is_none() {
            self.error(
                "spec/verdict",
                &place,
                "a verdict on non-inferiority, but no `non_inferiority_margin`",
                "say beforehand how much less would be acceptable: non_inferiority_margin: 0.05",
            );
        }
        if adjust != RawAdjustment::None {
            self.error(
                "spec/verdict",
                &place,
                "the P-values of non-inferiority are not adjusted, those of `adjust` are of another test",
                "take `adjust` away; a declaration for `vouch compare` adjusts them over its variants",
            );
        }
    }

    /// The performance analysis of that name has every one of these models.
    fn check_thresholds_of(&mut self, id: &str, models: &[(String, String)], path: &str) {
        let spec = &self.study.spec;
        if !self.require_name("analysis", id, path, spec.statistics.keys()) {
            return;
        }
        let RawStatistic::Performance { outcome, models: judged, .. } = &spec.statistics[id] else {
            return self.error(
                "spec/thresholds",
                path,
                format!("`{id}` is no performance analysis"),
                "thresholds are chosen by an analysis of kind performance",
            );
        };
        let judged = self.study.models_of(outcome, judged.as_ref());
        for (model, place) in models {
            if self.require_name("model", model, place, spec.models.keys()) && !judged.contains(model) {
                self.error(
                    "spec/thresholds",
                    place,
                    format!("`{id}` chooses no threshold for `{model}`"),
                    "name a model of that performance analysis",
                );
            }
        }
    }

    pub(super) fn check_metric_comparison(&mut self, declared: &RawMetricComparison, path: &str) {
        let mut models = vec![(declared.reference.clone(), format!("{path}/reference"))];
        for (index, model) in declared.models.iter().flatten().enumerate() {
            models.push((model.clone(), format!("{path}/models/{index}")));
        }
        self.check_thresholds_of(&declared.thresholds_of, &models, &format!("{path}/thresholds_of"));
        self.check_margin(declared.non_inferiority_margin, path);
        self.check_verdict(declared.verdict, declared.non_inferiority_margin, declared.adjust, path);
        self.require_some(
            &declared.metrics,
            "metric",
            "accuracy, sensitivity or specificity",
            &format!("{path}/metrics"),
        );
    }

    pub(super) fn check_partition_comparison(&mut self, declared: &RawPartitionComparison, path: &str) {
        self.check_models(&declared.outcome, declared.models.as_ref(), path, true);
        self.check_auc_test(declared.test, declared.bootstrap.as_ref(), path);
        self.check_disjoint(&declared.partitions, path);
    }

    pub(super) fn check_set_comparison(&mut self, declared: &RawSetComparison, path: &str) {
        self.check_variables(&declared.variables, &format!("{path}/variables"));
        for (index, outcome) in declared.outcomes.iter().enumerate() {
            self.require_outcome(outcome, &format!("{path}/outcomes/{index}"), true);
        }
        self.check_disjoint(&declared.partitions, path);
    }

    fn check_disjoint(&mut self, partitions: &[String; 2], path: &str) {
        let [first, second] = partitions;
        if let (Some(first), Some(second)) = (PartitionName::parse(first), PartitionName::parse(second))
            && first.parts.iter().any(|part| second.parts.contains(part))
        {
            self.error(
                "spec/partition",
                &format!("{path}/partitions/1"),
                "the two partitions have subjects in common",
                "compare partitions of different subjects, such as validation and test",
            );
        }
    }

    pub(super) fn check_subgroups(&mut self, declared: &RawSubgroups, path: &str) {
        self.check_models(&declared.outcome, declared.models.as_ref(), path, true);
        self.check_variables(&declared.variables, &format!("{path}/variables"));
        self.require_some(&declared.variables, "variable", "one with levels", &format!("{path}/variables"));
        for (index, name) in declared.variables.iter().enumerate() {
            let continuous = |variable: &RawVariable| variable.kind == RawVariableKind::Continuous;
            if self.study.certain_variable(name).is_some_and(continuous) {
                self.error(
                    "spec/groups",
                    &format!("{path}/variables/{index}"),
                    format!("`{name}` is continuous"),
                    "subgroups need levels: derive a column with groups, and declare it as a variable",
                );
            }
        }
        match &declared.thresholds_of {
            Some(id) => {
                let models = self.study.models_of(&declared.outcome, declared.models.as_ref());
                let place = format!("{path}/thresholds_of");
                let models: Vec<(String, String)> = models.into_iter().map(|model| (model, place.clone())).collect();
                self.check_thresholds_of(id, &models, &place);
            }
            None if !declared.metrics.is_empty() => self.error(
                "spec/thresholds",
                &format!("{path}/metrics"),
                "metrics need a threshold",
                "name the performance analysis that chooses it: thresholds_of: …",
            ),
            None => {}
        }
        if declared.interval == RawProportionInterval::Bootstrap {
            self.error(
                "spec/bootstrap",
                &format!("{path}/interval"),
                "metrics within subgroups have no bootstrap interval",
                "wilson, clopper_pearson, agresti_coull or wald",
            );
        }
    }

    pub(super) fn check_reclassification(&mut self, declared: &RawReclassification, path: &str) {
        self.require_outcome(&declared.outcome, &format!("{path}/outcome"), true);
        for (key, model) in [("old", &declared.old), ("new", &declared.new)] {
            let place = format!("{path}/{key}");
            self.check_model_of(model, &declared.outcome, &place);
            if self.study.certain_model(model).is_some_and(|model| !model.gives_probability()) {
                self.error(
                    "spec/probability",
                    &place,
                    format!("the score of `{model}` is no probability"),
                    "reclassification compares predicted risks; say `is_probability: true` if it is one",
                );
            }
        }
        if declared.old == declared.new {
            self.error("spec/twice", &format!("{path}/new"), "the new model is the old one", "name another model");
        }
        let cuts = &declared.cut_points;
        let inside = cuts.iter().all(|cut| *cut > 0.0 && *cut < 1.0);
        if !inside || cuts.windows(2).any(|pair| pair[0] >= pair[1]) {
            self.error(
                "spec/range",
                &format!("{path}/cut_points"),
                "cut points lie between 0 and 1 and increase",
                "cut_points: [0.1, 0.3]",
            );
        }
    }

    pub(super) fn check_optimism(&mut self, declared: &RawOptimism, path: &str) {
        let spec = &self.study.spec;
        let binary = !matches!(spec.outcomes.get(&declared.outcome), Some(RawOutcome::Survival { .. }));
        self.check_models(&declared.outcome, declared.models.as_ref(), path, binary);
        let developed = |model: &String| {
            matches!(spec.models.get(model), Some(RawModel::Logistic { .. } | RawModel::Cox { .. }) | None)
        };
        for (index, model) in declared.models.iter().flatten().enumerate() {
            if !developed(model) {
                self.error(
                    "spec/model-kind",
                    &format!("{path}/models/{index}"),
                    format!("`{model}` is no logistic and no Cox model"),
                    "optimism is corrected for models of kind logistic and cox",
                );
            }
        }
        if declared.models.is_none()
            && !self.study.is_in_doubt("models")
            && !self.study.models_of(&declared.outcome, None).iter().any(developed)
        {
            self.error("spec/no-models", path, "there is no logistic or Cox model of this outcome", "declare one");
        }
    }

    pub(super) fn check_agreement(&mut self, declared: &RawAgreement, path: &str) {
        let place = format!("{path}/ratings");
        self.check_variables(&declared.ratings, &place);
        if declared.ratings.len() < 2 {
            self.error("spec/ratings", &place, "agreement needs two raters or more", "one variable per rater");
        }
        let known = declared.ratings.iter().enumerate();
        let known: Vec<(usize, &RawVariable)> =
            known.filter_map(|(at, name)| Some((at, self.study.certain_variable(name)?))).collect();
        let Some((_, first)) = known.first() else { return };
        let continuous = first.kind == RawVariableKind::Continuous;
        let differing = known.iter().find(|(_, variable)| {
            (variable.kind == RawVariableKind::Continuous) != continuous
                || !variable.levels.keys().eq(first.levels.keys())
        });
        if let Some((index, _)) = differing {
            self.error(
                "spec/ratings",
                &format!("{place}/{index}"),
                format!("`{}` is not rated as `{}` is", declared.ratings[*index], declared.ratings[0]),
                "all ratings are continuous, or all have the same levels in the same order",
            );
        }
        let weighted = declared.weights != RawKappaWeights::Unweighted;
        if weighted && first.kind == RawVariableKind::Categorical {
            self.error(
                "spec/ratings",
                &format!("{path}/weights"),
                "weights need levels in an order",
                "make the variables ordinal, or take `weights` away",
            );
        }
    }

    pub(super) fn check_planning(&mut self, declared: &RawPlanning, path: &str) {
        self.require_outcome(&declared.outcome, &format!("{path}/outcome"), true);
        if declared.prevalence.is_some_and(|share| share <= 0.0 || share >= 1.0) {
            self.error("spec/range", &format!("{path}/prevalence"), "`prevalence` lies between 0 and 1", "0.3");
        }
        for (index, asked) in declared.development.iter().enumerate() {
            let place = format!("{path}/development/{index}");
            let given = [asked.nagelkerke_r_squared, asked.cox_snell_r_squared];
            if given.iter().flatten().count() != 1 {
                self.error(
                    "spec/planning",
                    &place,
                    "one R² is needed",
                    "nagelkerke_r_squared: 0.15, or cox_snell_r_squared",
                );
            } else if given.iter().flatten().any(|value| *value <= 0.0 || *value >= 1.0) {
                self.error("spec/range", &place, "R² lies between 0 and 1", "0.15");
            }
        }
        for (index, asked) in declared.detectable_difference.iter().enumerate() {
            for (at, model) in asked.models.iter().enumerate() {
                let place = format!("{path}/detectable_difference/{index}/models/{at}");
                self.check_model_of(model, &declared.outcome, &place);
            }
            if asked.models[0] == asked.models[1] {
                let place = format!("{path}/detectable_difference/{index}/models/1");
                self.error("spec/twice", &place, "a model does not differ from itself", "name another model");
            }
        }
        if declared.auc_precision.is_empty()
            && declared.development.is_empty()
            && declared.detectable_difference.is_empty()
        {
            self.error(
                "spec/planning",
                path,
                "nothing is asked",
                "auc_precision, development or detectable_difference",
            );
        }
    }

    fn require_some<T>(&mut self, items: &[T], what: &str, help: &str, path: &str) {
        if items.is_empty() {
            self.error("spec/empty", path, format!("no {what} is named"), help);
        }
    }
}
