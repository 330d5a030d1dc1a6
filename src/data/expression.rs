//! SQL expressions over the columns of a table, parsed and evaluated by polars.

use super::table::column_names;
use crate::spec::diagnostic::{Diagnostic, Span, suggestion};
use polars::prelude::*;

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
        if problems.is_empty() { Ok(Self { expression, columns, place }) } else { Err(problems) }
    }

    /// The columns that an expression names, whether or not they exist; none when it does not parse.
    pub fn columns_of(text: &str) -> Vec<String> {
        let expression = polars::sql::sql_expr(text);
        expression.map(|expression| root_names(&expression)).unwrap_or_default()
    }

    /// One value per row, as a column of that name.
    pub fn column(&self, frame: &DataFrame, name: &str) -> Result<Column, Diagnostic> {
        let fails = |message: String| Diagnostic::error("expression/evaluation", message, self.place);
        let result = frame
            .clone()
            .lazy()
            .select([self.expression.clone().alias(name)])
            .collect()
            .map_err(|error| fails(format!("this expression cannot be evaluated: {}", first_line(&error))))?;
        let column = result.column(name).map_err(|error| fails(first_line(&error)))?;
        if column.len() != frame.height() {
            return Err(fails(
                "this expression gives one value for the whole table, one per row is needed".to_string(),
            )
            .with_help("it must use a column, and no aggregate such as SUM or AVG"));
        }
        Ok(column.clone())
    }

    /// One truth value per row; `None` where the expression is neither true nor false, because a value is missing.
    pub fn truth(&self, frame: &DataFrame) -> Result<Vec<Option<bool>>, Diagnostic> {
        let column = self.column(frame, "truth")?;
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
