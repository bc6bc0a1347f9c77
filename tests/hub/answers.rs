//! A server that refuses, stumbles, falls silent, or answers in odd ways.

use std::time::Duration;

use tagroll::hub::{self, Go, Stop, Trouble};

use crate::server::{Ending, Reply, Request};
use crate::stage::{Stage, WEIGHTS, failing, files};

fn answering(status: u16, headers: &'static [(&'static str, &'static str)]) -> impl Fn(Reply) -> Reply {
    move |_| Reply::new(status, headers, b"no").with("Content-Length", "2")
}

#[test]
fn a_refusal_is_told_in_words_and_not_tried_again() {
    for (status, words) in [
        (401, ["does not accept the token", "HF_TOKEN"]),
        (403, ["terms", "org/name"]),
        (404, ["has no model.safetensors", "org/name"]),
        (418, ["418", "model.safetensors"]),
    ] {
        let stage = failing(usize::MAX, answering(status, &[]));
        stage.check_fails(&words);
        assert_eq!(stage.server.count("GET", WEIGHTS), 1);
    }
    let mut stage = Stage::new(files(10), |_, _| Reply::new(401, &[("Content-Length", "0")], b""));
    stage.hub.token = None;
    stage.check_fails(&["only to people with an account", "set HF_TOKEN"]);
}

#[test]
fn a_passing_fault_is_tried_again() {
    for status in [429, 500, 503, 504] {
        let stage = failing(3, answering(status, &[]));
        stage.check_arrives();
        assert_eq!(stage.server.count("GET", WEIGHTS), 4);
    }
    failing(3, answering(429, &[("Retry-After", "0")])).check_arrives();
    let broken = failing(usize::MAX, answering(500, &[]));
    broken.check_fails(&["fault of its own", "500", "try again later"]);
    assert_eq!(broken.server.count("GET", WEIGHTS), 4, "it is left alone after four tries");
    let heads = Stage::new(files(10), |r, reply| if r.before == 0 { answering(502, &[])(reply) } else { reply });
    heads.check_arrives();
}

#[test]
fn a_server_that_asks_for_a_long_rest_gets_it() {
    let stage = failing(usize::MAX, answering(429, &[("Retry-After", "7200")]));
    stage.check_fails(&["too many questions", "120 minutes"]);
    assert_eq!(stage.server.count("GET", WEIGHTS), 1);
}

#[test]
fn a_wait_between_tries_can_be_stopped() {
    let mut stage = failing(usize::MAX, answering(429, &[("Retry-After", "86400")]));
    stage.hub.patience.longest_pause = Duration::from_secs(1_000_000);
    let server = &stage.server;
    let mut stop = |_| if server.count("GET", WEIGHTS) > 0 { Go::Stop } else { Go::On };
    assert_eq!(hub::pull(&stage.models(), &stage.model, &stage.hub, &mut stop), Err(Trouble::Stopped));
}

#[test]
fn a_silent_server_is_given_up_and_the_next_try_goes_on() {
    for ending in [Ending::Silence(0), Ending::Silence(40), Ending::Silence(900), Ending::Trickle(900)] {
        let mut stage = failing(1, move |reply| reply.ending(ending));
        (stage.hub.patience.quiet, stage.hub.patience.least_bytes) = (Duration::from_millis(300), 1000);
        // A slow machine may lose another connection to the short patience; it must not run out of tries.
        stage.hub.patience.tries = 1000;
        stage.check_arrives();
        assert!(stage.server.count("GET", WEIGHTS) >= 2, "{ending:?}");
    }
}

#[test]
fn a_server_that_is_always_silent_ends_in_words() {
    for (ending, words) in [(Ending::Silence(10), "does not answer"), (Ending::Trickle(900), "next to nothing")] {
        let mut stage = failing(usize::MAX, move |reply| reply.ending(ending));
        (stage.hub.patience.quiet, stage.hub.patience.least_bytes) = (Duration::from_millis(300), 1_000_000);
        stage.model.files = vec![WEIGHTS.to_owned()];
        stage.hub.patience.tries = 2;
        // On a slow machine the patience may already end with the questions before.
        let Err(Trouble::Failed(said)) = stage.pull() else { panic!("it did not fail") };
        assert!(said.contains(words) || said.contains("does not answer"), "{said}");
        assert_eq!(hub::installed(&stage.models()), []);
    }
}

