//! Takes secrets out of text before anything else sees it.

use std::collections::HashSet;

use base64::Engine;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use zeroize::Zeroizing;

use super::decode::layers;
use super::key::{ApiKey, is_dummy};
use super::mask::{looks_like_key, mask_keys};
pub use super::plain::{harmless, one_line, visible_json};

/// What stands where a secret was.
pub const REMOVED: &str = "[key removed]";

/// A piece of the key this long is taken out wherever it stands, also in the middle of other text.
const PIECE: usize = 12;

/// Removes one connection's secrets from server text. Built once a run.
pub struct Scrubber {
    /// Whole secrets and their encodings, longest first.
    whole: Vec<Zeroizing<String>>,
    /// The secrets themselves, for pieces and masked forms.
    plain: Vec<Zeroizing<String>>,
    /// The forms of secrets that are too short to have pieces.
    short: Vec<Zeroizing<String>>,
    pieces: Pieces,
}

/// Hashes of all pieces of `PIECE` bytes, in lower case, also of the secret in base64 and in hexadecimal digits: nothing
/// of the secret itself.
#[derive(Default)]
struct Pieces {
    all: HashSet<u64>,
    /// A bit for each hash, by its highest digits: most texts are known to be innocent by this alone.
    marked: Vec<u64>,
}

impl Pieces {
    fn add(&mut self, hash: u64) {
        self.marked.resize(1 << 8, 0);
        self.marked[slot(hash)] |= 1 << (hash >> 50 & 63);
        self.all.insert(hash);
    }

    fn contains(&self, hash: u64) -> bool {
        self.marked.get(slot(hash)).is_some_and(|bits| bits >> (hash >> 50 & 63) & 1 == 1) && self.all.contains(&hash)
    }
}

fn slot(hash: u64) -> usize {
    usize::from(hash.to_be_bytes()[0])
}

impl Scrubber {
    /// A scrubber for the key and for further secret values (header values, passwords in URLs).
    pub fn new<'a>(key: Option<&'a ApiKey>, others: impl IntoIterator<Item = &'a str>) -> Self {
        let mut plain: Vec<Zeroizing<String>> = Vec::new();
        let key = key.map(ApiKey::reveal);
        for secret in key.into_iter().chain(others.into_iter().filter(|value| !is_media_type(value))) {
            let trimmed = secret.trim();
            for form in [secret, trimmed] {
                if form.len() >= 4 && !is_dummy(form) && !plain.iter().any(|known| known.as_str() == form) {
                    plain.push(Zeroizing::new(form.to_owned()));
                }
            }
            if let Some(clean) = super::key::clean(secret)
                && clean.len() >= 4
                && !is_dummy(&clean)
            {
                plain.push(clean);
            }
        }
        let (mut whole, mut short) = (Vec::new(), Vec::new());
        let mut pieces = Pieces::default();
        for secret in &plain {
            let before = whole.len();
            whole.push(secret.clone());
            whole.push(Zeroizing::new(utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string()));
            if secret.len() >= 8 {
                for engine in [
                    &base64::engine::general_purpose::STANDARD_NO_PAD,
                    &base64::engine::general_purpose::URL_SAFE_NO_PAD,
                ] {
                    whole.push(Zeroizing::new(engine.encode(secret.as_bytes())));
                }
            }
            if let Ok(json) = serde_json::to_string(secret.as_str()) {
                whole.push(Zeroizing::new(json.trim_matches('"').to_owned()));
            }
            if secret.len() >= PIECE {
                add_pieces(secret, &mut pieces);
            } else {
                short.extend_from_slice(&whole[before..]);
            }
        }
        whole.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        whole.dedup();
        Self { whole, plain, short, pieces }
    }

    /// The text without any secret: whole, encoded, as a piece of 12 characters or more, or shortened with stars or
    /// dots.
    pub fn scrub(&self, text: &str) -> String {
        if self.innocent(text) {
            return text.to_owned();
        }
        if self.plain.is_empty() {
            return mask_keys(text);
        }
        let mut out = text.to_owned();
        for secret in &self.whole {
            if out.contains(secret.as_str()) {
                out = replace_whole(&out, secret);
            }
        }
        let out = self.without_pieces(&out);
        let out = mask_keys(&self.without_masked(out));
        // Two pieces side by side are one secret.
        out.replace(&format!("{REMOVED}{REMOVED}"), REMOVED)
    }

    /// Whether a short text surely holds nothing that has to go: the usual case, and lists have thousands of them.
    fn innocent(&self, text: &str) -> bool {
        let bytes = text.as_bytes();
        // Such a text has no encodings, no masks, and no name of a key before a word.
        bytes.len() <= 100
            && bytes
                .iter()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'/' | b':' | b'@'))
            && !text.contains("..")
            && !looks_like_key(text)
            && !self.short.iter().any(|secret| text.contains(secret.as_str()))
            && !bytes.to_ascii_lowercase().windows(PIECE).any(|piece| self.pieces.contains(hash(piece)))
    }

    fn without_pieces(&self, text: &str) -> String {
        if self.pieces.all.is_empty() || text.len() < PIECE {
            return text.to_owned();
        }
        let mut secret = vec![false; text.len()];
        let mut found = false;
        for units in layers(text) {
            let bytes: Vec<u8> = units.iter().map(|unit| unit.byte.to_ascii_lowercase()).collect();
            for (at, window) in bytes.windows(PIECE).enumerate() {
                if self.pieces.contains(hash(window)) {
                    found = true;
                    secret[units[at].start..units[at + PIECE - 1].end].fill(true);
                }
            }
        }
        if !found {
            return text.to_owned();
        }
        let mut out = String::with_capacity(text.len());
        let mut inside = false;
        for (at, c) in text.char_indices() {
            if secret[at] && !inside {
                out.push_str(REMOVED);
            } else if !secret[at] {
                out.push(c);
            }
            inside = secret[at];
        }
        out
    }

    /// Servers show keys as `sk-abcd****wxyz`: what stands beside the stars goes too.
    fn without_masked(&self, text: String) -> String {
        let mut out = text;
        for secret in self.plain.iter().filter(|secret| secret.len() >= PIECE && secret.is_ascii()) {
            let (mut done, mut from) = (String::new(), 0);
            while let Some((start, end)) = next_mask(&out, from) {
                let left = longest(|n| out[..start].ends_with(&secret[..n]), secret.len());
                let right = longest(|n| out[end..].starts_with(&secret[secret.len() - n..]), secret.len());
                if left + right >= 4 {
                    done.push_str(&out[from..start - left.min(start - from)]);
                    done.push_str(REMOVED);
                    from = end + right;
                } else {
                    done.push_str(&out[from..end]);
                    from = end;
                }
            }
            done.push_str(&out[from..]);
            out = done;
        }
        out
    }
}

