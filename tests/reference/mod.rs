//! Every value of fixtures/reference against ours, one file per topic.
mod delong;
mod kaplan_meier;
mod log_rank;
mod logistic;
mod roc;
mod support;
mod survival_discrimination;
mod survival_frame;
