@group(0) @binding(1) var<storage, read> left: array<f32>;
@group(0) @binding(2) var<storage, read> right: array<f32>;
@group(0) @binding(3) var<storage, read_write> output: array<f32>;

fn elements() -> u32 {
    return inputs();
}

fn element(index: u32) {
    output[index] = left[index] + right[index];
}
