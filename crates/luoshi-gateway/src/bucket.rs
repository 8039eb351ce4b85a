//! A store of files as S3 speaks it: MinIO, Ceph, Garage, or a cloud's. Requests are signed in their address, which
//! serves for a minute.

use crate::http::{self, Question};
use crate::{Fault, Trust};
use hyper::Method;
use quick_xml::Reader;
use quick_xml::events::Event;
use rusty_s3::{Credentials, S3Action, UrlStyle};
use std::sync::Arc;
use std::time::Duration;

/// How long a signed address serves.
const SERVES: Duration = Duration::from_secs(60);
/// How long a file may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// Bytes of a file.
const LARGEST: usize = 32 << 20;

/// Which store, and as whom.
pub struct Wish {
    /// its address: https, or http on this machine
    pub endpoint: String,
    /// the bucket, which is there already; it is named in the path
    pub bucket: String,
    /// its region; stores of one's own mostly take any
    pub region: String,
    /// who we are to it
    pub key: String,
    /// how we show it
    pub secret: String,
}

/// A bucket of a store.
#[derive(Clone)]
pub struct Bucket(Arc<Inner>);

struct Inner {
    bucket: rusty_s3::Bucket,
    credentials: Credentials,
    trust: Trust,
}

impl std::fmt::Debug for Bucket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Bucket({})", self.0.bucket.base_url())
    }
}

impl Bucket {
    /// Names a bucket; asks nothing yet. Errors: an address that is not safe, or no address at all.
    pub fn new(wish: Wish, trust: Trust) -> Result<Bucket, Fault> {
        if !http::is_safe(&wish.endpoint) {
            return Err(Fault::Wrong(format!("{}: https is expected (http on this machine)", wish.endpoint)));
        }
        if wish.bucket.is_empty() {
            return Err(Fault::Wrong("the bucket has no name".into()));
        }
        let endpoint = wish.endpoint.parse().map_err(Fault::wrong)?;
        let bucket = rusty_s3::Bucket::new(endpoint, UrlStyle::Path, wish.bucket, wish.region).map_err(Fault::wrong)?;
        Ok(Bucket(Arc::new(Inner { bucket, credentials: Credentials::new(wish.key, wish.secret), trust })))
    }

    /// Keeps a file under a name that is fit for a path. The store has it, whole, when this returns.
    pub async fn put(&self, name: &str, bytes: &[u8]) -> Result<(), Fault> {
        let address = self.0.bucket.put_object(Some(&self.0.credentials), name).sign(SERVES);
        self.ask(Method::PUT, address.as_str(), bytes.to_vec()).await.map(drop)
    }

    /// The file of a name; none when there is none.
    pub async fn get(&self, name: &str) -> Result<Option<Vec<u8>>, Fault> {
        let address = self.0.bucket.get_object(Some(&self.0.credentials), name).sign(SERVES);
        self.ask(Method::GET, address.as_str(), Vec::new()).await
    }

    /// The names of all files that begin so, in their order.
    pub async fn names(&self, begin: &str) -> Result<Vec<String>, Fault> {
        let mut names: Vec<String> = Vec::new();
        loop {
            let mut list = self.0.bucket.get_object(Some(&self.0.credentials), "");
            list.query_mut().insert("list-type", "2");
            list.query_mut().insert("prefix", begin.to_owned());
            if let Some(last) = names.last() {
                list.query_mut().insert("start-after", last.clone());
            }
            let answer = self.ask(Method::GET, list.sign(SERVES).as_str(), Vec::new()).await?.unwrap_or_default();
            let (more, page) = page(&answer)?;
            let nothing = page.is_empty();
            names.extend(page);
            if !more || nothing {
                return Ok(names);
            }
        }
    }

    async fn ask(&self, method: Method, address: &str, body: Vec<u8>) -> Result<Option<Vec<u8>>, Fault> {
        let question =
            Question { method, address, authorization: "", kind: "", body, largest: LARGEST, patience: PATIENCE };
        match http::ask(&self.0.trust, question).await? {
            (200..=299, bytes) => Ok(Some(bytes)),
            (404, bytes) if String::from_utf8_lossy(&bytes).contains("NoSuchKey") => Ok(None),
            (403, _) => Err(Fault::No("the store of files does not let us in: look at the key and its secret".into())),
            (404, _) => Err(Fault::Wrong(format!("the store of files has no bucket {}", self.0.bucket.name()))),
            (status @ (429 | 500..), _) => Err(Fault::Away(format!("the store of files answered {status}"))),
            (status, _) => Err(Fault::Wrong(format!("the store of files answered {status}"))),
        }
    }
}

/// A page of a list as a store answers it: whether there are more, and the names. Stores differ in the name space they
/// write.
pub fn page(answer: &[u8]) -> Result<(bool, Vec<String>), Fault> {
    let (mut more, mut names, mut at) = (false, Vec::new(), String::new());
    let (mut reader, mut text) = (Reader::from_reader(answer), String::new());
    loop {
        match reader.read_event().map_err(Fault::wrong)? {
            Event::Start(tag) => {
                at = tag.local_name().as_ref().to_owned();
                text.clear();
            }
            Event::Text(part) => text.push_str(&part),
            Event::End(_) => {
                match at.as_str() {
                    "Key" => names.push(std::mem::take(&mut text)),
                    "IsTruncated" => more = text == "true",
                    _ => {}
                }
                at.clear();
            }
            Event::Eof => return Ok((more, names)),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_whatever_its_name_space() {
        for space in ["", " xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"", " xmlns=\"urn:x\""] {
            let list = format!(
                "<?xml version=\"1.0\"?><ListBucketResult{space}><IsTruncated>true</IsTruncated><Prefix>files/</Prefix>\
                 <Contents><Key>files/ab/c</Key><Size>1</Size></Contents><Contents><Key>files/ab/d</Key></Contents></ListBucketResult>"
            );
            assert_eq!(page(list.as_bytes()).unwrap(), (true, vec!["files/ab/c".to_owned(), "files/ab/d".to_owned()]));
        }
        assert_eq!(page(b"<ListBucketResult/>").unwrap(), (false, Vec::new()));
        assert!(page(b"<a><b></a>").is_err());
    }

    #[test]
    fn a_store_must_be_named_safely() {
        let wish = |endpoint: &str, bucket: &str| {
            let text = |text: &str| text.to_owned();
            let wish = Wish {
                endpoint: text(endpoint),
                bucket: text(bucket),
                region: text("r"),
                key: text("k"),
                secret: text("hidden"),
            };
            Bucket::new(wish, Trust::new(None).unwrap())
        };
        assert!(wish("http://store.example.org", "luoshi").unwrap_err().to_string().contains("https is expected"));
        assert!(wish("https://store.example.org", "").is_err());
        let bucket = wish("https://store.example.org", "luoshi").unwrap();
        assert_eq!(format!("{bucket:?}"), "Bucket(https://store.example.org/luoshi/)", "no secret in a log");
    }
}
