//! The study at a glance, drawn from what was done: data and cohort, split, predictors, models, evaluation, each a band
//! of boxes with an arrow to the next. Of more boxes than there is room for, the last says how many are not drawn.

use super::Drawing;
use super::canvas::{Canvas, Pen, Rect, Style, at};
use super::key::{self, Columns};
use crate::report::build::names::{list, metric};
use crate::report::number::{self, count};
use crate::report::theme::{self, Ink, size, stroke};
use crate::results::{Analysis, AnalysisOutcome, ModelFacts, Results};

const NAME: Style = Style::new(size::TITLE).strong();
const HEAD: Style = Style::new(size::LABEL).strong();
const BODY: Style = Style::new(size::SMALL);
const LINE: Pen = Pen::new(Ink::Axis, stroke::OUTLINE);
const PADDING: f64 = 5.0;
/// The column of the bands' names.
const NAMES: f64 = 84.0;
/// Between two bands, with the arrow.
const BETWEEN: f64 = 13.0;
/// So many boxes stand side by side.
const ABREAST: usize = 3;

/// A stage of the study.
struct Band {
    name: &'static str,
    boxes: Vec<Step>,
}

/// One box: what it is, and in a few words how.
struct Step {
    head: String,
    body: String,
}

/// How much is drawn: so many boxes of a band, so many lines of each text.
#[derive(Clone, Copy)]
struct Limits {
    boxes: usize,
    head: usize,
    body: usize,
}

/// From roomy to narrow; the first that fits a page is taken.
const LIMITS: [Limits; 5] = [
    Limits { boxes: 12, head: 3, body: 5 },
    Limits { boxes: 12, head: 2, body: 3 },
    Limits { boxes: 9, head: 2, body: 2 },
    Limits { boxes: 6, head: 2, body: 1 },
    Limits { boxes: 6, head: 1, body: 1 },
];

pub fn draw(results: &Results) -> Drawing {
    let bands: Vec<Band> = [data(results), split(results), predictors(results), models(results), evaluation(results)]
        .into_iter()
        .filter(|band| !band.boxes.is_empty())
        .collect();
    let mut chosen = (Canvas::default(), f64::INFINITY);
    for limits in LIMITS {
        let mut canvas = Canvas::default();
        let height = draw_bands(&mut canvas, &bands, limits);
        chosen = (canvas, height);
        if height <= theme::FULL_HEIGHT {
            break;
        }
    }
    let (canvas, height) = chosen;
    let told = bands.iter().map(|band| {
        let heads: Vec<&str> = band.boxes.iter().map(|step| step.head.as_str()).collect();
        format!("{}: {}", band.name, heads.join(", "))
    });
    let alternative_text = format!("Workflow of the study. {}.", told.collect::<Vec<_>>().join(". "));
    let rows = bands.iter().flat_map(|band| {
        band.boxes.iter().map(|step| vec![band.name.to_string(), step.head.clone(), step.body.clone()])
    });
    Drawing {
        svg: canvas.finish(theme::FULL_WIDTH, height, &alternative_text),
        width: theme::FULL_WIDTH,
        height,
        data: super::table(&["Stage", "Step", "How"], rows.collect()),
        alternative_text,
    }
}

/// A box as it is drawn.
struct Drawn {
    head: Vec<String>,
    body: Vec<String>,
}

impl Drawn {
    fn height(&self) -> f64 {
        self.head.len() as f64 * HEAD.line() + self.body.len() as f64 * BODY.line() + 2.0 * PADDING
    }
}

