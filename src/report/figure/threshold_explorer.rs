//! What each threshold of one model does: sensitivity, specificity and both predictive values over the threshold, a panel
//! per partition. The HTML page adds a slider over all models to the same counts.

use super::canvas::{Canvas, Pen, Rect, Style, Value, at};
use super::key::{self, Columns, Entry, Key, Title};
use super::panel::{self, BELOW_NAME, Panel, Scale};
use super::{Drawing, FigureError};
use crate::report::number::{self, count};
use crate::report::theme::{self, Ink, size};
use crate::results::{Performance, Results, ThresholdPoint, ThresholdSweep};

const NOTE: Style = Style::new(size::SMALL).ink(Ink::Muted);
const GAP: f64 = 16.0;
/// More models than this have their values in the page's slider alone.
const LISTED: usize = 8;

/// What is drawn over the threshold.
struct Measure {
    name: &'static str,
    value: fn(&ThresholdSweep, &ThresholdPoint) -> Option<f64>,
}

/// Predictive values of fewer subjects than this jump about, and are not drawn.
const STEADY: usize = 10;

fn ratio(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

impl Measure {
    fn is_steady(&self, sweep: &ThresholdSweep, point: &ThresholdPoint) -> bool {
        let called_positive = point.true_positives + point.false_positives;
        match self.name {
            "Positive predictive value" => called_positive >= STEADY,
            "Negative predictive value" => sweep.positives + sweep.negatives - called_positive >= STEADY,
            _ => true,
        }
    }
}

const MEASURES: [Measure; 4] = [
    Measure { name: "Sensitivity", value: |sweep, point| ratio(point.true_positives, sweep.positives) },
    Measure {
        name: "Specificity",
        value: |sweep, point| ratio(sweep.negatives - point.false_positives, sweep.negatives),
    },
    Measure {
        name: "Positive predictive value",
        value: |_, point| ratio(point.true_positives, point.true_positives + point.false_positives),
    },
    Measure {
        name: "Negative predictive value",
        value: |sweep, point| {
            let negatives = sweep.negatives - point.false_positives;
            ratio(negatives, negatives + sweep.positives - point.true_positives)
        },
    },
];

pub fn draw(performance: &Performance, results: &Results) -> Result<Drawing, FigureError> {
    let model = super::model_in_front(performance, results).unwrap_or_default();
    let label = super::model_label(results, model);
    let mut canvas = Canvas::default();
    let entries = MEASURES.iter().enumerate();
    let key = Key::rows(
        entries.map(|(at, measure)| Entry { pen: key::series_pen(at), text: measure.name.to_string() }).collect(),
        theme::FULL_WIDTH,
    );
    key.draw(&mut canvas, 0.0, 1.0);
    let mut top = key.height + 9.0;
    let thresholds = || performance.sweeps.iter().filter(|sweep| sweep.model == model).flat_map(|sweep| &sweep.points);
    let least = thresholds().map(|point| point.threshold).fold(f64::INFINITY, f64::min);
    let most = thresholds().map(|point| point.threshold).fold(f64::NEG_INFINITY, f64::max);
    let x = if least < most { Scale::linear(least, most) } else { Scale::linear(0.0, 1.0) };
    let y = Scale::linear(0.0, 1.0);
    let (x_ticks, y_ticks) = (panel::ticks(x, 5), panel::ticks(y, 5));
    let facts = performance.thresholds.iter().find(|facts| facts.model == model);
    let partitions = &performance.partitions;
    let columns = Columns::over(theme::FULL_WIDTH, key::columns_for(partitions.len()), GAP);
    let gutter = panel::left_room(&y_ticks, "Value");
    let rows = partitions.len().div_ceil(columns.count).max(1) as f64;
    let width = (columns.width - gutter - 8.0).min(320.0);
    let height = (width * 0.66).min(170.0).min((theme::FULL_HEIGHT - top - 50.0) / rows - 62.0).max(60.0);
    for chunk in (0..partitions.len()).collect::<Vec<_>>().chunks(columns.count) {
        let titles: Vec<Title> = chunk.iter().map(|&at| title(performance, results, model, at)).collect();
        let head = titles.iter().map(|title| title.height(columns.width)).fold(0.0, f64::max);
        for (&index, title) in chunk.iter().zip(&titles) {
            let left = columns.left(index);
            title.draw(&mut canvas, left, top, columns.width);
            let panel = Panel { frame: Rect { left: left + gutter, top: top + head, width, height }, x, y };
            panel.open(&mut canvas, super::partition_label(results, &partitions[index]));
            match sweep_of(performance, model, &partitions[index]) {
                Some(sweep) => {
                    panel.grid(&mut canvas, &y_ticks);
                    draw_curves(&mut canvas, &panel, sweep)?;
                    if let Some(facts) = facts.filter(|facts| x.holds(facts.threshold)) {
                        let place = panel.x(facts.threshold);
                        let pen = Pen::new(Ink::Text, 0.8).dashed(&[2.0, 1.6]);
                        canvas.line(at(place, panel.frame.top), at(place, panel.frame.bottom()), pen);
                    }
                }
                None => key::empty(&mut canvas, &panel.frame, "Not both outcome classes are present"),
            }
            panel.left_axis(&mut canvas, &y_ticks, "Value");
            panel.bottom_axis(&mut canvas, &x_ticks, "Threshold");
            canvas.close();
        }
        top += head + height + BELOW_NAME + 11.0;
    }
    // A page of paper has no slider.
    let models = performance.models.len();
    let why = if super::reference_model(results, &performance.outcome) == Some(model) {
        "the reference"
    } else {
        "the one with the highest AUC in the last set"
    };
    let among = if models > 1 {
        format!(", of {models} models {why}; the slider of the HTML report shows each")
    } else {
        String::new()
    };
    let chosen_at = facts.map_or(String::new(), |facts| {
        format!(" Dashed line: its threshold {} ({}).", number::fixed(facts.threshold, 3), facts.rule)
    });
    let note = format!(
        "Model: {label}{among}.{chosen_at} Called positive: a score at the threshold or beyond it. Predictive values \
                        are drawn where ten subjects or more are called so."
    );
    let lines = NOTE.wrap(&note, theme::FULL_WIDTH);
    canvas.note(at(0.0, top + NOTE.size - 4.0), &lines, NOTE);
    let height = top + NOTE.size - 4.0 + (lines.len() as f64 - 1.0) * NOTE.line() + 3.0;
    let alternative_text = format!(
        "Sensitivity, specificity and predictive values of {label} for {} over its threshold, in {}.",
        super::outcome_label(results, &performance.outcome),
        partitions.iter().map(|id| super::partition_label(results, id)).collect::<Vec<_>>().join(", "),
    );
    Ok(Drawing {
        svg: canvas.finish(theme::FULL_WIDTH, height, &alternative_text),
        width: theme::FULL_WIDTH,
        height,
        alternative_text,
        data: data(performance, results, model),
    })
}

fn sweep_of<'a>(performance: &'a Performance, model: &str, partition: &str) -> Option<&'a ThresholdSweep> {
    performance.sweeps.iter().find(|sweep| sweep.model == model && sweep.partition == partition)
}

