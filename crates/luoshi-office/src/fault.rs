//! Why a file is not taken or not made, in words that tell its owner what to do.

use serde::{Deserialize, Serialize};

/// A file that is refused as a whole. Serialisable, because a child process may be the one to find it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum Fault {
    /// No row holds anything.
    Blank,
    /// More bytes than may be uploaded; the cap in MB.
    Large(usize),
    /// Unpacks to more than its cap in MB, or claims sizes that are not so.
    Unpacked(u64),
    /// More parts in the archive than its cap.
    Entries(usize),
    /// More rows than the cap.
    Rows(usize),
    /// More columns than the cap; the row (from 1) that shows it.
    Columns(usize, usize),
    /// More cells or more text in all than is kept in memory.
    Bulk,
    /// A cell (row and column from 1) with more text than a cell can hold.
    LongCell(usize, usize),
    /// Took longer than its time.
    Slow,
    /// The old binary format: .xls, .et, .doc, .wps.
    Old,
    /// Locked with a password.
    Locked,
    /// A workbook with macros.
    Macro,
    /// The binary workbook .xlsb.
    Binary,
    /// Something else altogether.
    Foreign,
    /// Bytes that are no text we know.
    Encoding,
    /// Bears a mark of secrecy; the mark.
    Secret(String),
    /// Damaged; the reader's own words, for the log.
    Broken(String),
    /// The file could not be written; the writer's own words, for the log.
    Unwritten(String),
}

impl Fault {
    /// A file that could not be written.
    pub(crate) fn unwritten(cause: impl ToString) -> Fault {
        Fault::Unwritten(cause.to_string())
    }

    /// What happened and what to do, in Chinese or in English.
    pub fn say(&self, zh: bool) -> String {
        let (chinese, english) = self.words();
        if zh { chinese } else { english }
    }

    fn words(&self) -> (String, String) {
        match self {
            Fault::Large(cap) => (
                format!("文件超过 {cap} MB。请删去图片和无关的工作表，或分成几个文件再上传。"),
                format!(
                    "The file is over {cap} MB. Remove pictures and unneeded sheets, or split it, then upload again."
                ),
            ),
            Fault::Unpacked(cap) => (
                format!("文件展开后超过 {cap} MB，或所报大小不实。请把表格复制到新的工作簿，另存为 .xlsx 再上传。"),
                format!(
                    "Unpacked, the file is over {cap} MB or not of the size it claims. Copy the table into a new workbook, save as .xlsx and upload that."
                ),
            ),
            Fault::Entries(cap) => (
                format!("文件内含的部件超过 {cap} 个。请把表格复制到新的工作簿，另存为 .xlsx 再上传。"),
                format!(
                    "The file has over {cap} parts inside. Copy the table into a new workbook, save as .xlsx and upload that."
                ),
            ),
            other => other.of_the_table(),
        }
    }

    fn of_the_table(&self) -> (String, String) {
        match self {
            Fault::Rows(cap) => (
                format!("表格超过 {cap} 行。请分成几个文件上传；如果末尾有零散内容，请先删去。"),
                format!(
                    "The table has over {cap} rows. Split it into several files; first clear stray cells far below the table."
                ),
            ),
            Fault::Columns(row, cap) => (
                format!("第 {row} 行超过 {cap} 列。请删去右边多余的列再上传。"),
                format!(
                    "Row {row} has over {cap} columns. Delete the columns to the right that are not needed, then upload again."
                ),
            ),
            Fault::LongCell(row, column) => (
                format!("第 {row} 行第 {column} 列的文字过长。请缩短；如是 .csv，请检查引号是否成对。"),
                format!(
                    "The text in row {row}, column {column} is too long. Shorten it; in a .csv, check that every quote is closed."
                ),
            ),
            Fault::Secret(mark) => (
                format!(
                    "文件标有“{mark}”。涉密文件不得在本系统处理，未作保存。请交本单位保密工作机构，在涉密设备上办理。"
                ),
                format!(
                    "The file is marked “{mark}”. Classified files must not enter this system; nothing was kept. Take it to your secrecy office and work on it on classified equipment."
                ),
            ),
            other => {
                let (chinese, english) = other.plain();
                (chinese.to_owned(), english.to_owned())
            }
        }
    }

    fn plain(&self) -> (&'static str, &'static str) {
        match self {
            Fault::Blank => (
                "文件里没有内容。请检查是否选错了文件，或数据是否在隐藏的工作表里。",
                "The file holds nothing. Check that it is the right file and that the data is not on a hidden sheet.",
            ),
            Fault::Bulk => {
                ("表格内容过多。请分成几个文件上传。", "The table holds too much. Split it into several files.")
            }
            Fault::Slow => (
                "读取时间过长，已停止。请把表格复制到新的工作簿，另存为 .xlsx，或分成几个文件再上传。",
                "Reading took too long and was stopped. Copy the table into a new workbook, save as .xlsx, or split it, then upload again.",
            ),
            Fault::Encoding => (
                "认不出文件的文字编码。请用 Excel 或 WPS 打开，另存为 .xlsx 或“CSV UTF-8”再上传。",
                "The encoding of the text is unknown. Open it in Excel or WPS, save as .xlsx or “CSV UTF-8” and upload that.",
            ),
            Fault::Broken(_) => (
                "文件已损坏，无法读取。请用 Excel 或 WPS 打开，另存为 .xlsx 再上传。",
                "The file is damaged and cannot be read. Open it in Excel or WPS, save as .xlsx and upload that.",
            ),
            Fault::Unwritten(_) => (
                "文件没有生成。请稍后再试；如仍不成功，请联系管理员。",
                "The file could not be made. Try again later; if it fails again, tell the administrator.",
            ),
            other => other.of_the_format(),
        }
    }

    fn of_the_format(&self) -> (&'static str, &'static str) {
        match self {
            Fault::Old => (
                "这是旧格式文件（.xls、.et、.doc 等）。请用 Excel 或 WPS 打开，另存为“Excel 工作簿（.xlsx）”再上传。",
                "This is a file of an old format (.xls, .et, .doc …). Open it in Excel or WPS, save as “Excel Workbook (.xlsx)” and upload that.",
            ),
            Fault::Locked => (
                "文件设有打开密码。请取消密码，另存为 .xlsx 再上传。",
                "The file is locked with a password. Remove the password, save as .xlsx and upload that.",
            ),
            Fault::Macro => (
                "文件含有宏。请另存为不含宏的“Excel 工作簿（.xlsx）”再上传。",
                "The file contains macros. Save it as “Excel Workbook (.xlsx)” without macros and upload that.",
            ),
            Fault::Binary => (
                "这是二进制工作簿（.xlsb）。请另存为“Excel 工作簿（.xlsx）”再上传。",
                "This is a binary workbook (.xlsb). Save it as “Excel Workbook (.xlsx)” and upload that.",
            ),
            _ => (
                "这不是表格文件。请上传 .xlsx 或 .csv；网页或其他系统导出的表格，请用 Excel 或 WPS 打开，另存为 .xlsx。",
                "This is no spreadsheet. Upload .xlsx or .csv; open a table exported by another system in Excel or WPS and save it as .xlsx.",
            ),
        }
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.say(false))?;
        match self {
            Fault::Broken(cause) | Fault::Unwritten(cause) => write!(out, " ({cause})"),
            _ => Ok(()),
        }
    }
}

impl From<rust_xlsxwriter::XlsxError> for Fault {
    fn from(error: rust_xlsxwriter::XlsxError) -> Fault {
        Fault::Unwritten(error.to_string())
    }
}
