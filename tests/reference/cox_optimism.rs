//! 20_cox_optimism.json: the optimism of Cox models, against five runs of R's rms::validate.

use super::support::{Coverage, csv, floats, topic};
use serde_json::Value;
use vouch::stats::StatsError;
use vouch::stats::random::Seed;
use vouch::stats::resample::optimism::{CorrectedMeasure, OptimismOptions};
use vouch::stats::survival::cox::optimism::survival_optimism;
use vouch::stats::survival::cox::{CoxInput, CoxOptions, cox};

#[test]
fn every_value_of_20_cox_optimism() {
    let document = topic("20_cox_optimism.json");
    let mut coverage = Coverage::of("20_cox_optimism", &document);
    for case in document["cases"].as_array().unwrap() {
        let text = |key: &str| case[key].as_str().unwrap();
        let mut table = csv(text("data"));
        if text("data") == "veteran.csv" {
            for (name, cell_type) in [("squamous", "squamous"), ("small", "smallcell"), ("adeno", "adeno")] {
                let is = |value: &String| if value == cell_type { "1" } else { "0" }.to_string();
                let column = table["celltype"].iter().map(is).collect();
                table.insert(name.to_string(), column);
            }
        }
        let time = floats(&table[text("time")]);
        let event: Vec<bool> = floats(&table[text("status")]).iter().map(|value| *value == 1.0).collect();
        let names = case["columns"].as_array().unwrap().iter().map(|name| name.as_str().unwrap());
        let columns: Vec<Vec<f64>> = names.map(|name| floats(&table[name])).collect();
        let views: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let develop = |rows: &[usize]| -> Result<Vec<f64>, StatsError> {
            let pick = |values: &[f64]| rows.iter().map(|row| values[*row]).collect::<Vec<f64>>();
            let drawn: Vec<Vec<f64>> = views.iter().map(|column| pick(column)).collect();
            let slices: Vec<&[f64]> = drawn.iter().map(Vec::as_slice).collect();
            let events: Vec<bool> = rows.iter().map(|row| event[*row]).collect();
            cox(&CoxInput::new(&pick(&time), &events, &slices), &CoxOptions::default())?.linear_predictor(&views)
        };
        let options = OptimismOptions { replicates: 1000, seed: Seed::from_study(1) };
        let found = survival_optimism(&time, &event, develop, &options).unwrap();
        assert_eq!(found.failed, 0);
        for (name, measure) in [("concordance", found.concordance), ("slope", found.slope)] {
            near(&mut coverage, &format!("{} {name}", text("id")), measure, &case["values"][name]);
        }
    }
    coverage.finish();
}

/// The mean of five runs has 2.2 times less spread than one; ours, of five times as many replicates, as little: their
/// difference lies within four of its standard deviations.
fn near(coverage: &mut Coverage, what: &str, ours: CorrectedMeasure, theirs: &Value) {
    coverage.check(&format!("{what} apparent"), ours.apparent, &theirs["apparent"], 1e-6);
    for (name, value) in [("optimism", ours.optimism), ("corrected", ours.corrected)] {
        let runs: Vec<f64> = theirs[name].as_array().unwrap().iter().map(|run| run.as_f64().unwrap()).collect();
        let mean = runs.iter().sum::<f64>() / runs.len() as f64;
        let squares: f64 = runs.iter().map(|run| (run - mean).powi(2)).sum();
        let of_a_mean = (squares / (runs.len() - 1) as f64 / runs.len() as f64).sqrt();
        let off = (value - mean).abs();
        coverage.check_that(
            &format!("{what} {name}: {value} and {mean} ± {of_a_mean}"),
            runs.len(),
            off < 4.0 * 2f64.sqrt() * of_a_mean,
        );
    }
}
