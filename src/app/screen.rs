//! Everything in the window: draws a session, and says which commands were given to it.
//!
//! It knows no engine, so a test can put any session on it.

use eframe::egui::{self, CentralPanel, Context, Frame, Id, Key, Margin, Ui};

use super::categories::Categories;
use super::centre::Centre;
use super::dialog::{Answer, FolderDialog, Purpose};
use super::doctor::DoctorPage;
use super::evaluation::EvaluationPage;
use super::export::ExportPage;
use super::grid::Grid;
use super::inspector::Inspector;
use super::keys::{Action, Typing};
use super::loupe::Loupe;
use super::models::ModelsPage;
use super::overlay::Overlay;
use super::panels::{Panel, Panels};
use super::path_prompt::PathPrompt;
use super::review::ReviewPage;
use super::sets::{self, SetsPage};
use super::settings::SettingsPage;
use super::similar::{self, Dropped};
use super::textures::Textures;
use super::thumbnails::Thumbnails;
use super::toolbar::Room;
use super::welcome::Welcome;
use super::{
    Requests, categories, centre, filter, keys, models, notices, overlay, review, status, theme, toolbar, tuning,
    verdicts, window,
};
use crate::catalog::Filter;
use crate::engine::{self, Command, Pace, Session};

const LEAST_WIDTH_WITH_INSPECTOR: f32 = 1200.0;
/// Narrower than this, categories make room for an inspector that was asked for.
const LEAST_WIDTH_WITH_BOTH: f32 = 800.0;

/// What is to be drawn.
pub struct Shown<'a> {
    pub session: &'a Session,
    pub pace: &'a Pace,
    /// Whether a thread has ended that should not have.
    pub is_broken: bool,
}

/// What the window keeps from one frame to the next.
pub struct Screen {
    pub(super) textures: Textures,
    grid: Grid,
    loupe: Loupe,
    review: ReviewPage,
    inspector: Inspector,
    evaluation: Option<EvaluationPage>,
    thumbnails: Thumbnails,
    categories: Categories,
    dialog: FolderDialog,
    overlay: Option<Overlay>,
    panels: Panels,
    welcome: Welcome,
    /// What somebody chose; otherwise the width of the window decides.
    shows_categories: Option<bool>,
    shows_inspector: Option<bool>,
    /// What the keyboard wrote into when the last frame ended.
    typing_before: Typing,
    /// Typed, but not yet heard.
    held: Vec<egui::Event>,
}

impl Screen {
    pub fn new(ctx: &Context) -> Screen {
        Screen {
            textures: Textures::new(),
            grid: Grid::new(),
            loupe: Loupe::closed(),
            review: ReviewPage::default(),
            inspector: Inspector::default(),
            evaluation: None,
            thumbnails: Thumbnails::default(),
            categories: Categories::default(),
            dialog: FolderDialog::default(),
            overlay: None,
            panels: Panels::default(),
            welcome: Welcome { icon: window::icon_texture(ctx), sample: engine::sample_photos() },
            shows_categories: None,
            shows_inspector: None,
            typing_before: Typing::Nothing,
            held: Vec::new(),
        }
    }

    /// Draws one frame; returns what was asked for, to be done afterwards.
    pub fn ui(&mut self, ui: &mut Ui, shown: &Shown<'_>) -> Vec<Command> {
        let (session, mut requests) = (shown.session, Requests::default());
        self.take_keys(ui.ctx(), session, &mut requests);
        self.take_dropped(ui.ctx(), session, &mut requests);
        self.follow_session(session);
        self.draw_overlay(ui.ctx(), session, &mut requests);
        self.draw_panels(ui, shown, &mut requests);
        self.draw_centre(ui, session, &mut requests);
        let hovering = ui.input(|input| input.raw.hovered_files.len());
        if hovering > 0 {
            let may_be_similar = hovering == 1 && centre::has_photos(session);
            centre::show_drop(ui, hovering, matches!(self.overlay, Some(Overlay::Models(_))), may_be_similar);
        }
        requests.dialog.into_iter().for_each(|purpose| self.dialog.show(ui.ctx(), purpose, None));
        let is_covered = self.evaluation.is_some();
        self.thumbnails.join(&mut requests.commands, std::mem::take(&mut requests.beside), is_covered);
        if requests.commands.iter().any(|command| matches!(command, Command::Explain(Some(_)))) {
            // A toggle that came with the question would hide what answers it.
            requests.actions.retain(|action| *action != Action::Inspector);
            self.shows_inspector = Some(true);
        }
        self.remark_on(session, &requests.commands);
        self.panels = requests.panels;
        self.typing_before = typing(ui.ctx(), session);
        if !requests.commands.is_empty() || !requests.actions.is_empty() {
            ui.ctx().request_repaint();
        }
        let mut commands = requests.commands;
        commands.extend(requests.actions.into_iter().filter_map(|action| self.act(ui.ctx(), session, action)));
        commands
    }

