//! Who may do what: for now everyone who is signed in may do everything.
//!
//! The reserved prefix stays closed all the same: [`domain::access::authorize`] sees to that whatever a policy says.

use domain::access::{ActionKind, BucketName, Identity, Policy};

/// Lists, reads, writes and shares, for everyone.
#[derive(Clone, Copy, Debug)]
pub struct Everyone;

impl Policy for Everyone {
    fn allows(&self, _: &Identity, action: ActionKind, _: &BucketName, _: &str) -> bool {
        // Named one by one, so that a new action starts closed and somebody decides.
        match action {
            ActionKind::List | ActionKind::Read | ActionKind::Write | ActionKind::Share => true,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on says where it stopped")]

    use domain::access::{List, Read, authorize};
    use domain::key::{ObjectKey, Prefix};

    use super::*;

    #[test]
    fn everyone_may_everything_except_below_the_reserved_prefix() {
        let someone = Identity { user: "ada".to_owned(), groups: vec![] };
        let bucket = BucketName("files".to_owned());
        assert!(authorize::<List>(&Everyone, &someone, &bucket, Prefix::root()).is_ok());
        assert!(authorize::<Read>(&Everyone, &someone, &bucket, ObjectKey::parse("a/b").unwrap()).is_ok());
        assert!(authorize::<List>(&Everyone, &someone, &bucket, Prefix::parse(".causeway/").unwrap()).is_err());
        assert!(authorize::<Read>(&Everyone, &someone, &bucket, ObjectKey::parse(".causeway/x").unwrap()).is_err());
    }
}
