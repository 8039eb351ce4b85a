//! Posts: `机关党委书记` asks the secretary of a unit. The title tells which post, what stands before it tells the unit.

/// Titles of posts, a longer one before the one it ends in.
const TITLES: &[&str] = &["副书记", "书记", "副组长", "组长", "委员", "成员", "秘书", "工作人员", "经办人", "工作者"];

/// What stands before the title, where a name is that of a post: `第一支部书记` says `第一支部`.
pub(super) fn place(owner: &str) -> Option<&str> {
    let title = title(owner)?;
    let bare = owner.strip_suffix(title)?;
    // 第一书记, 组织委员, 专职副书记: words between the unit and the title
    let words = ["第一", "专职", "兼职", "组织", "宣传", "纪律检查", "纪检", "青年", "学习"];
    let cut = words.iter().find_map(|word| bare.strip_suffix(word)).unwrap_or(bare);
    // 机关纪委书记 stays with 机关纪委, 党小组组长 with 党小组
    Some(cut)
}

fn title(name: &str) -> Option<&'static str> {
    TITLES.iter().find(|title| name.ends_with(**title)).copied()
}

/// The post that a name means, by its place in a list of names of posts: the one that shares most of its end, and only
/// where no other shares as much.
pub(super) fn of(owner: &str, posts: &[&str]) -> Option<usize> {
    let own = title(owner)?;
    let shared = |post: &str| {
        let name = post.split('（').next().unwrap_or(post);
        let pairs = owner.chars().rev().zip(name.chars().rev());
        let long = pairs.take_while(|(one, other)| one == other).count();
        (title(name) == Some(own)).then_some((long, long == name.chars().count()))
    };
    let mut best: Vec<((usize, bool), usize)> =
        posts.iter().enumerate().filter_map(|(at, post)| Some((shared(post)?, at))).collect();
    best.sort_by_key(|(shared, _)| std::cmp::Reverse(*shared));
    match best.as_slice() {
        // a bare title says no more than itself
        [((long, whole), at), ..] if *whole || *long > own.chars().count() => {
            let alone = best.get(1).is_none_or(|(next, _)| next < &(*long, *whole));
            alone.then_some(*at)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_a_title_means_a_post_of_the_unit_before_it() {
        let posts = [
            "党委书记",
            "专职副书记",
            "纪委书记",
            "总支书记",
            "支部书记",
            "支部副书记",
            "组织委员",
            "党小组组长",
            "组长（一次一授权）",
        ];
        let cases = [
            ("机关党委书记", Some("党委书记"), Some("机关党委")),
            ("第一支部书记", Some("支部书记"), Some("第一支部")),
            ("各支部书记", Some("支部书记"), Some("各支部")),
            ("第二党支部副书记", Some("支部副书记"), Some("第二党支部")),
            ("机关纪委书记", Some("纪委书记"), Some("机关纪委")),
            ("机关党委专职副书记", Some("专职副书记"), Some("机关党委")),
            ("各支部组织委员", Some("组织委员"), Some("各支部")),
            ("书记", None, Some("")),
            ("各党支部", None, None),
            ("人事处", None, None),
        ];
        for (owner, post, unit) in cases {
            assert_eq!(of(owner, &posts).map(|at| posts[at]), post, "{owner}");
            assert_eq!(place(owner), unit, "{owner}");
        }
    }
}
