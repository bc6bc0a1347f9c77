//! Where the hub is and how to reach it, by the same variables that HuggingFace's own programs read:
//! <https://huggingface.co/docs/huggingface_hub/package_reference/environment_variables>.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const PUBLIC_ENDPOINT: &str = "https://huggingface.co";

/// Ends a download within about a second from any thread, also while a server is silent. Copies are of the same flag.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

/// A hub, and what this computer knows of it.
#[derive(Clone)]
pub struct Hub {
    /// "https://huggingface.co", without a slash at the end.
    pub endpoint: String,
    /// Sent to the endpoint alone, never to where it redirects.
    pub token: Option<String>,
    /// Folders in which HuggingFace's own programs keep what they fetched.
    pub caches: Vec<PathBuf>,
    pub proxies: Proxies,
    /// Certificates to trust in place of those of the web's authorities, such as those of a company's proxy (PEM).
    pub authorities: Option<PathBuf>,
    pub patience: Patience,
    pub stop: Stop,
}

/// Proxies as "http://name:password@host:port".
#[derive(Clone, Default)]
pub struct Proxies {
    pub for_http: Option<String>,
    pub for_https: Option<String>,
    /// Hosts that are reached without; "*" for all, ".example.org" or "example.org" with everything below it.
    pub except: Vec<String>,
}

/// How long to wait and how often to try.
#[derive(Clone, Debug)]
pub struct Patience {
    pub connect: Duration,
    /// For the head of an answer, and the time in which its body must bring `least_bytes`.
    pub quiet: Duration,
    pub least_bytes: u64,
    /// In a row without `fresh_bytes` of progress.
    pub tries: u32,
    /// Progress after which a connection counts as a good one, so that tries are counted anew.
    pub fresh_bytes: u64,
    /// Doubled from try to try.
    pub first_pause: Duration,
    /// A server that asks for a longer one is left for another day.
    pub longest_pause: Duration,
}

