//! Where a conversation stands: a fold over its turns, so that nothing has to be remembered elsewhere.

use frontdesk_kernel::{
    language::Language,
    ports::model::{Content, ModelRequest, Turn},
};
use jiff::civil::{Date, Time};
use serde_json::Value;

use super::{
    briefing::Briefing,
    clock::DayPart,
    dates::{self, Expect},
    say::{Line, Question},
    tongue,
    understand::{Answer, Context, Heard, Wish, hear},
    words::{Word, words},
};

/// How notes to the model begin.
const NOTE: &str = "[system]";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Task {
    Book,
    Move,
    Cancel,
}

/// What was said about the task so far.
#[derive(Debug, Default)]
pub(super) struct Talk {
    pub(super) task: Option<Task>,
    /// Our last question, when the message before was one.
    pub(super) asked: Option<Question>,
    /// The task took more than one message.
    pub(super) is_dialogue: bool,
    pub(super) date: Option<Date>,
    pub(super) time: Option<Time>,
    pub(super) part: Option<DayPart>,
    pub(super) name: Option<String>,
    pub(super) staff: Option<String>,
    /// Messages since the last ending, and how many of them came before the task.
    pub(super) said: Vec<Vec<Word>>,
    pub(super) before_task: usize,
    /// The last message is no step of the open task but a question besides it.
    pub(super) aside: bool,
    /// The last message brought a day or a time.
    pub(super) news: bool,
}

/// A tool call of this turn and what came of it.
#[derive(Debug)]
pub(super) struct Done<'r> {
    pub(super) name: &'r str,
    /// Absent when the call itself is not in the turns.
    pub(super) arguments: Option<&'r Value>,
    pub(super) text: &'r str,
    pub(super) failed: bool,
}

/// Everything a request tells.
#[derive(Debug)]
pub(super) struct Scene<'r> {
    pub(super) request: &'r ModelRequest,
    pub(super) briefing: Briefing,
    pub(super) language: Language,
    pub(super) talk: Talk,
    /// The message to answer.
    pub(super) heard: Heard,
    pub(super) done: Vec<Done<'r>>,
}

impl<'r> Scene<'r> {
    pub(super) fn of(request: &'r ModelRequest) -> Scene<'r> {
        let briefing = Briefing::read(&request.system);
        let last = (0..request.turns.len()).rfind(|i| is_said(&request.turns, *i)).map_or(0, |i| i + 1);
        let (before, after) = request.turns.split_at(last);
        let entries = entries(before);
        let said = entries.iter().rev().filter_map(|e| if let Entry::Contact(text) = e { Some(text.as_str()) } else { None });
        let language = tongue::of_messages(said, briefing.language);

        let mut talk = Talk::default();
        let mut heard = hear("", talk.context(&briefing));
        for entry in &entries {
            match entry {
                Entry::Contact(text) => {
                    heard = hear(text, talk.context(&briefing));
                    talk.hear(&heard);
                }
                Entry::Us(text) => talk.told(text, &briefing),
            }
        }
        Scene { request, briefing, language, talk, heard, done: done(after) }
    }
}

impl Talk {
    fn context(&self, briefing: &Briefing) -> Context {
        Context {
            today: briefing.today,
            expect: match self.asked {
                Some(Question::Day | Question::NewDay) => Expect::Day,
                Some(Question::Time | Question::OtherTime | Question::NewTime | Question::OtherNewTime) => Expect::Time,
                _ => Expect::Anything,
            },
            name_asked: matches!(self.asked, Some(Question::Name | Question::NameAfterwards)),
            booking: self.task == Some(Task::Book),
        }
    }

    fn hear(&mut self, heard: &Heard) {
        if heard.wish == Some(Wish::Greeting) {
            *self = Talk::default();
        }
        match heard.wish {
            Some(Wish::Book | Wish::FreeTimes) => self.begin(Task::Book),
            Some(Wish::Move) => self.begin(Task::Move),
            // While a booking is being made, a bare "cancelar" drops it.
            Some(Wish::Cancel) if self.task != Some(Task::Book) || heard.words.len() > 2 => self.begin(Task::Cancel),
            _ => {}
        }
        self.aside = !matches!(heard.wish, None | Some(Wish::Book | Wish::FreeTimes | Wish::Move | Wish::Cancel | Wish::Thanks));
        self.said.push(heard.words.clone());
        self.name = heard.name.clone().or(self.name.take());
        self.news = !self.aside && !heard.when.is_empty();
        if self.aside {
            return;
        }
        if let Some(date) = heard.when.date {
            // A new day asks for a new time.
            if self.date.is_some_and(|old| old != date) && heard.when.time.is_none() {
                self.time = None;
            }
            self.date = Some(date);
        }
        self.time = heard.when.time.or(self.time);
        self.part = heard.when.part.or(self.part);
        self.staff = heard.staff.clone().or(self.staff.take());
    }

