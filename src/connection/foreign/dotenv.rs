//! `.env` files, as Python's dotenv and compose read them.

use zeroize::Zeroizing;

use super::variables::{Form, Variables, expand};
use crate::connection::KeySource;

/// Values that grow by other values may together be this long; after that, what they name is left as it stands.
const MOST: usize = 8 << 20;

/// Reads a `.env` file. `outside` knows the variables that the file may use but does not set.
pub fn read<'a>(text: &str, source: &KeySource, outside: &'a dyn Fn(&str) -> Option<&'a str>) -> Variables {
    let mut variables = Variables::default();
    let mut rest = text.trim_start_matches('\u{feff}');
    let mut length = 0;
    while !rest.is_empty() {
        let (line, after) = rest.split_once('\n').unwrap_or((rest, ""));
        let Some((name, value)) = assignment(line) else {
            rest = after;
            continue;
        };
        // The value may go on in the next lines, within quotes.
        let start = line.len() - value.len();
        let (value, end) = self::value(&rest[start..]);
        let value = match value {
            Value::Open(text) if length < MOST => {
                let look = |name: &str| variables.get(name).or_else(|| outside(name));
                expand(&text, Form::Braces, &look, &mut Vec::new())
            }
            Value::Literal(text) | Value::Open(text) => text,
        };
        length += value.len();
        variables.set(name, value, source.clone());
        rest = rest[start + end..].split_once('\n').map_or("", |(_, after)| after);
    }
    variables
}

/// Whether the text has a line that sets a variable.
pub fn looks_like(text: &str) -> bool {
    text.lines().any(|line| assignment(line).is_some())
}

/// Name and the start of the value, if the line sets a variable.
fn assignment(line: &str) -> Option<(&str, &str)> {
    let line = line.trim_start();
    let line = line.strip_prefix("export ").map_or(line, str::trim_start);
    let (name, value) = line.split_once('=')?;
    let name = name.trim_end();
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.' || c == '-';
    (!name.is_empty() && !name.starts_with(|c: char| c.is_ascii_digit()) && name.chars().all(fits))
        .then(|| (name, value.trim_start_matches([' ', '\t'])))
}

enum Value {
    /// As it stands.
    Literal(Zeroizing<String>),
    /// With variables in it.
    Open(Zeroizing<String>),
}

/// The value at the start of the text, and where it ends.
fn value(text: &str) -> (Value, usize) {
    let line = text.find('\n').unwrap_or(text.len());
    if let Some(inside) = text.strip_prefix('\'')
        && let Some(end) = inside.find('\'')
    {
        return (Value::Literal(Zeroizing::new(inside[..end].to_owned())), end + 2);
    }
    if let Some(inside) = text.strip_prefix('"')
        && let Some((value, end)) = double_quoted(inside)
    {
        return (Value::Open(value), end + 1);
    }
    let bare = &text[..line];
    // A comment begins with a blank before the sign, so that a sign in a key stays.
    let end = bare.char_indices().find(|(at, c)| *c == '#' && (*at == 0 || bare[..*at].ends_with([' ', '\t'])));
    let bare = &bare[..end.map_or(bare.len(), |(at, _)| at)];
    (Value::Open(Zeroizing::new(bare.trim().to_owned())), line)
}

/// The text up to the closing quote, and the place behind that quote.
fn double_quoted(text: &str) -> Option<(Zeroizing<String>, usize)> {
    let mut out = Zeroizing::new(String::new());
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((out, at + 1)),
            '\\' => match chars.next()?.1 {
                'n' => out.push('\n'),
                'r' => out.push('\r'),
                't' => out.push('\t'),
                c @ ('"' | '\\' | '$' | '\'') => out.push(c),
                c => {
                    out.push('\\');
                    out.push(c);
                }
            },
            c => out.push(c),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(text: &str, name: &str) -> Option<String> {
        let source = KeySource::File(".env".into());
        read(text, &source, &|name| (name == "HOME").then_some("home")).get(name).map(str::to_owned)
    }

    #[test]
    fn values_are_read_as_the_usual_programs_read_them() {
        for (line, wanted) in [
            ("A=x", "x"),
            ("export A=x", "x"),
            ("  A = x  ", "x"),
            ("A=x # comment", "x"),
            ("A=sk-a#b", "sk-a#b"),
            ("A=#b", ""),
            ("A=", ""),
            ("A=\"x y\" # comment", "x y"),
            ("A='x ${HOME}'", "x ${HOME}"),
            ("A=\"x ${HOME} \\\"q\\\" \\n\"", "x home \"q\" \n"),
            ("A=${HOME}/b;c", "home/b;c"),
            ("A=${NO:-else}", "else"),
            ("A=$HOME", "$HOME"),
            ("A=\"x", "\"x"),
            ("A='x", "'x"),
            ("A={\"0\":{\"enable\":false}}", "{\"0\":{\"enable\":false}}"),
            ("A=x\r", "x"),
            ("A=one\nA=two", "two"),
            ("\u{feff}A=x", "x"),
            ("A=\"x\ny\"\nB=z", "x\ny"),
            ("A='x\ny'\nB=z", "x\ny"),
            ("B=one\nA=${B}${B}", "oneone"),
        ] {
            assert_eq!(get(line, "A").as_deref(), Some(wanted), "{line:?}");
        }
        for nothing in ["# A=x", "A", "1A=x", "A B=x", "", "\n\n"] {
            assert_eq!(get(nothing, "A"), None, "{nothing:?}");
        }
        assert_eq!(get("A='x\ny'\nB=z", "B").as_deref(), Some("z"));
    }

    #[test]
    fn values_that_double_again_and_again_stay_small() {
        let lines =
            (0..60).fold("V0=xxxxxxxx\n".to_owned(), |text, n| format!("{text}V{}=${{V{n}}}${{V{n}}}\n", n + 1));
        assert!(get(&lines, "V60").is_some_and(|value| value.len() < 1 << 20));
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read(text in "[A-C=\"'#$ {}\\\\\n\r]{0,80}") {
            read(&text, &KeySource::Stdin, &|_| None);
        }
    }
}
