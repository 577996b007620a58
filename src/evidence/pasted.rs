//! What people paste when they ask what an answer means: a whole HTTP response, curl's log, a client's error line.

use super::loose;

/// An answer as far as the text tells.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pasted {
    /// HTTP status, where one is named.
    pub status: Option<u16>,
    /// Headers, where they stand in the text.
    pub headers: Vec<(String, String)>,
    /// The body, or the whole text where no body can be told apart.
    pub body: String,
    /// The URL that was asked, where one stands in the text.
    pub url: Option<String>,
}

/// Reads a pasted text.
pub fn read(text: &str) -> Pasted {
    let text = text.trim_start_matches('\u{feff}');
    if let Some(pasted) = response(text) {
        return pasted;
    }
    let trimmed = text.trim();
    // JSON, pages and streams are bodies as they stand.
    let whole = trimmed.starts_with(['{', '[', '<']) || super::events::looks_like_events(trimmed);
    let value = if whole { loose::first_value(trimmed) } else { loose::inner_value(trimmed) };
    let prose = if whole { "" } else { trimmed };
    let status = named_status(prose).or_else(|| value.as_ref().and_then(status_in)).or_else(|| status_of_page(trimmed));
    Pasted { status, headers: Vec::new(), body: trimmed.to_owned(), url: named_url(prose) }
}

/// `HTTP/1.1 404 Not Found`, headers, an empty line, the body; also with curl's `< ` before each line.
fn response(text: &str) -> Option<Pasted> {
    let mut url = None;
    let mut found: Option<Pasted> = None;
    let mut in_head = false;
    let mut body: Vec<&str> = Vec::new();
    let mut marked = false;
    for line in text.lines() {
        let bare = line.strip_prefix("< ").or_else(|| (line == "<").then_some("")).unwrap_or(line);
        if let Some(status) = status_line(bare) {
            // A later status line is the final answer (100 Continue, a redirect that was followed).
            marked = line.starts_with("< ");
            found = Some(Pasted { status: Some(status), url: url.clone(), ..Pasted::default() });
            in_head = true;
            body.clear();
            continue;
        }
        let Some(pasted) = found.as_mut() else {
            if let Some(request) = line.strip_prefix("> ") {
                url = request_url(request, url);
            }
            continue;
        };
        if marked
            && (line.starts_with("* ") || line.starts_with("> ") || line.starts_with("} [") || line.starts_with("{ ["))
        {
            continue;
        }
        if in_head {
            if bare.trim().is_empty() {
                in_head = false;
            } else if let Some((name, value)) = bare.split_once(':') {
                pasted.headers.push((name.trim().to_owned(), value.trim().to_owned()));
            } else {
                in_head = false;
                body.push(line);
            }
        } else {
            body.push(line);
        }
    }
    let mut pasted = found?;
    body.join("\n").trim().clone_into(&mut pasted.body);
    Some(pasted)
}

fn status_line(line: &str) -> Option<u16> {
    let rest = line.strip_prefix("HTTP/")?;
    let (version, rest) = rest.split_once(' ')?;
    if !version.starts_with(['1', '2', '3']) || version.len() > 3 {
        return None;
    }
    status(rest.split_whitespace().next()?)
}

/// curl's `> POST /v1/chat/completions HTTP/1.1` and `> Host: api.x.com` make one URL.
fn request_url(line: &str, before: Option<String>) -> Option<String> {
    if let Some(host) = line.strip_prefix("Host: ").or_else(|| line.strip_prefix("host: ")) {
        return before.map(|path| if path.starts_with('/') { format!("https://{}{path}", host.trim()) } else { path });
    }
    let mut words = line.split_whitespace();
    match (words.next(), words.next()) {
        (Some("GET" | "POST"), Some(path)) if path.starts_with('/') => Some(path.to_owned()),
        _ => before,
    }
}

fn status(word: &str) -> Option<u16> {
    let digits = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    if digits.len() != 3 {
        return None;
    }
    digits.parse().ok().filter(|status| (100..600).contains(status))
}

