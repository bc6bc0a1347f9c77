//! What the network can run on.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::place;

/// What somebody asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum DeviceChoice {
    /// The best that there is.
    #[default]
    Auto,
    Cpu,
    /// An NVIDIA card, by its number.
    Cuda(usize),
    /// The graphics of a Mac.
    Metal,
}

/// A device that this build knows how to use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    pub choice: DeviceChoice,
    /// For people.
    pub name: String,
    /// Why it cannot be used.
    pub trouble: Option<String>,
}

/// The CPU, and every graphics processor that this build supports, usable or not.
pub fn devices() -> Vec<Device> {
    let mut devices = vec![Device { choice: DeviceChoice::Cpu, name: "CPU".to_owned(), trouble: None }];
    if cfg!(feature = "cuda") {
        devices.push(found(DeviceChoice::Cuda(0), "NVIDIA card 0", place::cuda(0)));
        // The numbers have no gaps, so the first that is not there is the end.
        let more = (1..).map_while(|number| Some((number, place::cuda(number).ok()?)));
        devices.extend(more.map(|(number, place)| found(DeviceChoice::Cuda(number), "", Ok(place))));
    }
    if cfg!(feature = "metal") {
        devices.push(found(DeviceChoice::Metal, "Metal", place::metal()));
    }
    devices
}

fn found(choice: DeviceChoice, usual_name: &str, found: place::Found) -> Device {
    match found {
        Ok(place) => Device { choice, name: place.name, trouble: None },
        Err(trouble) => Device { choice, name: usual_name.to_owned(), trouble: Some(trouble) },
    }
}

impl FromStr for DeviceChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<DeviceChoice, String> {
        match text {
            "auto" => Ok(DeviceChoice::Auto),
            "cpu" => Ok(DeviceChoice::Cpu),
            "metal" => Ok(DeviceChoice::Metal),
            "cuda" => Ok(DeviceChoice::Cuda(0)),
            other => match other.strip_prefix("cuda:").and_then(|number| number.parse().ok()) {
                Some(number) => Ok(DeviceChoice::Cuda(number)),
                None => Err(format!("\"{other}\" is no device: choose auto, cpu, cuda, cuda:1 or metal")),
            },
        }
    }
}

impl fmt::Display for DeviceChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DeviceChoice::Auto => f.write_str("auto"),
            DeviceChoice::Cpu => f.write_str("cpu"),
            DeviceChoice::Cuda(number) => write!(f, "cuda:{number}"),
            DeviceChoice::Metal => f.write_str("metal"),
        }
    }
}

impl From<DeviceChoice> for String {
    fn from(choice: DeviceChoice) -> String {
        choice.to_string()
    }
}

impl TryFrom<String> for DeviceChoice {
    type Error = String;

    fn try_from(text: String) -> Result<DeviceChoice, String> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cpu_is_always_there() {
        let first = &devices()[0];
        assert_eq!((first.choice, first.trouble.as_ref()), (DeviceChoice::Cpu, None));
    }

    #[cfg(not(any(feature = "cuda", feature = "metal")))]
    #[test]
    fn a_plain_build_lists_no_graphics_processor() {
        assert_eq!(devices().len(), 1);
    }

    #[test]
    fn a_choice_reads_as_it_is_written() {
        for text in ["auto", "cpu", "cuda:0", "cuda:3", "metal"] {
            assert_eq!(text.parse::<DeviceChoice>().unwrap().to_string(), text);
        }
        assert_eq!("cuda".parse(), Ok(DeviceChoice::Cuda(0)));
        assert!("gpu".parse::<DeviceChoice>().unwrap_err().contains("gpu"));
    }
}
