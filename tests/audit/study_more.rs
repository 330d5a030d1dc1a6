//! More of what honest studies print: percents without counts, means of whole numbers, unknown levels, cross-tables, paired
//! readings, risk groups, tallies, equations, hazard ratios, differences, pooled P-values, readers, folds.

use super::study_maker::{Maker, auc_and_variance};
use vouch::stats::distribution::{chi_squared_upper, ln_gamma, normal_critical, normal_two_sided};

/// Appends a random choice of the further sections.
pub fn more(maker: &mut Maker, out: &mut String, outcome: &[bool], parts: [&[usize]; 2]) {
    if maker.chance(0.5) {
        columns(maker, out, outcome, parts);
    }
    if maker.chance(0.3) {
        cross_table(maker, out, outcome.len());
    }
    if maker.chance(0.3) {
        paired(maker, out, outcome.len());
    }
    if maker.chance(0.3) {
        cut_offs(maker, out, outcome);
    }
    if maker.chance(0.3) {
        tally(maker, out, outcome.len());
    }
    if maker.chance(0.3) {
        equation(maker, out);
    }
    if maker.chance(0.5) {
        two_curves(maker, out, outcome.len());
    }
    if maker.chance(0.4) {
        comparison_list(maker, out, outcome, parts);
    }
    if maker.chance(0.3) {
        readers(maker, out, outcome, parts[1]);
    }
    if maker.chance(0.3) {
        folds(maker, out, outcome);
    }
}

