//! Formulas over grids: every input takes several of the values that print as it, ends included, and none of the results
//! may stand in the stated relation to the target.

use super::decimal::{Decimal, Printed, number, whole};
use super::distribution::{chi_squared_tail, f_tail, student_tail, z_of};
use super::{Replay, unreadable};
use crate::audit::statement::{Formula, Input, ReadAs, Relation, Target};

/// Points of an input: its ends, its middle and between.
const POINTS: [f64; 5] = [0.0, 0.25, 0.5, 0.75, 1.0];
/// Grids beyond this are thinned to ends and middle, then to the ends.
const MOST: usize = 100_000;

pub(super) fn no_value<'t>(
    formula: Formula,
    inputs: &[Input],
    relation: Relation,
    target: Target,
    factor: f64,
    step: f64,
    text: &impl Fn(usize) -> Printed<'t>,
) -> Replay {
    let Some(ranges) = inputs.iter().map(|input| ends(input, text)).collect::<Option<Vec<_>>>() else {
        return unreadable();
    };
    let Some(wanted) = read_target(target, text) else { return unreadable() };
    let wide = ranges.iter().filter(|(low, high)| low < high).count();
    let points: &[f64] = match wide {
        0..=7 if POINTS.len().pow(wide as u32) <= MOST => &POINTS,
        0..=10 if 3_usize.pow(wide as u32) <= MOST => &[0.0, 0.5, 1.0],
        0..=16 => &[0.0, 1.0],
        _ => return Replay::NotReplayable(format!("{wide} printed numbers are too many for a grid")),
    };
    let allowed = (wanted.0 / factor - step, wanted.1 * factor + step);
    let mut places = vec![0_usize; ranges.len()];
    let (mut tried, mut found) = (0_u64, (f64::INFINITY, f64::NEG_INFINITY));
    loop {
        let values: Vec<f64> =
            ranges.iter().zip(&places).map(|((low, high), &place)| low + (high - low) * points[place]).collect();
        for value in evaluate(formula, &values).into_iter().filter(|value| value.is_finite()) {
            tried += 1;
            found = (found.0.min(value), found.1.max(value));
            let agrees = match relation {
                Relation::Equal => value >= allowed.0 - 1e-9 && value <= allowed.1 + 1e-9,
                Relation::AtMost => wanted.0 <= value * factor + step + 1e-9,
                Relation::AtLeast => wanted.1 * factor + step >= value - 1e-9,
            };
            if agrees {
                return Replay::Refuted(format!("{values:?} give {value:.4}"));
            }
        }
        // The next point of the grid.
        let Some(next) =
            (0..places.len()).find(|&index| ranges[index].0 < ranges[index].1 && places[index] + 1 < points.len())
        else {
            break;
        };
        places[next] += 1;
        places[..next].iter_mut().for_each(|place| *place = 0);
    }
    if tried == 0 {
        return Replay::NotReplayable("the formula has no value here".to_string());
    }
    Replay::Confirmed(format!(
        "{tried} values of the formula over a grid of what the numbers may be: {} to {}, printed is {} to {}",
        short(found.0),
        short(found.1),
        short(wanted.0),
        short(wanted.1)
    ))
}

fn short(value: f64) -> String {
    if value.is_finite() && value.abs() < 1e6 { format!("{value:.4}") } else { "beyond".to_string() }
}

fn ends<'t>(input: &Input, text: &impl Fn(usize) -> Printed<'t>) -> Option<(f64, f64)> {
    match input {
        Input::Leaf { leaf, unit } => {
            let (low, high) = Decimal::read(text(*leaf))?.ends();
            Some((low * unit, high * unit))
        }
        Input::Count { leaf } => whole(text(*leaf)).map(|count| (count as f64, count as f64)),
        Input::Rest { of, less } => {
            let rest = whole(text(*of))? - whole(text(*less))?;
            Some((rest as f64, rest as f64))
        }
        Input::Constant { value } => Some((*value, *value)),
    }
}

