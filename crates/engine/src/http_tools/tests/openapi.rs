//! Pasted documents, good and bad.

use frontdesk_kernel::{
    http_tool::{Encoding, Rest, ToolAuth},
    ports::http::Method,
};
use serde_json::{Value, json};

use super::super::openapi::read;

const SHOP: &str = r##"
openapi: 3.0.3
info: {title: Shop, version: "2"}
servers:
  - url: https://{region}.shop.example/v1/
    variables: {region: {default: eu}}
security: [{key: []}]
paths:
  /orders/{order_id}:
    parameters:
      - {name: order_id, in: path, required: true, schema: {type: string}}
    get:
      operationId: getOrder
      summary: One order
      parameters:
        - {name: expand, in: query, schema: {type: array, items: {type: string}}}
        - {name: X-Trace, in: header, schema: {type: string}}
    delete:
      security: []
  /orders:
    post:
      operationId: createOrder
      parameters:
        - {name: Idempotency-Key, in: header, schema: {type: string}}
      requestBody:
        required: true
        content:
          application/json:
            schema: {$ref: "#/components/schemas/NewOrder"}
  /pay:
    post:
      operationId: createOrder
      security: [{basic: []}]
      requestBody:
        content:
          application/x-www-form-urlencoded:
            schema: {type: object, properties: {amount: {type: integer}}}
  /upload:
    post:
      requestBody: {content: {multipart/form-data: {schema: {type: object}}}}
components:
  securitySchemes:
    key: {type: apiKey, in: header, name: X-Key}
    basic: {type: http, scheme: basic}
  schemas:
    NewOrder:
      allOf:
        - {$ref: "#/components/schemas/Base"}
        - type: object
          required: [item]
          properties: {item: {type: string, example: cut}, child: {$ref: "#/components/schemas/Tree"}}
    Base: {type: object, properties: {id: {type: string, readOnly: true}, note: {type: string, nullable: true}}}
    Tree: {type: object, properties: {inside: {$ref: "#/components/schemas/Tree"}}}
"##;

#[test]
fn operations_become_drafts() {
    let found = read(SHOP).unwrap();
    assert_eq!((found.title.as_str(), found.operations.len()), ("Shop", 5));
    let by = |path: &str, method| &found.operations.iter().find(|o| o.path == path && o.method == method).unwrap().outcome;
    let get = by("/orders/{order_id}", Method::Get).as_ref().unwrap();
    let r = &get.spec.request;
    assert_eq!((get.name.as_str(), r.url.as_str()), ("getOrder", "https://eu.shop.example/v1/orders/{order_id}"));
    assert_eq!((r.query[0].name.as_str(), r.query[0].value.as_str()), ("expand", "{expand}"));
    assert_eq!((r.headers[0].name.as_str(), r.headers[0].value.as_str()), ("X-Key", "{{secret.KEY}}"));
    assert_eq!((get.secrets[0].host.as_str(), get.secrets[0].value.as_deref()), ("eu.shop.example", None));
    assert_eq!(get.spec.parameters["required"], json!(["order_id"]));
    assert!(get.notes.iter().any(|n| n.contains("X-Trace")), "{:?}", get.notes);
    assert_eq!(by("/orders/{order_id}", Method::Delete).as_ref().unwrap().secrets, []);

    let create = by("/orders", Method::Post).as_ref().unwrap();
    let properties = &create.spec.parameters["properties"];
    assert_eq!((create.spec.idempotent, create.spec.request.rest), (true, Rest::Body));
    assert_eq!(properties["note"]["type"], json!(["string", "null"]));
    assert!(properties.get("id").is_none() && properties["item"].get("example").is_none());
    assert!(create.spec.parameters.to_string().len() < 2_000, "a schema that contains itself ends");

    let pay = by("/pay", Method::Post).as_ref().unwrap();
    assert_eq!((pay.name.as_str(), pay.spec.request.encoding), ("createOrder_2", Encoding::Form));
    assert!(matches!(&pay.spec.request.auth, ToolAuth::Basic { secret, .. } if secret == "BASIC"));
    assert!(by("/upload", Method::Post).as_ref().unwrap_err().contains("multipart"));
}

