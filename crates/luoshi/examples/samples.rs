//! Writes the spreadsheets of `samples/`, as messy as people keep them: `cargo run -p luoshi --example samples`.
//! Units, people and numbers are invented; the identity numbers name regions that do not exist.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};
use std::path::{Path, PathBuf};

/// What a cell holds: words, or a number as a spreadsheet keeps it.
enum Value {
    Text(String),
    Number(f64),
    /// a day, kept as Excel keeps days
    Day(f64),
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples");
    units(&folder.join("units.xlsx"))?;
    people(&folder.join("people.xlsx"))?;
    faulty(&folder.join("people-faulty.xlsx"))?;
    let (bytes, ..) = encoding_rs::GBK.encode(RECORDS);
    std::fs::write(folder.join("records.csv"), bytes)?;
    Ok(())
}

const RECORDS: &str = "2023年台账,,,,\r\n日期,支部,活动类型,议题,主讲人\r\n\
2023.12.1,生态监测支部,书记讲党课,湿地保护党课,\r\n\
2023年12月5日,鸟类保护支部,党课,候鸟保护中的党员责任,\r\n\
2023/12/8,综合管理支部,支委会会议,研究年终总结,\r\n";

const UNITS: [&str; 6] = [
    "1|中共白鹭湿地研究所委员会|研究所党委|林泽厅党组|党委|事业单位|2019.7|2021年9月|2026/9/1",
    "2|中共白鹭湿地研究所第一总支部委员会|研究所第一总支|中共白鹭湿地研究所委员会|总支|事业|2019年8月|2022-3-1|2025-3-1",
    "３|中共白鹭湿地研究所生态监测支部委员会| 生态监测支部 |研究所第一总支|党支部|事业|2019/9/1|2022.5|2025.5",
    "4|中共白鹭湿地研究所鸟类保护支部委员会|鸟类保护支部|研究所第一总支|支部|事业|#43709|2022年5月1日|2025年5月1日",
    "5|中共白鹭湿地研究所综合管理支部委员会|综合管理支部|研究所党委|党支部|事业单位|2019-10|20220501|20250501",
    "6|中共白鹭湿地研究所后勤支部委员会|湿地后勤支部|研究所党委|631|事业单位|２０１９年１１月||",
];

fn units(path: &PathBuf) -> Result<(), XlsxError> {
    let mut sheet = Worksheet::new();
    let look = Format::new();
    sheet.set_name("组织")?.merge_range(0, 0, 0, 7, "林泽厅直属单位党组织一览表", &look)?;
    sheet.write(1, 0, "填报单位：白鹭湿地研究所")?.write(1, 5, "填报日期：2023年12月")?;
    head(
        &mut sheet,
        "序号|党组织名称|简称|上级党组织|组织类别|单位性质（机关/事业）|成立时间",
        ("任期", "换届日期|届满日期"),
    )?;
    for (n, row) in UNITS.iter().enumerate() {
        let cells = row.split('|').map(|text| match text.strip_prefix('#') {
            Some(serial) => Value::Day(serial.parse().unwrap()),
            None => Value::Text(text.to_owned()),
        });
        write(&mut sheet, 4 + n as u32, cells)?;
    }
    sheet.write(10, 0, "填表人：某某")?;
    save(sheet, path)
}

/// A head of two rows from the third on, whose last columns share a heading.
fn head(sheet: &mut Worksheet, first: &str, (above, below): (&str, &str)) -> Result<(), XlsxError> {
    let look = Format::new();
    let mut column = 0;
    for word in first.split('|') {
        sheet.merge_range(2, column, 3, column, word, &look)?;
        column += 1;
    }
    let below: Vec<&str> = below.split('|').collect();
    sheet.merge_range(2, column, 2, column + below.len() as u16 - 1, above, &look)?;
    for word in below {
        sheet.write(3, column, word)?;
        column += 1;
    }
    Ok(())
}

/// Branches as the roll calls them: by a short name with a stray space, and by another of their names.
const BRANCHES: [(&str, &str); 4] = [
    (" 生态监测支部", "中共白鹭湿地研究所生态监测支部委员会"),
    (" 鸟类保护支部", "鸟类保护支部"),
    (" 综合管理支部", "综合管理支部"),
    (" 湿地后勤支部", "湿地后勤支部"),
];
const SURNAMES: [&str; 8] = ["杨", "周", "王", "李", "刘", "吴", "黄", "赵"];
const GIVEN: [&str; 13] = ["苇", "汀", "洲", "鹭", "沚", "渚", "蒲", "荻", "浔", "泽", "澜", "溪", "洵"];

fn people(path: &PathBuf) -> Result<(), XlsxError> {
    let mut sheet = Worksheet::new();
    sheet.set_name("花名册")?.merge_range(0, 0, 0, 9, "党员花名册（2023年12月）", &Format::new())?;
    let first = "序号|所在党支部|姓　名|性别|出生年月|身份证号码（18位）|手机号|人员类别|入党时间";
    head(&mut sheet, first, ("党内", "职务|任职日期"))?;
    for n in 0..40 {
        write(&mut sheet, 4 + n as u32, person(n))?;
    }
    save(sheet, path)
}

