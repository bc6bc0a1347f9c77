//! The side panel: every category with its colour, mark, name, count and histogram. The selected one opens for tuning.

use eframe::egui::containers::menu::MenuButton;
use eframe::egui::text::{LayoutJob, TextFormat, TextWrapping};
use eframe::egui::{
    Align2, Button, CursorIcon, Frame, Id, Key, Margin, Modifiers, Rect, Response, RichText, Role, ScrollArea, Sense,
    Stroke, TextEdit, TextStyle, Ui, WidgetInfo, pos2, vec2,
};

use super::controls::{at_the_right, heading, icon_button, note, text_button};
use super::keys::{Action, hint};
use super::theme::{CONTROL, STEP, hue, paint_mark, palette_of, semibold};
use super::{Requests, histogram, icons, sets, tuning};
use crate::catalog::words::count;
use crate::catalog::{Category, CategoryId, Labels, Order, parse_category_file};
use crate::engine::{Command, Session};
use crate::language::{text, tr};

/// Offered to somebody who has no categories yet.
const STARTER_SET: &str = include_str!("../../assets/categories.toml");

/// What the panel remembers between frames.
#[derive(Default)]
pub struct Categories {
    /// The name of a category that is about to be added.
    new_name: String,
    /// A name that is being changed, and may be empty for a moment.
    pub(super) renaming: Option<(CategoryId, String)>,
    dragged: Option<CategoryId>,
    /// To be taken up again when nothing is selected any more.
    order_before: Option<Order>,
}

/// The field in which the name of a new category is written.
pub fn new_category_id() -> Id {
    Id::unique("new category")
}

