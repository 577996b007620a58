//! Asks a proxy once more, by hand, what it has against a tunnel: the HTTP client keeps the status and the reply to itself.

use std::io;
use std::net::IpAddr;
use std::time::Duration;

use http::{HeaderMap, StatusCode};
use hyper_util::client::proxy::matcher::Intercept;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::connection::scrub::{Scrubber, one_line};
use crate::evidence::failure::{Failure, Kind, Stage};

/// So much of a proxy's answer is read, in bytes.
const MOST: u64 = 16 * 1024;
/// So long the proxy may take, for the connection and for the talk.
const PATIENCE: Duration = Duration::from_secs(2);

/// What a proxy said.
pub(super) struct Said {
    /// What that means.
    pub(super) kind: Kind,
    /// In words.
    pub(super) words: String,
    /// The status or the reply in short, e.g. `403 Forbidden`.
    pub(super) short: Option<String>,
}

impl Said {
    /// The same as what ended a request.
    pub(super) fn failure(self, scrubber: &Scrubber) -> Failure {
        let facts = self.short.map(|short| ("said".to_owned(), scrubber.scrub(&short)));
        Failure {
            kind: self.kind,
            stage: Stage::Proxy,
            detail: scrubber.scrub(&self.words),
            facts: facts.into_iter().collect(),
        }
    }

    fn refused(words: impl Into<String>) -> Self {
        Self { kind: Kind::ProxyRefused, words: words.into(), short: None }
    }
}

/// Asks for a tunnel to this host and port. `None` where nothing more can be learned: the proxy is not there, speaks TLS
/// itself, or opens the tunnel this time.
pub(super) async fn ask(proxy: &Intercept, host: &str, port: u16) -> Option<Said> {
    let (scheme, at) = (proxy.uri().scheme_str()?, proxy.uri().host()?);
    let socks = scheme.starts_with("socks5");
    if !(socks || scheme == "http") {
        return None;
    }
    let usual = if socks { 1080 } else { 80 };
    let address = (at.trim_matches(['[', ']']), proxy.uri().port_u16().unwrap_or(usual));
    let mut stream = match timeout(PATIENCE, TcpStream::connect(address)).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => return unreachable(error.kind()),
        Err(_) => return unreachable(io::ErrorKind::TimedOut),
    };
    let talk = async {
        if socks {
            socks5(&mut stream, proxy.raw_auth(), host, port).await
        } else {
            connect(&mut stream, proxy, host, port).await
        }
    };
    match timeout(PATIENCE, talk).await {
        Ok(said) => {
            said.unwrap_or_else(|_| Some(Said::refused("the proxy broke off the connection without an answer")))
        }
        Err(_) => Some(Said::refused("the proxy took the connection and did not answer")),
    }
}

/// Why there is no connection to the proxy.
fn unreachable(why: io::ErrorKind) -> Option<Said> {
    let words = match why {
        io::ErrorKind::ConnectionRefused => "the proxy could not be reached: connection refused",
        io::ErrorKind::TimedOut => "the proxy could not be reached: no answer to the attempt to connect",
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => {
            "the proxy could not be reached: no way leads to its address"
        }
        _ => return None,
    };
    Some(Said { kind: Kind::ProxyUnreachable, words: words.to_owned(), short: None })
}

/// The answer to a plain request, if the proxy made it itself: a 407, or an error page that Squid or tinyproxy has signed.
pub(super) fn own_page(status: StatusCode, headers: &HeaderMap) -> Option<Said> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let squid =
        text("x-squid-error").map(|error| format!(", {}", one_line(error.split(' ').next().unwrap_or(error), 60)));
    let tiny = text("server").is_some_and(|server| server.starts_with("tinyproxy"));
    if status == StatusCode::PROXY_AUTHENTICATION_REQUIRED {
        let scheme = text("proxy-authenticate").and_then(|wants| wants.split(' ').next()).unwrap_or_default();
        return Some(login(&status.to_string(), scheme));
    }
    if status.as_u16() < 400 || !(squid.is_some() || tiny) {
        return None;
    }
    let short = status.to_string();
    let words = format!("the proxy did not pass the request on: {short}{}", squid.unwrap_or_default());
    Some(Said { short: Some(short), ..Said::refused(words) })
}

/// `CONNECT` to an HTTP proxy.
async fn connect(stream: &mut TcpStream, proxy: &Intercept, host: &str, port: u16) -> io::Result<Option<Said>> {
    let login = proxy.basic_auth().map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    let login =
        zeroize::Zeroizing::new(login.map_or_else(String::new, |value| format!("proxy-authorization: {value}\r\n")));
    let request = zeroize::Zeroizing::new(format!(
        "CONNECT {host}:{port} HTTP/1.1\r\nhost: {host}:{port}\r\nuser-agent: ruta/{}\r\n{}\r\n",
        env!("CARGO_PKG_VERSION"),
        login.as_str()
    ));
    stream.write_all(request.as_bytes()).await?;
    let mut head = Vec::new();
    let mut from = stream.take(MOST);
    while !head.windows(4).any(|window| window == b"\r\n\r\n") && from.read_buf(&mut head).await? > 0 {}
    if head.is_empty() {
        return Ok(Some(Said::refused("the proxy closed the connection without an answer")));
    }
    Ok(read_head(&String::from_utf8_lossy(&head)))
}

