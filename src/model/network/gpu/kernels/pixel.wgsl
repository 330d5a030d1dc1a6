// The number of an image that lies under one place of a window whose first corner is given; 0 beyond its edge.
fn pixel_under(index: u32, image: u32, corner_y: i32, corner_x: i32) -> f32 {
    let here = tap(index);
    let y = corner_y + here.down;
    let x = corner_x + here.right;
    if y < 0 || x < 0 || y >= i32(g.height) || x >= i32(g.width) {
        return 0.0;
    }
    return input[(image * g.channels + here.channel) * plane() + u32(y) * g.width + u32(x)];
}
