//! Every list leaves: whoever sees rows on a page can take them away as .xlsx, .csv and JSON.

use super::*;

/// Pages that show rows and offer no file, and why.
const STAY: [(&str, &str); 14] = [
    ("/", "a digest: each list on it stands on a page of its own"),
    ("/units/{unit}", "a digest: each list on it stands on a page of its own"),
    ("/units/{unit}/weekly", "a sheet to print; each part of it is a view of the board, which leaves"),
    ("/people/{id}", "a card: the person takes all of it as a copy, others the roll and the ledger of posts"),
    ("/units/{unit}/forms/{id}", "the mapping leaves as the text one changes, filled as the form itself"),
    ("/units/{unit}/handovers/new", "a form; what is handed over leaves by the ledger of the handover"),
    ("/units/{unit}/meetings/{kind}", "how to hold a meeting; the yearbook of the kind leaves"),
    ("/units/{unit}/records/new", "a form"),
    ("/units/{unit}/records/{id}", "one record: it leaves in the ledger of records"),
    ("/units/{unit}/records/{id}/correct", "a form"),
    ("/units/{unit}/matters/{id}", "one matter: its parts leave by its ledger"),
    ("/units/{unit}/matters/{id}/tasks", "a form"),
    ("/units/{unit}/aid", "cases told in confidence leave as numbers and as the published list alone"),
    ("/me/passkeys", "two or three keys of one's own, which serve nowhere else"),
];

/// Forms over a list that is the page before them.
const TOGETHER: &str = "/together";

/// Whether a page shows a list with rows in it.
fn has_rows(page: &str) -> bool {
    page.split("<table class=\"list").skip(1).any(|rest| {
        let table = rest.split("</table>").next().unwrap_or_default();
        table.contains("<td")
    })
}

/// Every list a page offers in a format.
fn offered(page: &str, format: &str) -> Vec<String> {
    let links = page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    links.filter(|to| to.ends_with(&format!("as={format}"))).map(|to| to.replace("&amp;", "&")).collect()
}

/// What else a world needs so that its lists have rows.
async fn filled(site: &Site, world: &World, unit: i64) {
    let clerk = site.sign_in(CLERK).await;
    let young = [("name", "青年甲"), ("standing", "full"), ("born", "1995-01-01")];
    sent(&clerk, "/units/3/people", "/units/3/people", &young).await;
    assert_eq!(clerk.send("/people/107", "/people/107/invitations", &[("login", "tongzhi")]).await.status, 200);
    let group = format!("/units/{unit}/groups/{}", world.ids["groups"]);
    sent(&clerk, &group, &format!("{group}/members"), &[("people", "青年甲")]).await;
    let leads = [("part", "leader"), ("person", "青年甲")];
    sent(&clerk, &group, &format!("{group}/parts"), &leads).await;
    let (keeper, other) = if unit == FIRST { (SECOND, "第一支部") } else { (FIRST, "机关党委") };
    let keeper_of = site.sign_in(if keeper == FIRST { SECRETARY } else { OTHER }).await;
    let (form, to) = (format!("/units/{keeper}/records/new?kind=theme-day"), format!("/units/{keeper}/records"));
    let fields = [("kind", "theme-day"), ("on", "2023-03-10"), ("topic", "共建"), ("again", "1")];
    let record = sent(&keeper_of, &form, &to, &fields).await;
    let record = record.split(['?', '#']).next().unwrap();
    sent(&keeper_of, record, &format!("{record}/joint"), &[("units", other)]).await;
}

/// What does not leave of a page as somebody sees it.
async fn stuck(visitor: &Visitor<'_>, (route, page): (&str, &str)) -> Vec<String> {
    let (mut out, mut most) = (Vec::new(), 0);
    for format in ["xlsx", "csv", "json"] {
        let links = offered(page, format);
        if links.is_empty() {
            out.push(format!("{route} offers no {format}"));
        }
        for to in links {
            let (status, bytes) = visitor.get_bytes(&to).await;
            if status != 200 {
                out.push(format!("{route}: {to} gives {status}"));
            }
            if format == "json" {
                let rows: Vec<serde_json::Value> = serde_json::from_slice(&bytes).unwrap_or_default();
                most = most.max(rows.len());
                // whom the page does not name its file does not name either
                let names = rows.iter().filter_map(|row| row["name"].as_str());
                out.extend(names.filter(|name| !page.contains(*name)).map(|name| format!("{to} tells of {name}")));
            }
        }
    }
    // a figure of nothing shows months with nothing in them, a round units without findings
    if most == 0 && !route.contains("/figures/") && !route.contains("/rounds/") {
        out.push(format!("{route} shows rows and gives none"));
    }
    out
}

#[tokio::test]
async fn whoever_sees_a_list_with_rows_may_take_it_away() {
    let (mut wrong, mut seen) = (BTreeSet::new(), BTreeSet::new());
    for target in [COMMITTEES, BRANCHES] {
        for site in sites().await {
            let world = furnished(&site, target.unit).await;
            filled(&site, &world, target.unit).await;
            // plans of inspection are kept by the department, whichever unit is asked about
            let clerk = site.sign_in(CLERK).await;
            let plans = clerk.get("/units/1/coverage").await.text;
            assert!(has_rows(&plans));
            wrong.extend(stuck(&clerk, ("/units/{unit}/coverage", &plans)).await);
            for route in luoshi_web::paths() {
                if route.starts_with("/api/")
                    || route.ends_with(TOGETHER)
                    || STAY.iter().any(|(page, _)| *page == route)
                {
                    continue;
                }
                let path = address(&site, &route, (&target, &world)).await;
                for who in target.who.iter().filter(|(name, person)| *person != 0 && !name.contains("token")) {
                    let page = ask(&site, &world, *who, ("GET", &route, &path)).await;
                    if page.status == 200 && has_rows(&page.text) {
                        let visitor = site.sign_in(who.1).await;
                        wrong.extend(stuck(&visitor, (&route, &page.text)).await);
                        seen.insert(route.clone());
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    for known in ["invitations", "quotes", "intake", "joint", "campaigns"] {
        assert!(seen.iter().any(|route| route.ends_with(known)), "{known} had no rows: {seen:#?}");
    }
    assert!(seen.len() > 40, "only {} lists: {seen:#?}", seen.len());
}
