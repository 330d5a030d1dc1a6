//! Learning curves: loss and AUC over the epochs of training, a column of panels per network, with the epoch whose weights
//! were kept.

use super::canvas::{Canvas, Pen, Rect, Style, Value, at};
use super::key::{self, Columns, Entry, Key, Title};
use super::panel::{self, BELOW_NAME, Panel, Scale};
use super::{Drawing, FigureError};
use crate::report::theme::{self, Ink, size, stroke};
use crate::results::{EpochFacts, ModelFacts, NetworkFacts, Results};

const GAP: f64 = 16.0;
const ABREAST: usize = 3;
const NOTE: Style = Style::new(size::SMALL).ink(Ink::Muted);

/// One of the two rows of panels.
#[derive(Clone, Copy, PartialEq)]
enum Measure {
    Loss,
    Auc,
}

impl Measure {
    fn name(self) -> &'static str {
        match self {
            Measure::Loss => "Cross-entropy",
            Measure::Auc => "AUC",
        }
    }

    fn training(self, epoch: &EpochFacts) -> Option<f64> {
        match self {
            Measure::Loss => Some(epoch.training_loss),
            Measure::Auc => epoch.training_auc,
        }
    }

    fn validation(self, epoch: &EpochFacts) -> Option<f64> {
        match self {
            Measure::Loss => epoch.validation_loss,
            Measure::Auc => epoch.validation_auc,
        }
    }
}

pub fn draw(results: &Results) -> Result<Drawing, FigureError> {
    let trained: Vec<(&ModelFacts, &NetworkFacts)> = results
        .models
        .iter()
        .filter_map(|model| Some((model, model.network.as_ref()?)))
        .filter(|(_, network)| !network.history.is_empty())
        .collect();
    if trained.is_empty() {
        return Err(FigureError::NoNetwork("no network was trained"));
    }
    let columns_abreast = trained.len().clamp(2, ABREAST);
    let axis = panel::ticks(Scale::linear(0.0, 1.0), 5);
    let gutter = panel::left_room(&axis, "Cross-entropy");
    let columns = Columns::over(theme::FULL_WIDTH, columns_abreast, GAP);
    let width = columns.width - gutter - 4.0;
    let height = (width * 0.72).min(120.0);
    let mut canvas = Canvas::default();
    let mut top = 1.0;
    for row in trained.chunks(columns_abreast) {
        let title = |index: usize| {
            let (model, network) = row[index];
            let kept = network.best_epoch.map(|epoch| format!("kept: epoch {epoch} of {}", network.history.len()));
            Title { letter: None, text: model.label.clone(), note: kept.unwrap_or_default() }
        };
        let head = (0..row.len()).map(|index| title(index).height(columns.width)).fold(0.0, f64::max);
        for measure in [Measure::Loss, Measure::Auc] {
            // Panels of a row share one scale.
            let scale = scale(measure, row);
            let above = if measure == Measure::Loss { head } else { 4.0 };
            for (index, (model, network)) in row.iter().enumerate() {
                let left = columns.left(index);
                if measure == Measure::Loss {
                    title(index).draw(&mut canvas, left, top, columns.width);
                }
                let frame = Rect { left: left + gutter, top: top + above, width, height };
                draw_panel(&mut canvas, frame, scale, measure, &model.label, network)?;
            }
            top += above + height + BELOW_NAME + 8.0;
        }
    }
    let entries = vec![
        Entry {
            pen: key::series_pen(0),
            text: "Training (loss on varied images, AUC on images as they are)".to_string(),
        },
        Entry { pen: key::series_pen(1), text: "Validation".to_string() },
    ];
    let keys = Key::rows(entries, theme::FULL_WIDTH);
    keys.draw(&mut canvas, 0.0, top);
    top += keys.height + NOTE.line();
    canvas.note(at(0.0, top), &["Upright line: the epoch whose weights were kept.".to_string()], NOTE);
    let alternative_text = describe(&trained);
    Ok(Drawing {
        svg: canvas.finish(theme::FULL_WIDTH, top + 4.0, &alternative_text),
        width: theme::FULL_WIDTH,
        height: top + 4.0,
        data: data(&trained),
        alternative_text,
    })
}

fn scale(measure: Measure, row: &[(&ModelFacts, &NetworkFacts)]) -> Scale {
    if measure == Measure::Auc {
        return Scale::linear(0.0, 1.0);
    }
    let epochs = row.iter().flat_map(|(_, network)| &network.history);
    let values = epochs.flat_map(|epoch| [measure.training(epoch), measure.validation(epoch)]).flatten();
    Scale::linear(0.0, (values.fold(0.0, f64::max) * 1.05).max(0.1))
}

fn draw_panel(
    canvas: &mut Canvas,
    frame: Rect,
    scale: Scale,
    measure: Measure,
    label: &str,
    network: &NetworkFacts,
) -> Result<(), FigureError> {
    let last = network.history.len().max(2) as f64;
    let epochs = Scale::linear(1.0, last);
    let panel = Panel { frame, x: epochs, y: scale };
    let y_ticks = panel::ticks(scale, 4);
    panel.open(canvas, label);
    panel.grid(canvas, &y_ticks);
    if let Some(best) = network.best_epoch.filter(|best| epochs.holds(*best as f64)) {
        let pen = Pen::new(Ink::Axis, stroke::AXIS).dashed(&[2.0, 2.0]);
        canvas.line(panel.at(best as f64, scale.min), panel.at(best as f64, scale.max), pen);
    }
    type Read = fn(Measure, &EpochFacts) -> Option<f64>;
    let series: [(usize, &str, Read); 2] = [(0, "Training", Measure::training), (1, "Validation", Measure::validation)];
    for (index, name, read) in series {
        let points: Vec<(f64, f64)> =
            network.history.iter().filter_map(|epoch| Some((epoch.epoch as f64, read(measure, epoch)?))).collect();
        if !points.is_empty() {
            panel.curve(canvas, &points, key::series_pen(index), &Value::new(format!("{label}: {name}"), ""))?;
        }
    }
    panel.bottom_axis(canvas, &panel::ticks(epochs, 4), "Epoch");
    panel.left_axis(canvas, &y_ticks, measure.name());
    canvas.close();
    Ok(())
}

fn describe(trained: &[(&ModelFacts, &NetworkFacts)]) -> String {
    let parts: Vec<String> = trained
        .iter()
        .map(|(model, network)| {
            let (first, last) = (network.history.first(), network.history.last());
            let loss = |epoch: Option<&EpochFacts>| epoch.map_or(0.0, |epoch| epoch.training_loss);
            format!(
                "{}: training loss from {:.3} to {:.3} in {} epochs",
                model.label,
                loss(first),
                loss(last),
                network.history.len()
            )
        })
        .collect();
    format!("Learning curves. {}.", parts.join("; "))
}

fn data(trained: &[(&ModelFacts, &NetworkFacts)]) -> crate::report::document::DataTable {
    let columns = ["Network", "Epoch", "Training loss", "Validation loss", "Training AUC", "Validation AUC"];
    let optional = |value: Option<f64>| value.map(|value| format!("{value:.4}")).unwrap_or_default();
    let rows = trained.iter().flat_map(|(model, network)| {
        network.history.iter().map(|epoch| {
            vec![
                model.label.clone(),
                epoch.epoch.to_string(),
                format!("{:.4}", epoch.training_loss),
                optional(epoch.validation_loss),
                optional(epoch.training_auc),
                optional(epoch.validation_auc),
            ]
        })
    });
    super::table(&columns, rows.collect())
}
