//! A text with its faulty part underlined, as a compiler would.

use std::ops::Range;

use colored::Color;
use unicode_width::UnicodeWidthStr;

use super::Style;
use crate::connection::key::is_invisible;
use crate::connection::scrub::one_line;

/// Columns before the text.
const LEAD: usize = 5;

/// The text, and below it the underline with a few words: beside it where there is room, else on the next line.
///
/// `part` is in bytes of `text`.
pub fn underline(text: &str, part: Range<usize>, label: &str, color: Color, style: Style) -> String {
    // What cannot be seen is shown as a dot, so that the underline has something to stand under.
    let visible = |text: &str| -> String {
        text.chars().map(|c| if is_invisible(c) || (c.is_whitespace() && c != ' ') { '·' } else { c }).collect()
    };
    let before = visible(text.get(..part.start).unwrap_or_default());
    let faulty = visible(text.get(part.clone()).unwrap_or_default());
    let after = visible(text.get(part.end..).unwrap_or_default());
    let blank = " ".repeat(LEAD);
    let mut out = format!("{blank}{}\n", style.ascii(&format!("{before}{faulty}{after}")));
    let carets = "^".repeat(faulty.width().max(1));
    let start = LEAD + before.width();
    let label = one_line(label, 120);
    let end = if start + carets.len() + 1 + label.width() <= style.width { " " } else { "\n     " };
    out.push_str(&format!("{}{}{end}{label}\n", " ".repeat(start), style.paint(&carets, color)));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Style = Style { color: false, unicode: true, width: 60 };

    #[test]
    fn the_words_stand_where_there_is_room() {
        assert_eq!(
            underline("https://a.b/v1/v1", 14..17, "twice", Color::Red, PLAIN),
            "     https://a.b/v1/v1\n                   ^^^ twice\n"
        );
        let narrow = Style { width: 30, ..PLAIN };
        assert_eq!(
            underline("https://a.b/v1/v1", 14..17, "said twice", Color::Red, narrow),
            "     https://a.b/v1/v1\n                   ^^^\n     said twice\n"
        );
        assert_eq!(underline("a\u{200b}b", 1..4, "hidden", Color::Red, PLAIN), "     a·b\n      ^ hidden\n");
        assert_eq!(underline("", 0..0, "nothing", Color::Red, PLAIN), "     \n     ^ nothing\n");
    }
}
