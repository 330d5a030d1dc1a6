// Where in a window, and in which channel, a number of a kernel stands: `windows` has it for each in turn, so that nothing
// is divided.
struct Tap {
    channel: u32,
    down: i32,
    right: i32,
}

fn tap(index: u32) -> Tap {
    let packed = windows[index];
    return Tap(packed >> 16u, i32(packed >> 8u & 255u), i32(packed & 255u));
}
