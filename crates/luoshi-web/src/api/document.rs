//! What is said of the API: OpenAPI 3.1 made from the routes, and a page that shows it.

use super::Route;
use luoshi_rules::Lang;
use maud::{Markup, html};
use serde_json::{Map, Value as Json, json};

/// The OpenAPI document of these routes.
pub(super) fn of(routes: &[Route]) -> Json {
    let mut schemas = Map::new();
    schemas.insert("Problem".into(), problem());
    let mut paths: Map<String, Json> = Map::new();
    for route in routes {
        let (name, shape) = &route.answer;
        if !name.is_empty() {
            schemas.insert((*name).to_owned(), shape.clone());
        }
        let method = if route.sends.is_some() { "post" } else { "get" };
        let path = paths.entry(route.path).or_insert_with(|| json!({}));
        path[method] = operation(route);
    }
    json!({
        "openapi": "3.1.0",
        "info": { "title": "落实 Luoshi", "version": env!("CARGO_PKG_VERSION"),
            "description": "与页面相同的数据。 The same values as the pages." },
        "servers": [{ "url": "/api/v1" }],
        "paths": paths,
        "components": { "schemas": schemas, "securitySchemes": {
            "session": { "type": "apiKey", "in": "cookie", "name": "luoshi" },
            "token": { "type": "http", "scheme": "bearer" } } },
        "security": [{ "session": [] }, { "token": [] }],
    })
}

fn operation(route: &Route) -> Json {
    let ask = &route.asks;
    let digits = json!({ "type": "string", "pattern": "^[0-9]+$" });
    let in_path = route.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let in_path = in_path.map(|name| json!({ "name": name, "in": "path", "required": true, "schema": digits }));
    let after = ask["properties"].as_object().into_iter().flatten().map(|(name, shape)| {
        let inner = shape["anyOf"].get(0).unwrap_or(shape);
        json!({ "name": name, "in": "query", "description": shape["description"], "schema": inner })
    });
    let named = match &route.answer {
        ("", shape) => shape.clone(),
        (name, _) => json!({ "$ref": format!("#/components/schemas/{name}") }),
    };
    let mut answers = Map::new();
    answers.insert("200".into(), json!({ "description": "OK", "content": content(&named) }));
    for (status, words) in TROUBLES {
        let schema = json!({ "$ref": "#/components/schemas/Problem" });
        let content = json!({ "application/problem+json": { "schema": schema } });
        answers.insert(status.into(), json!({ "description": words, "content": content }));
    }
    let parameters: Vec<Json> = in_path.chain(after).chain(route.sends.iter().map(|_| key())).collect();
    let summary = format!("{} · {}", route.zh, route.en);
    let mut said = json!({ "summary": summary, "parameters": parameters, "responses": answers });
    if let Some(sends) = &route.sends {
        let mut sent = content(sends);
        if route.files {
            let words = "文件本身；各项写在地址的问号后，name 为文件名 · the file itself; the fields stand behind the question mark of the address, with its name";
            let file = json!({ "type": "string", "description": words, "contentMediaType": FILE });
            sent[FILE] = json!({ "schema": file });
        }
        said["requestBody"] = json!({ "required": true, "content": sent });
        said["security"] = json!([{ "token": [] }]);
    }
    said
}

/// What a body is that is a file.
const FILE: &str = "application/octet-stream";

/// What goes over the wire: JSON, unless the shape says what else.
fn content(shape: &Json) -> Json {
    let sort = shape["contentMediaType"].as_str().unwrap_or("application/json");
    json!({ sort: { "schema": shape } })
}

/// The head that acts must have.
fn key() -> Json {
    let words = "同一个键只办一次，再问得到同样的回答 · the same key is done once, and answered the same again";
    json!({ "name": "Idempotency-Key", "in": "header", "required": true, "description": words,
        "schema": { "type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$" } })
}

