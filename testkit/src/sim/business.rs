//! Two businesses that share a number's customers and nothing else; made once, then every world gets a copy.

use std::{collections::BTreeMap, fs, path::Path, sync::OnceLock};

use frontdesk_kernel::{
    Id, Scope, Secret, Timestamp,
    action::Level,
    agent::{Agent, AgentSpec, ModelChoice},
    booking::{Service, Staff},
    http_tool::{AnswerRule, Encoding, HttpTool, HttpToolSpec, RequestTemplate, Rest, ToolAuth, ToolEffect},
    ids::{ChannelId, Kind},
    ports::http::Method,
    profile::{Day, Hours, Profile, Span},
    tenant::{Tenant, TenantSettings},
};
use frontdesk_store::{Db, Options, agents, calendar, channels, channels::Channel, http_tools, migrate, tenants, work};
use jiff::civil::Time;
use serde_json::{Value, json};

use super::{
    dice::{Dice, SeededIds},
    node::{SERVICE, vault},
};
use crate::{fakes::OUR_NUMBER, time::FakeClock};

/// One Meta app for both.
pub(super) const APP_SECRET: &str = "app-secret-of-the-simulation";
pub(super) const NAMES: [&str; 2] = ["Luna", "Sol"];

#[derive(Clone)]
pub(super) struct Shop {
    pub(super) scope: Scope,
    /// Meta's phone number id.
    pub(super) account: String,
}

static TEMPLATE: OnceLock<(Vec<u8>, Vec<Shop>)> = OnceLock::new();

/// A database with both businesses in this folder.
///
/// # Panics
/// When it cannot be made.
pub(super) async fn open(folder: &Path) -> (Db, Vec<Shop>) {
    if TEMPLATE.get().is_none() {
        let made = Box::pin(make(&folder.join("template.db"))).await;
        let _ = TEMPLATE.set(made);
    }
    let (bytes, shops) = TEMPLATE.get().expect("it was made");
    let file = folder.join("frontdesk.db");
    fs::write(&file, bytes).expect("a copy");
    (connect(&file).await, shops.clone())
}

async fn connect(file: &Path) -> Db {
    let options = Options { url: format!("sqlite:{}", file.display()), pool_size: 2, prepared_statements: true };
    Db::open(&options).await.expect("a database")
}

async fn make(file: &Path) -> (Vec<u8>, Vec<Shop>) {
    let (db, ids, now) = (connect(file).await, SeededIds(Dice::new(0)), FakeClock::START);
    migrate::run(&db, now).await.expect("the migrations fit an empty database");
    let mut shops = Vec::new();
    for (i, name) in NAMES.iter().enumerate() {
        shops.push(Box::pin(found(&db, &ids, name, &format!("10654035224{i:04}"), now)).await);
    }
    db.close().await;
    drop(db);
    (fs::read(file).expect("a closed database"), shops)
}

async fn found(db: &Db, ids: &SeededIds, name: &str, account: &str, now: Timestamp) -> Shop {
    let tenant = tenant(id(ids), name, now);
    let scope = Scope::of(tenant.id.clone());
    let chain = vec![ModelChoice { vendor: "openai".into(), model: "gpt-sim".into(), base_url: None }];
    let agent = Agent {
        id: id(ids),
        name: "Sofía".into(),
        is_default: true,
        version: 1,
        spec: AgentSpec { models: chain, ..AgentSpec::default() },
    };
    let channel = channel(ids, &scope, account, now);
    let service = service(id(ids));
    let staff: Vec<Staff> = ["Laura", "Sofía"].map(|name| person(id(ids), name)).to_vec();
    let tools = [
        tool(id(ids), "charge", true, None, now),
        tool(id(ids), "order", false, None, now),
        tool(id(ids), "refund", true, Some(Level::Approval), now),
    ];
    let s = scope.clone();
    let opened = db.write(
        &scope,
        work!(tx => {
            tenants::insert(tx, &s, &tenant).await?;
            agents::insert(tx, &s, &agent, now).await?;
            channels::insert(tx, &s, &channel).await?;
            calendar::put_service(tx, &s, &service, 0, now).await?;
            for (position, person) in staff.iter().enumerate() {
                calendar::put_staff(tx, &s, person, position as i64, now).await?;
            }
            for tool in &tools {
                http_tools::insert(tx, &s, tool).await?;
            }
            Ok(())
        }),
    );
    Box::pin(opened).await.expect("the business opens");
    Shop { scope, account: account.to_owned() }
}

