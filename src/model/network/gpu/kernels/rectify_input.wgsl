@group(0) @binding(1) var<storage, read> output: array<f32>;
@group(0) @binding(2) var<storage, read> above: array<f32>;
@group(0) @binding(3) var<storage, read_write> gradient: array<f32>;

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
    let value = select(0.0, above[index], output[index] > 0.0);
    if g.accumulate == 1u {
        gradient[index] += value;
    } else {
        gradient[index] = value;
    }
}
