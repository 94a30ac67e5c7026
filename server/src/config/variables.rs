//! Every setting as data: its name, default and meaning. The reference page and the reader both come from here.

/// One environment variable.
#[derive(Clone, Copy, Debug)]
pub struct Variable {
    /// `CAUSEWAY_…`.
    pub name: &'static str,
    /// What holds where it is not set.
    pub default: Default,
    /// What it decides, in a sentence or two; Markdown.
    pub meaning: &'static str,
    /// Whether the value is never shown.
    pub secret: bool,
}

/// What holds where a variable is not set.
#[derive(Clone, Copy, Debug)]
pub enum Default {
    /// This text, read as if it had been set.
    Text(&'static str),
    /// Something that follows from other settings, in words.
    Derived(&'static str),
}

/// Variables that belong together.
#[derive(Clone, Copy, Debug)]
pub struct Section {
    /// Heading of the reference page.
    pub title: &'static str,
    /// In the order they are read.
    pub variables: &'static [&'static Variable],
}

const fn text(name: &'static str, default: &'static str, meaning: &'static str) -> Variable {
    Variable { name, default: Default::Text(default), meaning, secret: false }
}

const fn derived(name: &'static str, default: &'static str, meaning: &'static str) -> Variable {
    Variable { name, default: Default::Derived(default), meaning, secret: false }
}

const fn secret(name: &'static str, default: &'static str, meaning: &'static str) -> Variable {
    Variable { name, default: Default::Derived(default), meaning, secret: true }
}

/// Everything that can be set.
pub const SECTIONS: &[Section] = &[
    Section { title: "Addresses", variables: &[&LISTEN, &PORTAL_ORIGIN, &SITE_ROOT] },
    Section { title: "Storage", variables: &[&STORAGE, &BUCKETS, &REGION, &S3_ENDPOINT, &S3_PATH_STYLE, &DATA_DIR] },
    Section {
        title: "Links and uploads",
        variables: &[&LINK_KEYS, &MAX_LINK_S, &MAX_PRESIGN_S, &UPLOAD_URL_TTL_S, &UPLOAD_TICKET_TTL_S],
    },
    Section {
        title: "Identity",
        variables: &[
            &IDENTITY,
            &IDENTITY_USER_HEADER,
            &IDENTITY_GROUPS_HEADER,
            &IDENTITY_SECRET_HEADER,
            &IDENTITY_SECRET,
        ],
    },
    Section { title: "Log", variables: &[&LOG, &LOG_FORMAT] },
    Section {
        title: "Limits",
        variables: &[
            &REQUEST_TIMEOUT_S,
            &HEADER_TIMEOUT_S,
            &DRAIN_S,
            &SHUTDOWN_TIMEOUT_S,
            &MAX_BODY_BYTES,
            &MAX_CONCURRENT_REQUESTS,
        ],
    },
];

/// Where the server listens.
pub const LISTEN: Variable =
    text("CAUSEWAY_LISTEN", "127.0.0.1:3000", "Address and port to listen on; port 0 takes any that is free.");

/// What people type.
pub const PORTAL_ORIGIN: Variable = derived(
    "CAUSEWAY_PORTAL_ORIGIN",
    "`http://localhost` and the port listened on",
    "Scheme, host and port under which people reach the portal, such as `https://portal.corp.example`. The files hosts \
     share its scheme. Has to be set where the server listens on more than loopback.",
);

/// Built assets.
pub const SITE_ROOT: Variable =
    text("CAUSEWAY_SITE_ROOT", "target/site", "Folder with the built assets and their list, `assets.json`.");

/// Which S3.
pub const STORAGE: Variable = derived(
    "CAUSEWAY_STORAGE",
    "`s3` where `CAUSEWAY_BUCKETS` or `CAUSEWAY_S3_ENDPOINT` is set, else `embedded`",
    "`s3`: Amazon S3 or another S3 server, with the ordinary credential chain. `embedded`: an S3 inside this server, for \
     one machine; the production image does not contain it.",
);

/// What is served.
pub const BUCKETS: Variable = derived(
    "CAUSEWAY_BUCKETS",
    "one bucket `files` on `files.localhost`, embedded only",
    "JSON list of the buckets in the order they are shown, each `{\"name\", \"label\", \"public_host\", \
     \"signing_host\"}`. `label` is what people read (default: the name). `public_host` is the host, with its port if \
     it has one, that browsers call for the objects' bytes. `signing_host` is the host that S3 sees (default: the \
     public host): the two differ where a load balancer rewrites the host.",
);

/// Where the buckets are.
pub const REGION: Variable = derived(
    "CAUSEWAY_REGION",
    "`AWS_REGION`, else `AWS_DEFAULT_REGION`",
    "AWS Region of the buckets, such as `eu-central-1`. Has to be known with `s3`.",
);

/// Another S3 than Amazon's.
pub const S3_ENDPOINT: Variable = derived(
    "CAUSEWAY_S3_ENDPOINT",
    "Amazon S3 in the Region",
    "Scheme, host and port of another S3 server, for the portal's own calls. Browsers never see it.",
);

/// How the portal names buckets there.
pub const S3_PATH_STYLE: Variable = text(
    "CAUSEWAY_S3_PATH_STYLE",
    "false",
    "`true` where the S3 server of `CAUSEWAY_S3_ENDPOINT` wants the bucket in the path instead of the host.",
);

/// Where the embedded S3 keeps everything.
pub const DATA_DIR: Variable = text(
    "CAUSEWAY_DATA_DIR",
    "causeway-data",
    "Folder in which the embedded S3 keeps objects, credentials and link keys.",
);

/// What seals.
pub const LINK_KEYS: Variable = secret(
    "CAUSEWAY_LINK_KEYS",
    "generated and kept in the data folder, embedded only",
    "Secrets that seal share links and upload tickets: `id:base64`, separated by commas, each of at least 32 random \
     bytes. The first seals, all open: put a new one in front to rotate, and drop the old one when its links have ended. \
     Has to be set with `s3`, the same on every server.",
);

/// Longest life of a share link.
pub const MAX_LINK_S: Variable =
    text("CAUSEWAY_MAX_LINK_S", "604800", "Longest life of a share link, in seconds; at most 7 days.");

/// Longest life of an address from the API.
pub const MAX_PRESIGN_S: Variable = text(
    "CAUSEWAY_MAX_PRESIGN_S",
    "43200",
    "Longest life of a presigned URL from `/api/get_url` and `/api/put_url`, in seconds; at most 12 hours.",
);

/// Life of an upload's URLs.
pub const UPLOAD_URL_TTL_S: Variable = text(
    "CAUSEWAY_UPLOAD_URL_TTL_S",
    "900",
    "Life of the presigned URLs of an upload, in seconds. The browser asks for new ones as it goes.",
);

/// How long an upload can be gone on with.
pub const UPLOAD_TICKET_TTL_S: Variable = text(
    "CAUSEWAY_UPLOAD_TICKET_TTL_S",
    "518400",
    "How long an unfinished upload can be gone on with, in seconds. Keep it below the age at which the bucket's lifecycle \
     rule discards unfinished uploads (7 days).",
);

/// Who people are.
pub const IDENTITY: Variable = text(
    "CAUSEWAY_IDENTITY",
    "none",
    "`none`: one local user; only while the server listens on loopback and the portal is `localhost`. `header`: a \
     trusted proxy signs people in and passes their names on, together with a shared secret.",
);

/// Which header names the person.
pub const IDENTITY_USER_HEADER: Variable =
    text("CAUSEWAY_IDENTITY_USER_HEADER", "x-forwarded-user", "With `header`: the header that names the person.");

/// Which header lists the groups.
pub const IDENTITY_GROUPS_HEADER: Variable = text(
    "CAUSEWAY_IDENTITY_GROUPS_HEADER",
    "x-forwarded-groups",
    "With `header`: the header that lists the person's groups, separated by commas. It may be absent.",
);

/// Which header carries the secret.
pub const IDENTITY_SECRET_HEADER: Variable = text(
    "CAUSEWAY_IDENTITY_SECRET_HEADER",
    "x-causeway-secret",
    "With `header`: the header in which the proxy sends the shared secret.",
);

/// What proves that the proxy is the proxy.
pub const IDENTITY_SECRET: Variable = secret(
    "CAUSEWAY_IDENTITY_SECRET",
    "none; has to be set with `header`",
    "The secret shared with the proxy: at least 32 visible ASCII characters. Whoever knows it can be anyone.",
);

/// What is logged.
pub const LOG: Variable = text(
    "CAUSEWAY_LOG",
    "info",
    "What is logged: a level, or directives such as `info,server=debug`. Libraries that would log signatures stay at \
     `info` whatever this says.",
);

/// How it is logged.
pub const LOG_FORMAT: Variable =
    text("CAUSEWAY_LOG_FORMAT", "pretty", "`pretty` for people, `json` for machines: one line an event.");

/// Longest time until an answer begins.
pub const REQUEST_TIMEOUT_S: Variable = text(
    "CAUSEWAY_REQUEST_TIMEOUT_S",
    "30",
    "Longest time until an answer begins, in seconds. Completing a large upload has its own limit.",
);

/// Longest wait for a request's head.
pub const HEADER_TIMEOUT_S: Variable = text(
    "CAUSEWAY_HEADER_TIMEOUT_S",
    "320",
    "Longest wait for a request's head, in seconds. It counts on idle connections too: keep it longer than the load \
     balancer's idle timeout (300 s).",
);

/// How long requests are still taken.
pub const DRAIN_S: Variable = text(
    "CAUSEWAY_DRAIN_S",
    "10",
    "How long requests are still taken after SIGTERM while `/readyz` answers 503, in seconds.",
);

/// Longest wait for open requests.
pub const SHUTDOWN_TIMEOUT_S: Variable =
    text("CAUSEWAY_SHUTDOWN_TIMEOUT_S", "20", "Longest wait for open requests after that, in seconds.");

/// Longest body.
pub const MAX_BODY_BYTES: Variable = text(
    "CAUSEWAY_MAX_BODY_BYTES",
    "1048576",
    "Longest request body that the portal reads, in bytes; 1 to 16 MiB. Objects never pass through it, so this bounds \
     forms and lists of keys.",
);

/// Most requests at once.
pub const MAX_CONCURRENT_REQUESTS: Variable = text(
    "CAUSEWAY_MAX_CONCURRENT_REQUESTS",
    "512",
    "Most requests answered at once; more are told to come back (503 with Retry-After).",
);
