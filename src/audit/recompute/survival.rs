//! Survival by group: n, events, medians, rates, the log-rank P, the follow-up.

use super::Context;
use super::interval::{Known, Limits, judge_limits};
use super::rows::Rows;
use crate::audit::reported::{CiMethod, Survival, SurvivalGroup};
use crate::results::{Agreement, AnalysisOutcome, FigurePart, GroupSurvival, PartitionSurvival, SurvivalAnalysis};

pub(super) fn table(context: &Context<'_>, section: &str, table: &Survival, rows: &mut Rows<'_>) {
    let cohort = table.cohort.as_deref().unwrap_or_default();
    let found = analysis(context, section, table);
    for group in &table.groups {
        let known = found.as_ref().map_err(String::clone).and_then(|(analysis, partition)| {
            let at = context.names.group(&group.name, &analysis.group_labels);
            let known = at.and_then(|at| partition.groups.get(at));
            known.map(|known| (*analysis, known)).ok_or_else(|| {
                format!("the study has no group `{0}`; declare it: `match: {{groups: {{{0}: …}}}}`", group.name)
            })
        });
        match known {
            Ok((analysis, known)) => add_group(cohort, table, group, analysis, known, rows),
            Err(why) => unknown_group(cohort, table, group, &why, rows),
        }
    }
    let mut row = rows.begin(cohort, "groups compared", "P");
    match &found {
        Ok((_, PartitionSurvival { log_rank: Some(test), .. })) => {
            row.number(FigurePart::PValue, &table.p, test.p_value);
            row.says(test.method.to_string());
        }
        Ok(_) => {
            row.unknown(FigurePart::PValue, &table.p);
            row.says("the groups are not compared in this set");
        }
        Err(why) => {
            row.unknown(FigurePart::PValue, &table.p);
            row.says(why.clone());
        }
    }
    rows.push(row);
    let mut row = rows.begin(cohort, "follow-up", "median");
    let follow_up = found.as_ref().ok().and_then(|(analysis, partition)| {
        let facts = context.evidence.results?.partition(&partition.partition)?;
        let outcome = facts.outcomes.iter().find(|facts| facts.outcome == analysis.outcome)?;
        outcome.median_follow_up.as_ref().map(|estimate| estimate.value)
    });
    match follow_up {
        Some(value) => row.number(FigurePart::Value, &table.median_follow_up, value),
        None => row.unknown(FigurePart::Value, &table.median_follow_up),
    }
    rows.push(row);
}

fn analysis<'a>(
    context: &Context<'a>,
    section: &str,
    table: &Survival,
) -> Result<(&'a SurvivalAnalysis, &'a PartitionSurvival), String> {
    let parts = context.names.cohort(table.cohort.as_deref().ok_or("the section names no cohort")?)?;
    let analyses = context.evidence.analyses(context.names.analysis(section)).filter_map(|outcome| match outcome {
        AnalysisOutcome::KaplanMeier(analysis) => Some(analysis),
        _ => None,
    });
    // Of several analyses of the set, the one whose groups are the paper's.
    let mut candidates: Vec<(&SurvivalAnalysis, &PartitionSurvival)> = analyses
        .filter_map(|analysis| {
            let partition =
                analysis.partitions.iter().find(|set| context.evidence.is_partition(&set.partition, &parts))?;
            Some((analysis, partition))
        })
        .collect();
    candidates.sort_by_key(|(analysis, _)| {
        table.groups.iter().filter(|group| context.names.group(&group.name, &analysis.group_labels).is_none()).count()
    });
    candidates.first().copied().ok_or_else(|| format!("the study has no survival analysis in {}", parts.join("+")))
}

fn add_group(
    cohort: &str,
    table: &Survival,
    printed: &SurvivalGroup,
    analysis: &SurvivalAnalysis,
    known: &GroupSurvival,
    rows: &mut Rows<'_>,
) {
    let mut row = rows.begin(cohort, &printed.name, "n, events");
    row.count(FigurePart::Denominator, &printed.n, known.n);
    row.count(FigurePart::Count, &printed.events, known.events);
    rows.push(row);

    let mut row = rows.begin(cohort, &printed.name, "median");
    match &known.median {
        Some(median) => {
            row.number(FigurePart::Value, &printed.median, median.value);
            let intervals: Vec<Known> = median
                .interval
                .iter()
                .map(|interval| Known {
                    method: CiMethod::Other,
                    name: interval.method.to_string(),
                    lower: interval.lower,
                    upper: interval.upper,
                })
                .collect();
            let finite = intervals.iter().all(|interval| interval.upper.is_finite());
            if finite {
                let limits =
                    Limits { lower: &printed.median_lower, upper: &printed.median_upper, declared: None, factor: 1.0 };
                judge_limits(&limits, median.value, &intervals, &mut row);
            } else {
                let lower = intervals.first().map_or(f64::NAN, |interval| interval.lower);
                row.number(FigurePart::Lower, &printed.median_lower, lower);
                not_reached(FigurePart::Upper, &printed.median_upper, &mut row);
            }
        }
        None => {
            not_reached(FigurePart::Value, &printed.median, &mut row);
            row.unknown(FigurePart::Lower, &printed.median_lower);
            row.unknown(FigurePart::Upper, &printed.median_upper);
        }
    }
    rows.push(row);

    for (time, rate) in table.times.iter().zip(&printed.rates) {
        let mut row = rows.begin(cohort, &printed.name, &format!("survival at {}", time.text));
        let figure = Some(rate.clone());
        let at = time.value().and_then(|time| analysis.rate_times.iter().position(|known| (known - time).abs() < 1e-9));
        match at.and_then(|at| known.rates.get(at)) {
            Some(Some(estimate)) => row.share(FigurePart::Value, &figure, estimate.value, None),
            Some(None) => not_reached(FigurePart::Value, &figure, &mut row),
            None => {
                row.unknown(FigurePart::Value, &figure);
                row.says("the study gives no rate at this time");
            }
        }
        rows.push(row);
    }
}

/// The curve does not reach it: a printed number disagrees, "NR" is what one expects.
fn not_reached(
    part: FigurePart,
    figure: &Option<crate::audit::reported::Figure>,
    row: &mut super::rows::RowBuilder<'_>,
) {
    if figure.as_ref().is_some_and(|figure| figure.number.is_some()) {
        row.judged(part, figure, f64::INFINITY, Agreement::Disagrees, "not reached");
    } else {
        row.unknown(part, figure);
    }
}

fn unknown_group(cohort: &str, table: &Survival, printed: &SurvivalGroup, why: &str, rows: &mut Rows<'_>) {
    let mut row = rows.begin(cohort, &printed.name, "survival");
    row.says(why);
    row.unknown(FigurePart::Denominator, &printed.n);
    row.unknown(FigurePart::Count, &printed.events);
    row.unknown(FigurePart::Value, &printed.median);
    row.unknown(FigurePart::Lower, &printed.median_lower);
    row.unknown(FigurePart::Upper, &printed.median_upper);
    for (_, rate) in table.times.iter().zip(&printed.rates) {
        row.unknown(FigurePart::Value, &Some(rate.clone()));
    }
    rows.push(row);
}
