//! Opens models beside the encoder's own work: reading the weights of a large one takes seconds, in which what is being
//! typed goes on being answered by the one in use.

use std::sync::Arc;
use std::thread;

use crossbeam_channel::{Receiver, TryRecvError, bounded, never};

use super::choice::ModelRequest;
use super::hands::Hands;
use crate::catalog::Picture;
use crate::clip::{self, DeviceChoice, Encoder, ModelInput, PrecisionChoice, pixels};
use crate::disk::Places;

/// A model that was opened, or not.
pub struct Opened {
    pub request: ModelRequest,
    pub outcome: Result<Box<dyn Encoder>, String>,
    /// What its trial gave, if one was wanted.
    pub photos_per_second: Option<f32>,
    /// Why it was opened on another device than the request's.
    pub note: Option<String>,
}

/// At most one model at a time.
pub struct Opening {
    places: Places,
    hands: Arc<Hands>,
    under_way: Option<(ModelRequest, Receiver<Opened>)>,
    nothing: Receiver<Opened>,
}

impl Opening {
    pub fn new(places: Places, hands: Arc<Hands>) -> Opening {
        Opening { places, hands, under_way: None, nothing: never() }
    }

    pub fn is_free(&self) -> bool {
        self.under_way.is_none()
    }

    /// Starts opening; an error if the system has no thread to give.
    pub fn begin(
        &mut self,
        request: ModelRequest,
        device: DeviceChoice,
        wants_trial: bool,
        note: Option<String>,
    ) -> std::io::Result<()> {
        let source = request.choice.source(&self.places);
        let (done, opened) = bounded(1);
        // Where a device gave up in the middle of a folder, what the CPU goes on with must be comparable with what is there.
        let precision = if note.is_some() { PrecisionChoice::F32 } else { request.precision };
        let (asked, hands) = (request.clone(), self.hands.clone());
        // Nobody waits for this thread when the program ends: it writes nothing.
        thread::Builder::new().name("model".to_owned()).spawn(move || {
            let mut outcome = clip::open(&source, device, precision);
            let photos_per_second = outcome.as_mut().ok().filter(|_| wants_trial).and_then(|e| trial(e, &hands));
            let outcome = outcome.map_err(|error| format!("{error:#}"));
            // A desk that is gone wants no model.
            let _ = done.send(Opened { request: asked, outcome, photos_per_second, note });
        })?;
        self.under_way = Some((request, opened));
        Ok(())
    }

    /// Where the answer arrives; never, while nothing is under way.
    pub fn opened(&self) -> &Receiver<Opened> {
        self.under_way.as_ref().map_or(&self.nothing, |(_, opened)| opened)
    }

    /// The answer, if it is there.
    pub fn take(&mut self) -> Option<Opened> {
        let (_, opened) = self.under_way.as_ref()?;
        match opened.try_recv() {
            Ok(opened) => self.end(Some(opened)),
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Disconnected) => self.end(None),
        }
    }

    /// Makes room for the next one. An opening that ended without an answer has panicked, which is an answer too.
    pub fn end(&mut self, answer: Option<Opened>) -> Option<Opened> {
        let (request, _) = self.under_way.take()?;
        let panicked = || {
            let outcome = Err("The model could not be opened: a part of Tagroll stopped working".to_owned());
            Opened { request, outcome, photos_per_second: None, note: None }
        };
        Some(answer.unwrap_or_else(panicked))
    }
}

/// Photos a second, of grey pictures: what they show makes no difference to the work. A slow model is judged by the first
/// picture, a quick one by four more.
fn trial(encoder: &mut Box<dyn Encoder>, hands: &Hands) -> Option<f32> {
    let grey = Picture { width_px: 64, height_px: 64, rgb: vec![128; 64 * 64 * 3].into() };
    let input = pixels::prepare(&grey, &encoder.card().input);
    let mut rate = |inputs: &[ModelInput]| {
        let (embeddings, took) = hands.encode(encoder, inputs);
        embeddings.ok().map(|_| inputs.len() as f32 / took.as_secs_f32().max(1e-6))
    };
    let first = rate(std::slice::from_ref(&input))?;
    if first < 2.0 { Some(first) } else { rate(&vec![input; 4]) }
}