#[test]
fn what_is_imported_can_be_kept_once_its_secrets_are_entered() {
    use super::super::{check, schema::normalise};
    for operation in read(SHOP).unwrap().operations {
        let Ok(draft) = operation.outcome else { continue };
        let known = draft.secrets.iter().map(|s| (s.name.clone(), s.host.clone())).collect();
        let http = NoHttp;
        let known = check::Known { taken: &|_| false, secrets: &known, http: &http };
        let flaws = check::flaws(&draft.name, &draft.spec, &known);
        assert_eq!(flaws, [], "{}", draft.name);
        assert_eq!(normalise(&draft.spec.parameters).unwrap(), draft.spec.parameters);
    }
}

struct NoHttp;

#[async_trait::async_trait]
impl frontdesk_kernel::ports::http::Http for NoHttp {
    async fn send(
        &self,
        _: frontdesk_kernel::ports::http::Request,
    ) -> Result<frontdesk_kernel::ports::http::Response, frontdesk_kernel::ports::http::HttpError> {
        Err(frontdesk_kernel::ports::http::HttpError::NotSent("a test".into()))
    }
    async fn stream(
        &self,
        _: frontdesk_kernel::ports::http::Request,
    ) -> Result<frontdesk_kernel::ports::http::Streaming, frontdesk_kernel::ports::http::HttpError> {
        Err(frontdesk_kernel::ports::http::HttpError::NotSent("a test".into()))
    }
}

fn with(change: impl FnOnce(&mut Value)) -> String {
    let mut document = json!({
        "openapi": "3.1.0", "info": {"title": "x", "version": "1"}, "servers": [{"url": "https://x.example"}],
        "paths": {"/a": {"post": {"requestBody": {"content": {"application/json": {"schema": {"type": "string"}}}}}}},
    });
    change(&mut document);
    document.to_string()
}

#[test]
fn documents_that_are_none_are_refused_with_the_reason() {
    for (text, word) in [
        ("", "openapi"),
        ("hello", "openapi"),
        ("{\"openapi\": \"3.1.0\"}", "paths"),
        ("swagger: '2.0'", "Swagger 2.0"),
        ("openapi: 4.0.0", "4.0.0"),
        ("openapi: 3.1.0\npaths: {}", "no operations"),
        ("a: [1, 2\nb: }", "neither JSON nor YAML"),
    ] {
        let refused = read(text).unwrap_err();
        assert!(refused.contains(word), "{text}: {refused}");
    }
    assert!(read(&"a".repeat(3 << 20)).is_err());
    let bomb = (1..30).fold("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n".to_owned(), |text, n| {
        format!("{text}a{n}: &a{n} [{}]\n", vec![format!("*a{}", n - 1); 10].join(","))
    });
    assert!(read(&format!("openapi: 3.1.0\n{bomb}")).is_err(), "a bomb does not go off");
}

#[test]
fn one_bad_operation_does_not_hide_the_others() {
    for (document, word) in [
        (with(|d| d["servers"] = json!([])), "no server"),
        (with(|d| d["servers"][0]["url"] = "/v1".into()), "not a whole URL"),
        (
            with(|d| d["paths"]["/a"]["post"]["requestBody"] = json!({"$ref": "https://evil.example/x.json"})),
            "out of the document",
        ),
        (with(|d| d["paths"]["/a"]["post"]["requestBody"] = json!({"$ref": "#/nowhere"})), "nowhere"),
        (with(|d| d["a"] = json!({"$ref": "#/a"})), ""),
        (
            with(|d| {
                d["a"] = json!({"$ref": "#/a"});
                d["paths"]["/a"]["post"]["requestBody"] = json!({"$ref": "#/a"});
            }),
            "circle",
        ),
    ] {
        let found = read(&document).unwrap();
        match (&found.operations[0].outcome, word) {
            (Ok(draft), "") => assert_eq!(draft.spec.request.body, Some("{body}".into())),
            (Err(problem), word) => assert!(problem.contains(word), "{problem}"),
            (Ok(draft), _) => panic!("{word}: {draft:?}"),
        }
    }
    let wide: serde_json::Map<String, Value> = (0..5_000).map(|n| (format!("p{n}"), json!({"type": "string"}))).collect();
    let large = with(|d| {
        d["paths"]["/a"]["post"]["requestBody"]["content"]["application/json"]["schema"] =
            json!({"type": "object", "properties": wide})
    });
    assert!(read(&large).unwrap().operations[0].outcome.as_ref().unwrap_err().contains("too large"));
}
