use super::*;
use jiff::civil::date;

fn lexicon() -> Lexicon {
    Lexicon::parse(include_str!("../../../../packs/lexicon.toml")).unwrap()
}

/// The measures of a notice of 15 March 2023, in short: text, owners, kind.
fn found(body: &str) -> Vec<(String, String, String)> {
    let (lexicon, text) = (lexicon(), format!("关于某事的通知\n{body}"));
    let about = About { day: date(2023, 3, 15), units: &[], posts: &[] };
    let owners = |measure: &Measure| {
        let names = measure
            .owners
            .iter()
            .map(|owner| if owner.helps { format!("+{}", owner.text) } else { owner.text.clone() });
        names.collect::<Vec<_>>().join("、")
    };
    let all = find(&text, &about, &lexicon);
    all.iter().map(|one| (text[one.at.clone()].to_owned(), owners(one), one.kind.clone())).collect()
}

fn check(body: &str, expected: &[(&str, &str, &str)]) {
    let found = found(body);
    let short: Vec<(&str, &str, &str)> = found.iter().map(|(a, b, c)| (a.as_str(), b.as_str(), c.as_str())).collect();
    assert_eq!(short, expected, "{body}");
}

#[test]
fn a_sentence_is_a_measure_and_a_date_of_its_own_begins_another() {
    check(
        "各党支部要在4月底前组织一次集中学习，5月15日前召开一次研讨会；机关党委要加强督查。",
        &[
            ("各党支部要在4月底前组织一次集中学习", "各党支部", "study"),
            ("5月15日前召开一次研讨会", "各党支部", "other"),
            ("机关党委要加强督查", "机关党委", "inspection"),
        ],
    );
    check(
        "财务处核查费用，10月20日前形成核查报告。",
        &[("财务处核查费用，10月20日前形成核查报告", "财务处", "inspection")],
    );
}

#[test]
fn the_past_the_forbidden_and_attitudes_are_no_measures() {
    for body in [
        "去年全厅共开展集中学习326次。",
        "今年以来，已查处问题3起，处理5人。",
        "要提高政治站位，充分认识开展活动的重要意义。",
        "不得以书面传达代替学习，严禁照搬照抄。",
        "有的单位整改不彻底，个别支部报送不及时。",
        "为深入学习贯彻条例，现将有关事项通知如下。",
        "3月1日，工作组召开反馈会，反馈了意见。",
    ] {
        check(body, &[]);
    }
}

#[test]
fn who_answers_is_read_where_it_stands() {
    for (body, owners) in [
        ("由人事处会同机关党委，于8月底前举办一期培训班。", "人事处、+机关党委"),
        ("检查发现的问题由所在党支部限期整改。", "所在党支部"),
        ("整改领导小组办公室每半月调度一次进展。", "整改领导小组办公室"),
        ("工会和团委要走访慰问困难党员。", "工会、团委"),
        ("发展和改革委员会要在6月底前报送总结。", "发展和改革委员会"),
        ("各党支部：\n学习情况请于7月20日前报送。", "各党支部"),
        ("1.修订工作规则。（责任单位：机关纪委；配合单位：人事处；完成时限：年底前）", "机关纪委、+人事处"),
        ("1.修订工作规则。\n责任单位：机关纪委\n完成时限：年底前", "机关纪委"),
    ] {
        let found = found(body);
        assert_eq!(found.iter().map(|one| one.1.as_str()).collect::<Vec<_>>(), [owners], "{body} {found:?}");
    }
}

#[test]
fn a_quotation_keeps_its_speaker_until_it_ends() {
    let lexicon = lexicon();
    let text = "在会上的讲话\n厅党组书记强调，“机关党委要每季度报告一次进展。各支部要每月学习一次。”人事处要在6月底前举办培训班。会议要求，各支部要每月开展一次谈话。";
    let about = About { day: date(2023, 3, 15), units: &[], posts: &[] };
    let speakers: Vec<Option<String>> = find(text, &about, &lexicon).into_iter().map(|one| one.speaker).collect();
    let secretary = Some("厅党组书记".to_owned());
    assert_eq!(speakers, [secretary.clone(), secretary, None, Some("会议".to_owned())]);
}

