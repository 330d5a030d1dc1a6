@group(0) @binding(1) var<storage, read> sums: array<f32>;
@group(0) @binding(2) var<storage, read_write> slopes: array<f32>;

fn elements() -> u32 {
    return g.outputs * unfolded_rows();
}

fn element(index: u32) {
    var total = 0.0;
    for (var part = 0u; part < g.parts; part++) {
        total += sums[part * elements() + index];
    }
    slopes[g.tensor + index] = total;
}
