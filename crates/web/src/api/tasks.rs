//! Tasks: what people are to do, asked by the bot, by the server or by each other.

pub(crate) mod seen;

use axum::extract::State;
use frontdesk_engine::events::Event;
use frontdesk_kernel::{Timestamp, ids::*};
use frontdesk_store::{
    audit, conversations,
    tasks::{self, Filter, Task},
    work,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Web,
    kit::{Body, Caller, Created, Found, Page, Patch, Path, Problem, Query, Time},
};

const LONGEST_TITLE: usize = 200;
const LONGEST_DETAIL: usize = 5000;

pub(crate) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(counts))
        .routes(routes!(assignees))
        .routes(routes!(show, update))
}

/// Something to do.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TaskView {
    id: TaskId,
    /// `todo` when a person wrote it; otherwise why the bot or the server asks: `handoff`, `flood`, `dead_turn`, `unknown_send`,
    /// `send_failed`, `window_closed`, `channel_stopped`, `link_contact`.
    kind: String,
    title: String,
    detail: Option<String>,
    state: TaskState,
    /// Whose it is; absent: anybody's.
    assignee: Option<UserId>,
    due_at: Option<Time>,
    conversation: Option<ConversationId>,
    contact: Option<ContactId>,
    appointment: Option<AppointmentId>,
    turn: Option<TurnId>,
    /// Id of the person or key who wrote it; empty: the bot or the server.
    created_by: String,
    created_at: Time,
    updated_at: Time,
    done_at: Option<Time>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TaskState {
    Open,
    Done,
}

impl TaskState {
    fn as_str(self) -> &'static str {
        match self {
            TaskState::Open => "open",
            TaskState::Done => "done",
        }
    }
}

impl From<Task> for TaskView {
    fn from(t: Task) -> TaskView {
        TaskView {
            id: t.id,
            kind: t.kind,
            title: t.title,
            detail: t.detail,
            state: if t.state == "done" { TaskState::Done } else { TaskState::Open },
            assignee: t.assignee,
            due_at: t.due_at.map(Time::from),
            conversation: t.conversation,
            contact: t.contact,
            appointment: t.appointment,
            turn: t.turn,
            created_by: t.created_by,
            created_at: t.created_at.into(),
            // Tasks of older versions were never changed but once.
            updated_at: t.updated_at.max(t.created_at).into(),
            done_at: t.done_at.map(Time::from),
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct List {
    cursor: Option<String>,
    /// 1 to 200, usually 50.
    limit: Option<u32>,
    state: Option<TaskState>,
    kind: Option<String>,
    /// A person's id, or `none` for those that are nobody's.
    assignee: Option<String>,
    /// Due before then.
    #[param(value_type = Option<Time>)]
    due_before: Option<Time>,
    contact: Option<ContactId>,
    conversation: Option<ConversationId>,
}

/// Tasks, newest first.
#[utoipa::path(get, path = "/tasks", tag = "tasks", params(List), responses((status = 200, body = Page<TaskView>)))]
pub(crate) async fn list(
    State(web): State<Web>,
    caller: Caller,
    Query(q): Query<List>,
) -> Result<Found<Page<TaskView>>, Problem> {
    caller.require("task:read")?;
    let assignee = match q.assignee.as_deref() {
        None => None,
        Some("none") => Some(None),
        Some(id) => Some(Some(UserId::parse(id).map_err(|_| Problem::field("assignee", "write a person's id, or none"))?)),
    };
    let filter = Filter {
        state: q.state.map(|s| s.as_str().to_owned()),
        kind: q.kind,
        assignee,
        due_before: q.due_before.map(|Time(at)| at),
        contact: q.contact,
        conversation: q.conversation,
        seen: seen::by(&web, &caller).await?,
    };
    let window = web.window::<(Timestamp, TaskId)>(&caller, "tasks", q.cursor.as_deref(), q.limit)?;
    let (s, after, limit) = (caller.scope.clone(), window.after, window.limit);
    let found =
        web.desk.db.read(&caller.scope, work!(tx => tasks::list(tx, &s, &filter, after.as_ref(), limit + 1).await)).await?;
    Ok(Found(web.page(&caller, "tasks", limit, found, |t| (t.created_at, t.id.clone())).map(TaskView::from)))
}

/// How much is to do.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TaskCounts {
    open: i64,
    overdue: i64,
    /// Of the person who asks.
    mine: i64,
}

/// How many tasks are open, overdue and mine.
#[utoipa::path(get, path = "/tasks/counts", tag = "tasks", responses((status = 200, body = TaskCounts)))]
pub(crate) async fn counts(State(web): State<Web>, caller: Caller) -> Result<Found<TaskCounts>, Problem> {
    caller.require("task:read")?;
    let (s, person, now) = (caller.scope.clone(), caller.person().cloned(), web.desk.now());
    let seen = seen::by(&web, &caller).await?;
    let (open, overdue, mine) = web
        .desk
        .db
        .read(&caller.scope, work!(tx => tasks::open_counts(tx, &s, person.as_ref(), seen.as_ref(), now).await))
        .await?;
    Ok(Found(TaskCounts { open, overdue, mine }))
}

/// Somebody who can have tasks.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AssigneeView {
    id: UserId,
    name: String,
}

/// Who can have tasks.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Assignees {
    people: Vec<AssigneeView>,
}

