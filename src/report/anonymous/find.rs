//! Finds what may tell whose machine it is: addresses, host names, mail addresses, users in paths.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::Range;

use url::Host;

use crate::connection::url::is_private;
use crate::knowledge::provider;

/// Where something stands in a text, in bytes.
pub(super) type Place = Range<usize>;

/// Host names that many machines and networks have, and that tell nothing.
const COMMON: &[&str] = &[
    "localhost",
    "localdomain",
    "host",
    "server",
    "gateway",
    "proxy",
    "api",
    "app",
    "backend",
    "router",
    "llm",
    "ai",
    "gpu",
    "web",
    "nginx",
    "traefik",
    "caddy",
    "envoy",
    "haproxy",
    "squid",
    "db",
    "redis",
    "postgres",
    "ubuntu",
    "debian",
    "fedora",
    "raspberrypi",
    "host.docker.internal",
    "gateway.docker.internal",
    "host.containers.internal",
    "host.lima.internal",
    "docker.internal",
    "model-runner.docker.internal",
    "kubernetes.default.svc",
    "metadata.google.internal",
];

/// Ends of host names that no public name has, beside those that the reading of URLs knows.
const PRIVATE_ENDS: &[&str] = &[".corp", ".intranet", ".private", ".localdomain", ".cluster", ".box"];

/// Whether a host name tells nothing about whose it is: everybody's, or that of known software (`ollama`, `vllm`).
pub(super) fn well_known(name: &str) -> bool {
    let first = name.split('.').next().unwrap_or(name);
    name.is_empty()
        || is_stand_in(name)
        || COMMON.contains(&name)
        || name.ends_with(".localhost")
        || (first == name
            && provider::SYSTEMS.iter().any(|system| system.id == name || name == system.id.replace('-', "")))
}

/// A name that masking gave before.
fn is_stand_in(name: &str) -> bool {
    ["host-", "private-address-"]
        .iter()
        .filter_map(|start| name.strip_prefix(start))
        .any(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
}

/// Whether a host name belongs to no public network.
pub(super) fn is_private_name(name: &str) -> bool {
    is_private(&Host::Domain(name)) || PRIVATE_ENDS.iter().any(|end| name.ends_with(end))
}

/// The address that a host name is.
pub(super) fn address_of(name: &str) -> Option<IpAddr> {
    name.trim_matches(['[', ']']).parse().ok()
}

/// Host names in a text: the hosts of URLs, and words that end as only private names do.
pub(super) fn names_in(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for mark in ["://", ":\\/\\/"] {
        for (at, _) in text.match_indices(mark) {
            let rest = &text[at + mark.len()..];
            let end = rest
                .find(|c: char| !(c.is_ascii_alphanumeric() || "-._:@%*~!$&+=[]".contains(c)))
                .unwrap_or(rest.len());
            let place = rest[..end].rsplit('@').next().unwrap_or_default();
            if !place.starts_with('[') {
                let host = place.split(':').next().unwrap_or_default().trim_end_matches('.');
                found.extend((!host.is_empty()).then_some(host));
            }
        }
    }
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || "-._".contains(c)));
    found.extend(words.map(|word| word.trim_matches(['.', '-', '_'])).filter(|word| {
        let lower = word.to_ascii_lowercase();
        lower.contains('.') && lower.len() > 5 && is_private_name(&lower)
    }));
    found
}

/// Whether a name is an ordinary word, so that it means a host only where a host stands.
pub(super) fn is_plain_word(name: &str) -> bool {
    !name.contains(['.', '-', '_']) && !name.bytes().any(|b| b.is_ascii_digit()) && name.len() < 8
}

/// Names of machines that are words of answers too.
const WORDS: &[&str] = &[
    "access", "account", "agent", "base", "build", "chat", "client", "cloud", "code", "data", "default", "demo",
    "desktop", "docker", "edge", "error", "file", "files", "free", "home", "index", "input", "json", "laptop", "limit",
    "linux", "list", "local", "machine", "main", "master", "message", "model", "models", "name", "node", "open",
    "openai", "output", "plan", "pool", "port", "prod", "public", "remote", "request", "root", "runner", "station",
    "status", "stream", "system", "test", "text", "token", "type", "user", "users", "version", "windows", "worker",
];

/// Whether a machine's name is a word that stands in answers and tells nothing.
pub(super) fn is_common_word(name: &str) -> bool {
    WORDS.contains(&name)
}

