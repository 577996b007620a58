//! A text without its encodings, with the place of each byte, so that a secret is found however it is written.

use super::key::is_invisible;

/// A gateway quotes what another one quoted; nobody wraps a text more often than this.
const LAYERS: usize = 8;

/// One byte of what a text means, and where it is written.
#[derive(Clone, Copy)]
pub(super) struct Unit {
    pub(super) byte: u8,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// The text as it stands, without line breaks and invisible characters, and then, layer by layer, without its encodings:
/// percent signs, the escapes of JSON, Python and HTML.
pub(super) fn layers(text: &str) -> impl Iterator<Item = Vec<Unit>> {
    let plain = text.char_indices().filter(|(_, c)| !(is_invisible(*c) || *c == '\n' || *c == '\r'));
    let units = plain.flat_map(|(at, c)| {
        (at..at + c.len_utf8()).map(|at| Unit { byte: text.as_bytes()[at], start: at, end: at + 1 })
    });
    // One after the other, because a long text takes much room.
    std::iter::successors(Some(units.collect()), |last: &Vec<Unit>| decode_once(last).map(visible)).take(LAYERS)
}

/// Without the invisible characters that decoding brought to light: they would hide the secret between them.
fn visible(units: Vec<Unit>) -> Vec<Unit> {
    let bytes: Vec<u8> = units.iter().map(|unit| unit.byte).collect();
    let mut keep = vec![true; units.len()];
    let mut at = 0;
    for chunk in bytes.utf8_chunks() {
        for (offset, c) in chunk.valid().char_indices().filter(|(_, c)| is_invisible(*c)) {
            keep[at + offset..at + offset + c.len_utf8()].fill(false);
        }
        at += chunk.valid().len() + chunk.invalid().len();
    }
    units.into_iter().zip(keep).filter_map(|(unit, keep)| keep.then_some(unit)).collect()
}

/// One layer less; `None` if nothing is encoded.
fn decode_once(units: &[Unit]) -> Option<Vec<Unit>> {
    let text: Vec<u8> = units.iter().map(|unit| unit.byte).collect();
    let mut out = Vec::with_capacity(units.len());
    let mut at = 0;
    while at < units.len() {
        let (code, taken) = match &text[at..] {
            [b'%', digits @ ..] => number(digits, 2).map_or((Some(u32::from(b'%')), 1), |byte| (Some(byte), 3)),
            [b'\\', b'u' | b'U', digits @ ..] if number(digits, 4).is_some() => (number(digits, 4), 6),
            [b'\\', b'x' | b'X', digits @ ..] if number(digits, 2).is_some() => (number(digits, 2), 4),
            // `\/`, `\"`, also doubled: what follows is meant.
            [b'\\', ..] => (None, 1),
            [b'&', rest @ ..] => {
                entity(rest).map_or((Some(u32::from(b'&')), 1), |(code, length)| (Some(code), length + 1))
            }
            [byte, ..] => {
                out.push(Unit { byte: *byte, ..units[at] });
                at += 1;
                continue;
            }
            [] => break,
        };
        let (start, end) = (units[at].start, units[at + taken - 1].end);
        match code {
            // The bytes of a longer character are written one by one as `%C3%A9`, or at once as `\u00e9`.
            Some(code) if code < 0x80 || taken <= 4 => {
                out.push(Unit { byte: u8::try_from(code).unwrap_or(0), start, end });
            }
            Some(code) => {
                let mut bytes = [0; 4];
                let c = char::from_u32(code).unwrap_or('\u{fffd}');
                out.extend(c.encode_utf8(&mut bytes).bytes().map(|byte| Unit { byte, start, end }));
            }
            None => {}
        }
        at += taken;
    }
    (out.len() < units.len()).then_some(out)
}

/// The number of exactly so many hexadecimal digits.
fn number(digits: &[u8], length: usize) -> Option<u32> {
    let digits = digits.get(..length).filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))?;
    u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

/// `amp;`, `#47;`, `#x2F;` after an ampersand: the character and the length.
fn entity(rest: &[u8]) -> Option<(u32, usize)> {
    let end = rest.iter().take(12).position(|byte| *byte == b';')?;
    let name = std::str::from_utf8(&rest[..end]).ok()?;
    let code = match name {
        "amp" | "AMP" => u32::from(b'&'),
        "lt" => u32::from(b'<'),
        "gt" => u32::from(b'>'),
        "quot" => u32::from(b'"'),
        "apos" => u32::from(b'\''),
        "sol" => u32::from(b'/'),
        "bsol" => u32::from(b'\\'),
        "plus" => u32::from(b'+'),
        "equals" => u32::from(b'='),
        "period" => u32::from(b'.'),
        "colon" => u32::from(b':'),
        "percnt" => u32::from(b'%'),
        "lowbar" | "UnderBar" => u32::from(b'_'),
        _ => {
            let digits = name.strip_prefix('#')?;
            match digits.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => digits.parse().ok()?,
            }
        }
    };
    Some((code, end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn last(text: &str) -> String {
        let bytes = layers(text).last().map(|units| units.iter().map(|unit| unit.byte).collect::<Vec<u8>>());
        String::from_utf8(bytes.unwrap_or_default()).unwrap_or_default()
    }

    #[test]
    fn takes_every_layer_off() {
        for text in [
            "a-/bé",
            "a%2D%2fb%C3%A9",
            "a%25252D/bé",
            "\\u0061-\\/b\\u00e9",
            "\\\\\\\\u0061-/bé",
            "a&#45;&#x2F;b&#233;",
            "a&amp;amp;#0000045;&sol;bé",
            "a\\x2d\\x2Fbé",
            "a-\r\n/\u{200b}bé",
        ] {
            assert_eq!(last(text), "a-/bé", "{text}");
        }
        assert_eq!(last("100% & more; 5%5"), "100% & more; 5%5");
    }
}
