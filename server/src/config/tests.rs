//! What the settings of the environment come to.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

mod told_together;

use std::collections::{BTreeSet, HashMap};
use std::os::unix::ffi::OsStringExt as _;

use super::variables::SECTIONS;
use super::*;

/// What a real deployment sets at least.
const REAL: &[(&str, &str)] = &[
    ("CAUSEWAY_LISTEN", "0.0.0.0:8080"),
    ("CAUSEWAY_PORTAL_ORIGIN", "https://portal.corp.example"),
    (
        "CAUSEWAY_BUCKETS",
        r#"[{"name":"files","label":"Files","public_host":"files.corp.example","signing_host":"files"}]"#,
    ),
    ("CAUSEWAY_REGION", "eu-central-1"),
    ("CAUSEWAY_LINK_KEYS", "k1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
    ("CAUSEWAY_IDENTITY", "header"),
    ("CAUSEWAY_IDENTITY_SECRET", "0123456789abcdef0123456789abcdef"),
];

fn read(settings: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let map: HashMap<&str, &str> = settings.iter().copied().collect();
    Config::from_lookup(&|name| map.get(name).map(OsString::from))
}

/// [`REAL`] with changes; an empty value counts as not set.
fn real_with(changes: &[(&str, &str)]) -> Result<Config, ConfigError> {
    read(&[REAL, changes].concat())
}

fn findings(outcome: Result<Config, ConfigError>) -> Vec<String> {
    outcome.err().map(|error| error.findings.iter().map(ToString::to_string).collect()).unwrap_or_default()
}

fn only_finding(outcome: Result<Config, ConfigError>) -> String {
    let findings = findings(outcome);
    assert_eq!(findings.len(), 1, "{findings:#?}");
    findings.concat()
}

#[test]
fn nothing_set_means_one_machine_with_two_hosts_on_one_port() {
    let config = read(&[]).unwrap();
    assert_eq!(config.listen, "127.0.0.1:3000".parse().unwrap());
    assert_eq!(config.portal.to_string(), "http://localhost:3000");
    assert_eq!(config.files_origin(&config.buckets[0]).to_string(), "http://files.localhost:3000");
    assert_eq!(config.buckets[0].signing_host.to_string(), "files.localhost:3000");
    assert_eq!(config.storage, Storage::Embedded { data_dir: PathBuf::from("causeway-data") });
    assert!(matches!(config.identity, Identity::None));
    assert!(matches!(config.link_keys, LinkKeys::KeptWithStorage));
}

#[test]
fn the_default_hosts_follow_the_port_even_one_that_the_system_chose() {
    let config = read(&[("CAUSEWAY_LISTEN", "127.0.0.1:8080")]).unwrap();
    assert_eq!(config.portal.to_string(), "http://localhost:8080");
    assert_eq!(config.files_origin(&config.buckets[0]).to_string(), "http://files.localhost:8080");

    let config = read(&[("CAUSEWAY_LISTEN", "127.0.0.1:0")]).unwrap().on_port(4567);
    assert_eq!(config.listen.port(), 4567);
    assert_eq!(config.portal.to_string(), "http://localhost:4567");
    assert_eq!(config.files_origin(&config.buckets[0]).to_string(), "http://files.localhost:4567");
    assert_eq!(config.buckets[0].signing_host.to_string(), "files.localhost:4567");

    // Browsers leave the scheme's own port out of the Host, so it is not signed either.
    let config = read(&[("CAUSEWAY_LISTEN", "127.0.0.1:0")]).unwrap().on_port(80);
    assert_eq!(config.portal.to_string(), "http://localhost");
    assert_eq!(config.buckets[0].public_host.to_string(), "files.localhost");
    assert_eq!(config.buckets[0].signing_host.to_string(), "files.localhost");
}

#[test]
fn a_real_deployment_is_read_as_it_is_written() {
    let config = real_with(&[]).unwrap();
    assert_eq!(config.portal.to_string(), "https://portal.corp.example");
    assert_eq!(config.files_origin(&config.buckets[0]).to_string(), "https://files.corp.example");
    assert_eq!(config.buckets[0].signing_host.to_string(), "files");
    assert_eq!(config.storage, Storage::S3 { region: "eu-central-1".to_owned(), endpoint: None, path_style: false });
    assert!(matches!(config.identity, Identity::Header(_)));
    assert!(matches!(config.link_keys, LinkKeys::Given(_)));
}

#[test]
fn secrets_are_never_shown_whether_right_or_wrong() {
    let wrong = findings(real_with(&[
        ("CAUSEWAY_LINK_KEYS", "k1:hunter2-in-plain-words"),
        ("CAUSEWAY_IDENTITY_SECRET", "hunter2-too-short"),
    ]))
    .concat();
    assert!(wrong.contains("CAUSEWAY_LINK_KEYS") && wrong.contains("CAUSEWAY_IDENTITY_SECRET"));
    assert!(!wrong.contains("hunter2"), "{wrong}");
    let right = format!("{:?}", real_with(&[]).unwrap());
    assert!(!right.contains("0123456789abcdef") && !right.contains("AAAA"), "{right}");
}

#[test]
fn without_sign_in_the_server_listens_on_loopback_alone() {
    let open = real_with(&[("CAUSEWAY_IDENTITY", "none"), ("CAUSEWAY_IDENTITY_SECRET", "")]);
    assert!(only_finding(open).contains("everyone who reaches 0.0.0.0:8080 would be let in"));
}

#[test]
fn without_sign_in_the_portal_is_this_machine_s_alone() {
    let without = |portal: &str| {
        real_with(&[
            ("CAUSEWAY_LISTEN", "[::1]:8080"),
            ("CAUSEWAY_PORTAL_ORIGIN", portal),
            ("CAUSEWAY_IDENTITY", "none"),
            ("CAUSEWAY_IDENTITY_SECRET", ""),
        ])
    };
    for portal in ["http://localhost:8080", "https://portal.localhost", "http://127.0.0.1:8080", "http://[::1]:8080"] {
        assert!(without(portal).is_ok(), "{portal}");
    }
    // A proxy on this machine passes the network's requests on to loopback.
    for portal in ["https://portal.corp.example", "http://localhost.corp.example", "http://10.0.0.7:8080"] {
        let finding = only_finding(without(portal));
        assert!(finding.contains(&format!("everyone who reaches {portal} would be let in")), "{finding}");
    }
}

#[test]
fn what_would_have_no_effect_is_a_mistake() {
    for (name, value) in [
        ("CAUSEWAY_IDENTITY_SECRET", "0123456789abcdef0123456789abcdef"),
        ("CAUSEWAY_IDENTITY_USER_HEADER", "x-user"),
        ("CAUSEWAY_IDENTITY_GROUPS_HEADER", "x-groups"),
        ("CAUSEWAY_IDENTITY_SECRET_HEADER", "x-secret"),
        ("CAUSEWAY_S3_PATH_STYLE", "false"),
        ("CAUSEWAY_REGION", "eu-central-1"),
    ] {
        assert!(only_finding(read(&[("CAUSEWAY_STORAGE", "embedded"), (name, value)])).starts_with(name), "{name}");
    }
    assert!(only_finding(real_with(&[("CAUSEWAY_DATA_DIR", "/srv")])).starts_with("CAUSEWAY_DATA_DIR"));
}

#[test]
fn a_name_that_is_no_setting_is_noticed() {
    let names = ["PATH", "CAUSEWAY_LISTEN", "CAUSEWAY_IDENTIY", "CAUSEWAY_", "causeway_listen"];
    assert_eq!(unknown(names.iter().map(ToString::to_string)), ["CAUSEWAY_", "CAUSEWAY_IDENTIY"]);
}

#[test]
fn what_is_no_text_is_wrong_and_not_unset() {
    let no_text =
        Config::from_lookup(&|name| (name == "CAUSEWAY_DATA_DIR").then(|| OsString::from_vec(b"data-\xff".to_vec())));
    let finding = only_finding(no_text);
    assert!(finding.starts_with("CAUSEWAY_DATA_DIR") && finding.contains("text in UTF-8"), "{finding}");
}

#[test]
fn header_identity_needs_a_secret_and_three_different_headers() {
    assert!(
        only_finding(real_with(&[("CAUSEWAY_IDENTITY_SECRET", "")])).starts_with("CAUSEWAY_IDENTITY_SECRET is not set")
    );
    let same = real_with(&[("CAUSEWAY_IDENTITY_SECRET_HEADER", "X-Forwarded-User")]);
    assert!(only_finding(same).starts_with("CAUSEWAY_IDENTITY_SECRET_HEADER"));
    assert!(
        only_finding(real_with(&[("CAUSEWAY_IDENTITY_USER_HEADER", "not a name")])).contains("the name of a header")
    );
}

#[test]
fn a_server_for_others_needs_to_know_its_address() {
    assert!(
        only_finding(real_with(&[("CAUSEWAY_PORTAL_ORIGIN", "")])).starts_with("CAUSEWAY_PORTAL_ORIGIN is not set")
    );
    for bad in ["portal", "ftp://portal", "https://portal/path", "https://a b", "https://:443", "https://user@portal"] {
        assert!(only_finding(real_with(&[("CAUSEWAY_PORTAL_ORIGIN", bad)])).contains("a scheme and a host"), "{bad}");
    }
}

#[test]
fn a_scheme_has_its_own_port_and_case_does_not_count() {
    let config = real_with(&[
        ("CAUSEWAY_PORTAL_ORIGIN", "https://Portal.Corp.Example:443/"),
        ("CAUSEWAY_BUCKETS", r#"[{"name":"files","public_host":"Files.corp.example:443","signing_host":"files"}]"#),
    ])
    .unwrap();
    assert_eq!(config.portal.to_string(), "https://portal.corp.example");
    assert_eq!(config.buckets[0].public_host.to_string(), "files.corp.example");
    assert_eq!(config.buckets[0].label, "files");
}

#[test]
fn buckets_have_valid_names_and_hosts_of_their_own() {
    let bucket = |fields: &str| real_with(&[("CAUSEWAY_BUCKETS", &format!("[{fields}]"))]);
    let cases = [
        (r#"{"name":"A","public_host":"a.example"}"#, "to be a bucket name"),
        (r#"{"name":"192.168.0.1","public_host":"a.example"}"#, "to be a bucket name"),
        (r#"{"name":"files","public_host":"https://a.example"}"#, "to be a host"),
        (r#"{"name":"files","public_host":"a.example:99999"}"#, "to be a host"),
        (r#"{"name":"files","public_host":"portal.corp.example","signing_host":"files"}"#, "a host of its own"),
        (r#"{"name":"files","public_host":"a.example","host":"x"}"#, "unknown field"),
        (r#"{"name":"files"}"#, "missing field"),
        (
            r#"{"name":"one","public_host":"a.example","signing_host":"one"},{"name":"two","public_host":"A.example","signing_host":"two"}"#,
            "a host of its own",
        ),
        (
            r#"{"name":"one","public_host":"a.example","signing_host":"one"},{"name":"one","public_host":"b.example","signing_host":"one"}"#,
            "there twice",
        ),
        // A cookie knows no ports: the one of the portal's sign-in would go to S3.
        (r#"{"name":"files","public_host":"portal.corp.example:8443","signing_host":"files"}"#, "also the portal"),
        (r#"{"name":"files","public_host":"a.example"}"#, "Amazon S3 reads the bucket from it"),
        (
            r#"{"name":"files","public_host":"a.example","signing_host":"files.s3.us-east-1.amazonaws.com"}"#,
            "reads the bucket",
        ),
    ];
    for (fields, expected) in cases {
        let finding = only_finding(bucket(fields));
        assert!(finding.starts_with("CAUSEWAY_BUCKETS") && finding.contains(expected), "{fields}: {finding}");
    }
    assert!(
        bucket(r#"{"name":"files","public_host":"a.example","signing_host":"files.s3.eu-central-1.amazonaws.com"}"#)
            .is_ok()
    );
}

#[test]
fn another_s3_server_decides_for_itself_which_host_is_which_bucket() {
    let peer = real_with(&[
        ("CAUSEWAY_S3_ENDPOINT", "http://127.0.0.1:7480"),
        ("CAUSEWAY_S3_PATH_STYLE", "true"),
        ("CAUSEWAY_BUCKETS", r#"[{"name":"files","public_host":"a.example"}]"#),
    ])
    .unwrap();
    assert!(matches!(peer.storage, Storage::S3 { endpoint: Some(_), path_style: true, .. }));
    assert!(only_finding(real_with(&[("CAUSEWAY_S3_PATH_STYLE", "true")])).starts_with("CAUSEWAY_S3_PATH_STYLE"));
}

#[test]
fn no_two_buckets_are_signed_for_one_host() {
    for second in ["s3.corp.example", "S3.corp.example", "s3.corp.example:8443"] {
        let copied = format!(
            r#"[{{"name":"one","public_host":"a.example","signing_host":"s3.corp.example"}},
                {{"name":"two","public_host":"b.example","signing_host":"{second}"}}]"#
        );
        let finding = only_finding(real_with(&[
            ("CAUSEWAY_S3_ENDPOINT", "http://127.0.0.1:7480"),
            ("CAUSEWAY_BUCKETS", &copied),
        ]));
        assert!(finding.contains("every signing_host to differ"), "{second}: {finding}");
    }
}

#[test]
fn the_region_comes_from_the_usual_variables_too() {
    for name in ["AWS_REGION", "AWS_DEFAULT_REGION"] {
        assert!(real_with(&[("CAUSEWAY_REGION", ""), (name, "eu-central-1")]).is_ok(), "{name}");
    }
    assert!(only_finding(real_with(&[("CAUSEWAY_REGION", "")])).starts_with("CAUSEWAY_REGION is not set"));
    let finding = only_finding(real_with(&[("CAUSEWAY_REGION", ""), ("AWS_REGION", "Frankfurt am Main")]));
    assert!(finding.contains("AWS_REGION, which is \u{201c}Frankfurt am Main\u{201d}"), "{finding}");
}

#[test]
fn real_storage_needs_keys_and_the_embedded_one_brings_its_own() {
    assert!(only_finding(real_with(&[("CAUSEWAY_LINK_KEYS", "")])).starts_with("CAUSEWAY_LINK_KEYS is not set"));
    let twice = "a:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=,a:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    assert!(only_finding(real_with(&[("CAUSEWAY_LINK_KEYS", twice)])).contains("a different id"));
}

#[test]
fn embedded_storage_takes_several_buckets_but_rewrites_no_host() {
    let embedded = |buckets: &str| read(&[("CAUSEWAY_STORAGE", "embedded"), ("CAUSEWAY_BUCKETS", buckets)]);
    let two =
        r#"[{"name":"one","public_host":"one.localhost:3000"},{"name":"two","public_host":"two.localhost:3000"}]"#;
    assert_eq!(embedded(two).unwrap().buckets.len(), 2);
    let rewritten = r#"[{"name":"one","public_host":"one.localhost:3000","signing_host":"one"}]"#;
    assert!(only_finding(embedded(rewritten)).contains("nothing rewrites hosts"));
    let ports = r#"[{"name":"one","public_host":"a.localhost:3000"},{"name":"two","public_host":"a.localhost:3001"}]"#;
    assert!(only_finding(embedded(ports)).contains("more than the port"));
}

#[test]
fn lives_stay_within_what_s3_and_the_lifecycle_rule_allow() {
    for (name, bad) in [
        ("CAUSEWAY_MAX_LINK_S", "604801"),
        ("CAUSEWAY_MAX_LINK_S", "-1"),
        ("CAUSEWAY_MAX_PRESIGN_S", "43201"),
        ("CAUSEWAY_MAX_PRESIGN_S", "0"),
        ("CAUSEWAY_UPLOAD_URL_TTL_S", "59"),
        ("CAUSEWAY_UPLOAD_TICKET_TTL_S", "604801"),
        ("CAUSEWAY_MAX_CONCURRENT_REQUESTS", "0"),
        ("CAUSEWAY_REQUEST_TIMEOUT_S", "1.5"),
        ("CAUSEWAY_MAX_BODY_BYTES", "1e6"),
        ("CAUSEWAY_MAX_BODY_BYTES", "1048575"),
    ] {
        assert!(only_finding(read(&[(name, bad)])).starts_with(name), "{name}={bad}");
    }
    let outlives = read(&[("CAUSEWAY_UPLOAD_URL_TTL_S", "7200"), ("CAUSEWAY_UPLOAD_TICKET_TTL_S", "3600")]);
    assert!(only_finding(outlives).starts_with("CAUSEWAY_UPLOAD_URL_TTL_S"));
}

#[test]
fn every_variable_is_on_the_page_once_and_every_default_can_be_read() {
    let mut names = BTreeSet::new();
    for variable in SECTIONS.iter().flat_map(|section| section.variables) {
        assert!(variable.name.starts_with("CAUSEWAY_"), "{}", variable.name);
        assert!(names.insert(variable.name), "{} is there twice", variable.name);
    }
    // Everything that is asked for is on the page, and what is on the page is asked for.
    let asked = std::cell::RefCell::new(BTreeSet::new());
    for identity in ["none", "header"] {
        for storage in ["s3", "embedded"] {
            let _ = Config::from_lookup(&|name| {
                asked.borrow_mut().insert(name.to_owned());
                match name {
                    "CAUSEWAY_IDENTITY" => Some(identity.into()),
                    "CAUSEWAY_STORAGE" => Some(storage.into()),
                    _ => None,
                }
            });
        }
    }
    let asked: BTreeSet<String> = asked.into_inner().into_iter().filter(|name| name.starts_with("CAUSEWAY_")).collect();
    assert_eq!(asked, names.iter().map(ToString::to_string).collect());
}
