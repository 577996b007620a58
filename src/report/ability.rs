//! One ability of the server as a report shows it.

use serde::Serialize;

use crate::diagnose::abilities::{Outcome, Turned};
use crate::knowledge::ability::{NOT_KNOWN, NOT_LISTED};
use crate::knowledge::view::View;

/// Something that the server can do beside plain chat, or not.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct AbilityReport {
    /// The check that shows it.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// `works`, `refused`, `not-there` or `not-tested`.
    #[schemars(extend("enum" = ["works", "refused", "not-there", "not-tested"]))]
    pub result: &'static str,
    /// What was seen, in a few words.
    pub detail: String,
    /// The settings that are refused, where these are the matter.
    pub refused: Vec<String>,
    /// What that means for the client, or how it can be tested.
    pub means: Option<String>,
}

impl AbilityReport {
    /// Puts an outcome into words.
    pub(super) fn of(view: &View, outcome: &Outcome) -> Self {
        let ability = outcome.ability;
        let result = match outcome.turned {
            Turned::Works => "works",
            Turned::Refused => "refused",
            Turned::NotThere => "not-there",
            Turned::NotTested => "not-tested",
        };
        let nameless = || matches!(outcome.detail.as_str(), NOT_LISTED | NOT_KNOWN);
        let means = match outcome.turned {
            Turned::Works => None,
            Turned::NotThere => Some(ability.without(view.client).to_owned()),
            // An endpoint that refuses one request may take another.
            Turned::Refused if ability.path == "/chat/completions" => Some(ability.without(view.client).to_owned()),
            Turned::Refused => Some(format!("until this is solved, {}", ability.without(view.client))),
            Turned::NotTested => nameless().then(|| "name one with --only CHECK --model ID".to_owned()),
        };
        Self {
            id: ability.id.to_owned(),
            name: ability.name.to_owned(),
            result,
            detail: outcome.detail.clone(),
            refused: outcome.refused.iter().map(|name| (*name).to_owned()).collect(),
            means,
        }
    }
}
