@group(0) @binding(1) var<storage, read> parameters: array<f32>;
@group(0) @binding(2) var<storage, read> above: array<f32>;
@group(0) @binding(3) var<storage, read_write> gradient: array<f32>;

fn elements() -> u32 {
    return g.count * g.channels;
}

fn element(index: u32) {
    var value = 0.0;
    for (var logit = 0u; logit < g.outputs; logit++) {
        value += above[index / g.channels * g.outputs + logit]
            * parameters[g.tensor + logit * g.channels + index % g.channels];
    }
    give(index, value);
}
