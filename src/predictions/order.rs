//! Subjects in an order of their own, so that two files can be laid side by side without a search for each subject.

use rayon::slice::ParallelSliceMut;

/// The rows of a file in the order of their subjects: whole numbers by value where all are, else by their text.
#[derive(Clone, Debug, Default)]
pub struct SubjectOrder {
    pub rows: Vec<usize>,
    /// What the subjects are ordered by, one per row of the file.
    numbers: Option<Vec<i64>>,
}

impl SubjectOrder {
    pub fn of(subjects: &[String]) -> Self {
        let numbers: Option<Vec<i64>> = subjects.iter().map(|subject| subject.parse().ok()).collect();
        let rows = (0..subjects.len()).collect();
        let mut order = Self { rows, numbers };
        order.sort(subjects);
        order
    }

    /// By text, whatever the subjects are.
    fn by_text(subjects: &[String]) -> Self {
        let mut order = Self { rows: (0..subjects.len()).collect(), numbers: None };
        order.sort(subjects);
        order
    }

    fn sort(&mut self, subjects: &[String]) {
        // The row decides between equal subjects, so that the order is one.
        match &self.numbers {
            Some(numbers) => self.rows.par_sort_unstable_by_key(|row| (numbers[*row], &subjects[*row], *row)),
            None => self.rows.par_sort_unstable_by_key(|row| (&subjects[*row], *row)),
        }
    }

    /// Rows whose subject an earlier row has.
    pub fn repeated(&self, subjects: &[String]) -> Vec<usize> {
        let pairs = self.rows.windows(2).filter(|pair| subjects[pair[0]] == subjects[pair[1]]);
        let mut rows: Vec<usize> = pairs.map(|pair| pair[1]).collect();
        rows.sort_unstable();
        rows
    }

    fn compare(
        &self,
        subjects: &[String],
        row: usize,
        other: &Self,
        others: &[String],
        at: usize,
    ) -> std::cmp::Ordering {
        let by_number = match (&self.numbers, &other.numbers) {
            (Some(own), Some(theirs)) => own[row].cmp(&theirs[at]),
            _ => std::cmp::Ordering::Equal,
        };
        by_number.then_with(|| subjects[row].cmp(&others[at]))
    }
}

/// Where the subjects of two files stand in the other one, each row of either; subjects are distinct in a file.
pub struct Pairing {
    /// Of each row of the first file, the row of the second.
    pub in_second: Vec<Option<usize>>,
    /// Of each row of the second file, the row of the first.
    pub in_first: Vec<Option<usize>>,
}

impl Pairing {
    /// Both orders are walked once, side by side.
    pub fn of(first: (&SubjectOrder, &[String]), second: (&SubjectOrder, &[String])) -> Self {
        if first.0.numbers.is_some() != second.0.numbers.is_some() {
            // Two kinds of order: the one of texts holds for both.
            let (one, other) = rayon::join(|| SubjectOrder::by_text(first.1), || SubjectOrder::by_text(second.1));
            return Self::of((&one, first.1), (&other, second.1));
        }
        let ((order, subjects), (other, others)) = (first, second);
        let mut pairing = Self { in_second: vec![None; subjects.len()], in_first: vec![None; others.len()] };
        let (mut at, mut there) = (0, 0);
        while let (Some(row), Some(other_row)) = (order.rows.get(at), other.rows.get(there)) {
            match order.compare(subjects, *row, other, others, *other_row) {
                std::cmp::Ordering::Less => at += 1,
                std::cmp::Ordering::Greater => there += 1,
                std::cmp::Ordering::Equal => {
                    pairing.in_second[*row] = Some(*other_row);
                    pairing.in_first[*other_row] = Some(*row);
                    (at, there) = (at + 1, there + 1);
                }
            }
        }
        pairing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_string()).collect()
    }

    #[test]
    fn whole_numbers_are_ordered_by_value_and_others_by_text() {
        assert_eq!(SubjectOrder::of(&texts(&["10", "9", "-1"])).rows, [2, 1, 0]);
        assert_eq!(SubjectOrder::of(&texts(&["b10", "b9", "a"])).rows, [2, 0, 1]);
    }

    #[test]
    fn only_the_same_text_is_the_same_subject() {
        let subjects = texts(&["7", "07", "8", "7"]);
        assert_eq!(SubjectOrder::of(&subjects).repeated(&subjects), [3]);
    }

    #[test]
    fn files_in_any_order_and_of_either_kind_are_paired() {
        for (first, second, paired) in [
            (vec!["3", "1", "2"], vec!["2", "4", "3"], vec![Some(2), None, Some(0)]),
            // All numbers here, not all there.
            (vec!["10", "9", "8"], vec!["x", "9", "10"], vec![Some(2), Some(1), None]),
            (vec!["7", "07"], vec!["07", "7"], vec![Some(1), Some(0)]),
            (vec![], vec!["1"], vec![]),
        ] {
            let (first, second) = (texts(&first), texts(&second));
            let (one, other) = (SubjectOrder::of(&first), SubjectOrder::of(&second));
            let pairing = Pairing::of((&one, &first), (&other, &second));
            assert_eq!(pairing.in_second, paired, "{first:?} {second:?}");
            for (row, there) in pairing.in_second.iter().enumerate() {
                assert!(there.is_none_or(|there| pairing.in_first[there] == Some(row)));
            }
            assert_eq!(pairing.in_first.iter().flatten().count(), paired.iter().flatten().count());
        }
    }
}
