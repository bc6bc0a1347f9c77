//! What an edit means for each list of a packet: which items go, which come, and what Tagroll writes down about it.
//!
//! A keyword that the person has already is not Tagroll's, and stays when Tagroll's go. A list that is made, or was empty,
//! takes in what the other lists hold: programs read the first list that is not empty, and would lose sight of the rest.

use super::names::List;
use super::packet::{Found, Packet};
use super::record::{Origin, Origins, Record, origins, records};
use super::{Edit, XmpError};
use crate::catalog::{Keyword, Tag};

/// A list, as it is and as it is to be.
pub struct Shelf {
    pub list: List,
    /// Its items, and whether they go.
    pub items: Vec<(String, bool)>,
    pub appended: Vec<String>,
    /// What it will be again, because Tagroll's last keyword goes.
    pub restored: Option<Origin>,
    /// What it would be today if it were given its first item.
    empty_form: Option<Origin>,
}

/// A record that stays or comes.
pub struct Kept {
    pub record: Record,
    /// Which item of the list of records it is; `None` for a new one.
    pub place: Option<usize>,
    pub is_changed: bool,
}

/// The packet's lists and records after the edit.
pub struct Decision {
    pub shelves: Vec<Shelf>,
    pub kept: Vec<Kept>,
    /// Records that go.
    pub dropped: Vec<usize>,
    pub origins: Origins,
    pub origins_before: Origins,
    pub added: Vec<Keyword>,
    pub removed: Vec<Keyword>,
    pub declined: Vec<Keyword>,
    /// Lists that get their first items.
    making: Vec<List>,
    with_ancestors: bool,
}

pub fn decide(packet: &Packet, edit: &Edit) -> Result<Decision, XmpError> {
    let mut decision = Decision::read(packet, edit)?;
    decision.take_out(edit);
    decision.put_in(edit);
    if decision.kept.is_empty() && !decision.dropped.is_empty() {
        decision.restore();
    }
    Ok(decision)
}

impl Shelf {
    fn read(packet: &Packet, list: List) -> Result<Shelf, XmpError> {
        let found = match packet.list(list) {
            // Of a list that is only kept in step, an odd form is left alone.
            Err(_) if !list.is_made() => None,
            found => found?,
        };
        let empty_form = empty_form(packet.text, found.as_ref());
        let items = found.map(|found| found.items).unwrap_or_default();
        let items = items.into_iter().map(|item| (item.value, false)).collect();
        Ok(Shelf { list, items, appended: Vec::new(), restored: None, empty_form })
    }

    /// What is there after the edit.
    pub fn live(&self) -> impl Iterator<Item = &str> {
        let stays = self.items.iter().filter(|(_, goes)| !goes).map(|(value, _)| value.as_str());
        stays.chain(self.appended.iter().map(String::as_str))
    }

    pub fn has(&self, value: &str) -> bool {
        let folded = value.to_lowercase();
        self.live().any(|known| known.to_lowercase() == folded)
    }

    fn is_empty(&self) -> bool {
        self.live().next().is_none()
    }

    fn drop(&mut self, value: &str) {
        let folded = value.to_lowercase();
        self.items.iter_mut().filter(|(known, _)| known.to_lowercase() == folded).for_each(|(_, goes)| *goes = true);
    }

    fn append(&mut self, value: String) {
        self.appended.push(value);
    }

    fn keywords(&self) -> Vec<Keyword> {
        self.live().filter_map(|item| self.list.read(item)).collect()
    }
}

/// What the list is called if it has no items; `None` if it has.
fn empty_form(text: &str, found: Option<&Found>) -> Option<Origin> {
    let Some(found) = found else { return Some(Origin::Made) };
    let is_one_tag = |node| super::packet::start_tag(text, node).1;
    match found.container {
        None if is_one_tag(found.property) => Some(Origin::Unfolded),
        None => Some(Origin::Held),
        Some(container) if is_one_tag(container) => Some(Origin::Opened),
        Some(_) => found.items.is_empty().then_some(Origin::Filled),
    }
}

impl Decision {
    fn read(packet: &Packet, edit: &Edit) -> Result<Decision, XmpError> {
        let shelves = List::ALL.into_iter().map(|list| Shelf::read(packet, list)).collect::<Result<_, _>>()?;
        let kept = records(packet).into_iter();
        let kept = kept.map(|(record, place)| Kept { record, place: Some(place), is_changed: false }).collect();
        let origins = origins(packet);
        Ok(Decision {
            shelves,
            kept,
            dropped: Vec::new(),
            origins_before: origins.clone(),
            origins,
            added: Vec::new(),
            removed: Vec::new(),
            declined: Vec::new(),
            making: Vec::new(),
            with_ancestors: edit.with_ancestors,
        })
    }

