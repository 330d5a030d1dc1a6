//! Precision-recall curves: the positive predictive value over the sensitivity, a panel per partition, with the share of
//! events, which is what a score without information reaches. Of more than [`theme::SERIES`] models the reference and the
//! best are drawn in colour, the others in grey.

use super::canvas::{Canvas, Pen, Rect, Style, Value, at};
use super::key::{self, Columns, Entry, Key, Title};
use super::panel::{self, BELOW_NAME, Panel, Scale, Tick};
use super::{Drawing, FigureError};
use crate::report::number::{self, Style as NumberStyle};
use crate::report::theme::{self, Ink, size, stroke};
use crate::results::{Performance, PerformanceRow, Results};

const GAP: f64 = 16.0;
const NOTE: Style = Style::new(size::SMALL).ink(Ink::Muted);

pub fn draw(performance: &Performance, results: &Results) -> Result<Drawing, FigureError> {
    let partitions = &performance.partitions;
    let order = order(performance);
    let pen = |model: usize| pen_of(performance, results, &order, model);
    let mut entries: Vec<Entry> = (0..performance.models.len())
        .filter(|&model| pen(model) != key::QUIET)
        .map(|model| Entry { pen: pen(model), text: label(performance, results, model).to_string() })
        .collect();
    let quiet = performance.models.len() - entries.len();
    if quiet > 0 {
        entries.push(Entry { pen: key::QUIET, text: format!("Other models ({quiet})") });
    }
    let mut canvas = Canvas::default();
    let key = Key::rows(entries, theme::FULL_WIDTH);
    key.draw(&mut canvas, 0.0, 1.0);
    let mut top = key.height + 9.0;
    let ticks: Vec<Tick> =
        (0..=5).map(|step| 0.2 * f64::from(step)).map(|value| Tick { value, label: format!("{value:.1}") }).collect();
    let columns = match partitions.len() {
        1 => Columns::over(270.0, 1, GAP),
        count => Columns::over(theme::FULL_WIDTH, key::columns_for(count), GAP),
    };
    let gutter = panel::left_room(&ticks, "Precision");
    let side = (columns.width - gutter - 6.0).min(if partitions.len() == 1 { 210.0 } else { 162.0 });
    for chunk in (0..partitions.len()).collect::<Vec<_>>().chunks(columns.count) {
        let titles: Vec<Title> = chunk.iter().map(|&index| title(performance, results, index)).collect();
        let head = titles.iter().map(|title| title.height(columns.width)).fold(0.0, f64::max);
        for (&index, title) in chunk.iter().zip(&titles) {
            let left = columns.left(index);
            title.draw(&mut canvas, left, top, columns.width);
            let frame = Rect { left: left + gutter, top: top + head, width: side, height: side };
            let panel = Panel { frame, x: Scale::linear(0.0, 1.0), y: Scale::linear(0.0, 1.0) };
            panel.open(&mut canvas, super::partition_label(results, &partitions[index]));
            draw_curves(&mut canvas, &panel, performance, results, &partitions[index], &ticks, &order)?;
            panel.left_axis(&mut canvas, &ticks, "Precision");
            panel.bottom_axis(&mut canvas, &ticks, "Recall");
            canvas.close();
        }
        top += head + side + BELOW_NAME + 11.0;
    }
    let note = "Dashed: the share of subjects with the outcome, the precision of a score without information. Average \
                precisions are in the table.";
    let lines = NOTE.wrap(note, theme::FULL_WIDTH);
    canvas.note(at(0.0, top + NOTE.size - 4.0), &lines, NOTE);
    let height = top + NOTE.size - 4.0 + (lines.len() as f64 - 1.0) * NOTE.line() + 3.0;
    let alternative_text = format!(
        "Precision-recall curves of {} {} for {}, in {}. Average precisions are in the table of values of the HTML report.",
        performance.models.len(),
        if performance.models.len() == 1 { "model" } else { "models" },
        super::outcome_label(results, &performance.outcome),
        partitions.iter().map(|id| super::partition_label(results, id)).collect::<Vec<_>>().join(", ")
    );
    Ok(Drawing {
        svg: canvas.finish(theme::FULL_WIDTH, height, &alternative_text),
        width: theme::FULL_WIDTH,
        height,
        alternative_text,
        data: data(performance, results),
    })
}

fn label<'a>(performance: &'a Performance, results: &'a Results, model: usize) -> &'a str {
    super::model_label(results, &performance.models[model])
}

