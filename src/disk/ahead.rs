//! Photos that will be decoded soon, so that no core waits for a slow disk.

use std::fs::File;
use std::io;
use std::path::Path;

use super::scan::is_raw_name;

/// More than a photo has, and no film.
const MOST_BYTES: u64 = 64 << 20;

/// Asks the system to have the file in memory when it is wanted. Of a raw file only the previews are read, and where they
/// lie is not known yet. A file that cannot be read is told when it is decoded.
pub fn read_ahead(photo: &Path) {
    if !is_raw_name(photo)
        && let Err(error) = File::open(photo).and_then(|mut file| read_in(&mut file))
    {
        log::debug!("{} is not read ahead: {error}", photo.display());
    }
}

#[cfg(target_os = "linux")]
fn read_in(file: &mut File) -> io::Result<()> {
    use rustix::fs::{Advice, fadvise};
    let length = file.metadata()?.len().min(MOST_BYTES);
    // A length of zero would mean all of it.
    Ok(fadvise(file, 0, length.try_into().ok(), Advice::WillNeed)?)
}

/// The other systems have no such wish that the standard library or rustix knows on all of them, so it is read.
#[cfg(not(target_os = "linux"))]
fn read_in(file: &mut File) -> io::Result<()> {
    use std::io::Read;
    io::copy(&mut file.take(MOST_BYTES), &mut io::sink()).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_does_no_harm() {
        let folder = tempfile::tempdir().unwrap();
        let empty = folder.path().join("empty.jpg");
        std::fs::write(&empty, "").unwrap();
        for path in [empty.as_path(), folder.path(), &folder.path().join("gone.jpg")] {
            read_ahead(path);
        }
    }
}
