// What a network in use normalises with.
@group(0) @binding(1) var<storage, read> parameters: array<f32>;
@group(0) @binding(2) var<storage, read_write> moments: array<f32>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let channel = group.x * 256u + thread;
    if channel < g.channels {
        moments[channel] = parameters[g.mean + channel];
        moments[g.channels + channel] = 1.0 / sqrt(parameters[g.variance + channel] + 1e-5);
    }
}
