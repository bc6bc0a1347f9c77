//! How much of the computer the work that nobody waits for may take.

use super::{Activity, Session};
use crate::disk::Power;
use crate::engine::command::Command;
use crate::engine::saved::Saved;

#[derive(Clone, Debug, Default)]
pub struct Politeness {
    /// Cores that the computer has; 0 until that is known.
    cores: usize,
    /// The most that may be used; `None` for all.
    most_cores: Option<usize>,
    pauses_on_battery: bool,
    power: Option<Power>,
    /// The person went on although the battery is in use, which counts until the computer has been on mains.
    goes_on_anyway: bool,
}

impl Politeness {
    pub(super) fn remembered(saved: &Saved) -> Politeness {
        let Saved { cores, pauses_on_battery, .. } = saved;
        Politeness { most_cores: *cores, pauses_on_battery: *pauses_on_battery, ..Politeness::default() }
    }

    pub(super) fn remember(&self, saved: &mut Saved) {
        (saved.cores, saved.pauses_on_battery) = (self.most_cores, self.pauses_on_battery);
    }

    /// Takes over what is known of the computer, not what the person chose.
    pub(super) fn stay_on(&mut self, before: &Politeness) {
        (self.cores, self.power) = (before.cores, before.power);
    }

    fn is_saving_power(&self) -> bool {
        self.pauses_on_battery && self.power == Some(Power::Battery) && !self.goes_on_anyway
    }
}

impl Session {
    /// Tells how many cores the computer has.
    pub fn begin_on(&mut self, cores: usize) {
        self.politeness.cores = cores;
    }

    /// Cores that the computer has.
    pub fn cores(&self) -> usize {
        self.politeness.cores.max(1)
    }

    /// Of those, the most that photos may be read on which nobody waits for; `None` for all.
    pub fn most_cores(&self) -> Option<usize> {
        self.politeness.most_cores.filter(|most| (1..self.cores()).contains(most))
    }

    pub fn pauses_on_battery(&self) -> bool {
        self.politeness.pauses_on_battery
    }

    /// What the computer runs on; `None` where that cannot be told or where there is no battery.
    pub fn power(&self) -> Option<Power> {
        self.politeness.power
    }

    /// Whether photos that are not on screen are read and encoded.
    pub fn activity(&self) -> Activity {
        match self.activity {
            Activity::Running if self.politeness.is_saving_power() => Activity::OnBattery,
            other => other,
        }
    }

    /// Whether a change of power would change anything.
    pub(super) fn watches_power(&self) -> bool {
        let counts = self.counts();
        let has_work = counts.waiting() > 0 || counts.is_scanning || self.next.is_some();
        self.politeness.pauses_on_battery && has_work
    }

    pub(super) fn apply_to_politeness(&mut self, command: Command) {
        match command {
            Command::UseCores(most) => self.politeness.most_cores = most,
            Command::PauseOnBattery(pauses) => {
                (self.politeness.pauses_on_battery, self.politeness.goes_on_anyway) = (pauses, false);
            }
            Command::Pause => self.activity = Activity::Paused,
            Command::Resume => {
                self.politeness.goes_on_anyway = self.politeness.power == Some(Power::Battery);
                self.activity = Activity::Running;
            }
            Command::Stop => self.activity = Activity::Stopped,
            other => unreachable!("{other:?} is not about politeness; `apply` handles it"),
        }
    }

    pub(super) fn absorb_power(&mut self, power: Option<Power>) {
        self.politeness.power = power;
        self.politeness.goes_on_anyway &= power == Some(Power::Battery);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::event::Event;

    fn session(saved: Saved) -> Session {
        let mut session = Session::new(Saved { roots: vec!["/photos".into()], ..saved }, true);
        session.begin_on(8);
        session
    }

    fn on_battery() -> Session {
        let mut session = session(Saved { pauses_on_battery: true, ..Saved::default() });
        session.absorb(Event::Power(Some(Power::Battery)));
        session
    }

    #[test]
    fn reading_pauses_on_battery_and_goes_on_by_itself_on_mains() {
        let mut session = on_battery();
        assert_eq!(session.activity(), Activity::OnBattery);
        assert!(session.wish().is_saving_power && !session.wish().is_paused);
        session.absorb(Event::Power(Some(Power::Mains)));
        assert_eq!(session.activity(), Activity::Running);
        assert!(!session.wish().is_saving_power);
    }

    #[test]
    fn a_person_who_goes_on_is_obeyed_until_the_next_time() {
        let mut session = on_battery();
        session.apply(Command::Resume);
        assert_eq!(session.activity(), Activity::Running);
        session.absorb(Event::Power(Some(Power::Mains)));
        session.absorb(Event::Power(Some(Power::Battery)));
        assert_eq!(session.activity(), Activity::OnBattery);
    }

    #[test]
    fn nothing_pauses_unless_it_was_asked_for() {
        let mut session = session(Saved::default());
        session.absorb(Event::Power(Some(Power::Battery)));
        assert_eq!(session.activity(), Activity::Running);
        assert!(!session.wish().watches_power);
        session.apply(Command::PauseOnBattery(true));
        assert_eq!(session.activity(), Activity::OnBattery);
        assert!(session.wish().watches_power);
    }

    #[test]
    fn power_is_not_watched_where_nothing_is_left_to_read() {
        let session = Session::new(Saved { pauses_on_battery: true, ..Saved::default() }, true);
        assert!(!session.wish().watches_power);
    }

    #[test]
    fn the_choice_is_remembered_and_means_all_on_a_computer_with_fewer_cores() {
        let mut before = session(Saved::default());
        before.apply(Command::UseCores(Some(6)));
        before.apply(Command::PauseOnBattery(true));
        let mut after = session(before.saved());
        assert_eq!((after.wish().cores, after.pauses_on_battery()), (Some(6), true));
        after.begin_on(4);
        assert_eq!(after.wish().cores, None);
        assert_eq!(after.saved().cores, Some(6));
    }

    #[test]
    fn a_session_that_was_saved_before_there_was_a_choice_is_read() {
        let old: Saved = serde_json::from_str(r#"{"roots": ["/photos"], "thumbnail_height": 160.0}"#).unwrap();
        assert_eq!((old.cores, old.pauses_on_battery, old.thumbnail_height), (None, false, 160.0));
    }
}