#[test]
fn units_are_matched_by_name_by_group_and_by_likeness() {
    let lexicon = lexicon();
    let units = ["厅机关第一党支部", "厅机关第二党支部", "厅机关党委", "中共澄江省水利厅人事处支部委员会"];
    let about = About { day: date(2023, 3, 15), units: &units, posts: &[] };
    for (text, meant) in [
        ("各党支部要在4月底前开展学习。", vec![0, 1]),
        ("厅机关党委要在4月底前开展检查。", vec![2]),
        ("水利厅人事处党支部要在4月底前开展学习。", vec![3]),
        ("海关缉私局要在4月底前开展检查。", vec![]),
    ] {
        let text = format!("通知\n{text}");
        let found = find(&text, &about, &lexicon);
        assert_eq!(
            found.first().map(|one| one.owners.first().map(|owner| owner.units.clone())),
            Some(Some(meant)),
            "{text}"
        );
    }
}

#[test]
fn who_is_asked_is_read_before_each_and_a_coming_time_and_not_guessed_where_it_is_described() {
    let about = About { day: date(2023, 3, 15), units: &[], posts: &[] };
    for (text, asked) in [
        ("友邻支部各提交一篇总结。", vec!["友邻支部"]),
        ("第二支部这两天就去走访。", vec!["第二支部"]),
        ("机关党委各组织要在4月底前报送总结。", vec!["机关党委各组织"]),
        ("请于4月底前报送总结。", vec!["各党支部"]),
        ("尚未换届的支部，请于4月底前完成换届。", vec![]),
    ] {
        let (lexicon, text) = (lexicon(), format!("通知\n各党支部：\n{text}"));
        let found = find(&text, &about, &lexicon);
        let owners: Vec<&str> = found[0].owners.iter().map(|owner| owner.text.as_str()).collect();
        assert_eq!(owners, asked, "{text}");
    }
}

#[test]
fn a_number_is_read_with_its_unit_and_bound() {
    for (text, value, unit, bound) in [
        ("各党支部要开展学习不少于12次", 12.0, "次", Bound::AtLeast),
        ("各党支部要走访困难党员60户以上", 60.0, "户", Bound::AtLeast),
        ("各党支部要举办两期培训班", 2.0, "期", Bound::Exactly),
        ("办公室要采购农产品12.5万元", 12.5, "万元", Bound::Exactly),
        ("各党支部要评选优秀党员不超过3名", 3.0, "名", Bound::AtMost),
    ] {
        let (lexicon, text) = (lexicon(), format!("通知\n{text}。"));
        let found = find(&text, &About { day: date(2023, 3, 15), units: &[], posts: &[] }, &lexicon);
        let quantity = found.first().and_then(|one| one.quantity.clone()).unwrap();
        assert_eq!((quantity.value, quantity.unit.as_str(), quantity.bound), (value, unit, bound), "{text}");
    }
}

#[test]
fn any_text_can_be_read_and_spans_lie_in_it() {
    let lexicon = lexicon();
    let pieces = [
        "一、",
        "（",
        "）",
        "“",
        "”",
        "各党支部",
        "要",
        "：",
        "，",
        "。",
        "\n",
        "6月底前",
        "每季度",
        "开展",
        "责任单位：",
        "由",
        "�",
        "第一",
        "13月45日",
        "2023年",
    ];
    let mut state = 7_u64;
    for _ in 0..300 {
        let text: String = (0..20)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                pieces[(state >> 33) as usize % pieces.len()]
            })
            .collect();
        for one in find(&text, &About { day: date(2023, 3, 15), units: &[], posts: &[] }, &lexicon) {
            assert!(text.get(one.at.clone()).is_some_and(|words| !words.is_empty()), "{text}");
            assert!((0.0..=1.0).contains(&one.confidence));
        }
    }
}

/// The speakers of a notice of 15 March 2023, each with what they say.
fn said(body: &str) -> Vec<(Option<String>, String)> {
    let (lexicon, text) = (lexicon(), format!("关于某事的通知\n{body}"));
    let all = find(&text, &About { day: date(2023, 3, 15), units: &[], posts: &[] }, &lexicon);
    all.into_iter().map(|one| (one.speaker, text[one.at].to_owned())).collect()
}

#[test]
fn a_quotation_keeps_its_speaker_by_post_by_name_by_pronoun_and_named_afterwards() {
    for (body, speaker, words) in [
        ("厅长指出：“各党支部要在6月底前开展一次谈心谈话。”", "厅长", "各党支部要在6月底前开展一次谈心谈话"),
        ("厅长李明指出，各党支部要在5月底前召开组织生活会。", "厅长李明", "各党支部要在5月底前召开组织生活会"),
        ("副厅长多次强调：“机关纪委要每季度开展一次检查。”", "副厅长", "机关纪委要每季度开展一次检查"),
        ("“各支部要在7月底前完成换届。”机关党委书记最后说。", "机关党委书记", "各支部要在7月底前完成换届"),
    ] {
        assert_eq!(said(body), [(Some(speaker.to_owned()), words.to_owned())], "{body}");
    }
    let both = said("厅党组书记表示：“年底前，机关纪委要办结3件。”他要求：“人事处每月要通报一次进展。”");
    assert!(both.len() == 2 && both.iter().all(|(who, _)| who.as_deref() == Some("厅党组书记")), "{both:?}");
    // who is to do something is no speaker, though a verb of saying stands in the clause
    assert_eq!(said("支部书记要带头提出，6月底前报送整改措施。")[0].0, None);
}

