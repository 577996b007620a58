//! The clients: which URL each wants, what it calls, from where, and what it needs from a server.

/// A client's file; CONTRIBUTING.md describes the fields.
#[derive(Debug)]
#[expect(missing_docs, reason = "the fields are those of the data files; CONTRIBUTING.md describes them")]
pub struct Client {
    pub id: &'static str,
    pub name: &'static str,
    /// `with-v1`, `without-v1` or `either`: whether the base URL ends in `/v1`.
    pub url: &'static str,
    /// `dropped`, `fine`, `kept` or `unknown`: what becomes of a slash at the end of the base URL.
    pub slash: &'static str,
    /// `bearer` or `x-api-key`: how the key travels.
    pub auth: &'static str,
    /// The checks that must pass, of the names that `--only` takes.
    pub needs: &'static [&'static str],
    /// Parameters that it sends beside model and messages.
    pub sends: &'static [&'static str],
    /// `machine`, `server`, `browser` or `vendor`: where its requests start.
    pub from: &'static str,
    /// Longest wait for the list of models, in seconds; 0 for none.
    pub list_timeout: u16,
    /// Longest wait for an answer, in seconds; 0 for none.
    pub timeout: u16,
    /// Where the settings are in its user interface.
    pub place: &'static str,
    /// Name of the setting, then what it takes (`url`, `key`, `model`).
    pub fields: &'static [(&'static str, &'static str)],
    /// Files that hold the settings.
    pub files: &'static [&'static str],
    /// Variables that hold the settings.
    pub variables: &'static [(&'static str, &'static str)],
    /// What to know about it.
    pub notes: &'static [&'static str],
    /// What it shows when something fails.
    pub says: &'static [Says],
    /// Settings to print, each for one place.
    pub settings: &'static [Settings],
    /// Where these facts come from.
    pub sources: &'static [Source],
}

/// What a client shows when something fails.
#[derive(Debug)]
#[expect(missing_docs, reason = "the fields are those of the data files; CONTRIBUTING.md describes them")]
pub struct Says {
    pub when: &'static str,
    pub text: &'static str,
    pub meaning: &'static str,
}

/// The smallest correct settings for one place.
#[derive(Debug)]
#[expect(missing_docs, reason = "the fields are those of the data files; CONTRIBUTING.md describes them")]
pub struct Settings {
    pub title: &'static str,
    /// `toml`, `json`, `yaml`, `env`, `shell` or `text`.
    pub format: &'static str,
    pub file: &'static str,
    pub body: &'static str,
}

/// Where a fact comes from.
#[derive(Debug)]
#[expect(missing_docs, reason = "the fields are those of the data files; CONTRIBUTING.md describes them")]
pub struct Source {
    pub of: &'static str,
    pub version: &'static str,
    pub seen: &'static str,
}

impl Client {
    const EMPTY: Self = Self {
        id: "",
        name: "",
        url: "with-v1",
        slash: "unknown",
        auth: "bearer",
        needs: &[],
        sends: &[],
        from: "machine",
        list_timeout: 0,
        timeout: 0,
        place: "",
        fields: &[],
        files: &[],
        variables: &[],
        notes: &[],
        says: &[],
        settings: &[],
        sources: &[],
    };

    /// What the client puts between the base URL and an endpoint such as `/chat/completions`.
    pub fn adds(&self, base_url: &str) -> &'static str {
        let path = base_url.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
        let versioned = path.rsplit('/').next().is_some_and(crate::connection::url::is_version);
        match self.url {
            "without-v1" => "/v1",
            "either" if !versioned => "/v1",
            _ => "",
        }
    }

    /// The API root that the client makes of this base URL.
    pub fn root(&self, base_url: &str) -> String {
        match self.adds(base_url) {
            "" => base_url.to_owned(),
            adds => format!("{}{adds}", base_url.trim_end().trim_end_matches('/')),
        }
    }

    /// The value to enter for this API root.
    pub fn enter(&self, root: &str) -> String {
        if self.url == "without-v1" { root.strip_suffix("/v1").unwrap_or(root).to_owned() } else { root.to_owned() }
    }
}

/// All clients, by ID.
pub static CLIENTS: &[Client] = include!(concat!(env!("OUT_DIR"), "/clients.rs"));

/// The client that is meant when none is named.
pub const USUAL: &str = "open-webui";

/// The client of this ID; an ID of a recording that is not known is treated as the usual one.
pub fn of(id: &str) -> &'static Client {
    static NONE: Client = Client::EMPTY;
    by_id(id).or_else(|| by_id(USUAL)).unwrap_or(&NONE)
}

/// The client of this ID or name, however it is written.
pub fn by_id(text: &str) -> Option<&'static Client> {
    let plain = |text: &str| -> String {
        text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
    };
    let wanted = plain(text);
    CLIENTS.iter().find(|client| plain(client.id) == wanted || plain(client.name) == wanted)
}

/// The client whose ID is nearest to a mistyped one.
pub fn near(text: &str) -> Option<&'static str> {
    let text = text.to_ascii_lowercase();
    CLIENTS
        .iter()
        .map(|client| (strsim::jaro_winkler(client.id, &text), client.id))
        .filter(|(score, _)| *score > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, id)| id)
}
