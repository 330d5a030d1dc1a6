//! V901: what is said in words, against the tables.

use super::{Rule, predictors};
use crate::audit::finding::{Finding, Sink, Verdict};
use crate::audit::reported::{Body, Claim, ClaimKind, Comparison, Figure, MetricCell, Reported};
use crate::audit::statement::Statement;

pub(super) const CODE: &str = "V901";

pub const RULE: Rule = Rule {
    code: CODE,
    name: "claims",
    checks: "that \"greater than\", \"the highest\", \"significantly better (P < x)\", \"independent predictor (P < x)\", \
             \"selected because P < x\", \"more than\" and \"x times as many\" are what the tables print",
    why: "A claim about printed figures can be read off them. It is contradicted only when it fails in every cohort that \
          it may be about.",
    example: "\"significantly better than all others in the test set\" with P = 0.08 for one of them",
    silent: "when the figures or the P-value are not printed, and when they are equal as printed",
    strongest: Verdict::Inconsistent,
    run,
};

fn run(reported: &Reported, sink: &mut Sink) {
    for section in &reported.sections {
        if let Body::Claims(claims) = &section.body {
            for (index, claim) in claims.iter().enumerate() {
                let name = if claim.id.is_empty() { index.to_string() } else { claim.id.clone() };
                let key = format!("{}/{name}", section.name);
                match claim.kind {
                    ClaimKind::Greater | ClaimKind::Lower | ClaimKind::Maximum => order(reported, claim, &key, sink),
                    ClaimKind::SignificantlyBetter => significant(reported, claim, &key, sink),
                    ClaimKind::NoSignificantDifference => no_difference(claim, &key, sink),
                    ClaimKind::IndependentPredictor | ClaimKind::SelectedBelow => {
                        predictors::of_table(reported, claim, &key, sink);
                    }
                    ClaimKind::More | ClaimKind::RatioOf | ClaimKind::DifferenceOf => {
                        predictors::of_two(reported, claim, &key, sink);
                    }
                    ClaimKind::SpreadIsIqr => {
                        sink.undecidable(
                            CODE,
                            vec![claim.leaf],
                            "a bracket does not say whether it is a range or quartiles",
                        );
                    }
                }
            }
        }
    }
}

struct Printed<'a> {
    section: &'a str,
    model: &'a str,
    cohort: &'a str,
    figure: &'a Figure,
}

/// All printed estimates of the claim's metric.
fn printed<'a>(reported: &'a Reported, claim: &Claim) -> Vec<Printed<'a>> {
    let metric = claim.metric.as_deref().unwrap_or("auc");
    let mut found = Vec::new();
    for section in &reported.sections {
        if claim.table.as_ref().is_some_and(|name| *name != section.name) {
            continue;
        }
        if let Body::Performance(table) = &section.body {
            for row in &table.rows {
                let cell: Option<&MetricCell> =
                    row.metrics.iter().find(|c| c.key == metric || c.metric.key() == metric);
                if let (Some(cohort), Some(figure)) = (row.cohort.as_deref(), cell.and_then(|c| c.estimate.as_ref())) {
                    found.push(Printed { section: &section.name, model: &row.model, cohort, figure });
                }
            }
        }
    }
    found
}

fn order(reported: &Reported, claim: &Claim, key: &str, sink: &mut Sink) {
    let all = printed(reported, claim);
    let stated = claim.cohorts.iter().any(|cohort| reported.cohort(cohort).is_some());
    let mut cohorts: Vec<&str> = all.iter().map(|one| one.cohort).collect();
    cohorts.sort_unstable();
    cohorts.dedup();
    if stated {
        cohorts.retain(|cohort| claim.cohorts.iter().any(|named| named == cohort));
    }
    let mut against: Vec<Finding> = Vec::new();
    let (mut held, mut leaves) = (0_usize, vec![claim.leaf]);
    for subject in &claim.subjects {
        for cohort in &cohorts {
            let excepted = claim
                .except
                .iter()
                .any(|e| e.model == *subject && e.cohort.as_deref().is_none_or(|name| name == *cohort));
            let Some(own) = all.iter().find(|one| one.model == *subject && one.cohort == *cohort) else { continue };
            if excepted {
                continue;
            }
            for other in all.iter().filter(|one| one.cohort == *cohort && one.model != *subject) {
                // "The highest" is so of its own table.
                let meant = (claim.kind == ClaimKind::Maximum && other.section == own.section)
                    || claim.than.iter().any(|name| name == other.model || name == "all_models");
                let (Some(a), Some(b)) = (own.figure.value(), other.figure.value()) else { continue };
                if !meant {
                    continue;
                }
                leaves.extend([own.figure.leaf, other.figure.leaf]);
                let wrong = if claim.kind == ClaimKind::Lower { a > b } else { a < b };
                if wrong {
                    let word = if claim.kind == ClaimKind::Lower { "lower" } else { "greater" };
                    let message = format!(
                        "in {cohort}, {subject} ({}) is said to be {word} than {} ({})",
                        own.figure.text, other.model, other.figure.text
                    );
                    let place = format!("{key}/{cohort}/{subject}-{}", other.model);
                    let numbers = vec![own.figure.leaf, other.figure.leaf, claim.leaf];
                    let (low, high) = match claim.kind {
                        ClaimKind::Lower => (own.figure.leaf, other.figure.leaf),
                        _ => (other.figure.leaf, own.figure.leaf),
                    };
                    against.push(
                        Finding::new(CODE, Verdict::Inconsistent, &place, numbers, message)
                            .stating(Statement::Order { low, high }),
                    );
                } else {
                    held += 1;
                }
            }
        }
    }
    if !against.is_empty() && !stated && held > 0 {
        sink.undecidable(CODE, leaves, "holds in some cohorts and not in others: which one is meant is not stated");
    } else if !against.is_empty() {
        against.into_iter().for_each(|finding| sink.finding(finding));
    } else if held > 0 {
        sink.pass(CODE, leaves, format!("holds in {held} comparisons of the tables"));
    } else {
        sink.undecidable(CODE, leaves, "the figures of this claim are not in the tables");
    }
}

