//! Reads a base URL part by part: names each fault with its place and mends what the text alone can mend.

use std::net::IpAddr;
use std::ops::Range;

use url::{Host, Url};

use super::key::is_invisible;
use super::url::{ENDPOINTS, UrlProblem, is_private, is_version, looks_like_key, tidy};
use super::url_placeholder::placeholder;
use crate::cause::Cause;

/// The text and the faults found so far.
pub(super) struct Reader {
    pub(super) shown: String,
    pub(super) problems: Vec<UrlProblem>,
}

/// Schemes of their own, however near to "http" they are spelt.
const OTHERS: &[&str] = &["ftp", "ftps", "sftp", "tcp", "ws", "wss", "ssh", "file", "data", "grpc", "unix"];

impl Reader {
    fn add(&mut self, cause: Cause, span: Range<usize>, label: &str, certain: bool) {
        // Odd characters may have been mended before the place was looked for: the span never cuts one.
        let start = floor(&self.shown, span.start.min(self.shown.len()));
        let span = start..floor(&self.shown, span.end.min(self.shown.len())).max(start);
        self.problems.push(UrlProblem { cause, span, label: label.to_owned(), certain });
    }

    /// Finds the faults in order and returns the value with all that can be mended mended.
    pub(super) fn mend(&mut self) -> Option<String> {
        let all = self.shown.clone();
        let whole = 0..all.len();
        if all.trim_matches(is_wrapping).is_empty() {
            self.add(Cause::UrlMissing, whole, "empty", true);
            return None;
        }
        if looks_like_key(all.split('…').next().unwrap_or_default()) || all.contains("… (") {
            self.add(Cause::UrlInvalid, whole, "this looks like an API key, not a URL", true);
            return None;
        }
        if let Some((span, label)) = placeholder(&all) {
            self.add(Cause::UrlPlaceholder, span, label, true);
            return None;
        }
        let clean = self.stray(&all);
        let schemed = self.scheme(&clean, &all)?;
        self.parts(&schemed, &all)
    }

    /// Takes out what a copy brings along.
    fn stray(&mut self, all: &str) -> String {
        let mut clean = all.trim_matches(is_wrapping);
        let start = offset(all, clean);
        if start > 0 {
            self.add(Cause::UrlStrayCharacters, 0..start, "not part of the URL", true);
        } else if clean.len() < all.len() {
            self.add(Cause::UrlStrayCharacters, clean.len()..all.len(), "not part of the URL", true);
        }
        // `OPENAI_API_BASE_URL=https://…`, `base_url: https://…`, `[text](https://…)`: the URL starts later.
        let lower = clean.to_ascii_lowercase();
        if let Some(at) = lower.find("https://").into_iter().chain(lower.find("http://")).min().filter(|at| *at > 0)
            && !lower[..at].contains("://")
            && !lower[..at].starts_with("http")
        {
            let begin = offset(all, clean);
            self.add(Cause::UrlStrayCharacters, begin..begin + at, "not part of the URL", true);
            clean = clean[at..].trim_matches(is_wrapping).trim_end_matches([')', ']']);
        }
        // Two URLs in one field: Open WebUI's variables take several, its form takes one.
        let begin = offset(all, clean);
        if let Some(at) = clean.find([';', ',', ' ', '\n', '\t']).filter(|at| clean[*at..].contains("://")) {
            self.add(Cause::UrlStrayCharacters, begin + at..begin + clean.len(), "a second URL", true);
            clean = clean[..at].trim_matches(is_wrapping);
        }
        let begin = offset(all, clean);
        if let Some((at, c)) = clean.char_indices().find(|(_, c)| is_odd(*c)) {
            let label = if is_invisible(c) {
                "an invisible character"
            } else if c.is_whitespace() {
                "a space inside the URL"
            } else if c == '\\' {
                "a backslash instead of a slash"
            } else {
                "a character that URLs do not have"
            };
            self.add(Cause::UrlStrayCharacters, begin + at..begin + at + c.len_utf8(), label, true);
        }
        clean.chars().filter_map(plain).collect()
    }

