//! Marks of secrecy at the head of a document. A marked document must not be kept, so it is looked for before anything
//! else is done with the text.

const MARKS: [&str; 3] = ["绝密", "机密", "秘密"];
/// Lines that hold something and are looked at.
const LOOKED_AT: usize = 12;

/// The mark a clean text bears. Alone on a line, or beside the number of the copy, the word is one; with a star it is one
/// anywhere in these lines, since nothing else is written like it.
pub fn mark(text: &str) -> Option<String> {
    let lines = text.lines().filter(|line| !line.trim().is_empty()).take(LOOKED_AT);
    lines.flat_map(|line| line.split(['\t', '　']).chain([line])).find_map(borne)
}

fn borne(line: &str) -> Option<String> {
    let bare: String = line.chars().filter(|c| !c.is_whitespace()).collect();
    let bare = bare.trim_start_matches(|c: char| c.is_ascii_digit()).trim_matches(['【', '】', '[', ']', '（', '）']);
    let label = bare.strip_prefix("密级").unwrap_or(bare).trim_start_matches([':', '：']);
    let labelled = label.len() < bare.len();
    let starred = MARKS.iter().find_map(|mark| {
        let at = bare.match_indices(mark).find(|(at, _)| bare.get(at + mark.len()..).is_some_and(is_star))?.0;
        bare.get(at..)
    });
    let alone = MARKS.iter().any(|mark| {
        let rest = label.strip_prefix(mark);
        rest.is_some_and(|rest| labelled || ["", "级", "件", "文件", "长期", "特急", "急件"].contains(&rest))
    });
    starred.or_else(|| alone.then_some(label)).map(|mark| mark.chars().take(12).collect())
}

fn is_star(rest: &str) -> bool {
    rest.trim_start_matches(['级', '件']).starts_with(['★', '☆', '*', '＊'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_at_the_head_is_found() {
        for (text, found) in [
            ("秘密★1年\n关于开展学习的通知", Some("秘密★1年")),
            ("000012\n机 密\n通知", Some("机密")),
            ("份号：000012　机密★10年\n通知", Some("机密★10年")),
            ("密级：绝密\n通知", Some("绝密")),
            ("通知\n【秘密】\n正文", Some("秘密")),
            ("机密级★长期\n通知", Some("机密级★长期")),
        ] {
            assert_eq!(mark(text).as_deref(), found, "{text}");
        }
    }

    #[test]
    fn the_same_word_in_a_text_is_no_mark() {
        for text in [
            "关于做好保密工作的通知\n各单位要加强国家秘密管理，严防机密泄露。",
            "秘密战线上的英雄\n正文",
            "机密文件管理办法\n第一条 为加强管理。",
            &("正文。\n".repeat(20) + "秘密"),
        ] {
            assert_eq!(mark(text), None, "{text}");
        }
    }
}
