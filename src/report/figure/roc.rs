//! Receiver operating characteristic curves: a square panel per partition, the curves of all models, the operating points
//! at the models’ thresholds, and below a table of AUCs that is the key to the curves. Of more than [`theme::SERIES`]
//! models the reference and the best are drawn in colour, the others in grey.

use super::canvas::{Canvas, Pen, Rect, Style, Value, at};
use super::key::{self, Columns, Title};
use super::panel::{self, BELOW_NAME, Panel, Scale, Tick};
use super::{Drawing, FigureError};
use crate::report::number;
use crate::report::theme::{self, Ink, size, stroke};
use crate::results::{Performance, PerformanceRow, Results, RocPointFacts};

const GAP: f64 = 16.0;
const CELL: Style = Style::new(size::SMALL);
const HEAD: Style = Style::new(size::SMALL).strong();
const NOTE: Style = Style::new(size::SMALL).ink(Ink::Muted);
const ROW: f64 = 10.4;
/// More models than this make a table that does not fit beside a single panel.
const BESIDE: usize = 18;
/// Of more models than a page has room for, the key lists the first by AUC.
const LISTED: usize = 42;
/// So many partitions fit side by side in the table.
const ABREAST: usize = 4;

struct Curves<'a> {
    performance: &'a Performance,
    results: &'a Results,
    /// Models by AUC in the last partition that has one, the highest first.
    order: Vec<usize>,
    /// Those that the key has a row for: all, or the first so many and the reference.
    listed: Vec<usize>,
    sorted_by: Option<&'a str>,
    reference: Option<usize>,
    many: bool,
}

impl<'a> Curves<'a> {
    fn new(performance: &'a Performance, results: &'a Results) -> Self {
        let row = |partition: &str, model: &str| row_of(performance, partition, model);
        let sorted_by = performance
            .partitions
            .iter()
            .rev()
            .find(|partition| performance.models.iter().any(|model| auc(row(partition, model)).is_some()))
            .map(String::as_str);
        let mut order: Vec<usize> = (0..performance.models.len()).collect();
        if let Some(partition) = sorted_by {
            let key = |index: usize| auc(row(partition, &performance.models[index])).unwrap_or(f64::NEG_INFINITY);
            order.sort_by(|&a, &b| key(b).total_cmp(&key(a)).then(a.cmp(&b)));
        }
        let reference = super::reference_model(results, &performance.outcome)
            .and_then(|reference| performance.models.iter().position(|model| model == reference));
        let kept = |&(place, model): &(usize, &usize)| place < LISTED || reference == Some(*model);
        let listed = order.iter().enumerate().filter(kept).map(|(_, &model)| model).collect();
        let many = performance.models.len() > theme::SERIES;
        Self { performance, results, order, listed, sorted_by, reference, many }
    }

    /// The best model is the one with the highest AUC in the last partition; it has the second colour when there are many.
    fn pen(&self, model: usize) -> Pen {
        if !self.many {
            key::series_pen(model)
        } else if self.reference == Some(model) {
            key::series_pen(0)
        } else if self.order.first() == Some(&model) {
            key::series_pen(1)
        } else {
            key::QUIET
        }
    }

    fn label(&self, model: usize) -> &str {
        super::model_label(self.results, &self.performance.models[model])
    }

    fn row(&self, partition: &str, model: usize) -> Option<&PerformanceRow> {
        row_of(self.performance, partition, &self.performance.models[model])
    }

    fn points(&self, partition: &str, model: usize) -> Option<&[RocPointFacts]> {
        let id = &self.performance.models[model];
        let curve = self.performance.curves.iter().find(|curve| curve.partition == partition && curve.model == *id)?;
        (!curve.points.is_empty()).then_some(curve.points.as_slice())
    }

    /// "Mayo in the test set": models with an AUC whose curve is withheld.
    fn without_points(&self) -> Vec<String> {
        let mut found = Vec::new();
        for partition in &self.performance.partitions {
            let is_without =
                |model: &usize| auc(self.row(partition, *model)).is_some() && self.points(partition, *model).is_none();
            let models: Vec<&str> =
                self.order.iter().copied().filter(is_without).map(|model| self.label(model)).collect();
            if !models.is_empty() {
                found.push(format!("{} ({})", models.join(", "), super::partition_label(self.results, partition)));
            }
        }
        found
    }

