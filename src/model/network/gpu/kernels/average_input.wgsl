@group(0) @binding(1) var<storage, read> above: array<f32>;
@group(0) @binding(2) var<storage, read_write> gradient: array<f32>;

fn elements() -> u32 {
    return inputs();
}

fn element(index: u32) {
    let value = above[index / plane()] / f32(plane());
    give(index, value);
}
