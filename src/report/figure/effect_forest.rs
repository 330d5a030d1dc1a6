//! The forest of a regression: ratios with their intervals on a log axis, each variable alone and all together.

use super::Drawing;
use super::forest_sides::{self, Forest, Line, Mark, limits};
use super::panel::Scale;
use crate::report::build::names::{Names, distinct};
use crate::report::effects::{Effect, Effects, ratio_text};
use crate::report::number;
use crate::results::Results;

/// One model: its head and its rows.
struct Side<'a, 'b> {
    head: &'static str,
    rows: &'b [Effect<'a>],
}

pub fn draw(effects: &Effects<'_>, results: &Results) -> Drawing {
    let mut sides = Vec::new();
    if !effects.univariable.is_empty() {
        sides.push(Side { head: "Univariable", rows: &effects.univariable });
    }
    if !effects.multivariable.is_empty() {
        sides.push(Side { head: "Multivariable", rows: &effects.multivariable });
    }
    forest_sides::draw(Forest {
        heads: sides.iter().map(|side| side.head.to_string()).collect(),
        first_head: "Variable",
        estimate_head: effects.ratio_head(),
        last_head: "P",
        groups: grouped(&sides, effects, results),
        scale: scale(effects.all()),
        ticks: ticks(),
        axis_name: format!("{}, log scale", super::capitalised(effects.ratio_in_words)),
        lines_at: sides.iter().map(|_| Some(1.0)).collect(),
        note: note(effects, results),
        alternative_text: describe(effects, results, &sides),
        data: data(effects, results, &sides),
    })
}

/// The lines of each variable, in the order in which the models name the variables.
fn grouped(sides: &[Side<'_, '_>], effects: &Effects<'_>, results: &Results) -> Vec<Vec<Line>> {
    let mut variables: Vec<&str> = Vec::new();
    for row in effects.all() {
        if !variables.contains(&row.variable) {
            variables.push(row.variable);
        }
    }
    let find = |side: &Side<'_, '_>, variable: &str, level: Option<&str>| {
        side.rows.iter().find(|row| row.variable == variable && row.level == level).map(|row| mark(row, effects))
    };
    variables
        .into_iter()
        .map(|variable| {
            let label = label_of(variable, results);
            let mut levels: Vec<&Effect<'_>> = Vec::new();
            for row in effects.all().filter(|row| row.variable == variable) {
                if !levels.iter().any(|known| known.level == row.level) {
                    levels.push(row);
                }
            }
            let term = |label: String, indented: bool, level: Option<&str>| Line::Term {
                label,
                indented,
                marks: sides.iter().map(|side| find(side, variable, level)).collect(),
            };
            match levels.as_slice() {
                [row] => vec![term(row.name(label), false, row.level)],
                levels => {
                    let mut lines = vec![Line::Head { label: label.to_string(), last: Vec::new() }];
                    let reference = levels.iter().find_map(|row| row.reference);
                    lines.extend(reference.map(|reference| Line::Reference(reference.to_string())));
                    let levels = levels.iter();
                    lines.extend(levels.map(|row| term(row.level.unwrap_or(label).to_string(), true, row.level)));
                    lines
                }
            }
        })
        .collect()
}

/// What the model rests on, and where a score that makes groups was cut.
fn note(effects: &Effects<'_>, results: &Results) -> String {
    let names = Names { results };
    let variables: Vec<&str> = distinct(effects.all().map(|row| row.variable));
    let cuts: Vec<String> = variables.iter().filter_map(|name| names.cut(name)).map(|cut| format!(" {cut}.")).collect();
    format!("{}{}", effects.basis(), cuts.concat())
}

fn label_of<'a>(variable: &'a str, results: &'a Results) -> &'a str {
    Names { results }.term(variable)
}

fn mark(row: &Effect<'_>, effects: &Effects<'_>) -> Mark {
    if row.infinite {
        return Mark {
            text: "no finite estimate".to_string(),
            last: "–".to_string(),
            told: "no finite estimate".to_string(),
            value: row.ratio.value,
            limits: None,
            weight: 0.0,
        };
    }
    let text = ratio_text(row.ratio);
    Mark {
        told: format!("{} {text}, P {}", effects.ratio_in_words, number::p_value(row.p_value)),
        text,
        last: number::p_value(row.p_value),
        value: row.ratio.value,
        limits: limits(row.ratio),
        weight: if row.standard_error > 0.0 { 1.0 / row.standard_error } else { 0.0 },
    }
}

