//! Of an honest study, what else its tables print: survival rates with their intervals and the subjects at risk, medians,
//! several hazard ratios; standardised differences, statistics with their degrees of freedom, columns of three; means over the
//! classes, net benefit; a univariable odds ratio beside its counts; and means over folds or readers without a word.

use super::study_maker::Maker;
use vouch::stats::distribution::{chi_squared_upper, f_upper, normal_critical, normal_two_sided, student_t_two_sided};

pub fn further(maker: &mut Maker, out: &mut String, outcome: &[bool]) {
    if maker.chance(0.5) {
        curves(maker, out, outcome.len());
    }
    if maker.chance(0.5) {
        differences(maker, out, outcome);
    }
    if maker.chance(0.4) {
        three_columns(maker, out, outcome.len());
    }
    if maker.chance(0.5) {
        class_means(maker, out, outcome);
    }
    if maker.chance(0.4) {
        unspoken_means(maker, out, outcome);
    }
    if maker.chance(0.4) {
        crude_ratio(maker, out, outcome);
    }
}

/// Greenwood's or Peto's interval on one scale.
fn rate_interval(form: usize, rate: f64, variance: f64, n: f64) -> (f64, f64) {
    let z = normal_critical(0.95);
    let error = variance.sqrt();
    if rate <= 0.0 || rate >= 1.0 {
        return (rate, rate);
    }
    let (low, high) = match form {
        0 => (rate - z * error, rate + z * error),
        1 => (rate * (-z * error / rate).exp(), rate * (z * error / rate).exp()),
        2 => {
            let by = z * error / (rate * rate.ln().abs());
            (rate.powf(by.exp()), rate.powf((-by).exp()))
        }
        3 => {
            let (centre, by) = ((rate / (1.0 - rate)).ln(), z * error / (rate * (1.0 - rate)));
            let back = |x: f64| 1.0 / (1.0 + (-x).exp());
            (back(centre - by), back(centre + by))
        }
        _ => {
            // Rothman: Wilson's limits of as many subjects as have this variance.
            let n = if variance > 0.0 { rate * (1.0 - rate) / variance } else { n };
            let centre = (rate + z * z / (2.0 * n)) / (1.0 + z * z / n);
            let half = z / (1.0 + z * z / n) * (rate * (1.0 - rate) / n + z * z / (4.0 * n * n)).sqrt();
            (centre - half, centre + half)
        }
    };
    (low.max(0.0), high.min(1.0))
}

