//! The connections of Open `WebUI`'s single features: embeddings, speech, transcription, images.

use super::Found;
use super::open_webui::{Settings, USUAL_URL, azure_root};
use crate::connection::Connection;
use crate::connection::key::ApiKey;
use crate::connection::place::Place;

/// Names in the database and in exports, and the variables.
pub(super) const FIELDS: &[(&str, &str)] = &[
    ("rag.embedding_engine", "RAG_EMBEDDING_ENGINE"),
    ("rag.embedding_model", "RAG_EMBEDDING_MODEL"),
    ("rag.openai.api_base_url", "RAG_OPENAI_API_BASE_URL"),
    ("rag.openai.api_key", "RAG_OPENAI_API_KEY"),
    ("rag.azure_openai.base_url", "RAG_AZURE_OPENAI_BASE_URL"),
    ("rag.azure_openai.api_key", "RAG_AZURE_OPENAI_API_KEY"),
    ("rag.azure_openai.api_version", "RAG_AZURE_OPENAI_API_VERSION"),
    ("audio.tts.engine", "AUDIO_TTS_ENGINE"),
    ("audio.tts.model", "AUDIO_TTS_MODEL"),
    ("audio.tts.openai.api_base_url", "AUDIO_TTS_OPENAI_API_BASE_URL"),
    ("audio.tts.openai.api_key", "AUDIO_TTS_OPENAI_API_KEY"),
    ("audio.stt.engine", "AUDIO_STT_ENGINE"),
    ("audio.stt.model", "AUDIO_STT_MODEL"),
    ("audio.stt.openai.api_base_url", "AUDIO_STT_OPENAI_API_BASE_URL"),
    ("audio.stt.openai.api_key", "AUDIO_STT_OPENAI_API_KEY"),
    ("image_generation.enable", "ENABLE_IMAGE_GENERATION"),
    ("image_generation.engine", "IMAGE_GENERATION_ENGINE"),
    ("image_generation.model", "IMAGE_GENERATION_MODEL"),
    ("image_generation.openai.api_base_url", "IMAGES_OPENAI_API_BASE_URL"),
    ("image_generation.openai.api_key", "IMAGES_OPENAI_API_KEY"),
    ("images.edit.enable", "ENABLE_IMAGE_EDIT"),
    ("images.edit.engine", "IMAGE_EDIT_ENGINE"),
    ("images.edit.model", "IMAGE_EDIT_MODEL"),
    ("images.edit.openai.api_base_url", "IMAGES_EDIT_OPENAI_API_BASE_URL"),
    ("images.edit.openai.api_key", "IMAGES_EDIT_OPENAI_API_KEY"),
];

/// A feature with a connection of its own.
struct Feature {
    name: &'static str,
    /// What must be switched on, where it is not on by itself.
    enable: Option<&'static str>,
    engine: &'static str,
    /// The engine that uses the connection, and whether it is the usual one.
    wanted: (&'static str, bool),
    url: &'static str,
    key: &'static str,
    version: Option<&'static str>,
    /// Where the model stands, and which one is used where none is set.
    model: (&'static str, &'static str),
    checks: &'static [&'static str],
}

