//! Cross-origin rules: preflights by rule, headers on every answer, errors too.

use embedded::CorsRule;
use http::{Method, Request};

use crate::support::{Answer, FILES_HOST, Site, Wire};

const PORTAL: &str = "http://localhost:3000";

async fn site() -> Site {
    let site = Site::new().await;
    let rule = CorsRule {
        allowed_origins: vec![PORTAL.to_owned()],
        allowed_methods: vec!["GET".to_owned(), "PUT".to_owned()],
        allowed_headers: vec!["content-type".to_owned(), "x-amz-*".to_owned()],
        expose_headers: vec!["ETag".to_owned()],
        max_age_s: Some(3_000),
        id: None,
    };
    site.s3.set_cors("data", vec![rule]).await.unwrap();
    site
}

async fn preflight(site: &Site, origin: &str, method: &str, headers: Option<&str>) -> Answer {
    let mut request = Request::options("/a?X-Amz-Signature=0")
        .header("host", FILES_HOST)
        .header("origin", origin)
        .header("access-control-request-method", method);
    if let Some(headers) = headers {
        request = request.header("access-control-request-headers", headers);
    }
    site.send(request.body(embedded::Body::empty()).unwrap()).await
}

#[tokio::test]
async fn a_preflight_that_a_rule_allows_needs_no_signature() {
    let site = site().await;
    let headers = Some("Content-Type, x-amz-meta-a");
    let answer = preflight(&site, PORTAL, "PUT", headers).await.expect(200);
    assert_eq!(answer.header("access-control-allow-origin"), PORTAL);
    assert_eq!(answer.header("access-control-allow-methods"), "GET, PUT");
    assert_eq!(answer.header("access-control-allow-headers"), "content-type, x-amz-meta-a");
    assert_eq!(answer.header("access-control-expose-headers"), "ETag");
    assert_eq!(answer.header("access-control-max-age"), "3000");
    assert!(answer.header("vary").contains("Origin"));
}

#[tokio::test]
async fn a_preflight_that_no_rule_allows_is_refused() {
    let site = site().await;
    preflight(&site, "http://elsewhere", "PUT", None).await.refused(403, "AccessForbidden");
    preflight(&site, PORTAL, "DELETE", None).await.refused(403, "AccessForbidden");
    let answer = preflight(&site, PORTAL, "PUT", Some("if-none-match")).await;
    assert!(!answer.refused(403, "AccessForbidden").has("access-control-allow-origin"));
}

#[tokio::test]
async fn a_bucket_without_rules_refuses_every_preflight() {
    let site = Site::new().await;
    preflight(&site, PORTAL, "GET", None).await.refused(403, "AccessForbidden");
}

#[tokio::test]
async fn options_without_an_origin_is_no_preflight() {
    let site = site().await;
    let request = Request::options("/a").header("host", FILES_HOST);
    site.send(request.body(embedded::Body::empty()).unwrap()).await.refused(400, "BadRequest");
}

#[tokio::test]
async fn answers_and_errors_carry_the_rules_headers() {
    let site = site().await;
    site.with("a", "x").await;
    for (key, status) in [("a", 200), ("missing", 404)] {
        for method in [Method::GET, Method::PUT] {
            let wire = Wire::by_host(method, key).presigned().header("origin", PORTAL);
            let wire = if wire.method == Method::PUT { wire.body("x") } else { wire };
            let put = wire.method == Method::PUT;
            let answer = site.send(wire.build()).await.expect(if put { 200 } else { status });
            assert_eq!(answer.header("access-control-allow-origin"), PORTAL);
            assert_eq!(answer.header("access-control-expose-headers"), "ETag");
            site.delete("missing").await;
        }
    }
    let mut refused = Wire::by_host(Method::GET, "a").presigned().header("origin", PORTAL).build();
    *refused.uri_mut() = "/b?X-Amz-Signature=0".parse().unwrap();
    let answer = site.send(refused).await;
    assert!(answer.status.is_client_error());
    assert_eq!(answer.header("access-control-allow-origin"), PORTAL);
}

#[tokio::test]
async fn another_origin_gets_no_headers() {
    let site = site().await;
    site.with("a", "x").await;
    let wire = Wire::by_host(Method::GET, "a").presigned().header("origin", "http://elsewhere");
    assert!(!site.send(wire.build()).await.expect(200).has("access-control-allow-origin"));
}

#[tokio::test]
async fn rules_are_put_read_and_deleted_by_the_api_and_kept_across_a_restart() {
    let site = Site::new().await;
    let wire = || Wire::bucket(Method::GET).query("cors", "");
    site.send(wire().build()).await.refused(404, "NoSuchCORSConfiguration");
    let body = "<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin>\
                <AllowedMethod>GET</AllowedMethod><AllowedHeader>*</AllowedHeader>\
                <ExposeHeader>ETag</ExposeHeader></CORSRule></CORSConfiguration>";
    let put = Wire::bucket(Method::PUT).query("cors", "").body(body);
    site.send(put.build()).await.expect(200);
    let site = site.restart().await;
    let read = site.send(wire().build()).await.expect(200);
    assert_eq!(read.element("AllowedOrigin").unwrap(), "*");
    let answer = preflight(&site, "http://anywhere", "GET", Some("range")).await.expect(200);
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    let delete = Wire::bucket(Method::DELETE).query("cors", "");
    site.send(delete.build()).await.expect(204);
    preflight(&site, "http://anywhere", "GET", None).await.refused(403, "AccessForbidden");
}

#[tokio::test]
async fn rules_that_s3_refuses_are_refused() {
    let site = Site::new().await;
    let put = |rule: &str| {
        let body = format!("<CORSConfiguration><CORSRule>{rule}</CORSRule></CORSConfiguration>");
        site.send(Wire::bucket(Method::PUT).query("cors", "").body(body).build())
    };
    let origin = "<AllowedOrigin>*</AllowedOrigin>";
    put(&format!("{origin}<AllowedMethod>PATCH</AllowedMethod>")).await.refused(400, "InvalidRequest");
    put(&format!("{origin}<AllowedMethod>GET</AllowedMethod><ExposeHeader>x-*</ExposeHeader>"))
        .await
        .refused(400, "InvalidRequest");
    put("<AllowedOrigin>*.*</AllowedOrigin><AllowedMethod>GET</AllowedMethod>").await.refused(400, "InvalidRequest");
}