/// `Accept: application/json` is no secret, and its value stands in every answer.
fn is_media_type(value: &str) -> bool {
    ["application/", "text/", "*/*"].iter().any(|start| value.trim().starts_with(start)) && value.len() < 80
}

/// The pieces of a secret of at least `PIECE` bytes, as it stands and in the encodings that leave no character as it was.
fn add_pieces(secret: &str, pieces: &mut Pieces) {
    let mut add = |text: &[u8]| {
        let lower = Zeroizing::new(text.to_ascii_lowercase());
        lower.windows(PIECE).for_each(|piece| pieces.add(hash(piece)));
    };
    add(secret.as_bytes());
    // A secret that looks encoded itself is also met decoded.
    for units in layers(secret).skip(1) {
        add(&Zeroizing::new(units.iter().map(|unit| unit.byte).collect::<Vec<u8>>()));
    }
    add(Zeroizing::new(secret.bytes().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))).as_bytes());
    // In base64 of a longer text, such as "Bearer …", the secret begins at one of three places.
    for before in 0..3 {
        let padded = Zeroizing::new([&[0; 2][..before], secret.as_bytes()].concat());
        for engine in
            [&base64::engine::general_purpose::STANDARD_NO_PAD, &base64::engine::general_purpose::URL_SAFE_NO_PAD]
        {
            let encoded = Zeroizing::new(engine.encode(padded.as_slice()));
            let start = [0, 2, 3][before];
            // The last character also depends on what follows the secret.
            let end = encoded.len() - usize::from(padded.len() % 3 != 0);
            add(&encoded.as_bytes()[start..end]);
        }
    }
}

/// Quick, and long enough that no other text fits by chance. A piece is shorter than its first and its last eight bytes.
fn hash(piece: &[u8]) -> u64 {
    let word = |bytes: Option<&[u8; 8]>| bytes.map_or(0, |bytes| u64::from_le_bytes(*bytes));
    let (first, last) = (word(piece.first_chunk()), word(piece.last_chunk()));
    let mixed = first.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ last.rotate_left(29).wrapping_mul(0xc2b2_ae3d_27d4_eb4f);
    (mixed ^ mixed >> 31).wrapping_mul(0x1656_67b1_9e37_79f9)
}

fn longest(fits: impl Fn(usize) -> bool, most: usize) -> usize {
    (2..=most.min(24)).rev().find(|n| fits(*n)).unwrap_or(0)
}

/// The next run of stars, dots or ellipses at or after `from`.
fn next_mask(text: &str, from: usize) -> Option<(usize, usize)> {
    let is_mask = |c: char| matches!(c, '*' | '…' | '•');
    let rest = &text[from..];
    let star = rest.find(is_mask);
    let dots = rest.find("...");
    let start = from + star.into_iter().chain(dots).min()?;
    let length: usize = text[start..].chars().take_while(|c| is_mask(*c) || *c == '.').map(char::len_utf8).sum();
    Some((start, start + length))
}

