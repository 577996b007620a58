//! Reads one HTTP/1.1 request, head and body, from a connection that may carry several.

use std::io;

use super::link::Link;

/// Larger heads and bodies than this many bytes are nothing that a doctor sends.
const LIMIT: usize = 4 * 1024 * 1024;

/// A request as it came.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub method: String,
    /// Without the query, and without scheme and host of the absolute form that proxies get.
    pub path: String,
    pub query: Option<String>,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// The target as it was written.
    pub target: String,
    /// All bytes of head and body, for a proxy that passes them on.
    pub raw: Vec<u8>,
}

impl Request {
    /// The first header of this name (any case), as text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let same = |(known, _): &&(String, String)| known.eq_ignore_ascii_case(name.trim());
        self.headers.iter().find(same).map(|(_, value)| value.as_str())
    }

    /// The key that was sent: as bearer, or in one of the headers that some services want.
    pub(super) fn key(&self) -> Option<&str> {
        let bearer = self.header("authorization").map(|value| {
            let cut = value.get(..7).filter(|word| word.eq_ignore_ascii_case("bearer "));
            cut.map_or(value, |_| value.get(7..).unwrap_or_default()).trim()
        });
        bearer
            .or_else(|| self.header("x-api-key"))
            .or_else(|| self.header("api-key"))
            .or_else(|| self.header("x-goog-api-key"))
    }

    fn wants_close(&self) -> bool {
        self.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"))
    }

    /// Whether the connection may serve another request afterwards.
    pub(super) fn keeps_alive(&self) -> bool {
        !self.wants_close()
    }
}

/// Reads the next request. `buffer` keeps what was read beyond it. `None` when the peer is done.
///
/// # Errors
/// Whatever the socket says; [`io::ErrorKind::InvalidData`] as soon as the peer does not speak HTTP.
pub(super) async fn read(link: &mut Link, buffer: &mut Vec<u8>) -> io::Result<Option<Request>> {
    let head_end = loop {
        if let Some(at) = find(buffer, b"\r\n\r\n") {
            break at + 4;
        }
        // A TLS greeting has no line ends: waiting for them would hang where real servers answer at once.
        if buffer.first().is_some_and(|byte| !byte.is_ascii_uppercase()) {
            return Err(io::ErrorKind::InvalidData.into());
        }
        if !more(link, buffer).await? {
            return Ok(None);
        }
    };
    let head = buffer.get(..head_end).unwrap_or_default();
    let mut request = parse_head(head).ok_or(io::ErrorKind::InvalidData)?;
    let length = request.header("content-length").and_then(|text| text.trim().parse::<usize>().ok()).unwrap_or(0);
    let chunked = request.header("transfer-encoding").is_some_and(|text| text.to_lowercase().contains("chunked"));
    let end = loop {
        let rest = buffer.get(head_end..).unwrap_or_default();
        let done = if chunked { dechunk(rest) } else { rest.get(..length).map(|body| (body.to_vec(), length)) };
        if let Some((body, used)) = done {
            request.body = body;
            break head_end + used;
        }
        if !more(link, buffer).await? {
            return Ok(None);
        }
    };
    request.raw = buffer.drain(..end).collect();
    Ok(Some(request))
}

/// Reads once more; `false` at the end of the connection or of our patience.
async fn more(link: &mut Link, buffer: &mut Vec<u8>) -> io::Result<bool> {
    let mut part = vec![0; 16 * 1024];
    let count = link.read(&mut part).await?;
    buffer.extend_from_slice(part.get(..count).unwrap_or_default());
    Ok(count > 0 && buffer.len() <= LIMIT)
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

fn parse_head(head: &[u8]) -> Option<Request> {
    // Keys may hold bytes that are no UTF-8; they must be seen, not refused.
    let text = String::from_utf8_lossy(head);
    let mut lines = text.split("\r\n");
    let mut first = lines.next()?.split(' ');
    let (method, target) = (first.next()?.to_owned(), first.next()?.to_owned());
    if !first.next()?.starts_with("HTTP/1.") {
        return None;
    }
    let headers = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
        .collect();
    let origin_form = match target.split_once("://") {
        Some((_, rest)) => rest.find(['/', '?']).and_then(|at| rest.get(at..)).unwrap_or("/"),
        None => target.as_str(),
    };
    let (path, query) = match origin_form.split_once('?') {
        Some((path, query)) => (path.to_owned(), Some(query.to_owned())),
        None => (origin_form.to_owned(), None),
    };
    Some(Request { method, path, query, headers, body: Vec::new(), target, raw: Vec::new() })
}

/// The body of complete chunks and how many bytes they took; `None` while something is missing.
fn dechunk(bytes: &[u8]) -> Option<(Vec<u8>, usize)> {
    let (mut body, mut at) = (Vec::new(), 0);
    loop {
        let rest = bytes.get(at..)?;
        let line_end = find(rest, b"\r\n")?;
        let line = String::from_utf8_lossy(rest.get(..line_end)?);
        let size = usize::from_str_radix(line.split(';').next()?.trim(), 16).ok()?;
        let start = at + line_end + 2;
        let end = start.checked_add(size)?;
        body.extend_from_slice(bytes.get(start..end)?);
        at = end + 2;
        if bytes.len() < at {
            return None;
        }
        if size == 0 {
            return Some((body, at));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_joined_only_when_all_are_there() {
        let whole = b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n";
        assert_eq!(dechunk(whole), Some((b"abcde".to_vec(), whole.len())));
        for end in 0..whole.len() {
            assert_eq!(dechunk(&whole[..end]), None, "cut at {end}");
        }
    }

    #[test]
    fn the_key_is_found_in_every_header_that_carries_one() {
        for (head, key) in [
            ("authorization: Bearer k-1", Some("k-1")),
            ("Authorization: bearer  k-1 ", Some("k-1")),
            ("authorization: Bearer Bearer k-1", Some("Bearer k-1")),
            ("x-api-key: k-1", Some("k-1")),
            ("api-key: k-1", Some("k-1")),
            ("accept: */*", None),
        ] {
            let request = parse_head(format!("GET /v1/models?a=b HTTP/1.1\r\n{head}\r\n\r\n").as_bytes());
            assert_eq!(request.as_ref().and_then(|r| r.key()), key, "{head}");
            assert_eq!(
                request.as_ref().map(|r| (r.path.as_str(), r.query.as_deref())),
                Some(("/v1/models", Some("a=b")))
            );
        }
    }

    #[test]
    fn the_absolute_form_loses_scheme_and_host() {
        let request = parse_head(b"GET http://h.test:80/v1/models HTTP/1.1\r\n\r\n");
        assert_eq!(request.map(|r| r.path), Some("/v1/models".to_owned()));
    }
}
