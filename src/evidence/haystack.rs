//! Everything that an answer says, in which thousands of phrases are looked up.

/// The haystack takes nothing more once it is this long, in bytes.
const MOST: usize = 96 * 1024;
/// So many different marks of three bytes can be told apart.
const MARKS: usize = 1 << 15;

/// Text in lower case. A mark for every three bytes tells of most phrases at a glance that they are not in it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Haystack {
    text: String,
    marks: Vec<u64>,
}

impl Haystack {
    /// Adds a text, in lower case and on lines of its own.
    pub(super) fn push(&mut self, text: &str) {
        if self.text.len() >= MOST {
            return;
        }
        // Also what stands across the seam.
        let seam = self.text.len().saturating_sub(2);
        self.text.push_str(&text.to_lowercase());
        self.text.push('\n');
        self.marks.resize(MARKS / 64, 0);
        for three in self.text.as_bytes()[seam..].windows(3) {
            let mark = mark(three);
            self.marks[mark / 64] |= 1 << (mark % 64);
        }
    }

    /// Whether the phrase, in lower case, is said.
    pub fn contains(&self, phrase: &str) -> bool {
        let marked = |mark: usize| self.marks.get(mark / 64).is_some_and(|marks| marks >> (mark % 64) & 1 == 1);
        phrase.as_bytes().windows(3).all(|three| marked(mark(three))) && self.text.contains(phrase)
    }

    /// The whole text.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

fn mark(three: &[u8]) -> usize {
    three.iter().fold(0, |mark, byte| mark * 31 + usize::from(*byte)) % MARKS
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn finds_what_the_text_holds_and_nothing_else(texts in proptest::collection::vec("[ab é]{0,9}", 0..4), phrase in "[ab é\n]{0,4}") {
            let mut haystack = Haystack::default();
            for text in &texts {
                haystack.push(text);
            }
            proptest::prop_assert_eq!(haystack.contains(&phrase), haystack.as_str().contains(&phrase));
        }
    }
}
