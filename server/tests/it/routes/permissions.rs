//! What each address asks leave for: the action that it is listed with.

use std::sync::{Arc, Mutex};

use app::api::SERVER_FUNCTIONS;
use axum::body::Body;
use axum::http::{Method, header};
use domain::access::{ActionKind, BucketName, Identity, Policy};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use server::api::ROUTES;

use crate::support::{Answer, TestSite, odd_keys, script};

const ALL: [ActionKind; 4] = [ActionKind::List, ActionKind::Read, ActionKind::Write, ActionKind::Share];

/// Allows everything but what is denied at the moment.
#[derive(Clone, Default)]
struct Shifting(Arc<Mutex<Vec<ActionKind>>>);

impl Shifting {
    fn deny(&self, actions: impl Into<Vec<ActionKind>>) {
        *self.0.lock().unwrap() = actions.into();
    }
}

impl Policy for Shifting {
    fn allows(&self, _: &Identity, action: ActionKind, _: &BucketName, _: &str) -> bool {
        !self.0.lock().unwrap().contains(&action)
    }
}

/// Allows everything, and remembers what it was asked for.
#[derive(Clone, Default)]
struct Listening(Arc<Mutex<Vec<String>>>);

impl Policy for Listening {
    fn allows(&self, _: &Identity, action: ActionKind, _: &BucketName, resource: &str) -> bool {
        self.0.lock().unwrap().push(format!("{action} {resource}"));
        true
    }
}

struct Trial {
    site: TestSite,
    policy: Shifting,
    token: String,
    ticket: String,
}

