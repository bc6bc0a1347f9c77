//! One file from the hub, from where an earlier try ended.
//!
//! Promise: the file gets its name only when its length and hash are those that the hub told, read back from the disk.

use std::fs::{self, File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::digest::{self, Digests};
use super::folder::RecordedFile;
use super::http::{Body, Client, Head, Hitch, Tried, persist};
use super::meter::Meter;
use super::remote::{MOST_REDIRECTS, Remote, circle, follow, judge};
use super::{Go, KnownModel, Trouble};

/// A file that is on its way into a folder.
pub struct Fetch<'a> {
    pub client: &'a Client<'a>,
    pub model: &'a KnownModel,
    pub remote: &'a Remote,
    pub folder: &'a Path,
}

impl Fetch<'_> {
    /// Brings the file into the folder, or finds it there. A file that arrives damaged is fetched once more from its
    /// beginning.
    pub fn run(&self, meter: &mut Meter) -> Result<RecordedFile, Trouble> {
        meter.name(&self.remote.name);
        let target = self.folder.join(&self.remote.name);
        if target.exists() {
            let digests = self.hash(&target, meter)?;
            if self.is_right(&digests) {
                return Ok(self.recorded(digests, meter));
            }
            delete(&target)?;
        }
        for _ in 0..2 {
            persist(self.client.hub, &mut |meter: &mut Meter| self.attempt(meter), meter)?;
            let digests = self.hash(&self.partial(), meter)?;
            if self.is_right(&digests) {
                fs::rename(self.partial(), &target)
                    .map_err(|error| Trouble::of_file("Could not rename", &target, &error))?;
                return Ok(self.recorded(digests, meter));
            }
            log::debug!("{} arrived damaged", self.remote.name);
            delete(&self.partial())?;
        }
        Err(Trouble::Failed(format!(
            "{} of {} arrived damaged twice, and nothing of it was kept. A proxy or the server changes it on the way; \
             try again over another connection.",
            self.remote.name, self.model.repository
        )))
    }

    fn partial(&self) -> PathBuf {
        self.folder.join(format!("{}.partial", self.remote.name))
    }

    fn recorded(&self, digests: Digests, meter: &mut Meter) -> RecordedFile {
        meter.complete_file(digests.size_bytes);
        RecordedFile { name: self.remote.name.clone(), size_bytes: digests.size_bytes, sha256: digests.sha256 }
    }

    fn hash(&self, path: &Path, meter: &mut Meter) -> Result<Digests, Trouble> {
        digest::of_file(path, self.remote.digest.as_ref(), &mut |_| {
            if meter.beat().is_ok() { Go::On } else { Go::Stop }
        })
    }

    fn is_right(&self, digests: &Digests) -> bool {
        digests.is_expected && self.remote.size_bytes.is_none_or(|size| size == digests.size_bytes)
    }

    /// One connection's worth.
    fn attempt(&self, meter: &mut Meter) -> Tried<()> {
        let opened = OpenOptions::new().create(true).truncate(false).write(true).open(self.partial());
        let begun = opened.and_then(|mut file| file.seek(SeekFrom::End(0)).map(|end| (file, end)));
        let (mut file, mut done) = match begun {
            Ok(begun) => begun,
            Err(error) => return Tried { outcome: Err(self.unwritable(&error).into()), is_fresh: false },
        };
        let before = done;
        let outcome = self.fill(&mut file, &mut done, meter);
        Tried { outcome, is_fresh: done.saturating_sub(before) >= self.client.hub.patience.fresh_bytes }
    }

    fn fill(&self, file: &mut File, done: &mut u64, meter: &mut Meter) -> Result<(), Hitch> {
        let flush = |file: &File| file.sync_all().map_err(|error| self.unwritable(&error));
        // Without a hash nobody would notice that the rest belongs to another version.
        let is_too_long = self.remote.size_bytes.is_some_and(|size| *done > size);
        if self.remote.digest.is_none() || is_too_long {
            self.restart(file, done)?;
        }
        meter.set_done(*done);
        if *done > 0 && self.remote.size_bytes == Some(*done) {
            return Ok(flush(file)?);
        }
        let (head, body) = self.open(*done)?;
        let continues = continues(&head, *done);
        if !continues {
            self.restart(file, done)?;
        }
        if !continues && head.status != 200 {
            // It was asked for what the file does not have there, so what was here is no beginning of it.
            return Err(Hitch::passing(format!("{} must be fetched from its beginning.", self.remote.name)));
        }
        self.check_length(&head, &body, *done)?;
        self.receive(body, file, done, meter)?;
        Ok(flush(file)?)
    }

    /// Asks the hub anew each time, because the places that it redirects to are good for minutes only.
    fn open(&self, from: u64) -> Result<(Head, Body), Hitch> {
        let mut at = self.remote.at.clone();
        for _ in 0..MOST_REDIRECTS {
            let (head, body) = self.client.get(&at, from)?;
            if let Some(location) = head.location() {
                at = follow(&at, location)?;
                continue;
            }
            if !(head.status == 416 && from > 0) {
                judge(self.client, &head, self.model, &self.remote.name, &at)?;
            }
            return Ok((head, body));
        }
        Err(Hitch::Final(circle(&at)))
    }

    /// The whole file must be as long as the hub said, before a byte of it is written.
    fn check_length(&self, head: &Head, body: &Body, from: u64) -> Result<(), Hitch> {
        if !matches!(head.status, 200 | 206)
            || head.header("content-encoding").is_some_and(|coding| coding != "identity")
        {
            return Err(Hitch::Final(format!("The server does not give {} as it is.", self.remote.name)));
        }
        match (self.remote.size_bytes, body.length) {
            (Some(size), Some(left)) if from.checked_add(left) != Some(size) => Err(Hitch::passing(format!(
                "{} has {size} bytes, but the server offers {}.",
                self.remote.name,
                from.saturating_add(left)
            ))),
            (None, None) if !head.is_chunked() && self.remote.digest.is_none() => Err(Hitch::Final(format!(
                "The server tells neither the length nor the hash of {}, so nobody could say whether all of it came.",
                self.remote.name
            ))),
            _ => Ok(()),
        }
    }

    fn receive(&self, mut body: Body, file: &mut File, done: &mut u64, meter: &mut Meter) -> Result<(), Hitch> {
        let patience = &self.client.hub.patience;
        let mut chunk = vec![0; digest::CHUNK_BYTES];
        let (mut begun, mut done_then) = (Instant::now(), *done);
        loop {
            let room = self.remote.size_bytes.map_or(u64::MAX, |size| size.saturating_sub(*done));
            let count = body.read(&mut chunk)?;
            if count == 0 {
                return self.ended(*done);
            }
            if count as u64 > room {
                return Err(self.too_long(file, done));
            }
            self.write(file, &chunk[..count], *done)?;
            *done += count as u64;
            meter.set_done(*done);
            meter.beat()?;
            if begun.elapsed() >= patience.quiet {
                if *done - done_then < patience.least_bytes {
                    return Err(Hitch::passing("The server sends next to nothing."));
                }
                (begun, done_then) = (Instant::now(), *done);
            }
        }
    }

    fn write(&self, file: &mut File, bytes: &[u8], done: u64) -> Result<(), Hitch> {
        let is_much = done / digest::FLUSH_BYTES != (done + bytes.len() as u64) / digest::FLUSH_BYTES;
        let written = file.write_all(bytes).and_then(|()| if is_much { file.sync_data() } else { Ok(()) });
        Ok(written.map_err(|error| self.unwritable(&error))?)
    }

    fn ended(&self, done: u64) -> Result<(), Hitch> {
        match self.remote.size_bytes {
            Some(size) if done < size => Err(Hitch::passing("The connection was closed too early.")),
            _ => Ok(()),
        }
    }

    fn too_long(&self, file: &mut File, done: &mut u64) -> Hitch {
        let restarted = self.restart(file, done);
        restarted.err().unwrap_or_else(|| Hitch::passing(format!("{} came longer than it is.", self.remote.name)))
    }

    fn restart(&self, file: &mut File, done: &mut u64) -> Result<(), Hitch> {
        file.set_len(0).and_then(|()| file.rewind()).map_err(|error| self.unwritable(&error))?;
        *done = 0;
        Ok(())
    }

    fn unwritable(&self, error: &std::io::Error) -> Trouble {
        Trouble::of_file("Could not write", &self.partial(), error)
    }
}

/// Whether the answer begins where the file on the disk ends. A server that does not know ranges sends all of it.
fn continues(head: &Head, from: u64) -> bool {
    let begins_at = |range: &str| range.strip_prefix("bytes ")?.split('-').next()?.trim().parse::<u64>().ok();
    match head.status {
        206 => head.header("content-range").and_then(begins_at) == Some(from),
        _ => from == 0,
    }
}

fn delete(path: &Path) -> Result<(), Trouble> {
    fs::remove_file(path).map_err(|error| Trouble::of_file("Could not delete", path, &error))
}
