//! Faults of packs: where they are, what is said, what is advised.

use super::*;

/// A base pack of one level, one kind and one flow; each test spoils a copy of it.
const BASE: &str = r#"[pack]
id = "base"
name = { zh = "基础", en = "Base" }
version = "1"

[[level]]
id = "branch"
name = { zh = "党支部", en = "Branch" }

[[post]]
id = "secretary"
name = { zh = "书记", en = "Secretary" }
level = ["branch"]
home = "secretary"

[[grant]]
post = "secretary"
may = ["see"]

[[role]]
id = "speaker"
name = { zh = "主讲", en = "Speaker" }

[[kind]]
id = "lecture"
name = { zh = "党课", en = "Lecture" }
level = ["branch"]
meeting = { due = "members", role = ["speaker"] }
field = [
    { id = "topic", name = { zh = "题", en = "Topic" }, holds = "choice", option = [
        { id = "law", name = { zh = "法", en = "Law" } },
    ] },
]

[[flow]]
id = "order"
name = { zh = "督办", en = "Order" }

[[flow.step]]
id = "opened"
name = { zh = "已发", en = "Opened" }
by = ["secretary"]
side = "opener"
then = ["closed"]

[[flow.step]]
id = "closed"
name = { zh = "已结", en = "Closed" }
by = ["secretary"]
side = "addressee"
"#;

/// A list of one clause that stands on it.
const LIST: &str = r#"[pack]
id = "list"
name = { zh = "清单", en = "List" }
version = "1"

[[section]]
id = "body"
name = { zh = "党支部", en = "Branch" }

[[clause]]
id = "A-1"
text = { zh = "讲党课", en = "Give a lecture" }
section = "body"
level = ["branch"]
post = "secretary"
every = "year"
counts = [{ record = "lecture", role = "speaker", where = { topic = "law" } }]
"#;

fn faults(text: &str, from: &str, to: &str) -> Vec<Fault> {
    assert!(text.contains(from), "nothing to spoil: {from}");
    let spoiled = text.replacen(from, to, 1);
    let read = if text == BASE { Pack::base(&spoiled) } else { Pack::list(&spoiled, &Pack::base(BASE).unwrap()) };
    read.err().unwrap_or_default()
}

/// Spoils a pack and compares the faults, as `line:column: what` with the hint below.
#[track_caller]
fn spoil(text: &str, from: &str, to: &str, want: &str) {
    let told: Vec<String> = faults(text, from, to).iter().map(ToString::to_string).collect();
    assert_eq!(told.join("\n"), want, "{from} → {to}");
}

#[test]
fn a_pack_that_is_right_has_no_faults() {
    assert_eq!(faults(BASE, "", ""), []);
    assert_eq!(faults(LIST, "", ""), []);
}

#[test]
fn an_unknown_name_is_shown_where_it_stands_with_the_nearest_known() {
    let near = |at: &str, sort: &str, name: &str, known: &str| {
        format!("{at}: there is no {sort} `{name}`\n    hint: did you mean `{known}`?")
    };
    for (from, to, want) in [
        ("record = \"lecture\"", "record = \"lectrue\"", near("17:22", "kind of record", "lectrue", "lecture")),
        ("post = \"secretary\"", "post = \"secretery\"", near("15:8", "post", "secretery", "secretary")),
        ("level = [\"branch\"]", "level = [\"branches\"]", near("14:10", "level", "branches", "branch")),
        ("role = \"speaker\"", "role = \"speker\"", near("17:40", "role", "speker", "speaker")),
        ("topic = \"law\"", "topic = \"laws\"", near("17:69", "option", "laws", "law")),
        ("topic = \"law\"", "topik = \"law\"", near("17:61", "field", "topik", "topic")),
        ("section = \"body\"", "section = \"boddy\"", near("13:11", "section", "boddy", "body")),
        (
            "[[section]]",
            "[[sektion]]",
            near("6:3", "section", "sektion", "section") + "\n13:11: there is no section `body`",
        ),
        ("every = \"year\"", "every = \"year\"\nneeds = \"wing\"", "17:9: there is no part `wing`".into()),
        ("every = \"year\"", "every = \"year\"\nsource = \"JG\"", "17:10: there is no source `JG`".into()),
        ("every = \"year\"", "every = \"year\"\nclass = [\"firm\"]", "17:10: there is no class `firm`".into()),
    ] {
        spoil(LIST, from, to, &want);
    }
    spoil(BASE, "by = [\"secretary\"]", "by = [\"secretry\"]", &near("42:7", "post", "secretry", "secretary"));
    spoil(BASE, "then = [\"closed\"]", "then = [\"close\"]", &format!(
        "39:1: step order.opened can never reach a close\n    hint: some way must lead to a step without `then`\n{}",
        near("44:9", "step", "close", "closed")
    ).replace("39:1", "40:6"));
    spoil(
        BASE,
        "post = \"secretary\"\nmay",
        "post = \"sekretary\"\nmay",
        &near("17:8", "post", "sekretary", "secretary"),
    );
}

