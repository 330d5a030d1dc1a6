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

/// `sums` += Σ factor · x xᵀ of four vectors, its upper triangle: each sum is loaded and stored once for four.
#[inline]
fn add_four_outer<const P: usize>(p: usize, sums: &mut [f64], vectors: [&[f64]; 4], factors: [f64; 4]) {
    let p = if P == 0 { p } else { P };
    let [first, second, third, fourth] = vectors.map(|vector| &vector[..p]);
    for a in 0..p {
        let scaled = [factors[0] * first[a], factors[1] * second[a], factors[2] * third[a], factors[3] * fourth[a]];
        let sums = &mut sums[a * p..a * p + p];
        // From an even column on, so that the loop runs in pairs; what is below the diagonal is not used.
        for b in (a & !1)..p {
            sums[b] += (scaled[0] * first[b] + scaled[1] * second[b]) + (scaled[2] * third[b] + scaled[3] * fourth[b]);
        }
    }
}

/// Σ factor · x xᵀ over rows of the design.
pub(super) struct CrossProduct<const P: usize> {
    p: usize,
    sums: Vec<f64>,
    waiting: [(usize, f64); 4],
    count: usize,
}

impl<const P: usize> CrossProduct<P> {
    pub fn new(p: usize) -> Self {
        Self { p, sums: vec![0.0; p * p], waiting: [(0, 0.0); 4], count: 0 }
    }

    #[inline]
    pub fn add(&mut self, design: &[f64], row: usize, factor: f64) {
        self.waiting[self.count] = (row, factor);
        self.count += 1;
        if self.count == 4 {
            self.flush(design);
        }
    }

    fn flush(&mut self, design: &[f64]) {
        let p = if P == 0 { self.p } else { P };
        let vectors = self.waiting.map(|(row, _)| &design[row * p..row * p + p]);
        add_four_outer::<P>(p, &mut self.sums, vectors, self.waiting.map(|(_, factor)| factor));
        self.waiting = [(0, 0.0); 4];
        self.count = 0;
    }

    pub fn finish(mut self, design: &[f64]) -> Vec<f64> {
        if self.count > 0 {
            self.flush(design);
        }
        self.sums
    }
}

/// Σ factor · x xᵀ over vectors that do not last.
pub(super) struct OuterProducts<const P: usize> {
    p: usize,
    pub sums: Vec<f64>,
    waiting: Vec<f64>,
    factors: [f64; 4],
    count: usize,
}

impl<const P: usize> OuterProducts<P> {
    pub fn new(p: usize) -> Self {
        Self { p, sums: vec![0.0; p * p], waiting: vec![0.0; 4 * p], factors: [0.0; 4], count: 0 }
    }

    #[inline]
    pub fn add(&mut self, vector: &[f64], factor: f64) {
        let p = if P == 0 { self.p } else { P };
        self.waiting[self.count * p..self.count * p + p].copy_from_slice(&vector[..p]);
        self.factors[self.count] = factor;
        self.count += 1;
        if self.count == 4 {
            self.flush();
        }
    }

    fn flush(&mut self) {
        let p = if P == 0 { self.p } else { P };
        let vector = |k: usize| &self.waiting[k * p..k * p + p];
        let vectors = [vector(0), vector(1), vector(2), vector(3)];
        add_four_outer::<P>(p, &mut self.sums, vectors, self.factors);
        self.factors = [0.0; 4];
        self.count = 0;
    }

    pub fn finish(mut self) -> Vec<f64> {
        if self.count > 0 {
            self.flush();
        }
        self.sums
    }
}