#[test]
fn what_a_meeting_did_is_told_and_what_it_decided_is_asked() {
    check("9月17日下午，机关党委书记主持召开机关党委会议，传达学习上级会议精神，研究三季度党建工作。", &[]);
    check("我局定于9月27日组织机关三个支部赴贵馆开展主题党日。", &[]);
    check("场地使用如需缴费，请一并告知账户信息。", &[]);
    check(
        "人事处要对2022年以来提拔干部的档案逐人核查。",
        &[("人事处要对2022年以来提拔干部的档案逐人核查", "人事处", "inspection")],
    );
    check("会议同意湿地支部接收2名同志为预备党员。", &[]);
    check("截至2月底，全年发展计划36名，已完成21名。", &[]);
    check("根据机关工委统一部署，厅党组决定从4月中旬至7月底在全厅开展纪律建设季活动。", &[]);
    check(
        "厅党组理论学习中心组于5月中旬安排一次专题研讨。",
        &[("厅党组理论学习中心组于5月中旬安排一次专题研讨", "厅党组理论学习中心组", "study")],
    );
    check(
        "机关党委书记要在4月底前主持召开一次推进会。",
        &[("机关党委书记要在4月底前主持召开一次推进会", "机关党委书记", "meeting")],
    );
}

#[test]
fn a_measure_of_which_something_was_lost_is_less_sure() {
    let sure = |body: &str| {
        let text = format!("关于某事的通知\n{body}");
        let all = find(&text, &About { day: date(2023, 3, 15), units: &[], posts: &[] }, &lexicon());
        all[0].confidence
    };
    let (whole, part) = (sure("各党支部要在6月底前开展一次学习。"), sure("各党�部要在6月底前开展一次学习。"));
    assert!(part <= whole - 0.2, "{whole} {part}");
}

/// Text, owners and due of each measure of a document of 10 March 2025.
fn read(text: &str) -> Vec<(String, String, Option<Due>)> {
    let about = About { day: date(2025, 3, 10), units: &[], posts: &[] };
    let names = |measure: &Measure| {
        let leads = measure.owners.iter().filter(|owner| !owner.helps).map(|owner| owner.text.as_str());
        leads.collect::<Vec<_>>().join("、")
    };
    let all = find(text, &about, &lexicon());
    all.iter().map(|one| (text[one.at.clone()].to_owned(), names(one), one.due.clone())).collect()
}

fn owners(text: &str) -> Vec<String> {
    read(text).into_iter().map(|(_, owner, _)| owner).collect()
}

#[test]
fn a_step_gives_its_time_to_what_is_done_in_it_and_is_no_measure() {
    let found = read(
        "某事实施方案\n（一）动员部署（4月下旬至5月上旬）。召开动员会，印发方案。\n（二）自查自纠（5月中旬至6月底）\n各单位逐项自查，建立问题台账。",
    );
    let dues: Vec<_> = found.iter().map(|one| one.2.clone()).collect();
    assert_eq!(dues, [Some(Due::By(date(2025, 5, 10))), Some(Due::By(date(2025, 6, 30)))], "{found:?}");
    assert_eq!(found[1].1, "各单位");
}

#[test]
fn a_title_below_a_number_and_headings_in_two_halves_are_read_as_such() {
    let found = read(
        "澄工发〔2025〕3号\n某系统2025年工作要点\n一、聚焦铸魂，在凝心聚力上用力\n1.办公室编发参考资料12期。\n二、聚焦强基，在夯实堡垒上用力\n1.修订阵地管理办法。",
    );
    let short: Vec<_> = found.iter().map(|one| (one.0.as_str(), one.1.as_str())).collect();
    // the office of the first part is not that of the second
    assert_eq!(short, [("办公室编发参考资料12期", "办公室"), ("修订阵地管理办法", "")]);
}

