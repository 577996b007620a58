//! The write-ahead log: pages that were changed and are not yet in the database itself.

use std::collections::HashMap;
use std::io::{self, SeekFrom};

use zeroize::Zeroizing;

use super::Source;

const HEAD: usize = 32;
const FRAME: usize = 24;

/// The log up to its last commit.
pub(super) struct Wal<S> {
    file: S,
    /// The place of the newest version of each page.
    pages: HashMap<u32, u64>,
    /// The size of the database in pages after the last commit.
    pub(super) size: Option<u32>,
    head: [u8; HEAD],
    /// What stood where the next frame would come, and its place.
    next: (u64, Vec<u8>),
}

impl<S: Source> Wal<S> {
    /// Reads the log; without a valid head it holds nothing.
    pub(super) fn open(mut file: S, page_size: usize) -> io::Result<Self> {
        let mut head = [0; HEAD];
        let there = read_up_to(&mut file, 0, &mut head)?;
        let mut wal = Self { file, pages: HashMap::new(), size: None, head, next: (0, Vec::new()) };
        let number = |at: usize| u32::from_be_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
        let big = match number(0) {
            0x377f_0682 => false,
            0x377f_0683 => true,
            _ => return Ok(wal),
        };
        let mut sum = checksum((0, 0), &head[..24], big);
        if there < HEAD || usize::try_from(number(8)).ok() != Some(page_size) || sum != (number(24), number(28)) {
            return Ok(wal);
        }
        let mut waiting: Vec<(u32, u64)> = Vec::new();
        let mut at = HEAD as u64;
        let mut frame = Zeroizing::new(vec![0; FRAME + page_size]);
        loop {
            let full = read_up_to(&mut wal.file, at, &mut frame)? == frame.len();
            let number = |at: usize| u32::from_be_bytes([frame[at], frame[at + 1], frame[at + 2], frame[at + 3]]);
            sum = checksum(checksum(sum, &frame[..8], big), &frame[FRAME..], big);
            if !full || frame[8..16] != head[16..24] || sum != (number(16), number(20)) {
                wal.next = (at, frame[..FRAME].to_vec());
                return Ok(wal);
            }
            waiting.push((number(0), at + FRAME as u64));
            // A frame that tells the size of the database ends a transaction.
            if number(4) > 0 {
                wal.size = Some(number(4));
                wal.pages.extend(waiting.drain(..));
            }
            at += frame.len() as u64;
        }
    }

    /// The page, if the log has a version of it.
    pub(super) fn page(&mut self, number: u32, into: &mut [u8]) -> io::Result<bool> {
        let Some(at) = self.pages.get(&number) else { return Ok(false) };
        self.file.seek(SeekFrom::Start(*at))?;
        self.file.read_exact(into)?;
        Ok(true)
    }

    /// Whether nothing was added and the log was not begun anew.
    pub(super) fn is_unchanged(&mut self) -> io::Result<bool> {
        let mut head = [0; HEAD];
        read_up_to(&mut self.file, 0, &mut head)?;
        let mut next = vec![0; self.next.1.len()];
        read_up_to(&mut self.file, self.next.0, &mut next)?;
        Ok(head == self.head && next == self.next.1)
    }
}

/// Reads what is there; what is not there is left as zeros.
pub(super) fn read_up_to(file: &mut impl Source, at: u64, into: &mut [u8]) -> io::Result<usize> {
    file.seek(SeekFrom::Start(at))?;
    into.fill(0);
    let mut filled = 0;
    while filled < into.len() {
        match file.read(&mut into[filled..]) {
            Ok(0) => break,
            Ok(more) => filled += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// The log's own sum over pairs of words.
fn checksum(start: (u32, u32), bytes: &[u8], big: bool) -> (u32, u32) {
    let word = |bytes: &[u8]| {
        let bytes = [bytes[0], bytes[1], bytes[2], bytes[3]];
        if big { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) }
    };
    bytes.chunks_exact(8).fold(start, |(one, two), pair| {
        let one = one.wrapping_add(word(pair)).wrapping_add(two);
        (one, two.wrapping_add(word(&pair[4..])).wrapping_add(one))
    })
}
