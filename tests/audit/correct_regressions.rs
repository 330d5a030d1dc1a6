//! Regression tables, survival curves and numbers of subjects that correct papers print, and one number of each that no
//! correct paper has. Every finding is replayed.

use vouch::audit::{Replay, Verdict, audit, parse, replay};

fn accused(text: &str) -> Vec<String> {
    let text = format!("schema: reported/1\n{text}");
    let reported = parse(&text, "correct.yaml").unwrap_or_else(|problems| panic!("{problems:#?}"));
    let found = audit(&reported).findings.into_iter().filter(|finding| finding.verdict <= Verdict::Implausible);
    found
        .map(|finding| {
            assert!(!matches!(replay(&finding, &reported), Replay::Refuted(_)), "{finding:#?}");
            finding.id
        })
        .collect()
}

fn silent(text: &str) {
    assert_eq!(accused(text), Vec::<String>::new(), "{text}");
}

fn speaks(text: &str, id: &str) {
    assert_eq!(accused(text), [id], "{text}");
}

#[test]
fn a_narrow_interval_with_its_own_p_value() {
    let term = |ratio: &str, low: &str, high: &str, p: &str| {
        format!(
            "t: {{kind: regression, model: logistic, n: 400, terms: [{{id: male, type: binary, or: \"{ratio}\", ci: [\"{low}\", \"{high}\"]{p}}}]}}\n"
        )
    };
    // Per standard deviation the standard error is 2 / sqrt(400) = 0.1 at least.
    silent(&term("1.62", "1.32", "1.99", ", p: \"<0.001\""));
    // A 90 % interval: 0.35 +- 1.645 * 0.2; P 0.08.
    silent(&term("1.42", "1.02", "1.97", ", p: \"0.08\""));
    // With another P-value, without one, or narrower than any coding allows.
    assert!(accused(&term("1.62", "1.32", "1.99", ", p: \"0.20\"")).contains(&"V502:t/male".to_string()));
    speaks(&term("1.62", "1.32", "1.99", ""), "V502:t/male");
    speaks(&term("1.62", "1.45", "1.81", ", p: \"<0.001\""), "V502:t/male");
}

#[test]
fn coefficients_of_a_linear_model() {
    // Standard errors of 0.204, 0.30 and 0.41 of 200 subjects: t 2.45, 4.0 and -0.5.
    let table = |last: &str| {
        format!(
            "t: {{kind: regression, model: linear, n: 200, terms: [{{id: a, beta: \"0.50\", ci: [\"0.10\", \"0.90\"], p: \"0.015\"}}, {{id: b, beta: \"1.20\", ci: [\"0.61\", \"1.79\"], p: \"<0.001\"}}, {{id: d, beta: \"-0.20\", ci: [\"-1.01\", \"0.61\"], p: \"0.63\"}}, {last}]}}\n"
        )
    };
    silent(&table("{id: c, beta: \"-0.43\", ci: [\"-0.81\", \"-0.05\"], p: \"0.03\"}"));
    // Of a profile or of draws.
    silent(&table("{id: c, beta: \"-0.43\", ci: [\"-0.85\", \"-0.06\"], p: \"0.03\"}"));
    speaks(&table("{id: c, beta: \"-0.43\", ci: [\"-0.81\", \"0.95\"], p: \"0.03\"}"), "V501:t/c/middle");
    speaks(&table("{id: c, beta: \"0.43\", ci: [\"-0.81\", \"-0.05\"], p: \"0.03\"}"), "V501:t/c/middle");
    speaks(&table("{id: c, beta: \"-0.43\", ci: [\"-0.81\", \"-0.05\"], p: \"0.62\"}"), "V501:t/c/interval");
}

