//! Descriptive statistics and tests of a baseline table against R.

use super::support::{Coverage, count_values, csv, number, topic};
use serde_json::{Value, json};
use vouch::stats::baseline::anova::{anova, welch_anova};
use vouch::stats::baseline::chi_squared::{
    YatesCorrection, chi_squared, expected_counts, likelihood_ratio, standardised_residuals,
};
use vouch::stats::baseline::contingency::ContingencyTable;
use vouch::stats::baseline::correlation::{Correlation, kendall, pearson, spearman};
use vouch::stats::baseline::fisher::fisher_exact;
use vouch::stats::baseline::fisher_table::{FisherOptions, fisher_table};
use vouch::stats::baseline::jonckheere_terpstra::{TieCorrection, jonckheere_terpstra};
use vouch::stats::baseline::kolmogorov_smirnov::kolmogorov_smirnov;
use vouch::stats::baseline::kruskal_wallis::kruskal_wallis;
use vouch::stats::baseline::mean_difference::MeanDifference;
use vouch::stats::baseline::quantile::{QuantileType, quantiles};
use vouch::stats::baseline::shapiro_wilk::shapiro_wilk;
use vouch::stats::baseline::signed_rank::wilcoxon_signed_rank;
use vouch::stats::baseline::standardised_mean_difference as smd;
use vouch::stats::baseline::student_t::{paired_t, student_t};
use vouch::stats::baseline::summary::summary;
use vouch::stats::baseline::trend::cochran_armitage;
use vouch::stats::baseline::variance_homogeneity::{bartlett, variance_ratio};
use vouch::stats::baseline::welch_t::welch_t;
use vouch::stats::baseline::wilcoxon::{WilcoxonMethod, wilcoxon_rank_sum};
use vouch::stats::multiplicity::{MultiplicityMethod, adjust};
use vouch::stats::threshold::confusion::ConfusionMatrix;
use vouch::stats::threshold::diagnostic_odds_ratio::diagnostic_odds_ratio;
use vouch::stats::{Alternative, Interval, Test};

const RELATIVE: f64 = 1e-10;

/// A column of a case's file, with those that its set-up derives. NA is empty.
fn column(case: &Value, name: &str) -> Vec<String> {
    let columns = csv(case["data"][0].as_str().unwrap());
    let number = |name: &str| -> Vec<f64> { columns[name].iter().map(|field| field.parse().unwrap()).collect() };
    match name {
        "np" => number("nodes").iter().map(|nodes| u8::from(*nodes > 0.0).to_string()).collect(),
        "split" if !columns.contains_key("split") => {
            number("year").iter().map(|year| if *year <= 1989.0 { "train" } else { "test" }.to_string()).collect()
        }
        _ => columns[name].clone(),
    }
}

/// Levels in R's order: numbers by size; text by its letters and digits, signs before digits as its locale has it.
fn levels(fields: &[String]) -> Vec<String> {
    let mut levels: Vec<String> = fields.iter().filter(|field| !field.is_empty()).cloned().collect();
    levels.sort_by(|left, right| match (left.parse::<f64>(), right.parse::<f64>()) {
        (Ok(left), Ok(right)) => left.total_cmp(&right),
        _ => {
            let digit = |text: &str| text.starts_with(|first: char| first.is_ascii_digit());
            digit(left).cmp(&digit(right)).then(left.cmp(right))
        }
    });
    levels.dedup();
    levels
}

/// Non-missing values by level of the grouping column, in the order of the levels.
fn groups(case: &Value) -> Vec<(String, Vec<f64>)> {
    let values = column(case, case["columns"]["x"].as_str().unwrap());
    let labels = column(case, case["columns"]["group"].as_str().unwrap());
    let of = |level: &String| -> Vec<f64> {
        let rows = values.iter().zip(&labels).filter(|(_, label)| *label == level);
        rows.filter_map(|(value, _)| value.parse().ok()).collect()
    };
    levels(&labels).into_iter().map(|level| (level.clone(), of(&level))).collect()
}