/// What the target may be; a P-value printed with "<" has no least value.
fn read_target<'t>(target: Target, text: &impl Fn(usize) -> Printed<'t>) -> Option<(f64, f64)> {
    let Target::Leaf { leaf, unit, read_as } = target else {
        let Target::Between { low, high } = target else { return None };
        return Some((low, high));
    };
    let whole_text = text(leaf);
    let read = |part: &str| Decimal::read(Printed { text: part, ..whole_text });
    let printed = whole_text.text.trim();
    let bare = printed.trim_start_matches(['p', 'P', ' ']);
    let (low, high) = if let Some(rest) = bare.strip_prefix(['<', '\u{2264}']) {
        let rest = rest.trim_start_matches('=').trim();
        // "<001" lost its point.
        let rest = if rest.starts_with('0') && !rest.contains('.') && rest.len() > 1 {
            format!("0.{rest}")
        } else {
            rest.into()
        };
        (0.0, read(&rest)?.ends().1)
    } else if let Some(rest) = bare.strip_prefix(['>', '\u{2265}']) {
        (number(rest.trim_start_matches('='))?, 1.0)
    } else {
        read(printed)?.ends()
    };
    Some(match read_as {
        ReadAs::Value => (low * unit, high * unit),
        ReadAs::Magnitude => {
            let (a, b) = (low.abs().min(high.abs()), low.abs().max(high.abs()));
            (if low < 0.0 && high > 0.0 { 0.0 } else { a * unit }, b * unit)
        }
        ReadAs::Root => (low.max(0.0).sqrt(), high.max(0.0).sqrt()),
        // What is above 1 is no P-value: no number stands in any relation to it.
        ReadAs::ZOfP if low > 1.0 => (f64::NAN, f64::NAN),
        ReadAs::ZOfP => (z_of(high), if low <= 0.0 { f64::INFINITY } else { z_of(low) }),
    })
}