/// A baseline table of its own: percents only, unknown levels, whole numbers, zeros and ones, summaries in rows.
fn columns(maker: &mut Maker, out: &mut String, outcome: &[bool], parts: [&[usize]; 2]) {
    if parts.iter().any(|ids| ids.len() < 2) {
        return;
    }
    let sizes: Vec<usize> = parts.iter().map(|ids| ids.len()).collect();
    *out += &format!(
        "table_s1:\n  kind: baseline\n  columns: [{{id: a, cohort: train, n: {}}}, {{id: b, cohort: test, n: {}}}]\n  rows:\n",
        sizes[0], sizes[1]
    );
    // Zeros and ones: the outcome itself.
    let mut cells = Vec::new();
    for (group, ids) in parts.iter().enumerate() {
        let n = ids.len() as f64;
        let p = ids.iter().filter(|&&i| outcome[i]).count() as f64 / n;
        let sd = (p * (1.0 - p) * if maker.chance(0.5) { n / (n - 1.0) } else { 1.0 }).sqrt();
        cells.push(format!("{}: [\"{}\", \"{}\"]", ["a", "b"][group], maker.real(p, 2), maker.real(sd, 2)));
    }
    *out += &format!("    - {{id: share, type: mean_sd, values: binary, cells: {{{}}}}}\n", cells.join(", "));
    // Percents only, of those with a value; sometimes overlapping.
    let missing = if maker.chance(0.5) { 0.1 * maker.stream.unit() } else { 0.0 };
    let levels = 2 + maker.pick(3);
    let decimals = maker.pick(2) as u32;
    let mut counts = vec![vec![0_i128; levels]; 2];
    let mut unknown = [0_i128; 2];
    for (group, &size) in sizes.iter().enumerate() {
        for _ in 0..size {
            if maker.stream.unit() < missing {
                unknown[group] += 1;
            } else {
                let level = maker.pick(levels);
                counts[group][level] += 1;
            }
        }
    }
    let valid: Vec<i128> = counts.iter().map(|counts| counts.iter().sum()).collect();
    if valid.iter().all(|&v| v > 0) {
        for (id, only) in [("percents", true), ("with_unknown", false)] {
            *out += &format!("    - id: {id}\n      type: categorical\n      levels:\n");
            for level in 0..levels {
                let mut cells = Vec::new();
                for group in 0..2 {
                    let percent = maker.ratio(counts[group][level], valid[group], 100, decimals);
                    let name = ["a", "b"][group];
                    cells.push(if only {
                        format!("{name}: {{percent: \"{percent}\"}}")
                    } else {
                        format!("{name}: [{}, \"{percent}\"]", counts[group][level])
                    });
                }
                *out += &format!("        l{level}: {{{}}}\n", cells.join(", "));
            }
            if !only && unknown.iter().any(|&k| k > 0) {
                let name = ["unknown", "missing", "not reported", "other"][maker.pick(4)];
                let mut cells = Vec::new();
                for group in 0..2 {
                    let percent = maker.ratio(unknown[group], sizes[group] as i128, 100, decimals);
                    cells.push(format!("{}: [{}, \"{percent}\"]", ["a", "b"][group], unknown[group]));
                }
                *out += &format!("        {name}: {{{}}}\n", cells.join(", "));
            }
        }
    }
    // Whole numbers, with some missing; then n is the column's or the row's.
    let rate = 0.3 + 4.0 * maker.stream.unit();
    let own = maker.chance(0.5);
    let mut cells = Vec::new();
    let mut row_n = Vec::new();
    let mut summaries = Vec::new();
    for (group, &size) in sizes.iter().enumerate() {
        let mut values: Vec<f64> = Vec::new();
        for _ in 0..size {
            if maker.stream.unit() >= missing {
                values.push((-(1.0 - maker.stream.unit()).ln() * rate).floor());
            }
        }
        if values.len() < 2 {
            return;
        }
        values.sort_by(f64::total_cmp);
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let squares: f64 = values.iter().map(|v| (v - mean) * (v - mean)).sum();
        let divisor = if maker.chance(0.2) { n } else { n - 1.0 };
        let sd = (squares / divisor).sqrt();
        let places = 1 + maker.pick(2) as u32;
        let name = ["a", "b"][group];
        cells.push(format!("{name}: [\"{}\", \"{}\"]", maker.real(mean, places), maker.real(sd, places)));
        row_n.push(format!("{name}: {}", values.len()));
        let at = |share: f64| values[((n - 1.0) * share).round() as usize];
        let (first, middle, third) = (at(0.25), 0.5 * (at(0.5) + values[values.len() / 2]), at(0.75));
        summaries.push(format!(
            "{name}: {{mean: \"{}\", sd: \"{}\", median: \"{}\", first_quartile: \"{}\", third_quartile: \"{}\", \
             iqr_width: \"{}\", minimum: \"{}\", maximum: \"{}\", range_width: \"{}\"}}",
            maker.real(mean, 1),
            maker.real(sd, 1),
            maker.real(middle, 1),
            first,
            third,
            third - first,
            values[0],
            values[values.len() - 1],
            values[values.len() - 1] - values[0]
        ));
    }
    let n = if own { format!(", n: {{{}}}", row_n.join(", ")) } else { String::new() };
    *out += &format!("    - {{id: nodes, type: mean_sd, values: integer{n}, cells: {{{}}}}}\n", cells.join(", "));
    if maker.chance(0.5) {
        *out += &format!("    - {{id: nodes_again, type: summary, cells: {{{}}}}}\n", summaries.join(", "));
    }
}