/// People of the business who can have tasks, by name.
#[utoipa::path(get, path = "/tasks/assignees", tag = "tasks", responses((status = 200, body = Assignees)))]
pub(crate) async fn assignees(State(web): State<Web>, caller: Caller) -> Result<Found<Assignees>, Problem> {
    caller.require("task:read")?;
    let s = caller.scope.clone();
    let people = web.desk.db.read(&caller.scope, work!(tx => tasks::assignees(tx, &s).await)).await?;
    Ok(Found(Assignees { people: people.into_iter().map(|(id, name)| AssigneeView { id, name }).collect() }))
}

/// A task.
#[utoipa::path(get, path = "/tasks/{id}", tag = "tasks", params(("id" = TaskId, Path)), responses((status = 200, body = TaskView)))]
pub(crate) async fn show(State(web): State<Web>, caller: Caller, Path(id): Path<TaskId>) -> Result<Found<TaskView>, Problem> {
    caller.require("task:read")?;
    seen::check(&web, &caller, &id).await?;
    let s = caller.scope.clone();
    let found = web.desk.db.read(&caller.scope, work!(tx => tasks::get(tx, &s, &id).await)).await?;
    tagged(found.ok_or_else(|| Problem::not_found("task"))?)
}

fn tagged(task: Task) -> Result<Found<TaskView>, Problem> {
    let at = state_of(&task);
    Ok(Found::tagged(task.into(), at))
}

/// What `If-Match` is compared with.
fn state_of(task: &Task) -> Timestamp {
    task.updated_at.max(task.created_at)
}

/// A new task.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewTask {
    title: String,
    #[serde(default)]
    detail: Option<String>,
    #[serde(default)]
    assignee: Option<UserId>,
    #[serde(default)]
    due_at: Option<Time>,
    /// Its contact is the task's, unless another is named.
    #[serde(default)]
    conversation: Option<ConversationId>,
    #[serde(default)]
    contact: Option<ContactId>,
    #[serde(default)]
    appointment: Option<AppointmentId>,
    #[serde(default)]
    turn: Option<TurnId>,
}

fn title(text: &str) -> Result<String, Problem> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.is_empty() || text.chars().count() > LONGEST_TITLE || text.chars().any(char::is_control) {
        return Err(Problem::field("title", format!("write 1 to {LONGEST_TITLE} characters on one line")));
    }
    Ok(text)
}

fn detail(text: &str) -> Result<Option<String>, Problem> {
    let text = text.replace("\r\n", "\n").trim().to_owned();
    if text.chars().count() > LONGEST_DETAIL || text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        return Err(Problem::field("detail", format!("write at most {LONGEST_DETAIL} characters")));
    }
    Ok(Some(text).filter(|text| !text.is_empty()))
}

