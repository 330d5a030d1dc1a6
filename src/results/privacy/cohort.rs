//! The flow and the missing values: steps are joined until none is small; small combinations are counted together.

use super::Rule;
use crate::results::{AttritionKind, AttritionStep, CohortFlow, MissingValues, Notice, NoticeLevel, Results};

pub(super) fn withhold(results: &mut Results, rule: Rule) {
    let Results { cohort, external, notices, .. } = results;
    for flow in std::iter::once(cohort).chain(external.as_mut().map(|external| &mut external.flow)) {
        withhold_flow(flow, notices, rule);
    }
    for variable in &mut results.variables {
        variable.missing = variable.missing.filter(|missing| !rule.is_small(*missing));
    }
}

fn withhold_flow(flow: &mut CohortFlow, notices: &mut Vec<Notice>, rule: Rule) {
    let left: usize = flow.steps.iter().map(|step| step.excluded).sum();
    if rule.is_small(left) {
        flow.steps.clear();
        flow.read = flow.analysed;
        notices.push(note(
            "privacy/flow",
            "Few subjects left the cohort; why is withheld, and the flow begins after them.",
        ));
    } else {
        flow.steps = joined(std::mem::take(&mut flow.steps), rule);
    }
    let dropped = flow.dropped_variables.len();
    flow.dropped_variables.retain(|variable| !rule.is_small(variable.missing));
    if flow.dropped_variables.len() < dropped {
        notices.push(note(
            "privacy/dropped-variable",
            "A variable was dropped for its missing values, whose number is withheld.",
        ));
    }
    flow.missing_values = flow.missing_values.take().and_then(|missing| coarse(missing, rule));
}

fn note(code: &str, message: &str) -> Notice {
    Notice { code: code.to_string(), level: NoticeLevel::Note, message: message.to_string() }
}

/// Neighbouring steps together, until each step has left out nobody or enough.
fn joined(steps: Vec<AttritionStep>, rule: Rule) -> Vec<AttritionStep> {
    let mut joined: Vec<AttritionStep> = Vec::new();
    for step in steps {
        match joined.last_mut() {
            Some(last) if rule.is_small(last.excluded) => join(last, step),
            _ => joined.push(step),
        }
    }
    // What is small at the end goes to the steps before it.
    while joined.len() > 1 && joined.last().is_some_and(|last| rule.is_small(last.excluded)) {
        if let (Some(last), Some(before)) = (joined.pop(), joined.last_mut()) {
            join(before, last);
        }
    }
    joined
}

/// Steps of one kind stay of that kind; of two kinds they become an exclusion, for which an inclusion's words are turned.
fn join(step: &mut AttritionStep, mut next: AttritionStep) {
    if step.kind != next.kind {
        for step in [&mut *step, &mut next] {
            if step.kind == AttritionKind::Inclusion {
                step.says = format!("Did not meet: {}", step.says);
            }
        }
        step.kind = AttritionKind::Exclusion;
    }
    step.id = format!("{}+{}", step.id, next.id);
    step.says = format!("{}; {}", step.says, next.says);
    step.excluded += next.excluded;
    step.remaining = next.remaining;
}

/// Small combinations together; `None` where the number of those with any missing value is small.
fn coarse(mut missing: MissingValues, rule: Rule) -> Option<MissingValues> {
    if rule.is_small(missing.n - missing.complete) || rule.is_small(missing.complete) {
        return None;
    }
    missing.patterns.retain(|pattern| {
        let small = rule.is_small(pattern.subjects);
        if small {
            missing.others += pattern.subjects;
        }
        !small
    });
    // The rest must not be small either: the rarest combination joins it. The list is in descending order.
    while rule.is_small(missing.others) {
        match missing.patterns.pop() {
            Some(pattern) => missing.others += pattern.subjects,
            None => return None,
        }
    }
    missing.variables.retain(|variable| !rule.is_small(variable.missing));
    Some(missing)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::{MissingPattern, MissingVariable};

    #[test]
    fn small_steps_join_their_neighbours() {
        let step = |id: &str, excluded: usize, remaining: usize| AttritionStep {
            id: id.to_string(),
            says: id.to_uppercase(),
            kind: AttritionKind::Exclusion,
            excluded,
            remaining,
        };
        let rule = Rule { minimum: 5 };
        let mut two_kinds = vec![step("a", 3, 97), step("b", 10, 87)];
        two_kinds[0].kind = AttritionKind::Inclusion;
        let found = joined(two_kinds, rule);
        assert_eq!((found[0].kind, found[0].says.as_str()), (AttritionKind::Exclusion, "Did not meet: A; B"));
        let found = joined(vec![step("a", 3, 97), step("b", 10, 87), step("c", 0, 87), step("d", 2, 85)], rule);
        let told: Vec<(&str, usize, usize)> =
            found.iter().map(|step| (step.id.as_str(), step.excluded, step.remaining)).collect();
        assert_eq!(told, [("a+b+c+d", 15, 85)], "c with d is still small, so it goes to the step before");
        let found = joined(vec![step("a", 30, 70), step("b", 0, 70), step("c", 9, 61)], rule);
        assert_eq!(found.len(), 3, "nobody is not few");
    }

    #[test]
    fn the_rarest_combination_hides_the_small_ones() {
        let pattern = |name: &str, subjects| MissingPattern { variables: vec![name.to_string()], subjects };
        let missing = MissingValues {
            n: 100,
            complete: 78,
            variables: vec![MissingVariable { variable: "a".to_string(), missing: 20 }],
            patterns: vec![pattern("a", 12), pattern("b", 8), pattern("c", 2)],
            others: 0,
        };
        let coarse = coarse(missing, Rule { minimum: 5 }).unwrap();
        assert_eq!((coarse.patterns.len(), coarse.others), (1, 10));
    }
}
