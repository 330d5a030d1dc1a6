// A part of a gradient, to what other users of the same node give, or as the first of them.
fn give(place: u32, value: f32) {
    if g.accumulate == 1u {
        gradient[place] += value;
    } else {
        gradient[place] = value;
    }
}
