//! Where the client runs: an address may mean another machine there than here, or none here at all.

use super::{Finding, RULES, Severity, Suggestion};
use crate::cause::Cause;
use crate::connection::url::{is_loopback, tidy};
use crate::evidence::failure::Kind;
use crate::evidence::span;
use crate::knowledge::view::{Sight, View};

/// Nothing could be asked from here.
pub(super) fn out_of_reach(view: &View) -> Option<Vec<Finding>> {
    view.evidence.target.out_of_reach.as_ref()?;
    let mut finding = Finding::textual(Cause::Ok, "url", String::new());
    finding.severity = Severity::None;
    finding.evidence.clear();
    Some(vec![finding])
}

/// The client's container finds itself at this address; what answers here is for the notes.
pub(super) fn own_container(view: &View) -> Option<Vec<Finding>> {
    if !finds_itself(view) {
        return None;
    }
    let mut url = view.address.written()?;
    let host = url.host_str().unwrap_or_default().to_owned();
    let said = format!("{} runs in a container, where {host} is that container itself", view.client.name);
    let mut finding = Finding::textual(Cause::UrlLocalhost, "url", said);
    if view.evidence.target.loopback_only {
        finding = finding.and("the server listens on 127.0.0.1 only, where containers do not reach it");
    }
    let heard = view.chat().or_else(|| view.of_check("models")).filter(Sight::healthy);
    if let Some(heard) = heard {
        finding = finding.and("the server does answer on this machine");
        let taken = heard.observation.timing.total.map_or_else(String::new, |total| format!(" in {}", span(total)));
        let what = match heard.check() {
            "models" => "the list of models came".to_owned(),
            _ => format!("{} answered", view.model().unwrap_or("the model")),
        };
        finding = finding.suggest(here(&mut url, Some(format!("{what}{taken}, asked from this machine"))));
    } else {
        let refused = view
            .all()
            .any(|sight| sight.observation.failure.as_ref().is_some_and(|failure| failure.kind == Kind::Refused));
        if refused {
            finding = finding.and("on this machine nothing answers there either");
        }
        finding = finding.suggest(here(&mut url, None));
    }
    let mut findings = vec![finding];
    let later = RULES.iter().skip_while(|rule| rule.name != "own-container").skip(1);
    let rest = later.filter_map(|rule| (rule.judge)(view)).find(|findings| !findings.is_empty());
    findings.extend(rest.into_iter().flatten().filter(|finding| {
        finding.severity != Severity::None && !matches!(finding.cause, Cause::UrlLocalhost | Cause::Unexplained)
    }));
    Some(findings)
}

/// The server answers here, and listens where the client's container does not reach it.
pub(super) fn unheard(view: &View) -> Option<Finding> {
    let target = &view.evidence.target;
    if !target.loopback_only || target.client_in_container {
        return None;
    }
    let said = format!(
        "the server answers on this machine, but it listens on 127.0.0.1 only, where the container of {} does not reach it",
        view.client.name
    );
    let port = view.address.written()?.port_or_known_default()?;
    Some(Finding::textual(Cause::UrlLocalhost, "url", said).with("loopback_port", port.to_string()).warning())
}

/// Whether the client's container does not reach what was asked from here: it finds itself at this address, or nothing.
pub fn is_cut_off(view: &View) -> bool {
    view.evidence.target.loopback_only || finds_itself(view)
}

fn finds_itself(view: &View) -> bool {
    let own = || view.address.written().is_some_and(|url| url.host().is_some_and(|host| is_loopback(&host)));
    view.evidence.target.client_in_container && own()
}

/// This machine, as a container knows it.
fn here(url: &mut url::Url, proof: Option<String>) -> Option<Suggestion> {
    url.set_host(Some("host.docker.internal")).ok()?;
    let tried = proof.is_some();
    Some(Suggestion { field: "base_url", value: tidy(url), tried, worked: tried, proof })
}
