//! Room on the disk, asked for before the first byte is written.

use std::path::Path;

use super::Trouble;
use crate::catalog::words;

/// What must be left when a model is in place: the store and other programs write, too.
const MARGIN_BYTES: u64 = 64 << 20;

/// An error in words if the disk of `models` has no room for `needed_bytes` more.
pub fn require(models: &Path, needed_bytes: u64) -> Result<(), Trouble> {
    match fs4::available_space(models) {
        Ok(free_bytes) => judge(models, needed_bytes, free_bytes),
        // Some network disks do not tell; a full disk shows itself soon enough.
        Err(error) => {
            log::debug!("free space is unknown: {error}");
            Ok(())
        }
    }
}

fn judge(models: &Path, needed_bytes: u64, free_bytes: u64) -> Result<(), Trouble> {
    if needed_bytes == 0 || needed_bytes.saturating_add(MARGIN_BYTES) <= free_bytes {
        return Ok(());
    }
    Err(Trouble::Failed(format!(
        "The model needs {} more on the disk of {}, where {} are free. Free some room, then try again.",
        words::size(needed_bytes),
        models.display(),
        words::size(free_bytes)
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_refused_with_both_numbers() {
        let models = Path::new("models");
        assert_eq!(judge(models, 0, 0), Ok(()), "nothing is left to write");
        assert_eq!(judge(models, 600_000_000, 700_000_000), Ok(()));
        let Err(Trouble::Failed(words)) = judge(models, 1_600_000_000, 700_000_000) else { panic!("it was accepted") };
        assert!(words.contains("needs 1.6 GB") && words.contains("700 MB are free"), "{words}");
        assert!(judge(models, u64::MAX, 700_000_000).is_err());
    }
}
