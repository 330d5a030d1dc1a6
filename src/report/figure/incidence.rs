//! Cumulative incidence by group in the presence of competing events, a panel per partition, with Gray's test.

use super::canvas::{Canvas, Rect, Style, Value, at};
use super::key::{self, Columns, Entry, Key, Title};
use super::panel::{self, BELOW_NAME, Panel, Scale};
use super::{Drawing, FigureError};
use crate::report::number::{self, percent};
use crate::report::theme::{self, Ink, size};
use crate::results::{GroupIncidence, IncidenceAnalysis, PartitionIncidence, Results};

const GAP: f64 = 16.0;
const NOTE: Style = Style::new(size::SMALL).ink(Ink::Muted);

pub fn draw(analysis: &IncidenceAnalysis, results: &Results) -> Result<Drawing, FigureError> {
    let entries = analysis
        .group_labels
        .iter()
        .enumerate()
        .map(|(index, label)| Entry { pen: key::series_pen(index), text: label.clone() });
    let mut canvas = Canvas::default();
    let key = Key::rows(entries.collect(), theme::FULL_WIDTH);
    key.draw(&mut canvas, 0.0, 1.0);
    let mut top = key.height + 9.0;
    let unit = results.outcome(&analysis.outcome).and_then(|facts| facts.time_unit.as_deref()).unwrap_or("time");
    let axis_name = format!("Time ({unit})");
    let scales = scales(analysis);
    let (x_ticks, y_ticks) = (panel::ticks(scales[0], 6), panel::ticks(scales[1], 5));
    let panels = analysis.partitions.len();
    let columns = Columns::over(theme::FULL_WIDTH, key::columns_for(panels), GAP);
    let gutter = panel::left_room(&y_ticks, "Cumulative incidence");
    let width = (columns.width - gutter - 8.0).min(320.0);
    let height = (width * 0.72).clamp(95.0, 190.0);
    for chunk in (0..panels).collect::<Vec<_>>().chunks(columns.count) {
        let titles: Vec<Title> =
            chunk.iter().map(|&index| title(&analysis.partitions[index], results, index, panels)).collect();
        let head = titles.iter().map(|title| title.height(columns.width)).fold(0.0, f64::max);
        for (&index, title) in chunk.iter().zip(&titles) {
            let partition = &analysis.partitions[index];
            let left = columns.left(index);
            title.draw(&mut canvas, left, top, columns.width);
            let frame = Rect { left: left + gutter, top: top + head, width, height };
            let panel = Panel { frame, x: scales[0], y: scales[1] };
            panel.open(&mut canvas, super::partition_label(results, &partition.partition));
            panel.grid(&mut canvas, &y_ticks);
            for (series, group) in partition.groups.iter().enumerate().filter(|(_, group)| !group.curve.is_empty()) {
                let told = format!("{} events of {} subjects", number::count(group.events), number::count(group.n));
                let value = Value::new(group.label.as_str(), told);
                panel.curve(&mut canvas, &steps(group), key::series_pen(series), &value)?;
            }
            panel.left_axis(&mut canvas, &y_ticks, "Cumulative incidence");
            panel.bottom_axis(&mut canvas, &x_ticks, &axis_name);
            canvas.close();
        }
        top += head + height + BELOW_NAME + 11.0;
    }
    let competing: Vec<&str> =
        analysis.competing.iter().map(|outcome| super::outcome_label(results, outcome)).collect();
    let note = format!(
        "{} by the Aalen-Johansen estimator; competing: {}.",
        super::outcome_label(results, &analysis.outcome),
        competing.join(", ")
    );
    let lines = NOTE.wrap(&note, theme::FULL_WIDTH);
    canvas.lines(at(0.0, top + NOTE.size - 4.0), &lines, NOTE);
    let bottom = top + NOTE.size - 4.0 + (lines.len() as f64 - 1.0) * NOTE.line() + 3.0;
    let alternative_text = format!(
        "Cumulative incidence of {} by group, in {}. Incidences at the declared times are in the table of values.",
        super::outcome_label(results, &analysis.outcome),
        analysis
            .partitions
            .iter()
            .map(|partition| super::partition_label(results, &partition.partition))
            .collect::<Vec<_>>()
            .join(", ")
    );
    Ok(Drawing {
        svg: canvas.finish(theme::FULL_WIDTH, bottom, &alternative_text),
        width: theme::FULL_WIDTH,
        height: bottom,
        alternative_text,
        data: data(analysis, results),
    })
}

/// Time from zero to the end of follow-up; incidence from zero to the tenth above the highest.
fn scales(analysis: &IncidenceAnalysis) -> [Scale; 2] {
    let points = analysis.partitions.iter().flat_map(|partition| &partition.groups).flat_map(|group| &group.curve);
    let highest = points.map(|point| point.incidence).fold(0.0, f64::max);
    let top = ((10.0 * highest - 1e-9).ceil() / 10.0).clamp(0.1, 1.0);
    [Scale::linear(0.0, if analysis.horizon > 0.0 { analysis.horizon } else { 1.0 }), Scale::linear(0.0, top)]
}

/// The corners of the step function.
fn steps(group: &GroupIncidence) -> Vec<(f64, f64)> {
    let mut corners: Vec<(f64, f64)> = Vec::new();
    for point in &group.curve {
        if let Some((_, level)) = corners.last().copied().filter(|(_, level)| *level != point.incidence) {
            corners.push((point.time, level));
        }
        corners.push((point.time, point.incidence));
    }
    corners
}

fn title(partition: &PartitionIncidence, results: &Results, index: usize, of: usize) -> Title {
    let n: usize = partition.groups.iter().map(|group| group.n).sum();
    let test = partition
        .gray
        .as_ref()
        .map_or_else(String::new, |test| format!("; {} {}", test.method, number::p_equals(test.p_value)));
    Title {
        letter: (of > 1).then(|| key::letter(index)),
        text: super::partition_label(results, &partition.partition).to_string(),
        note: format!("n = {}{test}", number::count(n)),
    }
}

fn data(analysis: &IncidenceAnalysis, results: &Results) -> super::DataTable {
    let mut columns: Vec<String> = ["Set", "Group", "n", "Events", "Competing"].map(String::from).to_vec();
    columns.extend(analysis.rate_times.iter().map(|time| format!("Incidence at {time}, %")));
    let mut rows = Vec::new();
    for partition in &analysis.partitions {
        for group in &partition.groups {
            let mut cells = vec![
                super::partition_label(results, &partition.partition).to_string(),
                group.label.clone(),
                number::count(group.n),
                number::count(group.events),
                number::count(group.competing),
            ];
            cells.extend(group.rates.iter().map(|rate| match rate {
                Some(rate) => percent(rate.value),
                None => number::ABSENT.to_string(),
            }));
            rows.push(cells);
        }
    }
    super::DataTable { columns, rows }
}