#[test]
fn a_key_may_stand_once() {
    let twice = |at: &str, what: &str| format!("{at}: {what} stands twice\n    hint: each key may stand once");
    let level = "[[level]]\nid = \"branch\"\nname = { zh = \"一\", en = \"One\" }\n\n";
    spoil(BASE, "[[post]]", &format!("{level}[[post]]"), &twice("11:6", "level `branch`"));
    let role = "[[role]]\nid = \"speaker\"\nname = { zh = \"一\", en = \"One\" }\n\n";
    spoil(BASE, "[[kind]]", &format!("{role}[[kind]]"), &twice("25:6", "role `speaker`"));
    let option = "{ id = \"law\", name = { zh = \"法\", en = \"Law\" } },";
    spoil(BASE, option, &format!("{option}{option}"), &twice("31:16", "option `law`"));
    let told = faults(BASE, "id = \"closed\"", "id = \"opened\"");
    assert_eq!(told[0].to_string(), twice("40:6", "step `opened`"));
    let clause = LIST.split("[[clause]]").nth(1).unwrap();
    spoil(
        LIST,
        "topic = \"law\" } }]\n",
        &format!("topic = \"law\" }} }}]\n\n[[clause]]{clause}"),
        &twice("20:6", "clause `A-1`"),
    );
}

#[test]
fn every_flow_closes_and_somebody_may_take_each_step() {
    let round = "name = { zh = \"已结\", en = \"Closed\" }\nthen = [\"opened\"]";
    let told = faults(BASE, "name = { zh = \"已结\", en = \"Closed\" }", round);
    let told: Vec<_> = told.iter().map(|fault| fault.what.en.as_str()).collect();
    assert_eq!(told, ["step order.opened can never reach a close", "step order.closed can never reach a close"]);
    let told = faults(BASE, "by = [\"secretary\"]\nside = \"addressee\"", "side = \"addressee\"");
    assert_eq!(told[0].what.en, "nobody may take step order.closed");
}

#[test]
fn levels_do_not_stand_below_one_another_in_a_circle() {
    let levels = "[[level]]\nid = \"a\"\nname = { zh = \"甲\", en = \"A\" }\nunder = [\"b\"]\n\n\
                  [[level]]\nid = \"b\"\nname = { zh = \"乙\", en = \"B\" }\nunder = [\"a\"]\n\n[[post]]";
    let told = faults(BASE, "[[post]]", levels);
    let told: Vec<_> = told.iter().map(|fault| (fault.line, fault.what.en.as_str())).collect();
    let circle = "stands below itself in a circle: no root above it";
    assert_eq!(told, [(11, format!("level `a` {circle}").as_str()), (16, format!("level `b` {circle}").as_str())]);
    let own = "name = { zh = \"党支部\", en = \"Branch\" }";
    let told = faults(BASE, own, &format!("{own}\nunder = [\"branch\"]"));
    assert_eq!(told[0].hint.en, "leave `under` out of at least one level");
}

#[test]
fn an_attachment_is_asked_for_only_with_its_ground() {
    let file = |rest: &str| {
        format!("field = [\n    {{ id = \"proof\", name = {{ zh = \"件\", en = \"File\" }}, holds = \"file\"{rest} }},")
    };
    let told = faults(BASE, "field = [", &file(""));
    assert_eq!((told[0].line, told[0].column), (30, 12));
    assert_eq!(told[0].what.zh, "必交附件没有写明依据");
    assert_eq!(told[0].hint.en, "write optional = true, or ground = { zh, en }");
    assert_eq!(faults(BASE, "field = [", &file(", optional = true")), []);
    assert_eq!(faults(BASE, "field = [", &file(", ground = { zh = \"条例第五条\", en = \"Art. 5\" }")), []);
}

#[test]
fn a_choice_has_options() {
    let told = faults(
        BASE,
        "holds = \"choice\", option = [\n        { id = \"law\", name = { zh = \"法\", en = \"Law\" } },\n    ]",
        "holds = \"choice\"",
    );
    assert_eq!(told[0].to_string(), "30:12: the choice topic has no options\n    hint: write option = [{ id, name }]");
}

