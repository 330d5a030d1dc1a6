//! Printed numbers beside recomputed ones: our own report agrees with its results to the last number, an error that is
//! planted is found at the very number, and a paper with names of its own is matched.

use super::as_reported::committed;
use vouch::audit::recompute::{Evidence, OutcomeColumn, ScoreColumn, ScoreTable, recompute};
use vouch::audit::{Reported, parse};
use vouch::results::{Agreement, OutcomeKind, Published, PublishedFigure, Results};
use vouch::stats::Orientation;

fn read(text: &str) -> Reported {
    parse(text, "reported.yaml").unwrap_or_else(|problems| panic!("{problems:#?}"))
}

fn beside(text: &str, results: &Results) -> Published {
    recompute(&read(text), &Evidence { results: Some(results), scores: None }, String::new())
}

fn paths(published: &Published, agreement: Agreement) -> Vec<String> {
    published.figures().filter(|figure| figure.agreement == agreement).map(|figure| figure.path.clone()).collect()
}

#[test]
fn our_own_report_agrees_with_its_results() {
    for (id, results) in committed() {
        let published = beside(&vouch::report::as_reported(&results), &results);
        assert_eq!(paths(&published, Agreement::Disagrees), Vec::<String>::new(), "{id}");
        assert_eq!(paths(&published, Agreement::AgreesUpToRounding), Vec::<String>::new(), "{id}");
        if results.outcomes.iter().all(|outcome| outcome.kind != OutcomeKind::Binary) {
            // What its report prints is facts to the layout, which are kept and not compared.
            continue;
        }
        let agree = published.count(Agreement::Agrees);
        let unknown = published.count(Agreement::NotRecomputable);
        assert!(agree > 100 && unknown * 10 < agree, "{id}: {}", published.in_words());
    }
}

/// The printed text with its digits moved by three units of the last place.
fn moved(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(|letter| letter.is_ascii_digit()).collect();
    let plain = text.chars().all(|letter| letter.is_ascii_digit() || letter == '.');
    let larger = (digits.parse::<u64>().ok()? + 3).to_string();
    let padded = format!("{larger:0>width$}", width = digits.len());
    let point = text.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    let (whole, fraction) = padded.split_at(padded.len() - point);
    plain.then(|| if point > 0 { format!("{whole}.{fraction}") } else { whole.to_string() })
}

#[test]
fn a_planted_error_is_found_at_the_very_number_and_nowhere_else() {
    let (_, results) = committed().into_iter().find(|(id, _)| id == "rotterdam-lnm").unwrap();
    let text = vouch::report::as_reported(&results);
    let original = beside(&text, &results);
    let lines: Vec<&str> = text.lines().collect();
    let candidates: Vec<&PublishedFigure> =
        original.figures().filter(|figure| figure.agreement == Agreement::Agrees).collect();
    let (mut planted, mut found) = (0, 0);
    for figure in candidates.iter().step_by(11) {
        let Some(wrong) = moved(&figure.printed) else { continue };
        let mut changed: Vec<String> = lines.iter().map(ToString::to_string).collect();
        let line = &mut changed[figure.line - 1];
        let start = line.char_indices().nth(figure.column - 1).map_or(0, |(at, _)| at);
        let typed = format!("\"{}\"", figure.printed);
        assert!(line[start..].starts_with(&typed), "{}: {line}", figure.path);
        line.replace_range(start..start + typed.len(), &format!("\"{wrong}\""));
        let after = beside(&changed.join("\n"), &results);
        let at = after.figures().find(|other| other.path == figure.path).unwrap();
        planted += 1;
        found += usize::from(at.agreement == Agreement::Disagrees);
        // An interval whose method has no name here may be by another one: then it is open, but never right.
        assert!(at.agreement >= Agreement::Disagrees, "{} {} {}", figure.path, figure.printed, wrong);
        let others = paths(&after, Agreement::Disagrees);
        assert!(others.iter().all(|path| *path == figure.path), "{}: {others:?}", figure.path);
    }
    assert!(planted > 60 && found * 8 >= planted * 7, "{found} of {planted}");
}

/// Six subjects with the event and six without; 31 of 36 pairs are ranked rightly and one is tied: AUC 31.5/36 = 0.875.
/// At 0.5: TP 5, FN 1, FP 2, TN 4.
fn twelve() -> ScoreTable {
    let with = [0.9, 0.85, 0.8, 0.7, 0.6, 0.3];
    let without = [0.75, 0.55, 0.3, 0.25, 0.2, 0.1];
    let scores: Vec<f64> = with.into_iter().chain(without).collect();
    let outcome = (0..12).map(|row| row < 6).collect();
    ScoreTable {
        partitions: vec!["test".to_string(); 12],
        outcomes: [("sick".to_string(), OutcomeColumn::Binary(outcome))].into_iter().collect(),
        scores: [("m".to_string(), ScoreColumn { orientation: Orientation::HigherIsRisk, scores })]
            .into_iter()
            .collect(),
    }
}

