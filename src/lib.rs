//! Tagroll sorts photos by how well they fit categories described in plain words.
//!
//! # The idea
//!
//! 1. The session is a value. Everything a person can see or change lives in [`engine::Session`], which has no
//!    threads, files or clock.
//! 2. The session says what it still wants; threads make it true. A newer wish replaces the older one whole, so
//!    cancelling is not wanting any more.
//! 3. Results are named by content (a photo's fingerprint, a prompt's text, a model's id), so a late result is unneeded,
//!    never wrong.
//! 4. Scoring is arithmetic, so it runs where the answer is needed.
//!
//! # The map
//!
//! | Folder | What it is | May use |
//! |-|-|-|
//! | [`language`] | what the window says, in each language; may be named by every folder | |
//! | [`catalog`] | what the program is about: photos, categories, embeddings, scores; pure values | |
//! | [`xmp`] | keywords inside XMP packets and photo files: read them, and change them without a trace beside; bytes in, bytes out | `catalog` |
//! | [`disk`] | blocking file work as plain functions: scan, decode, thumbnails, the store, sidecars | `catalog`, `xmp` |
//! | [`clip`] | the network: towers, tokens, pixels, weights | `catalog` |
//! | [`hub`] | the models that one can have: table, download, models folder | `catalog` |
//! | [`engine`] | commands in, events absorbed, wishes out; the threads | all above |
//! | [`cli`] | the command line | `engine`, `catalog` |
//! | `app` | the window | `engine`, `catalog` |
//!
//! `tests/architecture.rs` checks this table, and which folder may name threads, files, the network's tensors, codecs
//! and the window, against every source line.
//!
//! # How a photo comes on screen
//!
//! 1. A person opens a folder: `engine.apply(Command::Open)`. The session wishes for a visit to it.
//! 2. The loader visits it in small steps, fingerprints what the store does not know by path, size and time, and
//!    reports `Found`. In the window, a folder that seems not to have changed is reported as it was listed the last time;
//!    when nothing else is left to do, its files are looked at too (`tests/opening.rs`).
//! 3. The session now also wishes for embeddings, and for the thumbnails of what is on screen.
//! 4. The loader brings from the store what is there. The rest is decoded once, at the smallest scale that serves both
//!    thumbnail and model, or from a smaller picture in the file that does; the pixels go to the encoder, at most 48 on the way.
//!    Each core takes its next photo when it is done with one, while the loader passes on what is ready.
//! 5. The encoder serves texts first, then photos in batches of about 150 ms; each batch is stored, then reported. While a
//!    batch is in the network no photo is begun, so that there are not more threads at work than cores.
//! 6. `Session::absorb` scores what is new: some rows of every category, or one column of one category.
//! 7. The ranking is worked out when it is asked for, and kept until a score, a cut-off or the order changes.
//!
//! What is written down about photos is read in turns with their pictures: out of each photo once, which the store keeps by
//! content, and out of sidecars on every visit, because other programs change them. A filter is marks over the ranking, in
//! memory that is used again (`tests/allocation.rs`).
//!
//! # How one model takes over from another
//!
//! 1. A person chooses it; the session then has a [`engine::Switch`], and wishes for both models to be open.
//! 2. The old one goes on sorting what is on screen and answering what is typed. The new one reads every photo, what is on
//!    screen first; what it makes is kept beside what is in use, and stored.
//! 3. When it has seen all that the old one has seen, and every prompt, it takes over between two frames. Cut-offs become
//!    the cosines that let as many photos in.
//!
//! Models are opened on a thread of their own, because that takes seconds in which prompts go on being answered; and a
//! third thread, the fetcher, does what is to be done in the models folder, because a download must not keep a photo
//! waiting. It runs only for the window: on the command line the download is the job.
//!
//! # How Tagroll keeps out of the way
//!
//! Decoding ahead and the network run at low priority on as many cores as the person allows (`engine/hands.rs`); what somebody
//! waits for has threads of its own. The steward, one more thread, says what the computer runs on and what Tagroll keeps. To
//! forget everything, `Engine` lets all threads go, deletes what is Tagroll's (`disk/own.rs`), and starts them anew.
//!
//! # How keywords leave the program
//!
//! 1. A person asks for an export. The session says what each photo is to be given and what is to be taken from it, as a
//!    `catalog::Job`, and wishes for its plan.
//! 2. The porter, a thread of its own because ten thousand sidecars take seconds, looks at every file: `xmp::merge` says what
//!    would change. The plan is shown; nothing has been written.
//! 3. When the person agrees, the porter writes in batches: what was there before goes into the data folder first, then each
//!    file is replaced whole, if it still is what the plan saw.
//! 4. An export is undone from what was kept. Keywords are taken out, at any later time, by what Tagroll's own namespace in the
//!    packet says that it wrote.
//! 5. A photo that had keywords put into it has another fingerprint. What is known of the old content is copied to the new.
//!
//! `xmp` is apart from `disk` because it is arithmetic on bytes, which can be fuzzed without a file (`tests/fuzz`).
//!
//! The loader, not the encoder, answers from the store: it holds the store for thumbnails anyway, and so what is known
//! comes at once even while the network is busy.
//!
//! # How a category comes to be trusted
//!
//! 1. `Session` keeps categories, labels and verdicts as one value with undo; the store keeps verdicts by category name and
//!    content.
//! 2. `catalog::learn` makes a probe of verdicts, which is blended with the words: a column is still one dot product a
//!    photo. `catalog::auto_cutoff` finds where the category ends.
//! 3. A contest says which categories each photo belongs to. After one change only what that decides is worked out anew,
//!    in memory that is used again (`tests/allocation.rs`).
//! 4. What is too much for one frame is done in slices between frames by `Session::work`, which is arithmetic and not a
//!    wish: it needs neither files nor the network.
//! 5. A photo that is to be explained goes through the network once more for its patches; every heat map of it is
//!    arithmetic. Photos that are almost the same are looked for by the encoder's thread, when nothing else is wanted.
//!
//! While photos arrive, what is learned of them as a whole is taken from a sample that is renewed when they have doubled
//! and when all are there: so once all are there, the session again depends on the events and not on their order.
//!
//! # Invariants, each with a test
//!
//! 1. Any order of the same events gives the same session (`tests/session.rs`).
//! 2. No photo is decoded or encoded twice (`tests/engine.rs` counts).
//! 3. Every wish ends: a failure is an answer too, and is not wished for again (`tests/session.rs`).
//! 4. Originals are opened read-only and every file that Tagroll writes is its own (`tests/engine.rs`), but for what a person
//!    agreed to: sidecars, keywords in JPEGs, photos elsewhere (`tests/export_window.rs`).
//! 5. A bad photo is data with a reason, never an error that stops the others (`tests/decode.rs`, `tests/engine.rs`).
//! 6. A stop at any instant loses at most the batch in flight (`tests/kill.rs`).
//! 7. Embeddings of different models never mix: store and events carry the model's identity (`tests/store.rs`,
//!    `tests/switch.rs`).
//! 8. Merging a packet twice equals merging it once, what was added can be taken out to the byte, and every byte of others
//!    stays (`tests/xmp.rs`). A kill during an export leaves each file old or new (`tests/sidecar_kill.rs`).
//! 9. Forgetting takes away only what Tagroll made, and follows no link (`tests/forget.rs`).
//! 10. Nothing opens a network connection but a model download that the person asked for (`tests/models_cli.rs`, `tests/window.sh`).

#[cfg(feature = "gui")]
pub mod app;
pub mod catalog;
pub mod cli;
pub mod clip;
pub mod disk;
pub mod engine;
pub mod hub;
pub mod language;
pub mod xmp;