fn curves(maker: &mut Maker, out: &mut String, n: usize) {
    let form = maker.pick(5);
    let peto = form == 0 && maker.chance(0.3);
    let words = [if peto { "peto" } else { "plain" }, "log", "log_log", "logit", "rothman"];
    let in_percent = maker.chance(0.6);
    let (unit, decimals) = if in_percent { (100.0, maker.pick(2) as u32) } else { (1.0, 2 + maker.pick(2) as u32) };
    *out += "km:\n  kind: survival\n  times: [1, 2, 3, 5]\n";
    if maker.chance(0.6) {
        *out += &format!("  ci_method: {}\n", words[form]);
    }
    let months = maker.chance(0.4);
    match maker.pick(3) {
        0 => *out += &format!("  time_unit: years\n  median_unit: {}\n", if months { "months" } else { "years" }),
        1 if !months => *out += "  time_unit: years\n",
        _ => {}
    }
    *out += "  groups:\n";
    let mut all: Vec<Vec<(f64, bool)>> = Vec::new();
    for group in 0..1 + maker.pick(3) {
        let hazard = 0.05 + 0.6 * maker.stream.unit();
        let censoring = [0.02, 0.15, 0.6][maker.pick(3)];
        let mut times: Vec<(f64, bool)> = (0..n.max(6) / 2)
            .map(|_| {
                let event = -(1.0 - maker.stream.unit()).ln() / hazard;
                let censored = -(1.0 - maker.stream.unit()).ln() / censoring;
                (event.min(censored), event <= censored)
            })
            .collect();
        times.sort_by(|a, b| a.0.total_cmp(&b.0));
        let size = times.len() as f64;
        let (mut rates, mut at_risk) = (Vec::new(), Vec::new());
        let show_intervals = maker.chance(0.8);
        for limit in [1.0, 2.0, 3.0, 5.0] {
            let (mut rate, mut sum) = (1.0, 0.0);
            for (index, (_, event)) in times.iter().enumerate().filter(|(_, (time, _))| *time <= limit) {
                let risk = size - index as f64;
                if *event {
                    rate *= (risk - 1.0) / risk;
                    sum += 1.0 / (risk * (risk - 1.0));
                }
            }
            let left = times.iter().filter(|(time, _)| *time >= limit).count();
            let variance = if peto && left > 0 { rate * rate * (1.0 - rate) / left as f64 } else { rate * rate * sum };
            at_risk.push(left.to_string());
            // Where nobody is left, no interval is printed.
            let (low, high) =
                if variance.is_finite() && left > 0 { rate_interval(form, rate, variance, size) } else { (rate, rate) };
            let shown = [rate, low, high].map(|value| maker.real(unit * value, decimals));
            rates.push(if show_intervals && low < high {
                format!("[\"{}\", \"{}\", \"{}\"]", shown[0], shown[1], shown[2])
            } else {
                format!("\"{}\"", shown[0])
            });
        }
        // The median: where the curve is a half or less; midway of a stretch at exactly a half.
        let (mut rate, mut median, mut level) = (1.0, None, None);
        for (index, (time, event)) in times.iter().enumerate().filter(|(_, (_, event))| *event) {
            if *event {
                let risk = size - index as f64;
                rate *= (risk - 1.0) / risk;
            }
            if f64::abs(rate - 0.5) < 1e-12 && level.is_none() {
                level = Some(*time);
            } else if rate < 0.5 - 1e-12 {
                median = Some(level.map_or(*time, |from: f64| 0.5 * (from + time)));
                break;
            }
        }
        let by = if months { 12.0 } else { 1.0 };
        let median = match (median, level) {
            (Some(median), _) => format!("\"{}\"", maker.real(by * median, 1)),
            (None, None) => ["not reached", "NR"][maker.pick(2)].to_string(),
            (None, Some(from)) => format!("\"{}\"", maker.real(by * from, 1)),
        };
        let median = if maker.chance(0.7) { format!(", median: {median}") } else { String::new() };
        let at_risk = if maker.chance(0.6) { format!(", at_risk: [{}]", at_risk.join(", ")) } else { String::new() };
        let events = times.iter().filter(|(_, event)| *event).count();
        *out += &format!(
            "    g{group}: {{n: {}, events: {events}, rates: [{}]{at_risk}{median}}}\n",
            times.len(),
            rates.join(", ")
        );
        all.push(times);
    }
    hazard_ratios(maker, out, &all);
}

/// Of each group against the first: from events and time at risk, with the Wald P-value of its logarithm.
fn hazard_ratios(maker: &mut Maker, out: &mut String, groups: &[Vec<(f64, bool)>]) {
    let rate = |group: &[(f64, bool)]| {
        let events = group.iter().filter(|(_, event)| *event).count() as f64;
        (events, group.iter().map(|(time, _)| time).sum::<f64>())
    };
    let (first_events, first_time) = rate(&groups[0]);
    let mut lines = Vec::new();
    for (index, group) in groups.iter().enumerate().skip(1) {
        let (events, time) = rate(group);
        if events < 1.0 || first_events < 1.0 {
            continue;
        }
        for adjusted in [false, true] {
            // Adjusting for a covariate of no effect moves the ratio a little and its error up.
            let logarithm =
                (events / time / (first_events / first_time)).ln() + if adjusted { 0.05 * maker.normal() } else { 0.0 };
            let error = (1.0 / events + 1.0 / first_events).sqrt() * if adjusted { 1.05 } else { 1.0 };
            let z = normal_critical(0.95);
            let shown = [logarithm.exp(), (logarithm - z * error).exp(), (logarithm + z * error).exp()];
            let shown = shown.map(|value| maker.real(value, 2));
            let p = maker.p_value(normal_two_sided(logarithm / error));
            lines.push(format!(
                "    - {{value: \"{}\", ci: [\"{}\", \"{}\"], p: \"{p}\", of: g{index}, against: g0, adjusted: {adjusted}}}\n",
                shown[0], shown[1], shown[2]
            ));
        }
    }
    if !lines.is_empty() {
        *out += &format!("  hr:\n{}", lines.concat());
    }
}

struct Moments {
    n: f64,
    mean: f64,
    sd: f64,
}

