use super::{Context, EvaluateError};
use crate::results::BaselineTable;
use crate::spec::raw::RawStatistic;
pub(super) fn evaluate(_: Context<'_>, _: &RawStatistic) -> Result<BaselineTable, EvaluateError> { Err(EvaluateError::Other("soon".into())) }