    fn title(&self, index: usize) -> Title {
        let partition = &self.performance.partitions[index];
        let note = self.order.first().and_then(|&model| self.row(partition, model)).map_or_else(String::new, |row| {
            format!("n = {}, {} events", number::count(row.n), number::count(row.events))
        });
        Title {
            letter: (self.performance.partitions.len() > 1).then(|| key::letter(index)),
            text: super::partition_label(self.results, partition).to_string(),
            note,
        }
    }
}

fn row_of<'a>(performance: &'a Performance, partition: &str, model: &str) -> Option<&'a PerformanceRow> {
    performance.rows.iter().find(|row| row.partition == partition && row.model == model)
}

fn auc(row: Option<&PerformanceRow>) -> Option<f64> {
    row.and_then(|row| row.auc.as_ref()).map(|auc| auc.value)
}

pub fn draw(performance: &Performance, results: &Results) -> Result<Drawing, FigureError> {
    let curves = Curves::new(performance, results);
    let panels = performance.partitions.len();
    let beside = panels == 1 && performance.models.len() <= BESIDE;
    let columns = match panels {
        1 => Columns::over(if beside { 240.0 } else { 270.0 }, 1, GAP),
        _ if curves.many && panels >= ABREAST => Columns::over(theme::FULL_WIDTH, ABREAST, 10.0),
        _ => Columns::over(theme::FULL_WIDTH, key::columns_for(panels), GAP),
    };
    let axis = ticks();
    let gutter = panel::left_room(&axis, "Sensitivity");
    let head_of =
        |row: std::ops::Range<usize>| row.map(|index| curves.title(index).height(columns.width)).fold(0.0, f64::max);
    let rows = || (0..panels).step_by(columns.count).map(|first| first..(first + columns.count).min(panels));
    // The panels get the height that the key leaves of a page; the key is laid out on a canvas that is thrown away.
    let around: f64 = rows().map(|row| head_of(row) + BELOW_NAME + 12.0).sum();
    let key_height = if beside { 0.0 } else { draw_key(&mut Canvas::default(), &curves, 0.0) };
    let left_over = (theme::FULL_HEIGHT - around - key_height - 36.0) / rows().count().max(1) as f64;
    // Half of the last tick's number reaches out of the frame.
    let widest = (columns.width - gutter - 6.0).min(if panels == 1 { 210.0 } else { 162.0 });
    let side = widest.min(left_over.max(70.0));
    let mut canvas = Canvas::default();
    let mut top = 1.0;
    for row in rows() {
        let head = head_of(row.clone());
        for index in row {
            let left = columns.left(index);
            curves.title(index).draw(&mut canvas, left, top, columns.width);
            let frame = Rect { left: left + gutter, top: top + head, width: side, height: side };
            draw_panel(&mut canvas, &curves, &performance.partitions[index], frame, &axis)?;
        }
        top += head + side + BELOW_NAME + 12.0;
    }
    let bottom = if beside {
        let left = columns.width + 18.0;
        let room = theme::FULL_WIDTH - left;
        (top - 8.0).max(draw_table(&mut canvas, &curves, &curves.listed, &performance.partitions, left, 28.0, room))
    } else {
        draw_key(&mut canvas, &curves, top)
    };
    let height = draw_note(&mut canvas, &curves, bottom);
    let alternative_text = describe(&curves);
    Ok(Drawing {
        svg: canvas.finish(theme::FULL_WIDTH, height, &alternative_text),
        width: theme::FULL_WIDTH,
        height,
        alternative_text,
        data: data(&curves),
    })
}

