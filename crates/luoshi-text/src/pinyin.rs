//! Pinyin for finding names by typing letters: `张三丰` by `zhangsanfeng`, `zsf`, or its characters.
//!
//! A person's name reads its surname as surnames are read (单 is shan, not dan); a title reads its places and trades.
//! `ü` is written `v`, as it is typed.

use crate::clean;
use pinyin::ToPinyin;

/// Surnames read otherwise than the character usually is, those of two characters first.
const SURNAMES: &[(&str, &str)] = &[
    ("单于", "chan yu"),
    ("澹台", "tan tai"),
    ("尉迟", "yu chi"),
    ("万俟", "mo qi"),
    ("长孙", "zhang sun"),
    ("单", "shan"),
    ("解", "xie"),
    ("查", "zha"),
    ("仇", "qiu"),
    ("区", "ou"),
    ("曾", "zeng"),
    ("盖", "ge"),
    ("缪", "miao"),
    ("朴", "piao"),
    ("召", "shao"),
    ("员", "yun"),
    ("贠", "yun"),
    ("乐", "yue"),
    ("折", "she"),
    ("洗", "xian"),
    ("种", "chong"),
    ("秘", "bi"),
    ("繁", "po"),
    ("卜", "bu"),
    ("能", "nai"),
    ("翟", "zhai"),
    ("覃", "qin"),
    ("薄", "bo"),
    ("阚", "kan"),
    ("祭", "zhai"),
    ("藏", "zang"),
    ("佴", "nai"),
    ("乜", "nie"),
    ("炅", "gui"),
    ("句", "gou"),
    ("么", "yao"),
];

/// Characters read otherwise in given names than usually.
const GIVEN: &[(&str, &str)] = &[("长", "chang"), ("晟", "sheng"), ("都", "du"), ("率", "shuai")];

/// Words read otherwise in the names of organisations, longer ones before their parts.
const TITLES: &[(&str, &str)] = &[
    ("重庆", "chong qing"),
    ("厦门", "xia men"),
    ("六安", "lu an"),
    ("蚌埠", "beng bu"),
    ("番禺", "pan yu"),
    ("乐清", "yue qing"),
    ("音乐", "yin yue"),
    ("会计", "kuai ji"),
    ("调解", "tiao jie"),
    ("调整", "tiao zheng"),
    ("调节", "tiao jie"),
    ("重建", "chong jian"),
    ("银行", "yin hang"),
    ("分行", "fen hang"),
    ("支行", "zhi hang"),
    ("总行", "zong hang"),
    ("行业", "hang ye"),
    ("成长", "cheng zhang"),
    ("市长", "shi zhang"),
    ("校长", "xiao zhang"),
    ("家长", "jia zhang"),
    ("长", "chang"),
    ("都", "du"),
];

/// The whole reading of a person's name, in one word.
pub fn full(name: &str) -> String {
    person(name).concat()
}

/// The first letter of each syllable of a person's name.
pub fn initials(name: &str) -> String {
    first_letters(&person(name))
}

/// What a person's name is searched in, by `like '%…%'`: pinyin, initials and characters, in lower case. The reading
/// comes first, so that keys sort as people look names up.
pub fn key(name: &str) -> String {
    let syllables = person(name);
    [syllables.concat(), first_letters(&syllables), clean::fold(name)].join(" ").trim_start().to_owned()
}

/// What the name of an organisation or of anything else is searched in.
pub fn title_key(title: &str) -> String {
    let title = clean::fold(title);
    let syllables = syllables(&title, TITLES);
    [title, syllables.concat(), first_letters(&syllables)].join(" ").trim_end().to_owned()
}

/// What somebody typed, in the form in which it stands in a key.
pub fn query(typed: &str) -> String {
    clean::fold(typed).replace('ü', "v")
}

/// How well a key fits what was typed, the best first: its name, reading or initials are that, begin so, or have it.
pub fn rank(key: &str, query: &str) -> u8 {
    let words = || key.split(' ');
    match () {
        () if words().any(|word| word == query) => 0,
        () if words().any(|word| word.starts_with(query)) => 1,
        () => 2,
    }
}

fn first_letters(syllables: &[String]) -> String {
    syllables.iter().filter_map(|syllable| syllable.chars().next()).collect()
}

fn person(name: &str) -> Vec<String> {
    // a Latin name is spelt in words, so spaces count here
    let name = name.trim();
    let surname = SURNAMES.iter().find(|(written, _)| name.starts_with(written));
    let (written, read) = surname.copied().unwrap_or_default();
    let given = name.strip_prefix(written).unwrap_or(name);
    read.split_whitespace().map(str::to_owned).chain(syllables(given, GIVEN)).collect()
}

/// The readings of the characters that have one; a word in Latin letters is one syllable, and so is each digit.
fn syllables(text: &str, words: &[(&str, &str)]) -> Vec<String> {
    let mut read: Vec<String> = Vec::new();
    let mut rest = text;
    let mut in_word = false;
    while let Some(c) = rest.chars().next() {
        let word = words.iter().find(|(written, _)| rest.starts_with(written));
        let taken = word.map_or(c.len_utf8(), |(written, _)| written.len());
        rest = rest.get(taken..).unwrap_or_default();
        let letter = c.is_ascii_alphabetic();
        match (word, read.last_mut()) {
            (Some((_, reading)), _) => read.extend(reading.split_whitespace().map(str::to_owned)),
            (None, Some(last)) if letter && in_word => last.push(c.to_ascii_lowercase()),
            _ => read.extend(syllable(c)),
        }
        in_word = letter;
    }
    read
}