    /// Makes sure that the text starts with http:// or https://.
    fn scheme(&mut self, clean: &str, all: &str) -> Option<String> {
        let lower = clean.to_ascii_lowercase();
        let at = all.find(clean).unwrap_or(0);
        for scheme in ["https://", "http://"] {
            if lower.starts_with(scheme) {
                let rest = clean[scheme.len()..].trim_start_matches('/');
                if rest.len() + scheme.len() < clean.len() {
                    self.add(
                        Cause::UrlInvalid,
                        at + scheme.len()..at + clean.len() - rest.len(),
                        "a slash too many",
                        true,
                    );
                }
                if rest.to_ascii_lowercase().starts_with("http://") || rest.to_ascii_lowercase().starts_with("https://")
                {
                    self.add(Cause::UrlInvalid, at..at + clean.len() - rest.len(), "the scheme twice", true);
                    return self.scheme(rest, all);
                }
                return Some(format!("{scheme}{rest}"));
            }
        }
        let (word, rest) = split_scheme(clean);
        let typo = !word.is_empty()
            && !OTHERS.contains(&word.to_ascii_lowercase().as_str())
            && ["http", "https"]
                .iter()
                .any(|right| strsim::damerau_levenshtein(&word.to_ascii_lowercase(), right) <= 2);
        if typo
            && (rest.starts_with('/') || rest.starts_with("://") || word.len() >= 4)
            && !rest.is_empty()
            && !rest.trim_start_matches([':', '/']).chars().all(|c| c.is_ascii_digit())
        {
            let host = rest.trim_start_matches([':', '/']);
            let secure = word.to_ascii_lowercase().ends_with('s') && !is_private(&host_of(host));
            self.add(Cause::UrlInvalid, at..at + clean.len() - host.len(), "this should be https:// or http://", true);
            return Some(format!(
                "{}{host}",
                if secure || !is_private(&host_of(host)) { "https://" } else { "http://" }
            ));
        }
        if clean.contains("://")
            || matches!(word.to_ascii_lowercase().as_str(), "file" | "data" | "mailto" | "ftp" | "javascript")
        {
            let host = rest.trim_start_matches([':', '/']);
            self.add(Cause::UrlUnsupportedScheme, at..at + word.len(), "clients speak http and https only", true);
            let secure =
                matches!(word.to_ascii_lowercase().as_str(), "wss" | "ftps" | "sftp") || !is_private(&host_of(host));
            return (!host.is_empty() && !matches!(word, "file" | "data" | "mailto" | "javascript"))
                .then(|| format!("{}{host}", if secure { "https://" } else { "http://" }));
        }
        let host = clean.trim_start_matches([':', '/']);
        if host.is_empty() || !host.chars().any(char::is_alphanumeric) {
            self.add(Cause::UrlInvalid, at..at + clean.len(), "no host name", true);
            return None;
        }
        self.add(Cause::UrlNoScheme, at..at, "https:// or http:// is missing here", true);
        Some(format!("{}{host}", if is_private(&host_of(host)) { "http://" } else { "https://" }))
    }

    /// Reads the parts of an absolute http URL.
    fn parts(&mut self, text: &str, all: &str) -> Option<String> {
        let mut url = match Url::parse(text) {
            Ok(url) => url,
            Err(error) => {
                let span = blame(all, error);
                self.add(Cause::UrlInvalid, span, &error.to_string(), true);
                return None;
            }
        };
        if !url.username().is_empty() || url.password().is_some() {
            let end = all.rfind('@').map_or(all.len(), |at| at + 1);
            self.add(Cause::UrlHasCredentials, all.find("***").unwrap_or(0)..end, "a user name or password", true);
            let _ = url.set_username("");
            let _ = url.set_password(None);
        }
        let azure = url.query_pairs().any(|(name, _)| name == "api-version");
        if let Some(at) = all.find(['?', '#']) {
            if !azure {
                let label = if all[at..].starts_with('?') {
                    "clients add their path after this"
                } else {
                    "the part after # is never sent"
                };
                self.add(Cause::UrlHasQueryOrFragment, at..all.len(), label, true);
                url.set_query(None);
            }
            url.set_fragment(None);
        }
        self.path(&mut url, all);
        self.host(&url, all);
        Some(tidy(&url))
    }

    fn path(&mut self, url: &mut Url, all: &str) {
        let path_end = all.find(['?', '#']).unwrap_or(all.len());
        let path = url.path().to_owned();
        let trimmed = path.trim_end_matches('/');
        let mut segments: Vec<&str> = trimmed.split('/').filter(|part| !part.is_empty()).collect();
        let whole = segments.len();
        // `…/v1/chat/completions`, also with a model ID after `models/`.
        let lower = trimmed.to_ascii_lowercase();
        if let Some(endpoint) = ENDPOINTS.iter().find(|endpoint| lower.ends_with(&format!("/{endpoint}"))) {
            let cut = segments.len() - endpoint.split('/').count();
            segments.truncate(cut);
        } else if lower.ends_with("/v1/chat") {
            segments.pop();
        }
        if segments.len() < whole {
            let tail = trimmed.len() - segments.iter().map(|part| part.len() + 1).sum::<usize>();
            let end = all[..path_end].trim_end_matches([' ', '"', '\'', '>', ',']).len();
            let slashes = all[..end].len() - all[..end].trim_end_matches('/').len();
            let start = end.saturating_sub(tail + slashes);
            self.add(Cause::UrlEndpointPath, floor(all, start)..end, "an endpoint; clients add this themselves", true);
        }
        let before = segments.len();
        let mut kept: Vec<&str> = Vec::new();
        for part in segments {
            if !(is_version(part) && kept.last().is_some_and(|last| last.eq_ignore_ascii_case(part))) {
                kept.push(part);
            }
        }
        if kept.len() < before {
            let repeated = kept.iter().rev().find(|part| is_version(part)).copied().unwrap_or("v1").to_owned();
            let at = all.to_ascii_lowercase().rfind(&format!("/{}", repeated.to_ascii_lowercase())).unwrap_or(0);
            self.add(Cause::UrlDuplicateV1, at..(at + repeated.len() + 1).min(all.len()), "once is enough", false);
        } else if trimmed.contains("//") {
            let from = all.find("://").map_or(0, |at| at + 3);
            let span = all[from..].find("//").map_or(0..all.len(), |at| from + at..from + at + 2);
            self.add(Cause::UrlStrayCharacters, span, "one slash is enough", true);
        }
        if path.len() > trimmed.len() && !trimmed.is_empty() && self.problem(Cause::UrlEndpointPath).is_none() {
            let end = all[..path_end].trim_end_matches(is_wrapping).len();
            let start = all[..end].trim_end_matches('/').len();
            self.add(Cause::UrlTrailingSlash, start..end, "clients add their own slash", false);
        }
        let path = kept.join("/");
        url.set_path(&path);
    }

