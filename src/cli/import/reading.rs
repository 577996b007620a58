//! Opens files to read them, and says plainly what stands in the way. Nothing is ever written.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use zeroize::{Zeroize, Zeroizing};

use super::super::environment;
use super::super::output::plain_io;

/// No settings are longer than this, in bytes.
const MOST: u64 = 64 << 20;

const TOO_LARGE: &str = "this is larger than 64 MB, and no settings are";

/// The text of a file, or why it cannot be read, as the rest of a sentence that names the file.
pub(super) fn text(path: &Path) -> Result<Zeroizing<String>, String> {
    let file = open(path)?;
    if file.metadata().is_ok_and(|about| about.len() > MOST) {
        return Err(TOO_LARGE.into());
    }
    text_of(file).map_err(|error| plain_io(&error, path))
}

/// Opens a file to read it.
pub(super) fn open(path: &Path) -> Result<File, String> {
    let about = fs::metadata(path).map_err(|error| {
        let link = fs::symlink_metadata(path).is_ok_and(|about| about.is_symlink());
        match error.kind() {
            io::ErrorKind::NotFound if link => "this is a link that leads nowhere".to_owned(),
            _ => plain_io(&error, path),
        }
    })?;
    if about.is_dir() {
        return Err("this is a folder; give a file".into());
    }
    File::open(path).map_err(|error| plain_io(&error, path))
}

/// The text of a file or of standard input.
pub(super) fn text_of(from: impl Read) -> io::Result<Zeroizing<String>> {
    let mut bytes = Zeroizing::new(Vec::new());
    from.take(MOST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MOST {
        return Err(io::Error::other(TOO_LARGE));
    }
    decoded(&mut bytes).ok_or_else(|| io::ErrorKind::InvalidData.into())
}

/// The text in UTF-8, or in the UTF-16 that some Windows programs write.
fn decoded(bytes: &mut Zeroizing<Vec<u8>>) -> Option<Zeroizing<String>> {
    let wide: Option<fn([u8; 2]) -> u16> = match bytes.as_slice() {
        [0xff, 0xfe, ..] => Some(u16::from_le_bytes),
        [0xfe, 0xff, ..] => Some(u16::from_be_bytes),
        _ => None,
    };
    if let Some(unit) = wide {
        let units: Zeroizing<Vec<u16>> =
            Zeroizing::new(bytes[2..].chunks_exact(2).map(|pair| unit([pair[0], pair[1]])).collect());
        return String::from_utf16(&units).ok().map(Zeroizing::new);
    }
    if bytes.contains(&0) {
        return None;
    }
    match String::from_utf8(std::mem::take(&mut **bytes)) {
        Ok(text) => Some(Zeroizing::new(text)),
        Err(error) => {
            error.into_bytes().zeroize();
            None
        }
    }
}

/// A path as people write it: `~` for their own folder.
pub(super) fn shown(path: &Path) -> String {
    let text = path.strip_prefix(".").unwrap_or(path).display().to_string();
    let home = home().map(|home| home.display().to_string()).filter(|home| home.len() > 1);
    match home.as_deref().and_then(|home| text.strip_prefix(home)) {
        Some("") => "~".to_owned(),
        Some(rest) if rest.starts_with(['/', '\\']) => format!("~{rest}"),
        _ => text,
    }
}

/// The user's own folder.
pub(super) fn home() -> Option<std::path::PathBuf> {
    let name = if cfg!(windows) { "USERPROFILE" } else { "HOME" };
    environment::get(name).filter(|home| !home.is_empty()).map(Into::into)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_windows_programs_are_read() {
        let wide =
            |text: &str| [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
        let read = |bytes: Vec<u8>| text_of(bytes.as_slice()).map(|text| text.to_string()).ok();
        assert_eq!(read(wide("A=ä")).as_deref(), Some("A=ä"));
        assert_eq!(read(b"\xef\xbb\xbfA=b".to_vec()).as_deref(), Some("\u{feff}A=b"));
        assert_eq!(read(b"A=\xff".to_vec()), None);
        assert_eq!(read(b"A=\0".to_vec()), None);
    }

    #[test]
    fn what_never_ends_is_not_read_to_the_end() {
        assert!(text_of(io::repeat(b'A')).is_err());
    }
}
