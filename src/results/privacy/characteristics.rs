//! Characteristics of partitions, without values of single subjects and small cells.

use super::Rule;
use crate::results::{Characteristics, Description};

/// A range goes whatever the size of its set. A row with a small count goes as a whole: beside its neighbours and the size
/// of the set, one cell alone would follow.
pub(super) fn withhold(table: &mut Characteristics, rule: Rule) {
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
        withhold(&mut table, Rule { minimum: 5 });
        let names: Vec<&str> = table.rows.iter().map(|row| row.variable.as_str()).collect();
        assert_eq!(names, ["range", "none"]);
        assert!(matches!(table.rows[0].cells[0], Description::MedianRange { smallest: None, largest: None, .. }));
    }
}
