//! Attachments: refused or kept under their digests, each once, whatever they are called.

use crate::form::Upload;
use crate::trouble::Trouble;
use crate::visit::Visit;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use luoshi_rules::record::Holds;
use luoshi_rules::{Kind, Refusal};
use luoshi_store::record::File;
use luoshi_text::secrecy;
use std::io::{Error, ErrorKind};

/// Keeps the files of a form under their digests.
pub(super) async fn keep(visit: &Visit, kind: &Kind, uploads: &[Upload]) -> Result<Vec<File>, Trouble> {
    let mut files = Vec::new();
    for upload in uploads.iter().filter(|upload| kind.field(&upload.field).is_some_and(|f| f.holds == Holds::File)) {
        files.push(one(visit, upload).await?);
    }
    Ok(files)
}

/// Keeps one file under its digest.
pub(crate) async fn one(visit: &Visit, upload: &Upload) -> Result<File, Trouble> {
    let mime = allowed(upload)?;
    let digest = visit.app.setup().files.keep(upload.bytes.to_vec()).await.map_err(lost)?;
    let (field, name) = (upload.field.clone(), upload.name.chars().take(120).collect());
    Ok(File { field, name, digest, mime, size: upload.bytes.len() as i64 })
}

/// A kept file as the answer to a request.
pub(crate) async fn send(visit: &Visit, name: &str, digest: &str, mime: String) -> Result<Response, Trouble> {
    let bytes = visit.app.setup().files.read(digest).await.map_err(lost)?;
    let name: String = form_urlencoded::byte_serialize(name.as_bytes()).collect();
    let head = [
        (header::CONTENT_TYPE, mime),
        (header::CONTENT_DISPOSITION, format!("attachment; filename*=UTF-8''{}", name.replace('+', "%20"))),
    ];
    Ok((head, bytes).into_response())
}

/// What it means for a request that a file could not be kept or read.
pub(crate) fn lost(error: Error) -> Trouble {
    match error.kind() {
        ErrorKind::StorageFull => Trouble::Full,
        ErrorKind::NotConnected => Trouble::Away,
        _ => Trouble::Broken(format!("attachment: {error}")),
    }
}

/// The type of a file by its content; programs and macro documents are refused.
fn allowed(upload: &Upload) -> Result<String, Refusal> {
    let refuse = |zh: &str, en: &str| {
        Err(Refusal::field(&upload.field, format!("{}：{zh}", upload.name), format!("{}: {en}", upload.name)))
    };
    if upload.bytes.len() > 20_000_000 {
        return refuse("超过 20 MB", "larger than 20 MB");
    }
    if luoshi_office::head::has_macros(&upload.bytes) {
        return refuse("文件带有宏，请另存为不带宏的格式", "the file has macros; save it in a format without");
    }
    open_to_all(upload)?;
    let text = std::str::from_utf8(&upload.bytes).is_ok_and(|text| !text.contains('\0'));
    match infer::get(&upload.bytes).map(|found| found.mime_type()) {
        Some(mime) if mime.starts_with("image/") || mime == "application/pdf" || mime == "application/zip" => {
            Ok(mime.to_owned())
        }
        Some(mime) if mime.starts_with("application/vnd.openxmlformats") => Ok(mime.to_owned()),
        None if text => Ok("text/plain; charset=utf-8".to_owned()),
        _ => refuse("只收文档（.docx .xlsx .pdf）、图片和文本", "documents (.docx .xlsx .pdf), pictures and text only"),
    }
}

/// Refuses a file whose head or name bears a mark of secrecy: it must not lie on an ordinary network.
pub(crate) fn open_to_all(upload: &Upload) -> Result<(), Refusal> {
    let (top, name) = (luoshi_office::head::lines(&upload.bytes).join("\n"), upload.name.as_str());
    let marked = secrecy::mark(&top).or_else(|| secrecy::mark(&name.replace(['.', '-', '_', ' ', '《'], "\n")));
    let Some(mark) = marked else { return Ok(()) };
    Err(Refusal::field(
        &upload.field,
        format!(
            "{name}：文件标有“{mark}”，不得在本系统存储、处理，没有保存。请按保密规定在涉密设备或纸质渠道办理，并向保密工作机构报告"
        ),
        format!(
            "{name} is marked {mark} (a state secret): it must not be kept here and was not saved. Handle it on paper or on a \
             classified system, and report to the office for secrecy"
        ),
    ))
}
