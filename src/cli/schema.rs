//! `vouch schema`

use super::Exit;

pub fn schema() -> Exit {
    match serde_json::to_string_pretty(&crate::spec::schema()) {
        Ok(text) => {
            println!("{text}");
            Exit::Fine
        }
        Err(error) => {
            eprintln!("The schema cannot be printed: {error}");
            Exit::Unexpected
        }
    }
}
