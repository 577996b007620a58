//! Completes what was found: the base URL of a provider that the settings only name, and names that tell all apart.

use std::collections::HashSet;

use crate::connection::foreign::Found;
use crate::connection::scrub::one_line;
use crate::connection::url::redact;
use crate::knowledge::provider::SYSTEMS;

/// Longest name of a host in the name of a connection.
const HOST: usize = 60;

/// Gives each connection its base URL and a name of its own.
pub(super) fn complete(found: &mut [Found]) {
    let mut taken = HashSet::new();
    for row in found {
        if row.connection.base_url.is_none()
            && let Some(url) = row.provider.as_deref().and_then(base_url)
        {
            row.connection.base_url = Some(url.to_owned());
        }
        if row.connection.base_url.is_none() && row.skipped.is_none() {
            let provider = row.provider.as_deref().filter(|provider| !provider.is_empty());
            row.skipped = Some(provider.map_or_else(
                || "it has no base URL".to_owned(),
                |provider| {
                    format!("it has no base URL, and ruta does not know the address of {}", one_line(provider, 60))
                },
            ));
        }
        let place = row.connection.name.take().unwrap_or_default();
        let place = one_line(&place, 80);
        let host = row.connection.base_url.as_deref().map(redact).and_then(|url| host(&url));
        let name = host.map_or_else(|| place.clone(), |host| format!("{place} ({host})"));
        let mut own = name.clone();
        let mut count = 1;
        while !taken.insert(own.clone()) {
            count += 1;
            own = format!("{name} {count}");
        }
        row.connection.name = Some(own);
    }
}

/// The API root of a provider that settings call by a name of its own.
pub(super) fn base_url(provider: &str) -> Option<&'static str> {
    let id = match provider {
        "google" | "google-generative-ai" => "gemini",
        "togetherai" | "together_ai" => "together",
        "fireworks-ai" | "fireworks_ai" => "fireworks",
        "moonshotai" | "kimi" => "moonshot",
        "lmstudio" => "lm-studio",
        "alibaba" | "qwen" => "dashscope",
        "zai" | "zai-org" | "zhipuai" => "zhipu",
        "huggingface-tgi" => "tgi",
        "github" => "github-models",
        other => other,
    };
    let system = SYSTEMS.iter().find(|system| system.id == id)?;
    (!system.base_url.is_empty() && !system.base_url.contains('{')).then_some(system.base_url)
}

/// The host and a port that is not the usual one.
fn host(url: &str) -> Option<String> {
    let url = url::Url::parse(url.trim()).ok()?;
    let host = url.host_str().filter(|host| !host.is_empty())?;
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    Some(one_line(&format!("{host}{port}"), HOST))
}