fn check_limits(coverage: &mut Coverage, what: &str, ours: &Interval, reference: &Value, relative: f64) {
    coverage.check(&format!("{what} lower"), ours.lower, &reference[0], relative);
    coverage.check(&format!("{what} upper"), ours.upper, &reference[1], relative);
}

/// Statistic, parameters and P-value of an `htest`; its words are checked to be words.
fn check_test(coverage: &mut Coverage, what: &str, ours: &Test, reference: &Value) {
    let distribution = serde_json::to_value(ours.distribution).unwrap();
    for (field, value) in reference.as_object().unwrap() {
        let what = format!("{what} {field}");
        match field.as_str() {
            "statistic" => coverage.check_near(&what, ours.statistic.unwrap(), value, RELATIVE, 1e-12),
            "p.value" => coverage.check(&what, ours.p_value, value, RELATIVE),
            "parameter" if value.is_array() => {
                coverage.check(&what, distribution["df_numerator"].as_f64().unwrap(), &value[0], RELATIVE);
                coverage.check(&what, distribution["df_denominator"].as_f64().unwrap(), &value[1], RELATIVE);
            }
            "parameter" => coverage.check(&what, distribution["df"].as_f64().unwrap(), value, RELATIVE),
            "method" | "alternative" => coverage.check_that(&what, 1, value.is_string()),
            "null.value" => coverage.check_that(&what, 1, value == 0 || value == 1),
            "conf.int" | "estimate" => {}
            other => panic!("{other}"),
        }
    }
}

fn check_means(coverage: &mut Coverage, what: &str, ours: &MeanDifference, reference: &Value, paired: bool) {
    check_test(coverage, what, &ours.test, reference);
    if paired {
        coverage.check(what, ours.difference.value, &reference["estimate"][0], RELATIVE);
    } else {
        coverage.check(what, ours.mean_first, &reference["estimate"][0], RELATIVE);
        coverage.check(what, ours.mean_second, &reference["estimate"][1], RELATIVE);
    }
    let interval = ours.difference.interval.as_ref().unwrap();
    if ours.test.alternative == Alternative::TwoSided {
        check_limits(coverage, what, interval, &reference["conf.int"], RELATIVE);
    } else {
        // A one-sided limit of 95% is the limit of the two-sided interval of 90%, which the caller asked for.
        coverage.check_that(what, 1, number(&reference["conf.int"][0]) == Some(f64::NEG_INFINITY));
        coverage.check(what, interval.upper, &reference["conf.int"][1], RELATIVE);
    }
}

