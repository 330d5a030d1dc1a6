//! How each model's score is distributed with and without the outcome, in each partition: shares of the class per step of
//! the score, the class with the outcome upwards, the other downwards, and the model's threshold. The steps are sums over
//! round thresholds, so no subject's score can be read off. Of many models the reference and the best are drawn.

use super::canvas::{Canvas, Pen, Rect, Style, Value, at};
use super::key::{self, Columns};
use super::panel::{self, Panel, Scale};
use super::{Drawing, FigureError};
use crate::report::number;
use crate::report::theme::{self, Ink, size, stroke};
use crate::results::{Performance, Results, ThresholdSweep};

const HEAD: Style = Style::new(size::TITLE).strong();
const LABEL: Style = Style::new(size::LABEL);
const NOTE: Style = Style::new(size::SMALL).ink(Ink::Muted);
/// So many models are drawn, and so many partitions side by side.
const MODELS: usize = 6;
const ABREAST: usize = 4;
/// About so many steps over the range of the score.
const STEPS: f64 = 20.0;
const HALF: f64 = 27.0;
/// Half of the first and of the last number reaches out of a frame.
const MARGIN: f64 = 7.0;
const GAP: f64 = 6.0;

/// A step of the score, and the shares of each class that lie in it.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Bin {
    from: f64,
    to: f64,
    with: f64,
    without: f64,
}

/// Steps of about a twentieth of the range. What lies beyond the first and the last threshold is in the outermost steps.
fn bins(sweep: &ThresholdSweep) -> Vec<Bin> {
    let [first, .., last] = sweep.points.as_slice() else { return Vec::new() };
    let width = (last.threshold - first.threshold) / STEPS;
    let mut edges = vec![0];
    for (at, point) in sweep.points.iter().enumerate() {
        let from = edges.last().map_or(first.threshold, |&edge: &usize| sweep.points[edge].threshold);
        if point.threshold - from >= width * (1.0 - 1e-9) {
            edges.push(at);
        }
    }
    // The last step reaches to the end.
    let end = sweep.points.len() - 1;
    if edges.last() != Some(&end) {
        if edges.len() > 1 {
            edges.pop();
        }
        edges.push(end);
    }
    let below = |at: usize| {
        let point = &sweep.points[at];
        match sweep.higher_is_risk {
            true => [sweep.positives - point.true_positives, sweep.negatives - point.false_positives],
            false => [point.true_positives, point.false_positives],
        }
    };
    let steps = edges.len() - 1;
    let totals = [sweep.positives, sweep.negatives];
    edges
        .windows(2)
        .enumerate()
        .map(|(at, edge)| {
            let start = if at == 0 { [0, 0] } else { below(edge[0]) };
            let stop = if at + 1 == steps { totals } else { below(edge[1]) };
            let share = |class: usize| (stop[class] - start[class]) as f64 / totals[class].max(1) as f64;
            Bin {
                from: sweep.points[edge[0]].threshold,
                to: sweep.points[edge[1]].threshold,
                with: share(0),
                without: share(1),
            }
        })
        .collect()
}

/// The reference, then the models with the highest AUC in the last partition, in the analysis' own order.
pub(super) fn chosen<'a>(performance: &'a Performance, results: &Results, most: usize) -> Vec<&'a str> {
    let all: Vec<&str> = performance
        .models
        .iter()
        .map(String::as_str)
        .filter(|model| performance.sweeps.iter().any(|sweep| sweep.model == *model && sweep.points.len() > 1))
        .collect();
    let reference = super::reference_model(results, &performance.outcome);
    let auc = |model: &str| {
        let rows = performance.rows.iter().filter(|row| row.model == model);
        rows.filter_map(|row| row.auc.as_ref()).next_back().map_or(f64::NEG_INFINITY, |auc| auc.value)
    };
    let mut ranked = all.clone();
    ranked.sort_by(|a, b| (Some(*b) == reference).cmp(&(Some(*a) == reference)).then(auc(b).total_cmp(&auc(a))));
    ranked.truncate(most);
    all.into_iter().filter(|model| ranked.contains(model)).collect()
}