fn moments(values: &[f64]) -> Moments {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    Moments { n, mean, sd: (squares / (n - 1.0)).sqrt() }
}

/// Standardised differences by several definitions, and the statistics behind the P-values.
fn differences(maker: &mut Maker, out: &mut String, outcome: &[bool]) {
    let cut = outcome.len() / 2;
    if cut < 3 {
        return;
    }
    let sizes = [cut, outcome.len() - cut];
    *out += &format!(
        "balance:\n  kind: baseline\n  columns: [{{id: a, n: {}}}, {{id: b, n: {}}}]\n  rows:\n",
        sizes[0], sizes[1]
    );
    let signed = maker.chance(0.5);
    let in_percent = maker.chance(0.2);
    let shown = |maker: &mut Maker, difference: f64| {
        let difference = if signed { difference } else { difference.abs() };
        if in_percent {
            maker.real(100.0 * difference, 1)
        } else {
            maker.real(difference, 2 + (difference > 0.0) as u32)
        }
    };
    for row in 0..2 {
        let (centre, spread, apart) = (60.0 * maker.stream.unit(), 1.0 + 9.0 * maker.stream.unit(), maker.normal());
        let ratio = 0.5 + maker.stream.unit();
        let draw = |maker: &mut Maker, n: usize, shift: f64, scale: f64| -> Vec<f64> {
            (0..n).map(|_| centre + shift + scale * maker.normal()).collect()
        };
        let first = draw(maker, sizes[0], 0.0, spread);
        let second = draw(maker, sizes[1], 0.3 * apart * spread, spread * ratio);
        let (a, b, all) = (moments(&first), moments(&second), moments(&[first, second].concat()));
        let pooled = (((a.n - 1.0) * a.sd * a.sd + (b.n - 1.0) * b.sd * b.sd) / (a.n + b.n - 2.0)).sqrt();
        let hedges = 1.0 - 3.0 / (4.0 * (a.n + b.n) - 9.0);
        let difference = match maker.pick(6) {
            0 | 1 => (a.mean - b.mean) / ((a.sd * a.sd + b.sd * b.sd) / 2.0).sqrt(),
            2 => (a.mean - b.mean) / pooled,
            3 => hedges * (a.mean - b.mean) / pooled,
            4 => (a.mean - b.mean) / b.sd,
            _ => (a.mean - b.mean) / all.sd,
        };
        let welch = maker.chance(0.5);
        let parts = (a.sd * a.sd / a.n, b.sd * b.sd / b.n);
        let (t, df) = if welch {
            let df = (parts.0 + parts.1).powi(2) / (parts.0.powi(2) / (a.n - 1.0) + parts.1.powi(2) / (b.n - 1.0));
            ((a.mean - b.mean) / (parts.0 + parts.1).sqrt(), df)
        } else {
            ((a.mean - b.mean) / (pooled * (1.0 / a.n + 1.0 / b.n).sqrt()), a.n + b.n - 2.0)
        };
        let df_text = if welch { format!("\"{}\"", maker.real(df, 1)) } else { format!("{df}") };
        let decimals = 1 + maker.pick(2) as u32;
        let cells =
            [&a, &b].map(|m| format!("[\"{}\", \"{}\"]", maker.real(m.mean, decimals), maker.real(m.sd, decimals)));
        let smd = shown(maker, difference);
        let t_text = maker.real(t, 2);
        let p = maker.p_value(student_t_two_sided(t, df));
        *out += &format!(
            "    - {{id: m{row}, type: mean_sd, cells: {{a: {}, b: {}}}, smd: \"{smd}\", t: \"{t_text}\", df: {df_text}, p: \"{p}\"}}\n",
            cells[0], cells[1]
        );
    }
    for row in 0..2 {
        let chance = [0.1 + 0.8 * maker.stream.unit(), 0.1 + 0.8 * maker.stream.unit()];
        let counts: Vec<usize> = (0..2).map(|g| (0..sizes[g]).filter(|_| maker.chance(chance[g])).count()).collect();
        let p: Vec<f64> = (0..2).map(|g| counts[g] as f64 / sizes[g] as f64).collect();
        let mean = (p[0] * (1.0 - p[0]) + p[1] * (1.0 - p[1])) / 2.0;
        let (k, n) = ((counts[0] + counts[1]) as f64, (sizes[0] + sizes[1]) as f64);
        if mean <= 0.0 || k == 0.0 || k == n {
            continue;
        }
        let smd = if maker.chance(0.7) {
            (p[0] - p[1]) / mean.sqrt()
        } else {
            2.0 * p[0].sqrt().asin() - 2.0 * p[1].sqrt().asin()
        };
        let expected = |g: usize, of: f64| sizes[g] as f64 * of / n;
        let squared: f64 = (0..2)
            .map(|g| {
                let apart = (counts[g] as f64 - expected(g, k)).powi(2);
                apart / expected(g, k) + apart / expected(g, n - k)
            })
            .sum();
        let percents: Vec<String> = (0..2).map(|g| maker.ratio(counts[g] as i128, sizes[g] as i128, 100, 1)).collect();
        let smd = shown(maker, smd);
        let squared_text = maker.real(squared, 2);
        let p_text = maker.p_value(chi_squared_upper(squared, 1.0));
        *out += &format!(
            "    - {{id: s{row}, type: categorical, levels: {{yes: {{a: [{}, \"{}\"], b: [{}, \"{}\"]}}}}, smd: \"{smd}\", chi_squared: \"{squared_text}\", df: 1, p: \"{p_text}\"}}\n",
            counts[0], percents[0], counts[1], percents[1]
        );
    }
}

