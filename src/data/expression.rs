//! SQL expressions over the columns of a table, parsed and evaluated by polars.

use super::odd_text::no_numbers;
use super::table::column_names;
use super::{Table, column, dates};
use crate::spec::diagnostic::{Diagnostic, Span, nearest, suggestion};
use polars::prelude::*;
use std::collections::BTreeMap;

/// An expression whose columns all exist.
#[derive(Clone, Debug)]
pub struct Expression {
    expression: Expr,
    /// The columns that it reads.
    pub columns: Vec<String>,
    place: Span,
}

impl Expression {
    pub fn parse(text: &str, place: Span, frame: &DataFrame) -> Result<Self, Vec<Diagnostic>> {
        let expression = polars::sql::sql_expr(text).map_err(|error| {
            let reason = error.to_string();
            let message = format!("this is not an SQL expression: {}", reason.lines().next().unwrap_or_default());
            vec![
                Diagnostic::error("expression/syntax", message, place)
                    .with_help("for example: age >= 18 AND stage IN ('II', 'III') AND ca19_9 IS NOT NULL"),
            ]
        })?;
        let columns = root_names(&expression);
        let known = column_names(frame);
        let problems: Vec<Diagnostic> = columns
            .iter()
            .filter(|name| !known.contains(name))
            .map(|name| {
                let mut help = suggestion(name, known.iter().map(String::as_str));
                if text.contains(&format!("\"{name}\"")) {
                    help = format!("double quotes name a column; a text stands in single quotes: '{name}'");
                }
                Diagnostic::error("expression/unknown-column", format!("there is no column `{name}`"), place)
                    .with_help(help)
            })
            .collect();
        if !problems.is_empty() {
            return Err(problems);
        }
        let parsed = Self { expression, columns, place };
        let unread = parsed.dates_compared_as_text(frame);
        if unread.is_empty() { Ok(parsed) } else { Err(unread) }
    }

    /// Columns of dates that are not read as such, where the expression asks which is earlier: as texts they have another order.
    fn dates_compared_as_text(&self, frame: &DataFrame) -> Vec<Diagnostic> {
        let is_before =
            |operator: &Operator| matches!(operator, Operator::Lt | Operator::LtEq | Operator::Gt | Operator::GtEq);
        let mut names = self.operands(is_before);
        names.retain(|name| {
            let column = frame.column(name).ok().filter(|column| column.dtype() == &DataType::String);
            let texts = column.and_then(|column| column.str().ok());
            texts.is_some_and(|texts| dates::are_written_otherwise(texts.iter().flatten()))
        });
        let told = |name: &String| {
            let message =
                format!("the column `{name}` has dates that are not written as YYYY-MM-DD: it is read as text");
            Diagnostic::error("data/date", message, self.place).with_help(dates::how_to_write(name))
        };
        names.iter().map(told).collect()
    }

    /// The columns that stand right beside such an operator, each once.
    fn operands(&self, wanted: impl Fn(&Operator) -> bool) -> Vec<String> {
        let mut names = Vec::new();
        for node in &self.expression {
            let Expr::BinaryExpr { left, op, right } = node else { continue };
            for side in [left, right] {
                if let Expr::Column(name) = side.as_ref()
                    && wanted(op)
                    && !names.iter().any(|known| known == name.as_str())
                {
                    names.push(name.to_string());
                }
            }
        }
        names
    }

    /// Texts that the expression looks for in a column that has no such text, with what was perhaps meant. Only texts that
    /// five subjects or more share are named: a rarer one could point at a person.
    pub fn texts_of_nobody(&self, frame: &DataFrame) -> Vec<String> {
        let mut told = Vec::new();
        for node in &self.expression {
            let Expr::BinaryExpr { left, op: Operator::Eq, right } = node else { continue };
            let (name, text) = match (left.as_ref(), right.as_ref()) {
                (Expr::Column(name), Expr::Literal(text)) | (Expr::Literal(text), Expr::Column(name)) => (name, text),
                _ => continue,
            };
            let Some(text) = text.extract_str() else { continue };
            let Some(texts) = frame.column(name).ok().and_then(|column| column.str().ok()) else { continue };
            let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
            texts.iter().flatten().for_each(|text| *counts.entry(text).or_default() += 1);
            if !counts.contains_key(text) {
                let shared = counts.iter().filter(|(_, count)| **count >= 5).map(|(text, _)| *text);
                let shared: Vec<&str> = shared.take(12).collect();
                let help = match nearest(text, shared.iter().copied()) {
                    Some(near) => format!("; `{near}` is nearest"),
                    None if shared.is_empty() => String::new(),
                    None => format!("; there are `{}`", shared.join("`, `")),
                };
                told.push(format!("no subject has the text `{text}` in `{name}`{help}"));
            }
        }
        told
    }