#[test]
fn a_coefficient_that_may_be_of_another_scale_than_its_interval() {
    let alone = |beta: &str| {
        format!(
            "t: {{kind: regression, model: linear, terms: [{{id: a, beta: \"{beta}\", ci: [\"1.35\", \"4.90\"]}}]}}\n"
        )
    };
    // Standardised, or in another unit, and the interval not.
    silent(&alone("0.21"));
    silent(&alone("8.11"));
    speaks(&alone("-3.12"), "V501:t/a/middle");
    silent(&alone("-3.12").replace("linear", "linear, ci_method: bootstrap"));
    // Standardised coefficients of which those near zero are in the middle of narrow limits of the plain ones.
    silent(
        "t: {kind: regression, model: linear, terms: [{id: a, beta: \"0.02\", ci: [\"-0.01\", \"0.04\"]}, {id: b, beta: \"0.00\", ci: [\"-0.02\", \"0.01\"]}, {id: c, beta: \"-0.01\", ci: [\"-0.02\", \"0.01\"]}, {id: d, beta: \"0.31\", ci: [\"0.04\", \"0.19\"]}]}\n",
    );
}

#[test]
fn levels_of_a_factor_with_their_own_p_values() {
    let table = |first: &str, second: &str, third: &str| {
        format!(
            "t: {{kind: regression, model: cox, terms: [{{id: q1, type: factor, hr: \"1.00\"}}, {{id: q2, type: factor, hr: \"1.20\", ci: [\"0.80\", \"1.80\"]{first}}}, {{id: q3, type: factor, hr: \"1.50\", ci: [\"1.01\", \"2.23\"]{second}}}, {{id: q4, type: factor, hr: \"2.10\", ci: [\"1.44\", \"3.06\"]{third}}}]}}\n"
        )
    };
    silent(&table(", p: \"0.38\"", ", p: \"0.045\"", ", p: \"<0.001\""));
    speaks(&table(", p: \"0.38\"", ", p: \"0.045\"", ", p: \"0.21\""), "V501:t/q4/interval");
    // The factor's P-value, once or beside each level.
    silent(&table(", p: \"0.0001\"", "", ""));
    silent(&table(", p: \"0.0001\"", ", p: \"0.0001\"", ", p: \"0.0001\""));
    // The factor's beside its first level and that of a trend beside the next.
    silent(&table(", p: \"0.0001\"", ", p: \"0.0003\"", ", p: \"0.21\""));
}

/// Two factors without the rows of their reference levels, each with its own P-value beside both of its levels.
#[test]
fn p_values_of_two_factors_in_a_row() {
    silent(
        "t: {kind: regression, model: cox, terms: [{id: stage2, type: factor, hr: \"1.20\", ci: [\"0.80\", \"1.80\"], p: \"<0.001\"}, {id: stage3, type: factor, hr: \"2.10\", ci: [\"1.44\", \"3.06\"], p: \"<0.001\"}, {id: grade2, type: factor, hr: \"1.10\", ci: [\"0.74\", \"1.64\"], p: \"0.64\"}, {id: grade3, type: factor, hr: \"1.50\", ci: [\"1.01\", \"2.23\"], p: \"0.045\"}]}\n",
    );
}

#[test]
fn a_p_value_beside_a_small_statistic() {
    let term = |p: &str| {
        format!(
            "t: {{kind: regression, model: logistic, terms: [{{id: a, beta: \".107\", se: \".233\", wald: \".211\", p: \"{p}\"}}]}}\n"
        )
    };
    silent(&term(".646"));
    // By the likelihood, from three units of Wald's z away.
    silent(&term(".644"));
    speaks(&term(".466"), "V501:t/a/p");
    // Near separation Wald's statistic vanishes, the likelihood's does not.
    silent(
        "t: {kind: regression, model: logistic, terms: [{id: a, beta: \"18.2\", se: \"6402.1\", wald: \".000\", p: \"0.004\"}]}\n",
    );
}

