//! Observed against predicted risk by a horizon, of survival models: the smooth curve with its band, groups of predicted risk
//! with their Kaplan-Meier risk, the line of perfect agreement. A panel per model and partition, so that bands do not hide
//! each other; the models of a partition stand side by side.

use super::canvas::{Canvas, Pen, Rect, Style, Value, at};
use super::key::{self, Columns, Title};
use super::panel::{self, BELOW_NAME, Panel, Scale, Tick};
use super::{Drawing, FigureError};
use crate::report::number;
use crate::report::theme::{self, Ink, size, stroke};
use crate::results::{Results, SurvivalPerformance, SurvivalPerformanceRow};
use crate::stats::Estimate;

const GAP: f64 = 16.0;
const NOTE: Style = Style::new(size::SMALL).ink(Ink::Muted);
const INSIDE: Style = Style::new(size::SMALL);
/// So many models are drawn at most: those that are declared first.
const MODELS: usize = 4;

type Row = SurvivalPerformanceRow;

pub fn draw(performance: &SurvivalPerformance, results: &Results) -> Result<Drawing, FigureError> {
    let with_risks = |row: &&Row| row.expected.is_some();
    let models = distinct(performance.rows.iter().filter(with_risks).map(|row| row.model.as_str()));
    let drawn: Vec<&str> = models.iter().copied().take(MODELS).collect();
    let rows: Vec<&Row> =
        performance.rows.iter().filter(with_risks).filter(|row| drawn.contains(&row.model.as_str())).collect();
    let partitions = distinct(rows.iter().map(|row| row.partition.as_str()));
    let scale = scale(&rows);
    let axis = panel::ticks(scale, 5);
    let gutter = panel::left_room(&axis, "Observed");
    // A single model has its partitions side by side.
    let abreast = if drawn.len() == 1 { partitions.len().min(4) } else { drawn.len() };
    let columns = Columns::over(theme::FULL_WIDTH - gutter - 6.0, abreast.max(2), GAP);
    let side = columns.width.min(200.0);
    let mut canvas = Canvas::default();
    let mut top = 1.0;
    let several = rows.len() > 1;
    for (chunk_index, chunk) in rows.chunks(abreast.max(1)).enumerate() {
        let titles: Vec<Title> = chunk
            .iter()
            .enumerate()
            .map(|(index, row)| title(row, results, several.then_some(chunk_index * abreast.max(1) + index)))
            .collect();
        let head = titles.iter().map(|title| title.height(columns.width)).fold(0.0, f64::max);
        for (index, (row, title)) in chunk.iter().zip(&titles).enumerate() {
            let frame = Rect { left: gutter + columns.left(index), top: top + head, width: side, height: side };
            title.draw(&mut canvas, frame.left, top, columns.width);
            draw_panel(&mut canvas, Panel { frame, x: scale, y: scale }, row, results, &axis, index == 0)?;
        }
        top += head + side + BELOW_NAME + 11.0;
    }
    let note = note(performance, results, drawn.len(), models.len());
    let lines = NOTE.wrap(&note, theme::FULL_WIDTH);
    canvas.note(at(0.0, top + NOTE.size - 4.0), &lines, NOTE);
    let height = top + NOTE.size - 4.0 + (lines.len() as f64 - 1.0) * NOTE.line() + 3.0;
    let alternative_text = describe(performance, &rows, results);
    Ok(Drawing {
        svg: canvas.finish(theme::FULL_WIDTH, height, &alternative_text),
        width: theme::FULL_WIDTH,
        height,
        alternative_text,
        data: data(performance, results),
    })
}

fn distinct<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut found = Vec::new();
    for text in texts {
        if !found.contains(&text) {
            found.push(text);
        }
    }
    found
}