/// Adds a task.
#[utoipa::path(post, path = "/tasks", tag = "tasks", request_body = NewTask, responses((status = 201, body = TaskView)))]
pub(crate) async fn create(
    State(web): State<Web>,
    caller: Caller,
    Body(new): Body<NewTask>,
) -> Result<Created<TaskView>, Problem> {
    caller.require("task:write")?;
    seen::check_conversation(&web, &caller, new.conversation.as_ref()).await?;
    let now = web.desk.now();
    let task = Task {
        id: web.desk.id(),
        kind: "todo".into(),
        title: title(&new.title)?,
        detail: new.detail.as_deref().map(detail).transpose()?.flatten(),
        conversation: new.conversation,
        contact: new.contact,
        appointment: new.appointment,
        turn: new.turn,
        state: "open".into(),
        assignee: new.assignee,
        due_at: new.due_at.map(|Time(at)| at),
        created_by: caller.actor.id().to_owned(),
        created_at: now,
        updated_at: now,
        done_at: None,
    };
    let entry = caller.entry(&web, "task.create", task.id.as_str(), json!({}));
    let s = caller.scope.clone();
    let task = web
        .desk
        .db
        .write(
            &caller.scope,
            work!(tx => {
                let mut task = task;
                if let Some(what) = tasks::links_hold(tx, &s, &task).await? {
                    return Ok(Err(Problem::field(what, format!("there is no such {what}"))));
                }
                if let Err(wrong) = belongs(&tasks::assignees(tx, &s).await?, task.assignee.as_ref()) {
                    return Ok(Err(wrong));
                }
                if let (Some(conversation), None) = (&task.conversation, &task.contact) {
                    task.contact = conversations::get(tx, &s, conversation).await?.map(|c| c.contact);
                }
                tasks::insert(tx, &s, &task).await?;
                audit::write(tx, &s, &entry).await?;
                Ok(Ok(task))
            }),
        )
        .await??;
    web.desk.events.tell(caller.scope.tenant(), Event::new("task.changed", task.id.as_str()));
    let (location, at) = (format!("/api/v1/tasks/{}", task.id), state_of(&task));
    Ok(Created::at(location, TaskView::from(task)).tagged(at))
}

fn belongs(people: &[(UserId, String)], assignee: Option<&UserId>) -> Result<(), Problem> {
    match assignee {
        Some(id) if people.iter().all(|(known, _)| known != id) => Err(Problem::field("assignee", "nobody here has this id")),
        _ => Ok(()),
    }
}

/// Changes of a task: what is absent stays as it is, `null` clears it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TaskChange {
    #[serde(default)]
    title: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    detail: Patch<String>,
    #[serde(default)]
    #[schema(value_type = Option<UserId>)]
    assignee: Patch<UserId>,
    #[serde(default)]
    #[schema(value_type = Option<Time>)]
    due_at: Patch<Time>,
    /// `open` again undoes `done`.
    #[serde(default)]
    state: Option<TaskState>,
}

/// Changes a task, finishes it or opens it again.
#[utoipa::path(patch, path = "/tasks/{id}", tag = "tasks", params(("id" = TaskId, Path)), request_body = TaskChange, responses((status = 200, body = TaskView)))]
pub(crate) async fn update(
    State(web): State<Web>,
    caller: Caller,
    Path(id): Path<TaskId>,
    Body(change): Body<TaskChange>,
) -> Result<Found<TaskView>, Problem> {
    caller.require("task:write")?;
    seen::check(&web, &caller, &id).await?;
    let new_title = change.title.as_deref().map(title).transpose()?;
    let new_detail = match change.detail {
        Patch::Keep => None,
        Patch::Clear => Some(None),
        Patch::Set(text) => Some(detail(&text)?),
    };
    let changed: Vec<&str> = [
        ("title", new_title.is_some()),
        ("detail", new_detail.is_some()),
        ("assignee", !change.assignee.is_keep()),
        ("due_at", !change.due_at.is_keep()),
        ("state", change.state.is_some()),
    ]
    .into_iter()
    .filter_map(|(name, is)| is.then_some(name))
    .collect();
    let entry = caller.entry(&web, "task.update", id.as_str(), json!({ "changed": changed }));
    let (s, c, now) = (caller.scope.clone(), caller.clone(), web.desk.now());
    let task = web
        .desk
        .db
        .write(
            &caller.scope,
            work!(tx => {
                let Some(mut task) = tasks::lock(tx, &s, &id).await? else { return Ok(Err(Problem::not_found("task"))) };
                if let Err(stale) = c.if_match(state_of(&task)) {
                    return Ok(Err(stale));
                }
                if let Patch::Set(person) = &change.assignee
                    && let Err(wrong) = belongs(&tasks::assignees(tx, &s).await?, Some(person))
                {
                    return Ok(Err(wrong));
                }
                task.title = new_title.unwrap_or(task.title);
                task.detail = new_detail.unwrap_or(task.detail);
                task.assignee = change.assignee.over(task.assignee);
                task.due_at = change.due_at.map(|Time(at)| at).over(task.due_at);
                if let Some(state) = change.state
                    && state.as_str() != task.state
                {
                    task.state = state.as_str().to_owned();
                    task.done_at = (state == TaskState::Done).then_some(now);
                }
                task.updated_at = now.max(Timestamp(task.updated_at.0 + 1));
                tasks::update(tx, &s, &task).await?;
                audit::write(tx, &s, &entry).await?;
                Ok(Ok(task))
            }),
        )
        .await??;
    web.desk.events.tell(caller.scope.tenant(), Event::new("task.changed", task.id.as_str()));
    tagged(task)
}
