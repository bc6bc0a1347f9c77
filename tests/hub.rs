//! Downloads from a hub that does everything wrong: the result is the right file or a clear message, and never a wrong
//! file in its place.

#![allow(clippy::unwrap_used, reason = "what goes wrong here is a failed test")]

#[path = "hub/answers.rs"]
mod answers;
#[path = "hub/folder.rs"]
mod folder;
#[path = "hub/server.rs"]
mod server;
#[path = "hub/stage.rs"]
mod stage;
#[path = "hub/ways.rs"]
mod ways;

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use server::{COMMIT, Ending, Files, Reply, Request, sha256};
use stage::{Stage, WEIGHTS, failing, files, healthy, noise};
use tagroll::hub::{self, Go};

fn get(name: &str) -> Request {
    Request { method: "GET".into(), target: format!("/{name}"), headers: Default::default(), before: 0 }
}

#[test]
fn a_model_arrives_whole_and_is_not_fetched_twice() {
    let stage = Stage::new(files(2000), healthy);
    let mut last = None;
    let installed = stage.pull_telling(&mut |progress| {
        assert!(progress.done_bytes <= progress.total_bytes.max(1000));
        last = Some(progress);
        Go::On
    });
    stage.check_installed(&installed.unwrap());
    assert_eq!(last.map(|last| (last.done_bytes, last.total_bytes)), Some((2522, 2522)));
    let record = fs::read_to_string(stage.models().join("test-model/tagroll-model.json")).unwrap();
    for word in [COMMIT, "org/name", &sha256(stage.files.bytes(WEIGHTS)), &sha256(stage.files.bytes("config.json"))] {
        assert!(record.contains(word), "{record}");
    }
    let targets: Vec<String> = stage.server.requests().into_iter().map(|request| request.target).collect();
    assert_eq!(targets[0], "/org/name/resolve/main/config.json");
    assert!(targets[1..].iter().all(|target| target.contains(COMMIT)), "one commit for all files: {targets:?}");
    stage.check_arrives();
    assert_eq!(stage.server.requests().len(), targets.len(), "a second pull asks nobody");
}

#[test]
fn an_answer_that_is_cut_at_any_byte_is_gone_on_with() {
    let files = Files::new(&[(WEIGHTS, noise(60, 3))]);
    let length = Reply::bytes(&files.reply(&get(WEIGHTS)), true).len();
    for cut in 0..length {
        let stage = Stage::new(files.clone(), move |request, reply| {
            let is_first = request.is("GET", WEIGHTS) && request.before == 0;
            if is_first { reply.ending(Ending::Cut(cut)) } else { reply }
        });
        stage.check_arrives();
        let second = stage.server.requests().into_iter().filter(|request| request.method == "GET").nth(1).unwrap();
        assert_eq!(second.from(), cut.saturating_sub(length - 60), "cut after {cut} bytes");
    }
}

#[test]
fn a_first_question_that_is_cut_is_asked_again() {
    let stage = Stage::new(files(100), |request, reply| {
        if request.method == "HEAD" && request.before < 2 { reply.ending(Ending::Cut(30)) } else { reply }
    });
    stage.check_arrives();
}

#[test]
fn a_stop_keeps_what_came_and_the_next_pull_goes_on() {
    let stage = Stage::new(files(1_000_000), healthy);
    stage.pull_until(300_000);
    let kept = hub::partial_bytes(&stage.models(), "test-model");
    assert!((300_000..1_000_000).contains(&kept), "{kept}");
    stage.check_arrives();
    let ranges: Vec<usize> =
        stage.server.requests().iter().filter(|request| request.is("GET", WEIGHTS)).map(Request::from).collect();
    // The small file before the weights was complete.
    assert_eq!(ranges, [0, usize::try_from(kept).unwrap() - stage.files.bytes("config.json").len()]);
    assert_eq!(stage.server.count("GET", "config.json"), 1);
}

#[test]
fn discarding_deletes_what_came() {
    let stage = Stage::new(files(1_000_000), healthy);
    stage.pull_until(300_000);
    hub::discard(&stage.models(), "test-model").unwrap();
    assert_eq!(hub::partial_bytes(&stage.models(), "test-model"), 0);
    hub::discard(&stage.models(), "test-model").unwrap();
    stage.check_arrives();
}