/// From zero to one, or to less where all risks are small; the same for all panels and both axes.
fn scale(rows: &[&Row]) -> Scale {
    let reach = |estimate: &Estimate| estimate.interval.as_ref().map_or(estimate.value, |interval| interval.upper);
    let groups = rows.iter().flat_map(|row| &row.groups).map(|group| group.predicted.max(reach(&group.observed)));
    let curves = rows.iter().flat_map(|row| &row.curve).map(|point| point.predicted.max(point.observed.value));
    let highest = groups.chain(curves).fold(0.0, f64::max);
    let max = [0.05, 0.1, 0.2, 0.4, 0.6].into_iter().find(|&max| highest > 0.0 && highest <= max).unwrap_or(1.0);
    Scale::linear(0.0, max)
}

fn title(row: &Row, results: &Results, letter: Option<usize>) -> Title {
    let set = super::partition_label(results, &row.partition);
    Title {
        letter: letter.map(key::letter),
        text: format!("{}, {}", super::model_label(results, &row.model), set.to_lowercase()),
        note: format!("n = {}, {} events", number::count(row.n), number::count(row.events)),
    }
}

fn draw_panel(
    canvas: &mut Canvas,
    panel: Panel,
    row: &Row,
    results: &Results,
    axis: &[Tick],
    first_in_row: bool,
) -> Result<(), FigureError> {
    let label =
        format!("{}, {}", super::model_label(results, &row.model), super::partition_label(results, &row.partition));
    let ink = Ink::Series(0);
    panel.open(canvas, &label);
    let end = panel.x.max;
    canvas.line(panel.at(0.0, 0.0), panel.at(end, end), Pen::new(Ink::Axis, stroke::AXIS).dashed(&[2.0, 2.0]));
    let within = |value: f64| value.clamp(panel.y.min, panel.y.max);
    let limit = |lower: bool| -> Vec<(f64, f64)> {
        let points = row.curve.iter().filter_map(|point| Some((point, point.observed.interval.as_ref()?)));
        points
            .map(|(point, interval)| (point.predicted, within(if lower { interval.lower } else { interval.upper })))
            .collect()
    };
    panel.band(canvas, &limit(true), &limit(false), ink)?;
    let curve: Vec<(f64, f64)> = row.curve.iter().map(|point| (point.predicted, point.observed.value)).collect();
    if !curve.is_empty() {
        panel.curve(canvas, &curve, Pen::new(ink, stroke::CURVE), &Value::new(label.as_str(), "smooth curve"))?;
    }
    let mut obstacles: Vec<Rect> = curve
        .iter()
        .map(|(x, y)| Rect { left: panel.x(*x) - 2.0, top: panel.y(*y) - 2.0, width: 4.0, height: 4.0 })
        .collect();
    for group in &row.groups {
        let (x, y) = (panel.x(group.predicted), panel.y(group.observed.value));
        let (mut upper, mut lower) = (y - 2.5, y + 2.5);
        if let Some(interval) = &group.observed.interval {
            (upper, lower) = (panel.y(within(interval.upper)).min(upper), panel.y(within(interval.lower)).max(lower));
            canvas.line(at(x, lower), at(x, upper), Pen::new(Ink::Text, stroke::INTERVAL));
        }
        obstacles.push(Rect { left: x - 2.5, top: upper, width: 5.0, height: lower - upper });
        let text = format!(
            "predicted {}%, observed {}%, n = {}",
            number::percent(group.predicted),
            number::Style::percent().estimate(&group.observed),
            number::count(group.observed.n)
        );
        canvas.circle(at(x, y), 2.0, Ink::Text, Pen::new(Ink::Paper, 0.5), &Value::new(label.as_str(), text));
    }
    if row.groups.is_empty() && curve.is_empty() {
        key::empty(canvas, &panel.frame, "Not estimable");
    }
    inside(canvas, &panel, row, obstacles);
    if first_in_row {
        panel.left_axis(canvas, axis, "Observed");
    } else {
        panel.bare_left_axis(canvas, axis);
    }
    panel.bottom_axis(canvas, axis, "Predicted risk");
    canvas.close();
    Ok(())
}

