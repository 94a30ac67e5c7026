//! The table of a listing: prefixes, then objects, in S3's order.

use domain::access::BucketName;
use domain::key::{ObjectKey, Prefix};
use domain::listing::{ETag, ListingPage, ObjectMeta};
use domain::units::UnixMillis;
use leptos::either::Either;
use leptos::prelude::*;

use crate::browser::download::Downloads;
use crate::components::link_panel::{LinkPanel, Subject};
use crate::components::local::{Instant, Size};
use crate::uploads::Uploads;
use crate::{format, urls, words};

/// A segment as people read it: nothing hides in it, and nothing is not nothing.
pub(crate) fn shown_name(segment: &str) -> String {
    match segment.strip_suffix('/').unwrap_or(segment) {
        "" => words::NAMELESS.to_owned(),
        name => format::visible(name),
    }
}

/// The object that stands for the prefix itself and holds nothing: an empty folder, as other tools make it.
pub(crate) fn is_marker_of(prefix: &Prefix, object: &ObjectMeta) -> bool {
    object.key.as_str() == prefix.as_str() && object.size_bytes.0 == 0
}

/// What a row shows.
#[derive(Clone)]
enum Row {
    Level(Prefix),
    Object(ObjectMeta),
}

/// What makes a row the same row: the level's name, or the object's and its content.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum RowIdentity {
    Level(Prefix),
    Object(ObjectKey, ETag, UnixMillis),
}

impl Row {
    fn all_of(page: &ListingPage) -> Vec<Self> {
        let levels = page.common_prefixes.iter().cloned().map(Self::Level);
        levels.chain(page.objects.iter().cloned().map(Self::Object)).collect()
    }

    fn identity(&self) -> RowIdentity {
        match self {
            Self::Level(level) => RowIdentity::Level(level.clone()),
            Self::Object(object) => RowIdentity::Object(object.key.clone(), object.etag.clone(), object.last_modified),
        }
    }
}

/// The rows carry their roles by name: on narrow screens the style sheet lays them out as two lines, and a table that is
/// laid out otherwise is none any more for assistive technology.
#[component]
pub(crate) fn ListingTable(
    bucket: BucketName,
    /// What names are relative to.
    prefix: Prefix,
    /// What is in it; the marker of the prefix itself is not.
    page: Signal<ListingPage>,
    /// What the table is called.
    caption: String,
) -> impl IntoView {
    let show = move |row: Row| match row {
        Row::Level(level) => Either::Left(view! { <LevelRow bucket=bucket.clone() level/> }),
        Row::Object(object) => Either::Right(view! { <ObjectRow bucket=bucket.clone() prefix=prefix.clone() object/> }),
    };
    let (uploads, downloads) = (Uploads::expect(), Downloads::expect());
    let rows = move || page.try_with(Row::all_of).unwrap_or_default();
    view! {
        <table class="listing" role="table" on:click=move |click| downloads.keep_page(&click, uploads.would_lose())>
            <caption class="unseen">{caption}</caption>
            <thead role="rowgroup">
                <tr role="row">
                    <th role="columnheader" scope="col">{words::NAME}</th>
                    <th role="columnheader" scope="col" class="size">{words::SIZE}</th>
                    <th role="columnheader" scope="col" class="modified">{words::MODIFIED}</th>
                    <th role="columnheader" scope="col"><span class="unseen">{words::ACTIONS}</span></th>
                </tr>
            </thead>
            <tbody role="rowgroup">
                // By key, so that the focus stays on its row when the listing is refreshed under it.
                <For each=rows key=Row::identity children=show/>
            </tbody>
        </table>
    }
}