#[test]
fn a_stop_is_heard_while_the_server_is_silent() {
    for (method, ending) in [
        ("HEAD", Ending::Silence(0)),
        ("GET", Ending::Silence(0)),
        ("GET", Ending::Silence(40)),
        ("GET", Ending::Silence(900)),
    ] {
        let stop = Stop::default();
        let at_the_question = stop.clone();
        let mut stage = Stage::new(files(2000), move |request, reply| {
            if request.is(method, WEIGHTS) {
                at_the_question.stop();
                return reply.ending(ending);
            }
            reply
        });
        stage.hub.patience.quiet = Duration::from_secs(1_000_000);
        stage.hub.stop = stop;
        assert_eq!(stage.pull(), Err(Trouble::Stopped));
        assert_eq!(hub::installed(&stage.models()), []);
    }
}

#[test]
fn a_model_that_cannot_fit_is_refused_before_its_first_byte() {
    for size in ["1000000000000000000", "18446744073709551615"] {
        let stage = Stage::new(files(2000), move |request, reply| {
            let reply = if request.is("HEAD", WEIGHTS) { reply.without("X-Linked-Size") } else { reply };
            if request.is("HEAD", WEIGHTS) { reply.with("X-Linked-Size", size) } else { reply }
        });
        stage.check_fails(&["needs", "Free some room"]);
        assert!(stage.server.requests().iter().all(|request| request.method == "HEAD"));
    }
}

#[test]
fn a_server_that_tells_no_lengths_is_judged_by_the_hash() {
    let without = |request: &Request, reply: Reply| {
        let reply = reply.without("Content-Length").without("X-Linked-Size");
        let is_first = request.is("GET", WEIGHTS) && request.before == 0;
        if is_first { reply.ending(Ending::Cut(1500)) } else { reply }
    };
    Stage::new(files(2000), without).check_arrives();
    let blind = Stage::new(files(2000), |_, reply| {
        reply.without("Content-Length").without("X-Linked-Size").without("X-Linked-Etag").without("ETag")
    });
    blind.check_fails(&["neither the length nor the hash"]);
}

#[test]
fn a_server_without_hashes_never_leaves_a_mixed_file() {
    let stage = Stage::new(files(1_000_000), |_, reply| reply.without("X-Linked-Etag").without("ETag"));
    stage.pull_until(300_000);
    stage.check_arrives();
    assert!(stage.server.requests().iter().all(|request| request.from() == 0));
}

#[test]
fn a_body_in_pieces_is_put_together() {
    let in_pieces = |reply: Reply| {
        let pieces = reply
            .body
            .chunks(300)
            .map(|piece| [format!("{:x};note=1\r\n", piece.len()).as_bytes(), piece, b"\r\n"].concat());
        let body = [pieces.collect::<Vec<_>>().concat(), b"0\r\nTrailer: 1\r\n\r\n".to_vec()].concat();
        Reply { body, ..reply.without("Content-Length").with("Transfer-Encoding", "chunked") }
    };
    failing(usize::MAX, in_pieces).check_arrives();
    for cut in [400, 700, 1990] {
        failing(1, move |reply| in_pieces(reply).ending(Ending::Cut(cut))).check_arrives();
    }
    failing(1, move |reply| Reply { body: b"zz\r\n".to_vec(), ..in_pieces(reply) }).check_arrives();
}

#[test]
fn a_body_whose_end_never_comes_is_given_up() {
    let mut stage = failing(usize::MAX, |reply| {
        let body = [b"7d0\r\n", &reply.body[..], b"\r\n0\r\n"].concat();
        let mut reply = Reply { body, ..reply.without("Content-Length").with("Transfer-Encoding", "chunked") };
        let end = reply.bytes(true).len();
        reply.body.extend(b"Trailer: 1\r\n".repeat(100_000));
        reply.ending(Ending::Trickle(end))
    });
    // Each byte comes in time, but what they belong to does not.
    (stage.hub.patience.quiet, stage.hub.patience.tries) = (Duration::from_millis(300), 1000);
    stage.check_arrives();
}

#[test]
fn an_answer_of_another_length_is_not_taken() {
    let longer = |mut reply: Reply| {
        reply.body.push(0);
        reply.without("Content-Length").with("Content-Length", "2001")
    };
    failing(usize::MAX, longer).check_fails(&["2000 bytes", "2001"]);
    let endless = |mut reply: Reply| {
        reply.body.push(0);
        reply.without("Content-Length")
    };
    failing(usize::MAX, endless).check_fails(&["longer than it is"]);
    failing(1, endless).check_arrives();
    failing(usize::MAX, |reply| reply.with("Content-Encoding", "gzip")).check_fails(&["as it is"]);
}