    /// Lets what was typed after a key that acts wait for the next frame.
    pub fn hold_back(&mut self, ctx: &Context, input: &mut egui::RawInput) {
        keys::hold_back(&mut input.events, &mut self.held);
        if !self.held.is_empty() {
            ctx.request_repaint();
        }
    }

    /// What a dialog of the system was closed with. To be called in every frame.
    pub fn take_answer(&mut self, ctx: &Context) -> Option<Command> {
        match self.dialog.poll(ctx)? {
            Answer::Chosen(Purpose::Photos, folders) => return Some(Command::Open(folders)),
            Answer::Chosen(purpose, paths) => {
                let path = paths.into_iter().next()?;
                return Some(match purpose {
                    Purpose::Photos | Purpose::Model => Command::AddModel(path),
                    Purpose::ImportSet => sets::load_file(path),
                    Purpose::ExportSet => Command::ExportSet(path),
                    Purpose::Target | Purpose::Table => {
                        self.overlay.iter_mut().for_each(|overlay| overlay.take_path(&path));
                        return None;
                    }
                });
            }
            Answer::NoDialog(purpose) => {
                self.overlay = Some(match purpose {
                    // The page has a field beside the button.
                    Purpose::Target | Purpose::Table => {
                        self.overlay.iter_mut().for_each(Overlay::lack_dialog);
                        return None;
                    }
                    Purpose::Photos => Overlay::TypePath(PathPrompt::instead_of_dialog()),
                    Purpose::Model => Overlay::Models(ModelsPage::without_dialog()),
                    Purpose::ImportSet | Purpose::ExportSet => Overlay::Sets(SetsPage::without_dialog(purpose)),
                });
            }
            Answer::Cancelled => {}
        }
        None
    }

    /// The doctor's page is open as long as the session examines a category.
    fn follow_session(&mut self, session: &Session) {
        if self.overlay.is_none() && session.doctor().is_some() {
            self.overlay = Some(Overlay::Doctor(DoctorPage::default()));
        }
    }

    fn take_keys(&self, ctx: &Context, session: &Session, requests: &mut Requests) {
        match self.overlay {
            Some(ref overlay) => requests.actions.extend(overlay.closed_by_its_key(ctx)),
            None => requests.actions = keys::take(ctx, typing(ctx, session), self.loupe.is_open()),
        }
        // At once, before the controls see Tab and pass the keyboard on among themselves.
        requests.actions.retain(|action| !self.panels.act(ctx, *action));
        let is_escape = ctx.input(|input| input.key_pressed(Key::Escape));
        // The first Escape leaves the field that is written in; Find has only this one.
        let is_free = self.typing_before != Typing::Category && self.overlay.is_none() && !self.loupe.is_open();
        // The pages of review and evaluation have an Escape of their own.
        let is_free = is_free && self.evaluation.is_none() && !self.review.is_shown();
        if !is_escape || !is_free || egui::Popup::is_any_open(ctx) {
            return;
        }
        if session.selection().len() > 0 {
            requests.commands.push(Command::Select(Vec::new()));
        } else if session.is_searching() {
            requests.actions.push(Action::LeaveFind);
        } else if session.is_filtered() {
            requests.commands.push(Command::SetFilter(Filter::default()));
        }
    }

    fn take_dropped(&mut self, ctx: &Context, session: &Session, requests: &mut Requests) {
        let dropped = ctx.input(|input| input.raw.dropped_files.clone());
        let paths: Vec<_> = dropped.iter().map(|file| file.path().to_path_buf()).collect();
        if matches!(self.overlay, Some(Overlay::Models(_))) {
            requests.commands.extend(models::among(paths).into_iter().map(Command::AddModel));
            return;
        }
        match Dropped::of(paths) {
            Dropped::Nothing => {}
            Dropped::Set(path) => {
                self.overlay = Some(Overlay::Sets(SetsPage::of_file(&path, session)));
                requests.commands.push(sets::load_file(path));
            }
            Dropped::Photos(paths) if centre::has_photos(session) => self.overlay = Some(Overlay::Dropped(paths)),
            Dropped::Photos(paths) | Dropped::ToOpen(paths) => requests.commands.push(Command::Open(paths)),
        }
    }

