//! Vouch beside R, and beside ONNX Runtime in Python, on the same data, on the same machine, in one go:
//! `cargo bench --bench peers [-- [small] [WORD]]`, with WORD only the tasks whose names contain it.
//!
//! Data are simulated here and written to a file that the R scripts read. Both sides do each task three times, the least
//! time counts, reading and writing are not timed; R's time is CPU time, ours is wall-clock time on the number of threads
//! that is named. Values are compared, so that both have done the same thing.

mod inference;

use serde_json::Value;
use std::fmt::Write as _;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;
use vouch::stats::Orientation::HigherIsRisk;
use vouch::stats::baseline::contingency::ContingencyTable;
use vouch::stats::baseline::fisher_table::{FisherOptions, fisher_table};
use vouch::stats::discrimination::delong::delong_auc;
use vouch::stats::random::Seed;
use vouch::stats::resample::auc::bootstrap_auc;
use vouch::stats::resample::bootstrap::BootstrapOptions;
use vouch::stats::survival::concordance::{ConcordanceInput, ConcordanceOptions, concordance};
use vouch::stats::survival::cox::{CoxInput, CoxOptions, cox};
use vouch::stats::survival::data::SurvivalData;
use vouch::stats::survival::kaplan_meier::{KaplanMeierOptions, kaplan_meier};
use vouch::stats::survival::log_rank::{LogRankWeight, log_rank};

fn main() {
    let small = std::env::args().any(|argument| argument == "small");
    // What cargo itself passes on begins with a hyphen.
    let word = std::env::args().skip(1).find(|argument| argument != "small" && !argument.starts_with('-'));
    let wanted = |name: &str| word.as_deref().is_none_or(|word| name.contains(word));
    beside_r(small, &wanted);
    if wanted("inference") {
        inference::run(small);
    }
}

fn beside_r(small: bool, wanted: &dyn Fn(&str) -> bool) {
    if Command::new("Rscript")
        .args(["-e", "library(pROC); library(survival)"])
        .output()
        .map_or(true, |run| !run.status.success())
    {
        println!(
            "skipped: Rscript with the packages pROC and survival is not there (Debian: r-base-core r-cran-survival r-cran-proc)"
        );
        return;
    }
    let large = if small { 20_000 } else { 1_000_000 };
    println!(
        "{:<44} {:>10} {:>12} {:>12} {:>8} {:>8}",
        "task", "R, CPU s", "1 thread, s", "2 threads, s", "ratio 1", "ratio 2"
    );
    for (name, n, task) in [
        ("AUC + DeLong interval", large, "delong"),
        ("2,000 bootstrap replicates of an AUC", 150, "bootstrap"),
        ("2,000 bootstrap replicates of an AUC", 10_000, "bootstrap"),
    ] {
        if wanted(name) {
            discrimination(name, n, task);
        }
    }
    let name = "Fisher's exact test, r x c";
    if wanted(name) {
        fisher(name);
    }
    for (name, n, days, task) in [
        ("Cox, Efron, p = 10, few ties", large, f64::INFINITY, "coxph"),
        ("Cox, Efron, p = 10, many ties", large, 400.0, "coxph"),
        ("Kaplan-Meier", large, f64::INFINITY, "survfit"),
        ("log-rank", large, f64::INFINITY, "survdiff"),
        ("concordance with standard error", large / 10, f64::INFINITY, "concordance"),
        ("concordance with standard error", large, f64::INFINITY, "concordance"),
    ] {
        if wanted(name) {
            survival(name, n, days, task);
        }
    }
}

