//! From the rows that were read to the parts that are analysed: what is left after each step in the middle, what left
//! and why on the right, the parts with their events at the bottom. Boxes are as high as their wrapped texts.

use super::Drawing;
use super::canvas::{Canvas, Pen, Point, Rect, Style, at};
use super::key::Columns;
use crate::report::number;
use crate::report::theme::{self, Ink, size, stroke};
use crate::results::{AttritionKind, AttritionStep, CohortFlow, OutcomeKind, PartitionFacts, Results};

const TEXT: Style = Style::new(size::LABEL);
const STRONG: Style = Style::new(size::LABEL).strong();
const SMALL: Style = Style::new(size::SMALL).ink(Ink::Muted);
/// Below the drawing.
const NOTE: Style = Style::new(size::LABEL);
const LINE: Pen = Pen::new(Ink::Axis, stroke::OUTLINE);
const PADDING: f64 = 6.0;
/// Between text and outline of a box where there are many steps.
const TIGHT: f64 = 3.0;
const MAIN_WIDTH: f64 = 190.0;
const SIDE_LEFT: f64 = 232.0;
/// More steps than this are drawn without a box for what remains: the number stands beside the line.
const WITH_BOXES: usize = 7;
/// The part that comes from a file of its own.
const EXTERNAL: &str = "external";
/// So many parts stand side by side.
const ABREAST: usize = 4;

/// A line of text and how it is set.
struct Line {
    text: String,
    style: Style,
}

fn lines(text: &str, style: Style, room: f64) -> Vec<Line> {
    style.wrap(text, room).into_iter().map(|text| Line { text, style }).collect()
}

fn height_of(lines: &[Line], padding: f64) -> f64 {
    lines.iter().map(|line| line.style.line()).sum::<f64>() + 2.0 * padding
}

/// A box with its lines of text, centred or from the left.
fn draw_box(canvas: &mut Canvas, rect: &Rect, lines: &[Line], centred: bool, fill: Ink) {
    canvas.rect(rect, fill, Some(LINE));
    let mut y = rect.top + (rect.height - height_of(lines, 0.0)).min(2.0 * PADDING) / 2.0;
    for line in lines {
        let baseline = y + line.style.line() / 2.0 + line.style.drop();
        if centred {
            canvas.text(at(rect.centre_x(), baseline), &line.text, line.style.middle());
        } else {
            canvas.text(at(rect.left + PADDING + 1.0, baseline), &line.text, line.style);
        }
        y += line.style.line();
    }
}

/// A line that ends in an arrow head.
fn arrow(canvas: &mut Canvas, from: Point, to: Point) {
    let (length, half) = (4.5, 2.2);
    let head = if from.x == to.x {
        [at(to.x - half, to.y - length), at(to.x + half, to.y - length), to]
    } else {
        [at(to.x - length, to.y - half), at(to.x - length, to.y + half), to]
    };
    let stop = if from.x == to.x { at(to.x, to.y - length) } else { at(to.x - length, to.y) };
    canvas.line(from, stop, LINE);
    canvas.shape(&head, LINE.ink);
}

/// What the box beside a step says.
fn excluded(step: &AttritionStep, room: f64) -> Vec<Line> {
    let head = match step.kind {
        AttritionKind::Inclusion => format!("Not included (n = {})", number::count(step.excluded)),
        AttritionKind::Exclusion => format!("Excluded (n = {})", number::count(step.excluded)),
        AttritionKind::Missing => format!("Excluded for missing values (n = {})", number::count(step.excluded)),
    };
    let text = match step.kind {
        AttritionKind::Inclusion => format!("Did not meet: {}", step.says),
        AttritionKind::Exclusion | AttritionKind::Missing => step.says.clone(),
    };
    let mut all = lines(&head, STRONG, room);
    all.extend(lines(&text, TEXT, room));
    all
}

