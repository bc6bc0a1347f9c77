//! The encoder thread: runs the network over texts and photos.
//!
//! Texts come first, because a person is waiting for them; photos go in batches short enough that a text typed
//! meanwhile hardly waits. While one model is to take over from another, both are open: the old one answers for the
//! texts that are being typed, the new one reads the photos.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, at, never, select};

use super::choice::ModelRequest;
use super::event::Event;
use super::hands::Hands;
use super::opening::{Opened, Opening};
use super::turns::Turns;
use super::wish::{AlikeQuestion, Wanted, Wish};
use super::{Closed, Outbox, newest};
use crate::catalog::{Comparison, Embedding, Fingerprint};
use crate::clip::{DeviceChoice, Encoder, ModelCard, ModelId, ModelInput};
use crate::disk::{Places, Store};

/// How long a batch may take: what a keystroke waits at worst.
const BATCH_TIME: Duration = Duration::from_millis(150);
const LARGEST_BATCH: usize = 16;
/// How long photos wait for more, because the network does less work for each in a full batch. Only a decoder that is slow
/// makes them wait so long, and then nobody waits for these photos.
const LONGEST_WAIT: Duration = Duration::from_millis(500);
/// A bank of sentences must not keep a typed one waiting.
const TEXTS_AT_ONCE: usize = 8;

/// A decoded photo on its way to the network.
pub struct Input {
    pub name: Fingerprint,
    /// Whose size the pixels have.
    pub model: ModelId,
    pub pixels: ModelInput,
    pub purpose: Purpose,
}

/// What a photo is sent for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    Embedding,
    Patches,
}

/// Works until the engine is dropped.
pub fn run(
    places: &Places,
    hands: Arc<Hands>,
    wishes: &Receiver<Wish>,
    inputs: &Receiver<Input>,
    turns: &Turns,
    outbox: &Outbox,
) {
    // The loader reports a store that cannot be opened; here its absence only means that nothing is kept.
    let store = Store::open(&places.store()).ok();
    let (seats, answered_requests, answered, queue, waiting_since, comparison, wish) = Default::default();
    let opening = Opening::new(places.clone(), hands.clone());
    let mut desk = Desk {
        seats,
        opening,
        hands,
        answered_requests,
        store,
        outbox,
        turns,
        answered,
        queue,
        waiting_since,
        comparison,
        wish,
    };
    let _ = desk.work(wishes, inputs);
}

/// A model that is open.
struct Seat {
    request: ModelRequest,
    encoder: Box<dyn Encoder>,
    /// As the encoder's own, but for the device and why it is that one.
    card: Arc<ModelCard>,
    /// Photos in the next batch.
    batch: usize,
    has_left_its_device: bool,
}

struct Desk<'a> {
    seats: Vec<Seat>,
    opening: Opening,
    hands: Arc<Hands>,
    /// Requests that were answered, as long as every wish names them: what a wish gave up is answered anew.
    answered_requests: Vec<ModelRequest>,
    store: Option<Store>,
    outbox: &'a Outbox,
    turns: &'a Turns,
    answered: HashSet<(ModelId, String)>,
    queue: VecDeque<Input>,
    /// When the photos in the queue began to wait for a full batch.
    waiting_since: Option<Instant>,
    comparison: Option<(Arc<AlikeQuestion>, Comparison)>,
    wish: Wish,
}