impl Categories {
    /// Draws the panel.
    pub fn show(&mut self, ui: &mut Ui, session: &Session, requests: &mut Requests) {
        ui.horizontal(|ui| {
            heading(ui, tr("Categories"));
            at_the_right(ui, |ui| {
                let tip = format!("{}{}", tr("Add a category"), hint(ui.ctx(), Action::NewCategory));
                if icon_button(ui, icons::PLUS, tr("Add a category"), &tip).clicked() {
                    requests.actions.push(Action::NewCategory);
                }
                show_labels(ui, session, requests);
            });
        });
        ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            let mut tops = Vec::new();
            for category in session.categories() {
                tops.push(self.show_category(ui, session, category, requests));
            }
            self.show_drop_place(ui, session, &tops, requests);
            self.show_new(ui, requests);
            if session.categories().is_empty() {
                show_starter_set(ui, requests);
                sets::show_starters(ui, session, requests);
            } else if session.unsorted_count() > 0 {
                show_unsorted(ui, session.unsorted_count());
            }
        });
    }

    /// Returns the place that the category takes.
    fn show_category(&mut self, ui: &mut Ui, session: &Session, category: &Category, requests: &mut Requests) -> Rect {
        let is_selected = session.selected() == Some(category.id);
        let fill = if is_selected { palette_of(ui).selected } else { palette_of(ui).panel };
        let frame = Frame::new().fill(fill).corner_radius(STEP).inner_margin(Margin::symmetric(6, 4));
        let shown = frame.show(ui, |ui| {
            let response = self.show_row(ui, session, category, is_selected, requests);
            self.react(ui, session, category, &response, requests);
            if is_selected {
                histogram::show_large(ui, session, category, requests);
                tuning::show(ui, session, category, requests);
            } else {
                histogram::show(ui, session, category, requests);
            }
        });
        shown.response.rect
    }

    /// Mark, name and count.
    fn show_row(
        &mut self,
        ui: &mut Ui,
        session: &Session,
        category: &Category,
        is_selected: bool,
        requests: &mut Requests,
    ) -> Response {
        let (_, rect) = ui.allocate_space(vec2(ui.available_width(), CONTROL));
        let response = ui.interact(rect, row_id(category.id), Sense::click_and_drag());
        requests.land(super::Panel::Categories, is_selected, response.id);
        let info = || WidgetInfo::selected(Role::ListBoxOption, true, is_selected, &category.name);
        response.widget_info(info);
        let colour = hue(category.id.0 as usize, ui.visuals().dark_mode);
        paint_mark(ui.painter(), pos2(rect.left() + 8.0, rect.center().y), 6.0, category.id.0 as usize, colour);
        let number = count(session.count(category.id));
        let colours = palette_of(ui);
        let font = TextStyle::Body.resolve(ui.style());
        let number = ui.painter().text(rect.right_center(), Align2::RIGHT_CENTER, number, font, colours.weak);
        let name = Rect::from_min_max(pos2(rect.left() + 22.0, rect.top()), pos2(number.left() - 6.0, rect.bottom()));
        if is_selected {
            self.show_name_field(ui, name, category, requests);
        } else {
            paint_name(ui, name, &category.name);
        }
        let place = session.categories().iter().position(|other| other.id == category.id).unwrap_or(0);
        if response.has_focus() || response.hovered() && !is_selected {
            let line = if response.has_focus() { colours.accent } else { colours.line };
            ui.painter().rect_stroke(rect.expand(2.0), STEP, Stroke::new(1.0, line), eframe::egui::StrokeKind::Inside);
        }
        let key =
            if place < 9 { tr!(". Key {key} says that a photo belongs to it", key = place + 1) } else { String::new() };
        let tip = tr("Ranks the photos by this category, and opens its prompts. Drag it to another place");
        response.on_hover_text(format!("{tip}{key}"))
    }

    fn show_name_field(&mut self, ui: &mut Ui, rect: Rect, category: &Category, requests: &mut Requests) {
        let draft = self.renaming.take().filter(|(id, _)| *id == category.id);
        let mut name = draft.map_or_else(|| category.name.clone(), |(_, name)| name);
        let id = tuning::name_id(category.id);
        let field = super::controls::quiet_field(ui, &mut name, id).font(eframe::egui::FontId::new(14.0, semibold()));
        let field = field.margin(Margin::symmetric(4, 3));
        let at = rect.expand2(vec2(0.0, -1.0)).translate(vec2(-4.0, 0.0));
        let response = ui.scope(|ui| {
            ui.visuals_mut().widgets.inactive.bg_stroke = Stroke::NONE;
            ui.put(at, field)
        });
        let response = response.inner;
        let response = response.accessible_name(tr("Name")).on_hover_text(tr("The name; {} in a prompt stands for it"));
        // A name that is empty for a moment, while another is written, is not the category's yet.
        if response.changed() && !name.trim().is_empty() {
            requests.commands.push(Command::RenameCategory(category.id, name.clone()));
        }
        if response.has_focus() {
            self.renaming = Some((category.id, name));
        }
        if response.lost_focus() {
            requests.commands.push(Command::EndEdit);
        }
    }

    fn react(&mut self, ui: &Ui, session: &Session, category: &Category, row: &Response, requests: &mut Requests) {
        if row.clicked() {
            self.toggle(session, category.id, requests);
        }
        if row.drag_started() {
            self.dragged = Some(category.id);
        }
        if row.has_focus() {
            let place = session.categories().iter().position(|other| other.id == category.id).unwrap_or(0);
            ui.input_mut(|input| {
                if input.consume_key(Modifiers::NONE, Key::Delete) {
                    requests.commands.push(Command::RemoveCategory(category.id));
                }
                if input.modifiers.alt && input.key_pressed(Key::ArrowUp) && place > 0 {
                    requests.commands.push(Command::MoveCategory(category.id, place - 1));
                }
                if input.modifiers.alt && input.key_pressed(Key::ArrowDown) {
                    requests.commands.push(Command::MoveCategory(category.id, place + 1));
                }
            });
        }
    }

    /// Selecting ranks the photos; selecting none takes up the order from before.
    fn toggle(&mut self, session: &Session, id: CategoryId, requests: &mut Requests) {
        if session.selected() == Some(id) {
            requests.commands.push(Command::SelectCategory(None));
            if session.order() == Order::Ranked {
                requests.commands.push(Command::SetOrder(self.order_before.take().unwrap_or_default()));
            }
            return;
        }
        if session.order() != Order::Ranked {
            self.order_before = Some(session.order());
        }
        requests.commands.push(Command::SelectCategory(Some(id)));
        requests.commands.push(Command::SetOrder(Order::Ranked));
    }

    /// A line where the dragged category would come to stand, and its move when it is let go.
    fn show_drop_place(&mut self, ui: &Ui, session: &Session, rows: &[Rect], requests: &mut Requests) {
        let Some(dragged) = self.dragged else { return };
        let (pointer, is_released) = ui.input(|i| (i.pointer.interact_pos(), i.pointer.any_released()));
        let from = session.categories().iter().position(|category| category.id == dragged);
        let (Some(pointer), Some(from)) = (pointer, from) else {
            self.dragged = None;
            return;
        };
        ui.ctx().set_cursor_icon(CursorIcon::Grabbing);
        let slot = rows.iter().take_while(|row| row.center().y < pointer.y).count();
        let place = place_after_move(from, slot);
        if place != from {
            let y = rows.get(slot).map_or_else(|| rows[rows.len() - 1].bottom(), Rect::top) - 1.0;
            ui.painter().hline(rows[0].x_range(), y, Stroke::new(2.0, palette_of(ui).accent));
        }
        if is_released {
            self.dragged = None;
            if place != from {
                requests.commands.push(Command::MoveCategory(dragged, place));
            }
        }
    }

    fn show_new(&mut self, ui: &mut Ui, requests: &mut Requests) {
        ui.add_space(STEP);
        let field = TextEdit::singleline(&mut self.new_name)
            .id(new_category_id())
            .hint_text(tr("New category"))
            .desired_width(f32::INFINITY);
        let response = ui.add(field).accessible_name(tr("New category"));
        requests.land(super::Panel::Categories, false, response.id);
        let is_entered = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        let name = self.new_name.trim();
        if is_entered && !name.is_empty() {
            requests.commands.push(Command::AddCategory(name.to_owned()));
            self.new_name.clear();
            // The next one can be written at once.
            response.request_focus();
        }
        response.on_hover_text(format!(
            "{}{}",
            tr("Write a name and press Enter"),
            hint(ui.ctx(), Action::NewCategory)
        ));
    }
}

