//! Values of arguments: seconds, headers, addresses, clients.

use std::ffi::OsStr;
use std::time::Duration;

use clap::builder::{PossibleValue, StringValueParser, TypedValueParser};
use clap::{Arg, Command};

use crate::examine::ask::ConnectTo;
use crate::knowledge::client::{self, Client};

/// Takes any text, and tells a shell which values there are.
#[derive(Clone)]
pub(super) struct Offers(pub(super) fn() -> Vec<&'static str>);

impl TypedValueParser for Offers {
    type Value = String;

    fn parse_ref(&self, command: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<String, clap::Error> {
        StringValueParser::new().parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new((self.0)().into_iter().map(PossibleValue::new)))
    }
}

/// Takes the name of a client, and tells a shell which there are.
#[derive(Clone)]
pub(super) struct ClientName;

impl TypedValueParser for ClientName {
    type Value = &'static Client;

    fn parse_ref(&self, command: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<Self::Value, clap::Error> {
        (client as fn(&str) -> Result<&'static Client, String>).parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(client::CLIENTS.iter().map(|client| PossibleValue::new(client.id))))
    }
}

/// A client by its name.
fn client(text: &str) -> Result<&'static Client, String> {
    client::by_id(text).ok_or_else(|| {
        let near = client::near(text).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        let all: Vec<&str> = client::CLIENTS.iter().map(|client| client.id).collect();
        format!("no such client{near}\n  [clients: {}]", all.join(", "))
    })
}

/// Seconds with a fraction, as curl takes them.
pub(super) fn seconds(text: &str) -> Result<Duration, String> {
    let value: f64 = text.trim_end_matches('s').parse().map_err(|_| "give seconds, such as 10 or 0.5".to_owned())?;
    if !(value.is_finite() && (0.001..=86_400.0).contains(&value)) {
        return Err("give seconds between 0.001 and 86400".into());
    }
    Ok(Duration::from_secs_f64(value))
}

/// `Name: value`.
pub(super) fn header(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once(':').ok_or("a header is written as 'Name: value'")?;
    let (name, value) = (name.trim(), value.trim());
    if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b)) {
        return Err("this is no header name; a header is written as 'Name: value'".into());
    }
    if value.chars().any(char::is_control) {
        return Err("the value holds a line break or a control character".into());
    }
    Ok((name.to_owned(), value.to_owned()))
}

/// `HOST1:PORT1:HOST2:PORT2`; an empty part means any, or unchanged.
pub(super) fn connect_to(text: &str) -> Result<ConnectTo, String> {
    const FORM: &str =
        "write HOST1:PORT1:HOST2:PORT2, such as api.rutaapi.com:443:127.0.0.1:8443 (an IPv6 address in brackets)";
    let mut parts: Vec<String> = vec![String::new()];
    let mut inside = false;
    for c in text.chars() {
        match c {
            '[' => inside = true,
            ']' => inside = false,
            ':' if !inside => parts.push(String::new()),
            c => {
                if let Some(last) = parts.last_mut() {
                    last.push(c);
                }
            }
        }
    }
    let [host, port, to_host, to_port] = parts.try_into().map_err(|_| FORM.to_owned())?;
    let number = |text: &str| {
        if text.is_empty() {
            Ok(None)
        } else {
            text.parse::<u16>().map(Some).map_err(|_| format!("`{text}` is no port; {FORM}"))
        }
    };
    Ok(ConnectTo { host, port: number(&port)?, to_host, to_port: number(&to_port)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connect_to_reads_curls_form() {
        assert_eq!(
            connect_to("a:443:127.0.0.1:8443"),
            Ok(ConnectTo { host: "a".into(), port: Some(443), to_host: "127.0.0.1".into(), to_port: Some(8443) })
        );
        assert_eq!(
            connect_to("::[::1]:80"),
            Ok(ConnectTo { host: String::new(), port: None, to_host: "::1".into(), to_port: Some(80) })
        );
        for form in ["a:443:127.0.0.1:8443", "::[::1]:80", "[fd00::7]:443::9", ":::"] {
            assert_eq!(connect_to(form).map(|rule| rule.to_string()), Ok(form.to_owned()));
        }
        for wrong in ["a:443", "a:b:c:d", "", "a:1:b:99999"] {
            assert!(connect_to(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn times_and_headers_are_checked() {
        assert_eq!(seconds("0.5"), Ok(Duration::from_millis(500)));
        for wrong in ["-1", "0", "x", "NaN", "inf", "1e99"] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
        assert_eq!(header("X-A: b:c"), Ok(("X-A".into(), "b:c".into())));
        for wrong in ["x", ": y", "a b: c", "a: b\nc"] {
            assert!(header(wrong).is_err(), "{wrong}");
        }
    }
}
