// The gradient in the kernel: a sum over all places of all images, in parts that `add_parts` adds up in their order.
@group(0) @binding(1) var<storage, read> above: array<f32>;
@group(0) @binding(2) var<storage, read> input: array<f32>;
@group(0) @binding(3) var<storage, read_write> sums: array<f32>;

fn extent() -> vec3<u32> {
    return vec3(g.outputs, unfolded_rows(), g.count * places());
}

fn left_at(row: u32, depth: u32) -> f32 {
    return above[(depth / places() * g.outputs + row) * places() + depth % places()];
}

fn right_at(depth: u32, column: u32) -> f32 {
    return unfolded_at(column, depth);
}

fn store(part: u32, row: u32, column: u32, value: f32) {
    sums[(part * g.outputs + row) * unfolded_rows() + column] = value;
}
