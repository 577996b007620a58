//! The API key: a secret that cannot be printed, and what may be said about it.

use std::fmt;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::KeySource;
use crate::cause::Cause;

/// An API key. It has no `Display`, no `Serialize` and no `Deref`, its `Debug` is empty, and its memory is cleared
/// when it is dropped.
pub struct ApiKey(Zeroizing<String>);

impl ApiKey {
    /// Takes the key over; the caller's copy is the caller's to clear.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The key itself, for the one place that sends it and the one that scrubs it.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }

    /// The key without what a copy brings along; `None` if nothing changes or nothing is left.
    pub fn cleaned(&self) -> Option<Self> {
        clean(&self.0).map(Self)
    }

    /// Whether nothing but white space was given.
    pub fn is_blank(&self) -> bool {
        self.0.trim().is_empty()
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey")
    }
}

/// Something about the key's own text that a server would refuse.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct KeyProblem {
    /// The code of the cause.
    #[serde(with = "crate::cause::as_code")]
    #[schemars(with = "Cause")]
    pub cause: Cause,
    /// What the key is or has, as the rest of a sentence that quotes nothing of it.
    pub what: String,
    /// Whether no server can accept the key as it stands.
    pub certain: bool,
}

/// What a report may say about the key; holds nothing secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct KeyFacts {
    /// Where the key came from.
    pub source: KeySource,
    /// The public prefix, such as `sk-proj-`; empty if it has none that is known.
    pub prefix: String,
    /// Length in characters.
    pub length: usize,
    /// What its text shows.
    pub problems: Vec<KeyProblem>,
    /// Whether a cleaned form exists that may be tried (without quotes, spaces, "Bearer").
    pub cleanable: bool,
}

/// Values that guides tell people to enter where a server wants no key at all.
const DUMMIES: &[&str] = &[
    "none",
    "empty",
    "null",
    "any",
    "anything",
    "dummy",
    "ollama",
    "lm-studio",
    "lmstudio",
    "not-needed",
    "not_needed",
    "notneeded",
    "no-key",
    "nokey",
    "no-key-required",
    "sk-no-key-required",
    "no-key-needed",
    "lemonade",
    "local",
    "x",
    "test",
    "na",
    "n/a",
    "-",
    "fake",
    "fake-key",
    "unused",
    "placeholder",
    "bedrock",
    "docker",
    "ignored",
    "default",
];

/// Words that stand in guides where the reader's own key belongs.
const PLACEHOLDERS: &[&str] = &[
    "your_",
    "your-",
    "yourkey",
    "your api",
    "yourapi",
    "<",
    "{",
    "api_key_here",
    "api-key-here",
    "key-here",
    "key_here",
    "paste",
    "insert",
    "replace",
    "changeme",
    "change-me",
    "change_me",
    "my-api-key",
    "my_api_key",
    "sk-xxx",
    "sk-...",
    "xxxxxxxx",
    "sk-1234567890",
    "sk-placeholder",
    "enter_",
    "enter-",
    "put_",
    "put-your",
    "api-key",
    "api_key",
    "apikey",
    "secret-key",
    "sk-test-key",
    "todo",
];

/// Whether the text is one of the values that stand for "no key needed".
pub fn is_dummy(text: &str) -> bool {
    let lower = text.trim().to_ascii_lowercase();
    DUMMIES.contains(&lower.as_str())
}

/// Reads what the key's text shows. `prefixes` are the public prefixes that are known; the longest that fits is shown.
pub fn read<'a>(key: &ApiKey, source: KeySource, prefixes: impl Iterator<Item = &'a str>) -> KeyFacts {
    let text = key.reveal();
    let clean = clean(text);
    let shown = clean.as_ref().map_or(text, |clean| clean.as_str());
    let prefix = prefixes
        .filter(|prefix| shown.starts_with(prefix) && shown.chars().count() >= prefix.chars().count() + 8)
        .max_by_key(|prefix| prefix.len())
        .unwrap_or_default();
    KeyFacts {
        source,
        prefix: prefix.to_owned(),
        length: text.chars().count(),
        problems: problems(text),
        cleanable: clean.is_some(),
    }
}

/// The key without what a copy brings along: white space, quotes, zero-width characters, a "Bearer" prefix, the name of
/// a variable. `None` if nothing changes or nothing is left.
pub fn clean(text: &str) -> Option<Zeroizing<String>> {
    let mut kept = Zeroizing::new(text.to_owned());
    // What one wrapping hid may be another: a variable after "Bearer", quotes within quotes.
    loop {
        let bare = Zeroizing::new(unwrapped(&kept).chars().filter(|c| !is_invisible(*c)).collect::<String>());
        if bare == kept {
            break;
        }
        kept = bare;
    }
    (!kept.is_empty() && kept.as_str() != text).then_some(kept)
}