pub fn draw(results: &Results) -> Drawing {
    let (external, parts): (Vec<&PartitionFacts>, Vec<&PartitionFacts>) =
        super::parts(results).into_iter().partition(|part| part.id == EXTERNAL);
    let mut canvas = Canvas::default();
    let mut bottom = draw_flow(&mut canvas, results, &results.cohort, "Rows read", &parts, at(0.5, 0.5));
    if let Some(cohort) = &results.external {
        let head = format!("Rows read: {}", cohort.label);
        // Flows without a step have nothing on their right, and stand beside each other.
        let narrow = |flow: &CohortFlow, parts: &[&PartitionFacts]| flow.steps.is_empty() && parts.len() < 2;
        let beside = narrow(&results.cohort, &parts) && narrow(&cohort.flow, &external);
        let corner = if beside { at(SIDE_LEFT + 30.0, 0.5) } else { at(0.5, bottom + 20.0) };
        bottom = draw_flow(&mut canvas, results, &cohort.flow, &head, &external, corner).max(bottom);
    }
    finish(canvas, results, &parts, &external, bottom)
}

/// One file's flow from its upper left corner down. Returns where it ends.
fn draw_flow(
    canvas: &mut Canvas,
    results: &Results,
    cohort: &CohortFlow,
    head: &str,
    parts: &[&PartitionFacts],
    corner: Point,
) -> f64 {
    let (left, top) = (corner.x, corner.y);
    let axis = left + MAIN_WIDTH / 2.0;
    let main = |top: f64, lines: &[Line]| Rect { left, top, width: MAIN_WIDTH, height: height_of(lines, PADDING) };
    let room = MAIN_WIDTH - 2.0 * PADDING;
    let with_boxes = cohort.steps.len() <= WITH_BOXES;

    let mut first = lines(head, STRONG, room);
    first.push(Line { text: read_of(cohort), style: TEXT });
    let rect = main(top, &first);
    draw_box(canvas, &rect, &first, true, Ink::Soft);
    let mut bottom = rect.bottom();
    for (index, step) in cohort.steps.iter().enumerate() {
        let side_width = theme::FULL_WIDTH - 0.5 - SIDE_LEFT;
        let side = excluded(step, side_width - 2.0 * PADDING - 1.0);
        let height = height_of(&side, if with_boxes { PADDING } else { TIGHT });
        let top = bottom + if with_boxes { 7.0 } else { 4.0 };
        let middle = top + height / 2.0;
        arrow(canvas, at(axis, middle), at(SIDE_LEFT, middle));
        draw_box(canvas, &Rect { left: SIDE_LEFT, top, width: side_width, height }, &side, false, Ink::Paper);
        let end = top + height + if with_boxes { 9.0 } else { 1.0 };
        if index + 1 == cohort.steps.len() {
            arrow(canvas, at(axis, bottom), at(axis, end.max(bottom + 14.0)));
            bottom = end.max(bottom + 14.0);
        } else if with_boxes {
            arrow(canvas, at(axis, bottom), at(axis, end));
            let left = vec![Line { text: format!("n = {}", number::count(step.remaining)), style: TEXT }];
            let rect = main(end, &left);
            draw_box(canvas, &rect, &left, true, Ink::Paper);
            bottom = rect.bottom();
        } else {
            canvas.line(at(axis, bottom), at(axis, end), LINE);
            let text = format!("n = {}", number::count(step.remaining));
            canvas.text(at(axis - 6.0, end + 3.0), &text, SMALL.end());
            bottom = end;
        }
    }
    if cohort.steps.is_empty() {
        arrow(canvas, at(axis, bottom), at(axis, bottom + 18.0));
        bottom += 18.0;
    }
    let mut last = lines("Analysed", STRONG, room);
    last.push(Line { text: format!("n = {}", number::count(cohort.analysed)), style: TEXT });
    let rect = main(bottom, &last);
    draw_box(canvas, &rect, &last, true, Ink::Soft);
    bottom = rect.bottom();

    match parts {
        [] => bottom,
        // A lone part stands straight below.
        [part] => {
            let lines = part_lines(results, part, room);
            let rect = main(bottom + 18.0, &lines);
            arrow(canvas, at(axis, bottom), at(axis, rect.top));
            draw_box(canvas, &rect, &lines, true, Ink::Paper);
            rect.bottom()
        }
        parts => draw_parts(canvas, results, parts, axis, bottom),
    }
}