fn id<K: Kind>(ids: &SeededIds) -> Id<K> {
    Id::new(ids, FakeClock::START)
}

fn tenant(id: frontdesk_kernel::ids::TenantId, name: &str, now: Timestamp) -> Tenant {
    let span = Span { open: Time::constant(9, 0, 0, 0), close: Time::constant(18, 0, 0, 0) };
    let hours = Hours(Day::ALL.into_iter().map(|day| (day, vec![span])).collect());
    Tenant {
        id,
        name: name.to_owned(),
        business_type: "salon".into(),
        time_zone: "America/Bogota".into(),
        language: "es-CO".into(),
        currency: "COP".into(),
        profile: Profile { hours, ..Profile::default() },
        settings: TenantSettings::default(),
        active: true,
        created_at: now,
        updated_at: now,
    }
}

fn channel(ids: &SeededIds, scope: &Scope, account: &str, now: Timestamp) -> Channel {
    let channel: ChannelId = id(ids);
    let mut nonce = 0;
    let mut seal = |key: &str, text: &str| {
        nonce += 1;
        let sealed = vault().seal(scope, &format!("channel/{channel}/{key}"), &Secret::new(text), [nonce; 24]);
        (key.to_owned(), sealed)
    };
    let secrets = BTreeMap::from([
        seal("access_token", "token-of-the-simulation"),
        seal("app_secret", APP_SECRET),
        seal("verify_token", "verify"),
    ]);
    Channel {
        id: channel.clone(),
        tenant: scope.tenant().clone(),
        kind: "whatsapp".to_owned(),
        account: account.to_owned(),
        name: "WhatsApp".to_owned(),
        settings: json!({ "display_phone_number": OUR_NUMBER }).as_object().cloned().unwrap_or_default(),
        secrets,
        agent: None,
        location: None,
        mock: false,
        active: true,
        paused_reason: None,
        last_error: None,
        last_error_at: None,
        last_echo_at: None,
        verified_at: None,
        webhook_at: None,
        webhook_problem: None,
        webhook_problem_at: None,
        created_at: now,
        updated_at: now,
    }
}

fn service(id: frontdesk_kernel::ids::ServiceId) -> Service {
    Service {
        id,
        name: "Manicure".to_owned(),
        duration_minutes: 30,
        buffer_before_minutes: 0,
        buffer_after_minutes: 0,
        price: None,
        description: String::new(),
        active: true,
    }
}

fn person(id: frontdesk_kernel::ids::StaffId, name: &str) -> Staff {
    Staff {
        id,
        name: name.to_owned(),
        specialties: Vec::new(),
        services: Vec::new(),
        hours: None,
        away: Vec::new(),
        location: None,
        active: true,
    }
}

/// One that writes. Only what honours a key may be called again.
fn tool(id: frontdesk_kernel::ids::ToolId, name: &str, idempotent: bool, level: Option<Level>, now: Timestamp) -> HttpTool {
    let parameters: Value = json!({
        "type": "object", "additionalProperties": false, "required": ["amount", "what"],
        "properties": { "amount": {"type": "integer"}, "what": {"type": "string"} },
    });
    let request = RequestTemplate {
        method: Method::Post,
        url: format!("{SERVICE}/{name}"),
        query: Vec::new(),
        headers: Vec::new(),
        auth: ToolAuth::None,
        rest: Rest::Body,
        body: None,
        encoding: Encoding::Json,
        timeout_ms: 10_000,
    };
    let spec = HttpToolSpec {
        title: String::new(),
        description: format!("{name}: does it"),
        parameters,
        request,
        answer: AnswerRule::default(),
        effect: ToolEffect::Writes,
        idempotent,
        proves: None,
        level,
        category: None,
        amount: None,
        example: None,
        legacy: None,
    };
    HttpTool {
        id,
        number: 0,
        name: name.to_owned(),
        enabled: true,
        version: 1,
        spec,
        probe: None,
        created_at: now,
        updated_at: now,
    }
}
