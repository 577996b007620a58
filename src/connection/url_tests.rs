//! What the base URL's text must show, case by case, and for any text at all.

use super::*;

fn first(raw: &str) -> (Option<Cause>, Option<String>) {
    let facts = read(raw);
    (facts.problems.first().map(|problem| problem.cause), facts.corrected)
}

#[test]
fn names_each_fault_and_mends_it() {
    let rows: &[(&str, Option<Cause>, Option<&str>)] = &[
        ("https://api.rutaapi.com/v1", None, Some("https://api.rutaapi.com/v1")),
        ("http://localhost:11434/v1", None, Some("http://localhost:11434/v1")),
        ("http://[::1]:8080/v1", None, Some("http://[::1]:8080/v1")),
        (
            "https://x.openai.azure.com/openai/deployments/d?api-version=2024-10-21",
            None,
            Some("https://x.openai.azure.com/openai/deployments/d?api-version=2024-10-21"),
        ),
        ("", Some(Cause::UrlMissing), None),
        ("  ", Some(Cause::UrlMissing), None),
        ("api.x.com/v1", Some(Cause::UrlNoScheme), Some("https://api.x.com/v1")),
        ("localhost:8080/v1", Some(Cause::UrlNoScheme), Some("http://localhost:8080/v1")),
        ("127.0.0.1:11434/v1", Some(Cause::UrlNoScheme), Some("http://127.0.0.1:11434/v1")),
        ("//api.x.com/v1", Some(Cause::UrlNoScheme), Some("https://api.x.com/v1")),
        ("ftp://api.x.com/v1", Some(Cause::UrlUnsupportedScheme), Some("https://api.x.com/v1")),
        ("ws://localhost:1234/v1", Some(Cause::UrlUnsupportedScheme), Some("http://localhost:1234/v1")),
        ("file:///etc/passwd", Some(Cause::UrlUnsupportedScheme), None),
        ("htps://api.x.com/v1", Some(Cause::UrlInvalid), Some("https://api.x.com/v1")),
        ("https//api.x.com/v1", Some(Cause::UrlInvalid), Some("https://api.x.com/v1")),
        ("https:/api.x.com/v1", Some(Cause::UrlInvalid), Some("https://api.x.com/v1")),
        ("http:///v1", Some(Cause::UrlInvalid), Some("http://v1")),
        ("https://https://api.x.com/v1", Some(Cause::UrlInvalid), Some("https://api.x.com/v1")),
        ("https://api.x.com:80a/v1", Some(Cause::UrlInvalid), None),
        ("https://", Some(Cause::UrlInvalid), None),
        (" https://api.x.com/v1", Some(Cause::UrlStrayCharacters), Some("https://api.x.com/v1")),
        ("\"https://api.x.com/v1\"", Some(Cause::UrlStrayCharacters), Some("https://api.x.com/v1")),
        ("<https://api.x.com/v1>", Some(Cause::UrlStrayCharacters), Some("https://api.x.com/v1")),
        ("https://api.x.com/v1,", Some(Cause::UrlStrayCharacters), Some("https://api.x.com/v1")),
        ("https://api.x.com /v1", Some(Cause::UrlStrayCharacters), Some("https://api.x.com/v1")),
        ("https://api\u{200b}.x.com/v1", Some(Cause::UrlStrayCharacters), Some("https://api.x.com/v1")),
        ("https:\\\\api.x.com\\v1", Some(Cause::UrlStrayCharacters), Some("https://api.x.com/v1")),
        ("https：//api.x.com/v1", Some(Cause::UrlStrayCharacters), Some("https://api.x.com/v1")),
        ("OPENAI_API_BASE_URL=https://api.x.com/v1", Some(Cause::UrlStrayCharacters), Some("https://api.x.com/v1")),
        ("https://api.x.com/v1;https://api.y.com/v1", Some(Cause::UrlStrayCharacters), Some("https://api.x.com/v1")),
        ("https://api.x.com//v1", Some(Cause::UrlStrayCharacters), Some("https://api.x.com/v1")),
        ("https://<resource>.openai.azure.com", Some(Cause::UrlPlaceholder), None),
        ("https://bedrock-mantle.{region}.api.aws/v1", Some(Cause::UrlPlaceholder), None),
        ("YOUR_STDAPI_URL/v1", Some(Cause::UrlPlaceholder), None),
        ("https://your-resource.openai.azure.com", Some(Cause::UrlPlaceholder), None),
        ("$OPENAI_BASE_URL", Some(Cause::UrlPlaceholder), None),
        ("https://user:pw@api.x.com/v1", Some(Cause::UrlHasCredentials), Some("https://api.x.com/v1")),
        ("https://api.x.com/v1?key=abc", Some(Cause::UrlHasQueryOrFragment), Some("https://api.x.com/v1")),
        ("http://localhost:8080/#/chat", Some(Cause::UrlHasQueryOrFragment), Some("http://localhost:8080")),
        (
            "https://api.rutaapi.com/v1/chat/completions",
            Some(Cause::UrlEndpointPath),
            Some("https://api.rutaapi.com/v1"),
        ),
        ("https://api.x.com/v1/models/", Some(Cause::UrlEndpointPath), Some("https://api.x.com/v1")),
        ("https://api.x.com/v1/RESPONSES", Some(Cause::UrlEndpointPath), Some("https://api.x.com/v1")),
        ("https://api.x.com/v1/v1", Some(Cause::UrlDuplicateV1), Some("https://api.x.com/v1")),
        ("https://api.x.com/v1/", Some(Cause::UrlTrailingSlash), Some("https://api.x.com/v1")),
        ("http://0.0.0.0:8080/v1", Some(Cause::UrlWildcardAddress), Some("http://0.0.0.0:8080/v1")),
        ("http://api.x.com/v1", Some(Cause::UrlInsecure), Some("http://api.x.com/v1")),
        ("sk-T9dKq2mXw7Rb4Zc8VfLn3JpYh6Gs1Au5", Some(Cause::UrlInvalid), None),
    ];
    for (raw, cause, corrected) in rows {
        assert_eq!(first(raw), (*cause, corrected.map(str::to_owned)), "{raw}");
    }
}