#[test]
fn a_clause_that_can_never_be_met_is_a_fault() {
    for (from, to, want) in [
        (
            "counts = [{ record = \"lecture\", role = \"speaker\", where = { topic = \"law\" } }]",
            "counts = []",
            "clause A-1 can never be owed or met",
        ),
        ("every = \"year\"", "every = \"year\"\nat_least = 0", "clause A-1 can never be owed or met"),
        ("every = \"year\"", "every = \"event\"", "clause A-1: `every = \"event\"` and `event` go together"),
        (
            "every = \"year\"",
            "every = \"year\"\nevent = \"holiday\"",
            "clause A-1: `every = \"event\"` and `event` go together",
        ),
        ("every = \"year\"", "every = \"month\"\ndue = \"03-31\"", "clause A-1: `due` does not fit `every`"),
        ("every = \"year\"", "every = \"year\"\ndue = \"P6M_before:event\"", "clause A-1: `due` does not fit `every`"),
        (
            "every = \"year\"",
            "every = \"year\"\nevent_where = { topic = \"law\" }",
            "`event_where` goes with an event that is a record",
        ),
        ("post = \"secretary\"\n", "", "clause A-1 gives a role but no post that must stand in it"),
    ] {
        let told = faults(LIST, from, to);
        assert_eq!(told.iter().map(|fault| fault.what.en.as_str()).collect::<Vec<_>>(), [want], "{to}");
        assert!(!told[0].hint.zh.is_empty() && told[0].line > 9, "{to}");
    }
}

#[test]
fn a_campaign_asks_within_its_days_and_for_an_opening_and_a_closing_report_only() {
    let campaign = "[campaign]\nfrom = \"2023-09-01\"\nuntil = \"2023-09-30\"\n\n[[section]]";
    let list = LIST.replacen("[[section]]", campaign, 1);
    let base = BASE.replacen("meeting = { due", "once = \"topic\"\nmeeting = { due", 1);
    let told = |every: &str, base: &str| {
        let list = list.replacen("every = \"year\"", every, 1);
        let faults = Pack::list(&list, &Pack::base(base).unwrap()).err().unwrap_or_default();
        faults.iter().map(|fault| fault.what.en.clone()).collect::<Vec<_>>().join("; ")
    };
    assert_eq!(told("every = \"2023-09-01/2023-09-30\"", BASE), "");
    let outside = "clause A-1 does not fall within the days of the campaign";
    assert_eq!(told("every = \"2023-09-20/2023-10-01\"", BASE), outside);
    assert_eq!(told("every = \"month\"", BASE), outside);
    assert!(told("every = \"2023-09-30/2023-09-01\"", BASE).contains("no cadence"));
    assert_eq!(told("every = \"2023-09-01/2023-09-30\"", &base), "");
    let again = "lecture is recorded once, and clause A-1 asks for it again and again";
    assert_eq!(told("every = \"2023-09-01/2023-09-30\"\nat_least = 2", &base), again);
    let spoiled = BASE.replacen("meeting = { due", "once = \"subject\"\nmeeting = { due", 1);
    let told = Pack::base(&spoiled).unwrap_err();
    assert_eq!(told[0].what.en, "`once` of the kind lecture is no choice that must be made");
    let back = faults(&list, "from = \"2023-09-01\"", "from = \"2023-10-01\"");
    assert!(back.iter().any(|fault| fault.what.en == "the campaign ends before it begins"));
}

#[test]
fn a_record_that_the_unit_cannot_keep_or_a_role_that_nobody_has_is_a_fault() {
    let base = BASE.replacen("level = [\"branch\"]\nmeeting", "level = [\"other\"]\nmeeting", 1);
    let base =
        base.replacen("[[post]]", "[[level]]\nid = \"other\"\nname = { zh = \"他\", en = \"Other\" }\n\n[[post]]", 1);
    let base = base.replacen("role = [\"speaker\"]", "role = []", 1);
    let told = |list: &str| Pack::list(list, &Pack::base(&base).unwrap()).unwrap_err()[0].what.en.clone();
    assert_eq!(told(LIST), "on the kind lecture nobody stands as `speaker`");
    let bare = LIST.replace("role = \"speaker\", ", "");
    assert_eq!(told(&bare), "branch keeps no lecture: clause A-1 can never be met by it");
}

#[test]
fn a_kind_does_not_count_as_two_whose_numbers_would_be_mixed_up() {
    let service = |id: &str, number: &str| {
        format!(
            "[[kind]]\nid = \"{id}\"\nname = {{ zh = \"{id}\", en = \"{id}\" }}\n\
             field = [{{ id = \"{number}\", name = {{ zh = \"时\", en = \"Hours\" }}, holds = \"number\" }}]\n\n"
        )
    };
    let with = |one: &str, two: &str| {
        let also = BASE.replacen("meeting = {", "also = [\"service\", \"class\"]\nmeeting = {", 1);
        Pack::base(&format!("{also}\n{}{}", service("service", one), service("class", two)))
    };
    assert!(with("hours", "lessons").is_ok());
    let told = with("hours", "hours").unwrap_err();
    assert_eq!(told[0].what.en, "two kinds of `also` have a number called `hours`: they would be mixed up");
}