impl Trial {
    async fn new() -> Self {
        let policy = Shifting::default();
        let asked = policy.clone();
        let site =
            TestSite::altered(&[], |site| site.portal.policy = Arc::new(asked)).await.with_object("a.txt", 3).await;
        let mut trial = Self { site, policy, token: String::new(), ticket: String::new() };
        let link: serde_json::Value = trial.json("POST", "/api/create_share_link").await;
        trial.token = link["url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
        let outcomes: serde_json::Value = trial.json("POST", "/api/uploads/create").await;
        trial.ticket = outcomes[0]["created"]["transfer"]["multipart"]["ticket"].as_str().unwrap().to_owned();
        trial
    }

    async fn json(&self, method: &str, path: &str) -> serde_json::Value {
        let answer = self.ask(method, path).await;
        serde_json::from_str(&answer.body()).unwrap_or_else(|_| panic!("{path}: {}", answer.body()))
    }

    /// A request that would do something, for an address on one of the lists.
    async fn ask(&self, method: &str, path: &str) -> Answer {
        const FORM: &str = "application/x-www-form-urlencoded";
        const JSON: &str = "application/json";
        let ticket = &self.ticket;
        let (query, kind, body) = match path {
            "/api/portal_overview" => (String::new(), FORM, String::new()),
            "/api/list_objects" => ("?bucket=files".to_owned(), FORM, String::new()),
            "/api/open_download" | "/api/curl_command" => ("?bucket=files&key=a.txt".to_owned(), FORM, String::new()),
            "/api/open_share_link" => (format!("?token={}", self.token), FORM, String::new()),
            "/api/create_share_link" => (String::new(), FORM, "bucket=files&key=a.txt&expires_in_s=60".to_owned()),
            "/api/get_url" => ("?key=a.txt".to_owned(), JSON, String::new()),
            "/api/put_url" => ("?key=new.txt&size_bytes=1".to_owned(), JSON, String::new()),
            "/api/uploads/create" => {
                let upload = r#"{"key":"big.bin","size_bytes":104857600,"content_type":"","on_conflict":"refuse"}"#;
                (String::new(), JSON, format!(r#"{{"bucket":"files","uploads":[{upload}]}}"#))
            }
            "/api/uploads/presign" => (String::new(), JSON, format!(r#"{{"ticket":"{ticket}","parts":[1]}}"#)),
            "/api/uploads/parts" | "/api/uploads/complete" | "/api/uploads/abort" => {
                (String::new(), JSON, format!(r#"{{"ticket":"{ticket}"}}"#))
            }
            new => panic!("{new} is on a list: say here what it is asked for"),
        };
        let request = script(method.parse().unwrap(), &format!("{path}{query}"))
            .header(header::ACCEPT, JSON)
            .header(header::CONTENT_TYPE, kind);
        self.site.send(request.body(Body::from(body)).unwrap()).await
    }

    async fn is_denied(&self, method: &str, path: &str) -> bool {
        let answer = self.ask(method, path).await;
        match path {
            // Shows what may be shown: of nothing, nothing.
            "/api/portal_overview" => !answer.body().contains("files"),
            // Answers for each upload by itself.
            "/api/uploads/create" => answer.body().contains("forbidden") || answer.body().contains("Forbidden"),
            _ => answer.status() == 403,
        }
    }
}

#[tokio::test]
async fn every_address_asks_for_the_action_that_it_is_listed_with() {
    let trial = Trial::new().await;
    let functions = leptos::server_fn::axum::server_fn_paths().map(|(path, method)| {
        let listed = SERVER_FUNCTIONS.iter().find(|(listed, _)| *listed == path);
        (method.to_string(), path, listed.unwrap_or_else(|| panic!("{path} is not on the list")).1)
    });
    let routes = ROUTES.iter().map(|route| (route.method.to_owned(), route.path, route.action));
    let addresses: Vec<_> = routes.chain(functions).collect();
    assert!(addresses.len() >= ROUTES.len() + SERVER_FUNCTIONS.len(), "{addresses:?}");
    for (method, path, action) in addresses {
        trial.policy.deny([action]);
        assert!(trial.is_denied(&method, path).await, "{method} {path} does not ask for leave to {action}");
        // A link is also read through, so whoever may not read cannot share.
        let needed = if action == ActionKind::Share { vec![action, ActionKind::Read] } else { vec![action] };
        trial.policy.deny(ALL.into_iter().filter(|other| !needed.contains(other)).collect::<Vec<_>>());
        assert!(!trial.is_denied(&method, path).await, "{method} {path} asks for more than leave to {action}");
    }
}

#[tokio::test]
async fn pages_ask_for_leave_as_their_server_functions_do() {
    let trial = Trial::new().await;
    let link = format!("/s/{}", trial.token);
    for (address, action) in [
        ("/b/files", ActionKind::List),
        ("/b/files/download?key=a.txt", ActionKind::Read),
        (link.as_str(), ActionKind::Read),
    ] {
        trial.policy.deny([action]);
        let answer = trial.site.get(address).await;
        assert_eq!((answer.status(), answer.header("location")), (403, ""), "{address}: {}", answer.body());
        trial.policy.deny(ALL.into_iter().filter(|other| *other != action).collect::<Vec<_>>());
        assert!(trial.site.get(address).await.status() < 400, "{address}");
    }
}

#[tokio::test]
async fn a_bucket_that_may_not_be_listed_is_not_shown_and_nobody_is_told_off_for_it() {
    let trial = Trial::new().await;
    trial.policy.deny([ActionKind::List]);
    let page = trial.site.get("/").await;
    assert_eq!(page.status(), 200);
    assert!(!page.page().contains("/b/files"), "{}", page.page());
    let id = page.header("x-request-id");
    let log = crate::support::logged();
    assert!(!log.lines().any(|line| line.contains(id) && line.contains("denied")), "nothing was asked for");
}

#[tokio::test]
async fn no_get_changes_anything() {
    let trial = Trial::new().await;
    let sharing = script(Method::GET, "/api/create_share_link?bucket=files&key=a.txt&expires_in_s=60");
    let answer = trial.site.send(sharing.body(Body::empty()).unwrap()).await;
    assert!(matches!(answer.status(), 404 | 405) && !answer.body().contains("/s/"), "{}", answer.body());
}

/// The key in the path of a signed URL, as S3 reads it.
fn signed_key(url: &str) -> String {
    let path = url.strip_prefix("http://files.localhost:3000/").and_then(|rest| rest.split('?').next()).unwrap();
    percent_decode_str(path).decode_utf8().unwrap().into_owned()
}

#[tokio::test]
async fn what_is_signed_is_what_leave_was_asked_for() {
    let policy = Listening::default();
    let asked = policy.clone();
    let site = TestSite::altered(&[], |site| site.portal.policy = Arc::new(asked)).await;
    let dots = ["team/../other.txt", "./team.txt", "team/.."].map(str::to_owned);
    for key in odd_keys::below("team/").into_iter().chain(dots) {
        site.put(&key, "x").await;
        policy.0.lock().unwrap().clear();
        let escaped = utf8_percent_encode(&key, NON_ALPHANUMERIC);
        let answer = site.get(&format!("/api/get_url?key={escaped}")).await;
        let answer: serde_json::Value = serde_json::from_str(&answer.body()).unwrap();
        assert_eq!(signed_key(answer["s3_presigned_url"].as_str().unwrap()), key);
        assert_eq!(*policy.0.lock().unwrap(), [format!("read {key}")]);

        policy.0.lock().unwrap().clear();
        let answer = site.get(&format!("/api/put_url?key={escaped}&size_bytes=1&overwrite=true")).await;
        if answer.status() == 200 {
            let answer: serde_json::Value = serde_json::from_str(&answer.body()).unwrap();
            let key = signed_key(answer["s3_presigned_url"].as_str().unwrap());
            assert!(
                policy.0.lock().unwrap().contains(&format!("write {key}")),
                "{key:?}: {:?}",
                policy.0.lock().unwrap()
            );
        }
    }
}

/// Allows one prefix, segment by segment, and what lies below it.
struct Below(&'static str);

impl Policy for Below {
    fn allows(&self, _: &Identity, _: ActionKind, _: &BucketName, resource: &str) -> bool {
        let (wanted, found) = (self.0.split_terminator('/'), resource.split('/'));
        wanted.clone().eq(found.clone().take(wanted.count())) && resource.len() >= self.0.len()
    }
}

#[tokio::test]
async fn a_person_with_one_prefix_reaches_nothing_beside_it() {
    let site = TestSite::new().await;
    for key in ["team/mine.txt", "team2/theirs.txt", "tea", "team", "other/theirs.txt"] {
        site.put_behind_the_portal(key, "x").await;
    }
    let site = site.under(Arc::new(Below("team/")));
    assert_eq!(site.get("/b/files?prefix=team%2F").await.status(), 200);
    assert_eq!(site.get("/b/files?starts_with=team%2Fmi").await.status(), 200);
    assert_eq!(site.get("/b/files/download?key=team%2Fmine.txt").await.status(), 307);
    for address in [
        "/b/files",
        "/b/files?starts_with=team",
        "/b/files?starts_with=team2%2F",
        "/b/files?prefix=team2%2F",
        "/b/files?prefix=other%2F",
        "/b/files?prefix=Team%2F",
        "/b/files?prefix=team%252F%2F",
        "/b/files/download?key=team",
        "/b/files/download?key=team2%2Ftheirs.txt",
        "/b/files/download?key=other%2Ftheirs.txt",
        "/b/files/download?key=%2Fteam%2Fmine.txt",
        "/api/get_url?key=team2%2Ftheirs.txt",
        "/api/put_url?key=team2%2Fnew.txt&size_bytes=1",
        "/api/put_url?key=team&size_bytes=1",
    ] {
        let answer = site.get(address).await;
        assert_eq!((answer.status(), answer.header("location")), (403, ""), "{address}: {}", answer.body());
        assert!(!answer.body().contains("theirs.txt</"), "{address}");
    }
    // A browser would make another key of it, and S3 takes it as it is: it lies below the prefix and is not there.
    assert_eq!(site.get("/api/get_url?key=team%2F..%2Fother%2Ftheirs.txt").await.status(), 404);
}