/// Notes below the flows, and the finished figure.
fn finish(
    mut canvas: Canvas,
    results: &Results,
    parts: &[&PartitionFacts],
    external: &[&PartitionFacts],
    bottom: f64,
) -> Drawing {
    let cohort = &results.cohort;
    let mut notes = Vec::new();
    if parts.iter().any(|part| !part.outcomes.is_empty()) {
        notes
            .push("Beside each outcome: the subjects who have it, or whose event was seen (% of the set).".to_string());
    }
    notes.extend(cohort.dropped_variables.iter().map(|dropped| {
        let label = results.variable(&dropped.variable).map_or(dropped.variable.as_str(), |variable| &variable.label);
        match dropped.part(number::count, number::percent) {
            Some(part) => format!("Variable dropped: {label}, missing in {part}."),
            None => format!("Variable dropped: {label}; how many values are missing is withheld."),
        }
    }));
    if cohort.read.is_none() {
        notes.push("How many subjects were read, and why some left, is withheld: they are few.".to_string());
    }
    let wrapped: Vec<String> = notes.iter().flat_map(|note| NOTE.wrap(note, theme::FULL_WIDTH)).collect();
    canvas.note(at(0.5, bottom + 6.0 + NOTE.size), &wrapped, NOTE);
    let height = bottom + if wrapped.is_empty() { 1.0 } else { 9.0 + wrapped.len() as f64 * NOTE.line() };
    let alternative_text = describe(results, parts, external);
    Drawing {
        svg: canvas.finish(theme::FULL_WIDTH, height, &alternative_text),
        width: theme::FULL_WIDTH,
        height,
        alternative_text,
        data: data(results, parts, external),
    }
}

/// The box of one part: its name, its size, its events and how its subjects came to be in it.
fn part_lines(results: &Results, part: &PartitionFacts, room: f64) -> Vec<Line> {
    let mut all = lines(&part.label, STRONG, room);
    all.extend(lines(&format!("n = {}", number::count(part.n)), TEXT, room));
    for outcome in &part.outcomes {
        let label = counted(results, &outcome.outcome);
        let share = if part.n == 0 {
            String::new()
        } else {
            format!(" ({}%)", number::percent(outcome.events as f64 / part.n as f64))
        };
        all.extend(lines(&format!("{label}: {}{share}", number::count(outcome.events)), TEXT, room));
    }
    if !part.says.is_empty() {
        all.extend(lines(&super::capitalised(&part.says), SMALL, room));
    }
    all
}

/// What the count beside an outcome is of: "Overall survival, events", for those who died and not those who lived.
fn counted(results: &Results, outcome: &str) -> String {
    let label = super::outcome_label(results, outcome);
    let survival = results.outcome(outcome).is_some_and(|facts| facts.kind == OutcomeKind::Survival);
    if survival { format!("{label}, events") } else { label.to_string() }
}

