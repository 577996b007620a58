//! Fills a client's settings with the values of a connection, each value written as the form of the file wants it.

use super::client::{Client, Settings};

/// What goes into settings; the key itself is never among it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Values {
    /// The base URL as this client wants it.
    pub url: String,
    /// The model ID.
    pub model: String,
    /// The variable that holds the key.
    pub key_env: String,
    /// A short name for the server: letters, digits and hyphens.
    pub name: String,
    /// A name of the server for people.
    pub title: String,
}

/// The forms that settings have.
pub const FORMS: &[&str] = &["text", "toml", "json", "yaml", "shell"];

/// Names that clients keep for themselves.
const TAKEN: &[&str] = &["openai", "anthropic", "ollama", "lmstudio", "oss", "amazon-bedrock", "azure", "google"];

/// A short name that every client takes, made of any text.
pub fn short_name(text: &str) -> String {
    let plain: String =
        text.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect();
    let plain = plain.split('-').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-");
    match plain.as_str() {
        "" => "ruta".to_owned(),
        taken if TAKEN.contains(&taken) => format!("my-{taken}"),
        _ => plain,
    }
}

impl Values {
    /// The variable in which clients look for the key of a server of this name.
    pub fn name_env(&self) -> String {
        format!("{}_API_KEY", self.name.to_ascii_uppercase().replace('-', "_"))
    }

    fn get(&self, placeholder: &str) -> Option<String> {
        Some(match placeholder {
            "url" => self.url.clone(),
            "model" => self.model.clone(),
            "key_env" => self.key_env.clone(),
            "name" => self.name.clone(),
            "title" => self.title.clone(),
            "name_env" => self.name_env(),
            _ => return None,
        })
    }
}

/// The settings of a client with these values, without those that would say nothing.
pub fn filled(client: &'static Client, values: &Values) -> Vec<(&'static Settings, String)> {
    let nothing = format!("export {0}=\"${0}\"\n", values.key_env);
    client.settings.iter().map(|form| (form, fill(form, values))).filter(|(_, body)| *body != nothing).collect()
}

/// One form with these values. What stands in braces and is no placeholder stays as it is.
pub fn fill(form: &Settings, values: &Values) -> String {
    let mut out = String::new();
    let mut rest = form.body.trim_start_matches('\n');
    while let Some(at) = rest.find('{') {
        out.push_str(&rest[..at]);
        let end = rest[at + 1..].find(|c: char| !c.is_ascii_lowercase() && c != '_').map(|end| at + 1 + end);
        let known = end.filter(|end| rest[*end..].starts_with('}'));
        match known.and_then(|end| Some((end, values.get(&rest[at + 1..end])?))) {
            // The name of a variable is no text: it stands as it is.
            Some((end, value)) if rest[at..end].ends_with("env") => {
                out.push_str(&value);
                rest = &rest[end + 1..];
            }
            Some((end, value)) => {
                out.push_str(&written(&value, form.format));
                rest = &rest[end + 1..];
            }
            None => {
                out.push('{');
                rest = &rest[at + 1..];
            }
        }
    }
    out.push_str(rest);
    out
}

/// A value as it stands in this form: inside double quotes in files, as one word in a shell.
fn written(value: &str, format: &str) -> String {
    match format {
        "toml" | "json" | "yaml" => value.replace('\\', "\\\\").replace('"', "\\\""),
        "shell" => shell_words::quote(value).into_owned(),
        _ => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_and_not_taken() {
        for (text, name) in
            [("Work", "work"), ("my.gateway_2", "my-gateway-2"), ("..", "ruta"), ("OpenAI", "my-openai"), ("ä", "ruta")]
        {
            assert_eq!(short_name(text), name, "{text}");
        }
    }

    #[test]
    fn a_value_is_never_read_as_a_placeholder() {
        let form = Settings { title: "", format: "json", file: "", body: "{\"{model}\":{env:{key_env}},{ url }}" };
        let values = Values {
            url: "https://h".into(),
            model: "{url}\"\\".into(),
            key_env: "RUTA_API_KEY".into(),
            name: "ruta".into(),
            title: "h".into(),
        };
        assert_eq!(fill(&form, &values), "{\"{url}\\\"\\\\\":{env:RUTA_API_KEY},{ url }}");
    }
}
