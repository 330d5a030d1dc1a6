//! Runs the replicates of a bootstrap, in parallel and yet in a fixed order.
//!
//! Replicates come in blocks of a fixed size; each block draws from the stream of its own child seed. So the values do
//! not depend on the number of threads, and the first replicates stay the same when more are asked for.

use crate::stats::random::{Seed, Stream};
use rayon::prelude::*;

/// Large enough that seeding costs nothing, small enough that 2000 replicates keep sixteen threads busy.
const BLOCK: usize = 32;

/// `replicates` results of `replicate`, in order. `scratch` makes the working memory that a block's replicates share.
pub(crate) fn run<S, T: Send>(
    replicates: usize,
    seed: Seed,
    scratch: impl Fn() -> S + Sync,
    replicate: impl Fn(&mut S, &mut Stream) -> T + Sync,
) -> Vec<T> {
    (0..replicates.div_ceil(BLOCK))
        .into_par_iter()
        .flat_map_iter(|block| {
            let mut stream = seed.replicate(block as u64).stream();
            let mut working_memory = scratch();
            let size = BLOCK.min(replicates - block * BLOCK);
            let values: Vec<T> = (0..size).map(|_| replicate(&mut working_memory, &mut stream)).collect();
            values
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_replicates_do_not_change_the_first() {
        let draw = |replicates| run(replicates, Seed::from_study(3), || (), |(), stream| stream.next_u64());
        let (few, many) = (draw(50), draw(101));
        assert_eq!((few.len(), many.len()), (50, 101));
        assert_eq!(few[..], many[..50]);
    }
}