#[test]
fn events_of_a_model() {
    let model = |kind: &str, all: &str, n: i32, events: i32| {
        format!(
            "t: {{kind: regression, model: {kind}, {all}, terms: [{{id: men, n: {n}, events: {events}, hr: \"0.70\", ci: [\"0.55\", \"0.89\"], p: \"0.004\"}}]}}\n"
        )
    };
    silent(&model("cox", "n: 500, events: 258", 300, 143));
    speaks(&model("cox", "n: 500, events: 258", 300, 743), "V505:t/men/events");
    silent(&model("other", "n: 500, events: 258", 300, 743));
    // Falls, exacerbations, visits: they recur, as the model's own number shows, or may.
    silent(&model("cox", "n: 500, events: 1130", 300, 743));
    silent(&model("cox", "n: 500", 300, 743));
    silent(&model("cox", "n: 500, events: 420", 120, 180));
    // A crude ratio of all subjects beside a model of those with complete data.
    silent(&model("cox", "n: 500, events: 258", 700, 743));
}

#[test]
fn a_single_reason_for_exclusion() {
    let flow = |left: i32| {
        format!(
            "flow: {{screened: {{n: 325}}, included: {{n: {left}, from: screened, excluded: {{no_consent: 32, no_image: 15}}}}}}\n"
        )
    };
    silent(&flow(278));
    // All without an image also without consent, or with a reason that is not listed.
    silent(&flow(293));
    silent(&flow(250));
    speaks(&flow(294), "V103:flow/included");
    // Lesions, of which a patient may have several.
    silent(&flow(294).replace("no_image", "lesions_too_small"));
    silent(&flow(340));
}

#[test]
fn the_median_of_a_whole() {
    let table = |all: &str| {
        format!(
            "t:\n  kind: baseline\n  columns: [{{id: a, n: 40}}, {{id: b, n: 60}}, {{id: all, n: 100, sum_of: [a, b]}}]\n  rows: [{{id: crp, type: median_iqr, cells: {{a: [\"12\", \"5\", \"30\"], b: [\"15\", \"6\", \"33\"], all: [\"{all}\", \"6\", \"32\"]}}}}]\n"
        )
    };
    silent(&table("14"));
    silent(&table("15"));
    speaks(&table("21"), "V603:t/crp/all/median");
    speaks(&table("9"), "V603:t/crp/all/median");
    // Kaplan and Meier's median of follow-up, and a whole with subjects of no group.
    silent(&table("21").replace("crp", "follow_up_months"));
    assert!(!accused(&table("21").replace("n: 100", "n: 117")).contains(&"V603:t/crp/all/median".to_string()));
}

#[test]
fn survival_beside_numbers_at_risk() {
    let curve = |name: &str, rates: &str, at_risk: &str| {
        format!(
            "{name}: {{kind: survival, times: [1, 3], groups: {{low: {{n: 80, rates: [{rates}], at_risk: [{at_risk}]}}}}}}\n"
        )
    };
    silent(&curve("s", "\"94.2\", \"82.0\"", "70, 60"));
    // Many events at the visit of three years.
    silent(&curve("s", "\"94.2\", \"55.0\"", "70, 60"));
    speaks(&curve("s", "\"94.2\", \"28.0\"", "70, 60"), "V701:s/low/at_risk/1");
    silent(&curve("s_weighted", "\"94.2\", \"28.0\"", "70, 60"));
    // From time zero on, with one subject who was never seen again.
    silent(&curve("s", "\"94.2\", \"48.0\"", "80, 60"));
    silent(&curve("s", "\"99.2\", \"48.0\"", "79, 60"));
    // Entered later: more at risk than before.
    silent(&curve("s", "\"94.2\", \"48.0\"", "40, 60"));
    // Cumulative incidence, of one time.
    silent("s: {kind: survival, times: [3], groups: {low: {n: 80, rates: [\"18.0\"], at_risk: [60]}}}\n");
}

/// Alike at all times that are printed, and then not: the hazard ratio is of the whole follow-up.
#[test]
fn a_hazard_ratio_of_later_events() {
    let curves = |first: &str, last: &str| {
        format!(
            "s: {{kind: survival, times: [1, 5], groups: {{low: {{n: 80, rates: [\"0.71\", \"0.60\"]}}, high: {{n: 80, rates: [\"{first}\", \"{last}\"]}}}}, hr: [{{value: \"3.10\", ci: [\"1.80\", \"5.34\"], of: high, against: low}}]}}\n"
        )
    };
    silent(&curves("0.75", "0.63"));
    speaks(&curves("0.90", "0.85"), "V702:s/direction");
}

