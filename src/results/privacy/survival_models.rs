//! Characteristics of partitions, without values of single subjects and small cells; decision curves of survival models,
//! as coarse as it takes.

use super::Rule;
use crate::results::{Characteristics, Description, SurvivalDecisionPoint, SurvivalPerformanceRow};

/// A range goes whatever the size of its set. A row with a small count goes as a whole: beside its neighbours and the size
/// of the set, one cell alone would follow.
pub(super) fn withhold_characteristics(table: &mut Characteristics, rule: Rule) {
    for cell in table.rows.iter_mut().flat_map(|row| &mut row.cells) {
        if let Description::MedianRange { smallest, largest, .. } = cell {
            *smallest = None;
            *largest = None;
        }
    }
    table.rows.retain(|row| !row.cells.iter().any(|cell| is_small(cell, rule)));
}

fn is_small(cell: &Description, rule: Rule) -> bool {
    match cell {
        Description::Counts { n, missing, counts } => {
            counts.iter().chain([n, missing]).any(|count| rule.is_small(*count))
        }
        Description::MeanSd { n, missing, .. }
        | Description::MedianQuartiles { n, missing, .. }
        | Description::MedianRange { n, missing, .. } => rule.is_small(*n) || rule.is_small(*missing),
        Description::Empty { missing } => rule.is_small(*missing),
    }
}

/// Between two points that are kept, and at either end, nobody or enough subjects change sides.
pub(super) fn withhold_decisions(row: &mut SurvivalPerformanceRow, rule: Rule) {
    row.decision_curve = coarse(&row.decision_curve, row.n, rule);
}

fn coarse(curve: &[SurvivalDecisionPoint], n: usize, rule: Rule) -> Vec<SurvivalDecisionPoint> {
    let mut kept: Vec<SurvivalDecisionPoint> = Vec::new();
    for point in curve {
        let acted_on = point.acted_on;
        let apart = kept.last().is_none_or(|last| !rule.is_small(last.acted_on.abs_diff(acted_on)));
        if apart && !rule.is_small(acted_on) && !rule.is_small(n - acted_on.min(n)) {
            kept.push(*point);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::CharacteristicsRow;

    #[test]
    fn ranges_and_small_cells_go() {
        let row = |variable: &str, cell| CharacteristicsRow { variable: variable.to_string(), cells: vec![cell] };
        let range =
            |missing| Description::MedianRange { n: 50, missing, median: 3.0, smallest: Some(1.0), largest: Some(9.0) };
        let counts = |first| Description::Counts { n: 50, missing: 0, counts: vec![first, 50 - first] };
        let rows = vec![row("range", range(0)), row("few", counts(3)), row("none", counts(0)), row("gap", range(2))];
        let mut table = Characteristics { partitions: Vec::new(), rows };
        withhold_characteristics(&mut table, Rule { minimum: 5 });
        let names: Vec<&str> = table.rows.iter().map(|row| row.variable.as_str()).collect();
        assert_eq!(names, ["range", "none"]);
        assert!(matches!(table.rows[0].cells[0], Description::MedianRange { smallest: None, largest: None, .. }));
    }

    #[test]
    fn no_step_of_a_decision_curve_is_a_few_subjects() {
        let point = |acted_on| SurvivalDecisionPoint { threshold: 0.1, acted_on, net_benefit: 0.2, treat_all: 0.1 };
        // Of 100 at a minimum of 5: 97 leaves three out, 88 is two from 90, 3 are few; 0 is nobody.
        let curve: Vec<SurvivalDecisionPoint> = [100, 97, 90, 88, 60, 3, 0].map(point).to_vec();
        let kept: Vec<usize> = coarse(&curve, 100, Rule { minimum: 5 }).iter().map(|point| point.acted_on).collect();
        assert_eq!(kept, [100, 90, 60, 0]);
    }
}
