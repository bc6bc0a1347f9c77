//! Whether the computer runs on its battery, where the system says so in files: on Linux.
//!
//! Promise: a computer of which it cannot be told, or that has no battery, is `None`.

use std::fs;
use std::path::Path;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Power {
    Mains,
    Battery,
}

/// What this computer runs on.
pub fn power() -> Option<Power> {
    power_in(Path::new("/sys/class/power_supply"))
}

/// By what the kernel's documentation calls `sysfs-class-power`: one folder a supply. A mouse has a battery too, whose
/// scope is a device.
fn power_in(supplies: &Path) -> Option<Power> {
    let supplies: Vec<_> = fs::read_dir(supplies).ok()?.flatten().map(|entry| entry.path()).collect();
    let says = |supply: &Path, what: &str, word: &str| {
        fs::read_to_string(supply.join(what)).is_ok_and(|text| text.trim() == word)
    };
    let mut batteries =
        supplies.iter().filter(|it| says(it, "type", "Battery") && !says(it, "scope", "Device")).peekable();
    batteries.peek()?;
    let is_plugged_in = supplies.iter().any(|supply| !says(supply, "type", "Battery") && says(supply, "online", "1"));
    let is_emptied = batteries.any(|battery| says(battery, "status", "Discharging"));
    Some(if is_emptied && !is_plugged_in { Power::Battery } else { Power::Mains })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(supplies: &[(&str, &[(&str, &str)])], expected: Option<Power>) {
        let folder = tempfile::tempdir().unwrap();
        for (name, files) in supplies {
            let supply = folder.path().join(name);
            fs::create_dir(&supply).unwrap();
            files.iter().for_each(|(file, text)| fs::write(supply.join(file), format!("{text}\n")).unwrap());
        }
        assert_eq!(power_in(folder.path()), expected, "{supplies:?}");
    }

    #[test]
    fn a_laptop_is_on_its_battery_when_nothing_else_feeds_it() {
        let discharging: (&str, &[_]) = ("BAT0", &[("type", "Battery"), ("status", "Discharging")]);
        let full: (&str, &[_]) = ("BAT0", &[("type", "Battery"), ("status", "Full")]);
        let unplugged: (&str, &[_]) = ("AC", &[("type", "Mains"), ("online", "0")]);
        let plugged: (&str, &[_]) = ("AC", &[("type", "Mains"), ("online", "1")]);
        check(&[discharging, unplugged], Some(Power::Battery));
        check(&[discharging], Some(Power::Battery));
        check(&[full, plugged], Some(Power::Mains));
        check(&[discharging, ("usb", &[("type", "USB"), ("online", "1")])], Some(Power::Mains));
    }

    #[test]
    fn a_computer_without_a_battery_of_its_own_is_not_told() {
        let mouse: (&str, &[_]) = ("hid", &[("type", "Battery"), ("scope", "Device"), ("status", "Discharging")]);
        check(&[("AC", &[("type", "Mains"), ("online", "1")]), mouse], None);
        check(&[], None);
        assert_eq!(power_in(Path::new("no such folder")), None);
    }
}
