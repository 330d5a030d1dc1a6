//! Regression models and what surrounds them: logistic models by maximum and by penalised likelihood, selection of
//! candidates, collinearity, optimism, and the scaling of decision values to probabilities.

mod design;
mod likelihood;
mod row_order;

pub mod firth;
pub mod logistic;
pub mod optimism;
pub mod platt;
pub mod selection;
pub mod splines;
pub mod variance_inflation;