fn check_two_groups(coverage: &mut Coverage, id: &str, name: &str, first: &[f64], second: &[f64], reference: &Value) {
    let what = format!("{id} {name}");
    let rank_sum = |method| wilcoxon_rank_sum(first, second, method, Alternative::TwoSided).unwrap();
    match name {
        "t_welch" => check_means(
            coverage,
            &what,
            &welch_t(first, second, Alternative::TwoSided, 0.95).unwrap(),
            reference,
            false,
        ),
        "t_pooled" => check_means(
            coverage,
            &what,
            &student_t(first, second, Alternative::TwoSided, 0.95).unwrap(),
            reference,
            false,
        ),
        "t_welch_less" => {
            check_means(coverage, &what, &welch_t(first, second, Alternative::Less, 0.9).unwrap(), reference, false)
        }
        "wilcox_normal_correct" => {
            check_test(coverage, &what, &rank_sum(WilcoxonMethod::Normal { continuity: true }), reference)
        }
        "wilcox_normal_nocorrect" => {
            check_test(coverage, &what, &rank_sum(WilcoxonMethod::Normal { continuity: false }), reference)
        }
        "wilcox_default" => check_test(coverage, &what, &rank_sum(WilcoxonMethod::Automatic), reference),
        "wilcox_exact_no_ties_only" | "wilcox_exact_conditional_on_ties" if !reference["skipped"].is_null() => {
            coverage.not_covered("left out when the reference was made", reference);
        }
        "wilcox_exact_no_ties_only" | "wilcox_exact_conditional_on_ties" => {
            check_test(coverage, &what, &rank_sum(WilcoxonMethod::Exact), reference);
        }
        "var_test" => {
            let ours = variance_ratio(first, second, 0.95).unwrap();
            check_test(coverage, &what, &ours.test, reference);
            coverage.check(&what, ours.ratio.value, &reference["estimate"][0], RELATIVE);
            check_limits(coverage, &what, &ours.ratio.interval.unwrap(), &reference["conf.int"], RELATIVE);
        }
        "smd" => coverage.check(&what, smd::continuous(first, second, 0.95).unwrap().value, reference, RELATIVE),
        "ks" => {
            let ours = kolmogorov_smirnov(first, second).unwrap();
            coverage.check(&what, ours.statistic.unwrap(), &reference["statistic"], RELATIVE);
            // R's series stops when a term is below 1e-6.
            coverage.check_near(&what, ours.p_value, &reference["p.value"], RELATIVE, 1e-6);
            coverage.check_that(&what, 2, reference["method"].is_string() && reference["alternative"].is_string());
        }
        other => panic!("{other}"),
    }
}

fn check_continuous(coverage: &mut Coverage, case: &Value) {
    let id = case["id"].as_str().unwrap();
    let groups = groups(case);
    let slices: Vec<&[f64]> = groups.iter().map(|(_, values)| values.as_slice()).collect();
    for (name, reference) in case["values"].as_object().unwrap() {
        let what = format!("{id} {name}");
        let mut by_group = |ours: &dyn Fn(&[f64]) -> Vec<f64>| {
            for (group, values) in &groups {
                let expected = &reference[group];
                let expected = if expected.is_array() { expected.clone() } else { json!([expected]) };
                let ours = ours(values);
                assert_eq!(ours.len(), expected.as_array().unwrap().len(), "{what}");
                for (ours, expected) in ours.iter().zip(expected.as_array().unwrap()) {
                    coverage.check(&format!("{what} {group}"), *ours, expected, RELATIVE);
                }
            }
        };
        let quartiles = |values: &[f64], kind| quantiles(values, &[0.25, 0.5, 0.75], kind).unwrap();
        let of = |values: &[f64]| summary(values, QuantileType::Type7).unwrap();
        match name.as_str() {
            "n" => by_group(&|values| vec![of(values).n as f64]),
            "mean" => by_group(&|values| vec![of(values).mean]),
            "sd" => by_group(&|values| vec![of(values).standard_deviation.unwrap_or(f64::NAN)]),
            "min_max" => by_group(&|values| vec![of(values).minimum, of(values).maximum]),
            "quantiles_type7" => by_group(&|values| quartiles(values, QuantileType::Type7)),
            "quantiles_type2" => by_group(&|values| quartiles(values, QuantileType::Type2)),
            "quantiles_type6" => by_group(&|values| quartiles(values, QuantileType::Type6)),
            "n_missing" => {
                let values = column(case, case["columns"]["x"].as_str().unwrap());
                let labels = column(case, case["columns"]["group"].as_str().unwrap());
                for (group, expected) in reference.as_object().unwrap() {
                    let missing =
                        values.iter().zip(&labels).filter(|(value, label)| value.is_empty() && *label == group).count();
                    coverage.check(&what, missing as f64, expected, 0.0);
                }
            }
            "kruskal" => check_test(coverage, &what, &kruskal_wallis(&slices).unwrap(), reference),
            "shapiro" if reference.is_null() => coverage.not_covered("more than 5000 values", reference),
            "shapiro" => {
                for (group, values) in &groups {
                    let ours = shapiro_wilk(values).unwrap();
                    check_test(coverage, &format!("{what} {group}"), &ours, &reference[group]);
                }
            }
            "anova" => {
                let ours = anova(&slices).unwrap();
                let distribution = serde_json::to_value(ours.test.distribution).unwrap();
                coverage.check(&what, distribution["df_numerator"].as_f64().unwrap(), &reference["df"][0], 0.0);
                coverage.check(&what, distribution["df_denominator"].as_f64().unwrap(), &reference["df"][1], 0.0);
                coverage.check(&what, ours.sum_of_squares_between, &reference["ss"][0], RELATIVE);
                coverage.check(&what, ours.sum_of_squares_within, &reference["ss"][1], RELATIVE);
                coverage.check(&what, ours.test.statistic.unwrap(), &reference["F"], RELATIVE);
                coverage.check(&what, ours.test.p_value, &reference["p"], RELATIVE);
            }
            "welch_anova" | "bartlett" if slices.iter().any(|group| group.len() < 2) => {
                let ours = if name == "bartlett" { bartlett(&slices) } else { welch_anova(&slices) };
                let refused = reference["error"].is_string() || number(&reference["p.value"]).is_none_or(f64::is_nan);
                coverage.check_that(&what, count_values(reference), ours.is_err() && refused);
            }
            "welch_anova" => check_test(coverage, &what, &welch_anova(&slices).unwrap(), reference),
            "bartlett" => check_test(coverage, &what, &bartlett(&slices).unwrap(), reference),
            "pairwise_wilcox_holm" => check_pairwise(coverage, &what, &slices, reference),
            "jonckheere_normal" => check_jonckheere(coverage, &what, &slices, reference),
            other => check_two_groups(coverage, id, other, slices[0], slices[1], reference),
        }
    }
}