/// The tables below the panels: for one partition in two halves side by side, else of up to [`ABREAST`] partitions each.
/// Returns where they end.
fn draw_key(canvas: &mut Canvas, curves: &Curves<'_>, top: f64) -> f64 {
    let partitions = &curves.performance.partitions;
    if partitions.len() == 1 {
        let half = Columns::over(theme::FULL_WIDTH, 2, 24.0);
        let (left, right) = curves.listed.split_at(curves.listed.len().div_ceil(2));
        return [left, right].into_iter().enumerate().fold(top, |bottom, (at, rows)| {
            bottom.max(draw_table(canvas, curves, rows, partitions, half.left(at), top, half.width))
        });
    }
    partitions.chunks(ABREAST).enumerate().fold(top, |bottom, (at, partitions)| {
        let top = if at == 0 { bottom } else { bottom + 8.0 };
        draw_table(canvas, curves, &curves.listed, partitions, 0.0, top, theme::FULL_WIDTH)
    })
}

fn ticks() -> Vec<Tick> {
    (0..=5).map(|step| 0.2 * f64::from(step)).map(|value| Tick { value, label: format!("{value:.1}") }).collect()
}

fn draw_panel(
    canvas: &mut Canvas,
    curves: &Curves<'_>,
    partition: &str,
    frame: Rect,
    ticks: &[Tick],
) -> Result<(), FigureError> {
    let panel = Panel { frame, x: Scale::linear(0.0, 1.0), y: Scale::linear(0.0, 1.0) };
    panel.open(canvas, super::partition_label(curves.results, partition));
    let curve_of = |model: usize| curves.points(partition, model);
    if curves.order.iter().any(|&model| curve_of(model).is_some()) {
        panel.grid(canvas, ticks);
        let chance = Pen::new(Ink::Axis, stroke::AXIS).dashed(&[2.0, 2.0]);
        canvas.line(panel.at(0.0, 0.0), panel.at(1.0, 1.0), chance);
    } else {
        let has_auc = curves.order.iter().any(|&model| auc(curves.row(partition, model)).is_some());
        let why = if has_auc {
            "points withheld: each tells of few subjects"
        } else {
            "not both outcome classes are present"
        };
        key::empty(canvas, &frame, &format!("No curve: {why}"));
    }
    // What is pointed out is drawn last, so that it lies on top.
    let mut drawn: Vec<usize> = curves.order.iter().rev().copied().collect();
    drawn.sort_by_key(|&model| curves.pen(model) != key::QUIET);
    for &model in &drawn {
        let Some(points) = curve_of(model) else { continue };
        let line: Vec<(f64, f64)> = points.iter().map(|point| (point.false_positive_rate, point.sensitivity)).collect();
        let value = Value::new(curves.label(model), format!("AUC {}", auc_text(curves.row(partition, model))));
        panel.curve(canvas, &line, curves.pen(model), &value)?;
    }
    for &model in drawn.iter().filter(|&&model| curves.pen(model) != key::QUIET) {
        let Some(point) = curves.row(partition, model).and_then(operating_point) else { continue };
        let text = format!(
            "sensitivity {}, specificity {}",
            number::fixed(point.sensitivity, 3),
            number::fixed(1.0 - point.false_positive_rate, 3)
        );
        let value = Value::new(curves.label(model), text);
        let outline = Pen::new(curves.pen(model).ink, 1.0);
        canvas.circle(panel.at(point.false_positive_rate, point.sensitivity), 1.9, Ink::Paper, outline, &value);
    }
    panel.left_axis(canvas, ticks, "Sensitivity");
    panel.bottom_axis(canvas, ticks, "1 \u{2212} Specificity");
    canvas.close();
    Ok(())
}

/// Where the model's threshold puts it; `None` where one of the classes is empty.
fn operating_point(row: &PerformanceRow) -> Option<RocPointFacts> {
    let facts = row.confusion.as_ref()?;
    let positives = facts.true_positives + facts.false_negatives;
    let negatives = facts.false_positives + facts.true_negatives;
    (positives > 0 && negatives > 0).then(|| RocPointFacts {
        false_positive_rate: facts.false_positives as f64 / negatives as f64,
        sensitivity: facts.true_positives as f64 / positives as f64,
    })
}

/// "0.812 (0.780–0.844)", or a dash.
fn auc_text(row: Option<&PerformanceRow>) -> String {
    let Some(auc) = row.and_then(|row| row.auc.as_ref()) else { return number::ABSENT.to_string() };
    number::Style::decimals(3).estimate(auc)
}