/// The statuses of answers that are not what was asked for.
const TROUBLES: [(&str, &str); 10] = [
    ("400", "参数有误 · a parameter does not read"),
    ("401", "没有登录 · not signed in"),
    ("403", "令牌只能读取 · the token may read only"),
    ("404", "没有，或不在可见范围内 · nothing there, or nothing that may be seen"),
    ("405", "此地址不接受这种方法 · this address does not take that method"),
    ("422", "不符合规则 · the rules say no"),
    ("429", "太频繁，请稍后再试 · too often: come again later"),
    ("500", "系统出错 · something broke"),
    ("503", "暂时不能服务，按 Retry-After 重试 · not just now: try again after Retry-After"),
    ("507", "磁盘已满，没有保存 · the disk is full, nothing was kept"),
];

fn problem() -> Json {
    let text = json!({ "type": "string" });
    json!({ "type": "object", "required": ["type", "title", "status", "detail", "detail_en"], "additionalProperties": false,
        "properties": { "type": text, "title": text, "status": { "type": "integer" }, "detail": text, "detail_en": text,
            "parameter": text, "errors": { "type": "array", "items": { "type": "object",
                "required": ["detail", "detail_en"], "additionalProperties": false,
                "properties": { "detail": text, "detail_en": text, "parameter": text } } } } })
}

/// What a name of the document stands for.
fn meant<'d>(document: &'d Json, shape: &'d Json) -> &'d Json {
    let shape = shape["anyOf"].get(0).unwrap_or(shape);
    let name = shape["$ref"].as_str().and_then(|name| name.strip_prefix('#'));
    name.and_then(|name| document.pointer(name)).unwrap_or(shape)
}

/// The parts of what an operation answers, each with its words; of a list, the columns of a row.
fn answered<'d>(document: &'d Json, said: &'d Json) -> Vec<(&'d str, &'d str)> {
    let shape = said.pointer("/responses/200/content/application~1json/schema").unwrap_or(said);
    let whole = meant(document, shape);
    let row = whole.pointer("/properties/items/items").map(|row| meant(document, row));
    let parts = row.unwrap_or(whole)["properties"].as_object();
    let words = |shape: &'d Json| shape["description"].as_str().unwrap_or_default();
    parts.into_iter().flatten().map(|(name, shape)| (name.as_str(), words(shape))).collect()
}

/// The document as a page.
pub(super) fn page(lang: Lang, document: &Json) -> Markup {
    let say = |zh: &'static str, en: &'static str| crate::shell::say(lang, zh, en);
    let one = |words: &str| {
        let (zh, en) = words.split_once(" · ").unwrap_or((words, words));
        crate::shell::say(lang, zh, en).to_owned()
    };
    let paths = document["paths"].as_object();
    let body = html! {
        p { (say("程序可以取得与页面相同的数据。", "Programs can have the same values as the pages.")) " "
            a href="/api/v1/openapi.json" { "OpenAPI 3.1" } }
        @for (path, method, said) in paths.into_iter().flatten().flat_map(|(path, methods)| {
            methods.as_object().into_iter().flatten().map(move |(method, said)| (path, method.to_uppercase(), said))
        }) {
            h2 { (one(said["summary"].as_str().unwrap_or_default())) }
            p { code { (method) " /api/v1" (path) } }
            @let asks = said["parameters"].as_array().into_iter().flatten().filter(|one| one["in"] != "path");
            @let rest = said.pointer("/requestBody/content/application~1json/schema/additionalProperties/description");
            @let sends = said.pointer("/requestBody/content/application~1json/schema/properties").and_then(Json::as_object);
            dl.facts {
                @for ask in asks {
                    dt { code { (ask["name"].as_str().unwrap_or_default()) } } dd { (one(ask["description"].as_str().unwrap_or_default())) }
                }
                @for (name, shape) in sends.into_iter().flatten() {
                    dt { code { (name) } } dd { (one(shape["description"].as_str().unwrap_or_default())) }
                }
                @if let Some(words) = rest.and_then(Json::as_str) { dt { "…" } dd { (one(words)) } }
            }
            @let given = answered(document, said);
            @if method == "GET" && !given.is_empty() {
                details {
                    summary { (say("返回的各项", "What is answered")) " (" (given.len()) ")" }
                    dl.facts { @for (name, words) in given { dt { code { (name) } } dd { (one(words)) } } }
                }
            }
        }
    };
    crate::shell::bare(lang, say("程序接口", "API"), body)
}
