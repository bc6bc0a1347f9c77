//! A hub on a loopback socket, with every fault that a test asks for.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

pub const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

/// What a client asked for.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: String,
    pub target: String,
    pub headers: BTreeMap<String, String>,
    /// How many requests with this method and target came before.
    pub before: usize,
}

impl Request {
    pub fn is(&self, method: &str, end: &str) -> bool {
        self.method == method && self.target.ends_with(end)
    }

    /// The first byte that is asked for.
    pub fn from(&self) -> usize {
        let range = self.headers.get("range").and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-'));
        range.map_or(0, |from| from.parse().unwrap())
    }
}

/// What the server does about it.
#[derive(Clone, Debug, Default)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    pub ending: Ending,
}

#[derive(Clone, Copy, Debug, Default)]
pub enum Ending {
    #[default]
    Whole,
    /// Closes the connection after so many bytes, head included.
    Cut(usize),
    /// Says no more after so many bytes, until the client has gone.
    Silence(usize),
    /// From there on one byte at a time, until the client has gone.
    Trickle(usize),
}

impl Reply {
    pub fn new(status: u16, headers: &[(&str, &str)], body: &[u8]) -> Reply {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Reply { status, headers, body: body.to_vec(), ending: Ending::Whole }
    }

    pub fn with(mut self, name: &str, value: &str) -> Reply {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn without(mut self, name: &str) -> Reply {
        self.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self
    }

    pub fn status(mut self, status: u16) -> Reply {
        self.status = status;
        self
    }

    pub fn ending(mut self, ending: Ending) -> Reply {
        self.ending = ending;
        self
    }

    /// As it goes over the wire.
    pub fn bytes(&self, has_body: bool) -> Vec<u8> {
        let mut text = format!("HTTP/1.1 {} Said\r\n", self.status);
        self.headers.iter().for_each(|(name, value)| text.push_str(&format!("{name}: {value}\r\n")));
        let mut bytes = (text + "\r\n").into_bytes();
        if has_body {
            bytes.extend_from_slice(&self.body);
        }
        bytes
    }

    fn send(&self, stream: &mut TcpStream, has_body: bool) -> io::Result<()> {
        let bytes = self.bytes(has_body);
        let part = |count: usize| &bytes[..count.min(bytes.len())];
        match self.ending {
            Ending::Whole => stream.write_all(&bytes),
            Ending::Cut(count) => stream.write_all(part(count)),
            Ending::Silence(count) => {
                stream.write_all(part(count))?;
                stream.read(&mut [0]).map(drop)
            }
            Ending::Trickle(count) => {
                stream.write_all(part(count))?;
                stream.set_read_timeout(Some(Duration::from_millis(20)))?;
                for byte in bytes.iter().skip(count) {
                    // The pace comes from waiting for a client that says nothing more.
                    if stream.read(&mut [0]).is_ok() {
                        return Ok(());
                    }
                    stream.write_all(&[*byte])?;
                }
                Ok(())
            }
        }
    }
}

/// Stops when it is dropped.
pub struct Server {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
    is_over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    pub fn start(answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (requests, is_over) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let (log, over, answer) = (requests.clone(), is_over.clone(), Arc::new(answer));
        let thread = thread::spawn(move || {
            for stream in listener.incoming() {
                if over.load(Ordering::SeqCst) {
                    return;
                }
                let (log, answer) = (log.clone(), answer.clone());
                // A client that goes away in the middle is what many of the tests are about.
                thread::spawn(move || drop(serve(&mut stream.unwrap(), &log, &*answer)));
            }
        });
        Server { address, requests, is_over, thread: Some(thread) }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    pub fn count(&self, method: &str, end: &str) -> usize {
        self.requests().iter().filter(|request| request.is(method, end)).count()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
        drop(TcpStream::connect(self.address));
        self.thread.take().map(JoinHandle::join);
    }
}

/// The address of a server that says nothing to its one client, and tells when that has said something.
pub fn start_deaf(heard: impl FnOnce() + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        let mut stream = listener.accept().unwrap().0;
        stream.read_exact(&mut [0]).unwrap();
        heard();
        // Until the client has gone.
        io::copy(&mut stream, &mut io::sink())
    });
    url
}

