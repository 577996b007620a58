//! JSON as editors and clients write it: with comments and with commas that are too many.

use zeroize::Zeroizing;

use super::tree::Tree;

/// Reads JSON. The error says where, and quotes nothing of the file.
pub fn read(text: &str) -> Result<Tree, String> {
    let text = text.trim_start_matches('\u{feff}');
    let plain = match serde_json::from_str(text) {
        Ok(tree) => return Ok(tree),
        Err(_) => Zeroizing::new(stripped(text)),
    };
    serde_json::from_str(&plain).map_err(|error| match error.classify() {
        serde_json::error::Category::Eof => "the JSON ends too early".to_owned(),
        _ => format!("the JSON is broken in line {}, column {}", error.line(), error.column()),
    })
}

/// The text with blanks where comments and trailing commas stood, so that lines and columns stay.
fn stripped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    let mut inside = false;
    // The last comma that only blanks and comments follow.
    let mut comma: Option<usize> = None;
    while let Some(c) = chars.next() {
        match c {
            '\\' if inside => {
                out.push(c);
                out.extend(chars.next());
            }
            '"' => {
                inside = !inside;
                comma = None;
                out.push(c);
            }
            _ if inside => out.push(c),
            '/' if chars.peek() == Some(&'/') => {
                while chars.peek().is_some_and(|c| *c != '\n') {
                    chars.next();
                }
            }
            '/' if chars.peek() == Some(&'*') => {
                chars.next();
                let mut before = ' ';
                for c in chars.by_ref() {
                    if c == '\n' {
                        out.push(c);
                    }
                    if before == '*' && c == '/' {
                        break;
                    }
                    before = c;
                }
                out.push(' ');
            }
            ',' => {
                comma = Some(out.len());
                out.push(c);
            }
            '}' | ']' => {
                if let Some(at) = comma.take() {
                    out.replace_range(at..=at, " ");
                }
                out.push(c);
            }
            c => {
                if !c.is_whitespace() {
                    comma = None;
                }
                out.push(c);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_commas_are_read_over() {
        let text = "\u{feff}{ // one\n \"a\": \"x // y /* z */ \\\" ,]\", /* two\n lines */ \"b\": [1, 2,],\n}";
        let tree = read(text).unwrap_or(Tree::Null);
        assert_eq!(tree.get("a").text(), Some("x // y /* z */ \" ,]"));
        assert_eq!(tree.get("b").texts().collect::<Vec<_>>(), ["1", "2"]);
    }

    #[test]
    fn an_error_says_where_and_quotes_nothing() {
        let wrong = |text: &str| read(text).err().unwrap_or_default();
        assert_eq!(wrong("{\"k\": \"sk-Vn4kTz8QpW2x\" \"l\": 1}"), "the JSON is broken in line 1, column 25");
        assert_eq!(wrong("{\"k\": \"sk-Vn4kTz8QpW2x"), "the JSON ends too early");
        assert!(wrong(&"[".repeat(100_000)).starts_with("the JSON is broken"), "no stack is exhausted");
    }
}
