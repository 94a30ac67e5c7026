//! Conditional requests: reads, writes, deletes.

use http::Method;

use super::checks;
use super::endpoint::S3;
use crate::support::Answer;

const PAST: &str = "Wed, 21 Oct 2015 07:28:00 GMT";
const OTHER: &str = "\"00000000000000000000000000000000\"";
const FAILED: &str = "PreconditionFailed";

checks! {
    if_match_lets_the_same_etag_through: "200",
    if_match_star_lets_any_object_through: "200",
    if_match_refuses_another_etag: "412 PreconditionFailed",
    if_none_match_finds_the_same_etag: "304 with the ETag and no body",
    if_none_match_star_finds_any_object: "304",
    if_none_match_lets_another_etag_through: "200",
    if_modified_since_lets_a_newer_object_through: "200",
    if_modified_since_finds_an_older_object: "304",
    if_unmodified_since_refuses_a_newer_object: "412 PreconditionFailed",
    if_unmodified_since_lets_an_older_object_through: "200",
    a_matching_etag_outweighs_a_date_that_fails: "200: If-Match true and If-Unmodified-Since false",
    a_matching_etag_outweighs_a_date_that_holds: "304: If-None-Match false and If-Modified-Since true",
    if_none_match_star_refuses_to_overwrite: "412 PreconditionFailed, the object stays",
    if_none_match_star_lets_a_free_key_through: "200, also where an object was deleted",
    if_none_match_on_a_write_takes_a_star_alone: "501 NotImplemented for an ETag",
    a_write_with_if_match_replaces_what_it_names: "200",
    a_write_with_if_match_refuses_another: "412 PreconditionFailed",
    a_write_with_if_match_needs_an_object: "404 NoSuchKey",
    of_many_writers_at_once_exactly_one_wins: "one 200; the others 412, or 409 ConditionalRequestConflict",
    a_delete_with_if_match_keeps_another: "412 PreconditionFailed",
    a_delete_with_if_match_removes_what_it_names: "204",
}

/// GET and HEAD answer this status.
fn read(s3: &S3, headers: &[(&str, &str)], status: u16) -> Answer {
    let head = s3.send(s3.object(Method::HEAD, "a").headers(headers));
    assert_eq!(head.status, status, "HEAD");
    s3.send(s3.object(Method::GET, "a").headers(headers)).expect(status)
}

fn hello(s3: &S3) -> String {
    s3.with("a", "hello").etag("a")
}

fn if_match_lets_the_same_etag_through(s3: &S3) {
    read(s3, &[("if-match", &hello(s3))], 200);
}

fn if_match_star_lets_any_object_through(s3: &S3) {
    hello(s3);
    read(s3, &[("if-match", "*")], 200);
}

fn if_match_refuses_another_etag(s3: &S3) {
    hello(s3);
    read(s3, &[("if-match", OTHER)], 412).refused(412, FAILED);
}

fn if_none_match_finds_the_same_etag(s3: &S3) {
    let etag = hello(s3);
    let answer = read(s3, &[("if-none-match", &etag)], 304);
    assert_eq!(answer.header("etag"), etag);
    assert!(answer.body.is_empty());
}

fn if_none_match_star_finds_any_object(s3: &S3) {
    hello(s3);
    read(s3, &[("if-none-match", "*")], 304);
}

fn if_none_match_lets_another_etag_through(s3: &S3) {
    hello(s3);
    read(s3, &[("if-none-match", OTHER)], 200);
}

fn if_modified_since_lets_a_newer_object_through(s3: &S3) {
    hello(s3);
    read(s3, &[("if-modified-since", PAST)], 200);
}

fn if_modified_since_finds_an_older_object(s3: &S3) {
    hello(s3);
    let date = s3.head("a").expect(200).header("last-modified").to_owned();
    read(s3, &[("if-modified-since", &date)], 304);
}

