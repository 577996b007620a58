//! What the client will do with these values, before they are entered there.

use serde::Serialize;

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
    /// Whether its menu will have the models.
    pub models_listed: Option<bool>,
    /// Whether this list makes the models of every other connection vanish, too.
    pub breaks_all_lists: bool,
    /// What a chat ends in: `reply`, `error`, `empty` or `endless`; `None` where it was not seen.
    #[schemars(extend("enum" = ["reply", "error", "empty", "endless", null]))]
    pub chat: Option<&'static str>,
    /// The text of the error that a chat shows.
    pub chat_says: Option<String>,
    /// All of this in a sentence or two.
    pub say: String,
    /// What to enter there.
    pub enter: Enter,
}

/// The values to enter in the client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Enter {
    /// The base URL.
    pub url: Option<String>,
    /// IDs for the client's list of model IDs; empty where the client finds the models itself.
    pub model_ids: Vec<String>,
}

/// What the chosen client will do; `None` where no rules for it are known.
pub fn predict(_view: &View) -> Option<Prediction> {
    None
}
