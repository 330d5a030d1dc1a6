//! Simulated honest studies, printed as papers print: every number comes from simulated subjects, then it is rounded in
//! one of the usual ways, and nothing else happens to it.

use vouch::stats::distribution::{
    beta_quantile, chi_squared_upper, ln_gamma, normal_critical, normal_quantile, normal_two_sided, student_t_two_sided,
};
use vouch::stats::random::{Seed, Stream};

/// How a table is rounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    HalfUp,
    HalfEven,
    HalfDown,
    Truncate,
    Ceiling,
    /// Another one in every cell.
    Mixed,
    /// Half up to fewer decimals, then padded with zeros.
    Padded,
}

const MODES: [Mode; 7] =
    [Mode::HalfUp, Mode::HalfEven, Mode::HalfDown, Mode::Truncate, Mode::Ceiling, Mode::Mixed, Mode::Padded];

pub struct Maker {
    pub stream: Stream,
    mode: Mode,
}

impl Maker {
    pub fn chance(&mut self, p: f64) -> bool {
        self.stream.unit() < p
    }

    pub fn pick(&mut self, below: usize) -> usize {
        self.stream.below(below as u64) as usize
    }

    pub fn normal(&mut self) -> f64 {
        normal_quantile((self.stream.unit() + 1e-12).min(1.0 - 1e-12))
    }

    /// `numerator / denominator * unit` to `decimals`, exactly, in the table's mode.
    pub fn ratio(&mut self, numerator: i128, denominator: i128, unit: i128, decimals: u32) -> String {
        let mut mode = self.mode;
        if mode == Mode::Mixed {
            mode = MODES[self.pick(5)];
        }
        let kept = if mode == Mode::Padded && self.chance(0.5) { decimals.saturating_sub(1) } else { decimals };
        let power = 10_i128.pow(kept);
        let (top, below) = (numerator * unit * power, denominator);
        let (floor, rest) = (top.div_euclid(below), top.rem_euclid(below));
        let up = match mode {
            Mode::HalfUp | Mode::Padded | Mode::Mixed => 2 * rest >= below,
            Mode::HalfDown => 2 * rest > below,
            Mode::HalfEven => 2 * rest > below || (2 * rest == below && floor % 2 != 0),
            Mode::Truncate => false,
            Mode::Ceiling => rest > 0,
        };
        let value = (floor + i128::from(up)) * 10_i128.pow(decimals - kept);
        let power = 10_i128.pow(decimals);
        let sign = if value < 0 { "-" } else { "" };
        let value = value.abs();
        if decimals == 0 {
            format!("{sign}{value}")
        } else {
            format!("{sign}{}.{:0width$}", value / power, value % power, width = decimals as usize)
        }
    }

    /// A real number: as a ratio over 10^9.
    pub fn real(&mut self, value: f64, decimals: u32) -> String {
        self.ratio((value * 1e9).round() as i128, 1_000_000_000, 1, decimals)
    }

    pub fn p_value(&mut self, p: f64) -> String {
        if p < 0.001 && self.chance(0.8) {
            return "<0.001".to_string();
        }
        if p < 0.05 && self.chance(0.1) {
            return "<0.05".to_string();
        }
        let decimals = if self.chance(0.8) { 3 } else { 2 };
        self.real(p, decimals)
    }
}

