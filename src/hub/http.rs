//! One question to a server and the head of its answer. Redirects are the caller's: who follows one decides what goes
//! along.
//!
//! Promise: an end of a body that came too early is an error, never an end.

use std::fs;
use std::io::{self, Read};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ureq::http::{HeaderMap, Request, Uri, Version, header};
use ureq::tls::{PemItem, RootCerts, TlsConfig};
use ureq::unversioned::resolver::DefaultResolver;
use ureq::unversioned::transport::{ConnectProxyConnector, Connector, RustlsConnector};
use ureq::{Agent, Error, Proxy, ProxyProtocol, Timeout};

use super::meter::Meter;
use super::settings::Hub;
use super::wire::{Reach, Watch};
use super::{Trouble, address, pause};

/// Why a question has no answer.
#[derive(Debug)]
pub enum Hitch {
    Stopped,
    /// Another try may help, perhaps after the time that the server asked for.
    Passing {
        why: String,
        wait: Option<Duration>,
    },
    /// Another try would end the same way.
    Final(String),
}

pub struct Head {
    pub status: u16,
    version: Version,
    headers: HeaderMap,
}

/// What a head is followed by, however its end is marked.
pub struct Body {
    /// How many bytes the whole body has, if the server said so.
    pub length: Option<u64>,
    reader: ureq::BodyReader<'static>,
    watch: Arc<Watch>,
    quiet: Duration,
}

pub struct Client<'a> {
    pub hub: &'a Hub,
    tls: TlsConfig,
}

impl Hitch {
    pub fn passing(why: impl Into<String>) -> Hitch {
        Hitch::Passing { why: why.into(), wait: None }
    }
}

impl From<Trouble> for Hitch {
    fn from(trouble: Trouble) -> Hitch {
        match trouble {
            Trouble::Stopped => Hitch::Stopped,
            Trouble::Failed(why) => Hitch::Final(why),
        }
    }
}

impl Head {
    pub fn header(&self, name: &str) -> Option<&str> {
        let value = str::from_utf8(self.headers.get(name)?.as_bytes()).ok()?;
        Some(value.trim()).filter(|value| !value.is_empty())
    }

    pub fn number(&self, name: &str) -> Option<u64> {
        self.header(name)?.parse().ok()
    }

    /// Where the server sends the caller instead.
    pub fn location(&self) -> Option<&str> {
        if matches!(self.status, 301 | 302 | 303 | 307 | 308) { self.header("location") } else { None }
    }

    /// Whether the body comes in pieces, so that its end can be told from a break.
    pub fn is_chunked(&self) -> bool {
        let coding = self.header("transfer-encoding");
        self.version != Version::HTTP_10 && coding.is_some_and(|coding| coding.eq_ignore_ascii_case("chunked"))
    }
}

impl Body {
    /// `Ok(0)` at the end.
    pub fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Hitch> {
        *self.watch.read_by.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now() + self.quiet);
        self.reader.read(buffer).map_err(|error| match Error::from(error) {
            _ if self.watch.stop.is_stopped() => Hitch::Stopped,
            Error::Timeout(_) => Hitch::passing("The server sends next to nothing."),
            error => broken(&error),
        })
    }
}

