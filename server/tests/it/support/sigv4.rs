//! A verifier of presigned requests, written from AWS's description of Signature Version 4 and sharing no code with
//! the signer: canonical request, string to sign, derived key, signature.

use std::fmt::Write as _;

use hmac::{Hmac, KeyInit as _, Mac as _};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sha2::{Digest as _, Sha256};

const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What S3 knows besides the request.
pub(crate) struct Verifier<'a> {
    pub(crate) secret: &'a str,
    pub(crate) region: &'a str,
}

impl Verifier<'_> {
    /// Whether the request's own signature is the one that its parts give. `headers` are those sent, `host` included.
    ///
    /// # Errors
    /// What is wrong, with the canonical request where the signature is.
    pub(crate) fn verify(&self, method: &str, target: &str, headers: &[(&str, &str)]) -> Result<(), String> {
        let (path, query) = target.split_once('?').ok_or("no query")?;
        let pairs: Vec<(&str, &str)> =
            query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, ""))).collect();
        for text in path.split('/').chain(pairs.iter().flat_map(|(name, value)| [*name, *value])) {
            let decoded = percent_decode_str(text).decode_utf8().map_err(|error| error.to_string())?;
            if utf8_percent_encode(&decoded, UNRESERVED).to_string() != text {
                return Err(format!("{text} is not escaped as SigV4 wants it"));
            }
        }
        let value = |wanted: &str| {
            let mut found = pairs.iter().filter(|(name, _)| *name == wanted).map(|(_, value)| *value);
            match (found.next(), found.next()) {
                (Some(value), None) => Ok(percent_decode_str(value).decode_utf8_lossy().into_owned()),
                _ => Err(format!("{wanted} does not stand there once")),
            }
        };
        if value("X-Amz-Algorithm")? != "AWS4-HMAC-SHA256" {
            return Err("another algorithm".to_owned());
        }
        let (date, credential, signed) =
            (value("X-Amz-Date")?, value("X-Amz-Credential")?, value("X-Amz-SignedHeaders")?);
        let day = date.get(..8).ok_or("a short date")?;
        let scope = format!("{day}/{}/s3/aws4_request", self.region);
        if credential.split_once('/').is_none_or(|(_, found)| found != scope) {
            return Err(format!("{credential} is not within {scope}"));
        }
        let mut sorted: Vec<String> = pairs
            .iter()
            .filter(|(name, _)| *name != "X-Amz-Signature")
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        sorted.sort_unstable();
        let mut canonical = format!("{method}\n{path}\n{}\n", sorted.join("&"));
        for name in signed.split(';') {
            let (_, value) = headers.iter().find(|(sent, _)| *sent == name).ok_or(format!("{name} was not sent"))?;
            let spaced: Vec<&str> = value.split_whitespace().collect();
            writeln!(canonical, "{name}:{}", spaced.join(" ")).unwrap();
        }
        write!(canonical, "\n{signed}\nUNSIGNED-PAYLOAD").unwrap();
        let to_sign = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{}", hex(&Sha256::digest(&canonical)));
        let first = format!("AWS4{}", self.secret).into_bytes();
        let key = [day, self.region, "s3", "aws4_request"].into_iter().fold(first, |key, text| mac(&key, text));
        if hex(&mac(&key, &to_sign)) == value("X-Amz-Signature")? { Ok(()) } else { Err(canonical) }
    }
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The example of the S3 API reference, "Authenticating requests: using query parameters".
#[test]
fn the_verifier_agrees_with_the_example_of_the_specification() {
    let verifier = Verifier { secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", region: "us-east-1" };
    let target = "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256\
        &X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request\
        &X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host\
        &X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";
    let headers = [("host", "examplebucket.s3.amazonaws.com")];
    assert_eq!(verifier.verify("GET", target, &headers), Ok(()));
    assert!(verifier.verify("PUT", target, &headers).is_err());
    assert!(verifier.verify("GET", &target.replace("test", "best"), &headers).is_err());
    assert!(verifier.verify("GET", target, &[("host", "other.s3.amazonaws.com")]).is_err());
}
