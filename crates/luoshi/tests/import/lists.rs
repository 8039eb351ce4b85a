//! Lists of duties from spreadsheets: what is wrong with one, what it would change, and from which day on it rules.

use super::*;

const LISTS: &str = "/units/1/lists";
const SAMPLE: &[u8] = include_bytes!("../../../../samples/duties.csv");

async fn compared(clerk: &Visitor<'_>, name: &str, bytes: &[u8]) -> Answer {
    clerk.upload(LISTS, "/units/1/lists/compare", name, bytes).await
}

/// The text of a list as the page of its comparison holds it.
fn text(page: &str) -> String {
    let text = page.split_once("name=\"text\"").unwrap().1.split_once('>').unwrap().1;
    let text = text.split_once("</textarea>").unwrap().0;
    text.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

#[tokio::test]
async fn the_page_of_lists_says_which_columns_are_read_and_its_sample_is_sound() {
    let site = Site::new(None).await;
    let clerk = site.sign_in(CLERK).await;
    let page = clerk.get(LISTS).await.text;
    assert!(page.contains("条款编号") && page.contains("纪实类型") && page.contains("/samples/duties.csv"), "{page}");
    assert!(clerk.get_english(LISTS).await.text.contains("Columns a sheet must have: "));
    assert_eq!(clerk.get("/samples/duties.csv").await.text.as_bytes(), SAMPLE);
    let page = compared(&clerk, "某厅清单.csv", SAMPLE).await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(page.text.contains("条款 <b>6</b>") && page.text.contains("新增 <b>6</b>"), "{}", page.text);
    let put = [("text", &*text(&page.text)), ("from", "2023-07-01")];
    assert_eq!(clerk.send(LISTS, "/units/1/lists/put", &put).await.status, 303);
    // where it comes from stands on the page of the clause and in its column of the ledger
    let duty = clerk.get("/units/3/2023/duties/ZB-1").await.text;
    assert!(duty.contains("<p>支部工作条例第11条</p>"), "{duty}");
    let ledger = clerk.get("/units/3/2023/clauses/ZB-1?as=csv").await.text;
    assert!(ledger.contains("召开党员大会,支部工作条例第11条,每季度"), "{ledger}");
}

#[tokio::test]
async fn every_fault_of_a_list_is_told_with_its_row_column_and_what_may_stand_there() {
    let site = Site::new(None).await;
    let clerk = site.sign_in(CLERK).await;
    let csv = "条款编号,职责内容,责任主体,频次,责任人,次数,完成时限,落实方式\n\
               A-1,召开党员大会,党支部,每季度,,,,\n\
               A-1,谈心,车间,适时,大书记,-1,尽快,茶话会\n\
               1/2,召开党员大会,党支部,每季度,,,,\n";
    let page = compared(&clerk, "清单.csv", csv.as_bytes()).await;
    assert_eq!(page.status, 422);
    for words in [
        "第3行“条款编号”：编号与第2行重复",
        "第4行“条款编号”：编号最多20字",
        "第3行“责任主体”：不认识级别“车间”；可以写：",
        "第3行“频次”：周期要写每月",
        "第3行“责任人”：不认识岗位“大书记”；可以写：",
        "第3行“次数”：次数应为1至100的整数",
        "第3行“完成时限”：到期要写",
        "第3行“落实方式”：看不出用哪类纪实落实",
    ] {
        assert!(page.text.contains(words), "{words}: {}", page.text);
    }
    assert!(!page.text.contains("第2行“"), "{}", page.text);
}

#[tokio::test]
async fn a_list_taken_away_comes_back_changed_and_each_change_is_shown() {
    for (english, from, to) in
        [(false, "每季度,,期末", "每季度,,期后5日"), (true, "quarterly,,end of the period", "quarterly,,5 days after")]
    {
        let site = Site::new(None).await;
        let clerk = site.sign_in(CLERK).await;
        let page = compared(&clerk, "某厅清单.csv", SAMPLE).await.text;
        let put = [("text", &*text(&page)), ("from", "2023-07-01")];
        assert_eq!(clerk.send(LISTS, "/units/1/lists/put", &put).await.status, 303);
        let csv = format!("{LISTS}?as=csv");
        let away = if english { clerk.get_english(&csv).await.text } else { clerk.get(&csv).await.text };
        let (head, rows) = away.split_once('\n').unwrap();
        let own: Vec<&str> = rows.lines().filter(|row| row.contains("某厅清单")).collect();
        assert_eq!(own.len(), 6, "{away}");
        let again = format!("{head}\n{}\n", own.join("\n"));
        let page = compared(&clerk, "某厅清单.csv", again.as_bytes()).await.text;
        assert!(page.contains("新增 <b>0</b> · 修改 <b>0</b> · 取消 <b>0</b>"), "{page}");
        assert!(again.contains(from), "{again}");
        let page = compared(&clerk, "某厅清单.csv", again.replace(from, to).as_bytes()).await.text;
        assert!(page.contains("<del>召集机关党委会议，部署和检查清单落实 · 到期 期末</del>"), "{page}");
        assert!(page.contains("<ins>召集机关党委会议，部署和检查清单落实 · 到期 期后5日</ins>"), "{page}");
    }
}

#[tokio::test]
async fn periods_that_have_begun_keep_their_words_and_no_list_begins_in_the_past() {
    for site in sites().await {
        let clerk = site.sign_in(CLERK).await;
        let list = include_str!("../../../../packs/duties.toml").replace("召开党员大会", "召开支部党员大会（新）");
        for day in ["2023-04-01", "2023-05-15"] {
            let refused = clerk.send(LISTS, "/units/1/lists/put", &[("text", &*list), ("from", day)]).await;
            assert!(refused.status == 422 && refused.text.contains("请填今天以后的日期"), "{day}: {}", refused.text);
            assert!(refused.text.contains("id=\"from-error\"") && refused.text.contains("（新）"), "{}", refused.text);
        }
        // before the first list nothing ruled: an earlier year may be told
        let year = [("text", &*list), ("from", "2022-01-01")];
        assert_eq!(clerk.send(LISTS, "/units/1/lists/put", &year).await.status, 303);
        let next = [("text", &*list), ("from", "2023-07-01")];
        assert_eq!(clerk.send(LISTS, "/units/1/lists/put", &next).await.status, 303);

        let duty = clerk.get("/units/3/2023/duties/L3-01").await.text;
        let (first, last) = (duty.split_once("2023年二季度").unwrap().1, duty.split_once("2023年三季度").unwrap().1);
        assert!(duty.contains("召开支部党员大会（新）</h1>"), "{duty}");
        assert!(first.split("</section>").next().unwrap().contains("按当时的条文：召开党员大会"), "{first}");
        assert!(!last.split("</section>").next().unwrap().contains("当时的条文"), "{last}");
        let clause = clerk.get("/units/1/2023/clauses/L3-01").await.text;
        assert!(clause.contains("2023年一季度 – 2023年二季度 按当时的条文：召开党员大会"), "{clause}");
        assert!(
            clerk.get_english("/units/1/2023/clauses/L3-01").await.text.contains("Q1 2023 – Q2 2023 keep the words")
        );
    }
}