    /// The columns that an expression names, whether or not they exist; none when it does not parse.
    pub fn columns_of(text: &str) -> Vec<String> {
        let expression = polars::sql::sql_expr(text);
        expression.map(|expression| root_names(&expression)).unwrap_or_default()
    }

    /// One value per row, as a column of that name.
    pub fn column(&self, table: &Table, name: &str) -> Result<Column, Diagnostic> {
        let fails = |message: String| Diagnostic::error("expression/evaluation", message, self.place);
        let result =
            table.frame.clone().lazy().select([self.expression.clone().alias(name)]).collect().map_err(|error| {
                let fallback = || fails(format!("this expression cannot be evaluated: {}", first_line(&error)));
                self.text_for_a_number(table, &error).unwrap_or_else(fallback)
            })?;
        let column = result.column(name).map_err(|error| fails(first_line(&error)))?;
        if column.len() != table.frame.height() {
            return Err(fails(
                "this expression gives one value for the whole table, one per row is needed".to_string(),
            )
            .with_help("it must use a column, and no aggregate such as SUM or AVG"));
        }
        Ok(column.clone())
    }

    /// A column that is text because some of its values are, where polars says of the expression that a text is no number.
    fn text_for_a_number(&self, table: &Table, error: &PolarsError) -> Option<Diagnostic> {
        let reason = error.to_string();
        if !["string", "str"].iter().any(|word| reason.contains(word)) {
            return None;
        }
        let is_a_number = |text: &String| text.trim().parse::<f64>().is_ok();
        self.operands(|_| true).iter().find_map(|name| {
            let column = table.frame.column(name).ok().filter(|column| column.dtype() == &DataType::String)?;
            let texts = column::texts(column).ok()?;
            // Of a column of names it would say nothing that every row is no number.
            let meant = texts.iter().flatten().any(is_a_number)
                || dates::are_written_otherwise(texts.iter().flatten().map(String::as_str));
            meant.then(|| no_numbers(name, &texts, &table.file_rows).at(self.place))
        })
    }

    /// One truth value per row; `None` where the expression is neither true nor false, because a value is missing.
    pub fn truth(&self, table: &Table) -> Result<Vec<Option<bool>>, Diagnostic> {
        let column = self.column(table, "truth")?;
        match column.bool() {
            Ok(values) => Ok(values.iter().collect()),
            Err(_) => Err(Diagnostic::error(
                "expression/type",
                format!("this expression gives values of type {}, true or false is needed", column.dtype()),
                self.place,
            )
            .with_help("compare something: nodes > 0")),
        }
    }
}

fn root_names(expression: &Expr) -> Vec<String> {
    let mut columns: Vec<String> = expression.clone().meta().root_names().iter().map(ToString::to_string).collect();
    columns.sort();
    columns.dedup();
    columns
}

/// What polars says, without the values that it quotes: those are subjects'.
fn first_line(error: &PolarsError) -> String {
    without_values(&error.to_string())
}

/// The first line up to the first list of values or quoted text of the data.
pub fn without_values(message: &str) -> String {
    let line = message.lines().next().unwrap_or_default();
    let end = ["values: ", "[", "could not parse `"].iter().filter_map(|mark| line.find(mark)).min();
    match end {
        Some(end) => format!("{} (values are not shown)", line[..end].trim_end()),
        None => line.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::without_values;

    #[test]
    fn a_message_quotes_no_value_of_the_data() {
        let message =
            "conversion from `str` to `i32` failed in column 'name' for 2 out of 9 values: [\"QX1\", \"QX2\"]\nmore";
        assert_eq!(
            without_values(message),
            "conversion from `str` to `i32` failed in column 'name' for 2 out of 9 (values are not shown)"
        );
        assert!(!without_values("could not parse `QX1` as dtype `i64`").contains("QX1"));
        assert_eq!(without_values("no such function"), "no such function");
    }
}
