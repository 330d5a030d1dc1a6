//! The study of studies/breast-rfs, carried out by the program, against every number that was printed of it
//! (studies/breast-rfs/reported.yaml), each to its last printed digit.

use crate::support::program::{Folder, repository, vouch};
use serde_json::Value;
use serde_yaml::Value as Yaml;

/// Printed numbers that our results do not have; studies/breast-rfs/README.md says why of each.
const DISAGREE: [&str; 4] = [
    "performance/models/basic/development/uno_c/2",
    "performance/models/extended/validation/slope_5y/1",
    "performance/models/extended/validation/slope_5y/2",
    "restated/0/oe_5y",
];

/// Keys of the published file that hold no figure.
const WORDS: [&str; 13] = [
    "data",
    "id",
    "type",
    "overlapping",
    "kind",
    "model",
    "cohort",
    "at",
    "source",
    "horizon",
    "of",
    "ci_method",
    "label",
];

#[test]
fn every_printed_number_is_reproduced() {
    let folder = Folder::new();
    let study = repository().join("studies/breast-rfs");
    let out = folder.path.join("report");
    let outcome = vouch(repository(), &["run", study.to_str().unwrap(), "--no-cache", "--out", out.to_str().unwrap()]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    let ours = Ours { results: serde_json::from_slice(&folder.read("report/results.json")).unwrap() };
    let text = std::fs::read_to_string(study.join("reported.yaml")).unwrap();
    let published: Yaml = serde_yaml::from_str(&text).unwrap();
    let mut printed = Vec::new();
    for key in ["cohorts", "baseline", "cox_basic", "cox_extended", "ph_test", "performance", "restated"] {
        flatten(&published[key], key.to_string(), &mut printed);
    }
    let mut disagree = Vec::new();
    let mut unknown = Vec::new();
    for (name, figure) in &printed {
        let path: Vec<&str> = name.split('/').collect();
        match ours.figure(&path) {
            Some(value) if agrees(value, figure) => {}
            Some(value) => disagree.push((name.as_str(), figure.as_str(), value)),
            None => unknown.push(name.as_str()),
        }
    }
    println!("{} printed numbers, {} reproduced to the last digit", printed.len(), printed.len() - disagree.len());
    assert!(unknown.is_empty(), "not looked up: {unknown:#?}");
    let names: Vec<&str> = disagree.iter().map(|(name, ..)| *name).collect();
    assert_eq!(names, DISAGREE, "name, printed, ours: {disagree:#?}");
    let readme = std::fs::read_to_string(study.join("README.md")).unwrap();
    for name in DISAGREE {
        assert!(readme.contains(&format!("`{name}`")), "README.md does not explain {name}");
    }
}

/// Every number under a node with the path to it; members of a list go by their id or their place.
fn flatten(node: &Yaml, path: String, into: &mut Vec<(String, String)>) {
    match node {
        Yaml::Mapping(entries) => {
            for (key, value) in entries {
                let key = key.as_str().map_or_else(|| key.as_u64().unwrap().to_string(), str::to_string);
                if !WORDS.contains(&key.as_str()) {
                    flatten(value, format!("{path}/{key}"), into);
                }
            }
        }
        Yaml::Sequence(items) => {
            for (index, item) in items.iter().enumerate() {
                let name = item.get("id").and_then(Yaml::as_str).map_or_else(|| index.to_string(), str::to_string);
                flatten(item, format!("{path}/{name}"), into);
            }
        }
        Yaml::Number(number) => into.push((path, number.to_string())),
        Yaml::String(text) => into.push((path, text.clone())),
        other => panic!("{path}: {other:?}"),
    }
}

/// The number agrees with its printed form, rounded to as many places as that has.
fn agrees(ours: f64, printed: &str) -> bool {
    let printed = printed.replace(',', "");
    if let Some(bound) = printed.strip_prefix('<') {
        return ours < bound.parse().unwrap();
    }
    if let Some((mantissa, exponent)) = printed.split_once('e') {
        let places = mantissa.split('.').nth(1).map_or(0, str::len);
        let written = format!("{ours:.places$e}");
        return written == format!("{mantissa}e{}", exponent.parse::<i32>().unwrap());
    }
    let places = printed.split('.').nth(1).map_or(0, str::len);
    // A half is rounded up by some and to even by others: 32.5 is printed as 33.
    let half = 0.5 * 10f64.powi(-(places as i32));
    (ours - printed.parse::<f64>().unwrap()).abs() <= half * (1.0 + 1e-9)
}

struct Ours {
    results: Value,
}

impl Ours {
    fn figure(&self, path: &[&str]) -> Option<f64> {
        match path {
            ["cohorts", cohort, "n"] => self.partition(cohort)?["n"].as_f64(),
            ["cohorts", "development", "partition", which] => {
                let partition = self.partition("development")?;
                let events = by(&partition["outcomes"], "outcome", "rfs")?["events"].as_f64()?;
                Some(if *which == "events_5y" { events } else { partition["n"].as_f64()? - events })
            }
            ["baseline", "columns", cohort, "n"] => self.partition(cohort)?["n"].as_f64(),
            ["baseline", "rows", row, "levels", level, cohort, place] => self.level(row, level, cohort, place),
            ["baseline", "rows", row, "cells", cohort, place] => self.description(row, cohort, place.parse().ok()?),
            ["cox_basic", rest @ ..] => self.cox("basic", rest),
            ["cox_extended", rest @ ..] => self.cox("extended", rest),
            ["ph_test", term, what] => {
                let test = &by(&self.model("basic_all")?["cox"]["proportional_hazards"], "term", term)?["test"];
                match *what {
                    "chisq" => test["statistic"].as_f64(),
                    "p" => test["p_value"].as_f64(),
                    "df" => test["df"].as_f64(),
                    _ => None,
                }
            }
            ["performance", "models", model, cohort, rest @ ..] => self.performance(model, cohort, rest),
            // The only restatement by its place is of the net benefit.
            ["restated", _, "value"] => self.performance("basic", "validation", &["net_benefit", "0.23", "model"]),
            ["restated", _, rest @ ..] => self.performance("basic", "validation", rest),
            _ => None,
        }
    }

    fn partition(&self, cohort: &str) -> Option<&Value> {
        by(&self.results["partitions"], "id", part(cohort)?)
    }

    fn model(&self, id: &str) -> Option<&Value> {
        by(&self.results["models"], "id", id)
    }

    /// Rows of the table of characteristics for a variable, each reduced to the cell of a cohort.
    fn cells(&self, variable: &str, cohort: &str) -> Option<Vec<&Value>> {
        let table = by(&self.results["analyses"], "id", "cohorts")?;
        let column =
            table["partitions"].as_array()?.iter().position(|column| column["partition"] == part(cohort).unwrap());
        let rows = table["rows"].as_array()?.iter().filter(|row| row["variable"] == variable);
        Some(rows.map(|row| &row["cells"][column.unwrap()]).collect())
    }

    fn level(&self, variable: &str, level: &str, cohort: &str, place: &str) -> Option<f64> {
        let index = ["le20", "20_50", "gt50", "grade_1_2", "grade_3"].iter().position(|name| *name == level)?;
        let cell = self.cells(variable, cohort)?[0];
        let count = cell["counts"][index % 3].as_f64()?;
        Some(if place == "0" { count } else { 100.0 * count / cell["n"].as_f64()? })
    }

    fn description(&self, row: &str, cohort: &str, place: usize) -> Option<f64> {
        let (variable, kind, keys) = match row.strip_suffix("_median") {
            Some(variable) => (variable, "median_range", ["median", "smallest", "largest"].as_slice()),
            None => (row, "mean_sd", ["mean", "sd"].as_slice()),
        };
        let cells = self.cells(variable, cohort)?;
        let cell = cells.into_iter().find(|cell| cell["description"] == kind)?;
        cell[*keys.get(place)?].as_f64()
    }

    fn cox(&self, model: &str, path: &[&str]) -> Option<f64> {
        let cox = &self.model(model)?["cox"];
        match path {
            ["other", "lr_chi2"] => cox["likelihood_ratio"]["statistic"].as_f64(),
            ["other", "score_chi2"] => cox["score"]["statistic"].as_f64(),
            ["other", "df"] => cox["likelihood_ratio"]["df"].as_f64(),
            ["other", "dxy"] => Some(2.0 * cox["concordance"]["value"].as_f64()? - 1.0),
            ["terms", term, what] => {
                let (variable, level) = match *term {
                    "size_20_50" => ("size", Some("> 20 to 50 mm")),
                    "size_gt50" => ("size", Some("> 50 mm")),
                    "grade_3" => ("grade", Some("Grade 3")),
                    "nodes" | "pgr" => (*term, Some("linear term")),
                    _ => (term.strip_suffix("_spline")?, Some("spline term")),
                };
                let terms = cox["terms"].as_array()?;
                let term = terms.iter().find(|term| term["variable"] == variable && term["level"].as_str() == level)?;
                match *what {
                    "beta" => term["coefficient"].as_f64(),
                    "hr" => term["hazard_ratio"]["value"].as_f64(),
                    "se" => term["standard_error"].as_f64(),
                    "z" => term["z"].as_f64(),
                    "p" => term["p_value"].as_f64(),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn performance(&self, model: &str, cohort: &str, path: &[&str]) -> Option<f64> {
        let rows = by(&self.results["analyses"], "id", "performance")?["rows"].as_array()?;
        let row = rows.iter().find(|row| row["model"] == model && row["partition"] == part(cohort).unwrap())?;
        let distance = &row["calibration_distance"];
        let (estimate, place) = match path {
            ["net_benefit", "0.23", "model"] => return row["net_benefit"][0]["net_benefit"]["value"].as_f64(),
            ["net_benefit", "0.23", "treat_all"] => return row["net_benefit"][0]["treat_all"].as_f64(),
            ["ici", ..] => return distance["ici"].as_f64(),
            ["e50", ..] => return distance["e50"].as_f64(),
            ["e90", ..] => return distance["e90"].as_f64(),
            ["emax", ..] => return distance["e_max"].as_f64(),
            ["ipa", ..] => return row["scaled_brier"].as_f64(),
            [name, place @ ..] => {
                let key = match *name {
                    "auc_5y" => "auc",
                    "oe_5y" => "observed_expected_ratio",
                    "slope_5y" => "slope",
                    "in_the_large" => "observed_expected_follow_up",
                    "slope_overall" => "slope_follow_up",
                    other => other,
                };
                (&row[key], place)
            }
            [] => return None,
        };
        match place {
            [] | ["0"] => estimate["value"].as_f64(),
            ["1"] => estimate["interval"]["lower"].as_f64(),
            ["2"] => estimate["interval"]["upper"].as_f64(),
            _ => None,
        }
    }
}

fn part(cohort: &str) -> Option<&'static str> {
    match cohort {
        "development" => Some("training"),
        "validation" => Some("external"),
        _ => None,
    }
}

/// The member of a list with this value under a key.
fn by<'a>(list: &'a Value, key: &str, value: &str) -> Option<&'a Value> {
    list.as_array()?.iter().find(|item| item[key] == value)
}
