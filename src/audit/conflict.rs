//! QuickXplain: a minimal set of constraints that cannot hold together.
//!
//! Source: Junker, U. (2004). QUICKXPLAIN: preferred explanations and relaxations for over-constrained problems.
//! AAAI-04, 167-172. Needs about k log(N/k) consistency checks for a conflict of k among N.

/// A subset of `items`, no member of which can be left out, that is not consistent. Earlier items are preferred.
/// `None` when all items together are consistent. `consistent` must be monotone: a subset of a consistent set is so.
pub fn minimal_conflict<T: Clone>(items: &[T], consistent: &impl Fn(&[T]) -> bool) -> Option<Vec<T>> {
    if consistent(items) {
        return None;
    }
    Some(explain(&[], false, items, consistent))
}

fn explain<T: Clone>(background: &[T], changed: bool, items: &[T], consistent: &impl Fn(&[T]) -> bool) -> Vec<T> {
    if changed && !consistent(background) {
        return Vec::new();
    }
    if items.len() <= 1 {
        return items.to_vec();
    }
    let (left, right) = items.split_at(items.len() / 2);
    let with_left = [background, left].concat();
    let from_right = explain(&with_left, !left.is_empty(), right, consistent);
    let with_right = [background, from_right.as_slice()].concat();
    let mut from_left = explain(&with_right, !from_right.is_empty(), left, consistent);
    from_left.extend(from_right);
    from_left
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_conflict_is_minimal_and_inconsistent_for_every_family_of_conflicts() {
        // Consistent = contains none of the listed conflicts; every pair of small conflicts over six items.
        for first in 1_u32..64 {
            for second in [first, 0b11, 0b101000, 0b10] {
                let bits = |set: &[u32]| set.iter().fold(0, |all, item| all | 1 << item);
                let consistent = |set: &[u32]| bits(set) & first != first && bits(set) & second != second;
                let found = minimal_conflict(&[0, 1, 2, 3, 4, 5], &consistent).expect("all six are in conflict");
                assert!(!consistent(&found));
                for leave_out in 0..found.len() {
                    let mut fewer = found.clone();
                    fewer.remove(leave_out);
                    assert!(consistent(&fewer), "{found:?} is not minimal");
                }
            }
        }
    }

    #[test]
    fn no_conflict_is_none() {
        assert_eq!(minimal_conflict(&[1, 2], &|_: &[i32]| true), None);
    }
}
