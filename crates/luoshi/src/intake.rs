//! `luoshi intake FILE`: the clean text of a directive and the measures found in it, for people or for programs.

mod json;

use clap::Args;
use jiff::civil::Date;
use luoshi_office::Paper;
use luoshi_office::paper::{self, Refused};
use luoshi_text::Measure;
use luoshi_text::measure::Told;
use luoshi_web::{Dated, READ_PAPER, Reading};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

/// What to read and how to answer.
#[derive(Args)]
pub struct Options {
    /// A .docx, .txt, .html or .md file; `-` reads text from standard input
    file: PathBuf,
    /// Answer in JSON, with spans counted in characters
    #[arg(long)]
    json: bool,
    /// Names of the units that can be meant, one a line
    #[arg(long)]
    units: Option<PathBuf>,
    /// The day of the document, from which days are counted; read from the document when absent
    #[arg(long)]
    date: Option<Date>,
}

/// Reads a directive and prints what was found.
pub fn run(options: &Options) -> Result<ExitCode, String> {
    let names = match &options.units {
        Some(file) => std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?,
        None => String::new(),
    };
    let units: Vec<&str> = names.lines().map(str::trim).filter(|name| !name.is_empty()).collect();
    let base = crate::serve::base().map_err(|faults| faults.join("\n"))?;
    let posts: Vec<&str> = base.post.iter().map(|post| post.name.zh.as_str()).collect();
    let today = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(8))).date();
    let reading = paper(&options.file)?.and_then(|paper| Reading::of(paper, options.date, today, (&units, &posts)));
    let reading = match reading {
        Ok(reading) => reading,
        Err(refused) => {
            eprintln!("luoshi: {}\nluoshi: {}", refused.say(true), refused.say(false));
            return Ok(ExitCode::from(3));
        }
    };
    let text = if options.json { json::of(&reading, &units, &posts) } else { shown(&reading, (&units, &posts)) };
    // whoever reads only the first lines closes the pipe early; that is no fault
    drop(writeln!(std::io::stdout(), "{text}"));
    Ok(ExitCode::SUCCESS)
}

/// The paper, read by a child with little memory. A file too large is refused before it is opened.
fn paper(file: &Path) -> Result<Result<Paper, Refused>, String> {
    let told = |error: std::io::Error| format!("{}: {error}", file.display());
    let cap = paper::caps().file;
    let mut bytes = Vec::new();
    if file == Path::new("-") {
        std::io::stdin().lock().take(cap as u64 + 1).read_to_end(&mut bytes).map_err(told)?;
    } else {
        if std::fs::metadata(file).map_err(told)?.len() > cap as u64 {
            return Ok(Err(Refused::Large(cap >> 20)));
        }
        bytes = std::fs::read(file).map_err(told)?;
    }
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    by_child(&name, bytes).map_err(|error| error.to_string())
}

fn by_child(name: &str, bytes: Vec<u8>) -> std::io::Result<Result<Paper, Refused>> {
    let mut child = Command::new(std::env::current_exe()?)
        .args([READ_PAPER, "--", name]) // a name may begin with a dash
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let pipe = child.stdin.take();
    // the child may refuse before it has read everything
    let sender = std::thread::spawn(move || pipe.map(|mut pipe| drop(pipe.write_all(&bytes))));
    let done = child.wait_with_output()?;
    drop(sender.join());
    let broken = |_| Refused::Broken("the reader stopped".to_owned());
    Ok(match done.status.code() {
        Some(0) => serde_json::from_slice(&done.stdout).map_err(broken),
        Some(3) => Err(serde_json::from_slice(&done.stdout).unwrap_or_else(broken)),
        _ => Err(Refused::Broken("the reader stopped".to_owned())),
    })
}

/// What was found, for people.
fn shown(reading: &Reading, names: (&[&str], &[&str])) -> String {
    let dated = match reading.dated {
        Dated::Told => "",
        Dated::Found => "（据文件）",
        Dated::Read => "（文件未写明，按今年算）",
    };
    let mut out = format!(
        "文件日期 {}{dated} · 措施 {} 条 · 未能还原 {} 处\n\n{}\n",
        reading.day,
        reading.measures.len(),
        reading.restored.marks.len(),
        reading.restored.text
    );
    for (at, measure) in reading.measures.iter().enumerate() {
        out += &format!("\n{}. {}\n   {}", at + 1, reading.text(measure), facts(reading, measure, names).join(" · "));
    }
    out
}

fn facts(reading: &Reading, measure: &Measure, (units, posts): (&[&str], &[&str])) -> Vec<String> {
    let mut facts = Vec::new();
    for owner in &measure.owners {
        let role = if owner.helps { "配合" } else { "责任" };
        let told = match owner.told {
            Told::Here => "",
            Told::Before => "（承前）",
            Told::Addressee => "（主送）",
        };
        let meant: Vec<&str> = owner.units.iter().filter_map(|at| units.get(*at).copied()).collect();
        let meant = if meant.is_empty() { String::new() } else { format!("→{}", meant.join("、")) };
        let post = owner.post.and_then(|at| posts.get(at)).map_or(String::new(), |post| format!("（岗位：{post}）"));
        facts.push(format!("{role} {}{told}{meant}{post}", owner.text));
    }
    if let Some(due) = &measure.due {
        facts.push(format!("时限 {}", json::due(due, &measure.due_text)["words"].as_str().unwrap_or_default()));
        if let luoshi_text::measure::Due::By(day) = due {
            facts.push(day.to_string());
        }
    }
    if let Some(quantity) = &measure.quantity {
        facts.push(format!("数量 {}{}", quantity.value, quantity.unit));
    }
    let kind = luoshi_web::lexicon().ok().and_then(|words| words.kind(&measure.kind));
    facts.extend(kind.map(|kind| format!("类型 {}", kind.name.zh)));
    facts.extend(measure.speaker.as_ref().map(|who| format!("引自 {who}")));
    facts.push(format!("把握 {:.2}", measure.confidence));
    let span = json::span(&reading.original, &reading.restored.original(&measure.at));
    facts.push(format!("原文第 {}–{} 字", span.0 + 1, span.1));
    facts
}
