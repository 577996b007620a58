//! Parts of a URL that stand for something the reader must fill in.

use std::ops::Range;

use super::url_mend::{floor, is_wrapping, offset};

/// A part that stands for something the reader must fill in.
pub(super) fn placeholder(text: &str) -> Option<(Range<usize>, &'static str)> {
    const LABEL: &str = "put your own value here";
    let inner = text.trim_matches(is_wrapping);
    let base = offset(text, inner);
    for (open, close) in [('<', '>'), ('{', '}'), ('[', ']')] {
        if let Some(start) = inner.find(open)
            && let Some(length) = inner[start..].find(close)
            && inner[start + 1..start + length].chars().any(char::is_alphabetic)
            && !(open == '[' && (inner[start + 1..start + length].contains(':') || inner[start..].contains("](")))
        {
            return Some((base + start..base + start + length + 1, LABEL));
        }
    }
    if inner.starts_with('$') || (inner.starts_with('%') && inner.len() > 2 && inner[1..].contains('%')) {
        return Some((base..base + inner.len(), "the name of a variable, not its value"));
    }
    let lower = inner.to_ascii_lowercase();
    for word in [
        "your-",
        "your_",
        "yourdomain",
        "yourserver",
        "your.",
        "youraccount",
        "example_host",
        "host:port",
        "hostname:port",
        "ip:port",
        "my-server-ip",
        "server-ip",
        "server_ip",
        "resource-name",
        "...",
        "…",
        "xxx",
    ] {
        if let Some(at) = lower.find(word)
            && inner.is_char_boundary(at)
            && (at == 0 || !lower[..at].ends_with(|c: char| c.is_alphanumeric()))
        {
            let end = inner[at..]
                .find(['.', '/', ':'])
                .filter(|length| *length > 1 && !word.starts_with(".."))
                .map_or(at + word.len(), |length| at + length.max(word.len()));
            return Some((base + at..base + floor(inner, end.min(inner.len())), LABEL));
        }
    }
    None
}
