//! The Cox prediction models: what is needed to judge a model, and to predict with it.

use super::anchor;
use super::names::{Names, interval_methods, list};
use super::table::{TableBuilder, number, text};
use crate::report::document::{Align, Cell, Table};
use crate::report::effects::ratio_text;
use crate::report::number::{self, Style, fixed};
use crate::results::{CoxModelFacts, CoxTermFacts, EncodingFacts, LayoutItem, ModelFacts, Results};
use crate::stats::{NullDistribution, Test};

/// One table per Cox model, or that of the model that the layout names.
pub fn tables(results: &Results, item: &LayoutItem) -> Vec<Table> {
    let names = Names { results };
    let wanted = |model: &&ModelFacts| item.of.as_ref().is_none_or(|of| *of == model.id);
    let models: Vec<(&ModelFacts, &CoxModelFacts)> =
        results.models.iter().filter(wanted).filter_map(|model| Some((model, model.cox.as_ref()?))).collect();
    let several = models.len() > 1;
    let caption = |model: &ModelFacts| match several {
        true => format!("{}: {}", item.caption.trim_end_matches('.'), model.label),
        false => item.caption.clone(),
    };
    models.iter().map(|(model, cox)| table(model, cox, item, &caption(model), &names)).collect()
}

fn table(model: &ModelFacts, cox: &CoxModelFacts, item: &LayoutItem, caption: &str, names: &Names) -> Table {
    let mut table = TableBuilder::new(&anchor(&item.label), &item.label, caption);
    let intervals = || cox.terms.iter().filter_map(|term| term.hazard_ratio.interval.as_ref());
    let level = intervals().next().map_or("95%".to_string(), |interval| number::level(interval.level));
    table.column("Variable", Align::Left);
    table.column("β", Align::Decimal);
    table.column("SE", Align::Decimal);
    table.column("z", Align::Decimal);
    let ratio = table.column(format!("HR ({level} CI)"), Align::Decimal);
    let methods = interval_methods(intervals());
    if !methods.is_empty() {
        table.footnote(ratio, format!("Interval: {}; n, all subjects of the model.", list(&methods)));
    }
    let p = table.column("P", Align::Decimal);
    table.footnote(p, "Wald test of the coefficient against 0, two-sided.");
    if !cox.proportional_hazards.is_empty() {
        let column = table.column("P, PH", Align::Decimal);
        let function = &cox.hazards_change_with;
        table.footnote(
            column,
            format!(
                "Score test of proportional hazards against coefficients that change with {function}; one per variable."
            ),
        );
        table.abbreviation("PH", "proportional hazards");
    }

    let mut variables: Vec<&str> = Vec::new();
    for term in &cox.terms {
        if !variables.contains(&term.variable.as_str()) {
            variables.push(&term.variable);
        }
    }
    for variable in variables {
        add_variable(&mut table, variable, model, cox, names);
    }
    for note in notes(model, cox, names) {
        table.note(note);
    }
    table.abbreviation("CI", "confidence interval");
    table.abbreviation("HR", "hazard ratio");
    table.abbreviation("SE", "standard error");
    table.abbreviation("β", "coefficient, the logarithm of the hazard ratio");
    table.finish()
}

fn add_variable(table: &mut TableBuilder, variable: &str, model: &ModelFacts, cox: &CoxModelFacts, names: &Names) {
    let terms: Vec<&CoxTermFacts> = cox.terms.iter().filter(|term| term.variable == variable).collect();
    let test = cox.proportional_hazards.iter().find(|row| row.term == variable);
    let hazard_cell = test.map(|row| number(number::p_value(row.test.p_value), row.test.p_value));
    // What a spline or a limit is made of, a note tells in numbers; a logarithm is told here.
    let is_spline = model.encodings.iter().any(|encoding| encoding.variable == variable && !encoding.knots.is_empty());
    let name = if is_spline { names.variable_with_unit(variable) } else { names.variable_in_models(variable) };
    let mut head = vec![text(name)];
    if let [term] = terms.as_slice()
        && term.level.is_none()
    {
        head.extend(term_cells(term));
        head.extend(hazard_cell);
        table.row(0, head);
        return;
    }
    if let Some(cell) = hazard_cell {
        head.extend((0..5).map(|_| Cell::default()));
        head.push(cell);
    }
    table.row(0, head);
    if let Some(reference) = names.variable_facts(variable).and_then(|facts| facts.levels.first()) {
        let mut cells = vec![text(format!("{reference} (reference)"))];
        cells.extend((0..3).map(|_| Cell::default()));
        cells.push(text("1"));
        table.row(1, cells);
    }
    for term in terms {
        let label = text(term.level.clone().unwrap_or_default());
        table.row(1, std::iter::once(label).chain(term_cells(term)).collect());
    }
}

