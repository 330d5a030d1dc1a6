//! Random numbers that depend on what is computed, not on when or where.
//!
//! Each task draws from a stream of its own, seeded by a hash of the path that names the task: study seed, stage, model,
//! replicate. So one result cannot move because another task was added, or because more threads were used.

use rand_core::{RngCore, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use sha2::{Digest, Sha256};

/// A point in the tree of seeds. Children are named; siblings are independent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seed([u8; 32]);

impl Seed {
    pub fn from_study(seed: u64) -> Self {
        Self::hash(&[b"vouch/seed/1".as_slice(), &seed.to_le_bytes()])
    }

    /// The seed of the task `name` below this one.
    pub fn child(self, name: &str) -> Self {
        Self::hash(&[&self.0, b"name", name.as_bytes()])
    }

    /// The seed of the `index`-th repetition below this one.
    pub fn replicate(self, index: u64) -> Self {
        Self::hash(&[&self.0, b"replicate", &index.to_le_bytes()])
    }

    pub fn stream(self) -> Stream {
        Stream(Xoshiro256PlusPlus::from_seed(self.0))
    }

    /// For a library that wants its own seed.
    pub fn as_u64(self) -> u64 {
        u64::from_le_bytes([self.0[0], self.0[1], self.0[2], self.0[3], self.0[4], self.0[5], self.0[6], self.0[7]])
    }

    fn hash(parts: &[&[u8]]) -> Self {
        let mut hasher = Sha256::new();
        for part in parts {
            hasher.update((part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        Self(hasher.finalize().into())
    }
}

/// A stream of pseudo-random numbers: xoshiro256++ (Blackman and Vigna 2021, doi:10.1145/3460772).
#[derive(Clone, Debug)]
pub struct Stream(Xoshiro256PlusPlus);

impl Stream {
    pub fn next_u64(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// Uniform on `0..bound`, without bias (Lemire 2019, doi:10.1145/3230636). `bound` must not be zero.
    pub fn below(&mut self, bound: u64) -> u64 {
        let mut product = u128::from(self.0.next_u64()) * u128::from(bound);
        if (product as u64) < bound {
            let threshold = bound.wrapping_neg() % bound;
            while (product as u64) < threshold {
                product = u128::from(self.0.next_u64()) * u128::from(bound);
            }
        }
        (product >> 64) as u64
    }

    /// Uniform on [0, 1) with 53 random bits.
    pub fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// A uniformly random order (Fisher and Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last as u64 + 1) as usize);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn siblings_differ_and_the_path_decides() {
        let root = Seed::from_study(7);
        assert_eq!(root.child("split"), Seed::from_study(7).child("split"));
        assert_ne!(root.child("split"), root.child("spli").child("t"));
        assert_ne!(root.replicate(0), root.replicate(1));
    }

    #[test]
    fn below_covers_its_range_evenly() {
        let mut stream = Seed::from_study(1).stream();
        let mut counts = [0usize; 6];
        for _ in 0..60_000 {
            counts[stream.below(6) as usize] += 1;
        }
        // Standard deviation of each count is 91: five of them is a bound that a fair die leaves once in a million.
        assert!(counts.iter().all(|count| count.abs_diff(10_000) < 460), "{counts:?}");
    }
}