fn draw_bands(canvas: &mut Canvas, bands: &[Band], limits: Limits) -> f64 {
    let left = NAMES + 8.0;
    let room = theme::FULL_WIDTH - 0.5 - left - PADDING;
    let mut top = 0.5;
    for (index, band) in bands.iter().enumerate() {
        let steps = shown(&band.boxes, limits.boxes);
        let abreast = if steps.len() == 4 { 2 } else { steps.len().min(ABREAST) };
        let columns = Columns::over(room, abreast, 7.0);
        let drawn: Vec<Drawn> = steps
            .iter()
            .map(|step| {
                let inside = columns.width - 2.0 * PADDING;
                let body =
                    if step.body.is_empty() { Vec::new() } else { BODY.wrap_to(&step.body, inside, limits.body) };
                Drawn { head: HEAD.wrap_to(&step.head, inside, limits.head), body }
            })
            .collect();
        let heights: Vec<f64> =
            drawn.chunks(columns.count).map(|row| row.iter().map(Drawn::height).fold(0.0, f64::max)).collect();
        let inner: f64 = heights.iter().sum::<f64>() + 6.0 * (heights.len() as f64 - 1.0);
        let band_height = inner + 2.0 * PADDING;
        canvas.rect(&Rect { left: 0.0, top, width: theme::FULL_WIDTH, height: band_height }, Ink::Soft, None);
        let name = NAME.wrap(&format!("{}\u{2002}{}", key::letter(index), band.name), NAMES - PADDING);
        canvas.lines(at(PADDING + 1.0, top + PADDING + NAME.size), &name, NAME);
        let mut y = top + PADDING;
        for (row, height) in drawn.chunks(columns.count).zip(&heights) {
            for (at_column, step) in row.iter().enumerate() {
                let rect = Rect { left: left + columns.left(at_column), top: y, width: columns.width, height: *height };
                draw_box(canvas, &rect, step);
            }
            y += height + 6.0;
        }
        top += band_height;
        if index + 1 < bands.len() {
            let x = left + room / 2.0;
            let tip = at(x, top + BETWEEN - 1.0);
            canvas.line(at(x, top + 1.0), at(x, tip.y - 4.5), LINE);
            canvas.shape(&[at(x - 2.6, tip.y - 4.5), at(x + 2.6, tip.y - 4.5), tip], LINE.ink);
            top += BETWEEN;
        }
    }
    top + 0.5
}

/// The boxes, the last of which stands for those that are left out.
fn shown(boxes: &[Step], most: usize) -> Vec<Step> {
    let copy = |step: &Step| Step { head: step.head.clone(), body: step.body.clone() };
    if boxes.len() <= most {
        return boxes.iter().map(copy).collect();
    }
    let mut shown: Vec<Step> = boxes[..most - 1].iter().map(copy).collect();
    shown.push(step(format!("and {} more", count(boxes.len() - most + 1)), "listed in the HTML report"));
    shown
}

fn draw_box(canvas: &mut Canvas, rect: &Rect, step: &Drawn) {
    canvas.rect(rect, Ink::Paper, Some(LINE));
    let first = rect.top + PADDING + HEAD.line() / 2.0 + HEAD.drop();
    canvas.lines(at(rect.left + PADDING, first), &step.head, HEAD);
    let below = rect.top + PADDING + step.head.len() as f64 * HEAD.line() + BODY.line() / 2.0 + BODY.drop();
    canvas.lines(at(rect.left + PADDING, below), &step.body, BODY);
}

fn step(head: impl Into<String>, body: impl Into<String>) -> Step {
    Step { head: head.into(), body: body.into() }
}

fn data(results: &Results) -> Band {
    let mut boxes: Vec<Step> = results.inputs.iter().map(|input| step(&input.name, input.size(count))).collect();
    let flow = &results.cohort;
    let steps = match flow.steps.len() {
        0 => "no criterion".to_string(),
        1 => "1 step".to_string(),
        more => format!("{more} steps"),
    };
    let analysed = count(flow.analysed);
    boxes.push(step(
        "Eligibility",
        match flow.read {
            Some(read) => format!("{steps}; {analysed} of {} analysed", count(read)),
            None => format!("steps withheld; {analysed} analysed"),
        },
    ));
    Band { name: "Data and cohort", boxes }
}

fn split(results: &Results) -> Band {
    let boxes = super::parts(results).into_iter().map(|part| {
        let says = if part.says.is_empty() { String::new() } else { format!("; {}", part.says) };
        step(&part.label, format!("n = {}{says}", count(part.n)))
    });
    Band { name: "Split", boxes: boxes.collect() }
}

