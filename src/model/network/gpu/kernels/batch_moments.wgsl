// Mean and 1/√(variance + ε) of a channel from those of its planes; moves the running moments towards them.
@group(0) @binding(1) var<storage, read> planes: array<f32>;
@group(0) @binding(2) var<storage, read_write> parameters: array<f32>;
@group(0) @binding(3) var<storage, read_write> moments: array<f32>;

fn elements() -> u32 {
    return g.channels;
}

fn element(channel: u32) {
    var sum = 0.0;
    for (var image = 0u; image < g.count; image++) {
        sum += planes[2u * (image * g.channels + channel)];
    }
    let mean = sum / f32(g.count);
    var squares = 0.0;
    for (var image = 0u; image < g.count; image++) {
        let here = 2u * (image * g.channels + channel);
        let off = planes[here] - mean;
        squares += planes[here + 1u] + f32(plane()) * off * off;
    }
    let number = f32(g.count * plane());
    moments[channel] = mean;
    moments[g.channels + channel] = 1.0 / sqrt(squares / number + 1e-5);
    let running_mean = parameters[g.mean + channel];
    let running_variance = parameters[g.variance + channel];
    parameters[g.mean + channel] = running_mean + 0.1 * (mean - running_mean);
    let variance = squares / max(number - 1.0, 1.0);
    parameters[g.variance + channel] = running_variance + 0.1 * (variance - running_variance);
}
