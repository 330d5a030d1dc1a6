@group(0) @binding(1) var<storage, read> output: array<f32>;
@group(0) @binding(2) var<storage, read> above: array<f32>;
@group(0) @binding(3) var<storage, read_write> gradient: array<f32>;

fn elements() -> u32 {
    return inputs();
}

fn element(index: u32) {
    let value = select(0.0, above[index], output[index] > 0.0);
    give(index, value);
}
