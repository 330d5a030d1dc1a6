//! Names of columns within SQL, and SQL within YAML, so that what a message offers can be pasted.

use polars::prelude::Expr;

/// A column's name as an expression: `age` as it is, `"meal.cal"` in double quotes, because without them SQL would take the
/// dot for a part of a table; the same for a word of SQL's own, such as `order`, and for signs and spaces.
pub fn column_name(name: &str) -> String {
    let reads_as_itself =
        polars::sql::sql_expr(name).is_ok_and(|expression| matches!(&expression, Expr::Column(read) if read == name));
    if reads_as_itself { name.to_string() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}

/// The expression with quotes around those of these columns that need them and lack them.
pub fn with_quotes(expression: &str, columns: &[String]) -> String {
    let quoted: Vec<(&String, String)> = columns.iter().map(|column| (column, column_name(column))).collect();
    let is_part = |letter: char| letter.is_alphanumeric() || "_.".contains(letter);
    let (mut corrected, mut rest) = (String::new(), expression);
    while let Some(first) = rest.chars().next() {
        let begins = !corrected.ends_with(|before: char| is_part(before) || "\"'".contains(before));
        let here = quoted.iter().filter(|(column, _)| {
            begins && rest.strip_prefix(column.as_str()).is_some_and(|after| !after.starts_with(is_part))
        });
        // Of "meal" and "meal.cal" the longer.
        match here.max_by_key(|(column, _)| column.len()) {
            Some((column, quoted)) if *column != quoted => {
                corrected.push_str(quoted);
                rest = &rest[column.len()..];
            }
            _ => {
                corrected.push(first);
                rest = &rest[first.len_utf8()..];
            }
        }
    }
    corrected
}

/// An expression as a value of YAML.
pub fn yaml_text(expression: &str) -> String {
    match (expression.contains('"') || expression.contains('\\'), expression.contains('\'')) {
        (false, _) => format!("\"{expression}\""),
        (true, false) => format!("'{expression}'"),
        (true, true) => format!("\"{}\"", expression.replace('\\', "\\\\").replace('"', "\\\"")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_a_dot_was_offered_without_quotes() {
        assert_eq!(column_name("meal.cal"), "\"meal.cal\"");
        assert_eq!(yaml_text("\"meal.cal\" IS NULL"), "'\"meal.cal\" IS NULL'");
        for plain in ["age", "ca19_9", "Age"] {
            assert_eq!(column_name(plain), plain);
        }
        for other in ["order", "time since", "a-b", "1st"] {
            assert_eq!(column_name(other), format!("\"{other}\""));
        }
    }

    #[test]
    fn quotes_are_put_where_they_lack() {
        let columns = ["meal.cal", "meal.calories", "wt.loss", "age", "order"].map(str::to_string);
        for (typed, corrected) in [
            ("meal.cal > 900 AND wt.loss IS NULL", "\"meal.cal\" > 900 AND \"wt.loss\" IS NULL"),
            ("meal.calories > 900 OR \"meal.cal\" > 9", "\"meal.calories\" > 900 OR \"meal.cal\" > 9"),
            ("order > 1 AND age = 'order'", "\"order\" > 1 AND age = 'order'"),
            ("age > 1", "age > 1"),
        ] {
            assert_eq!(with_quotes(typed, &columns), corrected);
        }
    }

    #[test]
    fn a_value_of_yaml_is_read_back() {
        for expression in ["a = 1", "\"a.b\" = 1", "DATE(\"a.b\", '%d')", "a = 'x'", "\"a\\b\" = 'x'"] {
            let read: String = serde_yaml::from_str(&yaml_text(expression)).unwrap();
            assert_eq!(read, expression);
        }
    }
}
