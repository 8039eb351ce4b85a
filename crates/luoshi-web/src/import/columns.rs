//! Recognising a sheet: which row is the head, what sort of list it is, which column holds what.

use luoshi_office::{Sheet, Value, cell};
use luoshi_rules::Label;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::sync::OnceLock;

/// Rows within which the head must stand.
const HEAD: usize = 15;

/// How people name their columns and write their words.
#[derive(Deserialize)]
pub(super) struct Names {
    units: Synonyms,
    people: Synonyms,
    records: Synonyms,
    duties: Synonyms,
    words: BTreeMap<String, Synonyms>,
}

type Synonyms = BTreeMap<String, Vec<String>>;

/// What a sheet turned out to be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Head {
    /// `units`, `people`, `records` or `duties`
    pub sort: String,
    /// its row, from 0
    pub row: usize,
    /// key → column, from 0
    pub columns: HashMap<String, usize>,
    /// heads that were not recognised: words and column
    pub others: Vec<(String, usize)>,
}

/// The synonyms that ship.
pub(super) fn names() -> &'static Names {
    static NAMES: OnceLock<Names> = OnceLock::new();
    NAMES.get_or_init(|| {
        toml::from_str(include_str!("../../../../packs/columns.toml")).unwrap_or_else(|_| Names {
            units: Synonyms::new(),
            people: Synonyms::new(),
            records: Synonyms::new(),
            duties: Synonyms::new(),
            words: BTreeMap::new(),
        })
    })
}

impl Names {
    fn sorts(&self) -> [(&'static str, &Synonyms, &'static [&'static str]); 4] {
        [
            ("people", &self.people, &["name", "unit"]),
            ("units", &self.units, &["full_name", "level"]),
            ("records", &self.records, &["unit", "on", "kind"]),
            ("duties", &self.duties, &["id", "text", "every"]),
        ]
    }

    /// The key a word of a cell stands for.
    pub fn word(&self, list: &str, text: &str) -> Option<&str> {
        let text = plain(text);
        let mut keys = self.words.get(list)?.iter();
        keys.find(|(key, words)| **key == text || words.iter().any(|word| plain(word) == text))
            .map(|(key, _)| key.as_str())
    }

    /// How a column is called here: the first name of each language.
    pub fn column(&self, sort: &str, key: &str) -> Label {
        let sorts = self.sorts();
        let words = sorts.iter().find(|(one, ..)| *one == sort).and_then(|(_, synonyms, _)| synonyms.get(key));
        let (zh, en) = words.map_or((None, None), |words| (words.first(), words.iter().find(|word| word.is_ascii())));
        Label::new(zh.cloned().unwrap_or_default(), en.cloned().unwrap_or_default())
    }

    /// The columns of a sort that it cannot do without, and the others.
    pub fn columns(&self, sort: &str) -> (Vec<Label>, Vec<Label>) {
        let sorts = self.sorts();
        let Some((sort, synonyms, needed)) = sorts.iter().find(|(one, ..)| *one == sort) else { return <_>::default() };
        let (must, may): (Vec<_>, Vec<_>) = synonyms.keys().partition(|key| needed.contains(&key.as_str()));
        let name = |keys: Vec<&String>| keys.into_iter().map(|key| self.column(sort, key)).collect();
        (name(must), name(may))
    }
}

/// Finds the head of a sheet, of one sort when it is named; none when nothing is recognised. Of two readings the one
/// with more columns wins.
pub(super) fn head(sheet: &Sheet, wanted: &str) -> Option<Head> {
    let mut best: Option<Head> = None;
    for row in 0..sheet.rows.len().min(HEAD) {
        for (sort, synonyms, needed) in
            names().sorts().into_iter().filter(|(one, ..)| wanted.is_empty() || *one == wanted)
        {
            let found = read(sheet, row, sort, synonyms);
            let enough = needed.iter().all(|key| found.columns.contains_key(*key));
            if enough && best.as_ref().is_none_or(|best| found.columns.len() > best.columns.len()) {
                best = Some(found);
            }
        }
    }
    best
}

fn read(sheet: &Sheet, row: usize, sort: &str, synonyms: &Synonyms) -> Head {
    let mut head = Head { sort: sort.to_owned(), row, columns: HashMap::new(), others: Vec::new() };
    for column in 0..sheet.width() {
        let own = heading(sheet.at(row, column));
        let above = row.checked_sub(1).map(|row| heading(sheet.at(row, column))).unwrap_or_default();
        let said = [own.clone(), format!("{above}{own}"), if own.is_empty() { above } else { String::new() }];
        let key = said.iter().find_map(|said| key(synonyms, said));
        match key {
            Some(key) if !head.columns.contains_key(key) => drop(head.columns.insert(key.to_owned(), column)),
            _ if !own.is_empty() => head.others.push((own, column)),
            _ => {}
        }
    }
    head
}

fn key<'s>(synonyms: &'s Synonyms, said: &str) -> Option<&'s str> {
    if said.is_empty() {
        return None;
    }
    synonyms.iter().find(|(_, words)| words.iter().any(|word| plain(word) == said)).map(|(key, _)| key.as_str())
}