/// A 407, with the way to log in that the proxy named.
fn login(short: &str, scheme: &str) -> Said {
    let scheme = one_line(scheme.trim_end_matches(','), 40);
    let way = if scheme.is_empty() { String::new() } else { format!(", by {scheme}") };
    let words = format!("the proxy wants a user name and a password (407){way}");
    Said { kind: Kind::ProxyAuthRequired, words, short: Some(short.to_owned()) }
}

fn read_head(head: &str) -> Option<Said> {
    let mut lines = head.lines();
    let first = lines.next().unwrap_or_default();
    let status = first.split(' ').nth(1).and_then(|word| word.parse::<u16>().ok());
    let Some(status) = status.filter(|_| first.starts_with("HTTP/")) else {
        return Some(Said::refused("what answers at the proxy's address is no HTTP proxy"));
    };
    let reason = first.splitn(3, ' ').nth(2).map(|reason| one_line(reason, 60)).unwrap_or_default();
    let short = format!("{status} {reason}").trim().to_owned();
    let header = |wanted: &str| {
        let mut found = lines.clone().filter_map(|line| line.split_once(':'));
        found.find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| one_line(value, 60))
    };
    let said = match status {
        200..=299 => return None,
        407 => {
            let scheme = header("proxy-authenticate").unwrap_or_default();
            return Some(login(&short, scheme.split(' ').next().unwrap_or_default()));
        }
        // Squid's own word for what happened, e.g. `ERR_ACCESS_DENIED 0`.
        _ => header("x-squid-error")
            .and_then(|error| error.split(' ').next().map(|word| format!(", {word}")))
            .unwrap_or_default(),
    };
    let words = format!("the proxy refused the tunnel: {short}{said}");
    Some(Said { short: Some(short), ..Said::refused(words) })
}

/// Greeting, login and request of SOCKS5 (RFC 1928 and 1929).
async fn socks5(
    stream: &mut TcpStream,
    login: Option<(&str, &str)>,
    host: &str,
    port: u16,
) -> io::Result<Option<Said>> {
    let stranger = || Ok(Some(Said::refused("what answers at the proxy's address is no SOCKS5 proxy")));
    let auth = |words: &str| Ok(Some(Said { kind: Kind::ProxyAuthRequired, words: words.to_owned(), short: None }));
    stream.write_all(if login.is_some() { &[5, 2, 0, 2] } else { &[5, 1, 0] }).await?;
    let mut answer = [0; 2];
    stream.read_exact(&mut answer).await?;
    match (answer, login) {
        ([5, 0], _) => {}
        ([5, 2], Some((user, password))) => {
            let mut message = zeroize::Zeroizing::new(vec![1]);
            for part in [user, password] {
                let part = part.as_bytes().get(..part.len().min(255)).unwrap_or_default();
                message.push(u8::try_from(part.len()).unwrap_or(u8::MAX));
                message.extend_from_slice(part);
            }
            stream.write_all(&message).await?;
            stream.read_exact(&mut answer).await?;
            if answer[1] != 0 {
                return auth("the proxy did not accept the user name and the password");
            }
        }
        ([5, 0xff], Some(_)) => return auth("the proxy does not take a user name and a password"),
        ([5, 0xff], None) => return auth("the proxy wants a user name and a password"),
        _ => return stranger(),
    }
    let mut request = vec![5, 1, 0];
    match host.trim_matches(['[', ']']).parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => {
            request.push(1);
            request.extend(address.octets());
        }
        Ok(IpAddr::V6(address)) => {
            request.push(4);
            request.extend(address.octets());
        }
        Err(_) => {
            let Ok(length) = u8::try_from(host.len()) else { return Ok(None) };
            request.extend([3, length]);
            request.extend(host.as_bytes());
        }
    }
    request.extend(port.to_be_bytes());
    stream.write_all(&request).await?;
    stream.read_exact(&mut answer).await?;
    let short = match answer[1] {
        _ if answer[0] != 5 => return stranger(),
        0 => return Ok(None),
        1 => "general failure",
        2 => "not allowed by its rules",
        3 => "network unreachable",
        4 => "host unreachable",
        5 => "connection refused",
        6 => "TTL expired",
        7 => "command not supported",
        8 => "address type not supported",
        _ => "a reply that SOCKS5 does not know",
    };
    let words = match answer[1] {
        3..=6 => format!("the proxy could not reach the server: {short} (reply {})", answer[1]),
        _ => format!("the proxy refused the connection: {short} (reply {})", answer[1]),
    };
    Ok(Some(Said { short: Some(short.to_owned()), ..Said::refused(words) }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_proxies_say_to_connect() {
        for (head, words) in [
            (
                "HTTP/1.1 403 Forbidden\r\nX-Squid-Error: ERR_ACCESS_DENIED 0\r\n\r\n",
                "403 Forbidden, ERR_ACCESS_DENIED",
            ),
            ("HTTP/1.0 502\r\n\r\n", "the proxy refused the tunnel: 502"),
            ("HTTP/1.1 407 No\r\nProxy-Authenticate: Negotiate\r\n\r\n", "(407), by Negotiate"),
            ("SSH-2.0-OpenSSH\r\n", "no HTTP proxy"),
        ] {
            let said = read_head(head).map(|said| said.words).unwrap_or_default();
            assert!(said.ends_with(words), "{said}");
        }
        assert!(read_head("HTTP/1.1 200 Connection established\r\n\r\n").is_none());
    }
}