/// clinfun takes the variance without ties.
fn check_jonckheere(coverage: &mut Coverage, what: &str, groups: &[&[f64]], reference: &Value) {
    let ours = jonckheere_terpstra(groups, TieCorrection::Without, Alternative::TwoSided).unwrap();
    coverage.check(what, ours.statistic.unwrap(), &reference["statistic"], RELATIVE);
    coverage.check(what, ours.p_value, &reference["p.value"], RELATIVE);
    coverage.check_that(what, 2, reference["method"].is_string() && reference["alternative"].is_string());
}

/// Holm's adjustment over all pairs; R lists them as a lower triangle, by columns.
fn check_pairwise(coverage: &mut Coverage, what: &str, groups: &[&[f64]], reference: &Value) {
    let pairs: Vec<(usize, usize)> =
        (0..groups.len()).flat_map(|j| (j + 1..groups.len()).map(move |i| (i, j))).collect();
    let method = WilcoxonMethod::Normal { continuity: true };
    let raw: Vec<f64> = pairs
        .iter()
        .map(|(i, j)| wilcoxon_rank_sum(groups[*i], groups[*j], method, Alternative::TwoSided).unwrap().p_value)
        .collect();
    for ((i, j), p) in pairs.iter().zip(adjust(&raw, MultiplicityMethod::Holm).unwrap()) {
        coverage.check(&format!("{what} {i} {j}"), p, &reference["data"][i - 1][*j], RELATIVE);
    }
    let size = groups.len() - 1;
    coverage.check_that(
        what,
        size * size - pairs.len(),
        (0..size).all(|i| (i + 1..size).all(|j| reference["data"][i][j].is_null())),
    );
}

