//! Buckets, and what is stored for them.

use http::Method;

use super::checks;
use super::endpoint::S3;
use crate::support::{Answer, Wire};

checks! {
    a_bucket_is_listed: "ListBuckets: Name and CreationDate",
    a_bucket_answers_a_head: "200 with x-amz-bucket-region",
    a_missing_bucket_answers_no_head: "404 without a body",
    a_bucket_is_not_made_twice: "409 BucketAlreadyOwnedByYou",
    a_bucket_is_made_in_its_region: "400 IllegalLocationConstraintException, or InvalidLocationConstraint",
    a_bucket_is_not_made_public: "400 InvalidBucketAclWithObjectOwnership for x-amz-acl: public-read",
    a_bucket_with_objects_is_not_removed: "409 BucketNotEmpty",
    a_removed_bucket_is_gone: "204, then 404 NoSuchBucket",
    a_missing_bucket_is_not_removed: "404 NoSuchBucket",
    a_bucket_names_its_region: "LocationConstraint",
    lifecycle_rules_are_kept: "404 NoSuchLifecycleConfiguration, PUT, GET, DELETE",
    lifecycle_rules_need_a_digest: "400 InvalidRequest: Content-MD5 or a checksum is required",
    lifecycle_rules_count_whole_days: "400 InvalidArgument below 1",
    lifecycle_rules_are_enabled_or_disabled: "400 MalformedXML",
    lifecycle_rules_have_names_of_their_own: "400 InvalidArgument for an ID twice",
    lifecycle_rules_do_something: "400 InvalidRequest: at least one action",
    encryption_is_never_missing: "AES256 by default",
    encryption_is_kept: "PUT, GET",
    encryption_must_be_one: "400 MalformedXML",
    a_policy_is_kept: "404 NoSuchBucketPolicy, PUT, GET, DELETE",
    a_policy_must_be_json: "400 MalformedPolicy",
    the_public_access_block_is_kept: "404 NoSuchPublicAccessBlockConfiguration, PUT, GET, DELETE",
    settings_of_a_missing_bucket_are_refused: "404 NoSuchBucket",
    a_method_that_no_operation_has_is_refused: "405 MethodNotAllowed",
}

fn call(s3: &S3, method: Method, parameter: &str) -> Wire {
    s3.bucket(method).query(parameter, "")
}

fn put(s3: &S3, parameter: &str, body: &str) -> Answer {
    s3.send(call(s3, Method::PUT, parameter).body(body.to_owned()).with_md5())
}

fn a_bucket_is_listed(s3: &S3) {
    let mut wire = s3.bucket(Method::GET);
    wire.path = "/".to_owned();
    let listed = s3.send(wire).expect(200);
    let at = listed.elements("Name").iter().position(|name| *name == s3.bucket).expect("its name");
    assert!(listed.elements("CreationDate")[at].ends_with('Z'));
}

fn a_bucket_answers_a_head(s3: &S3) {
    assert_eq!(s3.send(s3.bucket(Method::HEAD)).expect(200).header("x-amz-bucket-region"), s3.endpoint.region);
}

fn a_missing_bucket_answers_no_head(s3: &S3) {
    assert!(s3.send(s3.nowhere().bucket(Method::HEAD)).expect(404).body.is_empty());
}

fn made_in(s3: &S3, bucket: &Wire, region: &str) -> Answer {
    let body = format!(
        "<CreateBucketConfiguration><LocationConstraint>{region}</LocationConstraint></CreateBucketConfiguration>"
    );
    s3.send(bucket.clone().body(body))
}

fn a_bucket_is_not_made_twice(s3: &S3) {
    made_in(s3, &s3.bucket(Method::PUT), &s3.endpoint.region).refused(409, "BucketAlreadyOwnedByYou");
}