#[test]
fn underlines_the_part_that_is_wrong() {
    for (raw, part) in [
        ("https://api.rutaapi.com/v1/chat/completions", "/chat/completions"),
        ("https://api.x.com/v1/models/", "/models/"),
        ("https://api.x.com/v1/v1", "/v1"),
        ("https://api.x.com/v1//", "//"),
        ("https://api.x.com:80a/v1", ":80a"),
        ("https://<resource>.openai.azure.com", "<resource>"),
        ("https://api.x.com/v1?key=abc", "?key=***"),
        ("ftp://api.x.com/v1", "ftp"),
        ("http://api.x.com/v1", "http://"),
    ] {
        let facts = read(raw);
        assert_eq!(&facts.shown[facts.problems[0].span.clone()], part, "{raw}");
    }
}

#[test]
fn secrets_in_the_url_are_never_shown() {
    for raw in [
        "https://me:hunter2hunter2@api.x.com/v1",
        "https://api.x.com/v1?key=hunter2hunter2",
        "https://h/v1?a=1&access_token=hunter2hunter2#x",
        "sk-hunter2hunter2hunter2",
    ] {
        let facts = read(raw);
        assert!(!facts.shown.contains("hunter2"), "{}", facts.shown);
        assert!(!format!("{facts:?}").contains("hunter2"), "{facts:?}");
    }
}

proptest::proptest! {
    #[test]
    fn no_text_panics_and_mending_twice_changes_nothing(raw in "\\PC{0,40}|(https?:[/\\\\]{0,3})?[a-z0-9.:@<>{}\"' \u{200b}?#/%\\[\\]-]{0,30}(/v1){0,3}(/chat/completions|/models|/)?") {
        let facts = read(&raw);
        for problem in &facts.problems {
            proptest::prop_assert!(facts.shown.get(problem.span.clone()).is_some(), "{raw:?} {problem:?}");
        }
        if let Some(once) = facts.corrected {
            let again = read(&once);
            proptest::prop_assert_eq!(again.corrected.as_deref(), Some(once.as_str()), "{:?}", again);
            let left: Vec<_> = again.problems.iter().filter(|problem| problem.certain).collect();
            proptest::prop_assert!(left.is_empty(), "{once:?} {left:?}");
        }
    }
}
