//! One study at several sites, put together from their results alone.

use super::small_study::{patients, study_with};
use crate::support::program::{Folder, vouch};
use serde_json::Value;

/// The results of the small study on the rows that `keep` keeps.
fn site(keep: impl Fn(usize) -> bool) -> Folder {
    let folder = study_with(&[]);
    let text = patients();
    let (head, rows) = text.split_once('\n').unwrap();
    let kept: Vec<&str> = rows.lines().enumerate().filter(|(row, _)| keep(*row)).map(|(_, line)| line).collect();
    folder.write("patients.csv", &format!("{head}\n{}\n", kept.join("\n")));
    let outcome = vouch(&folder.path, &["run", ".", "--out", "report"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    folder
}

#[test]
fn three_sites_are_pooled_and_each_is_reported() {
    let sites = [site(|row| row % 2 == 0), site(|row| row % 2 == 1), site(|row| row % 5 > 0)];
    let folder = Folder::new();
    let named: Vec<String> = sites
        .iter()
        .zip(["A", "B", "C"])
        .map(|(site, name)| format!("{name}={}", site.path.join("report").display()))
        .collect();
    let mut arguments = vec!["pool"];
    arguments.extend(named.iter().map(String::as_str));
    arguments.extend(["--out", "pooled"]);
    let outcome = vouch(&folder.path, &arguments);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    assert!(outcome.stdout.contains("performance / clinical / test / AUC: 0."), "{}", outcome.stdout);
    let pooled: Value = serde_json::from_slice(&folder.read("pooled/pooled.json")).unwrap();
    let rows = pooled["rows"].as_array().unwrap();
    let row =
        rows.iter().find(|row| row["path"] == serde_json::json!(["performance", "clinical", "test", "AUC"])).unwrap();
    assert_eq!(row["scale"], "logit");
    let weights: f64 = row["sites"].as_array().unwrap().iter().map(|site| site["weight"].as_f64().unwrap()).sum();
    assert!((weights - 1.0).abs() < 1e-12);
    let values: Vec<f64> =
        row["sites"].as_array().unwrap().iter().map(|site| site["estimate"]["value"].as_f64().unwrap()).collect();
    let mean = row["pooled"]["mean"]["value"].as_f64().unwrap();
    let (low, high) = values.iter().fold((1.0f64, 0.0f64), |(low, high), value| (low.min(*value), high.max(*value)));
    assert!(low <= mean && mean <= high, "{low} {mean} {high}");
    let prediction = &row["pooled"]["prediction"];
    assert!(prediction["lower"].as_f64() < Some(mean) && prediction["upper"].as_f64() > Some(mean));
    assert!(rows.iter().any(|row| row["quantity"] == "hazard_ratio"));
    let html = folder.read_text("pooled/pooled.html");
    for words in ["Forest plot over 3 sites", "Hartung and Knapp", "A new site"] {
        assert!(html.contains(words), "{words}");
    }
    assert!(!patients().lines().skip(1).any(|line| html.contains(&line[..8])), "no identifier in it");
    assert!(folder.read("pooled/pooled.pdf").starts_with(b"%PDF"));
}

#[test]
fn sites_with_another_spec_are_refused() {
    let (one, other) = (site(|row| row % 2 == 0), study_with(&[("seed: 11", "seed: 12")]));
    assert_eq!(vouch(&other.path, &["run", ".", "--out", "report"]).code, 0);
    let (a, b) =
        (format!("a={}", one.path.join("report").display()), format!("b={}", other.path.join("report").display()));
    let outcome = vouch(&one.path, &["pool", &a, &b]);
    assert!(outcome.code == 2 && outcome.stderr.contains("did not run the same spec"), "{}", outcome.stderr);
    let outcome = vouch(&one.path, &["pool", "report", "report"]);
    assert!(outcome.code == 2 && outcome.stderr.contains("called `report`"), "{}", outcome.stderr);
    assert_eq!(vouch(&one.path, &["pool", "report"]).code, 2);
}
