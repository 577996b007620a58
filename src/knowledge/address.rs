//! What the base URL means for the provider that its host belongs to: site, dashboard, wrong root, near miss.

use url::Url;

use super::client::Client;
use super::provider::{self, SYSTEMS, System};
use crate::cause::Cause;
use crate::connection::url::{UrlFacts, UrlProblem, is_version, tidy};

/// The base URL, judged with what is known of its host.
#[derive(Debug, Clone)]
pub struct Address {
    /// What the text alone shows, and whatever the host's provider adds to it.
    pub facts: UrlFacts,
    /// The provider whose API or site this host is.
    pub provider: Option<&'static System>,
    /// Whether the value is an API root that the provider's file lists.
    pub right: bool,
    /// The API root that the client makes of the value, passwords taken out.
    pub root: String,
    /// The API root to use instead, as far as text and provider tell.
    pub suggested: Option<String>,
    /// Hosts of known providers that differ by a letter or two.
    pub near: Vec<&'static str>,
}

impl Address {
    /// The first fault that makes asking pointless.
    pub fn fatal(&self) -> Option<&UrlProblem> {
        self.facts.fatal()
    }

    /// Whether this host may be sent the user's key: it is the one that the user gave, or one of the same provider.
    pub fn may_have_key(&self, url: &Url) -> bool {
        let host = url.host_str().unwrap_or_default();
        let own = self.written().is_some_and(|own| {
            let same_port = own.port_or_known_default() == url.port_or_known_default();
            let upgrade = own.port().is_none() && url.port().is_none() && url.scheme() == "https";
            own.host_str() == Some(host)
                && (same_port || upgrade)
                && (own.scheme() == url.scheme() || url.scheme() == "https")
        });
        own || self.provider.is_some_and(|system| system.serves(host) && url.scheme() == "https")
    }

    /// The root of an Anthropic-style API is wrong for chat, but right for a client that only sends messages.
    pub fn allow_messages(&mut self) {
        for problem in &mut self.facts.problems {
            if problem.cause == Cause::UrlWrongPath && problem.label.contains("anthropic") {
                problem.certain = false;
            }
        }
    }

    /// The URL with the text's faults mended, as far as it can be read.
    pub fn written(&self) -> Option<Url> {
        self.facts.usable.clone().or_else(|| Url::parse(self.facts.corrected.as_deref()?).ok())
    }
}

/// Judges the text of a base URL as this client uses it: what counts is the API root that the client makes of it.
pub fn judge_for(raw: &str, client: &Client) -> Address {
    let adds = client.adds(raw);
    if adds.is_empty() || raw.trim().is_empty() {
        return judge(raw);
    }
    let mut address = judge(&client.root(raw));
    let facts = &mut address.facts;
    // The report shows what the user wrote.
    let written = facts.shown.strip_suffix(adds).unwrap_or(&facts.shown).len();
    facts.shown.truncate(written);
    for problem in &mut facts.problems {
        let start = problem.span.start.min(written);
        problem.span = start..problem.span.end.min(written).max(start);
        if problem.cause == Cause::UrlDuplicateV1 {
            problem.label = format!("{} adds {adds} itself", client.name);
            let at = facts.shown.rfind('/').unwrap_or(start);
            problem.span = at..written;
        }
    }
    address
}

