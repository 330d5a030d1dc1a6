//! Where networks look: heat maps over the images of single subjects, and averages by outcome class.

use super::canvas::{Canvas, Rect, Style, at, coordinate, escape};
use super::{Drawing, FigureError};
use crate::model::explain::overlay::colour;
use crate::report::build::names::distinct;
use crate::report::theme::{self, Ink, size};
use crate::results::{ExplanationFacts, NetworkMaps, Results};

const GAP: f64 = 8.0;
const HEAD: Style = Style::new(size::TITLE).strong();
const LABEL: Style = Style::new(size::SMALL);
const NOTE: Style = Style::new(size::SMALL).ink(Ink::Muted);
/// The widest picture.
const SIDE: f64 = 100.0;
const ABREAST: usize = 4;

fn explanation(results: &Results) -> Result<&ExplanationFacts, FigureError> {
    results.explanation.as_ref().ok_or(FigureError::NoNetwork("the study asks for no explanation"))
}

/// "Fusion: DLR 100 keV": the model, and the network in it where it has several.
fn name(results: &Results, maps: &NetworkMaps) -> String {
    let model = super::model_label(results, &maps.model);
    if maps.model == maps.network {
        return model.to_string();
    }
    format!("{model}: {}", super::model_label(results, &maps.network))
}

/// A row of pictures per network: the image and the same image under its heat map, of one subject per level.
pub fn heat_maps(results: &Results) -> Result<Drawing, FigureError> {
    let explanation = explanation(results)?;
    let shown: Vec<&NetworkMaps> = explanation.maps.iter().filter(|maps| !maps.patients.is_empty()).collect();
    let most = shown.iter().map(|maps| maps.patients.len()).max().unwrap_or(0);
    if most == 0 {
        return Err(FigureError::NoNetwork(
            "images of single subjects are shown only where `explain: {show_patients: true}`",
        ));
    }
    let abreast = most.min(ABREAST);
    // Over and below a pair of pictures; all rows share a page.
    let around = HEAD.line() + 4.0 + 2.0 * LABEL.line() + 2.0 + 3.0 + 8.0;
    let rows_of_pictures: usize = shown.iter().map(|maps| maps.patients.len().div_ceil(abreast)).sum();
    let room = ((theme::FULL_HEIGHT - 40.0) / rows_of_pictures as f64 - around) / 2.0;
    let side = ((theme::FULL_WIDTH - GAP * (abreast - 1) as f64) / abreast as f64).min(SIDE).min(room).max(24.0);
    let step = ((theme::FULL_WIDTH - side) / (abreast.max(2) - 1) as f64).min(SIDE + GAP);
    let mut canvas = Canvas::default();
    let mut top = 1.0;
    let mut rows = Vec::new();
    for maps in &shown {
        canvas.text(at(0.0, top + HEAD.size), &name(results, maps), HEAD);
        top += HEAD.line() + 4.0;
        for part in maps.patients.chunks(abreast) {
            for (index, patient) in part.iter().enumerate() {
                let left = index as f64 * step;
                let class = class_label(results, maps, patient.positive);
                let text = format!("{}, {class}, predicted {:.2}", patient.level, patient.predicted);
                let lines = LABEL.wrap_to(&text, step - GAP, 2);
                canvas.lines(at(left, top + LABEL.size), &lines, LABEL);
                let under = top + 2.0 * LABEL.line() + 2.0;
                for (offset, png, what) in [(0.0, &patient.image, "image"), (side + 3.0, &patient.overlay, "heat map")]
                {
                    let frame = Rect { left, top: under + offset, width: side, height: side };
                    picture(&mut canvas, &frame, png, &format!("{} {what}", patient.level));
                }
                rows.push(vec![name(results, maps), patient.level.clone(), class, format!("{:.4}", patient.predicted)]);
            }
            top += 2.0 * LABEL.line() + 2.0 + 2.0 * side + 3.0 + 8.0;
        }
    }
    let by = explanation.by.as_deref().and_then(|name| results.variable(name)).map(|variable| variable.label.clone());
    let models = distinct(shown.iter().map(|maps| maps.model.as_str()));
    let highest = match models.len() {
        1 => "the subject with the highest predicted probability",
        _ => "the subject with the highest mean of the models’ predicted probabilities, the same for every model",
    };
    let chosen = by.map_or(highest.to_string(), |by| format!("per level of “{by}”, {highest}"));
    let note = format!(
        "Grad-CAM of the predicted probability, {}: {chosen}. Bright: raises the probability; each map is scaled to its own hottest place.",
        super::partition_label(results, &explanation.partition)
    );
    finish(canvas, top, &note, &["Model", "Level", "Outcome", "Predicted"], rows)
}