/// One simulated study as `reported/1`.
pub fn study(number: u64) -> String {
    let stream = Seed::from_study(20_260_101).child("honest study").replicate(number).stream();
    let mut maker = Maker { stream, mode: MODES[(number % 7) as usize] };
    let most = [12.0, 40.0, 150.0, 600.0, 5000.0][maker.pick(5)];
    let n = (2.0 * (most / 2.0_f64).powf(maker.stream.unit())).round() as usize;
    let prevalence = 0.05 + 0.9 * maker.stream.unit();
    let outcome: Vec<bool> = (0..n).map(|_| maker.stream.unit() < prevalence).collect();
    let cut = 1 + maker.pick(n.max(2) - 1);
    let (train, test): (Vec<usize>, Vec<usize>) = (0..n).partition(|&i| i < cut);
    let mut out = "schema: reported/1\n".to_string();
    let stated = match maker.mode {
        Mode::HalfUp => Some("half_up"),
        Mode::HalfEven => Some("half_even"),
        Mode::HalfDown => Some("half_down"),
        Mode::Truncate => Some("truncate"),
        Mode::Ceiling => Some("ceiling"),
        Mode::Mixed | Mode::Padded => None,
    };
    if let Some(stated) = stated.filter(|_| maker.chance(0.3)) {
        out += &format!("assume: {{rounding: {stated}}}\n");
    }
    out += "cohorts:\n";
    let counted = |ids: &[usize]| ids.iter().filter(|&&i| outcome[i]).count();
    let show_all = maker.chance(0.6);
    for (name, ids) in [("train", &train), ("test", &test)] {
        let plus = counted(ids);
        let classes = if maker.chance(0.6) {
            format!(", positive: {plus}, negative: {}", ids.len() - plus)
        } else {
            String::new()
        };
        out += &format!("  {name}: {{n: {}{classes}}}\n", ids.len());
    }
    let all: Vec<usize> = (0..n).collect();
    // The cohort of the comparison lists, whose parts may be stated.
    let parts = if maker.chance(0.5) { ", parts: [train, test]" } else { "" };
    out += &format!("  everyone: {{n: {n}{parts}}}\n");
    if show_all {
        let plus = counted(&all);
        out += &format!("  all: {{n: {n}, positive: {plus}, negative: {}, parts: [train, test]}}\n", n - plus);
        out += &format!("flow:\n  all: {{n: {n}, parts: [train, test]}}\n");
        let excluded = maker.pick(50);
        out += &format!("  screened: {}\n  kept: {{n: {n}, from: screened, excluded: {excluded}}}\n", n + excluded);
    }
    performance(&mut maker, &mut out, &outcome, &train, &test);
    baseline(&mut maker, &mut out, &outcome, &train, &test);
    regression(&mut maker, &mut out, &outcome);
    survival(&mut maker, &mut out, n);
    super::study_more::more(&mut maker, &mut out, &outcome, [&train, &test]);
    if maker.chance(0.3) {
        out += "dates:\n  - {id: enrolment, span: \"2015-03/2019-11\"}\n  - {id: split, cut_off: \"2018-01-01\"}\n";
        out += "  - {id: split, cohort: train, before: \"2017-12-31\"}\n  - {id: split, cohort: test, after: \"2018-01-01\"}\n";
    }
    if maker.chance(0.7) {
        super::study_survival::survival_models(&mut maker, &mut out, n);
    }
    super::study_further::further(&mut maker, &mut out, &outcome);
    out
}

struct Row {
    model: String,
    cohort: &'static str,
    auc: Option<f64>,
    auc_text: Option<String>,
}

fn performance(maker: &mut Maker, out: &mut String, outcome: &[bool], train: &[usize], test: &[usize]) {
    let percent = maker.chance(0.4);
    let decimals = if percent { 1 } else { 2 + maker.pick(2) as u32 };
    let method = maker.pick(4);
    *out += "table_2:\n  kind: performance\n";
    if maker.chance(0.3) {
        *out += ["  ci_method: wald\n", "  ci_method: wilson\n", "  ci_method: exact\n", "  ci_method: bootstrap\n"]
            [method];
    }
    *out += "  models:\n";
    let models = 1 + maker.pick(4);
    let mut rows: Vec<Row> = Vec::new();
    let mut scores: Vec<Vec<f64>> = Vec::new();
    for model in 0..models {
        let effect = 2.5 * maker.stream.unit() - 0.2;
        let grain = [0.0, 0.0, 0.5, 1.0, 3.0][maker.pick(5)];
        let score: Vec<f64> = outcome
            .iter()
            .map(|&event| {
                let raw = maker.normal() + if event { effect } else { 0.0 };
                if grain > 0.0 { (raw / grain).round() * grain } else { raw }
            })
            .collect();
        let threshold = maker.normal() * 0.7 + 0.5 * effect;
        *out += &format!("    model_{model}:\n");
        for (cohort, ids) in [("train", train), ("test", test)] {
            let row = one_row(maker, out, outcome, &score, ids, threshold, percent, decimals, method, cohort);
            rows.push(Row { model: format!("model_{model}"), cohort, auc: row.0, auc_text: row.1 });
        }
        scores.push(score);
    }
    delong(maker, out, outcome, &scores, test);
    claims(maker, out, &rows);
}

