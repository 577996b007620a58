//! Finds pieces of a secret in what was printed and in what was sent.

use ruta::connection::key::is_dummy;
use ruta::knowledge::provider::key_prefixes;
use ruta::scenario::{Received, Scenario};

use crate::stage::Ran;

/// A piece of a secret this long gives it away.
pub(crate) const PIECE: usize = 12;

/// The headers that carry a key to the server that it is meant for.
const AUTH: &[&str] = &["authorization", "x-api-key", "api-key"];

/// The pieces of a key's text that nobody may see: of each run of characters without quotes, spaces or dots, the public
/// prefix taken off.
pub(crate) fn pieces(key: &str) -> Vec<String> {
    let words = key.split(|c: char| c.is_whitespace() || !c.is_ascii() || "\"'.$".contains(c));
    let words = words.filter(|word| word.len() >= 20 && !is_dummy(word)).map(|word| {
        let prefix = key_prefixes().filter(|prefix| word.starts_with(prefix)).map(str::len).max();
        &word[prefix.unwrap_or(0)..]
    });
    words
        .flat_map(|word| word.as_bytes().windows(PIECE).map(|piece| String::from_utf8_lossy(piece).into_owned()))
        .collect()
}

/// Where a piece of the key shows in what was printed.
pub(crate) fn shown(ran: &Ran, key: &str) -> Option<String> {
    let printed = [("standard output", &ran.stdout), ("standard error", &ran.stderr)];
    let lines = printed.into_iter().flat_map(|(place, text)| text.lines().map(move |line| (place, line)));
    let pieces = pieces(key);
    lines
        .filter(|(_, line)| pieces.iter().any(|piece| line.contains(piece.as_str())))
        .map(|(place, line)| format!("{place} shows it: {}", line.trim()))
        .next()
}

/// Where a request carried the key outside its header or to another server.
pub(crate) fn strayed(scenario: &Scenario, received: &[Received], key: &str) -> Option<String> {
    let pieces = pieces(key);
    let has = |text: &str| pieces.iter().any(|piece| text.contains(piece.as_str()));
    let wrong = |request: &&Received| {
        let elsewhere = request.headers.iter().any(|(name, value)| !AUTH.contains(&name.as_str()) && has(value));
        let query = request.query.as_deref().unwrap_or_default();
        elsewhere || has(&request.path) || has(query) || has(&String::from_utf8_lossy(&request.body))
    };
    let place = |request: &Received| format!("{} {} at {:?}", request.method, request.path, request.place);
    let leak = scenario.leak(received).map(|request| format!("the key went to the wrong server: {}", place(request)));
    leak.or_else(|| received.iter().find(wrong).map(|request| format!("not only in its header: {}", place(request))))
}