/// The parts in rows; from the box above, a line to each. Returns where they end.
fn draw_parts(canvas: &mut Canvas, results: &Results, parts: &[&PartitionFacts], axis: f64, top: f64) -> f64 {
    let several_rows = parts.len() > ABREAST;
    // Further rows hang on a line that comes down at the left edge.
    let left = if several_rows { 14.0 } else { 0.5 };
    let columns = Columns::over(theme::FULL_WIDTH - 0.5 - left, parts.len().min(ABREAST), 12.0);
    let mut bottom = top;
    for (row, parts) in parts.chunks(columns.count).enumerate() {
        let texts: Vec<Vec<Line>> =
            parts.iter().map(|part| part_lines(results, part, columns.width - 2.0 * PADDING)).collect();
        let height = texts.iter().map(|lines| height_of(lines, PADDING)).fold(0.0, f64::max);
        let bus = bottom + 11.0;
        let boxes = bus + 13.0;
        let centre = |index: usize| left + columns.left(index) + columns.width / 2.0;
        let from = if several_rows { 4.0 } else { axis.min(centre(0)) };
        canvas.line(at(from, bus), at(centre(parts.len() - 1).max(if row == 0 { axis } else { 0.0 }), bus), LINE);
        match row {
            0 => canvas.line(at(axis, top), at(axis, bus), LINE),
            _ => canvas.line(at(from, top + 11.0), at(from, bus), LINE),
        }
        for (index, lines) in texts.iter().enumerate() {
            arrow(canvas, at(centre(index), bus), at(centre(index), boxes));
            let rect = Rect { left: left + columns.left(index), top: boxes, width: columns.width, height };
            draw_box(canvas, &rect, lines, true, Ink::Paper);
        }
        bottom = boxes + height;
    }
    bottom
}

fn describe(results: &Results, parts: &[&PartitionFacts], external: &[&PartitionFacts]) -> String {
    let mut text = describe_flow(&results.cohort, "rows read", parts);
    if let Some(cohort) = &results.external {
        text.push(' ');
        text.push_str(&describe_flow(&cohort.flow, &format!("rows read of another file ({})", cohort.label), external));
    }
    text
}

/// "n = 418"
fn read_of(cohort: &CohortFlow) -> String {
    cohort.read.map_or_else(|| "n withheld".to_string(), |read| format!("n = {}", number::count(read)))
}

fn describe_flow(cohort: &CohortFlow, rows: &str, parts: &[&PartitionFacts]) -> String {
    let mut text = match cohort.read {
        Some(read) => format!("Flow of {} {rows}.", number::count(read)),
        None => format!("Flow of the {rows}, whose number is withheld."),
    };
    for step in &cohort.steps {
        let verb = if step.kind == AttritionKind::Inclusion { "not meeting" } else { "excluded for" };
        text.push_str(&format!(" {} {verb} “{}”.", number::count(step.excluded), step.says));
    }
    text.push_str(&format!(" {} analysed", number::count(cohort.analysed)));
    let parts: Vec<String> = parts.iter().map(|part| format!("{} {}", part.label, number::count(part.n))).collect();
    if !parts.is_empty() {
        text.push_str(&format!(": {}", parts.join(", ")));
    }
    text.push('.');
    text
}

fn data(results: &Results, parts: &[&PartitionFacts], external: &[&PartitionFacts]) -> super::DataTable {
    let row = |step: &str, excluded: Option<usize>, remaining: usize| {
        vec![step.to_string(), excluded.map_or_else(String::new, number::count), number::count(remaining)]
    };
    let withheld = |step: &str| vec![step.to_string(), String::new(), "withheld".to_string()];
    let mut rows = Vec::new();
    let external_flow = results.external.as_ref().map(|cohort| (cohort.label.as_str(), &cohort.flow, external));
    for (name, flow, parts) in std::iter::once(("", &results.cohort, parts)).chain(external_flow) {
        let read = if name.is_empty() { "Rows read".to_string() } else { format!("Rows read: {name}") };
        rows.push(flow.read.map_or_else(|| withheld(&read), |count| row(&read, None, count)));
        rows.extend(flow.steps.iter().map(|step| row(&step.says, Some(step.excluded), step.remaining)));
        rows.push(row("Analysed", None, flow.analysed));
        rows.extend(parts.iter().map(|part| row(&part.label, None, part.n)));
    }
    super::table(&["Step", "Left out", "Remaining"], rows)
}
