//! An audit as text, JSON, SARIF, JUnit and HTML. All are pure functions of the audit, and give the same bytes again.

mod html;
mod json;
mod junit;
mod recomputed;
mod sarif;
mod small_tables;
pub(super) mod tables;
mod text;

pub use html::render_html;
pub use json::render_json;
pub use junit::render_junit;
pub use sarif::render_sarif;
pub use text::render_text;
