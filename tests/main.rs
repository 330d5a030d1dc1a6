//! One test binary for all layers, so that the program is linked once: against R, properties, the report as it is read,
//! and the program as it is used. What is worked by hand stands beside the code.

mod architecture;
mod audit;
mod end_to_end;
mod properties;
mod reference;
mod report;
mod support;
