//! Missing values: a row per incomplete variable with its share, a column per combination of variables that are missing
//! together, with the number of subjects as a bar above it. Nothing missing is said in words.

use super::Drawing;
use super::canvas::{Canvas, Pen, Rect, Style, Value, at};
use crate::report::number::{self, count};
use crate::report::theme::{self, Ink, size, stroke};
use crate::results::{MissingValues, Results};

const LABEL: Style = Style::new(size::LABEL);
const HEAD: Style = Style::new(size::SMALL).strong();
const NUMBER: Style = Style::new(size::SMALL).ink(Ink::Muted);
const ROW: f64 = 13.0;
/// Rows and columns that a page has room for.
const VARIABLES: usize = 32;
const PATTERNS: usize = 20;
const BARS: f64 = 54.0;
const SHARES: f64 = 66.0;

pub fn draw(results: &Results) -> Drawing {
    match &results.cohort.missing_values {
        Some(missing) if !missing.variables.is_empty() => draw_pattern(missing, results),
        _ => nothing_missing(results),
    }
}

fn nothing_missing(results: &Results) -> Drawing {
    let text = format!(
        "No value of the study’s {} variables is missing in those who meet the criteria.",
        count(results.variables.len())
    );
    let mut canvas = Canvas::default();
    let lines = LABEL.wrap(&text, theme::FULL_WIDTH);
    canvas.lines(at(0.0, LABEL.size), &lines, LABEL);
    let height = lines.len() as f64 * LABEL.line() + 3.0;
    Drawing {
        svg: canvas.finish(theme::FULL_WIDTH, height, &text),
        width: theme::FULL_WIDTH,
        height,
        alternative_text: text,
        data: super::table(&["Variable", "Missing"], Vec::new()),
    }
}

fn draw_pattern(missing: &MissingValues, results: &Results) -> Drawing {
    let label = |name: &str| results.variable(name).map_or_else(|| name.to_string(), |facts| facts.label.clone());
    let mut variables: Vec<&crate::results::MissingVariable> = missing.variables.iter().collect();
    variables.sort_by_key(|variable| std::cmp::Reverse(variable.missing));
    variables.truncate(VARIABLES);
    let patterns = &missing.patterns[..missing.patterns.len().min(PATTERNS)];
    let widest = variables.iter().map(|variable| LABEL.width(&label(&variable.variable))).fold(40.0, f64::max);
    let names = widest.min(150.0) + 8.0;
    let matrix_room = theme::FULL_WIDTH - names - SHARES - 6.0;
    let cell = (matrix_room / patterns.len().max(1) as f64).min(18.0);
    let most = patterns.iter().map(|pattern| pattern.subjects).max().unwrap_or(1).max(1);
    let numbers = NUMBER.width(&count(most)) + 3.0;
    let mut canvas = Canvas::default();
    let bars_end = numbers + BARS;
    let top = bars_end + 6.0;
    let centre = |index: usize| names + (index as f64 + 0.5) * cell;
    for (index, pattern) in patterns.iter().enumerate() {
        let height = (BARS * pattern.subjects as f64 / most as f64).max(0.8);
        let labels: Vec<String> = pattern.variables.iter().map(|name| label(name)).collect();
        let subjects = if pattern.subjects == 1 { "subject" } else { "subjects" };
        canvas.open_mark("mark", &Value::new(labels.join(", "), format!("{} {subjects}", count(pattern.subjects))));
        let width = cell * 0.62;
        canvas.rect(
            &Rect { left: centre(index) - width / 2.0, top: bars_end - height, width, height },
            Ink::Series(0),
            None,
        );
        canvas.close();
        canvas.text_upwards(
            at(centre(index) + NUMBER.drop(), bars_end - height - 2.5),
            &count(pattern.subjects),
            NUMBER,
        );
    }
    canvas.line(
        at(names, bars_end),
        at(names + cell * patterns.len() as f64, bars_end),
        Pen::new(Ink::Axis, stroke::AXIS),
    );
    canvas.lines(
        at(0.0, bars_end - HEAD.line()),
        &HEAD.wrap_to("Subjects with this combination missing", names - 10.0, 2),
        HEAD,
    );
    canvas.text(at(theme::FULL_WIDTH, bars_end), "Missing, n (%)", HEAD.end());
    for (row, variable) in variables.iter().enumerate() {
        let middle = top + (row as f64 + 0.5) * ROW;
        let text = LABEL.wrap_to(&label(&variable.variable), names - 8.0, 1);
        canvas.lines(at(0.0, middle + LABEL.drop()), &text, LABEL);
        let share = format!(
            "{} ({})",
            count(variable.missing),
            number::percent(variable.missing as f64 / missing.n.max(1) as f64)
        );
        canvas.text(at(theme::FULL_WIDTH, middle + LABEL.drop()), &share, LABEL.end());
        for (index, pattern) in patterns.iter().enumerate() {
            let is_missing = pattern.variables.contains(&variable.variable);
            let side = (cell * 0.62).min(ROW * 0.62);
            let rect = Rect { left: centre(index) - side / 2.0, top: middle - side / 2.0, width: side, height: side };
            canvas.rect(&rect, if is_missing { Ink::Series(0) } else { Ink::Grid }, None);
        }
    }
    let bottom = top + variables.len() as f64 * ROW;
    let note = note(missing, variables.len(), patterns.len());
    let lines = NUMBER.wrap(&note, theme::FULL_WIDTH);
    canvas.note(at(0.0, bottom + 5.0 + NUMBER.size), &lines, NUMBER);
    let height = bottom + 8.0 + lines.len() as f64 * NUMBER.line();
    let worst = variables.first().map_or(String::new(), |variable| {
        format!(
            " Most often missing: {}, in {}%.",
            label(&variable.variable),
            number::percent(variable.missing as f64 / missing.n.max(1) as f64)
        )
    });
    let alternative_text = format!(
        "Missing values of {} variables in {} combinations. {} of {} subjects have none.{worst}",
        missing.variables.len(),
        missing.patterns.len(),
        count(missing.complete),
        count(missing.n),
    );
    let rows = missing.patterns.iter().map(|pattern| {
        let labels: Vec<String> = pattern.variables.iter().map(|name| label(name)).collect();
        vec![labels.join(", "), count(pattern.subjects)]
    });
    Drawing {
        svg: canvas.finish(theme::FULL_WIDTH, height, &alternative_text),
        width: theme::FULL_WIDTH,
        height,
        alternative_text,
        data: super::table(&["Missing together", "Subjects"], rows.collect()),
    }
}

fn note(missing: &MissingValues, variables: usize, patterns: usize) -> String {
    let mut note = format!(
        "Dark squares: missing. Of {} subjects who meet the criteria, {} have every value.",
        count(missing.n),
        count(missing.complete)
    );
    if variables < missing.variables.len() {
        note.push_str(&format!(" The {variables} variables that are missing most often are drawn."));
    }
    let drawn: usize = missing.patterns.iter().take(patterns).map(|pattern| pattern.subjects).sum();
    let all: usize = missing.patterns.iter().map(|pattern| pattern.subjects).sum::<usize>() + missing.others;
    if drawn < all {
        note.push_str(&format!(" {} subjects have a combination that is not drawn.", count(all - drawn)));
    }
    note
}
