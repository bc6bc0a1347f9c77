//! Every model that can be had, and how far each is: what the page shows, without how it looks.

use crate::engine::{Download, Installed, KnownModel, Model, ModelChoice, ModelRequest, Progress, Session};
use crate::language::tr;

/// One model.
pub struct Entry<'a> {
    /// Among models of the table and of the models folder; names the row for the other kinds.
    pub id: String,
    pub name: String,
    /// Its row in the table.
    pub known: Option<&'static KnownModel>,
    pub installed: Option<&'a Installed>,
    /// What it is chosen by, once it is on this computer.
    pub choice: Option<ModelChoice>,
    pub state: State<'a>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum State<'a> {
    /// It sorts what is on screen.
    InUse,
    /// It is to sort what is on screen, and is being read into memory.
    Loading,
    /// It was to sort what is on screen, and could not be loaded.
    Broken(&'a str),
    /// It is to take over, once it has seen `done` photos of `of`.
    Next {
        done: usize,
        of: usize,
        is_loaded: bool,
    },
    /// It was to take over, and could not be loaded.
    Refused(&'a str),
    Installed,
    Offered,
    Downloading {
        progress: Option<&'a Progress>,
        bytes_per_second: Option<f64>,
    },
    Paused(Option<&'a Progress>),
    Failed(&'a str),
    /// Its licence does not let Tagroll offer it; its files can be added.
    OwnFiles,
}

/// The models of the page, in its three parts.
pub struct Entries<'a> {
    pub here: Vec<Entry<'a>>,
    pub offered: Vec<Entry<'a>>,
    pub own_files: Vec<Entry<'a>>,
}

impl<'a> Entries<'a> {
    pub fn of(session: &'a Session) -> Entries<'a> {
        let models = session.models();
        let is_here = |id: &str| models.is_installed(id) || models.packaged() == Some(id);
        let absent = models.known().iter().filter(|known| !is_here(&known.id));
        let (offered, own_files) = absent.partition::<Vec<_>, _>(|known| known.is_offered);
        Entries {
            here: here(session),
            offered: offered.into_iter().map(|known| of_table(session, known)).collect(),
            own_files: own_files.into_iter().map(|known| of_table(session, known)).collect(),
        }
    }
}

/// The row of the small model inside the program.
const STARTER_ID: &str = "starter model";
/// The row of the model that stands in for it.
const PACKAGED_ID: &str = "packaged model";

impl Entry<'_> {
    pub fn is_starter(&self) -> bool {
        self.id == STARTER_ID
    }
}

/// What a model is called, whether or not it is still there.
pub fn name_of(session: &Session, choice: &ModelChoice) -> String {
    match choice {
        ModelChoice::Starter => {
            let packaged = session.models().packaged();
            packaged.map_or_else(|| tr("Starter model").to_owned(), |id| name_of_id(session, id))
        }
        ModelChoice::Installed(id) => name_of_id(session, id),
        ModelChoice::Folder(folder) => crate::app::toolbar::name_of(folder),
    }
}

/// The same, as it stands in a sentence.
pub fn in_sentence(session: &Session, choice: &ModelChoice) -> String {
    match choice {
        ModelChoice::Starter if session.models().packaged().is_none() => tr("the starter model").to_owned(),
        _ => name_of(session, choice),
    }
}

/// What a model of the table or of the models folder is called.
pub fn name_of_id(session: &Session, id: &str) -> String {
    let models = session.models();
    let of_table = models.known().iter().find(|known| known.id == id).map(|known| known.name.clone());
    let of_folder = || models.installed().iter().find(|installed| installed.id == id).map(|it| it.name.clone());
    of_table.or_else(of_folder).unwrap_or_else(|| id.to_owned())
}

fn here(session: &Session) -> Vec<Entry<'_>> {
    let carried = carried(session);
    let asked_for = [session.request(), session.wanted_request()];
    let mut folders: Vec<&ModelChoice> = asked_for.map(|request| &request.choice).into();
    folders.retain(|choice| matches!(choice, ModelChoice::Folder(_)));
    folders.dedup();
    let elsewhere = folders.into_iter().map(|choice| present(session, choice.clone(), &elsewhere_id(choice), None));
    let installed = session.models().installed().iter().map(|installed| {
        let choice = ModelChoice::Installed(installed.id.clone());
        present(session, choice, &installed.id, Some(installed))
    });
    std::iter::once(carried).chain(elsewhere).chain(installed).collect()
}

/// The model that came with the program. Its row is its own even if the same model was fetched as well.
fn carried(session: &Session) -> Entry<'_> {
    let Some(packaged) = session.models().packaged() else {
        return present(session, ModelChoice::Starter, STARTER_ID, None);
    };
    let known = session.models().known().iter().find(|known| known.id == packaged);
    Entry { known, ..present(session, ModelChoice::Starter, PACKAGED_ID, None) }
}

fn elsewhere_id(choice: &ModelChoice) -> String {
    format!("elsewhere {choice:?}")
}

fn present<'a>(session: &'a Session, choice: ModelChoice, id: &str, installed: Option<&'a Installed>) -> Entry<'a> {
    Entry {
        id: id.to_owned(),
        name: name_of(session, &choice),
        known: session.models().known().iter().find(|known| known.id == id),
        installed,
        state: state_of(session, &choice),
        choice: Some(choice),
    }
}

fn state_of<'a>(session: &'a Session, choice: &ModelChoice) -> State<'a> {
    let is_in_use = session.request().choice == *choice;
    // The same model on another device is no other model.
    if let Some(switch) = session.switch().filter(|switch| switch.to.choice == *choice && !is_in_use) {
        return match switch.model {
            Model::Failed(reason) => State::Refused(reason),
            model => State::Next { done: switch.done, of: switch.of, is_loaded: matches!(model, Model::Ready(_)) },
        };
    }
    if !is_in_use {
        return State::Installed;
    }
    match session.model() {
        Model::Loading => State::Loading,
        Model::Ready(_) => State::InUse,
        Model::Failed(reason) => State::Broken(reason),
    }
}

fn of_table<'a>(session: &'a Session, known: &'static KnownModel) -> Entry<'a> {
    let state = match session.models().download(&known.id) {
        Some(Download::Running { progress, bytes_per_second }) => {
            State::Downloading { progress: progress.as_ref(), bytes_per_second: *bytes_per_second }
        }
        Some(Download::Paused(progress)) => State::Paused(progress.as_ref()),
        Some(Download::Failed(reason)) => State::Failed(reason),
        None if known.is_offered => State::Offered,
        None => State::OwnFiles,
    };
    Entry { id: known.id.clone(), name: known.name.clone(), known: Some(known), installed: None, choice: None, state }
}

/// Photos a second that a model managed in its trial on the device and with the precision that are asked for.
pub fn speed_of(session: &Session, choice: &ModelChoice) -> Option<f32> {
    session.models().speed(&ModelRequest { choice: choice.clone(), ..session.wanted_request().clone() })
}
