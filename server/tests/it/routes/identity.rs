//! Behind a proxy that signs people in: no name counts without the secret.

use axum::body::Body;
use axum::http::{HeaderValue, Method};
use server::api::ROUTES;

use crate::support::{Answer, BEHIND_PROXY, PROXY_SECRET, TestSite, browser, logged, script};

const USER: (&str, &str) = ("x-forwarded-user", "ada");
const SECRET: (&str, &str) = ("x-causeway-secret", PROXY_SECRET);

async fn get(site: &TestSite, address: &str, headers: &[(&str, &str)]) -> Answer {
    let request = headers.iter().fold(browser(Method::GET, address), |request, (name, value)| {
        request.header(*name, HeaderValue::from_bytes(value.as_bytes()).unwrap())
    });
    site.send(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn the_proxy_s_word_is_taken_with_its_secret() {
    let site = TestSite::with(BEHIND_PROXY).await;
    assert_eq!(get(&site, "/b/files", &[USER, SECRET]).await.status(), 200);
    let groups = ("x-forwarded-groups", "staff, editors,,");
    assert_eq!(get(&site, "/b/files", &[USER, SECRET, groups]).await.status(), 200);
    let umlaut = ("x-forwarded-user", "j\u{f6}rg@corp.example");
    assert_eq!(get(&site, "/b/files", &[umlaut, SECRET]).await.status(), 200);
}

#[tokio::test]
async fn nobody_gets_in_around_the_proxy() {
    let site = TestSite::with(BEHIND_PROXY).await;
    let long_name = "a".repeat(321);
    let long_groups = "g,".repeat(5000);
    for headers in [
        &[][..],
        &[USER],
        &[SECRET],
        &[USER, ("x-causeway-secret", "wrong")],
        &[USER, ("x-causeway-secret", &PROXY_SECRET[1..])],
        &[USER, ("x-causeway-secret", &format!("{PROXY_SECRET}x"))],
        &[USER, ("x-causeway-secret", "")],
        &[USER, SECRET, SECRET],
        &[USER, SECRET, ("x-forwarded-user", "root")],
        &[USER, USER, SECRET],
        &[USER, SECRET, ("x-forwarded-groups", "a"), ("x-forwarded-groups", "admins")],
        &[("x-forwarded-user", ""), SECRET],
        &[("x-forwarded-user", "   "), SECRET],
        &[("x-forwarded-user", &long_name), SECRET],
        &[USER, SECRET, ("x-forwarded-groups", &long_groups)],
    ] {
        assert_eq!(get(&site, "/b/files", headers).await.status(), 401, "{headers:?}");
    }
    let latin1 = browser(Method::GET, "/b/files")
        .header(USER.0, HeaderValue::from_bytes(b"j\xf6rg").unwrap())
        .header(SECRET.0, SECRET.1)
        .body(Body::empty())
        .unwrap();
    assert_eq!(site.send(latin1).await.status(), 401, "a name that is no UTF-8 is no name");
}

#[tokio::test]
async fn strangers_get_a_page_and_programs_get_json_and_neither_a_redirect() {
    let site = TestSite::with(BEHIND_PROXY).await;
    let page = get(&site, "/b/files", &[]).await;
    insta::assert_snapshot!(page.page(), @r"
    401 Unauthorized
    [Causeway](/)
    Not signed in
    The portal does not know who you are.
    Sign in through your company’s sign-in page and try again.
    Incident (id)
    ");
    insta::assert_snapshot!(get(&site, "/api/list_objects", &[]).await.problem(), @r"
    401 Unauthorized
    SignInRequired: Not signed in
    The portal does not know who you are.
    Sign in through your company’s sign-in page and try again.
    ");
}

#[tokio::test]
async fn every_route_of_the_api_and_every_server_function_asks_who_is_there() {
    let site = TestSite::with(BEHIND_PROXY).await;
    let routes = ROUTES.iter().map(|route| (route.method.to_owned(), route.path.to_owned()));
    let functions =
        leptos::server_fn::axum::server_fn_paths().map(|(path, method)| (method.to_string(), path.to_owned()));
    let all: Vec<_> = routes.chain(functions).collect();
    assert!(all.len() > 6, "{all:?}");
    for (method, path) in all {
        let request = script(method.parse().unwrap(), &path).body(Body::empty()).unwrap();
        assert_eq!(site.send(request).await.status(), 401, "{method} {path}");
    }
}

#[tokio::test]
async fn only_links_health_and_assets_are_open_to_everyone() {
    let site = TestSite::with(BEHIND_PROXY).await;
    for address in ["/", "/b/files", "/b/files/download?key=a", "/no/such/page", "/api/none", "/s", "/s/", "/s/a/b"] {
        assert_eq!(get(&site, address, &[]).await.status(), 401, "{address}");
    }
    for (address, status) in
        [("/healthz", 200), ("/readyz", 200), ("/favicon.svg", 200), ("/pkg/causeway.0f0f0f0f0f0f0f0f.css", 200)]
    {
        assert_eq!(get(&site, address, &[]).await.status(), status, "{address}");
    }
    assert_eq!(get(&site, "/s/broken", &[]).await.status(), 404);
    assert_eq!(get(&site, "/s/broken/", &[]).await.status(), 404);
}

#[tokio::test]
async fn a_wrong_secret_is_told_to_the_log_and_not_shown_there() {
    let site = TestSite::with(BEHIND_PROXY).await;
    get(&site, "/b/files", &[USER, ("x-causeway-secret", "guess-the-secret-0123456789")]).await;
    let log = logged();
    assert!(log.contains("the secret of the proxy is wrong"));
    assert!(!log.contains("guess-the-secret") && !log.contains(PROXY_SECRET));
}
