//! What the hub says of a file before it is fetched: length, hash, commit.

use std::time::Duration;

use ureq::http::Uri;

use super::digest::Digest;
use super::http::{Client, Head, Hitch, Tried, persist};
use super::meter::Meter;
use super::{KnownModel, Trouble, address};

/// A redirect that leads in a circle ends here.
pub const MOST_REDIRECTS: usize = 8;

/// A file as the hub has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remote {
    pub name: String,
    /// On the hub itself, at a commit that cannot change.
    pub at: Uri,
    /// `None` where the server does not tell.
    pub size_bytes: Option<u64>,
    /// Changes when the file does.
    pub tag: Option<String>,
    pub digest: Option<Digest>,
}

/// Every file of the model, all of one commit.
pub fn look_at_all(
    client: &Client,
    model: &KnownModel,
    meter: &mut Meter,
) -> Result<(Option<String>, Vec<Remote>), Trouble> {
    let mut commit: Option<String> = None;
    let mut remotes = Vec::new();
    for file in &model.files {
        meter.name(file);
        let revision = commit.clone().unwrap_or_else(|| model.revision.clone());
        let mut attempt = |_: &mut Meter| Tried { outcome: look(client, model, &revision, file), is_fresh: false };
        let (found, remote) = persist(client.hub, &mut attempt, meter)?;
        commit = commit.or(found);
        let at = address_of(client, model, commit.as_deref().unwrap_or(&model.revision), file)?;
        remotes.push(Remote { at, ..remote });
    }
    Ok((commit, remotes))
}

fn address_of(client: &Client, model: &KnownModel, revision: &str, file: &str) -> Result<Uri, Trouble> {
    let text = format!("{}/{}/resolve/{revision}/{file}", client.hub.endpoint, model.repository);
    address::parse(&text).ok_or_else(|| {
        Trouble::Failed(format!("\"{text}\" is no web address. Look at HF_ENDPOINT in the environment."))
    })
}

/// Asks as huggingface_hub's `get_hf_file_metadata` does: the hub's own answer holds the hash, what it redirects to often
/// does not.
fn look(client: &Client, model: &KnownModel, revision: &str, file: &str) -> Result<(Option<String>, Remote), Hitch> {
    let mut at = address_of(client, model, revision, file)?;
    let mut commit = None;
    for _ in 0..MOST_REDIRECTS {
        let head = client.head(&at)?;
        commit = commit.or_else(|| head.header("x-repo-commit").filter(|text| is_commit(text)).map(str::to_owned));
        let size_bytes = head.number("x-linked-size");
        let tag = head.header("x-linked-etag").map(bare_tag);
        if let Some(location) = head.location()
            && (size_bytes.is_none() || tag.is_none())
        {
            at = follow(&at, location)?;
            continue;
        }
        if head.location().is_none() {
            judge(client, &head, model, file, &at)?;
        }
        // Another host's own tag looks like a hash at times, but is one of something else.
        let is_hub = address::parse(&client.hub.endpoint).is_some_and(|hub| address::is_same_place(&hub, &at));
        let digest_of = |tag: &String| Digest::from_hex(tag);
        let size_bytes = size_bytes.or_else(|| head.number("content-length"));
        let own_tag = head.header("etag").map(bare_tag);
        let digest =
            tag.as_ref().and_then(digest_of).or_else(|| own_tag.as_ref().filter(|_| is_hub).and_then(digest_of));
        let tag = tag.or(own_tag);
        return Ok((commit, Remote { name: file.to_owned(), at, size_bytes, tag, digest }));
    }
    Err(Hitch::Final(circle(&at)))
}

/// Where a redirect leads; never from a safe connection to one that others can read.
pub fn follow(from: &Uri, location: &str) -> Result<Uri, Hitch> {
    let to = address::join(from, location);
    let host = address::host(from);
    let to = to.ok_or_else(|| Hitch::Final(format!("{host} redirects to a place that is no web address.")))?;
    if address::is_tls(from) && !address::is_tls(&to) {
        return Err(Hitch::Final(format!("{host} redirects to an unprotected place, {}.", address::host(&to))));
    }
    Ok(to)
}

pub fn circle(at: &Uri) -> String {
    format!("{} redirects again and again. Try again later.", address::host(at))
}

/// An answer that is not the file, in words.
pub fn judge(client: &Client, head: &Head, model: &KnownModel, file: &str, at: &Uri) -> Result<(), Hitch> {
    let (host, repository) = (address::host(at), &model.repository);
    let page = format!("{}/{repository}", client.hub.endpoint);
    Err(match head.status {
        200..300 => return Ok(()),
        401 if client.hub.token.is_some() => Hitch::Final(format!(
            "{host} does not accept the token in HF_TOKEN for {repository}. Make a new one in the account's settings."
        )),
        401 => Hitch::Final(format!(
            "{host} gives {file} of {repository} only to people with an account, or it is not there any more. Look at \
             {page}, and set HF_TOKEN to a token of your account."
        )),
        403 => Hitch::Final(format!(
            "{host} does not give {file} of {repository} to this account. Accept the model's terms at {page}, and set \
             HF_TOKEN to a token that may read it."
        )),
        404 | 410 => {
            Hitch::Final(format!("{host} has no {file} of {repository}. Look at {page}, or take another model."))
        }
        407 => Hitch::Final(
            "The proxy asks for a name and a password: set http_proxy to http://name:password@host:port.".to_owned(),
        ),
        429 => busy(head, format!("{host} had too many questions from here.")),
        status @ (408 | 425 | 500..600) => {
            busy(head, format!("{host} has a fault of its own at the moment ({status})."))
        }
        status => Hitch::Final(format!("{host} answers {status} for {file} of {repository}. Look at {page}.")),
    })
}

fn busy(head: &Head, why: String) -> Hitch {
    Hitch::Passing { why, wait: head.number("retry-after").map(Duration::from_secs) }
}

/// What identifies a version, without marks of weakness and quotes.
fn bare_tag(tag: &str) -> String {
    tag.trim_start_matches("W/").trim_matches('"').to_owned()
}

/// It becomes a part of an address, so it must be what it should.
fn is_commit(text: &str) -> bool {
    text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
