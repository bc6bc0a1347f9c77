//! Web addresses, as far as a hub and its redirects use them.

use ureq::http::Uri;

/// `None` for what is no full "http" or "https" address.
pub fn parse(text: &str) -> Option<Uri> {
    let address: Uri = text.parse().ok()?;
    let is_web = matches!(address.scheme_str(), Some("http" | "https"));
    (is_web && !host(&address).is_empty()).then_some(address)
}

/// Where a redirect from here leads.
pub fn join(from: &Uri, location: &str) -> Option<Uri> {
    let (scheme, authority) = (from.scheme_str()?, from.authority()?);
    let has_scheme = location.split(['/', '?', '#']).next().is_some_and(|first| first.ends_with(':'));
    if has_scheme {
        return parse(location);
    }
    if location.starts_with("//") {
        return parse(&format!("{scheme}:{location}"));
    }
    if location.starts_with('/') {
        return parse(&format!("{scheme}://{authority}{location}"));
    }
    let folder = from.path().rfind('/').map_or("/", |end| &from.path()[..=end]);
    parse(&format!("{scheme}://{authority}{folder}{location}"))
}

/// Whether a secret for the one may be sent to the other.
pub fn is_same_place(one: &Uri, other: &Uri) -> bool {
    let port = |address: &Uri| address.port_u16().unwrap_or(if is_tls(address) { 443 } else { 80 });
    is_tls(one) == is_tls(other) && port(one) == port(other) && host(one).eq_ignore_ascii_case(host(other))
}

pub fn is_tls(address: &Uri) -> bool {
    address.scheme_str() == Some("https")
}

/// Without the brackets of an IPv6 address.
pub fn host(address: &Uri) -> &str {
    address.host().unwrap_or_default().trim_matches(['[', ']'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_lead_where_a_browser_would_go() {
        let from = parse("https://hub.test/org/name/resolve/main/config.json?x=1").unwrap();
        for (location, to) in [
            ("https://cdn.test/a?sig=%20", "https://cdn.test/a?sig=%20"),
            ("/api/cache/config.json", "https://hub.test/api/cache/config.json"),
            ("/a?from=https://hub.test", "https://hub.test/a?from=https://hub.test"),
            ("//cdn.test:8443/a", "https://cdn.test:8443/a"),
            ("other.json", "https://hub.test/org/name/resolve/main/other.json"),
            ("HTTP://cdn.test#part", "http://cdn.test/"),
            ("http://[::1]:80/a", "http://[::1]:80/a"),
        ] {
            assert_eq!(join(&from, location).map(|to| to.to_string()).as_deref(), Some(to));
        }
        assert_eq!(join(&from, "file:///etc/passwd"), None);
        assert_eq!(join(&from, "https://host/a b"), None, "a blank could smuggle a header in");
    }

    #[test]
    fn another_port_or_scheme_is_another_place() {
        let here = parse("https://hub.test/a").unwrap();
        for (there, is_same) in
            [("https://HUB.test:443/b", true), ("http://hub.test/", false), ("https://hub.test:8443/", false)]
        {
            assert_eq!(is_same_place(&here, &parse(there).unwrap()), is_same, "{there}");
        }
    }
}
