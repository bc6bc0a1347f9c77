//! The ways to a file: redirects, proxies, safe connections, and what other programs fetched before.

use std::fs;
use std::path::Path;
use std::time::Duration;

use tagroll::hub::{Stop, Trouble};

use crate::server::{self, COMMIT, Files, Reply, Server, git_blob, sha256};
use crate::stage::{Stage, WEIGHTS, files, healthy};

#[test]
fn redirects_are_followed_and_the_token_stays_at_home() {
    let held = files(2000);
    let warehouse = Server::start(move |request| held.reply(request).without("ETag").with("ETag", &"f".repeat(64)));
    let far = warehouse.url();
    let stage = Stage::new(files(2000), move |request, reply| {
        let name = request.target.rsplit('/').next().unwrap();
        if request.target.starts_with("/org") && !name.ends_with(".safetensors") {
            let near = format!("/api/cache/{name}");
            return Reply::new(307, &[("Location", &near), ("X-Repo-Commit", COMMIT), ("Content-Length", "0")], b"");
        }
        if request.target.starts_with("/org") {
            let far = format!("{far}/blobs/{name}");
            return reply.without("Content-Length").with("Location", &far).with("Content-Length", "0").status(302);
        }
        reply
    });
    stage.check_arrives();
    assert!(stage.server.requests().iter().all(|r| r.headers["authorization"] == "Bearer hf_secret"));
    let there = warehouse.requests();
    assert_eq!(there.len(), 1, "only the weights lie there");
    assert!(!there[0].headers.contains_key("authorization"), "{there:?}");
}

#[test]
fn redirects_that_lead_nowhere_end_in_words() {
    let round = Stage::new(files(10), |request, _| Reply::new(302, &[("Location", &request.target)], b""));
    round.check_fails(&["redirects again and again"]);
    let odd = Stage::new(files(10), |_, _| Reply::new(302, &[("Location", "file:///etc/passwd")], b""));
    odd.check_fails(&["no web address"]);
}

#[test]
fn a_proxy_is_asked_with_the_whole_address() {
    let held = files(2000);
    let proxy = Server::start(move |request| held.reply(request));
    let mut stage = Stage::new(files(2000), healthy);
    stage.hub.endpoint = "http://hub.test".to_owned();
    stage.hub.proxies.for_http = Some(proxy.url().replace("//", "//me:secret@"));
    stage.check_arrives();
    for request in proxy.requests() {
        assert!(request.target.starts_with("http://hub.test/org/name/resolve/"), "{request:?}");
        assert_eq!(request.headers["proxy-authorization"], "Basic bWU6c2VjcmV0");
        assert_eq!(request.headers["host"], "hub.test");
    }
    assert_eq!(stage.server.requests().len(), 0);
}

#[test]
fn a_safe_connection_goes_through_a_tunnel() {
    let proxy = Server::start(|_| Reply::new(407, &[("Content-Length", "0")], b""));
    let mut stage = Stage::new(files(10), healthy);
    stage.hub.endpoint = "https://hub.test".to_owned();
    stage.hub.proxies.for_https = Some(proxy.url());
    stage.check_fails(&["name and a password", "HTTPS_PROXY"]);
    let asked = &proxy.requests()[0];
    assert_eq!((asked.method.as_str(), asked.target.as_str()), ("CONNECT", "hub.test:443"));
    assert!(!asked.headers.contains_key("authorization"), "the token is not the proxy's");
    stage.hub.proxies.for_https = Some("socks5://proxy:1080".to_owned());
    stage.check_fails(&["proxy", "http://"]);
}

#[test]
fn a_safe_connection_needs_a_certificate_that_is_trusted() {
    let mut stage = Stage::new(files(400_000), healthy);
    stage.hub.endpoint = server::start_tls(stage.files.clone());
    stage.check_fails(&["certificate is not trusted", "SSL_CERT_FILE"]);
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tls");
    stage.hub.authorities = Some(fixtures.join("localhost.key"));
    stage.check_fails(&["not trusted"]);
    stage.hub.authorities = Some(fixtures.join("nothing.pem"));
    stage.check_fails(&["nothing.pem", "SSL_CERT_FILE"]);
    stage.hub.authorities = Some(fixtures.join("authority.pem"));
    stage.check_arrives();
}