    /// Whether nothing is to be done.
    pub fn is_nothing(&self) -> bool {
        let is_same = |shelf: &Shelf| shelf.appended.is_empty() && shelf.items.iter().all(|(_, goes)| !goes);
        let is_new = |kept: &Kept| kept.is_changed || kept.place.is_none();
        self.dropped.is_empty() && self.shelves.iter().all(is_same) && !self.kept.iter().any(is_new)
    }

    pub fn shelf(&self, list: List) -> &Shelf {
        let place = List::ALL.iter().position(|known| *known == list).unwrap_or(0);
        &self.shelves[place]
    }

    fn shelf_mut(&mut self, list: List) -> &mut Shelf {
        let place = List::ALL.iter().position(|known| *known == list).unwrap_or(0);
        &mut self.shelves[place]
    }

    /// Whether another program has removed it since: `dc:subject` and `lr` are kept by all, the others grow stale.
    fn is_gone(&self, record: &Record) -> bool {
        let is_in = |list: List| self.shelf(list).has(&list.written(&record.keyword));
        let has_leaf = record.words.iter().any(|word| word.to_lowercase() == record.keyword.leaf().to_lowercase());
        let in_subject = has_leaf && is_in(List::Subject);
        let in_paths = record.lists.contains(&List::Hierarchical) && is_in(List::Hierarchical);
        if has_leaf || record.lists.contains(&List::Hierarchical) {
            return !(in_subject || in_paths);
        }
        !record.lists.iter().any(|list| is_in(*list))
    }

    /// Takes out what is to be removed, and what was removed elsewhere.
    fn take_out(&mut self, edit: &Edit) {
        for at in (0..self.kept.len()).rev() {
            let record = self.kept[at].record.clone();
            let is_it = |keyword: &Keyword| keyword.is_same(&record.keyword);
            let is_unwanted = edit.remove_all || edit.remove.iter().any(is_it);
            let is_wanted = edit.add.iter().any(|tag| is_it(&tag.keyword));
            let is_gone = self.is_gone(&record);
            if is_unwanted || (is_wanted && is_gone && edit.again) {
                self.dropped.extend(self.kept.remove(at).place);
                self.withdraw(&record);
                if is_unwanted && !is_gone {
                    self.removed.insert(0, record.keyword);
                }
            } else if is_wanted && is_gone {
                self.withdraw(&record);
                self.declined.insert(0, record.keyword);
            }
        }
    }

    /// Takes the items of a record out of the lists; words that another record needs stay.
    fn withdraw(&mut self, record: &Record) {
        for list in &record.lists {
            self.shelf_mut(*list).drop(&list.written(&record.keyword));
        }
        for word in &record.words {
            let is_needed = self.kept.iter().any(|kept| kept.record != *record && owns_word(&kept.record, word));
            if !is_needed {
                self.shelf_mut(List::Subject).drop(word);
            }
        }
    }

    fn put_in(&mut self, edit: &Edit) {
        let mut new: Vec<(&Tag, bool)> = Vec::new();
        for tag in &edit.add {
            let is_same = |keyword: &Keyword| keyword.is_same(&tag.keyword);
            let is_twice = new.iter().any(|(known, _)| is_same(&known.keyword));
            if is_twice || self.declined.iter().any(is_same) || edit.remove.iter().any(is_same) {
                continue;
            }
            match self.kept.iter().position(|kept| is_same(&kept.record.keyword)) {
                Some(at) => self.fill(at),
                None => new.push((tag, self.is_known(&tag.keyword))),
            }
        }
        if new.iter().any(|(_, is_known)| !is_known) {
            self.make_lists();
        }
        for (tag, _) in new {
            let mut record = Record::of(tag, Vec::new(), Vec::new());
            if self.place(&mut record) {
                self.added.push(tag.keyword.clone());
                self.kept.push(Kept { record, place: None, is_changed: false });
            }
        }
    }

    /// Whether the person has the keyword already.
    fn is_known(&self, keyword: &Keyword) -> bool {
        let lists = if keyword.parts().len() == 1 { &List::ALL[..] } else { &List::ALL[1..] };
        lists.iter().any(|list| self.shelf(*list).has(&list.written(keyword)))
    }

    /// Brings a keyword of Tagroll's into lists that came since.
    fn fill(&mut self, at: usize) {
        let mut record = self.kept[at].record.clone();
        if self.place(&mut record) {
            self.kept[at].record = record;
            self.kept[at].is_changed = true;
        }
    }

