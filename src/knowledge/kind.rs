//! What a model is made for, by what a list says of it and else by its name: the facts of `kinds.toml`.

/// The words that tell.
struct Kinds {
    chat: &'static [&'static str],
    other: &'static [&'static str],
    names: &'static [&'static str],
}

static KINDS: Kinds = include!(concat!(env!("OUT_DIR"), "/kinds.rs"));

/// Whether a model can chat, as far as the list and the name tell. `kind` is what the list says, its words divided by
/// spaces.
pub fn chats(kind: Option<&str>, id: &str) -> bool {
    let said = |known: &[&str]| {
        kind.unwrap_or_default().split(' ').any(|word| {
            let word = word.to_ascii_lowercase().replace('_', "-");
            known.contains(&word.as_str())
        })
    };
    if said(KINDS.chat) {
        return true;
    }
    !said(KINDS.other) && !named_otherwise(id)
}

/// Whether a word of the name begins with a part that means something else than chat.
fn named_otherwise(id: &str) -> bool {
    let id = id.to_ascii_lowercase();
    KINDS
        .names
        .iter()
        .any(|part| id.match_indices(part).any(|(at, _)| !id[..at].ends_with(|c: char| c.is_ascii_alphanumeric())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_believed_before_the_name() {
        assert!(chats(Some("chat"), "image-describer"));
        assert!(chats(Some("text-output"), "gemini-3-flash-image"));
        assert!(chats(Some("base completion-chat no-classification"), "mistral-large"));
        assert!(!chats(Some("embedding"), "qwen3-8b"));
        assert!(!chats(Some("image-generation"), "qwen3-8b"));
        assert!(!chats(Some("no-completion-chat"), "mistral-x"));
        assert!(!chats(Some("Text-To-Speech"), "aura-2"));
    }

    #[test]
    fn a_name_tells_where_the_list_is_silent() {
        for id in [
            "text-embedding-3-large",
            "nomic-embed-text:latest",
            "openai/whisper-1",
            "gpt-4o-mini-tts",
            "dall-e-3",
            "gpt-image-1",
            "BAAI/bge-m3",
            "Qwen/Qwen3-Reranker-8B",
            "models/imagen-4.0-generate-001",
            "gpt-realtime",
            "omni-moderation-latest",
            "intfloat/multilingual-e5-large",
        ] {
            assert!(!chats(None, id), "{id}");
        }
        for id in ["gpt-5.5", "claude-sonnet-5", "llama3.2:3b", "moonshotai/kimi-k2", "wattson-tiny", "prime5-chat", ""]
        {
            assert!(chats(None, id), "{id}");
            assert!(chats(Some("openai anthropic"), id), "{id}");
            assert!(chats(Some("model"), id), "{id}");
        }
    }

    #[test]
    fn the_words_are_written_as_they_are_compared() {
        for word in KINDS.chat.iter().chain(KINDS.other).chain(KINDS.names) {
            assert!(!word.contains([' ', '_']) && *word == word.to_ascii_lowercase(), "{word}");
        }
        assert!(KINDS.chat.iter().all(|word| !KINDS.other.contains(word)));
    }
}
