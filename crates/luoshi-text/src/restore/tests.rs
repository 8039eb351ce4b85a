use super::*;

fn furniture() -> Furniture {
    let words = |text: &str| text.split(' ').map(str::to_owned).collect();
    Furniture {
        begins: words("分享到 责任编辑 当前位置 上一篇"),
        holds: words("版权所有"),
        words: words("首页 党建 大 中 小 微信"),
        links: words("党建工作 理论学习"),
    }
}

fn clean(text: &str, form: Form) -> String {
    restore(text, form, &furniture()).text
}

#[test]
fn readings_after_characters_go_in_either_script_with_tones_or_without() {
    for (spoiled, restored) in [
        ("机(jī)关(guān)党(dǎng)委(wěi)", "机关党委"),
        ("机（jī）关（guān）", "机关"),
        ("機(jī)關(guān)黨(dǎng)委(wěi)，學(xué)習(xí)會(huì)議(yì)", "机关党委，学习会议"),
        ("机(ji)关(guan)要(yao)学(xue)习(xi)", "机关要学习"),
        ("机关（jī guān）要开会（kāihuì）", "机关要开会"),
        ("机 (jī) 关 (guān)", "机关"),
        ("党(dang3)员(yuan2)", "党员"),
        ("女(nǚ)党(dǎng)员(yuán)绿(lv)色(se)", "女党员绿色"),
        ("学ㄒㄩㄝˊ", "学ㄒㄩㄝˊ"),
        ("学（ㄒㄩㄝˊ）习（ㄒㄧˊ）", "学习"),
        // no reading of the character before it
        ("系统(app)已上线", "系统（app）已上线"),
        ("第一组（a）和第二组（b）", "第一组（a）和第二组（b）"),
        ("公开（见附件）", "公开（见附件）"),
        ("参加（OA）系统", "参加（OA）系统"),
    ] {
        assert_eq!(clean(spoiled, Form::Plain), restored, "{spoiled}");
    }
}

#[test]
fn traditional_script_becomes_simplified_by_words() {
    for (spoiled, restored) in [
        ("黨員幹部要認真學習，瞭解「情況」", "党员干部要认真学习，了解“情况”"),
        ("隨著形勢發展，圍繞著中心，取得顯著成績，出版專著", "随着形势发展，围绕着中心，取得显著成绩，出版专著"),
        ("機關工會餘額乾淨，乾隆年間，計畫於後天徵求意見", "机关工会余额干净，乾隆年间，计划于后天征求意见"),
        // Simplified text keeps what it has
        ("瞭望台、乾隆、著名、李於后", "瞭望台、乾隆、著名、李於后"),
        ("⼀、党⽀部⼯作", "一、党支部工作"),
    ] {
        assert_eq!(clean(spoiled, Form::Plain), restored, "{spoiled}");
    }
}

#[test]
fn a_character_with_several_writings_is_marked_where_no_word_decides() {
    let restored = restore("黨員們認真學習著，會議開始", Form::Plain, &furniture());
    assert_eq!(restored.text, "党员们认真学习着，会议开始");
    let marks: Vec<(&str, Why)> =
        restored.marks.iter().map(|mark| (&restored.text[mark.at.clone()], mark.why)).collect();
    assert_eq!(marks, [("着", Why::Ambiguous)]);
    assert!(restore("黨員們隨著會議學習", Form::Plain, &furniture()).marks.is_empty());
}

/// Bytes of one encoding read as another, the way browsers and editors do it.
fn misread(text: &str, bytes: fn(&str) -> Vec<u8>, encoding: &'static encoding_rs::Encoding) -> String {
    encoding.decode_without_bom_handling(&bytes(text)).0.into_owned()
}

fn utf8_bytes(text: &str) -> Vec<u8> {
    text.as_bytes().to_vec()
}

fn gbk_bytes(text: &str) -> Vec<u8> {
    encoding_rs::GBK.encode(text).0.into_owned()
}