/// The text without one layer of wrapping.
fn unwrapped(text: &str) -> &str {
    let mut rest = text.trim_matches(is_wrapping);
    for name in ["authorization:", "x-api-key:", "api-key:"] {
        if rest.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name)) && rest.len() > name.len() {
            rest = rest[name.len()..].trim_matches(is_wrapping);
        }
    }
    if let Some((name, value)) = rest.split_once('=')
        && !value.is_empty()
        && name.len() >= 3
        && name.trim_start_matches("export ").chars().all(|c| c.is_ascii_uppercase() || c == '_' || c.is_ascii_digit())
    {
        rest = value.trim_matches(is_wrapping);
    }
    while let Some(after) = strip_bearer(rest) {
        rest = after.trim_matches(is_wrapping);
    }
    rest
}

fn strip_bearer(text: &str) -> Option<&str> {
    let word = text.get(..6)?;
    let after = text.get(6..)?;
    (word.eq_ignore_ascii_case("bearer") && after.starts_with([' ', ':', '\t']))
        .then(|| after.trim_start_matches([' ', ':', '\t']))
}

fn is_wrapping(c: char) -> bool {
    c.is_whitespace()
        || is_invisible(c)
        || matches!(c, '"' | '\'' | '`' | '“' | '”' | '‘' | '’' | '«' | '»' | ',' | ';')
}

/// Characters that a reader cannot see: controls, zero-width characters, direction marks and isolates, the byte order
/// mark, soft hyphens, variation selectors, blanks that are letters, tags.
pub fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

fn problems(text: &str) -> Vec<KeyProblem> {
    let mut found = Vec::new();
    let mut add = |cause, what: &str, certain| found.push(KeyProblem { cause, what: what.to_owned(), certain });
    let trimmed = text.trim_matches(is_wrapping);
    if trimmed.is_empty() {
        add(Cause::KeyMissing, "is nothing but blanks", true);
        return found;
    }
    let lower = trimmed.to_ascii_lowercase();
    if lower == "bearer" || strip_bearer(trimmed).is_some() || lower.starts_with("authorization:") {
        add(Cause::KeyHasBearerPrefix, "begins with the word \"Bearer\"", true);
    }
    if trimmed.contains('…')
        || trimmed.contains("...")
        || trimmed.contains("***")
        || trimmed.contains("•••")
        || trimmed.contains("●●●")
    {
        add(Cause::KeyMasked, "has dots or stars where characters were left out", true);
    }
    if is_dummy(&lower) {
        add(Cause::KeyPlaceholder, "is a stand-in for servers that want no key", false);
    }
    if is_placeholder(&lower) {
        add(Cause::KeyPlaceholder, "is the sample text of a guide", true);
    }
    if let Some(what) = stray(text, trimmed) {
        add(Cause::KeyStrayCharacters, what, true);
    }
    found
}

fn is_placeholder(lower: &str) -> bool {
    if is_dummy(lower) {
        return false;
    }
    let repeated =
        lower.trim_start_matches(|c: char| c.is_ascii_alphanumeric() && c != 'x').trim_start_matches(['-', '_']);
    let all_x = lower.len() >= 4 && repeated.len() >= 4 && repeated.chars().all(|c| c == 'x' || c == '-');
    all_x
        || PLACEHOLDERS.iter().any(|word| {
            // Short words only count when they are (nearly) the whole value: a real key may contain them by chance.
            if word.len() <= 7 && !word.starts_with(['<', '{']) {
                lower == *word || lower.starts_with(word)
            } else {
                lower.contains(word) && lower.len() < 64
            }
        })
}

