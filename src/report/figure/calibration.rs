//! Observed against predicted risk: groups of predicted risk with their observed proportion and its interval, the line of
//! perfect agreement, intercept and slope. A row of panels per model and a column per partition, or the other way
//! round; of many models those that matter most are drawn, and the note says so.

use super::Drawing;
use super::canvas::{Canvas, Pen, Rect, Style, Value, at};
use super::key::{self, Columns, Title};
use super::panel::{self, BELOW_NAME, Panel, Scale, Tick};
use crate::report::number;
use crate::report::theme::{self, Ink, size, stroke};
use crate::results::{CalibrationAnalysis, CalibrationRow, Results};
use crate::stats::Estimate;

const GAP: f64 = 16.0;
const HEAD: Style = Style::new(size::TITLE).strong();
const NOTE: Style = Style::new(size::SMALL).ink(Ink::Muted);
const INSIDE: Style = Style::new(size::SMALL);
/// So many models are drawn at most, and so many partitions stand side by side.
const MODELS: usize = 4;
const ABREAST: usize = 4;
/// What a row of panels takes around its frames, in points.
const AROUND: f64 = 84.0;
/// Narrower panels show intercept and slope without their intervals.
const ROOM_FOR_INTERVALS: f64 = 165.0;

pub fn draw(calibration: &CalibrationAnalysis, results: &Results) -> Drawing {
    let all = models(calibration);
    let drawn = chosen(&all, calibration, results);
    let partitions = partitions(calibration);
    let axis_scale = scale(calibration, &drawn);
    let axis = panel::ticks(axis_scale, 5);
    // The panels of a row share the numbers of the first one's left axis.
    let gutter = panel::left_room(&axis, "Observed");
    let blocks = blocks(calibration, results, &drawn, &partitions);
    let most = blocks.iter().map(|block| block.panels.len()).max().unwrap_or(1);
    let count = if blocks.len() == 1 { key::columns_for(most) } else { most.clamp(3, ABREAST) };
    let columns = Columns::over(theme::FULL_WIDTH - gutter - 6.0, count, GAP);
    let rows: usize = blocks.iter().map(|block| block.panels.len().div_ceil(count)).sum();
    let side = columns.width.min(190.0).min((theme::FULL_HEIGHT - 30.0) / rows.max(1) as f64 - AROUND).max(60.0);
    let mut canvas = Canvas::default();
    let mut top = 1.0;
    for (index, block) in blocks.iter().enumerate() {
        if let Some(head) = block.head {
            top += draw_head(&mut canvas, &key::letter(index), head, top);
        }
        for row in block.panels.chunks(count) {
            let head = row.iter().map(|panel| panel.title.height(columns.width)).fold(0.0, f64::max);
            for (index, part) in row.iter().enumerate() {
                let frame = Rect { left: gutter + columns.left(index), top: top + head, width: side, height: side };
                part.title.draw(&mut canvas, frame.left, top, columns.width);
                let panel = Panel { frame, x: axis_scale, y: axis_scale };
                draw_panel(&mut canvas, panel, part.row, &part.label, &axis, index == 0);
            }
            top += head + side + BELOW_NAME + 11.0;
        }
    }
    let mut note =
        "Points: groups by predicted risk, with intervals of the observed proportion. Dashed: perfect agreement."
            .to_string();
    if drawn.len() < all.len() {
        note.push_str(&format!(
            " {} of {} models are drawn: the reference and those with the lowest Brier score; all are in the table of values of the HTML report.",
            drawn.len(),
            all.len()
        ));
    }
    let lines = NOTE.wrap(&note, theme::FULL_WIDTH);
    canvas.note(at(0.0, top + NOTE.size - 4.0), &lines, NOTE);
    let height = top + NOTE.size - 4.0 + (lines.len() as f64 - 1.0) * NOTE.line() + 3.0;
    let alternative_text = describe(calibration, results, &drawn, &all);
    Drawing {
        svg: canvas.finish(theme::FULL_WIDTH, height, &alternative_text),
        width: theme::FULL_WIDTH,
        height,
        alternative_text,
        data: data(calibration, results),
    }
}