fn if_unmodified_since_refuses_a_newer_object(s3: &S3) {
    hello(s3);
    read(s3, &[("if-unmodified-since", PAST)], 412).refused(412, FAILED);
}

fn if_unmodified_since_lets_an_older_object_through(s3: &S3) {
    hello(s3);
    let date = s3.head("a").expect(200).header("last-modified").to_owned();
    read(s3, &[("if-unmodified-since", &date)], 200);
}

fn a_matching_etag_outweighs_a_date_that_fails(s3: &S3) {
    read(s3, &[("if-match", &hello(s3)), ("if-unmodified-since", PAST)], 200);
}

fn a_matching_etag_outweighs_a_date_that_holds(s3: &S3) {
    read(s3, &[("if-none-match", &hello(s3)), ("if-modified-since", PAST)], 304);
}

fn put_if(s3: &S3, name: &str, value: &str, body: &'static str) -> Answer {
    s3.send(s3.object(Method::PUT, "a").header(name, value).body(body))
}

fn if_none_match_star_refuses_to_overwrite(s3: &S3) {
    hello(s3);
    put_if(s3, "if-none-match", "*", "second").refused(412, FAILED);
    assert_eq!(s3.get("a").body, "hello");
}

fn if_none_match_star_lets_a_free_key_through(s3: &S3) {
    put_if(s3, "if-none-match", "*", "first").expect(200);
    s3.delete("a").expect(204);
    put_if(s3, "if-none-match", "*", "second").expect(200);
    assert_eq!(s3.get("a").body, "second");
}

fn if_none_match_on_a_write_takes_a_star_alone(s3: &S3) {
    put_if(s3, "if-none-match", OTHER, "x").refused(501, "NotImplemented");
}

fn a_write_with_if_match_replaces_what_it_names(s3: &S3) {
    let etag = hello(s3);
    put_if(s3, "if-match", &etag, "new").expect(200);
    assert_eq!(s3.get("a").body, "new");
}

fn a_write_with_if_match_refuses_another(s3: &S3) {
    hello(s3);
    put_if(s3, "if-match", OTHER, "new").refused(412, FAILED);
    assert_eq!(s3.get("a").body, "hello");
}

fn a_write_with_if_match_needs_an_object(s3: &S3) {
    put_if(s3, "if-match", OTHER, "new").refused(404, "NoSuchKey");
}

fn of_many_writers_at_once_exactly_one_wins(s3: &S3) {
    // Half of them small, half of them large: a server may keep the two in different places.
    let bodies: Vec<Vec<u8>> =
        (0..16_u8).map(|number| vec![number; if number % 2 == 0 { 100 } else { 100_000 }]).collect();
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let writers = bodies.iter().map(|body| {
            let wire = s3.object(Method::PUT, "raced").header("if-none-match", "*").body(body.clone());
            scope.spawn(|| s3.send_as_is(&wire.signed(), body).status.as_u16())
        });
        let writers: Vec<_> = writers.collect();
        writers.into_iter().map(|writer| writer.join().unwrap()).collect()
    });
    let winners: Vec<usize> = (0..16).filter(|writer| statuses[*writer] == 200).collect();
    assert!(winners.len() == 1 && statuses.iter().all(|status| [200, 409, 412].contains(status)), "{statuses:?}");
    assert!(s3.get("raced").expect(200).body == bodies[winners[0]], "the winner's bytes and no other's");
}

fn delete_if(s3: &S3, etag: &str) -> Answer {
    s3.send(s3.object(Method::DELETE, "a").header("if-match", etag))
}

fn a_delete_with_if_match_keeps_another(s3: &S3) {
    hello(s3);
    delete_if(s3, OTHER).refused(412, FAILED);
    s3.get("a").expect(200);
}

fn a_delete_with_if_match_removes_what_it_names(s3: &S3) {
    let etag = hello(s3);
    delete_if(s3, &etag).expect(204);
    s3.get("a").refused(404, "NoSuchKey");
}