/// AUC by ranks, and its DeLong variance, in O(n log n).
pub fn auc_and_variance(outcome: &[bool], score: &[f64], ids: &[usize]) -> Option<(f64, f64, Vec<f64>, Vec<f64>)> {
    let plus: Vec<f64> = ids.iter().filter(|&&i| outcome[i]).map(|&i| score[i]).collect();
    let minus: Vec<f64> = ids.iter().filter(|&&i| !outcome[i]).map(|&i| score[i]).collect();
    if plus.is_empty() || minus.is_empty() {
        return None;
    }
    let placements = |of: &[f64], among: &[f64]| -> Vec<f64> {
        let mut sorted = among.to_vec();
        sorted.sort_by(f64::total_cmp);
        of.iter()
            .map(|&x| {
                let below = sorted.partition_point(|&y| y < x);
                let through = sorted.partition_point(|&y| y <= x);
                (below + through) as f64 / (2.0 * sorted.len() as f64)
            })
            .collect()
    };
    let v10 = placements(&plus, &minus);
    let v01: Vec<f64> = placements(&minus, &plus).into_iter().map(|v| 1.0 - v).collect();
    let auc = v10.iter().sum::<f64>() / v10.len() as f64;
    let s = |v: &[f64]| v.iter().map(|x| (x - auc) * (x - auc)).sum::<f64>() / (v.len() as f64 - 1.0).max(1.0);
    Some((auc, s(&v10) / v10.len() as f64 + s(&v01) / v01.len() as f64, v10, v01))
}

#[expect(clippy::too_many_arguments, reason = "a row of a printed table")]
fn one_row(
    maker: &mut Maker,
    out: &mut String,
    outcome: &[bool],
    score: &[f64],
    ids: &[usize],
    threshold: f64,
    percent: bool,
    decimals: u32,
    method: usize,
    cohort: &str,
) -> (Option<f64>, Option<String>) {
    let count = |event: bool, call: bool| {
        ids.iter().filter(|&&i| outcome[i] == event && (score[i] >= threshold) == call).count() as i128
    };
    let (tp, fn_, fp, tn) = (count(true, true), count(true, false), count(false, true), count(false, false));
    let n = tp + fn_ + fp + tn;
    let unit = if percent { 100 } else { 1 };
    let mut cells: Vec<String> = Vec::new();
    let with_interval = maker.chance(0.7);
    for (key, top, below) in [
        ("acc", tp + tn, n),
        ("sens", tp, tp + fn_),
        ("spec", tn, fp + tn),
        ("ppv", tp, tp + fp),
        ("npv", tn, tn + fn_),
        ("f1", 2 * tp, 2 * tp + fp + fn_),
    ] {
        if below == 0 || maker.chance(0.2) {
            continue;
        }
        let estimate = maker.ratio(top, below, unit, decimals);
        if with_interval && key != "f1" {
            let (low, high) = share_interval(maker, top as f64, below as f64, method);
            let (low, high) = (low * unit as f64, high * unit as f64);
            cells.push(format!(
                "{key}: [\"{estimate}\", \"{}\", \"{}\"]",
                maker.real(low, decimals),
                maker.real(high, decimals)
            ));
        } else if maker.chance(0.1) && key != "f1" && percent {
            cells.push(format!("{key}: {{count: {top}, of: {below}, percent: \"{estimate}\"}}"));
        } else {
            cells.push(format!("{key}: \"{estimate}\""));
        }
    }
    let others = [
        (
            "kappa",
            (tp + tn) * n - ((tp + fp) * (tp + fn_) + (fn_ + tn) * (fp + tn)),
            n * n - ((tp + fp) * (tp + fn_) + (fn_ + tn) * (fp + tn)),
        ),
        ("lr_positive", tp * (fp + tn), fp * (tp + fn_)),
        ("youden", tp * (fp + tn) + tn * (tp + fn_) - (tp + fn_) * (fp + tn), (tp + fn_) * (fp + tn)),
    ];
    for (key, top, below) in others {
        if below > 0 && maker.chance(0.2) {
            cells.push(format!("{key}: \"{}\"", maker.ratio(top, below, 1, 2)));
        }
    }
    let root = ((tp + fp) * (tp + fn_) * (tn + fp) * (tn + fn_)) as f64;
    if root > 0.0 && maker.chance(0.2) {
        let value = (tp * tn - fp * fn_) as f64 / root.sqrt();
        cells.push(format!("mcc: \"{}\"", maker.real(value, 2)));
    }
    let mut auc_text = None;
    let found = auc_and_variance(outcome, score, ids);
    if let Some((auc, variance, _, _)) = &found {
        let text = maker.real(*auc * if percent { 100.0 } else { 1.0 }, decimals);
        if with_interval && tp + fn_ > 1 && fp + tn > 1 {
            let (low, high) = auc_interval(maker, *auc, *variance, tp + fn_, fp + tn, method, outcome, score, ids);
            let scale = if percent { 100.0 } else { 1.0 };
            cells.push(format!(
                "auc: [\"{text}\", \"{}\", \"{}\"]",
                maker.real(low * scale, decimals),
                maker.real(high * scale, decimals)
            ));
        } else {
            cells.push(format!("auc: \"{text}\""));
        }
        auc_text = Some(text);
    }
    *out += &format!("      {cohort}: {{{}}}\n", cells.join(", "));
    (found.map(|found| found.0), auc_text)
}