fn term_cells(term: &CoxTermFacts) -> Vec<Cell> {
    vec![
        number(number::coefficient(term.coefficient, 4), term.coefficient),
        number(number::coefficient(term.standard_error, 4), term.standard_error),
        number(fixed(term.z, 2), term.z),
        number(ratio_text(&term.hazard_ratio), term.hazard_ratio.value),
        number(number::p_value(term.p_value), term.p_value),
    ]
}

fn notes(model: &ModelFacts, cox: &CoxModelFacts, names: &Names) -> Vec<String> {
    let mut fit = vec![format!("n = {}, {} events", number::count(cox.n), number::count(cox.events))];
    let tests = [("likelihood ratio", &cox.likelihood_ratio), ("score", &cox.score), ("Wald", &cox.wald)];
    fit.extend(tests.into_iter().filter_map(|(name, test)| test_text(name, test)));
    if let Some(c) = &cox.concordance {
        fit.push(format!("Harrell’s C in the training set {}", Style::decimals(3).estimate(c)));
    }
    if let Some(global) = cox.proportional_hazards.iter().find(|row| row.term == "global") {
        fit.push(format!("proportional hazards of all variables, {}", number::p_equals(global.test.p_value)));
    }
    let mut notes = vec![format!("{}.", fit.join("; "))];
    notes.extend(model.encodings.iter().map(|encoding| encoding_text(encoding, names)));
    if !cox.baseline.is_empty() {
        let unit = names.time_unit(&model.outcome);
        let time = |time: f64| number::significant(&time.to_string());
        let points: Vec<String> =
            cox.baseline.iter().map(|point| format!("{} at {}", fixed(point.survival, 4), time(point.time))).collect();
        let centre: f64 = cox.terms.iter().zip(&cox.means).map(|(term, mean)| term.coefficient * mean).sum();
        let (sign, size) = if centre < 0.0 { ("+", -centre) } else { ("−", centre) };
        notes.push(format!(
            "Risk by a time: 1 − S₀ to the power of exp(Σ βx {sign} {}), with the baseline survival S₀ of {} {unit}.",
            fixed(size, 4),
            list(&points)
        ));
    }
    notes
}

/// "likelihood ratio χ² 531.00 on 5 df"
fn test_text(name: &str, test: &Test) -> Option<String> {
    let NullDistribution::ChiSquared { df } = test.distribution else { return None };
    Some(format!("{name} χ² {} on {} df", fixed(test.statistic?, 2), fixed(df, 0)))
}

/// "Age: values above 90 count as 90; restricted cubic spline with knots 21, 26 and 58, …"
pub(super) fn encoding_text(encoding: &EncodingFacts, names: &Names) -> String {
    let value = |value: f64| number::significant(&value.to_string());
    let mut parts = Vec::new();
    if let Some(lower) = encoding.lower {
        parts.push(format!("values below {0} count as {0}", value(lower)));
    }
    if let Some(upper) = encoding.upper {
        parts.push(format!("values above {0} count as {0}", value(upper)));
    }
    if !encoding.knots.is_empty() {
        let knots: Vec<String> = encoding.knots.iter().map(|knot| value(*knot)).collect();
        parts.push(format!(
            "restricted cubic spline with knots {}, its cubic terms over the square of (last − first knot)",
            list(&knots)
        ));
    }
    format!("{}: {}.", names.variable(&encoding.variable), parts.join("; "))
}
