//! SQL expressions over the columns of a table, parsed and evaluated by polars.

use super::odd_text::no_numbers;
use super::table::column_names;
use super::{Table, column, dates, quoting};
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
        let known = column_names(frame);
        let expression = polars::sql::sql_expr(text).map_err(|error| {
            let reason = error.to_string();
            let message = format!("this is not an SQL expression: {}", reason.lines().next().unwrap_or_default());
            let example = || "for example: age >= 18 AND stage IN ('II', 'III') AND ca19_9 IS NOT NULL".to_string();
            let help = lacks_quotes(text, &known).unwrap_or_else(example);
            vec![Diagnostic::error("expression/syntax", message, place).with_help(help)]
        })?;
        let columns = root_names(&expression);
        let problems: Vec<Diagnostic> = columns
            .iter()
            .filter(|name| !known.contains(name))
            .map(|name| {
                let help = unknown_column(name, text, &known);
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

    /// The columns whose values an expression goes by, not only whether they are missing.
    pub fn columns_valued(text: &str) -> Vec<String> {
        let Ok(expression) = polars::sql::sql_expr(text) else { return Vec::new() };
        let (mut read, mut asked_for) = (Vec::new(), Vec::new());
        for node in &expression {
            match node {
                Expr::Column(name) => read.push(name.to_string()),
                Expr::Function {
                    input,
                    function: FunctionExpr::Boolean(BooleanFunction::IsNull | BooleanFunction::IsNotNull),
                } => asked_for.extend(input.iter().filter_map(|input| match input {
                    Expr::Column(name) => Some(name.to_string()),
                    _ => None,
                })),
                _ => {}
            }
        }
        let times = |names: &[String], wanted: &String| names.iter().filter(|name| *name == wanted).count();
        let mut columns: Vec<String> =
            read.iter().filter(|name| times(&read, name) > times(&asked_for, name)).cloned().collect();
        columns.sort();
        columns.dedup();
        columns
    }

    /// One value per row, as a column of that name.
    pub fn column(&self, table: &Table, name: &str) -> Result<Column, Diagnostic> {
        let fails = |message: String| Diagnostic::error("expression/evaluation", message, self.place);
        let result =
            table.frame.clone().lazy().select([self.expression.clone().alias(name)]).collect().map_err(|error| {
                let fallback = || fails(format!("this expression cannot be evaluated: {}", first_line(&error)));
                let told = self.text_for_a_date(table, &error).or_else(|| self.text_for_a_number(table, &error));
                told.unwrap_or_else(fallback)
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

    /// A column of texts that polars could not read as dates in the way that the expression says.
    fn text_for_a_date(&self, table: &Table, error: &PolarsError) -> Option<Diagnostic> {
        let reason = error.to_string();
        if !["to `date`", "to `datetime"].iter().any(|words| reason.contains(words)) {
            return None;
        }
        let name = self.columns.iter().find(|name| reason.contains(&format!("column '{name}'")))?;
        let column = table.frame.column(name).ok().filter(|column| column.dtype() == &DataType::String)?;
        let odd = column.str().ok()?.iter().flatten().any(|text| !dates::is_iso(text));
        let message = format!("the column `{name}` has texts that are not read as dates here");
        let help = match odd {
            true => dates::how_to_compare(name),
            false => format!(
                "dates that are written as YYYY-MM-DD need no reading: {} >= DATE '2018-04-03'",
                quoting::column_name(name)
            ),
        };
        Some(Diagnostic::error("data/date", message, self.place).with_help(help))
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

/// What was perhaps meant by a name that is none of these columns.
fn unknown_column(name: &str, text: &str, known: &[String]) -> String {
    // "meal.cal" without quotes is a part of "meal".
    if let Some(help) = lacks_quotes(text, known) {
        return help;
    }
    let names: Vec<String> = known.iter().map(|column| quoting::column_name(column)).collect();
    let meant = suggestion(name, names.iter().map(String::as_str));
    if !text.contains(&format!("\"{name}\"")) {
        return meant;
    }
    let quotes = format!("double quotes name a column; a text stands in single quotes: '{name}'");
    if nearest(name, known.iter().map(String::as_str)).is_some() { format!("{meant} ({quotes})") } else { quotes }
}

/// The text as it has to be typed, where it names columns that need quotes without them.
pub fn lacks_quotes(text: &str, known: &[String]) -> Option<String> {
    let corrected = quoting::with_quotes(text, known);
    (corrected != text && polars::sql::sql_expr(&corrected).is_ok()).then(|| {
        format!(
            "a name of a column with a dot, a sign or a space in it, or that is a word of SQL's own, stands in double quotes: {}",
            quoting::yaml_text(&corrected)
        )
    })
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
    use super::{Expression, without_values};

    #[test]
    fn a_column_that_is_only_asked_for_has_no_value_there() {
        assert_eq!(Expression::columns_valued("time < 365 AND status = 1"), ["status", "time"]);
        assert!(Expression::columns_valued("sick IS NULL OR NOT (died IS NOT NULL)").is_empty());
        assert_eq!(Expression::columns_valued("sick IS NULL OR sick > 2"), ["sick"]);
    }

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
