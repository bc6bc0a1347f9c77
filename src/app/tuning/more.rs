//! The parts of a category that few need: other words for it, what rules photos out, templates, and the group of
//! categories that exclude each other.

use eframe::egui::containers::menu::MenuButton;
use eframe::egui::{Button, CollapsingHeader, Id, RichText, TextEdit, Ui, vec2};

use super::lines::{self, List};
use crate::app::controls::{heading, note};
use crate::app::{Requests, icons};
use crate::catalog::words::counted;
use crate::catalog::{Category, CategoryId, TemplateSet};
use crate::engine::{Command, Session};
use crate::language::tr;

/// Draws them folded away, with how many are in use.
pub fn show(ui: &mut Ui, session: &Session, category: &Category, requests: &mut Requests) {
    let used = in_use(category);
    let title = if used == 0 { tr("More ways").to_owned() } else { tr!("More ways, {number} in use", number = used) };
    let header = CollapsingHeader::new(RichText::new(title).small().weak()).id_salt(("more", category.id));
    header.show_unindented(ui, |ui| {
        heading(ui, tr("Also called"))
            .on_hover_text(tr("Other words for the same: each prompt with {} is read with each"));
        lines::show(ui, category, List::Synonyms, requests);
        heading(ui, tr("Never if"))
            .on_hover_text(tr("A photo that fits one of these better than the prompts is ruled out"));
        lines::show(ui, category, List::Exclusions, requests);
        show_templates(ui, category, requests);
        show_group(ui, session, category, requests);
    });
}

/// The field with the name of a category's group.
pub fn group_id(category: CategoryId) -> Id {
    Id::unique(("group", category))
}

fn in_use(category: &Category) -> usize {
    let is_written = |texts: &[String]| texts.iter().any(|text| !text.trim().is_empty());
    let parts = [
        is_written(&category.synonyms),
        is_written(&category.exclusions),
        category.templates.is_some(),
        category.group.is_some(),
    ];
    parts.into_iter().filter(|is_used| *is_used).count()
}

fn show_templates(ui: &mut Ui, category: &Category, requests: &mut Requests) {
    heading(ui, tr("Templates")).on_hover_text(tr("Sentences that are added to the prompts, for one kind of pictures"));
    let text = format!("{}  {}", templates_in_words(category.templates), icons::CARET_DOWN);
    let menu = ui.menu_button(text, |ui| {
        let sets = std::iter::once(None).chain(TemplateSet::ALL.map(Some));
        for set in sets {
            let response = ui.selectable_label(category.templates == set, templates_in_words(set));
            let example = set.and_then(|set| set.templates().first()).copied();
            let tip = match example {
                Some(example) => tr!("Such as \"{text}\"", text = example),
                None => tr("Only the prompts above").to_owned(),
            };
            if response.on_hover_text(tip).clicked() {
                requests.commands.push(Command::SetTemplates(category.id, set));
                ui.close();
            }
        }
    });
    menu.response.accessible_name(tr("Template set")).on_hover_text(tr("Choose sentences to add"));
}

/// "Photos, 8 sentences".
fn templates_in_words(set: Option<TemplateSet>) -> String {
    let Some(set) = set else { return tr("None").to_owned() };
    let name = match set {
        TemplateSet::Photos => tr("Photos"),
        TemplateSet::Sketches => tr("Sketches"),
        TemplateSet::Screenshots => tr("Screenshots"),
        TemplateSet::Documents => tr("Documents"),
    };
    format!("{name}, {}", counted(set.templates().len(), "sentence", "sentences"))
}

fn show_group(ui: &mut Ui, session: &Session, category: &Category, requests: &mut Requests) {
    heading(ui, tr("Excludes"))
        .on_hover_text(tr("A photo belongs to one category of a group: the one that it fits best"));
    let mut group = category.group.clone().unwrap_or_default();
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        let field = TextEdit::singleline(&mut group).id(group_id(category.id)).hint_text(tr("stands for itself"));
        let response = ui.add(field.desired_width(ui.available_width() - 24.0)).accessible_name(tr("Group"));
        if response.changed() {
            let group = Some(group.clone()).filter(|group| !group.is_empty());
            requests.commands.push(Command::SetGroup(category.id, group));
        }
        if response.lost_focus() {
            let trimmed = Some(group.trim().to_owned()).filter(|group| !group.is_empty());
            if trimmed != category.group {
                requests.commands.push(Command::SetGroup(category.id, trimmed));
            }
            requests.commands.push(Command::EndEdit);
        }
        response.on_hover_text(tr("Categories with the same word here exclude each other"));
        show_groups(ui, session, category, requests);
    });
    show_others(ui, session, category);
}

/// The groups that there are.
fn show_groups(ui: &mut Ui, session: &Session, category: &Category, requests: &mut Requests) {
    let mut groups: Vec<&str> = session.categories().iter().filter_map(|other| other.group.as_deref()).collect();
    groups.sort_unstable();
    groups.dedup();
    let button = Button::new(icons::CARET_DOWN).frame_when_inactive(false).min_size(vec2(22.0, 22.0));
    // As wide as the buttons that remove lines; wider, it would push the panel open.
    ui.spacing_mut().button_padding.x = 3.0;
    let (response, _) = MenuButton::from_button(button).ui(ui, |ui| {
        let choices = std::iter::once(None).chain(groups.into_iter().map(Some));
        for group in choices {
            let name = group.unwrap_or(tr("Stands for itself"));
            if ui.selectable_label(category.group.as_deref() == group, name).clicked() {
                requests.commands.push(Command::SetGroup(category.id, group.map(str::to_owned)));
                requests.commands.push(Command::EndEdit);
                ui.close();
            }
        }
    });
    response.accessible_name(tr("Existing groups")).on_hover_text(tr("Choose one of the groups that there are"));
}

fn show_others(ui: &mut Ui, session: &Session, category: &Category) {
    let Some(group) = category.group.as_deref() else { return };
    let is_other = |other: &&Category| other.id != category.id && other.group.as_deref() == Some(group);
    let others: Vec<&str> = session.categories().iter().filter(is_other).map(Category::leaf).collect();
    let words = if others.is_empty() {
        tr("No other category is in this group yet").to_owned()
    } else {
        tr!("A photo of it is none of: {categories}", categories = others.join(", "))
    };
    note(ui, words);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_title_tells_how_much_is_in_use() {
        let mut category = Category::named(CategoryId(1), "dog");
        category.exclusions = vec![" ".to_owned()];
        assert_eq!(in_use(&category), 0);
        category.synonyms = vec!["puppy".to_owned()];
        category.templates = Some(TemplateSet::Photos);
        assert_eq!(in_use(&category), 2);
    }

    #[test]
    fn a_set_of_templates_tells_its_size() {
        assert_eq!(templates_in_words(Some(TemplateSet::Photos)), "Photos, 8 sentences");
        assert_eq!(templates_in_words(None), "None");
    }
}