/// Holds 1 and every estimate; of the intervals what reaches no further than four times beyond the estimates.
fn scale<'a, 'b: 'a>(rows: impl Iterator<Item = &'a Effect<'b>> + Clone) -> Scale {
    let (mut low, mut high) = (1.0_f64, 1.0_f64);
    for value in rows.clone().map(|row| row.ratio.value).filter(|value| (0.02..=50.0).contains(value)) {
        (low, high) = (low.min(value), high.max(value));
    }
    let (lowest, highest) = (low / 4.0, high * 4.0);
    for (lower, upper) in rows.filter_map(|row| limits(row.ratio)) {
        (low, high) = (low.min(lower.max(lowest)), high.max(upper.min(highest)));
    }
    // Never so short that a small effect looks large.
    let (low, high) = (low.min(0.8), high.max(1.25));
    let room = (high / low).powf(0.04);
    Scale::logarithmic(low / room, high * room)
}

/// Round ratios, the finest row first.
fn ticks() -> Vec<Vec<f64>> {
    vec![
        vec![0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.8, 2.0],
        vec![0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0],
        vec![0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0],
        vec![0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0],
        vec![0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0],
        vec![0.01, 0.1, 1.0, 10.0, 100.0],
    ]
}

fn describe(effects: &Effects<'_>, results: &Results, sides: &[Side<'_, '_>]) -> String {
    let mut text = format!(
        "Forest plot of {}s for {} in {} (n = {}, {} events).",
        effects.ratio_in_words,
        super::outcome_label(results, effects.outcome),
        super::partition_label(results, effects.partition),
        number::count(effects.n),
        number::count(effects.events),
    );
    if let Some(side) = sides.last() {
        let name =
            |row: &Effect<'_>| format!("{} {}", row.name(label_of(row.variable, results)), ratio_text(row.ratio));
        let terms: Vec<String> = side.rows.iter().map(name).collect();
        text.push_str(&format!(" {}: {}.", side.head, terms.join("; ")));
    }
    text
}

fn data(effects: &Effects<'_>, results: &Results, sides: &[Side<'_, '_>]) -> super::DataTable {
    let rows = sides.iter().flat_map(|side| {
        side.rows.iter().map(|row| {
            vec![
                side.head.to_string(),
                row.name(label_of(row.variable, results)),
                number::count(row.n),
                number::count(row.events),
                ratio_text(row.ratio),
                number::p_value(row.p_value),
            ]
        })
    });
    super::table(&["Model", "Variable", "n", "Events", &effects.ratio_head(), "P"], rows.collect())
}

#[cfg(test)]
mod tests {
    use super::super::forest_sides::tests::ticks_of;
    use super::*;
    use crate::stats::Estimate;

    fn scale_of(ratios: &[Estimate]) -> Scale {
        let rows: Vec<Effect<'_>> = ratios
            .iter()
            .map(|ratio| Effect {
                variable: "age",
                level: None,
                reference: None,
                per: None,
                n: 10,
                events: 5,
                coefficient: ratio.value.ln(),
                standard_error: 1.0,
                statistic: Some(1.0),
                ratio,
                p_value: 0.5,
                infinite: false,
            })
            .collect();
        scale(rows.iter())
    }

    #[test]
    fn the_axis_holds_estimates_and_intervals_of_reason() {
        let ratio = |value, lower, upper| Estimate::new(value, 10).with_interval(lower, upper, 0.95, "Wald");
        let found = scale_of(&[ratio(2.0, 1.5, 3.0), ratio(0.7, 0.5, 0.9)]);
        assert!(found.min < 0.5 && found.min > 0.4 && found.max > 3.0 && found.max < 3.5);
        let found = scale_of(&[ratio(1e9, 0.0, f64::INFINITY), ratio(2.0, 0.001, 4000.0)]);
        assert!(found.min > 0.1 && found.max < 12.0, "{found:?}");
        let found = scale_of(&[]);
        assert!(found.holds(1.0) && found.holds(0.8) && found.holds(1.25));
    }

    #[test]
    fn ticks_are_found_for_every_axis_and_hold_one() {
        for (min, max) in [(0.78, 1.28), (0.5, 2.0), (0.25, 4.2), (0.1, 13.0), (0.02, 60.0), (0.9, 200.0)] {
            for width in [55.0, 90.0, 250.0] {
                let found = ticks_of(Scale::logarithmic(min, max), &ticks(), width);
                assert!(found.contains(&1.0), "{min} {max} {width}");
            }
        }
    }
}
