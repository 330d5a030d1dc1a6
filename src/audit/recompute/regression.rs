//! Terms of Cox and logistic regressions.

use super::Context;
use super::agreement::judge;
use super::fitted::{Fitted, FittedTerm, meant};
use super::interval::{Known, Limits, judge_limits};
use super::names::normal;
use super::performance::{level_of, same_level};
use super::rows::{RowBuilder, Rows};
use crate::audit::reported::{Covariate, Figure, Regression, RegressionModel, Term};
use crate::results::{Agreement, FigurePart, PublishedRow, VariableFacts};
use crate::stats::Interval;

/// What is known of a term.
#[derive(Clone, Default)]
struct KnownTerm {
    ratio: Option<f64>,
    intervals: Vec<Interval>,
    coefficient: Option<f64>,
    standard_error: Option<f64>,
    p: Option<f64>,
    how: &'static str,
}

impl KnownTerm {
    fn z(&self) -> Option<f64> {
        Some(self.coefficient? / self.standard_error?)
    }

    /// χ² with one degree of freedom; or z, if that is what is printed under this name.
    fn wald(&self, printed: &Option<Figure>) -> Option<f64> {
        let z = self.z()?;
        let agrees = |value: f64| {
            let printed = printed.as_ref().and_then(|figure| figure.number.as_ref());
            printed.is_some_and(|printed| judge(printed, value) <= Agreement::AgreesUpToRounding)
        };
        Some(if agrees(z) && !agrees(z * z) { z } else { z * z })
    }
}

pub(super) fn table(context: &Context<'_>, section: &str, table: &Regression, rows: &mut Rows<'_>) {
    sizes(context, section, table, rows);
    for term in &table.terms {
        add_term(context, section, table, term, rows);
    }
}

/// A term that is printed again elsewhere; its table is the first regression that has a term of this name.
pub(super) fn restated(context: &Context<'_>, term: &Term) -> Vec<PublishedRow> {
    let found = context.reported.sections.iter().find_map(|section| match &section.body {
        crate::audit::reported::Body::Regression(table) if table.terms.iter().any(|other| other.id == term.id) => {
            Some((section.name.as_str(), table))
        }
        _ => None,
    });
    let mut rows = Rows::new(context.reported);
    if let Some((section, table)) = found {
        // What the table says of the term holds wherever it is printed again: a ratio of two levels is none per unit.
        let original = table.terms.iter().find(|other| other.id == term.id);
        let covariate = original.map_or(term.covariate, |original| original.covariate);
        add_term(context, section, table, &Term { covariate, ..term.clone() }, &mut rows);
    }
    rows.finish()
}

fn sizes(context: &Context<'_>, section: &str, table: &Regression, rows: &mut Rows<'_>) {
    let found = meant(context, section, table).and_then(|fitted| {
        let size = fitted.iter().find_map(|fitted| fitted.size).ok_or("its size is not among the results")?;
        match fitted.iter().all(|other| other.size == Some(size)) {
            true => Ok(size),
            false => Err(several(section, &fitted)),
        }
    });
    let count = |count: fn(&super::fitted::Size) -> usize| found.as_ref().map(count).map_err(String::clone);
    for (quantity, figure, count) in
        [("n", &table.n, count(|size| size.n)), ("events", &table.events, count(|size| size.events))]
    {
        let mut row = rows.begin(table.cohort.as_deref().unwrap_or_default(), "", quantity);
        match count {
            Ok(count) => row.count(FigurePart::Count, figure, count),
            Err(why) => {
                row.unknown(FigurePart::Count, figure);
                row.says(why);
            }
        }
        rows.push(row);
    }
}

/// Which of several is printed is for the file to say.
fn several(section: &str, fitted: &[Fitted<'_>]) -> String {
    let ids: Vec<String> = fitted.iter().map(|fitted| format!("`{}`", fitted.id)).collect();
    format!(
        "several regressions of the study could be meant ({}): `match: {{sections: {{{section}: …}}}}` says which",
        ids.join(", ")
    )
}

fn add_term(context: &Context<'_>, section: &str, table: &Regression, term: &Term, rows: &mut Rows<'_>) {
    let known = of_term(context, section, table, term);
    let ratio = match table.model {
        Some(RegressionModel::Cox) => "hazard ratio",
        Some(RegressionModel::Logistic) => "odds ratio",
        _ => "ratio",
    };
    let of_known = |value: fn(&KnownTerm) -> Option<f64>| known.as_ref().ok().and_then(value);
    let beta = of_known(|known| known.coefficient).filter(|_| !term.beta_of_other_model);
    let wald = known.as_ref().ok().and_then(|known| known.wald(&term.wald));
    // A number each: the table of a model holds several for a term, and each is right or wrong for itself.
    for (quantity, part, figure, value) in [
        ("coefficient", FigurePart::Value, &term.beta, beta),
        ("standard error", FigurePart::Spread, &term.standard_error, of_known(|known| known.standard_error)),
        ("Wald statistic", FigurePart::Statistic, &term.wald, wald),
        ("z", FigurePart::Statistic, &term.z, of_known(KnownTerm::z)),
        (ratio, FigurePart::Value, &term.ratio, of_known(|known| known.ratio)),
        ("P", FigurePart::PValue, &term.p, of_known(|known| known.p)),
    ] {
        let mut row = rows.begin(table.cohort.as_deref().unwrap_or_default(), &term.id, quantity);
        row.says(known.as_ref().map_or_else(String::clone, |known| known.how.to_string()));
        match value {
            Some(value) => row.number(part, figure, value),
            None => row.unknown(part, figure),
        }
        if quantity == ratio && (term.lower.is_some() || term.upper.is_some()) {
            match known.as_ref().ok().and_then(|known| Some((known, known.ratio?))) {
                Some((known, value)) => limits_of_ratio(table, term, known, value, &mut row),
                None => {
                    row.unknown(FigurePart::Lower, &term.lower);
                    row.unknown(FigurePart::Upper, &term.upper);
                }
            }
        }
        rows.push(row);
    }
}

fn limits_of_ratio(table: &Regression, term: &Term, known: &KnownTerm, ratio: f64, row: &mut RowBuilder<'_>) {
    let level = level_of(table.ci_level.as_ref());
    let of_level = known.intervals.iter().filter(|interval| same_level(interval.level, level));
    let intervals: Vec<Known> = of_level.map(Known::of_result).collect();
    let limits = Limits { lower: &term.lower, upper: &term.upper, declared: table.ci_method, factor: 1.0 };
    judge_limits(&limits, ratio, &intervals, row);
}

/// The name of a term, and the column of the table that it stands in.
struct TermName<'t> {
    name: &'t str,
    multivariable: Option<bool>,
}

