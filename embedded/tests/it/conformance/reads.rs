//! Reads: ranges, part numbers, and headers overridden for one answer.

use http::Method;

use super::checks;
use super::endpoint::S3;
use crate::support::Answer;

checks! {
    a_range_names_its_first_and_last_byte: "206, Content-Range: bytes 2-4/10",
    a_range_of_one_byte: "206, Content-Range: bytes 0-0/10",
    an_open_range_ends_with_the_object: "206, Content-Range: bytes 7-9/10",
    a_range_past_the_end_is_cut: "206, Content-Range: bytes 7-9/10",
    a_suffix_counts_from_the_end: "206, Content-Range: bytes 7-9/10",
    a_suffix_longer_than_the_object_is_all_of_it: "206, Content-Range: bytes 0-9/10",
    a_range_behind_the_end_is_refused: "416 InvalidRange",
    a_suffix_of_nothing_is_refused: "416 InvalidRange",
    an_empty_object_has_no_range: "416 InvalidRange",
    a_range_turned_round_is_ignored: "200 and the whole",
    a_range_of_another_unit_is_ignored: "200 and the whole",
    several_ranges_are_ignored: "200 and the whole: S3 answers one range a GET",
    a_range_over_large_pieces_is_exact: "206 and just these bytes",
    a_range_is_answered_if_the_object_is_the_same: "If-Range: 206 for its ETag or its date, else 200 and the whole",
    a_range_on_a_head: "206 with Content-Range and the range's length",
    part_1_of_an_object_put_at_once_is_all_of_it: "206 with the whole as its only part",
    part_1_of_an_empty_object_is_no_range: "success with Content-Length: 0, and no Content-Range without a byte",
    part_2_of_an_object_put_at_once_is_refused: "416 InvalidPartNumber",
    a_part_and_a_range_exclude_each_other: "400 InvalidRequest",
    a_get_overrides_headers: "response-* parameters replace six headers of one answer",
    a_head_overrides_headers: "response-* parameters work on HEAD too",
    an_override_changes_nothing_stored: "the next answer has the stored headers",
}

const DIGITS: &str = "0123456789";

fn range(s3: &S3, method: Method, range: &str) -> Answer {
    s3.with("a", DIGITS);
    let unsigned = |signing: &mut crate::support::Signing| signing.unsigned.push("range".to_owned());
    s3.send(s3.object(method, "a").header("range", range).sign_with(unsigned))
}

fn answers(s3: &S3, asked: &str, body: &str, content_range: &str) {
    let answer = range(s3, Method::GET, asked).expect(206);
    assert_eq!(answer.text(), body);
    assert_eq!(answer.header("content-range"), content_range);
    assert_eq!(answer.header("content-length"), body.len().to_string());
}

fn is_ignored(s3: &S3, asked: &str) {
    assert_eq!(range(s3, Method::GET, asked).expect(200).text(), DIGITS);
}

fn a_range_names_its_first_and_last_byte(s3: &S3) {
    answers(s3, "bytes=2-4", "234", "bytes 2-4/10");
}

fn a_range_of_one_byte(s3: &S3) {
    answers(s3, "bytes=0-0", "0", "bytes 0-0/10");
}

fn an_open_range_ends_with_the_object(s3: &S3) {
    answers(s3, "bytes=7-", "789", "bytes 7-9/10");
}

fn a_range_past_the_end_is_cut(s3: &S3) {
    answers(s3, "bytes=7-99", "789", "bytes 7-9/10");
}

fn a_suffix_counts_from_the_end(s3: &S3) {
    answers(s3, "bytes=-3", "789", "bytes 7-9/10");
}

fn a_suffix_longer_than_the_object_is_all_of_it(s3: &S3) {
    answers(s3, "bytes=-99", DIGITS, "bytes 0-9/10");
}

fn a_range_behind_the_end_is_refused(s3: &S3) {
    range(s3, Method::GET, "bytes=10-").refused(416, "InvalidRange");
    range(s3, Method::GET, "bytes=10-12").refused(416, "InvalidRange");
}

fn a_suffix_of_nothing_is_refused(s3: &S3) {
    range(s3, Method::GET, "bytes=-0").refused(416, "InvalidRange");
}

fn an_empty_object_has_no_range(s3: &S3) {
    s3.with("empty", "");
    s3.send(s3.object(Method::GET, "empty").header("range", "bytes=0-0")).refused(416, "InvalidRange");
}

