//! What is left of a crash the last time: its report, until somebody has seen or dismissed it.

use std::path::{Path, PathBuf};

use super::Session;
use crate::engine::saved::Saved;
use crate::engine::wish::JobWork;

pub struct LastTime {
    report: Option<PathBuf>,
    /// The name of the newest report that somebody was shown, because names are in the order of time.
    seen: Option<String>,
}

impl LastTime {
    pub fn remembered(saved: &Saved) -> LastTime {
        LastTime { report: None, seen: saved.seen_report.clone() }
    }

    pub fn seen(&self) -> Option<String> {
        self.seen.clone()
    }
}

impl Session {
    /// Offers a report, unless it is an old one.
    pub fn offer_report(&mut self, report: PathBuf) {
        if name_of(&report) > self.last_time.seen {
            self.last_time.report = Some(report);
        }
    }

    /// The report of a crash that is to be offered.
    pub fn crash_report(&self) -> Option<&Path> {
        self.last_time.report.as_deref()
    }

    /// It stays on offer, because another program shows it, or does not.
    pub(super) fn show_report(&mut self) {
        if let Some(report) = self.last_time.report.clone() {
            self.last_time.seen = name_of(&report);
            self.jobs.ask(JobWork::OpenWith(report));
        }
    }

    pub(super) fn dismiss_report(&mut self) {
        if let Some(report) = self.last_time.report.take() {
            self.last_time.seen = name_of(&report);
        }
    }
}

fn name_of(report: &Path) -> Option<String> {
    Some(report.file_name()?.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offered(seen: Option<&str>) -> Session {
        let saved = Saved { seen_report: seen.map(str::to_owned), ..Saved::default() };
        let mut session = Session::new(saved, true);
        session.offer_report(PathBuf::from("crashes/crash-2026-11-26.txt"));
        session
    }

    #[test]
    fn a_report_is_offered_until_somebody_has_seen_it() {
        let mut session = offered(None);
        assert!(session.crash_report().is_some());
        session.dismiss_report();
        assert_eq!(session.crash_report(), None);
        assert_eq!(offered(session.saved().seen_report.as_deref()).crash_report(), None);
        assert!(offered(Some("crash-2026-11-25.txt")).crash_report().is_some());
    }

    #[test]
    fn a_report_that_is_shown_is_asked_for_and_stays_on_offer() {
        let mut session = offered(None);
        session.show_report();
        let report = session.crash_report().map(Path::to_path_buf).unwrap();
        assert!(session.wish().jobs.iter().any(|task| task.work == JobWork::OpenWith(report.clone())));
        assert_eq!(session.saved().seen_report.as_deref(), Some("crash-2026-11-26.txt"));
    }
}
