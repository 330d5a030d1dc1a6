//! Agreement with mlscorecheck (PyPI, 1.0.3), an independent checker of single rows, on generated rows: honest ones, and
//! ones with a wrong digit. Needs Python with that package: `VOUCH_PYTHON`, else `python3`. Skips where it is absent, unless
//! VOUCH_REQUIRE_TOOLS is set. `VOUCH_ROWS` sets how many rows are compared (3,000 unless it does).
//!
//! mlscorecheck intersects intervals, metric by metric, and so lets some rows pass that have no table: with 42 and 59
//! subjects, PPV 0.783 and NPV 0.891 leave TP 36 and TN 49, whose kappa is 0.678 and not 0.676. Where it is silent and the
//! audit is not, every table is tried here.

use std::io::Write;
use std::process::{Command, Stdio};
use vouch::audit::{audit, parse};
use vouch::stats::random::Seed;

/// Reads rows as JSON lines, prints 1 for "no such table" and 0 for "there is one". One unit in the last of three places is
/// allowed to either side, as the audit does.
const SCRIPT: &str = r#"
import json, logging, sys
logging.disable(logging.CRITICAL)
from mlscorecheck.check.binary import check_1_testset_no_kfold as check
for line in sys.stdin:
    row = json.loads(line)
    result = check(testset={"p": row["p"], "n": row["n"]}, scores=row["scores"], eps=1e-3)
    print(int(result["inconsistency"]))
"#;

/// The metrics and their names in mlscorecheck, with numerator and denominator from TP, FN, FP, TN.
type Ratio = fn(i128, i128, i128, i128) -> (i128, i128);
const METRICS: [(&str, &str, Ratio); 9] = [
    ("acc", "acc", |tp, fn_, fp, tn| (tp + tn, tp + fn_ + fp + tn)),
    ("sens", "sens", |tp, fn_, _, _| (tp, tp + fn_)),
    ("spec", "spec", |_, _, fp, tn| (tn, fp + tn)),
    ("ppv", "ppv", |tp, _, fp, _| (tp, tp + fp)),
    ("npv", "npv", |_, fn_, _, tn| (tn, tn + fn_)),
    ("f1", "f1", |tp, fn_, fp, _| (2 * tp, 2 * tp + fp + fn_)),
    ("jaccard", "ji", |tp, fn_, fp, _| (tp, tp + fp + fn_)),
    ("bacc", "bacc", |tp, fn_, fp, tn| (tp * (fp + tn) + tn * (tp + fn_), 2 * (tp + fn_) * (fp + tn))),
    ("kappa", "kappa", |tp, fn_, fp, tn| {
        let n = tp + fn_ + fp + tn;
        let chance = (tp + fp) * (tp + fn_) + (fn_ + tn) * (fp + tn);
        ((tp + tn) * n - chance, n * n - chance)
    }),
];

