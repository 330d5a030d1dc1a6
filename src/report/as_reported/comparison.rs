//! Paired comparisons of AUCs; the AUCs themselves as restatements; adjusted P-values as facts.

use super::yaml::Mapping;
use super::{Page, ci_method, cohort, test_name};
use crate::report::build::comparison::{AUC_DECIMALS, STATISTIC_DECIMALS, difference_style};
use crate::report::number::{self, fixed};
use crate::results::{Comparison, ComparisonRow};
use crate::stats::NullDistribution;
use serde_json::{Value, json};

pub fn add(page: &Page<'_>, analysis: &Comparison, file: &mut Mapping) {
    let usual = difference_style(analysis);
    let place = |row: &ComparisonRow| cohort(page.results, &row.partition, &analysis.outcome);
    let pair = |row: &ComparisonRow| {
        let mut pair = Mapping::default();
        pair.add("first", json!(row.model));
        pair.add("second", json!(analysis.reference));
        pair.add("cohort", json!(place(row)));
        let style = usual.apart_from_zero(&row.difference);
        pair.add("difference", json!(style.value(row.difference.value)));
        if let Some(interval) = &row.difference.interval {
            pair.add("ci", json!([style.value(interval.lower), style.value(interval.upper)]));
        }
        if let (Some(statistic), NullDistribution::Normal) = (row.test.statistic, row.test.distribution) {
            pair.add("z", json!(fixed(statistic, STATISTIC_DECIMALS)));
        }
        pair.add("p", json!(number::p_value(row.test.p_value)));
        pair.into_value()
    };
    let mut section = page.begin("comparison", "");
    section.add("metric", json!("auc"));
    if let Some(row) = analysis.rows.first() {
        section.add(
            "test",
            json!(if row.test.method.contains("DeLong") { "delong".to_string() } else { test_name(&row.test.method) }),
        );
    }
    if let Some(interval) = analysis.rows.iter().find_map(|row| row.difference.interval.as_ref()) {
        section.add("ci_method", json!(ci_method(interval)));
    }
    section.add("pairs", json!(analysis.rows.iter().map(pair).collect::<Vec<_>>()));
    file.add(&page.section(""), section.into_value());

    let mut again: Vec<Value> = Vec::new();
    for row in &analysis.rows {
        for (model, auc) in [(&analysis.reference, row.auc_reference), (&row.model, row.auc_model)] {
            let restated =
                json!({"at": page.item.label, "model": model, "cohort": place(row), "auc": fixed(auc, AUC_DECIMALS)});
            if !again.contains(&restated) {
                again.push(restated);
            }
        }
    }
    let mut section = page.begin("restated", "AUCs");
    section.add("items", json!(again));
    file.add(&page.section("auc"), section.into_value());

    if let Some(adjustment) = &analysis.adjustment {
        let mut adjusted = Mapping::default();
        for row in &analysis.rows {
            if let Some(p) = row.adjusted_p_value {
                adjusted.add(&format!("{}, {}", row.partition, row.model), json!(number::p_value(p)));
            }
        }
        let mut section = page.begin("facts", "adjusted P");
        section.add("method", json!(adjustment));
        section.add("p", adjusted.into_value());
        file.add(&page.section("adjusted"), section.into_value());
    }
}
