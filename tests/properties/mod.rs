//! What must hold for any input.
mod calibration;
mod cox;
mod discrimination;
mod distribution;
mod regression;
mod survival;
mod baseline;
mod threshold;
