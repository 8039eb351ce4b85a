//! Passphrases that many chose before, or that anybody who knows the person would try, are refused.

use crate::Refusal;
use std::collections::HashSet;
use std::sync::OnceLock;

/// Fewest characters.
pub const SHORTEST: usize = 10;
/// Most characters.
const LONGEST: usize = 200;
/// Fewest different characters.
const VARIED: usize = 5;
/// Letters that must be left once everything known is taken out.
const LEFT: usize = 5;

/// What is chosen often and where it comes from: its head says so.
const COMMON: &str = include_str!("passphrase/common.txt");
/// What is chosen often here.
const HERE: [&str; 24] = [
    "woaini",
    "woaiwojia",
    "woaizhongguo",
    "zhongguo",
    "zuguo",
    "wangluo",
    "mima",
    "dangyuan",
    "dangzhibu",
    "dangwei",
    "jiguan",
    "gongchandang",
    "zhongguogongchandang",
    "buwangchuxin",
    "weirenminfuwu",
    "ershida",
    "yijiu",
    "luoshi",
    "党员",
    "党支部",
    "不忘初心",
    "为人民服务",
    "共产党",
    "落实",
];

fn common() -> &'static HashSet<&'static str> {
    static ALL: OnceLock<HashSet<&'static str>> = OnceLock::new();
    ALL.get_or_init(|| COMMON.lines().filter(|line| !line.starts_with('#')).chain(HERE).collect())
}

/// Checks that a passphrase is long enough, varied, chosen by few, and not made of what is known of the person (`own`:
/// name, sign-in name, organisation, and how they are read).
pub fn check(text: &str, own: &[String]) -> Result<(), Refusal> {
    let varied = text.chars().collect::<HashSet<char>>().len();
    if !(SHORTEST..=LONGEST).contains(&text.chars().count()) || varied < VARIED {
        let zh = format!("口令至少 {SHORTEST} 个字符，不要只重复几个字符；可用一句好记的话");
        let en = format!("at least {SHORTEST} characters, not a few repeated; a sentence you remember is best");
        return Err(Refusal::field("passphrase", zh, en));
    }
    let text = text.to_lowercase();
    if is_common(&text) {
        let zh = "这个口令很多人用过，已被公开，容易被猜中（后面加几位数字也一样）；请换一句只有自己知道的话";
        let en = "many people chose this one, and it is known (also with figures added); choose a sentence that only you know";
        return Err(Refusal::field("passphrase", zh, en));
    }
    if is_own(&text, own) {
        let zh = "口令不要用姓名、登录名或组织名称加数字组成；请换一句只有自己知道的话";
        let en = "not your name, sign-in name or organisation with figures added; choose a sentence that only you know";
        return Err(Refusal::field("passphrase", zh, en));
    }
    Ok(())
}

/// Whether it is common as it stands, or a common word between figures and signs, or such words one after the other.
fn is_common(text: &str) -> bool {
    let words: Vec<&str> = text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()).collect();
    // a sentence of common words is no common sentence
    common().contains(text) || words.len() < 3 && words.iter().all(|word| is_plain(word))
}

/// Whether a word is common, once or twice in a row.
fn is_plain(word: &str) -> bool {
    let half = word.get(..word.len() / 2).filter(|half| half.repeat(2) == word);
    common().contains(word) || half.is_some_and(|half| common().contains(half))
}

/// Whether little is left of it without what is known of the person.
fn is_own(text: &str, own: &[String]) -> bool {
    let mut words: Vec<String> = own.iter().map(|word| word.to_lowercase()).filter(|word| tells(word)).collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    let mut rest = text.to_owned();
    for word in words {
        rest = rest.replace(&word, " ");
    }
    rest.len() < text.len() && rest.chars().filter(|c| c.is_alphabetic()).count() < LEFT
}

/// Whether a word is long enough that its being in a passphrase tells something.
fn tells(word: &str) -> bool {
    word.chars().count() >= if word.is_ascii() { 3 } else { 2 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> Option<String> {
        let own = ["张晓明", "zhangxiaoming", "zxm", "user104", "第一支部", "林泽厅"].map(str::to_owned);
        check(text, &own).err().map(|refusal| refusal.say(crate::Lang::En))
    }

    #[test]
    fn short_common_and_own_passphrases_are_refused_each_for_its_reason() {
        for (text, why) in [
            ("short", "at least 10"),
            ("aaaaaaaaaaaaaaa", "not a few repeated"),
            ("qwertyuiop", "many people"),
            ("1Q2w3E4r5T", "many people"),
            ("Password2023!", "many people"),
            ("1234567890", "many people"),
            ("20231231!!", "many people"),
            ("woaini1314520", "many people"),
            ("monkeymonkey7", "many people"),
            ("welcome-dragon-1", "many people"),
            ("不忘初心2023..", "many people"),
            ("zhangxiaoming1990", "not your name"),
            ("张晓明19900101", "not your name"),
            ("User104user104", "not your name"),
            ("林泽厅第一支部2023", "not your name"),
        ] {
            assert!(refused(text).is_some_and(|said| said.contains(why)), "{text}: {:?}", refused(text));
        }
        for text in ["right passphrase", "a passphrase of mine", "correct horse battery staple", "三月的雨下在老槐树上"]
        {
            assert_eq!(refused(text), None, "{text}");
        }
    }

    #[test]
    fn more_than_four_thousand_are_known_and_each_stands_once() {
        let lines: Vec<&str> = COMMON.lines().filter(|line| !line.starts_with('#')).collect();
        assert!(lines.len() > 4_000 && lines.iter().all(|line| !line.is_empty() && *line == line.to_lowercase()));
        assert_eq!(lines.iter().collect::<HashSet<_>>().len(), lines.len());
    }
}