fn evaluate(formula: Formula, x: &[f64]) -> Vec<f64> {
    match (formula, x) {
        (Formula::Exponential, [a]) => vec![a.exp()],
        (Formula::Quotient, [a]) => vec![a.abs()],
        (Formula::Quotient, [a, b]) => vec![(a / b).abs()],
        (Formula::Ratio, [a, b]) => vec![a / b],
        (Formula::Root, [a]) => vec![a.max(0.0).sqrt()],
        (Formula::Middle, [a, b]) => vec![0.5 * (a + b)],
        (Formula::MiddleOfLogarithms, [a, b]) => vec![(a * b).sqrt()],
        (Formula::MiddleOfRatio, [a, b]) => vec![0.5 * (a + b), (a * b).sqrt()],
        (Formula::MiddleOfShare, [a, b]) => {
            let odds = (a / (1.0 - a) * (b / (1.0 - b))).sqrt();
            vec![0.5 * (a + b), odds / (1.0 + odds)]
        }
        (Formula::OneLessRatio, [a, b]) => vec![1.0 - a / b],
        (Formula::Distance, [a, b]) => vec![(a - b).abs()],
        (Formula::Difference, [a, b]) => vec![a - b],
        (Formula::ErrorOfRatio, [ratio, lower, upper, critical]) => errors(*ratio, *lower, *upper, *critical),
        (Formula::ZOfRatio, [ratio, lower, upper, critical]) => {
            errors(*ratio, *lower, *upper, *critical).iter().map(|error| ratio.ln().abs() / error).collect()
        }
        (Formula::ZOfDifference, [difference, lower, upper, critical]) => {
            vec![difference.abs() * 2.0 * critical / (upper - lower)]
        }
        (Formula::ErrorOverFloor, [ratio, lower, upper, critical, factor, counts @ ..]) => {
            let count: f64 = counts.iter().sum();
            errors(*ratio, *lower, *upper, *critical).iter().map(|error| error * count.sqrt() / factor).collect()
        }
        (Formula::TwoMeans, [m1, s1, n1, m2, s2, n2]) => two_means([*m1, *m2], [*s1, *s2], [*n1, *n2]),
        (Formula::TwoMeansSe, [m1, s1, n1, m2, s2, n2]) => {
            two_means([*m1, *m2], [s1 * n1.sqrt(), s2 * n2.sqrt()], [*n1, *n2])
        }
        (Formula::MeanOfAll, groups) => {
            let n: f64 = groups.chunks(2).map(|group| group[0]).sum();
            vec![groups.chunks(2).map(|group| group[0] * group[1]).sum::<f64>() / n]
        }
        (Formula::DeviationOfAll, groups) => {
            let n: f64 = groups.chunks(3).map(|group| group[0]).sum();
            let mean = groups.chunks(3).map(|group| group[0] * group[1]).sum::<f64>() / n;
            let squares: f64 = groups
                .chunks(3)
                .map(|group| (group[0] - 1.0) * group[2] * group[2] + group[0] * (group[1] - mean).powi(2))
                .sum();
            vec![(squares / (n - 1.0)).sqrt()]
        }
        (Formula::Counts, [rows, cells @ ..]) => counts(*rows as usize, cells),
        (Formula::Agreement, cells) => {
            let levels = (cells.len() as f64).sqrt().round() as usize;
            let diagonal: f64 = (0..levels).map(|level| cells[level * levels + level]).sum();
            let share = diagonal / cells.iter().sum::<f64>();
            vec![share, 100.0 * share]
        }
        (Formula::Kappa, cells) => kappa(cells),
        (Formula::McNemar, [b, c]) => mcnemar(*b, *c),
        (Formula::LeastArea, [sensitivity, specificity]) => vec![sensitivity.max(0.0) * specificity.max(0.0)],
        (Formula::GreatestArea, [sensitivity, specificity]) => {
            vec![1.0 - (1.0 - sensitivity.min(1.0)) * (1.0 - specificity.min(1.0))]
        }
        (Formula::ZOfPair, [a, al, au, b, bl, bu, critical]) => {
            let error = |centre: f64, low: f64, high: f64| (centre - low).max(high - centre) / critical;
            vec![(a - b).abs() / (error(*a, *al, *au) + error(*b, *bl, *bu))]
        }
        (Formula::LinearPredictor, [intercept, pairs @ ..]) => {
            vec![intercept + pairs.chunks(2).map(|pair| pair[0] * pair[1]).sum::<f64>()]
        }
        (Formula::Logistic, [predictor]) => vec![1.0 / (1.0 + (-predictor).exp())],
        (Formula::Proportional, [survival, predictor]) => {
            let at = survival.clamp(0.0, 1.0).powf(predictor.exp());
            vec![at, 1.0 - at]
        }
        (Formula::LargestDeviation, [mean, low, high, n]) => {
            vec![(n / (n - 1.0) * (mean - low).max(0.0) * (high - mean).max(0.0)).sqrt()]
        }
        (Formula::DeviationOfShare, [p, n]) => {
            let p = p.clamp(0.0, 1.0);
            vec![(p * (1.0 - p)).sqrt(), (n / (n - 1.0) * p * (1.0 - p)).sqrt()]
        }
        (Formula::StandardisedMeans, [m1, s1, m2, s2]) => {
            let apart = (m1 - m2).abs();
            vec![apart / s1, apart / s2, apart / ((s1 * s1 + s2 * s2) / 2.0).sqrt()]
        }
        (Formula::StandardisedShares, [k1, n1, k2, n2]) => {
            let (p1, p2) = (k1 / n1, k2 / n2);
            let apart = (p1 - p2).abs();
            let mean = (p1 * (1.0 - p1) + p2 * (1.0 - p2)) / 2.0;
            let arcsine = (2.0 * p1.sqrt().asin() - 2.0 * p2.sqrt().asin()).abs();
            vec![apart / mean.sqrt(), arcsine]
        }
        (Formula::NetBenefitOfAll, [t, share]) => vec![share - (1.0 - share) * t / (1.0 - t)],
        (Formula::NetBenefitOfAll, [t, with, without]) => {
            vec![(with - without * t / (1.0 - t)) / (with + without)]
        }
        (Formula::NetBenefitElsewhere, [benefit, t, other]) => {
            let share = benefit * (1.0 - t) + t;
            vec![share - (1.0 - share) * other / (1.0 - other)]
        }
        (Formula::ErrorOfWidth, [lower, upper, critical]) => vec![(upper - lower) / (2.0 * critical)],
        (Formula::OddsRatio, [a, b, c, d]) => vec![a * d / (b * c), b * c / (a * d)],
        (Formula::ZOfT, [t, df]) => vec![z_of(student_tail(*t, *df))],
        (Formula::ZOfChiSquared, [x, df]) => vec![z_of(chi_squared_tail(*x, *df as u32))],
        (Formula::ZOfF, [f, between, within]) => vec![z_of(f_tail(*f, *between, *within))],
        (Formula::SeveralMeans, groups) => several_means(groups),
        (Formula::SeveralMeansSe, groups) => {
            let of_sd = |group: &[f64]| [group[0], group[1] * group[2].sqrt(), group[2]];
            several_means(&groups.chunks(3).flat_map(of_sd).collect::<Vec<f64>>())
        }
        (Formula::MostSubjectsOfRate, [rate, lower, upper, critical]) => {
            subjects_of_rate(*rate, *lower, *upper, *critical)
                .into_iter()
                .map(|limits| limits.into_iter().fold(0.0, f64::max))
                .collect()
        }
        (Formula::FewestSubjectsOfRate, [rate, lower, upper, critical]) => {
            subjects_of_rate(*rate, *lower, *upper, *critical)
                .into_iter()
                .map(|limits| limits.into_iter().fold(f64::INFINITY, f64::min))
                .collect()
        }
        _ => Vec::new(),
    }
}