/// The key: a row per model with its line, its name and its AUC per partition. Returns where it ends.
fn draw_table(
    canvas: &mut Canvas,
    curves: &Curves<'_>,
    rows: &[usize],
    partitions: &[String],
    left: f64,
    top: f64,
    width: f64,
) -> f64 {
    let gap = 12.0;
    let heading = format!("AUC ({} CI)", number::level(curves.performance.level));
    let cells: Vec<Vec<String>> = partitions
        .iter()
        .map(|partition| rows.iter().map(|&model| auc_text(curves.row(partition, model))).collect())
        .collect();
    let column = cells.iter().flatten().map(|text| CELL.width(text)).fold(HEAD.width(&heading), f64::max);
    let names = left + key::SWATCH + 5.0;
    let room = width - key::SWATCH - 5.0 - partitions.len() as f64 * (column + gap);
    let right = |index: usize| left + width - (partitions.len() - 1 - index) as f64 * (column + gap);

    canvas.open("key", &[]);
    let heads: Vec<Vec<String>> = partitions
        .iter()
        .map(|partition| {
            if curves.performance.partitions.len() == 1 {
                return Vec::new();
            }
            let at = curves.performance.partitions.iter().position(|other| other == partition).unwrap_or(0);
            let label = super::partition_label(curves.results, partition);
            HEAD.wrap_to(&format!("{}\u{2002}{label}", key::letter(at)), column + gap - 9.0, 3)
        })
        .collect();
    let deepest = heads.iter().map(Vec::len).max().unwrap_or(0);
    let mut y = top + HEAD.line() * (deepest as f64 + 0.8);
    for (index, lines) in heads.iter().enumerate() {
        let first = y - HEAD.line() * lines.len() as f64;
        canvas.lines(at(right(index), first), lines, HEAD.end());
        canvas.text(at(right(index), y), &heading, NOTE.end());
    }
    let head = y;
    y += 4.0;
    canvas.line(at(left, y), at(left + width, y), Pen::new(Ink::Axis, stroke::AXIS));
    y += 1.5;
    let mut named: Vec<(usize, f64, Vec<String>)> = Vec::new();
    for (at_row, &model) in rows.iter().enumerate() {
        let mark = if curves.reference == Some(model) { " (reference)" } else { "" };
        let lines = CELL.wrap_to(&format!("{}{mark}", curves.label(model)), room, 3);
        let middle = y + ROW / 2.0;
        for (index, column) in cells.iter().enumerate() {
            canvas.text(at(right(index), middle + CELL.drop()), &column[at_row], CELL.end());
        }
        y += ROW + (lines.len() as f64 - 1.0) * CELL.line();
        named.push((model, middle, lines));
    }
    // The names, by themselves: where the page scrolls the drawing sideways they stay.
    canvas.open("stays", &[]);
    canvas.text(at(left, head), "Model", HEAD);
    for (model, middle, lines) in &named {
        key::swatch(canvas, left, *middle, curves.pen(*model));
        canvas.lines(at(names, middle + CELL.drop()), lines, CELL);
    }
    canvas.close();
    canvas.close();
    y + 2.0
}

/// What the signs mean. Returns where it ends.
fn draw_note(canvas: &mut Canvas, curves: &Curves<'_>, top: f64) -> f64 {
    let mut note = "Circles: operating points at the models’ thresholds. Dashed diagonal: chance.".to_string();
    if let (Some(partition), true) = (curves.sorted_by, curves.performance.models.len() > 1) {
        note.push_str(&format!(
            " Models in order of their AUC in {}.",
            super::partition_label(curves.results, partition)
        ));
    }
    if curves.many {
        let pointed_out = if curves.reference.is_some() { "the reference and the" } else { "the" };
        note.push_str(&format!(" In colour: {pointed_out} model with the highest AUC; in grey: all others."));
    }
    if curves.listed.len() < curves.order.len() {
        let (listed, all) = (curves.listed.len(), curves.order.len());
        note.push_str(&format!(
            " {listed} of {all} models are listed; all are in the table of values of the HTML report."
        ));
    }
    let without = curves.without_points();
    if !without.is_empty() {
        note.push_str(&format!(" Without a curve, as every point tells of few subjects: {}.", without.join("; ")));
    }
    let lines = NOTE.wrap(&note, theme::FULL_WIDTH);
    canvas.note(at(0.0, top + 4.0 + NOTE.size), &lines, NOTE);
    top + 4.0 + NOTE.size + (lines.len() as f64 - 1.0) * NOTE.line() + 3.0
}