/// 0.30 typed as 3.00 does not make percents of the others, of which the median would be none.
#[test]
fn one_rate_above_one_is_no_sign_of_percents() {
    let curve = |second: &str| {
        format!(
            "s: {{kind: survival, times: [1, 3, 5], time_unit: years, groups: {{low: {{n: 80, median: \"2.4\", rates: [\"0.86\", \"{second}\", \"0.21\"]}}}}}}\n"
        )
    };
    silent(&curve("0.30"));
    assert!(!accused(&curve("3.00")).contains(&"V705:s/low/median".to_string()));
    let percents = "s: {kind: survival, times: [1, 3, 5], time_unit: years, groups: {low: {n: 80, median: \"4.4\", rates: [\"86\", \"30\", \"0.6\"]}}}\n";
    speaks(percents, "V705:s/low/median");
}

#[test]
fn events_of_groups_and_of_their_cohort() {
    let table = |positive: i32, events: i32| {
        format!(
            "cohorts: {{dev: {{n: 400, positive: {positive}}}}}\nrisk: {{kind: cutoffs, n: 400, rows: {{g1: {{n: 80, events: 4, rate: \"5.0\"}}, g2: {{n: 80, events: 9, rate: \"11.3\"}}, g3: {{n: 80, events: 14, rate: \"17.5\"}}, g4: {{n: 80, events: {events}, rate: \"28.8\"}}, g5: {{n: 80, events: 41, rate: \"51.3\"}}}}}}\n"
        )
    };
    silent(&table(91, 23));
    speaks(&table(91, 32), "V107:risk/g4/events");
    // Events after the time of the rates and of the cohort's, in one group alone.
    silent(&table(91, 26));
    // Of another outcome than the one that divides the cohort.
    silent(&table(150, 32));
}

/// rms prints "Wald Z", others Wald's χ² under the same word.
#[test]
fn a_wald_statistic_that_is_z_and_not_its_square() {
    let table = |size: &str, grade: &str| {
        format!(
            "t: {{kind: regression, model: cox, terms: [{{id: size, multivariable: {{beta: \"0.3418\", se: \"0.0654\", wald: \"{size}\", p: \"< 0.001\"}}}}, {{id: grade, multivariable: {{beta: \"0.3617\", se: \"0.0713\", wald: \"{grade}\", p: \"< 0.001\"}}}}, {{id: age, multivariable: {{beta: \"-0.0117\", se: \"0.0060\", wald: \"-1.95\", p: \"0.051\"}}}}]}}\n"
        )
    };
    silent(&table("5.23", "5.07"));
    speaks(&table("5.23", "6.07"), "V501:t/grade (multivariable)/z");
    let squares = "t: {kind: regression, model: cox, terms: [{id: size, multivariable: {beta: \"0.3418\", se: \"0.0654\", wald: \"27.3\"}}, {id: grade, multivariable: {beta: \"0.3617\", se: \"0.0713\", wald: \"5.07\"}}, {id: age, multivariable: {beta: \"0.0117\", se: \"0.0060\", wald: \"3.80\"}}]}\n";
    speaks(squares, "V501:t/grade (multivariable)/z");
}

/// The name that the documents give to the interval of a ratio is no reason not to look at it.
#[test]
fn the_middle_of_an_interval_that_is_said_to_be_of_logarithms() {
    let table = |upper: &str| {
        format!(
            "t: {{kind: regression, model: logistic, ci_method: wald_log, terms: [{{id: a, multivariable: {{or: \"1.43\", ci: [\"1.27\", \"{upper}\"]}}}}]}}\n"
        )
    };
    silent(&table("1.61"));
    speaks(&table("1.86"), "V501:t/a (multivariable)/middle");
}
