//! Why a paper is not taken, in words that tell its owner what to do.

use crate::Fault;
use serde::{Deserialize, Serialize};

/// A paper that is refused. Serialisable, because a child process may be the one to find it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum Refused {
    /// Nothing is written in it.
    Blank,
    /// More bytes than may be uploaded; the cap in MB.
    Large(usize),
    /// More characters than are read; the cap.
    Long(usize),
    /// Unpacks to more than its cap, or has too many parts.
    Swollen,
    /// Took longer than its time.
    Slow,
    /// The old binary format (.doc, .wps) or .rtf, whatever its name.
    Old,
    /// A .pdf.
    Pdf,
    /// Locked with a password.
    Locked,
    /// A document with macros.
    Macro,
    /// No text.
    Foreign,
    /// Bytes that are no text we know.
    Encoding,
    /// Bears a mark of secrecy; the mark.
    Secret(String),
    /// Damaged; the reader's own words, for the log.
    Broken(String),
}

impl Refused {
    /// What happened and what to do, in Chinese or in English.
    pub fn say(&self, zh: bool) -> String {
        match self {
            Refused::Large(cap) if zh => format!("文件超过 {cap} MB。请删去图片，或只上传正文。"),
            Refused::Large(cap) => format!("The file is over {cap} MB. Remove the pictures, or upload the text alone."),
            Refused::Long(cap) if zh => format!("文字超过 {} 万字。请分成几个文件。", cap / 10_000),
            Refused::Long(cap) => format!("The text has over {cap} characters. Split it into several files."),
            Refused::Secret(mark) => Fault::Secret(mark.clone()).say(zh),
            other => {
                let (chinese, english) = other.plain();
                if zh { chinese } else { english }.to_owned()
            }
        }
    }

    fn plain(&self) -> (&'static str, &'static str) {
        match self {
            Refused::Blank => (
                "里面没有文字。请检查是否选错了文件；如果是扫描件或图片，请先转成文字。",
                "There is no text in it. Check that it is the right file; turn a scan or picture into text first.",
            ),
            Refused::Swollen => (
                "文件展开后过大，或所报大小不实。请把正文复制到新的文档，另存为 .docx 再上传。",
                "Unpacked, the file is too large or not of the size it claims. Copy the text into a new document, save as .docx and upload that.",
            ),
            Refused::Slow => (
                "读取时间过长，已停止。请把正文复制到新的文档，或直接粘贴文字。",
                "Reading took too long and was stopped. Copy the text into a new document, or paste the text.",
            ),
            Refused::Old => (
                "这是旧格式的文档（.doc、.wps、.rtf），改扩展名不会改变格式。请用 Word 或 WPS 打开，另存为 .docx 再上传。",
                "This is a document of an old format (.doc, .wps, .rtf); another ending of its name does not change that. Open it in Word or WPS, save as .docx and upload that.",
            ),
            Refused::Pdf => (
                "这是 PDF 文件。请上传 .docx，或复制其中的文字粘贴进来。",
                "This is a PDF. Upload the .docx, or copy its text and paste it.",
            ),
            Refused::Locked => (
                "文件设有打开密码。请取消密码，另存为 .docx 再上传。",
                "The file is locked with a password. Remove the password, save as .docx and upload that.",
            ),
            other => other.of_the_format(),
        }
    }

    fn of_the_format(&self) -> (&'static str, &'static str) {
        match self {
            Refused::Macro => (
                "文件含有宏。请另存为不含宏的 .docx 再上传。",
                "The file contains macros. Save it as .docx without macros and upload that.",
            ),
            Refused::Encoding => (
                "认不出文件的文字编码。请用记事本打开，另存为 UTF-8 编码，或直接粘贴文字。",
                "The encoding of the text is unknown. Open it in a text editor, save as UTF-8, or paste the text.",
            ),
            Refused::Broken(_) => (
                "文件已损坏，无法读取。请用 Word 或 WPS 打开，另存为 .docx 再上传。",
                "The file is damaged and cannot be read. Open it in Word or WPS, save as .docx and upload that.",
            ),
            _ => (
                "这不是文字文档。请上传 .docx、.txt、.html 或 .md，或直接粘贴文字。",
                "This is no text document. Upload .docx, .txt, .html or .md, or paste the text.",
            ),
        }
    }
}

impl std::fmt::Display for Refused {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.say(false))?;
        match self {
            Refused::Broken(cause) => write!(out, " ({cause})"),
            _ => Ok(()),
        }
    }
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Refused {
        match fault {
            Fault::Large(cap) => Refused::Large(cap),
            Fault::Unpacked(_) | Fault::Entries(_) | Fault::Bulk => Refused::Swollen,
            Fault::Slow => Refused::Slow,
            Fault::Old => Refused::Old,
            Fault::Locked => Refused::Locked,
            Fault::Macro => Refused::Macro,
            Fault::Encoding => Refused::Encoding,
            Fault::Secret(mark) => Refused::Secret(mark),
            Fault::Broken(cause) | Fault::Unwritten(cause) => Refused::Broken(cause),
            _ => Refused::Foreign,
        }
    }
}