/// How many subjects without censoring give each limit that is not cut at 0 or 1, on the plain, log, log-log and logit scale
/// and by Wilson.
fn subjects_of_rate(rate: f64, lower: f64, upper: f64, critical: f64) -> Vec<Vec<f64>> {
    let limits: Vec<f64> = [(lower, lower < rate), (upper, upper > rate)]
        .into_iter()
        .filter(|(l, side)| *l > 0.0 && *l < 1.0 && *side)
        .map(|(l, _)| l)
        .collect();
    if limits.is_empty() || rate <= 0.0 || rate >= 1.0 {
        return Vec::new();
    }
    let odds = |p: f64| (p / (1.0 - p)).ln();
    // The standard error of the rate that puts the limit there.
    let errors = |limit: f64| {
        [
            (rate - limit).abs(),
            rate * (rate / limit).ln().abs(),
            rate * rate.ln().abs() * ((-limit.ln()).ln() - (-rate.ln()).ln()).abs(),
            rate * (1.0 - rate) * (odds(rate) - odds(limit)).abs(),
        ]
        .map(|distance| distance / critical)
    };
    let mut forms: Vec<Vec<f64>> = (0..4)
        .map(|form| limits.iter().map(|&limit| rate * (1.0 - rate) / errors(limit)[form].powi(2)).collect())
        .collect();
    forms.push(limits.iter().map(|&l| critical * critical * l * (1.0 - l) / (rate - l).powi(2)).collect());
    forms
}

/// The standard errors that the lower half, the upper half and the whole of an interval of a ratio imply.
fn errors(ratio: f64, lower: f64, upper: f64, critical: f64) -> Vec<f64> {
    if lower <= 0.0 || ratio <= 0.0 || upper <= 0.0 {
        return Vec::new();
    }
    let (centre, low, high) = (ratio.ln(), lower.ln(), upper.ln());
    [centre - low, high - centre, 0.5 * (high - low)].iter().map(|half| half.max(1e-12) / critical).collect()
}

