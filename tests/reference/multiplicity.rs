//! Adjusted P-values against R's p.adjust.

use super::support::{Coverage, number, topic};
use vouch::stats::multiplicity::{MultiplicityMethod, adjust_in_family};

#[test]
fn multiplicity_agrees_with_r() {
    let document = topic("12_multiplicity.json");
    let mut coverage = Coverage::of("12_multiplicity", &document);
    for case in document["cases"].as_array().unwrap() {
        let p: Vec<f64> = case["values"]["p"].as_array().unwrap().iter().map(|value| number(value).unwrap()).collect();
        for (name, reference) in case["values"].as_object().unwrap() {
            let (method, family) = match name.as_str() {
                "p" => (MultiplicityMethod::None, p.len()),
                "bonferroni" => (MultiplicityMethod::Bonferroni, p.len()),
                "holm" => (MultiplicityMethod::Holm, p.len()),
                "hochberg" => (MultiplicityMethod::Hochberg, p.len()),
                "hommel" => (MultiplicityMethod::Hommel, p.len()),
                "BH" => (MultiplicityMethod::BenjaminiHochberg, p.len()),
                "BY" => (MultiplicityMethod::BenjaminiYekutieli, p.len()),
                "holm_n20" => (MultiplicityMethod::Holm, 20),
                other => panic!("{other}"),
            };
            let adjusted = adjust_in_family(&p, family, method).unwrap();
            for (ours, expected) in adjusted.into_iter().zip(reference.as_array().unwrap()) {
                coverage.check(name, ours, expected, 1e-14);
            }
        }
    }
    coverage.finish();
}
