//! `tagroll models`, run as a person or a script runs it.

#![allow(clippy::unwrap_used, reason = "what goes wrong here is a failed test")]

#[path = "parity/checkpoint.rs"]
#[allow(dead_code, reason = "each test binary uses its own part")]
mod checkpoint;
#[path = "hub/server.rs"]
#[allow(dead_code, reason = "each test binary uses its own part")]
mod server;
mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use server::{Files, Server};
use support::tagroll;
use tagroll::hub;

/// The variables that lead to a hub; none of them may come from the machine that runs the test.
const VARIABLES: [&str; 12] = [
    "HF_TOKEN",
    "HF_TOKEN_PATH",
    "HF_HUB_CACHE",
    "HUGGINGFACE_HUB_CACHE",
    "HUGGING_FACE_HUB_TOKEN",
    "XDG_CACHE_HOME",
    "http_proxy",
    "https_proxy",
    "HTTPS_PROXY",
    "all_proxy",
    "ALL_PROXY",
    "no_proxy",
];

/// The program with a data folder and a hub of its own.
fn command(data: &Path, endpoint: &str, arguments: &[&str]) -> Command {
    let mut command = tagroll(data, arguments);
    settle(&mut command, data, endpoint);
    command
}

fn settle(command: &mut Command, data: &Path, endpoint: &str) {
    for name in VARIABLES {
        command.env_remove(name);
    }
    command.env("HF_ENDPOINT", endpoint).env("HF_HOME", data.join("hf"));
}

fn run(data: &Path, endpoint: &str, arguments: &[&str]) -> Output {
    command(data, endpoint, arguments).output().unwrap()
}

fn json(data: &Path, endpoint: &str, arguments: &[&str]) -> Value {
    let output = run(data, endpoint, &[arguments, &["--json"]].concat());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {said}");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn fails(data: &Path, endpoint: &str, arguments: &[&str], words: &[&str]) {
    let output = run(data, endpoint, arguments);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {said}");
    for word in words {
        assert!(said.contains(word), "{arguments:?}: \"{said}\" lacks \"{word}\"");
    }
}

/// A port that nobody listens at.
fn closed_port() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

/// The files of the recommended model, with weights of no use.
fn recommended_files() -> Files {
    let bytes = |name: &str| (name.to_owned(), name.repeat(100).into_bytes());
    let files: Vec<(String, Vec<u8>)> = hub::recommended().files.iter().map(|name| bytes(name)).collect();
    let files: Vec<(&str, Vec<u8>)> = files.iter().map(|(name, bytes)| (name.as_str(), bytes.clone())).collect();
    Files::new(&files)
}

#[test]
fn the_recommended_model_is_fetched_after_saying_what_it_is() {
    let data = tempfile::tempdir().unwrap();
    let files = recommended_files();
    let server = Server::start(move |request| files.reply(request));
    let id = hub::recommended().id.as_str();
    let output = run(data.path(), &server.url(), &["models", "pull", id, "--json"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    for word in ["Fetching", "607 MB", "MIT", &server.url(), &hub::recommended().repository] {
        assert!(said.contains(word), "\"{said}\" lacks \"{word}\"");
    }
    let pulled: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(pulled["id"], id);
    let asked = server.requests().len();
    let listed = json(data.path(), &closed_port(), &["models", "list"]);
    assert_eq!(listed["installed"][0], pulled);
    let known = listed["known"].as_array().unwrap().iter().find(|model| model["id"] == id).unwrap();
    assert_eq!((&known["installed"], &known["recommended"]), (&true.into(), &true.into()));
    assert_eq!(json(data.path(), &closed_port(), &["models", "pull", id]), pulled, "it is here, so nobody is asked");
    assert_eq!(server.requests().len(), asked);
}

#[test]
fn a_model_is_checked_and_removed_without_a_network() {
    let data = tempfile::tempdir().unwrap();
    let files = recommended_files();
    let server = Server::start(move |request| files.reply(request));
    let (id, nowhere) = (hub::recommended().id.as_str(), closed_port());
    let pulled = json(data.path(), &server.url(), &["models", "pull", id]);
    let folder = PathBuf::from(pulled["folder"].as_str().unwrap());
    let verified = json(data.path(), &nowhere, &["models", "verify"]);
    assert_eq!(verified, serde_json::json!([{"id": id, "ok": true, "faults": []}]));

    let file = folder.join("tokenizer.json");
    let mut bytes = fs::read(&file).unwrap();
    bytes[5] ^= 1;
    fs::write(&file, bytes).unwrap();
    let output = run(data.path(), &nowhere, &["models", "verify", id, "--json"]);
    assert_eq!(output.status.code(), Some(1));
    let verified: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&verified[0]["ok"], &verified[0]["faults"][0]["file"]), (&false.into(), &"tokenizer.json".into()));

    assert_eq!(json(data.path(), &nowhere, &["models", "remove", id]), serde_json::json!({"removed": id}));
    assert!(!folder.exists());
    assert_eq!(json(data.path(), &nowhere, &["models", "list"])["installed"], serde_json::json!([]));
    fails(data.path(), &nowhere, &["models", "remove", id], &["no model", id]);
    fails(data.path(), &nowhere, &["models", "remove", "../hf"], &["not the name of a model"]);
    fails(data.path(), &nowhere, &["models", "verify", id], &["no model", id]);
}

