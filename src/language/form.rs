//! The form of a message: what it always says, and the gaps that are filled anew each time.

pub struct Form {
    /// What stands before the first gap.
    start: String,
    /// Each gap's name, and what stands after it.
    gaps: Vec<(String, String)>,
}

impl Form {
    /// Of a text with gaps as names in braces.
    pub fn of(text: &str) -> Form {
        let mut parts = text.split('{');
        let start = parts.next().unwrap_or_default().to_owned();
        let gaps = parts.filter_map(|part| part.split_once('}'));
        Form { start, gaps: gaps.map(|(name, after)| (name.to_owned(), after.to_owned())).collect() }
    }

    /// How much it says besides what fills its gaps.
    pub fn said(&self) -> usize {
        self.start.len() + self.gaps.iter().map(|(_, after)| after.len()).sum::<usize>()
    }

    /// What fills the gaps of a message of this form; `None` if it is of another one. A gap ends where what follows it
    /// is found first, and the last one where what follows it ends the message.
    pub fn values_in<'a, 'b>(&'a self, message: &'b str) -> Option<Vec<(&'a str, &'b str)>> {
        let mut rest = message.strip_prefix(self.start.as_str())?;
        let Some(((last, end), gaps)) = self.gaps.split_last() else { return rest.is_empty().then(Vec::new) };
        let mut values = Vec::with_capacity(self.gaps.len());
        for (name, after) in gaps {
            let (value, following) = rest.split_once(after.as_str())?;
            values.push((name.as_str(), value));
            rest = following;
        }
        let value = rest.strip_suffix(end.as_str())?;
        // What an open end takes in is a name; a reason that follows a name is not part of it.
        if end.is_empty() && !self.leads_on() && value.contains(": ") {
            return None;
        }
        values.push((last.as_str(), value));
        Some(values)
    }

    /// Whether the last gap is for whatever else there is to say.
    fn leads_on(&self) -> bool {
        let before = match self.gaps.as_slice() {
            [.., (_, before), _] => before,
            _ => &self.start,
        };
        before.ends_with(": ") || before.ends_with(". ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_tells_what_fills_its_gaps() {
        let form = Form::of("{1} of {file} is wrong: {why}.");
        assert_eq!(form.values_in("a of b is wrong: c: d."), Some(vec![("1", "a"), ("file", "b"), ("why", "c: d")]));
        assert_eq!(form.values_in("a of b is right: c."), None);
        assert_eq!(Form::of("read {1}").values_in("read a: why"), None, "the reason is no part of the name");
        assert_eq!(Form::of("read: {1}").values_in("read: a: why"), Some(vec![("1", "a: why")]));
        assert_eq!(Form::of("whole").values_in("whole"), Some(vec![]));
        assert_eq!(Form::of("whole").values_in("whole words"), None);
    }
}