fn two_means(m: [f64; 2], s: [f64; 2], n: [f64; 2]) -> Vec<f64> {
    let pooled = ((n[0] - 1.0) * s[0] * s[0] + (n[1] - 1.0) * s[1] * s[1]) / (n[0] + n[1] - 2.0);
    let student = (m[0] - m[1]) / (pooled * (1.0 / n[0] + 1.0 / n[1])).sqrt();
    let parts = [s[0] * s[0] / n[0], s[1] * s[1] / n[1]];
    let welch = (m[0] - m[1]) / (parts[0] + parts[1]).sqrt();
    let df = (parts[0] + parts[1]).powi(2) / (parts[0].powi(2) / (n[0] - 1.0) + parts[1].powi(2) / (n[1] - 1.0));
    vec![z_of(student_tail(student, n[0] + n[1] - 2.0)), z_of(student_tail(welch, df))]
}

/// |z| of Fisher's and of Welch's F: mean, SD, n of each group.
fn several_means(groups: &[f64]) -> Vec<f64> {
    let k = (groups.len() / 3) as f64;
    let n: f64 = groups.chunks(3).map(|group| group[2]).sum();
    let about = |weight: &dyn Fn(&[f64]) -> f64| {
        let total: f64 = groups.chunks(3).map(weight).sum();
        let centre = groups.chunks(3).map(|group| weight(group) * group[0]).sum::<f64>() / total;
        let squares: f64 = groups.chunks(3).map(|group| weight(group) * (group[0] - centre).powi(2)).sum();
        (squares / (k - 1.0), total)
    };
    let within: f64 = groups.chunks(3).map(|group| (group[2] - 1.0) * group[1] * group[1]).sum::<f64>() / (n - k);
    let fisher = about(&|group| group[2]).0 / within;
    let weight = |group: &[f64]| group[2] / (group[1] * group[1]);
    let (between, total) = about(&weight);
    let uneven: f64 = groups.chunks(3).map(|group| (1.0 - weight(group) / total).powi(2) / (group[2] - 1.0)).sum();
    let welch = between / (1.0 + 2.0 * (k - 2.0) * uneven / (k * k - 1.0));
    vec![z_of(f_tail(fisher, k - 1.0, n - k)), z_of(f_tail(welch, k - 1.0, (k * k - 1.0) / (3.0 * uneven)))]
}

/// |z| of the usual tests of a table of counts.
fn counts(rows: usize, cells: &[f64]) -> Vec<f64> {
    let columns = cells.len() / rows.max(1);
    let kept: Vec<usize> = (0..columns).filter(|&c| (0..rows).any(|r| cells[r * columns + c] > 0.0)).collect();
    let at = |r: usize, c: usize| cells[r * columns + kept[c]];
    let width = kept.len();
    let row = |r: usize| (0..width).map(|c| at(r, c)).sum::<f64>();
    let column = |c: usize| (0..rows).map(|r| at(r, c)).sum::<f64>();
    let n: f64 = (0..rows).map(row).sum();
    if width < 2 || rows < 2 || (0..rows).any(|r| row(r) == 0.0) {
        return vec![0.0];
    }
    let (mut pearson, mut likelihood) = (0.0, 0.0);
    for r in 0..rows {
        for c in 0..width {
            let expected = row(r) * column(c) / n;
            pearson += (at(r, c) - expected).powi(2) / expected;
            if at(r, c) > 0.0 {
                likelihood += 2.0 * at(r, c) * (at(r, c) / expected).ln();
            }
        }
    }
    let df = ((rows - 1) * (width - 1)) as u32;
    let mut p = vec![
        chi_squared_tail(pearson, df),
        chi_squared_tail(pearson * (n - 1.0) / n, df),
        chi_squared_tail(likelihood.max(0.0), df),
    ];
    let mut z: Vec<f64> = Vec::new();
    if rows == 2 {
        // Linear trend: correlation of row and column number.
        let mean_row = row(1) / n;
        let mean_column = (0..width).map(|c| c as f64 * column(c)).sum::<f64>() / n;
        let (mut cross, mut squares) = (0.0, 0.0);
        for c in 0..width {
            cross += at(1, c) * (c as f64 - mean_column);
            squares += column(c) * (c as f64 - mean_column).powi(2);
        }
        if squares > 0.0 {
            z.push(cross.abs() / (squares * mean_row * (1.0 - mean_row)).sqrt());
        }
    }
    if rows == 2 && width == 2 {
        let margins = row(0) * row(1) * column(0) * column(1);
        let less = ((at(0, 0) * at(1, 1) - at(0, 1) * at(1, 0)).abs() - 0.5 * n).max(0.0);
        p.push(chi_squared_tail(n * less * less / margins, 1));
        let (exact, one_sided) = fisher(at(0, 0), row(0), column(0), n);
        p.push(exact);
        p.push(one_sided);
    }
    z.extend(p.iter().map(|&p| z_of(p)));
    z
}

