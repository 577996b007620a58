//! Text made safe for Markdown: a server's words bring no heading, no link text, no mention and no HTML with them.

use crate::connection::scrub::one_line;

/// Signs that Markdown takes for more than themselves.
const SIGNS: &[char] = &['\\', '*', '_', '[', ']', '<', '>', '|', '~', '#', '$', '`'];

/// One line of any text, shown as it is.
pub(super) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut before = ' ';
    let mut chars = one_line(text, 600).chars().collect::<Vec<_>>().into_iter().peekable();
    while let Some(c) = chars.next() {
        let next = chars.peek().copied().unwrap_or(' ');
        match c {
            // A sign inside a word, as in `max_tokens`, is no emphasis.
            '_' if before.is_alphanumeric() && next.is_alphanumeric() => out.push('_'),
            c if SIGNS.contains(&c) => out.extend(['\\', c]),
            '&' => out.push_str("&amp;"),
            // Nobody is called into a discussion by a server's words.
            '@' if !before.is_alphanumeric() && next.is_alphanumeric() => out.push_str("@<!-- -->"),
            c => out.push(c),
        }
        before = c;
    }
    out
}

/// Our own sentences: what stands between two backticks stays code, everything else is plain.
pub(super) fn prose(text: &str) -> String {
    let text = one_line(text, 600);
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return plain(&text);
    }
    let mut out = String::new();
    for (index, part) in parts.into_iter().enumerate() {
        if index % 2 == 1 {
            out.push_str(&code(part));
        } else {
            // The blanks at the seams belong to the sentence.
            let trimmed = part.trim();
            let start = &part[..part.len() - part.trim_start().len()];
            let end = if trimmed.is_empty() { "" } else { &part[part.trim_end().len()..] };
            out.push_str(start);
            out.push_str(&plain(trimmed));
            out.push_str(end);
        }
    }
    out
}

/// One line of any text as code, whatever backticks are in it.
pub(super) fn code(text: &str) -> String {
    let text = one_line(text, 400);
    if text.is_empty() {
        return String::new();
    }
    let ticks = "`".repeat(longest_run(&text) + 1);
    let pad = if ticks.len() > 1 { " " } else { "" };
    format!("{ticks}{pad}{text}{pad}{ticks}")
}

/// Lines of any text in a fence that they cannot close.
pub(super) fn fence(text: &str, language: &str) -> String {
    let fence = "`".repeat((longest_run(text) + 1).max(3));
    format!("{fence}{language}\n{}\n{fence}\n", text.trim_end_matches('\n'))
}

/// A table with these heads; the cells are Markdown already.
pub(super) fn table(heads: &[&str], rows: &[Vec<String>]) -> String {
    let mut out = format!("| {} |\n|{}\n", heads.join(" | "), " --- |".repeat(heads.len()));
    for row in rows {
        let cells: Vec<String> = row.iter().map(|cell| cell_of(cell)).collect();
        out.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
    out
}

/// A bar ends a cell, even in code, unless a backslash stands before it.
fn cell_of(markdown: &str) -> String {
    markdown.replace("\\|", "|").replace('|', "\\|")
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_are_shown_as_they_are() {
        assert_eq!(plain("max_tokens *x* <b>"), "max_tokens \\*x\\* \\<b\\>");
        assert_eq!(plain("# a | b"), "\\# a \\| b");
        assert_eq!(plain("ask @team or a@b.c"), "ask @<!-- -->team or a@b.c");
        assert_eq!(plain("[x](https://h) &amp;"), "\\[x\\](https://h) &amp;amp;");
    }

    #[test]
    fn code_in_our_sentences_stays_code() {
        assert_eq!(prose("run `ruta doctor` again, a_b _c_"), "run `ruta doctor` again, a_b \\_c\\_");
        assert_eq!(prose("one ` alone"), "one \\` alone");
    }

    #[test]
    fn nothing_closes_code_or_a_fence() {
        assert_eq!(code("a`b|c"), "`` a`b|c ``");
        let row = [code("a|b"), plain("c|d")];
        assert_eq!(table(&["x", "y"], &[row.to_vec()]), "| x | y |\n| --- | --- |\n| `a\\|b` | c\\|d |\n");
        assert_eq!(fence("a\n````\nb", "text"), "`````text\na\n````\nb\n`````\n");
    }
}
