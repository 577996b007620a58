//! What Open `WebUI` asks when these values are entered there, followed through redirects, and what was seen of that.

use std::borrow::Cow;

use url::Url;

use super::view::{Sight, View, is_aside};
use crate::connection::url::redact;
use crate::evidence::KeySent;

/// The client's ID.
pub const ID: &str = "open-webui";
/// As many redirects end a request (aiohttp's `max_redirects`).
const HOPS: usize = 10;

/// A header with more bytes than this ends a request (aiohttp's `max_field_size`).
const LONGEST_HEADER: usize = 8190;

/// What a request of Open `WebUI` meets.
#[derive(Debug, Clone, Copy)]
pub enum Met<'a> {
    /// It sends none with these values.
    Unsent,
    /// It gets no complete answer: the last thing that was seen.
    Failed(Sight<'a>),
    /// It is sent round and round or to something that is no web address, or it cannot read the head of the answer.
    Lost,
    /// It gets this answer.
    Answered(Sight<'a>),
}

/// A request of Open `WebUI` whose end was not seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    /// Where the next request goes.
    pub url: Url,
    /// `GET` or `POST`.
    pub method: &'static str,
    /// Whether it carries the key.
    pub with_key: bool,
    /// How many redirects led there.
    pub hops: usize,
}

/// The base URL as the form saves it: one slash at the end is dropped, and nothing else.
pub fn saved(entered: &str) -> &str {
    entered.strip_suffix('/').unwrap_or(entered)
}

/// Whether the entered URL belongs to Anthropic, which it lists in another way.
pub fn is_anthropic(entered: &str) -> bool {
    entered.contains("api.anthropic.com")
}

/// Whether the form takes the entered URL for Azure's, which it asks in another way and only with model IDs.
pub fn is_azure(entered: &str) -> bool {
    let newer = entered.split("/openai/v1").skip(1).any(|rest| rest.is_empty() || rest.starts_with('/'));
    (entered.contains("azure.") || entered.contains("cognitive.microsoft.com")) && !newer
}

/// Whether it refuses to ask for this deployment, because the name does not fit into a path.
pub fn is_misnamed(deployment: &str) -> bool {
    deployment.is_empty() || deployment.contains("..") || deployment.contains(['/', '\\'])
}

/// The address that comes of appending this path to the entered text, or `None` where no request can be sent there.
pub fn address(entered: &str, path: &str, has_key: bool) -> Option<Url> {
    let text = format!("{}{path}", saved(entered));
    // As its library for URLs reads a text (yarl): blanks before it and line breaks in it go, blanks after it stay.
    let text: String =
        text.trim_start_matches(|c: char| c <= ' ').chars().filter(|c| !matches!(c, '\t' | '\r' | '\n')).collect();
    let (scheme, rest) = text.split_once(':')?;
    let scheme = match scheme.to_ascii_lowercase().as_str() {
        "http" | "ws" => "http",
        "https" | "wss" => "https",
        _ => return None,
    };
    let rest = rest.strip_prefix("//")?;
    let (authority, tail) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let (user, host) = authority.rsplit_once('@').map_or((None, authority), |(user, host)| (Some(user), host));
    if host.is_empty() || authority.contains('\\') || (user.is_some() && has_key) {
        return None;
    }
    let name = host.rsplit_once(':').filter(|_| !host.ends_with(']')).map_or(host, |(name, _)| name);
    let odd = |c: char| c.is_ascii() && !(c.is_ascii_alphanumeric() || "-._~!$&'()*+,;=%".contains(c));
    if name.is_empty() || (!name.starts_with('[') && name.contains(odd)) {
        return None;
    }
    // A backslash is a character like others there, and no slash.
    let mut url = Url::parse(&format!("{scheme}://{host}{}", tail.replace('\\', "%5C"))).ok()?;
    url.set_fragment(None);
    url.set_path(&free(url.path()));
    Some(url)
}

/// Whether the text of the URL makes the whole menu break as soon as model IDs are entered: Python reads it again then.
pub fn breaks_menu(entered: &str) -> bool {
    let rest = entered.split_once("//").map_or("", |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    authority.contains('[') != authority.contains(']')
}

/// The base URL as it would be typed: what was found in its settings is used as it stands, so a slash that saving would
/// drop is put behind it.
fn typed(view: &View) -> Cow<'_, str> {
    let target = &view.evidence.target;
    let text = target.base_url.as_deref().unwrap_or_default();
    if target.found && text.ends_with('/') { format!("{text}/").into() } else { text.into() }
}

/// What its request for the list of models meets.
///
/// # Errors
/// What would have to be asked to know it.
pub fn list(view: &View) -> Result<Met<'_>, Open> {
    let entered = &*typed(view);
    let path = if is_azure(entered) { "/openai/models" } else { "/models" };
    let Some(url) = address(entered, path, view.has_key()) else { return Ok(Met::Unsent) };
    follow(view, "GET", url, |sights| sights.last().copied())
}

