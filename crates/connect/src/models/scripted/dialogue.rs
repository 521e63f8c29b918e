//! What to do next: ask a tool, or say something. The same scene always leads to the same step, so a turn that is taken up again
//! goes on where it was: results that are there are used, those that are missing are asked for.

use serde_json::{Map, Value, json};

use super::{
    catalogue::{Catalogue, Choice},
    say::{self, Line, Question},
    talk::{Done, Scene, Task},
    understand::{Answer, Attachment, Wish},
    words::{find, words},
};

/// The next step of a turn.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Step {
    Say(String),
    Call { tool: &'static str, arguments: Value },
}

/// Why an answer cannot be given yet.
#[derive(Debug)]
pub(super) enum Pause {
    Call {
        tool: &'static str,
        arguments: Value,
    },
    /// The agent has no such tool.
    NoTool,
}

pub(super) type Reply = Result<String, Pause>;

pub(super) fn next(scene: &Scene<'_>) -> Step {
    match scene.reply() {
        Ok(text) => Step::Say(text),
        Err(Pause::Call { tool, arguments }) => Step::Call { tool, arguments },
        Err(Pause::NoTool) => Step::Say(scene.not_understood()),
    }
}

impl Scene<'_> {
    fn reply(&self) -> Reply {
        let text = self.answer()?;
        let noticed = match self.heard.attachment {
            Some(Attachment::Photo) if !self.heard.words.is_empty() => self.line(Line::Photo),
            _ => "",
        };
        let greets = self.heard.greeted && self.heard.wish != Some(Wish::Greeting) && !self.heard.words.is_empty();
        Ok(say::join(&[if greets { self.line(Line::Hello) } else { "" }, noticed, &text]))
    }

    fn answer(&self) -> Reply {
        let (heard, talk) = (&self.heard, &self.talk);
        if heard.words.is_empty()
            && let Some(attachment) = heard.attachment
        {
            return Ok(self.acknowledge(attachment));
        }
        if talk.is_dropped(heard) {
            return Ok(say::join(&[self.line(Line::Dropped), self.line(Line::CancelHint)]));
        }
        if talk.asked == Some(Question::ReallyCancel) && heard.answer != Answer::Unclear {
            return self.finish_cancelling();
        }
        match heard.wish {
            Some(Wish::Human) => self.hand_over(),
            Some(Wish::Info(topic)) => {
                let told = self.tool("business_info", json!({ "topic": topic }))?;
                Ok(self.besides(told))
            }
            Some(Wish::MyAppointments) => {
                let told = self.tool("my_appointments", json!({}))?;
                Ok(self.besides(told))
            }
            Some(Wish::FreeTimes) => self.free_times(Question::Time),
            Some(Wish::Book) => self.book(),
            Some(Wish::Move) => self.move_appointment(),
            Some(Wish::Cancel) => self.cancel(),
            Some(Wish::Refund) => self.refund(),
            Some(Wish::Greeting) if heard.name.is_none() => Ok(self.greeting()),
            Some(Wish::Help) => Ok(say::join(&[self.line(Line::Menu), self.pending()])),
            Some(Wish::Goodbye) => Ok(self.line(Line::Goodbye).to_owned()),
            Some(Wish::Thanks) if talk.asked.is_none() => Ok(self.line(Line::Welcome).to_owned()),
            Some(Wish::Greeting | Wish::Thanks) | None => self.go_on(),
        }
    }

    /// The message has no wish of its own: it answers our question, introduces someone, or names a time or a service.
    fn go_on(&self) -> Reply {
        let (heard, talk) = (&self.heard, &self.talk);
        if heard.wish == Some(Wish::Thanks) && talk.asked == Some(Question::NameAfterwards) {
            return Ok(self.line(Line::Welcome).to_owned());
        }
        if heard.answer != Answer::Unclear && talk.asked == Some(Question::NameAfterwards) {
            return Ok(self.line(Line::AsYouLike).to_owned());
        }
        let has_news = talk.asked.is_some() || talk.news;
        match talk.task {
            Some(Task::Book) if has_news => return self.book(),
            Some(Task::Move) if has_news => return self.move_appointment(),
            Some(Task::Cancel) if has_news => return self.cancel(),
            // A day or a time out of nowhere asks for an appointment.
            None if heard.when.time.is_some() => return self.book(),
            None if !heard.when.is_empty() => return self.free_times(Question::Time),
            _ => {}
        }
        if heard.name.is_some() || heard.email.is_some() {
            return self.introduce();
        }
        if heard.words.is_empty() || heard.answer != Answer::Unclear {
            return Ok(self.not_understood());
        }
        match self.catalogue() {
            Ok(catalogue) if catalogue.meant_by(&heard.words) != Choice::None => self.book(),
            Err(Pause::Call { tool, arguments }) => Err(Pause::Call { tool, arguments }),
            _ => Ok(self.not_understood()),
        }
    }

    // --- booking

    fn book(&self) -> Reply {
        let talk = &self.talk;
        // "And on Monday?", before a service was named.
        if talk.asked == Some(Question::Time) && talk.news && talk.time.is_none() {
            return self.free_times(Question::Time);
        }
        let catalogue = self.catalogue_if_any()?;
        let service = match self.service(&catalogue, 0) {
            Choice::One(name) => Some(name),
            Choice::None if catalogue.names().len() == 1 => catalogue.names().first().map(|n| (*n).to_owned()),
            Choice::None if catalogue.is_empty() => None,
            Choice::None => return Ok(self.ask_service(&catalogue)),
            Choice::Several(names) => return Ok(say::join(&[&bullets(&names), self.question(Question::WhichService)])),
        };
        let Some(date) = talk.date else {
            return Ok(say::join(&[service.as_deref().unwrap_or_default(), self.question(Question::Day)]));
        };
        let nothing_new = talk.asked == Some(Question::OtherTime) && !talk.news;
        let Some(time) = talk.time.filter(|_| !nothing_new) else {
            return self.free_times(Question::Time);
        };
        let name = talk.name.clone().or_else(|| self.briefing.contact.clone());
        if name.is_none() && talk.is_dialogue {
            let when = format!("{}, {}", say::day(date, self.language), say::time(time));
            let summary = service.map_or(when.clone(), |service| format!("{service}: {when}"));
            let again = if talk.asked == Some(Question::Name) { self.line(Line::HumanHint) } else { "" };
            return Ok(say::join(&[&summary, again, self.question(Question::Name)]));
        }
        let mut arguments = Map::new();
        arguments.insert("start".to_owned(), local(date, time));
        put(&mut arguments, "service", service);
        put(&mut arguments, "staff", self.staff()?);
        put(&mut arguments, "customer_name", talk.name.clone());
        let booked = self.tool("schedule_appointment", Value::Object(arguments))?;
        if booked.failed {
            return Ok(self.refused(booked, Question::OtherTime));
        }
        let afterwards =
            if name.is_none() && self.has_tool("update_contact") { self.question(Question::NameAfterwards) } else { "" };
        Ok(say::join(&[booked.text, self.line(Line::Booked), afterwards]))
    }

    fn ask_service(&self, catalogue: &Catalogue) -> String {
        let listed = self.done.iter().find(|d| d.name == "business_info" && !d.failed && !Catalogue::in_list(d.text).is_empty());
        let list = match listed {
            Some(done) => say::without_question(done.text).to_owned(),
            None => bullets(&catalogue.names()),
        };
        say::join(&[&list, self.question(Question::Service)])
    }

    /// The free times of the day in question, or of the next open day.
    fn free_times(&self, question: Question) -> Reply {
        let talk = &self.talk;
        let catalogue = self.catalogue_if_any()?;
        let mut arguments = Map::new();
        put(&mut arguments, "date", talk.date.map(|d| d.to_string()));
        if let Choice::One(service) = self.service(&catalogue, if talk.task == Some(Task::Move) { talk.before_task } else { 0 }) {
            put(&mut arguments, "service", Some(service));
        }
        put(&mut arguments, "staff", self.staff()?);
        put(&mut arguments, "time_range", talk.part.map(|p| p.as_str().to_owned()));
        let free = self.tool("get_available_slots", Value::Object(arguments))?;
        if free.failed {
            return Ok(self.refused(free, if talk.task == Some(Task::Move) { Question::NewDay } else { Question::Day }));
        }
        Ok(say::join(&[say::without_question(free.text), self.question(question)]))
    }

    // --- moving and cancelling

    fn move_appointment(&self) -> Reply {
        let talk = &self.talk;
        let nothing_new = talk.asked == Some(Question::OtherNewTime) && !talk.news;
        let (date, time) = match (talk.date, talk.time.filter(|_| !nothing_new)) {
            (Some(date), Some(time)) => (date, time),
            (Some(_), None) => return self.free_times(Question::NewTime),
            (None, _) => {
                let mine = self.tool("my_appointments", json!({}))?;
                let question = if has_some(mine) { self.question(Question::NewDay) } else { self.line(Line::BookHint) };
                return Ok(say::join(&[say::without_question(mine.text), question]));
            }
        };
        let mut arguments = Map::new();
        put(&mut arguments, "appointment", self.which_appointment()?);
        arguments.insert("new_start".to_owned(), local(date, time));
        let moved = self.tool("reschedule_appointment", Value::Object(arguments))?;
        if moved.failed {
            return Ok(self.refused(moved, Question::OtherNewTime));
        }
        Ok(say::join(&[moved.text, self.line(Line::Moved)]))
    }

    /// Cancelling asks first: it is the one wish that is easily misread and cannot be taken back.
    fn cancel(&self) -> Reply {
        let mine = self.tool("my_appointments", json!({}))?;
        let question = if has_some(mine) { self.question(Question::ReallyCancel) } else { self.line(Line::BookHint) };
        Ok(say::join(&[say::without_question(mine.text), question]))
    }

    fn finish_cancelling(&self) -> Reply {
        if self.heard.answer == Answer::No {
            return Ok(self.line(Line::NothingChanged).to_owned());
        }
        let mut arguments = Map::new();
        put(&mut arguments, "appointment", self.which_appointment()?);
        let cancelled = self.tool("cancel_appointment", Value::Object(arguments))?;
        if cancelled.failed {
            return Ok(self.refused(cancelled, Question::ReallyCancel));
        }
        Ok(say::join(&[cancelled.text, self.line(Line::Cancelled)]))
    }

    /// The service by which the contact named the appointment since asking for the change.
    fn which_appointment(&self) -> Result<Option<String>, Pause> {
        let catalogue = self.catalogue_if_any()?;
        Ok(match self.service(&catalogue, self.talk.before_task) {
            Choice::One(name) => Some(name),
            Choice::None | Choice::Several(_) => None,
        })
    }

    // --- the rest

    fn introduce(&self) -> Reply {
        let heard = &self.heard;
        let mut arguments = Map::new();
        put(&mut arguments, "name", heard.name.clone());
        put(&mut arguments, "email", heard.email.clone());
        let kept = self.tool("update_contact", Value::Object(arguments))?;
        let more = match self.talk.asked {
            _ if kept.failed => Line::HumanHint,
            Some(Question::NameAfterwards) => Line::Welcome,
            _ => Line::Menu,
        };
        Ok(say::join(&[kept.text, self.line(more)]))
    }

    fn greeting(&self) -> String {
        let hello = match &self.briefing.contact {
            Some(name) => self.line(Line::Hello).replacen('!', &format!(", {name}!"), 1),
            None => self.line(Line::Hello).to_owned(),
        };
        say::join(&[&hello, self.line(Line::Menu)])
    }

    fn acknowledge(&self, attachment: Attachment) -> String {
        let (line, more) = match attachment {
            Attachment::Photo => (Line::Photo, self.line(Line::HumanHint)),
            Attachment::Voice => (Line::Voice, ""),
            Attachment::Place => (Line::Place, self.line(Line::HumanHint)),
            Attachment::Gesture => (Line::Gesture, ""),
            Attachment::Other => (Line::Other, ""),
        };
        say::join(&[self.line(line), more, self.pending()])
    }

    fn not_understood(&self) -> String {
        say::join(&[self.line(Line::NotUnderstood), self.line(Line::Menu)])
    }

    /// An answer beside the open task, which is then taken up again.
    fn besides(&self, told: &Done<'_>) -> String {
        match self.pending() {
            "" => say::join(&[told.text, if told.failed { self.line(Line::HumanHint) } else { "" }]),
            question => say::join(&[say::without_question(told.text), question]),
        }
    }

    fn refused(&self, done: &Done<'_>, question: Question) -> String {
        // Somebody is asked first: there is nothing to choose anew.
        if self.is_waiting(done) {
            return done.text.to_owned();
        }
        let why = say::without_question(done.text);
        let why = if why.is_empty() { self.line(Line::Failed) } else { why };
        say::join(&[why, self.question(question)])
    }

    fn pending(&self) -> &'static str {
        self.talk.asked.filter(|q| *q != Question::NameAfterwards).map_or("", |q| self.question(q))
    }

    fn question(&self, question: Question) -> &'static str {
        question.text(self.language)
    }

    pub(super) fn line(&self, line: Line) -> &'static str {
        line.text(self.language)
    }

    /// The latest message after the first `from` that names a service decides.
    fn service(&self, catalogue: &Catalogue, from: usize) -> Choice {
        let said = self.talk.said.iter().skip(from).rev();
        said.map(|message| catalogue.meant_by(message)).find(|choice| *choice != Choice::None).unwrap_or(Choice::None)
    }

    /// The price list, from the prompt or from the tool.
    fn catalogue(&self) -> Result<Catalogue, Pause> {
        if !self.briefing.catalogue.is_empty() {
            return Ok(self.briefing.catalogue.clone());
        }
        let listed = self.tool("business_info", json!({ "topic": "services" }))?;
        Ok(if listed.failed { Catalogue::default() } else { Catalogue::in_list(listed.text) })
    }

    /// As `catalogue`; an agent without that tool works without a price list.
    fn catalogue_if_any(&self) -> Result<Catalogue, Pause> {
        match self.catalogue() {
            Err(Pause::NoTool) => Ok(Catalogue::default()),
            other => other,
        }
    }

    /// The person asked for, when written as a name or known to the business ("con Laura", not "con diseño").
    fn staff(&self) -> Result<Option<String>, Pause> {
        let Some(name) = &self.talk.staff else { return Ok(None) };
        if name.starts_with(char::is_uppercase) {
            return Ok(Some(name.clone()));
        }
        let folded = super::words::fold(name);
        if find(&self.briefing.words, &folded).is_some() {
            return Ok(Some(name.clone()));
        }
        match self.tool("business_info", json!({ "topic": "staff" })) {
            Ok(told) => Ok(find(&words(told.text), &folded).map(|_| name.clone())),
            Err(Pause::NoTool) => Ok(None),
            Err(call) => Err(call),
        }
    }

    /// The result of a call of this turn; the call itself when it is still to be made.
    pub(super) fn tool(&self, tool: &'static str, arguments: Value) -> Result<&Done<'_>, Pause> {
        let made = self.done.iter().find(|d| d.name == tool && d.arguments.is_none_or(|made| *made == arguments));
        match made {
            Some(done) => Ok(done),
            None if self.has_tool(tool) => Err(Pause::Call { tool, arguments }),
            None => Err(Pause::NoTool),
        }
    }

    fn has_tool(&self, name: &str) -> bool {
        self.request.tools.iter().any(|tool| tool.name == name)
    }
}

/// A list of appointments names their times; the sentence that there are none does not.
fn has_some(mine: &Done<'_>) -> bool {
    !mine.failed && mine.text.contains(|c: char| c.is_ascii_digit())
}

fn bullets(names: &[impl AsRef<str>]) -> String {
    names.iter().map(|name| format!("• {}", name.as_ref())).collect::<Vec<_>>().join("\n")
}

fn local(date: jiff::civil::Date, time: jiff::civil::Time) -> Value {
    Value::String(format!("{date}T{}", time.strftime("%H:%M")))
}

fn put(arguments: &mut Map<String, Value>, key: &str, value: Option<String>) {
    if let Some(value) = value {
        arguments.insert(key.to_owned(), Value::String(value));
    }
}