#[test]
fn what_is_no_toml_or_of_the_wrong_sort_is_told_with_its_place() {
    for (from, to, at, word) in [
        ("every = \"year\"", "every = ", (16, 9), ""),
        ("every = \"year\"", "every = \"weekly\"", (16, 9), "`weekly` is no cadence"),
        ("every = \"year\"", "every = \"year\"\ndue = \"02-30\"", (17, 7), "`02-30` is no due day"),
        ("every = \"year\"", "every = \"year\"\nat_least = \"two\"", (17, 12), "invalid type"),
        ("every = \"year\"", "every = \"year\"\nevry = 1", (17, 1), "unknown field `evry`"),
        ("section = \"body\"\n", "", (10, 1), "missing field `section`"),
        ("[[clause]]", "[clause]", (10, 1), "a list is expected here"),
        (
            "[pack]\nid = \"list\"\nname = { zh = \"清单\", en = \"List\" }\nversion = \"1\"\n",
            "",
            (1, 1),
            "[pack] is missing",
        ),
    ] {
        let told = faults(LIST, from, to);
        let first = told.first().unwrap_or_else(|| panic!("{to}: no fault"));
        assert_eq!((first.line, first.column), at, "{to}: {first}");
        assert!(first.what.en.contains(word), "{to}: {first}");
    }
}

#[test]
fn every_fault_is_told_not_only_the_first() {
    let two = "every = \"weekly\"\n\n[[clause]]\nid = \"A-2\"\ntext = { zh = \"二\", en = \"Two\" }\nsection = \"nowhere\"\n\
               every = \"year\"\ncounts = [{ record = \"nothing\" }]\n\n[[clause]]\nid = \"A-3\"\nevery = 3";
    let told = faults(LIST, "every = \"year\"", two);
    assert!(told.len() >= 4, "{told:?}");
    assert!(told.windows(2).all(|pair| (pair[0].line, pair[0].column) <= (pair[1].line, pair[1].column)));
}

#[test]
fn columns_are_counted_in_characters() {
    let told = faults(LIST, "counts = [{ record = \"lecture\",", "counts = [{ \"record\" = \"课\",");
    assert_eq!((told[0].line, told[0].column), (17, 24));
    let told = faults(LIST, "section = \"body\"", "section = \"body\" # 党课。\npost = \"无\" #");
    assert!(told.iter().all(|fault| fault.line == 14 || fault.line == 16), "{told:?}");
}

#[test]
fn a_pack_over_two_megabytes_is_refused_unread() {
    let huge = format!("{BASE}# {}", "党".repeat(700_000));
    let told = Pack::base(&huge).unwrap_err();
    assert_eq!(told[0].what.en, "the pack is larger than 2 MB");
}

#[test]
fn hostile_text_is_a_fault_and_no_crash() {
    for text in [
        "",
        "\0",
        "\u{feff}[pack]",
        "[[pack]]",
        "pack = 1",
        "🙂 = 1",
        "level = [[[[]]]]",
        "[level]\n[level]",
        "\u{202e}",
    ] {
        assert!(Pack::base(text).is_err(), "{text:?}");
    }
    let deep = format!("pack = {}1{}", "[".repeat(20_000), "]".repeat(20_000));
    assert!(Pack::base(&deep).is_err());
}

#[test]
fn a_post_allows_in_its_unit_what_it_allows_nowhere_else() {
    let text = BASE.replacen("may = [\"see\"]", "may = [\"see\"]\nhere = [\"roll\"]", 1);
    let pack = Pack::base(&text).unwrap();
    assert!(pack.grants("secretary", Verb::See, false) && pack.grants("secretary", Verb::Roll, true));
    assert!(!pack.grants("secretary", Verb::Roll, false) && !pack.grants("nobody", Verb::See, true));
}

#[test]
fn a_figure_names_levels_and_classes_that_exist() {
    let figure = "[[figure]]\nid = \"lectures\"\nname = { zh = \"党课\", en = \"Lectures\" }\nrecord = [\"lecture\"]\n\
                  measure = \"sessions\"\n";
    let with = |population: &str| format!("{figure}{population}\n\n[[flow]]\nid = \"order\"");
    let told = |population: &str| {
        let all = faults(BASE, "[[flow]]\nid = \"order\"", &with(population));
        all.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    };
    assert_eq!(told("level = [\"branch\"]"), "");
    assert!(told("level = [\"brunch\"]").contains("there is no level `brunch`\n    hint: did you mean `branch`?"));
    assert!(told("class = [\"organ\"]").contains("there is no class `organ`"));
}

#[test]
fn only_of_a_meeting_of_groups_by_the_calendar_can_each_group_be_asked() {
    let told = faults(LIST, "section = \"body\"", "section = \"body\"\neach_group = true");
    assert!(told.iter().any(|fault| fault.what.en.contains("cannot be asked of each Party group")), "{told:?}");
}
