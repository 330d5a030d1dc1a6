//! Exact arithmetic on printed numbers: decimals as they stand on the page, the sets of values that print so, and the
//! integers that fall into such a set. No verdict about counts rests on a floating-point comparison.

pub mod printed;
pub mod range;

pub use printed::{Printed, Relation};
pub use range::{Range, Rounding};
