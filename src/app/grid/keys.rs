//! What the keyboard and the wheel ask of the grid. A key typed in a text field is text, and one typed in a menu or a
//! dialog is theirs.

use eframe::egui::{Context, EventFilter, Id, Key, Modifiers, Ui};

use super::layout::{Cell, HEADING, Layout};
use crate::app::verdicts::{self, Said};

/// Heights of thumbnails that can be chosen, in points.
pub const HEIGHTS: std::ops::RangeInclusive<f32> = 64.0..=320.0;
const STEP: f32 = 1.2;

/// Where the focus goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    Left,
    Right,
    Up,
    Down,
    PageUp,
    PageDown,
    Home,
    End,
}

const MOVES: [(Key, Move); 8] = [
    (Key::ArrowLeft, Move::Left),
    (Key::ArrowRight, Move::Right),
    (Key::ArrowUp, Move::Up),
    (Key::ArrowDown, Move::Down),
    (Key::PageUp, Move::PageUp),
    (Key::PageDown, Move::PageDown),
    (Key::Home, Move::Home),
    (Key::End, Move::End),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    pub to: Move,
    /// Whether what lies between is selected.
    pub extends: bool,
}

/// Keys of one frame.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pressed {
    pub moves: Vec<Step>,
    pub selects_all: bool,
    pub said: Vec<Said>,
    pub opens: bool,
    /// Whether the photos are to go to the trash.
    pub trashes: bool,
    /// Steps towards larger thumbnails; negative for smaller.
    pub larger: i32,
}

/// Takes the grid's keys, so that nobody else acts on them.
pub fn take(ui: &Ui, own: Id, ears: &mut Ears) -> Pressed {
    if !ears.hear(ui.ctx(), own) {
        return Pressed::default();
    }
    ui.input_mut(|input| {
        let said = verdicts::take(input);
        let selects_all = input.consume_key(Modifiers::COMMAND, Key::A);
        // With Shift first: a key without a modifier is also taken for one with Shift.
        let mut moves = Vec::new();
        for (modifiers, extends) in [(Modifiers::SHIFT, true), (Modifiers::NONE, false)] {
            for (key, to) in MOVES {
                let times = input.count_and_consume_key(modifiers, key);
                moves.extend(std::iter::repeat_n(Step { to, extends }, times));
            }
        }
        let mut count = |key| input.count_and_consume_key(Modifiers::NONE, key);
        let larger = (count(Key::Plus) + count(Key::Equals)) as i32 - count(Key::Minus) as i32;
        let opens = count(Key::Space) + count(Key::Enter) > 0;
        let trashes = count(Key::Delete) > 0;
        Pressed { moves, selects_all, said, opens, trashes, larger }
    })
}

/// Knows when keys are meant for a widget: it has the keyboard or nobody has, and nothing lies above the window.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ears {
    could_hear: bool,
}

impl Ears {
    /// A text field that gives up the keyboard on Enter does so before this frame's keys reach us, and they are still
    /// its own: so the keyboard must have been free in the frame before, too.
    pub fn hear(&mut self, ctx: &Context, own: Id) -> bool {
        let (focused, has_modal) = ctx.memory(|memory| (memory.focused(), memory.top_modal_layer().is_some()));
        let can_hear = focused.is_none_or(|id| id == own) && !has_modal && !ctx.any_popup_open();
        let could_hear = std::mem::replace(&mut self.could_hear, can_hear);
        if can_hear {
            hold_arrows(ctx, own);
        }
        can_hear && could_hear
    }
}

/// Keeps arrow keys from moving the keyboard to the panel beside.
fn hold_arrows(ctx: &Context, own: Id) {
    let arrows = EventFilter { horizontal_arrows: true, vertical_arrows: true, ..EventFilter::default() };
    ctx.memory_mut(|memory| memory.set_focus_lock_filter(own, arrows));
}

/// The height after so many steps and a pinch (or the wheel with Ctrl) by `factor`; `None` where it stays.
pub fn new_height(height: f32, steps: i32, factor: f32) -> Option<f32> {
    let next = (height * STEP.powi(steps) * factor).clamp(*HEIGHTS.start(), *HEIGHTS.end());
    ((next - height).abs() > 0.01).then_some(next)
}

