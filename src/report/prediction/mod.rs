//! What the client will do with these values, before they are entered there.

mod open_webui;

use serde::Serialize;

use super::SuggestionReport;
use crate::knowledge::view::View;

/// What the client will show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Prediction {
    /// The client's ID.
    pub client: String,
    /// What its own check of the connection ends in: `verified`, `silent` or `error`.
    #[schemars(extend("enum" = ["verified", "silent", "error", null]))]
    pub verify: Option<&'static str>,
    /// What its own check of the connection says.
    pub verify_says: Option<String>,
    /// Whether its menu will have models of this connection.
    pub models_listed: Option<bool>,
    /// Whether the model is among them.
    pub model_in_menu: Option<bool>,
    /// Whether this list makes the models of every other connection vanish, too.
    pub breaks_all_lists: bool,
    /// What a chat ends in: `reply`, `error`, `empty` or `endless`; `None` where it was not seen.
    #[schemars(extend("enum" = ["reply", "error", "empty", "endless", null]))]
    pub chat: Option<&'static str>,
    /// The text of the error that a chat shows.
    pub chat_says: Option<String>,
    /// What a chat ends in once the model's ID is entered by hand, where that changes anything.
    pub with_model_ids: Option<WithModelIds>,
    /// All of this in a sentence or two.
    pub say: String,
    /// What to enter there.
    pub enter: Enter,
}

/// A chat with a model whose ID was entered by hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct WithModelIds {
    /// `reply`, `error`, `empty` or `endless`.
    #[schemars(extend("enum" = ["reply", "error", "empty", "endless"]))]
    pub chat: &'static str,
    /// The text of the error that it shows.
    pub chat_says: Option<String>,
}

/// The values to enter in the client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Enter {
    /// The base URL; `None` where none is known that works.
    pub url: Option<String>,
    /// IDs for the client's list of model IDs; empty where the client finds the models itself.
    pub model_ids: Vec<String>,
}

/// What the chosen client will do; `None` where no rules for it are known, or nothing was seen to judge by.
pub(super) fn predict(view: &View, suggestion: Option<&SuggestionReport>) -> Option<Prediction> {
    if view.evidence.origin.elsewhere() || view.client.id != crate::knowledge::open_webui::ID {
        return None;
    }
    open_webui::predict(view, suggestion)
}
