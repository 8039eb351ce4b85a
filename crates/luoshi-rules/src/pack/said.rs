//! What the parser of TOML says, in Chinese: it speaks English alone.

/// What is found and what is wanted, by the words of the parser.
const SORTS: [(&str, &str); 12] = [
    ("boolean", "true 或 false"),
    ("a boolean", "true 或 false"),
    ("bool", "true 或 false"),
    ("integer", "整数"),
    ("floating point", "小数"),
    ("string", "文字"),
    ("a string", "文字"),
    ("sequence", "列表"),
    ("a sequence", "列表"),
    ("map", "表"),
    ("a map", "表"),
    ("datetime", "日期"),
];

/// Begins what is said of something that stands where it cannot.
const WRONG: [(&str, &str); 3] =
    [("invalid type: ", "类型不对"), ("invalid value: ", "值不对"), ("invalid length ", "长度不对")];

/// A message of the parser; one that is not known stays as it is.
pub(super) fn zh(message: &str) -> String {
    known(message).unwrap_or_else(|| message.to_owned())
}

fn known(message: &str) -> Option<String> {
    if let Some(key) = message.strip_prefix("missing field ") {
        return Some(format!("缺少 {key}"));
    }
    if message.starts_with("duplicate key") {
        return Some("同一个键写了两次".to_owned());
    }
    for (head, what) in [("unknown field ", "没有这个键"), ("unknown variant ", "没有这个值")] {
        if let Some(rest) = message.strip_prefix(head) {
            let (key, may) = rest.split_once(", ").unwrap_or((rest, ""));
            return Some(match may.strip_prefix("expected one of ").or_else(|| may.strip_prefix("expected ")) {
                Some(may) => format!("{what}：{key}；可用：{}", may.replace(", ", "、").replace(" or ", "、")),
                None => format!("{what}：{key}"),
            });
        }
    }
    let (rest, what) = WRONG.iter().find_map(|(head, what)| Some((message.strip_prefix(head)?, what)))?;
    let (found, wanted) = rest.rsplit_once(", expected ")?;
    Some(format!("{what}：这里是{}，应为{}", sort(found), sort(wanted)))
}

/// A sort of value; what it says behind stays as it is: `string "soon"`.
fn sort(words: &str) -> String {
    let whole = ["i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "usize"];
    let words = if whole.contains(&words) { "integer" } else { words };
    let named =
        |(en, _): &&(&str, &str)| words.strip_prefix(en).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '));
    match SORTS.iter().filter(named).max_by_key(|(en, _)| en.len()) {
        Some((en, zh)) => format!("{zh}{}", words.strip_prefix(en).unwrap_or_default()),
        None => format!(" {words} "),
    }
}

#[cfg(test)]
mod tests {
    use super::zh;

    #[test]
    fn what_the_parser_says_is_told_in_chinese_and_what_it_never_said_before_stays() {
        for (said, told) in [
            ("missing field `section`", "缺少 `section`"),
            ("unknown field `evry`, expected one of `id`, `text`", "没有这个键：`evry`；可用：`id`、`text`"),
            ("unknown field `x`, expected `a` or `b`", "没有这个键：`x`；可用：`a`、`b`"),
            (
                "unknown variant `dayly`, expected one of `daily`, `weekly`",
                "没有这个值：`dayly`；可用：`daily`、`weekly`",
            ),
            ("invalid type: string \"two\", expected i64", "类型不对：这里是文字 \"two\"，应为整数"),
            ("invalid type: integer `5`, expected a string", "类型不对：这里是整数 `5`，应为文字"),
            ("unclosed table", "unclosed table"),
        ] {
            assert_eq!(zh(said), told);
        }
    }
}