/// One-way analysis of variance, Fisher's or Welch's, of three to five columns.
fn three_columns(maker: &mut Maker, out: &mut String, n: usize) {
    let groups = 3 + maker.pick(3);
    let size = n / groups;
    if size < 3 {
        return;
    }
    let names = ["a", "b", "c", "d", "e"];
    let welch = maker.chance(0.4);
    let columns: Vec<String> = (0..groups).map(|g| format!("{{id: {}, n: {size}}}", names[g])).collect();
    *out += &format!(
        "by_stage:\n  kind: baseline\n  columns: [{}]\n  p_columns: {{all: [{}]}}\n  stated_tests: {{continuous: {}}}\n  rows:\n",
        columns.join(", "),
        names[..groups].join(", "),
        if welch { "welch_anova" } else { "anova" }
    );
    for row in 0..2 {
        let (centre, spread, apart) =
            (40.0 + 20.0 * maker.stream.unit(), 4.0 + 4.0 * maker.stream.unit(), maker.stream.unit());
        let columns: Vec<Moments> = (0..groups)
            .map(|_| {
                let shift = apart * maker.normal() * spread;
                let missing = if maker.chance(0.2) { size / 5 } else { 0 };
                let values: Vec<f64> =
                    (0..(size - missing).max(2)).map(|_| centre + shift + spread * maker.normal()).collect();
                moments(&values)
            })
            .collect();
        let k = groups as f64;
        let total: f64 = columns.iter().map(|m| m.n).sum();
        let weight = |m: &Moments| if welch { m.n / (m.sd * m.sd) } else { m.n };
        let weights: f64 = columns.iter().map(weight).sum();
        let mean = columns.iter().map(|m| weight(m) * m.mean).sum::<f64>() / weights;
        let between = columns.iter().map(|m| weight(m) * (m.mean - mean).powi(2)).sum::<f64>() / (k - 1.0);
        let (f, df) = if welch {
            let uneven: f64 = columns.iter().map(|m| (1.0 - weight(m) / weights).powi(2) / (m.n - 1.0)).sum();
            (between / (1.0 + 2.0 * (k - 2.0) * uneven / (k * k - 1.0)), (k * k - 1.0) / (3.0 * uneven))
        } else {
            let within = columns.iter().map(|m| (m.n - 1.0) * m.sd * m.sd).sum::<f64>() / (total - k);
            (between / within, total - k)
        };
        let decimals = 1 + maker.pick(2) as u32;
        let cells: Vec<String> = columns
            .iter()
            .zip(names)
            .map(|(m, name)| {
                format!("{name}: [\"{}\", \"{}\"]", maker.real(m.mean, decimals), maker.real(m.sd, decimals))
            })
            .collect();
        let p = maker.p_value(f_upper(f, k - 1.0, df));
        let statistic = if maker.chance(0.5) {
            format!(", f: \"{}\", df: [{}, \"{}\"]", maker.real(f, 2), groups - 1, maker.real(df, 1))
        } else {
            String::new()
        };
        *out +=
            &format!("    - {{id: m{row}, type: mean_sd, cells: {{{}}}, p: \"{p}\"{statistic}}}\n", cells.join(", "));
    }
}

