//! What several tests need: photos, a program to run, an engine to wait for.

#![allow(dead_code, reason = "each test binary uses its own part")]
#![allow(clippy::unwrap_used, reason = "what goes wrong here is a failed test")]

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use tagroll::engine::{self, Engine, Options, PrecisionChoice};

/// The photos that come with the project.
pub fn sample_photos() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/sample")
}

/// Photos beside the project, one folder a category. Says aloud that `what` is skipped where they are absent.
pub fn shared_photos(what: &str) -> Option<PathBuf> {
    let photos = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/photos");
    if photos.is_dir() {
        return Some(photos.canonicalize().unwrap());
    }
    // Written past the test runner, which would keep `eprintln!` of a passing test to itself.
    let line = format!("SKIPPED: {what}, because ../shared/photos is not there\n");
    io::stderr().write_all(line.as_bytes()).unwrap();
    None
}

/// Copies the first `count` sample photos into `folder`.
pub fn copy_samples(folder: &Path, count: usize) {
    let entries = fs::read_dir(sample_photos()).unwrap().map(|entry| entry.unwrap().path());
    let mut photos: Vec<PathBuf> = entries.filter(|path| path.extension().is_some_and(|e| e == "jpg")).collect();
    photos.sort();
    assert!(photos.len() >= count, "there are only {} sample photos", photos.len());
    fs::create_dir_all(folder).unwrap();
    for photo in &photos[..count] {
        fs::copy(photo, folder.join(photo.file_name().unwrap())).unwrap();
    }
}

/// The program with these arguments and a data folder of its own.
pub fn tagroll(data_dir: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tagroll"));
    command.args(arguments).arg("--data-dir").arg(data_dir);
    command
}

pub fn run(data_dir: &Path, arguments: &[&str]) -> Output {
    tagroll(data_dir, arguments).output().unwrap()
}

/// The JSON that a run printed; panics with what it said if it failed.
pub fn json(data_dir: &Path, arguments: &[&str]) -> serde_json::Value {
    let output = run(data_dir, &[arguments, &["--json"]].concat());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {said}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// An engine on a data folder of its own, with the starter model.
pub fn engine(data_dir: &Path) -> Engine {
    start(&Options { data_dir: Some(data_dir.to_path_buf()), ..Options::default() })
}

/// The same, as exact as asked for.
pub fn engine_in(data_dir: &Path, precision: PrecisionChoice) -> Engine {
    start(&Options { data_dir: Some(data_dir.to_path_buf()), precision: Some(precision), ..Options::default() })
}

fn start(options: &Options) -> Engine {
    Engine::start(options, || {}).unwrap()
}

/// No working engine needs this long, not even on a machine that does many things at once.
const PATIENCE: Duration = Duration::from_secs(300);

/// Pumps until `is_there`.
pub fn wait_until(engine: &mut Engine, is_there: impl Fn(&engine::Session) -> bool) {
    let begun = Instant::now();
    while !is_there(engine.session()) {
        assert!(begun.elapsed() < PATIENCE, "{}", state(engine.session()));
        engine.wait(Duration::from_millis(50));
    }
}

/// What a session waits for.
fn state(session: &engine::Session) -> String {
    let (wish, switch) = (session.wish(), session.switch());
    let switch = switch.map(|switch| (switch.to.clone(), format!("{:?}", switch.model), switch.done, switch.of));
    let missing = (wish.embeddings.len(), wish.texts, wish.next_texts, wish.visits);
    format!("{:?}, missing {missing:?}, switch {switch:?}, {:?}", session.counts(), session.notices())
}
