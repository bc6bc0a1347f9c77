//! Printing: results to standard output, everything else to standard error.

use std::io::{self, IsTerminal, Write};

use serde::Serialize;

/// A line for the person, on standard error. Where nobody listens, nothing is said: a window has no terminal.
pub fn say(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// Whether somebody sees what is said.
pub fn has_terminal() -> bool {
    io::stderr().is_terminal()
}

/// A result, on standard output. A reader that stops listening, such as `head`, is no failure.
pub fn print(text: &str) -> anyhow::Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}

pub fn print_json(value: &impl Serialize) -> anyhow::Result<()> {
    print(&format!("{}\n", serde_json::to_string(value)?))
}

/// A line of a terminal, on standard error, that is written again and again. It is cleared with spaces, because not every
/// console of Windows knows the escape code for that.
#[derive(Default)]
pub struct StatusLine {
    shown_chars: usize,
}

impl StatusLine {
    /// A terminal that went away is no failure.
    pub fn show(&mut self, line: &str) {
        let _ = write!(io::stderr(), "{}", self.replaced_by(line));
    }

    /// Leaves the terminal as it was before.
    pub fn clear(&mut self) {
        if self.shown_chars > 0 {
            let _ = write!(io::stderr(), "{}\r", self.replaced_by(""));
        }
    }

    fn replaced_by(&mut self, line: &str) -> String {
        let chars = line.chars().count();
        let left_over = self.shown_chars.saturating_sub(chars);
        self.shown_chars = chars;
        format!("\r{line}{:left_over$}", "")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shorter_line_leaves_nothing_of_a_longer_one() {
        let mut line = StatusLine::default();
        let shown = ["Reading 9 of 10 · 1 s left", "Reading 10", ""].map(|text| line.replaced_by(text));
        assert_eq!(shown, ["\rReading 9 of 10 · 1 s left", "\rReading 10                ", "\r          "]);
    }
}