/// The models of an analysis, in order of appearance.
pub fn models(calibration: &CalibrationAnalysis) -> Vec<&str> {
    let mut models: Vec<&str> = Vec::new();
    for row in &calibration.rows {
        if !models.contains(&row.model.as_str()) {
            models.push(&row.model);
        }
    }
    models
}

/// The partitions of an analysis, in order of appearance.
pub fn partitions(calibration: &CalibrationAnalysis) -> Vec<&str> {
    let mut partitions: Vec<&str> = Vec::new();
    for row in &calibration.rows {
        if !partitions.contains(&row.partition.as_str()) {
            partitions.push(&row.partition);
        }
    }
    partitions
}

pub fn row_of<'a>(calibration: &'a CalibrationAnalysis, model: &str, partition: &str) -> Option<&'a CalibrationRow> {
    calibration.rows.iter().find(|row| row.model == model && row.partition == partition)
}

/// Models by their Brier score in the last partition that has any, the lowest first, the reference before all.
pub fn ranked<'a>(all: &[&'a str], calibration: &CalibrationAnalysis, results: &Results) -> Vec<&'a str> {
    let reference = super::reference_model(results, &calibration.outcome);
    let brier = |model: &str| {
        let rows = calibration.rows.iter().filter(|row| row.model == model);
        rows.filter_map(|row| row.brier.as_ref()).next_back().map_or(f64::INFINITY, |brier| brier.value)
    };
    let mut ranked: Vec<&str> = all.to_vec();
    ranked.sort_by(|a, b| (Some(*b) == reference).cmp(&(Some(*a) == reference)).then(brier(a).total_cmp(&brier(b))));
    ranked
}

/// What is drawn, in the analysis' own order.
fn chosen<'a>(all: &[&'a str], calibration: &CalibrationAnalysis, results: &Results) -> Vec<&'a str> {
    let ranked = ranked(all, calibration, results);
    all.iter().filter(|model| ranked.iter().take(MODELS).any(|kept| kept == *model)).copied().collect()
}

/// From zero to one, or to less where all risks are small; the same for all panels and both axes.
fn scale(calibration: &CalibrationAnalysis, drawn: &[&str]) -> Scale {
    let groups = calibration.rows.iter().filter(|row| drawn.contains(&row.model.as_str())).flat_map(|row| &row.groups);
    let reach = |estimate: &Estimate| estimate.interval.as_ref().map_or(estimate.value, |interval| interval.upper);
    let highest = groups.map(|group| group.predicted.max(reach(&group.observed))).fold(0.0, f64::max);
    let max = [0.05, 0.1, 0.2, 0.4, 0.6].into_iter().find(|&max| highest > 0.0 && highest <= max).unwrap_or(1.0);
    Scale::linear(0.0, max)
}

/// The name over a block of panels. Returns how much room it takes.
fn draw_head(canvas: &mut Canvas, letter: &str, label: &str, top: f64) -> f64 {
    let first = top + HEAD.size * 0.85;
    let indent = HEAD.width(letter) + 6.0;
    let lines = HEAD.wrap_to(label, theme::FULL_WIDTH - indent, 2);
    canvas.text(at(0.0, first), letter, HEAD);
    canvas.lines(at(indent, first), &lines, HEAD);
    let height = lines.len() as f64 * HEAD.line();
    canvas.line(at(0.0, top + height), at(theme::FULL_WIDTH, top + height), Pen::new(Ink::Grid, stroke::OUTLINE));
    height + 6.0
}

/// Panels that stand together, below the name of the model or of the partition that they share.
struct Block<'a> {
    head: Option<&'a str>,
    panels: Vec<Part<'a>>,
}

/// What one panel shows.
struct Part<'a> {
    title: Title,
    /// The model and the partition, for a page to name the values by.
    label: String,
    row: Option<&'a CalibrationRow>,
}