impl Stop {
    pub fn stop(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub fn is_stopped(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Default for Patience {
    fn default() -> Patience {
        Patience {
            connect: Duration::from_secs(15),
            quiet: Duration::from_secs(30),
            least_bytes: 4096,
            tries: 6,
            fresh_bytes: 4 << 20,
            first_pause: Duration::from_secs(1),
            longest_pause: Duration::from_secs(300),
        }
    }
}

impl Hub {
    /// The endpoint's host, for people.
    pub fn host(&self) -> &str {
        let (_, rest) = self.endpoint.split_once("://").unwrap_or(("", &self.endpoint));
        let authority = rest.split('/').next().unwrap_or(rest);
        authority.rsplit('@').next().unwrap_or(authority)
    }

    /// As the environment says: `HF_ENDPOINT`, `HF_TOKEN`, `HF_HOME`, `HF_HUB_CACHE`, the proxies, and `SSL_CERT_FILE` or
    /// what Python's programs read for it.
    pub fn from_env() -> Hub {
        Hub::from_variables(&|name| env::var(name).ok())
    }

    /// `variable` gives the value of an environment variable.
    pub fn from_variables(variable: &dyn Fn(&str) -> Option<String>) -> Hub {
        let set = |name: &str| variable(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
        let endpoint = set("HF_ENDPOINT").unwrap_or_else(|| PUBLIC_ENDPOINT.to_owned());
        let home = set("HF_HOME").map(PathBuf::from).or_else(|| {
            let caches = set("XDG_CACHE_HOME").map(PathBuf::from);
            Some(caches.or_else(|| Some(env::home_dir()?.join(".cache")))?.join("huggingface"))
        });
        let cache = set("HF_HUB_CACHE").or_else(|| set("HUGGINGFACE_HUB_CACHE")).map(PathBuf::from);
        let cache = cache.or_else(|| Some(home.as_ref()?.join("hub")));
        let token_file = set("HF_TOKEN_PATH").map(PathBuf::from).or_else(|| Some(home?.join("token")));
        let token = set("HF_TOKEN").or_else(|| set("HUGGING_FACE_HUB_TOKEN")).or_else(|| {
            let text = fs::read_to_string(token_file?).ok()?;
            Some(text.trim().to_owned()).filter(|token| !token.is_empty())
        });
        Hub {
            endpoint: endpoint.trim_end_matches('/').to_owned(),
            token,
            caches: cache.into_iter().collect(),
            proxies: Proxies::from_variables(&set),
            authorities: ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"]
                .into_iter()
                .find_map(set)
                .map(PathBuf::from),
            patience: Patience::default(),
            stop: Stop::default(),
        }
    }
}

impl Proxies {
    fn from_variables(set: &dyn Fn(&str) -> Option<String>) -> Proxies {
        let either = |name: &str| set(name).or_else(|| set(&name.to_ascii_uppercase()));
        let all = either("all_proxy");
        let except = either("no_proxy").unwrap_or_default();
        Proxies {
            // In capitals, a web server could be made to set it by a request's "Proxy" header.
            for_http: set("http_proxy").or_else(|| all.clone()),
            for_https: either("https_proxy").or(all),
            except: except.split(',').map(|host| host.trim().to_ascii_lowercase()).filter(|h| !h.is_empty()).collect(),
        }
    }

    /// The proxy for a host, if there is one. This computer itself is never reached through another.
    pub fn choose(&self, is_tls: bool, host: &str) -> Option<&str> {
        let host = host.to_ascii_lowercase();
        let is_here = host == "localhost" || host == "::1" || host.starts_with("127.");
        let is_excepted = self.except.iter().any(|except| {
            let except = except.trim_start_matches('.');
            except == "*" || host == except || host.strip_suffix(except).is_some_and(|rest| rest.ends_with('.'))
        });
        if is_here || is_excepted {
            return None;
        }
        if is_tls { self.for_https.as_deref() } else { self.for_http.as_deref() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hub(variables: &[(&str, &str)]) -> Hub {
        let value = |name: &str| Some(variables.iter().find(|(known, _)| *known == name)?.1.to_owned());
        Hub::from_variables(&value)
    }

    #[test]
    fn the_variables_of_the_hub_s_own_programs_are_heard() {
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join("token"), "hf_from_file\n").unwrap();
        let home_text = home.path().to_str().unwrap();
        let plain = hub(&[("HF_HOME", home_text)]);
        assert_eq!((plain.endpoint.as_str(), plain.token.as_deref()), (PUBLIC_ENDPOINT, Some("hf_from_file")));
        assert_eq!(plain.host(), "huggingface.co");
        assert_eq!(plain.caches, [home.path().join("hub")]);
        assert_eq!(plain.authorities, None);
        let set = [("HF_ENDPOINT", "http://mirror/"), ("HF_TOKEN", "hf_mine"), ("HF_HUB_CACHE", "/big/hub")];
        let set = hub(&[&set[..], &[("HF_HOME", home_text)]].concat());
        assert_eq!((set.endpoint.as_str(), set.token.as_deref()), ("http://mirror", Some("hf_mine")));
        assert_eq!(set.caches, [PathBuf::from("/big/hub")]);
        assert_eq!(hub(&[("REQUESTS_CA_BUNDLE", "/ca.pem")]).authorities, Some(PathBuf::from("/ca.pem")));
        assert_eq!(hub(&[("XDG_CACHE_HOME", "/cache")]).caches, [PathBuf::from("/cache/huggingface/hub")]);
    }

    #[test]
    fn proxies_serve_all_but_what_is_excepted() {
        let set = [("HTTPS_PROXY", "http://p:1"), ("all_proxy", "http://q:2"), ("NO_PROXY", ".corp.example, mirror")];
        let proxies = hub(&set).proxies;
        for (is_tls, host, proxy) in [
            (true, "huggingface.co", Some("http://p:1")),
            (false, "huggingface.co", Some("http://q:2")),
            (true, "hub.corp.example", None),
            (true, "corp.example", None),
            (true, "notcorp.example", Some("http://p:1")),
            (true, "Mirror", None),
            (true, "127.0.0.1", None),
        ] {
            assert_eq!(proxies.choose(is_tls, host), proxy, "{host}");
        }
    }
}
