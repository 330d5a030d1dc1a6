// A matrix product in tiles of 64 × 64, each thread 4 × 4 of it. Before this text stand
//   `extent()`: rows, columns and depth;
//   `prepare(thread, start)`: what a thread remembers of the columns from `start` on that it looks up;
//   `left_four(row, depth, end)`: four rows at one depth;
//   `right_four(thread, first, end)`: four numbers of the right side, as RIGHT_BY_COLUMN says: those of one column at the
//   depths that `lookup_depth` gives, or of four columns in a row at one depth;
//   `store(part, row, column, value)`.
// Outside the extent numbers are 0. What comes next is looked up before what is there is multiplied, and the loops over a
// tile are written out: a translator's guard in every loop would keep a driver from doing so, and sums in an indexed array
// then lie in slow memory.

// A row of a tile is 16 numbers of four and one to spare, so that threads of a warp write to different banks.
var<workgroup> left_tile: array<vec4<f32>, 272>;
var<workgroup> right_tile: array<vec4<f32>, 272>;
var<private> sums_0: vec4<f32>;
var<private> sums_1: vec4<f32>;
var<private> sums_2: vec4<f32>;
var<private> sums_3: vec4<f32>;

fn lookup_depth(thread: u32, number: u32) -> u32 {
    return thread / 64u + number * 4u;
}

fn put_right(thread: u32, four: vec4<f32>) {
    if RIGHT_BY_COLUMN {
        let column = thread % 64u;
        right_tile[lookup_depth(thread, 0u) * 17u + column / 4u][column % 4u] = four.x;
        right_tile[lookup_depth(thread, 1u) * 17u + column / 4u][column % 4u] = four.y;
        right_tile[lookup_depth(thread, 2u) * 17u + column / 4u][column % 4u] = four.z;
        right_tile[lookup_depth(thread, 3u) * 17u + column / 4u][column % 4u] = four.w;
    } else {
        right_tile[thread % 16u * 17u + thread / 16u] = four;
    }
}

fn multiply(depth: u32, y: u32, x: u32) {
    let left = left_tile[depth * 17u + y];
    let right = right_tile[depth * 17u + x];
    sums_0 += left.x * right;
    sums_1 += left.y * right;
    sums_2 += left.z * right;
    sums_3 += left.w * right;
}

fn store_row(part: u32, row: u32, column: u32, sums: vec4<f32>) {
    let size = extent();
    if row < size.x && column < size.y {
        store(part, row, column, sums.x);
    }
    if row < size.x && column + 1u < size.y {
        store(part, row, column + 1u, sums.y);
    }
    if row < size.x && column + 2u < size.y {
        store(part, row, column + 2u, sums.z);
    }
    if row < size.x && column + 3u < size.y {
        store(part, row, column + 3u, sums.w);
    }
}

@compute @workgroup_size(16, 16)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_id) local: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let size = extent();
    let top = group.y * 64u + thread / 16u * 4u;
    let start = group.x * 64u;
    // Whole tiles of depth for each part.
    let share = (size.z + 16u * g.parts - 1u) / (16u * g.parts) * 16u;
    let first = min(group.z * share, size.z);
    let end = min(first + share, size.z);
    prepare(thread, start);
    sums_0 = vec4(0.0);
    sums_1 = vec4(0.0);
    sums_2 = vec4(0.0);
    sums_3 = vec4(0.0);
    var left = left_four(top, first + thread % 16u, end);
    var right = right_four(thread, first, end);
    for (var depth = first; depth < end; depth += 16u) {
        workgroupBarrier();
        left_tile[thread % 16u * 17u + thread / 16u] = left;
        put_right(thread, right);
        workgroupBarrier();
        left = left_four(top, depth + 16u + thread % 16u, end);
        right = right_four(thread, depth + 16u, end);
        multiply(0u, local.y, local.x);
        multiply(1u, local.y, local.x);
        multiply(2u, local.y, local.x);
        multiply(3u, local.y, local.x);
        multiply(4u, local.y, local.x);
        multiply(5u, local.y, local.x);
        multiply(6u, local.y, local.x);
        multiply(7u, local.y, local.x);
        multiply(8u, local.y, local.x);
        multiply(9u, local.y, local.x);
        multiply(10u, local.y, local.x);
        multiply(11u, local.y, local.x);
        multiply(12u, local.y, local.x);
        multiply(13u, local.y, local.x);
        multiply(14u, local.y, local.x);
        multiply(15u, local.y, local.x);
    }
    let row = group.y * 64u + local.y * 4u;
    let column = start + local.x * 4u;
    store_row(group.z, row, column, sums_0);
    store_row(group.z, row + 1u, column, sums_1);
    store_row(group.z, row + 2u, column, sums_2);
    store_row(group.z, row + 3u, column, sums_3);
}
