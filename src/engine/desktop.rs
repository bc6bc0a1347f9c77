//! Whether the desktop is dark or light, where the window system does not say it: neither X11 nor Wayland knows it, but the
//! portal does, which file dialogs come from too.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

/// The default is a desktop that nobody asks.
#[derive(Default)]
pub struct Desktop {
    /// 0 until it is known.
    scheme: Arc<AtomicU8>,
}

const LIGHT: u8 = 1;
const DARK: u8 = 2;

impl Desktop {
    /// Asks now, and whenever it changes, which `wake` is told.
    #[cfg(target_os = "linux")]
    pub fn watch(wake: impl Fn() + Send + 'static) -> Desktop {
        use std::thread;
        use std::time::Duration;
        /// What a person does not notice: without the answer, the first frame might flash in the wrong one.
        const AT_MOST: Duration = Duration::from_millis(50);

        let desktop = Desktop::default();
        let scheme = desktop.scheme.clone();
        let (answer, answered) = crossbeam_channel::bounded(1);
        let work = move || {
            let tell = |is_dark: bool| {
                scheme.store(if is_dark { DARK } else { LIGHT }, Ordering::Relaxed);
                let _ = answer.try_send(());
                wake();
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
    pub fn watch(_wake: impl Fn() + Send + 'static) -> Desktop {
        Desktop::default()
    }

    /// `None` where the window system knows it, or nobody does.
    pub fn is_dark(&self) -> Option<bool> {
        match self.scheme.load(Ordering::Relaxed) {
            LIGHT => Some(false),
            DARK => Some(true),
            _ => None,
        }
    }
}

#[cfg(target_os = "linux")]
mod portal {
    use futures_lite::StreamExt;
    use zbus::zvariant::{OwnedValue, Value};
    use zbus::{Connection, Proxy};

    const NAMESPACE: &str = "org.freedesktop.appearance";
    const KEY: &str = "color-scheme";

    /// Until the desktop is gone.
    pub async fn watch(tell: impl Fn(bool)) -> zbus::Result<()> {
        let (name, path) = ("org.freedesktop.portal.Desktop", "/org/freedesktop/portal/desktop");
        let settings = Proxy::new(&Connection::session().await?, name, path, "org.freedesktop.portal.Settings").await?;
        let mut changes = settings.receive_signal("SettingChanged").await?;
        let now: OwnedValue = settings.call("Read", &(NAMESPACE, KEY)).await?;
        is_dark(&now).into_iter().for_each(&tell);
        while let Some(change) = changes.next().await {
            let body = change.body();
            let (namespace, key, value): (String, String, Value<'_>) = body.deserialize()?;
            if (namespace.as_str(), key.as_str()) == (NAMESPACE, KEY) {
                is_dark(&value).into_iter().for_each(&tell);
            }
        }
        Ok(())
    }

    /// `Read` wraps its answer twice. A desktop without a preference, such as GNOME's default, is light.
    fn is_dark(value: &Value<'_>) -> Option<bool> {
        match value {
            Value::Value(inner) => is_dark(inner),
            Value::U32(scheme @ 0..=2) => Some(*scheme == 1),
            _ => None,
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn the_portal_s_numbers_are_known_however_they_are_wrapped() {
            let wrapped = |number: u32| Value::Value(Box::new(Value::Value(Box::new(Value::U32(number)))));
            assert_eq!(is_dark(&wrapped(1)), Some(true));
            assert_eq!(is_dark(&wrapped(2)), Some(false));
            assert_eq!(is_dark(&Value::U32(0)), Some(false));
            assert_eq!(is_dark(&Value::from("dark")), None);
        }
    }
}
