//! The clients: which URL each wants, what it calls, from where, and what it needs from a server.

use crate::cause::Cause;
use crate::connection::near::near_name;
use crate::connection::url::{ENDPOINTS, is_version};

/// A client's file; CONTRIBUTING.md describes the fields.
#[derive(Debug)]
#[expect(missing_docs, reason = "the fields are those of the data files; CONTRIBUTING.md describes them")]
pub struct Client {
    pub id: &'static str,
    pub name: &'static str,
    /// `with-v1`, `without-v1` or `either`: whether the base URL ends in `/v1`.
    pub url: &'static str,
    /// What becomes of a slash at the end of the base URL: `dropped`, `fine` (no double slash), `kept`, `varies` (from
    /// one place of the settings to the other) or `unknown`.
    pub slash: &'static str,
    /// Whether it puts https:// in front of a URL that has no scheme.
    pub adds_scheme: bool,
    /// The sign at the end of the base URL that means: this is the URL of the endpoint, add nothing.
    pub literal: &'static str,
    /// `bearer` or `x-api-key`: how the key travels.
    pub auth: &'static str,
    /// What it calls below its API root, by the names of the checks: `POST /chat/completions`.
    pub calls: &'static [(&'static str, &'static str)],
    /// The checks that must pass, of the names that `--only` takes.
    pub needs: &'static [&'static str],
    /// Parameters that it sends beside model and messages.
    pub sends: &'static [&'static str],
    /// Whether a stream that is not whole ends in an error there.
    pub strict_stream: bool,
    /// `machine`, `server`, `browser` or `vendor`: where its requests start.
    pub from: &'static str,
    /// Longest wait for the list of models, in seconds; 0 if none is known.
    pub list_timeout: u16,
    /// Longest wait for an answer, in seconds; 0 if none is known.
    pub timeout: u16,
    /// Where the settings are: a path in its user interface, or its file.
    pub place: &'static str,
    /// Name of the setting, then what it takes (`url`, `key`, `model`).
    pub fields: &'static [(&'static str, &'static str)],
    /// Files that hold the settings.
    pub files: &'static [&'static str],
    /// Variables that hold the settings.
    pub variables: &'static [(&'static str, &'static str)],
    /// What to know about it.
    pub notes: &'static [&'static str],
    /// For a cause, lines of the fix that are about this client alone.
    pub advice: &'static [(Cause, &'static [&'static str])],
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
    /// One of [`super::settings::FORMS`].
    pub format: &'static str,
    /// The file that they belong into; empty if they are entered or exported.
    pub file: &'static str,
    pub body: &'static str,
}

impl Settings {
    const EMPTY: Self = Self { title: "", format: "text", file: "", body: "" };
}

/// Where facts come from.
#[derive(Debug)]
#[expect(missing_docs, reason = "the fields are those of the data files; CONTRIBUTING.md describes them")]
pub struct Source {
    /// The fields of the file that it proves.
    pub of: &'static [&'static str],
    pub version: &'static str,
    pub seen: &'static str,
}

impl Client {
    const EMPTY: Self = Self {
        id: "",
        name: "",
        url: "with-v1",
        slash: "unknown",
        adds_scheme: false,
        literal: "",
        auth: "bearer",
        calls: &[],
        needs: &[],
        sends: &[],
        strict_stream: false,
        from: "machine",
        list_timeout: 0,
        timeout: 0,
        place: "",
        fields: &[],
        files: &[],
        variables: &[],
        notes: &[],
        advice: &[],
        says: &[],
        settings: &[],
        sources: &[],
    };

