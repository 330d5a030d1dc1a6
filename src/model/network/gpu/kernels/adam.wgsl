// One step of Adam on every parameter. Where no gradient ever comes, nothing moves.
struct Rates {
    // The learning rate with its bias correction, and the root of the correction of the squares.
    rate: f32,
    root: f32,
    beta_1: f32,
    beta_2: f32,
    epsilon: f32,
    size: u32,
}

@group(0) @binding(0) var<uniform> rates: Rates;
@group(0) @binding(1) var<storage, read> slopes: array<f32>;
@group(0) @binding(2) var<storage, read_write> parameters: array<f32>;
@group(0) @binding(3) var<storage, read_write> first: array<f32>;
@group(0) @binding(4) var<storage, read_write> second: array<f32>;

fn elements() -> u32 {
    return rates.size;
}

fn element(index: u32) {
    let slope = slopes[index];
    first[index] = rates.beta_1 * first[index] + (1.0 - rates.beta_1) * slope;
    second[index] = rates.beta_2 * second[index] + (1.0 - rates.beta_2) * slope * slope;
    parameters[index] -= rates.rate * first[index] / (sqrt(second[index]) / rates.root + rates.epsilon);
}
