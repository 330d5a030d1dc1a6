//! Terms of Cox models, and of the univariable screens of models that select their predictors.

use super::Context;
use super::interval::{Known, Limits, judge_limits};
use super::names::normal;
use super::performance::{level_of, same_level};
use super::rows::{RowBuilder, Rows};
use crate::audit::reported::{CiMethod, Covariate, Regression, RegressionModel, Term};
use crate::results::{
    AnalysisOutcome, CoxAnalysis, CoxRow, FigurePart, PublishedRow, SelectionRegression, VariableFacts,
};
use crate::stats::Estimate;

/// What is known of a term.
struct KnownTerm {
    ratio: Estimate,
    coefficient: Option<f64>,
    standard_error: Option<f64>,
    wald: Option<f64>,
    p: f64,
    how: String,
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
    let found = cox(context, section, table).ok().and_then(|analyses| analyses.first().copied());
    for (quantity, figure, count) in
        [("n", &table.n, found.map(|cox| cox.n)), ("events", &table.events, found.map(|cox| cox.events))]
    {
        let mut row = rows.begin(table.cohort.as_deref().unwrap_or_default(), "", quantity);
        match count {
            Some(count) => row.count(FigurePart::Count, figure, count),
            None => {
                row.unknown(FigurePart::Count, figure);
                row.says("the study has no regression of this kind in this set");
            }
        }
        rows.push(row);
    }
}

fn add_term(context: &Context<'_>, section: &str, table: &Regression, term: &Term, rows: &mut Rows<'_>) {
    let known = match table.model {
        Some(RegressionModel::Cox) => of_cox(context, section, table, term)
            .or_else(|why| of_screen(context, term, SelectionRegression::Cox).map_err(|_| why)),
        Some(RegressionModel::Logistic) => of_screen(context, term, SelectionRegression::Logistic),
        _ => Err("only Cox and logistic models are recomputed".to_string()),
    };
    let ratio = match table.model {
        Some(RegressionModel::Cox) => "hazard ratio",
        Some(RegressionModel::Logistic) => "odds ratio",
        _ => "ratio",
    };
    let of_known = |value: fn(&KnownTerm) -> Option<f64>| known.as_ref().ok().and_then(value);
    let z = of_known(|known| Some(known.coefficient? / known.standard_error?));
    let beta = of_known(|known| known.coefficient).filter(|_| !term.beta_of_other_model);
    // A number each: the table of a model holds several for a term, and each is right or wrong for itself.
    for (quantity, part, figure, value) in [
        ("coefficient", FigurePart::Value, &term.beta, beta),
        ("standard error", FigurePart::Spread, &term.standard_error, of_known(|known| known.standard_error)),
        ("Wald statistic", FigurePart::Statistic, &term.wald, of_known(|known| known.wald)),
        ("z", FigurePart::Statistic, &term.z, z),
        (ratio, FigurePart::Value, &term.ratio, of_known(|known| Some(known.ratio.value))),
        ("P", FigurePart::PValue, &term.p, of_known(|known| Some(known.p))),
    ] {
        let mut row = rows.begin(table.cohort.as_deref().unwrap_or_default(), &term.id, quantity);
        row.says(known.as_ref().map_or_else(String::clone, |known| known.how.clone()));
        match value {
            Some(value) => row.number(part, figure, value),
            None => row.unknown(part, figure),
        }
        if quantity == ratio && (term.lower.is_some() || term.upper.is_some()) {
            match &known {
                Ok(known) => limits_of_ratio(table, term, known, &mut row),
                Err(_) => {
                    row.unknown(FigurePart::Lower, &term.lower);
                    row.unknown(FigurePart::Upper, &term.upper);
                }
            }
        }
        rows.push(row);
    }
}

fn limits_of_ratio(table: &Regression, term: &Term, known: &KnownTerm, row: &mut RowBuilder<'_>) {
    let level = level_of(table.ci_level.as_ref());
    let of_level = known.ratio.interval.iter().filter(|interval| same_level(interval.level, level));
    let intervals: Vec<Known> = of_level.map(Known::of_result).collect();
    // A ratio has its Wald interval on the scale of the logarithm, whether or not the file says so.
    let declared = table.ci_method.map(|method| match method {
        CiMethod::WaldLog => CiMethod::Wald,
        other => other,
    });
    let limits = Limits { lower: &term.lower, upper: &term.upper, declared, factor: 1.0 };
    judge_limits(&limits, known.ratio.value, &intervals, row);
}

/// The Cox analyses of the set that the section names; all, when it names none.
fn cox<'a>(context: &Context<'a>, section: &str, table: &Regression) -> Result<Vec<&'a CoxAnalysis>, String> {
    let parts = table.cohort.as_deref().map(|cohort| context.names.cohort(cohort)).transpose()?;
    let analyses = context.evidence.analyses(context.names.analysis(section)).filter_map(|outcome| match outcome {
        AnalysisOutcome::Cox(analysis) => Some(analysis),
        _ => None,
    });
    Ok(analyses
        .filter(|analysis| parts.as_ref().is_none_or(|parts| context.evidence.is_partition(&analysis.partition, parts)))
        .collect())
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