#[test]
fn single_rows_agree_with_mlscorecheck() {
    let python = std::env::var("VOUCH_PYTHON").unwrap_or_else(|_| "python3".to_string());
    let there = Command::new(&python).args(["-c", "import mlscorecheck"]).stderr(Stdio::null()).status();
    if !there.is_ok_and(|status| status.success()) {
        assert!(
            std::env::var_os("VOUCH_REQUIRE_TOOLS").is_none(),
            "{python} has no mlscorecheck (python3 -m pip install mlscorecheck==1.0.3)"
        );
        println!("skipped: {python} has no mlscorecheck");
        return;
    }
    let wanted: usize = std::env::var("VOUCH_ROWS").ok().and_then(|text| text.parse().ok()).unwrap_or(3_000);
    let mut stream = Seed::from_study(31).child("mlscorecheck").stream();
    let mut below = |limit: i128| stream.below(limit.max(1) as u64) as i128;
    let (mut lines, mut ours, mut shown) = (String::new(), Vec::new(), Vec::new());
    let mut rows: Vec<(i128, i128, Vec<(Ratio, i128)>)> = Vec::new();
    while ours.len() < wanted {
        let (p, n) = (2 + below(60), 2 + below(60));
        let (tp, tn) = (1 + below(p - 1), 1 + below(n - 1));
        let mut figures: Vec<(&str, &str, i128)> = Vec::new();
        let mut ratios: Vec<Ratio> = Vec::new();
        for (key, name, ratio) in METRICS {
            if below(2) == 0 {
                let (above, under) = ratio(tp, p - tp, n - tn, tn);
                figures.push((key, name, (2000 * above + under).div_euclid(2 * under)));
                ratios.push(ratio);
            }
        }
        if figures.is_empty() {
            continue;
        }
        if below(2) == 0 {
            let place = below(figures.len() as i128) as usize;
            figures[place].2 += [-40, -7, -3, -2, 2, 3, 7, 40][below(8) as usize];
        }
        // Shares of nobody print as 0 or 1, which the two treat differently; a last zero may be padding, which only one knows.
        if figures.iter().any(|(_, _, value)| !(2..=998).contains(value) || value % 10 == 0) {
            continue;
        }
        let scores: Vec<String> = figures.iter().map(|(_, name, value)| format!("\"{name}\": 0.{value:03}")).collect();
        lines += &format!("{{\"p\": {p}, \"n\": {n}, \"scores\": {{{}}}}}\n", scores.join(", "));
        let cells: Vec<String> = figures.iter().map(|(key, _, value)| format!("{key}: \"0.{value:03}\"")).collect();
        let text = format!(
            "schema: reported/1\ncohorts: {{c: {{n: {}, positive: {p}, negative: {n}}}}}\nt: {{averaged: no, models: {{m: {{c: {{{}}}}}}}}}\n",
            p + n,
            cells.join(", ")
        );
        let reported = parse(&text, "row.yaml").unwrap_or_else(|problems| panic!("{problems:?}\n{text}"));
        ours.push(audit(&reported).findings.iter().any(|finding| finding.rule == "V201"));
        shown.push(text);
        rows.push((p, n, ratios.into_iter().zip(figures.iter().map(|(_, _, value)| *value)).collect()));
    }
    let mut child = Command::new(&python)
        .args(["-c", SCRIPT])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("python runs");
    let mut input = child.stdin.take().expect("piped");
    // Written beside the reading: both pipes are smaller than the rows.
    let writer = std::thread::spawn(move || input.write_all(lines.as_bytes()));
    let output = child.wait_with_output().expect("python ends");
    writer.join().expect("no panic").expect("written");
    let theirs: Vec<bool> = String::from_utf8_lossy(&output.stdout).lines().map(|line| line == "1").collect();
    assert_eq!(theirs.len(), ours.len(), "mlscorecheck answered {} of {} rows", theirs.len(), ours.len());
    let (mut silent, mut confirmed) = (Vec::new(), 0_usize);
    for (((ours, theirs), text), row) in ours.iter().zip(&theirs).zip(&shown).zip(&rows) {
        match (ours, theirs) {
            (false, true) => silent.push(text),
            (true, false) => {
                assert!(!some_table(row), "a table exists:\n{text}");
                confirmed += 1;
            }
            _ => {}
        }
    }
    let impossible = ours.iter().filter(|&&found| found).count();
    println!(
        "mlscorecheck: {} rows, {impossible} without a table, of which it lets {confirmed} pass; {} missed by the audit",
        ours.len(),
        silent.len()
    );
    assert!(silent.is_empty(), "{} rows are missed, the first:\n{}", silent.len(), silent[0]);
}

/// Is there a table that prints so, one unit in the third place to either side?
fn some_table((p, n, figures): &(i128, i128, Vec<(Ratio, i128)>)) -> bool {
    (0..=*p).any(|tp| {
        (0..=*n).any(|tn| {
            figures.iter().all(|(ratio, value)| {
                let (above, under) = ratio(tp, p - tp, n - tn, tn);
                under > 0 && (1000 * above - value * under).abs() <= under
            })
        })
    })
}