#[test]
fn a_hub_that_is_not_there_is_told_in_words() {
    let mut stage = Stage::new(files(10), healthy);
    stage.hub.endpoint = closed_port();
    stage.check_fails(&["Could not reach 127.0.0.1", "try again later"]);
    stage.hub.endpoint = stage.server.url().replace("http", "https");
    (stage.hub.patience.quiet, stage.hub.patience.tries) = (Duration::from_millis(300), 1);
    stage.check_fails(&["does not answer"]);
    stage.hub.endpoint = "not an address".to_owned();
    stage.check_fails(&["HF_ENDPOINT"]);
}

/// A port that nobody listens at.
fn closed_port() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

/// The cache of the hub's own programs with the model in it, its blobs named by hash.
#[cfg(unix)]
fn fill_cache(cache: &Path, files: &Files, damage: Option<&str>) {
    let repository = cache.join("models--org--name");
    let snapshot = repository.join("snapshots").join(COMMIT);
    for folder in [repository.join("refs"), repository.join("blobs"), snapshot.clone()] {
        fs::create_dir_all(folder).unwrap();
    }
    fs::write(repository.join("refs/main"), COMMIT).unwrap();
    for name in files.names() {
        let bytes = files.bytes(&name);
        let blob = if name == WEIGHTS { sha256(bytes) } else { git_blob(bytes) };
        let mut bytes = bytes.to_vec();
        bytes[3] ^= u8::from(damage == Some(name.as_str()));
        fs::write(repository.join("blobs").join(&blob), bytes).unwrap();
        std::os::unix::fs::symlink(format!("../../blobs/{blob}"), snapshot.join(&name)).unwrap();
    }
}

#[cfg(unix)]
#[test]
fn what_other_programs_fetched_is_taken_without_a_connection() {
    let (mut stage, cache) = (Stage::new(files(2000), healthy), tempfile::tempdir().unwrap());
    fill_cache(cache.path(), &stage.files, None);
    stage.hub.caches = vec![cache.path().to_path_buf()];
    stage.check_arrives();
    assert_eq!(stage.server.requests().len(), 0);
    let record = fs::read_to_string(stage.models().join("test-model/tagroll-model.json")).unwrap();
    assert!(record.contains(COMMIT), "{record}");
}

#[cfg(unix)]
#[test]
fn what_other_programs_left_damaged_or_half_is_downloaded() {
    for damage in [WEIGHTS, "config.json"] {
        let (mut stage, cache) = (Stage::new(files(2000), healthy), tempfile::tempdir().unwrap());
        fill_cache(cache.path(), &stage.files, Some(damage));
        stage.hub.caches = vec![cache.path().to_path_buf()];
        stage.check_arrives();
        assert_eq!(stage.server.count("GET", WEIGHTS), 1);
    }
    let (mut stage, cache) = (Stage::new(files(2000), healthy), tempfile::tempdir().unwrap());
    fill_cache(cache.path(), &stage.files, None);
    fs::remove_file(cache.path().join("models--org--name/snapshots").join(COMMIT).join("tokenizer.json")).unwrap();
    stage.hub.caches = vec![cache.path().to_path_buf()];
    stage.check_arrives();
}

#[test]
fn a_stop_is_heard_while_nobody_answers_the_first_word_of_a_safe_connection() {
    let stop = Stop::default();
    let at_the_question = stop.clone();
    let silent = server::start_deaf(move || at_the_question.stop());
    let mut stage = Stage::new(files(2000), healthy);
    stage.hub.endpoint = silent.replace("http:", "https:");
    (stage.hub.patience.quiet, stage.hub.patience.connect) =
        (Duration::from_secs(1_000_000), Duration::from_secs(1_000_000));
    stage.hub.stop = stop.clone();
    assert_eq!(stage.pull(), Err(Trouble::Stopped));
    assert!(stop.is_stopped());
    // The same behind a proxy that does not answer.
    stage.hub.stop = Stop::default();
    let again = stage.hub.stop.clone();
    stage.hub.proxies.for_https = Some(server::start_deaf(move || again.stop()));
    stage.hub.endpoint = "https://hub.test".to_owned();
    assert_eq!(stage.pull(), Err(Trouble::Stopped));
}
