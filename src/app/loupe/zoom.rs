//! How a photo lies in the loupe: fitted, or magnified with some point of it in the middle.

use eframe::egui::{Pos2, Rect, Vec2, pos2};

/// The largest magnification: enough to count pixels.
const MOST: f32 = 8.0;
/// A small photo is magnified to fit, but not into a blur.
const MOST_TO_FIT: f32 = 4.0;

/// What a photo has to fit in.
#[derive(Clone, Copy, Debug)]
pub struct Stage {
    pub rect: Rect,
    /// Size of the photo.
    pub size_px: Vec2,
    /// Pixels of the screen a point.
    pub pixels_per_point: f32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Zoom {
    /// All of it shows, as large as it can.
    #[default]
    Fit,
    At {
        /// Points a pixel of the photo.
        scale: f32,
        /// What stands in the middle of the stage, as shares of the photo's sides.
        middle: Pos2,
    },
}

impl Zoom {
    /// Where the photo is drawn.
    pub fn place(self, stage: &Stage) -> Rect {
        match self {
            Zoom::Fit => Rect::from_center_size(stage.rect.center(), stage.size_px * stage.fit()),
            Zoom::At { scale, middle } => {
                let size = stage.size_px * scale;
                let middle = held_in(middle, size, stage.rect.size());
                Rect::from_min_size(stage.rect.center() - size * middle.to_vec2(), size)
            }
        }
    }

    /// Pixels of the screen a pixel of the photo.
    pub fn magnification(self, stage: &Stage) -> f32 {
        let scale = match self {
            Zoom::Fit => stage.fit(),
            Zoom::At { scale, .. } => scale,
        };
        scale * stage.pixels_per_point
    }

    /// From fit to 100 % around a point of the screen, and back.
    pub fn toggled(self, stage: &Stage, at: Pos2) -> Zoom {
        match self {
            Zoom::Fit => self.scaled_to(stage, stage.full(), at),
            Zoom::At { .. } => Zoom::Fit,
        }
    }

    /// Magnified by a factor; what lies at `at` stays there. Nothing is smaller than both a fit and 100 %.
    pub fn by(self, stage: &Stage, factor: f32, at: Pos2) -> Zoom {
        let scale = self.magnification(stage) / stage.pixels_per_point * factor;
        if scale <= stage.fit() * 1.001 && stage.fit() <= stage.full() {
            return Zoom::Fit;
        }
        self.scaled_to(stage, scale.clamp(stage.fit().min(stage.full()), stage.full() * MOST), at)
    }

    /// Moved by as many points as a hand has.
    pub fn panned(self, stage: &Stage, by: Vec2) -> Zoom {
        match self {
            Zoom::Fit => self,
            Zoom::At { scale, .. } => {
                let place = self.place(stage).translate(by);
                Zoom::At { scale, middle: middle_of(place, stage.rect) }
            }
        }
    }

    fn scaled_to(self, stage: &Stage, scale: f32, at: Pos2) -> Zoom {
        let place = self.place(stage);
        let size = stage.size_px * scale;
        let share = (at - place.min) / place.size();
        let middle = middle_of(Rect::from_min_size(at - size * share, size), stage.rect);
        Zoom::At { scale, middle }
    }
}

impl Stage {
    fn fit(&self) -> f32 {
        (self.rect.size() / self.size_px).min_elem().min(self.full() * MOST_TO_FIT)
    }

    /// One pixel of the photo on one pixel of the screen.
    fn full(&self) -> f32 {
        1.0 / self.pixels_per_point
    }
}

fn middle_of(place: Rect, stage: Rect) -> Pos2 {
    held_in(((stage.center() - place.min) / place.size()).to_pos2(), place.size(), stage.size())
}

/// No edge of the photo comes further in than the edge of the stage; what fits is centred.
fn held_in(middle: Pos2, size: Vec2, stage: Vec2) -> Pos2 {
    let hold = |middle: f32, size: f32, stage: f32| {
        let half = 0.5 * stage / size;
        if half >= 0.5 { 0.5 } else { middle.clamp(half, 1.0 - half) }
    };
    pos2(hold(middle.x, size.x, stage.x), hold(middle.y, size.y, stage.y))
}

#[cfg(test)]
mod tests {
    use eframe::egui::vec2;

    use super::*;

    fn stage(width_px: f32, height_px: f32) -> Stage {
        let rect = Rect::from_min_size(pos2(100.0, 50.0), vec2(800.0, 600.0));
        Stage { rect, size_px: vec2(width_px, height_px), pixels_per_point: 2.0 }
    }

    #[test]
    fn a_photo_fits_whatever_its_size_but_is_not_blown_up() {
        assert_eq!(Zoom::Fit.place(&stage(6000.0, 3000.0)).size(), vec2(800.0, 400.0));
        assert_eq!(Zoom::Fit.place(&stage(800.0, 400.0)).size(), vec2(800.0, 400.0));
        assert_eq!(Zoom::Fit.place(&stage(20.0, 10.0)).size(), vec2(40.0, 20.0));
    }

    #[test]
    fn full_size_is_one_pixel_on_one_pixel() {
        let stage = stage(6000.0, 4000.0);
        let full = Zoom::Fit.toggled(&stage, stage.rect.center());
        assert_eq!(full.magnification(&stage), 1.0);
        assert_eq!(full.place(&stage).size(), vec2(3000.0, 2000.0));
        assert_eq!(full.toggled(&stage, stage.rect.center()), Zoom::Fit);
    }

    #[test]
    fn what_lies_under_the_pointer_stays_there() {
        let stage = stage(6000.0, 4000.0);
        let at = pos2(500.0, 300.0);
        let share = |zoom: Zoom| (at - zoom.place(&stage).min) / zoom.place(&stage).size();
        let zoomed = Zoom::Fit.by(&stage, 3.0, at);
        assert!((share(zoomed) - share(Zoom::Fit)).length() < 1e-3);
        assert!((share(zoomed.by(&stage, 1.5, at)) - share(zoomed)).length() < 1e-3);
    }

    #[test]
    fn a_photo_cannot_be_pushed_off_the_stage() {
        let stage = stage(6000.0, 4000.0);
        let full = Zoom::Fit.toggled(&stage, stage.rect.center());
        let pushed = full.panned(&stage, vec2(99999.0, -99999.0)).place(&stage);
        assert!((pushed.left() - stage.rect.left()).abs() < 0.01);
        assert!((pushed.bottom() - stage.rect.bottom()).abs() < 0.01);
    }

    #[test]
    fn a_small_photo_can_be_seen_at_full_size_and_fitted() {
        let stage = stage(800.0, 400.0);
        let full = Zoom::Fit.toggled(&stage, stage.rect.center());
        assert_eq!(full.place(&stage).size(), vec2(400.0, 200.0));
        assert_eq!(full.by(&stage, 0.5, stage.rect.center()).magnification(&stage), 1.0);
        assert!(Zoom::Fit.by(&stage, 0.9, stage.rect.center()).magnification(&stage) < Zoom::Fit.magnification(&stage));
    }

    #[test]
    fn zooming_out_ends_in_a_fit() {
        let stage = stage(6000.0, 4000.0);
        let full = Zoom::Fit.toggled(&stage, stage.rect.center());
        assert_eq!(full.by(&stage, 0.001, stage.rect.center()), Zoom::Fit);
        assert_eq!(full.by(&stage, 1000.0, stage.rect.center()).magnification(&stage), MOST);
    }
}
