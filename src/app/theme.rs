//! How the window looks: fonts, three text sizes, neutral greys, one accent, twelve category hues with their marks.
//!
//! Greys carry no tint, because people judge the colour of photos against them. Text keeps a contrast of at least
//! 4.5:1 on every ground that it is drawn on.

use std::sync::Arc;

use eframe::egui::style::{ScrollStyle, Selection, WidgetVisuals, Widgets};
use eframe::egui::{
    self, Color32, CornerRadius, FontData, FontDefinitions, FontFamily, FontId, Margin, Shadow, Stroke, Style,
    TextStyle, Theme, Visuals, vec2,
};

pub use super::marks::paint_mark;

/// The grid that all distances stand on, in points.
pub const STEP: f32 = 4.0;

pub const SMALL: f32 = 12.0;
pub const BODY: f32 = 14.0;
pub const LARGE: f32 = 20.0;

/// Height of a row of controls.
pub const CONTROL: f32 = 7.0 * STEP;

/// The colours of one mode.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Palette {
    /// What photos lie on.
    pub ground: Color32,
    /// Toolbar, side panel, status.
    pub panel: Color32,
    /// Text fields.
    pub field: Color32,
    /// Buttons at rest, under the pointer and pressed.
    pub raised: Color32,
    pub hovered: Color32,
    pub pressed: Color32,
    /// Lines between panels and around fields.
    pub line: Color32,
    pub text: Color32,
    /// Text that should not draw the eye.
    pub weak: Color32,
    pub accent: Color32,
    /// Text on the accent.
    pub on_accent: Color32,
    /// A row that is selected.
    pub selected: Color32,
    /// Something that needs attention, or goes away.
    pub warning: Color32,
    /// Something that is new.
    pub added: Color32,
}

const DARK: Palette = Palette {
    ground: Color32::from_gray(0x16),
    panel: Color32::from_gray(0x1f),
    field: Color32::from_gray(0x14),
    raised: Color32::from_gray(0x2f),
    hovered: Color32::from_gray(0x3b),
    pressed: Color32::from_gray(0x29),
    line: Color32::from_gray(0x36),
    text: Color32::from_gray(0xe4),
    weak: Color32::from_gray(0xa3),
    accent: Color32::from_rgb(0xf2, 0xa5, 0x3a),
    on_accent: Color32::from_gray(0x14),
    selected: Color32::from_gray(0x2c),
    warning: Color32::from_rgb(0xf5, 0x8f, 0x6c),
    added: Color32::from_rgb(0x7c, 0xc9, 0x8f),
};

const LIGHT: Palette = Palette {
    ground: Color32::from_gray(0xe6),
    panel: Color32::from_gray(0xf5),
    field: Color32::from_gray(0xff),
    raised: Color32::from_gray(0xe4),
    hovered: Color32::from_gray(0xd8),
    pressed: Color32::from_gray(0xcb),
    line: Color32::from_gray(0xcf),
    text: Color32::from_gray(0x1b),
    weak: Color32::from_gray(0x5a),
    accent: Color32::from_rgb(0x8a, 0x50, 0x00),
    on_accent: Color32::from_gray(0xff),
    selected: Color32::from_gray(0xe3),
    warning: Color32::from_rgb(0xa8, 0x38, 0x10),
    added: Color32::from_rgb(0x17, 0x66, 0x36),
};

/// Colour-blind people can tell neighbours apart, and each has a mark of its own besides. Dark mode, then light mode.
/// The accent's own hue comes last, so that few categories look as if they were selected.
const HUES: [(Color32, Color32); 12] = [
    (Color32::from_rgb(0x5a, 0xb4, 0xf0), Color32::from_rgb(0x00, 0x5f, 0x9e)),
    (Color32::from_rgb(0x3c, 0xc8, 0x96), Color32::from_rgb(0x00, 0x6b, 0x49)),
    (Color32::from_rgb(0xf0, 0x82, 0x5a), Color32::from_rgb(0xa3, 0x38, 0x0e)),
    (Color32::from_rgb(0xd7, 0x8c, 0xc8), Color32::from_rgb(0x8f, 0x37, 0x7e)),
    (Color32::from_rgb(0xe6, 0xd7, 0x4b), Color32::from_rgb(0x69, 0x5e, 0x00)),
    (Color32::from_rgb(0x8c, 0x9b, 0xff), Color32::from_rgb(0x3f, 0x4f, 0xc4)),
    (Color32::from_rgb(0x6e, 0xd2, 0xd2), Color32::from_rgb(0x08, 0x66, 0x6a)),
    (Color32::from_rgb(0xff, 0x8c, 0xa0), Color32::from_rgb(0xae, 0x24, 0x42)),
    (Color32::from_rgb(0xb4, 0xdc, 0x64), Color32::from_rgb(0x48, 0x67, 0x00)),
    (Color32::from_rgb(0xc8, 0xaf, 0x8c), Color32::from_rgb(0x6e, 0x50, 0x26)),
    (Color32::from_rgb(0xbe, 0x9b, 0xff), Color32::from_rgb(0x67, 0x3c, 0xba)),
    (Color32::from_rgb(0xf2, 0xa5, 0x3a), Color32::from_rgb(0x8a, 0x50, 0x00)),
];

