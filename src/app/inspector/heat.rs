//! The heat map over a photo: where a prompt's match lies. Smooth, because a patch has no edges that mean anything, and
//! in colours whose lightness alone tells more from less.

use eframe::egui::{Color32, ColorImage, Context, Painter, Rect, TextureHandle, TextureId, TextureOptions, pos2};

use crate::engine::Heat;

/// Length of the picture's longer side: more would not be seen in a map of few patches.
const SIDE_PX: usize = 192;
/// What the model does not look at lies under this shade.
const UNSEEN: Color32 = Color32::from_black_alpha(130);

/// Red, green, blue and opacity at a value, from nothing to full. The darkest hides what does not matter; the lighter,
/// the more the photo itself shows through.
const STOPS: [(f32, [f32; 4]); 5] = [
    (0.0, [8.0, 4.0, 38.0, 0.80]),
    (0.3, [84.0, 15.0, 109.0, 0.68]),
    (0.55, [187.0, 55.0, 84.0, 0.56]),
    (0.78, [249.0, 142.0, 9.0, 0.46]),
    (1.0, [252.0, 245.0, 150.0, 0.38]),
];

/// The picture of the map that was drawn last.
#[derive(Default)]
pub struct HeatPicture {
    drawn: Option<(Heat, TextureHandle)>,
}

impl HeatPicture {
    /// The picture of this map; made only when the map has changed.
    pub fn texture(&mut self, ctx: &Context, heat: &Heat) -> TextureId {
        let drawn = self.drawn.take().filter(|(known, _)| known == heat);
        let drawn = drawn
            .unwrap_or_else(|| (heat.clone(), ctx.load_texture("heat map", picture_of(heat), TextureOptions::LINEAR)));
        self.drawn.insert(drawn).1.id()
    }

    pub fn forget(&mut self) {
        self.drawn = None;
    }
}

/// Draws the map over a photo that is drawn at `place`, and a shade over what the model did not see of it.
pub fn paint(painter: &Painter, place: Rect, heat: &Heat, texture: TextureId) {
    let seen = seen_part(place, heat);
    let all = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
    painter.with_clip_rect(place.intersect(painter.clip_rect())).image(texture, seen, all, Color32::WHITE);
    unseen_parts(place, seen).into_iter().for_each(|part| _ = painter.rect_filled(part, 0.0, UNSEEN));
}

/// Where the patches lie; may reach over the photo's edges.
pub fn seen_part(place: Rect, heat: &Heat) -> Rect {
    let [left, top, right, bottom] = heat.area;
    let at = |x: f32, y: f32| place.min + place.size() * eframe::egui::vec2(x, y);
    Rect::from_min_max(at(left, top), at(right, bottom))
}

/// Draws the scale from less to more.
pub fn paint_scale(painter: &Painter, rect: Rect) {
    let steps = rect.width().ceil().max(1.0) as usize;
    for step in 0..steps {
        let colour = colour(step as f32 / steps as f32);
        let x = rect.left() + step as f32;
        let opaque = Color32::from_rgb(colour[0] as u8, colour[1] as u8, colour[2] as u8);
        painter.rect_filled(Rect::from_x_y_ranges(x..=(x + 1.0).min(rect.right()), rect.y_range()), 0.0, opaque);
    }
}

/// The photo without the part that is seen.
fn unseen_parts(place: Rect, seen: Rect) -> Vec<Rect> {
    let seen = seen.intersect(place);
    let parts = [
        Rect::from_min_max(place.min, pos2(place.right(), seen.top())),
        Rect::from_min_max(pos2(place.left(), seen.bottom()), place.max),
        Rect::from_min_max(pos2(place.left(), seen.top()), pos2(seen.left(), seen.bottom())),
        Rect::from_min_max(pos2(seen.right(), seen.top()), pos2(place.right(), seen.bottom())),
    ];
    parts.into_iter().filter(|part| part.width() > 0.5 && part.height() > 0.5).collect()
}

fn picture_of(heat: &Heat) -> ColorImage {
    let zoom = (SIDE_PX / heat.columns.max(heat.rows).max(1)).clamp(2, 32);
    let (width, height) = (heat.columns * zoom, heat.rows * zoom);
    let values = spread(&heat.values);
    let rows = values.chunks_exact(heat.columns.max(1));
    let wide: Vec<Vec<f32>> = rows.map(|row| stretched(row, zoom)).collect();
    let mut pixels = vec![Color32::TRANSPARENT; width * height];
    for x in 0..width {
        let column: Vec<f32> = wide.iter().map(|row| row[x]).collect();
        for (y, value) in stretched(&column, zoom).into_iter().enumerate() {
            let [red, green, blue, opacity] = colour(value);
            let rgba = [red, green, blue, opacity * 255.0].map(|level| level.round() as u8);
            pixels[y * width + x] = Color32::from_rgba_unmultiplied(rgba[0], rgba[1], rgba[2], rgba[3]);
        }
    }
    ColorImage::new([width, height], pixels)
}

