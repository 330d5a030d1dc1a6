// The gradient in the input: every place adds to the numbers that lay under its window.
@group(0) @binding(1) var<storage, read> parameters: array<f32>;
@group(0) @binding(2) var<storage, read> above: array<f32>;
@group(0) @binding(3) var<storage, read> windows: array<u32>;
@group(0) @binding(4) var<storage, read_write> gradient: array<f32>;

const RIGHT_BY_COLUMN = true;

// The image and the pixel, counted from the border, that this thread's column is of.
var<private> inside: bool;
var<private> image: u32;
var<private> pixel_y: i32;
var<private> pixel_x: i32;

fn extent() -> vec3<u32> {
    return vec3(g.channels, g.count * plane(), g.outputs * g.kernel * g.kernel);
}

fn prepare(thread: u32, start: u32) {
    let column = start + thread % 64u;
    inside = column < g.count * plane();
    image = column / plane();
    let pixel = column % plane();
    pixel_y = i32(pixel / g.width + g.padding);
    pixel_x = i32(pixel % g.width + g.padding);
}

fn weight_at(row: u32, place: u32) -> f32 {
    if row < g.channels {
        return parameters[place + row * g.kernel * g.kernel];
    }
    return 0.0;
}

fn left_four(row: u32, depth: u32, end: u32) -> vec4<f32> {
    if depth >= end {
        return vec4(0.0);
    }
    // `depth` says which output and where in the window; the kernel has the channel between the two.
    let here = tap(depth);
    let place = g.tensor + here.channel * unfolded_rows() + u32(here.down) * g.kernel + u32(here.right);
    return vec4(weight_at(row, place), weight_at(row + 1u, place), weight_at(row + 2u, place), weight_at(row + 3u, place));
}

fn above_at(depth: u32, end: u32) -> f32 {
    if !inside || depth >= end {
        return 0.0;
    }
    let here = tap(depth);
    var y = pixel_y - here.down;
    var x = pixel_x - here.right;
    if y < 0 || x < 0 {
        return 0.0;
    }
    if g.stride != 1u {
        let stride = i32(g.stride);
        if y % stride != 0 || x % stride != 0 {
            return 0.0;
        }
        y /= stride;
        x /= stride;
    }
    if y >= i32(g.out_height) || x >= i32(g.out_width) {
        return 0.0;
    }
    return above[(image * g.outputs + here.channel) * places() + u32(y) * g.out_width + u32(x)];
}

fn right_four(thread: u32, first: u32, end: u32) -> vec4<f32> {
    return vec4(
        above_at(first + lookup_depth(thread, 0u), end),
        above_at(first + lookup_depth(thread, 1u), end),
        above_at(first + lookup_depth(thread, 2u), end),
        above_at(first + lookup_depth(thread, 3u), end),
    );
}

fn store(part: u32, row: u32, column: u32, value: f32) {
    let place = (column / plane() * g.channels + row) * plane() + column % plane();
    give(place, value);
}