fn check_categorical(coverage: &mut Coverage, case: &Value) {
    let id = case["id"].as_str().unwrap();
    let rows = column(case, case["columns"]["rows"].as_str().unwrap());
    let columns = column(case, case["columns"]["cols"].as_str().unwrap());
    let (row_levels, column_levels) = (levels(&rows), levels(&columns));
    let pairs: Vec<(usize, usize)> = rows
        .iter()
        .zip(&columns)
        .filter_map(|(row, column)| {
            Some((
                row_levels.iter().position(|level| level == row)?,
                column_levels.iter().position(|level| level == column)?,
            ))
        })
        .collect();
    let (row_of, column_of): (Vec<usize>, Vec<usize>) = pairs.into_iter().unzip();
    let table = ContingencyTable::from_categories(&row_of, row_levels.len(), &column_of, column_levels.len()).unwrap();
    let two_by_two = table.rows() == 2 && table.columns() == 2;
    for (name, reference) in case["values"].as_object().unwrap() {
        let what = format!("{id} {name}");
        let mut cells = |ours: &[f64]| {
            for (index, ours) in ours.iter().enumerate() {
                let expected = &reference["data"][index / table.columns()][index % table.columns()];
                coverage.check(&what, *ours, expected, RELATIVE);
            }
        };
        match name.as_str() {
            "table" => cells(&table.counts().iter().map(|count| *count as f64).collect::<Vec<_>>()),
            "expected" => cells(&expected_counts(&table)),
            "std_residuals" => cells(&standardised_residuals(&table)),
            "chisq_yates" => {
                check_test(coverage, &what, &chi_squared(&table, YatesCorrection::With).unwrap().test, reference)
            }
            "chisq_plain" => {
                check_test(coverage, &what, &chi_squared(&table, YatesCorrection::Without).unwrap().test, reference)
            }
            "cramers_v" => {
                let ours = chi_squared(&table, YatesCorrection::Without).unwrap();
                coverage.check(&what, ours.cramers_v, reference, RELATIVE);
            }
            "g_test" => {
                let ours = likelihood_ratio(&table).unwrap();
                coverage.check(&what, ours.statistic.unwrap(), &reference["statistic"], RELATIVE);
                coverage.check(&what, ours.p_value, &reference["p"], RELATIVE);
            }
            "fisher" if two_by_two => {
                let ours = fisher_exact(&table, Alternative::TwoSided, 0.95).unwrap();
                check_test(coverage, &what, &ours.test, reference);
                let odds_ratio = ours.odds_ratio.unwrap();
                // R's root finder stops at 1.2e-4.
                coverage.check(&what, odds_ratio.value, &reference["estimate"][0], 2e-4);
                check_limits(coverage, &what, &odds_ratio.interval.unwrap(), &reference["conf.int"], 2e-4);
            }
            "fisher" => {
                // R follows paths whose log probabilities agree to 3.5e-7 as one: its P-value is good to some 1e-9. (Enumerated
                // in 40 digits, the table of split and size has 0.018459753322901; ours agrees to 1e-12, R's to 4e-10.)
                let ours = fisher_table(&table, &FisherOptions::default()).unwrap();
                coverage.check(&what, ours.test.p_value, &reference["p.value"], 1e-9);
                coverage.check_that(&what, 2, reference["method"].is_string() && reference["alternative"].is_string());
            }
            "fisher_greater_p" | "odds_ratio_wald" if !two_by_two => coverage.check_that(&what, 1, reference.is_null()),
            "fisher_greater_p" => {
                let ours = fisher_exact(&table, Alternative::Greater, 0.95).unwrap();
                coverage.check(&what, ours.test.p_value, reference, RELATIVE);
            }
            "odds_ratio_wald" => {
                let matrix = ConfusionMatrix {
                    true_positives: table.count(0, 0),
                    false_positives: table.count(0, 1),
                    false_negatives: table.count(1, 0),
                    true_negatives: table.count(1, 1),
                };
                let ours = diagnostic_odds_ratio(&matrix, 0.95).unwrap().unwrap();
                coverage.check(&what, ours.value, &reference["or"], RELATIVE);
                coverage.check(&what, ours.standard_error.unwrap(), &reference["se_log"], RELATIVE);
                let interval = ours.interval.unwrap();
                coverage.check(&what, interval.lower, &reference["lower"], RELATIVE);
                coverage.check(&what, interval.upper, &reference["upper"], RELATIVE);
            }
            "trend_2xk" if reference.is_null() => coverage.check_that(&what, 1, two_by_two),
            "trend_2xk" => {
                let upright = if table.rows() == 2 { table.clone() } else { table.transposed() };
                let events: Vec<u64> = (0..upright.columns()).map(|column| upright.count(1, column)).collect();
                let scores: Vec<f64> = (1..=upright.columns()).map(|score| score as f64).collect();
                let ours = cochran_armitage(&events, &upright.column_totals(), &scores).unwrap();
                coverage.check(&what, ours.statistic.unwrap().powi(2), &reference["statistic"], RELATIVE);
                coverage.check(&what, ours.p_value, &reference["p.value"], RELATIVE);
                coverage.check_that(&what, 2, reference["parameter"] == 1 && reference["method"].is_string());
            }
            "smd_rows_as_groups" if table.rows() != 2 => coverage.check_that(&what, 1, reference.is_null()),
            "smd_rows_as_groups" => {
                coverage.check(&what, smd::categorical(&table, 0.95).unwrap().value, reference, RELATIVE);
            }
            other => panic!("{other} {}", count_values(reference)),
        }
    }
}

