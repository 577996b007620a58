//! Plays an HTTP proxy that forwards to the scenario's own servers, or refuses in one of the usual ways.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use serde::Deserialize;
use tokio::io::{AsyncWriteExt, copy_bidirectional};
use tokio::net::TcpStream;

use super::link::Link;
use super::request::{self, Request};

/// An HTTP proxy, reachable as `{proxy}`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proxy {
    /// What it does with a request.
    pub mode: ProxyMode,
}

/// What a proxy does with requests (`CONNECT` and plain ones alike).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProxyMode {
    /// Passes everything to the scenario's server (never anywhere else).
    Forward,
    /// Wants a login: 407.
    Login,
    /// Refuses by policy: 403 with a web page.
    Refuse,
    /// Cannot reach the target: 502.
    BadGateway,
    /// Answers something that is not HTTP.
    Garbage,
    /// Closes without an answer.
    Close,
    /// Never answers.
    Silent,
    /// Nothing listens on its port.
    No,
}

/// The servers that a forwarding proxy reaches.
#[derive(Debug, Clone, Copy)]
pub(super) struct Behind {
    pub main: SocketAddr,
    pub other: Option<SocketAddr>,
}

impl Behind {
    /// Where a request for this authority goes: the other server if its port is named, else the main one. Names are never looked up.
    fn address(self, authority: &str) -> SocketAddr {
        let port = authority.rsplit_once(':').and_then(|(_, port)| port.parse().ok());
        let named = self.other.filter(|other| Some(other.port()) == port);
        SocketAddr::from((Ipv4Addr::LOCALHOST, named.unwrap_or(self.main).port()))
    }
}

/// Serves one connection of a proxy. `note` gets every request that was read.
///
/// # Errors
/// Whatever the sockets say.
pub(super) async fn serve(mut link: Link, mode: ProxyMode, behind: Behind, note: impl Fn(&Request)) -> io::Result<()> {
    let mut buffer = Vec::new();
    let Some(request) = request::read(&mut link, &mut buffer).await? else { return Ok(()) };
    note(&request);
    match mode {
        ProxyMode::Forward => return forward(link, &request, &buffer, behind).await,
        ProxyMode::Login => {
            let wants = "proxy-authenticate: Basic realm=\"office\"\r\n";
            link.write(page(407, "Proxy Authentication Required", wants).as_bytes()).await?;
        }
        ProxyMode::Refuse => link.write(page(403, "Forbidden", "").as_bytes()).await?,
        ProxyMode::BadGateway => link.write(page(502, "Bad Gateway", "").as_bytes()).await?,
        ProxyMode::Garbage => link.write(b"\x05\xff what is this\r\n\r\n").await?,
        ProxyMode::Silent => {
            link.hang().await;
            return Ok(());
        }
        ProxyMode::Close | ProxyMode::No => {}
    }
    link.finish().await
}

fn page(status: u16, reason: &str, headers: &str) -> String {
    let body = format!(
        "<html><head><title>{reason}</title></head><body><p>The office proxy says: {reason}.</p></body></html>\n"
    );
    let length = body.len();
    format!(
        "HTTP/1.1 {status} {reason}\r\n{headers}content-type: text/html\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
}

/// `early` is what the client said before it heard that the tunnel stands.
async fn forward(link: Link, request: &Request, early: &[u8], behind: Behind) -> io::Result<()> {
    let Link::Plain(mut client) = link else { return Ok(()) };
    let tunnel = request.method == "CONNECT";
    let authority = if tunnel { request.target.as_str() } else { request.header("host").unwrap_or_default() };
    let mut server = TcpStream::connect(behind.address(authority)).await?;
    if tunnel {
        client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await?;
    } else {
        // Our own server takes the absolute form, so the request needs no rewriting.
        server.write_all(&request.raw).await?;
    }
    server.write_all(early).await?;
    copy_bidirectional(&mut client, &mut server).await.map(|_| ())
}
