//! Forms in parts, with files: the first line is the kind of content, the rest is the body behind the first part.

use crate::site::GROUND;

pub fn read(bytes: &[u8]) {
    let mut lines = bytes.splitn(2, |byte| *byte == b'\n');
    let first = String::from_utf8_lossy(lines.next().unwrap_or_default()).into_owned();
    let sort = if first.is_empty() { "; boundary=edge".to_owned() } else { first };
    let sort: String = sort.chars().filter(|c| c.is_ascii_graphic() || *c == ' ').collect();
    let mut body =
        format!("--edge\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{}\r\n", GROUND.csrf).into_bytes();
    body.extend(lines.next().unwrap_or_default());
    let sort = format!("multipart/form-data{sort}");
    let heads = [("cookie", GROUND.cookie.as_str()), ("content-type", sort.as_str())];
    GROUND.ask("POST", "/units/3/records", &heads, body);
}
