//! Plays a proxy that forwards to the scenario's own servers, or refuses in one of the usual ways.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use rustls::ServerConfig;
use serde::Deserialize;
use tokio::io::{AsyncWriteExt, copy_bidirectional};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use super::link::Link;
use super::request::{self, Request};
use super::socks;

/// What a proxy says when a tunnel stands.
const ESTABLISHED: &[u8] = b"HTTP/1.1 200 Connection established\r\n\r\n";

/// A proxy, reachable as `{proxy}`.
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
    /// Opens the tunnel and then speaks TLS itself, with a certificate of its own authority.
    Intercept,
    /// A SOCKS5 proxy that passes everything to the scenario's server.
    Socks,
    /// A SOCKS5 proxy that wants a login and accepts none.
    SocksLogin,
    /// A SOCKS5 proxy that refuses by policy (reply 2).
    SocksForbids,
    /// A SOCKS5 proxy whose target refuses the connection (reply 5).
    SocksTargetRefused,
    /// Nothing listens on its port, which is that of a SOCKS5 proxy.
    SocksNo,
    /// Nothing listens on its port.
    No,
}

impl ProxyMode {
    /// Whether the proxy speaks SOCKS5 instead of HTTP.
    #[must_use]
    pub fn is_socks(self) -> bool {
        matches!(self, Self::Socks | Self::SocksLogin | Self::SocksForbids | Self::SocksTargetRefused | Self::SocksNo)
    }
}

/// The servers that a forwarding proxy reaches.
#[derive(Debug, Clone, Copy)]
pub(super) struct Behind {
    pub main: SocketAddr,
    pub other: Option<SocketAddr>,
}

impl Behind {
    /// Where a request for this authority goes: the other server if its port is named, else the main one. Names are never looked up.
    pub(super) fn address(self, authority: &str) -> SocketAddr {
        let port = authority.rsplit_once(':').and_then(|(_, port)| port.parse().ok());
        let named = self.other.filter(|other| Some(other.port()) == port);
        SocketAddr::from((Ipv4Addr::LOCALHOST, named.unwrap_or(self.main).port()))
    }
}

/// Serves one connection of a proxy. `note` gets every request that was read.
///
/// # Errors
/// Whatever the sockets say.
pub(super) async fn serve(
    mut link: Link,
    mode: ProxyMode,
    behind: Behind,
    config: Option<Arc<ServerConfig>>,
    note: impl Fn(&Request),
) -> io::Result<()> {
    if mode.is_socks() {
        return socks::serve(link, mode, behind).await;
    }
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
        ProxyMode::Intercept => {
            let (Link::Plain(mut stream), Some(config)) = (link, config) else { return Ok(()) };
            stream.write_all(ESTABLISHED).await?;
            return match TlsAcceptor::from(config).accept(stream).await {
                Ok(stream) => Link::Tls(Box::new(stream)).finish().await,
                Err(error) => Err(error),
            };
        }
        // SOCKS has left above.
        _ => {}
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
        client.write_all(ESTABLISHED).await?;
    } else {
        // Our own server takes the absolute form, so the request needs no rewriting.
        server.write_all(&request.raw).await?;
    }
    server.write_all(early).await?;
    copy_bidirectional(&mut client, &mut server).await.map(|_| ())
}
