//! Survival by group: n, events, medians, rates, the log-rank P, the follow-up.

use super::Context;
use super::interval::{Known, Limits, judge_limits};
use super::rows::Rows;
use crate::audit::reported::{CiMethod, Survival, SurvivalGroup, days_in};
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
            Ok((analysis, known)) => match printed_per_known(context, analysis, table.time_unit.as_ref()) {
                Ok(factor) => add_group(cohort, table, group, analysis, known, factor, rows),
                Err(why) => unknown_group(cohort, table, group, &why, rows),
            },
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
    let printed_unit = table.follow_up_unit.as_ref().or(table.time_unit.as_ref());
    let per_unit = found.as_ref().ok().map(|(analysis, _)| printed_per_known(context, analysis, printed_unit));
    match (follow_up, per_unit) {
        (Some(value), Some(Ok(factor))) => row.number(FigurePart::Value, &table.median_follow_up, value * factor),
        (_, why) => {
            row.unknown(FigurePart::Value, &table.median_follow_up);
            if let Some(Err(why)) = why {
                row.says(why);
            }
        }
    }
    rows.push(row);
}

/// How many printed units of time make one of the study's; a unit that is not stated is the study's.
fn printed_per_known(
    context: &Context<'_>,
    analysis: &SurvivalAnalysis,
    printed: Option<&String>,
) -> Result<f64, String> {
    let Some(printed) = printed else { return Ok(1.0) };
    let outcomes = context.evidence.results.map_or(&[][..], |results| &results.outcomes);
    let known = outcomes.iter().find(|outcome| outcome.id == analysis.outcome);
    let known = known.and_then(|outcome| outcome.time_unit.as_deref()).unwrap_or_default();
    match (days_in(known), days_in(printed)) {
        (Some(known), Some(printed)) => Ok(known / printed),
        (None, _) => Err("the study does not say its unit of time".to_string()),
        (_, None) => Err(format!("`{printed}` is no unit of time: days, weeks, months or years")),
    }
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

/// `factor` is how many printed units of time make one of the study's.
fn add_group(
    cohort: &str,
    table: &Survival,
    printed: &SurvivalGroup,
    analysis: &SurvivalAnalysis,
    known: &GroupSurvival,
    factor: f64,
    rows: &mut Rows<'_>,
) {
    let mut row = rows.begin(cohort, &printed.name, "n, events");
    row.count(FigurePart::Denominator, &printed.n, known.n);
    row.count(FigurePart::Count, &printed.events, known.events);
    rows.push(row);

    let mut row = rows.begin(cohort, &printed.name, "median");
    match &known.median {
        Some(median) => {
            row.number(FigurePart::Value, &printed.median, factor * median.value);
            let intervals: Vec<Known> = median
                .interval
                .iter()
                .map(|interval| Known {
                    method: CiMethod::Other,
                    name: interval.method.to_string(),
                    lower: factor * interval.lower,
                    upper: factor * interval.upper,
                })
                .collect();
            let finite = intervals.iter().all(|interval| interval.upper.is_finite());
            if finite {
                let limits =
                    Limits { lower: &printed.median_lower, upper: &printed.median_upper, declared: None, factor: 1.0 };
                judge_limits(&limits, factor * median.value, &intervals, &mut row);
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

    // One table prints its rates in one way.
    let in_percent = printed_in_percent(table);
    for (time, rate) in table.times.iter().zip(&printed.rates) {
        let mut row = rows.begin(cohort, &printed.name, &format!("survival at {}", time.text));
        let figure = Some(rate.estimate.clone());
        let at = time.value().and_then(|time| {
            analysis.rate_times.iter().position(|known| (factor * known - time).abs() < 1e-9 * (1.0 + time))
        });
        match at.and_then(|at| known.rates.get(at)) {
            Some(Some(estimate)) => row.share(FigurePart::Value, &figure, estimate.value, in_percent),
            Some(None) => not_reached(FigurePart::Value, &figure, &mut row),
            None => {
                row.unknown(FigurePart::Value, &figure);
                row.says("the study gives no rate at this time");
            }
        }
        rows.push(row);
    }
}

/// A rate above 1 can only be a percent; `None` where no rate of the table tells.
fn printed_in_percent(table: &Survival) -> Option<bool> {
    let rates = table.groups.iter().flat_map(|group| &group.rates);
    rates.filter_map(|rate| rate.estimate.value()).any(|rate| rate > 1.0).then_some(true)
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
        row.unknown(FigurePart::Value, &Some(rate.estimate.clone()));
    }
    rows.push(row);
}
