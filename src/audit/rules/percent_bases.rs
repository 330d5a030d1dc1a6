//! What the percents of a table can be of: the column, the row, the table; each level alone; or something else than its
//! counts.

use super::support::{count, range};
use crate::audit::arithmetic::{Range, Rounding};
use crate::audit::reported::{Baseline, Categorical, Figure, PercentOf, RowBody, Share};

/// Beyond any study: a denominator up to here is looked for when none is printed.
pub(super) const ANY_SIZE: i128 = 10_000_000;

pub(super) struct Cell<'a> {
    pub k: i128,
    pub share: &'a Share,
    pub column: String,
}

impl Cell<'_> {
    pub fn range(&self, rounding: Rounding, percent: bool) -> Option<Range> {
        self.share.percent.as_ref().and_then(|figure| range(figure, percent, rounding))
    }

    pub fn leaves(&self) -> Vec<usize> {
        self.share.count.iter().chain(&self.share.percent).map(|figure| figure.leaf).collect()
    }

    pub fn percent_text(&self) -> &str {
        self.share.percent.as_ref().map_or("", |figure| figure.text.as_str())
    }
}

pub(super) enum Fit {
    /// One way of rounding serves all cells.
    Single,
    /// Each cell fits under some way of rounding, or with padded zeros.
    Mixed,
    None,
    Unreadable,
}