fn a_range_turned_round_is_ignored(s3: &S3) {
    is_ignored(s3, "bytes=5-2");
}

fn a_range_of_another_unit_is_ignored(s3: &S3) {
    is_ignored(s3, "lines=1-2");
    is_ignored(s3, "bytes=x");
}

fn several_ranges_are_ignored(s3: &S3) {
    is_ignored(s3, "bytes=0-1,3-4");
}

fn a_range_over_large_pieces_is_exact(s3: &S3) {
    let body: Vec<u8> = (0..3_000_000_u32).map(|n| n.to_le_bytes()[0] ^ n.to_le_bytes()[1]).collect();
    s3.with("large", body.clone());
    let answer = s3.send(s3.object(Method::GET, "large").header("range", "bytes=262140-1000000")).expect(206);
    assert!(answer.body == body[262_140..=1_000_000]);
}

fn a_range_is_answered_if_the_object_is_the_same(s3: &S3) {
    s3.with("a", DIGITS);
    let head = s3.head("a").expect(200);
    let get = |same: &str| {
        let wire = s3.object(Method::GET, "a").header("range", "bytes=2-4").header("if-range", same);
        s3.send(wire)
    };
    for same in ["etag", "last-modified"] {
        assert_eq!(get(head.header(same)).expect(206).text(), "234");
    }
    for other in ["\"00000000000000000000000000000000\"", "Wed, 21 Oct 2015 07:28:00 GMT"] {
        assert_eq!(get(other).expect(200).text(), DIGITS);
    }
}

fn a_range_on_a_head(s3: &S3) {
    let answer = range(s3, Method::HEAD, "bytes=2-4").expect(206);
    assert_eq!((answer.header("content-range"), answer.header("content-length")), ("bytes 2-4/10", "3"));
}

fn part(s3: &S3, number: &str) -> Answer {
    s3.with("a", DIGITS);
    s3.send(s3.object(Method::GET, "a").query("partNumber", number))
}

fn part_1_of_an_object_put_at_once_is_all_of_it(s3: &S3) {
    let answer = part(s3, "1").expect(206);
    assert_eq!((answer.text().as_str(), answer.header("content-range")), (DIGITS, "bytes 0-9/10"));
}

fn part_1_of_an_empty_object_is_no_range(s3: &S3) {
    s3.with("empty", "");
    s3.send(s3.object(Method::GET, "empty").query("partNumber", "2")).refused(416, "InvalidPartNumber");
    let answer = s3.send(s3.object(Method::GET, "empty").query("partNumber", "1"));
    assert!(answer.status.is_success() && answer.header("content-length") == "0", "{}", answer.status);
    assert!(!answer.has("content-range"));
}

fn part_2_of_an_object_put_at_once_is_refused(s3: &S3) {
    part(s3, "2").refused(416, "InvalidPartNumber");
}

fn a_part_and_a_range_exclude_each_other(s3: &S3) {
    s3.with("a", DIGITS);
    let wire = s3.object(Method::GET, "a").query("partNumber", "1").header("range", "bytes=0-1");
    s3.send(wire).refused(400, "InvalidRequest");
}

const OVERRIDES: [(&str, &str, &str); 6] = [
    ("response-content-type", "content-type", "text/html"),
    ("response-content-disposition", "content-disposition", "attachment; filename=\"x\""),
    ("response-content-language", "content-language", "fr"),
    ("response-content-encoding", "content-encoding", "identity"),
    ("response-cache-control", "cache-control", "no-cache"),
    ("response-expires", "expires", "Wed, 21 Oct 2015 07:28:00 GMT"),
];

fn overridden(s3: &S3, method: Method) {
    s3.with("a", "hello");
    let mut wire = s3.by_host(method, "a").presigned();
    for (parameter, _, value) in OVERRIDES {
        wire = wire.query(parameter, value);
    }
    let answer = s3.send(wire).expect(200);
    for (_, header, value) in OVERRIDES {
        assert_eq!(answer.header(header), value);
        assert_eq!(answer.headers.get_all(header).iter().count(), 1);
    }
}

fn a_get_overrides_headers(s3: &S3) {
    overridden(s3, Method::GET);
}

fn a_head_overrides_headers(s3: &S3) {
    overridden(s3, Method::HEAD);
}

fn an_override_changes_nothing_stored(s3: &S3) {
    overridden(s3, Method::GET);
    let answer = s3.get("a").expect(200);
    assert_eq!(answer.header("content-type"), "binary/octet-stream");
    assert!(!answer.has("content-disposition"));
}
