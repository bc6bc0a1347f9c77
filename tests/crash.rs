//! What is left of a crash: this test's own program is started once more, and crashes where a parent can look at it.

#![allow(clippy::unwrap_used, reason = "what goes wrong here is a failed test")]

use std::env;
use std::fs;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{self, Child, Command, Stdio};
use std::thread;

use tagroll::engine::Options;
use tagroll::engine::crash::watch;
use tagroll::guard::guarded;

const DATA: &str = "TAGROLL_TEST_DATA";
const END: &str = "TAGROLL_TEST_END";
const READY: &str = "the child is ready";

/// A name that must not be in any report.
const PHOTO: &str = "/home/anna/Our wedding/First kiss.jpg";

/// The program once more, to end like this.
fn child(data: &Path, end: &str) -> Child {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", "the_program_ends_as_its_parent_asks", "--nocapture"]).env(DATA, data).env(END, end);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn ended(data: &Path, end: &str) -> process::Output {
    child(data, end).wait_with_output().unwrap()
}

fn files(data: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(data.join("crashes")) else { return Vec::new() };
    entries.map(|entry| entry.unwrap().path()).collect()
}

/// The one file there.
fn report(data: &Path) -> String {
    let files = files(data);
    assert_eq!(files.len(), 1, "{files:?}");
    fs::read_to_string(&files[0]).unwrap()
}

#[test]
fn the_program_ends_as_its_parent_asks() {
    let (Ok(data), Ok(end)) = (env::var(DATA), env::var(END)) else { return };
    let options = Options { data_dir: Some(data.into()), remembers: true, ..Options::default() };
    let watch = watch(&options, |line| eprintln!("{line}"));
    watch.note_window("OpenGL 4.5 of a test".to_owned());
    match end.as_str() {
        "well" => {}
        "panic" => {
            let crash = || panic!("photo {} is gone", Path::new(PHOTO).display());
            assert!(thread::Builder::new().name("loader".to_owned()).spawn(crash).unwrap().join().is_err());
        }
        "guarded" => assert!(guarded(|| panic!("a decoder gives up")).is_err()),
        "five panics" => {
            (0..5).for_each(|number| assert!(thread::spawn(move || panic!("number {number}")).join().is_err()));
        }
        "abort" => process::abort(),
        "signal" => {
            println!("{READY}");
            // Until the parent is done with it.
            let _ = io::stdin().read(&mut [0]);
        }
        other => panic!("no such end: {other}"),
    }
}

#[test]
fn a_panic_leaves_a_report_that_names_no_photo_and_no_folder() {
    let data = tempfile::tempdir().unwrap();
    let output = ended(data.path(), "panic");
    let report = report(data.path());
    for part in [
        concat!("version    ", env!("CARGO_PKG_VERSION")),
        "thread     loader",
        "message    photo …",
        "window     OpenGL 4.5 of a test",
        "place      crash.rs:",
        "processor  ",
        "panicking",
    ] {
        assert!(report.contains(part), "{part} is not in\n{report}");
    }
    let folders = [data.path().to_str().unwrap(), env!("CARGO_MANIFEST_DIR"), "/home", "/root"];
    for name in ["anna", "wedding", "kiss"].into_iter().chain(folders) {
        assert!(!report.contains(name), "{name} is in\n{report}");
    }
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("A report of this crash is in") && said.contains("sent nowhere"), "{said}");
}

#[test]
fn what_a_decoder_gives_up_on_is_no_crash() {
    let data = tempfile::tempdir().unwrap();
    assert!(ended(data.path(), "guarded").status.success());
    assert_eq!(files(data.path()), Vec::<PathBuf>::new());
}

#[test]
fn a_part_that_fails_again_and_again_is_reported_three_times() {
    let data = tempfile::tempdir().unwrap();
    ended(data.path(), "five panics");
    assert_eq!(files(data.path()).len(), 3);
}

#[test]
fn a_program_that_ends_well_leaves_nothing() {
    let data = tempfile::tempdir().unwrap();
    assert!(ended(data.path(), "well").status.success());
    assert_eq!(files(data.path()), Vec::<PathBuf>::new());
}

#[cfg(target_os = "linux")]
#[test]
fn an_end_without_a_word_is_reported_at_the_next_start() {
    let data = tempfile::tempdir().unwrap();
    assert!(!ended(data.path(), "abort").status.success());
    ended(data.path(), "well");
    let report = report(data.path());
    assert!(report.contains("ended without a word") && report.contains("OpenGL 4.5 of a test"), "{report}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_program_that_a_signal_ends_did_not_crash() {
    let data = tempfile::tempdir().unwrap();
    let mut child = child(data.path(), "signal");
    // Waiting for the child would close it, and with that the child would end by itself.
    let _its_input = child.stdin.take();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains(READY)));
    assert_eq!(files(data.path()).len(), 1, "the mark of a program that runs");
    assert!(Command::new("kill").arg(child.id().to_string()).status().unwrap().success());
    assert!(!child.wait().unwrap().success());
    assert_eq!(files(data.path()), Vec::<PathBuf>::new());
}
