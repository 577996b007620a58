//! Foreign text made harmless: nothing that moves a cursor, hides, turns the direction of reading, or opens a new line.

use unicode_width::UnicodeWidthChar;

use super::key::is_invisible;

/// More marks than this over one letter draw over the lines above.
const MARKS: usize = 3;

/// Foreign text as one harmless line: control, direction and zero-width characters gone, white space folded, at most
/// `most` characters.
pub fn one_line(text: &str, most: usize) -> String {
    if text.len() <= most && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut count = 0;
    let mut blank = true;
    let mut marks = 0;
    for c in text.chars() {
        let c = if c.is_whitespace() { ' ' } else { c };
        if (c == ' ' && blank) || is_invisible(c) {
            continue;
        }
        marks = if c.width() == Some(0) { marks + 1 } else { 0 };
        if marks > MARKS {
            continue;
        }
        if count == most {
            out.truncate(out.trim_end().len());
            out.push('…');
            return out;
        }
        blank = c == ' ';
        out.push(c);
        count += 1;
    }
    out.truncate(out.trim_end().len());
    out
}

/// Foreign text with its lines kept, each ended by `\n`, but nothing that could act on a terminal or hide.
pub fn harmless(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' if chars.peek() != Some(&'\n') => out.push('\n'),
            '\n' | '\t' => out.push(c),
            c if !is_invisible(c) => out.push(c),
            _ => {}
        }
    }
    out
}

/// JSON text in which every character that cannot be seen is written as an escape: the same values, for any reader. A
/// log that takes `##[…]` for a command of its own finds none.
pub fn visible_json(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if c == '\n' || !is_invisible(c) {
            let command = (c == '[' || c == 'v') && out.ends_with("##");
            if command {
                out.truncate(out.len() - 1);
                out.push_str("\\u0023");
            }
            out.push(c);
        } else {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_becomes_one_harmless_line() {
        assert_eq!(one_line("a\u{1b}]52;c;x\u{7}b\n\n::error::c\u{202e}d\u{200b}", 80), "a]52;c;xb ::error::cd");
        assert_eq!(one_line(&"x".repeat(20), 5), "xxxxx…");
        assert_eq!(one_line(&format!("e{}f", "\u{301}".repeat(50)), 80), "e\u{301}\u{301}\u{301}f");
    }

    #[test]
    fn lines_stay_lines() {
        assert_eq!(harmless("a\r\nb\rc\n\u{1b}[2Jd\u{9b}e\0\te"), "a\nb\nc\n[2Jde\te");
    }

    #[test]
    fn json_keeps_its_values_and_shows_them() {
        for text in ["a\u{202e}b\u{e0041}c\u{7f}\u{9b}\u{feff}", "##[error]x ##vso[task]y ###[z", "plain\n\ttext"] {
            let json = serde_json::to_string_pretty(&[text]).unwrap();
            let shown = visible_json(&json);
            assert!(!shown.chars().any(|c| c != '\n' && is_invisible(c)), "{shown}");
            assert!(!shown.contains("##[") && !shown.contains("##v"), "{shown}");
            assert_eq!(serde_json::from_str::<[String; 1]>(&shown).unwrap(), [text]);
        }
    }
}
