//! Performance within levels of variables: proportions that are those of few subjects.

use super::Rule;
use crate::results::{SubgroupAnalysis, SubgroupRow};
use crate::stats::Estimate;

/// A proportion of few, or of all but few, goes with the same one of the model's other rows, which would give it away. Levels
/// beside which few are left (their variable is missing) give those away: the analysis is then without rows.
pub(super) fn withhold(subgroups: &mut SubgroupAnalysis, rule: Rule) {
    for model in &subgroups.models {
        for at in (0..subgroups.metrics.len()).filter(|at| subgroups.metrics[*at].is_proportion) {
            let of_model = |row: &&mut SubgroupRow| row.model == *model;
            let tells_of_few = |row: &SubgroupRow| {
                row.metrics.get(at).and_then(Option::as_ref).is_some_and(|metric| is_small(metric, rule))
            };
            if subgroups.rows.iter().any(|row| row.model == *model && tells_of_few(row)) {
                for row in subgroups.rows.iter_mut().filter(of_model) {
                    row.metrics.iter_mut().skip(at).take(1).for_each(|metric| *metric = None);
                }
            }
        }
    }
    if leaves_few(subgroups, rule) {
        subgroups.rows.clear();
        subgroups.interactions.clear();
    }
}

/// Of a proportion both the number and that of the others.
fn is_small(metric: &Estimate, rule: Rule) -> bool {
    let count = metric.value * metric.n as f64;
    [count, metric.n as f64 - count].into_iter().any(|count| rule.is_small(count.round() as usize))
}

fn leaves_few(subgroups: &SubgroupAnalysis, rule: Rule) -> bool {
    let all = |model: &str| subgroups.rows.iter().find(|row| row.model == model && row.variable.is_none());
    subgroups.models.iter().filter_map(|model| all(model)).any(|all| {
        subgroups.variables.iter().any(|variable| {
            let levels = || {
                subgroups.rows.iter().filter(|row| row.model == all.model && row.variable.as_ref() == Some(variable))
            };
            let n = all.n.saturating_sub(levels().map(|row| row.n).sum());
            let events = all.events.saturating_sub(levels().map(|row| row.events).sum());
            [n, events, n.saturating_sub(events)].into_iter().any(|count| rule.is_small(count))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: Rule = Rule { minimum: 5 };

    fn analysis(sensitivity: [f64; 3], n: [usize; 3]) -> SubgroupAnalysis {
        let levels = [None, Some("women"), Some("men")];
        let rows = levels.into_iter().enumerate().map(|(at, level)| SubgroupRow {
            model: "a".to_string(),
            variable: level.map(|_| "sex".to_string()),
            level: level.map(str::to_string),
            n: n[at],
            events: n[at] / 2,
            auc: None,
            metrics: vec![Some(Estimate::new(sensitivity[at], n[at] / 2))],
        });
        SubgroupAnalysis {
            outcome: "d5".to_string(),
            partition: "test".to_string(),
            level: 0.95,
            models: vec!["a".to_string()],
            variables: vec!["sex".to_string()],
            metrics: vec![crate::results::MetricFacts {
                id: "sensitivity".to_string(),
                label: "Sensitivity".to_string(),
                abbreviation: "SENS".to_string(),
                is_proportion: true,
            }],
            thresholds_of: None,
            rows: rows.collect(),
            interactions: Vec::new(),
        }
    }

    /// A sensitivity of 18 in 20 is two who were missed.
    #[test]
    fn a_proportion_of_all_but_two_is_not_told() {
        let mut found = analysis([46.0 / 60.0, 18.0 / 20.0, 28.0 / 40.0], [120, 40, 80]);
        withhold(&mut found, RULE);
        assert!(found.rows.iter().all(|row| row.metrics[0].is_none()), "nor of the other level and of all");
        let mut found = analysis([42.0 / 60.0, 14.0 / 20.0, 28.0 / 40.0], [120, 40, 80]);
        withhold(&mut found, RULE);
        assert!(found.rows.iter().all(|row| row.metrics[0].is_some()));
    }

    #[test]
    fn levels_beside_which_few_are_left_are_not_told() {
        let mut found = analysis([42.0 / 60.0, 14.0 / 20.0, 28.0 / 40.0], [124, 40, 80]);
        withhold(&mut found, RULE);
        assert!(found.rows.is_empty());
    }
}