/// In a close-up every patch shows the category: the least of them is drawn darker, so that there is something to see,
/// but not so much darker that small differences look like large ones. The bright end stays where it is, so a photo that
/// shows nothing of the category stays dark.
fn spread(values: &[f32]) -> Vec<f32> {
    let least = values.iter().copied().fold(1.0, f32::min).clamp(0.0, 0.4);
    values.iter().map(|value| (value - least) / (1.0 - least)).collect()
}

/// A line of values with `zoom` times as many, by Catmull and Rom's cubic: it passes through every value, without
/// edges. The line goes on at both ends as it ended.
fn stretched(values: &[f32], zoom: usize) -> Vec<f32> {
    let last = values.len() as isize - 1;
    let at = |place: isize| values[place.clamp(0, last) as usize];
    let sample = |pixel: usize| {
        let x = (pixel as f32 + 0.5) / zoom as f32 - 0.5;
        let (start, t) = (x.floor() as isize, x - x.floor());
        let [a, b, c, d] = [-1, 0, 1, 2].map(|step| at(start + step));
        let curve = (3.0 * (b - c) + d - a) * t + (2.0 * a - 5.0 * b + 4.0 * c - d);
        (b + 0.5 * t * ((c - a) + t * curve)).clamp(0.0, 1.0)
    };
    (0..values.len() * zoom).map(sample).collect()
}

fn colour(value: f32) -> [f32; 4] {
    let value = value.clamp(0.0, 1.0);
    let above = STOPS.iter().position(|(at, _)| *at >= value).unwrap_or(STOPS.len() - 1).max(1);
    let ((from, low), (to, high)) = (STOPS[above - 1], STOPS[above]);
    let share = (value - from) / (to - from);
    std::array::from_fn(|i| low[i] + (high[i] - low[i]) * share)
}

#[cfg(test)]
mod tests {
    use eframe::egui::vec2;

    use super::*;

    fn heat(area: [f32; 4]) -> Heat {
        Heat { columns: 2, rows: 2, area, values: vec![0.0, 1.0, 0.25, 0.5] }
    }

    #[test]
    fn more_is_always_lighter() {
        let lightness = |step: u8| {
            let [red, green, blue, _] = colour(f32::from(step) / 50.0);
            0.2126 * red + 0.7152 * green + 0.0722 * blue
        };
        assert!((0..50).all(|step| lightness(step) < lightness(step + 1)));
    }

    #[test]
    fn a_stretched_line_passes_through_its_values_and_stays_within_bounds() {
        let line = stretched(&[0.0, 1.0, 0.0], 3);
        assert_eq!([line[1], line[4], line[7]], [0.0, 1.0, 0.0]);
        assert!(line.iter().all(|value| (0.0..=1.0).contains(value)));
    }

    #[test]
    fn a_close_up_is_spread_and_a_photo_without_a_match_stays_dark() {
        assert_eq!(spread(&[0.25, 0.625, 1.0]), [0.0, 0.5, 1.0]);
        assert!(spread(&[0.9, 1.0])[0] > 0.8, "nearly the same stays nearly the same");
        assert_eq!(spread(&[0.0, 0.125]), [0.0, 0.125]);
        assert!(spread(&[1.0, 1.0]).iter().all(|value| *value == 1.0));
    }

    #[test]
    fn what_a_centre_crop_leaves_out_is_shaded() {
        let place = Rect::from_min_size(pos2(100.0, 50.0), vec2(300.0, 200.0));
        let seen = seen_part(place, &heat([1.0 / 6.0, 0.0, 5.0 / 6.0, 1.0]));
        let unseen = unseen_parts(place, seen);
        assert_eq!(unseen.len(), 2);
        let area: f32 = unseen.iter().map(Rect::area).sum();
        assert!((area - 100.0 * 200.0).abs() < 1.0);
    }

    #[test]
    fn patches_that_reach_over_the_edge_leave_nothing_unseen() {
        let place = Rect::from_min_size(pos2(0.0, 0.0), vec2(300.0, 200.0));
        assert!(unseen_parts(place, seen_part(place, &heat([-0.1, -0.2, 1.1, 1.2]))).is_empty());
    }

    #[test]
    fn a_map_becomes_a_picture_of_its_shape() {
        let picture = picture_of(&Heat { columns: 4, rows: 2, area: [0.0, 0.0, 1.0, 1.0], values: vec![0.5; 8] });
        assert_eq!(picture.size, [128, 64]);
    }
}
