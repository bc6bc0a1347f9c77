//! An export that is killed at any instant leaves every sidecar as it was or as it was to be, and can be undone.
//!
//! `TAGROLL_KILLS=200 cargo test --test sidecar_kill` asks for more instants than the usual ten.

#![allow(clippy::unwrap_used, reason = "what goes wrong here is a failed test")]

#[path = "support/desk.rs"]
mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use support::{Contents, Desk, packet, plan};
use tagroll::catalog::{Tagging, TaggingOptions};
use tagroll::disk::sidecar::{jobs, preview, undo};

const SIDECARS: usize = 500;
/// Of them, those that are new.
const NEW: usize = 100;
const CHILD: &str = "TAGROLL_TEST_EXPORTS_AT";

fn taggings(desk: &Desk) -> Arc<[Tagging]> {
    (0..SIDECARS).map(|number| desk.tagging(&format!("{number}.jpg"), "harbour/boat")).collect()
}

/// What the child does until it is killed.
fn export(desk: &Desk) {
    let (taggings, options) = (taggings(desk), TaggingOptions::default());
    desk.write(plan(&taggings, &options).rows, &taggings, &options);
}

/// What each file is to become.
fn planned(desk: &Desk) -> BTreeMap<PathBuf, Vec<u8>> {
    let (taggings, options) = (taggings(desk), TaggingOptions::default());
    let rows = plan(&taggings, &options).rows;
    assert_eq!(rows.len(), SIDECARS);
    let after = rows.iter().zip(&*taggings).map(|(row, tagging)| {
        let name = row.file.strip_prefix(desk.photos()).unwrap().to_path_buf();
        (name, preview(row, tagging, &options).unwrap().after)
    });
    after.collect()
}

fn child(desk: &Desk) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "an_export_that_is_killed_can_be_undone"]).env(CHILD, desk.root());
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// Uniform in 0..1 from a seed: the moments differ from kill to kill and are the same in every run.
fn random(seed: u32) -> f64 {
    let mixed = (u64::from(seed) + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed ^ (mixed >> 31)).wrapping_mul(0xbf58_476d_1ce4_e5b9) as f64 / u64::MAX as f64
}

fn wait_while(mut is_so: impl FnMut() -> bool) {
    while is_so() {
        std::thread::yield_now();
    }
}

/// Every file is the old one or the new one; how many are new.
fn check_whole(before: &Contents, planned: &BTreeMap<PathBuf, Vec<u8>>, now: &Contents) -> usize {
    let is_fresh = |name: &PathBuf| name.to_str().unwrap().starts_with(".tagroll");
    for (name, (bytes, _)) in now.iter().filter(|(name, _)| !is_fresh(name)) {
        let is_old = before.get(name).is_some_and(|(old, _)| old == bytes);
        assert!(is_old || planned.get(name) == Some(bytes), "{} is neither the old nor the new one", name.display());
    }
    assert!(before.keys().all(|name| now.contains_key(name)), "a sidecar is gone");
    now.iter().filter(|(name, (bytes, _))| planned.get(*name) == Some(bytes)).count()
}

/// From the journal's first file to the end of the child, so that every moment of the kills is one of writing.
fn duration_of_writing(desk: &Desk) -> Duration {
    let mut child = child(desk);
    wait_while(|| !desk.places().exports().exists() && child.try_wait().unwrap().is_none());
    let begun = Instant::now();
    assert!(child.wait().unwrap().success());
    begun.elapsed()
}

#[test]
fn an_export_that_is_killed_can_be_undone() {
    if let Some(root) = std::env::var_os(CHILD) {
        return export(&Desk::at(root.into()));
    }
    let desk = Desk::new();
    for number in NEW..SIDECARS {
        fs::write(desk.file(&format!("{number}.jpg.xmp")), packet(number)).unwrap();
    }
    let (before, planned) = (desk.contents(), planned(&desk));
    let whole = duration_of_writing(&desk);
    assert_eq!(check_whole(&before, &planned, &desk.contents()), SIDECARS);
    undo(&desk.places(), &jobs(&desk.places())[0].id).unwrap();
    assert_eq!(desk.contents(), before);

    let kills = std::env::var("TAGROLL_KILLS").map_or(10, |kills| kills.parse().unwrap());
    let (mut running, mut halves) = (0, 0);
    for kill in 0..kills {
        let met = killed_at(&desk, whole.mul_f64(random(kill)), &before, &planned);
        running += u32::from(met.running);
        halves += u32::from(met.half_done);
    }
    println!("{running} of {kills} kills met a running export, {halves} of them between its first and its last file");
    assert!(running > 0, "the kills came too late to meet anything");
}

/// What a kill met.
struct Met {
    running: bool,
    /// Something was written, and not all.
    half_done: bool,
}

fn killed_at(desk: &Desk, moment: Duration, before: &Contents, planned: &BTreeMap<PathBuf, Vec<u8>>) -> Met {
    let known = fs::read_dir(desk.places().exports()).unwrap().count();
    let mut child = child(desk);
    let mut is_running = || child.try_wait().unwrap().is_none();
    wait_while(|| fs::read_dir(desk.places().exports()).unwrap().count() == known && is_running());
    let deadline = Instant::now() + moment;
    wait_while(|| Instant::now() < deadline && is_running());
    let running = is_running();
    child.kill().unwrap();
    child.wait().unwrap();
    let new = check_whole(before, planned, &desk.contents());
    for job in jobs(&desk.places()) {
        assert_eq!(undo(&desk.places(), &job.id).unwrap().refused, []);
    }
    assert_eq!(desk.contents(), *before);
    Met { running, half_done: 0 < new && new < SIDECARS }
}
