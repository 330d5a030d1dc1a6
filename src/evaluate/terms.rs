//! The terms of a regression: declared variables and groups as columns.

use super::groups::groups;
use super::{Context, EvaluateError, pick};
use crate::data::VariableData;
use crate::spec::raw::{RawDetailedTerm, RawStatistic, RawTerm};

/// A term of the model: one column for a continuous variable, one per level but the first for the others.
pub(super) struct Term {
    pub name: String,
    /// The analysis whose groups it is, of which `name` says in words what makes them.
    pub groups_of: Option<String>,
    pub per: Option<String>,
    pub reference: Option<String>,
    pub columns: Vec<TermColumn>,
}

pub(super) struct TermColumn {
    pub level: Option<String>,
    /// One per subject of the cohort.
    pub values: Vec<Option<f64>>,
}

/// The declared terms, in their order.
pub(super) fn terms(context: Context<'_>, declared: &[RawTerm]) -> Result<Vec<Term>, EvaluateError> {
    declared.iter().map(|declared| term(context, declared)).collect()
}

/// Those of a partition's subjects who miss none of the terms: one set of rows for all models, so that they can be compared.
pub(super) fn complete_rows(context: Context<'_>, partition: &str, terms: &[Term]) -> Vec<usize> {
    context
        .rows(partition)
        .into_iter()
        .filter(|row| terms.iter().flat_map(|term| &term.columns).all(|column| column.values[*row].is_some()))
        .collect()
}

/// The columns of all terms for these rows.
pub(super) fn columns_of(terms: &[Term], rows: &[usize]) -> Vec<Vec<f64>> {
    let columns = terms.iter().flat_map(|term| &term.columns);
    columns.map(|column| pick(&column.values, rows).into_iter().flatten().collect()).collect()
}

/// Each column with its term, in the order of [`columns_of`].
pub(super) fn named_columns(terms: &[Term]) -> impl Iterator<Item = (&Term, &TermColumn)> {
    terms.iter().flat_map(|term| term.columns.iter().map(move |column| (term, column)))
}

/// Which columns belong to which term.
pub(super) fn positions(terms: &[Term]) -> Vec<Vec<usize>> {
    let mut next = 0;
    terms
        .iter()
        .map(|term| {
            let first = next;
            next += term.columns.len();
            (first..next).collect()
        })
        .collect()
}

fn term(context: Context<'_>, declared: &RawTerm) -> Result<Term, EvaluateError> {
    let (name, per) = match declared {
        RawTerm::Variable(name) => (name, None),
        RawTerm::Detailed(RawDetailedTerm { variable: Some(name), per, .. }) => (name, *per),
        RawTerm::Detailed(RawDetailedTerm { groups_of: Some(id), .. }) => return group_term(context, id),
        RawTerm::Detailed(_) => return Err(EvaluateError::Other("a term without a variable".to_string())),
    };
    let variable = &context.study.spec.variables[name.as_str()];
    Ok(match &context.cohort.variables[name.as_str()] {
        VariableData::Continuous(values) => {
            let step = per.unwrap_or(1.0);
            let unit = variable.unit.as_deref().unwrap_or_default();
            Term {
                name: name.clone(),
                groups_of: None,
                per: Some(per_in_words(step, unit)),
                reference: None,
                columns: vec![TermColumn {
                    level: None,
                    values: values.iter().map(|value| value.map(|value| value / step)).collect(),
                }],
            }
        }
        VariableData::Levels(values) => {
            let labels: Vec<String> = variable.levels.values().cloned().collect();
            indicators(context, name, &labels, values)
        }
    })
}

/// "per 10 years", "per year"; of a variable without a unit "per unit".
fn per_in_words(step: f64, unit: &str) -> String {
    match unit {
        "" if step == 1.0 => "per unit".to_string(),
        "" => format!("per {step}"),
        "years" | "months" | "weeks" | "days" | "hours" if step == 1.0 => format!("per {}", unit.trim_end_matches('s')),
        _ if step == 1.0 => format!("per {unit}"),
        _ => format!("per {step} {unit}"),
    }
}

fn group_term(context: Context<'_>, id: &str) -> Result<Term, EvaluateError> {
    let Some(RawStatistic::KaplanMeier { groups: declared, .. }) = context.study.spec.statistics.get(id) else {
        return Err(EvaluateError::Other(format!("there is no Kaplan-Meier analysis `{id}`")));
    };
    let groups = groups(context, declared)?;
    let mut term = indicators(context, id, &groups.labels, &groups.of);
    term.groups_of = Some(id.to_string());
    let mut characters = groups.says.chars();
    if let Some(first) = characters.next() {
        // In a table the groups stand under what makes them.
        term.name = first.to_uppercase().chain(characters).collect();
    }
    Ok(term)
}

/// One indicator per level but the first; a level that no subject of the cohort has is left out.
fn indicators(context: Context<'_>, name: &str, labels: &[String], values: &[Option<usize>]) -> Term {
    let columns = labels
        .iter()
        .enumerate()
        .skip(1)
        .filter(|(level, _)| values.contains(&Some(*level)))
        .map(|(level, label)| TermColumn {
            level: Some(label.clone()),
            values: (0..context.cohort.n())
                .map(|row| values[row].map(|value| f64::from(u8::from(value == level))))
                .collect(),
        })
        .collect();
    Term { name: name.to_string(), groups_of: None, per: None, reference: labels.first().cloned(), columns }
}
