//! What a server may be able to do beside plain chat, which models do it, and what a client lacks without it.

use serde_json::{Map, Value};

use super::client::Client;
use super::view::View;

/// Something beside plain chat; CONTRIBUTING.md describes the fields of its file.
#[derive(Debug)]
#[expect(missing_docs, reason = "the fields are those of the data files; CONTRIBUTING.md describes them")]
pub struct Ability {
    /// The check that shows it.
    pub id: &'static str,
    pub name: &'static str,
    /// What a client appends to the API root.
    pub path: &'static str,
    /// What kind of model it needs; empty where the chat model does it.
    pub model: &'static str,
    /// What one test costs, if more than a few tokens.
    pub costs: &'static str,
    /// What it means that it is not there.
    pub without: &'static str,
    /// The same in the words of a client.
    pub without_in: &'static [(&'static str, &'static str)],
    /// What lists call its models.
    pub kinds: &'static [&'static str],
    /// Parts of its models' names, the cheapest and best known first.
    pub names: &'static [&'static str],
    /// Parts of names that only seem to be of this kind.
    pub not: &'static [&'static str],
    /// What the smallest request carries for which model; the first row that fits.
    pub sends: &'static [Sends],
}

/// What the smallest request carries.
#[derive(Debug)]
pub struct Sends {
    /// Part of the model's name; empty for every model.
    pub to: &'static str,
    /// A JSON object.
    pub fields: &'static str,
}

impl Sends {
    const EMPTY: Self = Self { to: "", fields: "{}" };
}

/// All abilities, by ID.
pub static ABILITIES: &[Ability] = include!(concat!(env!("OUT_DIR"), "/abilities.rs"));

/// Why an ability was not asked for: the list names no model that has it.
pub const NOT_LISTED: &str = "not asked: the list has no model for it";
/// The same without a list.
pub const NOT_KNOWN: &str = "not asked: no model for it is known";

/// The ability that this check shows.
pub fn by_id(check: &str) -> Option<&'static Ability> {
    ABILITIES.iter().find(|ability| ability.id == check)
}