#[test]
fn text_read_in_the_wrong_encoding_is_turned_back() {
    let text = "各党支部要在6月底前召开1次组织生活会，认真查摆问题";
    for spoiled in [
        misread(text, utf8_bytes, encoding_rs::GBK),
        misread(text, utf8_bytes, encoding_rs::WINDOWS_1252),
        misread(text, gbk_bytes, encoding_rs::WINDOWS_1252),
    ] {
        assert_ne!(spoiled, text);
        let restored = clean(&spoiled, Form::Plain);
        let lost = restored.chars().filter(|c| *c == char::REPLACEMENT_CHARACTER).count();
        let same = restored.chars().filter(|c| text.contains(*c)).count();
        assert!(same + lost >= text.chars().count() - 1 && lost <= 3, "{spoiled} {restored}");
    }
    assert_eq!(clean(&misread(text, utf8_bytes, encoding_rs::WINDOWS_1252), Form::Plain), text);
    assert_eq!(clean(&misread(text, gbk_bytes, encoding_rs::WINDOWS_1252), Form::Plain), text);
}

#[test]
fn what_is_lost_is_marked_and_never_guessed() {
    let spoiled = misread("党支部", utf8_bytes, encoding_rs::GBK);
    let restored = restore(&format!("{spoiled}\n锟斤拷锟斤拷通知\n公\u{E123}司\u{FFFD}"), Form::Plain, &furniture());
    assert_eq!(restored.text, "党支�\n�通知\n公�司�");
    let why: Vec<Why> = restored.marks.iter().map(|mark| mark.why).collect();
    assert_eq!(why, [Why::Lost, Why::Lost, Why::Private, Why::Lost]);
    // between two digits and before 日 the lost character can only be the month
    let date = misread("整改于5月31日前完成", utf8_bytes, encoding_rs::GBK);
    assert!(clean(&date, Form::Plain).contains("5月31日前"), "{date}");
}

#[test]
fn a_byte_that_several_characters_can_have_had_is_not_made_good() {
    // what a decoder loses that has no character for private use: 支 could be 攀, 个 could be 一 or 中
    let spoiled = "鍚勫厷鏀\u{FFFD}閮ㄣ\u{FFFD}佷笁涓\u{FFFD}鏀\u{FFFD}閮ㄩ\u{FFFD}氱煡瀛︿範";
    assert_eq!(clean(spoiled, Form::Plain), "各党�部、三��部通知学习");
    // of Latin letters other bytes are lost: 前 could not have been 剀, which stood there before; 材 lost two
    let latin = misread("6月底前报送材料", utf8_bytes, encoding_rs::WINDOWS_1252);
    let spoiled = latin.replace(['\u{81}', '\u{8d}', '\u{8f}', '\u{90}', '\u{9d}'], "\u{FFFD}");
    assert_eq!(clean(&spoiled, Form::Plain), "6月底�报��料");
}

#[test]
fn ordinary_text_is_never_taken_for_a_wrong_encoding() {
    for text in ["联通公司开会", "鑫淼焱垚", "café à la carte", "李喆、王翀、赵煜", "Ünïcödé", "第３组：±5℃"]
    {
        let restored = restore(text, Form::Plain, &furniture());
        assert!(restored.marks.is_empty(), "{text}");
        assert_eq!(restored.text, text.replace('３', "3"), "{text}");
    }
}

#[test]
fn of_a_page_the_text_stays() {
    let page = "<html><head><title>页</title><script>var a = '<p>要报送</p>';</script></head><body><nav>首页</nav>\
                <p>各&nbsp;支部&ldquo;学习&rdquo;&#19977;&#x6B21;</p><p>机<ruby>关<rt>guān</rt></ruby>，\n  <b>报</b>送</p>\
                <!-- 要删除 --><div>当前位置：首页 &gt; 党建</div><p>首页 | 党建</p><p>字号 大 中 小</p><footer>联系</footer></body></html>";
    assert_eq!(clean(page, Form::Html), "各支部“学习”三次\n机关，报送\n字号大中小");
    assert_eq!(clean("<p>第一段</p>第二段<br/>a < b 且 c > d", Form::Plain), "第一段\n第二段\na < b且c > d");
    assert_eq!(clean("<script>没有结束", Form::Html), "没有结束");
}

#[test]
fn markdown_loses_its_marks() {
    let text = "# 通知\n\n**各支部**：\n- 学习[条例](http://a.b/c)\n> 引用\n---\n1. 报送`材料`\n| 任务 | 单位 | 时限 |\n|---|---|---|\n| 学习 | 人事处 | 6月 |";
    assert_eq!(
        clean(text, Form::Markdown),
        "通知\n各支部：\n学习条例\n引用\n1.报送材料\n任务\t单位\t时限\n学习\t人事处\t6月"
    );
}