pub fn draw(performance: &Performance, results: &Results) -> Result<Drawing, FigureError> {
    let models = chosen(performance, results, MODELS);
    let partitions = &performance.partitions[..performance.partitions.len().min(ABREAST)];
    let mut canvas = Canvas::default();
    let outcome = super::outcome_label(results, &performance.outcome);
    let mut top = draw_key(&mut canvas, outcome);
    let columns = Columns::over(theme::FULL_WIDTH, partitions.len().clamp(2, ABREAST), GAP);
    let heads: Vec<Vec<String>> = partitions
        .iter()
        .map(|partition| LABEL.strong().wrap_to(super::partition_label(results, partition), columns.width, 2))
        .collect();
    for (index, lines) in heads.iter().enumerate() {
        canvas.lines(at(columns.left(index), top + LABEL.size), lines, LABEL.strong());
    }
    top += heads.iter().map(Vec::len).max().unwrap_or(1) as f64 * LABEL.line() + 4.0;
    for (row, model) in models.iter().enumerate() {
        top = draw_row(&mut canvas, performance, results, partitions, model, row, columns, top)?;
    }
    let mut note =
        "Shares of each class per step of the score; the outermost bars hold what lies beyond the axis. Dashed \
                    line: the model’s threshold."
            .to_string();
    if models.len() < performance.models.len() {
        note.push_str(&format!(" {} of {} models are drawn.", models.len(), performance.models.len()));
    }
    if partitions.len() < performance.partitions.len() {
        note.push_str(&format!(" {} of {} sets are drawn.", partitions.len(), performance.partitions.len()));
    }
    let lines = NOTE.wrap(&note, theme::FULL_WIDTH);
    canvas.note(at(0.0, top + NOTE.size), &lines, NOTE);
    let height = top + lines.len() as f64 * NOTE.line() + 3.0;
    let alternative_text = format!(
        "Distribution of the scores of {} {} with and without {outcome}, in {}.",
        models.len(),
        if models.len() == 1 { "model" } else { "models" },
        partitions.iter().map(|id| super::partition_label(results, id)).collect::<Vec<_>>().join(", "),
    );
    Ok(Drawing {
        svg: canvas.finish(theme::FULL_WIDTH, height, &alternative_text),
        width: theme::FULL_WIDTH,
        height,
        alternative_text,
        data: data(performance, results, &models),
    })
}

/// Which way is which class. Returns where it ends.
fn draw_key(canvas: &mut Canvas, outcome: &str) -> f64 {
    let entries = [
        (Ink::Series(1), format!("Upwards: with {outcome}")),
        (Ink::Series(0), format!("Downwards: without {outcome}")),
    ];
    let (mut x, mut y) = (0.0, 1.0);
    for (ink, text) in entries {
        let lines = LABEL.wrap_to(&text, theme::FULL_WIDTH - 14.0, 2);
        let width = 13.0 + lines.iter().map(|line| LABEL.width(line)).fold(0.0, f64::max);
        if x > 0.0 && x + width > theme::FULL_WIDTH {
            (x, y) = (0.0, y + LABEL.line() * 1.1);
        }
        canvas.rect(&Rect { left: x, top: y + 1.0, width: 8.0, height: 8.0 }, ink, None);
        canvas.lines(at(x + 12.0, y + LABEL.line() / 2.0 + LABEL.drop()), &lines, LABEL);
        if lines.len() > 1 {
            y += (lines.len() as f64 - 1.0) * LABEL.line();
        }
        x += width + 16.0;
    }
    y + LABEL.line() + 8.0
}