/// A status that the prose names: after "code", "status", "HTTP", "error", or before a reason such as "Unauthorized".
fn named_status(prose: &str) -> Option<u16> {
    const REASONS: &[&str] = &[
        "unauthorized",
        "forbidden",
        "not",
        "too",
        "bad",
        "internal",
        "service",
        "gateway",
        "payment",
        "unprocessable",
        "method",
        "request",
        "conflict",
        "gone",
        "moved",
        "found",
    ];
    let words: Vec<&str> = prose
        .split(|c: char| c.is_whitespace() || matches!(c, ':' | '=' | ',' | '(' | ')' | '[' | ']' | '"'))
        .filter(|word| !word.is_empty())
        .take(400)
        .collect();
    words.iter().enumerate().find_map(|(at, word)| {
        let status = status(word).filter(|status| *status >= 300)?;
        let before =
            at.checked_sub(1).and_then(|at| words.get(at)).map(|word| word.to_ascii_lowercase()).unwrap_or_default();
        let after = words.get(at + 1).map(|word| word.to_ascii_lowercase()).unwrap_or_default();
        let named = [
            "code",
            "status",
            "http",
            "error",
            "statuscode",
            "status_code",
            "failed",
            "httperror",
            "returned",
            "answered",
        ]
        .iter()
        .any(|name| before.ends_with(name))
            || before.starts_with("http/");
        (named || REASONS.contains(&after.as_str()) || at == 0).then_some(status)
    })
}

/// A status that the error object carries as its code.
fn status_in(value: &serde_json::Value) -> Option<u16> {
    let value = value.as_array().and_then(|rows| rows.first()).unwrap_or(value);
    let error = value.get("error").filter(|error| error.is_object()).unwrap_or(value);
    [error, value].into_iter().find_map(|fields| {
        ["code", "status", "status_code", "statusCode", "http_code"].into_iter().find_map(|name| {
            let inner = fields.get(name)?;
            let number = inner.as_u64().or_else(|| inner.as_str().and_then(|text| text.parse().ok()))?;
            u16::try_from(number).ok().filter(|status| (300..600).contains(status))
        })
    })
}

/// `<title>502 Bad Gateway</title>`: servers put the status first.
fn status_of_page(body: &str) -> Option<u16> {
    let lower = body.get(..4096.min(body.len())).unwrap_or(body).to_ascii_lowercase();
    ["<title>", "<h1>"].iter().find_map(|tag| {
        let at = lower.find(tag)? + tag.len();
        status(lower[at..].split_whitespace().next()?).filter(|status| *status >= 300)
    })
}

fn named_url(prose: &str) -> Option<String> {
    let at = prose.find("https://").or_else(|| prose.find("http://"))?;
    let url: String = prose[at..]
        .chars()
        .take_while(|c| !c.is_whitespace() && !matches!(c, '"' | '\'' | '<' | '>' | ')' | ',' | '}'))
        .collect();
    Some(url.trim_end_matches(['.', ';', ':']).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_people_paste() {
        let whole =
            read("HTTP/1.1 404 Not Found\r\nServer: nginx\r\nContent-Type: text/plain\r\n\r\n404 page not found\r\n");
        assert_eq!((whole.status, whole.body.as_str(), whole.headers.len()), (Some(404), "404 page not found", 2));
        let curl = read(
            "*   Trying 1.2.3.4\n> POST /v1/chat/completions HTTP/2\n> Host: api.x.com\n>\n< HTTP/2 401\n< content-type: application/json\n<\n{\"error\":\"no\"}\n* Connection left intact\n",
        );
        assert_eq!(
            (curl.status, curl.body.as_str(), curl.url.as_deref()),
            (Some(401), "{\"error\":\"no\"}", Some("https://api.x.com/v1/chat/completions"))
        );
        assert_eq!(
            read("HTTP/1.1 100 Continue\n\nHTTP/1.1 429 Too Many Requests\nRetry-After: 3\n\nslow").status,
            Some(429)
        );
        for (text, status) in [
            ("Error code: 401 - {'error': {'message': 'no'}}", Some(401)),
            ("unexpected status 503 Service Unavailable: no channel, url: https://api.x.com/v1/responses", Some(503)),
            ("openai.RateLimitError: 429 Too Many Requests", Some(429)),
            ("{\"error\":{\"code\":403,\"message\":\"no\"}}", Some(403)),
            ("{\"error\":{\"code\":\"400\",\"message\":\"no\"}}", Some(400)),
            ("model gpt-4-0613 has 128 tokens", None),
        ] {
            assert_eq!(read(text).status, status, "{text}");
        }
        assert_eq!(
            read("failed, url: https://api.x.com/v1/responses.").url.as_deref(),
            Some("https://api.x.com/v1/responses")
        );
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,60}|(HTTP/[12](\\.1)? ?|[0-9]{3} |<|> |\n|: |[{}\"'a-z]){0,30}") {
            let _ = read(&text);
        }
    }
}
