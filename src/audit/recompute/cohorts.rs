//! Sizes and class counts of cohorts, steps of the flow, shares of a cohort in running text.

use super::Context;
use super::rows::Rows;
use crate::audit::reported::{CountItem, Counts, Figure, FlowStep};
use crate::results::{FigurePart, PublishedTable};

pub(super) fn cohorts(context: &Context<'_>) -> PublishedTable {
    let mut rows = Rows::new(context.reported);
    for cohort in &context.reported.cohorts {
        let counts = context.names.cohort(&cohort.name).and_then(|parts| {
            context
                .evidence
                .class_counts(&parts, context.names.outcome())
                .ok_or_else(|| format!("no subject is in {}", parts.join("+")))
        });
        let mut add = |quantity: &str, figure: &Option<Figure>, count: Option<usize>, why: &str| {
            let mut row = rows.begin(&cohort.name, "", quantity);
            match count {
                Some(count) => row.count(FigurePart::Count, figure, count),
                None => {
                    row.unknown(FigurePart::Count, figure);
                    row.says(why);
                }
            }
            rows.push(row);
        };
        match &counts {
            Ok(counts) => {
                let no_outcome = "the outcome that splits the cohort is not known here";
                let negative = counts.positive.map(|positive| counts.n - positive);
                add("n", &cohort.n, Some(counts.n), "");
                add("positive", &cohort.positive, counts.positive, no_outcome);
                add("negative", &cohort.negative, negative, no_outcome);
            }
            Err(why) => {
                add("n", &cohort.n, None, why);
                add("positive", &cohort.positive, None, why);
                add("negative", &cohort.negative, None, why);
            }
        }
        for named in &cohort.partition {
            add(&named.name, &Some(named.figure.clone()), None, "no result counts it");
        }
    }
    PublishedTable { section: "cohorts".to_string(), label: "Cohorts".to_string(), rows: rows.finish() }
}

/// Steps by name: a set of the study, the rows read ("read", "screened"), those analysed ("analysed", "included"), or the
/// step after a criterion ("after_adult").
pub(super) fn flow(context: &Context<'_>, steps: &[FlowStep], rows: &mut Rows<'_>) {
    for step in steps {
        let attrition = context.evidence.results.map(|results| &results.cohort);
        let criterion = attrition.and_then(|flow| {
            flow.steps
                .iter()
                .find(|known| super::names::normal(&step.name) == super::names::normal(&format!("after_{}", known.id)))
        });
        let word = super::names::normal(&step.name);
        let n = match (criterion, attrition) {
            (Some(criterion), _) => Some(criterion.remaining),
            (None, Some(flow)) if ["read", "screened", "assessed"].contains(&word.as_str()) => flow.read,
            (None, Some(flow)) if ["analysed", "analyzed", "included"].contains(&word.as_str()) => Some(flow.analysed),
            _ => None,
        };
        let of_set = || {
            let parts = context.names.cohort(&step.name).ok()?;
            context.evidence.class_counts(&parts, None).map(|counts| counts.n)
        };
        let mut row = rows.begin("", &step.name, "n");
        match n.or_else(of_set) {
            Some(n) => row.count(FigurePart::Count, &Some(step.n.clone()), n),
            None => {
                row.unknown(FigurePart::Count, &Some(step.n.clone()));
                row.says("the study has no such step");
            }
        }
        rows.push(row);
        for named in &step.excluded {
            let mut row = rows.begin("", &step.name, &named.name);
            let figure = Some(named.figure.clone());
            match (criterion, step.excluded.len()) {
                (Some(criterion), 1) => row.count(FigurePart::Count, &figure, criterion.excluded),
                _ => {
                    row.unknown(FigurePart::Count, &figure);
                    row.says("the study has no such criterion");
                }
            }
            rows.push(row);
        }
    }
}

pub(super) fn counts(context: &Context<'_>, counts: &Counts, rows: &mut Rows<'_>) {
    for item in &counts.items {
        let mut row = rows.begin(item.cohort.as_deref().unwrap_or_default(), &item.name, "n (%)");
        match share_of(context, item) {
            Ok((count, n)) => {
                row.count(FigurePart::Count, &item.share.count, count);
                row.count(FigurePart::Denominator, &item.share.of, n);
                if n > 0 {
                    row.number(FigurePart::Percent, &item.share.percent, 100.0 * count as f64 / n as f64);
                }
            }
            Err(why) => {
                row.unknown(FigurePart::Count, &item.share.count);
                row.unknown(FigurePart::Denominator, &item.share.of);
                row.unknown(FigurePart::Percent, &item.share.percent);
                row.says(why);
            }
        }
        rows.push(row);
    }
    if counts.p.is_some() {
        let mut row = rows.begin("", "", "P");
        row.unknown(FigurePart::PValue, &counts.p);
        row.says("no result compares these shares");
        rows.push(row);
    }
}

/// The count and its denominator, when the item says that it is a class of a cohort.
fn share_of(context: &Context<'_>, item: &CountItem) -> Result<(usize, usize), String> {
    let (Some(cohort), Some(class)) = (&item.cohort, &item.class) else {
        return Err("which cohort and class it counts is not stated (`cohort:`, `class:`)".to_string());
    };
    let parts = context.names.cohort(cohort)?;
    let counts = context.evidence.class_counts(&parts, context.names.outcome());
    let counts = counts.ok_or_else(|| format!("no subject is in {}", parts.join("+")))?;
    let positive = counts.positive.ok_or("the outcome that splits the cohort is not known here")?;
    match class.as_str() {
        "positive" => Ok((positive, counts.n)),
        "negative" => Ok((counts.n - positive, counts.n)),
        _ => Err(format!("`class: {class}` is neither positive nor negative")),
    }
}
