// Every pixel gathers from the windows that chose it.
@group(0) @binding(1) var<storage, read> above: array<f32>;
@group(0) @binding(2) var<storage, read> chosen: array<u32>;
@group(0) @binding(3) var<storage, read_write> gradient: array<f32>;

fn elements() -> u32 {
    return inputs();
}

fn element(index: u32) {
    let pixel = index % plane();
    let y = pixel / g.width + g.padding;
    let x = pixel % g.width + g.padding;
    var value = 0.0;
    for (var down = 0u; down < g.kernel; down++) {
        for (var right = 0u; right < g.kernel; right++) {
            if y >= down && x >= right && (y - down) % g.stride == 0u && (x - right) % g.stride == 0u {
                let place_y = (y - down) / g.stride;
                let place_x = (x - right) / g.stride;
                if place_y < g.out_height && place_x < g.out_width {
                    let place = index / plane() * places() + place_y * g.out_width + place_x;
                    if chosen[place] == pixel {
                        value += above[place];
                    }
                }
            }
        }
    }
    give(index, value);
}