#[test]
fn a_folder_that_is_no_model_is_refused_in_the_words_of_the_network() {
    let (data, from) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let nowhere = closed_port();
    fails(data.path(), &nowhere, &["models", "add", from.path().to_str().unwrap()], &["was not added"]);
    fails(data.path(), &nowhere, &["models", "add", "/nowhere at all"], &["/nowhere at all"]);
    assert_eq!(json(data.path(), &nowhere, &["models", "list"])["installed"], serde_json::json!([]));
}

#[test]
fn a_model_that_is_here_is_added_without_a_network() {
    let (data, parent) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (from, nowhere) = (parent.path().join("My CLIP"), closed_port());
    fs::create_dir(&from).unwrap();
    let (config, processor) = checkpoint::smallest();
    checkpoint::write(&from, &config, &processor, &checkpoint::tensors(&config, candle_core::DType::F32));
    fs::write(from.join("holiday.jpg"), "not a part of the model").unwrap();
    let file = from.join("model.safetensors");
    let first = json(data.path(), &nowhere, &["models", "add", from.to_str().unwrap()]);
    let second = json(data.path(), &nowhere, &["models", "add", file.to_str().unwrap()]);
    assert_eq!((&first["id"], &first["name"]), (&"my-clip".into(), &"My CLIP".into()));
    assert_eq!((&second["id"], &second["name"]), (&"my-clip-2".into(), &"My CLIP (2)".into()));
    assert_eq!(json(data.path(), &nowhere, &["models", "list"])["installed"], serde_json::json!([first, second]));
    assert!(json(data.path(), &nowhere, &["models", "verify"]).as_array().unwrap().iter().all(|m| m["ok"] == true));
    let folder = PathBuf::from(first["folder"].as_str().unwrap());
    assert!(!folder.join("holiday.jpg").exists());
    fails(data.path(), &nowhere, &["models", "add", folder.to_str().unwrap()], &["in the models folder already"]);
    for (model, dimensions) in [(folder.to_str().unwrap(), 4), ("my-clip-2", 4), ("starter", 384)] {
        let found = json(data.path(), &nowhere, &["doctor", "--model", model]);
        assert_eq!(found["model"]["dimensions"], dimensions, "{model}");
    }
    assert_eq!(
        json(data.path(), &nowhere, &["doctor"])["model"]["dimensions"],
        4,
        "it is better than the starter model"
    );
    let missing = hub::recommended().id.as_str();
    fails(data.path(), &nowhere, &["embed", "--text", "a cat", "--model", missing], &["models pull"]);
}

/// The program as a package lays it out, with a model if there is one; beside its own build, so that it can be linked.
fn packaged(model: Option<&str>) -> (tempfile::TempDir, PathBuf) {
    let package = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let (programs, shared) = if cfg!(windows) {
        (".", ".")
    } else if cfg!(target_os = "macos") {
        ("MacOS", "Resources")
    } else {
        ("bin", "share/tagroll")
    };
    let program = package.path().join(programs).join(if cfg!(windows) { "tagroll.exe" } else { "tagroll" });
    fs::create_dir_all(program.parent().unwrap()).unwrap();
    fs::hard_link(env!("CARGO_BIN_EXE_tagroll"), &program).unwrap();
    if let Some(model) = model {
        let folder = package.path().join(shared).join("model").join(model);
        fs::create_dir_all(&folder).unwrap();
        let (config, processor) = checkpoint::smallest();
        checkpoint::write(&folder, &config, &processor, &checkpoint::tensors(&config, candle_core::DType::F32));
    }
    (package, program)
}

#[test]
fn a_model_in_the_package_sorts_in_place_of_the_one_inside_the_program() {
    let data = tempfile::tempdir().unwrap();
    let (_plain, plain) = packaged(None);
    let (_package, with_model) = packaged(Some("small-clip"));
    for (program, named, name) in [
        (&plain, &[][..], "Starter model"),
        (&with_model, &[][..], "small-clip"),
        (&with_model, &["--model", "starter"][..], "small-clip"),
    ] {
        let mut doctor = Command::new(program);
        doctor.args(["doctor", "--json"]).args(named).arg("--data-dir").arg(data.path());
        let output = doctor.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let found: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(found["model"]["name"], name);
    }
}

#[test]
fn a_list_says_what_can_be_had() {
    let data = tempfile::tempdir().unwrap();
    let output = run(data.path(), &closed_port(), &["models", "list"]);
    let said = String::from_utf8_lossy(&output.stdout);
    let line = said.lines().find(|line| line.contains(&hub::recommended().id)).unwrap();
    assert!(line.contains("607 MB") && line.contains("recommended") && line.contains("72.8 %"), "{line}");
    assert!(said.contains("research only"), "{said}");
    fails(data.path(), &closed_port(), &["models", "pull", "nothing"], &["nothing", "tagroll models list"]);
}

