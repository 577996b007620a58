//! One answer as it is kept: status, headers and the start of the body, scrubbed of secrets.

use serde::{Deserialize, Serialize};

use super::list::{self, ModelList};
use super::media::{self, Media};
use crate::connection::scrub::{Scrubber, harmless, one_line};

/// So much of a body is kept, in bytes. A list of models is read whole before it is cut.
pub const KEPT: usize = 64 * 1024;
/// An answer of chat is kept whole up to this size, in bytes: its form is judged to the end.
pub const KEPT_WHOLE: usize = 256 * 1024;

/// How the events of a stream came in.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Arrival {
    /// Milliseconds from the request to the first piece of the body.
    pub first_ms: f64,
    /// Milliseconds from the request to the last piece.
    pub last_ms: f64,
    /// How many pieces came.
    pub pieces: usize,
}

/// What a server answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Answer {
    /// HTTP status code.
    pub status: u16,
    /// `HTTP/1.1` or `HTTP/2.0`; empty if it was told, not seen.
    pub version: String,
    /// Header names in lower case with their values, scrubbed; cookies are left out.
    pub headers: Vec<(String, String)>,
    /// The start of the body, scrubbed, without characters that cannot be seen.
    pub body: String,
    /// Size of the whole body in bytes, decompressed.
    pub bytes: usize,
    /// What a body is that is no text; its `body` is left empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media: Option<Media>,
    /// The models, where the body is a list of them.
    pub list: Option<ModelList>,
    /// How a streamed body came in.
    pub arrival: Option<Arrival>,
}

impl Answer {
    /// Keeps what matters of an answer. `bytes` is the size of the whole body, of which `body` may be the start.
    pub fn capture(
        status: u16,
        version: &str,
        headers: Vec<(String, String)>,
        body: &[u8],
        bytes: usize,
        scrubber: &Scrubber,
    ) -> Self {
        let event_stream = headers
            .iter()
            .any(|(name, value)| name.eq_ignore_ascii_case("content-type") && value.contains("event-stream"));
        // A list that was cut is none, and need not be tried.
        let list = if event_stream || bytes > body.len() { None } else { list::read(body, scrubber) };
        Self::with_list(status, version, headers, body, bytes, list, scrubber)
    }

    /// The same where it is known already which list the body is.
    pub fn with_list(
        status: u16,
        version: &str,
        headers: Vec<(String, String)>,
        body: &[u8],
        bytes: usize,
        list: Option<ModelList>,
        scrubber: &Scrubber,
    ) -> Self {
        let headers: Vec<(String, String)> = headers
            .into_iter()
            .filter(|(name, _)| !name.eq_ignore_ascii_case("set-cookie"))
            .map(|(name, value)| {
                (
                    one_line(&name.to_ascii_lowercase(), 100),
                    scrubber.scrub(&harmless(&value).replace(['\n', '\t'], " ")),
                )
            })
            .collect();
        let kind = headers.iter().find(|(name, _)| name == "content-type").map_or("", |(_, value)| value.as_str());
        let media = Media::of(body, kind);
        let without_data = media::without_data(body);
        // Pictures stand in a row as models do.
        let list = list.filter(|_| without_data.is_none());
        let body = if media.is_some() { &[][..] } else { without_data.as_deref().unwrap_or(body) };
        // A list was read whole and a page says all at its start; the form of anything else is judged to its end.
        let page = body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'<');
        let mut end = body.len().min(if list.is_some() || page { KEPT } else { KEPT_WHOLE });
        // Never cut inside a character.
        while end < body.len() && end > 0 && body[end] & 0xc0 == 0x80 {
            end -= 1;
        }
        let body = scrubber.scrub(&harmless(&String::from_utf8_lossy(&body[..end])));
        Self { status, version: version.to_owned(), headers, body, bytes, media, list, arrival: None }
    }

    /// The value of a header, by its lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The media type without parameters, in lower case.
    pub fn content_type(&self) -> Option<String> {
        self.header("content-type").map(|value| value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
    }

    /// Whether the status is 2xx.
    pub fn success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}
