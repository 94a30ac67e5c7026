//! Everything that is wrong is told at once, and a slip says nothing against what stands beside it.

use super::*;

#[test]
fn everything_that_is_wrong_is_told_at_once_in_the_order_of_the_page() {
    let error = read(&[
        ("CAUSEWAY_LISTEN", "everywhere"),
        ("CAUSEWAY_BUCKETS", "[]"),
        ("CAUSEWAY_LINK_KEYS", "k1:c2hvcnQ="),
        ("CAUSEWAY_MAX_LINK_S", "8 days"),
        ("CAUSEWAY_IDENTITY", "oracle"),
        ("CAUSEWAY_LOG_FORMAT", "xml"),
    ])
    .unwrap_err();
    assert_eq!(
        error.to_string(),
        "8 settings are wrong\
        \n  CAUSEWAY_LISTEN is \u{201c}everywhere\u{201d}; expected an address and a port, such as 127.0.0.1:3000\
        \n  CAUSEWAY_PORTAL_ORIGIN is not set; expected the address people type, as the server does not listen on \
        loopback alone\
        \n  CAUSEWAY_BUCKETS is \u{201c}[]\u{201d}; expected at least one bucket\
        \n  CAUSEWAY_REGION is not set; expected the Region of the buckets, such as eu-central-1, here or in AWS_REGION\
        \n  CAUSEWAY_LINK_KEYS is set to something that is not shown; expected id:base64 of at least 32 random bytes, \
        separated by commas; number 1 is not: the secret has 5 bytes; at least 32 are needed\
        \n  CAUSEWAY_MAX_LINK_S is \u{201c}8 days\u{201d}; expected a whole number of seconds from 60 to 604800\
        \n  CAUSEWAY_IDENTITY is \u{201c}oracle\u{201d}; expected none or header\
        \n  CAUSEWAY_LOG_FORMAT is \u{201c}xml\u{201d}; expected pretty or json"
    );
}

fn names(findings: &[String]) -> Vec<&str> {
    findings.iter().map(|finding| finding.split(' ').next().unwrap()).collect()
}

#[test]
fn every_bucket_that_is_wrong_is_told_at_once() {
    let found = findings(real_with(&[(
        "CAUSEWAY_BUCKETS",
        r#"[{"name":"A","public_host":"https://a.example","signing_host":"a b"},
            {"name":"files","host":"x"},
            {"name":"one","public_host":"portal.corp.example","signing_host":"elsewhere"},
            {"name":"two","public_host":"b.example","signing_host":"two"},
            {"name":"two","public_host":"b.example","signing_host":"two"}]"#,
    )]));
    let expected = [
        "to be a bucket name",
        "public_host of \u{201c}A\u{201d} to be a host",
        "signing_host of \u{201c}A\u{201d} to be a host",
        "number 2: unknown field",
        "is also the portal\u{2019}s",
        "Amazon S3 reads the bucket from it, not from \u{201c}elsewhere\u{201d}",
        "\u{201c}two\u{201d} is there twice",
    ];
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (finding, expected) in found.iter().zip(expected) {
        assert!(finding.contains(expected), "{expected}: {finding}");
    }
    let error = real_with(&[("CAUSEWAY_BUCKETS", r#"[{"name":"A","public_host":"a b"}]"#)]).unwrap_err();
    assert!(error.to_string().starts_with("one setting is wrong"), "two findings, one setting: {error}");
}

#[test]
fn every_link_key_that_is_wrong_is_told_at_once() {
    let twice = "a:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    let found = findings(real_with(&[("CAUSEWAY_LINK_KEYS", &format!("b:c2hvcnQ=,{twice},nothing,{twice}"))]));
    assert_eq!(found.len(), 3, "{found:#?}");
    for (finding, expected) in found.iter().zip(["number 1 is not", "number 3 is not", "a different id"]) {
        assert!(finding.contains(expected), "{expected}: {finding}");
    }
}

#[test]
fn a_slip_in_the_kind_of_identity_says_nothing_against_the_secret_beside_it() {
    for slip in ["Header", "headers", "proxy"] {
        let finding = only_finding(real_with(&[("CAUSEWAY_IDENTITY", slip)]));
        assert!(
            finding.starts_with("CAUSEWAY_IDENTITY is") && finding.ends_with("expected none or header"),
            "{finding}"
        );
    }
    let both = findings(real_with(&[("CAUSEWAY_IDENTITY", "proxy"), ("CAUSEWAY_IDENTITY_SECRET", "short")]));
    assert_eq!(names(&both), ["CAUSEWAY_IDENTITY", "CAUSEWAY_IDENTITY_SECRET"]);
}

#[test]
fn a_slip_in_the_kind_of_storage_says_nothing_against_what_stands_beside_it() {
    for slip in ["S3", "minio"] {
        let finding = only_finding(real_with(&[("CAUSEWAY_STORAGE", slip)]));
        assert!(finding.starts_with("CAUSEWAY_STORAGE is"), "{finding}");
        let without = only_finding(real_with(&[("CAUSEWAY_STORAGE", slip), ("CAUSEWAY_BUCKETS", "")]));
        assert!(without.starts_with("CAUSEWAY_STORAGE is"), "{without}");
    }
    let both = findings(real_with(&[("CAUSEWAY_STORAGE", "S3"), ("CAUSEWAY_S3_ENDPOINT", "minio:9000")]));
    assert_eq!(names(&both), ["CAUSEWAY_STORAGE", "CAUSEWAY_S3_ENDPOINT"]);
}

#[test]
fn an_endpoint_or_a_region_that_cannot_be_read_says_nothing_against_the_hosts() {
    let endpoint = [
        ("CAUSEWAY_S3_ENDPOINT", "minio:9000"),
        ("CAUSEWAY_BUCKETS", r#"[{"name":"files","public_host":"a.example"}]"#),
    ];
    assert!(only_finding(real_with(&endpoint)).starts_with("CAUSEWAY_S3_ENDPOINT"));
    let region = [
        ("CAUSEWAY_REGION", "Frankfurt am Main"),
        (
            "CAUSEWAY_BUCKETS",
            r#"[{"name":"files","public_host":"a.example","signing_host":"files.s3.eu-central-1.amazonaws.com"}]"#,
        ),
    ];
    assert!(only_finding(real_with(&region)).starts_with("CAUSEWAY_REGION"));
}

#[test]
fn a_header_that_cannot_be_read_is_not_compared_with_the_others() {
    let slip =
        [("CAUSEWAY_IDENTITY_USER_HEADER", "not a name"), ("CAUSEWAY_IDENTITY_GROUPS_HEADER", "x-forwarded-user")];
    assert!(only_finding(real_with(&slip)).starts_with("CAUSEWAY_IDENTITY_USER_HEADER"));
}

#[test]
fn a_slip_in_the_address_to_listen_on_hides_nothing_that_is_missing() {
    for open in ["0.0.0.0", "[::]", "::", "*:3000", ":3000", "10.0.0.7:", "portal.corp.example:3000"] {
        let found = findings(read(&[("CAUSEWAY_LISTEN", open)]));
        assert_eq!(
            names(&found),
            ["CAUSEWAY_LISTEN", "CAUSEWAY_PORTAL_ORIGIN", "CAUSEWAY_IDENTITY"],
            "{open}: {found:#?}"
        );
    }
    for closed in ["127.0.0.1", "::1", "[::1]", "localhost:3000", "127.0.0.1:99999"] {
        assert!(only_finding(read(&[("CAUSEWAY_LISTEN", closed)])).starts_with("CAUSEWAY_LISTEN"), "{closed}");
    }
}
