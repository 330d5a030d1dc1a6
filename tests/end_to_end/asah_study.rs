//! The shipped study of subarachnoid haemorrhage, whole, against what R gives on the same data
//! (fixtures/reference/01_roc.json, 02_delong.json, 07_logistic.json).

use crate::support::program::{Folder, repository, vouch};
use serde_json::Value;

/// One case of a reference file.
fn case(file: &str, id: &str) -> Value {
    let path = repository().join("fixtures/reference").join(file);
    let tree: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let cases = tree["cases"].as_array().unwrap();
    cases.iter().find(|case| case["id"] == id).unwrap()["values"].clone()
}

fn analysis<'a>(results: &'a Value, id: &str) -> &'a Value {
    results["analyses"].as_array().unwrap().iter().find(|analysis| analysis["id"] == id).unwrap()
}

fn row<'a>(rows: &'a Value, fits: impl Fn(&Value) -> bool) -> &'a Value {
    rows.as_array().unwrap().iter().find(|row| fits(row)).unwrap()
}

fn close(found: &Value, wanted: f64, tolerance: f64, what: &str) {
    let found = found.as_f64().unwrap_or_else(|| panic!("{what}: {found} is no number"));
    assert!((found - wanted).abs() <= tolerance * wanted.abs().max(1e-3), "{what}: {found}, R has {wanted}");
}