#[test]
fn an_item_with_a_note_is_a_measure_whoever_the_note_names_in_whatever_words() {
    for (note, owner) in [
        ("（牵头单位：市数据局；完成时限：9月底前）", "市数据局"),
        ("（责任领导：王某；责任部门：宣传部；整改时限：9月底前）", "宣传部"),
        ("（信息中心牵头，财务处配合，9月底前完成）", "信息中心"),
        ("（市委督查办负责，9月底前）", "市委督查办"),
    ] {
        let found = read(&format!("某事工作台账\n1.打破数据壁垒，同类数据一次填。{note}"));
        assert_eq!(found.len(), 1, "{note} {found:?}");
        assert_eq!((found[0].1.as_str(), found[0].2.clone()), (owner, Some(Due::By(date(2025, 9, 30)))), "{note}");
    }
    let several =
        "某事整改方案\n整改措施：1.修订学习规则；2.班子成员每人讲授党课1次。\n责任处室：机关党委\n整改时限：4月底前";
    assert_eq!(owners(several), ["机关党委", "班子成员"]);
    assert_eq!(owners("某事通知\n1.对有关人员进行谈话提醒。（纪检监察室）"), ["纪检监察室"]);
}

#[test]
fn a_verb_is_no_owner_and_an_office_named_after_its_work_is_one() {
    for (body, expected) in [
        ("整顿提升后进支部不少于30个。", ""),
        ("适时调整支部设置，6月底前完成。", ""),
        ("6月中旬起对各单位进行抽查。", ""),
        ("测评结果向党组报告，6月底前公布。", ""),
        ("培训中心要在6月底前举办培训班。", "培训中心"),
        ("整改办组织验收，6月底前完成。", "整改办"),
        ("各单位党组（党委）书记汛期内至少检查两次。", "各单位党组（党委）书记"),
        ("工会主席牵头，团委书记配合，6月组织一次运动会。", "工会主席"),
        ("各支部要高度重视，支部书记每月讲一次党课。", "支部书记"),
        ("由支部书记领誓，6月底前完成。", "支部书记"),
        ("会议责成财务处在6月底前核实账目。", "财务处"),
        ("会议同意换届方案，由人事处按程序办理，6月底前到位。", "人事处"),
        ("党总支委员分片走访，每户送慰问品1份。", "党总支委员"),
    ] {
        assert_eq!(owners(&format!("某事会议纪要\n{body}")), [expected], "{body}");
    }
}

#[test]
fn what_happens_on_a_day_of_its_own_is_apart_from_what_comes_of_an_act() {
    let texts = |body: &str| read(&format!("某年工作要点\n{body}")).into_iter().map(|one| one.0).collect::<Vec<_>>();
    for (body, expected) in [
        ("推行积分管理，选树案例30个，三季度召开现场会。", vec!["推行积分管理，选树案例30个", "三季度召开现场会"]),
        ("排查届满支部，一季度形成提醒台账。", vec!["排查届满支部，一季度形成提醒台账"]),
        ("每季度开展一次研判，修订阵地管理办法。", vec!["每季度开展一次研判", "修订阵地管理办法"]),
        ("召开联席会议4次，签订协议15份。", vec!["召开联席会议4次", "签订协议15份"]),
        ("采取随机抽查等方式，每半年组织一次检查。", vec!["采取随机抽查等方式，每半年组织一次检查"]),
    ] {
        assert_eq!(texts(body), expected, "{body}");
    }
}

#[test]
fn a_circular_turns_from_what_failed_to_what_is_asked() {
    let text = "关于某问题的通报\n2024年，某支部组织23名党员外出，超标准列支费用。\n各支部要引以为戒。各支部6月底前召开一次组织生活会。\n具体问题：调研不够，6月底前未完成走访。";
    let found = read(text);
    assert_eq!(found.iter().map(|one| one.0.as_str()).collect::<Vec<_>>(), ["各支部6月底前召开一次组织生活会"]);
}

#[test]
fn a_plan_that_is_sent_on_is_not_for_its_addressees_alone() {
    let body = "各党支部：\n一、任务\n1.举办培训班2期，分别在4月、9月进行。\n请于6月底前报送总结。";
    assert_eq!(owners(&format!("关于印发工作要点的通知\n{body}")), ["", "各党支部"]);
    assert_eq!(owners(&format!("关于做好工作的通知\n{body}")), ["各党支部", "各党支部"]);
}

#[test]
fn before_a_feast_is_a_day_and_before_the_feasts_alone_is_no_task() {
    let told = read(
        "关于做好节日期间有关工作的通知\n各支部：\n一、抓实节前教育提醒。各支部要在除夕前讲一次党课。\n2025年3月10日",
    );
    let told: Vec<_> = told.into_iter().map(|(text, _, due)| (text, due)).collect();
    assert_eq!(told, [("各支部要在除夕前讲一次党课".to_owned(), Some(Due::By(date(2026, 2, 16))))]);
}