const FEATURES: &[Feature] = &[
    Feature {
        name: "embeddings",
        enable: None,
        engine: "rag.embedding_engine",
        wanted: ("openai", false),
        url: "rag.openai.api_base_url",
        key: "rag.openai.api_key",
        version: None,
        model: ("rag.embedding_model", "sentence-transformers/all-MiniLM-L6-v2"),
        checks: &["embeddings"],
    },
    Feature {
        name: "embeddings",
        enable: None,
        engine: "rag.embedding_engine",
        wanted: ("azure_openai", false),
        url: "rag.azure_openai.base_url",
        key: "rag.azure_openai.api_key",
        version: Some("rag.azure_openai.api_version"),
        model: ("rag.embedding_model", "sentence-transformers/all-MiniLM-L6-v2"),
        checks: &["embeddings"],
    },
    Feature {
        name: "speech",
        enable: None,
        engine: "audio.tts.engine",
        wanted: ("openai", false),
        url: "audio.tts.openai.api_base_url",
        key: "audio.tts.openai.api_key",
        version: None,
        model: ("audio.tts.model", "tts-1"),
        checks: &["speech"],
    },
    Feature {
        name: "transcription",
        enable: None,
        engine: "audio.stt.engine",
        wanted: ("openai", false),
        url: "audio.stt.openai.api_base_url",
        key: "audio.stt.openai.api_key",
        version: None,
        model: ("audio.stt.model", ""),
        checks: &["transcription"],
    },
    Feature {
        name: "images",
        enable: Some("image_generation.enable"),
        engine: "image_generation.engine",
        wanted: ("openai", true),
        url: "image_generation.openai.api_base_url",
        key: "image_generation.openai.api_key",
        version: None,
        model: ("image_generation.model", "dall-e-2"),
        checks: &["images"],
    },
    Feature {
        name: "image edits",
        enable: Some("images.edit.enable"),
        engine: "images.edit.engine",
        wanted: ("openai", true),
        url: "images.edit.openai.api_base_url",
        key: "images.edit.openai.api_key",
        version: None,
        model: ("images.edit.model", ""),
        // An edit needs a picture, and costs as much as one.
        checks: &["models"],
    },
];

/// The connections of the features that are in use. `paired` are the URLs and keys of the connections for chat.
pub(super) fn found(settings: &Settings, paired: &[(&str, &str)]) -> Vec<Found> {
    FEATURES.iter().filter(|feature| in_use(settings, feature)).map(|feature| of(settings, feature, paired)).collect()
}

fn in_use(settings: &Settings, feature: &Feature) -> bool {
    let engine = settings.text(feature.engine).map(|(engine, _)| engine);
    feature.enable.is_none_or(|path| settings.flag(path) == Some(true))
        && engine.map_or(feature.wanted.1, |engine| engine == feature.wanted.0)
}

fn of(settings: &Settings, feature: &Feature, paired: &[(&str, &str)]) -> Found {
    let mut remarks = vec![format!("Open WebUI uses it for {}", feature.name)];
    let url = settings.text(feature.url).map(|(url, _)| url);
    if url.is_none() && feature.version.is_none() {
        let variable = FIELDS.iter().find(|(path, _)| *path == feature.url).map_or("", |(_, name)| name);
        remarks.push(format!("{variable} is not set, and the URL for chat is not used in its place"));
    }
    let usual = if feature.version.is_some() { "" } else { USUAL_URL };
    let model = settings.text(feature.model.0).map_or(feature.model.1, |(model, _)| model);
    let mut base_url = url.unwrap_or(usual).to_owned();
    if let Some((version, _)) = feature.version.and_then(|path| settings.text(path)) {
        base_url = azure_root(base_url.trim_end_matches('/'), version, Some(model));
    }
    // Without a key of its own it has the one that stands beside OpenAI's own URL.
    let (key, source) = if let Some((key, source)) = settings.text(feature.key) {
        (key, Some(source.clone()))
    } else {
        let key = paired.iter().find(|(url, _)| *url == USUAL_URL).map_or("", |(_, key)| *key);
        (key, settings.keys_source())
    };
    if model.is_empty() && feature.checks != ["models"] {
        remarks.push("no model is set for it".to_owned());
    }
    let key = Some(key).filter(|key| !key.is_empty()).map(|key| ApiKey::new(key.to_owned()));
    Found {
        connection: Connection {
            name: Some(format!("open-webui {}", feature.name)),
            base_url: Some(base_url),
            key_source: source.filter(|_| key.is_some()),
            key,
            model: Some(model.to_owned()).filter(|model| !model.is_empty()),
            client: "open-webui".to_owned(),
            headers: Vec::new(),
            remarks,
            place: Place { checks: feature.checks.to_vec(), ..Place::default() },
        },
        provider: None,
        skipped: None,
    }
}
