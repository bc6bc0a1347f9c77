//! The panels of the window, in the order in which Tab goes through them, and which of them has the keyboard.

use eframe::egui::{Context, FocusDirection, Id, Rect};

use super::keys::Action;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Panel {
    Toolbar,
    Categories,
    /// Has the keyboard whenever no control has it.
    Grid,
    Inspector,
    Status,
    /// The strip that recommends a model, while there is one.
    Recommendation,
}

const ORDER: [Panel; 6] =
    [Panel::Toolbar, Panel::Categories, Panel::Grid, Panel::Inspector, Panel::Status, Panel::Recommendation];

/// Where the panels were drawn, and where the keyboard goes in each.
#[derive(Clone, Debug, Default)]
pub struct Panels {
    drawn: Vec<(Panel, Rect)>,
    landings: Vec<(Panel, Id)>,
}

impl Panels {
    pub fn set_area(&mut self, panel: Panel, area: Rect) {
        self.drawn.push((panel, area));
    }

    /// Names a control where the keyboard may land. The first one counts, unless a later one is preferred.
    pub fn land(&mut self, panel: Panel, is_preferred: bool, id: Id) {
        match self.landings.iter_mut().find(|(other, _)| *other == panel) {
            Some((_, known)) if is_preferred => *known = id,
            Some(_) => {}
            None => self.landings.push((panel, id)),
        }
    }

    /// Does what the action asks, if it is about panels. To be called before the frame is drawn.
    pub fn act(&self, ctx: &Context, action: Action) -> bool {
        match action {
            Action::NextPanel => self.step(ctx, true),
            Action::PreviousPanel => self.step(ctx, false),
            _ => return false,
        }
        true
    }

    /// Gives the keyboard to the panel after the present one, or before it.
    fn step(&self, ctx: &Context, is_forward: bool) {
        let focused = ctx.memory(eframe::egui::Memory::focused);
        let place = focused.and_then(|id| ctx.read_response(id)).map(|response| response.rect.center());
        let now = place.and_then(|at| self.drawn.iter().find(|(_, area)| area.contains(at)));
        let next = self.neighbour(now.map_or(Panel::Grid, |(panel, _)| *panel), is_forward);
        ctx.memory_mut(|memory| {
            // Tab has also asked for the next control, which is not what it means here.
            memory.move_focus(FocusDirection::None);
            match self.landing(next) {
                Some(id) => memory.request_focus(id),
                None => focused.iter().for_each(|id| memory.surrender_focus(*id)),
            }
        });
    }

    fn neighbour(&self, from: Panel, is_forward: bool) -> Panel {
        let start = ORDER.iter().position(|panel| *panel == from).unwrap_or(0);
        let step = if is_forward { 1 } else { ORDER.len() - 1 };
        let others = (1..=ORDER.len()).map(|i| ORDER[(start + i * step) % ORDER.len()]);
        // The grid takes the keyboard without naming a control.
        let mut reachable = others.filter(|panel| *panel == Panel::Grid || self.landing(*panel).is_some());
        reachable.next().unwrap_or(Panel::Grid)
    }

    fn landing(&self, panel: Panel) -> Option<Id> {
        self.landings.iter().find(|(other, _)| *other == panel).map(|(_, id)| *id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panel_without_controls_is_passed_over() {
        let mut panels = Panels::default();
        panels.land(Panel::Toolbar, false, Id::unique("open"));
        assert_eq!(panels.neighbour(Panel::Toolbar, true), Panel::Grid);
        assert_eq!(panels.neighbour(Panel::Grid, true), Panel::Toolbar);
        assert_eq!(panels.neighbour(Panel::Toolbar, false), Panel::Grid);
    }

    #[test]
    fn the_keyboard_lands_on_the_first_control_unless_a_later_one_is_preferred() {
        let mut panels = Panels::default();
        panels.land(Panel::Categories, false, Id::unique("dog"));
        panels.land(Panel::Categories, true, Id::unique("cat"));
        panels.land(Panel::Categories, false, Id::unique("new"));
        assert_eq!(panels.landing(Panel::Categories), Some(Id::unique("cat")));
    }
}