#[component]
fn LevelRow(bucket: BucketName, level: Prefix) -> impl IntoView {
    // HTML changes control characters on the way, and nothing may be dropped on another prefix than the one shown.
    let drop_target = (!level.as_str().chars().any(char::is_control)).then(|| level.as_str().to_owned());
    view! {
        <tr role="row" data-upload-prefix=drop_target>
            <th role="rowheader" scope="row" class="name">
                <span class="icon icon-folder" aria-hidden="true"></span>
                <a href=urls::listing(&bucket, &level)><bdi>{shown_name(level.name())}</bdi></a>
            </th>
            <td role="cell" class="size"></td>
            <td role="cell" class="modified"></td>
            <td role="cell" class="actions"></td>
        </tr>
    }
}

#[component]
fn ObjectRow(bucket: BucketName, prefix: Prefix, object: ObjectMeta) -> impl IntoView {
    let ObjectMeta { key, size_bytes, last_modified, .. } = object;
    let name = match key.as_str().strip_prefix(prefix.as_str()).unwrap_or(key.as_str()) {
        "" => words::FOLDER_ITSELF.to_owned(),
        name => format::visible(name),
    };
    let travels = key.travels_by_url();
    let href = travels.then(|| urls::download(&bucket, &key));
    let shown = match href.clone() {
        Some(href) => Either::Left(view! { <a href=href rel="external"><bdi>{name.clone()}</bdi></a> }),
        None => Either::Right(view! { <span><bdi>{name.clone()}</bdi><small>{words::UNSENDABLE}</small></span> }),
    };
    view! {
        <tr role="row">
            <th role="rowheader" scope="row" class="name">
                <span class="icon icon-file" aria-hidden="true"></span>
                {shown}
            </th>
            <td role="cell" class="size"><Size size=size_bytes/></td>
            <td role="cell" class="modified"><Instant at=last_modified/></td>
            <td role="cell" class="actions"><RowActions bucket key_=key name href/></td>
        </tr>
    }
}

#[component]
fn RowActions(
    bucket: BucketName,
    key_: ObjectKey,
    name: String,
    /// Where the object is downloaded; `None` where no browser can.
    href: Option<String>,
) -> impl IntoView {
    let panel = LinkPanel::expect();
    let (label, icon) =
        if href.is_some() { (words::COPY_LINK, "icon-link") } else { (words::COMMAND_LINE, "icon-terminal") };
    let subject = Subject { bucket, key: key_, is_link: href.is_some() };
    let download = href.map(|href| {
        view! {
            <a class="button quiet" href=href rel="external" aria-label=words::about(words::DOWNLOAD, &name) title=words::DOWNLOAD>
                <span class="icon icon-download" aria-hidden="true"></span>
            </a>
        }
    });
    view! {
        {download}
        <button
            class="button quiet scripted"
            type="button"
            aria-haspopup="dialog"
            aria-label=words::about(label, &name)
            title=label
            on:pointerenter=move |_| panel.prepare()
            on:focus=move |_| panel.prepare()
            on:click=move |click| panel.open(subject.clone(), &click)
        >
            <span class=["icon ", icon].concat() aria-hidden="true"></span>
        </button>
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may stop where a value is missing")]

    use domain::units::ByteSize;

    use super::*;

    fn object(key: &str, size_bytes: u64) -> ObjectMeta {
        ObjectMeta {
            key: ObjectKey::parse(key).unwrap(),
            size_bytes: ByteSize(size_bytes),
            last_modified: UnixMillis(0),
            etag: ETag(String::new()),
            version_id: None,
            storage_class: None,
            archived: false,
            content_type: None,
            mark: None,
        }
    }

    #[test]
    fn only_an_empty_object_named_like_the_prefix_is_its_marker() {
        let prefix = Prefix::parse("a/").unwrap();
        assert!(is_marker_of(&prefix, &object("a/", 0)));
        assert!(!is_marker_of(&prefix, &object("a/", 1)));
        assert!(!is_marker_of(&prefix, &object("a/b", 0)));
    }

    #[test]
    fn a_segment_without_characters_can_still_be_seen_and_clicked() {
        assert_eq!(shown_name("/"), words::NAMELESS);
        assert_eq!(shown_name("2026/"), "2026");
        assert_eq!(shown_name("\u{7}/"), "\u{2407}");
    }
}
