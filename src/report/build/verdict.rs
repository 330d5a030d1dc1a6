//! A verdict in words: the rule that the study declared beforehand, and a sentence for every model that follows from the rule
//! and the numbers, and from nothing else.

use super::names::{Names, list};
use super::table::TableBuilder;
use crate::report::number::{self, Style, p_equals};
use crate::results::{Comparison, DeclaredClaim, MetricComparison};
use crate::stats::comparison::non_inferiority::NonInferiority;
use crate::stats::{Estimate, Test};

/// More verdicts than this are told together.
const A_SENTENCE_EACH: usize = 8;

/// What a comparison says of one model, whatever was compared.
struct Judged<'a> {
    model: &'a str,
    partition: &'a str,
    measure: String,
    difference: &'a Estimate,
    test: &'a Test,
    adjusted: Option<f64>,
    non_inferiority: Option<&'a NonInferiority>,
    holds: Option<bool>,
}

/// The declared rule, and how numbers of it are set.
struct Rule<'a> {
    claim: DeclaredClaim,
    measure: &'a str,
    reference: &'a str,
    adjustment: Option<&'a str>,
    level: f64,
    style: Style,
    unit: &'a str,
}

pub fn of_comparison(table: &mut TableBuilder, analysis: &Comparison, style: Style, names: &Names) {
    let Some(claim) = analysis.verdict else { return };
    let rule = Rule {
        claim,
        measure: "AUC",
        reference: &analysis.reference,
        adjustment: analysis.adjustment.as_deref(),
        level: analysis.level,
        style,
        unit: "",
    };
    let rows = analysis.rows.iter().map(|row| Judged {
        model: &row.model,
        partition: &row.partition,
        measure: "AUC".to_string(),
        difference: &row.difference,
        test: &row.test,
        adjusted: row.adjusted_p_value,
        non_inferiority: row.non_inferiority.as_ref(),
        holds: row.holds,
    });
    rule.note(table, rows, names);
}

pub fn of_metric_comparison(table: &mut TableBuilder, analysis: &MetricComparison, style: Style, names: &Names) {
    let Some(claim) = analysis.verdict else { return };
    let rule = Rule {
        claim,
        measure: "metric",
        reference: &analysis.reference,
        adjustment: analysis.adjustment.as_deref(),
        level: analysis.level,
        style,
        unit: " percentage points",
    };
    let rows = analysis.rows.iter().map(|row| Judged {
        model: &row.model,
        partition: &row.partition,
        measure: super::names::metric(&row.metric),
        difference: &row.difference,
        test: &row.test,
        adjusted: row.adjusted_p_value,
        non_inferiority: row.non_inferiority.as_ref(),
        holds: row.holds,
    });
    rule.note(table, rows, names);
}

impl Rule<'_> {
    fn note<'r>(&self, table: &mut TableBuilder, rows: impl Iterator<Item = Judged<'r>>, names: &Names) {
        let rows: Vec<Judged<'_>> = rows.collect();
        table.note(format!("Rule, declared with the study: {}", self.in_words(&rows, names)));
        if rows.len() > A_SENTENCE_EACH {
            self.together(table, &rows, names);
            return;
        }
        for row in &rows {
            table.note(format!("Verdict: {}", self.sentence(row, names)));
        }
    }

    /// The models of each verdict, set by set; the numbers stand in their rows.
    fn together(&self, table: &mut TableBuilder, rows: &[Judged<'_>], names: &Names) {
        let mut places: Vec<(&str, &str)> = Vec::new();
        for row in rows {
            let place = (row.partition, row.measure.as_str());
            if !places.contains(&place) {
                places.push(place);
            }
        }
        let reference = names.model(self.reference);
        for place in places {
            let mut verdicts: Vec<(&str, Vec<&str>)> = Vec::new();
            for row in rows.iter().filter(|row| (row.partition, row.measure.as_str()) == place) {
                let words = self.words(row);
                match verdicts.iter_mut().find(|(known, _)| *known == words) {
                    Some((_, models)) => models.push(names.model(row.model)),
                    None => verdicts.push((words, vec![names.model(row.model)])),
                }
            }
            let told = verdicts.iter().map(|(words, models)| {
                let models: Vec<String> = models.iter().map(|model| format!("“{model}”")).collect();
                format!("{words} “{reference}”: {}", list(&models))
            });
            let told: Vec<String> = told.collect();
            table.note(format!("Verdict in {}, {}: {}.", names.set(place.0), place.1, told.join("; ")));
        }
    }

    fn words(&self, row: &Judged<'_>) -> &'static str {
        let Some(holds) = row.holds else { return "without a test against" };
        if self.claim == DeclaredClaim::NonInferior && row.non_inferiority.is_some() {
            return if holds { "is not inferior to" } else { "is not shown to be non-inferior to" };
        }
        let p_value = row.adjusted.unwrap_or(row.test.p_value);
        let is_worse = row.difference.value < 0.0 && p_value < 1.0 - self.level;
        match (holds, is_worse) {
            (true, _) => "is better than",
            (false, true) => "is not better than, but worse than,",
            (false, false) => "is not shown to be better than",
        }
    }

    fn in_words(&self, rows: &[Judged<'_>], names: &Names) -> String {
        let reference = names.model(self.reference);
        match self.claim {
            DeclaredClaim::Superior => {
                let adjusted = self.adjustment.map_or(String::new(), |method| format!(", adjusted ({method}),"));
                format!(
                    "a model is better than “{reference}” when its {} is higher and the two-sided P{adjusted} is below {}.",
                    self.measure,
                    plain(1.0 - self.level)
                )
            }
            DeclaredClaim::NonInferior => {
                let margin = rows
                    .iter()
                    .find_map(|row| row.non_inferiority)
                    .map_or(String::new(), |found| format!(" of {}{}", self.style.value(found.margin), self.unit));
                format!(
                    "a model is not inferior to “{reference}” when the one-sided {} bound of its {} less that of “{reference}” \
                     lies above the margin{margin}.",
                    number::level(0.5 * (1.0 + self.level)),
                    self.measure
                )
            }
        }
    }

    fn sentence(&self, row: &Judged<'_>, names: &Names) -> String {
        let (model, reference) = (names.model(row.model), names.model(self.reference));
        let place = format!("in {}", names.set(row.partition));
        let measure = &row.measure;
        if row.holds.is_none() {
            return format!(
                "{place}, the rule cannot be applied to “{model}”: the difference in {measure} has no test."
            );
        }
        let direction = if row.difference.value < 0.0 { "lower" } else { "higher" };
        let gain = format!("{direction} by {}{}", self.style.value(row.difference.value.abs()), self.unit);
        match (self.claim, row.non_inferiority) {
            (DeclaredClaim::NonInferior, Some(found)) => {
                let words = self.words(row);
                let p = found.test.as_ref().map_or(String::new(), |test| format!(", {}", p_equals(test.p_value)));
                format!(
                    "{place}, “{model}” {words} “{reference}” in {measure}: {gain}, lower bound {}{}{p}.",
                    self.style.value(found.bound),
                    self.unit
                )
            }
            _ => {
                let p_value = row.adjusted.unwrap_or(row.test.p_value);
                let words = self.words(row);
                let adjusted = if row.adjusted.is_some() { "adjusted " } else { "" };
                format!(
                    "{place}, “{model}” {words} “{reference}” in {measure}: {gain}, {adjusted}{}.",
                    p_equals(p_value)
                )
            }
        }
    }
}

/// At most six decimals, none needless.
fn plain(value: f64) -> String {
    let text = format!("{value:.6}");
    text.trim_end_matches('0').trim_end_matches('.').to_string()
}
