@group(0) @binding(1) var<storage, read> parameters: array<f32>;
@group(0) @binding(2) var<storage, read> input: array<f32>;
@group(0) @binding(3) var<storage, read_write> output: array<f32>;

fn elements() -> u32 {
    return g.count * g.outputs;
}

fn element(index: u32) {
    let logit = index % g.outputs;
    var sum = 0.0;
    for (var feature = 0u; feature < g.channels; feature++) {
        sum += parameters[g.tensor + logit * g.channels + feature] * input[index / g.outputs * g.channels + feature];
    }
    output[index] = sum + parameters[g.second + logit];
}