/// A block per model with a panel per partition, or, where there are more models than partitions, a block per partition
/// with a panel per model; where there is but one of either, a single block.
fn blocks<'a>(
    calibration: &'a CalibrationAnalysis,
    results: &'a Results,
    drawn: &[&'a str],
    partitions: &[&'a str],
) -> Vec<Block<'a>> {
    let part = |model: &'a str, partition: &'a str, text: &str, letter: Option<usize>| {
        let row = row_of(calibration, model, partition);
        let note = row.map(|row| format!("n = {}, {} events", number::count(row.n), number::count(row.events)));
        let (model, partition) = (super::model_label(results, model), super::partition_label(results, partition));
        Part {
            title: Title { letter: letter.map(key::letter), text: text.to_string(), note: note.unwrap_or_default() },
            label: format!("{model}, {partition}"),
            row,
        }
    };
    let lettered = |index: usize, of: usize| (of > 1).then_some(index);
    match (drawn, partitions) {
        ([model], partitions) => {
            let panels = partitions.iter().enumerate().map(|(index, partition)| {
                part(model, partition, super::partition_label(results, partition), lettered(index, partitions.len()))
            });
            vec![Block { head: None, panels: panels.collect() }]
        }
        (models, [partition]) => {
            let panels = models.iter().enumerate().map(|(index, model)| {
                part(model, partition, super::model_label(results, model), lettered(index, models.len()))
            });
            vec![Block { head: None, panels: panels.collect() }]
        }
        (models, partitions) if models.len() > partitions.len() => partitions
            .iter()
            .map(|partition| Block {
                head: Some(super::partition_label(results, partition)),
                panels: models
                    .iter()
                    .map(|model| part(model, partition, super::model_label(results, model), None))
                    .collect(),
            })
            .collect(),
        (models, partitions) => models
            .iter()
            .map(|model| Block {
                head: Some(super::model_label(results, model)),
                panels: partitions
                    .iter()
                    .map(|partition| part(model, partition, super::partition_label(results, partition), None))
                    .collect(),
            })
            .collect(),
    }
}

fn draw_panel(
    canvas: &mut Canvas,
    panel: Panel,
    row: Option<&CalibrationRow>,
    label: &str,
    axis: &[Tick],
    first_in_row: bool,
) {
    let pen = Pen::new(Ink::Series(0), stroke::INTERVAL);
    panel.open(canvas, label);
    let mut obstacles = Vec::new();
    let groups = row.map_or(&[][..], |row| &row.groups);
    if !groups.is_empty() {
        let end = panel.x.max;
        let ideal = Pen::new(Ink::Axis, stroke::AXIS).dashed(&[2.0, 2.0]);
        canvas.line(panel.at(0.0, 0.0), panel.at(end, end), ideal);
    }
    for group in groups {
        let (x, y) = (panel.x(group.predicted), panel.y(group.observed.value));
        let mut covered = Rect { left: x - 2.5, top: y - 2.5, width: 5.0, height: 5.0 };
        if let Some(interval) = &group.observed.interval {
            let lower = panel.y(interval.lower.max(panel.y.min));
            let upper = panel.y(interval.upper.min(panel.y.max));
            canvas.line(at(x, lower), at(x, upper), pen);
            covered =
                Rect { top: upper.min(covered.top), height: lower.max(y + 2.5) - upper.min(covered.top), ..covered };
        }
        obstacles.push(covered);
        let text = number::Style::percent().estimate(&group.observed);
        let text = format!(
            "predicted {}%, observed {text}%, n = {}",
            number::percent(group.predicted),
            number::count(group.observed.n)
        );
        canvas.circle(at(x, y), 2.0, pen.ink, Pen::new(Ink::Paper, 0.5), &Value::new(label, text));
    }
    match row {
        Some(row) if !groups.is_empty() => inside(canvas, &panel, row, obstacles),
        _ => key::empty(canvas, &panel.frame, "Not estimable"),
    }
    if first_in_row {
        panel.left_axis(canvas, axis, "Observed");
    } else {
        panel.bare_left_axis(canvas, axis);
    }
    panel.bottom_axis(canvas, axis, "Predicted risk");
    canvas.close();
}