fn significant(reported: &Reported, claim: &Claim, key: &str, sink: &mut Sink) {
    let level = claim.p.as_ref().and_then(Figure::value).unwrap_or(0.05);
    let stated = claim.cohorts.iter().any(|cohort| reported.cohort(cohort).is_some());
    let mut tested: Vec<(&Comparison, &Figure)> = Vec::new();
    for section in &reported.sections {
        if let Body::Comparison(comparisons) = &section.body {
            for pair in &comparisons.pairs {
                let sides = [(&pair.first, &pair.second), (&pair.second, &pair.first)];
                let meant = sides.iter().any(|(one, other)| {
                    claim.subjects.contains(one) && claim.than.iter().any(|name| name == *other || name == "all_models")
                });
                let here = !stated || pair.cohort.as_ref().is_some_and(|cohort| claim.cohorts.contains(cohort));
                if let (true, true, Some(p)) = (meant, here, &pair.p) {
                    tested.push((pair, p));
                }
            }
        }
    }
    let mut leaves: Vec<usize> = tested.iter().map(|(_, p)| p.leaf).collect();
    leaves.push(claim.leaf);
    if tested.is_empty() {
        sink.undecidable(CODE, leaves, "no P-value of this comparison is printed");
        return;
    }
    let above: Vec<&(&Comparison, &Figure)> =
        tested.iter().filter(|(_, p)| p.number.as_ref().is_some_and(|printed| printed.widest().0 >= level)).collect();
    if above.is_empty() {
        sink.pass(CODE, leaves, format!("every printed P-value is below {level}"));
        return;
    }
    // Without a cohort the claim may be about any in which all comparisons hold.
    let some_cohort_holds = tested.iter().any(|(pair, _)| above.iter().all(|(other, _)| other.cohort != pair.cohort));
    if !stated && some_cohort_holds {
        sink.undecidable(CODE, leaves, "holds in one cohort and not in another: which one is meant is not stated");
        return;
    }
    let shown: Vec<String> = above
        .iter()
        .map(|(pair, p)| format!("P {} against {} ({})", p.text, pair.second, pair.cohort.as_deref().unwrap_or("-")))
        .collect();
    let mut numbers: Vec<usize> = above.iter().map(|(_, p)| p.leaf).collect();
    let first = numbers[0];
    numbers.push(claim.leaf);
    let message = format!("said to be better at P < {level}, printed is {}", shown.join(", "));
    sink.finding(Finding::new(CODE, Verdict::Inconsistent, key, numbers, message).stating(Statement::OutOfRange {
        leaf: first,
        low: 0.0,
        high: level,
    }));
}

fn no_difference(claim: &Claim, key: &str, sink: &mut Sink) {
    let Some(p) = &claim.p else {
        sink.undecidable(CODE, vec![claim.leaf], "no P-value of this comparison is printed");
        return;
    };
    let leaves = vec![p.leaf, claim.leaf];
    match p.number.as_ref().map(|printed| printed.widest()) {
        Some((_, high)) if high < 0.05 => {
            let message = format!("no significant difference is claimed, P is {}", p.text);
            let statement = Statement::OutOfRange { leaf: p.leaf, low: 0.05, high: 1.0 };
            sink.finding(Finding::new(CODE, Verdict::Inconsistent, key, leaves, message).stating(statement));
        }
        Some(_) => sink.pass(CODE, leaves, "the P-value is not below 0.05"),
        None => sink.undecidable(CODE, leaves, "the P-value cannot be read"),
    }
}
