//! Tells values that must not be written into a file: they hold a key or a password.

use super::mask::{KNOWN, mask_keys};
use super::url::redact;

/// Words of a header's name whose value is a secret.
const SECRET_WORDS: &[&str] = &[
    "authorization",
    "auth",
    "key",
    "apikey",
    "token",
    "secret",
    "password",
    "passwd",
    "cookie",
    "credential",
    "credentials",
    "jwt",
    "bearer",
];

/// A run of letters and digits this long is no word and no version.
const RUN: usize = 30;

/// Whether a name or a model ID is more likely a key: it begins as keys do, or holds a run of letters and digits that is
/// longer than any word.
pub fn is_key(text: &str) -> bool {
    let text = text.trim();
    let digit = text.bytes().any(|b| b.is_ascii_digit());
    let known = KNOWN.iter().any(|prefix| text.starts_with(prefix)) && text.len() >= 20 && digit;
    let run = text.split(|c: char| !c.is_ascii_alphanumeric()).any(|run| {
        run.len() >= RUN && run.bytes().any(|b| b.is_ascii_digit()) && run.bytes().any(|b| b.is_ascii_alphabetic())
    });
    known || run || text.starts_with("Bearer ")
}

/// What a base URL holds that must stay secret, in a few words.
pub fn of_url(url: &str) -> Option<&'static str> {
    let shown = redact(url);
    if shown.starts_with("***@") || shown.contains("://***@") {
        return Some("a user name or a password");
    }
    (shown != url || mask_keys(url) != url).then_some("what looks like a key")
}

/// Whether the value of this header is a secret.
pub fn is_header(name: &str, value: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let named = name.split(['-', '_', '.']).any(|word| SECRET_WORDS.contains(&word));
    let start = value.trim().to_ascii_lowercase();
    named
        || ["bearer ", "basic "].iter().any(|scheme| start.starts_with(scheme))
        || is_key(value)
        || mask_keys(value) != value
        || value.contains("://") && of_url(value).is_some()
}

/// Whether this is the name of an environment variable.
pub fn is_variable(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 100
        && !text.starts_with(|c: char| c.is_ascii_digit())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        && !is_key(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_told_from_models_and_names() {
        for key in [
            "sk-T9dKq2mXw7Rb4Zc8VfLn3JpYh6Gs1Au5Ee0Oi9Ty2Kb7Xq",
            "gsk_T9dKq2mXw7Rb4Zc8VfLn3",
            "0123456789abcdef0123456789abcdef",
            "Bearer abc",
        ] {
            assert!(is_key(key), "{key}");
        }
        for other in [
            "claude-3-5-sonnet-20241022-thinking-v2",
            "qwen2-5-coder-32b-instruct-awq-int4",
            "gpt-5.5",
            "work",
            "accounts/fireworks/models/llama-v3p1-405b-instruct-long",
            "3f8a2c1e-77b1-4c1d-9d6e-0a1b2c3d4e5f",
            "hf_transfer",
        ] {
            assert!(!is_key(other), "{other}");
        }
    }

    #[test]
    fn urls_and_headers_that_carry_secrets_are_told() {
        for url in
            ["https://me:pw@h/v1", "https://token@h/v1", "https://h/v1?api_key=x", "https://h/sk-T9dKq2mXw7Rb4Zc8VfLn3"]
        {
            assert!(of_url(url).is_some(), "{url}");
        }
        for url in [
            "https://api.rutaapi.com/v1",
            "https://h/openai/deployments/x?api-version=2024-10-21",
            "https://gateway.ai.cloudflare.com/v1/0123456789abcdef0123456789abcdef/mine/openai",
            "localhost:11434",
        ] {
            assert!(of_url(url).is_none(), "{url}");
        }
        for (name, value) in [
            ("Authorization", "x"),
            ("X-Api-Key", "x"),
            ("Ocp-Apim-Subscription-Key", "x"),
            ("Cookie", "a=b"),
            ("X-Team", "Bearer abc"),
            ("X-Team", "sk-T9dKq2mXw7Rb4Zc8VfLn3"),
        ] {
            assert!(is_header(name, value), "{name}: {value}");
        }
        for (name, value) in [
            ("X-Title", "my app"),
            ("HTTP-Referer", "https://example.org/app"),
            ("OpenAI-Organization", "org-abc"),
            ("X-Author", "me"),
            ("Anthropic-Version", "2023-06-01"),
        ] {
            assert!(!is_header(name, value), "{name}: {value}");
        }
        assert!(is_variable("WORK_KEY") && is_variable("_x1"));
        assert!(!is_variable("1A") && !is_variable("sk-abc") && !is_variable("") && !is_variable("A B"));
    }
}
