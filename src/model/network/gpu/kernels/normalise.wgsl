@group(0) @binding(1) var<storage, read> input: array<f32>;
@group(0) @binding(2) var<storage, read> parameters: array<f32>;
@group(0) @binding(3) var<storage, read> moments: array<f32>;
@group(0) @binding(4) var<storage, read_write> output: array<f32>;

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let index = number(group, groups, thread);
    if index >= g.count * g.channels * plane() {
        return;
    }
    let channel = index / plane() % g.channels;
    let standard = (input[index] - moments[channel]) * moments[g.channels + channel];
    output[index] = standard * parameters[g.tensor + channel] + parameters[g.second + channel];
}
