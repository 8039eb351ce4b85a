//! The address at which browsers reach the installation. It is told by the administrator and never taken from a
//! request: passkeys are bound to it, and other servers send people back to it.

use std::str::FromStr;

/// An address such as `https://luoshi.example.org`, without a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin(String);

impl Origin {
    /// As browsers write it.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// The name of the server, without its port.
    pub fn host(&self) -> &str {
        let rest = self.0.split_once("://").map_or("", |(_, rest)| rest);
        rest.split(':').next().unwrap_or_default()
    }
}

impl FromStr for Origin {
    type Err = String;

    fn from_str(text: &str) -> Result<Origin, String> {
        let text = text.trim().trim_end_matches('/').to_lowercase();
        let (scheme, rest) = text.split_once("://").unwrap_or_default();
        let (host, port) = rest.split_once(':').unwrap_or((rest, "1"));
        let name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
        let here = matches!(host, "localhost" | "127.0.0.1");
        if host.is_empty() || !host.chars().all(name) || port.parse::<u16>().is_err() {
            return Err("an address without a path is expected, such as https://luoshi.example.org".into());
        }
        match scheme {
            "https" => Ok(Origin(text)),
            "http" if here => Ok(Origin(text)),
            _ => Err("browsers sign in elsewhere and by passkey over https only (http on localhost)".into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_https_or_on_this_machine_and_has_no_path() {
        let read = |text: &str| text.parse::<Origin>();
        assert_eq!(read("https://Luoshi.example.org/").unwrap().text(), "https://luoshi.example.org");
        assert_eq!(read("https://luoshi.example.org:8443").unwrap().host(), "luoshi.example.org");
        assert_eq!(read("http://localhost:8080").unwrap().host(), "localhost");
        for wrong in
            ["", "luoshi.example.org", "http://luoshi.example.org", "https://a/b", "https://", "https://a:x", "ftp://a"]
        {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