impl Client<'_> {
    pub fn new(hub: &Hub) -> Result<Client<'_>, Trouble> {
        let authorities = hub.authorities.as_deref().map(authorities).transpose()?;
        let tls = TlsConfig::builder().root_certs(authorities.unwrap_or(RootCerts::WebPki)).build();
        Ok(Client { hub, tls })
    }

    pub fn head(&self, at: &Uri) -> Result<Head, Hitch> {
        Ok(self.ask("HEAD", at, 0)?.0)
    }

    /// The body is what begins at the byte `from`, if the server can do that.
    pub fn get(&self, at: &Uri, from: u64) -> Result<(Head, Body), Hitch> {
        self.ask("GET", at, from)
    }

    fn ask(&self, method: &str, at: &Uri, from: u64) -> Result<(Head, Body), Hitch> {
        let proxy = self.proxy(at)?;
        let mut request = Request::builder().method(method).uri(at).header(header::CONNECTION, "close");
        if from > 0 {
            request = request.header(header::RANGE, format!("bytes={from}-"));
        }
        if let Some(token) = self.token(at) {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        if let Some(account) = proxy.as_ref().filter(|_| !address::is_tls(at)).and_then(account) {
            request = request.header(header::PROXY_AUTHORIZATION, account);
        }
        let request = request.body(()).map_err(|error| Hitch::Final(format!("{at} cannot be asked: {error}.")))?;
        let watch = Arc::new(Watch { stop: self.hub.stop.clone(), read_by: Mutex::new(None) });
        let answer = self
            .agent(proxy, watch.clone())
            .run(request)
            .map_err(|error| if watch.stop.is_stopped() { Hitch::Stopped } else { unanswered(at, &error) })?;
        let (parts, body) = answer.into_parts();
        let head = Head { status: parts.status.as_u16(), version: parts.version, headers: parts.headers };
        let length = body.content_length();
        Ok((head, Body { length, reader: body.into_reader(), watch, quiet: self.hub.patience.quiet }))
    }

    /// One for each question, because connections are not used twice.
    fn agent(&self, proxy: Option<Proxy>, watch: Arc<Watch>) -> Agent {
        let patience = &self.hub.patience;
        let config = Agent::config_builder()
            .user_agent(concat!("tagroll/", env!("CARGO_PKG_VERSION")))
            .accept_encoding("identity")
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(proxy)
            .tls_config(self.tls.clone())
            .timeout_resolve(Some(patience.connect))
            .timeout_connect(Some(patience.connect))
            .timeout_send_request(Some(patience.quiet))
            .timeout_recv_response(Some(patience.quiet))
            .timeout_per_read(Some(patience.quiet))
            .build();
        let chain = Reach(watch).chain(ConnectProxyConnector::default()).chain(RustlsConnector::default());
        Agent::with_parts(config, chain, DefaultResolver::default())
    }

    /// The token is for the hub alone.
    fn token(&self, at: &Uri) -> Option<&str> {
        let is_hub = address::parse(&self.hub.endpoint).is_some_and(|hub| address::is_same_place(&hub, at));
        self.hub.token.as_deref().filter(|token| is_hub && token.bytes().all(|byte| byte.is_ascii_graphic()))
    }

    fn proxy(&self, at: &Uri) -> Result<Option<Proxy>, Hitch> {
        let Some(proxy) = self.hub.proxies.choose(address::is_tls(at), address::host(at)) else { return Ok(None) };
        let proxy = Proxy::new(proxy).ok().filter(|proxy| proxy.protocol() == ProxyProtocol::Http);
        // The address may hold a password, so it is not shown.
        let words = "The proxy that the environment names is of a kind that Tagroll does not know. It can use http:// \
                     proxies.";
        proxy.map(Some).ok_or_else(|| Hitch::Final(words.to_owned()))
    }
}

/// The header with which a proxy lets its people through.
fn account(proxy: &Proxy) -> Option<String> {
    let account = format!("{}:{}", proxy.username()?, proxy.password().unwrap_or_default());
    Some(format!("Basic {}", BASE64_STANDARD.encode(account)))
}

/// Certificates in a file take the place of those that come with the program, as everywhere with `SSL_CERT_FILE`.
fn authorities(path: &Path) -> Result<RootCerts, Trouble> {
    let unusable = |error: &dyn std::fmt::Display| {
        Trouble::Failed(format!(
            "The certificates in {} cannot be used: {error}. Look at SSL_CERT_FILE in the environment.",
            path.display()
        ))
    };
    let text = fs::read(path).map_err(|error| unusable(&error))?;
    let items: Vec<PemItem> =
        ureq::tls::parse_pem(&text).collect::<Result<_, _>>().map_err(|error| unusable(&error))?;
    let certificates = items.into_iter().filter_map(|item| match item {
        PemItem::Certificate(certificate) => Some(certificate),
        _ => None,
    });
    Ok(RootCerts::from(certificates))
}

