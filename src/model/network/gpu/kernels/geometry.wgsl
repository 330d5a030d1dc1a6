// What every kernel is told. The fields are those of `Geometry` in plan.rs, in its order.
struct Geometry {
    count: u32,
    channels: u32,
    height: u32,
    width: u32,
    outputs: u32,
    out_height: u32,
    out_width: u32,
    kernel: u32,
    stride: u32,
    padding: u32,
    // 1: add to what is there; 0: take its place.
    accumulate: u32,
    // Into how many parts a long sum is divided.
    parts: u32,
    // Where tensors begin among all parameters: kernel, weight or scale; bias or shift; running mean; running variance.
    tensor: u32,
    second: u32,
    mean: u32,
    variance: u32,
}

@group(0) @binding(0) var<uniform> g: Geometry;

fn plane() -> u32 {
    return g.height * g.width;
}

fn places() -> u32 {
    return g.out_height * g.out_width;
}

// Numbers of the whole batch that a node takes in.
fn inputs() -> u32 {
    return g.count * g.channels * plane();
}

// Rows of the unfolded image: numbers under one window.
fn unfolded_rows() -> u32 {
    return g.channels * g.kernel * g.kernel;
}