fn stray(text: &str, trimmed: &str) -> Option<&'static str> {
    let bare = strip_bearer(trimmed).unwrap_or(trimmed);
    if bare.starts_with("http://") || bare.starts_with("https://") {
        return Some("is a URL");
    }
    if trimmed.starts_with('$') || (trimmed.starts_with('%') && trimmed.ends_with('%')) {
        return Some("is the name of a variable, not its value");
    }
    let upper =
        |name: &str| name.len() >= 3 && name.chars().all(|c| c.is_ascii_uppercase() || c == '_' || c.is_ascii_digit());
    if let Some((name, _)) = trimmed.split_once('=')
        && upper(name.trim_start_matches("export "))
        && name.contains('_')
    {
        return Some("begins with the name of a variable");
    }
    if upper(trimmed) && trimmed.contains('_') && trimmed.ends_with("KEY") {
        return Some("is the name of a variable, not its value");
    }
    if text.trim_end_matches(['\n', '\r']) != text && text.trim_end_matches(['\n', '\r']) == trimmed {
        return Some("ends with a line break");
    }
    if text.chars().any(is_invisible) {
        return Some("has a line break or an invisible character in it");
    }
    if text.trim() != text {
        return Some("has a space before or after it");
    }
    if trimmed != text {
        return Some("has quotes or a comma around it");
    }
    if bare.chars().any(char::is_whitespace) {
        return Some("has a space in it");
    }
    if !bare.is_ascii() {
        return Some("has a character that no key has (smart quotes, accents)");
    }
    (bare.len() > 4096).then_some("has far more characters than any key")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(text: &str) -> KeyFacts {
        read(&ApiKey::new(text.into()), KeySource::Stdin, ["sk-", "sk-proj-"].into_iter())
    }

    fn cause(text: &str) -> Option<Cause> {
        facts(text).problems.first().map(|problem| problem.cause)
    }

    #[test]
    fn names_what_the_text_shows() {
        assert_eq!(cause("sk-T9dKq2mXw7Rb4Zc8VfLn3JpYh6Gs1Au5Ee0Oi9Ty2Kb7Xq"), None);
        assert_eq!(cause("Bearer sk-T9dKq2mXw7Rb4Zc8"), Some(Cause::KeyHasBearerPrefix));
        assert_eq!(cause("sk-T9dK...2Kb7"), Some(Cause::KeyMasked));
        assert_eq!(cause("sk-T9****Kb7"), Some(Cause::KeyMasked));
        for sample in
            ["YOUR_API_KEY", "sk-xxxx", "<your key>", "YOUR_RUTAAPI_KEY", "sk-xxxxxxxxxxxxxxxx", "your-api-key-here"]
        {
            assert_eq!(cause(sample), Some(Cause::KeyPlaceholder), "{sample}");
        }
        for stray in [
            "\"sk-T9dKq2mXw7Rb4Z\"",
            " sk-T9dKq2mXw7Rb4Z",
            "sk-T9dKq2mXw7Rb4Z\n",
            "sk-T9dKq2 mXw7Rb4Z",
            "https://api.x.ai",
            "$OPENAI_API_KEY",
            "OPENAI_API_KEY",
            "“sk-T9dKq2mXw7Rb4Z”",
        ] {
            assert_eq!(cause(stray), Some(Cause::KeyStrayCharacters), "{stray}");
        }
        for dummy in ["lm-studio", "EMPTY", "ollama", "none"] {
            assert!(facts(dummy).problems.iter().all(|problem| !problem.certain), "{dummy}");
        }
    }

    #[test]
    fn shows_the_longest_public_prefix_and_nothing_else() {
        let seen = facts("sk-proj-T9dKq2mXw7Rb4Zc8VfLn3JpYh6Gs1Au5Ee0Oi9Ty2Kb7Xq");
        assert_eq!((seen.prefix.as_str(), seen.length), ("sk-proj-", 54));
        assert_eq!(facts("sk-abc").prefix, "", "too short to call the start of it public");
        assert_eq!(format!("{:?}", ApiKey::new("secret".into())), "ApiKey");
    }

    #[test]
    fn cleans_what_a_copy_brings_along() {
        for text in [
            "\"sk-abc\"",
            "Bearer sk-abc",
            " bearer  sk-abc\n",
            "OPENAI_API_KEY=sk-abc",
            "export OPENAI_API_KEY='sk-abc'",
            "Authorization: Bearer sk-abc",
            "sk-\u{200b}abc",
            "Bearer OPENAI_API_KEY=\"sk-abc\"",
        ] {
            assert_eq!(clean(text).as_deref().map(String::as_str), Some("sk-abc"), "{text}");
        }
        assert!(clean("sk-abc").is_none());
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_without_panic_and_cleaned_once(text in "\\PC{0,40}|[ \"'A-Z_=$a-z:…*\\n\\-]{0,40}") {
            let _ = facts(&text);
            if let Some(once) = clean(&text) {
                proptest::prop_assert!(clean(&once).is_none(), "cleaning twice changes nothing: {once:?}", once = once.as_str());
            }
        }
    }
}
