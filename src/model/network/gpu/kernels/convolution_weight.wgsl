// The gradient in the kernel: a sum over all places of all images, in parts that `add_parts` adds up in their order.
@group(0) @binding(1) var<storage, read> above: array<f32>;
@group(0) @binding(2) var<storage, read> input: array<f32>;
@group(0) @binding(3) var<storage, read> windows: array<u32>;
@group(0) @binding(4) var<storage, read_write> sums: array<f32>;

const RIGHT_BY_COLUMN = false;

// The four numbers of the kernel that this thread looks up.
var<private> first_column: u32;

fn extent() -> vec3<u32> {
    return vec3(g.outputs, unfolded_rows(), g.count * places());
}

fn prepare(thread: u32, start: u32) {
    first_column = start + thread / 16u * 4u;
}

fn above_at(row: u32, image: u32, place: u32) -> f32 {
    if row < g.outputs {
        return above[(image * g.outputs + row) * places() + place];
    }
    return 0.0;
}

fn left_four(row: u32, depth: u32, end: u32) -> vec4<f32> {
    if depth >= end {
        return vec4(0.0);
    }
    let image = depth / places();
    let place = depth % places();
    return vec4(
        above_at(row, image, place),
        above_at(row + 1u, image, place),
        above_at(row + 2u, image, place),
        above_at(row + 3u, image, place),
    );
}

fn pixel_at(column: u32, image: u32, corner_y: i32, corner_x: i32) -> f32 {
    if column >= unfolded_rows() {
        return 0.0;
    }
    return pixel_under(column, image, corner_y, corner_x);
}

fn right_four(thread: u32, first: u32, end: u32) -> vec4<f32> {
    let depth = first + thread % 16u;
    if depth >= end {
        return vec4(0.0);
    }
    let image = depth / places();
    let place = depth % places();
    let y = i32(place / g.out_width * g.stride) - i32(g.padding);
    let x = i32(place % g.out_width * g.stride) - i32(g.padding);
    return vec4(
        pixel_at(first_column, image, y, x),
        pixel_at(first_column + 1u, image, y, x),
        pixel_at(first_column + 2u, image, y, x),
        pixel_at(first_column + 3u, image, y, x),
    );
}

fn store(part: u32, row: u32, column: u32, value: f32) {
    sums[(part * g.outputs + row) * unfolded_rows() + column] = value;
}