fn share_interval(maker: &mut Maker, k: f64, n: f64, method: usize) -> (f64, f64) {
    let (p, z) = (k / n, normal_critical(0.95));
    match method {
        0 => {
            let half = z * (p * (1.0 - p) / n).sqrt();
            if maker.chance(0.8) { ((p - half).max(0.0), (p + half).min(1.0)) } else { (p - half, p + half) }
        }
        1 => {
            let centre = (p + z * z / (2.0 * n)) / (1.0 + z * z / n);
            let half = z / (1.0 + z * z / n) * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
            (centre - half, centre + half)
        }
        2 => (
            if k == 0.0 { 0.0 } else { beta_quantile(0.025, k, n - k + 1.0) },
            if k == n { 1.0 } else { beta_quantile(0.975, k + 1.0, n - k) },
        ),
        _ => {
            let draws = 200;
            let mut means: Vec<f64> = (0..draws)
                .map(|_| {
                    if n <= 60.0 {
                        (0..n as usize).filter(|_| maker.stream.unit() < p).count() as f64 / n
                    } else {
                        (p + maker.normal() * (p * (1.0 - p) / n).sqrt()).clamp(0.0, 1.0)
                    }
                })
                .collect();
            means.sort_by(f64::total_cmp);
            (means[4], means[draws - 5])
        }
    }
}

#[expect(clippy::too_many_arguments, reason = "an interval by one of four methods")]
fn auc_interval(
    maker: &mut Maker,
    auc: f64,
    variance: f64,
    m: i128,
    n: i128,
    method: usize,
    outcome: &[bool],
    score: &[f64],
    ids: &[usize],
) -> (f64, f64) {
    let z = normal_critical(0.95);
    let clip = |half: f64| ((auc - half).max(0.0), (auc + half).min(1.0));
    match method {
        0 => clip(z * variance.sqrt()),
        1 => {
            let (q1, q2) = (auc / (2.0 - auc), 2.0 * auc * auc / (1.0 + auc));
            let (m, n) = (m as f64, n as f64);
            let v = (auc * (1.0 - auc) + (m - 1.0) * (q1 - auc * auc) + (n - 1.0) * (q2 - auc * auc)) / (m * n);
            clip(z * v.max(0.0).sqrt())
        }
        // Exact binomial on AUC times n, as some programs do; the logit of DeLong.
        2 if maker.chance(0.5) || auc >= 1.0 || auc <= 0.0 => {
            let total = (m + n) as f64;
            let k = auc * total;
            (
                if k <= 0.0 { 0.0 } else { beta_quantile(0.025, k, total - k + 1.0) },
                if k >= total { 1.0 } else { beta_quantile(0.975, k + 1.0, total - k) },
            )
        }
        2 => {
            let logit = (auc / (1.0 - auc)).ln();
            let half = z * variance.sqrt() / (auc * (1.0 - auc));
            let back = |x: f64| 1.0 / (1.0 + (-x).exp());
            (back(logit - half), back(logit + half))
        }
        _ if ids.len() <= 200 => {
            let plus: Vec<usize> = ids.iter().copied().filter(|&i| outcome[i]).collect();
            let minus: Vec<usize> = ids.iter().copied().filter(|&i| !outcome[i]).collect();
            let mut values: Vec<f64> = (0..100)
                .map(|_| {
                    let mut drawn: Vec<usize> = (0..plus.len()).map(|_| plus[maker.pick(plus.len())]).collect();
                    drawn.extend((0..minus.len()).map(|_| minus[maker.pick(minus.len())]));
                    auc_and_variance(outcome, score, &drawn).map_or(auc, |found| found.0)
                })
                .collect();
            values.sort_by(f64::total_cmp);
            (values[2], values[97])
        }
        _ => clip(z * variance.sqrt()),
    }
}

