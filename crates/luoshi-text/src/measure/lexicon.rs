//! The lexicon: the words by which a directive is read, kept as data.

use crate::restore::Furniture;
use jiff::civil::Date;
use serde::Deserialize;

/// All words, as `packs/lexicon.toml` has them.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lexicon {
    /// what is no part of a text
    pub furniture: Furniture,
    /// who can be asked
    pub owner: OwnerWords,
    /// who says something, and how
    pub say: SayWords,
    /// by what a plan is known
    pub plan: PlanWords,
    /// by what a fact of the past is known
    pub past: PastWords,
    /// what asks for nothing that can be seen
    pub soft: SoftWords,
    /// what can be done
    pub act: ActWords,
    /// how much
    pub quantity: QuantityWords,
    /// kinds of measure
    pub kind: Vec<Kind>,
    /// festivals as deadlines
    pub festival: Vec<Festival>,
}

/// Words of organisations and posts.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnerWords {
    /// what a name ends in
    pub ends: Vec<String>,
    /// what ends like a name and is none
    pub never: Vec<String>,
    /// names of bodies, which may begin like an act
    pub bodies: Vec<String>,
    /// what no name holds: verbs, prepositions, papers
    pub parts: Vec<String>,
    /// subjects of failings
    pub vague: Vec<String>,
    /// heads of the column that says what is to be done
    pub whats: Vec<String>,
    /// labels before who answers for it
    pub leads: Vec<String>,
    /// labels before the person who answers for it
    pub persons: Vec<String>,
    /// labels before who helps
    pub helps: Vec<String>,
    /// what stands behind who answers for it, in a note
    pub leading: Vec<String>,
    /// what stands behind who helps, in a note
    pub helping: Vec<String>,
    /// labels before a deadline
    pub whens: Vec<String>,
}

/// Words of saying.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SayWords {
    /// the verbs
    pub verbs: Vec<String>,
    /// posts of those who are quoted, beside what can be asked
    pub posts: Vec<String>,
    /// what a name behind a post begins with
    pub surnames: String,
    /// what stands between who and the verb
    pub how: Vec<String>,
    /// who was quoted last
    pub pronouns: Vec<String>,
}

/// Words of plans.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanWords {
    /// must, will, shall
    pub modals: Vec<String>,
    /// what may follow a subject besides
    pub begins: Vec<String>,
    /// titles of documents that plan
    pub titles: Vec<String>,
    /// headings of parts that plan
    pub sections: Vec<String>,
    /// words of titles that send on another paper
    pub forwards: Vec<String>,
}

/// Words of the past.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PastWords {
    /// titles of documents that look back
    pub titles: Vec<String>,
    /// headings of parts that look back
    pub sections: Vec<String>,
    /// labels before what has failed
    pub labels: Vec<String>,
    /// words of a sentence that looks back
    pub words: Vec<String>,
    /// words that do unless the sentence says must
    pub told: Vec<String>,
}

/// Words that ask for nothing that can be seen.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SoftWords {
    /// attitudes
    pub words: Vec<String>,
    /// forbidden or allowed, not asked for
    pub never: Vec<String>,
    /// decisions of whoever writes
    pub announced: Vec<String>,
    /// what makes the rest of a sentence depend on something
    #[serde(rename = "if")]
    pub condition: Vec<String>,
    /// beginnings of clauses of purpose
    pub grounds: Vec<String>,
    /// what documents say about themselves
    pub frames: Vec<String>,
}

/// Words of acts.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActWords {
    /// acts
    pub words: Vec<String>,
    /// acts that only end others
    pub ends: Vec<String>,
    /// acts that may be shown or not: alone, at the head of a clause, they are no sign of a measure
    pub weak: Vec<String>,
    /// verbs that begin a clause which names nobody, besides acts
    pub starts: Vec<String>,
    /// what may stand before a verb: how
    pub hows: Vec<String>,
    /// ends of clauses that only say in what manner
    pub manners: Vec<String>,
    /// acts that happen on a day
    pub events: Vec<String>,
    /// acts that draw up a paper
    pub drafts: Vec<String>,
    /// what a rule is called
    pub rules: Vec<String>,
    /// names and phrases in which a word for an act is none
    pub nouns: Vec<String>,
}

/// Words of numbers.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuantityWords {
    /// units of counting, longer ones before their beginnings
    pub units: Vec<String>,
    /// no less
    pub at_least: Vec<String>,
    /// no more
    pub at_most: Vec<String>,
}

/// A kind of measure.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kind {
    /// its key
    pub id: String,
    /// its name
    pub name: Name,
    /// how much its words weigh against others
    pub weight: u32,
    /// the words
    pub words: Vec<String>,
    /// words that outweigh those of all other kinds
    #[serde(default)]
    pub strong: Vec<String>,
}

/// A name in both languages.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Name {
    /// in Chinese
    pub zh: String,
    /// in English
    pub en: String,
}

/// A festival.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Festival {
    /// as it is written
    pub name: String,
    /// `MM-DD` for every year, or the day of each
    pub days: Vec<String>,
}

impl Lexicon {
    /// Reads a lexicon, or says where it is wrong.
    pub fn parse(text: &str) -> Result<Lexicon, String> {
        let lexicon: Lexicon = toml::from_str(text).map_err(|error| error.to_string())?;
        let mut ids: Vec<&str> = lexicon.kind.iter().map(|kind| kind.id.as_str()).collect();
        ids.sort_unstable();
        match ids.windows(2).find(|pair| pair.first() == pair.last()) {
            Some(pair) => Err(format!("kind {}: twice", pair.concat())),
            None => lexicon.festival.iter().try_for_each(Festival::check).map(|()| lexicon),
        }
    }

    /// The kind of this key.
    pub fn kind(&self, id: &str) -> Option<&Kind> {
        self.kind.iter().find(|kind| kind.id == id)
    }
}

impl Festival {
    fn check(&self) -> Result<(), String> {
        let wrong = self.days.iter().find(|day| Festival::day(day, 2024).is_none());
        wrong.map_or(Ok(()), |day| Err(format!("festival {}: {day} is no day", self.name)))
    }

    fn day(day: &str, year: i16) -> Option<Date> {
        if day.len() == 5 { format!("{year}-{day}").parse().ok() } else { day.parse().ok() }
    }

    /// The first of its days on or after a day.
    pub(super) fn after(&self, from: Date) -> Option<Date> {
        let years = [from.year(), from.year() + 1];
        let days = self.days.iter().flat_map(|day| years.iter().filter_map(|year| Festival::day(day, *year)));
        days.filter(|day| *day >= from).min()
    }
}
