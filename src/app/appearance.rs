//! Dark or light: as the person chose, or as the desktop is.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use eframe::egui::{Button, Context, Theme, ThemePreference, Ui};

use super::Requests;
use crate::engine::{Appearance, Command, Session};
use crate::language::tr;

/// Draws the choice as a row.
pub fn show(ui: &mut Ui, session: &Session, requests: &mut Requests) {
    ui.horizontal_wrapped(|ui| {
        for choice in [Appearance::System, Appearance::Dark, Appearance::Light] {
            let name = match choice {
                Appearance::System => tr("As the system"),
                Appearance::Dark => tr("Dark"),
                Appearance::Light => tr("Light"),
            };
            let response = ui.add(Button::selectable(session.appearance() == choice, name));
            if response.on_hover_text(tr("Counts at once, and at the next start")).clicked() {
                requests.commands.push(Command::SetAppearance(choice));
            }
        }
    });
}

/// Has the next frame drawn as the person wants it.
pub fn follow(ctx: &Context, session: &Session, desktop: &Desktop) {
    let preference = match session.appearance() {
        Appearance::Dark => ThemePreference::Dark,
        Appearance::Light => ThemePreference::Light,
        Appearance::System => desktop.theme().map_or(ThemePreference::System, ThemePreference::from),
    };
    if ctx.options(|options| options.theme_preference) != preference {
        ctx.set_theme(preference);
    }
}

/// How the desktop is, where the window system does not say it. The default is a desktop that nobody asks.
#[derive(Default)]
pub struct Desktop {
    /// 0 until it is known.
    scheme: Arc<AtomicU8>,
}

const LIGHT: u8 = 1;
const DARK: u8 = 2;

impl Desktop {
    /// Asks now, and whenever it changes. Neither X11 nor Wayland knows it, but the portal does, which file dialogs come from too.
    #[cfg(target_os = "linux")]
    pub fn watch(ctx: &Context) -> Desktop {
        use std::sync::mpsc;
        use std::thread;
        use std::time::Duration;
        /// What a person does not notice: without the answer, the first frame might flash in the wrong one.
        const AT_MOST: Duration = Duration::from_millis(50);

        let desktop = Desktop::default();
        let (scheme, ctx) = (desktop.scheme.clone(), ctx.clone());
        let (answer, answered) = mpsc::channel();
        let work = move || {
            let tell = |theme: Theme| {
                scheme.store(if theme == Theme::Dark { DARK } else { LIGHT }, Ordering::Relaxed);
                ctx.request_repaint();
                let _ = answer.send(());
            };
            if let Err(error) = futures_lite::future::block_on(portal::watch(tell)) {
                log::debug!("the desktop does not say whether it is dark: {error}");
            }
        };
        if thread::Builder::new().name("desktop".to_owned()).spawn(work).is_ok() {
            let _ = answered.recv_timeout(AT_MOST);
        }
        desktop
    }

    /// The window system says it.
    #[cfg(not(target_os = "linux"))]
    pub fn watch(_ctx: &Context) -> Desktop {
        Desktop::default()
    }

    fn theme(&self) -> Option<Theme> {
        match self.scheme.load(Ordering::Relaxed) {
            LIGHT => Some(Theme::Light),
            DARK => Some(Theme::Dark),
            _ => None,
        }
    }
}

#[cfg(target_os = "linux")]
mod portal {
    use eframe::egui::Theme;
    use futures_lite::StreamExt;
    use zbus::zvariant::{OwnedValue, Value};
    use zbus::{Connection, Proxy};

    const NAMESPACE: &str = "org.freedesktop.appearance";
    const KEY: &str = "color-scheme";

    /// Until the desktop is gone.
    pub async fn watch(tell: impl Fn(Theme)) -> zbus::Result<()> {
        let (name, path) = ("org.freedesktop.portal.Desktop", "/org/freedesktop/portal/desktop");
        let settings = Proxy::new(&Connection::session().await?, name, path, "org.freedesktop.portal.Settings").await?;
        let mut changes = settings.receive_signal("SettingChanged").await?;
        let now: OwnedValue = settings.call("Read", &(NAMESPACE, KEY)).await?;
        theme_of(&now).into_iter().for_each(&tell);
        while let Some(change) = changes.next().await {
            let body = change.body();
            let (namespace, key, value): (String, String, Value<'_>) = body.deserialize()?;
            if (namespace.as_str(), key.as_str()) == (NAMESPACE, KEY) {
                theme_of(&value).into_iter().for_each(&tell);
            }
        }
        Ok(())
    }

    /// `Read` wraps its answer twice. A desktop without a preference, such as GNOME's default, is light.
    fn theme_of(value: &Value<'_>) -> Option<Theme> {
        match value {
            Value::Value(inner) => theme_of(inner),
            Value::U32(1) => Some(Theme::Dark),
            Value::U32(0 | 2) => Some(Theme::Light),
            _ => None,
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn the_portal_s_numbers_are_known_however_they_are_wrapped() {
            let wrapped = |number: u32| Value::Value(Box::new(Value::Value(Box::new(Value::U32(number)))));
            assert_eq!(theme_of(&wrapped(1)), Some(Theme::Dark));
            assert_eq!(theme_of(&wrapped(2)), Some(Theme::Light));
            assert_eq!(theme_of(&Value::U32(0)), Some(Theme::Light));
            assert_eq!(theme_of(&Value::from("dark")), None);
        }
    }
}
