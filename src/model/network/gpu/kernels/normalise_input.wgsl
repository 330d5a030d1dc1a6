// The gradient in the input, through the batch's own moments.
@group(0) @binding(1) var<storage, read> input: array<f32>;
@group(0) @binding(2) var<storage, read> above: array<f32>;
@group(0) @binding(3) var<storage, read> moments: array<f32>;
@group(0) @binding(4) var<storage, read> slopes: array<f32>;
@group(0) @binding(5) var<storage, read> parameters: array<f32>;
@group(0) @binding(6) var<storage, read_write> gradient: array<f32>;

fn elements() -> u32 {
    return inputs();
}

fn element(index: u32) {
    let channel = index / plane() % g.channels;
    let n = f32(g.count * plane());
    let inverse = moments[g.channels + channel];
    let standard = (input[index] - moments[channel]) * inverse;
    let rest = above[index] - slopes[g.second + channel] / n - standard * slopes[g.tensor + channel] / n;
    let value = parameters[g.tensor + channel] * inverse * rest;
    give(index, value);
}