    /// The check of the endpoint at which it lets the model speak: `chat`, `responses` or `messages`.
    pub fn speaks_at(&self) -> &'static str {
        ["chat", "responses", "messages"].into_iter().find(|check| self.needs(check)).unwrap_or("chat")
    }

    /// Whether this check must pass.
    pub fn needs(&self, check: &str) -> bool {
        self.needs.contains(&check)
    }

    /// Whether it sends this parameter.
    pub fn sends(&self, parameter: &str) -> bool {
        self.sends.contains(&parameter)
    }

    /// What it appends to its API root for this check; `None` if it never calls that.
    pub fn path(&self, check: &str) -> Option<&'static str> {
        let (_, call) = self.calls.iter().find(|(known, _)| *known == check)?;
        call.split_once(' ').map(|(_, path)| path)
    }

    /// The name of the setting that takes the `url`, the `key` or the `model`.
    pub fn field(&self, what: &str) -> Option<&'static str> {
        self.fields.iter().chain(self.variables).find(|(_, takes)| *takes == what).map(|(name, _)| *name)
    }

    /// What the client puts between the base URL and an endpoint such as `/chat/completions`.
    pub fn adds(&self, base_url: &str) -> &'static str {
        let path = base_url.split(['?', '#']).next().unwrap_or_default();
        let path = path.split_once("://").map_or(path, |(_, rest)| rest);
        match self.url {
            "without-v1" => "/v1",
            "either" if !path.split('/').skip(1).any(is_version) && !self.is_literal(base_url) => "/v1",
            _ => "",
        }
    }

    /// Whether the base URL says of itself that nothing is to be added.
    fn is_literal(&self, base_url: &str) -> bool {
        !self.literal.is_empty() && base_url.trim_end().ends_with(self.literal)
    }

    /// The API root that the client makes of this base URL.
    pub fn root(&self, base_url: &str) -> String {
        if base_url.trim().is_empty() {
            return base_url.to_owned();
        }
        if self.is_literal(base_url) {
            let url = base_url.trim_end().trim_end_matches(self.literal);
            let endpoint = ENDPOINTS.iter().find_map(|endpoint| url.strip_suffix(endpoint));
            return endpoint.map_or_else(|| base_url.to_owned(), |root| root.trim_end_matches('/').to_owned());
        }
        let begins = base_url.trim_start().to_ascii_lowercase();
        let schemed = if self.adds_scheme && !begins.starts_with("http") && !begins.contains("://") {
            format!("https://{}", base_url.trim_start())
        } else {
            base_url.to_owned()
        };
        let adds = self.adds(&schemed);
        let whole = if adds.is_empty() { schemed.as_str() } else { schemed.trim_end() };
        let drops = matches!(self.slash, "dropped" | "fine");
        format!("{}{adds}", whole.strip_suffix('/').filter(|_| drops).unwrap_or(whole))
    }

    /// The value to enter for this API root.
    pub fn enter(&self, root: &str) -> String {
        match self.url {
            "without-v1" => root.strip_suffix("/v1").unwrap_or(root).to_owned(),
            "either" if !self.adds(root).is_empty() && !self.literal.is_empty() => {
                format!("{root}/chat/completions{}", self.literal)
            }
            _ => root.to_owned(),
        }
    }

    /// Whether there is a value at all that leads to this API root.
    pub fn reaches(&self, root: &str) -> bool {
        self.root(&self.enter(root)).trim_end_matches('/') == root.trim_end_matches('/')
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
    near_name(text, CLIENTS.iter().map(|client| client.id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_client_makes_its_own_root() {
        for (client, entered, root) in [
            ("open-webui", "https://h/v1", "https://h/v1"),
            ("open-webui", "https://h/v1/", "https://h/v1/"),
            ("cline", "https://h/v1/", "https://h/v1"),
            ("claude-code", "https://h", "https://h/v1"),
            ("claude-code", "https://h/", "https://h/v1"),
            ("claude-code", "https://h/v1", "https://h/v1/v1"),
            ("nextchat", "h.example/", "https://h.example/v1"),
            ("nextchat", "http://h", "http://h/v1"),
            ("cherry-studio", "https://h", "https://h/v1"),
            ("cherry-studio", "https://h/v1/", "https://h/v1"),
            ("cherry-studio", "https://h/v1beta/openai", "https://h/v1beta/openai"),
            ("cherry-studio", "https://v1.example", "https://v1.example/v1"),
            ("cherry-studio", "https://h/api/chat/completions#", "https://h/api"),
        ] {
            assert_eq!(of(client).root(entered), root, "{client} with {entered}");
        }
    }

    #[test]
    fn what_is_entered_leads_back_to_the_root_or_is_known_not_to() {
        for client in CLIENTS {
            for root in ["https://h/v1", "https://h/openai/v1", "https://h/api/v1"] {
                assert!(client.reaches(root), "{} with {root}", client.id);
            }
        }
        assert!(of("cherry-studio").reaches("https://h"));
        assert!(!of("nextchat").reaches("https://h/v1beta/openai"));
    }

    #[test]
    fn clients_are_found_however_they_are_written() {
        for text in ["Claude Code", "claude-code", "claudecode", "CLAUDE_CODE"] {
            assert_eq!(by_id(text).map(|client| client.id), Some("claude-code"), "{text}");
        }
        assert_eq!(near("opne-webui"), Some("open-webui"));
    }
}