/// The tables of more than two rows or columns in the reference values, all of them once.
fn fisher(name: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/reference/08_tableone.json");
    let text = std::fs::read_to_string(path).expect("the reference values are there");
    let reference: Value = serde_json::from_str(&text).expect("the reference values are JSON");
    let mut tables = Vec::new();
    let mut csv = String::from("table,row,column,count\n");
    for case in reference["cases"].as_array().into_iter().flatten().filter(|case| case["values"]["fisher"].is_object())
    {
        let rows: Vec<Vec<u64>> =
            serde_json::from_value(case["values"]["table"]["data"].clone()).expect("a table is rows of counts");
        if rows.len() == 2 && rows[0].len() == 2 {
            continue;
        }
        for (row, counts) in rows.iter().enumerate() {
            for (column, count) in counts.iter().enumerate() {
                _ = writeln!(csv, "{},{row},{column},{count}", tables.len());
            }
        }
        tables.push(ContingencyTable::new(rows.len(), rows[0].len(), rows.concat()).expect("a table of counts"));
    }
    let run = || -> Vec<f64> {
        let exact =
            |table| fisher_table(table, &FisherOptions::default()).expect("defined on these tables").test.p_value;
        tables.iter().map(exact).collect()
    };
    // One round is too short for the clock.
    let rounds = 20;
    let timed = || (0..rounds).for_each(|_| _ = black_box(run()));
    report_rounds(&format!("{name}, {} tables", tables.len()), "fisher.R", &csv, "fisher", &run(), 1e-8, rounds, timed);
}

fn discrimination(name: &str, n: usize, task: &str) {
    let mut stream = Seed::from_study(1).replicate(n as u64).stream();
    let outcome: Vec<bool> = (0..n).map(|_| stream.below(3) == 0).collect();
    let score: Vec<f64> = outcome.iter().map(|event| stream.unit() + if *event { 0.3 } else { 0.0 }).collect();
    let mut text = String::from("outcome,score_a,score_b\n");
    for (event, score) in outcome.iter().zip(&score) {
        _ = writeln!(text, "{},{score},{score}", u8::from(*event));
    }
    let run = || match task {
        "delong" => delong_auc(&outcome, &score, HigherIsRisk, 0.95),
        _ => bootstrap_auc(&outcome, &score, HigherIsRisk, &BootstrapOptions::default(), Seed::from_study(1)),
    };
    let estimate = run().expect("the task is defined on these data");
    let interval = estimate.interval.expect("there is an interval");
    // pROC gives lower limit, AUC, upper limit. A bootstrap of another seed agrees to its own noise.
    let tolerance = if task == "delong" { 1e-9 } else { 0.02 };
    let values = vec![interval.lower, estimate.value, interval.upper];
    report(&format!("{name}, n = {n}"), "auc.R", &text, task, &values, tolerance, || _ = black_box(run()));
}

fn survival(name: &str, n: usize, grid: f64, task: &str) {
    let columns = if task == "coxph" { 10 } else { 1 };
    let mut stream = Seed::from_study(2).replicate(n as u64).stream();
    let covariates: Vec<Vec<f64>> = (0..columns).map(|_| (0..n).map(|_| stream.unit() * 2.0 - 1.0).collect()).collect();
    let mut time = Vec::with_capacity(n);
    let mut event = Vec::with_capacity(n);
    for row in 0..n {
        let risk: f64 = covariates.iter().enumerate().map(|(j, column)| column[row] * 0.3 / (j + 1) as f64).sum();
        let failure = -(1.0 - stream.unit()).ln() / risk.exp();
        let censoring = 2.0 * stream.unit();
        let observed = failure.min(censoring);
        time.push(if grid.is_finite() { (observed * grid).ceil() } else { observed });
        event.push(failure <= censoring);
    }
    let group: Vec<usize> = covariates[0].iter().map(|value| usize::from(*value > 0.0)).collect();
    let names: Vec<String> = (1..=columns).map(|column| format!("x{column}")).collect();
    let mut text = format!("time,status,group,{}\n", names.join(","));
    for row in 0..n {
        _ = write!(text, "{},{},{}", time[row], u8::from(event[row]), group[row]);
        for column in &covariates {
            _ = write!(text, ",{}", column[row]);
        }
        text.push('\n');
    }
    let slices: Vec<&[f64]> = covariates.iter().map(Vec::as_slice).collect();
    let data = SurvivalData::new(&time, &event);
    let run = || -> Vec<f64> {
        match task {
            "survfit" => {
                let fit = kaplan_meier(&data, &KaplanMeierOptions::default()).expect("defined on these data");
                fit.steps.last().map(|step| step.survival).into_iter().collect()
            }
            "survdiff" => {
                let test =
                    log_rank(&data, &group, 2, LogRankWeight::LogRank, None).expect("defined on these data").test;
                test.statistic.into_iter().collect()
            }
            "coxph" => {
                let fit =
                    cox(&CoxInput::new(&time, &event, &slices), &CoxOptions::default()).expect("defined on these data");
                fit.coefficients.iter().map(|coefficient| coefficient.coefficient).collect()
            }
            _ => {
                let input = ConcordanceInput::new(&time, &event, slices[0]);
                let c = concordance(&input, &ConcordanceOptions::default()).expect("defined on these data").c;
                vec![c.value, c.standard_error.unwrap_or(f64::NAN)]
            }
        }
    };
    // R stops its Newton search earlier than we do, and takes times for tied that are only nearly equal, as some pairs
    // among a million are.
    let tolerance = 1e-6;
    report(&format!("{name}, n = {n}"), "survival.R", &text, task, &run(), tolerance, || _ = black_box(run()));
}

