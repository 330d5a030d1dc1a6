@group(0) @binding(1) var<storage, read> sums: array<f32>;
@group(0) @binding(2) var<storage, read_write> slopes: array<f32>;

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let size = g.outputs * unfolded_rows();
    let index = number(group, groups, thread);
    if index >= size {
        return;
    }
    var total = 0.0;
    for (var part = 0u; part < g.parts; part++) {
        total += sums[part * size + index];
    }
    slopes[g.tensor + index] = total;
}
