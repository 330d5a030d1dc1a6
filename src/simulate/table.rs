//! The table of patients, as a CSV file.

use super::parameters::{Parameters, Reason};
use super::patients::Patient;
use std::fmt::Write;

/// One row per screened patient, in the order of enrolment. What is unknown is an empty field.
pub fn csv(parameters: &Parameters, patients: &[Patient]) -> String {
    let numbers = || parameters.mean_and_deviation.keys().chain(parameters.median_and_range.keys());
    let digits = |name: &String| match parameters.mean_and_deviation.get(name) {
        Some(rule) => rule.digits,
        None => parameters.median_and_range.get(name).map_or(0, |rule| rule.digits),
    };
    let mut header: Vec<&str> = [
        "subject",
        "enrolled",
        "surgery",
        "dual_energy_ct",
        "images_archived",
        "systemic_therapy",
        "months_without_contact",
        "days_ct_to_surgery",
    ]
    .to_vec();
    header.extend(numbers().map(String::as_str));
    header.extend(parameters.counts.keys().map(String::as_str));
    header.extend(["lesions", "lnm", "os_months", "death", "reader_1", "reader_2"]);
    let mut text = header.join(",") + "\n";
    for patient in patients {
        let yes = |value: bool| if value { "yes" } else { "no" };
        let scanned = patient.excluded != Some(Reason::ConventionalImaging);
        let archived = scanned && patient.excluded != Some(Reason::MissingImages);
        let mut fields = vec![
            patient.id.clone(),
            date(patient.enrolled),
            date(patient.surgery),
            yes(scanned).to_string(),
            yes(archived).to_string(),
            yes(patient.excluded == Some(Reason::SystemicTherapy)).to_string(),
            format!("{}", patient.months_without_contact),
            (patient.surgery - patient.enrolled).to_string(),
        ];
        fields.extend(numbers().map(|name| match patient.numbers.get(name) {
            Some(value) => format!("{value:.*}", digits(name)),
            None => String::new(),
        }));
        fields.extend(parameters.counts.keys().map(|name| patient.levels.get(name).cloned().unwrap_or_default()));
        let several = patient.levels.get("tumor_number").is_some_and(|level| level == "multiple");
        fields.push(if several { "2" } else { "1" }.to_string());
        fields.push(u8::from(patient.metastasis).to_string());
        fields.push(format!("{:.1}", patient.observed.months));
        fields.push(u8::from(patient.observed.died).to_string());
        fields.extend(patient.readers.map(|called| if called { "cN1_3" } else { "cN0" }.to_string()));
        _ = writeln!(text, "{}", fields.join(","));
    }
    text
}

/// YYYY-MM-DD of days since 1970-01-01 (proleptic Gregorian calendar).
pub fn date(days: i64) -> String {
    // Days since 0000-03-01, in eras of 400 years.
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::date;
    use crate::spec::study::days_of_date;

    #[test]
    fn a_date_and_its_number_are_inverse() {
        for text in ["1970-01-01", "2000-02-29", "2016-08-01", "2019-12-31", "2020-03-01", "1999-12-31"] {
            assert_eq!(date(days_of_date(text).unwrap()), text);
        }
    }
}
