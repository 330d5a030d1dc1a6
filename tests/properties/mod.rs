//! What must hold for any input.
mod calibration;
mod discrimination;
mod regression;
mod survival;
