//! What operators set up by hand or by Terraform, held against what the server does.

use std::collections::BTreeSet;
use std::fs;

use app::api::SERVER_FUNCTIONS;
use serde_json::Value;
use server::api::ROUTES;
use server::cors;

use super::sources::{sources_of, workspace};

fn json(path: &str) -> Value {
    let text = fs::read_to_string(workspace().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn terraform_allows_pages_what_the_server_s_list_allows() {
    let rules = json("infra/modules/bucket/cors.json");
    let expected = serde_json::json!({
        "methods": cors::METHODS,
        "request_headers": cors::ALLOWED_HEADERS,
        "exposed_headers": cors::EXPOSED_HEADERS,
        "max_age_s": cors::MAX_AGE_S,
    });
    assert_eq!(rules, expected);
}

#[test]
fn the_browser_tests_allow_pages_what_the_server_s_list_allows() {
    let fixture = fs::read_to_string(workspace().join("end2end/fixtures/s3.ts")).unwrap();
    for (name, list) in [
        ("AllowedMethods", cors::METHODS),
        ("AllowedHeaders", cors::ALLOWED_HEADERS),
        ("ExposeHeaders", cors::EXPOSED_HEADERS),
    ] {
        let quoted: Vec<String> = list.iter().map(|text| format!("\"{text}\"")).collect();
        let line = format!("{name}: [{}]", quoted.join(", "));
        assert!(fixture.contains(&line), "no `{line}`");
    }
    assert!(fixture.contains(&format!("MaxAgeSeconds: {}", cors::MAX_AGE_S)));
}

/// How the store port's promises of signed requests are called where S3 receives them.
const SIGNED: &[(&str, &str)] = &[
    ("presigner.get", "get_object"),
    ("presigner.head", "head_object"),
    ("presigner.put", "put_object"),
    ("presigner.parts", "upload_part"),
];

#[test]
fn the_roles_may_do_what_the_server_calls_and_no_more() {
    let sources: Vec<_> =
        sources_of(&["server/src"]).into_iter().filter(|source| source.name.starts_with("server/src/s3")).collect();
    let mut called = BTreeSet::new();
    for source in &sources {
        let code: Vec<&str> = source.code().map(|(_, line)| line.trim()).collect();
        for (at, line) in code.iter().enumerate() {
            // The SDK's fluent calls: `client.head_object().bucket(…)`, over one line or several.
            let rest = [*line, code.get(at + 1).copied().unwrap_or_default()].concat();
            if let Some((before, _)) = rest.split_once("().bucket(") {
                called.insert(before.rsplit('.').next().unwrap_or_default().to_owned());
            }
            called.extend(SIGNED.iter().filter(|(call, _)| line.contains(call)).map(|(_, name)| (*name).to_owned()));
        }
    }
    let granted = json("infra/s3_calls.json");
    let granted: BTreeSet<String> =
        granted.as_array().unwrap().iter().map(|call| call["call"].as_str().unwrap().to_owned()).collect();
    assert_eq!(called, granted);
}

#[test]
fn the_readme_names_every_call_of_the_api() {
    let page = fs::read_to_string(workspace().join("README.md")).unwrap();
    let uploads: Vec<&str> = ROUTES.iter().filter_map(|route| route.path.strip_prefix("/api/uploads/")).collect();
    assert!(page.contains(&format!("`POST /api/uploads/{{{}}}`", uploads.join(","))), "{uploads:?}");
    let functions = SERVER_FUNCTIONS.iter().map(|(path, _)| *path);
    let others = ROUTES.iter().map(|route| route.path).filter(|path| !path.starts_with("/api/uploads/"));
    let missing: Vec<_> = functions.chain(others).filter(|path| !page.contains(path)).collect();
    assert!(missing.is_empty(), "README.md does not name {missing:?}");
}

#[test]
fn the_page_for_operators_names_every_permission() {
    let page = fs::read_to_string(workspace().join("docs/deploying.md")).unwrap();
    for call in json("infra/s3_calls.json").as_array().unwrap() {
        for action in call["actions"].as_array().unwrap() {
            assert!(page.contains(action.as_str().unwrap()), "docs/deploying.md does not name {action}");
        }
    }
}