    /// What we said before: endings close the task, questions keep it open.
    fn told(&mut self, text: &str, briefing: &Briefing) {
        if Line::ends_in(text) {
            *self = Talk { name: self.name.take(), ..Talk::default() };
        }
        self.asked = Question::last_in(text);
        let Some(question) = self.asked else { return };
        self.is_dialogue = true;
        self.task = self.task.or(match question {
            Question::NameAfterwards => None,
            Question::NewDay | Question::NewTime | Question::OtherNewTime => Some(Task::Move),
            Question::ReallyCancel => Some(Task::Cancel),
            _ => Some(Task::Book),
        });
        // The tool chose the day: it is in its list.
        if question == Question::Time && self.date.is_none() {
            self.date = dates::read(&words(text), briefing.today, Expect::Anything).date;
        }
    }

    fn begin(&mut self, task: Task) {
        if self.task != Some(task) {
            let (said, name) = (std::mem::take(&mut self.said), self.name.take());
            *self = Talk { task: Some(task), before_task: said.len(), said, name, ..Talk::default() };
        }
    }

    /// The contact says no to going on.
    pub(super) fn is_dropped(&self, heard: &Heard) -> bool {
        let open = matches!(self.task, Some(Task::Book | Task::Move)) && self.asked.is_some();
        let bare_cancel = heard.wish == Some(Wish::Cancel) && self.task == Some(Task::Book);
        open && (bare_cancel || heard.answer == Answer::No)
    }
}

enum Entry<'r> {
    Contact(String),
    Us(&'r str),
}

/// The texts of a conversation; messages in a row are one.
fn entries(turns: &[Turn]) -> Vec<Entry<'_>> {
    let mut out: Vec<Entry<'_>> = Vec::new();
    for (i, turn) in turns.iter().enumerate() {
        match (turn, out.last_mut()) {
            (Turn::User(_), _) if !is_said(turns, i) => {}
            (Turn::User(contents), Some(Entry::Contact(before))) => {
                before.push('\n');
                before.push_str(&contact_text(contents));
            }
            (Turn::User(contents), _) => out.push(Entry::Contact(contact_text(contents))),
            (Turn::Model { text: Some(text), .. }, _) if !text.trim().is_empty() => out.push(Entry::Us(text)),
            _ => {}
        }
    }
    out
}

/// The contact's own words. A note of ours comes right after an answer of this very turn, which still has its dialect; nobody else can
/// write there.
fn is_said(turns: &[Turn], i: usize) -> bool {
    let Turn::User(contents) = &turns[i] else { return false };
    let note = matches!(contents.first(), Some(Content::Text(text)) if text.starts_with(NOTE));
    let corrects = i > 0 && matches!(turns[i - 1], Turn::Model { raw_dialect: Some(_), .. });
    !(note && corrects)
}

fn contact_text(contents: &[Content]) -> String {
    let has_text = contents.iter().any(|c| matches!(c, Content::Text(_)));
    let lines: Vec<&str> = contents
        .iter()
        .filter_map(|content| match content {
            Content::Text(text) => Some(text.as_str()),
            Content::Image { .. } => (!has_text).then_some("[image]"),
        })
        .collect();
    lines.join("\n")
}

fn done(turns: &[Turn]) -> Vec<Done<'_>> {
    let arguments = |id: &str| {
        turns.iter().find_map(|turn| match turn {
            Turn::Model { calls, .. } => calls.iter().find(|c| c.id == id).map(|c| &c.arguments),
            _ => None,
        })
    };
    turns
        .iter()
        .filter_map(|turn| match turn {
            Turn::Tool { call, name, result, failed } => {
                Some(Done { name, arguments: arguments(call), text: result, failed: *failed })
            }
            _ => None,
        })
        .collect()
}
