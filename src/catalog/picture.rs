//! Pixels ready to be shown.

use std::fmt;
use std::sync::Arc;

/// An upright sRGB picture: `width_px * height_px * 3` bytes, red first, rows from the top.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    pub width_px: u32,
    pub height_px: u32,
    pub rgb: Arc<[u8]>,
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Picture({} x {})", self.width_px, self.height_px)
    }
}
