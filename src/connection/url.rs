//! What the text of the base URL shows, before any request: each fault with its place and the corrected value.

use std::ops::Range;

use url::{Host, Url};

use super::mask::KNOWN;
use super::url_mend::Reader;
use crate::cause::Cause;

/// One fault in the text of the base URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UrlProblem {
    /// The name of the fault.
    pub cause: Cause,
    /// The offending part, as bytes of [`UrlFacts::shown`].
    pub span: Range<usize>,
    /// A few words for under the underline.
    pub label: String,
    /// Whether nothing can work with this value, so that asking there would prove nothing.
    pub certain: bool,
}

/// What the text of a base URL shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UrlFacts {
    /// The value as a report may show it: passwords and pasted keys taken out.
    pub shown: String,
    /// The faults, gravest first.
    pub problems: Vec<UrlProblem>,
    /// The value with all faults that the text alone can mend mended; `None` where it cannot be guessed.
    pub corrected: Option<String>,
    /// The value as a client would use it, where it can be used at all.
    pub usable: Option<Url>,
}

impl UrlFacts {
    /// The first fault that makes the value unusable.
    pub fn fatal(&self) -> Option<&UrlProblem> {
        self.problems.iter().find(|problem| problem.certain)
    }

    /// The fault of this name, if the text shows it.
    pub fn problem(&self, cause: Cause) -> Option<&UrlProblem> {
        self.problems.iter().find(|problem| problem.cause == cause)
    }
}

/// Paths below an API root that people paste together with it, longest first.
pub const ENDPOINTS: &[&str] = &[
    "chat/completions",
    "audio/transcriptions",
    "audio/translations",
    "audio/speech",
    "images/generations",
    "images/edits",
    "completions",
    "embeddings",
    "responses",
    "messages",
    "moderations",
    "rerank",
    "models",
];

/// Reads the text. A text that is empty or absent is `url-missing`.
pub fn read(raw: &str) -> UrlFacts {
    let shown = redact(raw);
    let mut reader = Reader { shown: shown.clone(), problems: Vec::new() };
    let corrected = reader.mend().and_then(settled);
    let usable = if reader.problems.iter().any(|problem| problem.certain) {
        None
    } else {
        Url::parse(shown.trim()).ok().filter(Url::has_host)
    };
    UrlFacts { shown, problems: reader.problems, corrected, usable }
}

/// Mends what mending brought to light, until nothing changes; `None` if that does not end in a usable value.
fn settled(first: String) -> Option<String> {
    let mut value = first;
    for _ in 0..6 {
        let mut reader = Reader { shown: value.clone(), problems: Vec::new() };
        let next = reader.mend()?;
        if next == value {
            return (!reader.problems.iter().any(|problem| problem.certain)).then_some(value);
        }
        value = next;
    }
    None
}

/// The text without passwords, keys in the query and pasted keys, as a report may show it.
pub fn redact(raw: &str) -> String {
    let mut text = raw.to_owned();
    if looks_like_key(raw.trim()) {
        let visible: String = raw.trim().chars().take(3).collect();
        return format!("{visible}… ({} characters)", raw.trim().chars().count());
    }
    if let Some(scheme) = text.find("://") {
        let start = scheme + 3;
        let end = text[start..].find(['/', '?', '#', '\\']).map_or(text.len(), |at| start + at);
        if let Some(at) = text[start..end].rfind('@') {
            text.replace_range(start..start + at, "***");
        }
    }
    if !text.contains("://") {
        let end = text.find(['/', '?', '#']).unwrap_or(text.len());
        if let Some(at) = text[..end].rfind('@').filter(|at| *at > 0) {
            text.replace_range(..at, "***");
        }
    }
    if let Some(query) = text.find('?') {
        let (before, rest) = text.split_at(query);
        let (query, fragment) = rest.find('#').map_or((rest, ""), |at| rest.split_at(at));
        let hidden: Vec<String> = query[1..]
            .split('&')
            .map(|pair| match pair.split_once('=') {
                Some((name, value)) if is_secret_name(name) || looks_like_key(value) => format!("{name}=***"),
                _ => pair.to_owned(),
            })
            .collect();
        text = format!("{before}?{}{fragment}", hidden.join("&"));
    }
    text
}

fn is_secret_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name == "sig" || ["key", "token", "secret", "password", "auth", "code"].iter().any(|word| name.contains(word))
}

/// Whether the text is more likely an API key than anything else: one long word of letters and digits.
pub fn looks_like_key(text: &str) -> bool {
    let prefixed = text.starts_with("Bearer ") || KNOWN.iter().any(|prefix| text.starts_with(prefix));
    let mixed =
        text.len() >= 32 && text.bytes().any(|b| b.is_ascii_digit()) && text.bytes().any(|b| b.is_ascii_alphabetic());
    let word = text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_. ".contains(&b));
    word && ((prefixed
        && text.len() >= 12
        && (text.starts_with("Bearer ") || text.bytes().any(|byte| byte.is_ascii_digit())))
        || (mixed && !text.contains(['.', ' '])))
}

/// Whether requests to this host stay on the machine or in the private network.
pub fn is_private(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => {
            let name = name.trim_end_matches('.').to_ascii_lowercase();
            !name.contains('.')
                || [".local", ".localhost", ".internal", ".lan", ".home", ".home.arpa", ".test", ".svc"]
                    .iter()
                    .any(|end| name.ends_with(end))
        }
        Host::Ipv4(ip) => {
            ip.is_private()
                || ip.is_loopback()
                || ip.is_link_local()
                || ip.is_unspecified()
                || (ip.octets()[0] == 100 && (64..128).contains(&ip.octets()[1]))
        }
        Host::Ipv6(ip) => ip.is_loopback() || ip.is_unspecified() || ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}

/// Whether the host is this machine itself.
pub fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => {
            name.eq_ignore_ascii_case("localhost") || name.to_ascii_lowercase().ends_with(".localhost")
        }
        Host::Ipv4(ip) => ip.is_loopback(),
        Host::Ipv6(ip) => ip.is_loopback(),
    }
}

/// The URL as a value to paste: without the slash that the library adds to an empty path.
pub fn tidy(url: &Url) -> String {
    let mut text = url.as_str().to_owned();
    if url.query().is_none() && url.fragment().is_none() {
        text.truncate(text.trim_end_matches('/').len());
    } else if url.path() == "/"
        && let Some(at) = text.find("/?")
    {
        text.remove(at);
    }
    text
}

/// `v1`, `v2`, `v1beta`, `V1`.
pub fn is_version(segment: &str) -> bool {
    let mut chars = segment.chars();
    matches!(chars.next(), Some('v' | 'V'))
        && matches!(chars.next(), Some(c) if c.is_ascii_digit())
        && chars.all(|c| c.is_ascii_alphanumeric())
}

#[cfg(test)]
#[path = "url_tests.rs"]
mod tests;
