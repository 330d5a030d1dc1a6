//! What came of the analyses that a reader should not have to look for.

use super::sample::EVENTS_PER_PARAMETER;
use super::{note, quoted, warning};
use crate::report::number::p_equals;
use crate::results::{
    Analysis, AnalysisOutcome, CoxAnalysis, ModelFacts, Notice, PartitionFacts, ProportionalHazardsRow,
};

/// `minimum`: smaller counts are not told.
pub(in crate::pipeline) fn of_analysis(
    analysis: &Analysis,
    partitions: &[PartitionFacts],
    minimum: Option<usize>,
) -> Vec<Notice> {
    let id = &analysis.id;
    let told = |count: usize| minimum.is_none_or(|minimum| count >= minimum);
    let complete_cases = |n: usize, partition: &str| complete_cases(id, n, partition, partitions, &told);
    let few_events = |coefficients: usize, events: usize, counted: &str| {
        few_events(id, coefficients, events, counted).filter(|_| told(events))
    };
    let mut notices: Vec<Notice> = analysis
        .outcome
        .lacks()
        .into_iter()
        .map(|why| match &analysis.outcome {
            AnalysisOutcome::NotComputed { .. } => {
                warning("analysis/not-computed", format!("The analysis `{id}` has no result: {why}."))
            }
            _ => warning("analysis/lacks", format!("The analysis `{id}` lacks its main part: {why}.")),
        })
        .collect();
    match &analysis.outcome {
        AnalysisOutcome::Optimism(optimism) => {
            let failed = optimism.rows.iter().filter(|row| row.measures.failed() > 0);
            notices.extend(failed.map(|row| {
                warning(
                    "analysis/failed-replicates",
                    format!(
                        "The analysis `{id}` corrects model `{}` by {} of {} bootstrap samples: {} could not be fitted, and the correction is optimistic without them.",
                        row.model, row.measures.replicates(), optimism.replicates, row.measures.failed()
                    ),
                )
            }));
        }
        AnalysisOutcome::Cox(cox) => {
            notices.extend(few_events(cox.multivariable.len(), cox.events, "events"));
            notices.extend(told(cox.events).then(|| changing_hazards(id, cox)).flatten());
            notices.extend(complete_cases(cox.n, &cox.partition));
        }
        AnalysisOutcome::FineGray(fine_gray) => {
            notices.extend(few_events(fine_gray.multivariable.len(), fine_gray.events, "events"));
            notices.extend(complete_cases(fine_gray.n, &fine_gray.partition));
        }
        AnalysisOutcome::Regression(regression) => {
            let rarer = regression.events.min(regression.n.saturating_sub(regression.events));
            let counted = "subjects in the rarer class";
            notices.extend(few_events(regression.multivariable.len(), rarer, counted));
            notices.extend(complete_cases(regression.n, &regression.partition));
        }
        _ => {}
    }
    notices
}

/// Below this P the hazards of a Cox model are said to be hardly proportional.
const PROPORTIONAL_ABOVE: f64 = 0.05;

/// A Cox model whose hazards are not proportional.
pub(in crate::pipeline) fn of_cox_model(model: &ModelFacts, minimum: Option<usize>) -> Option<Notice> {
    let cox = model.cox.as_ref()?;
    let told = minimum.is_none_or(|minimum| cox.events >= minimum);
    let words = |terms: &[&str]| quoted(terms);
    told.then(|| not_proportional(&format!("the model `{}`", model.id), &cox.proportional_hazards, &words)).flatten()
}

fn changing_hazards(id: &str, cox: &CoxAnalysis) -> Option<Notice> {
    // Groups go by what makes them; here by the analysis that does, behind the variables.
    let groups_of =
        |term: &str| cox.multivariable.iter().find(|row| row.variable == term).and_then(|row| row.groups_of.as_deref());
    let words = |terms: &[&str]| {
        let variables: Vec<&str> = terms.iter().copied().filter(|term| groups_of(term).is_none()).collect();
        let groups: Vec<&str> = terms.iter().filter_map(|term| groups_of(term)).collect();
        let parts = [
            (!variables.is_empty()).then(|| quoted(&variables)),
            (!groups.is_empty()).then(|| format!("the groups of the analysis {}", quoted(&groups))),
        ];
        parts.into_iter().flatten().collect::<Vec<String>>().join(" and ")
    };
    not_proportional(&format!("the analysis `{id}`"), &cox.proportional_hazards, &words)
}

/// `words`: how terms are called.
fn not_proportional(
    whose: &str,
    tests: &[ProportionalHazardsRow],
    words: &dyn Fn(&[&str]) -> String,
) -> Option<Notice> {
    let is_rejected = |row: &&ProportionalHazardsRow| row.test.p_value < PROPORTIONAL_ABOVE;
    let (global, terms): (Vec<_>, Vec<_>) = tests.iter().filter(is_rejected).partition(|row| row.term == "global");
    let global = global.first()?;
    let terms: Vec<&str> = terms.iter().map(|row| row.term.as_str()).collect();
    let alone = match terms.as_slice() {
        [] => format!("no term alone has P < {PROPORTIONAL_ABOVE}"),
        [only] => format!("{}: P < {PROPORTIONAL_ABOVE}", words(&[only])),
        terms => format!("{}: P < {PROPORTIONAL_ABOVE} each", words(terms)),
    };
    Some(note(
        "analysis/hazards-not-proportional",
        format!(
            "Hazards are hardly proportional in {whose} (global test: {}; {alone}): a hazard ratio there is an average over \
             follow-up, not one that holds at every time.",
            p_equals(global.test.p_value)
        ),
    ))
}

fn few_events(id: &str, coefficients: usize, events: usize, counted: &str) -> Option<Notice> {
    (events < EVENTS_PER_PARAMETER * coefficients).then(|| {
        note(
            "sample/few-events",
            format!(
                "The analysis `{id}` estimates {coefficients} coefficients together from {events} {counted}: fewer than ten \
                 for each are a sign of overfitting."
            ),
        )
    })
}

/// A regression takes those without a missing value among its terms, whatever happens to missing values in models.
fn complete_cases(
    id: &str,
    n: usize,
    partition: &str,
    partitions: &[PartitionFacts],
    told: &dyn Fn(usize) -> bool,
) -> Option<Notice> {
    let all = partitions.iter().find(|facts| facts.id == partition)?.n;
    (n < all).then(|| {
        if !told(all - n) {
            return note(
                "analysis/complete-cases",
                format!("The analysis `{id}` leaves out those with a missing value in what it needs: nothing is imputed there."),
            );
        }
        note(
            "analysis/complete-cases",
            format!(
                "The analysis `{id}` rests on the {n} of {all} subjects of `{partition}` without a missing value in what it \
                 needs: nothing is imputed there."
            ),
        )
    })
}
