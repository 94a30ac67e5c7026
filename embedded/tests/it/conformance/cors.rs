//! Cross-origin rules: preflights by rule, headers on every answer, errors too.

use http::{Method, Request};

use super::checks;
use super::endpoint::S3;
use crate::support::Answer;

const PORTAL: &str = "http://portal.example:3000";

checks! {
    rules_are_put_read_and_deleted: "404 NoSuchCORSConfiguration, PUT, GET, DELETE",
    a_preflight_that_a_rule_allows_needs_no_signature: "200 with origin, methods, headers, exposed headers, max age",
    a_preflight_is_refused_for_another_origin: "403 AccessForbidden",
    a_preflight_is_refused_for_another_method: "403 AccessForbidden",
    a_preflight_is_refused_for_another_header: "403 AccessForbidden",
    headers_are_compared_in_any_case: "header names have no case",
    a_bucket_without_rules_refuses_every_preflight: "403 AccessForbidden",
    options_without_an_origin_is_no_preflight: "400 BadRequest",
    the_first_rule_that_matches_answers: "rules are tried in their order",
    a_star_in_an_origin_stands_for_anything: "http://*.example.com",
    a_rule_for_everybody_answers_a_star: "Access-Control-Allow-Origin: * and no credentials",
    answers_carry_the_rules_headers: "Access-Control-Allow-Origin and -Expose-Headers on GET and PUT",
    errors_carry_the_rules_headers: "the same on 403 and 404",
    another_origin_gets_no_headers: "200 without Access-Control-*",
    a_rule_has_methods_of_five: "400 InvalidRequest",
    an_origin_has_one_star_at_most: "400 InvalidRequest",
    rules_need_a_digest: "400 InvalidRequest: Content-MD5 or a checksum is required",
    a_configuration_has_rules: "400 MalformedXML",
}

const RULE: &str = "<CORSRule><AllowedOrigin>http://portal.example:3000</AllowedOrigin>\
    <AllowedMethod>GET</AllowedMethod><AllowedMethod>PUT</AllowedMethod>\
    <AllowedHeader>content-type</AllowedHeader><AllowedHeader>x-amz-*</AllowedHeader>\
    <ExposeHeader>ETag</ExposeHeader><MaxAgeSeconds>3000</MaxAgeSeconds></CORSRule>";

fn put(s3: &S3, rules: &str) -> Answer {
    let body = format!("<CORSConfiguration>{rules}</CORSConfiguration>");
    s3.send(s3.bucket(Method::PUT).query("cors", "").body(body).with_md5())
}

fn ruled(s3: &S3) {
    put(s3, RULE).expect(200);
}

fn rule(origin: &str, method: &str, more: &str) -> String {
    format!("<CORSRule><AllowedOrigin>{origin}</AllowedOrigin><AllowedMethod>{method}</AllowedMethod>{more}</CORSRule>")
}

/// A preflight, as browsers send it: by the Host of the bucket, unsigned.
fn preflight(s3: &S3, origin: &str, method: &str, headers: Option<&str>) -> Answer {
    let mut request = Request::options("/a?X-Amz-Signature=0")
        .header("host", &s3.bucket)
        .header("origin", origin)
        .header("access-control-request-method", method);
    if let Some(headers) = headers {
        request = request.header("access-control-request-headers", headers);
    }
    s3.send_as_is(&request.body(()).unwrap(), b"")
}

fn rules_are_put_read_and_deleted(s3: &S3) {
    let call = |method: Method| s3.send(s3.bucket(method).query("cors", ""));
    call(Method::GET).refused(404, "NoSuchCORSConfiguration");
    ruled(s3);
    let read = call(Method::GET).expect(200);
    assert_eq!(read.elements("AllowedOrigin"), [PORTAL]);
    let mut methods = read.elements("AllowedMethod");
    methods.sort_unstable();
    assert_eq!((methods, read.elements("MaxAgeSeconds")), (vec!["GET".into(), "PUT".into()], vec!["3000".to_owned()]));
    call(Method::DELETE).expect(204);
    call(Method::GET).refused(404, "NoSuchCORSConfiguration");
}

fn a_preflight_that_a_rule_allows_needs_no_signature(s3: &S3) {
    ruled(s3);
    let answer = preflight(s3, PORTAL, "PUT", Some("content-type, x-amz-meta-a")).expect(200);
    assert_eq!(answer.header("access-control-allow-origin"), PORTAL);
    assert!(answer.header("access-control-allow-methods").contains("PUT"));
    let allowed = answer.header("access-control-allow-headers").to_ascii_lowercase();
    assert!(allowed.contains("content-type") && allowed.contains("x-amz-meta-a"), "{allowed}");
    assert_eq!(answer.header("access-control-expose-headers"), "ETag");
    assert_eq!(answer.header("access-control-max-age"), "3000");
    assert!(answer.header("vary").contains("Origin"));
}

