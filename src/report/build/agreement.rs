//! Agreement of raters: κ of each pair and of all, intraclass correlations.

use super::anchor;
use super::names::{Names, interval_methods, list};
use super::table::{TableBuilder, absent, number, text};
use crate::report::document::{Align, Cell, Table};
use crate::report::number::{self, Join, Style, percent};
use crate::results::{AgreementAnalysis, LayoutItem};
use crate::stats::agreement::intraclass_correlation::IntraclassForm;
use crate::stats::{Estimate, Test};

pub fn table(analysis: &AgreementAnalysis, item: &LayoutItem, names: &Names) -> Table {
    let mut table = TableBuilder::new(&anchor(&item.label), &item.label, &item.caption);
    let estimates = || {
        analysis.rows.iter().flat_map(|row| {
            let pairs = row.pairs.iter().map(|pair| &pair.kappa);
            pairs.chain(row.all.iter().map(|all| &all.kappa)).chain(row.intraclass.iter().map(|icc| &icc.estimate))
        })
    };
    let intervals = || estimates().filter_map(|estimate: &Estimate| estimate.interval.as_ref());
    let style = Style::decimals(3).joined(Join::of(intervals()));
    let of_levels = analysis.weights.is_some();
    table.column("Measure", Align::Left);
    let value = table.column(format!("Estimate ({} CI)", number::level(analysis.level)), Align::Decimal);
    let methods = interval_methods(intervals());
    if !methods.is_empty() {
        table.footnote(value, format!("Interval: {}; n, the subjects rated by all.", list(&methods)));
    }
    if of_levels {
        let observed = table.column("Observed agreement, %", Align::Decimal);
        if let Some(weights) = &analysis.weights {
            table.footnote(observed, format!("In Cohen's κ {weights}."));
        }
        table.column("By chance, %", Align::Decimal);
    }
    let p = table.column("P", Align::Decimal);
    let one_sided = analysis.rows.iter().any(|row| !row.intraclass.is_empty());
    let two_sided = analysis.rows.iter().any(|row| !row.pairs.is_empty() || row.all.is_some());
    let sides = match (two_sided, one_sided) {
        (true, true) => "two-sided for κ, one-sided for the intraclass correlation",
        (false, true) => "one-sided",
        (_, false) => "two-sided",
    };
    table.footnote(p, format!("That there is no agreement beyond chance; {sides}."));

    for row in &analysis.rows {
        let mut missing = String::new();
        if row.missing > 0 {
            missing = format!("; {} without a rating of each rater left out", number::count(row.missing));
        }
        let label = names.partition(&row.partition);
        table.section(format!("{label} (n = {}{missing})", number::count(row.n)));
        let mut add = |name: String, estimate: &Estimate, agreement: Option<(f64, f64)>, test: Option<&Test>| {
            let mut cells = vec![text(name), number(style.estimate(estimate), estimate.value)];
            if let Some((observed, expected)) = agreement {
                cells.push(number(percent(observed), observed));
                cells.push(number(percent(expected), expected));
            }
            cells.push(match test {
                Some(test) => number(number::p_value(test.p_value), test.p_value),
                None => Cell::default(),
            });
            table.row(0, cells);
        };
        for pair in &row.pairs {
            let name = format!("Cohen's κ, {} and {}", names.variable(&pair.first), names.variable(&pair.second));
            let agreement = (pair.observed_agreement, pair.expected_agreement);
            add(name, &pair.kappa, Some(agreement), pair.test.as_ref());
        }
        if let Some(all) = &row.all {
            let name = format!("Fleiss' κ, all {} raters", analysis.ratings.len());
            add(name, &all.kappa, Some((all.observed_agreement, all.expected_agreement)), Some(&all.test));
        }
        for icc in &row.intraclass {
            add(form_in_words(icc.form).to_string(), &icc.estimate, None, Some(&icc.test));
        }
        for why in &row.not_defined {
            let mut cells = vec![text(why.split(':').next().unwrap_or_default())];
            cells.push(absent(&format!("Not defined: {why}.")));
            table.row(0, cells);
        }
    }
    let raters: Vec<&str> = analysis.ratings.iter().map(|name| names.variable(name)).collect();
    table.note(format!("Raters: {}.", list(&raters)));
    table.abbreviation("CI", "confidence interval");
    if !of_levels {
        table.abbreviation("ICC", "intraclass correlation (forms of Shrout and Fleiss)");
    }
    table.finish()
}

fn form_in_words(form: IntraclassForm) -> &'static str {
    match form {
        IntraclassForm::OneWaySingle => "ICC(1,1), raters nested in subjects, one rating",
        IntraclassForm::RandomSingle => "ICC(2,1), absolute agreement, one rating",
        IntraclassForm::FixedSingle => "ICC(3,1), consistency, one rating",
        IntraclassForm::OneWayMean => "ICC(1,k), raters nested in subjects, mean rating",
        IntraclassForm::RandomMean => "ICC(2,k), absolute agreement, mean rating",
        IntraclassForm::FixedMean => "ICC(3,k), consistency, mean rating",
    }
}
