//! The statements that the checks make true.

/// The statement of a check; empty for an unknown name.
pub fn title(check: &str) -> &'static str {
    TITLES.iter().find(|(name, _)| *name == check).map_or("", |(_, title)| title)
}

const TITLES: &[(&str, &str)] = &[
    ("models", "the models can be listed"),
    ("models-clean-key", "the cleaned key is accepted"),
    ("chat", "the model answers"),
    ("chat-again", "the model answers another way"),
    ("other-scheme", "the other scheme works"),
    ("models-made-up-key", "a made-up key is refused otherwise"),
    ("models-no-key", "a request without a key is refused otherwise"),
    ("twin", "another host of this provider takes the key"),
    ("other-root", "another path of this server works"),
    ("entered", "what the client asks with these values"),
    ("followed", "where a redirect leads"),
    ("stream", "the answer streams"),
    ("tools", "the model takes tools"),
    ("tools-call", "a tool call comes full circle"),
    ("parameters", "the usual settings are taken"),
    ("structured", "answers can follow a schema"),
    ("embeddings", "texts can be embedded"),
    ("speech", "texts can be spoken"),
    ("transcription", "speech can be written down"),
    ("images", "pictures can be made"),
    ("responses", "the Responses API works"),
    ("messages", "the Messages API works"),
    ("proof-models", "the corrected URL lists models"),
    ("proof-chat", "the corrected URL lets the model answer"),
    ("responses-again", "it works without ruta's limit"),
    ("proof-responses", "the corrected URL lets the model answer"),
    ("proof-messages", "the corrected URL lets the model answer"),
];
