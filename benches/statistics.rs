//! How the statistics grow with n. `cargo bench --bench statistics`

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use std::hint::black_box;
use vouch::stats::Orientation;
use vouch::stats::comparison::delong::paired_delong;
use vouch::stats::discrimination::delong::delong_auc;
use vouch::stats::random::Seed;
use vouch::stats::resample::auc::bootstrap_auc;
use vouch::stats::resample::bootstrap::BootstrapOptions;
use vouch::stats::survival::cox::{CoxInput, CoxOptions, cox};
use vouch::stats::survival::data::SurvivalData;
use vouch::stats::survival::kaplan_meier::{KaplanMeierOptions, kaplan_meier};
use vouch::stats::survival::log_rank::{LogRankWeight, log_rank};

/// Simulated: one of three has the event, two scores that carry a signal, exponential times.
struct Sample {
    outcome: Vec<bool>,
    first: Vec<f64>,
    second: Vec<f64>,
    time: Vec<f64>,
    event: Vec<bool>,
    group: Vec<usize>,
}

fn sample(n: usize) -> Sample {
    let mut stream = Seed::from_study(1).replicate(n as u64).stream();
    let mut sample =
        Sample { outcome: vec![], first: vec![], second: vec![], time: vec![], event: vec![], group: vec![] };
    for _ in 0..n {
        let event = stream.below(3) == 0;
        let shift = if event { 0.3 } else { 0.0 };
        let first = stream.unit() + shift;
        sample.outcome.push(event);
        sample.first.push(first);
        sample.second.push(0.5 * first + 0.5 * stream.unit());
        sample.time.push(-(1.0 - stream.unit()).ln() / (1.0 + first));
        sample.event.push(stream.below(2) == 0);
        sample.group.push(usize::from(first > 0.6));
    }
    sample
}

fn discrimination(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("auc_delong");
    for n in [150, 10_000, 1_000_000] {
        let data = sample(n);
        group.bench_function(BenchmarkId::from_parameter(n), |bencher| {
            bencher.iter(|| delong_auc(black_box(&data.outcome), &data.first, Orientation::HigherIsRisk, 0.95));
        });
    }
    group.finish();
    let mut group = criterion.benchmark_group("paired_delong");
    for n in [150, 10_000, 1_000_000] {
        let data = sample(n);
        group.bench_function(BenchmarkId::from_parameter(n), |bencher| {
            let higher = Orientation::HigherIsRisk;
            bencher.iter(|| paired_delong(black_box(&data.outcome), &data.first, higher, &data.second, higher, 0.95));
        });
    }
    group.finish();
    let mut group = criterion.benchmark_group("auc_bootstrap_2000");
    group.sample_size(20);
    for n in [150, 10_000] {
        let data = sample(n);
        group.bench_function(BenchmarkId::from_parameter(n), |bencher| {
            let options = BootstrapOptions::default();
            let seed = Seed::from_study(1);
            bencher.iter(|| {
                bootstrap_auc(black_box(&data.outcome), &data.first, Orientation::HigherIsRisk, &options, seed)
            });
        });
    }
    group.finish();
}

fn survival(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("survival");
    group.sample_size(10);
    for n in [1_000, 30_000, 1_000_000] {
        let data = sample(n);
        let survival = SurvivalData::new(&data.time, &data.event);
        group.bench_function(BenchmarkId::new("kaplan_meier", n), |bencher| {
            bencher.iter(|| kaplan_meier(black_box(&survival), &KaplanMeierOptions::default()));
        });
        group.bench_function(BenchmarkId::new("log_rank", n), |bencher| {
            bencher.iter(|| log_rank(black_box(&survival), &data.group, 2, LogRankWeight::LogRank, None));
        });
        let columns: Vec<&[f64]> = vec![&data.first, &data.second];
        group.bench_function(BenchmarkId::new("cox_two_columns", n), |bencher| {
            bencher.iter(|| cox(&CoxInput::new(black_box(&data.time), &data.event, &columns), &CoxOptions::default()));
        });
    }
    group.finish();
}

criterion_group!(benches, discrimination, survival);
criterion_main!(benches);
