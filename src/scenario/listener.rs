//! Opens the loopback port of a server, accepts its connections and gives each the treatment that the scenario wants before any request.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use rustls::ServerConfig;
use socket2::{Domain, SockAddr, Socket, Type};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::link::{self, Link};
use super::{Listen, Tls};

/// Connections that fill an accept queue of length 0. Linux lets one or two in before it stops answering.
const FILLERS: usize = 8;

/// A port that was opened as the scenario wants it.
pub(super) struct Port {
    pub address: SocketAddr,
    socket: Socket,
    /// Connections that nobody will ever accept.
    _fillers: Vec<Socket>,
    listen: Listen,
}

impl Port {
    /// Opens a port of the system's choice on 127.0.0.1.
    pub(super) fn open(listen: Listen) -> io::Result<Self> {
        Self::at(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), listen)
    }

    /// Opens the port of this number on `[::1]`.
    pub(super) fn open_v6(listen: Listen, port: u16) -> io::Result<Self> {
        Self::at(SocketAddr::from((Ipv6Addr::LOCALHOST, port)), listen)
    }

    fn at(address: SocketAddr, listen: Listen) -> io::Result<Self> {
        let domain = Domain::for_address(address);
        let socket = Socket::new(domain, Type::STREAM, None)?;
        socket.bind(&SockAddr::from(address))?;
        let unsuitable = || io::Error::other("no IP address");
        let address = socket.local_addr()?.as_socket().ok_or_else(unsuitable)?;
        let mut fillers = Vec::new();
        match listen {
            // Bound but not listening: the system refuses connections, and the port cannot go to anybody else meanwhile.
            Listen::No => {}
            Listen::Full => {
                socket.listen(0)?;
                for _ in 0..FILLERS {
                    let filler = Socket::new(domain, Type::STREAM, None)?;
                    filler.set_nonblocking(true)?;
                    let _in_progress = filler.connect(&SockAddr::from(address));
                    fillers.push(filler);
                }
            }
            _ => socket.listen(128)?,
        }
        socket.set_nonblocking(true)?;
        Ok(Self { address, socket, _fillers: fillers, listen })
    }

    /// A listener of the current runtime, if connections are to be accepted at all.
    pub(super) fn listener(&self) -> io::Result<Option<TcpListener>> {
        match self.listen {
            Listen::No | Listen::Full => Ok(None),
            _ => TcpListener::from_std(self.socket.try_clone()?.into()).map(Some),
        }
    }
}

/// Gives an accepted connection the treatment that comes before HTTP. `None` when there is nothing left to serve.
///
/// # Errors
/// Whatever the socket or the TLS handshake says.
pub(super) async fn welcome(
    stream: TcpStream,
    listen: Listen,
    tls: Option<Tls>,
    config: Option<Arc<ServerConfig>>,
) -> io::Result<Option<Link>> {
    stream.set_nodelay(true)?;
    match listen {
        Listen::Reset => return link::reset(&stream).map(|()| None),
        Listen::Close => return Link::Plain(stream).finish().await.map(|()| None),
        Listen::Silent => return hang(stream).await,
        Listen::Ssh => {
            let mut stream = stream;
            stream.write_all(b"SSH-2.0-OpenSSH_9.6\r\n").await?;
            return hang(stream).await;
        }
        Listen::Yes | Listen::No | Listen::Full | Listen::Tls => {}
    }
    match (tls, config) {
        (Some(Tls::Alert), _) => refuse(stream, 40).await,
        (Some(Tls::OldVersion), _) => refuse(stream, 70).await,
        (Some(Tls::Silent), _) => hang(stream).await,
        (Some(Tls::Reset), _) => {
            let stream = first_message(stream).await?;
            link::reset(&stream).map(|()| None)
        }
        (Some(Tls::Close), _) => Link::Plain(first_message(stream).await?).finish().await.map(|()| None),
        (None | Some(Tls::Plain), _) if listen != Listen::Tls => Ok(Some(Link::Plain(stream))),
        (_, Some(config)) => match TlsAcceptor::from(config).accept(stream).into_fallible().await {
            Ok(stream) => Ok(Some(Link::Tls(Box::new(stream)))),
            // The alert is out; a reset now could overtake it.
            Err((_, stream)) => Link::Plain(stream).finish().await.map(|()| None),
        },
        (_, None) => Ok(None),
    }
}

async fn hang(stream: TcpStream) -> io::Result<Option<Link>> {
    Link::Plain(stream).hang().await;
    Ok(None)
}

async fn first_message(mut stream: TcpStream) -> io::Result<TcpStream> {
    let mut part = [0; 4096];
    let _bytes = stream.read(&mut part).await?;
    Ok(stream)
}

/// Ends the handshake with a fatal alert of this number (RFC 8446, section 6).
async fn refuse(stream: TcpStream, alert: u8) -> io::Result<Option<Link>> {
    let mut stream = first_message(stream).await?;
    stream.write_all(&[21, 3, 3, 0, 2, 2, alert]).await?;
    Link::Plain(stream).finish().await.map(|()| None)
}
