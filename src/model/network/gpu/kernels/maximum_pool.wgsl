// The first of equal maxima counts; `chosen` keeps the place in its plane that each was taken from.
@group(0) @binding(1) var<storage, read> input: array<f32>;
@group(0) @binding(2) var<storage, read_write> output: array<f32>;
@group(0) @binding(3) var<storage, read_write> chosen: array<u32>;

fn elements() -> u32 {
    return g.count * g.channels * places();
}

fn element(index: u32) {
    let image = index / places() * plane();
    let place = index % places();
    var best = -3.4e38;
    var taken = 0u;
    for (var down = 0u; down < g.kernel; down++) {
        for (var right = 0u; right < g.kernel; right++) {
            let y = place / g.out_width * g.stride + down;
            let x = place % g.out_width * g.stride + right;
            if y >= g.padding && x >= g.padding && y < g.height + g.padding && x < g.width + g.padding {
                let pixel = (y - g.padding) * g.width + x - g.padding;
                if input[image + pixel] > best {
                    best = input[image + pixel];
                    taken = pixel;
                }
            }
        }
    }
    output[index] = best;
    chosen[index] = taken;
}