#[test]
fn broken_lines_are_joined_and_furniture_goes() {
    let text = "关于学习的通知\n各党支部要在六月底前组织一次集中学习讨论，并\n把学习的情况和心得体会及时报送机关党委办公室，\n由机关党委统一汇总以后向厅党组作一次专题的报\n— 2 —\n告。\n二、要求\n第 3 页 共 9 页\n版权所有 某厅\n责任编辑：某某";
    let restored = restore(text, Form::Plain, &furniture());
    assert_eq!(
        restored.text,
        "关于学习的通知\n各党支部要在六月底前组织一次集中学习讨论，并把学习的情况和心得体会及时报送机关党委办公室，由机关党委统一汇总以后向厅党组作一次专题的报告。\n二、要求"
    );
    assert_eq!(restored.left_out, ["— 2 —", "第 3 页 共 9 页", "版权所有 某厅", "责任编辑：某某"]);
}

#[test]
fn full_width_forms_become_half_width_and_spaces_go() {
    assert_eq!(clean("２０２３ 年 ５ 月，占比 ３０％，ＡＢＣ 公司 A B", Form::Plain), "2023年5月，占比30%，ABC公司A B");
    assert_eq!(clean("学习,讨论;报送(名单):3.5万元", Form::Plain), "学习，讨论；报送（名单）：3.5万元");
}

/// What spoiled texts are made of.
const PIECES: &[&str] = &[
    "机(jī)关(guān)",
    "黨支部",
    "要在６月底前",
    "<p>",
    "</p>",
    "&nbsp;",
    "&ldquo;",
    "\n",
    "\r\n",
    "— 3 —\n",
    "锟斤拷",
    "\u{FFFD}",
    "學習著",
    "鍏氭敮閮",
    "å…šæ”¯éƒ¨",
    "  ",
    "，",
    "。",
    "（guān）",
    "《",
    "\u{E001}",
    "\u{200B}",
    "<script>",
    "<!--",
    "首页 | 党建\n",
    "a<b",
    "&#x4E00;",
    "机关党委应当每季度召开一次会议，研究部署工作",
    "𠮷",
    "**",
    "# ",
    "👍",
];

/// A text of random pieces, spoiled in random ways; the same for the same seed.
fn random(seed: u64) -> String {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = |most: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % most as u64) as usize
    };
    (0..next(60)).map(|_| PIECES[next(PIECES.len())]).collect()
}

#[test]
fn every_span_of_the_clean_text_maps_into_the_original_in_order() {
    for seed in 1..500 {
        let original = random(seed);
        for form in [Form::Plain, Form::Html, Form::Markdown] {
            let restored = restore(&original, form, &furniture());
            let starts: Vec<usize> = restored.text.char_indices().map(|(at, _)| at).collect();
            let mut before = 0..0;
            for (at, start) in starts.iter().enumerate() {
                let end = starts.get(at + 1).copied().unwrap_or(restored.text.len());
                let from = restored.original(&(*start..end));
                assert!(
                    original.get(from.clone()).is_some_and(|text| !text.is_empty()),
                    "{seed} {form:?} {original:?} {from:?}"
                );
                assert!(
                    from.start >= before.start && from.end >= before.end,
                    "{seed} {form:?} {original:?} {before:?} {from:?}"
                );
                before = from;
            }
            let all = restored.original(&(0..restored.text.len()));
            assert!(original.get(all).is_some());
            let marks = restored.marks.iter().all(|mark| restored.text.get(mark.at.clone()).is_some());
            assert!(marks, "{seed} {form:?}");
        }
    }
}

#[test]
fn links_that_ran_together_go_and_headings_of_one_width_break_no_line() {
    assert_eq!(
        clean("<div><a>首页</a><a>党建工作</a><a>理论学习</a></div><p>党建工作</p><p>正文。</p>", Form::Html),
        "党建工作\n正文。"
    );
    let text = "某系统党的建设二〇二五年工作要点\n二〇二五年是收官之年。\n一、聚焦铸魂增智，在凝心聚力上用力\n1.健全体系。\n二、聚焦固本强基，在夯实堡垒上用力\n1.优化设置。\n三、聚焦正风肃纪，在净化生态上用力\n1.纠治顽疾。";
    assert_eq!(clean(text, Form::Plain), text);
}