fn delong(maker: &mut Maker, out: &mut String, outcome: &[bool], scores: &[Vec<f64>], ids: &[usize]) {
    let Some((auc_a, variance_a, a10, a01)) = auc_and_variance(outcome, &scores[0], ids) else { return };
    if scores.len() < 2 || a10.len() < 2 || a01.len() < 2 {
        return;
    }
    *out += "delong:\n  kind: comparison\n  metric: auc\n  reference: model_0\n  p:\n    test: {";
    let mut printed = Vec::new();
    for (index, score) in scores.iter().enumerate().skip(1) {
        let Some((auc_b, variance_b, b10, b01)) = auc_and_variance(outcome, score, ids) else { continue };
        let covariance = |x: &[f64], y: &[f64]| {
            x.iter().zip(y).map(|(x, y)| (x - auc_a) * (y - auc_b)).sum::<f64>() / (x.len() as f64 - 1.0)
        };
        let shared = covariance(&a10, &b10) / a10.len() as f64 + covariance(&a01, &b01) / a01.len() as f64;
        let variance = variance_a + variance_b - 2.0 * shared;
        let p = if variance > 1e-15 { normal_two_sided((auc_a - auc_b) / variance.sqrt()) } else { 1.0 };
        printed.push(format!("model_{index}: \"{}\"", maker.p_value(p)));
    }
    *out += &format!("{}}}\n", printed.join(", "));
}

/// True claims, and restated figures with fewer digits.
fn claims(maker: &mut Maker, out: &mut String, rows: &[Row]) {
    let mut lines = Vec::new();
    for cohort in ["train", "test"] {
        let mut best: Option<&Row> = None;
        for row in rows.iter().filter(|row| row.cohort == cohort && row.auc.is_some()) {
            if best.is_none_or(|best| row.auc > best.auc) {
                best = Some(row);
            }
        }
        // With padded or mixed rounding the printed order can differ from the true one; such a claim is then not made.
        if let Some(best) = best.filter(|_| matches!(maker.mode, Mode::HalfUp | Mode::Truncate | Mode::Ceiling)) {
            lines.push(format!(
                "  - {{id: best_{cohort}, kind: maximum, metric: auc, models: [{}], cohort: {cohort}}}\n",
                best.model
            ));
        }
    }
    if !lines.is_empty() {
        *out += &format!("claims:\n{}", lines.concat());
    }
    let shown: Vec<&Row> = rows.iter().filter(|row| row.auc_text.is_some()).take(2).collect();
    if !shown.is_empty() && maker.chance(0.5) {
        *out += "restated:\n";
        for row in shown {
            let text = row.auc_text.clone().unwrap_or_default();
            *out += &format!("  - {{at: abstract, model: {}, cohort: {}, auc: \"{text}\"}}\n", row.model, row.cohort);
        }
    }
}

