//! Calibration and overall performance, as metrics of models in sets.

use super::yaml::Mapping;
use super::{Page, ci_level, cohort, metric};
use crate::report::build::calibration::{MEASURES, PLAIN_DECIMALS};
use crate::report::number::{Style, fixed};
use crate::results::{CalibrationAnalysis, CalibrationRow};
use serde_json::{Value, json};

pub fn add(page: &Page<'_>, analysis: &CalibrationAnalysis, file: &mut Mapping) {
    let described = |row: &CalibrationRow| -> Value {
        let mut entry = Mapping::default();
        entry.add("model", json!(row.model));
        entry.add("cohort", json!(cohort(page.results, &row.partition, &analysis.outcome)));
        for measure in &MEASURES {
            if let Some(estimate) = (measure.value)(row) {
                entry.add(measure.metric, metric(&estimate, Style::decimals(measure.decimals)));
            }
        }
        for (metric, value) in [("scaled_brier", row.scaled_brier), ("ici", row.integrated_calibration_index)] {
            if let Some(value) = value {
                entry.add(metric, json!([fixed(value, PLAIN_DECIMALS)]));
            }
        }
        entry.into_value()
    };
    let mut section = page.begin("performance", "");
    section.add("ci_level", ci_level(analysis.level));
    section.add("rows", json!(analysis.rows.iter().map(described).collect::<Vec<_>>()));
    file.add(&page.section(""), section.into_value());
}
