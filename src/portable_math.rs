//! Elementary functions whose bits do not depend on the machine.
//!
//! A C library picks its `exp` at run time by what the processor can do, and the variants differ in the last bit. Rust's
//! `f64::exp`, in this program and in every library in it, calls the symbol `exp`; defining it here makes all of them
//! use the pure Rust functions of the `libm` crate. Only the program does this: whoever links the library keeps their
//! own functions. Single-precision functions are not on the way to any result.

macro_rules! portable {
    ($($name:ident($($argument:ident),+);)+) => {$(
        // SAFETY: the name, the arguments and the result are those that C declares in <math.h>.
        #[unsafe(no_mangle)]
        extern "C" fn $name($($argument: f64),+) -> f64 {
            libm::$name($($argument),+)
        }
    )+};
}

portable! {
    exp(x);
    exp2(x);
    expm1(x);
    log(x);
    log1p(x);
    log2(x);
    log10(x);
    pow(x, y);
    cbrt(x);
    hypot(x, y);
    sin(x);
    cos(x);
    tan(x);
    asin(x);
    acos(x);
    atan(x);
    atan2(x, y);
    sinh(x);
    cosh(x);
    tanh(x);
}

/// Compilers join a sine and a cosine of one angle into this GNU function.
///
/// # Safety
/// As C asks of its callers: both pointers can be written.
#[unsafe(no_mangle)]
unsafe extern "C" fn sincos(x: f64, sine: *mut f64, cosine: *mut f64) {
    // SAFETY: the caller vouches for both pointers.
    unsafe {
        *sine = libm::sin(x);
        *cosine = libm::cos(x);
    }
}