fn baseline(maker: &mut Maker, out: &mut String, outcome: &[bool], train: &[usize], test: &[usize]) {
    let by_outcome = maker.chance(0.5);
    let (first, second): (Vec<usize>, Vec<usize>) =
        if by_outcome { (0..outcome.len()).partition(|&i| outcome[i]) } else { (train.to_vec(), test.to_vec()) };
    if first.is_empty() || second.is_empty() {
        return;
    }
    let groups = [first, second];
    *out += "table_1:\n  kind: baseline\n  columns:\n";
    for (index, group) in groups.iter().enumerate() {
        *out += &format!("    - {{id: c{index}, n: {}}}\n", group.len());
    }
    let with_total = maker.chance(0.5);
    if with_total {
        *out += &format!("    - {{id: total, n: {}, sum_of: [c0, c1]}}\n", outcome.len());
    }
    *out += "  p_columns: {all: [c0, c1]}\n";
    if maker.chance(0.7) {
        *out += "  stated_tests: {categorical: chi_squared, continuous: t_test}\n";
    }
    *out += "  rows:\n";
    for row in 0..4 {
        categorical(maker, out, &groups, with_total, row);
    }
    for row in 0..2 {
        continuous(maker, out, &groups, with_total, row);
    }
}

fn categorical(maker: &mut Maker, out: &mut String, groups: &[Vec<usize>; 2], with_total: bool, row: usize) {
    let levels = 2 + maker.pick(3);
    let weights: Vec<f64> = (0..levels).map(|_| maker.stream.unit() * maker.stream.unit() + 0.01).collect();
    let missing = if maker.chance(0.3) { 0.15 * maker.stream.unit() } else { 0.0 };
    let total: f64 = weights.iter().sum();
    let mut counts = vec![vec![0_i128; levels]; 2];
    for (group, ids) in groups.iter().enumerate() {
        for _ in ids {
            if maker.stream.unit() < missing {
                continue;
            }
            let mut draw = maker.stream.unit() * total;
            let level = weights.iter().position(|&w| {
                draw -= w;
                draw < 0.0
            });
            counts[group][level.unwrap_or(levels - 1)] += 1;
        }
    }
    let valid: Vec<i128> = counts.iter().map(|counts| counts.iter().sum()).collect();
    // Percents of the column, of those with a value, or of the row.
    let base = maker.pick(6);
    let hide_last = levels > 2 && maker.chance(0.15);
    let decimals = maker.pick(2) as u32;
    *out += &format!("    - id: v{row}\n      type: categorical\n");
    if base == 5 && maker.chance(0.5) {
        *out += "      percent_of: row\n";
    }
    *out += "      levels:\n";
    for level in 0..levels - usize::from(hide_last) {
        let across: i128 = counts.iter().map(|counts| counts[level]).sum();
        let mut cells = Vec::new();
        let mut cell = |maker: &mut Maker, id: &str, k: i128, size: i128, valid: i128| {
            let below = match base {
                0..=2 => valid,
                3 | 4 => size,
                _ => across,
            };
            if below > 0 {
                cells.push(format!("{id}: [{k}, \"{}\"]", maker.ratio(k, below, 100, decimals)));
            } else {
                cells.push(format!("{id}: {k}"));
            }
        };
        for group in 0..2 {
            cell(maker, &format!("c{group}"), counts[group][level], groups[group].len() as i128, valid[group]);
        }
        if with_total && base != 5 {
            let sizes = (groups[0].len() + groups[1].len()) as i128;
            cell(maker, "total", across, sizes, valid[0] + valid[1]);
        }
        *out += &format!("        l{level}: {{{}}}\n", cells.join(", "));
    }
    let p = test_of_counts(maker, &counts);
    *out += &format!("      p: {{all: \"{}\"}}\n", maker.p_value(p));
}