fn cross_table(maker: &mut Maker, out: &mut String, n: usize) {
    let levels = 2 + maker.pick(2);
    let agree = 0.3 + 0.7 * maker.stream.unit();
    let mut cells = vec![vec![0_i128; levels]; levels];
    for _ in 0..n {
        let first = maker.pick(levels);
        let second = if maker.stream.unit() < agree { first } else { maker.pick(levels) };
        cells[first][second] += 1;
    }
    let names: Vec<String> = (0..levels).map(|level| format!("l{level}")).collect();
    *out +=
        &format!("crossed:\n  kind: cross_table\n  same_levels: true\n  columns: [{}]\n  rows:\n", names.join(", "));
    for (row, name) in cells.iter().zip(&names) {
        let shown: Vec<String> = row.iter().map(i128::to_string).collect();
        *out += &format!("    {name}: {{cells: [{}], total: {}}}\n", shown.join(", "), row.iter().sum::<i128>());
    }
    let totals: Vec<String> = (0..levels).map(|c| cells.iter().map(|row| row[c]).sum::<i128>().to_string()).collect();
    *out += &format!("  column_totals: [{}]\n  n: {n}\n", totals.join(", "));
    let diagonal: i128 = (0..levels).map(|level| cells[level][level]).sum();
    *out += &format!("  agreement: \"{}\"\n", maker.ratio(diagonal, n as i128, 100, 1));
    let total = n as f64;
    let (mut seen, mut chance) = (0.0, 0.0);
    let power = maker.pick(3) as i32;
    for i in 0..levels {
        for j in 0..levels {
            let row: i128 = cells[i].iter().sum();
            let column: i128 = cells.iter().map(|row| row[j]).sum();
            let weight = if i == j { 0.0 } else { (i.abs_diff(j) as f64).powi(power) };
            seen += weight * cells[i][j] as f64 / total;
            chance += weight * row as f64 * column as f64 / (total * total);
        }
    }
    if chance > 0.0 {
        let key = if power == 0 { "kappa" } else { "weighted_kappa" };
        *out += &format!("  {key}: \"{}\"\n", maker.real(1.0 - seen / chance, 2));
    }
    if levels == 2 {
        let p = mcnemar(maker, cells[0][1], cells[1][0]);
        *out += &format!("  test: mcnemar\n  p: \"{}\"\n", maker.p_value(p));
    }
}

fn mcnemar(maker: &mut Maker, b: i128, c: i128) -> f64 {
    let (b, c) = (b as f64, c as f64);
    let n = b + c;
    if n == 0.0 {
        return 1.0;
    }
    let less = b.min(c);
    let at =
        |k: f64| (ln_gamma(n + 1.0) - ln_gamma(k + 1.0) - ln_gamma(n - k + 1.0) - n * std::f64::consts::LN_2).exp();
    let tail: f64 = (0..=less as u64).map(|k| at(k as f64)).sum();
    match maker.pick(4) {
        0 => chi_squared_upper((b - c) * (b - c) / n, 1.0),
        1 => chi_squared_upper(((b - c).abs() - 1.0).max(0.0).powi(2) / n, 1.0),
        2 => (2.0 * tail).min(1.0),
        _ => (2.0 * tail - at(less)).clamp(0.0, 1.0),
    }
}

fn paired(maker: &mut Maker, out: &mut String, n: usize) {
    let mut cells = [0_i128; 4];
    let lean = maker.stream.unit();
    for _ in 0..n {
        let first = maker.chance(0.5);
        let second = if maker.chance(0.7) { first } else { maker.chance(lean) };
        cells[usize::from(!first) * 2 + usize::from(!second)] += 1;
    }
    let [both, only_first, only_second, neither] = cells;
    let p = mcnemar(maker, only_first, only_second);
    let mut fields = format!("n: {n}, only_first: {only_first}, only_second: {only_second}");
    if maker.chance(0.7) {
        fields += &format!(", both: {both}, first: {}, second: {}", both + only_first, both + only_second);
        if maker.chance(0.7) {
            fields += &format!(", neither: {neither}, concordant: {}", both + neither);
        }
    }
    if maker.chance(0.5) {
        fields += &format!(", discordant: {}", only_first + only_second);
    }
    *out += &format!("twice:\n  kind: paired\n  test: mcnemar\n  aid: {{{fields}, p: \"{}\"}}\n", maker.p_value(p));
}

