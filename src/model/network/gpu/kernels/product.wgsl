// A matrix product in tiles of 64 × 64, each thread 4 × 4 of it. Before this text stand `left_at(row, depth)`,
// `right_at(depth, column)`, `store(part, row, column, value)`, and `extent()` with rows, columns and depth.

var<workgroup> left_tile: array<f32, 1024>;
var<workgroup> right_tile: array<f32, 1024>;

@compute @workgroup_size(16, 16)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_id) local: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let size = extent();
    let top = group.y * 64u;
    let start = group.x * 64u;
    // Whole tiles of depth for each part.
    let share = (size.z + 16u * g.parts - 1u) / (16u * g.parts) * 16u;
    let first = min(group.z * share, size.z);
    let end = min(first + share, size.z);
    var sums: array<f32, 16>;
    for (var i = 0u; i < 16u; i++) {
        sums[i] = 0.0;
    }
    for (var depth = first; depth < end; depth += 16u) {
        for (var i = 0u; i < 4u; i++) {
            let place = thread + i * 256u;
            let row = top + place / 16u;
            let left_depth = depth + place % 16u;
            var value = 0.0;
            if row < size.x && left_depth < end {
                value = left_at(row, left_depth);
            }
            left_tile[place % 16u * 64u + place / 16u] = value;
            let column = start + place % 64u;
            let right_depth = depth + place / 64u;
            value = 0.0;
            if column < size.y && right_depth < end {
                value = right_at(right_depth, column);
            }
            right_tile[place] = value;
        }
        workgroupBarrier();
        for (var k = 0u; k < 16u; k++) {
            for (var i = 0u; i < 4u; i++) {
                let factor = left_tile[k * 64u + local.y * 4u + i];
                for (var j = 0u; j < 4u; j++) {
                    sums[i * 4u + j] += factor * right_tile[k * 64u + local.x * 4u + j];
                }
            }
        }
        workgroupBarrier();
    }
    for (var i = 0u; i < 4u; i++) {
        for (var j = 0u; j < 4u; j++) {
            let row = top + local.y * 4u + i;
            let column = start + local.x * 4u + j;
            if row < size.x && column < size.y {
                store(group.z, row, column, sums[i * 4u + j]);
            }
        }
    }
}