fn beside_scores(text: &str) -> Published {
    let scores = twelve();
    recompute(&read(text), &Evidence { results: None, scores: Some(&scores) }, String::new())
}

const PAPER: &str = r#"schema: reported/1
match:
  models: {our_model: m}
  thresholds: {m: "0.5"}
cohorts: {test_set: {n: 12, positive: 6, negative: 6}}
table_2:
  kind: performance
  ci_method: METHOD
  models:
    our_model: {test_set: {auc: "AUC", sens: ["SENS", "LOWER", "UPPER"], spec: "66.7", tp: 5, fp: 2}}
"#;

fn paper(replacements: &[(&str, &str)]) -> String {
    let usual = [
        ("cohorts: {test_set", "  cohorts: {test_set: test}\ncohorts: {test_set"),
        ("METHOD", "clopper_pearson"),
        ("AUC", "0.88"),
        ("SENS", "83.3"),
        // R: binom.test(5, 6)$conf.int
        ("LOWER", "35.9"),
        ("UPPER", "99.6"),
    ];
    let mut text = PAPER.to_string();
    for (from, to) in replacements.iter().chain(&usual) {
        text = text.replacen(from, to, 1);
    }
    text
}

fn row_says(published: &Published, quantity: &str) -> (Vec<Agreement>, String) {
    let row = published.tables.iter().flat_map(|table| &table.rows).find(|row| row.quantity == quantity).unwrap();
    (row.figures.iter().map(|figure| figure.agreement).collect(), row.says.clone())
}

#[test]
fn a_paper_with_names_of_its_own_by_hand() {
    let published = beside_scores(&paper(&[]));
    assert_eq!(paths(&published, Agreement::Disagrees), Vec::<String>::new());
    assert_eq!(published.count(Agreement::Agrees), 10, "{published:#?}");
    let auc = published.figures().find(|figure| figure.path.ends_with("/auc")).unwrap();
    assert_eq!((auc.recomputed, auc.at_printed_precision.as_deref()), (Some(0.875), Some("0.88")));
    // Cut off where 0.875 is printed as 0.87: still within rounding to nearest, because 0.875 is a half.
    assert_eq!(beside_scores(&paper(&[("AUC", "0.87")])).count(Agreement::Disagrees), 0);
    let wrong = beside_scores(&paper(&[("AUC", "0.84")]));
    assert_eq!(paths(&wrong, Agreement::Disagrees), ["/table_2/models/our_model/test_set/auc"]);
}

#[test]
fn an_interval_by_another_method_is_named_and_disagrees_only_with_a_stated_one() {
    // R: binom::binom.confint(5, 6, methods = "wilson"): 0.4365, 0.9699
    let wilson = [("LOWER", "43.6"), ("UPPER", "97.0")];
    let stated = beside_scores(&paper(&wilson));
    let (agreement, says) = row_says(&stated, "sens");
    assert_eq!(agreement, [Agreement::Agrees, Agreement::Disagrees, Agreement::Disagrees]);
    assert!(says.contains("Wilson gives the printed limits"), "{says}");
    let silent = beside_scores(&paper(&[("METHOD", "not_stated"), wilson[0], wilson[1]]));
    let (agreement, says) = row_says(&silent, "sens");
    assert_eq!(agreement, [Agreement::Agrees; 3]);
    assert!(says.contains("Wilson"), "{says}");
    // A width that no method gives: an unnamed method may be near, but not this far off.
    let narrow = [("METHOD", "not_stated"), ("LOWER", "82.0"), ("UPPER", "84.6")];
    let (agreement, _) = row_says(&beside_scores(&paper(&narrow)), "sens");
    assert_eq!(agreement, [Agreement::Agrees, Agreement::Disagrees, Agreement::Disagrees]);
}

#[test]
fn what_has_no_counterpart_is_said_to_have_none() {
    let published = beside_scores(&paper(&[("our_model: {test_set", "another: {test_set")]));
    assert_eq!(published.count(Agreement::Disagrees), 0);
    let (agreement, says) = row_says(&published, "auc");
    assert_eq!(agreement, [Agreement::NotRecomputable]);
    assert!(says.contains("no model `another`") && says.contains("match: {models:"), "{says}");
    let mut scores = twelve();
    scores.outcomes = [("sick".to_string(), OutcomeColumn::Binary(vec![true; 12]))].into_iter().collect();
    let published = recompute(&read(&paper(&[])), &Evidence { results: None, scores: Some(&scores) }, String::new());
    let (agreement, says) = row_says(&published, "auc");
    assert_eq!(
        (agreement.as_slice(), says.as_str()),
        (&[Agreement::NotRecomputable][..], "the set has one class only")
    );
}
