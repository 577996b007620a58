//! Variables of a process, a service or a `.env` file, each with the place that it came from.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use crate::connection::KeySource;
use crate::connection::key::ApiKey;

/// A variable's value grows no longer than this when other variables are put in.
const LONGEST: usize = 64 << 10;

/// `${A:-${B:-…}}` goes no deeper than this.
const DEEPEST: usize = 16;

/// Variables by name. They have no `Debug`, because keys are among them.
#[derive(Clone, Default)]
pub struct Variables(BTreeMap<String, (Zeroizing<String>, KeySource)>);

impl Variables {
    /// Sets a variable.
    pub fn set(&mut self, name: &str, value: Zeroizing<String>, source: KeySource) {
        self.0.insert(name.to_owned(), (value, source));
    }

    /// Sets what the others set, too; theirs count.
    pub fn add(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    /// The value, also an empty one.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|(value, _)| value.as_str())
    }

    /// The value, if it is more than nothing.
    pub fn filled(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|value| !value.is_empty())
    }

    /// Whether the variable is there and means yes, as Python programs read it.
    pub fn says(&self, name: &str, usual: bool) -> bool {
        self.get(name).map_or(usual, |value| value.eq_ignore_ascii_case("true"))
    }

    /// Where the variable came from.
    pub fn source(&self, name: &str) -> Option<KeySource> {
        self.0.get(name).map(|(_, source)| source.clone())
    }

    /// The key in the first of these variables that is filled, and where it came from.
    pub fn key(&self, names: &[&str]) -> Option<(ApiKey, KeySource)> {
        let name = names.iter().find(|name| self.filled(name).is_some())?;
        Some((ApiKey::new(self.get(name)?.to_owned()), self.source(name)?))
    }

    /// The names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Which forms of a variable are replaced in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `${NAME}` only, as in a `.env` file.
    Braces,
    /// `${NAME}` and `$NAME`, and `$$` for a dollar sign, as in a compose file.
    Compose,
}

/// The text with variables put in: `${A}`, `${A:-else}`, `${A-else}`, `${A:+then}`, `${A+then}`, `${A:?error}`.
/// The names of variables that are not set are added to `missing`.
pub fn expand<'a>(
    text: &str,
    form: Form,
    look: &dyn Fn(&str) -> Option<&'a str>,
    missing: &mut Vec<String>,
) -> Zeroizing<String> {
    let mut out = Zeroizing::new(String::with_capacity(text.len()));
    Expansion { form, look, missing, left: MOST_READ }.write(&mut out, text, 0);
    out
}

/// So many bytes are looked through for closing braces; a text that wants more is hostile, and is left as it stands.
const MOST_READ: usize = 4 << 20;

struct Expansion<'l, 'a> {
    form: Form,
    look: &'l dyn Fn(&str) -> Option<&'a str>,
    missing: &'l mut Vec<String>,
    left: usize,
}

impl Expansion<'_, '_> {
    fn write(&mut self, out: &mut String, text: &str, depth: usize) {
        let mut rest = text;
        while let Some(at) = rest.find('$').filter(|_| out.len() < LONGEST && depth < DEEPEST && self.left > 0) {
            out.push_str(&rest[..at]);
            rest = &rest[at + 1..];
            if let Some(body) = rest.strip_prefix('{').and_then(|inside| inside.get(..self.closing(inside)?)) {
                rest = &rest[body.len() + 2..];
                self.braces(out, body, depth);
            } else if self.form == Form::Compose && rest.starts_with('$') {
                out.push('$');
                rest = &rest[1..];
            } else if self.form == Form::Compose && rest.starts_with(|c: char| is_name(c) && !c.is_ascii_digit()) {
                let (name, after) = rest.split_at(rest.find(|c: char| !is_name(c)).unwrap_or(rest.len()));
                self.put(out, name);
                rest = after;
            } else {
                out.push('$');
            }
        }
        out.push_str(rest);
    }

    /// What stands between braces: a name, and what to put where it is not set, or empty.
    fn braces(&mut self, out: &mut String, body: &str, depth: usize) {
        let (name, rule) = body.split_at(body.find(|c: char| !is_name(c)).unwrap_or(body.len()));
        if name.is_empty() {
            out.push_str(&format!("${{{body}}}"));
            return;
        }
        let value = (self.look)(name);
        let filled = value.is_some_and(|value| !value.is_empty());
        let (rule, there) = match rule.strip_prefix(':') {
            Some(rule) => (rule, filled),
            None => (rule, value.is_some()),
        };
        match (rule.strip_prefix('-'), rule.strip_prefix('+')) {
            (Some(other), _) if !there => self.write(out, other, depth + 1),
            (_, Some(other)) if there => self.write(out, other, depth + 1),
            (_, Some(_)) => {}
            _ => self.put(out, name),
        }
    }

    fn put(&mut self, out: &mut String, name: &str) {
        match (self.look)(name) {
            Some(value) => out.push_str(value),
            None if self.missing.iter().any(|known| known == name) => {}
            None => self.missing.push(name.to_owned()),
        }
    }

    /// The place of the brace that closes what an opening brace began.
    fn closing(&mut self, text: &str) -> Option<usize> {
        let mut depth = 0;
        for (at, c) in text.char_indices() {
            self.left = self.left.checked_sub(1)?;
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => return Some(at),
                '}' => depth -= 1,
                '\n' => return None,
                _ => {}
            }
        }
        None
    }
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_put_in_as_compose_does() {
        let look = |name: &str| match name {
            "A" => Some("one"),
            "EMPTY" => Some(""),
            _ => None,
        };
        for (text, wanted) in [
            ("${A}/v1", "one/v1"),
            ("$A/v1", "one/v1"),
            ("$$A $", "$A $"),
            ("${B:-x}", "x"),
            ("${B:-${A}}", "one"),
            ("${B:-${C:-${A}!}}", "one!"),
            ("${EMPTY:-x}", "x"),
            ("${EMPTY-x}", ""),
            ("${B-x}", "x"),
            ("${A:+yes}${B:+no}${EMPTY+set}", "yesset"),
            ("${A:?must be set}", "one"),
            ("${B}", ""),
            ("${A", "${A"),
            ("${}", "${}"),
            ("sk-a$1b", "sk-a$1b"),
        ] {
            assert_eq!(*expand(text, Form::Compose, &look, &mut Vec::new()), wanted, "{text}");
        }
        assert_eq!(*expand("$A ${A} $$", Form::Braces, &look, &mut Vec::new()), "$A one $$");
        let mut missing = Vec::new();
        expand("${B} ${B} ${C:?needed} ${D:-x}", Form::Compose, &look, &mut missing);
        assert_eq!(missing, ["B", "C"]);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read(text in "[${}A:?+\\-x\n]{0,60}") {
            expand(&text, Form::Compose, &|_| Some("A"), &mut Vec::new());
        }
    }
}
