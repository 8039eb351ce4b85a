//! Meetings of 40 and of 3,000 recorded by eight at once as their form sends them, everybody on it, and the calendar of a
//! unit. `cargo bench --bench jobs -- study` runs these alone.

use super::{Asker, CONNECTIONS, ask, folder, hidden, import_rows, pages, report, serve, sign_in, wait_for};
use jiff::ToSpan;
use jiff::civil::date;
use std::time::{Duration, Instant};

/// The branch that fills up, and how many it has to begin with.
const BRANCH: (i64, &str, usize) = (5, "厅机关综合支部", 17);

/// Meetings in its calendar.
const PLANS: i64 = 60;

pub async fn job(asker: &Asker) {
    let folder = folder();
    let (mut child, url) = serve(&folder);
    wait_for(asker, &url).await;
    let clerk = sign_in(asker, &url, "clerk").await;
    feed(asker, &url, &clerk).await;
    let mut there = BRANCH.2;
    for (people, times) in [(40, 25), (3_000, 5)] {
        import_rows(asker, &url, &clerk, &format!("{} people of one branch", people - there), &rows(there, people))
            .await;
        there = people;
        meetings(asker, (&url, &clerk), people, times).await;
    }
    child.kill().unwrap();
    child.wait().unwrap();
    std::fs::remove_dir_all(folder).unwrap();
}

/// Members that make a branch of so many one of more.
fn rows(from: usize, until: usize) -> String {
    let one = |n: usize| format!("第{n}号同志,{},1985.03.{:02},2010年7月,正式党员\n", BRANCH.1, 1 + n % 28);
    (from..until).map(one).fold("姓名,所在支部,出生日期,入党时间,人员类别\n".to_owned(), |all, one| all + &one)
}

/// Eight record general meetings of the branch, three absent from each, each synced to disk.
async fn meetings(asker: &Asker, (url, cookie): (&str, &str), people: usize, times: usize) {
    let to = format!("{url}/units/{}/records", BRANCH.0);
    let form = ask(asker, "GET", &format!("{to}/new?kind=general-meeting"), &[("cookie", cookie)], Vec::new()).await.2;
    let due: Vec<String> =
        form.split("name=\"absent-").skip(1).map(|one| one.split('"').next().unwrap().into()).collect();
    assert_eq!(due.len(), people, "everybody is on the form");
    let (csrf, started, mut tasks) = (hidden(&form, "csrf"), Instant::now(), Vec::new());
    for n in 0..CONNECTIONS {
        let (asker, to, cookie, csrf, due) = (asker.clone(), to.clone(), cookie.to_owned(), csrf.clone(), due.clone());
        tasks.push(tokio::spawn(async move {
            let heads = [("cookie", cookie.as_str()), ("content-type", "application/x-www-form-urlencoded")];
            let mut took: Vec<Duration> = Vec::new();
            for turn in 0..times {
                let body = filled(&csrf, people * 1_000 + 100 * n + turn, &due).into_bytes();
                let at = Instant::now();
                let (status, _, page, _) = ask(&asker, "POST", &to, &heads, body).await;
                assert_eq!(status, 303, "{page}");
                took.push(at.elapsed());
            }
            took
        }));
    }
    let mut took = Vec::new();
    for task in tasks {
        took.extend(task.await.unwrap());
    }
    let note = if people == 40 { "eight connections, each synced to disk; at most 80 ms" } else { "the same" };
    report(&format!("record a meeting of {people}"), took, started.elapsed(), note);
}

/// The form as a browser sends it: a box for everybody due.
fn filled(csrf: &str, operation: usize, due: &[String]) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    let whole = [
        ("kind", "general-meeting"),
        ("on", "2023-12-01"),
        ("rolled", "2023-12-01"),
        ("topic", "测速"),
        ("again", "1"),
    ];
    form.extend_pairs(whole).append_pair("csrf", csrf).append_pair("operation", &operation.to_string());
    for (n, person) in due.iter().enumerate() {
        form.append_pair(&format!("absent-{person}"), if n < 3 { "sick" } else { "" });
    }
    form.finish()
}

/// What a calendar program reads of a branch with a year of plans, by a private address.
async fn feed(asker: &Asker, url: &str, cookie: &str) {
    let heads = [("cookie", cookie), ("content-type", "application/x-www-form-urlencoded")];
    let calendar = format!("{url}/me/calendar?unit={}", BRANCH.0);
    let page = ask(asker, "GET", &calendar, &[("cookie", cookie)], Vec::new()).await.2;
    let (csrf, first) = (hidden(&page, "csrf"), date(2024, 1, 2));
    for n in 0..PLANS {
        let (on, operation) = (first.saturating_add((n * 5).days()).to_string(), (9_000 + n).to_string());
        let plan = [("csrf", &*csrf), ("operation", &operation), ("kind", "theme-day"), ("on", &on), ("at", "14:30")];
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(plan).finish().into_bytes();
        let (status, ..) = ask(asker, "POST", &format!("{url}/units/{}/plans", BRANCH.0), &heads, body).await;
        assert_eq!(status, 303);
    }
    let unit = BRANCH.0.to_string();
    let wanted = [("csrf", &*csrf), ("operation", "8999"), ("unit", &unit)];
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(wanted).finish().into_bytes();
    let shown = ask(asker, "POST", &format!("{url}/me/calendar"), &heads, body).await.2;
    let address = shown.split("/calendar/").nth(1).unwrap().split(['"', '<', '&']).next().unwrap();
    pages(asker, &format!("calendar of a branch, {PLANS} meetings"), &format!("{url}/calendar/{address}"), None, 400)
        .await;
}
