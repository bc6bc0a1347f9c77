//! What was packaged with the program: photos to try it on, and a model that takes the place of the one inside it.
//!
//! Promise: it is looked for in one folder, whose place beside the program each system knows, and is only ever read.

use std::fs;
use std::path::{Path, PathBuf};

/// The folder of photos, in a package or a checkout.
pub fn sample_photos() -> Option<PathBuf> {
    let program = program()?;
    // A build lies up to four folders below the checkout.
    let checkouts = program.ancestors().skip(1).take(4).map(|folder| folder.join("assets/sample"));
    let packaged = beside(&program).map(|folder| folder.join("sample"));
    packaged.into_iter().chain(checkouts).find(|sample| sample.is_dir())
}

/// The folder of the model; its own name says which model it is.
pub fn packaged_model() -> Option<PathBuf> {
    only_folder(&beside(&program()?)?.join("model"))
}

/// Links to the program lead to where it was installed. Windows has none to programs, and its full paths would be unreadable.
fn program() -> Option<PathBuf> {
    let program = std::env::current_exe().ok()?;
    if cfg!(windows) { Some(program) } else { fs::canonicalize(program).ok() }
}

/// Where a package has what belongs to the program.
fn beside(program: &Path) -> Option<PathBuf> {
    let programs = program.parent()?;
    if cfg!(windows) {
        return Some(programs.to_path_buf());
    }
    let share = if cfg!(target_os = "macos") { "Resources" } else { "share/tagroll" };
    Some(programs.parent()?.join(share))
}

/// The first by name, should there be several.
fn only_folder(parent: &Path) -> Option<PathBuf> {
    let entries = fs::read_dir(parent).ok()?.flatten().map(|entry| entry.path());
    entries.filter(|path| path.is_dir()).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_the_folder_in_the_folder_of_models() {
        let package = tempfile::tempdir().unwrap();
        assert_eq!(only_folder(&package.path().join("model")), None);
        fs::create_dir_all(package.path().join("model/tinyclip")).unwrap();
        fs::write(package.path().join("model/README.md"), "not a model").unwrap();
        assert_eq!(only_folder(&package.path().join("model")), Some(package.path().join("model/tinyclip")));
    }

    #[test]
    fn a_program_that_is_not_packaged_carries_no_model() {
        assert_eq!(packaged_model(), None);
    }
}