/// Whether a host stands at this place: after `://` or `@`, or before a port.
pub(super) fn authority(text: &str, place: &Place) -> bool {
    let before = &text[..place.start];
    let after = text[place.end..].strip_prefix(':');
    before.ends_with("://")
        || before.ends_with(":\\/\\/")
        || before.ends_with('@')
        || after.is_some_and(|port| port.starts_with(|c: char| c.is_ascii_digit()))
}

/// Every place of a word, in upper or lower case, with what `ends` takes for an end on both sides.
pub(super) fn places(text: &str, word: &str, ends: fn(Option<char>) -> bool) -> Vec<Place> {
    let (lower, word) = (text.to_ascii_lowercase(), word.to_ascii_lowercase());
    if word.is_empty() {
        return Vec::new();
    }
    let mut found: Vec<Place> = Vec::new();
    for (at, _) in lower.match_indices(&word) {
        let end = at + word.len();
        if ends(text[..at].chars().next_back()) && ends(text[end..].chars().next()) {
            found.push(at..end);
        }
    }
    found
}

/// Around a host name.
pub(super) fn is_name_end(c: Option<char>) -> bool {
    c.is_none_or(|c| !(c.is_alphanumeric() || c == '-' || c == '_'))
}

/// Around a user's name.
pub(super) fn is_word_end(c: Option<char>) -> bool {
    c.is_none_or(|c| !c.is_alphanumeric())
}

/// Around a folder.
pub(super) fn is_path_end(c: Option<char>) -> bool {
    c.is_none_or(|c| !(c.is_alphanumeric() || c == '-' || c == '_' || c == '.'))
}

/// The names of users in `/home/NAME`, `/Users/NAME` and `\Users\NAME`, where such a path begins there.
pub(super) fn users_in_paths(text: &str) -> Vec<(Place, String)> {
    let mut found = Vec::new();
    for (mark, slash) in
        [("/home/", '/'), ("/Users/", '/'), (":\\Users\\", '\\'), (":\\\\Users\\\\", '\\'), ("\\/home\\/", '\\')]
    {
        for (at, _) in text.match_indices(mark) {
            let before = text[..at].chars().next_back();
            // `https://host/home/x` is no path of a machine; `C:` and `file://` are.
            let begins = slash == '\\' || before.is_none_or(|c| !(c.is_alphanumeric() || "-._~".contains(c)));
            let start = at + mark.len();
            let rest = &text[start..];
            let end = rest.find(|c: char| c.is_whitespace() || c.is_control() || "/\\\"'`<>:;,|)]}?*".contains(c));
            let end = start + end.unwrap_or(rest.len());
            if begins && end > start && !found.iter().any(|(place, _): &(Place, String)| place.start == start) {
                found.push((start..end, text[start..end].to_owned()));
            }
        }
    }
    found.sort_by_key(|(place, _)| place.start);
    found
}

/// Mail addresses.
pub(super) fn mails(text: &str) -> Vec<Place> {
    let mut found: Vec<Place> = Vec::new();
    for (at, _) in text.match_indices('@') {
        let local = |c: char| c.is_ascii_alphanumeric() || "._%+-".contains(c);
        let start =
            text[..at].rfind(|c| !local(c)).map_or(0, |end| end + text[end..].chars().next().map_or(1, char::len_utf8));
        let rest = &text[at + 1..];
        let length = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '-')).unwrap_or(rest.len());
        let domain = rest[..length].trim_end_matches(['.', '-']);
        let end_is_word =
            domain.rsplit('.').next().is_some_and(|end| end.len() >= 2 && end.bytes().all(|b| b.is_ascii_alphabetic()));
        let in_url = text[..start].ends_with("://");
        if start < at
            && domain.contains('.')
            && end_is_word
            && !in_url
            && found.last().is_none_or(|last| last.end <= start)
        {
            found.push(start..at + 1 + domain.len());
        }
    }
    found
}

/// IP addresses that could be somebody's, brackets around them included.
pub(super) fn addresses(text: &str) -> Vec<(Place, IpAddr)> {
    let mut found = Vec::new();
    let part = |c: char| c.is_ascii_hexdigit() || c == ':' || c == '.';
    let mut from = 0;
    while let Some(offset) = text[from..].find(part) {
        let start = from + offset;
        let end = text[start..].find(|c| !part(c)).map_or(text.len(), |length| start + length);
        from = end;
        let edge = |c: Option<char>| c.is_none_or(|c| !(c.is_alphanumeric() || c == '-' || c == '_'));
        found.extend(address_in(text, start, end).filter(|(place, _)| {
            edge(text[..place.start].chars().next_back()) && edge(text[place.end..].chars().next())
        }));
    }
    found
}

