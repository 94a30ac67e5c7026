//! Reads what S3 answered to a PUT, and what the portal answered to a call.

use serde::de::{DeserializeOwned, IgnoredAny};

use super::io::{ControlFailure, TransferFailure};

/// Whether an answer means that the bytes are stored, by its status and body.
///
/// # Errors
/// [`TransferFailure::Http`]. S3 may begin an answer with 200 and still end it with an error document.
pub fn read_put_answer(status: u16, body: &str) -> Result<(), TransferFailure> {
    let error = error_document(body);
    if (200..300).contains(&status) && error.is_none() {
        return Ok(());
    }
    let error = error.unwrap_or_default();
    Err(TransferFailure::Http {
        status,
        code: element(error, "Code").map(str::to_owned),
        has_expires: element(error, "Expires").is_some(),
    })
}

/// What the portal answered to a call, by the status and body.
///
/// # Errors
/// What the answer means instead. Where somebody else stands before the portal, it may be their answer: a gateway's page
/// when the portal is away or a name does not please it, and 401 with any words when a session that they keep is over.
pub fn read_portal_answer<T: DeserializeOwned>(status: u16, body: &str) -> Result<T, ControlFailure> {
    if status == 401 {
        return Err(ControlFailure::SignInRequired);
    }
    if !(200..300).contains(&status) {
        return Err(serde_json::from_str(body).map_or(ControlFailure::Unreachable, ControlFailure::Problem));
    }
    // 204 has no body; in JSON that is `null`.
    let body = if body.is_empty() { "null" } else { body };
    serde_json::from_str(body).map_err(|_| match serde_json::from_str::<IgnoredAny>(body) {
        Ok(_) => ControlFailure::DoesNotFit,
        Err(_) => ControlFailure::Unreachable,
    })
}

/// How long a `Retry-After` asks to wait, in milliseconds. Only the portal's own form is understood: whole seconds.
pub fn read_retry_after(value: &str) -> Option<u64> {
    value.trim().parse::<u64>().ok()?.checked_mul(1000)
}

/// What stands in the root element, where that is `<Error>`.
fn error_document(body: &str) -> Option<&str> {
    let body = body.trim_start_matches('\u{feff}').trim_start();
    let body = match body.strip_prefix("<?xml") {
        Some(declaration) => declaration.split_once("?>")?.1.trim_start(),
        None => body,
    };
    let rest = body.strip_prefix("<Error")?;
    rest.starts_with(['>', ' ', '/']).then_some(rest)
}

/// The text of the first element of that name. Codes and instants hold nothing that XML would escape.
fn element<'a>(document: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = document.split_once(&format!("<{name}>"))?;
    let (text, _) = rest.split_once(&format!("</{name}>"))?;
    Some(text.trim())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::{Problem, ProblemKind};

    fn failure(status: u16, code: Option<&str>, has_expires: bool) -> Result<(), TransferFailure> {
        Err(TransferFailure::Http { status, code: code.map(str::to_owned), has_expires })
    }

    #[test]
    fn an_empty_200_is_stored() {
        assert_eq!(read_put_answer(200, ""), Ok(()));
        assert_eq!(read_put_answer(204, "\n"), Ok(()));
    }

    #[test]
    fn a_200_with_an_error_document_is_a_failure() {
        let body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\n<Error><Code>InternalError</Code></Error>";
        assert_eq!(read_put_answer(200, body), failure(200, Some("InternalError"), false));
    }

    #[test]
    fn an_expired_url_is_told_from_other_refusals() {
        let expired = "<Error><Code>AccessDenied</Code><Message>Request has expired</Message>\
                       <X-Amz-Expires>900</X-Amz-Expires><Expires>2026-01-01T00:00:00Z</Expires></Error>";
        assert_eq!(read_put_answer(403, expired), failure(403, Some("AccessDenied"), true));
        let denied = "<Error xmlns=\"\"><Code> AccessDenied </Code><X-Amz-Expires>900</X-Amz-Expires></Error>";
        assert_eq!(read_put_answer(403, denied), failure(403, Some("AccessDenied"), false));
    }

    #[test]
    fn a_portals_answer_is_told_from_that_of_others() {
        let read = |status, body: &str| read_portal_answer::<Vec<u8>>(status, body);
        assert_eq!(read(200, "[1]"), Ok(vec![1]));
        assert_eq!(read_portal_answer::<()>(204, ""), Ok(()));
        let problem = Problem::new(ProblemKind::Busy, "Busy", "Too much.", "Wait.");
        let body = serde_json::to_string(&problem).expect("serialisable");
        assert_eq!(read(503, &body), Err(ControlFailure::Problem(problem)));
        for gateway in [(503, "<html>"), (404, ""), (200, "<html>Welcome"), (200, "")] {
            let expected = if gateway == (200, "") { ControlFailure::DoesNotFit } else { ControlFailure::Unreachable };
            assert_eq!(read(gateway.0, gateway.1), Err(expected), "{gateway:?}");
        }
        assert_eq!(read(200, "{\"from\": \"a newer portal\"}"), Err(ControlFailure::DoesNotFit));
        // The portal's own words, and a proxy's that keeps the sessions.
        let own = Problem::new(ProblemKind::SignInRequired, "Not signed in", "Nobody.", "Sign in.");
        for body in [&serde_json::to_string(&own).expect("serialisable"), "Unauthorized", ""] {
            assert_eq!(read(401, body), Err(ControlFailure::SignInRequired), "{body}");
        }
    }

    #[test]
    fn a_time_to_wait_is_whole_seconds() {
        assert_eq!(read_retry_after(" 2 "), Some(2_000));
        for other in ["", "-1", "1.5", "Wed, 21 Oct 2026 07:28:00 GMT", "99999999999999999999"] {
            assert_eq!(read_retry_after(other), None, "{other}");
        }
    }

    #[test]
    fn a_gateways_page_has_no_code() {
        assert_eq!(read_put_answer(503, "<html><Code>SlowDown</Code></html>"), failure(503, None, false));
        assert_eq!(read_put_answer(502, "<Errors><Code>SlowDown</Code></Errors>"), failure(502, None, false));
        assert_eq!(read_put_answer(500, ""), failure(500, None, false));
    }
}
