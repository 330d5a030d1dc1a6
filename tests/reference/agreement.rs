//! Kappa and intraclass correlation against vcd, irr, psych and statsmodels.

use super::support::{Coverage, csv, floats, topic};
use serde_json::{Value, json};
use vouch::stats::agreement::cohen_kappa::{CohenKappa, KappaWeights, cohen_kappa};
use vouch::stats::agreement::fleiss_kappa::{fleiss_kappa, free_marginal_kappa};
use vouch::stats::agreement::intraclass_correlation::{IntraclassForm, intraclass_correlation};
use vouch::stats::agreement::symmetry::bowker;
use vouch::stats::baseline::contingency::ContingencyTable;
use vouch::stats::comparison::mcnemar::{McNemarMethod, mcnemar};
use vouch::stats::comparison::paired_proportions::PairedCounts;

const RELATIVE: f64 = 1e-10;

fn table_of(reference: &Value) -> ContingencyTable {
    let rows = reference["data"].as_array().unwrap();
    let counts = rows.iter().flat_map(|row| row.as_array().unwrap()).map(|count| count.as_u64().unwrap()).collect();
    ContingencyTable::new(rows.len(), rows.len(), counts).unwrap()
}

/// The table that the data give, on the categories that either rater used, in ascending order.
fn table_from_data(case: &Value) -> ContingencyTable {
    let columns = csv(case["data"][0].as_str().unwrap());
    let test_only =
        case["setup"].as_array().unwrap().iter().any(|line| line.as_str().unwrap().contains("split == 'test'"));
    let raters = ["rater1", "rater2"].map(|rater| floats(&columns[case["columns"][rater].as_str().unwrap()]));
    let kept: Vec<usize> = (0..raters[0].len())
        .filter(|row| !test_only || columns["split"][*row] == "test")
        .filter(|row| raters.iter().all(|rater| !rater[*row].is_nan()))
        .collect();
    let mut levels: Vec<f64> = kept.iter().flat_map(|row| raters.iter().map(|rater| rater[*row])).collect();
    levels.sort_by(f64::total_cmp);
    levels.dedup();
    let category = |rater: usize| -> Vec<usize> {
        kept.iter().map(|row| levels.iter().position(|level| *level == raters[rater][*row]).unwrap()).collect()
    };
    ContingencyTable::from_categories(&category(0), levels.len(), &category(1), levels.len()).unwrap()
}

fn check_vcd(coverage: &mut Coverage, what: &str, ours: &CohenKappa, reference: &Value) {
    coverage.check(what, ours.estimate.value, &reference["value"], RELATIVE);
    coverage.check(what, ours.estimate.standard_error.unwrap(), &reference["ASE"], RELATIVE);
}

fn check_psych(
    coverage: &mut Coverage,
    id: &str,
    plain: &CohenKappa,
    weighted: &CohenKappa,
    n: u64,
    reference: &Value,
) {
    coverage.check(id, plain.estimate.value, &reference["kappa"], RELATIVE);
    coverage.check(id, weighted.estimate.value, &reference["weighted_kappa_quadratic"], RELATIVE);
    coverage.check(id, n as f64, &reference["n"], 0.0);
    coverage.check(id, plain.estimate.standard_error.unwrap().powi(2), &reference["var_kappa"], RELATIVE);
    let limits = plain.estimate.interval.as_ref().unwrap();
    let row = &reference["ci"]["data"][0];
    for (ours, expected) in [(limits.lower, &row[0]), (plain.estimate.value, &row[1]), (limits.upper, &row[2])] {
        coverage.check(&format!("{id} psych interval"), ours, expected, RELATIVE);
    }
    let row = &reference["ci"]["data"][1];
    coverage.check(id, weighted.estimate.value, &row[1], RELATIVE);
    // psych takes the disagreement weights for agreement weights in the variance of the weighted kappa of more than two
    // categories; vcd's, checked beside it, is Fleiss, Cohen and Everitt's.
    let two = plain.estimate.value == weighted.estimate.value;
    for (ours, expected) in [
        (weighted.estimate.standard_error.unwrap().powi(2), &reference["var_weighted"]),
        (weighted.estimate.interval.as_ref().unwrap().lower, &row[0]),
        (weighted.estimate.interval.as_ref().unwrap().upper, &row[2]),
    ] {
        if two {
            coverage.check(&format!("{id} psych weighted"), ours, expected, RELATIVE);
        } else {
            coverage.not_covered(
                "psych's variance of a weighted kappa differs from Fleiss, Cohen and Everitt's (vcd), which is ours",
                expected,
            );
        }
    }
}

