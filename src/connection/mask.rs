//! Takes out what looks like a key, whoever's it is.

use super::scrub::REMOVED;

/// Beginnings by which anybody's key is known.
pub(super) const KNOWN: &[&str] = &[
    "sk-",
    "sk_",
    "gsk_",
    "pplx-",
    "xai-",
    "hf_",
    "nvapi-",
    "AIza",
    "AQ.",
    "ghp_",
    "gho_",
    "ghs_",
    "ghu_",
    "github_pat_",
    "csk-",
    "fw_",
    "tgp_v1_",
    "ABSK",
    "bedrock-api-key-",
    "AKIA",
    "ASIA",
    "eyJ",
];

/// What stands before somebody's key.
const NAMES: &[&str] = &[
    "bearer ",
    "api_key=",
    "api-key=",
    "apikey=",
    "access_token=",
    "?key=",
    "&key=",
    "x-api-key: ",
    "api-key: ",
    "token=",
];

/// A character of a word that may be a key.
fn word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')
}

/// Whether this word begins and goes on like somebody's key.
fn is_key(token: &str) -> bool {
    token.len() >= 20
        && KNOWN.iter().any(|start| token.starts_with(start))
        && token.bytes().any(|byte| byte.is_ascii_digit())
        && !token.contains("...")
}

/// Whether a word of the text begins and goes on like somebody's key.
pub(super) fn looks_like_key(text: &str) -> bool {
    text.split(|c| !word(c)).any(is_key)
}

/// Takes out what looks like a key, whoever's it is: a word with a known beginning, what follows "Bearer", the value of
/// a parameter that is called a key.
pub fn mask_keys(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(word) {
        let end = rest[start..].find(|c| !word(c)).map_or(rest.len(), |length| start + length);
        let token = &rest[start..end];
        let before = &rest[..start];
        let varied = token.len() >= 16
            && token.bytes().any(|byte| byte.is_ascii_digit())
            && token.bytes().any(|byte| byte.is_ascii_alphabetic());
        let named = varied && {
            // What was written and what comes now, as far as a name reaches.
            let end = |text: &str| text.char_indices().rev().nth(23).map_or(0, |(at, _)| at);
            let lead = format!("{}{before}", &out[end(&out)..]).to_ascii_lowercase();
            NAMES.iter().any(|name| lead.ends_with(name))
        };
        out.push_str(before);
        out.push_str(if named || is_key(token) { REMOVED } else { token });
        rest = &rest[end..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_other_keys_out_as_well() {
        for text in [
            "curl -H 'Authorization: Bearer abcd1234efgh5678ijkl'",
            "OPENAI_API_KEY=sk-proj-abcd1234efgh5678ijkl failed",
            "https://h/v1?api_key=abcd1234efgh5678&x=1",
            "{\"k\":\"gsk_abcd1234efgh5678ijkl\"}",
        ] {
            let out = mask_keys(text);
            assert!(!out.contains("abcd1234") && out.contains(REMOVED), "{out}");
        }
        for text in [
            "sk-...ab12 is invalid",
            "model gpt-5.5-2026-04-23 (request id: 20261122031512778899kT4dQz)",
            "Bearer realm=\"api\"",
            "see https://docs.x.ai/errors",
        ] {
            assert_eq!(mask_keys(text), text);
        }
    }
}
