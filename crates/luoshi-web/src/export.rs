//! Exports: the way any list leaves, as .xlsx, .csv or JSON. A long list goes row by row from the facts to a file
//! without a name, and from there to the browser, so that memory does not grow with it.

use crate::trouble::Trouble;
use crate::visit::Visit;
use axum::body::{Body, Bytes};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use http_body::Frame;
use jiff::civil::Date;
use luoshi_office::{Cell, Format, Kind, Table, Writer};
use luoshi_rules::Refusal;
use luoshi_store::{Fault, Tx};
use std::collections::HashMap;
use std::fs::File;
use std::io::{BufWriter, Read, Seek, Write};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::sync::mpsc;

/// Most rows of an export: what a spreadsheet program opens without trouble, and what an import takes.
pub(crate) const MOST: i64 = 200_000;
/// Bytes given to the browser at once.
const CHUNK: usize = 64 * 1024;

/// Takes the rows of a long list, one after the other.
pub(crate) type Rows<'a> = &'a mut dyn FnMut(Vec<Cell>) -> Result<(), Fault>;

/// The format the address asks for with `as=`; none when it asks for the page.
fn format(asked: &HashMap<String, String>) -> Result<Option<Format>, Refusal> {
    let Some(word) = asked.get("as") else { return Ok(None) };
    let known = word.parse().map(Some);
    known.map_err(|()| Refusal::rule("只能导出为 xlsx、csv 或 json", "a list can be had as xlsx, csv or json"))
}

