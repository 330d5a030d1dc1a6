//! Decision curves: the net benefit of treating by each model over the thresholds of predicted risk, beside treating
//! everybody and nobody. A panel per partition; of more than [`theme::SERIES`] models the reference and the best few
//! are drawn in colour, the others in grey.

use super::calibration::{models, partitions, ranked, row_of};
use super::canvas::{Canvas, Pen, Rect, Style, Value, at};
use super::key::{self, Columns, Entry, Key, Title};
use super::panel::{self, BELOW_NAME, Panel, Scale};
use super::{Drawing, FigureError};
use crate::report::number;
use crate::report::theme::{self, Ink, size};
use crate::results::{CalibrationAnalysis, FEWEST_ACTED_ON, NetBenefitFacts, Results};

const GAP: f64 = 16.0;
const NOTE: Style = Style::new(size::SMALL).ink(Ink::Muted);
/// Of many models so many are pointed out.
const POINTED_OUT: usize = 4;
const ALL: Pen = Pen::new(Ink::Muted, 0.8).dashed(&[1.0, 1.6]);
const NONE: Pen = Pen::new(Ink::Text, 0.8);

pub fn draw(calibration: &CalibrationAnalysis, results: &Results) -> Result<Drawing, FigureError> {
    let all = models(calibration);
    let partitions = partitions(calibration);
    let many = all.len() > theme::SERIES;
    let ranked = ranked(&all, calibration, results);
    let pen = |model: &str| {
        let place = if many {
            ranked.iter().take(POINTED_OUT).position(|other| *other == model)
        } else {
            all.iter().position(|other| *other == model)
        };
        place.map_or(key::QUIET, key::series_pen)
    };
    let mut entries: Vec<Entry> = all
        .iter()
        .filter(|model| pen(model) != key::QUIET)
        .map(|model| Entry { pen: pen(model), text: super::model_label(results, model).to_string() })
        .collect();
    if many {
        entries.push(Entry { pen: key::QUIET, text: format!("Other models ({})", all.len() - POINTED_OUT) });
    }
    entries.push(Entry { pen: ALL, text: "Treat all".to_string() });
    entries.push(Entry { pen: NONE, text: "Treat none".to_string() });

    let mut canvas = Canvas::default();
    let key = Key::rows(entries, theme::FULL_WIDTH);
    key.draw(&mut canvas, 0.0, 1.0);
    let mut top = key.height + 9.0;
    let (x, y) = scales(calibration);
    let (x_ticks, y_ticks) = (panel::ticks(x, 5), panel::ticks(y, 5));
    let columns = Columns::over(theme::FULL_WIDTH, key::columns_for(partitions.len()), GAP);
    let gutter = panel::left_room(&y_ticks, "Net benefit");
    let width = (columns.width - gutter - 8.0).min(320.0);
    let height = (width * 0.72).clamp(95.0, 190.0);
    // Where they are pointed out, curves lie on top of the grey ones.
    let mut order = all.clone();
    order.sort_by_key(|model| pen(model) != key::QUIET);
    for chunk in (0..partitions.len()).collect::<Vec<_>>().chunks(columns.count) {
        let titles: Vec<Title> = chunk
            .iter()
            .map(|&index| title(results, calibration, partitions[index], index, partitions.len()))
            .collect();
        let head = titles.iter().map(|title| title.height(columns.width)).fold(0.0, f64::max);
        for (&index, title) in chunk.iter().zip(&titles) {
            let left = columns.left(index);
            title.draw(&mut canvas, left, top, columns.width);
            let panel = Panel { frame: Rect { left: left + gutter, top: top + head, width, height }, x, y };
            panel.open(&mut canvas, super::partition_label(results, partitions[index]));
            let curves: Vec<(&str, &[NetBenefitFacts])> = order
                .iter()
                .filter_map(|&model| {
                    row_of(calibration, model, partitions[index]).map(|row| (model, row.decision_curve.as_slice()))
                })
                .filter(|(_, curve)| !curve.is_empty())
                .collect();
            if let Some((_, curve)) = curves.iter().max_by_key(|(_, curve)| curve.len()) {
                panel.grid(&mut canvas, &y_ticks);
                let points: Vec<(f64, f64)> = curve.iter().map(|point| (point.threshold, point.treat_all)).collect();
                panel.curve(&mut canvas, &points, ALL, &Value::new("Treat all", ""))?;
                canvas.line(at(panel.frame.left, panel.y(0.0)), at(panel.frame.right(), panel.y(0.0)), NONE);
            } else {
                key::empty(&mut canvas, &panel.frame, "Not estimable: not both outcome classes are present");
            }
            for (model, curve) in &curves {
                let points: Vec<(f64, f64)> = curve.iter().map(|point| (point.threshold, point.net_benefit)).collect();
                panel.curve(&mut canvas, &points, pen(model), &Value::new(super::model_label(results, model), ""))?;
            }
            panel.left_axis(&mut canvas, &y_ticks, "Net benefit");
            panel.bottom_axis(&mut canvas, &x_ticks, "Threshold probability");
            canvas.close();
        }
        top += head + height + BELOW_NAME + 11.0;
    }
    let note = format!(
        "Net benefit per subject; whoever has a predicted risk at or above the threshold is treated. A curve ends where \
         fewer than {FEWEST_ACTED_ON} are treated. Curves below the frame are cut off."
    );
    let lines = NOTE.wrap(&note, theme::FULL_WIDTH);
    canvas.note(at(0.0, top + NOTE.size - 4.0), &lines, NOTE);
    let height = top + NOTE.size - 4.0 + (lines.len() as f64 - 1.0) * NOTE.line() + 3.0;
    let alternative_text = format!(
        "Decision curves: net benefit over threshold probabilities from {} to {} for {} models of {}, in {}.",
        number::fixed(x.min, 2),
        number::fixed(x.max, 2),
        all.len(),
        super::outcome_label(results, &calibration.outcome),
        partitions.iter().map(|partition| super::partition_label(results, partition)).collect::<Vec<_>>().join(", "),
    );
    Ok(Drawing {
        svg: canvas.finish(theme::FULL_WIDTH, height, &alternative_text),
        width: theme::FULL_WIDTH,
        height,
        alternative_text,
        data: data(calibration, results),
    })
}

