@group(0) @binding(1) var<storage, read> parameters: array<f32>;
@group(0) @binding(2) var<storage, read> input: array<f32>;
@group(0) @binding(3) var<storage, read_write> output: array<f32>;

fn extent() -> vec3<u32> {
    return vec3(g.outputs, g.count * places(), unfolded_rows());
}

fn left_at(row: u32, depth: u32) -> f32 {
    return parameters[g.tensor + row * unfolded_rows() + depth];
}

fn right_at(depth: u32, column: u32) -> f32 {
    return unfolded_at(depth, column);
}

fn store(part: u32, row: u32, column: u32, value: f32) {
    output[(column / places() * g.outputs + row) * places() + column % places()] = value;
}