fn describe(curves: &Curves<'_>) -> String {
    let performance = curves.performance;
    let models = performance.models.len();
    let partitions: Vec<&str> =
        performance.partitions.iter().map(|partition| super::partition_label(curves.results, partition)).collect();
    let mut text = format!(
        "Receiver operating characteristic curves of {models} {} for {}, in {}.",
        if models == 1 { "model" } else { "models" },
        super::outcome_label(curves.results, &performance.outcome),
        partitions.join(", "),
    );
    if let (Some(partition), Some(&best)) = (curves.sorted_by, curves.order.first()) {
        text.push_str(&format!(
            " The highest AUC in {} is that of {}: {}.",
            super::partition_label(curves.results, partition),
            curves.label(best),
            auc_text(curves.row(partition, best)),
        ));
    }
    text
}

/// False-positive rates at which the table of values reads the curves.
const READ_AT: [f64; 5] = [0.05, 0.1, 0.2, 0.3, 0.5];

/// The sensitivity of a curve at a false-positive rate: the highest on a vertical stretch, between corners in proportion.
fn sensitivity_at(points: &[RocPointFacts], rate: f64) -> Option<f64> {
    let after = points.iter().position(|point| point.false_positive_rate > rate);
    let before = points.iter().rfind(|point| point.false_positive_rate <= rate)?;
    let Some(next) = after.map(|at| &points[at]) else { return Some(before.sensitivity) };
    let part = (rate - before.false_positive_rate) / (next.false_positive_rate - before.false_positive_rate);
    Some(before.sensitivity + part * (next.sensitivity - before.sensitivity))
}

fn data(curves: &Curves<'_>) -> super::DataTable {
    let mut columns: Vec<String> = [
        "Set",
        "Model",
        "n",
        "With the outcome",
        "AUC",
        "Lower limit",
        "Upper limit",
        "Sensitivity at threshold",
        "1 \u{2212} Specificity at threshold",
    ]
    .map(String::from)
    .to_vec();
    columns.extend(READ_AT.map(|rate| format!("Sensitivity at 1 \u{2212} Specificity = {rate}")));
    let mut rows = Vec::new();
    for partition in &curves.performance.partitions {
        for &model in &curves.order {
            let Some(row) = curves.row(partition, model) else { continue };
            let three =
                |value: Option<f64>| value.map_or_else(|| number::ABSENT.to_string(), |value| number::fixed(value, 3));
            let interval = row.auc.as_ref().and_then(|auc| auc.interval.as_ref());
            let point = operating_point(row);
            let points = curves.points(partition, model);
            let mut cells = vec![
                super::partition_label(curves.results, partition).to_string(),
                curves.label(model).to_string(),
                number::count(row.n),
                number::count(row.events),
                three(auc(Some(row))),
                three(interval.map(|interval| interval.lower)),
                three(interval.map(|interval| interval.upper)),
                three(point.map(|point| point.sensitivity)),
                three(point.map(|point| point.false_positive_rate)),
            ];
            cells.extend(READ_AT.map(|rate| three(points.and_then(|points| sensitivity_at(points, rate)))));
            rows.push(cells);
        }
    }
    super::DataTable { columns, rows }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// (0, 0) → (0, 0.5) → (0.5, 0.5) → (1, 1)
    #[test]
    fn a_curve_is_read_at_its_upper_edge_and_between_corners() {
        let point = |false_positive_rate, sensitivity| RocPointFacts { false_positive_rate, sensitivity };
        let points = [point(0.0, 0.0), point(0.0, 0.5), point(0.5, 0.5), point(1.0, 1.0)];
        let read = |rate| sensitivity_at(&points, rate).unwrap();
        assert_eq!([0.5, 0.5, 0.75, 1.0], [read(0.0), read(0.25), read(0.75), read(1.0)]);
        assert_eq!(sensitivity_at(&[], 0.5), None);
    }
}