fn report(name: &str, script: &str, data: &str, task: &str, ours: &[f64], tolerance: f64, run: impl Fn() + Sync) {
    report_rounds(name, script, data, task, ours, tolerance, 1, run);
}

/// Times both sides on one file and prints a line, for one of the `rounds` that `run` makes; says so when the values differ.
#[expect(clippy::too_many_arguments, reason = "one line of a table, each of whose parts the caller decides")]
fn report_rounds(
    name: &str,
    script: &str,
    data: &str,
    task: &str,
    ours: &[f64],
    tolerance: f64,
    rounds: u32,
    run: impl Fn() + Sync,
) {
    let folder = std::env::temp_dir().join(format!("vouch-peers-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("the temporary folder can be written");
    let file = folder.join("data.csv");
    std::fs::write(&file, data).expect("the temporary folder can be written");
    let peer = peer(script, &file, task);
    _ = std::fs::remove_dir_all(&folder);
    let seconds = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads can be started");
        pool.install(|| {
            (0..3)
                .map(|_| {
                    let start = Instant::now();
                    run();
                    start.elapsed().as_secs_f64() / f64::from(rounds)
                })
                .fold(f64::INFINITY, f64::min)
        })
    };
    let (one, two) = (seconds(1), seconds(2));
    println!(
        "{name:<44} {:>10.3} {one:>12.4} {two:>12.4} {:>7.0}× {:>7.0}×",
        peer.cpu_seconds,
        peer.cpu_seconds / one,
        peer.cpu_seconds / two
    );
    for (index, (ours, theirs)) in ours.iter().zip(&peer.values).enumerate() {
        if (ours - theirs).abs() > tolerance * theirs.abs().max(1e-3) {
            println!("    value {index} differs: ours {ours}, R's {theirs}");
        }
    }
}

struct Peer {
    cpu_seconds: f64,
    values: Vec<f64>,
}

fn peer(script: &str, file: &Path, task: &str) -> Peer {
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("benches/peers").join(script);
    let repetitions = if task == "bootstrap" { "1" } else { "3" };
    let output =
        Command::new("Rscript").arg(script).arg(file).args([task, repetitions]).output().expect("Rscript runs");
    let text = String::from_utf8_lossy(&output.stdout);
    let report: Value = serde_json::from_str(&text)
        .unwrap_or_else(|error| panic!("{error}: {text}\n{}", String::from_utf8_lossy(&output.stderr)));
    let task = &report["tasks"][0];
    Peer {
        cpu_seconds: task["cpu_seconds"].as_f64().unwrap_or(f64::NAN),
        values: task["values"].as_array().into_iter().flatten().filter_map(Value::as_f64).collect(),
    }
}