fn test_of_counts(maker: &mut Maker, counts: &[Vec<i128>]) -> f64 {
    let kept: Vec<usize> = (0..counts[0].len()).filter(|&l| counts[0][l] + counts[1][l] > 0).collect();
    let rows: Vec<f64> = counts.iter().map(|row| row.iter().sum::<i128>() as f64).collect();
    if kept.len() < 2 || rows[0] == 0.0 || rows[1] == 0.0 {
        return 1.0;
    }
    let n = rows[0] + rows[1];
    let df = kept.len() as f64 - 1.0;
    let (mut pearson, mut likelihood) = (0.0, 0.0);
    for (row, total) in counts.iter().zip(&rows) {
        for &level in &kept {
            let expected = total * (counts[0][level] + counts[1][level]) as f64 / n;
            let observed = row[level] as f64;
            pearson += (observed - expected) * (observed - expected) / expected;
            if observed > 0.0 {
                likelihood += 2.0 * observed * (observed / expected).ln();
            }
        }
    }
    let two_by_two = kept.len() == 2;
    match maker.pick(6) {
        0 | 1 => chi_squared_upper(pearson, df),
        2 => chi_squared_upper(likelihood.max(0.0), df),
        3 if two_by_two => {
            let (a, b) = (counts[0][kept[0]] as f64, counts[0][kept[1]] as f64);
            let (c, d) = (counts[1][kept[0]] as f64, counts[1][kept[1]] as f64);
            let top = ((a * d - b * c).abs() - 0.5 * n).max(0.0);
            chi_squared_upper(n * top * top / (rows[0] * rows[1] * (a + c) * (b + d)), 1.0)
        }
        4 if two_by_two => {
            let (a, column) = (counts[0][kept[0]] as f64, (counts[0][kept[0]] + counts[1][kept[0]]) as f64);
            let choose = |n: f64, k: f64| ln_gamma(n + 1.0) - ln_gamma(k + 1.0) - ln_gamma(n - k + 1.0);
            let at = |x: f64| (choose(column, x) + choose(n - column, rows[0] - x) - choose(n, rows[0])).exp();
            let (mut p, mut x) = (0.0, (rows[0] + column - n).max(0.0));
            while x <= rows[0].min(column) {
                if at(x) <= at(a) * (1.0 + 1e-7) {
                    p += at(x);
                }
                x += 1.0;
            }
            p.min(1.0)
        }
        _ => chi_squared_upper(pearson * (n - 1.0) / n, df),
    }
}

fn continuous(maker: &mut Maker, out: &mut String, groups: &[Vec<usize>; 2], with_total: bool, row: usize) {
    let (centre, spread) = (60.0 * maker.stream.unit(), 0.5 + 15.0 * maker.stream.unit());
    let shift = spread * maker.normal() * 0.3;
    let values: Vec<Vec<f64>> = groups
        .iter()
        .enumerate()
        .map(|(group, ids)| ids.iter().map(|_| centre + shift * group as f64 + spread * maker.normal()).collect())
        .collect();
    if values.iter().any(|values| values.len() < 2) {
        return;
    }
    let decimals = maker.pick(3) as u32;
    let moments = |values: &[f64]| {
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let squares: f64 = values.iter().map(|v| (v - mean) * (v - mean)).sum();
        (mean, (squares / (values.len() as f64 - 1.0)).sqrt())
    };
    let (a, b) = (moments(&values[0]), moments(&values[1]));
    let together = moments(&values.concat());
    let mut cells = Vec::new();
    for (id, (mean, sd)) in [("c0", a), ("c1", b)] {
        cells.push(format!("{id}: [\"{}\", \"{}\"]", maker.real(mean, decimals), maker.real(sd, decimals)));
    }
    if with_total {
        cells.push(format!(
            "total: [\"{}\", \"{}\"]",
            maker.real(together.0, decimals),
            maker.real(together.1, decimals)
        ));
    }
    let (na, nb) = (values[0].len() as f64, values[1].len() as f64);
    let (va, vb) = (a.1 * a.1 / na, b.1 * b.1 / nb);
    let p = if maker.chance(0.5) {
        let pooled = ((na - 1.0) * a.1 * a.1 + (nb - 1.0) * b.1 * b.1) / (na + nb - 2.0);
        student_t_two_sided((a.0 - b.0) / (pooled * (1.0 / na + 1.0 / nb)).sqrt(), na + nb - 2.0)
    } else {
        let df = (va + vb) * (va + vb) / (va * va / (na - 1.0) + vb * vb / (nb - 1.0));
        student_t_two_sided((a.0 - b.0) / (va + vb).sqrt(), df)
    };
    *out += &format!(
        "    - {{id: m{row}, type: mean_sd, cells: {{{}}}, p: {{all: \"{}\"}}}}\n",
        cells.join(", "),
        maker.p_value(p)
    );
}