fn predictors(results: &Results) -> Band {
    let label = |name: &str| results.variable(name).map_or_else(|| name.to_string(), |variable| variable.label.clone());
    let mut candidates: Vec<&str> = Vec::new();
    for model in &results.models {
        let screened =
            model.selection.iter().flat_map(|selection| selection.screen.iter().map(|row| row.variable.as_str()));
        for name in screened.chain(model.predictors.iter().map(String::as_str)) {
            if !candidates.contains(&name) {
                candidates.push(name);
            }
        }
    }
    let mut boxes = Vec::new();
    if !candidates.is_empty() {
        let labels: Vec<String> = candidates.iter().map(|name| label(name)).collect();
        boxes.push(step(format!("{} candidates", candidates.len()), labels.join(", ")));
    }
    for model in &results.models {
        let Some(selection) = &model.selection else { continue };
        let kept: Vec<String> = selection.selected.iter().map(|name| label(name)).collect();
        let says = selection.says.trim_end_matches('.');
        boxes.push(step(format!("Selection for {}", model.label), format!("{says}. Kept: {}", kept.join(", "))));
    }
    Band { name: "Predictors", boxes }
}

fn models(results: &Results) -> Band {
    let several = results.outcomes.len() > 1;
    let about = |model: &ModelFacts| {
        let mut parts = vec![kind(&model.kind)];
        if !model.predictors.is_empty() {
            let noun = if model.predictors.len() == 1 { "predictor" } else { "predictors" };
            parts.push(format!("{} {noun}", model.predictors.len()));
        }
        if several {
            parts.push(format!("of {}", super::outcome_label(results, &model.outcome)));
        }
        parts.join(", ")
    };
    Band { name: "Models", boxes: results.models.iter().map(|model| step(&model.label, about(model))).collect() }
}

/// The kind of a model in words; one without words of its own is called as the spec calls it.
fn kind(kind: &str) -> String {
    match kind {
        "logistic" => "Logistic regression".to_string(),
        "svm" => "Support vector machine".to_string(),
        "forest" => "Random forest".to_string(),
        "network" => "Neural network".to_string(),
        "onnx" => "ONNX model".to_string(),
        "scores" => "Score from the data".to_string(),
        other => super::capitalised(&other.replace('_', " ")),
    }
}

fn evaluation(results: &Results) -> Band {
    let boxes: Vec<Step> = results.analyses.iter().map(|analysis| evaluated(analysis, results)).collect();
    // Boxes that would read alike, or say nothing, are told apart by where the report shows them.
    let alike = |step: &Step| boxes.iter().filter(|other| other.head == step.head && other.body == step.body).count();
    let told: Vec<Step> = results
        .analyses
        .iter()
        .zip(&boxes)
        .map(|(analysis, this)| {
            let exhibits = exhibits(&analysis.id, results);
            match (this.body.is_empty(), alike(this) > 1 && !exhibits.is_empty()) {
                (true, _) => step(this.head.as_str(), exhibits),
                (false, true) => step(this.head.as_str(), format!("{}; {exhibits}", this.body)),
                (false, false) => step(this.head.as_str(), this.body.as_str()),
            }
        })
        .collect();
    Band { name: "Evaluation", boxes: told }
}

/// "Table 1, Figure S2": what the report shows of an analysis.
fn exhibits(id: &str, results: &Results) -> String {
    let shown = results.layout.iter().filter(|item| item.of.as_deref() == Some(id) && !item.label.is_empty());
    shown.map(|item| item.label.as_str()).collect::<Vec<_>>().join(", ")
}