/// A hub with these files that speaks TLS, and its address. It ends with the test's process.
pub fn start_tls(files: Files) -> String {
    let fixture = |name: &str| format!("{}/tests/fixtures/tls/{name}", env!("CARGO_MANIFEST_DIR"));
    let certificate = CertificateDer::from_pem_file(fixture("localhost.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_file(fixture("localhost.key")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = Arc::new(config.with_no_client_auth().with_single_cert(vec![certificate], key).unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let connection = ServerConnection::new(config.clone()).unwrap();
            let mut stream = StreamOwned::new(connection, stream.unwrap());
            // A client that does not trust the certificate goes away; the next one may.
            let _ = read_request(&mut stream).and_then(|request| {
                stream.write_all(&files.reply(&request).bytes(request.method != "HEAD"))?;
                stream.conn.send_close_notify();
                stream.flush()
            });
        }
    });
    url
}

fn serve(
    stream: &mut TcpStream,
    log: &Mutex<Vec<Request>>,
    answer: &(impl Fn(&Request) -> Reply + Send + Sync),
) -> io::Result<()> {
    let mut request = read_request(stream)?;
    {
        let mut log = log.lock().unwrap();
        request.before = log.iter().filter(|r| r.method == request.method && r.target == request.target).count();
        log.push(request.clone());
    }
    answer(&request).send(stream, request.method != "HEAD")
}

fn read_request(stream: &mut impl Read) -> io::Result<Request> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    let mut words = head.lines().next().unwrap().split(' ');
    let (method, target) = (words.next().unwrap().to_owned(), words.next().unwrap().to_owned());
    let lines = head.lines().skip(1).filter_map(|line| line.split_once(": "));
    let headers = lines.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
    Ok(Request { method, target, headers, before: 0 })
}

/// Files as a hub has them: the weights in its large file store, the rest in git.
#[derive(Clone)]
pub struct Files(BTreeMap<String, Vec<u8>>);

impl Files {
    pub fn new(files: &[(&str, Vec<u8>)]) -> Files {
        Files(files.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.clone())).collect())
    }

    pub fn bytes(&self, name: &str) -> &[u8] {
        &self.0[name]
    }

    pub fn names(&self) -> Vec<String> {
        self.0.keys().cloned().collect()
    }

    /// What a healthy hub answers.
    pub fn reply(&self, request: &Request) -> Reply {
        let name = request.target.rsplit('/').next().unwrap();
        let Some(bytes) = self.0.get(name) else { return Reply::new(404, &[("Content-Length", "0")], b"") };
        let from = request.from();
        if from > 0 && from >= bytes.len() {
            return Reply::new(416, &[("Content-Length", "0")], b"");
        }
        let status = if from > 0 { 206 } else { 200 };
        let mut reply = Reply::new(status, &[("X-Repo-Commit", COMMIT)], &bytes[from..])
            .with("Content-Length", &(bytes.len() - from).to_string());
        if from > 0 {
            reply = reply.with("Content-Range", &format!("bytes {from}-{}/{}", bytes.len() - 1, bytes.len()));
        }
        if name.ends_with(".safetensors") {
            let tag = format!("\"{}\"", sha256(bytes));
            return reply.with("X-Linked-Size", &bytes.len().to_string()).with("X-Linked-Etag", &tag);
        }
        reply.with("ETag", &format!("\"{}\"", git_blob(bytes)))
    }
}

pub fn sha256(bytes: &[u8]) -> String {
    hex(digest(&SHA256, bytes).as_ref())
}

pub fn git_blob(bytes: &[u8]) -> String {
    let blob = [format!("blob {}\0", bytes.len()).as_bytes(), bytes].concat();
    hex(digest(&SHA1_FOR_LEGACY_USE_ONLY, &blob).as_ref())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