    /// Puts a keyword into every list that has items and lacks it; returns whether there was any.
    fn place(&mut self, record: &mut Record) -> bool {
        let mut is_new = false;
        for list in List::ALL {
            if self.shelf(list).is_empty() && !self.making.contains(&list) {
                continue;
            }
            if list == List::Subject {
                is_new |= self.place_words(record);
            } else if !self.shelf(list).has(&list.written(&record.keyword)) {
                self.shelf_mut(list).append(list.written(&record.keyword));
                record.lists.push(list);
                is_new = true;
            }
        }
        is_new
    }

    fn place_words(&mut self, record: &mut Record) -> bool {
        let parts = record.keyword.parts();
        let first = if self.with_ancestors { 0 } else { parts.len() - 1 };
        let mut is_new = false;
        let words: Vec<String> = parts[first..].to_vec();
        for word in words {
            let is_owned = self.kept.iter().any(|kept| owns_word(&kept.record, &word));
            let is_missing = !self.shelf(List::Subject).has(&word);
            if is_missing {
                self.shelf_mut(List::Subject).append(word.clone());
                is_new = true;
            }
            if (is_missing || is_owned) && !owns_word(record, &word) {
                record.words.push(word);
            }
        }
        is_new
    }

    /// Gives each list that has no items those of the others. What the others hold is looked at before any is made.
    fn make_lists(&mut self) {
        let empty = List::ALL.into_iter().filter(|list| list.is_made() && self.shelf(*list).is_empty());
        let contents: Vec<(List, Vec<Keyword>)> = empty.map(|list| (list, self.mirrored(list, |_| true))).collect();
        for (list, keywords) in contents {
            self.making.push(list);
            if let (None, Some(form)) = (self.origins.of(list), self.shelf(list).empty_form) {
                self.origins.lists.push((list, form));
            }
            for keyword in keywords {
                self.shelf_mut(list).append(list.written(&keyword));
                self.note_mirrored(list, &keyword);
            }
        }
    }

    /// A keyword of Tagroll's that was taken over into another list is Tagroll's there, too.
    fn note_mirrored(&mut self, list: List, keyword: &Keyword) {
        for kept in &mut self.kept {
            let Record { keyword: own, words, lists, .. } = &mut kept.record;
            if list == List::Subject && own.leaf().to_lowercase() == keyword.leaf().to_lowercase() {
                words.push(keyword.leaf().to_owned());
                kept.is_changed = true;
            } else if list != List::Subject && own.is_same(keyword) && !lists.contains(&list) {
                lists.push(list);
                kept.is_changed = true;
            }
        }
    }

    /// What the lists that `counts` say, as keywords for `list`, each once: paths, then words that are part of no path.
    fn mirrored(&self, list: List, counts: impl Fn(List) -> bool) -> Vec<Keyword> {
        let mut keywords: Vec<Keyword> = Vec::new();
        let others = List::ALL.into_iter().filter(|other| *other != list && *other != List::Subject && counts(*other));
        for keyword in others.flat_map(|other| self.shelf(other).keywords()) {
            if !keywords.iter().any(|known| list.written(known) == list.written(&keyword)) {
                keywords.push(keyword);
            }
        }
        if list != List::Subject && counts(List::Subject) {
            let words = self.shelf(List::Subject).keywords();
            let is_part =
                |word: &Keyword| keywords.iter().any(|path| path.folded().contains(&word.leaf().to_lowercase()));
            let alone: Vec<Keyword> = words.into_iter().filter(|word| !is_part(word)).collect();
            keywords.extend(alone);
        }
        keywords
    }

    /// With Tagroll's last keyword goes what was made for it, as far as nobody else has written into it.
    fn restore(&mut self) {
        let before = self.origins_before.clone();
        for (list, origin) in &before.lists {
            let (list, origin) = (*list, *origin);
            let derived: Vec<String> = self
                .mirrored(list, |other| before.of(other).is_none())
                .iter()
                .map(|keyword| list.written(keyword).to_lowercase())
                .collect();
            if self.shelf(list).live().all(|item| derived.contains(&item.to_lowercase())) {
                let shelf = self.shelf_mut(list);
                shelf.items.iter_mut().for_each(|(_, goes)| *goes = true);
                shelf.restored = Some(origin);
            }
        }
        self.origins.lists.clear();
    }
}

fn owns_word(record: &Record, word: &str) -> bool {
    record.words.iter().any(|own| own.to_lowercase() == word.to_lowercase())
}