/// Mean feature map and mean heat map of each outcome class, a row per network.
pub fn feature_maps(results: &Results) -> Result<Drawing, FigureError> {
    let explanation = explanation(results)?;
    let shown: Vec<&NetworkMaps> = explanation.maps.iter().filter(|maps| !maps.classes.is_empty()).collect();
    if shown.is_empty() {
        return Err(FigureError::NoNetwork("no outcome class has enough subjects for an average"));
    }
    let around = HEAD.line() + 4.0 + 2.0 * LABEL.line() + 2.0 + 8.0;
    let side = ((theme::FULL_HEIGHT - 50.0) / shown.len() as f64 - around).clamp(24.0, 74.0);
    let mut canvas = Canvas::default();
    let mut top = 1.0;
    let mut rows = Vec::new();
    for maps in &shown {
        canvas.text(at(0.0, top + HEAD.size), &name(results, maps), HEAD);
        top += HEAD.line() + 4.0;
        type Read = fn(&crate::results::ClassMaps) -> &[f64];
        let kinds: [(&str, Read); 2] =
            [("mean feature map", |class| &class.activation), ("mean heat map", |class| &class.heat)];
        let mut column = 0;
        for (kind, read) in kinds {
            // Both classes on one scale.
            let values = || maps.classes.iter().flat_map(|class| read(class).iter().copied());
            let lowest = values().fold(f64::INFINITY, f64::min);
            let highest = values().fold(f64::NEG_INFINITY, f64::max);
            for class in &maps.classes {
                let left = column as f64 * (theme::FULL_WIDTH / 4.0);
                let label = class_label(results, maps, class.positive);
                let lines =
                    LABEL.wrap_to(&format!("{label} (n = {}), {kind}", class.n), theme::FULL_WIDTH / 4.0 - GAP, 2);
                canvas.lines(at(left, top + LABEL.size), &lines, LABEL);
                let frame = Rect { left, top: top + 2.0 * LABEL.line() + 2.0, width: side, height: side };
                grid(&mut canvas, &frame, read(class), maps, lowest, highest);
                let values = read(class).iter().map(|value| format!("{value:.6}")).collect::<Vec<_>>().join(" ");
                rows.push(vec![name(results, maps), kind.to_string(), label, class.n.to_string(), values]);
                column += 1;
            }
        }
        top += 2.0 * LABEL.line() + 2.0 + side + 8.0;
    }
    let note = format!(
        "{}. Feature map: the mean over the last feature maps of the network and over subjects. Heat map: Grad-CAM, mean over subjects. Dark is low, bright is high; both classes of a pair are on one scale.",
        super::partition_label(results, &explanation.partition)
    );
    finish(canvas, top, &note, &["Model", "Map", "Outcome", "n", "Values, row by row"], rows)
}

fn class_label(results: &Results, maps: &NetworkMaps, positive: bool) -> String {
    let outcome = results.model(&maps.model).and_then(|model| results.outcome(&model.outcome));
    let label = outcome
        .and_then(|outcome| if positive { outcome.positive_label.clone() } else { outcome.negative_label.clone() });
    label.unwrap_or_else(|| if positive { "with the event" } else { "without the event" }.to_string())
}

fn picture(canvas: &mut Canvas, frame: &Rect, png: &str, label: &str) {
    canvas.raw(&format!(
        "<image role=\"img\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" aria-label=\"{}\" href=\"data:image/png;base64,{png}\"/>\n",
        coordinate(frame.left),
        coordinate(frame.top),
        coordinate(frame.width),
        coordinate(frame.height),
        escape(label)
    ));
}

/// One box per place of a map.
fn grid(canvas: &mut Canvas, frame: &Rect, values: &[f64], maps: &NetworkMaps, lowest: f64, highest: f64) {
    let (width, height) = (frame.width / maps.columns.max(1) as f64, frame.height / maps.rows.max(1) as f64);
    for (place, value) in values.iter().enumerate() {
        let share = if highest > lowest { (value - lowest) / (highest - lowest) } else { 0.0 };
        let [red, green, blue] = colour(share);
        canvas.raw(&format!(
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"#{red:02X}{green:02X}{blue:02X}\"/>\n",
            coordinate(frame.left + (place % maps.columns) as f64 * width),
            coordinate(frame.top + (place / maps.columns) as f64 * height),
            // Boxes meet without a seam.
            coordinate(width + 0.2),
            coordinate(height + 0.2)
        ));
    }
}

/// Which colour is how much, from the least to the most of each map's own scale. Returns how high it is.
fn colour_scale(canvas: &mut Canvas, top: f64) -> f64 {
    const STEPS: usize = 40;
    let (low, high) = ("lowest", "highest");
    let left = LABEL.width(low) + 5.0;
    let (width, height) = (120.0, 7.0);
    let step = width / STEPS as f64;
    for at_step in 0..STEPS {
        let [red, green, blue] = colour((at_step as f64 + 0.5) / STEPS as f64);
        canvas.raw(&format!(
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"#{red:02X}{green:02X}{blue:02X}\"/>\n",
            coordinate(left + at_step as f64 * step),
            coordinate(top),
            coordinate(step + 0.2),
            coordinate(height)
        ));
    }
    let baseline = top + height / 2.0 + LABEL.drop();
    canvas.text(at(0.0, baseline), low, LABEL);
    canvas.text(at(left + width + 5.0, baseline), high, LABEL);
    height + 6.0
}

fn finish(
    mut canvas: Canvas,
    top: f64,
    note: &str,
    columns: &[&str],
    rows: Vec<Vec<String>>,
) -> Result<Drawing, FigureError> {
    let top = top + colour_scale(&mut canvas, top);
    let lines = NOTE.wrap(note, theme::FULL_WIDTH);
    canvas.note(at(0.0, top + NOTE.size), &lines, NOTE);
    let height = top + lines.len() as f64 * NOTE.line() + 4.0;
    let alternative_text = format!("{} pictures. {note}", rows.len());
    Ok(Drawing {
        svg: canvas.finish(theme::FULL_WIDTH, height, &alternative_text),
        width: theme::FULL_WIDTH,
        height,
        alternative_text,
        data: super::table(columns, rows),
    })
}
