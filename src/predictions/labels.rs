//! A column of few texts, such as the parts of a study: each text once.

use indexmap::IndexSet;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Labels {
    texts: IndexSet<String>,
    /// One per row.
    of: Vec<u32>,
}

impl Labels {
    pub fn at(&self, row: usize) -> &str {
        &self.texts[self.of[row] as usize]
    }

    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.of.iter().map(|label| self.texts[*label as usize].as_str())
    }

    /// The texts that occur.
    pub fn distinct(&self) -> impl Iterator<Item = &str> {
        self.texts.iter().map(String::as_str)
    }
}

impl<'a> FromIterator<&'a str> for Labels {
    fn from_iter<T: IntoIterator<Item = &'a str>>(texts: T) -> Self {
        let mut labels = Self::default();
        let mut last: Option<(&str, u32)> = None;
        for text in texts {
            let label = match last {
                // Rows of one part often stand together.
                Some((known, label)) if known == text => label,
                _ => match labels.texts.get_index_of(text) {
                    Some(label) => label as u32,
                    None => labels.texts.insert_full(text.to_string()).0 as u32,
                },
            };
            last = Some((text, label));
            labels.of.push(label);
        }
        labels
    }
}