fn heading(value: &Value) -> String {
    cell::text(value).map(|text| plain(&text)).unwrap_or_default()
}

/// A word without spaces, marks and what stands in brackets, in small letters.
pub(super) fn plain(text: &str) -> String {
    let (mut out, mut depth) = (String::new(), 0_i32);
    for c in luoshi_text::clean::fold(text).to_lowercase().chars() {
        match c {
            '(' | '（' | '[' | '【' => depth += 1,
            ')' | '）' | ']' | '】' => depth = (depth - 1).max(0),
            c if depth == 0 && (c.is_alphanumeric()) => out.push(c),
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet(rows: &[&[&str]]) -> Sheet {
        let value = |text: &&str| if text.is_empty() { Value::Empty } else { Value::Text((*text).to_owned()) };
        Sheet { rows: rows.iter().map(|row| row.iter().map(value).collect()).collect(), ..Sheet::default() }
    }

    #[track_caller]
    fn check(rows: &[&[&str]], sort: &str, row: usize, columns: &[(&str, usize)]) {
        let head = head(&sheet(rows), "").unwrap();
        assert_eq!((head.sort.as_str(), head.row), (sort, row));
        for (key, column) in columns {
            assert_eq!(head.columns.get(*key), Some(column), "{key}");
        }
    }

    #[test]
    fn a_head_is_found_below_titles_in_any_order_and_by_synonyms() {
        check(
            &[
                &["党员花名册"],
                &["填报单位：某某", "", "2023年"],
                &["序号", "所在党支部", "姓 名*", "身份证号码（18位）"],
            ],
            "people",
            2,
            &[("unit", 1), ("name", 2), ("identity", 3)],
        );
        check(&[&["上级党组织", "党组织名称", "组织类别", "单位性质"]], "units", 0, &[("parent", 0), ("full_name", 1)]);
        check(&[&["日期", "支部", "会议类型", "主题"]], "records", 0, &[("on", 0), ("topic", 3)]);
    }

    #[test]
    fn a_head_of_two_rows_is_read_as_one() {
        let rows: &[&[&str]] = &[&["姓名", "所在支部", "党内", "党内"], &["姓名", "所在支部", "职务", "任职日期"]];
        check(rows, "people", 1, &[("name", 0), ("post", 2), ("since", 3)]);
    }

    #[test]
    fn what_is_no_list_is_not_taken_for_one() {
        assert_eq!(head(&sheet(&[&["工作总结"], &["一、主要做法"]]), ""), None);
    }

    #[test]
    fn the_sort_that_somebody_names_wins_over_the_one_that_fits_best() {
        let rows: &[&[&str]] = &[&["支部", "日期", "类别", "姓名", "性别", "手机号"]];
        check(rows, "people", 0, &[("unit", 0)]);
        assert_eq!(head(&sheet(rows), "records").map(|head| head.sort), Some("records".to_owned()));
        assert_eq!(head(&sheet(rows), "units"), None);
    }

    #[test]
    fn every_column_has_a_name_in_both_languages() {
        for (sort, synonyms, needed) in names().sorts() {
            assert!(needed.iter().all(|key| synonyms.contains_key(*key)), "{sort}");
            for key in synonyms.keys() {
                let name = names().column(sort, key);
                assert!(!name.zh.is_empty() && !name.zh.is_ascii() && !name.en.is_empty(), "{sort}.{key}");
            }
        }
    }

    #[test]
    fn words_of_cells_stand_for_keys() {
        assert_eq!(names().word("standing", " 正式 党员"), Some("full"));
        assert_eq!(names().word("level", "党支部"), Some("branch"));
        assert_eq!(names().word("level", "车间"), None);
    }
}
