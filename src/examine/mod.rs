//! The examination: all network I/O, in the order of the table of checks.

mod asides;
pub mod ask;
pub mod checks;
mod extras;
mod failure;
mod follow;
mod form;
pub mod http;
mod long;
mod make;
mod probe;
pub mod proxy;
mod run;
mod settings;
mod shape;
mod talk;
mod tls;
mod tools;
mod trace;

use std::cell::RefCell;
use std::time::{Instant, SystemTime};

use crate::connection::Connection;
use crate::connection::key::{self, KeyFacts};
use crate::connection::url::redact;
use crate::evidence::{Evidence, Origin, ProxyFacts, SCHEMA, Target, Way};
use crate::knowledge::view::View;
use crate::knowledge::{client, provider};
use ask::Limits;
use http::Sender;
use run::Run;

/// What the user wants to be checked.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Names of the checks to run, of [`CHECKS`](crate::evidence::CHECKS).
    pub wanted: Vec<&'static str>,
    /// Whether they are wanted because everything is.
    pub full: bool,
    /// Limits and circumstances.
    pub limits: Limits,
}

/// What is going on, for a spinner or a log.
#[derive(Debug)]
pub enum Progress<'a> {
    /// A request is about to be sent.
    Asking(&'a ask::Ask),
    /// What came back.
    Seen(&'a crate::evidence::Observation),
}

/// Runs the checks and returns what was seen. A connection that does not work is a successful examination.
///
/// # Errors
/// A sentence for people if ruta itself cannot do its work: an unusable `--cacert` file, an unknown `--connect-to` host.
pub async fn examine(
    connection: &Connection,
    plan: &Plan,
    progress: impl FnMut(Progress<'_>),
) -> Result<Evidence, String> {
    let started = Instant::now();
    let sender = Sender::new(connection, &plan.limits)?;
    let mut view = View::of(Evidence {
        schema: SCHEMA,
        ruta: env!("CARGO_PKG_VERSION").to_owned(),
        platform: Some(format!("{} {}", std::env::consts::OS, std::env::consts::ARCH)),
        started_at: humantime::format_rfc3339_millis(SystemTime::now()).to_string(),
        duration_ms: 0,
        anonymized: false,
        origin: Origin::Examined,
        target: target(connection, plan, &sender),
        observations: Vec::new(),
    });
    view.evidence.target.key_withheld = checks::withheld(&view);
    let root = client::of(&connection.client).root(connection.base_url.as_deref().unwrap_or_default());
    let run = Run {
        sender,
        plan,
        base_url: root.trim().to_owned(),
        progress: RefCell::new(progress),
        view: RefCell::new(view),
    };
    run.all().await;
    let mut evidence = run.view.into_inner().evidence;
    evidence.duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    Ok(evidence)
}

/// What may be written down of the flags that change the way to the server.
fn way(limits: &Limits, sender: &Sender<'_>) -> Way {
    Way {
        cacert: limits.cacert.as_ref().map(|file| sender.scrub(&file.to_string_lossy())),
        connect_to: limits.connect_to.iter().map(|rule| sender.scrub(&rule.to_string())).collect(),
        direct: limits.noproxy.is_some() || limits.proxy.as_deref() == Some(""),
    }
}

/// What may be written down about the three values.
fn target(connection: &Connection, plan: &Plan, sender: &Sender<'_>) -> Target {
    let key: Option<KeyFacts> = connection
        .key
        .as_ref()
        .zip(connection.key_source.clone())
        .map(|(text, source)| key::read(text, source, provider::key_prefixes()));
    let base_url = connection.base_url.as_deref().map(|raw| sender.scrub(&redact(raw)));
    let bare =
        plan.limits.proxy.is_none() && plan.limits.variables.value.as_ref().is_some_and(|value| !value.contains("://"));
    let proxy = connection.base_url.as_deref().and_then(|raw| sender.proxy_for(raw.trim())).map(|url| ProxyFacts {
        url,
        source: plan.limits.proxy_source.clone(),
        bare,
    });
    let mut proxy_remarks = plan.limits.variables.remarks.clone();
    if plan.limits.proxy.is_some() {
        proxy_remarks.clear();
    }
    Target {
        base_url,
        key,
        model: connection.model.as_deref().map(|model| {
            if crate::connection::url::looks_like_key(model) { redact(model) } else { sender.scrub(model) }
        }),
        client: connection.client.clone(),
        timeout_s: plan.limits.timeout.as_secs_f64(),
        connect_timeout_s: plan.limits.connect_timeout.as_secs_f64(),
        headers: connection.headers.iter().map(|(name, _)| name.clone()).collect(),
        proxy,
        proxy_remarks,
        wanted: plan.wanted.iter().map(|check| (*check).to_owned()).collect(),
        full: plan.full,
        in_container: plan.limits.in_container,
        client_in_container: connection.place.in_container,
        loopback_only: connection.place.loopback_only,
        found: connection.place.found,
        models_by_hand: connection.place.models_by_hand,
        out_of_reach: connection.place.out_of_reach.clone(),
        key_withheld: None,
        name: connection.name.clone(),
        remarks: connection.remarks.clone(),
        waited: None,
        client_assumed: connection.place.assumed,
        way: way(&plan.limits, sender),
    }
}