/// One row of the roll; each person is written in a way of their own.
fn person(n: usize) -> Vec<Value> {
    let (branch, place) = (BRANCHES[n / 10], n % 10);
    let (a, b) = (GIVEN[n * 5 % 13], GIVEN[(n * 7 + 3) % 13]);
    let name = if place == 4 { format!("{}　{a}{b}", SURNAMES[n % 8]) } else { format!("{}{a}{b}", SURNAMES[n % 8]) };
    let (year, month, day) = (1965 + n * 13 % 33, 1 + n * 7 % 12, 10 + n * 5 % 18);
    let born = match n % 5 {
        0 => format!("{year}.{month}.{day}"),
        1 => format!("{year}年{month}月{day}日"),
        2 => format!("{year}/{month}/{day}"),
        3 => format!("{year}-{month:02}-{day:02}"),
        _ => format!("{year}{month:02}{day:02}"),
    };
    let phone = 19_800_000_001 + n as u64;
    let phone = match n % 4 {
        0 => Value::Text(phone.to_string()),
        1 => Value::Text(format!("198 0000 {:04}", n + 1)),
        2 => Value::Text(phone.to_string().chars().map(wide).collect()),
        _ => Value::Number(phone as f64),
    };
    let (standing, joined) = match place {
        2 => ("正式", format!("{}年7月", year + 25)),
        3 => ("中共党员", format!("{}年7月", year + 25)),
        6 => ("预备党员", "2023.3.20".to_owned()),
        8 => ("入党积极分子", String::new()),
        9 => ("群众", String::new()),
        _ => ("正式党员", format!("{}年7月", year + 25)),
    };
    let post = ["支部书记", "组织委员", "宣传委员"].get(place).copied().unwrap_or_default();
    let number = identity(&format!("{}{year}{month:02}{day:02}{:03}", 987_001 + n, n + 1));
    let since = if post.is_empty() { "" } else { "2022.5.10" };
    let text = |text: &str| Value::Text(text.to_owned());
    let (unit, sex) = if n.is_multiple_of(2) { (branch.0, "女") } else { (branch.1, "男") };
    let mut row = vec![Value::Number(n as f64 + 1.0), text(unit), text(&name), text(sex), text(&born), text(&number)];
    row.extend([phone, text(standing), text(&joined), text(post), text(since)]);
    row
}

/// Every sort of fault, a row each; the first is without.
fn faulty(path: &PathBuf) -> Result<(), XlsxError> {
    let mut sheet = Worksheet::new();
    let head = "姓名|所在支部|身份证号|手机号|出生日期|类别|入党日期|职务|任职日期";
    let (good, bad) = (identity("98790019960624900"), "987900199606249001");
    let rows = [
        format!("赵苇|生态监测支部|{good}|19800000091|1996.6.24|正式党员|2018年7月||"),
        "钱汀|研究所生态支部||19800000092|1980-2-28|正式党员|2005年7月||".to_owned(),
        "孙洲|生态监测支部||19800000093|1980-02-30|正式党员|2005年7月||".to_owned(),
        "李鹭|生态监测支部|#510102198001011000|1980000009|1980-1-1|正式党员|2005年7月||".to_owned(),
        format!("周沚|生态监测支部|{bad}||1981.3.5|党员|2006年7月||"),
        "|生态监测支部||||正式党员|||".to_owned(),
        "吴渚|生态监测支部|||1975年5月|临时工|||".to_owned(),
        "郑蒲|生态监测支部|||1975年5月|正式党员|2000年7月||".to_owned(),
        "郑蒲|生态监测支部|||1975年5月|正式党员|2000年7月||".to_owned(),
        "王荻|生态监测支部|||1979年3月|正式党员|1970年7月||".to_owned(),
        "冯浔|生态监测支部|||1979年4月|正式党员|2004年7月|厂长|2022.5".to_owned(),
        "陈泽|生态监测支部|||#1979.1|正式党员|2004年7月||".to_owned(),
        "褚澜|生态监测支部|||1979年6月|正式党员|2099年7月||".to_owned(),
    ];
    for (n, row) in std::iter::once(head).chain(rows.iter().map(String::as_str)).enumerate() {
        let cells = row.split('|').map(|text| match text.strip_prefix('#') {
            Some(number) => Value::Number(number.parse().unwrap()),
            None => Value::Text(text.to_owned()),
        });
        write(&mut sheet, n as u32, cells)?;
    }
    save(sheet, path)
}

fn write(sheet: &mut Worksheet, row: u32, cells: impl IntoIterator<Item = Value>) -> Result<(), XlsxError> {
    for (column, value) in (0..).zip(cells) {
        match value {
            Value::Text(text) if text.is_empty() => continue,
            Value::Text(text) => sheet.write(row, column, text)?,
            Value::Number(number) => sheet.write(row, column, number)?,
            Value::Day(serial) => {
                sheet.write_with_format(row, column, serial, &Format::new().set_num_format("yyyy-mm-dd"))?
            }
        };
    }
    Ok(())
}

/// The same bytes each time: the file says no other day than this.
fn save(sheet: Worksheet, path: &PathBuf) -> Result<(), XlsxError> {
    let mut book = Workbook::new();
    book.push_worksheet(sheet);
    book.set_properties(&DocProperties::new().set_creation_datetime(&ExcelDateTime::from_ymd(2023, 12, 1)?));
    book.save(path)
}

/// Seventeen digits with the check digit of GB 11643.
fn identity(digits: &str) -> String {
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = digits.bytes().zip(weights).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    format!("{digits}{}", char::from(b"10X98765432"[sum as usize % 11]))
}

/// A digit as a Chinese keyboard may write it.
fn wide(digit: char) -> char {
    char::from_u32(u32::from(digit) - u32::from('0') + u32::from('０')).unwrap_or(digit)
}
