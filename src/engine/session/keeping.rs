//! What Tagroll keeps for itself on this computer, as far as somebody asked; and beginning anew without it.

use std::sync::Arc;

use super::Session;
use crate::engine::command::Command;
use crate::engine::kept::Kept;
use crate::engine::saved::Saved;
use crate::engine::wish::JobWork;

#[derive(Clone, Debug, Default)]
pub struct Keeping {
    /// Questions so far; the number tells an answer to an earlier one from that to the last.
    asked: u32,
    answer: Option<(u32, Arc<Kept>)>,
}

impl Session {
    /// What is kept; the last answer, also while a newer one is on its way.
    pub fn kept(&self) -> Option<&Kept> {
        self.keeping.answer.as_ref().map(|(_, kept)| kept.as_ref())
    }

    /// The question that has no answer yet.
    pub(super) fn kept_question(&self) -> Option<u32> {
        let is_answered = self.keeping.answer.as_ref().is_some_and(|(number, _)| *number == self.keeping.asked);
        (self.keeping.asked > 0 && !is_answered).then_some(self.keeping.asked)
    }

    pub(super) fn absorb_kept(&mut self, number: u32, kept: Arc<Kept>) {
        if self.kept_question() == Some(number) {
            self.keeping.answer = Some((number, kept));
        }
    }

    pub(super) fn apply_to_keeping(&mut self, command: Command) {
        match command {
            Command::MeasureKept => self.keeping.asked += 1,
            Command::ShowDataFolder => {
                let folder = self.kept().map(|kept| kept.folder.clone());
                folder.into_iter().for_each(|folder| self.jobs.ask(JobWork::OpenWith(folder)));
            }
            Command::ForgetEverything => self.begin_anew(),
            other => unreachable!("{other:?} is not about what is kept; `apply` handles it"),
        }
    }

    /// As on a first start, but for what is known of the computer.
    fn begin_anew(&mut self) {
        let mut fresh = Session::new(Saved::default(), self.remembers);
        fresh.politeness.stay_on(&self.politeness);
        if self.descriptions.is_wanted {
            fresh.read_metadata();
        }
        *self = fresh;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::event::Event;

    fn kept(folder: &str) -> Arc<Kept> {
        Arc::new(Kept { folder: folder.into(), parts: Vec::new() })
    }

    #[test]
    fn only_the_answer_to_the_last_question_counts() {
        let mut session = Session::new(Saved::default(), true);
        assert_eq!(session.wish().kept, None);
        session.apply(Command::MeasureKept);
        session.apply(Command::MeasureKept);
        session.absorb(Event::Kept { number: 1, kept: kept("/old") });
        assert_eq!(session.wish().kept, Some(2));
        session.absorb(Event::Kept { number: 2, kept: kept("/new") });
        assert_eq!(session.wish().kept, None);
        assert_eq!(session.kept().unwrap().folder, std::path::Path::new("/new"));
    }

    #[test]
    fn a_session_that_forgets_is_one_of_a_first_start() {
        let mut session = Session::new(Saved::default(), true);
        session.begin_on(8);
        session.apply(Command::Open(vec!["/photos".into()]));
        session.apply(Command::AddCategory("dog".to_owned()));
        session.apply(Command::UseCores(Some(2)));
        session.apply(Command::ForgetEverything);
        assert_eq!(session.saved(), Saved::default());
        assert_eq!((session.cores(), session.roots().count()), (8, 0));
    }
}
