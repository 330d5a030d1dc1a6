// Gradients in weight and bias.
@group(0) @binding(1) var<storage, read> input: array<f32>;
@group(0) @binding(2) var<storage, read> above: array<f32>;
@group(0) @binding(3) var<storage, read_write> slopes: array<f32>;

fn elements() -> u32 {
    return g.outputs * g.channels;
}

fn element(index: u32) {
    let logit = index / g.channels;
    let feature = index % g.channels;
    var weight = 0.0;
    var bias = 0.0;
    for (var item = 0u; item < g.count; item++) {
        weight += above[item * g.outputs + logit] * input[item * g.channels + feature];
        bias += above[item * g.outputs + logit];
    }
    slopes[g.tensor + index] = weight;
    if feature == 0u {
        slopes[g.second + logit] = bias;
    }
}