/// What a column is: its key, its head in both languages, what its cells are.
pub(crate) type Column = (&'static str, &'static str, &'static str, Kind);

/// A list without its rows.
pub(crate) fn head(visit: &Visit, title: impl Into<String>, columns: &[Column]) -> Table {
    columns.iter().fold(Table::new(title), |table, (key, zh, en, kind)| table.column(key, visit.say(zh, en), *kind))
}

/// A day as a cell.
pub(crate) fn day(day: Date) -> Cell {
    Cell::Date(day.to_string())
}

/// Which of the lists of a page is asked for with `list=`; empty for the only one.
pub(crate) fn which(asked: &HashMap<String, String>) -> &str {
    asked.get("list").map_or("", String::as_str)
}

/// A list that is in memory already, in the format the address asks for; none when it asks for the page.
pub(crate) fn list(
    asked: &HashMap<String, String>,
    table: impl FnOnce() -> Table,
) -> Result<Option<Response>, Trouble> {
    let Some(format) = format(asked)? else { return Ok(None) };
    let table = table();
    fits(table.rows.len() as i64)?;
    let bytes = table.write(format).map_err(|fault| Trouble::Broken(format!("{fault:?}")))?;
    let mut answer = (heads(&table.title, format), bytes).into_response();
    answer.extensions_mut().insert(Keys(table.columns.iter().map(|column| column.key).collect()));
    Ok(Some(answer))
}

/// The keys of the columns of a list, on the answer that holds it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Keys(pub Vec<&'static str>);

/// A list of any length in the format the address asks for. `count` need not count further than [`MOST`] and one more;
/// `rows` gives each row of the list that has this title and these columns.
pub(crate) async fn long(
    visit: &Visit,
    asked: &HashMap<String, String>,
    head: Table,
    count: impl Fn(&Tx) -> Result<i64, Fault> + Send + 'static,
    rows: impl Fn(&Tx, Rows) -> Result<(), Fault> + Send + 'static,
) -> Result<Option<Response>, Trouble> {
    let Some(format) = format(asked)? else { return Ok(None) };
    let heads = heads(&head.title, format);
    let head = Arc::new(head);
    let file = visit.app.read_long(move |tx| {
        fits(count(tx)?)?;
        let broken = |fault: luoshi_office::Fault| Fault::Engine(format!("{fault:?}"));
        let file = BufWriter::new(tempfile::tempfile().map_err(kept)?);
        let mut out = Writer::begin(&head, format, file).map_err(broken)?;
        rows(tx, &mut |row| out.row(&row).map_err(broken))?;
        out.end(&head).map_err(broken)?.into_inner().map_err(|error| kept(error.into_error()))
    });
    Ok(Some((heads, body(file.await?)?).into_response()))
}

/// What went wrong with a temporary file.
pub(crate) fn kept(error: std::io::Error) -> Fault {
    if error.kind() == std::io::ErrorKind::StorageFull { Fault::Full } else { Fault::Engine(error.to_string()) }
}

/// Refuses a list that is too long to be of use, and says how to get at it in parts.
fn fits(rows: i64) -> Result<(), Refusal> {
    if rows <= MOST {
        return Ok(());
    }
    Err(Refusal::rule(
        format!(
            "这张表超过 {MOST} 行，一次导不出来，也没有哪个表格软件打得开。请先筛选：选一个类型、一个年度，或到下级组织的同一页分别导出"
        ),
        format!(
            "this list has more than {MOST} rows: too many for one file and for any spreadsheet program. Narrow it first: choose one kind or one year, or export the same page of the units below one by one"
        ),
    ))
}

fn heads(title: &str, format: Format) -> [(header::HeaderName, String); 2] {
    attachment(title, format.extension(), format.content_type())
}

/// The heads of a file to be kept under a name.
pub(crate) fn attachment(title: &str, extension: &str, sort: &str) -> [(header::HeaderName, String); 2] {
    let name = form_urlencoded::byte_serialize(format!("{title}.{extension}").as_bytes()).collect::<String>();
    let name = name.replace('+', "%20");
    let kept = format!("attachment; filename=\"list.{extension}\"; filename*=UTF-8''{name}");
    [(header::CONTENT_TYPE, sort.to_owned()), (header::CONTENT_DISPOSITION, kept)]
}

/// A file as the body of an answer, read as the browser takes it.
pub(crate) fn body(mut file: File) -> Result<Body, Trouble> {
    file.flush().and_then(|()| file.rewind()).map_err(Trouble::broken)?;
    let (send, chunks) = mpsc::channel(4);
    tokio::spawn(async move {
        // a browser that reads slowly keeps this waiting, and no thread, of which others need one to read a page
        while let Ok((Some(read), rest)) = tokio::task::spawn_blocking(move || chunk(file)).await {
            file = rest;
            let broke = read.is_err();
            if send.send(read).await.is_err() || broke {
                break;
            }
        }
    });
    Ok(Body::new(Chunks(chunks)))
}

/// The next bytes of a file, none at its end, and the file.
fn chunk(mut file: File) -> (Option<std::io::Result<Bytes>>, File) {
    let mut buffer = vec![0; CHUNK];
    let read = match file.read(&mut buffer) {
        Ok(0) => None,
        Ok(n) => {
            buffer.truncate(n);
            Some(Ok(Bytes::from(buffer)))
        }
        Err(error) => Some(Err(error)),
    };
    (read, file)
}

/// The parts of a file as they are read.
struct Chunks(mpsc::Receiver<std::io::Result<Bytes>>);

impl axum::body::HttpBody for Chunks {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        self.0.poll_recv(context).map(|chunk| chunk.map(|read| read.map(Frame::data)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use luoshi_rules::Lang;

    #[test]
    fn a_list_of_five_million_rows_is_refused_with_the_way_to_narrow_it() {
        assert_eq!(fits(MOST), Ok(()));
        let refused = fits(5_000_000).unwrap_err();
        assert!(refused.say(Lang::Zh).contains("请先筛选"), "{refused:?}");
        assert!(refused.say(Lang::En).contains("choose one kind or one year"), "{refused:?}");
    }

    #[tokio::test]
    async fn a_file_longer_than_a_chunk_arrives_whole() {
        let mut file = tempfile::tempfile().unwrap();
        let bytes: Vec<u8> = (0..CHUNK * 3 + 7).map(|n| (n % 251) as u8).collect();
        file.write_all(&bytes).unwrap();
        let got = axum::body::to_bytes(body(file).unwrap(), usize::MAX).await.unwrap();
        assert_eq!(got.as_ref(), bytes.as_slice());
    }

    #[tokio::test]
    async fn those_who_do_not_read_what_they_asked_for_keep_nobody_else_waiting() {
        let slow = |_| {
            let file = tempfile::tempfile().unwrap();
            file.set_len(8 * CHUNK as u64).unwrap();
            body(file).unwrap()
        };
        let bodies: Vec<Body> = (0..600).map(slow).collect();
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        let page = tokio::time::timeout(std::time::Duration::from_secs(5), tokio::task::spawn_blocking(|| ()));
        assert!(page.await.is_ok(), "no thread is left to read a page");
        assert_eq!(bodies.len(), 600);
    }
}
