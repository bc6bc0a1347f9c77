//! Connections that can be stopped while they wait: every wait is cut into beats, between which the connection looks at
//! whether somebody wants it to end.
//!
//! It is a link in ureq's chain: below it is TCP, above it a proxy's tunnel and TLS. ureq does not promise to keep this
//! part of its interface (`ureq::unversioned`), so nothing else in Tagroll uses that.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use ureq::Error;
use ureq::http::Uri;
use ureq::unversioned::resolver::ResolvedSocketAddrs;
use ureq::unversioned::transport::time;
use ureq::unversioned::transport::{Buffers, ConnectionDetails, Connector, NextTimeout, TcpConnector, Transport};

use super::pause::BEAT;
use super::settings::Stop;

/// How long a host may take to answer the first knock, and any: the system itself knocks again after a second.
const FIRST_KNOCK: Duration = Duration::from_secs(1);
const LONGEST_KNOCK: Duration = Duration::from_secs(2);

/// What ends the waits of one connection.
#[derive(Debug)]
pub struct Watch {
    pub stop: Stop,
    /// When the piece of the body that is read at present must be there. ureq itself limits everything before the body.
    pub read_by: Mutex<Option<Instant>>,
}

/// Connects to the host, or to the proxy that stands before it.
#[derive(Debug)]
pub struct Reach(pub Arc<Watch>);

#[derive(Debug)]
pub struct Wire {
    tcp: Box<dyn Transport>,
    watch: Arc<Watch>,
    /// A proxy that is asked without a tunnel must hear the whole address, so this comes before the path.
    place: Option<String>,
}

impl Connector for Reach {
    type Out = Wire;

    /// `None` leaves the work to the next link, which makes a tunnel.
    fn connect(&self, details: &ConnectionDetails, _: Option<()>) -> Result<Option<Wire>, Error> {
        let Some(proxy) = details.config.proxy() else {
            return self.knock(copy(details, details.uri, details.addrs.clone()), None).map(Some);
        };
        if details.needs_tls() {
            return Ok(None);
        }
        let addresses = details.resolver.resolve(proxy.uri(), details.config, details.timeout)?;
        let authority = details.uri.authority().map_or("", |authority| authority.as_str());
        let place = format!("http://{}", authority.rsplit('@').next().unwrap_or(authority));
        self.knock(copy(details, proxy.uri(), addresses), Some(place)).map(Some)
    }
}

impl Reach {
    /// Knocks again and again, because the wait for one answer cannot be cut short.
    fn knock(&self, mut details: ConnectionDetails, place: Option<String>) -> Result<Wire, Error> {
        let (begun, limit) = (Instant::now(), *details.timeout.after);
        let mut knock = FIRST_KNOCK;
        loop {
            self.0.check()?;
            let left = limit.saturating_sub(begun.elapsed());
            (details.now, details.timeout.after) = (time::Instant::now(), time::Duration::Exact(knock.min(left)));
            match TcpConnector::default().connect(&details, None::<()>) {
                Err(Error::Timeout(_)) if left > knock => knock = (knock * 2).min(LONGEST_KNOCK),
                Err(error) => return Err(error),
                Ok(tcp) => {
                    let tcp = Box::new(tcp.ok_or(Error::ConnectionFailed)?);
                    return Ok(Wire { tcp, watch: self.0.clone(), place });
                }
            }
        }
    }
}

impl Transport for Wire {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.tcp.buffers()
    }

    /// Needs no beats: a request is small enough for the system to take at once.
    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        let amount = match self.place.take() {
            Some(place) => with_place(self.tcp.buffers().output(), amount, &place)?,
            None => amount,
        };
        self.tcp.transmit_output(amount, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        let timeout = timeout.for_read();
        let begun = Instant::now();
        loop {
            self.watch.check()?;
            let left = timeout.after.saturating_sub(begun.elapsed());
            let after = time::Duration::Exact(left.min(BEAT));
            let beat = NextTimeout { after, reason: timeout.reason, ..NextTimeout::default() };
            match self.tcp.await_input(beat) {
                Err(Error::Timeout(_)) if left > BEAT => {}
                awaited => return awaited,
            }
        }
    }

    fn is_open(&mut self) -> bool {
        self.tcp.is_open()
    }
}

impl Watch {
    fn check(&self) -> Result<(), Error> {
        let read_by = *self.read_by.lock().unwrap_or_else(PoisonError::into_inner);
        if self.stop.is_stopped() {
            return Err(Error::Other("stopped".into()));
        }
        if read_by.is_some_and(|read_by| Instant::now() > read_by) {
            return Err(Error::Timeout(ureq::Timeout::PerRead));
        }
        Ok(())
    }
}

/// `details` with another host to connect to.
fn copy<'a>(details: &ConnectionDetails<'a>, uri: &'a Uri, addrs: ResolvedSocketAddrs) -> ConnectionDetails<'a> {
    ConnectionDetails {
        uri,
        addrs,
        config: details.config,
        request_level: details.request_level,
        resolver: details.resolver,
        now: details.now,
        timeout: details.timeout,
        current_time: details.current_time.clone(),
        run_connector: details.run_connector.clone(),
        register_shutdown: details.register_shutdown.clone(),
    }
}

/// Makes "GET http://host/path" of the "GET /path" with which the request in `output` begins; returns its new length.
fn with_place(output: &mut [u8], length: usize, place: &str) -> Result<usize, Error> {
    let at = output[..length].iter().position(|byte| *byte == b' ').map_or(0, |blank| blank + 1);
    let end = at + place.len();
    if length + place.len() > output.len() {
        return Err(Error::BadUri("it is too long".to_owned()));
    }
    output.copy_within(at..length, end);
    output[at..end].copy_from_slice(place.as_bytes());
    Ok(length + place.len())
}