/// Univariable logistic regressions on a 0/1 covariate: coefficient and standard error in closed form.
fn regression(maker: &mut Maker, out: &mut String, outcome: &[bool]) {
    let mut terms = Vec::new();
    for term in 0..3 {
        let effect = maker.normal();
        let exposed: Vec<bool> = outcome
            .iter()
            .map(|&event| maker.stream.unit() < 1.0 / (1.0 + (-(effect * if event { 0.5 } else { -0.5 })).exp()))
            .collect();
        let count = |event: bool, exposure: bool| {
            outcome.iter().zip(&exposed).filter(|&(&e, &x)| e == event && x == exposure).count() as f64
        };
        let (a, b, c, d) = (count(true, true), count(true, false), count(false, true), count(false, false));
        if a * b * c * d == 0.0 {
            continue;
        }
        let beta = (a * d / (b * c)).ln();
        let se = (1.0 / a + 1.0 / b + 1.0 / c + 1.0 / d).sqrt();
        let z = normal_critical(0.95);
        let n = a + b + c + d;
        let p = match maker.pick(3) {
            0 => normal_two_sided(beta / se),
            // Score and likelihood-ratio P-values beside a Wald interval.
            1 => {
                let top = a * d - b * c;
                chi_squared_upper(n * top * top / ((a + b) * (c + d) * (a + c) * (b + d)), 1.0)
            }
            _ => {
                let part = |o: f64, r: f64, k: f64| 2.0 * o * (o * n / (r * k)).ln();
                let g = part(a, a + b, a + c) + part(b, a + b, b + d) + part(c, c + d, a + c) + part(d, c + d, b + d);
                chi_squared_upper(g.max(0.0), 1.0)
            }
        };
        let decimals = 2 + maker.pick(2) as u32;
        let mut fields = format!("id: x{term}, type: binary");
        if maker.chance(0.4) {
            fields += &format!(", beta: \"{}\", se: \"{}\"", maker.real(beta, decimals), maker.real(se, decimals));
        }
        if maker.chance(0.3) && !fields.contains("beta") {
            fields += &format!(", wald: \"{}\"", maker.real((beta / se).powi(2), decimals));
        }
        let shown = [beta.exp(), (beta - z * se).exp(), (beta + z * se).exp()].map(|value| maker.real(value, decimals));
        fields += &format!(", or: \"{}\", ci: [\"{}\", \"{}\"]", shown[0], shown[1], shown[2]);
        // Beside a Wald statistic stands its own P-value.
        let p = if fields.contains("wald") || fields.contains("se:") { normal_two_sided(beta / se) } else { p };
        fields += &format!(", p: \"{}\"", maker.p_value(p));
        terms.push(format!("    - {{{fields}}}\n"));
    }
    if !terms.is_empty() {
        *out += &format!(
            "table_3:\n  kind: regression\n  model: logistic\n  n: {}\n  terms:\n{}",
            outcome.len(),
            terms.concat()
        );
    }
}

fn survival(maker: &mut Maker, out: &mut String, n: usize) {
    *out += "survival:\n  times: [1, 2, 3, 5]\n  groups:\n";
    for group in ["low", "high"] {
        // A real curve: event and censoring times, product-limit.
        let hazard = 0.05 + 0.5 * maker.stream.unit();
        let mut times: Vec<(f64, bool)> = (0..n.max(4) / 2)
            .map(|_| {
                let event = -(1.0 - maker.stream.unit()).ln() / hazard;
                let censored = -(1.0 - maker.stream.unit()).ln() / 0.15;
                (event.min(censored), event <= censored)
            })
            .collect();
        times.sort_by(|a, b| a.0.total_cmp(&b.0));
        let rates: Vec<String> = [1.0, 2.0, 3.0, 5.0]
            .iter()
            .map(|&limit| {
                let mut rate = 1.0;
                for (index, (time, event)) in times.iter().enumerate() {
                    if *event && *time <= limit {
                        let risk = (times.len() - index) as f64;
                        rate *= (risk - 1.0) / risk;
                    }
                }
                format!("\"{}\"", maker.real(100.0 * rate, 1))
            })
            .collect();
        let events = times.iter().filter(|(_, event)| *event).count();
        *out += &format!("    {group}: {{n: {}, events: {events}, rates: [{}]}}\n", times.len(), rates.join(", "));
    }
}
