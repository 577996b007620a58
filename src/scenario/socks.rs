//! Plays a SOCKS5 proxy (RFC 1928, login by RFC 1929) that passes on to the scenario's own servers, or refuses.

use std::io;

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::TcpStream;

use super::link::Link;
use super::proxy::{Behind, ProxyMode};

/// The version of the protocol.
const SOCKS: u8 = 5;
/// The method "no login".
const NO_LOGIN: u8 = 0;
/// The method "user name and password".
const LOGIN: u8 = 2;
/// No method of the client will do.
const NONE: u8 = 0xff;

/// Serves one connection. Names are never looked up.
///
/// # Errors
/// Whatever the sockets say, and [`io::ErrorKind::InvalidData`] for a client that does not speak SOCKS5.
pub(super) async fn serve(link: Link, mode: ProxyMode, behind: Behind) -> io::Result<()> {
    let Link::Plain(mut client) = link else { return Ok(()) };
    let [version, count] = take(&mut client).await?;
    if version != SOCKS {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let methods = some(&mut client, count).await?;
    if mode == ProxyMode::SocksLogin {
        if !methods.contains(&LOGIN) {
            client.write_all(&[SOCKS, NONE]).await?;
            return Link::Plain(client).finish().await;
        }
        client.write_all(&[SOCKS, LOGIN]).await?;
        let [_, length] = take(&mut client).await?;
        let _user = some(&mut client, length).await?;
        let [length] = take(&mut client).await?;
        let _password = some(&mut client, length).await?;
        client.write_all(&[1, 1]).await?;
        return Link::Plain(client).finish().await;
    }
    client.write_all(&[SOCKS, NO_LOGIN]).await?;
    let [_, _, _, kind] = take(&mut client).await?;
    let length = match kind {
        1 => 4,
        4 => 16,
        _ => take::<1>(&mut client).await?[0],
    };
    let _host = some(&mut client, length).await?;
    let port = u16::from_be_bytes(take(&mut client).await?);
    let reply = match mode {
        ProxyMode::SocksForbids => 2,
        ProxyMode::SocksTargetRefused => 5,
        _ => 0,
    };
    client.write_all(&[SOCKS, reply, 0, 1, 127, 0, 0, 1, 0, 0]).await?;
    if reply != 0 {
        return Link::Plain(client).finish().await;
    }
    let mut server = TcpStream::connect(behind.address(&format!("target:{port}"))).await?;
    copy_bidirectional(&mut client, &mut server).await.map(|_| ())
}

async fn take<const N: usize>(client: &mut TcpStream) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    client.read_exact(&mut bytes).await?;
    Ok(bytes)
}

async fn some(client: &mut TcpStream, length: u8) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; usize::from(length)];
    client.read_exact(&mut bytes).await?;
    Ok(bytes)
}