/// What its request for a chat meets, if it was seen to the end: streamed, and with tools.
///
/// # Errors
/// What would have to be asked to know it.
pub fn chat(view: &View) -> Result<Met<'_>, Open> {
    let entered = &*typed(view);
    let deployment = format!("/openai/deployments/{}/chat/completions", view.model().unwrap_or_default());
    let path = if is_azure(entered) { &deployment } else { "/chat/completions" };
    let Some(url) = address(entered, path, view.has_key()) else { return Ok(Met::Unsent) };
    let seen = follow(view, "POST", url, pick);
    // A server that took the doubled slash takes a single one.
    let doubled = entered.ends_with('/').then(|| Url::parse(format!("{entered}{path}").trim()).ok()).flatten();
    match (&seen, doubled) {
        (Err(open), Some(doubled)) if open.hops == 0 => match follow(view, "POST", doubled, pick) {
            Ok(Met::Answered(sight)) if sight.healthy() => Ok(Met::Answered(sight)),
            _ => seen,
        },
        _ => seen,
    }
}

fn met(sight: Sight<'_>) -> Met<'_> {
    let long = |(_, value): &(String, String)| value.len() > LONGEST_HEADER;
    if sight.answer().is_some_and(|answer| answer.headers.iter().any(long)) {
        Met::Lost
    } else if sight.observation.failure.is_some() {
        Met::Failed(sight)
    } else {
        Met::Answered(sight)
    }
}

/// The request that is nearest to Open `WebUI`'s own; none if a plain chat went well and nothing nearer was sent.
fn pick<'a>(sights: &[Sight<'a>]) -> Option<Sight<'a>> {
    let last = |check: &str| sights.iter().rev().find(|sight| sight.check() == check).copied();
    // An aside is sent as it sends it: streamed, with tools.
    if let Some(aside) = sights.iter().rev().find(|sight| is_aside(sight.check())) {
        return Some(*aside);
    }
    let streamed = |sight: &Sight<'_>| sight.observation.request.as_ref().is_some_and(|request| request.streamed);
    match (last("tools"), last("stream"), last("chat")) {
        (Some(tools), None, _) if streamed(&tools) || !tools.healthy() => Some(tools),
        (Some(tools), Some(stream), _) => Some(if streamed(&tools) || !tools.healthy() { tools } else { stream }),
        (None, Some(stream), _) if !stream.healthy() => Some(stream),
        (None, None, Some(chat)) if !chat.healthy() => Some(chat),
        _ => None,
    }
}

/// Follows a request through what was seen, as its library for HTTP does (aiohttp).
fn follow<'a>(
    view: &'a View,
    method: &'static str,
    url: Url,
    pick: impl Fn(&[Sight<'a>]) -> Option<Sight<'a>>,
) -> Result<Met<'a>, Open> {
    let (mut method, mut url, mut with_key) = (method, url, view.has_key());
    let mut been: Vec<(&str, String, bool)> = Vec::new();
    for hops in 0..HOPS {
        let here = (method, plain(&url), with_key);
        if been.contains(&here) {
            return Ok(Met::Lost);
        }
        been.push(here);
        let sights: Vec<Sight<'a>> =
            view.everything().filter(|sight| is_request(*sight, method, &url, with_key)).collect();
        let sight = if method == "GET" { sights.last().copied() } else { pick(&sights) };
        let Some(sight) = sight else { return Err(Open { url, method, with_key, hops }) };
        let redirect = sight.answer().filter(|answer| matches!(answer.status, 301 | 302 | 303 | 307 | 308));
        let Some((status, location)) =
            redirect.and_then(|answer| Some((answer.status, answer.header("location").filter(|to| !to.is_empty())?)))
        else {
            return Ok(met(sight));
        };
        let Some(next) = url.join(location).ok().filter(|next| matches!(next.scheme(), "http" | "https")) else {
            return Ok(Met::Lost);
        };
        // Authorization stays with its origin, and a POST becomes a GET unless the status forbids it.
        with_key = with_key && next.origin() == url.origin();
        if status <= 303 {
            method = "GET";
        }
        url = next;
    }
    Ok(Met::Lost)
}

fn is_request(sight: Sight<'_>, method: &str, url: &Url, with_key: bool) -> bool {
    let Some(request) = sight.observation.request.as_ref().filter(|_| sight.observation.ran()) else { return false };
    let kinds: &[&str] = if method == "POST" { &["chat", "stream", "tools"] } else { &["models"] };
    request.method == method
        && (kinds.contains(&sight.check()) || is_aside(sight.check()))
        && (request.key == KeySent::Own) == with_key
        && request.key != KeySent::Cleaned
        && request.key != KeySent::MadeUp
        && Url::parse(request.url.trim()).is_ok_and(|asked| plain(&asked) == plain(url) || azure(&asked, url))
}

/// Whether both are the same address of Azure's, which only differ in the version of the API.
fn azure(asked: &Url, wanted: &Url) -> bool {
    let bare = |url: &Url| {
        let mut url = url.clone();
        url.set_query(None);
        plain(&url)
    };
    is_azure(wanted.as_str()) && wanted.query().is_none() && bare(asked) == bare(wanted)
}