pub fn palette(is_dark: bool) -> &'static Palette {
    if is_dark { &DARK } else { &LIGHT }
}

/// The palette in which `ui` is drawn.
pub fn palette_of(ui: &egui::Ui) -> &'static Palette {
    palette(ui.visuals().dark_mode)
}

/// The colour of the category at `place`; [`paint_mark`] draws the mark that goes with it.
pub fn hue(place: usize, is_dark: bool) -> Color32 {
    let (dark, light) = HUES[place % HUES.len()];
    if is_dark { dark } else { light }
}

impl Palette {
    /// Behind what is chosen: as much of the accent as lets text in the accent still be read on it.
    fn chosen(&self, is_dark: bool) -> Color32 {
        self.accent.gamma_multiply(if is_dark { 0.22 } else { 0.14 })
    }
}

/// The accent: selection, focus, the primary button.
pub fn accent(is_dark: bool) -> Color32 {
    palette(is_dark).accent
}

/// Gives the whole window its looks, dark and light.
pub fn install(ctx: &egui::Context) {
    install_fonts(ctx);
    ctx.set_theme(egui::ThemePreference::System);
    ctx.set_style_of(Theme::Dark, style(Theme::Dark));
    ctx.set_style_of(Theme::Light, style(Theme::Light));
}

/// Fonts as shipped; scripts that they lack come from the system.
pub fn install_fonts(ctx: &egui::Context) {
    let mut fonts = FontDefinitions::empty();
    let mut add = |name: &str, bytes: &'static [u8]| {
        fonts.font_data.insert(name.to_owned(), Arc::new(FontData::from_static(bytes)));
    };
    add("plex", include_bytes!("../../assets/fonts/IBMPlexSans-Regular.ttf"));
    add("plex-semibold", include_bytes!("../../assets/fonts/IBMPlexSans-SemiBold.ttf"));
    add("plex-mono", include_bytes!("../../assets/fonts/IBMPlexMono-Regular.ttf"));
    add("icons", include_bytes!("../../assets/fonts/phosphor-icons.ttf"));
    let regular = vec!["plex".to_owned(), "icons".to_owned()];
    fonts.families.insert(FontFamily::Proportional, regular);
    fonts.families.insert(FontFamily::Monospace, vec!["plex-mono".to_owned(), "plex".to_owned(), "icons".to_owned()]);
    fonts.families.insert(semibold(), vec!["plex-semibold".to_owned(), "icons".to_owned()]);
    ctx.set_fonts(fonts);
}

pub fn semibold() -> FontFamily {
    FontFamily::Name("semibold".into())
}

/// Text styles shared by dark and light.
pub fn text_styles() -> std::collections::BTreeMap<TextStyle, FontId> {
    [
        (TextStyle::Small, FontId::proportional(SMALL)),
        (TextStyle::Body, FontId::proportional(BODY)),
        (TextStyle::Button, FontId::proportional(BODY)),
        (TextStyle::Monospace, FontId::monospace(SMALL)),
        (TextStyle::Heading, FontId::new(LARGE, semibold())),
    ]
    .into()
}

fn style(theme: Theme) -> Style {
    let is_dark = theme == Theme::Dark;
    let mut style = Style { visuals: visuals(is_dark), text_styles: text_styles(), ..theme.default_style() };
    // Short enough to feel immediate, long enough for the eye to follow.
    style.animation_time = 0.08;
    style.interaction.selectable_labels = false;
    style.interaction.tooltip_delay = 0.4;
    let spacing = &mut style.spacing;
    spacing.item_spacing = vec2(2.0 * STEP, STEP);
    spacing.button_padding = vec2(2.0 * STEP, STEP);
    spacing.interact_size = vec2(CONTROL, CONTROL);
    spacing.menu_margin = Margin::same(STEP as i8);
    spacing.window_margin = Margin::same(4 * STEP as i8);
    spacing.slider_rail_height = STEP;
    spacing.tooltip_width = 360.0;
    spacing.icon_spacing = 1.5 * STEP;
    spacing.scroll = ScrollStyle { bar_width: 2.0 * STEP, ..ScrollStyle::thin() };
    style
}

