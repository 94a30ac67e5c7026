//! Who may do what: every operation on a key or a prefix begins with [`authorize`], which alone makes a [`Grant`].

use std::fmt;
use std::marker::PhantomData;

use serde::{Deserialize, Serialize};

use crate::key::{ObjectKey, Prefix};

/// The person behind a request, as the identity provider tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Stable name: an account, an address.
    pub user: String,
    /// Groups the person belongs to.
    pub groups: Vec<String>,
}

/// A bucket by its S3 name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BucketName(pub String);

impl fmt::Display for BucketName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What may be done with a prefix or an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ActionKind {
    /// See what lies below a prefix.
    List,
    /// Read an object's content and metadata.
    Read,
    /// Create or replace an object.
    Write,
    /// Hand out a link to an object.
    Share,
}

impl fmt::Display for ActionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::List => "list",
            Self::Read => "read",
            Self::Write => "write",
            Self::Share => "share",
        })
    }
}

/// An action as a type, so that a grant for one cannot be used for another.
pub trait Action: sealed::Sealed {
    /// Prefix or key.
    type Resource: Resource;
    /// The same as a value.
    const KIND: ActionKind;
}

/// What an action is done to.
pub trait Resource: Clone + fmt::Debug {
    /// The text that policies are asked about: a key, or a prefix ending in `/`, or nothing for the whole bucket.
    fn as_text(&self) -> &str;
    /// Whether this belongs to the portal itself.
    fn is_reserved(&self) -> bool;
}

impl Resource for ObjectKey {
    fn as_text(&self) -> &str {
        self.as_str()
    }
    fn is_reserved(&self) -> bool {
        Self::is_reserved(self)
    }
}

impl Resource for Prefix {
    fn as_text(&self) -> &str {
        self.as_str()
    }
    fn is_reserved(&self) -> bool {
        Self::is_reserved(self)
    }
}

/// See what lies below a prefix.
#[derive(Clone, Copy, Debug)]
pub enum List {}
/// Read an object.
#[derive(Clone, Copy, Debug)]
pub enum Read {}
/// Create or replace an object.
#[derive(Clone, Copy, Debug)]
pub enum Write {}
/// Hand out a link to an object.
#[derive(Clone, Copy, Debug)]
pub enum Share {}

impl Action for List {
    type Resource = Prefix;
    const KIND: ActionKind = ActionKind::List;
}
impl Action for Read {
    type Resource = ObjectKey;
    const KIND: ActionKind = ActionKind::Read;
}
impl Action for Write {
    type Resource = ObjectKey;
    const KIND: ActionKind = ActionKind::Write;
}
impl Action for Share {
    type Resource = ObjectKey;
    const KIND: ActionKind = ActionKind::Share;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::List {}
    impl Sealed for super::Read {}
    impl Sealed for super::Write {}
    impl Sealed for super::Share {}
}

/// What an administrator decided. Asked only by [`authorize`].
pub trait Policy: Send + Sync {
    /// Whether `identity` may do `action` to `resource`, which is a key, a prefix ending in `/`, or empty for the
    /// whole bucket.
    fn allows(&self, identity: &Identity, action: ActionKind, bucket: &BucketName, resource: &str) -> bool;
}

/// Leave to do one thing to one resource. Only [`authorize`] makes one, and everything that reaches S3 asks for one.
#[derive(Clone, Debug)]
pub struct Grant<A: Action> {
    user: String,
    bucket: BucketName,
    resource: A::Resource,
    action: PhantomData<A>,
}

impl<A: Action> Grant<A> {
    /// For whom: travels with every signature so that S3's access log names the person.
    pub fn user(&self) -> &str {
        &self.user
    }
    /// Where.
    pub fn bucket(&self) -> &BucketName {
        &self.bucket
    }
    /// What: the key or prefix.
    pub fn resource(&self) -> &A::Resource {
        &self.resource
    }
}

/// The person may not do that there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{user} may not {action} \u{201c}{resource}\u{201d} in {bucket}")]
pub struct Denied {
    /// Who asked.
    pub user: String,
    /// What for.
    pub action: ActionKind,
    /// Where.
    pub bucket: BucketName,
    /// Key or prefix.
    pub resource: String,
}

/// The one door to S3. The reserved prefix is closed whatever the policy says.
///
/// # Errors
/// [`Denied`], with what was missing.
pub fn authorize<A: Action>(
    policy: &dyn Policy,
    identity: &Identity,
    bucket: &BucketName,
    resource: A::Resource,
) -> Result<Grant<A>, Denied> {
    if resource.is_reserved() || !policy.allows(identity, A::KIND, bucket, resource.as_text()) {
        return Err(Denied {
            user: identity.user.clone(),
            action: A::KIND,
            bucket: bucket.clone(),
            resource: resource.as_text().to_owned(),
        });
    }
    Ok(Grant { user: identity.user.clone(), bucket: bucket.clone(), resource, action: PhantomData })
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Everything;
    impl Policy for Everything {
        fn allows(&self, _: &Identity, _: ActionKind, _: &BucketName, _: &str) -> bool {
            true
        }
    }

    struct OnlyReading;
    impl Policy for OnlyReading {
        fn allows(&self, _: &Identity, action: ActionKind, _: &BucketName, _: &str) -> bool {
            action == ActionKind::Read
        }
    }

    fn someone() -> Identity {
        Identity { user: "someone".to_owned(), groups: vec![] }
    }

    fn bucket() -> BucketName {
        BucketName("files".to_owned())
    }

    fn key(text: &str) -> ObjectKey {
        ObjectKey::parse(text).expect("a key")
    }

    #[test]
    fn a_grant_names_who_where_and_what() {
        let grant = authorize::<Read>(&Everything, &someone(), &bucket(), key("a/b")).expect("allowed");
        assert_eq!((grant.user(), grant.bucket(), grant.resource()), ("someone", &bucket(), &key("a/b")));
    }

    #[test]
    fn a_denial_says_which_action_on_which_key_is_missing() {
        let denied = authorize::<Write>(&OnlyReading, &someone(), &bucket(), key("a/b")).expect_err("denied");
        assert_eq!(denied.to_string(), "someone may not write \u{201c}a/b\u{201d} in files");
    }

    #[test]
    fn the_reserved_prefix_is_closed_whatever_the_policy_says() {
        assert!(authorize::<Read>(&Everything, &someone(), &bucket(), key(".causeway/links/x")).is_err());
        assert!(authorize::<Write>(&Everything, &someone(), &bucket(), key(".causeway/")).is_err());
        for reserved in [".causeway/", ".causeway/links/"] {
            let prefix = Prefix::parse(reserved).expect("a prefix");
            assert!(authorize::<List>(&Everything, &someone(), &bucket(), prefix).is_err());
        }
        assert!(authorize::<Read>(&Everything, &someone(), &bucket(), key(".causeway2/x")).is_ok());
    }
}
