//! A line of text that is being typed, with the keys of a shell.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// The text and the place in it.
#[derive(Default)]
pub(super) struct Line {
    chars: Vec<char>,
    at: usize,
}

impl Line {
    /// A text to be changed, with the cursor at its end.
    pub(super) fn new(text: &str) -> Self {
        let chars: Vec<char> = text.chars().collect();
        Self { at: chars.len(), chars }
    }

    /// The whole text.
    pub(super) fn text(&self) -> String {
        self.chars.iter().collect()
    }

    /// Whether nothing stands there.
    pub(super) fn is_empty(&self) -> bool {
        self.chars.is_empty()
    }

    /// How many characters stand before the cursor.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// Adds a text at the cursor. Of several lines only the first is meant: the next may hold a key.
    pub(super) fn paste(&mut self, text: &str) {
        let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        let chars: Vec<char> = first.chars().collect();
        let added = chars.len();
        self.chars.splice(self.at..self.at, chars);
        self.at += added;
    }

    /// Does what a shell does with the key.
    pub(super) fn key(&mut self, key: KeyEvent) {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        let alt = key.modifiers.contains(KeyModifiers::ALT);
        let end = self.chars.len();
        match (key.code, control, alt) {
            (KeyCode::Left, true, _) | (KeyCode::Left, _, true) | (KeyCode::Char('b'), false, true) => {
                self.at = self.word_before(|c| !c.is_alphanumeric());
            }
            (KeyCode::Right, true, _) | (KeyCode::Right, _, true) | (KeyCode::Char('f'), false, true) => {
                self.at = self.word_after();
            }
            (KeyCode::Left, ..) | (KeyCode::Char('b'), true, false) => self.at = self.at.saturating_sub(1),
            (KeyCode::Right, ..) | (KeyCode::Char('f'), true, false) => self.at = (self.at + 1).min(end),
            (KeyCode::Home, ..) | (KeyCode::Char('a'), true, false) => self.at = 0,
            (KeyCode::End, ..) | (KeyCode::Char('e'), true, false) => self.at = end,
            (KeyCode::Backspace, _, true) => self.cut(self.word_before(|c| !c.is_alphanumeric())..self.at),
            (KeyCode::Char('w'), true, false) | (KeyCode::Backspace, true, _) => {
                self.cut(self.word_before(char::is_whitespace)..self.at);
            }
            (KeyCode::Backspace, ..) | (KeyCode::Char('h'), true, false) => {
                self.cut(self.at.saturating_sub(1)..self.at);
            }
            (KeyCode::Delete, ..) | (KeyCode::Char('d'), true, false) => self.cut(self.at..(self.at + 1).min(end)),
            (KeyCode::Char('u'), true, false) => self.cut(0..self.at),
            (KeyCode::Char('k'), true, false) => self.cut(self.at..end),
            // Both together are one key on some keyboards, and type a character.
            (KeyCode::Char(c), ..) if control == alt => {
                self.chars.insert(self.at, c);
                self.at += 1;
            }
            _ => {}
        }
    }

    fn cut(&mut self, range: std::ops::Range<usize>) {
        self.at = range.start;
        self.chars.drain(range);
    }

    /// Where the word before the cursor begins.
    fn word_before(&self, between: impl Fn(char) -> bool) -> usize {
        let before = &self.chars[..self.at];
        let end = before.iter().rposition(|c| !between(*c)).map_or(0, |last| last + 1);
        before[..end].iter().rposition(|c| between(*c)).map_or(0, |gap| gap + 1)
    }

    /// Where the word after the cursor ends.
    fn word_after(&self) -> usize {
        let after = &self.chars[self.at..];
        let start = after.iter().position(|c| c.is_alphanumeric()).unwrap_or(after.len());
        let rest = &after[start..];
        self.at + start + rest.iter().position(|c| !c.is_alphanumeric()).unwrap_or(rest.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text after these keys, with a bar where the cursor stands; `^x` is Ctrl and x, `~x` is Alt and x.
    fn typed(keys: &str) -> String {
        let mut line = Line::default();
        let mut keys = keys.chars();
        while let Some(c) = keys.next() {
            let (modifiers, c) = match c {
                '^' => (KeyModifiers::CONTROL, keys.next().unwrap_or('^')),
                '~' => (KeyModifiers::ALT, keys.next().unwrap_or('~')),
                c => (KeyModifiers::NONE, c),
            };
            let code = match c {
                '<' => KeyCode::Left,
                '>' => KeyCode::Right,
                '!' => KeyCode::Backspace,
                'X' => KeyCode::Delete,
                'H' => KeyCode::Home,
                'E' => KeyCode::End,
                c => KeyCode::Char(c),
            };
            line.key(KeyEvent::new(code, modifiers));
        }
        let mut text = line.text();
        text.insert(line.chars[..line.at].iter().map(|c| c.len_utf8()).sum(), '|');
        text
    }

    #[test]
    fn keys_do_what_a_shell_does() {
        for (keys, wanted) in [
            ("abc", "abc|"),
            ("abc!!", "a|"),
            ("!X<>^u^k^w", "|"),
            ("abc<<x", "ax|bc"),
            ("abc^a^d", "|bc"),
            ("abcHX>", "b|c"),
            ("abcHE", "abc|"),
            ("https://a/v1^u", "|"),
            ("abc<^u", "|c"),
            ("abc<<^k", "a|"),
            ("one two ^w", "one |"),
            ("https://host/v1~!", "https://host/|"),
            ("a b-c^<^<", "a |b-c"),
            ("a b-c^a~f~f", "a b|-c"),
            ("é你!", "é|"),
            // No such key types anything.
            ("a^r^x~x^z", "a|"),
        ] {
            assert_eq!(typed(keys), wanted, "{keys}");
        }
    }

    #[test]
    fn of_several_pasted_lines_the_first_is_taken() {
        for (pasted, wanted) in [("x\r\n", "axb"), ("\n\n x\nsecret\n", "a xb"), ("\n", "ab"), ("", "ab")] {
            let mut line = Line::new("ab");
            line.at = 1;
            line.paste(pasted);
            assert_eq!(line.text(), wanted, "{pasted:?}");
        }
    }
}