#[allow(clippy::too_many_arguments, reason = "one row of panels, and everything that all rows share")]
fn draw_row(
    canvas: &mut Canvas,
    performance: &Performance,
    results: &Results,
    partitions: &[String],
    model: &str,
    row: usize,
    columns: Columns,
    top: f64,
) -> Result<f64, FigureError> {
    let sweep_of =
        |partition: &str| performance.sweeps.iter().find(|sweep| sweep.model == model && sweep.partition == partition);
    let sweeps: Vec<Option<&ThresholdSweep>> = partitions.iter().map(|partition| sweep_of(partition)).collect();
    let name = HEAD.wrap_to(
        &format!("{}\u{2002}{}", key::letter(row), super::model_label(results, model)),
        theme::FULL_WIDTH,
        2,
    );
    canvas.lines(at(0.0, top + HEAD.size), &name, HEAD);
    let top = top + name.len() as f64 * HEAD.line() + 2.0;
    let points = || sweeps.iter().flatten().flat_map(|sweep| &sweep.points).map(|point| point.threshold);
    let x = Scale::linear(points().fold(f64::INFINITY, f64::min), points().fold(f64::NEG_INFINITY, f64::max));
    let all: Vec<Vec<Bin>> = sweeps.iter().map(|sweep| sweep.map(bins).unwrap_or_default()).collect();
    let nominal = (x.max - x.min) / STEPS;
    // Equal shares have equal areas: a step that was made wider is drawn lower.
    let height_of = |bin: &Bin, share: f64| share * nominal / (bin.to - bin.from).max(nominal * 1e-9);
    let highest = all.iter().flatten().map(|bin| height_of(bin, bin.with).max(height_of(bin, bin.without)));
    let highest = highest.fold(0.0, f64::max).max(1e-9);
    let threshold = performance.thresholds.iter().find(|facts| facts.model == model).map(|facts| facts.threshold);
    for (index, (partition, bins)) in partitions.iter().zip(&all).enumerate() {
        let frame =
            Rect { left: columns.left(index) + MARGIN, top, width: columns.width - 2.0 * MARGIN, height: 2.0 * HALF };
        if bins.is_empty() {
            key::empty(canvas, &frame, "Not both classes are present, or too few subjects");
            continue;
        }
        let panel = Panel { frame, x, y: Scale::linear(-1.0, 1.0) };
        let middle = panel.y(0.0);
        for bin in bins {
            let (left, right) = (panel.x(bin.from), panel.x(bin.to));
            let text = format!(
                "{} to {}: {}% of those with the outcome, {}% of those without",
                number::fixed(bin.from, 2),
                number::fixed(bin.to, 2),
                number::percent(bin.with),
                number::percent(bin.without)
            );
            let label =
                format!("{}, {}", super::model_label(results, model), super::partition_label(results, partition));
            canvas.open_mark("mark", &Value::new(label, text));
            let up = HALF * height_of(bin, bin.with) / highest;
            let down = HALF * height_of(bin, bin.without) / highest;
            let (left, width) = (left + 0.3, (right - left - 0.6).max(0.4));
            canvas.rect(&Rect { left, top: middle - up, width, height: up }, Ink::Series(1), None);
            canvas.rect(&Rect { left, top: middle, width, height: down }, Ink::Series(0), None);
            canvas.close();
        }
        canvas.line(at(frame.left, middle), at(frame.right(), middle), Pen::new(Ink::Axis, stroke::AXIS));
        if let Some(threshold) = threshold.filter(|threshold| x.holds(*threshold)) {
            let place = panel.x(threshold);
            let pen = Pen::new(Ink::Text, 0.8).dashed(&[2.0, 1.6]);
            canvas.line(at(place, frame.top), at(place, frame.bottom()), pen);
        }
        let ticks = panel::ticks(x, 4);
        panel.bottom_axis(canvas, &ticks, "");
    }
    Ok(top + 2.0 * HALF + panel::BELOW_NUMBERS + 8.0)
}

fn data(performance: &Performance, results: &Results, models: &[&str]) -> super::DataTable {
    let mut rows = Vec::new();
    for sweep in performance.sweeps.iter().filter(|sweep| models.contains(&sweep.model.as_str())) {
        for bin in bins(sweep) {
            rows.push(vec![
                super::partition_label(results, &sweep.partition).to_string(),
                super::model_label(results, &sweep.model).to_string(),
                number::fixed(bin.from, 2),
                number::fixed(bin.to, 2),
                number::percent(bin.with),
                number::percent(bin.without),
            ]);
        }
    }
    super::table(&["Set", "Model", "Score from", "to", "With the outcome, %", "Without, %"], rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::ThresholdPoint;

    /// Thresholds 0, 0.01, …, 1; ten with the outcome, all at 0.42; four without: 0.02, 0.02, 0.98, and one of 1.
    #[test]
    fn steps_hold_every_subject_once() {
        let point = |hundredth: usize| {
            let threshold = hundredth as f64 / 100.0;
            let called = |scores: &[usize]| scores.iter().filter(|score| **score >= hundredth).count();
            ThresholdPoint { threshold, true_positives: called(&[42; 10]), false_positives: called(&[2, 2, 98, 100]) }
        };
        let sweep = ThresholdSweep {
            model: String::new(),
            partition: String::new(),
            higher_is_risk: true,
            positives: 10,
            negatives: 4,
            points: (0..=100).map(point).collect(),
        };
        let bins = bins(&sweep);
        assert_eq!(bins.len(), 20);
        assert_eq!((bins[8].from, bins[8].to, bins[8].with), (0.4, 0.45, 1.0));
        assert_eq!((bins[0].without, bins[19].without), (0.5, 0.5));
        let total: f64 = bins.iter().map(|bin| bin.with + bin.without).sum();
        assert!((total - 2.0).abs() < 1e-12);
        let turned = ThresholdSweep { points: sweep.points[..1].to_vec(), ..sweep };
        assert!(super::bins(&turned).is_empty());
    }
}
