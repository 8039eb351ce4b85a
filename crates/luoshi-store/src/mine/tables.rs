//! What the copy that a person may take holds of each table.

use super::Copy;

/// Every table that names people.
pub const TABLES: &[(&str, Copy)] = &[
    (
        "person",
        Copy::Rows(
            "select id, unit_id, standing, name, search, sex, born, joined, full_on, left_on, left_why from person
              where top_id = $1 and id = $2",
        ),
    ),
    (
        "affiliation",
        Copy::Rows(
            "select unit_id, from_date, until_date, why from affiliation where top_id = $1 and person_id = $2
              order by from_date",
        ),
    ),
    (
        "standing",
        Copy::Rows(
            "select standing, from_date from standing where top_id = $1 and person_id = $2 order by from_date",
        ),
    ),
    // `sealed` is opened for the copy, under the name `number`
    (
        "person_secret",
        Copy::Rows("select field, sealed from person_secret where top_id = $1 and person_id = $2 order by field"),
    ),
    (
        "holding",
        Copy::Rows(
            "select unit_id, post, from_date, until_date, how from holding where top_id = $1 and person_id = $2
              order by from_date, post",
        ),
    ),
    (
        "transfer",
        Copy::Rows("select matter_id, done from transfer where top_id = $1 and person_id = $2 order by matter_id"),
    ),
    (
        "matter",
        Copy::Rows(
            "select m.id, m.flow, m.title, m.data, m.on_date from matter m
              where m.top_id = $1 and (m.id in (select t.matter_id from transfer t where t.top_id = $1 and t.person_id = $2)
                 or m.data ->> 'giver' = cast($2 as text) or m.data ->> 'taker' = cast($2 as text)
                 or m.data ->> 'checker' = cast($2 as text)
                 or m.data ->> 'proposer' = cast($2 as text))
              order by m.id",
        ),
    ),
    (
        "matter_event",
        Copy::Rows(
            "select matter_id, seq, step, note, data, on_date from matter_event where top_id = $1 and actor_id = $2
              order by matter_id, seq",
        ),
    ),
    (
        "matter_turn",
        Copy::Rows(
            "select matter_id, no, sort, note, on_date from matter_turn where top_id = $1 and actor_id = $2
              order by matter_id, no",
        ),
    ),
    (
        "record",
        Copy::Rows(
            "select id, version, unit_id, kind, on_date, written, data, withdrawn from record
              where top_id = $1 and author_id = $2
             union all
             select id, version, unit_id, kind, on_date, written, data -> 'topic', withdrawn from record
              where top_id = $1 and author_id <> $2
                and replace(replace(replace(cast(data as text), ' ', ''), '[', ','), ']', ',')
                      like '%,' || cast($2 as text) || ',%'
              order by 1, 2",
        ),
    ),
    (
        "record_person",
        Copy::Rows(
            "select s.record_id, s.version, s.role, s.why, r.unit_id, r.kind, r.on_date, r.data ->> 'topic' as topic
               from record_person s join record r on r.top_id = s.top_id and r.id = s.record_id and r.version = s.version
              where s.top_id = $1 and s.person_id = $2 order by s.record_id, s.version, s.role",
        ),
    ),
    (
        "roll",
        Copy::Rows(
            "select r.id as record_id, r.unit_id, r.kind, r.on_date, r.data ->> 'topic' as topic, l.people
               from affiliation a
               join record r on r.top_id = a.top_id and r.unit_id = a.unit_id
                            and r.on_date >= a.from_date and r.on_date <= a.until_date
               join roll l on l.top_id = r.top_id and l.digest = r.roll
              where a.top_id = $1 and a.person_id = $2 order by r.on_date, r.id, r.version",
        ),
    ),
    (
        "youth_member",
        Copy::Rows(
            "select g.name, m.from_date, m.until_date from youth_member m
               join youth_group g on g.top_id = m.top_id and g.id = m.group_id
              where m.top_id = $1 and m.person_id = $2 order by m.from_date",
        ),
    ),
    (
        "branch_group_member",
        Copy::Rows(
            "select g.name, m.from_date, m.until_date from branch_group_member m
               join branch_group g on g.top_id = m.top_id and g.id = m.group_id
              where m.top_id = $1 and m.person_id = $2 order by m.from_date",
        ),
    ),
    (
        "youth_part",
        Copy::Rows(
            "select g.name, t.part, t.from_date, t.until_date from youth_part t
               join youth_group g on g.top_id = t.top_id and g.id = t.group_id
              where t.top_id = $1 and t.person_id = $2 order by t.from_date, t.part",
        ),
    ),
    // `sealed` is opened for the copy, of one's own cases alone
    (
        "aid_case",
        Copy::Rows(
            "select id, fund_id, on_date, sealed from aid_case where top_id = $1 and person_id = $2 order by id",
        ),
    ),
    (
        "aid_event",
        Copy::Rows(
            "select e.case_id, e.seq, e.step, e.on_date, case when c.person_id = $2 then e.sealed else '' end as sealed
               from aid_event e join aid_case c on c.top_id = e.top_id and c.id = e.case_id
              where e.top_id = $1 and (c.person_id = $2 or e.actor_id = $2) order by e.case_id, e.seq",
        ),
    ),
    (
        "aid_entry",
        Copy::Rows(
            "select fund_id, seq, sort, amount, on_date from aid_entry
              where top_id = $1 and (person_id = $2 or actor_id = $2) order by fund_id, seq",
        ),
    ),
    ("aid_kin", Copy::Not("whose case it is would be told; who asked sees whom they named")),
    (
        "class_seat",
        Copy::Rows(
            "select c.title, c.from_date, c.until_date, c.hours from class_seat s
               join class c on c.top_id = s.top_id and c.id = s.class_id
              where s.top_id = $1 and s.person_id = $2 order by c.from_date, c.id",
        ),
    ),
    (
        "class_missed",
        Copy::Rows(
            "select c.title, x.on_date, x.hours, x.topic from class_missed m
               join class c on c.top_id = m.top_id and c.id = m.class_id
               join class_session x on x.top_id = m.top_id and x.class_id = m.class_id and x.no = m.no
              where m.top_id = $1 and m.person_id = $2 order by x.on_date, c.id",
        ),
    ),
    (
        "plan",
        Copy::Rows(
            "select id, unit_id, kind, on_date, at_time, place, topic, reading from plan
              where top_id = $1 and author_id = $2 order by id",
        ),
    ),
    (
        "pledge",
        Copy::Rows(
            "select id, unit_id, year, text, measure, on_date from pledge
              where top_id = $1 and (person_id = $2 or actor_id = $2) order by id",
        ),
    ),
    (
        "pledge_event",
        Copy::Rows(
            "select pledge_id, act, year, state, words, on_date from pledge_event where top_id = $1 and actor_id = $2
              order by pledge_id, seq",
        ),
    ),
    (
        "calendar_feed",
        Copy::Rows("select unit_id, made from calendar_feed where top_id = $1 and person_id = $2 order by made, unit_id"),
    ),
    (
        "joint",
        Copy::Rows(
            "select record_id, unit_id, named, confirmed from joint where top_id = $1 and actor_id = $2
              order by record_id, unit_id",
        ),
    ),
    (
        "collection",
        Copy::Rows(
            "select id, unit_id, title, ground, from_date, until_date from collection
              where top_id = $1 and author_id = $2 order by id",
        ),
    ),
    (
        "collection_answer",
        Copy::Rows(
            "select collection_id, unit_id, period, data, on_date from collection_answer
              where top_id = $1 and author_id = $2 order by collection_id, unit_id, period",
        ),
    ),
    (
        "burden",
        Copy::Rows(
            "select id, unit_id, title, words, on_date, answer, answered from burden
              where top_id = $1 and (author_id = $2 or handler_id = $2) order by id",
        ),
    ),
    (
        "draft",
        Copy::Rows("select form, data, at from draft where top_id = $1 and person_id = $2 order by form"),
    ),
    (
        "account",
        Copy::Rows("select login, active, locked from account where top_id = $1 and person_id = $2"),
    ),
    ("login", Copy::Not("holds the sign-in name that is copied with the account, and nothing more")),
    (
        "session",
        Copy::Rows("select began, seen, ends, device from session where top_id = $1 and person_id = $2 order by began"),
    ),
    (
        "invitation",
        Copy::Rows("select ends, used from invitation where top_id = $1 and person_id = $2 order by ends"),
    ),
    (
        "second_factor",
        Copy::Rows("select since, locked from second_factor where top_id = $1 and person_id = $2"),
    ),
    (
        "recovery_code",
        Copy::Rows("select used from recovery_code where top_id = $1 and person_id = $2 order by used"),
    ),
    (
        "passkey",
        Copy::Rows(
            "select name, made, used, stopped from passkey where top_id = $1 and person_id = $2 order by made",
        ),
    ),
    (
        "access_token",
        Copy::Rows(
            "select name, writes, proposals, unit_id, until_date, made from access_token
              where top_id = $1 and person_id = $2 order by made",
        ),
    ),
    (
        "operation",
        Copy::Rows("select id, outcome, at from operation where top_id = $1 and person_id = $2 order by id"),
    ),
    (
        "look",
        Copy::Rows(
            "select l.at, l.field, l.reason, w.name as looked from look l
               left join person w on w.top_id = l.top_id and w.id = l.actor_id
              where l.top_id = $1 and l.person_id = $2 order by l.id",
        ),
    ),
    (
        "sight",
        Copy::Rows(
            "select s.on_date, s.sort, w.name as seen_by from sight s
               left join person w on w.top_id = s.top_id and w.id = s.actor_id
              where s.top_id = $1 and s.person_id = $2 order by s.on_date, s.actor_id",
        ),
    ),
    (
        "request",
        Copy::Rows(
            "select id, ask, words, on_date, state, answer, answered from request
              where top_id = $1 and person_id = $2 order by id",
        ),
    ),
    (
        "person_lock",
        Copy::Rows("select on_date from person_lock where top_id = $1 and person_id = $2"),
    ),
    (
        "audit",
        Copy::Rows(
            "select id, at, act, object, unit_id, detail from audit
              where top_id = $1 and (person_id = $2 or object = $2) order by id",
        ),
    ),
    (
        "unit_change",
        Copy::Rows(
            "select unit_id, id, change, on_date, note from unit_change where top_id = $1 and actor_id = $2 order by id",
        ),
    ),
    (
        "waiver",
        Copy::Rows(
            "select unit_id, clause, period, reason, on_date from waiver where top_id = $1 and actor_id = $2
              order by unit_id, clause, period",
        ),
    ),
    (
        "import",
        Copy::Rows(
            "select id, unit_id, sort, name, state, rows, on_date from import where top_id = $1 and actor_id = $2
              order by id",
        ),
    ),
    (
        "intake",
        Copy::Rows(
            "select id, unit_id, title, name, day, on_date from intake where top_id = $1 and actor_id = $2 order by id",
        ),
    ),
    (
        "board_filter",
        Copy::Rows("select name, question from board_filter where top_id = $1 and person_id = $2 order by name"),
    ),
    (
        "round_member",
        Copy::Rows(
            "select round_id, team, post, from_date, until_date, why from round_member
              where top_id = $1 and person_id = $2 order by round_id, until_date",
        ),
    ),
    (
        "recusal",
        Copy::Rows("select unit_id, on_date from recusal where top_id = $1 and person_id = $2 order by unit_id"),
    ),
    (
        "coverage",
        Copy::Rows("select id, unit_id, name, on_date from coverage where top_id = $1 and actor_id = $2 order by id"),
    ),
    (
        "round",
        Copy::Rows("select id, unit_id, name, on_date from round where top_id = $1 and actor_id = $2 order by id"),
    ),
    (
        "exchange",
        Copy::Rows(
            "select id, round_id, team, on_date, ended, ended_on, why from exchange
              where top_id = $1 and actor_id = $2 order by id",
        ),
    ),
    (
        "exchange_return",
        Copy::Rows(
            "select exchange_id, no, on_date from exchange_return where top_id = $1 and actor_id = $2
              order by exchange_id, no",
        ),
    ),
    (
        "exchange_receipt",
        Copy::Rows(
            "select exchange_id, on_date from exchange_receipt where top_id = $1 and actor_id = $2
              order by exchange_id",
        ),
    ),
    (
        "edition",
        Copy::Rows(
            "select pack_id, from_date, version, at from edition where top_id = $1 and actor_id = $2
              order by from_date, pack_id",
        ),
    ),
    (
        "figure_own",
        Copy::Rows(
            "select unit_id, figure, text, on_date from figure_own where top_id = $1 and actor_id = $2
              order by unit_id, figure",
        ),
    ),
    (
        "figure_quote",
        Copy::Rows(
            "select unit_id, id, paper, n, on_date from figure_quote where top_id = $1 and actor_id = $2 order by id",
        ),
    ),
    (
        "export_map",
        Copy::Rows("select map_id, at from export_map where top_id = $1 and actor_id = $2 order by map_id"),
    ),
    ("rollup_person", Copy::Not("counted from the roles and lists on records, which are copied")),
    ("closing", Copy::Not("an act of the organisation; who did it stands in the audit, which is copied")),
];
