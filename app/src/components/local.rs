//! Dates and sizes: plain and the same for all in the server's HTML, in the reader's own way once the page is alive.

use domain::units::{ByteSize, UnixMillis};
use leptos::prelude::*;

use crate::browser::intl;
use crate::format;

/// Whether the reader's locale is known: never on the server, nor while the page hydrates, as both texts must agree.
#[derive(Clone, Copy)]
struct Reader {
    is_known: RwSignal<bool>,
}

/// To be called once, by the app.
pub(crate) fn provide_reader() {
    let is_known = RwSignal::new(false);
    provide_context(Reader { is_known });
    Effect::new(move || is_known.set(true));
}

fn reader_is_known() -> bool {
    use_context::<Reader>().is_some_and(|reader| reader.is_known.try_get() == Some(true))
}

/// An instant, to the minute.
#[component]
pub fn Instant(
    /// Which.
    at: UnixMillis,
) -> impl IntoView {
    let text = move || if reader_is_known() { intl::minute(at) } else { format::utc(at) };
    view! { <time datetime=format::iso(at)>{text}</time> }
}

/// A size, with the exact number of bytes for those who point at it.
#[component]
pub fn Size(
    /// Which.
    size: ByteSize,
) -> impl IntoView {
    let text = move || if reader_is_known() { intl::size(size) } else { format::size(size) };
    let exact = [&format::grouped(size.0), " B"].concat();
    view! { <data value=size.0.to_string() title=exact>{text}</data> }
}
