//! Numbers and times as people say them.

use std::time::Duration;

use crate::language::tr;
pub use crate::language::{count, decimal};

/// "1 photo", "2 photos", in the current language. Not for sentences that a number changes elsewhere, too.
pub fn counted(number: usize, one: &str, many: &str) -> String {
    format!("{} {}", count(number), tr(if number == 1 { one } else { many }))
}

/// A duration to the precision that a person waiting cares for: "40 s", "9 min", "2 h 5 min".
pub fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs_f64().ceil() as u64;
    let minutes = seconds.div_ceil(60);
    match (seconds, minutes) {
        (0..60, _) => format!("{seconds} s"),
        (_, 0..60) => format!("{minutes} min"),
        _ if minutes.is_multiple_of(60) => format!("{} h", minutes / 60),
        _ => format!("{} h {} min", minutes / 60, minutes % 60),
    }
}

/// A number of bytes in decimal units, as disks are sold: "605 MB", "4.6 GB".
pub fn size(bytes: u64) -> String {
    match bytes as f64 / 1e6 {
        megabytes if megabytes >= 1000.0 => format!("{} GB", decimal(megabytes / 1000.0, 1)),
        megabytes if megabytes >= 10.0 => format!("{megabytes:.0} MB"),
        megabytes => format!("{} MB", decimal(megabytes, 1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_separated() {
        assert_eq!([0, 999, 1000, 1234567].map(count), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(counted(1, "photo", "photos"), "1 photo");
        assert_eq!(counted(0, "photo", "photos"), "0 photos");
    }

    #[test]
    fn sizes_are_short() {
        let words = [0, 2_220_000, 605_143_316, 4_580_000_000].map(size);
        assert_eq!(words, ["0.0 MB", "2.2 MB", "605 MB", "4.6 GB"]);
    }

    #[test]
    fn times_are_as_exact_as_a_person_needs() {
        let words = [0, 59, 61, 3600, 7500].map(|seconds| duration(Duration::from_secs(seconds)));
        assert_eq!(words, ["0 s", "59 s", "2 min", "1 h", "2 h 5 min"]);
    }
}