/// Is there a whole number in `least..=most` that is a denominator for all cells?
pub(super) fn fit(cells: &[&Cell<'_>], least: i128, most: i128, percent: bool) -> Fit {
    let shared = |rounding: Rounding| -> Option<bool> {
        let (mut first, mut last) = (least.max(1), most);
        for cell in cells {
            match cell.range(rounding, percent)?.totals(cell.k, most.max(1)) {
                Some((low, high)) => {
                    first = first.max(low);
                    last = last.min(high);
                }
                None => return Some(false),
            }
        }
        Some(first <= last)
    };
    for rounding in Rounding::SINGLE {
        match shared(rounding) {
            Some(true) => return Fit::Single,
            Some(false) => {}
            None => return Fit::Unreadable,
        }
    }
    match shared(Rounding::Widest) {
        Some(true) => Fit::Mixed,
        _ => Fit::None,
    }
}

/// What the percents are of, where the table does not say: the first base that can serve all cells. When none can, the
/// numbers disagree whatever the base; the column is named if half of the cells fit it and no other base fits more of
/// them, and otherwise it cannot be told (`None`).
pub(super) fn guess_base<'f>(
    cells: &[(usize, Cell<'_>)],
    levels: usize,
    n_of: &impl Fn(&str) -> Option<&'f Figure>,
) -> Option<PercentOf> {
    let mut columns: Vec<&str> = cells.iter().map(|(_, cell)| cell.column.as_str()).collect();
    columns.sort_unstable();
    columns.dedup();
    let serves = |group: Vec<&Cell<'_>>, least: i128, most: i128| !matches!(fit(&group, least, most, true), Fit::None);
    let of_column = |id: &str| cells.iter().filter(|(_, c)| c.column == id).map(|(_, c)| c).collect::<Vec<_>>();
    let of_level = |level: usize| cells.iter().filter(|(l, _)| *l == level).map(|(_, c)| c).collect::<Vec<_>>();
    let size = |id: &str| n_of(id).and_then(Figure::integer).unwrap_or(ANY_SIZE);
    // With one column a share of the row is everything, and the table is the column.
    if columns.len() == 1 || columns.iter().all(|id| serves(of_column(id), 1, size(id))) {
        return Some(PercentOf::Column);
    }
    let everyone = columns.iter().map(|id| size(id)).sum::<i128>().min(ANY_SIZE);
    if (0..levels).all(|level| serves(of_level(level), 1, everyone)) {
        return Some(PercentOf::Row);
    }
    if serves(cells.iter().map(|(_, cell)| cell).collect(), 1, everyone) {
        return Some(PercentOf::Table);
    }
    let fits =
        |cell: &Cell<'_>, n: i128| n > 0 && cell.range(Rounding::Any, true).is_some_and(|r| r.contains(cell.k, n));
    let by_column = cells
        .iter()
        .filter(|(_, c)| fits(c, size(&c.column)) || serves(of_column(&c.column), 1, size(&c.column)))
        .count();
    let row_total = |level: usize| of_level(level).iter().map(|cell| cell.k).sum::<i128>();
    let by_row = cells.iter().filter(|(level, c)| fits(c, row_total(*level))).count();
    let total: i128 = cells.iter().map(|(_, cell)| cell.k).sum();
    let by_table = cells.iter().filter(|(_, c)| fits(c, total)).count();
    (2 * by_column >= cells.len() && by_column >= by_row && by_column >= by_table).then_some(PercentOf::Column)
}

/// Stated, or more subjects in the levels of a column than it has.
pub(super) fn is_overlapping<'f>(
    body: &Categorical,
    cells: &[(usize, Cell<'_>)],
    n_of: &impl Fn(&str) -> Option<&'f Figure>,
) -> bool {
    let more_than_all = || {
        let mut columns: Vec<&str> = cells.iter().map(|(_, cell)| cell.column.as_str()).collect();
        columns.sort_unstable();
        columns.dedup();
        columns.iter().all(|id| {
            let sum: i128 = cells.iter().filter(|(_, cell)| cell.column == *id).map(|(_, cell)| cell.k).sum();
            n_of(id).and_then(Figure::integer).is_some_and(|n| sum > n)
        })
    };
    body.overlapping.unwrap_or_else(more_than_all)
}

/// Are the percents of a table of something else than its counts? A misprint is in one cell; here most columns of most rows
/// have no denominator, or the only ones have none even without one of their cells.
pub(super) fn is_weighted(table: &Baseline) -> bool {
    let (mut groups, mut without, mut twice) = (0, 0, 0);
    for row in &table.rows {
        let RowBody::Categorical(body) = &row.body else { continue };
        for column in &table.columns {
            let most = table.size(row, &column.id).and_then(Figure::integer).filter(|&n| n > 0).unwrap_or(ANY_SIZE);
            let printed = body.levels.iter().flat_map(|level| &level.cells);
            let cells: Vec<Cell<'_>> = printed
                .filter(|cell| cell.column == column.id && cell.share.of.is_none())
                .filter_map(|cell| {
                    cell.share.percent.as_ref()?.number.as_ref()?;
                    Some(Cell { k: count(&cell.share.count)?, share: &cell.share, column: cell.column.clone() })
                })
                .collect();
            let cells: Vec<&Cell<'_>> = cells.iter().collect();
            if cells.len() < 2 {
                continue;
            }
            groups += 1;
            without += usize::from(matches!(fit(&cells, 1, most, true), Fit::None));
            twice += usize::from(another_base(&cells, most));
        }
    }
    if groups < 4 { twice > 0 && 2 * without > groups } else { 2 * without > groups }
}

/// One misprint leaves the others with a common denominator; where none does, the percents are of something else.
pub(super) fn another_base(cells: &[&Cell<'_>], most: i128) -> bool {
    cells.len() >= 3
        && (0..cells.len()).all(|apart| {
            let rest: Vec<&Cell<'_>> =
                cells.iter().enumerate().filter(|(index, _)| *index != apart).map(|(_, cell)| *cell).collect();
            matches!(fit(&rest, 1, most, true), Fit::None)
        })
}

/// No denominator serves all levels, but without one of them the sum of the others does, and that one is of all.
pub(super) fn one_level_apart(group: &[&Cell<'_>], n: Option<&Figure>) -> bool {
    let Some(n) = n.and_then(Figure::integer) else { return false };
    if group.len() < 3 || !matches!(fit(group, 1, n, true), Fit::None) {
        return false;
    }
    (0..group.len()).any(|apart| {
        let rest: Vec<&Cell<'_>> =
            group.iter().enumerate().filter(|(index, _)| *index != apart).map(|(_, cell)| *cell).collect();
        let valid: i128 = rest.iter().map(|cell| cell.k).sum();
        !matches!(fit(&rest, valid, valid, true), Fit::None) && !matches!(fit(&[group[apart]], 1, n, true), Fit::None)
    })
}
