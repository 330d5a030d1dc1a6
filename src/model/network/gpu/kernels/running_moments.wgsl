// What a network in use normalises with.
@group(0) @binding(1) var<storage, read> parameters: array<f32>;
@group(0) @binding(2) var<storage, read_write> moments: array<f32>;

fn elements() -> u32 {
    return g.channels;
}

fn element(index: u32) {
    moments[index] = parameters[g.mean + index];
    moments[g.channels + index] = 1.0 / sqrt(parameters[g.variance + index] + 1e-5);
}
