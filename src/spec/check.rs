//! From what was typed to what is meant: every name refers to something, every combination makes sense.

mod clusters;
mod encoding;
mod statistics;
mod survival;
mod survival_options;

use super::diagnostic::{Diagnostic, suggestion};
use super::raw::*;
use super::study::{Part, PartitionName, Study, days_of_date};

/// All that does not fit together in a study whose shape is right.
pub(super) fn check(study: &Study) -> Vec<Diagnostic> {
    let mut checker = Checker { study, problems: Vec::new() };
    checker.check();
    checker.problems.extend(super::check_images::check(study));
    checker.problems.extend(super::check_networks::check(study));
    checker.problems
}

/// Where such things are declared.
fn section_of(what: &str) -> Option<&'static str> {
    Some(match what {
        "variable" => "variables",
        "outcome" => "outcomes",
        "model" | "Cox model" => "models",
        "analysis" => "statistics",
        _ => return None,
    })
}

struct Checker<'a> {
    study: &'a Study,
    problems: Vec<Diagnostic>,
}

impl Checker<'_> {
    fn error(&mut self, code: &'static str, path: &str, message: impl Into<String>, help: impl Into<String>) {
        if self.study.is_in_doubt(path) {
            return;
        }
        let span = self.study.place(path);
        self.problems.push(Diagnostic::error(code, message, span).with_help(help));
    }

    /// Whether a name refers to something of which everything could be read; an error where it refers to nothing.
    fn require_name<'n>(
        &mut self,
        what: &str,
        name: &str,
        path: &str,
        names: impl Iterator<Item = &'n String> + Clone,
    ) -> bool {
        let is_in_doubt = section_of(what).is_some_and(|section| self.study.is_in_doubt(&format!("{section}/{name}")));
        if is_in_doubt || names.clone().any(|known| known == name) {
            return !is_in_doubt;
        }
        let help = suggestion(name, names.map(String::as_str));
        self.error("spec/unknown-name", path, format!("there is no {what} `{name}`"), help);
        false
    }

    fn check(&mut self) {
        let spec = &self.study.spec;
        let fits = |character: char| character.is_ascii_alphanumeric() || "-_".contains(character);
        if spec.id.is_empty() || !spec.id.chars().all(fits) {
            self.error("spec/id", "id", "`id` must be letters, digits, hyphens and underscores", "it names a folder");
        }
        if let Some(date) = spec.date.as_ref().filter(|date| days_of_date(date).is_none()) {
            let message = format!("`{date}` is not a date");
            self.error("spec/date", "date", message, "write a day of the calendar as YYYY-MM-DD, such as 2024-02-29");
        }
        for (name, variable) in &spec.variables {
            let path = format!("variables/{name}");
            match (variable.kind, variable.levels.len()) {
                (RawVariableKind::Continuous, 0) => {}
                (RawVariableKind::Continuous, _) => {
                    self.error(
                        "spec/levels",
                        &format!("{path}/levels"),
                        format!("`{name}` is continuous and has levels"),
                        "take the levels away, or make the kind categorical or ordinal",
                    );
                }
                (_, 0 | 1) => {
                    self.error(
                        "spec/levels",
                        &path,
                        format!("`{name}` needs at least two levels"),
                        "levels: {value in the table: label, …}, the reference level first",
                    );
                }
                _ => {}
            }
            self.check_encoding(name, variable);
        }
        for (id, outcome) in &spec.outcomes {
            self.check_follow_up(id, outcome);
        }
        if spec.data.external.is_some() && spec.data.images.is_some() {
            self.error(
                "spec/external",
                "data/external",
                "a study with images has an external cohort from another file",
                "images are read for one table: put both cohorts into it, and tell them apart by `split: temporal`",
            );
        }
        self.check_split();
        for (id, model) in &spec.models {
            self.check_model(id, model);
        }
        for (id, statistic) in &spec.statistics {
            self.check_statistic(id, statistic);
        }
        for (index, item) in spec.report.show.iter().enumerate() {
            self.check_item(index, item);
        }
    }

    fn check_split(&mut self) {
        if let Some(name) = self.study.spec.split.validation.as_ref().and_then(|split| split.stratify.as_ref()) {
            self.require_outcome(name, "split/validation/stratify", true);
        }
        if let Some(RawTemporal { test_from: RawCutoff::Date(text), .. }) = &self.study.spec.split.temporal
            && days_of_date(text).is_none()
        {
            self.error("spec/date", "split/temporal/test_from", format!("`{text}` is not a date"), "write YYYY-MM-DD");
        }
    }

    fn require_outcome(&mut self, name: &str, path: &str, binary: bool) {
        let outcomes = &self.study.spec.outcomes;
        if !self.require_name("outcome", name, path, outcomes.keys()) {
            return;
        }
        let is_binary = matches!(outcomes[name], RawOutcome::Binary { .. });
        if is_binary != binary {
            let (is, needed) = if is_binary { ("binary", "survival") } else { ("a survival outcome", "binary") };
            self.error(
                "spec/outcome-kind",
                path,
                format!("`{name}` is {is}, a {needed} outcome is needed here"),
                format!("name an outcome of kind {needed}"),
            );
        }
    }

    fn check_model(&mut self, id: &str, model: &RawModel) {
        let path = format!("models/{id}");
        match model {
            // A given score can rank subjects by either kind of outcome.
            RawModel::Scores { outcome, is_probability, .. } => {
                let place = format!("{path}/outcome");
                let outcomes = &self.study.spec.outcomes;
                if self.require_name("outcome", outcome, &place, outcomes.keys())
                    && *is_probability
                    && matches!(outcomes[outcome], RawOutcome::Survival { .. })
                {
                    self.error(
                        "spec/outcome-kind",
                        &format!("{path}/is_probability"),
                        format!("`{outcome}` is a survival outcome: a probability would need a time by which"),
                        "take `is_probability` away: the score then ranks subjects",
                    );
                }
            }
            _ => {
                let binary = !matches!(model, RawModel::Cox { .. });
                self.require_outcome(model.outcome(), &format!("{path}/outcome"), binary);
            }
        }
        if model.has_predictors() && model.predictors().is_empty() {
            self.error(
                "spec/no-predictors",
                &format!("{path}/predictors"),
                format!("model `{id}` has no predictors"),
                "name at least one variable",
            );
        }
        self.check_variables(model.predictors(), &format!("{path}/predictors"));
        if let Some(RawSelection { screen_p_below: None, stepwise: None }) = model.selection() {
            self.error(
                "spec/selection",
                &format!("{path}/selection"),
                "the selection does nothing",
                "give `screen_p_below`, `stepwise`, or both; or take `selection` away",
            );
        }
        match model {
            RawModel::Svm { cost, gamma, .. } => {
                for (key, value) in [("cost", Some(*cost)), ("gamma", *gamma)] {
                    if value.is_some_and(|value| value <= 0.0) {
                        self.error("spec/range", &format!("{path}/{key}"), format!("`{key}` must be above 0"), "");
                    }
                }
            }
            RawModel::Logistic { penalty, selection: Some(_), .. } if *penalty > 0.0 => {
                self.error(
                    "spec/selection",
                    &format!("{path}/penalty"),
                    "a penalised model with stepwise selection",
                    "use one of the two: the AIC of a penalised fit is not defined here",
                );
            }
            _ => {}
        }
    }

    fn check_variables(&mut self, names: &[String], path: &str) {
        for (index, name) in names.iter().enumerate() {
            let place = format!("{path}/{index}");
            self.require_name("variable", name, &place, self.study.spec.variables.keys());
            if names[..index].contains(name) {
                self.error("spec/twice", &place, format!("`{name}` stands here a second time"), "name it once");
            }
        }
    }

    fn check_statistic(&mut self, id: &str, statistic: &RawStatistic) {
        let path = format!("statistics/{id}");
        let partition_key = match statistic {
            RawStatistic::BaselineTable { .. } => "within",
            RawStatistic::Cox { .. }
            | RawStatistic::Regression(_)
            | RawStatistic::Subgroups(_)
            | RawStatistic::FineGray(_)
            | RawStatistic::Planning(_) => "partition",
            _ => "partitions",
        };
        let partitions = statistic.partitions();
        for (index, name) in partitions.iter().enumerate() {
            let place = if partition_key == "partition" {
                format!("{path}/partition")
            } else {
                format!("{path}/{partition_key}/{index}")
            };
            self.check_partition(name, &place);
        }
        if partitions.is_empty() {
            self.error(
                "spec/no-partitions",
                &format!("{path}/{partition_key}"),
                "no partition is named",
                "training, validation, test, or sums of them",
            );
        }
        match statistic {
            RawStatistic::BaselineTable { by, variables, .. } => {
                self.require_outcome(by, &format!("{path}/by"), true);
                self.check_variables(variables, &format!("{path}/variables"));
            }
            RawStatistic::Performance { outcome, models, threshold, bootstrap, partial_auc, interval, .. } => {
                self.check_models(outcome, models.as_ref(), &path, true);
                self.check_threshold(threshold, &format!("{path}/threshold"));
                self.check_performance_options(*interval, bootstrap.as_ref(), partial_auc.as_ref(), &path);
                self.check_clustered_performance(statistic, &path);
            }
            RawStatistic::Comparison {
                outcome,
                models,
                reference,
                test,
                bootstrap,
                non_inferiority_margin,
                cluster,
                verdict,
                adjust,
                ..
            } => {
                self.check_models(outcome, models.as_ref(), &path, true);
                self.check_model_of(reference, outcome, &format!("{path}/reference"));
                self.check_has_others(reference, &self.study.models_of(outcome, models.as_ref()), &path);
                self.check_auc_test(*test, bootstrap.as_ref(), &path);
                self.check_margin(*non_inferiority_margin, &path);
                self.check_clustered_comparison(cluster.as_ref(), *test, &path);
                self.check_verdict(*verdict, *non_inferiority_margin, *adjust, &path);
            }
            RawStatistic::SetComparison(declared) => self.check_set_comparison(declared, &path),
            RawStatistic::MetricComparison(declared) => self.check_metric_comparison(declared, &path),
            RawStatistic::PartitionComparison(declared) => self.check_partition_comparison(declared, &path),
            RawStatistic::Regression(declared) => {
                self.require_outcome(&declared.outcome, &format!("{path}/outcome"), true);
                self.check_terms(&declared.terms, &path);
            }
            RawStatistic::Subgroups(declared) => self.check_subgroups(declared, &path),
            RawStatistic::Reclassification(declared) => self.check_reclassification(declared, &path),
            RawStatistic::Optimism(declared) => self.check_optimism(declared, &path),
            RawStatistic::Agreement(declared) => self.check_agreement(declared, &path),
            RawStatistic::Planning(declared) => self.check_planning(declared, &path),
            RawStatistic::KaplanMeier {
                outcome, groups, rates_at, horizon, test, restricted_mean_to, entry, ..
            } => {
                if let Some(name) = entry {
                    self.check_entry(name, &format!("{path}/entry"));
                }
                self.check_log_rank(test, *restricted_mean_to, &path);
                if horizon.is_some_and(|horizon| horizon <= 0.0) {
                    self.error(
                        "spec/times",
                        &format!("{path}/horizon"),
                        "`horizon` must be above 0",
                        "leave it out to draw all",
                    );
                }
                self.require_outcome(outcome, &format!("{path}/outcome"), false);
                self.check_groups(groups, &format!("{path}/groups"));
                if rates_at.iter().any(|time| *time <= 0.0) || rates_at.windows(2).any(|pair| pair[0] >= pair[1]) {
                    self.error("spec/times", &format!("{path}/rates_at"), "times must be above 0 and increase", "");
                }
            }
            RawStatistic::CumulativeIncidence(declared) => self.check_incidence(declared, &path),
            RawStatistic::FineGray(declared) => self.check_fine_gray(declared, &path),
            RawStatistic::Cox { outcome, terms, fit, ties, .. } => {
                self.check_cox_fit(fit, *ties, &path);
                self.require_outcome(outcome, &format!("{path}/outcome"), false);
                self.check_terms(terms, &path);
            }
            RawStatistic::Calibration { outcome, models, .. } => {
                self.check_models(outcome, models.as_ref(), &path, true);
            }
            RawStatistic::SurvivalPerformance { .. } => self.check_survival_performance(statistic, &path),
            RawStatistic::Characteristics { variables, .. } => {
                self.check_variables(variables, &format!("{path}/variables"));
            }
        }
    }

    fn check_partition(&mut self, name: &str, path: &str) {
        let known = ["training", "validation", "test", "primary", "validation+test", "all", "external"];
        let Some(partition) = PartitionName::parse(name) else {
            let help = suggestion(name, known);
            return self.error("spec/partition", path, format!("`{name}` is not a partition"), help);
        };
        let made = self.study.parts();
        for part in partition.parts {
            let declared_in = if part == Part::External { "data/external" } else { "split" };
            let is_made = made.contains(&part) || self.study.is_in_doubt(declared_in);
            if !is_made && name != "all" && name != "primary" {
                let (message, declare) = match part {
                    Part::External => ("there is no external cohort".to_string(), "data: {external: …}"),
                    Part::Test => ("the split makes no test part".to_string(), "split: {temporal: …}"),
                    _ => (format!("the split makes no {} part", part.id()), "split: {validation: …}"),
                };
                self.error("spec/partition", path, message, format!("declare `{declare}`"));
            }
        }
    }

    /// Models of an outcome, which must be binary or, where it is not, a survival outcome.
    fn check_models(&mut self, outcome: &str, models: Option<&Vec<String>>, path: &str, binary: bool) {
        self.require_outcome(outcome, &format!("{path}/outcome"), binary);
        for (index, model) in models.into_iter().flatten().enumerate() {
            self.check_model_of(model, outcome, &format!("{path}/models/{index}"));
        }
        if self.study.models_of(outcome, models).is_empty() && !self.study.is_in_doubt("models") {
            self.error("spec/no-models", path, format!("no model predicts `{outcome}`"), "declare one under `models:`");
        }
    }

    /// A comparison needs a model beside its reference.
    fn check_has_others(&mut self, reference: &str, models: &[String], path: &str) {
        if !models.is_empty() && models.iter().all(|model| model == reference) && !self.study.is_in_doubt("models") {
            self.error(
                "spec/reference",
                &format!("{path}/reference"),
                format!("no model is there to be compared with `{reference}`"),
                "declare another model of this outcome, or take the comparison away",
            );
        }
    }

    fn check_model_of(&mut self, model: &str, outcome: &str, path: &str) {
        let models = &self.study.spec.models;
        if self.require_name("model", model, path, models.keys()) && models[model].outcome() != outcome {
            let other = models[model].outcome().to_string();
            self.error(
                "spec/model-outcome",
                path,
                format!("model `{model}` predicts `{other}`, not `{outcome}`"),
                "name a model of this outcome",
            );
        }
    }

    fn check_groups(&mut self, groups: &RawGroups, path: &str) {
        let spec = &self.study.spec;
        match groups {
            RawGroups::Threshold { model, of, .. } => {
                let known = self.require_name("model", model, &format!("{path}/model"), spec.models.keys());
                let place = format!("{path}/of");
                if self.require_name("analysis", of, &place, spec.statistics.keys()) {
                    match &spec.statistics[of] {
                        RawStatistic::Performance { outcome, models, .. } => {
                            if known && !self.study.models_of(outcome, models.as_ref()).contains(model) {
                                self.error(
                                    "spec/groups",
                                    &place,
                                    format!("`{of}` chooses no threshold for `{model}`"),
                                    "name the analysis that has this model",
                                );
                            }
                        }
                        _ => self.error(
                            "spec/groups",
                            &place,
                            format!("`{of}` is no performance analysis"),
                            "thresholds are chosen by an analysis of kind performance",
                        ),
                    }
                }
            }
            RawGroups::Quantiles { model, at, labels } => {
                self.require_name("model", model, &format!("{path}/model"), spec.models.keys());
                let inside = at.iter().all(|quantile| *quantile > 0.0 && *quantile < 1.0);
                if at.is_empty() || !inside || at.windows(2).any(|pair| pair[0] >= pair[1]) {
                    self.error(
                        "spec/groups",
                        &format!("{path}/at"),
                        "quantiles lie between 0 and 1 and increase",
                        "at: [0.5]",
                    );
                }
                if labels.len() != at.len() + 1 {
                    self.error(
                        "spec/groups",
                        &format!("{path}/labels"),
                        format!("{} cuts make {} groups, found {} labels", at.len(), at.len() + 1, labels.len()),
                        "one label per group, from low to high",
                    );
                }
            }
            RawGroups::Variable { variable } => {
                let place = format!("{path}/variable");
                if self.require_name("variable", variable, &place, spec.variables.keys())
                    && spec.variables[variable].kind == RawVariableKind::Continuous
                {
                    self.error("spec/groups", &place, format!("`{variable}` is continuous"), "groups need levels");
                }
            }
            RawGroups::Outcome { outcome } => self.require_outcome(outcome, &format!("{path}/outcome"), true),
        }
    }

    fn check_terms(&mut self, terms: &[RawTerm], path: &str) {
        for (index, term) in terms.iter().enumerate() {
            self.check_term(term, &format!("{path}/terms/{index}"));
        }
        if terms.is_empty() {
            self.error("spec/no-terms", &format!("{path}/terms"), "no term is named", "name a variable");
        }
    }

    fn check_term(&mut self, term: &RawTerm, path: &str) {
        let spec = &self.study.spec;
        let detailed = match term {
            RawTerm::Variable(name) => {
                self.require_name("variable", name, path, spec.variables.keys());
                return;
            }
            RawTerm::Detailed(detailed) => detailed,
        };
        match (&detailed.variable, &detailed.groups_of) {
            (Some(name), None) => {
                let known = self.require_name("variable", name, &format!("{path}/variable"), spec.variables.keys());
                if known && detailed.per.is_some() && spec.variables[name].kind != RawVariableKind::Continuous {
                    self.error(
                        "spec/term",
                        &format!("{path}/per"),
                        format!("`{name}` is not continuous"),
                        "take `per` away",
                    );
                }
            }
            (None, Some(id)) => {
                let place = format!("{path}/groups_of");
                if self.require_name("analysis", id, &place, spec.statistics.keys())
                    && !matches!(spec.statistics[id], RawStatistic::KaplanMeier { .. })
                {
                    self.error("spec/term", &place, format!("`{id}` makes no groups"), "name a kaplan_meier analysis");
                }
            }
            _ => self.error(
                "spec/term",
                path,
                "a term is a `variable` or the `groups_of` an analysis",
                "give one of them",
            ),
        }
        if detailed.per.is_some_and(|per| per <= 0.0) {
            self.error("spec/term", &format!("{path}/per"), "`per` must be above 0", "per: 10");
        }
    }

    /// A figure of curves that the analysis does not ask for would be an empty frame.
    fn check_precision_recall(&mut self, item: &RawItem, id: &str, place: &str) {
        let without = matches!(
            self.study.spec.statistics.get(id),
            Some(RawStatistic::Performance { average_precision: false, .. })
        );
        if item.item == crate::results::Show::PrecisionRecallFigure && without {
            self.error(
                "spec/item",
                place,
                format!("`{id}` has no precision-recall curves"),
                format!("add `average_precision: true` to the analysis `{id}`"),
            );
        }
    }

    fn check_item(&mut self, index: usize, item: &RawItem) {
        let path = format!("report/show/{index}");
        let spec = &self.study.spec;
        match (item.item.draws_on(), &item.of) {
            (None, None) => {}
            (None, Some(model)) if item.item == crate::results::Show::CoxModelTable => {
                let cox = spec.models.iter().filter(|(_, model)| matches!(model, RawModel::Cox { .. }));
                self.require_name("Cox model", model, &format!("{path}/of"), cox.map(|(id, _)| id));
            }
            (None, Some(_)) => {
                self.error("spec/item", &format!("{path}/of"), "this item draws on no analysis", "take `of` away");
            }
            (Some(kind), None) => {
                let fitting = spec.statistics.iter().filter(|(_, statistic)| statistic.kind() == kind);
                let names: Vec<&str> = fitting.map(|(id, _)| id.as_str()).collect();
                self.error(
                    "spec/item",
                    &path,
                    "which analysis should this show?",
                    format!("of: {}", names.join(" or ")),
                );
            }
            (Some(kind), Some(id)) => {
                let place = format!("{path}/of");
                if self.require_name("analysis", id, &place, spec.statistics.keys())
                    && spec.statistics[id].kind() != kind
                {
                    let found = spec.statistics[id].kind();
                    self.error(
                        "spec/item",
                        &place,
                        format!("`{id}` is of kind {found}, this item shows {kind}"),
                        format!("name an analysis of kind {kind}"),
                    );
                }
                self.check_precision_recall(item, id, &place);
            }
        }
    }
}