/// Intercept and slope in a corner that the points leave free: with their intervals where the panel has room for them.
fn inside(canvas: &mut Canvas, panel: &Panel, row: &CalibrationRow, mut obstacles: Vec<Rect>) {
    // The diagonal, in pieces.
    let frame = &panel.frame;
    let pieces = 24;
    obstacles.extend((0..pieces).map(|piece| {
        let part = f64::from(piece) / f64::from(pieces);
        let (width, height) = (frame.width / f64::from(pieces), frame.height / f64::from(pieces));
        Rect {
            left: frame.left + part * frame.width,
            top: frame.bottom() - part * frame.height - height,
            width,
            height,
        }
    }));
    let style = number::Style::decimals(2).joined(number::Join::To);
    let full =
        |name: &str, value: &Option<Estimate>| value.as_ref().map(|value| format!("{name} {}", style.estimate(value)));
    let short = |name: &str, value: &Option<Estimate>| {
        value.as_ref().map(|value| format!("{name} {}", style.value(value.value)))
    };
    let variants: [Vec<String>; 2] = [
        [full("Slope", &row.slope), full("Intercept", &row.intercept)].into_iter().flatten().collect(),
        [short("Slope", &row.slope), short("Intercept", &row.intercept)].into_iter().flatten().collect(),
    ];
    for lines in variants.into_iter().skip(usize::from(frame.width < ROOM_FOR_INTERVALS)) {
        let width = lines.iter().map(|line| INSIDE.width(line)).fold(0.0, f64::max);
        let height = lines.len() as f64 * INSIDE.line();
        if let Some(place) = key::free_corner(frame, width, height, &obstacles) {
            let right = place.left > frame.left + frame.width / 4.0;
            let x = if right { place.right() } else { place.left };
            let style = if right { INSIDE.end() } else { INSIDE };
            canvas.lines(at(x, place.top + INSIDE.size), &lines, style);
            return;
        }
    }
}

fn describe(calibration: &CalibrationAnalysis, results: &Results, drawn: &[&str], all: &[&str]) -> String {
    let mut text = format!(
        "Observed against predicted risk of {} for {} of {} models.",
        super::outcome_label(results, &calibration.outcome),
        drawn.len(),
        all.len(),
    );
    for model in drawn {
        let last = calibration.rows.iter().rfind(|row| row.model == *model && row.slope.is_some());
        if let Some((row, slope)) = last.and_then(|row| row.slope.as_ref().map(|slope| (row, slope))) {
            text.push_str(&format!(
                " {}, {}: slope {}.",
                super::model_label(results, model),
                super::partition_label(results, &row.partition),
                number::Style::decimals(2).joined(number::Join::To).estimate(slope),
            ));
        }
    }
    text
}

fn data(calibration: &CalibrationAnalysis, results: &Results) -> super::DataTable {
    let rows = calibration.rows.iter().flat_map(|row| {
        row.groups.iter().map(|group| {
            let interval = group.observed.interval.as_ref();
            let limit = |value: Option<f64>| value.map_or_else(|| number::ABSENT.to_string(), number::percent);
            vec![
                super::partition_label(results, &row.partition).to_string(),
                super::model_label(results, &row.model).to_string(),
                number::percent(group.predicted),
                number::count(group.observed.n),
                number::percent(group.observed.value),
                limit(interval.map(|interval| interval.lower)),
                limit(interval.map(|interval| interval.upper)),
            ]
        })
    });
    let columns = ["Set", "Model", "Predicted (%)", "n", "Observed (%)", "Lower limit", "Upper limit"];
    super::table(&columns, rows.collect())
}
