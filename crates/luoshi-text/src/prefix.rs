//! The beginning that the names of neighbours share, so that a tree can show each by what sets it apart:
//! `省财政厅办公室党支部`, `省财政厅预算处党支部` → `办公室党支部`, `预算处党支部`.

/// Characters that end the name of an organisation, a place or an attribute in front of it.
const ENDS: &str = "省市县区旗乡镇厅局委部办处科室所院站队心校馆会司团厂场行关）)·—";

/// An end and what may follow it inside one word: there the name goes on.
const WORDS: &str = "市场 市政 市民 部门 部队 部分 会计 会议 会员 处理 处长 区域 省级 市级 县级 委员 委托 办公 办事 校园 校友 \
                     院士 院校 院长 所属 所长 局域 局长 室内 团委 团结 行政 行业 场馆 场所 队伍 队长 站长 馆长 厂矿 心理 关系 关工";

/// A shorter beginning is not worth taking away.
const SHORTEST: usize = 3;

/// How many bytes of the common beginning of these names can be left out; 0 where there is no good place to cut.
pub fn common(names: &[&str]) -> usize {
    let [first, others @ ..] = names else { return 0 };
    if others.is_empty() {
        return 0;
    }
    let shared = others.iter().map(|other| agreed(first, other)).min().unwrap_or(0);
    let cuts = first.char_indices().map(|(at, c)| at + c.len_utf8()).skip(SHORTEST - 1).take_while(|at| *at <= shared);
    cuts.filter(|at| names.iter().all(|name| is_cut(name, *at))).last().unwrap_or(0)
}

/// The names without their common beginning, in the same order.
pub fn strip<'a>(names: &[&'a str]) -> Vec<&'a str> {
    let at = common(names);
    names.iter().map(|name| name.get(at..).unwrap_or(name)).collect()
}

fn agreed(one: &str, other: &str) -> usize {
    one.chars().zip(other.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum()
}

/// Whether a name falls into two parts here, each of which can stand alone.
fn is_cut(name: &str, at: usize) -> bool {
    let Some((head, tail)) = name.split_at_checked(at) else { return false };
    let (Some(last), Some(next)) = (head.chars().next_back(), tail.chars().next()) else { return false };
    let joint: String = [last, next].into_iter().collect();
    let ends = ENDS.contains(last) && !WORDS.split_whitespace().any(|word| word == joint);
    ends && tail.chars().count() > 1 && !"（(·—".contains(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(names: &str, short: &str) {
        let names: Vec<&str> = names.split_whitespace().collect();
        assert_eq!(strip(&names).join(" "), short);
    }

    #[test]
    fn neighbours_are_shown_by_what_sets_them_apart() {
        check("省财政厅办公室党支部 省财政厅预算处党支部", "办公室党支部 预算处党支部");
        check("省财政厅第一党支部 省财政厅第二党支部 省财政厅第十党支部", "第一党支部 第二党支部 第十党支部");
        check("省财政厅办公室 省财政厅办公厅", "办公室 办公厅");
        check("中共某省水利厅机关委员会 中共某省水利厅设计院委员会", "机关委员会 设计院委员会");
        check("某市教育局机关第一支部 某市教育局机关第二支部", "第一支部 第二支部");
        check("农业集团有限公司甲分公司 农业集团有限公司乙分公司", "甲分公司 乙分公司");
        check("临江县（试点）一组 临江县（试点）二组", "一组 二组");
    }

    #[test]
    fn a_word_is_never_cut_in_two() {
        check("某某市政一队 某某市政二队", "某某市政一队 某某市政二队");
        check("财政厅部门一支部 财政厅部门二支部", "部门一支部 部门二支部");
        check("省审计厅会计一处 省审计厅会计二处", "会计一处 会计二处");
        check("省林业局党委甲 省林业局党组乙", "党委甲 党组乙");
        check("和平小学 和平中学", "和平小学 和平中学");
    }

    #[test]
    fn a_name_is_never_left_empty_and_short_beginnings_stay() {
        check("省财政厅 省财政厅机关党委", "省财政厅 省财政厅机关党委");
        check("省财政厅甲 省财政厅乙", "省财政厅甲 省财政厅乙");
        check("省委办公厅 省委组织部", "省委办公厅 省委组织部");
        check("省财政厅办公室党支部", "省财政厅办公室党支部");
        assert!(strip(&[]).is_empty());
        check("甲处 乙处", "甲处 乙处");
    }
}
