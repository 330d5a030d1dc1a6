//! Models × sets × metrics, with the counts behind them; then the bootstrap intervals and the thresholds.

use super::yaml::Mapping;
use super::{Page, ci_level, cohort, metric, with_limits};
use crate::audit::reported::metric::Metric;
use crate::report::build::performance::{AUC, THRESHOLD_DECIMALS, metric_style};
use crate::report::number::{self, fixed};
use crate::results::{MetricFacts, Performance, PerformanceRow};
use serde_json::{Value, json};

pub fn add(page: &Page<'_>, analysis: &Performance, file: &mut Mapping) {
    let mut section = page.begin("performance", "");
    section.add("ci_level", ci_level(analysis.level));
    section.add("rows", json!(analysis.rows.iter().map(|row| described(page, analysis, row)).collect::<Vec<_>>()));
    file.add(&page.section(""), section.into_value());

    let bootstrap: Vec<Value> = analysis
        .rows
        .iter()
        .filter_map(|row| {
            let (auc, interval) = (row.auc.as_ref()?, row.auc_bootstrap.as_ref()?);
            let limits = [auc.value, interval.lower, interval.upper].map(|value| AUC.value(value));
            let cohort = cohort(page.results, &row.partition, &analysis.outcome);
            Some(json!({"model": row.model, "cohort": cohort, "auc": limits}))
        })
        .collect();
    if !bootstrap.is_empty() {
        let mut section = page.begin("performance", "bootstrap intervals");
        section.add("ci_level", ci_level(analysis.level));
        section.add("ci_method", json!("bootstrap"));
        section.add("rows", json!(bootstrap));
        file.add(&page.section("bootstrap"), section.into_value());
    }
    if !analysis.thresholds.is_empty() {
        let mut thresholds = Mapping::default();
        for facts in &analysis.thresholds {
            thresholds.add(&facts.model, json!(fixed(facts.threshold, THRESHOLD_DECIMALS)));
        }
        let mut section = page.begin("facts", "decision thresholds");
        section.add("thresholds", thresholds.into_value());
        file.add(&page.section("thresholds"), section.into_value());
    }
}

fn described(page: &Page<'_>, analysis: &Performance, row: &PerformanceRow) -> Value {
    let mut entry = Mapping::default();
    entry.add("model", json!(row.model));
    entry.add("cohort", json!(cohort(page.results, &row.partition, &analysis.outcome)));
    if let Some(auc) = &row.auc {
        entry.add("auc", metric(auc, AUC));
    }
    let mut other = Mapping::default();
    for (facts, estimate) in analysis.metrics.iter().zip(&row.metrics) {
        let Some(estimate) = estimate else { continue };
        match key(facts) {
            Some(key) => entry.add(key, metric(estimate, metric_style(facts))),
            None => other.add(&facts.id, with_limits(estimate, metric_style(facts))),
        }
    }
    let counts = row.confusion.iter().flat_map(|confusion| {
        [
            ("tp", confusion.true_positives),
            ("fn", confusion.false_negatives),
            ("fp", confusion.false_positives),
            ("tn", confusion.true_negatives),
        ]
    });
    for (key, count) in counts {
        entry.add(key, json!(number::count(usize::try_from(count).unwrap_or(usize::MAX))));
    }
    if !other.is_empty() {
        entry.add("other", other.into_value());
    }
    entry.into_value()
}

/// The audit's name of a metric.
fn key(facts: &MetricFacts) -> Option<&'static str> {
    let spelt = match facts.id.as_str() {
        "positive_predictive_value" => "ppv",
        "negative_predictive_value" => "npv",
        "matthews_correlation" => "mcc",
        "positive_likelihood_ratio" => "lr_positive",
        "negative_likelihood_ratio" => "lr_negative",
        "diagnostic_odds_ratio" => "dor",
        "apparent_prevalence" => "predicted_positive_rate",
        "false_positive_rate" => "fpr",
        "false_negative_rate" => "fnr",
        "false_discovery_rate" => "fdr",
        "false_omission_rate" => "for",
        id => id,
    };
    Metric::named(spelt).map(Metric::key)
}
