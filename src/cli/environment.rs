//! The variables that ruta reads: the base URL, the key, and which key belongs to which host.

use crate::connection::KeySource;
use crate::connection::key::ApiKey;
use crate::examine::proxy::{ProxyVariables, usable};
use crate::knowledge::address;
use crate::report::anonymous::Machine;

/// A variable; `None` if it is not set. A value that is no UTF-8 is read as far as it can be.
pub(super) fn get(name: &str) -> Option<String> {
    std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())
}

/// A variable that is set to more than nothing.
fn filled(name: &str) -> Option<String> {
    get(name).filter(|value| !value.is_empty())
}

/// The base URL: from the flag, else from the variables that clients use, with the variable's name.
pub(super) fn base_url(flag: Option<&str>) -> (Option<String>, Option<&'static str>) {
    if let Some(url) = flag {
        return (Some(url.to_owned()), None);
    }
    ["RUTA_BASE_URL", "OPENAI_BASE_URL", "OPENAI_API_BASE_URL"]
        .into_iter()
        .find_map(|name| Some((Some(filled(name)?), Some(name))))
        .unwrap_or((None, None))
}

/// The key from the variables that belong to this base URL: ruta's own, then the provider's, and only on that
/// provider's hosts.
pub(super) fn key(base_url: Option<&str>, url_from: Option<&str>) -> Option<(ApiKey, KeySource)> {
    own_key(base_url, true).or_else(|| {
        (url_from.is_some_and(|name| name.starts_with("OPENAI_"))
            || base_url.is_some_and(|url| filled("OPENAI_BASE_URL").as_deref() == Some(url)))
        .then(|| found("OPENAI_API_KEY"))
        .flatten()
    })
}

/// The key from ruta's own variable, where it is clear for which connection it is, or from the provider's.
pub(super) fn own_key(base_url: Option<&str>, alone: bool) -> Option<(ApiKey, KeySource)> {
    if let Some(key) = found("RUTA_API_KEY").filter(|_| alone) {
        return Some(key);
    }
    let provider = address::judge(base_url?).provider?;
    provider.key_env.iter().find(|name| filled(name).is_some()).and_then(|name| found(name))
}

fn found(name: &str) -> Option<(ApiKey, KeySource)> {
    get(name).map(|text| (ApiKey::new(text), KeySource::Env(name.to_owned())))
}

/// What the proxy variables say for this URL, and which of them sets the proxy.
///
/// The HTTP client takes the first variable of a pair that is set, and passes over one that it does not understand
/// without a word; so does this, with a word.
pub(super) fn proxy(base_url: Option<&str>) -> (ProxyVariables, String) {
    let secure = base_url.is_some_and(|url| url.trim().to_ascii_lowercase().starts_with("https:"));
    let own = if secure { ["HTTPS_PROXY", "https_proxy"] } else { ["HTTP_PROXY", "http_proxy"] };
    let set = |names: [&'static str; 2]| names.into_iter().find_map(|name| Some((name, std::env::var(name).ok()?)));
    let mut variables =
        ProxyVariables { none: set(["NO_PROXY", "no_proxy"]).map(|(_, list)| list), ..Default::default() };
    let mut source = "the system's settings".to_owned();
    for (name, value) in [own, ["ALL_PROXY", "all_proxy"]].into_iter().filter_map(set) {
        if usable(&value) {
            name.clone_into(&mut source);
            variables.value = Some(value);
            break;
        }
        if !value.is_empty() {
            variables.remarks.push(format!("{name} is ignored: it is no proxy URL (http://HOST:PORT)"));
        }
    }
    // A server that runs programs for web requests cannot trust HTTP_PROXY, so the client looks at none of them.
    if variables.value.is_some() && get("REQUEST_METHOD").is_some() {
        variables.value = None;
        variables.remarks.push(format!("{source} is ignored because REQUEST_METHOD is set"));
    }
    let host =
        base_url.and_then(|url| url::Url::parse(url.trim()).ok()).and_then(|url| url.host_str().map(str::to_owned));
    if let (Some(_), Some(host), Some(none)) = (&variables.value, host, &variables.none)
        && none.split(',').any(|entry| entry.trim().rsplit_once(':').is_some_and(|(name, _)| name == host))
    {
        variables.remarks.push(format!("NO_PROXY names {host} with a port, which matches nothing: leave the port out"));
    }
    (variables, source)
}

/// What a report must not tell of this machine if it is to be posted in public.
pub(super) fn machine() -> Machine {
    let all = |names: &[&str]| names.iter().filter_map(|name| filled(name)).collect::<Vec<String>>();
    let mut hosts = all(&["HOSTNAME", "COMPUTERNAME"]);
    hosts.push(gethostname::gethostname().to_string_lossy().into_owned());
    hosts.sort();
    hosts.dedup();
    Machine { homes: all(&["HOME", "USERPROFILE"]), users: all(&["USER", "LOGNAME", "USERNAME"]), hosts }
}

/// Whether this program runs in a container: podman and systemd say so in a variable. Docker leaves a file only, which
/// also stands on machines that are containers to nobody but their host, so it proves too little for a verdict.
pub(super) fn in_container() -> bool {
    filled("container").is_some()
}
