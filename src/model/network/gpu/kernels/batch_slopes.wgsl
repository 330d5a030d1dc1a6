// Gradients in shift and scale of a channel: the sums over its planes.
@group(0) @binding(1) var<storage, read> planes: array<f32>;
@group(0) @binding(2) var<storage, read_write> slopes: array<f32>;

fn elements() -> u32 {
    return g.channels;
}

fn element(channel: u32) {
    var shift = 0.0;
    var scale = 0.0;
    for (var image = 0u; image < g.count; image++) {
        let here = 2u * (image * g.channels + channel);
        shift += planes[here];
        scale += planes[here + 1u];
    }
    slopes[g.second + channel] = shift;
    slopes[g.tensor + channel] = scale;
}