/// Where a move leads from `place`. Moves up and down keep to `x`.
pub fn destination(layout: &Layout, place: usize, step: Move, x: f32, view_height: f64) -> usize {
    let last = layout.photos().saturating_sub(1);
    let (row, rows) = (layout.row_at(place), layout.rows());
    let pitch = layout.space().pitch();
    let page = ((view_height - HEADING) / pitch).floor().max(1.0) * pitch;
    let at = |row: usize| layout.nearest(row, x).map_or(place, |cell: Cell| cell.place);
    match step {
        Move::Left => place.saturating_sub(1),
        Move::Right => (place + 1).min(last),
        Move::Up if row == 0 => place,
        Move::Up => at(row - 1),
        Move::Down if row + 1 == rows => place,
        Move::Down => at(row + 1),
        Move::PageUp => at(row_near(layout, layout.row_top(row) - page).min(row.saturating_sub(1))),
        Move::PageDown => at(row_near(layout, layout.row_top(row) + page).max(row + 1).min(rows - 1)),
        Move::Home => 0,
        Move::End => last,
    }
}

/// The first row at or below a height, or the last of all.
fn row_near(layout: &Layout, top: f64) -> usize {
    let below = layout.rows_within(top, f64::INFINITY).start;
    below.min(layout.rows() - 1)
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;
    use crate::app::grid::layout::Space;
    use crate::catalog::{Group, Heading, PhotoId, Ranking};

    /// Square photos, four to a row, in groups of these sizes.
    fn layout(groups: &[u32]) -> Layout {
        let mut next = 0;
        let group = |count: &u32| {
            let photos = (next..next + count).map(PhotoId).collect();
            next += count;
            Group { heading: Heading::Folder, photos, above_cutoff: 0 }
        };
        let ranking = Ranking { groups: groups.iter().map(group).collect() };
        let space = Space { width: 430.0, thumbnail_height: 100.0, caption_height: 0.0 };
        Layout::of(&Rc::new(ranking), space, |_| Some(1.0))
    }

    fn x_of(layout: &Layout, place: usize) -> f32 {
        layout.cells(layout.row_at(place)).find(|cell| cell.place == place).unwrap().centre()
    }

    fn check(groups: &[u32], from: usize, step: Move, to: usize) {
        let layout = layout(groups);
        let arrived = destination(&layout, from, step, x_of(&layout, from), 400.0);
        assert_eq!(arrived, to, "{step:?} from {from} in {groups:?}");
    }

    #[test]
    fn left_and_right_run_on_over_rows_and_groups_and_stop_at_the_ends() {
        check(&[5, 3], 3, Move::Right, 4);
        check(&[5, 3], 5, Move::Left, 4);
        check(&[5, 3], 0, Move::Left, 0);
        check(&[5, 3], 7, Move::Right, 7);
    }

    #[test]
    fn up_and_down_go_to_the_nearest_photo_of_the_next_row() {
        check(&[8], 2, Move::Down, 6);
        check(&[8], 6, Move::Up, 2);
        check(&[6, 8], 3, Move::Down, 5);
        check(&[2, 8], 1, Move::Down, 3);
        check(&[8], 1, Move::Up, 1);
        check(&[8], 6, Move::Down, 6);
    }

    #[test]
    fn a_page_is_as_many_rows_as_show_and_at_least_one() {
        check(&[400], 1, Move::PageDown, 13);
        check(&[400], 13, Move::PageUp, 1);
        check(&[6], 1, Move::PageDown, 5);
        check(&[6], 1, Move::PageUp, 1);
    }

    #[test]
    fn home_and_end_go_all_the_way() {
        check(&[400, 3], 200, Move::Home, 0);
        check(&[400, 3], 200, Move::End, 402);
    }

    #[test]
    fn heights_stay_within_reason() {
        assert_eq!(new_height(300.0, 5, 1.0), Some(320.0));
        assert_eq!(new_height(64.0, -1, 1.0), None);
        assert_eq!(new_height(100.0, 0, 1.5), Some(150.0));
        assert_eq!(new_height(100.0, 0, 1.0), None);
    }
}
