//! What must hold for any input.
mod baseline;
mod calibration;
mod cox;
mod discrimination;
mod distribution;
mod regression;
mod survival;
mod threshold;
