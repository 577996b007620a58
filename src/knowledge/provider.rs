//! Providers, gateways, local servers and middle boxes: the facts of `providers/*.toml`.

use url::Url;

use super::row::Row;
use crate::cause::Cause;

/// A fact that changed, with its date.
#[derive(Debug)]
#[expect(missing_docs, reason = "the fields are those of the data files; CONTRIBUTING.md describes them")]
pub struct Changed {
    pub since: &'static str,
    pub what: &'static str,
    pub seen: &'static str,
}

/// One provider, gateway, local server or middle box.
#[derive(Debug)]
#[expect(missing_docs, reason = "the fields are those of the data files; CONTRIBUTING.md describes them")]
pub struct System {
    pub id: &'static str,
    pub name: &'static str,
    pub kind: &'static str,
    pub base_url: &'static str,
    pub also_right: &'static [&'static str],
    pub hosts: &'static [&'static str],
    pub ports: &'static [u16],
    pub not_the_api: &'static [(&'static str, &'static str)],
    pub not_the_root: &'static [(&'static str, &'static str)],
    pub twins: &'static [&'static str],
    pub auth: &'static str,
    pub models_auth: &'static str,
    pub key_prefixes: &'static [&'static str],
    pub wrong_kind_prefixes: &'static [(&'static str, &'static str)],
    pub key_env: &'static [&'static str],
    pub keyless_values: &'static [&'static str],
    pub models_endpoint: &'static str,
    pub many_models: bool,
    pub request_id: &'static [&'static str],
    pub models: &'static [&'static str],
    /// The usual model of an ability, such as `embeddings`.
    pub other_models: &'static [(&'static str, &'static str)],
    pub notes: &'static [&'static str],
    pub links: &'static [(&'static str, &'static str)],
    pub changed: &'static [Changed],
    pub advice: &'static [(Cause, &'static [&'static str])],
    pub fingerprints: &'static [Row],
    pub says: &'static [Row],
}

impl System {
    const EMPTY: Self = Self {
        id: "",
        name: "",
        kind: "",
        base_url: "",
        also_right: &[],
        hosts: &[],
        ports: &[],
        not_the_api: &[],
        not_the_root: &[],
        twins: &[],
        auth: "bearer",
        models_auth: "",
        key_prefixes: &[],
        wrong_kind_prefixes: &[],
        key_env: &[],
        keyless_values: &[],
        models_endpoint: "works",
        many_models: false,
        request_id: &[],
        models: &[],
        other_models: &[],
        notes: &[],
        links: &[],
        changed: &[],
        advice: &[],
        fingerprints: &[],
        says: &[],
    };

    /// The page of this name (`keys`, `credits`, `limits`, `models`, `status`, `docs` …).
    pub fn link(&self, name: &str) -> Option<&'static str> {
        self.links.iter().find(|(known, _)| *known == name).map(|(_, url)| *url)
    }

    /// Whether this host serves the provider's API.
    pub fn serves(&self, host: &str) -> bool {
        self.hosts.iter().any(|pattern| host_fits(pattern, host))
    }

    /// All API roots that are right.
    pub fn roots(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.base_url)
            .chain(self.also_right.iter().copied())
            .chain(self.twins.iter().copied())
            .filter(|root| !root.is_empty())
    }
}

/// Every system, in the order of the file names.
pub static SYSTEMS: &[System] = include!(concat!(env!("OUT_DIR"), "/systems.rs"));

/// The system of this ID.
pub fn by_id(id: &str) -> Option<&'static System> {
    SYSTEMS.iter().find(|system| system.id == id)
}

/// The provider whose API this host serves.
pub fn by_host(host: &str) -> Option<&'static System> {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    // An exact name beats a pattern.
    let named = SYSTEMS.iter().find(|system| system.hosts.iter().any(|pattern| *pattern == host));
    named.or_else(|| SYSTEMS.iter().find(|system| system.serves(&host)))
}

/// The provider that runs this host for people, and what the host is (`website`, `dashboard`, `docs`, `other-product`).
pub fn by_site(host: &str) -> Option<(&'static System, &'static str)> {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let bare = host.strip_prefix("www.").unwrap_or(&host);
    SYSTEMS.iter().find_map(|system| {
        let (_, what) = system.not_the_api.iter().find(|(site, _)| host_fits(site, &host) || host_fits(site, bare))?;
        Some((system, *what))
    })
}

/// The owner of a key by its prefix: the system and, for credentials that are no inference keys, what they are.
///
/// Several systems of one company may share a prefix; the host's own provider comes first.
pub fn by_key_prefix(prefix: &str, host: Option<&'static System>) -> Option<(&'static System, Option<&'static str>)> {
    if prefix.is_empty() {
        return None;
    }
    host.into_iter().chain(SYSTEMS.iter()).find_map(|system| {
        if let Some((_, what)) = system.wrong_kind_prefixes.iter().find(|(known, _)| *known == prefix) {
            return Some((system, Some(*what)));
        }
        system.key_prefixes.contains(&prefix).then_some((system, None))
    })
}

/// Every public key prefix; several providers share `sk-`, which therefore names none of them.
pub fn key_prefixes() -> impl Iterator<Item = &'static str> {
    SYSTEMS
        .iter()
        .flat_map(|system| {
            system.key_prefixes.iter().copied().chain(system.wrong_kind_prefixes.iter().map(|(prefix, _)| *prefix))
        })
        .chain(["sk-"])
}

/// `*.example.com` fits every host below it, `{x}` one label.
pub fn host_fits(pattern: &str, host: &str) -> bool {
    if let Some(end) = pattern.strip_prefix('*') {
        return host.len() > end.len() && host.ends_with(end);
    }
    if !pattern.contains('{') {
        return pattern == host;
    }
    let (mut wanted, mut given) = (pattern.split('.'), host.split('.'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some(part), Some(label)) if part_fits(part, label) => {}
            _ => return false,
        }
    }
}

/// Whether a label or path segment fits a part that may hold one `{x}`.
fn part_fits(part: &str, label: &str) -> bool {
    match (part.find('{'), part.rfind('}')) {
        (Some(start), Some(end)) if start < end => {
            let (before, after) = (&part[..start], &part[end + 1..]);
            label.len() > before.len() + after.len() && label.starts_with(before) && label.ends_with(after)
        }
        _ => part == label,
    }
}

/// Whether a URL is this root: scheme, host, port and path, with one segment for each `{x}`.
pub fn root_fits(root: &str, url: &Url) -> bool {
    let Some((scheme, rest)) = root.split_once("://") else { return false };
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if port.chars().all(|c| c.is_ascii_digit()) => (host, port.parse().ok()),
        _ => (authority, None),
    };
    let default = if scheme == "https" { 443 } else { 80 };
    let path = path.split('?').next().unwrap_or_default();
    let mut wanted = path.split('/').filter(|part| !part.is_empty());
    let mut given = url.path().split('/').filter(|part| !part.is_empty());
    let same_path = loop {
        match (wanted.next(), given.next()) {
            (None, None) => break true,
            (Some(part), Some(segment)) if part_fits(part, segment) => {}
            _ => break false,
        }
    };
    url.scheme() == scheme
        && host_fits(host, url.host_str().unwrap_or_default())
        && url.port_or_known_default() == Some(port.unwrap_or(default))
        && same_path
}
