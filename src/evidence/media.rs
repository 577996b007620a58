//! Bodies that are not for reading: sounds and pictures are named, not kept, also where JSON carries them.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A text that carries data is cut after so many characters.
const SHOWN: usize = 32;

/// What a body is that is no text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Media {
    /// MP3, WAV and the like.
    Sound,
    /// PNG, JPEG and the like.
    Picture,
}

impl Media {
    /// What a body is, by its first bytes, and where these do not tell, by what the server calls it.
    pub(super) fn of(body: &[u8], content_type: &str) -> Option<Self> {
        let kind = content_type.to_ascii_lowercase();
        let riff = |form: &[u8]| body.starts_with(b"RIFF") && body.get(8..12) == Some(form);
        match body {
            [0xff, 0xd8, 0xff, ..] | [0x89, b'P', b'N', b'G', ..] | [b'G', b'I', b'F', b'8', ..] => Some(Self::Picture),
            _ if riff(b"WEBP") => Some(Self::Picture),
            _ if riff(b"WAVE") => Some(Self::Sound),
            [b'I', b'D', b'3', ..] | [b'O', b'g', b'g', b'S', ..] | [b'f', b'L', b'a', b'C', ..] => Some(Self::Sound),
            // The frames of MP3 and of AAC; a text in UTF-16 begins with FF FE, too.
            [0xff, next, ..] if next & 0xe6 == 0xe2 || next & 0xf6 == 0xf0 => Some(Self::Sound),
            [first, ..] if first.is_ascii_graphic() || first.is_ascii_whitespace() => {
                // Sound without a head can begin with any byte; a text has no zero in it.
                (kind.starts_with("audio/") && body.contains(&0)).then_some(Self::Sound)
            }
            [] => None,
            _ if kind.starts_with("audio/") => Some(Self::Sound),
            _ if kind.starts_with("image/") => Some(Self::Picture),
            _ => None,
        }
    }
}

/// JSON that carries pictures, without their data; `None` for everything else.
pub(super) fn without_data(body: &[u8]) -> Option<Vec<u8>> {
    let start = body.get(..body.len().min(4096))?;
    if !start.windows(10).any(|window| window == b"\"b64_json\"") {
        return None;
    }
    let mut value: Value = serde_json::from_slice(body).ok()?;
    for picture in value.get_mut("data")?.as_array_mut()? {
        if let Some(Value::String(data)) = picture.get_mut("b64_json")
            && let Some((at, _)) = data.char_indices().nth(SHOWN)
        {
            let left_out = data.len() - at;
            data.truncate(at);
            data.push_str(&format!("... ({left_out} more)"));
        }
    }
    Some(value.to_string().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sounds_and_pictures_are_known_and_texts_are_not() {
        for (body, kind, wanted) in [
            (&b"ID3\x04\x00"[..], "audio/mpeg", Some(Media::Sound)),
            (b"\xff\xfb\x90\x00", "application/octet-stream", Some(Media::Sound)),
            (b"\xff\xf1\x50\x80", "", Some(Media::Sound)),
            (b"RIFF\x24\x00\x00\x00WAVEfmt ", "audio/wav", Some(Media::Sound)),
            (b"OggS\x00", "audio/ogg", Some(Media::Sound)),
            (b"\x00\x01\x00\x02", "audio/pcm", Some(Media::Sound)),
            (b"A\x00B\x00", "audio/pcm", Some(Media::Sound)),
            (b"\x89PNG\r\n", "image/png", Some(Media::Picture)),
            (b"\xff\xfe{\x00", "application/json", None),
            (b"{\"error\":1}", "audio/mpeg", None),
            (b"\xef\xbb\xbf{}", "application/json", None),
            (b"", "audio/mpeg", None),
        ] {
            assert_eq!(Media::of(body, kind), wanted, "{body:?} {kind}");
        }
    }

    #[test]
    fn the_data_of_pictures_is_left_out() {
        let long = format!(r#"{{"data":[{{"b64_json":"{}"}},{{"url":"x"}}]}}"#, "iVBO".repeat(100));
        let short = String::from_utf8(without_data(long.as_bytes()).unwrap()).unwrap();
        assert_eq!(short, format!(r#"{{"data":[{{"b64_json":"{}... (368 more)"}},{{"url":"x"}}]}}"#, "iVBO".repeat(8)));
        assert_eq!(without_data(br#"{"data":[{"embedding":[1.0]}]}"#), None);
        assert_eq!(without_data(b"{\"b64_json\""), None);
    }

    proptest::proptest! {
        #[test]
        fn no_body_panics(body in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..40), kind in "audio/|image/|") {
            let _ = Media::of(&body, &kind);
            let _ = without_data(&[b"{\"b64_json\"", body.as_slice()].concat());
        }
    }
}
