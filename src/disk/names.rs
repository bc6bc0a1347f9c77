//! Names of files and folders that every system accepts.
//!
//! Promise: two different names never become one, and a name that is harmless everywhere stays as it is.

use std::ffi::{OsStr, OsString};
use std::path::Path;

/// File names end at 255 bytes on common file systems; some are left for what is added to them.
pub const MOST_NAME_BYTES: usize = 200;

/// Every letter of every script stays; what some system refuses in a file name is written as `%` and its number.
pub fn safe_name(name: &str) -> String {
    let name = name.trim();
    let is_device = is_windows_device(name);
    let mut safe = String::new();
    for (place, c) in name.char_indices() {
        let is_end = place == 0 || place + c.len_utf8() == name.len();
        let is_refused = c.is_control() || "/\\:*?\"<>|%".contains(c);
        if is_refused || (c == '.' && is_end) || (is_device && place == 0) {
            safe.extend(c.to_string().bytes().map(|byte| format!("%{byte:02X}")));
        } else {
            safe.push(c);
        }
    }
    safe
}

/// The form by which names in one folder are compared: on some systems "Dog.jpg" and "dog.jpg" are one file.
pub fn folded(name: &OsStr) -> String {
    name.to_string_lossy().to_lowercase()
}

/// "IMG_1.jpg", "IMG_1 (2).jpg" and so on; the first is the name itself.
pub fn numbered(name: &OsStr, number: usize) -> OsString {
    if number < 2 {
        return name.to_owned();
    }
    let path = Path::new(name);
    let mut numbered = path.file_stem().unwrap_or(name).to_owned();
    numbered.push(format!(" ({number})"));
    if let Some(extension) = path.extension() {
        numbered.push(".");
        numbered.push(extension);
    }
    numbered
}

/// Windows takes these names for devices, whatever follows a dot.
fn is_windows_device(name: &str) -> bool {
    let base = name.split('.').next().unwrap_or("").trim_end().to_ascii_uppercase();
    let is_numbered = |device: &str| {
        base.strip_prefix(device).is_some_and(|number| number.chars().count() == 1 && "0123456789¹²³".contains(number))
    };
    ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"].contains(&base.as_str())
        || is_numbered("COM")
        || is_numbered("LPT")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_some_system_refuses_is_written_as_numbers() {
        for (name, safe) in [
            (" Reise 2024 ", "Reise 2024"),
            ("写真", "写真"),
            ("a/b\\c:d", "a%2Fb%5Cc%3Ad"),
            ("..", "%2E%2E"),
            ("con", "%63on"),
            ("LPT¹.old", "%4CPT¹.old"),
            ("50 %", "50 %25"),
        ] {
            assert_eq!(safe_name(name), safe);
        }
    }

    #[test]
    fn a_number_stands_before_the_extension() {
        let names = ["IMG_1.jpg", "no extension", ".hidden", "a.tar.gz"].map(|name| numbered(OsStr::new(name), 2));
        assert_eq!(names, ["IMG_1 (2).jpg", "no extension (2)", ".hidden (2)", "a.tar (2).gz"]);
        assert_eq!(numbered(OsStr::new("IMG_1.jpg"), 1), "IMG_1.jpg");
    }
}
