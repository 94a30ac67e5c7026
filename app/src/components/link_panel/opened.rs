//! What the panel shows and does once it is there.

use domain::problem::Problem;
use leptos::either::EitherOf4;
use leptos::html::{Div, Input};
use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::HtmlInputElement;

use super::{LinkPanel, Subject};
use crate::api::links::create_share_link;
use crate::api::objects::curl_command;
use crate::browser::panel::{self, Place};
use crate::browser::{clipboard, intl};
use crate::overview::use_overview;
use crate::{format, words};

/// Lives that are offered, in seconds: an hour, a day, a week.
const LIVES_S: [u64; 3] = [3_600, 86_400, 604_800];

/// How far the panel has come.
#[derive(Clone, Debug, PartialEq)]
enum Progress {
    Asking,
    Working,
    Ready { text: String, status: String },
    Failed(Problem),
}

/// The panel at work.
#[derive(Clone, Copy, Debug)]
struct Panel {
    subject: Signal<Option<Subject>>,
    progress: RwSignal<Progress>,
    element: NodeRef<Div>,
    field: NodeRef<Input>,
    /// The portal's maximum, in seconds.
    max_link_s: u64,
}

impl Panel {
    fn provide(asked: LinkPanel) -> Self {
        let panel = Self {
            subject: Signal::derive(move || {
                asked.asked.with(|asked| asked.as_ref().map(|(subject, _)| subject.clone()))
            }),
            progress: RwSignal::new(Progress::Asking),
            element: NodeRef::new(),
            field: NodeRef::new(),
            max_link_s: use_overview().as_ref().as_ref().map_or(LIVES_S[0], |overview| overview.max_link_s),
        };
        provide_context(panel);
        panel
    }

    fn expect() -> Self {
        expect_context()
    }

    /// Opens at `place`.
    fn open(self, is_link: bool, place: &Place) {
        self.progress.set(Progress::Asking);
        if let Some(element) = self.element.get_untracked() {
            panel::open(&element, place);
        }
        if !is_link {
            self.make_command();
        }
    }

    fn close(self) {
        if let Some(element) = self.element.get_untracked() {
            panel::close(&element);
        }
    }

    fn make_link(self, expires_in_s: u64) {
        let Some(subject) = self.subject.get_untracked() else { return };
        self.progress.set(Progress::Working);
        spawn_local(async move {
            let made = create_share_link(subject.bucket.clone(), subject.key.clone(), expires_in_s).await;
            let progress = match made {
                Ok(link) => {
                    let copied = clipboard::write(&link.url).await;
                    let mut status = words::link_ready(copied, &intl::day(link.expires_at));
                    if !copied {
                        status = [&status, " ", words::COPY_BY_HAND].concat();
                    }
                    Progress::Ready { text: link.url, status }
                }
                Err(error) => Progress::Failed(error.0),
            };
            self.arrive(&subject, progress);
        });
    }

    fn make_command(self) {
        let Some(subject) = self.subject.get_untracked() else { return };
        self.progress.set(Progress::Working);
        spawn_local(async move {
            let progress = match curl_command(subject.bucket.clone(), subject.key.clone()).await {
                Ok(text) => Progress::Ready { text, status: String::new() },
                Err(error) => Progress::Failed(error.0),
            };
            self.arrive(&subject, progress);
        });
    }

    /// Shows an answer, unless the panel is about something else by now or its page is gone.
    fn arrive(self, subject: &Subject, progress: Progress) {
        if self.subject.try_get_untracked().flatten().as_ref() == Some(subject) {
            self.progress.set(progress);
        }
    }

    fn copy(self, text: String) {
        spawn_local(async move {
            let copied = clipboard::write(&text).await;
            if !copied && let Some(field) = self.field.get_untracked() {
                select(&field);
            }
            let said = if copied { words::COPIED } else { words::COPY_BY_HAND };
            self.progress.try_update(|progress| {
                if let Progress::Ready { status, .. } = progress {
                    said.clone_into(status);
                }
            });
        });
    }
}

