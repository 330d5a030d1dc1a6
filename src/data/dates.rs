//! Which texts are dates. Only those of ISO 8601 are read as such: 03/04/2018 is a day of March to some and of April to
//! others, and the file does not say.

use super::quoting;
use crate::spec::study::days_of_date;

/// "2018-04-03", "2018-04-03T10:30", "2018-04-03 10:30:00Z"
pub fn is_iso(text: &str) -> bool {
    let (Some(date), Some(rest)) = (text.get(..10), text.get(10..)) else { return false };
    let time = rest.strip_prefix(['T', ' ']).unwrap_or_default();
    days_of_date(date).is_some() && (rest.is_empty() || time.starts_with(|first: char| first.is_ascii_digit()))
}

/// Written as a date in another way: "3/4/2018", "03.04.18", "2018/04/03", with or without a time.
pub fn is_written_otherwise(text: &str) -> bool {
    let text = text.trim();
    let date = text.split([' ', 'T']).next().unwrap_or_default();
    let Some(separator) = ['/', '.', '-'].into_iter().find(|separator| date.contains(*separator)) else { return false };
    let parts: Vec<&str> = date.split(separator).collect();
    let [first, second, third] = parts.as_slice() else { return false };
    let within = |part: &str, largest: u32| {
        let digits = (1..=2).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        digits && part.parse::<u32>().is_ok_and(|number| (1..=largest).contains(&number))
    };
    let day_and_month =
        |one: &str, other: &str| within(one, 31) && within(other, 31) && (within(one, 12) || within(other, 12));
    let year = |part: &str| part.len() == 4 && part.bytes().all(|byte| byte.is_ascii_digit());
    let two_digits = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
    let has_day_first = (year(third) || two_digits(third)) && day_and_month(first, second);
    let has_year_first = year(first) && day_and_month(second, third);
    !is_iso(text) && (has_day_first || has_year_first)
}

/// Most of a column's texts are dates that are not read as such.
pub fn are_written_otherwise<'a>(texts: impl Iterator<Item = &'a str>) -> bool {
    let (mut dates, mut all) = (0, 0);
    for text in texts {
        all += 1;
        dates += usize::from(is_written_otherwise(text));
    }
    dates * 2 > all
}

/// What to do about dates that are not read as such.
pub fn how_to_write(column: &str) -> String {
    let (read, expression) = (name_when_read(column), format!("DATE({}, '%d/%m/%Y')", quoting::column_name(column)));
    format!(
        "03/04/2018 could be in March or in April: write dates as YYYY-MM-DD in the file, or say how to read them, and use \
         the new column: cohort: {{derive: {{{read}: {}}}}}",
        quoting::yaml_text(&expression)
    )
}

/// How to compare with a day what such a column has.
pub fn how_to_compare(column: &str) -> String {
    format!("{}; then compare it with a day: {} >= DATE '2018-04-03'", how_to_write(column), name_when_read(column))
}

/// Of the derived column; one that needs no quotes.
fn name_when_read(column: &str) -> String {
    let letter = |letter: char| if letter.is_alphanumeric() { letter } else { '_' };
    format!("{}_read", column.chars().map(letter).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_iso_8601_is_a_date_by_itself() {
        for text in ["2018-04-03", "2018-04-03T10:30", "2018-04-03 10:30:00Z", "2020-02-29"] {
            assert!(is_iso(text) && !is_written_otherwise(text), "{text}");
        }
        for text in ["03/04/2018", "3.4.2018", "03-04-18", "2018/04/03", "04/25/2018 10:00", "2018-13-01", ""] {
            assert!(!is_iso(text), "{text}");
        }
    }

    #[test]
    fn dates_of_other_ways_are_known_and_numbers_are_not() {
        for text in ["03/04/2018", "3.4.2018", "03-04-18", "2018/04/03", "04/25/2018 10:00"] {
            assert!(is_written_otherwise(text), "{text}");
        }
        for text in ["2018-04-03", "1.5", "1-2", "120/80", "99/99/2018", "I", "1.2.3.4", "2019-2020"] {
            assert!(!is_written_otherwise(text), "{text}");
        }
    }
}