/// Thresholds from zero to the highest; net benefits from a little below zero to the highest of any curve.
fn scales(calibration: &CalibrationAnalysis) -> (Scale, Scale) {
    let points = || calibration.rows.iter().flat_map(|row| &row.decision_curve);
    let right = points().map(|point| point.threshold).fold(0.0, f64::max);
    let highest = points().map(|point| point.net_benefit.max(point.treat_all)).filter(|value| value.is_finite());
    let highest = highest.fold(0.0, f64::max);
    let top = if highest > 0.0 { highest * 1.06 } else { 0.1 };
    // Up to the next tenth, so that the axis ends in a number.
    let right = if right > 0.0 { ((right * 10.0 - 1e-9).ceil() / 10.0).min(1.0) } else { 1.0 };
    (Scale::linear(0.0, right), Scale::linear(-0.2 * top, top))
}

fn title(results: &Results, calibration: &CalibrationAnalysis, partition: &str, index: usize, of: usize) -> Title {
    let row = calibration.rows.iter().find(|row| row.partition == partition);
    let note = row.map(|row| format!("n = {}, {} events", number::count(row.n), number::count(row.events)));
    Title {
        letter: (of > 1).then(|| key::letter(index)),
        text: super::partition_label(results, partition).to_string(),
        note: note.unwrap_or_default(),
    }
}

/// Every curve read at its points nearest to the tenths.
fn data(calibration: &CalibrationAnalysis, results: &Results) -> super::DataTable {
    let rows = calibration.rows.iter().flat_map(|row| {
        let nearest = |wanted: f64| {
            let distance = |point: &&NetBenefitFacts| (point.threshold - wanted).abs();
            row.decision_curve.iter().min_by(|a, b| distance(a).total_cmp(&distance(b)))
        };
        let mut points: Vec<&NetBenefitFacts> = (0..=10).filter_map(|tenth| nearest(f64::from(tenth) / 10.0)).collect();
        points.dedup();
        points.into_iter().map(|point| {
            vec![
                super::partition_label(results, &row.partition).to_string(),
                super::model_label(results, &row.model).to_string(),
                number::fixed(point.threshold, 2),
                number::fixed(point.net_benefit, 3),
                number::fixed(point.treat_all, 3),
            ]
        })
    });
    super::table(
        &["Set", "Model", "Threshold probability", "Net benefit", "Net benefit of treating all"],
        rows.collect(),
    )
}