/// The panel itself. Escape or a click elsewhere closes it and returns the focus.
#[component]
pub(super) fn Opened() -> impl IntoView {
    let asked = LinkPanel::expect();
    let panel = Panel::provide(asked);
    let Panel { subject, progress, element, .. } = panel;
    // Each time that a row asks for it, and the first time once it is on the page.
    Effect::new(move || {
        if let (Some(_), Some((subject, place))) = (element.get(), asked.asked.get()) {
            panel.open(subject.is_link, &place);
        }
    });
    let is_link = move || subject.with(|subject| subject.as_ref().is_none_or(|subject| subject.is_link));
    let title = move || if is_link() { words::COPY_LINK } else { words::COMMAND_LINE };
    let name = move || subject.with(|subject| subject.as_ref().map(|subject| format::visible(subject.key.name())));
    let body = move || match progress.get() {
        Progress::Asking if subject.with(Option::is_some) => EitherOf4::A(view! { <Lives/> }),
        Progress::Asking | Progress::Working => EitherOf4::B(()),
        Progress::Ready { text, .. } => EitherOf4::C(view! { <Ready text is_link=is_link()/> }),
        Progress::Failed(problem) => EitherOf4::D(
            view! { <p class="failed"><strong>{problem.title}</strong>" "{problem.detail}" "{problem.advice}</p> },
        ),
    };
    let status = move || match progress.get() {
        Progress::Working if is_link() => words::LINK_WORKING.to_owned(),
        Progress::Working => words::COMMAND_WORKING.to_owned(),
        Progress::Ready { status, .. } => status,
        Progress::Asking | Progress::Failed(_) => String::new(),
    };
    view! {
        <div class="panel" popover="auto" role="dialog" tabindex="-1" autofocus aria-labelledby="panel-title" node_ref=element>
            <div class="panel-head">
                <h2 id="panel-title">{title}</h2>
                <button class="button quiet" type="button" aria-label=words::CLOSE on:click=move |_| panel.close()>
                    <span class="icon icon-close" aria-hidden="true"></span>
                </button>
            </div>
            <p class="panel-name"><bdi>{name}</bdi></p>
            {body}
            <p class="panel-status" role="status">{status}</p>
        </div>
    }
}

/// The lives to choose from.
#[component]
fn Lives() -> impl IntoView {
    let panel = Panel::expect();
    let choice = move |life_s: u64| {
        view! { <button class="button" type="button" on:click=move |_| panel.make_link(life_s)>{words::duration(life_s)}</button> }
    };
    view! {
        <p id="lives-question">{words::LINK_QUESTION}</p>
        <div class="lives" role="group" aria-labelledby="lives-question">{offered(panel.max_link_s).into_iter().map(choice).collect_view()}</div>
        <p class="muted">{words::LINK_AUDIENCE}</p>
    }
}

/// Those of [`LIVES_S`] that the portal grants; its maximum where it grants none of them.
fn offered(max_link_s: u64) -> Vec<u64> {
    let granted: Vec<_> = LIVES_S.into_iter().filter(|life_s| *life_s <= max_link_s).collect();
    if granted.is_empty() { vec![max_link_s] } else { granted }
}

/// What was made, to copy once more or by hand.
#[component]
fn Ready(text: String, is_link: bool) -> impl IntoView {
    let panel = Panel::expect();
    let (label, why) = if is_link { (words::LINK, None) } else { (words::COMMAND, Some(words::COMMAND_WHY)) };
    let field = panel.field;
    // Selected as soon as its text is there, so that it can be copied by hand.
    Effect::new(move || {
        if let Some(field) = field.get() {
            request_animation_frame(move || select(&field));
        }
    });
    let again = text.clone();
    view! {
        {why.map(|why| view! { <p>{why}</p> })}
        <div class="copyable">
            <input type="text" readonly aria-label=label prop:value=text node_ref=field/>
            <button class="button" type="button" on:click=move |_| panel.copy(again.clone())>{words::COPY}</button>
        </div>
    }
}

/// Selects a field's text, to be copied with the keyboard: selecting alone does not move the focus in every browser,
/// and what is copied is what has it.
fn select(field: &HtmlInputElement) {
    // Refused only for elements that cannot have it.
    let _ = field.focus();
    field.select();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_life_is_offered_that_the_portal_would_shorten() {
        assert_eq!(offered(604_800), LIVES_S);
        assert_eq!(offered(86_400), [3_600, 86_400]);
        assert_eq!(offered(100_000), [3_600, 86_400]);
        assert_eq!(offered(600), [600]);
    }
}