/// Judges the text of a base URL.
pub fn judge(raw: &str) -> Address {
    let mut facts = crate::connection::url::read(raw);
    if let Ok(url) = Url::parse(&facts.shown)
        && facts.problem(Cause::UrlEndpointPath).is_some()
        && provider::by_host(url.host_str().unwrap_or_default())
            .is_some_and(|system| system.roots().any(|root| provider::root_fits(root, &url)))
    {
        // A root that is called like an endpoint, as Azure's /models.
        facts.problems.retain(|problem| problem.cause != Cause::UrlEndpointPath);
        facts.corrected = Some(tidy(&url));
        facts.usable = facts.fatal().is_none().then_some(url);
    }
    let mut suggested = facts.corrected.clone();
    let Some(url) = facts.usable.clone().or_else(|| Url::parse(facts.corrected.as_deref()?).ok()) else {
        let root = facts.shown.clone();
        return Address { facts, provider: None, right: false, root, suggested: None, near: Vec::new() };
    };
    let host = url.host_str().unwrap_or_default().trim_end_matches('.').to_ascii_lowercase();
    let api = provider::by_host(&host);
    let site = provider::by_site(&host);
    let written = facts.corrected.as_deref().and_then(|text| Url::parse(text).ok()).unwrap_or_else(|| url.clone());
    let fits = |url: &Url| api.is_some_and(|system| system.roots().any(|root| provider::root_fits(root, url)));
    let mended_right = fits(&written);
    let right = facts.usable.as_ref().is_some_and(&fits);
    let untouched = right && facts.problem(Cause::UrlTrailingSlash).is_none();
    let place = place(&facts.shown, &host);
    let mut near = Vec::new();
    match (api, site) {
        (Some(system), site) if !mended_right => {
            if let Some((what, label)) = off_root(system, &url, site.map(|(_, what)| what)) {
                let path = place.end..facts.shown.len();
                let span = if path.is_empty() { place.clone() } else { path };
                let certain = matches!(what, Cause::UrlWebsite | Cause::UrlDashboard)
                    || (what == Cause::UrlWrongPath && label.contains("native"));
                facts.problems.push(UrlProblem { cause: what, span, label, certain });
                if !system.base_url.contains('{')
                    && facts.problem(Cause::UrlEndpointPath).is_none()
                    && facts.problem(Cause::UrlDuplicateV1).is_none()
                {
                    suggested = Some(best_root(system, &host));
                }
            }
        }
        (None, Some((system, what))) => {
            let (cause, label) = match what {
                "dashboard" => (Cause::UrlDashboard, format!("{}'s dashboard, for people", system.name)),
                "other-product" => (Cause::UrlWrongHost, format!("another product than {}'s API", system.name)),
                _ => (Cause::UrlWebsite, format!("{}'s web site, for people", system.name)),
            };
            facts.problems.insert(0, UrlProblem { cause, span: place, label, certain: true });
            suggested =
                (!system.base_url.is_empty() && !system.base_url.contains('{')).then(|| system.base_url.to_owned());
        }
        (None, None) => near = near_hosts(&host),
        _ => {}
    }
    if untouched {
        // What the provider's file lists is right, whatever a general rule would say.
        facts.problems.retain(|problem| problem.certain || problem.cause == Cause::UrlInsecure);
    }
    if let Some(problem) = facts.problem(Cause::UrlTrailingSlash).cloned()
        && api.is_some_and(|system| system.id == "gemini")
    {
        facts.problems.retain(|other| other.cause != Cause::UrlTrailingSlash);
        facts.problems.push(UrlProblem { certain: false, ..problem });
    }
    if facts.fatal().is_some() {
        facts.usable = None;
    }
    let provider = api.or(site.map(|(system, _)| system));
    // The same URL written another way (a usual port spelt out) is no suggestion.
    let suggested = suggested.filter(|value| *value != facts.shown && Url::parse(value) != Url::parse(&facts.shown));
    let root = facts.shown.clone();
    Address { facts, provider, right, root, suggested, near }
}

/// What is wrong with the path on a host of this provider's API.
fn off_root(system: &System, url: &Url, site: Option<&str>) -> Option<(Cause, String)> {
    let path = url.path().trim_end_matches('/');
    if let Some((root, _)) = system
        .not_the_root
        .iter()
        .find(|(root, _)| path == *root || path.strip_prefix(root).is_some_and(|rest| rest.starts_with('/')))
    {
        return Some((Cause::UrlWrongPath, format!("{root} is {}'s native API", system.name)));
    }
    if path.is_empty() {
        return match site {
            Some("dashboard") => Some((Cause::UrlDashboard, format!("{}'s dashboard, for people", system.name))),
            Some(_) => Some((Cause::UrlWebsite, format!("{}'s web site, for people", system.name))),
            None if system.base_url.contains("/v") => {
                Some((Cause::UrlMissingV1, "the API root does not end here".into()))
            }
            None => None,
        };
    }
    // Paths that only add an endpoint or a second /v1 are named by the text already.
    let ends_in_endpoint =
        crate::connection::url::ENDPOINTS.iter().any(|endpoint| path.ends_with(&format!("/{endpoint}")));
    (!ends_in_endpoint).then(|| (Cause::UrlWrongPath, format!("not the API root of {}", system.name)))
}

/// The root to suggest on this host: the one that lies on the same host, else the main one.
fn best_root(system: &System, host: &str) -> String {
    let same = system.roots().find(|root| Url::parse(root).is_ok_and(|url| url.host_str() == Some(host)));
    same.unwrap_or(system.base_url).to_owned()
}

/// Where the host stands in the text.
fn place(shown: &str, host: &str) -> std::ops::Range<usize> {
    let lower = shown.to_ascii_lowercase();
    let at = if lower.len() == shown.len() { lower.find(host) } else { shown.find(host) };
    at.map_or(0..shown.len(), |at| at..at + host.len())
}

