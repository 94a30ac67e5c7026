//! What the log of a whole run shows, and what it never shows.

use axum::body::Body;
use axum::http::{Method, header};

use crate::support::{BEHIND_PROXY, TestSite, browser, filtered, logged, script};

async fn post(site: &TestSite, address: &str, kind: &str, body: String) -> String {
    let request = script(Method::POST, address)
        .header(header::ACCEPT, "application/json")
        .header(header::CONTENT_TYPE, kind)
        .body(Body::from(body))
        .unwrap();
    let answer = site.send(request).await;
    assert_eq!(answer.status(), 200, "{address}: {}", answer.body());
    answer.body()
}

/// The value of a member somewhere in the JSON.
fn member(json: &str, name: &str) -> String {
    let begin = json.find(&format!("\"{name}\":\"")).map(|at| at + name.len() + 4).expect("the member is there");
    json[begin..].split('"').next().unwrap_or_default().to_owned()
}

fn signature(url: &str) -> String {
    let value = url.split("X-Amz-Signature=").nth(1).expect("a signed URL");
    value.chars().take_while(char::is_ascii_hexdigit).collect()
}

/// Everything that a run of the whole site must not leave in the log.
async fn secrets_of_a_run(site: &TestSite) -> Vec<String> {
    const FORM: &str = "application/x-www-form-urlencoded";
    const JSON: &str = "application/json";
    let mut secrets = Vec::new();

    let download = site.get("/b/files/download?key=secret-report.txt").await.location().to_owned();
    site.follow(&download).await;
    let right = signature(&download);
    // Whoever refuses a signature has computed the right one.
    assert_eq!(site.follow(&download.replace(&right, &"0".repeat(right.len()))).await.status(), 403);
    secrets.push(right);

    let link =
        post(site, "/api/create_share_link", FORM, "bucket=files&key=secret-report.txt&expires_in_s=60".to_owned())
            .await;
    let token = member(&link, "url").rsplit('/').next().unwrap_or_default().to_owned();
    secrets.push(signature(site.get(&format!("/s/{token}")).await.location()));
    site.get(&format!("/s/{token}x")).await;
    secrets.push(token);

    let seed = site.send(script(Method::GET, "/api/get_url?key=secret-report.txt").body(Body::empty()).unwrap()).await;
    secrets.push(signature(&seed.body()));

    let create = r#"{"bucket":"files","uploads":[{"key":"big.bin","size_bytes":104857600,"content_type":"","on_conflict":"refuse"}]}"#;
    let ticket = member(&post(site, "/api/uploads/create", JSON, create.to_owned()).await, "ticket");
    let signed = post(site, "/api/uploads/presign", JSON, format!(r#"{{"ticket":"{ticket}","parts":[1,2]}}"#)).await;
    secrets.push(signature(&signed));
    secrets.push(ticket);

    let with_cookie = browser(Method::GET, "/b/files")
        .header(header::COOKIE, "session=cookie-of-a-person")
        .header(header::AUTHORIZATION, "Bearer bearer-of-a-person");
    site.send(with_cookie.body(Body::empty()).unwrap()).await;
    secrets.extend(["cookie-of-a-person".to_owned(), "bearer-of-a-person".to_owned()]);

    assert!(secrets.iter().all(|secret| secret.len() >= 16), "{secrets:?}");
    secrets
}

#[tokio::test]
async fn no_signature_token_or_ticket_of_a_whole_run_is_in_the_log_whatever_the_filter() {
    for filter in [
        "trace",
        "info,s3s::ops::signature=debug,s3s::ops=trace",
        "aws_smithy_runtime::client::orchestrator=trace,aws_sigv4::http_request::sign=trace",
        "[request]=trace",
        "[request{method=GET}]=trace",
    ] {
        let site = TestSite::new().await.with_object("secret-report.txt", 3).await;
        let _filter = filtered(filter);
        let secrets = secrets_of_a_run(&site).await;
        let log = logged();
        if filter == "trace" {
            assert!(log.contains("answered") && log.contains("/s/{token}"), "the log has lost its lines");
        }
        let leaked: Vec<&str> = log
            .lines()
            .filter(|line| line.contains("X-Amz-Signature") || secrets.iter().any(|secret| line.contains(secret)))
            .collect();
        assert!(leaked.is_empty(), "{filter}: {leaked:#?}");
    }
}

#[tokio::test]
async fn a_warning_has_its_request_s_id_where_nothing_finer_is_logged() {
    let site = TestSite::with(BEHIND_PROXY).await;
    let _filter = filtered("warn");
    let id = site.get("/b/files").await.header("x-request-id").to_owned();
    let log = logged();
    let warnings: Vec<&str> = log.lines().filter(|line| line.contains(&id)).collect();
    assert!(warnings.iter().any(|line| line.contains("nobody is signed in")), "{warnings:#?}");
}

#[tokio::test]
async fn each_request_has_one_line_with_route_status_time_user_and_id() {
    let site = TestSite::new().await;
    let answer = site.get("/b/files?prefix=nobody-else-lists-this%2F").await;
    let id = answer.header("x-request-id").to_owned();
    let log = logged();
    let lines: Vec<serde_json::Value> = log
        .lines()
        .filter(|line| line.contains(&id) && line.contains("answered"))
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 1, "{lines:#?}");
    let line = &lines[0];
    assert_eq!(line["status"], 200);
    assert!(line["duration_ms"].is_u64());
    let span = &line["span"];
    assert_eq!(
        (&span["method"], &span["route"], &span["user"]),
        (&"GET".into(), &"/b/{bucket}".into(), &"local".into())
    );
    assert!(!log.contains("nobody-else-lists-this"), "a query is nobody's business");
}