fn of_cox(context: &Context<'_>, section: &str, table: &Regression, term: &Term) -> Result<KnownTerm, String> {
    let TermName { name, multivariable } = split_name(&term.id);
    if multivariable != Some(false)
        && let Some(found) = of_model(context, section, table, name)?
    {
        return Ok(found);
    }
    let analyses = cox(context, section, table)?;
    if analyses.is_empty() {
        return Err("the study has no Cox regression in this set".to_string());
    }
    for analysis in analyses {
        // A table with one column prints the model with all terms, where there is one.
        let joint = multivariable.unwrap_or(!analysis.multivariable.is_empty());
        let rows = if joint { &analysis.multivariable } else { &analysis.univariable };
        if let Some(row) = rows.iter().find(|row| is_term(context, name, row)) {
            // A ratio of two groups is none per unit, unless the file says that the two are meant.
            let two_levels = term.covariate == Covariate::Binary && row.per.is_some();
            if two_levels && context.names.declared_variable(name).is_none() {
                return Err(format!(
                    "`{name}` has two levels in print, and the study's ratio is {}",
                    row.per.as_deref().unwrap_or_default()
                ));
            }
            return Ok(KnownTerm {
                ratio: row.hazard_ratio.clone(),
                coefficient: Some(row.coefficient),
                standard_error: Some(row.standard_error),
                wald: Some(row.wald),
                p: row.p_value,
                how: String::new(),
            });
        }
    }
    Err(format!(
        "no Cox regression of the study has the term `{name}`; declare it: `match: {{variables: {{{name}: …}}}}`"
    ))
}

/// A term of a Cox prediction model, which is fitted on the training part. The section names its model, or the study has
/// only one.
fn of_model(context: &Context<'_>, section: &str, table: &Regression, name: &str) -> Result<Option<KnownTerm>, String> {
    let Some(results) = context.evidence.results else { return Ok(None) };
    if let Some(cohort) = &table.cohort
        && context.names.cohort(cohort)? != ["training"]
    {
        return Ok(None);
    }
    let declared = context.names.analysis(section);
    let mut models = results
        .models
        .iter()
        .filter(|model| model.cox.is_some() && declared.is_none_or(|declared| declared == model.id));
    let (Some(model), None) = (models.next(), models.next()) else { return Ok(None) };
    let Some(cox) = &model.cox else { return Ok(None) };
    let found = cox.terms.iter().find(|term| {
        let facts = results.variable(&term.variable);
        names_term(context, name, facts, &term.variable, term.level.as_deref(), None)
    });
    Ok(found.map(|term| KnownTerm {
        ratio: term.hazard_ratio.clone(),
        coefficient: Some(term.coefficient),
        standard_error: Some(term.standard_error),
        wald: Some(term.z * term.z),
        p: term.p_value,
        how: String::new(),
    }))
}

fn is_term(context: &Context<'_>, paper: &str, row: &CoxRow) -> bool {
    let facts = context.evidence.results.and_then(|results| results.variable(&row.variable));
    // Groups of an analysis have its name beside the words that say what makes them.
    let of_groups = row
        .groups_of
        .as_ref()
        .is_some_and(|analysis| names_term(context, paper, None, analysis, row.level.as_deref(), None));
    of_groups || names_term(context, paper, facts, &row.variable, row.level.as_deref(), row.per.as_deref())
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

/// Ratios of single variables, from the screen of a model that selects.
fn of_screen(context: &Context<'_>, term: &Term, regression: SelectionRegression) -> Result<KnownTerm, String> {
    let TermName { name, multivariable } = split_name(&term.id);
    if multivariable != Some(false) {
        return Err("only ratios of single variables are recomputed (`univariable:` on a term)".to_string());
    }
    let results = context.evidence.results.ok_or("it takes the results of the study, which are not at hand")?;
    for model in &results.models {
        let of_kind = model.selection.iter().filter(|selection| selection.regression == regression);
        for screened in of_kind.flat_map(|selection| &selection.screen) {
            let facts = results.variable(&screened.variable);
            for one in &screened.terms {
                let with_transform = facts.is_some_and(|facts| {
                    let unit = facts.unit.as_deref().unwrap_or_default();
                    let transform = facts.transform.as_deref().unwrap_or_default();
                    normal(&format!("{} {unit} as {transform}", facts.label)) == normal(name)
                        || normal(&format!("{} {unit}", facts.label)) == normal(name)
                });
                let named = names_term(context, name, facts, &screened.variable, one.level.as_deref(), None);
                if named || (one.level.is_none() && with_transform) {
                    return Ok(KnownTerm {
                        ratio: one.ratio.clone(),
                        coefficient: Some(one.ratio.value.ln()),
                        standard_error: None,
                        wald: None,
                        p: screened.p_value,
                        how: "alone in the model, on the training part".to_string(),
                    });
                }
            }
        }
    }
    Err(format!("no screen of the study has the term `{name}`"))
}