fn is_refused(s3: &S3, origin: &str, method: &str, headers: Option<&str>) {
    ruled(s3);
    let answer = preflight(s3, origin, method, headers).refused(403, "AccessForbidden");
    assert!(!answer.has("access-control-allow-origin"));
}

fn a_preflight_is_refused_for_another_origin(s3: &S3) {
    is_refused(s3, "http://elsewhere.example", "PUT", None);
}

fn a_preflight_is_refused_for_another_method(s3: &S3) {
    is_refused(s3, PORTAL, "DELETE", None);
}

fn a_preflight_is_refused_for_another_header(s3: &S3) {
    is_refused(s3, PORTAL, "PUT", Some("content-type, if-none-match"));
}

fn headers_are_compared_in_any_case(s3: &S3) {
    ruled(s3);
    let answer = preflight(s3, PORTAL, "PUT", Some("Content-Type, X-Amz-Meta-A")).expect(200);
    assert_eq!(answer.header("access-control-allow-origin"), PORTAL);
}

fn a_bucket_without_rules_refuses_every_preflight(s3: &S3) {
    preflight(s3, PORTAL, "GET", None).refused(403, "AccessForbidden");
}

fn options_without_an_origin_is_no_preflight(s3: &S3) {
    ruled(s3);
    let request = Request::options("/a").header("host", &s3.bucket).body(()).unwrap();
    s3.send_as_is(&request, b"").refused(400, "BadRequest");
}

fn the_first_rule_that_matches_answers(s3: &S3) {
    let second = rule("*", "GET", "<ExposeHeader>x-amz-version-id</ExposeHeader>");
    put(s3, &format!("{RULE}{second}")).expect(200);
    assert_eq!(preflight(s3, PORTAL, "GET", None).expect(200).header("access-control-expose-headers"), "ETag");
    let other = preflight(s3, "http://elsewhere.example", "GET", None).expect(200);
    assert_eq!(other.header("access-control-expose-headers"), "x-amz-version-id");
}

fn a_star_in_an_origin_stands_for_anything(s3: &S3) {
    put(s3, &rule("http://*.example.com", "GET", "")).expect(200);
    let answer = preflight(s3, "http://a.example.com", "GET", None).expect(200);
    assert_eq!(answer.header("access-control-allow-origin"), "http://a.example.com");
    preflight(s3, "http://a.example.org", "GET", None).refused(403, "AccessForbidden");
}

fn a_rule_for_everybody_answers_a_star(s3: &S3) {
    put(s3, &rule("*", "GET", "")).expect(200);
    let answer = preflight(s3, "http://anywhere.example", "GET", None).expect(200);
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert!(!answer.has("access-control-allow-credentials"));
}

fn carries(answer: &Answer) {
    assert_eq!(answer.header("access-control-allow-origin"), PORTAL);
    assert_eq!(answer.header("access-control-expose-headers"), "ETag");
}

fn answers_carry_the_rules_headers(s3: &S3) {
    ruled(s3);
    let put = s3.by_host(Method::PUT, "a").presigned().header("origin", PORTAL).body("x");
    carries(&s3.send(put).expect(200));
    let get = s3.by_host(Method::GET, "a").presigned().header("origin", PORTAL);
    carries(&s3.send(get).expect(200));
}

fn errors_carry_the_rules_headers(s3: &S3) {
    ruled(s3);
    let wire = s3.by_host(Method::GET, "missing").presigned().header("origin", PORTAL);
    carries(&s3.send(wire.clone()).expect(404));
    carries(&s3.send(wire.sign_with(|signing| signing.secret_key = "guess".to_owned())).expect(403));
}

fn another_origin_gets_no_headers(s3: &S3) {
    ruled(s3);
    s3.with("a", "x");
    let wire = s3.by_host(Method::GET, "a").presigned().header("origin", "http://elsewhere.example");
    let answer = s3.send(wire).expect(200);
    assert!(answer.body == "x" && !answer.has("access-control-allow-origin"));
}

fn a_rule_has_methods_of_five(s3: &S3) {
    put(s3, &rule("*", "PATCH", "")).refused(400, "InvalidRequest");
}

fn an_origin_has_one_star_at_most(s3: &S3) {
    put(s3, &rule("*.*", "GET", "")).refused(400, "InvalidRequest");
}

fn rules_need_a_digest(s3: &S3) {
    let body = format!("<CORSConfiguration>{RULE}</CORSConfiguration>");
    s3.send(s3.bucket(Method::PUT).query("cors", "").body(body)).refused(400, "InvalidRequest");
}

fn a_configuration_has_rules(s3: &S3) {
    put(s3, "").refused(400, "MalformedXML");
}
