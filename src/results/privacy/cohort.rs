//! The flow and the missing values: steps are joined until none is small; small combinations are counted together.

use super::Rule;
use crate::results::{AttritionKind, AttritionStep, CohortFlow, MissingValues, Notice, NoticeLevel, Results};

pub(super) fn withhold(results: &mut Results, rule: Rule) {
    let Results { cohort, external, notices, inputs, .. } = results;
    for flow in std::iter::once(cohort).chain(external.as_mut().map(|external| &mut external.flow)) {
        withhold_flow(flow, notices, rule);
        if flow.read.is_none() {
            // Less those who are analysed, the rows of a file would tell how few left.
            inputs.iter_mut().for_each(|input| input.rows = None);
        }
    }
    for variable in &mut results.variables {
        variable.missing = variable.missing.filter(|missing| !rule.is_small(*missing));
    }
}

/// Takes away how many values of these variables are missing.
pub(super) fn hide_missing(results: &mut Results, hidden: &[String]) {
    for variable in results.variables.iter_mut().filter(|variable| hidden.contains(&variable.name)) {
        variable.missing = None;
    }
    if let Some(missing) = &mut results.cohort.missing_values {
        hide(missing, hidden);
    }
}

/// Combinations with such a variable are counted with those that are not listed.
fn hide(missing: &mut MissingValues, hidden: &[String]) {
    missing.variables.retain(|variable| !hidden.contains(&variable.variable));
    let others = &mut missing.others;
    missing.patterns.retain(|pattern| {
        let keeps = !pattern.variables.iter().any(|variable| hidden.contains(variable));
        *others += if keeps { 0 } else { pattern.subjects };
        keeps
    });
}

fn withhold_flow(flow: &mut CohortFlow, notices: &mut Vec<Notice>, rule: Rule) {
    let left: usize = flow.steps.iter().map(|step| step.excluded).sum();
    if rule.is_small(left) {
        flow.steps.clear();
        flow.read = None;
        notices.push(note(
            "privacy/flow",
            "Few subjects left the cohort: how many were read, and why some left, is withheld.",
        ));
    } else {
        flow.steps = joined(std::mem::take(&mut flow.steps), rule);
    }
    let told: Vec<usize> =
        flow.read.into_iter().chain(flow.steps.iter().map(|step| step.remaining)).chain([flow.analysed]).collect();
    // Missing values are counted among those who meet the criteria: how many those are would take joined steps apart.
    let apart = |n: usize| !told.iter().any(|told| rule.is_small(told.abs_diff(n)));
    for variable in &mut flow.dropped_variables {
        let is_told = match (variable.missing, variable.n) {
            (Some(missing), Some(n)) => {
                apart(n) && !rule.is_small(missing) && !rule.is_small(n.saturating_sub(missing))
            }
            _ => false,
        };
        if !is_told {
            (variable.missing, variable.n) = (None, None);
        }
    }
    let missing = flow.missing_values.take();
    let were_missing = missing.is_some();
    flow.missing_values = missing.filter(|missing| apart(missing.n)).and_then(|missing| coarse(missing, rule));
    if were_missing && flow.missing_values.is_none() {
        notices
            .push(note("privacy/missing-values", "Which values are missing, and in how many subjects, is withheld."));
    }
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
    use crate::results::{DroppedVariable, MissingPattern, MissingVariable};

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

    fn flow(read: usize, n: usize, excluded: [usize; 2]) -> CohortFlow {
        let step = |id: &str, excluded: usize, remaining: usize| AttritionStep {
            id: id.to_string(),
            says: id.to_string(),
            kind: AttritionKind::Exclusion,
            excluded,
            remaining,
        };
        let first = read - excluded[0];
        CohortFlow {
            read: Some(read),
            steps: vec![step("unknown", excluded[0], first), step("missing", excluded[1], first - excluded[1])],
            analysed: first - excluded[1],
            dropped_variables: vec![DroppedVariable { variable: "chol".to_string(), missing: Some(95), n: Some(n) }],
            missing_values: Some(MissingValues {
                n,
                complete: n - 95,
                variables: Vec::new(),
                patterns: vec![MissingPattern { variables: vec!["chol".to_string()], subjects: 95 }],
                others: 0,
            }),
        }
    }

    /// 418 read, 106 and 2 left, 310 analysed; "missing in 95 of 312" gave the 2 away.
    #[test]
    fn missing_values_do_not_take_joined_steps_apart() {
        let rule = Rule { minimum: 5 };
        let mut found = flow(418, 312, [106, 2]);
        withhold_flow(&mut found, &mut Vec::new(), rule);
        assert_eq!(found.steps.len(), 1);
        assert_eq!((found.dropped_variables[0].missing, found.dropped_variables[0].n), (None, None));
        assert!(found.missing_values.is_none());
        let mut found = flow(418, 312, [106, 12]);
        withhold_flow(&mut found, &mut Vec::new(), rule);
        assert_eq!((found.dropped_variables[0].n, found.missing_values.is_some()), (Some(312), true));
    }

    /// Two of a class, and eight of the other in the table: ten in all gave the two away.
    #[test]
    fn a_total_does_not_give_the_missing_of_a_class_away() {
        let pattern = |name: &str, subjects| MissingPattern { variables: vec![name.to_string()], subjects };
        let mut missing = MissingValues {
            n: 100,
            complete: 70,
            variables: vec![MissingVariable { variable: "chol".to_string(), missing: 10 }],
            patterns: vec![pattern("stage", 20), pattern("chol", 10)],
            others: 0,
        };
        hide(&mut missing, &["chol".to_string()]);
        assert_eq!((missing.variables.len(), missing.patterns.len(), missing.others), (0, 1, 10));
    }

    /// "Of 310 subjects read, 310 were analysed": 418 were read.
    #[test]
    fn what_is_withheld_of_the_flow_is_not_said_falsely() {
        let mut found = flow(418, 312, [106, 2]);
        withhold_flow(&mut found, &mut Vec::new(), Rule { minimum: 500 });
        assert_eq!((found.read, found.analysed, found.steps.len()), (None, 310, 0));
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