/// Where a row that is let go before row `slot` comes to stand, once it no longer stands at `from`.
fn place_after_move(from: usize, slot: usize) -> usize {
    if slot > from { slot - 1 } else { slot }
}

fn row_id(id: CategoryId) -> Id {
    Id::unique(("category", id))
}

/// The parents in a name that is a path stand back behind its last part.
fn paint_name(ui: &Ui, rect: Rect, name: &str) {
    let (colours, font) = (palette_of(ui), TextStyle::Body.resolve(ui.style()));
    let leaf_at = name.trim_end_matches('/').rfind('/').map_or(0, |slash| slash + 1);
    let mut job = LayoutJob::default();
    job.append(&name[..leaf_at], 0.0, TextFormat::simple(font.clone(), colours.weak));
    job.append(&name[leaf_at..], 0.0, TextFormat::simple(font, colours.text));
    job.wrap = TextWrapping::truncate_at_width(rect.width());
    let galley = ui.painter().layout_job(job);
    let at = pos2(rect.left(), rect.center().y - galley.size().y / 2.0);
    ui.painter().galley(at, galley, colours.text);
}

/// Whether a photo may belong to more than one category.
fn show_labels(ui: &mut Ui, session: &Session, requests: &mut Requests) {
    const CHOICES: [(Labels, &str, &str); 2] = [
        (
            Labels::One,
            text("One label a photo"),
            text("The category that it fits best, of those whose cut-off it reaches"),
        ),
        (
            Labels::Several,
            text("Several labels a photo"),
            text("Every category whose cut-off it reaches; of a group, the best"),
        ),
    ];
    let button = Button::new(RichText::new(icons::TAG).size(18.0)).frame_when_inactive(false);
    let (response, _) = MenuButton::from_button(button.min_size(vec2(CONTROL, CONTROL))).ui(ui, |ui| {
        for (labels, name, tip) in CHOICES {
            if ui.radio(session.labels() == labels, tr(name)).on_hover_text(tr(tip)).clicked() {
                requests.commands.push(Command::SetLabels(labels));
                ui.close();
            }
        }
    });
    response.accessible_name(tr("Labels")).on_hover_text(tr("One or several labels a photo"));
}

fn show_unsorted(ui: &mut Ui, photos: usize) {
    let colours = palette_of(ui);
    ui.add_space(STEP);
    ui.horizontal(|ui| {
        let (_, rect) = ui.allocate_space(vec2(22.0, CONTROL));
        let centre = pos2(rect.left() + 14.0, rect.center().y);
        ui.painter().circle_stroke(centre, 5.0, Stroke::new(1.0, colours.weak));
        ui.label(RichText::new(tr("unsorted")).weak()).on_hover_text(tr("Photos that reach no category's cut-off"));
        at_the_right(ui, |ui| {
            ui.add_space(6.0);
            ui.label(RichText::new(count(photos)).weak());
        });
    });
}

fn show_starter_set(ui: &mut Ui, requests: &mut Requests) {
    ui.add_space(2.0 * STEP);
    let categories = starter_set();
    let names: Vec<&str> = categories.iter().map(|category| category.name.as_str()).collect();
    note(ui, tr!("Write what your photos show, such as \"dog\", or begin with {names}.", names = listed(&names)));
    ui.add_space(STEP);
    let tip = tr("Adds these categories; each can be changed or removed");
    if text_button(ui, Some(icons::SPARKLE), tr("Add the starter set"), tip).clicked() {
        requests.commands.push(Command::SetCategories(categories));
    }
}

fn starter_set() -> Vec<Category> {
    let categories = parse_category_file(STARTER_SET).expect("the starter set is compiled in, and a test reads it");
    // Its prompts do not build on the names, so these can be the person's own words.
    categories.into_iter().map(|category| Category { name: tr(&category.name).to_owned(), ..category }).collect()
}

/// "a, b and c".
fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [rest @ .., last] => tr!("{list} and {last}", list = rest.join(", "), last),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_starter_set_can_be_read() {
        let set = starter_set();
        assert_eq!(set.len(), 6);
        assert!(set.iter().all(|category| !category.prompts.is_empty()));
    }

    #[test]
    fn a_row_comes_to_stand_where_the_line_was() {
        // Rows a, b, c: a before c stands second; c before a stands first; b before b stays.
        assert_eq!([place_after_move(0, 2), place_after_move(2, 0), place_after_move(1, 1)], [1, 0, 1]);
        assert_eq!(place_after_move(1, 2), 1);
    }

    #[test]
    fn names_are_listed_as_people_write_them() {
        assert_eq!(listed(&["a", "b", "c"]), "a, b and c");
        assert_eq!(listed(&["a"]), "a");
    }
}
