//! Photos in other programs of the desktop.
//!
//! Promise: the other program is only started, never waited for. Asking the desktop may take a moment, so not on the
//! window's thread.

use std::path::Path;

use opener::OpenError;

use super::is_taken;

/// Shows a file in the file manager. The error is a sentence for people.
pub fn reveal(path: &Path) -> Result<(), String> {
    ask(path, "shown in the file manager", |path| opener::reveal(path))
}

/// Opens a file with the program that the system has for its kind. The error is a sentence for people.
pub fn open_with_default(path: &Path) -> Result<(), String> {
    ask(path, "opened in another program", |path| opener::open(path))
}

fn ask(path: &Path, what: &str, ask: impl Fn(&Path) -> Result<(), OpenError>) -> Result<(), String> {
    if !is_taken(path) {
        return Err(format!("\"{}\" is no longer there. Open its folder again.", path.display()));
    }
    // The desktop knows nothing of this program's working folder, and takes "a:b" for an address.
    let full = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    ask(&full).map_err(|error| format!("\"{}\" could not be {what}: {}.", path.display(), words_of(&error)))
}

fn words_of(error: &OpenError) -> String {
    match error {
        OpenError::Io(error) => error.to_string(),
        OpenError::Spawn { .. } => "the system has no program for it, or none that can be started".to_owned(),
        OpenError::ExitStatus { stderr, .. } if !stderr.trim().is_empty() => {
            stderr.trim().trim_end_matches('.').to_owned()
        }
        _ => "the program that was asked gave up".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_photo_that_is_gone_is_named_and_nobody_is_asked() {
        let nobody = |_: &Path| -> Result<(), OpenError> { panic!("somebody was asked") };
        let reason = ask(Path::new("no such photo.jpg"), "opened", nobody).unwrap_err();
        assert!(reason.contains("no such photo.jpg\" is no longer there"), "{reason}");
    }

    #[test]
    fn the_desktop_gets_a_full_path_and_its_refusal_is_told() {
        let photo = tempfile::NamedTempFile::new().unwrap();
        let refused = |path: &Path| {
            assert!(path.is_absolute());
            Err(OpenError::Spawn { cmds: "xdg-open".to_owned(), source: std::io::ErrorKind::NotFound.into() })
        };
        let reason = ask(photo.path(), "opened in another program", refused).unwrap_err();
        assert!(reason.contains("could not be opened in another program: the system has no program"), "{reason}");
        assert_eq!(ask(photo.path(), "opened", |_| Ok(())), Ok(()));
    }
}
