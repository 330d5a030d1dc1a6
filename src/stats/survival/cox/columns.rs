//! Loops over the columns of a row, unrolled and vectorised for the usual numbers of columns.

/// Calls a function whose constant parameter is the number of columns, or 0 where that is unusual.
macro_rules! with_columns {
    ($columns:expr, $function:ident($($argument:expr),*)) => {
        match $columns {
            1 => $function::<1>($($argument),*),
            2 => $function::<2>($($argument),*),
            3 => $function::<3>($($argument),*),
            4 => $function::<4>($($argument),*),
            5 => $function::<5>($($argument),*),
            6 => $function::<6>($($argument),*),
            7 => $function::<7>($($argument),*),
            8 => $function::<8>($($argument),*),
            9 => $function::<9>($($argument),*),
            10 => $function::<10>($($argument),*),
            11 => $function::<11>($($argument),*),
            12 => $function::<12>($($argument),*),
            _ => $function::<0>($($argument),*),
        }
    };
}
pub(super) use with_columns;

/// `sums` += factor · values, of the first `P` columns, or of all for `P` = 0.
#[inline]
pub(super) fn add_scaled<const P: usize>(sums: &mut [f64], factor: f64, values: &[f64]) {
    match (sums.first_chunk_mut::<P>(), values.first_chunk::<P>()) {
        // All sums before any of them is stored, which lets the compiler work on several at once.
        (Some(sums), Some(values)) if P > 0 => *sums = std::array::from_fn(|j| sums[j] + factor * values[j]),
        _ => sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += factor * value),
    }
}

/// The sum of products, in two sums that are added at the end, likewise.
#[inline]
pub(super) fn dot<const P: usize>(left: &[f64], right: &[f64]) -> f64 {
    let p = if P == 0 { left.len() } else { P };
    let ((left, last_left), (right, last_right)) = (left[..p].as_chunks::<2>(), right[..p].as_chunks::<2>());
    let mut sums = [0.0; 2];
    for (left, right) in left.iter().zip(right) {
        sums = [sums[0] + left[0] * right[0], sums[1] + left[1] * right[1]];
    }
    let last: f64 = last_left.iter().zip(last_right).map(|(left, right)| left * right).sum();
    sums[0] + sums[1] + last
}
