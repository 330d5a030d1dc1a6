@group(0) @binding(1) var<storage, read> parameters: array<f32>;
@group(0) @binding(2) var<storage, read> input: array<f32>;
@group(0) @binding(3) var<storage, read> windows: array<u32>;
@group(0) @binding(4) var<storage, read_write> output: array<f32>;

const RIGHT_BY_COLUMN = true;

// The image that this thread's column is of, and the first corner of its window.
var<private> inside: bool;
var<private> image: u32;
var<private> corner_y: i32;
var<private> corner_x: i32;

fn extent() -> vec3<u32> {
    return vec3(g.outputs, g.count * places(), unfolded_rows());
}

fn prepare(thread: u32, start: u32) {
    let column = start + thread % 64u;
    inside = column < g.count * places();
    image = column / places();
    let place = column % places();
    corner_y = i32(place / g.out_width * g.stride) - i32(g.padding);
    corner_x = i32(place % g.out_width * g.stride) - i32(g.padding);
}

fn weight_at(row: u32, depth: u32) -> f32 {
    if row < g.outputs {
        return parameters[g.tensor + row * unfolded_rows() + depth];
    }
    return 0.0;
}

fn left_four(row: u32, depth: u32, end: u32) -> vec4<f32> {
    if depth >= end {
        return vec4(0.0);
    }
    return vec4(weight_at(row, depth), weight_at(row + 1u, depth), weight_at(row + 2u, depth), weight_at(row + 3u, depth));
}

fn pixel_at(depth: u32, end: u32) -> f32 {
    if !inside || depth >= end {
        return 0.0;
    }
    return pixel_under(depth, image, corner_y, corner_x);
}

fn right_four(thread: u32, first: u32, end: u32) -> vec4<f32> {
    return vec4(
        pixel_at(first + lookup_depth(thread, 0u), end),
        pixel_at(first + lookup_depth(thread, 1u), end),
        pixel_at(first + lookup_depth(thread, 2u), end),
        pixel_at(first + lookup_depth(thread, 3u), end),
    );
}

fn store(part: u32, row: u32, column: u32, value: f32) {
    output[(column / places() * g.outputs + row) * places() + column % places()] = value;
}
