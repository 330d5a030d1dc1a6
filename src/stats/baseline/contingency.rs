//! A table of counts.
//!
//! Rows and columns are categories, counted from zero; cells are numbers of subjects. Tests on it are in `chi_squared`,
//! `fisher`, `trend`, and in `agreement` where both classifications have the same categories.

use crate::stats::error::{StatsError, require_same_length};
use serde::{Deserialize, Serialize};

/// Counts by row and column category, stored by rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContingencyTable {
    rows: usize,
    columns: usize,
    counts: Vec<u64>,
}

impl ContingencyTable {
    /// `counts` by rows; its length must be `rows * columns`, and their sum must fit 53 bits, so that it is exact as a float.
    pub fn new(rows: usize, columns: usize, counts: Vec<u64>) -> Result<Self, StatsError> {
        if rows == 0 || columns == 0 {
            return Err(StatsError::Empty { what: "contingency table" });
        }
        require_same_length("table", rows.saturating_mul(columns), "counts", counts.len())?;
        let total = counts.iter().try_fold(0_u64, |sum, count| sum.checked_add(*count));
        if total.is_none_or(|total| total > 1 << 53) {
            return Err(StatsError::OutOfRange {
                what: "the sum of the table",
                value: counts.iter().map(|count| *count as f64).sum(),
                expected: "at most 2^53",
            });
        }
        Ok(Self { rows, columns, counts })
    }

    /// The table of two classifications of the same subjects, by category index.
    pub fn from_categories(
        row_of: &[usize],
        rows: usize,
        column_of: &[usize],
        columns: usize,
    ) -> Result<Self, StatsError> {
        require_same_length("rows", row_of.len(), "columns", column_of.len())?;
        let mut counts = vec![0; rows.saturating_mul(columns)];
        for (index, (row, column)) in row_of.iter().zip(column_of).enumerate() {
            if *row >= rows || *column >= columns {
                return Err(StatsError::InvalidAt {
                    what: "category",
                    index,
                    expected: "within the declared categories",
                });
            }
            counts[row * columns + column] += 1;
        }
        Self::new(rows, columns, counts)
    }

    /// Number of row categories.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Number of column categories.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// One cell.
    pub fn count(&self, row: usize, column: usize) -> u64 {
        self.counts[row * self.columns + column]
    }

    /// All cells by rows.
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// All subjects.
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Subjects of each row.
    pub fn row_totals(&self) -> Vec<u64> {
        self.counts.chunks(self.columns).map(|row| row.iter().sum()).collect()
    }

    /// Subjects of each column.
    pub fn column_totals(&self) -> Vec<u64> {
        (0..self.columns).map(|column| (0..self.rows).map(|row| self.count(row, column)).sum()).collect()
    }

    /// Rows and columns exchanged.
    pub fn transposed(&self) -> Self {
        let counts = (0..self.columns)
            .flat_map(|column| (0..self.rows).map(move |row| (row, column)))
            .map(|(row, column)| self.count(row, column))
            .collect();
        Self { rows: self.columns, columns: self.rows, counts }
    }

    /// Without the categories that no subject has.
    pub fn without_empty(&self) -> Self {
        let kept = |totals: Vec<u64>| -> Vec<usize> {
            totals.iter().enumerate().filter(|(_, total)| **total > 0).map(|(index, _)| index).collect()
        };
        let (rows, columns) = (kept(self.row_totals()), kept(self.column_totals()));
        let counts = rows.iter().flat_map(|row| columns.iter().map(|column| self.count(*row, *column))).collect();
        Self { rows: rows.len(), columns: columns.len(), counts }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn margins_and_empty_categories() {
        let table = ContingencyTable::from_categories(&[0, 0, 2, 2, 2], 3, &[1, 1, 1, 2, 1], 3).unwrap();
        assert_eq!(table.counts(), [0, 2, 0, 0, 0, 0, 0, 2, 1]);
        assert_eq!((table.row_totals(), table.column_totals()), (vec![2, 0, 3], vec![0, 4, 1]));
        assert_eq!(table.without_empty(), ContingencyTable::new(2, 2, vec![2, 0, 2, 1]).unwrap());
        assert_eq!(table.transposed().transposed(), table);
    }

    #[test]
    fn refuses_what_is_no_table() {
        assert!(ContingencyTable::new(0, 2, vec![]).is_err());
        assert!(ContingencyTable::new(2, 2, vec![1, 2, 3]).is_err());
        assert!(ContingencyTable::new(1, 2, vec![u64::MAX, 1]).is_err());
        assert!(ContingencyTable::from_categories(&[0, 5], 2, &[0, 0], 1).is_err());
    }
}