#[test]
fn the_study_of_subarachnoid_haemorrhage_agrees_with_r() {
    let folder = Folder::new();
    let study = repository().join("studies/asah-outcome");
    let outcome = vouch(&folder.path, &["run", study.to_str().unwrap(), "--out", "report"]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    let results: Value = serde_json::from_str(&folder.read_text("report/results.json")).unwrap();

    for marker in ["s100b", "ndka", "wfns"] {
        let reference = case("01_roc.json", &format!("asah_{marker}"));
        let found = row(&analysis(&results, "single")["rows"], |row| row["model"] == marker);
        close(&found["auc"]["value"], reference["auc"].as_f64().unwrap(), 1e-12, "AUC");
        for (limit, at) in [("lower", 0), ("upper", 1)] {
            let wanted = reference["ci95_delong"][at].as_f64().unwrap();
            close(&found["auc"]["interval"][limit], wanted, 1e-10, "limit of the AUC");
        }
        let partial = &found["partial_auc"];
        close(&partial["area"]["value"], reference["pauc_spec_1_0.9"].as_f64().unwrap(), 1e-10, "partial AUC");
        let corrected = reference["pauc_spec_1_0.9_corrected"].as_f64().unwrap();
        close(&partial["standardised"]["value"], corrected, 1e-10, "standardised partial AUC");
        let best = &reference["best_youden"];
        if best["threshold"].as_array().unwrap().len() == 1 {
            close(&found["metrics"][0]["value"], best["sensitivity"][0].as_f64().unwrap(), 1e-12, "sensitivity");
            close(&found["metrics"][1]["value"], best["specificity"][0].as_f64().unwrap(), 1e-12, "specificity");
        }
        // Five seeds of 2,000 replicates each in R: ours within five of their standard deviations.
        if let Some(each) = reference["bootstrap_stratified_B2000_ci95"]["each"]["data"].as_array() {
            for (limit, at) in [("lower", 0), ("upper", 2)] {
                let values: Vec<f64> = each.iter().map(|seed| seed[at].as_f64().unwrap()).collect();
                let mean = values.iter().sum::<f64>() / 5.0;
                let found = found["auc_bootstrap"][limit].as_f64().unwrap();
                assert!((found - mean).abs() < 0.012, "bootstrap {limit} of {marker}: {found}, R has {mean}");
            }
        }
    }

    // R has s100b − wfns; so has the study, whose reference model is wfns.
    let reference = &case("02_delong.json", "asah_s100b_wfns")["paired_two_sided"];
    let areas = analysis(&results, "areas");
    let found = row(&areas["rows"], |row| row["model"] == "s100b");
    close(&found["test"]["statistic"], reference["statistic"].as_f64().unwrap(), 1e-10, "z");
    close(&found["test"]["p_value"], reference["p.value"].as_f64().unwrap(), 1e-10, "P");
    close(&found["difference"]["interval"]["lower"], reference["conf.int"][0].as_f64().unwrap(), 1e-10, "limit");
    // Of the one-sided test of non-inferiority with margin 0.1: z = (−0.0923… + 0.1)/SE.
    let error = found["difference"]["standard_error"].as_f64().unwrap();
    let z = (0.1 + found["difference"]["value"].as_f64().unwrap()) / error;
    close(&found["non_inferiority"]["test"]["statistic"], z, 1e-10, "z of non-inferiority");
    assert_eq!(found["non_inferiority"]["non_inferior"], false);

    let reference = case("07_logistic.json", "asah_poor");
    let odds = analysis(&results, "odds");
    let steps = [("age", 10.0), ("gender", 1.0), ("wfns_points", 1.0), ("s100b", 0.1), ("ndka", 10.0)];
    for (at, (variable, step)) in steps.into_iter().enumerate() {
        let found = row(&odds["multivariable"], |row| row["variable"] == variable);
        let fit = &reference["fit"];
        close(&found["coefficient"], step * fit["coef"][at + 1].as_f64().unwrap(), 1e-7, variable);
        close(&found["standard_error"], step * fit["se"][at + 1].as_f64().unwrap(), 1e-6, variable);
        // Beside a profile interval the likelihood ratio of the term, as in drop1.
        let dropped = &reference["drop1_lrt"];
        let term = if variable == "wfns_points" { "wfns" } else { variable };
        let place = dropped["term"].as_array().unwrap().iter().position(|name| name == term).unwrap();
        close(&found["test"]["p_value"], dropped["p"][place].as_f64().unwrap(), 1e-6, variable);
        let limits = &reference["profile_ci"]["data"][at + 1];
        let lower = (step * limits[0].as_f64().unwrap()).exp();
        // R interpolates its profile with a spline: four digits are its own.
        close(&found["odds_ratio"]["interval"]["lower"], lower, 2e-3, variable);
        let name = if variable == "wfns_points" { "wfns" } else { variable };
        let alone = row(&odds["univariable"], |row| row["variable"] == variable);
        let wanted = step * reference["univariable"][name]["coef"][1].as_f64().unwrap();
        close(&alone["coefficient"], wanted, 1e-7, variable);
    }
    close(&odds["apparent_auc"]["value"], reference["auc"].as_f64().unwrap(), 1e-10, "apparent AUC");

    // rms::validate over five seeds; a spread of 0.006 in Dxy is one of 0.003 in the AUC.
    let corrected = &reference["rms_validate_B200"]["optimism_corrected"]["mean"];
    let found = row(&analysis(&results, "optimism")["rows"], |row| row["model"] == "markers");
    // One patient's NDKA is so high that a model may give a probability of exactly 1, which has no log odds.
    assert_eq!(found["failed"], 0, "samples that R develops a model on");
    let dxy = 2.0 * found["auc"]["corrected"].as_f64().unwrap() - 1.0;
    assert!((dxy - corrected[0].as_f64().unwrap()).abs() < 0.03, "Dxy {dxy}, R has {corrected}");
    let slope = found["slope"]["corrected"].as_f64().unwrap();
    assert!((slope - corrected[1].as_f64().unwrap()).abs() < 0.06, "slope {slope}, R has {corrected}");
    let brier = found["brier"]["corrected"].as_f64().unwrap();
    assert!((brier - corrected[2].as_f64().unwrap()).abs() < 0.008, "Brier {brier}, R has {corrected}");

    let sexes = case("02_delong.json", "asah_male_female_s100b");
    let subgroups = analysis(&results, "subgroups");
    for (level, auc, variance) in [("Men", "auc1", "var1"), ("Women", "auc2", "var2")] {
        let found = row(&subgroups["rows"], |row| row["model"] == "s100b" && row["level"] == level);
        close(&found["auc"]["value"], sexes[auc].as_f64().unwrap(), 1e-12, level);
        let error = sexes[variance].as_f64().unwrap().sqrt();
        close(&found["auc"]["standard_error"], error, 1e-10, level);
    }
    let interaction = row(&subgroups["interactions"], |row| row["model"] == "s100b" && row["variable"] == "gender");
    let z = sexes["unpaired_two_sided"]["statistic"].as_f64().unwrap();
    close(&interaction["auc"]["statistic"], z * z, 1e-9, "interaction");
}