/// A syllable with the characters it is read from: the first and the one after the last.
pub type Spelt = ((usize, usize), String);

/// The syllables of a title.
pub fn spelt(title: &str) -> Vec<Spelt> {
    let mut read: Vec<Spelt> = Vec::new();
    let (mut rest, mut at) = (title, 0);
    let mut in_word = false;
    while let Some(c) = rest.chars().next() {
        let word = TITLES.iter().find(|(written, _)| rest.starts_with(written));
        rest = rest.get(word.map_or(c.len_utf8(), |(written, _)| written.len())..).unwrap_or_default();
        let letter = c.is_ascii_alphabetic();
        match (word, read.last_mut()) {
            // each character of these words has a syllable
            (Some((_, reading)), _) => {
                for syllable in reading.split_whitespace() {
                    read.push(((at, at + 1), syllable.to_owned()));
                    at += 1;
                }
            }
            (None, Some((place, last))) if letter && in_word => {
                last.push(c.to_ascii_lowercase());
                at += 1;
                place.1 = at;
            }
            (None, _) => {
                read.extend(syllable(c).map(|syllable| ((at, at + 1), syllable)));
                at += 1;
            }
        }
        in_word = letter;
    }
    read
}

fn syllable(c: char) -> Option<String> {
    let latin = c.is_ascii_alphanumeric().then(|| c.to_ascii_lowercase().to_string());
    latin.or_else(|| c.to_pinyin().map(|reading| reading.plain().replace('ü', "v")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_people_say_them() {
        for (name, reading, letters) in [
            ("张三丰", "zhangsanfeng", "zsf"),
            ("单雄信", "shanxiongxin", "sxx"),
            ("解缙", "xiejin", "xj"),
            ("查良镛", "zhaliangyong", "zly"),
            ("仇英", "qiuying", "qy"),
            ("区小明", "ouxiaoming", "oxm"),
            ("任仲平", "renzhongping", "rzp"),
            ("曾国", "zengguo", "zg"),
            ("盖文", "gewen", "gw"),
            ("缪斌", "miaobin", "mb"),
            ("朴正", "piaozheng", "pz"),
            ("冼星", "xianxing", "xx"),
            ("尉迟恭", "yuchigong", "ycg"),
            ("万俟卨明", "moqixieming", "mqxm"),
            ("长孙无忌", "zhangsunwuji", "zswj"),
            ("欧阳修", "ouyangxiu", "oyx"),
            ("令狐冲", "linghuchong", "lhc"),
            ("翟志刚", "zhaizhigang", "zzg"),
            ("吕绿", "lvlv", "ll"),
            ("李单", "lidan", "ld"),
            ("刘长海", "liuchanghai", "lch"),
            ("阿布都·热依木", "abudureyimu", "abdrym"),
            ("John Smith", "johnsmith", "js"),
            ("", "", ""),
            ("👍 ·", "", ""),
        ] {
            assert_eq!((full(name).as_str(), initials(name).as_str()), (reading, letters), "{name}");
        }
    }

    #[test]
    fn every_exception_changes_something() {
        for (table, others) in [(SURNAMES, GIVEN), (GIVEN, &[]), (TITLES, &[])] {
            for (at, (written, read)) in table.iter().enumerate() {
                let without = [&table[at + 1..], others].concat();
                assert_ne!(syllables(written, &without).join(" "), *read, "{written} is read so anyway");
            }
        }
    }

    #[test]
    fn no_exception_hides_behind_an_earlier_one() {
        for table in [SURNAMES, GIVEN, TITLES] {
            for (at, (written, _)) in table.iter().enumerate() {
                assert!(!table[..at].iter().any(|(earlier, _)| written.starts_with(earlier)), "{written}");
            }
        }
    }

    #[test]
    fn a_key_is_found_by_characters_pinyin_and_initials() {
        assert_eq!(key("张三丰"), "zhangsanfeng zsf 张三丰");
        assert_eq!(key("John Smith"), "johnsmith js johnsmith");
        assert_eq!(key("👍"), "👍");
        for typed in ["曾", "曾国", "ZENG", " zeng guo ", "ｚｇ", "国"] {
            assert!(key("曾国").contains(&query(typed)), "{typed}");
        }
        assert!(key("吕布").contains(&query("lü")));
        assert!(!key("曾国").contains(&query("ceng")));
    }

    #[test]
    fn what_was_typed_whole_ranks_before_what_begins_so_and_that_before_what_has_it() {
        for (name, typed, rank_of) in [("胡强", "hq", 0), ("胡强", "胡", 1), ("胡庆林", "hq", 1), ("张和强", "hq", 2)]
        {
            assert_eq!(rank(&key(name), &query(typed)), rank_of, "{name} for {typed}");
        }
    }

    #[test]
    fn titles_read_places_and_trades() {
        for (title, expected) in [
            ("重庆长江银行第1支部", "重庆长江银行第1支部 chongqingchangjiangyinhangdi1zhibu cqcjyhd1zb"),
            ("会计处", "会计处 kuaijichu kjc"),
            ("单位解放区", "单位解放区 danweijiefangqu dwjfq"),
        ] {
            assert_eq!(title_key(title), expected);
        }
    }
}