impl Desk<'_> {
    fn work(&mut self, wishes: &Receiver<Wish>, inputs: &Receiver<Input>) -> Result<(), Closed> {
        loop {
            // Photos before wishes: a photo here is named by a wish that is here too, so none is dropped by an older one.
            self.queue.extend(inputs.try_iter());
            let (texts, requests) = (&mut self.answered, &mut self.answered_requests);
            if let Some(newer) = newest(wishes, false, |passing| forget_unwanted(texts, requests, passing))? {
                self.wish = newer;
                self.hands.use_cores(self.wish.cores);
                self.drop_unwanted();
            }
            if self.open_models()? || self.encode_missing_texts()? || self.map_patches()? {
                continue;
            }
            let waiting_since = self.waiting_since.take();
            let may_read = !self.wish.is_paused && !self.wish.is_saving_power;
            if may_read && self.encode_photos(waiting_since)? || self.compare()? {
                continue;
            }
            self.wait(wishes, inputs)?;
        }
    }

    /// Sleeps until there is a new wish, a photo or a model, or photos have waited long enough.
    fn wait(&mut self, wishes: &Receiver<Wish>, inputs: &Receiver<Input>) -> Result<(), Closed> {
        let enough = self.waiting_since.map_or_else(never, |since| at(since + LONGEST_WAIT));
        select! {
            recv(enough) -> _ => {}
            recv(wishes) -> newer => {
                self.wish = newer.map_err(|_| Closed)?;
                self.hands.use_cores(self.wish.cores);
                forget_unwanted(&mut self.answered, &mut self.answered_requests, &self.wish);
            }
            // The loader is gone only when the engine is going too.
            recv(inputs) -> input => self.queue.push_back(input.map_err(|_| Closed)?),
            recv(self.opening.opened()) -> opened => {
                if let Some(opened) = self.opening.end(opened.ok()) {
                    self.take_opened(opened)?;
                }
            }
        }
        Ok(())
    }

    /// Keeps open what is wished for, the model in use first. Returns whether anything was reported.
    fn open_models(&mut self) -> Result<bool, Closed> {
        if let Some(opened) = self.opening.take() {
            self.take_opened(opened)?;
            return Ok(true);
        }
        let wanted: Vec<ModelRequest> = self.wish.in_use.iter().chain(&self.wish.next).cloned().collect();
        self.seats.retain(|seat| wanted.contains(&seat.request));
        let new = wanted.into_iter().find(|request| !self.answered_requests.contains(request));
        let Some(request) = new else { return Ok(false) };
        if let Some(seat) = self.seats.iter().find(|seat| seat.request == request) {
            let card = seat.card.clone();
            self.answer(Event::ModelReady { request: request.clone(), card }, request)?;
            return Ok(true);
        }
        if !self.opening.is_free() {
            return Ok(false);
        }
        let wants_trial = self.wish.trials.contains(&request);
        let Err(error) = self.opening.begin(request.clone(), request.device, wants_trial, None) else {
            return Ok(false);
        };
        let reason = format!("Could not open the model: {error}");
        self.answer(Event::ModelFailed { request: request.clone(), reason }, request)?;
        Ok(true)
    }

    fn answer(&mut self, event: Event, request: ModelRequest) -> Result<(), Closed> {
        self.answered_requests.push(request);
        self.outbox.send(event)
    }

    fn take_opened(&mut self, opened: Opened) -> Result<(), Closed> {
        let Opened { request, outcome, photos_per_second, note } = opened;
        let is_wanted = self.wish.in_use.iter().chain(&self.wish.next).any(|wanted| *wanted == request);
        let encoder = match outcome {
            _ if !is_wanted => return Ok(()),
            Ok(encoder) => encoder,
            Err(reason) => return self.answer(Event::ModelFailed { request: request.clone(), reason }, request),
        };
        let has_left_its_device = note.is_some();
        let card = encoder.card().clone();
        let card = Arc::new(ModelCard { device_note: note.or(card.device_note.clone()), ..card });
        self.answer(Event::ModelReady { request: request.clone(), card: card.clone() }, request.clone())?;
        if let Some(photos_per_second) = photos_per_second {
            self.outbox.send(Event::Trial { request: request.clone(), photos_per_second })?;
        }
        self.seats.retain(|seat| seat.request != request);
        self.seats.push(Seat { request, encoder, card, batch: 4, has_left_its_device });
        Ok(())
    }

    fn encode_missing_texts(&mut self) -> Result<bool, Closed> {
        let of_next = self.wish.next.iter().map(|next| (next, &self.wish.next_texts));
        for (request, texts) in self.wish.in_use.iter().map(|in_use| (in_use, &self.wish.texts)).chain(of_next) {
            let Some(seat) = self.seats.iter().find(|seat| seat.request == *request) else { continue };
            let model = seat.card.id.clone();
            let is_new = |text: &&String| !self.answered.contains(&(model.clone(), (*text).clone()));
            let texts: Vec<String> = texts.iter().filter(is_new).cloned().collect();
            if !texts.is_empty() {
                let texts: Vec<String> = texts.into_iter().take(TEXTS_AT_ONCE).collect();
                let texts = encode_texts(seat.encoder.as_ref(), texts);
                self.answered.extend(texts.iter().map(|(text, _)| (model.clone(), text.clone())));
                self.outbox.send(Event::Texts { model, texts })?;
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Looks where in a photo there is what; returns whether there was any to look at.
    fn map_patches(&mut self) -> Result<bool, Closed> {
        let Some(place) = self.queue.iter().position(|input| input.purpose == Purpose::Patches) else {
            return Ok(false);
        };
        let Some(Input { name, model, pixels, .. }) = self.queue.remove(place) else { return Ok(false) };
        if let Some(seat) = self.seats.iter().find(|seat| seat.card.id == model) {
            let outcome = seat.encoder.map_patches(&pixels).map_err(|error| format!("{error:#}"));
            self.outbox.send(Event::Patches { model, photo: name, outcome })?;
        }
        Ok(true)
    }

    /// Does a step of the search for photos that are almost the same; returns whether there was one to do.
    fn compare(&mut self) -> Result<bool, Closed> {
        let Some(question) = self.wish.alike.clone() else {
            self.comparison = None;
            return Ok(false);
        };
        let is_begun = self.comparison.as_ref().is_some_and(|(begun, _)| Arc::ptr_eq(begun, &question));
        if !is_begun {
            let comparison = Comparison::of(&question.vectors, &question.rows);
            self.comparison = Some((question, comparison));
        }
        let Some((question, comparison)) = &mut self.comparison else { return Ok(false) };
        if comparison.is_done() {
            return Ok(false);
        }
        if let Some(sets) = comparison.step(&question.vectors) {
            let question = question.clone();
            self.outbox.send(Event::Alike { question, sets })?;
        }
        Ok(true)
    }

    /// Encodes one batch; returns whether there was any.
    fn encode_photos(&mut self, waiting_since: Option<Instant>) -> Result<bool, Closed> {
        let request = self.wish.next.as_ref().or(self.wish.in_use.as_ref());
        let Some(seat) = self.seats.iter_mut().find(|seat| Some(&seat.request) == request) else { return Ok(false) };
        self.queue.retain(|input| input.model == seat.card.id || input.purpose == Purpose::Patches);
        let since = waiting_since.unwrap_or_else(Instant::now);
        match due(&self.queue, seat.batch, &self.wish) {
            Due::Nothing => return Ok(false),
            Due::Later if since.elapsed() < LONGEST_WAIT => {
                self.waiting_since = Some(since);
                return Ok(false);
            }
            Due::Later | Due::Now => {}
        }
        let mut batch = Vec::new();
        while batch.len() < seat.batch {
            let Some(place) = self.queue.iter().position(|input| input.purpose == Purpose::Embedding) else { break };
            batch.extend(self.queue.remove(place));
        }
        let model = seat.card.id.clone();
        match seat.encode(&batch, self.turns, &self.hands) {
            Ok(embeddings) => {
                let named: Vec<_> = batch.iter().map(|input| input.name).zip(embeddings).collect();
                self.keep(&model, &named)?;
                self.outbox.send(Event::Encoded { model, embeddings: named })?;
            }
            // Smaller batches need less memory, and find the photo that the model cannot take.
            Err(_) if batch.len() > 1 => {
                seat.batch = batch.len() / 2;
                batch.into_iter().rev().for_each(|input| self.queue.push_front(input));
            }
            Err(error) if seat.may_leave_its_device() => {
                let device = &seat.card.device;
                let note = format!("{device} could not encode a photo ({error:#}), so the CPU does.");
                let request = seat.request.clone();
                self.queue.extend(batch);
                self.seats.retain(|seat| seat.request != request);
                self.answered_requests.retain(|answered| *answered != request);
                // Without a thread for it, the next round opens it where it was.
                let _ = self.opening.begin(request, DeviceChoice::Cpu, false, Some(note));
            }
            Err(error) => {
                let reason = format!("The model could not encode it: {error:#}");
                self.outbox.send(Event::NotEncoded { model, reasons: vec![(batch[0].name, reason)] })?;
            }
        }
        Ok(true)
    }

    /// Forgets photos of folders that were closed, and everything when the person stopped the work.
    fn drop_unwanted(&mut self) {
        let mut names = HashSet::new();
        self.queue.retain(|input| match input.purpose {
            Purpose::Embedding => self.wish.wants_embedding(input.name) && names.insert(input.name),
            Purpose::Patches => self.wish.patches.as_ref().is_some_and(|wanted| wanted.fingerprint == input.name),
        });
    }

    /// The store is written per batch, so a stop at any instant loses at most the batch in flight.
    fn keep(&mut self, model: &ModelId, named: &[(Fingerprint, Embedding)]) -> Result<(), Closed> {
        let Some(store) = &mut self.store else { return Ok(()) };
        match store.put_embeddings(&model.0, named) {
            Ok(()) => Ok(()),
            Err(error) => self.outbox.send(Event::Notice(error.to_string())),
        }
    }
}

impl Seat {
    fn encode(&mut self, batch: &[Input], turns: &Turns, hands: &Hands) -> anyhow::Result<Vec<Embedding>> {
        let _turn = (self.card.device == "CPU").then(|| turns.take());
        let pixels: Vec<ModelInput> = batch.iter().map(|input| input.pixels.clone()).collect();
        let (embeddings, took) = hands.encode(&mut self.encoder, &pixels);
        let embeddings = embeddings?;
        let fitting = (BATCH_TIME.as_secs_f64() / took.as_secs_f64().max(1e-6) * batch.len() as f64) as usize;
        // As many for each core, so that none waits for another's last photo.
        let cores = hands.encoders().current_num_threads();
        self.batch = (fitting / cores * cores).clamp(1, LARGEST_BATCH);
        Ok(embeddings)
    }

    /// Once: what the CPU cannot do either is the photo's fault.
    fn may_leave_its_device(&mut self) -> bool {
        let is_elsewhere = self.card.device != "CPU" && !self.has_left_its_device;
        self.has_left_its_device = true;
        is_elsewhere
    }
}

/// When the photos in the queue are to go through the network.
enum Due {
    Nothing,
    /// When there are more, or when they have waited long enough.
    Later,
    Now,
}

/// Now, if they are enough for a batch, or all that are wanted.
fn due(queue: &VecDeque<Input>, batch: usize, wish: &Wish) -> Due {
    let here = queue.iter().filter(|input| input.purpose == Purpose::Embedding).map(|input| input.name);
    let here: HashSet<Fingerprint> = here.take(batch).collect();
    let is_here = |wanted: &Wanted| here.contains(&wanted.fingerprint);
    match here.len() {
        0 => Due::Nothing,
        count if count >= batch || wish.embeddings.iter().chain(&wish.first).all(is_here) => Due::Now,
        _ => Due::Later,
    }
}

/// One by one if they fail together, so that one bad text does not take the others with it.
fn encode_texts(encoder: &dyn Encoder, texts: Vec<String>) -> Vec<(String, Result<Embedding, String>)> {
    match encoder.encode_texts(&texts) {
        Ok(embeddings) => texts.into_iter().zip(embeddings.into_iter().map(Ok)).collect(),
        Err(_) => texts.into_iter().map(|text| encode_text(encoder, text)).collect(),
    }
}

fn encode_text(encoder: &dyn Encoder, text: String) -> (String, Result<Embedding, String>) {
    let result = encoder.encode_texts(std::slice::from_ref(&text));
    let first = result.and_then(|mut embeddings| embeddings.pop().ok_or_else(|| anyhow::anyhow!("no answer")));
    (text, first.map_err(|error| format!("{error:#}")))
}

/// What a wish does not name is wanted anew if a later one names it again.
fn forget_unwanted(texts: &mut HashSet<(ModelId, String)>, requests: &mut Vec<ModelRequest>, wish: &Wish) {
    texts.retain(|(_, text)| wish.texts.contains(text) || wish.next_texts.contains(text));
    requests.retain(|request| wish.in_use.iter().chain(&wish.next).any(|wanted| wanted == request));
}