fn check_two_raters(coverage: &mut Coverage, case: &Value) {
    let id = case["id"].as_str().unwrap();
    let values = &case["values"];
    let table = table_from_data(case);
    let size = table.rows();
    coverage.check_that(&format!("{id} table"), size * size, table == table_of(&values["table"]));
    let kappa = |table: &ContingencyTable, weights| cohen_kappa(table, weights, 0.95).unwrap();
    let plain = kappa(&table, KappaWeights::Unweighted);
    let linear = kappa(&table, KappaWeights::Linear);
    let quadratic = kappa(&table, KappaWeights::Quadratic);
    // irr sorts the categories as text: "100" comes first.
    let labels: Vec<&str> =
        values["table"]["rownames"].as_array().unwrap().iter().map(|label| label.as_str().unwrap()).collect();
    let mut as_text: Vec<usize> = (0..size).collect();
    as_text.sort_by_key(|index| labels[*index]);
    let counts = as_text.iter().flat_map(|i| as_text.iter().map(|j| table.count(*i, *j))).collect();
    let reordered = ContingencyTable::new(size, size, counts).unwrap();
    for (name, reference) in values.as_object().unwrap() {
        let what = format!("{id} {name}");
        match name.as_str() {
            "table" => {}
            "psych" => check_psych(coverage, id, &plain, &quadratic, table.total(), reference),
            "vcd_equal_spacing" | "vcd_fleiss_cohen" => {
                check_vcd(coverage, &what, &plain, &reference["unweighted"]);
                let weighted = if name == "vcd_equal_spacing" { &linear } else { &quadratic };
                check_vcd(coverage, &what, weighted, &reference["weighted"]);
            }
            "irr_unweighted" | "irr_equal" | "irr_squared" => {
                let weights = match name.as_str() {
                    "irr_unweighted" => KappaWeights::Unweighted,
                    "irr_equal" => KappaWeights::Linear,
                    _ => KappaWeights::Quadratic,
                };
                let ours = kappa(&reordered, weights);
                let test = ours.test.unwrap();
                coverage.check(&what, ours.estimate.value, &reference["value"], RELATIVE);
                coverage.check(&what, test.statistic.unwrap(), &reference["z"], RELATIVE);
                // irr takes one minus a lower tail: its P-value is good to 1e-16 absolutely.
                coverage.check_near(&what, test.p_value, &reference["p"], RELATIVE, 1e-16);
            }
            "percent_agreement" => coverage.check(&what, plain.observed_agreement, reference, RELATIVE),
            "pabak" => {
                // Two ratings per subject, as a table of subjects by categories.
                let rows = (0..size).flat_map(|i| (0..size).map(move |j| (i, j))).flat_map(|(i, j)| {
                    let mut row = vec![0; size];
                    row[i] += 1;
                    row[j] += 1;
                    std::iter::repeat_n(row, table.count(i, j) as usize).flatten()
                });
                let subjects = ContingencyTable::new(table.total() as usize, size, rows.collect()).unwrap();
                coverage.check(&what, free_marginal_kappa(&subjects).unwrap().value, reference, RELATIVE);
            }
            "stuart_maxwell_or_mcnemar_bowker" if size == 2 => {
                let counts = PairedCounts {
                    both: table.count(0, 0),
                    only_first: table.count(0, 1),
                    only_second: table.count(1, 0),
                    neither: table.count(1, 1),
                };
                let test = mcnemar(&counts, McNemarMethod::ChiSquared { correction: true }).unwrap();
                coverage.check(&what, test.statistic.unwrap(), &reference["statistic"], RELATIVE);
                coverage.check(&what, test.p_value, &reference["p.value"], RELATIVE);
                coverage.check_that(&what, 2, reference["parameter"] == 1 && reference["method"].is_string());
            }
            "stuart_maxwell_or_mcnemar_bowker" => {
                assert!(bowker(&table).is_ok());
                coverage.not_covered(
                    "R gives NaN where a pair of categories has no subject; ours leaves such pairs out",
                    reference,
                );
            }
            other => panic!("{other}"),
        }
    }
}

#[test]
fn agreement_agrees_with_the_packages() {
    let document = topic("11_agreement.json");
    let mut coverage = Coverage::of("11_agreement", &document);
    for case in document["cases"].as_array().unwrap() {
        let values = &case["values"];
        let columns = csv(case["data"][0].as_str().unwrap());
        match case["id"].as_str().unwrap() {
            "toy_icc" => {
                let ratings: Vec<Vec<f64>> = (1..=4).map(|rater| floats(&columns[&format!("rater{rater}")])).collect();
                let ratings: Vec<&[f64]> = ratings.iter().map(Vec::as_slice).collect();
                for (name, form) in [
                    ("ICC1", IntraclassForm::OneWaySingle),
                    ("ICC2", IntraclassForm::RandomSingle),
                    ("ICC3", IntraclassForm::FixedSingle),
                    ("ICC1k", IntraclassForm::OneWayMean),
                    ("ICC2k", IntraclassForm::RandomMean),
                    ("ICC3k", IntraclassForm::FixedMean),
                ] {
                    let ours = intraclass_correlation(&ratings, form, 0.95).unwrap();
                    let interval = ours.estimate.interval.unwrap();
                    let distribution = serde_json::to_value(ours.test.distribution).unwrap();
                    let fields = [
                        ("icc", ours.estimate.value),
                        ("F", ours.test.statistic.unwrap()),
                        ("df1", distribution["df_numerator"].as_f64().unwrap()),
                        ("df2", distribution["df_denominator"].as_f64().unwrap()),
                        ("p", ours.test.p_value),
                        ("lower95", interval.lower),
                        ("upper95", interval.upper),
                    ];
                    for (field, value) in fields {
                        coverage.check(&format!("{name} {field}"), value, &values[name][field], RELATIVE);
                    }
                }
            }
            "toy_fleiss" => {
                let categories: Vec<Vec<f64>> =
                    (1..=5).map(|category| floats(&columns[&format!("c{category}")])).collect();
                let counts =
                    (0..10).flat_map(|subject| categories.iter().map(move |counts| counts[subject] as u64)).collect();
                let table = ContingencyTable::new(10, 5, counts).unwrap();
                coverage.check(
                    "Fleiss",
                    fleiss_kappa(&table, 0.95).unwrap().estimate.value,
                    &values["fleiss"],
                    RELATIVE,
                );
                coverage.check("Randolph", free_marginal_kappa(&table).unwrap().value, &values["randolph"], RELATIVE);
                assert_eq!(json!(table.total()), json!(140));
            }
            _ => check_two_raters(&mut coverage, case),
        }
    }
    coverage.finish();
}