#[test]
fn what_may_not_be_fetched_is_not_asked_for() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(|_| server::Reply::new(500, &[], b""));
    fails(data.path(), &server.url(), &["models", "pull", "mobileclip-b"], &["research only"]);
    assert_eq!(server.requests().len(), 0);
}

#[cfg(unix)]
#[test]
fn control_c_keeps_what_came_and_the_next_pull_goes_on() {
    use std::process::Stdio;

    let data = tempfile::tempdir().unwrap();
    let files = recommended_files();
    let weights = hub::recommended().files.iter().find(|file| file.ends_with(".safetensors")).unwrap().clone();
    let server = Server::start(move |request| {
        let reply = files.reply(request);
        let is_first = request.is("GET", &weights) && request.before == 0;
        let silence = server::Ending::Silence(reply.bytes(true).len() - 1000);
        if is_first { reply.ending(silence) } else { reply }
    });
    let id = hub::recommended().id.as_str();
    let mut pull = command(data.path(), &server.url(), &["models", "pull", id]);
    let child = pull.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let models = data.path().join("models");
    // The small file before the weights has 2100 bytes; this is inside the weights.
    while hub::partial_bytes(&models, id) < 3000 {
        std::thread::yield_now();
    }
    let interrupt = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(interrupt.success());
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("go on"), "{said}");
    assert_eq!(hub::installed(&models), []);
    json(data.path(), &server.url(), &["models", "pull", id]);
    let ranges: Vec<usize> =
        server.requests().iter().filter(|r| r.is("GET", ".safetensors")).map(server::Request::from).collect();
    assert!(ranges.len() == 2 && ranges[1] > 0, "{ranges:?}");
}

#[cfg(unix)]
#[test]
fn a_disk_that_takes_no_more_is_told_and_leaves_no_model() {
    let data = tempfile::tempdir().unwrap();
    let id = hub::recommended().id.as_str();
    let files = hub::recommended().files.iter().map(|name| (name.as_str(), vec![b'x'; 200_000])).collect::<Vec<_>>();
    let files = Files::new(&files);
    let server = Server::start(move |request| files.reply(request));
    let pull = command(data.path(), &server.url(), &["models", "pull", id]);
    // No file may grow beyond 50 kB, and the program hears of it as an error.
    let mut shell = Command::new("sh");
    shell.args(["-c", "trap '' XFSZ; ulimit -f 100; exec \"$0\" \"$@\""]).arg(pull.get_program()).args(pull.get_args());
    settle(&mut shell, data.path(), &server.url());
    let output = shell.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("Could not write"), "{said}");
    assert_eq!(hub::installed(&data.path().join("models")), []);
    json(data.path(), &server.url(), &["models", "pull", id]);
}

/// Network sockets that a run opened, as the kernel saw them; `None` where it may not be asked.
#[cfg(target_os = "linux")]
fn sockets(data: &Path, endpoint: &str, arguments: &[&str]) -> Option<Vec<String>> {
    let log = data.join("strace.log");
    let plain = command(data, endpoint, arguments);
    let mut traced = Command::new("strace");
    traced.args(["-f", "-qq", "-e", "trace=socket,connect", "-o"]).arg(&log);
    traced.arg(plain.get_program()).args(plain.get_args());
    settle(&mut traced, data, endpoint);
    let said = traced.output().ok()?.stderr;
    let said = String::from_utf8_lossy(&said);
    if said.contains("ptrace") || said.contains("not permitted") {
        return None;
    }
    let log = fs::read_to_string(log).ok()?;
    Some(log.lines().filter(|line| line.contains("INET")).map(str::to_owned).collect())
}

#[cfg(target_os = "linux")]
#[test]
fn nothing_but_a_pull_opens_a_connection() {
    use std::io::Write;

    let (data, nowhere) = (tempfile::tempdir().unwrap(), closed_port());
    let id = hub::recommended().id.as_str();
    let empty = Server::start(|_| server::Reply::new(404, &[], b""));
    let Some(pulling) = sockets(data.path(), &empty.url(), &["models", "pull", "siglip-b-16-256"]) else {
        let line = b"SKIPPED: the kernel's own view of connections, because strace does not work here\n";
        std::io::stderr().write_all(line).unwrap();
        return;
    };
    assert!(!pulling.is_empty(), "a pull is seen");
    let files = recommended_files();
    let server = Server::start(move |request| files.reply(request));
    json(data.path(), &server.url(), &["models", "pull", id]);
    let photo = support::sample_photos().join("cat.jpg");
    let photo = photo.to_str().unwrap();
    for arguments in [
        &["models", "list"][..],
        &["models", "verify"],
        &["models", "pull", id],
        &["models", "remove", id],
        &["models", "add", data.path().to_str().unwrap()],
        &["doctor"],
        &["sort", photo, "--category", "cat"],
        &["embed", photo],
    ] {
        assert_eq!(sockets(data.path(), &nowhere, arguments), Some(vec![]), "{arguments:?}");
    }
}
