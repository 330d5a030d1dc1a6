// The mean of every plane, one workgroup a plane.
@group(0) @binding(1) var<storage, read> input: array<f32>;
@group(0) @binding(2) var<storage, read_write> output: array<f32>;

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let index = group.y * groups.x + group.x;
    var sum = 0.0;
    if index < g.count * g.channels {
        for (var place = thread; place < plane(); place += 256u) {
            sum += input[index * plane() + place];
        }
    }
    let whole = total(thread, sum);
    if thread == 0u && index < g.count * g.channels {
        output[index] = whole / f32(plane());
    }
}