fn check_correlation(coverage: &mut Coverage, case: &Value) {
    let id = case["id"].as_str().unwrap();
    let of = |name: &str| -> Vec<Option<f64>> {
        column(case, case["columns"][name].as_str().unwrap()).iter().map(|field| field.parse().ok()).collect()
    };
    let (x, y): (Vec<f64>, Vec<f64>) = of("x").into_iter().zip(of("y")).filter_map(|(x, y)| Some((x?, y?))).unzip();
    let n = x.len() as f64;
    for (name, reference) in case["values"].as_object().unwrap() {
        let what = format!("{id} {name}");
        let mut check = |ours: &Correlation| {
            check_test(coverage, &what, &ours.test, reference);
            coverage.check_near(&what, ours.estimate.value, &reference["estimate"][0], RELATIVE, 1e-15);
            if let Some(interval) = &ours.estimate.interval {
                check_limits(coverage, &what, interval, &reference["conf.int"], RELATIVE);
            }
        };
        match name.as_str() {
            "pearson" => check(&pearson(&x, &y, 0.95).unwrap()),
            "kendall_asymptotic" => check(&kendall(&x, &y).unwrap()),
            "spearman_asymptotic" => {
                // R's statistic is S = (n³ − n)(1 − ρ)/6; ours is the t that gives the P-value of both.
                let mut ours = spearman(&x, &y).unwrap();
                ours.test.statistic = Some((n * n * n - n) * (1.0 - ours.estimate.value) / 6.0);
                check(&ours);
            }
            "paired_t" => {
                check_means(coverage, &what, &paired_t(&x, &y, Alternative::TwoSided, 0.95).unwrap(), reference, true)
            }
            "signed_rank_normal" => {
                let method = WilcoxonMethod::Normal { continuity: true };
                check_test(
                    coverage,
                    &what,
                    &wilcoxon_signed_rank(&x, &y, method, Alternative::TwoSided).unwrap(),
                    reference,
                );
            }
            other => panic!("{other}"),
        }
    }
}

#[test]
fn table_one_agrees_with_r() {
    let document = topic("08_tableone.json");
    let mut coverage = Coverage::of("08_tableone", &document);
    for case in document["cases"].as_array().unwrap() {
        if case["columns"]["group"].is_string() {
            check_continuous(&mut coverage, case);
        } else if case["columns"]["rows"].is_string() {
            check_categorical(&mut coverage, case);
        } else {
            check_correlation(&mut coverage, case);
        }
    }
    coverage.finish();
}
