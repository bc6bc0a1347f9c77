//! Twelve small shapes, one a category hue, so that colour is never the only difference.

use std::f32::consts::{FRAC_PI_2, PI, TAU};

use eframe::egui::{Color32, Painter, Pos2, Rect, Shape, Stroke, pos2, vec2};

/// Draws the mark of the category at `place` within `radius` of `centre`.
pub fn paint_mark(painter: &Painter, centre: Pos2, radius: f32, place: usize, colour: Color32) {
    let stroke = Stroke::new((radius * 0.4).max(1.0), colour);
    let regular =
        |corners, turn| painter.add(Shape::convex_polygon(ring(centre, radius, corners, turn), colour, Stroke::NONE));
    match place % 12 {
        0 => painter.circle_filled(centre, radius * 0.9, colour),
        1 => painter.rect_filled(Rect::from_center_size(centre, vec2(1.6, 1.6) * radius), 0.0, colour),
        2 => regular(3, -FRAC_PI_2),
        3 => regular(4, 0.0),
        4 => painter.circle_stroke(centre, radius * 0.75, stroke),
        5 => cross(painter, centre, radius, 0.0, stroke),
        6 => regular(3, FRAC_PI_2),
        7 => painter.rect_stroke(
            Rect::from_center_size(centre, vec2(1.5, 1.5) * radius),
            0.0,
            stroke,
            eframe::egui::StrokeKind::Middle,
        ),
        8 => cross(painter, centre, radius, PI / 4.0, stroke),
        9 => regular(6, 0.0),
        10 => half_disc(painter, centre, radius, colour),
        _ => painter.rect_filled(Rect::from_center_size(centre, vec2(2.0, 0.8) * radius), 0.0, colour),
    };
}

fn ring(centre: Pos2, radius: f32, corners: usize, turn: f32) -> Vec<Pos2> {
    let corner = |i: usize| {
        let angle = turn + TAU * i as f32 / corners as f32;
        centre + radius * vec2(angle.cos(), angle.sin())
    };
    (0..corners).map(corner).collect()
}

fn cross(painter: &Painter, centre: Pos2, radius: f32, turn: f32, stroke: Stroke) -> eframe::egui::layers::ShapeIdx {
    let corners = ring(centre, radius, 4, turn);
    painter.line_segment([corners[0], corners[2]], stroke);
    painter.line_segment([corners[1], corners[3]], stroke)
}

fn half_disc(painter: &Painter, centre: Pos2, radius: f32, colour: Color32) -> eframe::egui::layers::ShapeIdx {
    let points = (0..=8).map(|i| {
        let angle = PI * i as f32 / 8.0;
        pos2(centre.x + radius * angle.cos(), centre.y + radius * 0.5 - radius * angle.sin())
    });
    painter.add(Shape::convex_polygon(points.collect(), colour, Stroke::NONE))
}
