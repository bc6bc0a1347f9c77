//! What machine this is, for those who read a measurement or a report of a crash.

use std::fs;

/// The processor's own name, or what kind it is.
pub fn processor_name() -> String {
    let named = fs::read_to_string("/proc/cpuinfo").ok().and_then(|text| {
        let line = text.lines().find(|line| line.starts_with("model name"))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    });
    named.or_else(|| std::env::var("PROCESSOR_IDENTIFIER").ok()).unwrap_or_else(|| std::env::consts::ARCH.to_owned())
}

/// The most memory that this program had resident so far; `None` where the system does not tell in a file.
pub fn peak_memory_bytes() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? << 10)
}

/// How many files the program may have open at once. On Linux it asks for as many as the system lets it, which is a hundred times what
/// it begins with.
pub fn most_open_files() -> usize {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let limits = getrlimit(Resource::Nofile);
        let _ = setrlimit(Resource::Nofile, Rlimit { current: limits.maximum, maximum: limits.maximum });
        let current = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
        usize::try_from(current).unwrap_or(usize::MAX)
    }
    #[cfg(not(target_os = "linux"))]
    768
}

/// The system's own name and version, as far as it says them in a file, and what kind of processor it is for.
pub fn system_name() -> String {
    let named = fs::read_to_string("/etc/os-release").ok().and_then(|text| {
        let line = text.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="))?;
        Some(line.trim_matches('"').to_owned())
    });
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").map(|text| format!(", kernel {}", text.trim()));
    let name = named.unwrap_or_else(|| std::env::consts::OS.to_owned());
    format!("{name}{}, {}", kernel.unwrap_or_default(), std::env::consts::ARCH)
}

/// Changes whenever the machine starts; `None` where the system does not tell in a file.
pub fn boot_id() -> Option<String> {
    Some(fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?.trim().to_owned())
}