fn cut_offs(maker: &mut Maker, out: &mut String, outcome: &[bool]) {
    let groups = 3 + maker.pick(8);
    let mut counts = vec![(0_i128, 0_i128); groups];
    for &event in outcome {
        let group = maker.pick(groups);
        counts[group].0 += 1;
        counts[group].1 += i128::from(event);
    }
    let cumulative = maker.chance(0.3);
    let events = outcome.iter().filter(|&&event| event).count();
    let crude = maker.chance(0.5);
    *out += &format!(
        "groups:\n  kind: cutoffs\n  cumulative: {cumulative}\n  rates: {}\n  n: {}\n  events: {events}\n  rows:\n",
        if crude { "crude" } else { "not_stated" },
        outcome.len()
    );
    let unit = if maker.chance(0.5) { 100 } else { 1 };
    let (mut n, mut k) = (0, 0);
    for (index, (size, with)) in counts.iter().enumerate() {
        (n, k) = if cumulative { (n + size, k + with) } else { (*size, *with) };
        let rate = if n > 0 {
            format!(", rate: \"{}\"", maker.ratio(k, n, unit, if unit == 100 { 1 } else { 3 }))
        } else {
            String::new()
        };
        *out += &format!("    d{index}: {{n: {n}, events: {k}{rate}}}\n");
    }
}

fn tally(maker: &mut Maker, out: &mut String, n: usize) {
    let markers = 2 + maker.pick(3);
    let mut by_marker = vec![0_usize; markers];
    let mut by_number = vec![0_usize; markers + 1];
    for _ in 0..n {
        let mut carried = 0;
        for count in &mut by_marker {
            if maker.chance(0.3) {
                *count += 1;
                carried += 1;
            }
        }
        by_number[carried] += 1;
    }
    let markers: Vec<String> = by_marker.iter().enumerate().map(|(index, k)| format!("m{index}: {k}")).collect();
    let numbers: Vec<String> = by_number.iter().enumerate().map(|(index, k)| format!("\"{index}\": {k}")).collect();
    *out += &format!(
        "carriers: {{kind: tally, n: {n}, markers: {{{}}}, by_number: {{{}}}}}\n",
        markers.join(", "),
        numbers.join(", ")
    );
}

fn equation(maker: &mut Maker, out: &mut String) {
    let coefficients: Vec<f64> = (0..3).map(|_| maker.normal() * 0.5).collect();
    let values: Vec<f64> =
        (0..3).map(|index| if index == 0 { 30.0 + maker.pick(60) as f64 } else { maker.pick(4) as f64 }).collect();
    let intercept = maker.normal() * 3.0;
    let predictor = intercept + coefficients.iter().zip(&values).map(|(b, x)| b * x).sum::<f64>();
    let cox = maker.chance(0.3);
    let baseline = 0.5 + 0.49 * maker.stream.unit();
    let terms: Vec<String> =
        coefficients.iter().enumerate().map(|(index, b)| format!("x{index}: \"{}\"", maker.real(*b, 3))).collect();
    let given: Vec<String> = values.iter().enumerate().map(|(index, x)| format!("x{index}: {x}")).collect();
    let (link, probability) = if cox {
        let predictor = predictor - intercept;
        let zero = if maker.chance(0.5) { "\n  mean_predictor: 0" } else { "" };
        (
            format!("cox{zero}\n  baseline_survival: \"{}\"", maker.real(baseline, 3)),
            1.0 - baseline.powf(predictor.exp()),
        )
    } else {
        (format!("logistic\n  intercept: \"{}\"", maker.real(intercept, 3)), 1.0 / (1.0 + (-predictor).exp()))
    };
    let shown = if cox { predictor - intercept } else { predictor };
    let percent = maker.chance(0.5);
    let probability =
        if percent { format!("{}%", maker.real(100.0 * probability, 1)) } else { maker.real(probability, 3) };
    let with_predictor =
        if maker.chance(0.7) { format!("linear_predictor: \"{}\", ", maker.real(shown, 2)) } else { String::new() };
    *out += &format!(
        "formula:\n  kind: equation\n  link: {link}\n  terms: {{{}}}\n  examples: [{{values: {{{}}}, {with_predictor}probability: \"{probability}\"}}]\n",
        terms.join(", "),
        given.join(", ")
    );
}