    fn draw_overlay(&mut self, ctx: &Context, session: &Session, requests: &mut Requests) {
        let Some(mut overlay) = self.overlay.take() else { return };
        if overlay::show(ctx, &mut overlay, session, requests) {
            self.overlay = Some(overlay);
        } else {
            requests.commands.extend(overlay.left());
        }
        // What lies below the page does not hear the keyboard.
        ctx.input_mut(|input| {
            input.events.retain(|event| !matches!(event, egui::Event::Key { .. } | egui::Event::Text(_)));
        });
    }

    fn draw_panels(&mut self, ui: &mut Ui, shown: &Shown<'_>, requests: &mut Requests) {
        let (session, colours) = (shown.session, theme::palette_of(ui));
        let bar = |x, y| Frame::new().fill(colours.panel).inner_margin(Margin::symmetric(x, y));
        let room = Room::of(ui.available_width());
        let has_folder = session.roots().next().is_some();
        let drawn = egui::Panel::top("toolbar").frame(bar(12, 8)).show(ui, |ui| toolbar::show(ui, session, requests));
        requests.panels.set_area(Panel::Toolbar, drawn.response.rect);
        if let Some(similar) = session.similar().filter(|_| has_folder) {
            let panel = egui::Panel::top("similar").frame(bar(12, 4));
            panel.show(ui, |ui| similar::show(ui, similar, session, &mut self.textures, requests));
        }
        let notices = notices::of(session, shown.is_broken);
        if !notices.is_empty() {
            egui::Panel::top("notices").frame(bar(12, 8)).show(ui, |ui| notices::show(ui, &notices, requests));
        }
        if let Some(model) = models::recommendation(session).filter(|_| has_folder) {
            let panel = egui::Panel::top("recommendation").frame(bar(12, 4));
            panel.show(ui, |ui| models::show_recommendation(ui, model, requests));
        }
        let drawn = egui::Panel::bottom("status")
            .frame(bar(status::MARGIN.x as i8, status::MARGIN.y as i8))
            .show(ui, |ui| status::show(ui, session, shown.pace, requests));
        requests.panels.set_area(Panel::Status, drawn.response.rect);
        let is_crowded = self.has_inspector(ui.ctx(), session) && ui.available_width() < LEAST_WIDTH_WITH_BOTH;
        let is_covered = self.evaluation.is_some() && !is_wide(ui.ctx());
        let has_room = room != Room::Narrow && !is_crowded && !is_covered;
        if self.shows_categories.unwrap_or(has_room) && has_folder {
            let panel = egui::Panel::left("categories").frame(bar(12, 8)).default_size(272.0).size_range(200.0..=440.0);
            let drawn = panel.show(ui, |ui| self.categories.show(ui, session, requests));
            requests.panels.set_area(Panel::Categories, drawn.response.rect);
        }
        self.draw_inspector(ui, session, requests);
    }

    fn has_inspector(&self, ctx: &Context, session: &Session) -> bool {
        let is_covered = self.loupe.is_open() || self.evaluation.is_some() || self.review.is_shown();
        let is_asked = self.shows_inspector.unwrap_or(is_wide(ctx));
        is_asked && !is_covered && Centre::of(session) == Centre::Photos
    }

    fn draw_inspector(&mut self, ui: &mut Ui, session: &Session, requests: &mut Requests) {
        if !self.has_inspector(ui.ctx(), session) {
            self.inspector.rest(session, requests);
            return;
        }
        let frame = Frame::new().fill(theme::palette_of(ui).panel).inner_margin(Margin::symmetric(12, 8));
        let panel = egui::Panel::right("inspector").frame(frame).default_size(280.0).size_range(220.0..=420.0);
        let drawn = panel.show(ui, |ui| self.inspector.show(ui, session, &mut self.textures, requests));
        requests.panels.set_area(Panel::Inspector, drawn.response.rect);
    }

    fn draw_centre(&mut self, ui: &mut Ui, session: &Session, requests: &mut Requests) {
        let ground = Frame::new().fill(theme::palette_of(ui).ground);
        let drawn = CentralPanel::default().frame(ground).show(ui, |ui| {
            let centre = Centre::of(session);
            if self.review.show(ui, session, &mut self.textures, requests) {
                return;
            }
            if let Some(page) = &mut self.evaluation {
                // The first Escape leaves the field that is written in.
                let hears_escape = self.typing_before == Typing::Nothing;
                if !page.show(ui, session, hears_escape, &mut self.textures, requests) {
                    self.evaluation = None;
                }
            } else if self.loupe.is_open() {
                self.loupe.show(ui, session, &mut self.textures, &mut requests.commands);
            } else if centre != Centre::Photos {
                centre::show(ui, &centre, &self.welcome, session, requests);
            } else if let Some(photo) = self.grid.show(ui, session, &mut self.textures, &mut requests.commands) {
                self.loupe.open(photo);
            }
        });
        requests.actions.extend(self.grid.take_actions());
        requests.panels.set_area(Panel::Grid, drawn.response.rect);
    }