fn row_of<'a>(performance: &'a Performance, partition: &str, model: usize) -> Option<&'a PerformanceRow> {
    let id = &performance.models[model];
    performance.rows.iter().find(|row| row.partition == partition && row.model == *id)
}

/// Models by average precision in the last partition, the highest first.
fn order(performance: &Performance) -> Vec<usize> {
    let last = performance.partitions.last().map_or("", String::as_str);
    let value = |model: usize| {
        let row = row_of(performance, last, model);
        row.and_then(|row| row.average_precision.as_ref()).map_or(f64::NEG_INFINITY, |estimate| estimate.value)
    };
    let mut order: Vec<usize> = (0..performance.models.len()).collect();
    order.sort_by(|&a, &b| value(b).total_cmp(&value(a)).then(a.cmp(&b)));
    order
}

fn pen_of(performance: &Performance, results: &Results, order: &[usize], model: usize) -> Pen {
    if performance.models.len() <= theme::SERIES {
        return key::series_pen(model);
    }
    let reference = super::reference_model(results, &performance.outcome);
    if reference == Some(performance.models[model].as_str()) {
        key::series_pen(0)
    } else if order.first() == Some(&model) {
        key::series_pen(1)
    } else {
        key::QUIET
    }
}

fn draw_curves(
    canvas: &mut Canvas,
    panel: &Panel,
    performance: &Performance,
    results: &Results,
    partition: &str,
    ticks: &[Tick],
    order: &[usize],
) -> Result<(), FigureError> {
    let curve_of = |model: usize| {
        let id = &performance.models[model];
        performance.precision_recall.iter().find(|curve| curve.partition == partition && curve.model == *id)
    };
    if !order.iter().any(|&model| curve_of(model).is_some()) {
        let has_value =
            |&model: &usize| row_of(performance, partition, model).is_some_and(|row| row.average_precision.is_some());
        let why = match results.presentation.minimum_cell {
            Some(_) if order.iter().any(has_value) => "withheld, as its steps tell of single subjects",
            _ => "not both outcome classes are present",
        };
        key::empty(canvas, &panel.frame, &format!("No curve: {why}"));
        return Ok(());
    }
    panel.grid(canvas, ticks);
    if let Some(row) = order.first().and_then(|&model| row_of(performance, partition, model)).filter(|row| row.n > 0) {
        let share = row.events as f64 / row.n as f64;
        let chance = Pen::new(Ink::Axis, stroke::AXIS).dashed(&[2.0, 2.0]);
        canvas.line(panel.at(0.0, share), panel.at(1.0, share), chance);
    }
    let pen = |model: usize| pen_of(performance, results, order, model);
    // What is pointed out is drawn last, so that it lies on top.
    let mut drawn: Vec<usize> = order.iter().rev().copied().collect();
    drawn.sort_by_key(|&model| pen(model) != key::QUIET);
    for model in drawn {
        let Some(curve) = curve_of(model) else { continue };
        let points: Vec<(f64, f64)> = curve.points.iter().map(|point| (point.recall, point.precision)).collect();
        let value = Value::new(
            label(performance, results, model),
            format!("average precision {}", average(row_of(performance, partition, model))),
        );
        panel.curve(canvas, &points, pen(model), &value)?;
    }
    Ok(())
}

fn average(row: Option<&PerformanceRow>) -> String {
    let estimate = row.and_then(|row| row.average_precision.as_ref());
    estimate.map_or_else(|| number::ABSENT.to_string(), |estimate| NumberStyle::decimals(3).estimate(estimate))
}

fn title(performance: &Performance, results: &Results, index: usize) -> Title {
    let partition = &performance.partitions[index];
    let row = performance.rows.iter().find(|row| row.partition == *partition);
    let note = row.map(|row| format!("n = {}, {} events", number::count(row.n), number::count(row.events)));
    Title {
        letter: (performance.partitions.len() > 1).then(|| key::letter(index)),
        text: super::partition_label(results, partition).to_string(),
        note: note.unwrap_or_default(),
    }
}

fn data(performance: &Performance, results: &Results) -> super::DataTable {
    let mut rows = Vec::new();
    for partition in &performance.partitions {
        for model in 0..performance.models.len() {
            let Some(row) = row_of(performance, partition, model) else { continue };
            rows.push(vec![
                super::partition_label(results, partition).to_string(),
                label(performance, results, model).to_string(),
                number::count(row.n),
                number::count(row.events),
                average(Some(row)),
            ]);
        }
    }
    super::table(&["Set", "Model", "n", "With the outcome", "Average precision"], rows)
}