/// Two groups: Kaplan-Meier rates, Cox' hazard ratio with Wald's interval, log-rank or Wald P.
fn two_curves(maker: &mut Maker, out: &mut String, n: usize) {
    let n = n.min(600);
    let share = 0.1 + 0.8 * maker.stream.unit();
    let effect = maker.normal() * 0.7;
    let censor = 0.02 + 0.5 * maker.stream.unit();
    let mut subjects: Vec<(f64, bool, bool)> = (0..n)
        .map(|_| {
            let high = maker.stream.unit() < share;
            let hazard = 0.2 * if high { effect.exp() } else { 1.0 };
            let event = -(1.0 - maker.stream.unit()).ln() / hazard;
            let end = -(1.0 - maker.stream.unit()).ln() / censor;
            // Whole months, so that there are ties.
            ((event.min(end) * 12.0).ceil() / 12.0, event <= end, high)
        })
        .collect();
    subjects.sort_by(|a, b| a.0.total_cmp(&b.0));
    let sizes = [false, true].map(|group| subjects.iter().filter(|s| s.2 == group).count());
    let events = [false, true].map(|group| subjects.iter().filter(|s| s.2 == group && s.1).count());
    if sizes.contains(&0) || events.iter().sum::<usize>() == 0 {
        return;
    }
    // Log-rank, and the partial likelihood of one 0/1 covariate (Breslow), by distinct times.
    let mut times: Vec<f64> = subjects.iter().filter(|s| s.1).map(|s| s.0).collect();
    times.dedup();
    let at: Vec<(f64, f64, f64, f64)> = times
        .iter()
        .map(|&t| {
            let risk = |group: bool| subjects.iter().filter(|s| s.0 >= t && s.2 == group).count() as f64;
            let died = |group: bool| subjects.iter().filter(|s| s.0 == t && s.1 && s.2 == group).count() as f64;
            (risk(false), risk(true), died(false), died(true))
        })
        .collect();
    let (mut difference, mut variance) = (0.0, 0.0);
    for &(low, high, d0, d1) in &at {
        let (risk, d) = (low + high, d0 + d1);
        difference += d1 - d * high / risk;
        if risk > 1.0 {
            variance += d * (low / risk) * (high / risk) * (risk - d) / (risk - 1.0);
        }
    }
    let mut beta = 0.0_f64;
    let mut information = 0.0;
    for _ in 0..30 {
        let mut score = 0.0;
        information = 0.0;
        for &(low, high, d0, d1) in &at {
            let weighted = high * beta.exp();
            let p = weighted / (low + weighted);
            score += d1 - (d0 + d1) * p;
            information += (d0 + d1) * p * (1.0 - p);
        }
        if information <= 1e-9 {
            break;
        }
        beta += (score / information).clamp(-1.0, 1.0);
    }
    let rate = |group: bool, limit: f64| {
        let mut survival = 1.0;
        for &(low, high, d0, d1) in
            &at.iter().zip(&times).filter(|(_, t)| **t <= limit).map(|(a, _)| *a).collect::<Vec<_>>()
        {
            let (risk, died) = if group { (high, d1) } else { (low, d0) };
            if risk > 0.0 {
                survival *= 1.0 - died / risk;
            }
        }
        100.0 * survival
    };
    *out += "curves:\n  kind: survival\n  times: [1, 2, 5]\n  groups:\n";
    for (index, name) in ["low", "high"].into_iter().enumerate() {
        let mut rates = Vec::new();
        for limit in [1.0, 2.0, 5.0] {
            rates.push(format!("\"{}\"", maker.real(rate(index == 1, limit), 1)));
        }
        *out +=
            &format!("    {name}: {{n: {}, events: {}, rates: [{}]}}\n", sizes[index], events[index], rates.join(", "));
    }
    *out += &format!("    all: {{n: {n}, events: {}, parts: [low, high]}}\n", events[0] + events[1]);
    if information > 1e-6 && beta.abs() < 8.0 {
        let se = 1.0 / information.sqrt();
        let z = normal_critical(0.95);
        let (low, high) = ((beta - z * se).exp(), (beta + z * se).exp());
        let against = maker.chance(0.5);
        // Either group can be the reference.
        let (value, low, high, of, other) = if against {
            (beta.exp(), low, high, "high", "low")
        } else {
            ((-beta).exp(), 1.0 / high, 1.0 / low, "low", "high")
        };
        let shown = [value, low, high].map(|v| maker.real(v, 2));
        *out += &format!(
            "  hr: {{value: \"{}\", ci: [\"{}\", \"{}\"], of: {of}, against: {other}}}\n",
            shown[0], shown[1], shown[2]
        );
        let p = if maker.chance(0.6) && variance > 0.0 {
            chi_squared_upper(difference * difference / variance, 1.0)
        } else {
            normal_two_sided(beta / se)
        };
        *out += &format!("  test: log_rank\n  p: \"{}\"\n", maker.p_value(p));
    }
}