/// O/E, slope and ICI in a corner that curve and points leave free.
fn inside(canvas: &mut Canvas, panel: &Panel, row: &Row, mut obstacles: Vec<Rect>) {
    let frame = &panel.frame;
    let piece = frame.width / 24.0;
    obstacles.extend((0..24).map(|index| {
        let along = f64::from(index) * piece;
        Rect { left: frame.left + along, top: frame.bottom() - along - piece, width: piece, height: piece }
    }));
    let style = number::Style::decimals(2);
    let estimate =
        |name: &str, value: &Option<Estimate>| value.as_ref().map(|value| format!("{name} {}", style.estimate(value)));
    let distance = row.calibration_distance.map(|distance| format!("ICI {}", number::fixed(distance.ici, 3)));
    let lines: Vec<String> = [estimate("O/E", &row.observed_expected_ratio), estimate("Slope", &row.slope), distance]
        .into_iter()
        .flatten()
        .collect();
    let width = lines.iter().map(|line| INSIDE.width(line)).fold(0.0, f64::max);
    if let Some(place) = key::free_corner(frame, width, lines.len() as f64 * INSIDE.line(), &obstacles) {
        let right = place.left > frame.left + frame.width / 4.0;
        let x = if right { place.right() } else { place.left };
        let style = if right { INSIDE.end() } else { INSIDE };
        canvas.lines(at(x, place.top + INSIDE.size), &lines, style);
    }
}

fn note(performance: &SurvivalPerformance, results: &Results, drawn: usize, all: usize) -> String {
    let unit = results.outcome(&performance.outcome).and_then(|outcome| outcome.time_unit.as_deref());
    let mut note = format!(
        "Risk by {}. Line and band: smooth curve with pointwise {} interval, between the 1% and the 99% quantile of the \
         predicted risks. Points: Kaplan-Meier risk in groups of predicted risk. Dashed: perfect agreement.",
        number::time(performance.horizon, unit.unwrap_or("time units")),
        number::level(performance.level),
    );
    if drawn < all {
        note.push_str(&format!(
            " {drawn} of {all} models are drawn; all are in the table of values of the HTML report."
        ));
    }
    note
}

fn describe(performance: &SurvivalPerformance, rows: &[&Row], results: &Results) -> String {
    let outcome = super::outcome_label(results, &performance.outcome);
    let mut text = format!("Observed against predicted risk of {outcome}.");
    for row in rows {
        let slope = row.slope.as_ref().map(|slope| number::Style::decimals(2).estimate(slope));
        text.push_str(&format!(
            " {}, {}: slope {}.",
            super::model_label(results, &row.model),
            super::partition_label(results, &row.partition),
            slope.unwrap_or_else(|| "not estimable".to_string())
        ));
    }
    text
}

/// The groups, and the curve at every fourth point of its grid.
fn data(performance: &SurvivalPerformance, results: &Results) -> super::DataTable {
    let rows = performance.rows.iter().flat_map(|row| {
        let line = |what: &str, predicted: f64, observed: &Estimate| {
            let interval = observed.interval.as_ref();
            let limit = |value: Option<f64>| value.map_or_else(|| number::ABSENT.to_string(), number::percent);
            vec![
                super::partition_label(results, &row.partition).to_string(),
                super::model_label(results, &row.model).to_string(),
                what.to_string(),
                number::percent(predicted),
                number::percent(observed.value),
                limit(interval.map(|interval| interval.lower)),
                limit(interval.map(|interval| interval.upper)),
            ]
        };
        let groups = row.groups.iter().map(|group| line("group", group.predicted, &group.observed));
        let curve = row.curve.iter().step_by(4).map(|point| line("curve", point.predicted, &point.observed));
        groups.chain(curve).collect::<Vec<_>>()
    });
    let columns = ["Set", "Model", "Shown as", "Predicted (%)", "Observed (%)", "Lower limit", "Upper limit"];
    super::table(&columns, rows.collect())
}
