//! A text without its encodings, with the place of each byte, so that a secret is found however it is written.

use super::key::is_invisible;

/// One byte of what a text means, and where it is written.
pub(super) struct Unit {
    pub(super) byte: u8,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// The text without its encodings: percent signs, JSON's and HTML's escapes, line breaks and invisible characters; each
/// twice, because a gateway quotes what another one quoted.
pub(super) fn decoded(text: &str) -> Vec<Unit> {
    let plain = text.char_indices().filter(|(_, c)| !(is_invisible(*c) || *c == '\n' || *c == '\r'));
    let mut units: Vec<Unit> = plain
        .flat_map(|(at, c)| {
            (at..at + c.len_utf8()).map(|at| Unit { byte: text.as_bytes()[at], start: at, end: at + 1 })
        })
        .collect();
    for _ in 0..2 {
        units = decode_once(&units);
    }
    units
}

fn decode_once(units: &[Unit]) -> Vec<Unit> {
    let text: Vec<u8> = units.iter().map(|unit| unit.byte).collect();
    let mut out = Vec::with_capacity(units.len());
    let mut at = 0;
    while at < units.len() {
        let (byte, taken) = match &text[at..] {
            [b'%', high, low, ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                (Some(hex(&[*high, *low])), 3)
            }
            [b'\\', b'u', a, b, c, d, ..] if [a, b, c, d].iter().all(|digit| digit.is_ascii_hexdigit()) => {
                (Some(hex(&[*a, *b, *c, *d])), 6)
            }
            // `\/`, `\"`, also doubled: what follows is meant.
            [b'\\', ..] => (None, 1),
            [b'&', rest @ ..] => entity(rest).map_or((Some(b'&'), 1), |(byte, length)| (Some(byte), length + 1)),
            [byte, ..] => (Some(*byte), 1),
            [] => break,
        };
        if let Some(byte) = byte {
            out.push(Unit { byte, start: units[at].start, end: units[at + taken - 1].end });
        }
        at += taken;
    }
    out
}

/// The byte of up to four hexadecimal digits; characters beyond ASCII stand in no key.
fn hex(digits: &[u8]) -> u8 {
    let text = std::str::from_utf8(digits).unwrap_or_default();
    u32::from_str_radix(text, 16).ok().and_then(|code| u8::try_from(code).ok()).unwrap_or(0)
}

/// `amp;`, `#47;`, `#x2F;` after an ampersand: the byte and the length.
fn entity(rest: &[u8]) -> Option<(u8, usize)> {
    let end = rest.iter().take(8).position(|byte| *byte == b';')?;
    let name = std::str::from_utf8(&rest[..end]).ok()?;
    let byte = match name {
        "amp" => b'&',
        "lt" => b'<',
        "gt" => b'>',
        "quot" => b'"',
        "apos" => b'\'',
        _ => {
            let digits = name.strip_prefix('#')?;
            match digits.strip_prefix(['x', 'X']) {
                Some(hex) => u8::from_str_radix(hex, 16).ok()?,
                None => digits.parse().ok()?,
            }
        }
    };
    Some((byte, end + 1))
}
