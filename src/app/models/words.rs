//! What the window says about models, in plain words.

use std::time::Duration;

use crate::catalog::words::{count, decimal, duration};
use crate::engine::{KnownModel, Progress};
use crate::language::tr;

/// Where models are fetched from.
pub fn hub(host: &str) -> &str {
    if host.is_empty() { tr("the internet") } else { host }
}

/// `605_200_000` as "605 MB", counted as file managers and download pages do: a thousand bytes are a kilobyte.
pub fn size(bytes: u64) -> String {
    const UNITS: [(f64, &str); 3] = [(1e9, "GB"), (1e6, "MB"), (1e3, "kB")];
    let number = bytes as f64;
    let unit = UNITS.iter().find(|(unit, _)| number >= unit * 0.9995);
    match unit {
        // Below ten, the digit after the point says more than a person would call noise.
        Some((unit, name)) if number / unit < 9.95 => format!("{} {name}", decimal(number / unit, 1)),
        Some((unit, name)) => format!("{} {name}", count((number / unit).round() as usize)),
        None => tr!("{number} bytes", number = bytes),
    }
}

/// "151 million parameters".
pub fn parameters(millions: f32) -> String {
    match millions {
        ..9.95 => tr!("{number} million parameters", number = decimal(millions, 1)),
        ..999.5 => tr!("{number} million parameters", number = decimal(millions, 0)),
        _ => tr!("{number} billion parameters", number = decimal(millions / 1000.0, 1)),
    }
}

/// "about 6 photos a second here"
pub fn speed(photos_per_second: f32) -> String {
    let number = match photos_per_second {
        ..0.05 => return tr!("less than {number} photos a second here", number = decimal(0.1, 1)),
        ..1.95 => decimal(photos_per_second, 1),
        _ => count(photos_per_second.round() as usize),
    };
    tr!("about {number} photos a second here", number)
}

/// How good a model of the table is.
pub fn gain(model: &KnownModel) -> String {
    match model.top1 {
        Some(top1) => tr!("Right about {number} in 100 on ImageNet's thousand subjects", number = decimal(top1, 0)),
        None => tr("Its authors give no figure for ImageNet").to_owned(),
    }
}

/// From 0 to 1; nothing is known before the sizes are.
pub fn share(progress: Option<&Progress>) -> f32 {
    let of = progress.filter(|progress| progress.total_bytes > 0);
    of.map_or(0.0, |progress| (progress.done_bytes as f64 / progress.total_bytes as f64).min(1.0) as f32)
}

/// "34 %". Only what is whole is a hundred.
pub fn percent(share: f32) -> String {
    format!("{} %", (share * 100.0).floor())
}

/// "34 % · 206 MB of 605 MB · 4.2 MB a second · 2 min left"
pub fn progress(progress: Option<&Progress>, bytes_per_second: Option<f64>) -> String {
    let Some(known) = progress else { return tr("Starting").to_owned() };
    let mut text = so_far(known);
    if let Some(rate) = bytes_per_second.filter(|rate| *rate >= 1.0) {
        let left = known.total_bytes.saturating_sub(known.done_bytes) as f64 / rate;
        text += &tr!(" · {number} a second", number = size(rate as u64));
        // A stalled line would promise centuries.
        if left < 86_400.0 * 7.0 {
            text += &tr!(" · {time} left", time = duration(Duration::from_secs_f64(left)));
        }
    }
    text
}

/// "Paused at 34 % · 206 MB of 605 MB"
pub fn paused(progress: Option<&Progress>) -> String {
    progress.map_or_else(|| tr("Paused").to_owned(), |progress| tr!("Paused at {how_far}", how_far = so_far(progress)))
}

fn so_far(progress: &Progress) -> String {
    let done = percent(share(Some(progress)));
    let how_far = tr!("{part} of {all}", part = size(progress.done_bytes), all = size(progress.total_bytes));
    format!("{done} · {how_far}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_as_exact_as_a_person_needs() {
        let words = [0, 999, 1_000, 605_200_000, 999_700_000, 1_214_000_000, 45_000_000_000].map(size);
        assert_eq!(words, ["0 bytes", "999 bytes", "1.0 kB", "605 MB", "1.0 GB", "1.2 GB", "45 GB"]);
    }

    #[test]
    fn small_and_large_models_both_get_a_number_that_means_something() {
        let words = [8.31, 151.3, 1136.0].map(parameters);
        assert_eq!(words, ["8.3 million parameters", "151 million parameters", "1.1 billion parameters"]);
    }

    #[test]
    fn slow_and_fast_models_both_get_a_speed_that_means_something() {
        let words = [0.01, 0.42, 6.2, 1234.0].map(speed);
        assert_eq!(words[0], "less than 0.1 photos a second here");
        assert_eq!(words[1], "about 0.4 photos a second here");
        assert_eq!(words[2], "about 6 photos a second here");
        assert_eq!(words[3], "about 1,234 photos a second here");
    }

    #[test]
    fn a_download_says_how_far_how_fast_and_how_long() {
        let known = Progress { file: String::new(), done_bytes: 206_000_000, total_bytes: 605_200_000 };
        assert_eq!(progress(None, None), "Starting");
        assert_eq!(progress(Some(&known), None), "34 % · 206 MB of 605 MB");
        let text = progress(Some(&known), Some(4_200_000.0));
        assert_eq!(text, "34 % · 206 MB of 605 MB · 4.2 MB a second · 2 min left");
        assert_eq!(progress(Some(&known), Some(2.0)), "34 % · 206 MB of 605 MB · 2 bytes a second");
        assert_eq!(paused(Some(&known)), "Paused at 34 % · 206 MB of 605 MB");
    }

    #[test]
    fn what_is_not_whole_is_not_a_hundred_percent() {
        assert_eq!(percent(0.999), "99 %");
        assert_eq!(percent(share(Some(&Progress { file: String::new(), done_bytes: 7, total_bytes: 0 }))), "0 %");
    }
}
