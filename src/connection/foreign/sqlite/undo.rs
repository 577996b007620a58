//! The rollback journal: pages as they were before a transaction that is not finished.

use std::collections::HashMap;
use std::io;

use zeroize::Zeroizing;

use super::Source;
use super::wal::read_up_to;

const MAGIC: [u8; 8] = [0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7];
const HEAD: usize = 28;

/// No journal that we read holds more than this, in bytes.
const MOST: usize = 256 << 20;

/// The pages to put back.
pub(super) struct Undo<S> {
    file: S,
    head: [u8; HEAD],
    pages: HashMap<u32, Zeroizing<Vec<u8>>>,
    /// The size of the database in pages before the transaction.
    pub(super) size: Option<u32>,
}

impl<S: Source> Undo<S> {
    /// Reads the journal; one that was ended holds nothing.
    pub(super) fn open(file: S, page_size: usize) -> io::Result<Self> {
        let mut undo = Self { file, head: [0; HEAD], pages: HashMap::new(), size: None };
        read_up_to(&mut undo.file, 0, &mut undo.head)?;
        let mut at = 0;
        let mut kept = 0;
        loop {
            let mut head = [0; HEAD];
            if read_up_to(&mut undo.file, at, &mut head)? < HEAD || head[..8] != MAGIC {
                return Ok(undo);
            }
            let number = |at: usize| u32::from_be_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
            let (count, nonce, sector) = (number(8), number(12), u64::from(number(20)));
            if usize::try_from(number(24)).ok() != Some(page_size) || !(HEAD as u64..=65_536).contains(&sector) {
                return Ok(undo);
            }
            undo.size.get_or_insert(number(16));
            at += sector;
            let mut record = Zeroizing::new(vec![0; page_size + 8]);
            // All bits set: the journal was never counted, and goes on to its end.
            for _ in 0..count {
                if read_up_to(&mut undo.file, at, &mut record)? < record.len() {
                    return Ok(undo);
                }
                let number =
                    |at: usize| u32::from_be_bytes([record[at], record[at + 1], record[at + 2], record[at + 3]]);
                let page = &record[4..4 + page_size];
                if number(4 + page_size) != checksum(nonce, page) {
                    return Ok(undo);
                }
                kept += page_size;
                if kept > MOST {
                    return Err(io::Error::other(
                        "another program is in the middle of a large change; try again later",
                    ));
                }
                undo.pages.entry(number(0)).or_insert_with(|| Zeroizing::new(page.to_vec()));
                at += record.len() as u64;
            }
            // Another part begins at the next sector.
            at = at.div_ceil(sector) * sector;
        }
    }

    /// The page as it was, if the transaction may have changed it.
    pub(super) fn page(&self, number: u32) -> Option<&[u8]> {
        self.pages.get(&number).map(|page| page.as_slice())
    }

    /// Whether the same transaction is still going on.
    pub(super) fn is_unchanged(&mut self) -> io::Result<bool> {
        let mut head = [0; HEAD];
        read_up_to(&mut self.file, 0, &mut head)?;
        Ok(head == self.head)
    }
}

/// Every two-hundredth byte from the end.
fn checksum(nonce: u32, page: &[u8]) -> u32 {
    let mut sum = nonce;
    let mut at = page.len();
    while at > 200 {
        at -= 200;
        sum = sum.wrapping_add(u32::from(page[at]));
    }
    sum
}