/// The model that is asked, and how it was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chosen<'a> {
    /// The user's own.
    Given(&'a str),
    /// One of the list.
    Listed(&'a str),
    /// The provider's usual one, which the list does not have.
    Usual(&'a str),
    /// None; there is a list without one, or no list at all.
    Unknown {
        /// Whether a list was seen.
        listed: bool,
    },
}

impl Ability {
    const EMPTY: Self = Self {
        id: "",
        name: "",
        path: "",
        model: "",
        costs: "",
        without: "",
        without_in: &[],
        kinds: &[],
        names: &[],
        not: &[],
        sends: &[],
    };

    /// What this client lacks without it.
    pub fn without(&self, client: &Client) -> &'static str {
        self.without_in.iter().find(|(id, _)| *id == client.id).map_or(self.without, |(_, words)| words)
    }

    /// The model to ask. The user's own is meant for chat, unless its name or the list says otherwise, or nothing else
    /// was asked for.
    pub fn model<'a>(&self, view: &'a View) -> Chosen<'a> {
        let entries = view.list().map_or(&[][..], |list| &list.entries);
        let kind = |id: &str| entries.iter().find(|entry| entry.id == id).and_then(|entry| entry.kind.as_deref());
        if let Some(model) = view.model()
            && (self.alone(view) || self.is_kind(kind(model)) || self.rank(model).is_some())
        {
            return Chosen::Given(model);
        }
        let told: Vec<&str> =
            entries.iter().filter(|entry| self.is_kind(entry.kind.as_deref())).map(|entry| entry.id.as_str()).collect();
        let best = |ids: &mut dyn Iterator<Item = &'a str>| {
            ids.filter_map(|id| Some((self.rank(id)?, id.len(), id))).min().map(|(_, _, id)| id)
        };
        let found = best(&mut told.iter().copied())
            .or_else(|| told.iter().copied().find(|id| !self.is_excluded(id)))
            .or_else(|| best(&mut entries.iter().map(|entry| entry.id.as_str())));
        if let Some(id) = found {
            return Chosen::Listed(id);
        }
        let usual = view.address.provider.and_then(|provider| {
            provider.other_models.iter().find(|(ability, _)| *ability == self.id).map(|(_, model)| *model)
        });
        // Who asks for it by name means it with this model.
        let named = || view.model().filter(|_| self.is_named(view)).map(Chosen::Given);
        usual.map(Chosen::Usual).or_else(named).unwrap_or(Chosen::Unknown { listed: view.list().is_some() })
    }

    /// What the smallest request to this model carries.
    pub fn fields(&self, model: &str) -> Map<String, Value> {
        let model = model.to_ascii_lowercase();
        let row = self.sends.iter().find(|row| model.contains(row.to));
        row.and_then(|row| serde_json::from_str(row.fields).ok()).unwrap_or_default()
    }

    /// Whether it is the only thing that was asked for which needs a model.
    fn alone(&self, view: &View) -> bool {
        let mut others = view.evidence.target.wanted.iter().filter(|check| *check != "models");
        !view.evidence.target.full && others.next().is_some_and(|check| check == self.id) && others.next().is_none()
    }

    /// Whether it was asked for by its name, not with all the rest.
    fn is_named(&self, view: &View) -> bool {
        !view.evidence.target.full && view.evidence.target.wanted.iter().any(|check| check == self.id)
    }

    /// Whether the list says that a model is of this kind.
    fn is_kind(&self, kind: Option<&str>) -> bool {
        kind.unwrap_or_default()
            .split([' ', ','])
            .any(|word| self.kinds.contains(&word.to_ascii_lowercase().replace('_', "-").as_str()))
    }

    fn is_excluded(&self, id: &str) -> bool {
        let id = id.to_ascii_lowercase();
        self.not.iter().any(|part| id.contains(part))
    }

    /// The place of the first part that a word of the name begins with.
    fn rank(&self, id: &str) -> Option<usize> {
        if self.is_excluded(id) {
            return None;
        }
        let id = id.to_ascii_lowercase();
        self.names.iter().position(|part| {
            id.match_indices(part).any(|(at, _)| !id[..at].ends_with(|c: char| c.is_ascii_alphanumeric()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn best<'a>(ability: &str, ids: &[&'a str]) -> Option<&'a str> {
        let ability = by_id(ability).unwrap();
        ids.iter().filter_map(|id| Some((ability.rank(id)?, id.len(), *id))).min().map(|(_, _, id)| id)
    }

    #[test]
    fn the_cheap_and_well_known_model_is_taken() {
        let ids = [
            "gpt-5.5",
            "gpt-image-1.5",
            "gpt-image-1-mini",
            "dall-e-3",
            "text-embedding-3-large",
            "text-embedding-3-small",
            "tts-1-hd",
            "gpt-4o-mini-tts-2026-01-01",
            "gpt-4o-mini-tts",
            "gpt-4o-transcribe-diarize",
            "gpt-4o-transcribe",
            "whisper-1",
            "gpt-realtime-whisper",
        ];
        assert_eq!(best("images", &ids), Some("gpt-image-1-mini"));
        assert_eq!(best("embeddings", &ids), Some("text-embedding-3-small"));
        assert_eq!(best("speech", &ids), Some("gpt-4o-mini-tts"));
        assert_eq!(best("transcription", &ids), Some("whisper-1"));
        let local = ["llama3.2:3b", "nomic-embed-text:latest", "BAAI/bge-reranker-v2-m3", "qwen2.5vl:7b"];
        assert_eq!(best("embeddings", &local), Some("nomic-embed-text:latest"));
        for ability in ["images", "speech", "transcription"] {
            assert_eq!(best(ability, &local), None, "{ability}");
        }
    }

    #[test]
    fn the_list_may_say_it_in_other_words() {
        let images = by_id("images").unwrap();
        assert!(images.is_kind(Some("openai image_generation")) && images.is_kind(Some("Image")));
        assert!(!images.is_kind(Some("openai")) && !images.is_kind(None));
    }

    #[test]
    fn the_files_are_complete() {
        for ability in ABILITIES {
            let id = ability.id;
            assert!(!ability.name.is_empty() && !ability.without.is_empty(), "{id}");
            assert!(ability.path.starts_with('/'), "{id}");
            assert_eq!(ability.model.is_empty(), ability.names.is_empty(), "{id}");
            for words in ability.names.iter().chain(ability.not).chain(ability.kinds) {
                assert_eq!(**words, words.to_ascii_lowercase(), "{id}");
            }
            for row in ability.sends {
                assert!(serde_json::from_str::<Map<String, Value>>(row.fields).is_ok(), "{id}: {}", row.fields);
            }
            for (client, _) in ability.without_in {
                assert!(super::super::client::by_id(client).is_some(), "{id}: no client {client}");
            }
        }
    }
}