fn draw_curves(canvas: &mut Canvas, panel: &Panel, sweep: &ThresholdSweep) -> Result<(), FigureError> {
    for (at, measure) in MEASURES.iter().enumerate() {
        let points: Vec<(f64, f64)> = sweep
            .points
            .iter()
            .filter(|point| measure.is_steady(sweep, point))
            .filter_map(|point| Some((point.threshold, (measure.value)(sweep, point)?)))
            .collect();
        if points.len() > 1 {
            panel.curve(canvas, &points, key::series_pen(at), &Value::new(measure.name, ""))?;
        }
    }
    Ok(())
}

fn title(performance: &Performance, results: &Results, model: &str, index: usize) -> Title {
    let partition = &performance.partitions[index];
    let row = performance.rows.iter().find(|row| row.partition == *partition && row.model == model);
    Title {
        letter: (performance.partitions.len() > 1).then(|| key::letter(index)),
        text: super::partition_label(results, partition).to_string(),
        note: row.map_or(String::new(), |row| format!("n = {}, {} events", count(row.n), count(row.events))),
    }
}

/// Every tenth of the range, for all models or, of many, for the one that is drawn.
fn data(performance: &Performance, results: &Results, drawn: &str) -> super::DataTable {
    let listed = |sweep: &&ThresholdSweep| performance.models.len() <= LISTED || sweep.model == drawn;
    let mut rows = Vec::new();
    for sweep in performance.sweeps.iter().filter(listed) {
        let step = sweep.points.len().div_ceil(11).max(1);
        for point in sweep.points.iter().step_by(step) {
            let mut cells = vec![
                super::partition_label(results, &sweep.partition).to_string(),
                super::model_label(results, &sweep.model).to_string(),
                number::fixed(point.threshold, 2),
                count(point.true_positives),
                count(sweep.positives - point.true_positives),
                count(point.false_positives),
                count(sweep.negatives - point.false_positives),
            ];
            cells.extend(MEASURES.iter().map(|measure| {
                (measure.value)(sweep, point)
                    .map_or_else(|| number::ABSENT.to_string(), |value| number::fixed(value, 3))
            }));
            rows.push(cells);
        }
    }
    let mut columns: Vec<String> =
        ["Set", "Model", "Threshold", "True positives", "False negatives", "False positives", "True negatives"]
            .map(String::from)
            .to_vec();
    columns.extend(MEASURES.iter().map(|measure| measure.name.to_string()));
    super::DataTable { columns, rows }
}