/// Fisher's exact P, two-sided and one-sided, by products of factors.
fn fisher(a: f64, row: f64, column: f64, n: f64) -> (f64, f64) {
    let log_choose = |n: f64, k: f64| (1..=k as u64).map(|i| ((n - k + i as f64) / i as f64).ln()).sum::<f64>();
    let at = |x: f64| (log_choose(column, x) + log_choose(n - column, row - x) - log_choose(n, row)).exp();
    let (low, high) = ((row + column - n).max(0.0) as u64, row.min(column) as u64);
    let here = at(a);
    let all: Vec<(u64, f64)> = (low..=high).map(|x| (x, at(x as f64))).collect();
    let two: f64 = all.iter().filter(|(_, p)| *p <= here * 1.000_001).map(|(_, p)| p).sum();
    let lower: f64 = all.iter().filter(|(x, _)| *x as f64 <= a).map(|(_, p)| p).sum();
    let upper: f64 = all.iter().filter(|(x, _)| *x as f64 >= a).map(|(_, p)| p).sum();
    (two.min(1.0), lower.min(upper).min(1.0))
}

fn kappa(cells: &[f64]) -> Vec<f64> {
    let levels = (cells.len() as f64).sqrt().round() as usize;
    let n: f64 = cells.iter().sum();
    let mut found = Vec::new();
    for power in [0, 1, 2] {
        let (mut seen, mut chance) = (0.0, 0.0);
        for i in 0..levels {
            for j in 0..levels {
                let row: f64 = (0..levels).map(|k| cells[i * levels + k]).sum();
                let column: f64 = (0..levels).map(|k| cells[k * levels + j]).sum();
                // The share of agreement: 1 on the diagonal.
                let most = (levels - 1) as f64;
                let apart = (i as f64 - j as f64).abs() / most;
                let credit = match power {
                    0 => f64::from(u8::from(i == j)),
                    1 => 1.0 - apart,
                    _ => 1.0 - apart * apart,
                };
                seen += credit * cells[i * levels + j] / n;
                chance += credit * row * column / (n * n);
            }
        }
        found.push((seen - chance) / (1.0 - chance));
    }
    if levels == 2 {
        found.push(2.0 * (cells[0] + cells[3]) / n - 1.0);
    }
    found
}

fn mcnemar(b: f64, c: f64) -> Vec<f64> {
    let n = b + c;
    if n == 0.0 {
        return vec![0.0];
    }
    let less = b.min(c);
    let mut term = 0.5_f64.powf(n);
    let mut tail = term;
    for k in 1..=less as u64 {
        term *= (n - k as f64 + 1.0) / k as f64;
        tail += term;
    }
    let exact = (2.0 * tail).min(1.0);
    let plain = (b - c).abs() / n.sqrt();
    let corrected = ((b - c).abs() - 1.0).max(0.0) / n.sqrt();
    vec![plain, corrected, z_of(exact), z_of((2.0 * tail - term).clamp(0.0, 1.0))]
}