fn a_bucket_is_made_in_its_region(s3: &S3) {
    let answer = made_in(s3, &s3.nowhere().bucket(Method::PUT), "nowhere-7").expect(400);
    let code = answer.element("Code").unwrap();
    assert!(["IllegalLocationConstraintException", "InvalidLocationConstraint"].contains(&code.as_str()), "{code}");
    if s3.endpoint.region != "us-east-1" && s3.endpoint.region != "default" {
        s3.send(s3.nowhere().bucket(Method::PUT).body("")).refused(400, "IllegalLocationConstraintException");
    }
    s3.nowhere().list(&[]).refused(404, "NoSuchBucket");
}

fn a_bucket_is_not_made_public(s3: &S3) {
    let mut public = s3.clone();
    public.bucket.insert_str(0, "public-");
    let answer = made_in(s3, &public.bucket(Method::PUT).header("x-amz-acl", "public-read"), &s3.endpoint.region);
    let removed = public.send(public.bucket(Method::DELETE));
    answer.refused(400, "InvalidBucketAclWithObjectOwnership");
    removed.refused(404, "NoSuchBucket");
}

fn a_bucket_with_objects_is_not_removed(s3: &S3) {
    s3.with("a", "x");
    s3.send(s3.bucket(Method::DELETE)).refused(409, "BucketNotEmpty");
    s3.get("a").expect(200);
}

fn a_removed_bucket_is_gone(s3: &S3) {
    s3.send(s3.bucket(Method::DELETE)).expect(204);
    s3.list(&[]).refused(404, "NoSuchBucket");
}

fn a_missing_bucket_is_not_removed(s3: &S3) {
    s3.send(s3.nowhere().bucket(Method::DELETE)).refused(404, "NoSuchBucket");
}

fn a_bucket_names_its_region(s3: &S3) {
    let answer = s3.send(call(s3, Method::GET, "location")).expect(200);
    assert!(answer.text().contains("<LocationConstraint"), "{}", answer.text());
    let named = answer.text().contains(&format!(">{}<", s3.endpoint.region));
    assert!(named || s3.endpoint.region == "us-east-1", "{}", answer.text());
}

const LIFECYCLE: &str = "<LifecycleConfiguration><Rule><ID>abort</ID><Status>Enabled</Status>\
    <Filter><Prefix>a/</Prefix></Filter><AbortIncompleteMultipartUpload>\
    <DaysAfterInitiation>1</DaysAfterInitiation></AbortIncompleteMultipartUpload></Rule></LifecycleConfiguration>";

/// Missing, put, read back, deleted, missing again.
fn kept(s3: &S3, parameter: &str, body: &str, missing: &str, is_it: impl Fn(&Answer) -> bool) {
    s3.send(call(s3, Method::GET, parameter)).refused(404, missing);
    let answer = put(s3, parameter, body);
    assert!(answer.status.is_success(), "{}", answer.text());
    let answer = s3.send(call(s3, Method::GET, parameter)).expect(200);
    assert!(is_it(&answer), "{}", answer.text());
    s3.send(call(s3, Method::DELETE, parameter)).expect(204);
    s3.send(call(s3, Method::GET, parameter)).refused(404, missing);
}

fn lifecycle_rules_are_kept(s3: &S3) {
    kept(s3, "lifecycle", LIFECYCLE, "NoSuchLifecycleConfiguration", |answer| {
        answer.element("DaysAfterInitiation").as_deref() == Some("1")
            && answer.element("ID").as_deref() == Some("abort")
    });
}

fn lifecycle_rules_need_a_digest(s3: &S3) {
    s3.send(call(s3, Method::PUT, "lifecycle").body(LIFECYCLE)).refused(400, "InvalidRequest");
}

fn rule(inner: &str) -> String {
    format!("<Rule><Filter><Prefix>a/</Prefix></Filter>{inner}</Rule>")
}

fn abort_after(days: i32) -> String {
    format!(
        "<Status>Enabled</Status><AbortIncompleteMultipartUpload><DaysAfterInitiation>{days}</DaysAfterInitiation>\
         </AbortIncompleteMultipartUpload>"
    )
}