#[test]
fn a_wrong_byte_is_noticed_and_fetched_again() {
    let wrong = |mut reply: Reply| {
        reply.body[7] ^= 1;
        reply
    };
    failing(1, wrong).check_arrives();
    let stage = failing(usize::MAX, wrong);
    stage.check_fails(&["model.safetensors", "damaged twice", "try again"]);
    assert_eq!(stage.server.count("GET", WEIGHTS), 2);
    assert_eq!(hub::partial_bytes(&stage.models(), "test-model"), 22, "only the right file is kept");
}

#[test]
fn a_wrong_byte_in_a_file_that_git_keeps_is_noticed_too() {
    let stage = Stage::new(files(100), |request, mut reply| {
        if request.is("GET", "config.json") {
            reply.body[0] ^= 1;
        }
        reply
    });
    stage.check_fails(&["config.json", "damaged"]);
}

#[test]
fn a_file_that_changed_meanwhile_is_fetched_from_its_beginning() {
    let (old, new) = (files(1_000_000), Files::new(&[(WEIGHTS, noise(1_000_000, 9))]));
    let is_new = Arc::new(AtomicBool::new(false));
    let (changed, new_files) = (is_new.clone(), new.clone());
    let mut stage = Stage::new(old, move |request, reply| {
        if changed.load(Ordering::SeqCst) && request.target.ends_with(WEIGHTS) {
            new_files.reply(request)
        } else {
            reply
        }
    });
    stage.pull_until(300_000);
    is_new.store(true, Ordering::SeqCst);
    let names = ["config.json", "tokenizer.json"].map(|name| (name, stage.files.bytes(name).to_vec()));
    stage.files = Files::new(&[&names[..], &[(WEIGHTS, new.bytes(WEIGHTS).to_vec())]].concat());
    stage.check_arrives();
    let last = stage.server.requests().into_iter().rfind(|request| request.is("GET", WEIGHTS)).unwrap();
    assert_eq!(last.from(), 0);
}

#[test]
fn a_change_between_the_question_and_the_file_is_noticed() {
    let other = noise(2000, 77);
    let stage = failing(usize::MAX, move |reply| Reply { body: other.clone(), ..reply });
    stage.check_fails(&["damaged"]);
}

#[test]
fn a_server_without_ranges_sends_all_of_it_again() {
    let whole = files(1_000_000);
    let stage = Stage::new(
        whole.clone(),
        move |request, reply| {
            if request.is("GET", WEIGHTS) { whole.reply(&get(WEIGHTS)) } else { reply }
        },
    );
    stage.pull_until(300_000);
    stage.check_arrives();
}

#[test]
fn a_range_that_cannot_be_had_begins_anew() {
    let stage = Stage::new(files(1_000_000), |request, reply| {
        if request.from() > 0 { Reply::new(416, &[("Content-Length", "0")], b"") } else { reply }
    });
    stage.pull_until(300_000);
    stage.check_arrives();
    let elsewhere = Stage::new(files(1_000_000), |request, reply| match request.from() {
        0 => reply,
        from => reply.without("Content-Range").with("Content-Range", &format!("bytes {}-999999/1000000", from - 1)),
    });
    elsewhere.pull_until(300_000);
    elsewhere.check_arrives();
}

#[test]
fn a_partial_file_that_was_complete_is_not_asked_for_again() {
    let stage = Stage::new(files(2000), healthy);
    stage.pull_until(22 + 2000);
    stage.check_arrives();
    assert_eq!(stage.server.count("GET", WEIGHTS), 1);
}

#[test]
fn two_downloads_of_one_model_do_not_meet() {
    let stage = Stage::new(files(2000), healthy);
    let refusals = Mutex::new(Vec::new());
    let installed = stage.pull_telling(&mut |_| {
        refusals.lock().unwrap().push(stage.pull().unwrap_err());
        Go::On
    });
    stage.check_installed(&installed.unwrap());
    let refusals = refusals.into_inner().unwrap();
    assert!(!refusals.is_empty());
    assert!(refusals.iter().all(|trouble| trouble.to_string().contains("at work on the model")), "{refusals:?}");
}

#[test]
fn what_may_not_be_offered_is_not_fetched() {
    let mut stage = Stage::new(files(2000), healthy);
    stage.model.is_offered = false;
    stage.check_fails(&["research only", "add its folder"]);
    assert_eq!(stage.server.requests().len(), 0);
}
