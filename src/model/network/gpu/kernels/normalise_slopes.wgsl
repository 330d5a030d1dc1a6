// What every plane of every image gives to the gradients in shift and scale, one workgroup a plane.
@group(0) @binding(1) var<storage, read> input: array<f32>;
@group(0) @binding(2) var<storage, read> above: array<f32>;
@group(0) @binding(3) var<storage, read> moments: array<f32>;
@group(0) @binding(4) var<storage, read_write> planes: array<f32>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let channel = group.x;
    let here = group.y * g.channels + channel;
    var shift = 0.0;
    var scale = 0.0;
    for (var place = thread; place < plane(); place += 256u) {
        let index = here * plane() + place;
        shift += above[index];
        scale += above[index] * (input[index] - moments[channel]) * moments[g.channels + channel];
    }
    let whole_shift = total(thread, shift);
    let whole_scale = total(thread, scale);
    if thread == 0u {
        planes[2u * here] = whole_shift;
        planes[2u * here + 1u] = whole_scale;
    }
}
