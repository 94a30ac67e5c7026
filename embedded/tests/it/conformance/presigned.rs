//! Presigned URLs: what a browser holds, and what may not be changed about it.

use http::{HeaderValue, Method};

use super::checks;
use super::endpoint::S3;
use crate::support::{Answer, Time, Wire, encode};

const KEY: &str = "a folder/b+c %41.txt";
const MISMATCH: &str = "SignatureDoesNotMatch";
const MALFORMED: &str = "AuthorizationQueryParametersError";

checks! {
    a_presigned_get_is_taken_by_host: "200 for the bucket that the Host names",
    a_presigned_get_is_taken_by_path: "200 for /bucket/key",
    a_presigned_put_is_taken: "200, and the object is there",
    a_changed_signature_is_refused: "403 SignatureDoesNotMatch",
    another_key_than_the_signed_one_is_refused: "403 SignatureDoesNotMatch",
    another_method_than_the_signed_one_is_refused: "403 SignatureDoesNotMatch",
    another_query_than_the_signed_one_is_refused: "403 SignatureDoesNotMatch",
    another_expiry_than_the_signed_one_is_refused: "403 SignatureDoesNotMatch",
    another_host_than_the_signed_one_is_refused: "403 SignatureDoesNotMatch",
    another_port_than_the_signed_one_is_refused: "403 SignatureDoesNotMatch",
    an_expired_url_is_refused: "403 AccessDenied: Request has expired",
    a_url_from_the_future_is_refused: "403 AccessDenied: Request is not valid yet",
    a_url_good_for_seven_days_is_taken: "200 for X-Amz-Expires=604800",
    a_url_good_for_longer_is_refused: "400 AuthorizationQueryParametersError",
    a_url_good_for_less_than_nothing_is_refused: "400 AuthorizationQueryParametersError",
    a_url_of_another_region_is_refused: "400 AuthorizationQueryParametersError",
    a_url_of_an_unknown_key_is_refused: "403 InvalidAccessKeyId",
    a_url_without_all_its_parameters_is_refused: "400 AuthorizationQueryParametersError",
    a_signature_over_the_unencoded_path_is_refused: "403 SignatureDoesNotMatch: the canonical path is encoded",
    a_path_spelled_otherwise_is_the_same_path: "200: the server spells it itself before it checks",
    an_amz_header_that_is_not_signed_is_refused: "403 AccessDenied: headers not signed",
    a_changed_signed_header_is_refused: "403 SignatureDoesNotMatch",
    a_missing_signed_header_is_refused: "403 SignatureDoesNotMatch or AccessDenied",
    a_longer_body_than_the_signed_one_is_refused: "403 SignatureDoesNotMatch for another Content-Length",
    a_parameter_for_the_log_is_signed_too: "200 with x-user in the query, 403 where it is changed",
    two_signatures_are_one_too_many: "400 InvalidArgument: only one auth mechanism allowed",
}

fn get(s3: &S3) -> Wire {
    s3.with(KEY, "hello");
    s3.by_host(Method::GET, KEY).presigned()
}

/// Signed, and then changed on its way.
fn changed(s3: &S3, change: impl FnOnce(&str) -> String) -> Answer {
    let mut head = get(s3).signed();
    *head.uri_mut() = change(&head.uri().to_string()).parse().unwrap();
    s3.send_as_is(&head, b"")
}

fn a_presigned_get_is_taken_by_host(s3: &S3) {
    assert_eq!(s3.send(get(s3)).expect(200).body, "hello");
}

fn a_presigned_get_is_taken_by_path(s3: &S3) {
    get(s3);
    assert_eq!(s3.send(s3.object(Method::GET, KEY).presigned()).expect(200).body, "hello");
}

fn a_presigned_put_is_taken(s3: &S3) {
    let wire = s3.by_host(Method::PUT, KEY).presigned().header("content-type", "text/plain");
    s3.send(wire.body("hello")).expect(200);
    assert_eq!(s3.get(KEY).expect(200).header("content-type"), "text/plain");
}

fn a_changed_signature_is_refused(s3: &S3) {
    let answer = changed(s3, |uri| {
        let (rest, last) = uri.split_at(uri.len() - 1);
        format!("{rest}{}", if last == "0" { "1" } else { "0" })
    });
    answer.refused(403, MISMATCH);
}

fn another_key_than_the_signed_one_is_refused(s3: &S3) {
    changed(s3, |uri| uri.replace("txt", "txs")).refused(403, MISMATCH);
}

fn another_method_than_the_signed_one_is_refused(s3: &S3) {
    let mut head = get(s3).signed();
    *head.method_mut() = Method::DELETE;
    s3.send_as_is(&head, b"").refused(403, MISMATCH);
    s3.get(KEY).expect(200);
}

fn another_query_than_the_signed_one_is_refused(s3: &S3) {
    changed(s3, |uri| format!("{uri}&response-content-type=text%2Fhtml")).refused(403, MISMATCH);
}

fn another_expiry_than_the_signed_one_is_refused(s3: &S3) {
    changed(s3, |uri| uri.replace("X-Amz-Expires=60", "X-Amz-Expires=61")).refused(403, MISMATCH);
}

