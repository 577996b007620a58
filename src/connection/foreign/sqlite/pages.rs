//! The pages of a database as they are after the last finished transaction.

use std::io;

use zeroize::Zeroizing;

use super::undo::Undo;
use super::wal::{Wal, read_up_to};
use super::{MAGIC, Source, damaged};

/// Pages of a database and of the files beside it.
pub(super) struct Pages<S> {
    file: S,
    head: [u8; 100],
    size: usize,
    usable: usize,
    wal: Option<Wal<S>>,
    undo: Option<Undo<S>>,
}

impl<S: Source> Pages<S> {
    pub(super) fn open(mut file: S, wal: Option<S>, journal: Option<S>) -> io::Result<Self> {
        let mut head = [0; 100];
        if read_up_to(&mut file, 0, &mut head)? < head.len() || head[..16] != *MAGIC {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "this is no SQLite database"));
        }
        let size = match u16::from_be_bytes([head[16], head[17]]) {
            1 => 65_536,
            size => usize::from(size),
        };
        let usable = size.saturating_sub(usize::from(head[20]));
        if !size.is_power_of_two() || size < 512 || usable < 480 {
            return Err(damaged());
        }
        // 0 is an empty database.
        if !matches!(u32::from_be_bytes([head[56], head[57], head[58], head[59]]), 0 | 1) {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the database keeps its texts in UTF-16"));
        }
        let wal = wal.map(|wal| Wal::open(wal, size)).transpose()?;
        let undo = journal.map(|journal| Undo::open(journal, size)).transpose()?;
        Ok(Self { file, head, size, usable, wal, undo })
    }

    /// The bytes of a page that hold data.
    pub(super) fn usable(&self) -> usize {
        self.usable
    }

    /// A page.
    pub(super) fn page(&mut self, number: u32) -> io::Result<Zeroizing<Vec<u8>>> {
        let last = self.wal.as_ref().and_then(|wal| wal.size).or(self.undo.as_ref().and_then(|undo| undo.size));
        if number == 0 || last.is_some_and(|last| number > last) {
            return Err(damaged());
        }
        if let Some(page) = self.undo.as_ref().and_then(|undo| undo.page(number)) {
            return Ok(Zeroizing::new(page.to_vec()));
        }
        let mut page = Zeroizing::new(vec![0; self.size]);
        if let Some(wal) = &mut self.wal
            && wal.page(number, &mut page)?
        {
            return Ok(page);
        }
        let at = u64::from(number - 1) * self.size as u64;
        if read_up_to(&mut self.file, at, &mut page)? < page.len() {
            return Err(damaged());
        }
        Ok(page)
    }

    /// Whether the files tell of no change since they were opened.
    pub(super) fn is_unchanged(&mut self) -> io::Result<bool> {
        let mut head = [0; 100];
        read_up_to(&mut self.file, 0, &mut head)?;
        let wal = self.wal.as_mut().map_or(Ok(true), Wal::is_unchanged)?;
        let undo = self.undo.as_mut().map_or(Ok(true), Undo::is_unchanged)?;
        Ok(head == self.head && wal && undo)
    }
}
