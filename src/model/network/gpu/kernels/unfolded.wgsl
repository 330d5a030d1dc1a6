// The number under a window: `row` says which of the window, `column` which image and which place.
fn unfolded_at(row: u32, column: u32) -> f32 {
    let image = column / places();
    let place = column % places();
    let window = g.kernel * g.kernel;
    let channel = row / window;
    let y = place / g.out_width * g.stride + row / g.kernel % g.kernel;
    let x = place % g.out_width * g.stride + row % g.kernel;
    if y < g.padding || x < g.padding || y >= g.height + g.padding || x >= g.width + g.padding {
        return 0.0;
    }
    return input[((image * g.channels + channel) * g.height + y - g.padding) * g.width + x - g.padding];
}
