//! What draws the window, and what is tried where that fails.
//!
//! Decision: OpenGL draws everywhere, because it is the smallest and starts fastest, and where a remote desktop or a
//! virtual machine on Linux has none that works, Mesa's in software does.

use eframe::glow::{self, HasContext};

/// What somebody asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RendererChoice {
    /// OpenGL, then whatever works.
    #[default]
    Auto,
    OpenGl,
    /// Slower, and independent of graphics drivers.
    Software,
}

/// One way to draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Renderer {
    OpenGl,
    /// OpenGL again, after a new start in which Mesa is told to draw in software.
    #[cfg(all(unix, not(target_os = "macos")))]
    Mesa,
}

impl RendererChoice {
    /// What is to be tried, in this order.
    pub fn renderers(self) -> anyhow::Result<Vec<Renderer>> {
        #[cfg(all(unix, not(target_os = "macos")))]
        return Ok(self.with_mesa(std::env::var_os(ALWAYS_SOFTWARE).is_some()));
        #[cfg(not(all(unix, not(target_os = "macos"))))]
        match self {
            RendererChoice::Auto | RendererChoice::OpenGl => Ok(vec![Renderer::OpenGl]),
            RendererChoice::Software => {
                anyhow::bail!("This system has no OpenGL in software. Start Tagroll without --renderer.")
            }
        }
    }

    /// `is_in_software` once Mesa has been told.
    #[cfg(all(unix, not(target_os = "macos")))]
    fn with_mesa(self, is_in_software: bool) -> Vec<Renderer> {
        match self {
            _ if is_in_software => vec![Renderer::OpenGl],
            RendererChoice::Auto => vec![Renderer::OpenGl, Renderer::Mesa],
            RendererChoice::OpenGl => vec![Renderer::OpenGl],
            RendererChoice::Software => vec![Renderer::Mesa],
        }
    }
}

impl Renderer {
    /// Becomes the same program once more, where only that helps: a library reads its variables when it is loaded, and
    /// setting them later is unsafe. Returns only if nothing had to be done, or could be. `before` is called last.
    pub fn restart(self, before: impl FnOnce()) -> anyhow::Result<()> {
        match self {
            Renderer::OpenGl => {
                drop(before);
                Ok(())
            }
            #[cfg(all(unix, not(target_os = "macos")))]
            Renderer::Mesa => {
                before();
                Err(restart_in_software())
            }
        }
    }
}

/// What Mesa looks at. The next two decide that it is Mesa which is asked, where a maker's own driver is installed.
#[cfg(all(unix, not(target_os = "macos")))]
const ALWAYS_SOFTWARE: &str = "LIBGL_ALWAYS_SOFTWARE";
#[cfg(all(unix, not(target_os = "macos")))]
const GLX_VENDOR: (&str, &str) = ("__GLX_VENDOR_LIBRARY_NAME", "mesa");
#[cfg(all(unix, not(target_os = "macos")))]
const EGL_VENDOR: (&str, &str) = ("__EGL_VENDOR_LIBRARY_FILENAMES", "/usr/share/glvnd/egl_vendor.d/50_mesa.json");
/// Sends every call to the other end of a remote screen, which knows only old versions.
#[cfg(all(unix, not(target_os = "macos")))]
const ALWAYS_INDIRECT: &str = "LIBGL_ALWAYS_INDIRECT";

#[cfg(all(unix, not(target_os = "macos")))]
fn restart_in_software() -> anyhow::Error {
    use std::os::unix::process::CommandExt;
    let program = match std::env::current_exe() {
        Ok(program) => program,
        Err(error) => return anyhow::anyhow!("Could not start anew to draw in software: {error}."),
    };
    let mut command = std::process::Command::new(program);
    command.args(std::env::args_os().skip(1)).env(ALWAYS_SOFTWARE, "1").env_remove(ALWAYS_INDIRECT);
    command.env(GLX_VENDOR.0, GLX_VENDOR.1);
    if std::path::Path::new(EGL_VENDOR.1).exists() {
        command.env(EGL_VENDOR.0, EGL_VENDOR.1);
    }
    anyhow::anyhow!("Could not start anew to draw in software: {}.", command.exec())
}

/// What draws, for reports of crashes.
pub fn description(gl: &glow::Context) -> String {
    let glow::Version { major, minor, is_embedded, vendor_info, .. } = gl.version();
    let kind = if *is_embedded { "OpenGL ES" } else { "OpenGL" };
    format!("{kind} {major}.{minor} {vendor_info}")
}

#[cfg(all(test, unix, not(target_os = "macos")))]
mod tests {
    use super::*;

    #[test]
    fn software_is_tried_once() {
        assert_eq!(RendererChoice::Auto.with_mesa(false), [Renderer::OpenGl, Renderer::Mesa]);
        assert_eq!(RendererChoice::Auto.with_mesa(true), [Renderer::OpenGl]);
        assert_eq!(RendererChoice::Software.with_mesa(true), [Renderer::OpenGl]);
        assert_eq!(RendererChoice::OpenGl.with_mesa(false), [Renderer::OpenGl]);
    }
}