/// Hosts that differ from this one by a slip: a letter or two, or a part left out.
fn near_hosts(host: &str) -> Vec<&'static str> {
    let mut near: Vec<(usize, &'static str)> = Vec::new();
    for known in
        SYSTEMS.iter().flat_map(|system| system.hosts.iter().copied()).filter(|known| !known.contains(['*', '{']))
    {
        let cut = host.contains('.')
            && host.len() >= 8
            && (known.starts_with(&format!("{host}.")) || known.ends_with(&format!(".{host}")));
        // Every letter more or less is a slip by itself, so most need not be compared.
        if !cut && host.len().abs_diff(known.len()) > 2 {
            continue;
        }
        let distance = strsim::damerau_levenshtein(host, known);
        if distance <= 2 && distance * 5 <= known.len() || cut {
            near.push((distance, known));
        }
    }
    near.sort_unstable();
    near.dedup();
    near.into_iter().map(|(_, known)| known).take(3).collect()
}

/// API roots on the same server that are worth a look when the given one knows no path: the likeliest first.
pub fn other_roots(address: &Address, software: &[&'static System]) -> Vec<String> {
    let Some(url) = address.written() else { return Vec::new() };
    let mut roots: Vec<String> = Vec::new();
    let mut add = |root: String| {
        if root != address.root && !roots.contains(&root) {
            roots.push(root);
        }
    };
    if let Some(suggested) = &address.suggested {
        add(suggested.clone());
    }
    let known = address.provider.into_iter().chain(software.iter().copied());
    for root in known.flat_map(System::roots).filter_map(|root| Url::parse(root).ok()) {
        let same_host = root.host_str() == url.host_str();
        let local = address.provider.is_none();
        if same_host || local {
            add(with_path(&url, root.path()));
        }
    }
    let segments: Vec<&str> = url.path().split('/').filter(|part| !part.is_empty()).collect();
    let versioned = segments.iter().any(|part| is_version(part));
    let path = url.path().trim_end_matches('/').to_owned();
    if versioned {
        // /api/v1 on a server whose root is /v1, and the other way round.
        add(with_path(&url, "/v1"));
        add(with_path(&url, "/api/v1"));
        add(with_path(&url, "/openai/v1"));
    } else {
        add(with_path(&url, &format!("{path}/v1")));
        add(with_path(&url, "/v1"));
        add(with_path(&url, "/api/v1"));
        add(with_path(&url, "/openai/v1"));
    }
    add(with_path(&url, "/api"));
    add(with_path(&url, "/"));
    roots.truncate(4);
    roots
}

fn with_path(url: &Url, path: &str) -> String {
    let mut other = url.clone();
    other.set_path(path.trim_end_matches('/'));
    other.set_query(None);
    tidy(&other)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(raw: &str) -> (Option<Cause>, Option<String>) {
        let address = judge(raw);
        (address.facts.problems.first().map(|problem| problem.cause), address.suggested)
    }

    #[test]
    fn the_guides_common_mistakes_are_named() {
        let root = Some("https://api.rutaapi.com/v1".to_owned());
        assert_eq!(first("https://rutaapi.com"), (Some(Cause::UrlWebsite), root.clone()));
        assert_eq!(first("https://www.rutaapi.com/v1"), (Some(Cause::UrlWebsite), root.clone()));
        assert_eq!(first("https://app.rutaapi.com"), (Some(Cause::UrlDashboard), root.clone()));
        assert_eq!(first("https://api.rutaapi.com"), (Some(Cause::UrlMissingV1), root.clone()));
        assert_eq!(first("https://api.rutaapi.com/v1/chat/completions"), (Some(Cause::UrlEndpointPath), root));
        assert_eq!(first("https://api.rutaapi.com/v1"), (None, None));
    }

    #[test]
    fn a_root_that_a_file_lists_is_never_flagged_and_serves_its_own_host() {
        for system in SYSTEMS {
            for root in system.roots().filter(|root| !root.contains('{')) {
                let address = judge(root);
                assert!(address.facts.problems.is_empty(), "{}: {root}: {:?}", system.id, address.facts.problems);
                assert_eq!(address.suggested, None, "{}: {root}", system.id);
            }
        }
    }

    #[test]
    fn a_slip_in_the_host_finds_the_host_that_was_meant() {
        assert_eq!(judge("https://api.rutapi.com/v1").near, ["api.rutaapi.com"]);
        assert_eq!(judge("https://api.perplexity/v1").near, ["api.perplexity.ai"]);
        assert!(judge("https://llm.example.org/v1").near.is_empty());
    }
}