fn with_host(s3: &S3, host: &str) {
    let mut head = get(s3).signed();
    head.headers_mut().insert("host", host.parse().unwrap());
    s3.send_as_is(&head, b"").refused(403, MISMATCH);
}

fn another_host_than_the_signed_one_is_refused(s3: &S3) {
    with_host(s3, "unknown.example");
}

fn another_port_than_the_signed_one_is_refused(s3: &S3) {
    with_host(s3, &format!("{}:4001", s3.bucket));
}

fn an_expired_url_is_refused(s3: &S3) {
    let wire = get(s3).sign_with(|signing| signing.at_s = Time::now().seconds - 61);
    s3.send(wire).refused(403, "AccessDenied");
}

fn a_url_from_the_future_is_refused(s3: &S3) {
    let wire = get(s3).sign_with(|signing| signing.at_s = Time::now().seconds + 3_600);
    s3.send(wire).refused(403, "AccessDenied");
}

fn a_url_good_for_seven_days_is_taken(s3: &S3) {
    let wire = get(s3).sign_with(|signing| signing.presigned_for_s = Some(604_800));
    assert_eq!(s3.send(wire).expect(200).body, "hello");
}

fn a_url_good_for_longer_is_refused(s3: &S3) {
    s3.send(get(s3).sign_with(|signing| signing.presigned_for_s = Some(604_801))).refused(400, MALFORMED);
}

fn a_url_good_for_less_than_nothing_is_refused(s3: &S3) {
    changed(s3, |uri| uri.replace("X-Amz-Expires=60", "X-Amz-Expires=-1")).refused(400, MALFORMED);
}

fn a_url_of_another_region_is_refused(s3: &S3) {
    s3.send(get(s3).sign_with(|signing| signing.region = "us-west-2".to_owned())).refused(400, MALFORMED);
}

fn a_url_of_an_unknown_key_is_refused(s3: &S3) {
    s3.send(get(s3).sign_with(|signing| signing.access_key = "AKIDX".to_owned())).refused(403, "InvalidAccessKeyId");
}

fn a_url_without_all_its_parameters_is_refused(s3: &S3) {
    changed(s3, |uri| uri.replace("X-Amz-Expires=60&", "")).refused(400, MALFORMED);
}

/// A URL whose path has characters that travel unencoded and are signed encoded.
fn unencoded(s3: &S3) -> Wire {
    s3.with("a(1)!*'.txt", "x");
    let mut wire = s3.by_host(Method::GET, "").presigned();
    wire.path = "/a(1)!*'.txt".to_owned();
    wire
}

fn a_signature_over_the_unencoded_path_is_refused(s3: &S3) {
    s3.send(unencoded(s3).sign_with(|signing| signing.raw_path = true)).refused(403, MISMATCH);
}

fn a_path_spelled_otherwise_is_the_same_path(s3: &S3) {
    assert_eq!(s3.send(unencoded(s3)).expect(200).body, "x");
}

fn an_amz_header_that_is_not_signed_is_refused(s3: &S3) {
    get(s3);
    let mut head = s3.by_host(Method::PUT, "new").presigned().body("").signed();
    let source = format!("/{}/{}", s3.bucket, encode(KEY, true));
    head.headers_mut().insert("x-amz-copy-source", source.parse().unwrap());
    s3.send_as_is(&head, b"").refused(403, "AccessDenied");
    s3.get("new").refused(404, "NoSuchKey");
}

fn put(s3: &S3) -> Wire {
    s3.by_host(Method::PUT, "new").presigned().header("content-type", "text/plain").body("12345")
}

fn a_changed_signed_header_is_refused(s3: &S3) {
    let mut head = put(s3).signed();
    head.headers_mut().insert("content-type", HeaderValue::from_static("text/html"));
    s3.send_as_is(&head, b"12345").refused(403, MISMATCH);
}

fn a_missing_signed_header_is_refused(s3: &S3) {
    let mut head = put(s3).signed();
    head.headers_mut().remove("content-type");
    let code = s3.send_as_is(&head, b"12345").expect(403).element("Code").unwrap();
    assert!([MISMATCH, "AccessDenied"].contains(&code.as_str()), "{code}");
}

fn a_longer_body_than_the_signed_one_is_refused(s3: &S3) {
    let mut head = put(s3).signed();
    head.headers_mut().insert("content-length", HeaderValue::from_static("6"));
    s3.send_as_is(&head, b"123456").refused(403, MISMATCH);
    s3.get("new").refused(404, "NoSuchKey");
}

fn a_parameter_for_the_log_is_signed_too(s3: &S3) {
    s3.send(get(s3).query("x-user", "ada")).expect(200);
    let mut head = get(s3).query("x-user", "ada").signed();
    *head.uri_mut() = head.uri().to_string().replace("x-user=ada", "x-user=eve").parse().unwrap();
    s3.send_as_is(&head, b"").refused(403, MISMATCH);
}

fn two_signatures_are_one_too_many(s3: &S3) {
    let mut head = get(s3).signed();
    let signed = s3.by_host(Method::GET, KEY).signed();
    for name in ["authorization", "x-amz-date", "x-amz-content-sha256"] {
        head.headers_mut().insert(name, signed.headers()[name].clone());
    }
    s3.send_as_is(&head, b"").refused(400, "InvalidArgument");
}