    /// What happens to photos that are not on screen is said.
    fn remark_on(&mut self, session: &Session, commands: &[Command]) {
        let adopted = commands.iter().find_map(|command| match command {
            Command::AdoptKeywords(category) => *category,
            _ => None,
        });
        if let Some(category) = adopted.and_then(|id| session.category(id)) {
            self.grid.remark_on(verdicts::adopted_in_words(session.adoptable(category.id), category.leaf()));
        }
    }

    /// Opens the page that says what would go.
    fn plan_trash(&mut self, session: &Session) -> Option<Command> {
        let has_photos = !session.acting_on().is_empty();
        has_photos.then(|| {
            self.overlay = Some(Overlay::Export(ExportPage::of(session)));
            Command::PlanTrash
        })
    }

    /// Opens this page where none is open, else closes the one that is; returns whether it opened it.
    fn toggle(&mut self, page: impl FnOnce() -> Overlay) -> bool {
        let is_new = self.overlay.take().is_none();
        self.overlay = is_new.then(page);
        is_new
    }

    /// Does what only the window can do; returns what the engine is to do.
    fn act(&mut self, ctx: &Context, session: &Session, action: Action) -> Option<Command> {
        match action {
            Action::Undo | Action::Redo => {
                self.grid.forget_remark();
                self.loupe.forget_remark();
                return Some(if action == Action::Undo { Command::Undo } else { Command::Redo });
            }
            Action::Review => return review::toggled(session, self.review.is_shown()),
            Action::LeaveFind if session.find().is_empty() => return Some(Command::FindSimilar(Vec::new())),
            Action::LeaveFind => return Some(Command::Find(String::new())),
            Action::CycleOrder => return Some(Command::SetOrder(toolbar::next_order(session.order()))),
            Action::PauseOrResume => return Some(status::pause_or_resume(session.activity())),
            Action::OpenFolder => self.dialog.show(ctx, Purpose::Photos, session.roots().next().map(Into::into)),
            Action::OpenModel => self.dialog.show(ctx, Purpose::Model, None),
            Action::TypePath => self.overlay = Some(Overlay::TypePath(PathPrompt::default())),
            Action::ShowUnreadable => self.overlay = Some(Overlay::Unreadable),
            Action::Help => _ = self.toggle(|| Overlay::Help),
            Action::Models => _ = self.toggle(|| Overlay::Models(ModelsPage::default())),
            Action::Find => focus(ctx, toolbar::find_id()),
            Action::NewCategory => {
                self.shows_categories = Some(true);
                focus(ctx, categories::new_category_id());
            }
            Action::ShowCategories => self.shows_categories = Some(!self.shows_categories.unwrap_or(false)),
            Action::ShowInspector => self.shows_inspector = Some(true),
            Action::Inspector => self.shows_inspector = Some(!self.shows_inspector.unwrap_or(is_wide(ctx))),
            Action::FindSimilar => return Some(Command::FindSimilar(session.acting_on())),
            Action::Filter => filter::toggle(ctx),
            Action::Doctor => return session.selected().map(|id| Command::Examine(Some(id))),
            Action::Sets => _ = self.toggle(|| Overlay::Sets(SetsPage::default())),
            Action::Settings => {
                let is_new = self.toggle(|| Overlay::Settings(SettingsPage::default()));
                return is_new.then_some(Command::MeasureKept);
            }
            Action::Export => _ = self.toggle(|| Overlay::Export(ExportPage::of(session))),
            Action::Trash => return self.plan_trash(session),
            Action::Evaluate => {
                let is_new = self.evaluation.take().is_none() && session.roots().next().is_some();
                self.evaluation = is_new.then(EvaluationPage::default);
            }
            Action::NextPanel | Action::PreviousPanel => {}
        }
        None
    }
}

/// What the keyboard writes into.
fn typing(ctx: &Context, session: &Session) -> Typing {
    let Some(focused) = ctx.memory(egui::Memory::focused).filter(|_| ctx.text_edit_focused()) else {
        return Typing::Nothing;
    };
    let selected = session.selected().and_then(|id| session.category(id));
    match selected {
        Some(category) if tuning::is_field_of(category, focused) => Typing::Category,
        _ => Typing::FreeText,
    }
}

/// Whether there is room for the inspector where nobody asked for it.
fn is_wide(ctx: &Context) -> bool {
    ctx.content_rect().width() >= LEAST_WIDTH_WITH_INSPECTOR
}

fn focus(ctx: &Context, id: Id) {
    ctx.memory_mut(|memory| memory.request_focus(id));
    ctx.request_repaint();
}
