/// .
pub fn skeleton() -> String { String::new() }
