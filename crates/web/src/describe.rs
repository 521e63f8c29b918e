//! The description of the API (OpenAPI 3.1), made from the routes themselves; what all of them share is added here.

use utoipa::{
    OpenApi, ToSchema,
    openapi::{
        self, Content, Ref, Required,
        path::{Operation, Parameter, ParameterBuilder, ParameterIn, PathItem},
        response::ResponseBuilder,
        schema::{ObjectBuilder, Type},
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
    },
};

use frontdesk_kernel::ids::{ImportId, TaskId};

use crate::{api, kit::problem::Told};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "frontdesk",
        description = "Everything that the console can do, and nothing else: the console is one client of this API.\n\n\
            Times are RFC 3339 in UTC, money is in minor units, ids are text with a prefix. Lists come in pages: give `next` as `cursor`. \
            Errors are problems (RFC 9457) with a stable `code`. A POST with an `Idempotency-Key` is carried out once.",
        license(name = "MIT OR Apache-2.0"),
    ),
    servers((url = "/api/v1")),
    // What stands in paths and queries only is not found by itself.
    components(schemas(Told, ImportId, TaskId, api::contacts::ExportFormat, api::contacts::Sort, api::tokens::ledger::TokenEntryKind)),
)]
struct Base;

/// The whole description.
pub(crate) fn openapi() -> openapi::OpenApi {
    let (_, mut document) =
        utoipa_axum::router::OpenApiRouter::with_openapi(Base::openapi()).merge(api::routes()).split_for_parts();
    document.info.version = env!("CARGO_PKG_VERSION").to_owned();
    let components = document.components.get_or_insert_default();
    components.add_security_scheme(
        "key",
        SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("An API key, `fd_…`.")).build()),
    );
    components.add_security_scheme(
        "session",
        SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::with_description(
            "frontdesk",
            "A signed-in browser; changes also need the console's own `Origin`.",
        ))),
    );
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in operations(item) {
            operation.operation_id = Some(name_of(method, path));
            complete(method, operation);
        }
    }
    document
}

/// The same as JSON text.
pub fn openapi_json() -> String {
    openapi().to_pretty_json().unwrap_or_default()
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    let all = [
        ("get", &mut item.get),
        ("post", &mut item.post),
        ("put", &mut item.put),
        ("patch", &mut item.patch),
        ("delete", &mut item.delete),
    ];
    all.into_iter().filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

/// Handlers are called `list` and `show` in every resource; method and path are what tells operations apart: `get_contacts_id`.
fn name_of(method: &str, path: &str) -> String {
    let words = path.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    std::iter::once(method).chain(words).collect::<Vec<_>>().join("_")
}

fn complete(method: &str, operation: &mut Operation) {
    // An empty list of requirements, written at the route, says that anyone may.
    if operation.security.is_none() {
        let of = |name: &str| SecurityRequirement::new(name, Vec::<String>::new());
        operation.security = Some(vec![of("key"), of("session")]);
    }
    let parameters = operation.parameters.get_or_insert_default();
    let mut text = |name: &str, description: &str| parameters.push(header(name, description).into());
    if operation.security.as_ref().is_some_and(|s| !s.is_empty()) {
        text("x-tenant-id", "Which business, for somebody who has several; the first without it.");
    }
    match method {
        "post" => text(
            "Idempotency-Key",
            "Carried out once; a repeat gets the first answer, or 409 `outcome_unknown` when it failed after something may have been \
             written. Kept for a day.",
        ),
        "put" | "patch" | "delete" => text("If-Match", "The `ETag` that you saw; 412 when somebody changed it since."),
        _ => {}
    }
    for (status, description) in [("4XX", "Refused; `code` and `detail` say why."), ("5XX", "It failed; try again later.")] {
        let content = Content::builder().schema(Some(Ref::from_schema_name(Told::name()))).build();
        let response = ResponseBuilder::new().description(description).content("application/problem+json", content).build();
        operation.responses.responses.entry(status.to_owned()).or_insert_with(|| response.into());
    }
}

fn header(name: &str, description: &str) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(description))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String).build()))
        .build()
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, path::Path};

    use super::*;

    /// Names of every described type of a folder: `(name, file)`.
    fn described(folder: &Path, found: &mut Vec<(String, String)>) {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                described(&path, found);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let (mut pending, mut renamed) = (false, None);
            for line in text.lines().map(str::trim) {
                pending |= line.starts_with("#[derive(") && line.contains("ToSchema");
                renamed = line.strip_prefix("#[schema(as = ").and_then(|l| l.strip_suffix(")]")).or(renamed);
                let declared = line.split_whitespace().skip_while(|w| !matches!(*w, "struct" | "enum")).nth(1);
                if let (true, Some(name)) = (pending, declared) {
                    let name = renamed.take().unwrap_or(name).split(['<', '(', '{', ';']).next().unwrap_or_default();
                    found.push((name.to_owned(), path.display().to_string()));
                    pending = false;
                }
            }
        }
    }

    #[test]
    fn no_two_types_are_described_under_one_name() {
        let home = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut found = Vec::new();
        described(&home.join("src"), &mut found);
        described(&home.join("../kernel/src"), &mut found);
        assert!(found.len() > 20, "{found:?}");
        let mut seen = BTreeSet::new();
        let twice: Vec<_> = found.iter().filter(|(name, _)| !seen.insert(name)).collect();
        assert!(twice.is_empty(), "a client would take one for the other: {twice:?}");
    }

    #[test]
    fn every_operation_has_a_name_of_its_own_and_every_reference_leads_somewhere() {
        let mut document = openapi();
        let mut names = BTreeSet::new();
        for (path, item) in &mut document.paths.paths {
            for (method, operation) in operations(item) {
                let name = operation.operation_id.clone().unwrap_or_default();
                assert!(names.insert(name.clone()), "{method} {path}: `{name}` is taken");
                assert!(operation.summary.is_some(), "{method} {path} says nothing of itself");
            }
        }
        let text = openapi_json();
        let known: BTreeSet<_> = document.components.iter().flat_map(|c| c.schemas.keys()).cloned().collect();
        for reference in text.split("#/components/schemas/").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(known.contains(reference), "{reference} is not described");
        }
    }

    #[test]
    fn the_description_that_the_console_is_generated_from_is_this_one() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../console/openapi.json");
        let kept = std::fs::read_to_string(&path).unwrap();
        assert!(kept.trim() == openapi_json().trim(), "run `cargo run -- openapi > console/openapi.json`");
    }
}