fn split_name(id: &str) -> TermName<'_> {
    for (word, multivariable) in
        [(" (univariable)", false), (" (univariate)", false), (" (multivariable)", true), (" (multivariate)", true)]
    {
        if let Some(name) = id.strip_suffix(word) {
            return TermName { name, multivariable: Some(multivariable) };
        }
    }
    TermName { name: id, multivariable: None }
}

/// The term in each regression that may be meant. Those of one regression are one; several that say the same are, too.
fn of_term(context: &Context<'_>, section: &str, table: &Regression, term: &Term) -> Result<KnownTerm, String> {
    let TermName { name, multivariable } = split_name(&term.id);
    let mut found: Option<KnownTerm> = None;
    let mut holders = Vec::new();
    for fitted in meant(context, section, table)? {
        // A table with one column prints the model with all terms, where there is one.
        let joint = multivariable.unwrap_or(fitted.has_joint_terms());
        let of_name = fitted.terms.iter().filter(|own| own.joint == joint && is_term(context, name, own));
        let own: Vec<FittedTerm<'_>> = of_name.cloned().collect();
        let Some(first) = own.first() else { continue };
        // A ratio of two groups is none per unit, unless the file says that the two are meant.
        if let (Covariate::Binary, Some(per), None) = (term.covariate, first.per, context.names.declared_variable(name))
        {
            return Err(format!("`{name}` has two levels in print, and the study's ratio is {per}"));
        }
        let known = known(&own);
        holders.push(fitted);
        match &found {
            Some(other) if !alike(other, &known) => return Err(several(section, &holders)),
            Some(_) => {}
            None => found = Some(known),
        }
    }
    found.ok_or_else(|| {
        format!(
            "no regression of the study has the term `{name}` in this column; declare it: `match: {{variables: {{{name}: …}}}}`"
        )
    })
}

fn known(terms: &[FittedTerm<'_>]) -> KnownTerm {
    KnownTerm {
        ratio: terms.iter().find_map(|term| term.ratio.map(|ratio| ratio.value).or(Some(term.coefficient?.exp()))),
        intervals: terms.iter().filter_map(|term| term.ratio?.interval.clone()).collect(),
        coefficient: terms.iter().find_map(|term| term.coefficient),
        standard_error: terms.iter().find_map(|term| term.standard_error),
        p: terms.iter().find_map(|term| term.p),
        how: terms.first().map_or("", |term| term.how),
    }
}

/// The same numbers, as far as both have them: an analysis and a model may be one fit.
fn alike(one: &KnownTerm, other: &KnownTerm) -> bool {
    let near = |one: Option<f64>, other: Option<f64>| match (one, other) {
        (Some(one), Some(other)) => (one - other).abs() <= 1e-6 * one.abs().max(other.abs()),
        _ => true,
    };
    near(one.coefficient, other.coefficient)
        && near(one.standard_error, other.standard_error)
        && near(one.p, other.p)
        && near(one.ratio, other.ratio)
}

fn is_term(context: &Context<'_>, paper: &str, term: &FittedTerm<'_>) -> bool {
    let facts = context.evidence.results.and_then(|results| results.variable(term.variable));
    // Groups of an analysis have its name beside the words that say what makes them.
    let of_groups = term.groups_of.is_some_and(|analysis| names_term(context, paper, None, analysis, term.level, None));
    let with_unit = |facts: &VariableFacts| {
        let unit = facts.unit.as_deref().unwrap_or_default();
        let transform = facts.transform.as_deref().unwrap_or_default();
        let in_full = [format!("{} {unit} as {transform}", facts.label), format!("{} {unit}", facts.label)];
        in_full.iter().any(|name| normal(name) == normal(paper))
    };
    of_groups
        || names_term(context, paper, facts, term.variable, term.level, term.per)
        || (term.level.is_none() && facts.is_some_and(with_unit))
}

/// Does the paper's name mean this term: the variable, with its level or its step?
fn names_term(
    context: &Context<'_>,
    paper: &str,
    facts: Option<&VariableFacts>,
    variable: &str,
    level: Option<&str>,
    per: Option<&str>,
) -> bool {
    let wanted = normal(context.names.declared_variable(paper).unwrap_or(paper));
    let label = facts.map_or(variable, |facts| facts.label.as_str());
    let only_level = facts.is_some_and(|facts| facts.levels.len() == 2);
    [variable, label].iter().any(|name| match (level, per) {
        (Some(level), _) => normal(&format!("{name}: {level}")) == wanted || (only_level && normal(name) == wanted),
        (None, Some(per)) => normal(&format!("{name}, {per}")) == wanted || normal(name) == wanted,
        (None, None) => normal(name) == wanted,
    })
}