fn visuals(is_dark: bool) -> Visuals {
    let colours = palette(is_dark);
    let mut visuals = if is_dark { Visuals::dark() } else { Visuals::light() };
    visuals.widgets = widgets(colours);
    visuals.selection = Selection { bg_fill: colours.chosen(is_dark), stroke: Stroke::new(1.0, colours.accent) };
    visuals.weak_text_color = Some(colours.weak);
    visuals.hyperlink_color = colours.accent;
    visuals.warn_fg_color = colours.warning;
    visuals.error_fg_color = colours.warning;
    visuals.extreme_bg_color = colours.field;
    visuals.panel_fill = colours.panel;
    visuals.window_fill = colours.panel;
    visuals.window_stroke = Stroke::new(1.0, colours.line);
    let shadow = Shadow {
        offset: [0, 4],
        blur: 16,
        spread: 0,
        color: Color32::from_black_alpha(if is_dark { 120 } else { 40 }),
    };
    (visuals.window_shadow, visuals.popup_shadow) = (shadow, shadow);
    visuals.window_corner_radius = CornerRadius::same(8);
    visuals.slider_trailing_fill = true;
    visuals.handle_shape = egui::style::HandleShape::Circle;
    // Nothing blinks.
    visuals.text_cursor.blink = false;
    visuals.text_cursor.stroke = Stroke::new(1.5, colours.accent);
    visuals
}

fn widgets(colours: &Palette) -> Widgets {
    let radius = CornerRadius::same(STEP as u8);
    let at_rest = WidgetVisuals {
        bg_fill: colours.raised,
        weak_bg_fill: colours.raised,
        bg_stroke: Stroke::new(1.0, colours.line),
        fg_stroke: Stroke::new(1.0, colours.text),
        corner_radius: radius,
        expansion: 0.0,
    };
    let hovered = WidgetVisuals { bg_fill: colours.hovered, weak_bg_fill: colours.hovered, ..at_rest };
    Widgets {
        noninteractive: WidgetVisuals { bg_fill: colours.panel, weak_bg_fill: colours.panel, ..at_rest },
        inactive: at_rest,
        hovered,
        // Also what has the keyboard's focus, so it is framed in the accent.
        active: WidgetVisuals {
            bg_fill: colours.pressed,
            weak_bg_fill: colours.pressed,
            bg_stroke: Stroke::new(1.5, colours.accent),
            ..at_rest
        },
        open: hovered,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance as WCAG 2.2 defines it.
    fn luminance(colour: Color32) -> f32 {
        let linear = |channel: u8| {
            let c = f32::from(channel) / 255.0;
            if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(colour.r()) + 0.7152 * linear(colour.g()) + 0.0722 * linear(colour.b())
    }

    fn contrast(a: Color32, b: Color32) -> f32 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn text_can_be_read_on_every_ground() {
        for colours in [DARK, LIGHT] {
            let grounds = [colours.ground, colours.panel, colours.field, colours.raised, colours.selected];
            for (text, ground) in grounds.iter().flat_map(|ground| [(colours.text, ground), (colours.weak, ground)]) {
                assert!(contrast(text, *ground) >= 4.5, "{text:?} on {ground:?}: {}", contrast(text, *ground));
            }
            assert!(contrast(colours.text, colours.hovered) >= 4.5);
            assert!(contrast(colours.on_accent, colours.accent) >= 4.5);
            assert!(contrast(colours.warning, colours.panel) >= 4.5);
            assert!(contrast(colours.accent, colours.panel) >= 4.5);
            let chosen = colours.panel.blend(colours.chosen(colours.panel.r() < 0x80));
            assert!(contrast(colours.accent, chosen) >= 4.5, "{chosen:?}: {}", contrast(colours.accent, chosen));
            for ground in [colours.panel, colours.field, colours.selected] {
                assert!(
                    contrast(colours.added, ground) >= 4.5 && contrast(colours.warning, ground) >= 4.5,
                    "{ground:?}"
                );
            }
        }
    }

    #[test]
    fn category_hues_can_be_read_on_panel_ground_and_selection() {
        for place in 0..HUES.len() {
            for is_dark in [true, false] {
                let colours = palette(is_dark);
                for ground in [colours.panel, colours.ground, colours.selected] {
                    let contrast = contrast(hue(place, is_dark), ground);
                    assert!(contrast >= 4.5, "hue {place}, dark {is_dark}, on {ground:?}: {contrast}");
                }
            }
        }
    }

    #[test]
    fn greys_carry_no_tint() {
        for colours in [DARK, LIGHT] {
            for grey in [colours.ground, colours.panel, colours.field, colours.raised, colours.text, colours.weak] {
                assert!(grey.r() == grey.g() && grey.g() == grey.b(), "{grey:?}");
            }
        }
    }
}
