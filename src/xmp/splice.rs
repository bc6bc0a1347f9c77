//! Changes of a text by place: what is not named stays, byte for byte.

use crate::catalog::Splice;

/// Pieces to take out and to put in, by places in the old text.
#[derive(Debug, Default)]
pub struct Splices {
    /// From, to, and what stands there instead.
    pieces: Vec<(usize, usize, String)>,
}

impl Splices {
    pub fn insert(&mut self, at: usize, text: impl Into<String>) {
        self.pieces.push((at, at, text.into()));
    }

    pub fn remove(&mut self, from: usize, to: usize) {
        self.pieces.push((from, to, String::new()));
    }

    pub fn replace(&mut self, from: usize, to: usize, text: impl Into<String>) {
        self.pieces.push((from, to, text.into()));
    }

    /// In order. What was put in at one place stays in its order, before what goes from there; what lies inside a piece that
    /// goes, goes with it.
    pub fn in_order(mut self) -> Vec<Splice> {
        self.pieces.sort_by_key(|(from, to, _)| (*from, from != to, std::cmp::Reverse(*to)));
        let mut done = 0;
        let mut in_order = Vec::with_capacity(self.pieces.len());
        for (from, to, text) in self.pieces {
            if from >= done {
                in_order.push(Splice { from, to, text: text.into() });
                done = to;
            }
        }
        in_order
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::spliced;

    fn after(text: &str, splices: Splices) -> String {
        String::from_utf8(spliced(text.as_bytes(), &splices.in_order()).unwrap()).unwrap()
    }

    #[test]
    fn what_is_not_named_stays() {
        let mut splices = Splices::default();
        splices.insert(6, " c");
        splices.remove(0, 2);
        splices.insert(6, " d");
        splices.replace(5, 6, "B");
        assert_eq!(after("a, b b.", splices), " b B c d.");
    }

    #[test]
    fn a_piece_inside_one_that_goes_goes_with_it() {
        let mut splices = Splices::default();
        splices.remove(2, 4);
        splices.remove(1, 6);
        splices.insert(3, "x");
        splices.insert(1, "y");
        splices.insert(6, "z");
        assert_eq!(after("abcdefg", splices), "ayzg");
    }
}
