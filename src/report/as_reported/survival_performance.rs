//! The performance of survival models, comparisons of their discrimination, and net benefit.

use super::yaml::Mapping;
use super::{Page, ci_level, cohort, metric, with_limits};
use crate::report::build::survival_performance::{COMPARED, DISTANCES, MEASURES, at};
use crate::report::number::{self, Style, fixed};
use crate::results::{SurvivalPerformance, SurvivalPerformanceRow};
use crate::stats::Estimate;
use serde_json::{Value, json};

pub fn add(page: &Page<'_>, analysis: &SurvivalPerformance, file: &mut Mapping) {
    let rows = analysis.rows.iter().map(|row| described(page, analysis, row));
    let mut section = begin(page, analysis);
    section.add("rows", json!(rows.collect::<Vec<_>>()));
    file.add(&page.section(""), section.into_value());
    comparisons(page, analysis, file);
}

/// The item of net benefit alone.
pub fn add_net_benefit(page: &Page<'_>, analysis: &SurvivalPerformance, file: &mut Mapping) {
    let rows = analysis.rows.iter().filter(|row| !row.net_benefit.is_empty()).map(|row| {
        let mut entry = begin_row(page, analysis, row);
        let mut by_threshold = Mapping::default();
        for point in &row.net_benefit {
            let mut at = Mapping::default();
            at.add("model", with_limits(&point.net_benefit, Style::decimals(3)));
            at.add("treat_all", json!(fixed(point.treat_all, 3)));
            at.add("treated", json!(number::count(point.acted_on)));
            by_threshold.add(&number::significant(&point.threshold.to_string()), at.into_value());
        }
        entry.add("net_benefit", by_threshold.into_value());
        entry.into_value()
    });
    let mut section = begin(page, analysis);
    section.add("rows", json!(rows.collect::<Vec<_>>()));
    file.add(&page.section("net_benefit"), section.into_value());
}

fn begin(page: &Page<'_>, analysis: &SurvivalPerformance) -> Mapping {
    let mut section = page.begin("survival_performance", "");
    section.add("horizon", json!(at(analysis.horizon, analysis, &page.names)));
    section.add("ci_level", ci_level(analysis.level));
    section
}

fn begin_row(page: &Page<'_>, analysis: &SurvivalPerformance, row: &SurvivalPerformanceRow) -> Mapping {
    let mut entry = Mapping::default();
    entry.add("model", json!(row.model));
    entry.add("cohort", json!(cohort(page.results, &row.partition, &analysis.outcome)));
    entry.add("n", json!(number::count(row.n)));
    entry.add("events", json!(number::count(row.events)));
    entry
}

fn described(page: &Page<'_>, analysis: &SurvivalPerformance, row: &SurvivalPerformanceRow) -> Value {
    let mut entry = begin_row(page, analysis, row);
    for measure in &MEASURES {
        if let Some(estimate) = (measure.value)(row) {
            entry.add(measure.metric, metric(estimate, Style::decimals(measure.decimals)));
        }
    }
    let resampled = row.resampled.as_ref().and_then(|facts| facts.scaled_brier.clone());
    let scaled = resampled.or(row.scaled_brier.map(|value| Estimate::new(value, row.n)));
    entry_of(&mut entry, "ipa", scaled.as_ref());
    for distance in &DISTANCES {
        let resampled = row.resampled.as_ref().and_then(distance.resampled).cloned();
        let value = row.calibration_distance.as_ref().map(distance.value);
        entry_of(&mut entry, distance.metric, resampled.or(value.map(|value| Estimate::new(value, row.n))).as_ref());
    }
    entry.into_value()
}

/// A number that has an interval where it was resampled.
fn entry_of(entry: &mut Mapping, name: &str, estimate: Option<&Estimate>) {
    if let Some(estimate) = estimate {
        entry.add(name, metric(estimate, Style::decimals(3)));
    }
}

/// Differences from the reference model, a section for each measure of discrimination.
fn comparisons(page: &Page<'_>, analysis: &SurvivalPerformance, file: &mut Mapping) {
    let Some(reference) = &analysis.reference else { return };
    for compared in &COMPARED {
        let mut pairs: Vec<Value> = Vec::new();
        for row in &analysis.comparisons {
            let Some(facts) = (compared.value)(row) else { continue };
            let mut pair = Mapping::default();
            pair.add("first", json!(row.model));
            pair.add("second", json!(reference));
            pair.add("cohort", json!(cohort(page.results, &row.partition, &analysis.outcome)));
            let style = Style::decimals(3);
            pair.add("difference", json!(style.value(facts.difference.value)));
            if let Some(interval) = &facts.difference.interval {
                pair.add("ci", json!([style.value(interval.lower), style.value(interval.upper)]));
            }
            if let Some(test) = &facts.test {
                pair.add("p", json!(number::p_value(test.p_value)));
            }
            pairs.push(pair.into_value());
        }
        if pairs.is_empty() {
            continue;
        }
        let mut section = page.begin("comparison", &format!("differences of {}", compared.name));
        section.add("metric", json!(compared.metric));
        section.add("pairs", json!(pairs));
        file.add(&page.section(&format!("differences_{}", compared.metric)), section.into_value());
    }
}
