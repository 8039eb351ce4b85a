//! Hostile text in every field of every form, and in every question of every address.

use crate::crawl::{Field, Form, crawl, shape};
use crate::place::{Answer, CLERK, SECRETARY, Site, Visitor, sites};

/// Text that breaks those who paste it into SQL, HTML, a template, a path, a shell, a header or a spreadsheet.
const HOSTILE: [&str; 16] = [
    "'; drop table record; --",
    "\" or 1=1 --",
    "1) union select login, hash from account --",
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "{{7919*7907}}${7919*7907}<%= 7919*7907 %>#{7919*7907}",
    "../../../../etc/passwd",
    "$(touch /tmp/luoshi-was-here)`id`",
    "a\r\nSet-Cookie: stolen=1",
    "=cmd|'/c calc'!A1",
    "\u{0}\u{1}\u{8}nul",
    "\u{202e}txt.exe\u{2066}",
    "👩‍👩‍👧‍👦🏳️‍🌈e\u{301}\u{0489}",
    "-9223372036854775808",
    "99999999999999999999999999",
    "0001-13-45",
];

/// How often each form is sent and each address asked for, each time with other texts.
const TURNS: usize = 5;

/// One of them; fields of one form get different ones.
fn another(number: usize) -> String {
    HOSTILE[number * 7 % HOSTILE.len()].to_owned()
}

/// Whether a field takes free text.
fn is_free(field: &Field) -> bool {
    let kept =
        matches!(field.name.as_str(), "csrf" | "operation" | "kind" | "version" | "sort" | "from" | "until" | "on");
    !kept && matches!(field.sort.as_str(), "text" | "textarea" | "search" | "number" | "date" | "password" | "tel")
}

fn unharmed(page: &str, answer: &Answer) {
    let is_page = answer.head.get("content-type").is_some_and(|sort| sort.to_str().unwrap().starts_with("text/html"));
    let text = if is_page { answer.text.as_str() } else { "" };
    for raw in ["<script>alert(1)", "<img src=x onerror", "\u{202e}txt", "\u{0}"] {
        assert!(!text.contains(raw), "{page} gives back {raw:?} as it came");
    }
    assert!(!text.contains("62615533"), "{page} ran a template");
    assert!(!std::path::Path::new("/tmp/luoshi-was-here").exists(), "{page} ran a command");
}

async fn send(visitor: &Visitor<'_>, form: &Form, fields: &[(String, String)]) -> Answer {
    let pairs: Vec<(&str, &str)> = fields.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    match form.post {
        true => visitor.post(&form.action, &pairs).await,
        false => {
            let question = form_urlencoded::Serializer::new(String::new()).extend_pairs(&pairs).finish();
            visitor.get(&format!("{}?{question}", form.action.split('?').next().unwrap())).await
        }
    }
}

#[tokio::test]
async fn hostile_text_in_any_field_is_kept_as_text_or_refused_in_words() {
    for site in sites().await {
        for person in [CLERK, SECRETARY] {
            let visitor = site.sign_in(person).await;
            let forms =
                crawl(&visitor, &["/", "/me", "/units/3", "/units/3/records/new?kind=general-meeting"]).await.forms;
            assert!(forms.len() > 10, "only {} forms", forms.len());
            for form in forms.iter().filter(|form| !form.action.contains("/sign-out")) {
                for turn in 0..TURNS {
                    let mut fields = form.filled(|field| is_free(field).then(|| another(turn + field.name.len())));
                    for (key, value) in &mut fields {
                        if key == "operation" {
                            *value = luoshi_store::new_id().to_string();
                        }
                    }
                    let answer = send(&visitor, form, &fields).await;
                    let about = format!("{} {fields:?} → {}", form.action, answer.status);
                    assert!(answer.status < 500, "{about}: {}", answer.text);
                    assert!(
                        answer.head.get("set-cookie").is_none_or(|cookie| !cookie.to_str().unwrap().contains("stolen"))
                    );
                    assert!(answer.to.is_empty() || answer.to.starts_with('/'), "{about}: {}", answer.to);
                    unharmed(&about, &answer);
                }
            }
            for path in ["/", "/units/3", "/units/3/2023/records", "/units/3/people", "/units/1", "/me"] {
                let page = visitor.get(path).await;
                assert!(page.status < 500, "{path} afterwards: {}", page.status);
                unharmed(path, &page);
            }
        }
    }
}