/// A short secret is only replaced where it stands alone: `test` must not take the middle out of `latest`.
fn replace_whole(text: &str, secret: &str) -> String {
    if secret.len() >= 10 {
        return text.replace(secret, REMOVED);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(secret) {
        let end = at + secret.len();
        let joined = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
        let alone = !rest[..at].ends_with(joined) && !rest[end..].starts_with(joined);
        out.push_str(&rest[..at]);
        out.push_str(if alone { REMOVED } else { secret });
        rest = &rest[end..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "sk-T9dKq2mXw7Rb4Zc8VfLn3JpYh6Gs1Au5Ee0Oi9Ty2Kb7Xq";

    fn scrub(text: &str) -> String {
        Scrubber::new(Some(&ApiKey::new(KEY.into())), []).scrub(text)
    }

    #[test]
    fn takes_the_key_out_however_it_is_written() {
        let encoded = base64::engine::general_purpose::STANDARD.encode(KEY);
        for text in [
            format!("bad key {KEY}."),
            format!("bad key {}", &KEY[5..30]),
            format!("b64 {encoded}"),
            format!("url {}", utf8_percent_encode(KEY, NON_ALPHANUMERIC)),
            format!("masked {}****{}", &KEY[..8], &KEY[KEY.len() - 4..]),
            format!("short {}...{}", &KEY[..6], &KEY[KEY.len() - 4..]),
            format!("****{}", &KEY[KEY.len() - 4..]),
            format!("lines {}\n{}", &KEY[..20], &KEY[20..]),
            format!("query {}", KEY.replace('-', "%2D")),
            format!("json {}", KEY.replace('q', "\\u0071")),
            format!("page {}", KEY.replace('-', "&#45;")),
            format!("url of a url of a url {}", KEY.replace('-', "%25252D").replace('q', "%252571")),
            format!("basic {}", base64::engine::general_purpose::STANDARD.encode(format!("user:{KEY}\n"))),
            format!("header {}", base64::engine::general_purpose::STANDARD.encode(format!("Bearer {KEY}"))),
            format!("hex {}", KEY.bytes().fold(String::new(), |hex, byte| format!("{hex}{byte:02X}"))),
            format!("upper {}", KEY.to_uppercase()),
            format!("python {}", KEY.replace('K', "\\x4b")),
        ] {
            let out = scrub(&text);
            assert!(out.contains(REMOVED), "{text} -> {out}");
            for piece in [&KEY[4..12], &KEY[20..32], &KEY[KEY.len() - 4..]] {
                assert!(!out.contains(piece), "{text} -> {out}");
            }
        }
        assert_eq!(scrub("model gpt-5.5 ... not found"), "model gpt-5.5 ... not found");
    }

    #[test]
    fn a_short_or_dummy_key_does_not_eat_words() {
        let short = Scrubber::new(Some(&ApiKey::new("test1".into())), []);
        assert_eq!(short.scrub("latest1 test1 test10"), format!("latest1 {REMOVED} test10"));
        let header = Scrubber::new(None, ["application/json", "team-Vn4kTz8QpW2x"]);
        assert_eq!(header.scrub("application/json team-Vn4kTz8QpW2x"), format!("application/json {REMOVED}"));
        let dummy = Scrubber::new(Some(&ApiKey::new("ollama".into())), []);
        assert_eq!(dummy.scrub("ollama is running"), "ollama is running");
    }

    proptest::proptest! {
        #[test]
        fn what_is_called_innocent_is_left_as_it_is(
            parts in proptest::collection::vec(proptest::sample::select(&["gpt", "-", "4.5", "/", "team", "pass-word1", "sk-", "Bearer", "=", ":", "a1b2c3d4e5f6g7h8i9", "..", "latest", "T9dKq2mXw7Rb", "token", "eyJ"][..]), 0..7),
            from in 0usize..45,
            length in 0usize..14,
        ) {
            let piece = &KEY[from..(from + length).min(KEY.len())];
            let text = format!("{}{piece}", parts.concat());
            let (long, brief) = (ApiKey::new(KEY.into()), ApiKey::new("pass-word1".into()));
            for scrubber in [Scrubber::new(Some(&long), ["team"]), Scrubber::new(Some(&brief), []), Scrubber::new(None, [])] {
                if scrubber.innocent(&text) {
                    let pad = "\u{e9}";
                    proptest::prop_assert_eq!(scrubber.scrub(&format!("{text} {pad}")), format!("{text} {pad}"));
                }
            }
        }

        #[test]
        fn no_piece_of_twelve_survives(before in "\\PC{0,20}", from in 0usize..30, length in 12usize..20, after in "\\PC{0,20}") {
            let piece = &KEY[from..from + length];
            let out = scrub(&format!("{before}{piece}{after}"));
            proptest::prop_assert!(!out.contains(piece));
        }
    }
}
