// The gradient in the input: every place adds to the numbers that lay under its window.
@group(0) @binding(1) var<storage, read> parameters: array<f32>;
@group(0) @binding(2) var<storage, read> above: array<f32>;
@group(0) @binding(3) var<storage, read_write> gradient: array<f32>;

fn extent() -> vec3<u32> {
    return vec3(g.channels, g.count * plane(), g.outputs * g.kernel * g.kernel);
}

fn left_at(row: u32, depth: u32) -> f32 {
    let window = g.kernel * g.kernel;
    return parameters[g.tensor + (depth / window * g.channels + row) * window + depth % window];
}

fn right_at(depth: u32, column: u32) -> f32 {
    let window = g.kernel * g.kernel;
    let image = column / plane();
    let pixel = column % plane();
    let y = pixel / g.width + g.padding;
    let x = pixel % g.width + g.padding;
    let down = depth % window / g.kernel;
    let right = depth % g.kernel;
    if y < down || x < right || (y - down) % g.stride != 0u || (x - right) % g.stride != 0u {
        return 0.0;
    }
    let place_y = (y - down) / g.stride;
    let place_x = (x - right) / g.stride;
    if place_y >= g.out_height || place_x >= g.out_width {
        return 0.0;
    }
    return above[((image * g.outputs + depth / window) * g.out_height + place_y) * g.out_width + place_x];
}

fn store(part: u32, row: u32, column: u32, value: f32) {
    let place = (column / plane() * g.channels + row) * plane() + column % plane();
    give(place, value);
}