fn rules_are_refused(s3: &S3, rules: &str, code: &str) {
    let put = |rules: &str| put(s3, "lifecycle", &format!("<LifecycleConfiguration>{rules}</LifecycleConfiguration>"));
    put(rules).refused(400, code);
    s3.send(call(s3, Method::GET, "lifecycle")).refused(404, "NoSuchLifecycleConfiguration");
    put(&rule(&abort_after(1))).expect(200);
}

fn lifecycle_rules_count_whole_days(s3: &S3) {
    for days in [-1, 0] {
        rules_are_refused(s3, &rule(&abort_after(days)), "InvalidArgument");
        s3.send(call(s3, Method::DELETE, "lifecycle")).expect(204);
    }
    let expires = "<Status>Enabled</Status><Expiration><Days>0</Days></Expiration>";
    rules_are_refused(s3, &rule(expires), "InvalidArgument");
}

fn lifecycle_rules_are_enabled_or_disabled(s3: &S3) {
    rules_are_refused(s3, &rule(&abort_after(1)).replace("Enabled", "On"), "MalformedXML");
}

fn lifecycle_rules_have_names_of_their_own(s3: &S3) {
    let named = rule(&format!("<ID>a</ID>{}", abort_after(1)));
    rules_are_refused(s3, &named.repeat(2), "InvalidArgument");
}

fn lifecycle_rules_do_something(s3: &S3) {
    rules_are_refused(s3, &rule("<Status>Enabled</Status>"), "InvalidRequest");
}

fn encryption_must_be_one(s3: &S3) {
    let body = "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault>\
                <SSEAlgorithm>ROT13</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule>\
                </ServerSideEncryptionConfiguration>";
    put(s3, "encryption", body).refused(400, "MalformedXML");
}

fn encryption_is_never_missing(s3: &S3) {
    let answer = s3.send(call(s3, Method::GET, "encryption")).expect(200);
    assert_eq!(answer.element("SSEAlgorithm").unwrap(), "AES256");
}

fn encryption_is_kept(s3: &S3) {
    let body = "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault>\
                <SSEAlgorithm>aws:kms</SSEAlgorithm><KMSMasterKeyID>alias/a</KMSMasterKeyID>\
                </ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>";
    put(s3, "encryption", body).expect(200);
    let answer = s3.send(call(s3, Method::GET, "encryption")).expect(200);
    assert_eq!(answer.element("KMSMasterKeyID").unwrap(), "alias/a");
}

fn a_policy_is_kept(s3: &S3) {
    let policy = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Deny","Principal":"*","Action":"s3:PutBucketWebsite","Resource":"arn:aws:s3:::{}"}}]}}"#,
        s3.bucket
    );
    kept(s3, "policy", &policy, "NoSuchBucketPolicy", |answer| answer.text() == policy);
}

fn a_policy_must_be_json(s3: &S3) {
    put(s3, "policy", "{").refused(400, "MalformedPolicy");
}

fn the_public_access_block_is_kept(s3: &S3) {
    let body = "<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls>\
                <RestrictPublicBuckets>true</RestrictPublicBuckets></PublicAccessBlockConfiguration>";
    kept(s3, "publicAccessBlock", body, "NoSuchPublicAccessBlockConfiguration", |answer| {
        answer.element("RestrictPublicBuckets").as_deref() == Some("true")
    });
}

fn settings_of_a_missing_bucket_are_refused(s3: &S3) {
    for parameter in ["cors", "lifecycle", "policy", "versioning", "tagging"] {
        s3.send(call(&s3.nowhere(), Method::GET, parameter)).refused(404, "NoSuchBucket");
    }
}

fn a_method_that_no_operation_has_is_refused(s3: &S3) {
    s3.with("a", "x");
    s3.send(s3.object(Method::PATCH, "a").body("")).refused(405, "MethodNotAllowed");
}
