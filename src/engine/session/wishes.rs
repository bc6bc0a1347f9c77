//! From a session to what it still wants.

use std::sync::Arc;

use super::{Activity, Root, Session};
use crate::catalog::{ContentState, PhotoId};
use crate::engine::choice::ModelRequest;
use crate::engine::missing::{Contents, Missing};
use crate::engine::wish::{Model, Wanted, Wish};

/// What `session` still wants. A content that several files hold is wanted once.
pub fn wish(session: &Session) -> Wish {
    let (visited, visits): (Vec<&Root>, Vec<&Root>) = session.roots.iter().partition(|root| root.is_visited);
    let checks = visited.into_iter().filter(|root| !root.is_checked);
    Wish {
        visits: visits.into_iter().map(|root| root.visit.clone()).collect(),
        checks: checks.map(|root| root.visit.clone()).collect(),
        texts: session.missing_texts(),
        next_texts: session.next_texts(),
        large: session.pictures.large.missing().filter_map(|id| wanted(session, id)).collect(),
        full: session.pictures.full.missing().find_map(|id| wanted(session, id)),
        thumbnails: session.pictures.thumbnails.missing().filter_map(|id| wanted(session, id)).collect(),
        embeddings: embeddings(session),
        first: first(session),
        model: session.encoding_model().clone(),
        // Given up once it failed, so that it is opened anew when somebody chooses it again.
        in_use: Some(session.request.clone()).filter(|_| !matches!(session.model, Model::Failed(_))),
        next: session.next.as_ref().map(|next| next.request.clone()),
        trials: trials(session),
        models: session.models.wish(),
        is_paused: matches!(session.activity(), Activity::Paused | Activity::Stopped),
        is_saving_power: session.activity() == Activity::OnBattery,
        watches_power: session.watches_power(),
        kept: session.kept_question(),
        cores: session.most_cores(),
        in_use_card: session.model.card().cloned(),
        patches: session.explained_photo(),
        examples: session.waiting_examples(),
        alike: session.alike_question(),
        sets: session.sets.wish(),
        jobs: session.jobs.wish(),
        metadata: session.metadata_wish(),
        verdicts: session.written_verdicts(),
        saved: session.remembers.then(|| Arc::new(session.saved())),
    }
}

/// Marks for 100,000 photos: made anew only where something that they say may have changed.
fn embeddings(session: &Session) -> Missing {
    session.missing.get_or_init(|| missing(session)).clone()
}

fn missing(session: &Session) -> Missing {
    let contents = session.contents.get_or_init(|| Arc::new(Contents::of(&session.library))).clone();
    match session.activity {
        Activity::Stopped => Missing::none_of(contents),
        _ => Missing::of(contents, |content| session.is_waiting(content)),
    }
}

/// What is on screen and has its thumbnail already, but is new to the model: after a change of models, all of it.
fn first(session: &Session) -> Vec<Wanted> {
    let is_waiting = |id: &PhotoId| session.is_waiting(session.library.photo(*id).content);
    let on_screen = session.pictures.thumbnails.wanted().filter(is_waiting).filter_map(|id| wanted(session, id));
    session.unread_examples().chain(on_screen).collect()
}

/// Only the window shows speeds.
fn trials(session: &Session) -> Vec<ModelRequest> {
    let open = [Some(&session.request), session.next.as_ref().map(|next| &next.request)];
    let untried = open.into_iter().flatten().filter(|request| session.models.speed(request).is_none());
    untried.filter(|_| session.remembers).cloned().collect()
}

/// An unreadable photo is not wished for again.
pub(super) fn wanted(session: &Session, id: PhotoId) -> Option<Wanted> {
    if matches!(session.library.state(id), ContentState::Unreadable(_)) {
        return None;
    }
    let path = session.library.photo(id).file.path.clone();
    Some(Wanted { fingerprint: session.library.fingerprint(id), path })
}
