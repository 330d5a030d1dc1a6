// Sums over the 256 threads of a workgroup, in one order.
var<workgroup> shares: array<f32, 256>;

fn total(thread: u32, share: f32) -> f32 {
    shares[thread] = share;
    workgroupBarrier();
    for (var half = 128u; half > 0u; half /= 2u) {
        if thread < half {
            shares[thread] += shares[thread + half];
        }
        workgroupBarrier();
    }
    let sum = shares[0];
    workgroupBarrier();
    return sum;
}