/// The address in a run of its signs: whole, without a full stop or colon at its end, or between ports.
fn address_in(text: &str, start: usize, end: usize) -> Option<(Place, IpAddr)> {
    let run = text[start..end].trim_end_matches(['.', ':']);
    let (address, from, length) = match run.parse::<Ipv6Addr>() {
        // `a::b` is a path of Rust, not an address.
        Ok(six) if run.bytes().any(|byte| byte.is_ascii_digit()) => (IpAddr::V6(six), 0, run.len()),
        Ok(_) => return None,
        Err(_) => {
            let mut from = 0;
            run.split(':').find_map(|four| {
                let start = from;
                from += four.len() + 1;
                Some((IpAddr::V4(four.parse::<Ipv4Addr>().ok()?), start, four.len()))
            })?
        }
    };
    let somebodys = match address {
        // 120.0.0.0 is a version, not an address.
        IpAddr::V4(ip) => !(ip.is_loopback() || ip.is_unspecified() || ip.is_broadcast() || ip.octets()[3] == 0),
        IpAddr::V6(ip) => !(ip.is_loopback() || ip.is_unspecified()),
    };
    let mut place = start + from..start + from + length;
    if text[..place.start].ends_with('[') && text[place.end..].starts_with(']') {
        place = place.start - 1..place.end + 1;
    }
    somebodys.then_some((place, address))
}

/// Whether an address belongs to no public network.
pub(super) fn is_private_address(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(ip) => is_private(&Host::Ipv4(ip)),
        IpAddr::V6(ip) => is_private(&Host::Ipv6(ip)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        addresses(text).into_iter().map(|(place, _)| &text[place]).collect()
    }

    #[test]
    fn addresses_are_found_and_versions_are_not() {
        assert_eq!(found("from 203.0.113.7, 10.1.2.3:80."), ["203.0.113.7", "10.1.2.3"]);
        assert_eq!(found("laptop:443:10.1.2.3:8443 8080:192.0.2.1"), ["10.1.2.3", "192.0.2.1"]);
        assert_eq!(found("http://[fd00::7]:8080/ and 2001:db8::1."), ["[fd00::7]", "2001:db8::1"]);
        for none in [
            "127.0.0.1",
            "0.0.0.0",
            "::1",
            "Chrome/120.0.0.0",
            "v1.2.3.4",
            "12:34:56",
            "gpt-5.5",
            "a::b",
            "::error::x",
            "1.2.3",
        ] {
            assert_eq!(found(none), Vec::<&str>::new(), "{none}");
        }
    }

    #[test]
    fn users_are_found_in_paths_of_machines_only() {
        let users = |text: &str| users_in_paths(text).into_iter().map(|(_, user)| user).collect::<Vec<_>>();
        assert_eq!(users("/home/anna/.env and (/Users/Bob B)"), ["anna", "Bob"]);
        assert_eq!(users("C:\\Users\\anna\\x \"D:\\\\Users\\\\eva\\\\y\" file:///home/max"), ["anna", "eva", "max"]);
        assert_eq!(users("https://llm.example/home/v1"), Vec::<String>::new());
    }

    #[test]
    fn mail_addresses_are_found_and_models_are_not() {
        let mails = |text| mails(text).into_iter().map(|place| &text[place]).collect::<Vec<&str>>();
        assert_eq!(mails("user anna.b@corp.example. (x@y.de)"), ["anna.b@corp.example", "x@y.de"]);
        for none in ["claude@20250929", "@team", "http://a@b.example/v1", "x@y"] {
            assert_eq!(mails(none), Vec::<&str>::new(), "{none}");
        }
    }

    #[test]
    fn names_of_everybody_tell_nothing() {
        for name in ["localhost", "ollama", "vllm", "host.docker.internal", "litellm"] {
            assert!(well_known(name), "{name}");
        }
        assert!(!well_known("annas-laptop"));
        assert_eq!(names_in("see http://gpu-box:8000/v1 or llm.corp.lan."), ["gpu-box", "llm.corp.lan"]);
    }
}
