// Mean and sum of squares about it of every plane of every image, one workgroup a plane.
@group(0) @binding(1) var<storage, read> input: array<f32>;
@group(0) @binding(2) var<storage, read_write> planes: array<f32>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let here = group.y * g.channels + group.x;
    var sum = 0.0;
    for (var place = thread; place < plane(); place += 256u) {
        sum += input[here * plane() + place];
    }
    let mean = total(thread, sum) / f32(plane());
    sum = 0.0;
    for (var place = thread; place < plane(); place += 256u) {
        let off = input[here * plane() + place] - mean;
        sum += off * off;
    }
    let squares = total(thread, sum);
    if thread == 0u {
        planes[2u * here] = mean;
        planes[2u * here + 1u] = squares;
    }
}