/// The address in one spelling: without secrets and fragment, no character encoded that need not be.
fn plain(url: &Url) -> String {
    let mut url = url.clone();
    url.set_fragment(None);
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_path(&free(url.path()));
    redact(url.as_str())
}

/// The path with no character encoded that need not be, as its library for URLs sends it.
fn free(path: &str) -> String {
    let mut parts = path.split('%');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let code = part.get(..2).and_then(|code| u8::from_str_radix(code, 16).ok()).map(char::from);
        if let Some(free) = code.filter(|c| c.is_ascii_alphanumeric() || "-._~".contains(*c)) {
            out.push(free);
            out.push_str(&part[2..]);
        } else {
            out.push('%');
            out.push_str(part);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is entered, and what is asked for the list.
    const ENTERED: &[(&str, &str)] = &[
        ("http://h/v1", "http://h/v1/models"),
        ("http://h/v1/", "http://h/v1/models"),
        ("http://h/v1//", "http://h/v1//models"),
        ("http://h", "http://h/models"),
        ("http://h/v1/chat/completions", "http://h/v1/chat/completions/models"),
        ("http://h/v1/models", "http://h/v1/models/models"),
        ("http://h/v1/v1", "http://h/v1/v1/models"),
        ("  http://h/v1", "http://h/v1/models"),
        ("HTTP://h/v1", "http://h/v1/models"),
        ("http://h/v1\t", "http://h/v1/models"),
        ("http://h/v1\n", "http://h/v1/models"),
        ("ht\ttp://h/v\n1", "http://h/v1/models"),
        ("http://h/x/../v1", "http://h/v1/models"),
        ("http://h/%76%31", "http://h/v1/models"),
        ("http://h/v1 ", "http://h/v1%20/models"),
        ("http://h/v1/ ", "http://h/v1/%20/models"),
        ("http://h/v1\u{200b}", "http://h/v1%E2%80%8B/models"),
        ("http://0.0.0.0:8000/v1", "http://0.0.0.0:8000/v1/models"),
        ("http://[::1]:8000/v1", "http://[::1]:8000/v1/models"),
        ("http://h/v1?x=1", "http://h/v1?x=1/models"),
        ("http://h/v1#a", "http://h/v1"),
        ("http://h/a\\b", "http://h/a%5Cb/models"),
        ("ws://h/v1", "http://h/v1/models"),
        ("wss://h/v1", "https://h/v1/models"),
        ("https://a/v1;https://b/v1", "https://a/v1;https://b/v1/models"),
    ];

    /// What is entered, and nothing is asked.
    const UNSENT: &[&str] = &[
        "",
        "h/v1",
        "127.0.0.1:80/v1",
        "localhost:80/v1",
        "\"http://h/v1\"",
        "'http://h/v1'",
        "ftp://h/v1",
        "http:/h/v1",
        "http:///v1",
        "http:\\\\h\\v1",
        "http://h\\v1",
        "https://{region}.h/v1",
        "https://<your-resource>.h/v1",
        "http://h:99999/v1",
        "http://a b/v1",
        "http：//h/v1",
        "http://me:pw@h/v1",
    ];

    #[test]
    fn nothing_is_mended_but_one_slash() {
        for (entered, asked) in ENTERED {
            let url = address(entered, "/models", true).map(|url| url.to_string());
            assert_eq!(url.as_deref(), Some(*asked), "{entered:?}");
        }
        for entered in UNSENT {
            assert_eq!(address(entered, "/models", true), None, "{entered:?}");
        }
        let without_key = address("http://me:pw@h/v1", "/models", false).map(|url| url.to_string());
        assert_eq!(without_key.as_deref(), Some("http://h/v1/models"), "a user name takes the place of a key");
    }

    #[test]
    fn the_form_takes_only_the_older_roots_for_those_of_azure() {
        for older in ["https://us.openai.azure.com", "https://us.azure.com/openai/v1beta", "https://h/azure.x/v1"] {
            assert!(is_azure(older), "{older}");
        }
        for newer in ["https://us.openai.azure.com/openai/v1", "https://us.azure.com/openai/v1/x", "https://h/v1"] {
            assert!(!is_azure(newer), "{newer}");
        }
    }

    #[test]
    fn one_address_in_two_spellings_is_one_address() {
        let plain = |text: &str| plain(&Url::parse(text).unwrap());
        assert_eq!(plain("http://h/%76%31/models"), plain("http://h/v1/models"));
        assert_eq!(plain("http://me@h/v1%20x#y"), plain("http://h/v1%20x"));
        assert_ne!(plain("http://h/a%2Fb"), plain("http://h/a/b"));
        assert_eq!(plain("http://h/%zz%4"), "http://h/%zz%4");
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,40}|[a-z:/@\\\\%\\[\\]{}?# .0-9]{0,40}") {
            if let Some(url) = address(&text, "/models", true) {
                let _ = plain(&url);
            }
        }
    }
}