/// AUC, its DeLong components, of two models: difference with standard error, interval, P; and P in a pooled cohort.
fn comparison_list(maker: &mut Maker, out: &mut String, outcome: &[bool], parts: [&[usize]; 2]) {
    let drift = if maker.chance(0.5) { maker.normal() } else { 0.0 };
    let scores: Vec<Vec<f64>> = (0..2)
        .map(|model| {
            let effect = 1.5 * maker.stream.unit();
            (0..outcome.len())
                .map(|i| {
                    let late =
                        if parts[1].first().is_some_and(|&first| i >= first) && model == 1 { drift } else { 0.0 };
                    maker.normal() + late + if outcome[i] { effect } else { 0.0 }
                })
                .collect()
        })
        .collect();
    let all: Vec<usize> = (0..outcome.len()).collect();
    let mut rows = ["", ""].map(String::from);
    let mut pairs = String::new();
    for (cohort, ids) in [("train", parts[0]), ("test", parts[1]), ("everyone", &all[..])] {
        let found: Vec<_> = scores.iter().filter_map(|score| auc_and_variance(outcome, score, ids)).collect();
        let [a, b] = found.as_slice() else { return };
        if a.2.len() < 2 || a.3.len() < 2 {
            return;
        }
        let covariance = |x: &[f64], y: &[f64], mx: f64, my: f64| {
            x.iter().zip(y).map(|(x, y)| (x - mx) * (y - my)).sum::<f64>() / (x.len() as f64 - 1.0) / x.len() as f64
        };
        let shared = covariance(&a.2, &b.2, a.0, b.0) + covariance(&a.3, &b.3, a.0, b.0);
        let variance = a.1 + b.1 - 2.0 * shared;
        if variance <= 1e-12 {
            return;
        }
        let (difference, se) = (a.0 - b.0, variance.sqrt());
        let z = normal_critical(0.95);
        let p = normal_two_sided(difference / se);
        for (row, value) in rows.iter_mut().zip([a.0, b.0]) {
            *row += &format!("      {cohort}: {{auc: \"{}\"}}\n", maker.real(value, 3));
        }
        let shown = [difference, se, difference - z * se, difference + z * se].map(|value| maker.real(value, 3));
        let sign = if maker.chance(0.3) { shown[0].trim_start_matches('-').to_string() } else { shown[0].clone() };
        let error = if maker.chance(0.5) { format!("se: \"{}\", ", shown[1]) } else { String::new() };
        pairs += &format!(
            "    - {{first: one, second: two, cohort: {cohort}, difference: \"{sign}\", {error}ci: [\"{}\", \"{}\"], p: \"{}\"}}\n",
            shown[2],
            shown[3],
            maker.p_value(p)
        );
    }
    out.push_str(&format!("two_models:\n  kind: performance\n  models:\n    one:\n{}    two:\n{}", rows[0], rows[1]));
    out.push_str(&format!(
        "differences:\n  kind: comparison\n  metric: auc\n  test: delong\n  table: two_models\n  pairs:\n{pairs}"
    ));
}

