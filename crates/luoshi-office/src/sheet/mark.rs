//! Marks of secrecy at the head of a file. A marked file must not be kept, so it is refused before anything else.

use super::{Value, variety};

const MARKS: [&str; 3] = ["绝密", "机密", "秘密"];
/// Rows that are looked at.
const LOOKED_AT: usize = 10;

/// The mark a file bears. Above the head of the table a cell that begins with the word is one; in the head it must be
/// the whole mark; below, only the form with a star, which nothing else is written like.
pub(super) fn find(rows: &[Vec<Value>]) -> Option<String> {
    let top = rows.get(..LOOKED_AT).unwrap_or(rows);
    let widest = top.iter().map(|row| variety(row)).max()?;
    let head = top.iter().position(|row| variety(row) == widest)?;
    top.iter().enumerate().find_map(|(at, row)| row.iter().find_map(|value| borne(value, at, head)))
}

fn borne(value: &Value, at: usize, head: usize) -> Option<String> {
    let Value::Text(text) = value else { return None };
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let label = text.strip_prefix("密级").unwrap_or(&text).trim_start_matches([':', '：']);
    let rest = MARKS.iter().find_map(|mark| label.strip_prefix(mark))?;
    let starred = rest.starts_with(['★', '☆', '*']);
    let whole = rest.is_empty() || rest == "级" || rest == "件" || rest.starts_with("长期");
    let counts = at < head || starred || (at == head && whole);
    counts.then(|| label.chars().take(12).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(file: &str, mark: Option<&str>) {
        let row = |line: &str| -> Vec<Value> { line.split(',').map(super::super::grid::text).collect() };
        let rows: Vec<Vec<Value>> = file.lines().map(row).collect();
        assert_eq!(find(&rows).as_deref(), mark, "{file}");
    }

    #[test]
    fn a_mark_above_the_head_is_found() {
        check("秘密★1年\n名册\n姓名,性别\n张三,男", Some("秘密★1年"));
        check(",,机 密\n姓名,性别,单位\n张三,男,一处", Some("机密"));
        check("密级：绝密,份号 1\n姓名,性别,单位", Some("绝密"));
        check("秘密", Some("秘密"));
        check("编号,单位,机密★10年\n姓名,性别,年龄", Some("机密★10年"));
    }

    #[test]
    fn the_same_word_in_the_table_is_no_mark() {
        check("姓名,单位\n张三,机密局\n李四,秘密", None);
        check("姓名,秘密等级\n张三,一般", None);
        check("名册\n单位名称\n保密局", None);
    }
}
