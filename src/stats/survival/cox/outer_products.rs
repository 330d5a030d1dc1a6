//! Sums of outer products, four at a time.

/// The upper triangle of `sums` += factor · left rightᵀ.
pub(super) fn add_outer(sums: &mut [f64], factor: f64, left: &[f64], right: &[f64]) {
    let p = left.len();
    for a in 0..p {
        let scaled = factor * left[a];
        for (sum, value) in sums[a * p + a..a * p + p].iter_mut().zip(&right[a..]) {
            *sum += scaled * value;
        }
    }
}

/// The upper triangle of `sums` += Σ factor · x xᵀ of vectors that lie one behind the other, one for each factor. `P` is
/// their length where it is known to the compiler, 0 where it is not.
#[inline]
pub(super) fn add_outer_products<const P: usize>(p: usize, sums: &mut [f64], vectors: &[f64], factors: &[f64]) {
    let p = if P == 0 { p } else { P };
    if p == 0 {
        return;
    }
    let (fours, rest) = factors.as_chunks::<4>();
    let mut groups = vectors.chunks_exact(4 * p);
    for (group, factors) in groups.by_ref().zip(fours) {
        add_four::<P>(p, sums, group, factors);
    }
    for (vector, factor) in groups.remainder().chunks_exact(p).zip(rest) {
        add_outer(sums, *factor, vector, vector);
    }
}

/// Each sum is loaded and stored once for four vectors.
#[inline]
fn add_four<const P: usize>(p: usize, sums: &mut [f64], vectors: &[f64], factors: &[f64; 4]) {
    let p = if P == 0 { p } else { P };
    let vector = |k: usize| &vectors[k * p..(k + 1) * p];
    let [first, second, third, fourth] = [vector(0), vector(1), vector(2), vector(3)];
    for a in 0..p {
        let scaled = [factors[0] * first[a], factors[1] * second[a], factors[2] * third[a], factors[3] * fourth[a]];
        let sums = &mut sums[a * p..a * p + p];
        // From an even column on, so that the loop runs in pairs; what is below the diagonal is not used.
        for b in (a & !1)..p {
            sums[b] += (scaled[0] * first[b] + scaled[1] * second[b]) + (scaled[2] * third[b] + scaled[3] * fourth[b]);
        }
    }
}

/// Σ factor · x xᵀ over vectors that do not last: they wait until there are enough of them.
pub(super) struct OuterProducts<const P: usize> {
    p: usize,
    sums: Vec<f64>,
    vectors: Vec<f64>,
    factors: Vec<f64>,
}

impl<const P: usize> OuterProducts<P> {
    const MANY: usize = 64;

    pub fn new(p: usize) -> Self {
        let p = if P == 0 { p } else { P };
        Self {
            p,
            sums: vec![0.0; p * p],
            vectors: Vec::with_capacity(Self::MANY * p),
            factors: Vec::with_capacity(Self::MANY),
        }
    }

    #[inline]
    pub fn add(&mut self, vector: &[f64], factor: f64) {
        let p = if P == 0 { self.p } else { P };
        self.vectors.extend_from_slice(&vector[..p]);
        self.factors.push(factor);
        if self.factors.len() == Self::MANY {
            self.sums();
        }
    }

    /// The upper triangle, by rows.
    pub fn sums(&mut self) -> &mut [f64] {
        add_outer_products::<P>(self.p, &mut self.sums, &self.vectors, &self.factors);
        self.vectors.clear();
        self.factors.clear();
        &mut self.sums
    }
}