    fn problem(&self, cause: Cause) -> Option<&UrlProblem> {
        self.problems.iter().find(|problem| problem.cause == cause)
    }

    fn host(&mut self, url: &Url, all: &str) {
        let Some(host) = url.host() else { return };
        let start = all.find("://").map_or(0, |at| at + 3);
        let name = url.host_str().unwrap_or_default();
        let at = all.to_ascii_lowercase().find(name).unwrap_or(start.min(all.len()));
        let span = at..(at + name.len()).min(all.len());
        if matches!(host, Host::Ipv4(ip) if ip.is_unspecified())
            || matches!(host, Host::Ipv6(ip) if ip.is_unspecified())
        {
            self.add(Cause::UrlWildcardAddress, span.clone(), "an address to listen on, not to call", false);
        }
        if url.scheme() == "http" && !is_private(&host) && self.problem(Cause::UrlUnsupportedScheme).is_none() {
            let scheme = all.to_ascii_lowercase().find("http://").unwrap_or(0);
            self.add(Cause::UrlInsecure, scheme..(scheme + 7).min(all.len()), "the key travels unencrypted", false);
        }
    }
}

pub(super) fn is_wrapping(c: char) -> bool {
    c.is_whitespace()
        || is_invisible(c)
        || matches!(c, '"' | '\'' | '`' | '<' | '>' | '“' | '”' | '‘' | '’' | '«' | '»' | ',' | ';' | '，' | '。')
}

fn is_odd(c: char) -> bool {
    c.is_whitespace() || is_invisible(c) || plain(c) != Some(c)
}

/// The character that was meant, or none.
fn plain(c: char) -> Option<char> {
    match c {
        c if c.is_whitespace() || is_invisible(c) => None,
        '"' | '\'' | '`' | '“' | '”' | '‘' | '’' | '«' | '»' | '<' | '>' => None,
        '‐'..='―' | '−' => Some('-'),
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0),
        '。' => Some('.'),
        '\\' | '⁄' | '∕' => Some('/'),
        c => Some(c),
    }
}

fn split_scheme(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || "+-".contains(c))).unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    if rest.starts_with(':') || rest.starts_with("//") { (word, rest) } else { ("", text) }
}

/// The host of a text that has no scheme, well enough to choose between http and https.
fn host_of(text: &str) -> Host<&str> {
    let end = text.find(['/', '?', '#']).unwrap_or(text.len());
    let authority = text[..end].rsplit('@').next().unwrap_or_default();
    let name = if authority.starts_with('[') {
        authority.split(']').next().unwrap_or(authority).trim_start_matches('[')
    } else {
        authority.split(':').next().unwrap_or(authority)
    };
    match name.parse::<IpAddr>() {
        Ok(IpAddr::V4(ip)) => Host::Ipv4(ip),
        Ok(IpAddr::V6(ip)) => Host::Ipv6(ip),
        Err(_) => Host::Domain(name),
    }
}

/// Where in the text a parse error sits.
fn blame(all: &str, error: url::ParseError) -> Range<usize> {
    let start = all.find("://").map_or(0, |at| at + 3);
    let end = all[start..].find(['/', '?', '#']).map_or(all.len(), |at| start + at);
    match error {
        url::ParseError::InvalidPort => all[start..end].rfind(':').map_or(start..end, |at| start + at..end),
        _ if start == end => 0..all.len(),
        _ => start..end,
    }
}

pub(super) fn offset(outer: &str, inner: &str) -> usize {
    outer.find(inner).unwrap_or(0)
}

pub(super) fn floor(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