fn evaluated(analysis: &Analysis, results: &Results) -> Step {
    let outcome = |id: &str| super::outcome_label(results, id).to_string();
    let model = |id: &str| super::model_label(results, id).to_string();
    let set = |id: &str| super::partition_label(results, id).to_string();
    let variables = |names: &[String]| {
        let label = |name: &String| results.variable(name).map_or_else(|| name.clone(), |facts| facts.label.clone());
        list(&names.iter().map(label).collect::<Vec<_>>())
    };
    match &analysis.outcome {
        AnalysisOutcome::BaselineTable(table) => step("Baseline table", format!("by {}", outcome(&table.outcome))),
        AnalysisOutcome::SetComparison(compared) => {
            step("Comparison of sets", format!("{} with {}", set(&compared.first), set(&compared.second)))
        }
        AnalysisOutcome::Performance(performance) => {
            let mut what = vec!["AUC".to_string()];
            what.extend(performance.metrics.iter().map(|facts| metric(&facts.label)));
            let rule =
                performance.thresholds.first().map_or(String::new(), |facts| format!("; threshold: {}", facts.rule));
            step(format!("Performance for {}", outcome(&performance.outcome)), format!("{}{rule}", what.join(", ")))
        }
        AnalysisOutcome::Comparison(comparison) => {
            step("Comparison of AUCs", format!("each model with {}", model(&comparison.reference)))
        }
        AnalysisOutcome::MetricComparison(comparison) => {
            step("Comparison of calls at thresholds", format!("each model with {}", model(&comparison.reference)))
        }
        AnalysisOutcome::PartitionComparison(compared) => {
            step("Comparison of AUCs between sets", format!("{} with {}", set(&compared.first), set(&compared.second)))
        }
        AnalysisOutcome::Reclassification(analysis) => {
            step("Reclassification", format!("by {} against {}", model(&analysis.new), model(&analysis.old)))
        }
        AnalysisOutcome::Subgroups(subgroups) => step(
            format!("Subgroups for {}", outcome(&subgroups.outcome)),
            format!("by {}, in {}", variables(&subgroups.variables), set(&subgroups.partition)),
        ),
        AnalysisOutcome::Calibration(calibration) => {
            step("Calibration and net benefit", format!("of predicted risk of {}", outcome(&calibration.outcome)))
        }
        AnalysisOutcome::SurvivalPerformance(performance) => {
            let unit = results.outcome(&performance.outcome).and_then(|facts| facts.time_unit.as_deref());
            let by = number::time(performance.horizon, unit.unwrap_or("time units"));
            let with_risk = performance.rows.iter().any(|row| row.expected.is_some());
            let what = if with_risk {
                format!("discrimination, calibration, Brier score and net benefit by {by}")
            } else {
                "discrimination".to_string()
            };
            step(format!("Performance for {}", outcome(&performance.outcome)), what)
        }
        AnalysisOutcome::KaplanMeier(survival) => {
            step(format!("{} by group", outcome(&survival.outcome)), survival.grouped_by.clone())
        }
        AnalysisOutcome::CumulativeIncidence(incidence) => {
            step(format!("Cumulative incidence of {}", outcome(&incidence.outcome)), incidence.grouped_by.clone())
        }
        AnalysisOutcome::Cox(cox) => {
            step(format!("Cox regression of {}", outcome(&cox.outcome)), format!("ties: {}", cox.ties))
        }
        AnalysisOutcome::FineGray(analysis) => step(
            format!("Fine-Gray regression of {}", outcome(&analysis.outcome)),
            format!("competing: {}", list(&analysis.competing.iter().map(|id| outcome(id)).collect::<Vec<_>>())),
        ),
        AnalysisOutcome::Regression(regression) => step(
            format!("Logistic regression of {}", outcome(&regression.outcome)),
            format!("in {}", set(&regression.partition)),
        ),
        AnalysisOutcome::Optimism(optimism) => step(
            "Correction for optimism",
            format!("{} bootstrap samples, for {}", count(optimism.replicates), outcome(&optimism.outcome)),
        ),
        AnalysisOutcome::Agreement(agreement) => step("Agreement", format!("of {}", variables(&agreement.ratings))),
        AnalysisOutcome::Planning(planning) => step("Sample size", format!("for {}", outcome(&planning.outcome))),
        AnalysisOutcome::Characteristics(_) => step("Characteristics", ""),
        AnalysisOutcome::NotComputed { declared, .. } => step(declared, "not computed"),
    }
}
