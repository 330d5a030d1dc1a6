@group(0) @binding(1) var<storage, read> input: array<f32>;
@group(0) @binding(2) var<storage, read> parameters: array<f32>;
@group(0) @binding(3) var<storage, read> moments: array<f32>;
@group(0) @binding(4) var<storage, read_write> output: array<f32>;

fn elements() -> u32 {
    return inputs();
}

fn element(index: u32) {
    let channel = index / plane() % g.channels;
    let standard = (input[index] - moments[channel]) * moments[g.channels + channel];
    output[index] = standard * parameters[g.tensor + channel] + parameters[g.second + channel];
}
