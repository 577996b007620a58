//! A long list of models, read while it comes in, so that it is never in memory as a whole.

use std::io::{self, Read};
use std::sync::Arc;

use hyper::body::Bytes;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::connection::scrub::Scrubber;
use crate::evidence::list::{ModelList, read_long};

/// So many pieces may wait to be read; then the server has to.
const WAITING: usize = 8;

/// A list under way, read on a thread of its own.
pub(super) struct LongList {
    feed: mpsc::Sender<Bytes>,
    reading: JoinHandle<Option<ModelList>>,
}

impl LongList {
    /// Begins with what has come so far.
    pub(super) fn begin(start: Vec<u8>, scrubber: Arc<Scrubber>) -> Self {
        let (feed, pieces) = mpsc::channel(WAITING);
        let reading =
            tokio::task::spawn_blocking(move || read_long(&start, Pieces { pieces, current: Bytes::new() }, &scrubber));
        Self { feed, reading }
    }

    /// Goes on with the next piece. Once it is known to be no list, pieces are no longer read.
    pub(super) async fn feed(&self, piece: Bytes) {
        let _ = self.feed.send(piece).await;
    }

    /// The list, after the last piece; `None` if it is none.
    pub(super) async fn end(self) -> Option<ModelList> {
        drop(self.feed);
        self.reading.await.ok().flatten()
    }
}

/// The pieces as one text to read; it ends when no more are sent.
struct Pieces {
    pieces: mpsc::Receiver<Bytes>,
    current: Bytes,
}

impl Read for Pieces {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.current.is_empty() {
            let Some(next) = self.pieces.blocking_recv() else { return Ok(0) };
            self.current = next;
        }
        let count = self.current.len().min(into.len());
        into[..count].copy_from_slice(&self.current.split_to(count));
        Ok(count)
    }
}