/// Why no head came, in words.
fn unanswered(at: &Uri, error: &Error) -> Hitch {
    let host = address::host(at);
    match error {
        Error::Timeout(Timeout::Resolve | Timeout::Connect) => {
            Hitch::passing(format!("Could not reach {host}: it does not answer."))
        }
        Error::Timeout(_) => Hitch::passing("The server does not answer."),
        Error::BadUri(why) => Hitch::Final(format!("{at} cannot be asked: {why}.")),
        Error::HostNotFound => Hitch::passing(format!("Could not reach {host}: nobody knows where it is.")),
        Error::ConnectProxyFailed(why) if why.contains("407") => Hitch::Final(
            "The proxy asks for a name and a password: set HTTPS_PROXY to http://name:password@host:port.".to_owned(),
        ),
        Error::ConnectProxyFailed(why) => Hitch::passing(format!("The proxy did not connect to {host} ({why}).")),
        Error::Io(why) if !is_broken(why) => Hitch::passing(format!("Could not reach {host}: {why}.")),
        error => broken(error),
    }
}

/// Whether there was a connection, and it does not work any more.
fn is_broken(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, InvalidData, UnexpectedEof};
    matches!(error.kind(), BrokenPipe | ConnectionAborted | ConnectionReset | InvalidData | UnexpectedEof)
}

/// A host that cannot prove who it is will not be able to at the next try either.
fn broken(error: &Error) -> Hitch {
    let tls = match error {
        Error::Io(error) => error.get_ref().and_then(|cause| cause.downcast_ref::<rustls::Error>()),
        Error::Rustls(error) => Some(error),
        _ => None,
    };
    match (tls, error) {
        (Some(rustls::Error::InvalidCertificate(why)), _) => Hitch::Final(format!(
            "The server's certificate is not trusted ({why}). If a proxy of your company stands between, name the file \
             with its certificate in SSL_CERT_FILE."
        )),
        (None, Error::Io(error)) if error.kind() == io::ErrorKind::UnexpectedEof => {
            Hitch::passing("The connection was closed too early.")
        }
        (_, Error::Io(error)) => Hitch::passing(format!("The connection broke: {error}.")),
        (_, error) => Hitch::passing(format!("The server's answer cannot be read: {error}.")),
    }
}

/// What came of one try.
pub struct Tried<T> {
    pub outcome: Result<T, Hitch>,
    /// Whether it brought so much that tries are counted anew.
    pub is_fresh: bool,
}

/// Tries until `attempt` has an answer or a hitch that will not pass, waiting longer from try to try.
pub fn persist<T>(hub: &Hub, attempt: &mut dyn FnMut(&mut Meter) -> Tried<T>, meter: &mut Meter) -> Result<T, Trouble> {
    let patience = &hub.patience;
    let mut tries = 0;
    loop {
        meter.beat()?;
        let Tried { outcome, is_fresh } = attempt(meter);
        let (why, wait) = match outcome {
            Ok(answer) => return Ok(answer),
            Err(Hitch::Stopped) => return Err(Trouble::Stopped),
            Err(Hitch::Final(why)) => return Err(Trouble::Failed(why)),
            Err(Hitch::Passing { why, wait }) => (why, wait),
        };
        log::debug!("try {tries}: {why}");
        tries = if is_fresh { 1 } else { tries + 1 };
        let later = "What is here already is kept; try again later to go on from there";
        if tries >= patience.tries {
            return Err(Trouble::Failed(format!("{why} {later}.")));
        }
        let usual = patience.first_pause * 2_u32.saturating_pow(tries - 1);
        let wait = wait.unwrap_or(usual.min(patience.longest_pause));
        if wait > patience.longest_pause {
            let minutes = wait.as_secs().div_ceil(60);
            return Err(Trouble::Failed(format!("{why} It asks to be left alone for {minutes} minutes. {later}.")));
        }
        pause::pause(wait, meter)?;
    }
}
