//! Everything there is to ask for: the pages that lead to one another, and the forms on them.

use crate::place::{Answer, Visitor};
use std::collections::{BTreeMap, BTreeSet};

/// A form of a page.
#[derive(Debug, Clone)]
pub struct Form {
    /// where it is sent
    pub action: String,
    pub post: bool,
    pub fields: Vec<Field>,
}

/// A field of a form, with what it holds as it is shown.
#[derive(Debug, Clone)]
pub struct Field {
    pub name: String,
    pub value: String,
    pub sort: String,
}

/// What was found.
pub struct Found {
    pub pages: BTreeMap<String, Answer>,
    pub forms: Vec<Form>,
}

/// Most pages of one shape, such as `/units/#/records/#`.
const ALIKE: usize = 1;

/// Follows every link from `starts`; of pages that are alike, a few.
pub async fn crawl(visitor: &Visitor<'_>, starts: &[&str]) -> Found {
    let mut waiting: Vec<String> = starts.iter().map(|start| (*start).to_owned()).collect();
    let (mut seen, mut shapes) = (BTreeSet::new(), BTreeMap::<String, usize>::new());
    let mut found = Found { pages: BTreeMap::new(), forms: Vec::new() };
    let mut known = BTreeSet::new();
    while let Some(path) = waiting.pop() {
        let alike = shapes.entry(shape(&path)).or_default();
        if *alike >= ALIKE || !seen.insert(path.clone()) {
            continue;
        }
        *alike += 1;
        let answer = visitor.get(&path).await;
        if answer.status == 303 {
            waiting.push(answer.to.clone());
        }
        let here = path.split('?').next().unwrap_or_default();
        waiting.extend(attributes(&answer.text, "href").iter().filter_map(|to| follow(here, to)));
        for form in forms(&path, &answer.text) {
            let names: Vec<&str> = form.fields.iter().map(|field| field.name.as_str()).collect();
            if known.insert(format!("{} {}", shape(&form.action), names.join(" "))) {
                found.forms.push(form);
            }
        }
        found.pages.insert(path, answer);
    }
    found
}

/// An address without its numbers, and its question without values.
pub fn shape(path: &str) -> String {
    let (path, question) = path.split_once('?').unwrap_or((path, ""));
    let parts = path.split('/').map(|part| if part.starts_with(|c: char| c.is_ascii_digit()) { "#" } else { part });
    let mut keys: Vec<&str> = question.split('&').filter_map(|pair| pair.split('=').next()).collect();
    keys.sort_unstable();
    format!("{}?{}", parts.collect::<Vec<_>>().join("/"), keys.join("&"))
}

/// Where a link on the page `here` leads, when it stays with us.
fn follow(here: &str, to: &str) -> Option<String> {
    let to = to.split('#').next().unwrap_or_default();
    match to {
        "" => None,
        _ if to.contains("://") || to.starts_with("mailto:") => None,
        _ if to.starts_with('/') => Some(to.to_owned()),
        _ if to.starts_with('?') => Some(format!("{here}{to}")),
        _ => Some(format!("{}/{to}", here.rsplit_once('/').map_or("", |(stem, _)| stem))),
    }
}

fn decode(text: &str) -> String {
    text.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

/// Every value of an attribute.
fn attributes(html: &str, name: &str) -> Vec<String> {
    let mark = format!(" {name}=\"");
    html.split(&mark).skip(1).filter_map(|rest| rest.split('"').next()).map(decode).collect()
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    attributes(&format!(" {tag}"), name).into_iter().next()
}

/// The forms of a page.
pub fn forms(page: &str, html: &str) -> Vec<Form> {
    let read = |text: &str| {
        let (head, body) = text.split_once('>')?;
        let here = page.split('?').next().unwrap_or_default();
        let action = attribute(head, "action").and_then(|to| follow(here, &to)).unwrap_or_else(|| page.to_owned());
        let body = body.split("</form>").next().unwrap_or_default();
        Some(Form {
            action,
            post: head.contains("method=\"post\""),
            fields: body.split('<').filter_map(|tag| field(tag, body)).collect(),
        })
    };
    html.split("<form").skip(1).filter_map(read).collect()
}

fn field(tag: &str, form: &str) -> Option<Field> {
    let sort = tag.split([' ', '>']).next()?;
    let name = attribute(tag, "name").filter(|_| matches!(sort, "input" | "textarea" | "select" | "button"))?;
    let value = match sort {
        "select" => {
            let inside = form.split(&format!("name=\"{name}\"")).nth(1)?.split("</select>").next()?;
            attributes(inside, "value").into_iter().rfind(|value| !value.is_empty()).unwrap_or_default()
        }
        _ => attribute(tag, "value").unwrap_or_default(),
    };
    let sort =
        if sort == "input" { attribute(tag, "type").unwrap_or_else(|| "text".to_owned()) } else { sort.to_owned() };
    Some(Field { name, value, sort })
}

impl Form {
    /// The fields as pairs; free text is what `text` says, the rest as shown.
    pub fn filled(&self, text: impl Fn(&Field) -> Option<String>) -> Vec<(String, String)> {
        self.fields
            .iter()
            .filter(|field| field.sort != "file")
            .map(|field| (field.name.clone(), text(field).unwrap_or_else(|| field.value.clone())))
            .collect()
    }
}
