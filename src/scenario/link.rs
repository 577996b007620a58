//! One connection, plain or TLS, with the impolite ways to end it.

use std::io;
use std::net::Shutdown;
use std::time::Duration;

use socket2::SockRef;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::server::TlsStream;

/// How long a peer may take to notice that a connection has ended.
const FAREWELL: Duration = Duration::from_secs(5);

/// A connection that was accepted.
pub(super) enum Link {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Link {
    pub(super) fn is_tls(&self) -> bool {
        matches!(self, Self::Tls(_))
    }

    pub(super) async fn read(&mut self, part: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.read(part).await,
            Self::Tls(stream) => stream.read(part).await,
        }
    }

    /// Writes all and makes sure that it is on its way.
    pub(super) async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Plain(stream) => stream.write_all(bytes).await,
            Self::Tls(stream) => {
                stream.write_all(bytes).await?;
                stream.flush().await
            }
        }
    }

    fn tcp(&self) -> &TcpStream {
        match self {
            Self::Plain(stream) => stream,
            Self::Tls(stream) => stream.get_ref().0,
        }
    }

    /// Ends the connection as a polite server does.
    pub(super) async fn finish(mut self) -> io::Result<()> {
        match &mut self {
            Self::Plain(stream) => stream.shutdown().await?,
            Self::Tls(stream) => stream.shutdown().await?,
        }
        self.wait_for_end().await;
        Ok(())
    }

    /// Ends the TCP connection (FIN) and leaves out the farewell that TLS asks for.
    pub(super) async fn cut(mut self) -> io::Result<()> {
        SockRef::from(self.tcp()).shutdown(Shutdown::Write)?;
        self.wait_for_end().await;
        Ok(())
    }

    /// Ends the TCP connection with a reset.
    pub(super) fn reset(self) -> io::Result<()> {
        reset(self.tcp())
    }

    /// Does nothing until the peer goes away.
    pub(super) async fn hang(mut self) {
        self.drain().await;
    }

    /// Unread bytes at closing time would turn the orderly end into a reset.
    async fn wait_for_end(&mut self) {
        let _ended_or_not = timeout(FAREWELL, self.drain()).await;
    }

    async fn drain(&mut self) {
        let mut part = [0; 4096];
        while matches!(self.read(&mut part).await, Ok(count) if count > 0) {}
    }
}

/// Makes closing this socket a reset. The caller drops it afterwards.
pub(super) fn reset(stream: &TcpStream) -> io::Result<()> {
    SockRef::from(stream).set_linger(Some(Duration::ZERO))
}
