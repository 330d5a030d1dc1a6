//! What separates the classes, once a logistic fit has found that something does: one column, one variable by its columns
//! taken together, or only several variables at once. A reader who is told to drop a variable must be told the right one.
//!
//! A column separates alone when no event lies beyond any other subject: the least value of one class is not below the
//! greatest of the other. Then the maximum-likelihood coefficient of a model with that column is infinite, whatever stands
//! beside it (Albert and Anderson 1984, doi:10.1093/biomet/71.1.1; values shared at the boundary are its quasi-complete
//! case). Of a variable of several levels the sum of the indicators is one minus the indicator of the reference level, so
//! that a reference level without events is found as well. Cost: linear in the number of values.

/// What separates the classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Separation {
    /// This column alone.
    Column(usize),
    /// The columns of one variable together, of which this is the first.
    Variable(usize),
    /// No variable alone: only several of them.
    Together,
}

impl Separation {
    /// How it is called, by the names of columns and of variables (by a column of theirs); `None` where no variable separates alone.
    pub fn name(
        self,
        mut column: impl FnMut(usize) -> String,
        variable: impl FnOnce(usize) -> String,
    ) -> Option<String> {
        match self {
            Separation::Column(at) => Some(column(at)),
            Separation::Variable(at) => Some(variable(at)),
            Separation::Together => None,
        }
    }
}

/// `variables`: the variable of each column; the columns of one are neighbours. `suspect`: the column that the fit named, which
/// is looked at first.
pub fn separation(outcome: &[bool], columns: &[&[f64]], variables: &[&str], suspect: usize) -> Separation {
    let mut suspects = std::iter::once(suspect).chain(0..columns.len());
    let alone = suspects.find(|at| columns.get(*at).is_some_and(|column| separates(outcome, column)));
    if let Some(column) = alone {
        return Separation::Column(column);
    }
    let mut first = 0;
    for of_one in variables.chunk_by(|left, right| left == right) {
        let group = columns.get(first..first + of_one.len()).unwrap_or_default();
        let sums: Vec<f64> = (0..outcome.len()).map(|row| group.iter().map(|column| column[row]).sum()).collect();
        if group.len() > 1 && separates(outcome, &sums) {
            return Separation::Variable(first);
        }
        first += of_one.len();
    }
    Separation::Together
}

/// The values of the two classes do not overlap, save at one value.
fn separates(outcome: &[bool], values: &[f64]) -> bool {
    let range = |class: bool| {
        let of_class = outcome.iter().zip(values).filter(|(event, _)| **event == class).map(|(_, value)| *value);
        of_class.fold((f64::INFINITY, f64::NEG_INFINITY), |(least, greatest), value| {
            (least.min(value), greatest.max(value))
        })
    };
    let ((least, greatest), (least_other, greatest_other)) = (range(true), range(false));
    let is_constant = least.min(least_other) == greatest.max(greatest_other);
    !is_constant && (least >= greatest_other || least_other >= greatest)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTCOME: [bool; 6] = [true, true, true, false, false, false];

    #[test]
    fn one_column_was_blamed_where_only_two_together_separate() {
        let (u, v) = ([0.0, 1.0, 2.0, 0.0, 1.0, 2.0], [0.5, 1.5, 2.5, -0.5, 0.5, 1.5]);
        assert_eq!(separation(&OUTCOME, &[&u, &v], &["u", "v"], 1), Separation::Together);
    }

    #[test]
    fn the_column_that_separates_alone_is_named_whichever_the_fit_suspects() {
        let (noise, x) = ([0.3, -1.0, 0.8, 0.1, -0.4, 1.1], [3.0, 4.0, 5.0, 3.0, 2.0, 1.0]);
        for suspect in [0, 1] {
            assert_eq!(separation(&OUTCOME, &[&noise, &x], &["noise", "x"], suspect), Separation::Column(1));
        }
    }

    #[test]
    fn a_reference_level_without_events_is_its_variable() {
        let (b, c) = ([1.0, 0.0, 1.0, 1.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0, 1.0, 0.0]);
        let noise = [0.3, -1.0, 0.8, 0.1, -0.4, 1.1];
        assert_eq!(separation(&OUTCOME, &[&noise, &b, &c], &["noise", "level", "level"], 0), Separation::Variable(1));
    }
}