/// Means over the two classes, and net benefit, of readings of the whole sample.
fn class_means(maker: &mut Maker, out: &mut String, outcome: &[bool]) {
    let n = outcome.len() as i128;
    let plus = outcome.iter().filter(|&&event| event).count() as i128;
    let minus = n - plus;
    *out += &format!(
        "classes:\n  kind: performance\n  rows:\n    - {{model: net, n: {n}, positive: {plus}, negative: {minus}"
    );
    let skill = 0.3 + 0.6 * maker.stream.unit();
    let tp = (0..plus).filter(|_| maker.chance(skill)).count() as i128;
    let tn = (0..minus).filter(|_| maker.chance(skill)).count() as i128;
    let (fn_, fp) = (plus - tp, minus - tn);
    let wrong = fn_ + fp;
    let decimals = 2 + maker.pick(2) as u32;
    let (of_plus, of_minus) = (2 * tp + wrong, 2 * tn + wrong);
    let (called, left) = (tp + fp, tn + fn_);
    for (key, above, below) in [
        ("acc", tp + tn, n),
        ("f1_macro", tp * of_minus + tn * of_plus, of_plus * of_minus),
        ("f1_weighted", 2 * (tp * plus * of_minus + tn * minus * of_plus), n * of_plus * of_minus),
        ("precision_macro", tp * left + tn * called, 2 * called * left),
        ("precision_weighted", tp * plus * left + tn * minus * called, n * called * left),
        ("recall_macro", tp * minus + tn * plus, 2 * plus * minus),
        ("recall_weighted", tp + tn, n),
    ] {
        if below > 0 && maker.chance(0.7) {
            *out += &format!(", {key}: \"{}\"", maker.ratio(above, below, 1, decimals));
        }
    }
    // Ratios of tables with an empty cell, as they are or with a half in every cell.
    let more = if [tp, fn_, fp, tn].contains(&0) && maker.chance(0.6) { 1 } else { 0 };
    let [a, b, c, d] = [tp, fn_, fp, tn].map(|cell| 2 * cell + more);
    for (key, above, below) in
        [("lr_positive", a * (c + d), c * (a + b)), ("lr_negative", b * (c + d), d * (a + b)), ("dor", a * d, b * c)]
    {
        if below > 0 && maker.chance(0.4) {
            *out += &format!(", {key}: \"{}\"", maker.ratio(above, below, 1, 2));
        }
    }
    let mut points = Vec::new();
    let standardised = plus > 0 && maker.chance(0.2);
    for threshold in ["0.10", "0.20", "0.35"] {
        let t: f64 = threshold.parse().unwrap_or(0.5);
        let odds = t / (1.0 - t);
        let by = if standardised { plus as f64 } else { n as f64 };
        let of = |hits: i128, wrong: i128| (hits as f64 - wrong as f64 * odds) / by;
        let shown = [of(tp, fp), of(plus, minus)].map(|value| maker.real(value, 3));
        points.push(format!(
            "\"{threshold}\": {{model: \"{}\", treat_all: \"{}\", treat_none: \"0\"}}",
            shown[0], shown[1]
        ));
    }
    *out += &format!(", net_benefit: {{{}}}}}\n", points.join(", "));
}