/// Readings of yes or no, by two readers, with the AUC of the one point, and both pooled.
fn readers(maker: &mut Maker, out: &mut String, outcome: &[bool], ids: &[usize]) {
    let skill = 0.5 + 0.5 * maker.stream.unit();
    let mut pooled = [0_i128; 4];
    let mut rows = String::new();
    for reader in ["r1", "r2"] {
        let mut cells = [0_i128; 4];
        for &i in ids {
            let correct = maker.stream.unit() < skill;
            cells[usize::from(!outcome[i]) * 2 + usize::from(!correct)] += 1;
        }
        let [tp, fn_, tn, fp] = cells;
        if tp + fn_ == 0 || tn + fp == 0 {
            return;
        }
        for (sum, cell) in pooled.iter_mut().zip(cells) {
            *sum += cell;
        }
        let auc = maker.ratio(tp * (tn + fp) + tn * (tp + fn_), 2 * (tp + fn_) * (tn + fp), 1, 3);
        let (sens, spec) = (maker.ratio(tp, tp + fn_, 1, 3), maker.ratio(tn, tn + fp, 1, 3));
        rows += &format!(
            "    - {{reader: {reader}, cohort: test, auc: \"{auc}\", sens: {{value: \"{sens}\", count: {tp}}}, spec: \"{spec}\", test_positives: {}, correct: {}}}\n",
            tp + fp,
            tp + tn
        );
    }
    let [tp, fn_, tn, fp] = pooled;
    let (sens, acc) = (maker.ratio(tp, tp + fn_, 1, 3), maker.ratio(tp + tn, tp + fn_ + tn + fp, 1, 3));
    let n = tp + fn_ + tn + fp;
    rows +=
        &format!("    - {{reader: both, cohort: test, pooled: [r1, r2], n: {n}, sens: \"{sens}\", acc: \"{acc}\"}}\n");
    out.push_str(&format!("reading:\n  kind: readers\n  reading: binary\n  rows:\n{rows}"));
}

/// Accuracy and AUC as mean and SD over folds.
fn folds(maker: &mut Maker, out: &mut String, outcome: &[bool]) {
    let number = 3 + maker.pick(8);
    if outcome.len() < 2 * number {
        return;
    }
    let skill = 0.5 + 0.5 * maker.stream.unit();
    let mut shares = vec![(0.0, 0.0); number];
    for index in 0..outcome.len() {
        let fold = &mut shares[index % number];
        fold.1 += 1.0;
        fold.0 += f64::from(u8::from(maker.stream.unit() < skill));
    }
    let values: Vec<f64> = shares.iter().map(|(k, n)| k / n).collect();
    let mean = values.iter().sum::<f64>() / number as f64;
    let squares: f64 = values.iter().map(|v| (v - mean) * (v - mean)).sum();
    let sd = (squares / (number as f64 - 1.0)).sqrt();
    let with = if maker.chance(0.5) { format!("{{over: folds, number: {number}}}") } else { "folds".to_string() };
    let percent = maker.chance(0.5);
    let (scale, places) = if percent { (100.0, 1) } else { (1.0, 3) };
    out.push_str(&format!(
        "folds:\n  kind: performance\n  averaged: {with}\n  scale: {}\n  models: {{m: {{train: {{acc: {{value: \"{}\", sd: \"{}\"}}}}}}}}\n",
        if percent { "percent" } else { "proportion" },
        maker.real(mean * scale, places),
        maker.real(sd * scale, places)
    ));
}
