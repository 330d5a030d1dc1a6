// Mean and 1/√(variance + ε) of a channel, one workgroup a channel; moves the running moments towards them.
@group(0) @binding(1) var<storage, read> input: array<f32>;
@group(0) @binding(2) var<storage, read_write> parameters: array<f32>;
@group(0) @binding(3) var<storage, read_write> moments: array<f32>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let channel = group.x;
    let number = g.count * plane();
    var sum = 0.0;
    for (var place = thread; place < number; place += 256u) {
        sum += input[(place / plane() * g.channels + channel) * plane() + place % plane()];
    }
    let mean = total(thread, sum) / f32(number);
    sum = 0.0;
    for (var place = thread; place < number; place += 256u) {
        let off = input[(place / plane() * g.channels + channel) * plane() + place % plane()] - mean;
        sum += off * off;
    }
    let squares = total(thread, sum);
    if thread == 0u {
        moments[channel] = mean;
        moments[g.channels + channel] = 1.0 / sqrt(squares / f32(number) + 1e-5);
        let running_mean = parameters[g.mean + channel];
        let running_variance = parameters[g.variance + channel];
        parameters[g.mean + channel] = running_mean + 0.1 * (mean - running_mean);
        let variance = squares / max(f32(number) - 1.0, 1.0);
        parameters[g.variance + channel] = running_variance + 0.1 * (variance - running_variance);
    }
}