/// Means over folds, or over readers of all subjects, that nobody calls so.
fn unspoken_means(maker: &mut Maker, out: &mut String, outcome: &[bool]) {
    let tables = 2 + maker.pick(9);
    let readers = maker.chance(0.5);
    let classes = [true, false].map(|class| outcome.iter().filter(|&&event| event == class).count());
    if classes.iter().any(|&size| size < 2 * tables) {
        return;
    }
    let decimals = 2 + maker.pick(2) as u32;
    let rows = 1 + maker.pick(3);
    let mut lines = Vec::new();
    for row in 0..rows {
        let skill = [0.5 + 0.45 * maker.stream.unit(), 0.5 + 0.45 * maker.stream.unit()];
        let mut sums = vec![0.0; 7];
        for table in 0..tables {
            // Folds are stratified: sizes differ by one at most. Readers read everybody, each with a skill of his own.
            let size = |class: usize| {
                if readers {
                    classes[class]
                } else {
                    classes[class] / tables + usize::from(table < classes[class] % tables)
                }
            };
            let of_reader = |skill: f64, maker: &mut Maker| {
                if readers { (skill + 0.06 * maker.normal()).clamp(0.05, 0.98) } else { skill }
            };
            let hits = [0, 1].map(|class| {
                let skill = of_reader(skill[class], maker);
                (0..size(class)).filter(|_| maker.chance(skill)).count() as f64
            });
            let [tp, tn] = hits;
            let (fn_, fp) = (size(0) as f64 - tp, size(1) as f64 - tn);
            let n = tp + tn + fn_ + fp;
            let share = |above: f64, below: f64| if below > 0.0 { above / below } else { 0.0 };
            let chance = ((tp + fp) * (tp + fn_) + (fn_ + tn) * (fp + tn)) / (n * n);
            for (sum, value) in sums.iter_mut().zip([
                (tp + tn) / n,
                share(tp, tp + fn_),
                share(tn, tn + fp),
                share(tp, tp + fp),
                share(tn, tn + fn_),
                share(2.0 * tp, 2.0 * tp + fp + fn_),
                share((tp + tn) / n - chance, 1.0 - chance),
            ]) {
                *sum += value / tables as f64;
            }
        }
        let names = ["acc", "sens", "spec", "ppv", "npv", "f1", "kappa"];
        let mut cells: Vec<String> = Vec::new();
        for (index, (name, sum)) in names.iter().zip(&sums).enumerate() {
            if index < 3 || maker.chance(0.67) {
                cells.push(format!("{name}: \"{}\"", maker.real(*sum, decimals)));
            }
        }
        lines.push(format!("    m{row}: {{means: {{{}}}}}\n", cells.join(", ")));
    }
    // The sample has a name that says nothing of means.
    let printed = if maker.chance(0.6) {
        format!("{{n: {}, positive: {}, negative: {}}}", outcome.len(), classes[0], classes[1])
    } else {
        format!("{{n: {}}}", outcome.len())
    };
    *out = out.replacen("cohorts:\n", &format!("cohorts:\n  sample_b: {printed}\n"), 1);
    *out += &format!("unspoken:\n  kind: performance\n  models:\n{}", lines.concat().replace("means:", "sample_b:"));
}

/// Counts of a binary covariate by the outcome, and its univariable odds ratio.
fn crude_ratio(maker: &mut Maker, out: &mut String, outcome: &[bool]) {
    let exposed: Vec<bool> = outcome.iter().map(|&event| maker.chance(if event { 0.6 } else { 0.35 })).collect();
    let count =
        |event: bool, is: bool| outcome.iter().zip(&exposed).filter(|&(&e, &x)| e == event && x == is).count() as i128;
    let [a, b, c, d] = [count(true, true), count(true, false), count(false, true), count(false, false)];
    if a * b * c * d == 0 {
        return;
    }
    *out += &format!(
        "by_outcome:\n  kind: baseline\n  columns: [{{id: pos, cohort: everyone, group: positive, n: {}}}, {{id: neg, cohort: everyone, group: negative, n: {}}}]\n  rows:\n",
        a + b,
        c + d
    );
    *out += &format!(
        "    - {{id: exposed, type: categorical, levels: {{yes: {{pos: [{a}, \"{}\"], neg: [{c}, \"{}\"]}}}}}}\n",
        maker.ratio(a, a + b, 100, 1),
        maker.ratio(c, c + d, 100, 1)
    );
    let [a, b, c, d] = [a, b, c, d].map(|cell| cell as f64);
    let logarithm = if maker.chance(0.5) { (a * d / (b * c)).ln() } else { (b * c / (a * d)).ln() };
    let error = (1.0 / a + 1.0 / b + 1.0 / c + 1.0 / d).sqrt();
    let z = normal_critical(0.95);
    let shown = [logarithm, logarithm - z * error, logarithm + z * error].map(|value| maker.real(value.exp(), 2));
    *out += &format!(
        "univariable:\n  kind: regression\n  model: logistic\n  cohort: everyone\n  ci_method: wald\n  terms: [{{id: exposed, type: binary, or: \"{}\", ci: [\"{}\", \"{}\"], p: \"{}\"}}]\n",
        shown[0],
        shown[1],
        shown[2],
        maker.p_value(normal_two_sided(logarithm / error))
    );
}