#[tokio::test]
async fn hostile_text_in_any_question_and_any_part_of_an_address_gets_a_page() {
    for site in sites().await {
        let clerk = site.sign_in(CLERK).await;
        let found = crawl(&clerk, &["/", "/me"]).await;
        let mut tried = std::collections::BTreeSet::new();
        for path in found.pages.keys() {
            if !tried.insert(shape(path)) {
                continue;
            }
            for turn in 0..TURNS {
                let hostile = HOSTILE[(turn * 5 + path.len()) % HOSTILE.len()];
                let text: String = form_urlencoded::byte_serialize(hostile.as_bytes()).collect();
                let (stem, question) = path.split_once('?').unwrap_or((path, ""));
                let mut asked: Vec<String> = question
                    .split('&')
                    .filter_map(|pair| pair.split('=').next())
                    .map(|key| format!("{stem}?{key}={text}&{key}={text}"))
                    .collect();
                let parts: Vec<&str> = stem.split('/').collect();
                asked.extend((1..parts.len()).map(|at| {
                    let mut parts = parts.clone();
                    parts[at] = &text;
                    parts.join("/")
                }));
                asked.push(format!(
                    "{stem}?after={text}&q={text}&year={text}&as={text}&page={text}&known={text}&status={text}"
                ));
                for address in asked {
                    let answer = clerk.get(&address).await;
                    assert!(answer.status < 500, "{address}: {} {}", answer.status, answer.text);
                    unharmed(&address, &answer);
                }
            }
        }
        assert!(tried.len() > 20, "only {} kinds of pages", tried.len());
    }
}

#[tokio::test]
async fn too_much_of_anything_is_refused_in_words() {
    let site = Site::new(None).await;
    let secretary = site.sign_in(SECRETARY).await;
    let form = "/units/3/records/new?kind=general-meeting";
    let large = "重".repeat(350_000); // 1 MB
    for field in ["topic", "minutes", "place", "on", "absent-104", "chair", "operation", "csrf", "makes_up"] {
        let mut fields = vec![("kind", "general-meeting"), ("on", "2023-02-10"), ("topic", "正常")];
        fields.retain(|(key, _)| *key != field);
        fields.push((field, &large));
        let answer = secretary.send(form, "/units/3/records", &fields).await;
        assert!(answer.status < 500, "1 MB of {field}: {}", answer.status);
        if matches!(field, "topic" | "minutes") {
            assert!(answer.status == 422 && answer.text.contains(&large), "1 MB typed into {field} is lost");
        }
        if answer.status == 422 {
            assert!(
                ["没有保存", "内容太大"].iter().any(|words| answer.text.contains(words)),
                "1 MB of {field} is refused without a word"
            );
        }
    }
    let names: Vec<String> = (0..10_000).map(|number| format!("f{number}")).collect();
    let many: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "x")).collect();
    let answer = secretary.send(form, "/units/3/records", &many).await;
    assert!(answer.status == 422 && answer.text.contains("表单项目过多"), "10,000 fields: {}", answer.status);
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let answer = secretary.send(form, "/drafts", &[("form", form), ("data", &deep), ("topic", &deep)]).await;
    assert!(answer.status < 500, "deep JSON: {}", answer.status);
    let endless = vec![b'x'; 30_000_000];
    let heads = [("cookie", secretary.cookie.as_str()), ("content-type", "application/x-www-form-urlencoded")];
    let answer = site.ask("POST", "/units/3/records", &heads, endless).await;
    assert!((400..500).contains(&answer.status), "30 MB: {}", answer.status);
}
