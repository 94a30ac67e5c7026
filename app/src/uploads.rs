//! The page's side of uploading: where uploads go, what the worker tells of them, and how a person steers them.
//!
//! The engine runs in a worker that is loaded with the first upload; the first page carries none of it.

mod intake;
mod link;
mod refresh;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use domain::access::BucketName;
use domain::key::Prefix;
use domain::units::{ByteSize, UnixMillis, whole};
use domain::upload::io::{Choice, EntryId, NewEntry, Scope};
use domain::upload::message::{Command, Frame};
use domain::upload::panel::SHOWN_AT_FIRST;
use domain::upload::view::{Totals, UploadView};
use leptos::prelude::*;
use wasm_bindgen::prelude::*;

pub(crate) use intake::{Source, dropped, holds_files, pasted, picked};

use intake::Found;
use refresh::Refresh;

/// Uploads are posted to the worker by so many: enough for two full calls of the engine to the portal, and few enough
/// that the page does not stand still meanwhile.
const POSTED_TOGETHER: usize = 200;

/// And at least so often while a slow disk is being read, in milliseconds.
const POSTED_EVERY_MS: f64 = 1000.0;

/// Where dropped and picked files go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadTarget {
    /// Into which bucket.
    pub bucket: BucketName,
    /// Below which prefix.
    pub prefix: Prefix,
}

/// How the worker is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Health {
    /// Not needed so far.
    #[default]
    Asleep,
    /// On its way.
    Starting,
    /// Hears and answers.
    Running,
    /// Could not be loaded.
    DidNotStart,
    /// Stopped by a fault of its own.
    Broke,
}

impl Health {
    /// Whether whatever was not stored by now will not be.
    pub(crate) fn is_lost(self) -> bool {
        matches!(self, Self::DidNotStart | Self::Broke)
    }
}

/// One drop that is being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reading {
    number: u32,
    /// The worker that it was begun for.
    round: u32,
}

/// All uploads of this page. One value, provided above the router, so that it survives navigation; copies share it.
#[derive(Clone, Copy)]
pub struct Uploads {
    target: RwSignal<Option<UploadTarget>>,
    refresh: Refresh,
    next_id: StoredValue<u32>,
    views: StoredValue<HashMap<EntryId, ArcRwSignal<UploadView>>>,
    pub(crate) health: RwSignal<Health>,
    pub(crate) totals: RwSignal<Totals>,
    pub(crate) shown: RwSignal<Vec<EntryId>>,
    pub(crate) hidden: RwSignal<usize>,
    /// How many of all can be cleared.
    pub(crate) clearable: RwSignal<usize>,
    pub(crate) conflict: RwSignal<Option<UploadView>>,
    /// How many drops are being read just now.
    pub(crate) reading: RwSignal<usize>,
    /// What could not be read from the person's computer, by name.
    pub(crate) unreadable: RwSignal<Vec<String>>,
    show_at_most: StoredValue<usize>,
    /// Whether something was given to the worker of which it has not told anything yet.
    given: RwSignal<bool>,
    /// Counts the workers: a drop ends with the one that it was begun for.
    round: StoredValue<u32>,
    next_drop: StoredValue<u32>,
    /// What a person decided about taken names for all that is still being read, and the first drop that came later.
    beforehand: StoredValue<Option<(Choice, u32)>>,
    /// One moment by the worker's clock, and by the page's.
    moment: StoredValue<(UnixMillis, UnixMillis)>,
    /// Whether the page is alive, so that uploading works.
    awake: RwSignal<bool>,
    announcement: RwSignal<String>,
}

impl Uploads {
    /// Makes the page's uploads and puts them into the context.
    pub fn provide() -> Self {
        let uploads = Self {
            target: RwSignal::new(None),
            refresh: Refresh::new(),
            next_id: StoredValue::new(0),
            views: StoredValue::new(HashMap::new()),
            health: RwSignal::new(Health::Asleep),
            totals: RwSignal::new(Totals::default()),
            shown: RwSignal::new(Vec::new()),
            hidden: RwSignal::new(0),
            clearable: RwSignal::new(0),
            conflict: RwSignal::new(None),
            reading: RwSignal::new(0),
            unreadable: RwSignal::new(Vec::new()),
            show_at_most: StoredValue::new(SHOWN_AT_FIRST),
            given: RwSignal::new(false),
            round: StoredValue::new(0),
            next_drop: StoredValue::new(0),
            beforehand: StoredValue::new(None),
            moment: StoredValue::new(Default::default()),
            awake: RwSignal::new(false),
            announcement: RwSignal::new(String::new()),
        };
        provide_context(uploads);
        uploads
    }

    /// The page's uploads.
    ///
    /// # Panics
    /// Outside a component below [`Uploads::provide`].
    pub fn expect() -> Self {
        expect_context()
    }

    /// Tells where dropped and picked files go from now on; `None`: nowhere.
    pub fn set_target(&self, target: Option<UploadTarget>) {
        if self.target.with_untracked(|before| *before != target) {
            self.target.set(target);
        }
    }

    /// Where dropped and picked files go.
    pub fn target(&self) -> Signal<Option<UploadTarget>> {
        self.target.into()
    }

    /// Counts up when something was stored at or below the target's prefix, at most once a second.
    pub fn refresh(&self) -> Signal<u64> {
        self.refresh.count()
    }

    /// The page is alive from now on.
    pub(crate) fn wake(&self) {
        self.awake.set(true);
    }

    /// Whether it is.
    pub(crate) fn is_awake(&self) -> bool {
        self.awake.try_get().unwrap_or_default()
    }

    /// Whether it was, before the page that is being made now: then a person came here from another one.
    pub(crate) fn was_awake(&self) -> bool {
        self.awake.get_untracked()
    }

    /// Whether closing the page now would lose something.
    pub(crate) fn would_lose(&self) -> bool {
        let lost = self.health.get_untracked().is_lost();
        let preparing = self.reading.get_untracked() > 0 || self.given.get_untracked();
        !lost && (preparing || self.totals.with_untracked(Totals::would_lose))
    }

    /// Whether something is being uploaded by itself.
    pub(crate) fn is_busy(&self) -> Signal<bool> {
        let (health, totals) = (self.health, self.totals);
        Memo::new(move |_| !health.get().is_lost() && totals.with(|totals| totals.active > 0)).into()
    }

    /// How much of everything is uploaded, in percent, while something is being uploaded.
    pub(crate) fn percent(&self) -> Signal<Option<u64>> {
        let (busy, totals) = (self.is_busy(), self.totals);
        Memo::new(move |_| busy.get().then(|| totals.with(Totals::sent_permille) / 10)).into()
    }

    /// The browser lost its network, or has one again.
    pub(crate) fn set_online(&self, online: bool) {
        self.order(Command::Online(online));
    }

    /// Somebody may have signed in again, where that was asked for.
    pub(crate) fn signed_in(&self) {
        if self.totals.with_untracked(|totals| totals.sign_in_needed) {
            self.order(Command::SignedIn);
        }
    }

    /// What is read out to those who do not see the panel.
    pub(crate) fn announcement(&self) -> Signal<String> {
        self.announcement.into()
    }

    /// Lets it be read out, unless it was just now.
    pub(crate) fn announce(&self, words: String) {
        set_if_changed(self.announcement, words);
    }

    /// Reads a drop that has [begun](Self::begin_reading), and gives what is in it to the worker.
    pub(crate) fn read(&self, reading: Reading, target: UploadTarget, source: Source) {
        let uploads = *self;
        leptos::task::spawn_local(async move {
            let mut found = Vec::new();
            let mut last_post = js_sys::Date::now();
            let mut walk = source.walk();
            while let Some(next) = walk.next().await {
                if !uploads.goes_on(reading) {
                    found.clear();
                    break;
                }
                match next {
                    Ok(next) => found.push(next),
                    Err(name) => uploads.unreadable.update(|names| names.push(name)),
                }
                if found.len() >= POSTED_TOGETHER || js_sys::Date::now() - last_post > POSTED_EVERY_MS {
                    uploads.start(&target, std::mem::take(&mut found), reading);
                    // Picked files are all there already: without this, thousands would be one long task.
                    let_the_page_go_on().await;
                    last_post = js_sys::Date::now();
                }
            }
            uploads.start(&target, found, reading);
            uploads.end_reading();
        });
    }

    /// A drop begins to be read. It is a person's new act, so it may begin anew where the worker was lost: a drop that
    /// meets the loss on its way may not, for its first files went with that worker.
    pub(crate) fn begin_reading(&self) -> Reading {
        if self.health.get_untracked().is_lost() {
            self.forget_all();
        }
        self.reading.update(|drops| *drops += 1);
        let number = self.next_drop.get_value();
        self.next_drop.set_value(number + 1);
        Reading { number, round: self.round.get_value() }
    }

    /// It is read, or will not be.
    pub(crate) fn end_reading(&self) {
        self.reading.update(|drops| *drops -= 1);
        if self.reading.get_untracked() == 0 {
            self.beforehand.set_value(None);
        }
    }

    /// Whether the worker that a drop was begun for is still there.
    fn goes_on(&self, reading: Reading) -> bool {
        reading.round == self.round.get_value() && !self.health.get_untracked().is_lost()
    }

    /// Decides about every name that is taken, and about those of the files that are still being read.
    pub(crate) fn decide_all(&self, choice: Choice) {
        if self.reading.get_untracked() > 0 {
            self.beforehand.set_value(Some((choice, self.next_drop.get_value())));
        }
        self.order(Command::Decide(Scope::All, choice));
    }

    /// What was decided about the names of a drop. Nothing about those that came after the decision: nobody had seen
    /// them.
    fn decided_beforehand(&self, reading: Reading) -> Option<Choice> {
        self.beforehand.get_value().filter(|(_, before)| reading.number < *before).map(|(choice, _)| choice)
    }

    fn start(&self, target: &UploadTarget, found: Vec<Found>, reading: Reading) {
        if found.is_empty() {
            return;
        }
        let choice = self.decided_beforehand(reading);
        let files = js_sys::Array::new();
        let entries = found.into_iter().map(|Found { relative_key, file }| {
            let id = self.next_id.with_value(|id| EntryId(*id));
            self.next_id.update_value(|id| *id += 1);
            let entry = NewEntry {
                id,
                bucket: target.bucket.clone(),
                key: [target.prefix.as_str(), &relative_key].concat(),
                size_bytes: file.as_ref().map_or(ByteSize::ZERO, intake::size_of),
                content_type: file.as_ref().map(|file| file.type_()).unwrap_or_default(),
                choice,
            };
            files.push(&file.map_or(JsValue::NULL, JsValue::from));
            entry
        });
        let entries = entries.collect();
        self.given.set(true);
        link::post(*self, &Command::Start(entries), &files);
    }

    /// Asks the worker for something, if it runs.
    pub(crate) fn order(&self, command: Command) {
        if let Command::ShowAtMost(count) = command {
            self.show_at_most.set_value(count);
        }
        if link::is_open() {
            link::post(*self, &command, &js_sys::Array::new());
        }
    }

    /// Shows so many more uploads.
    pub(crate) fn show_more(&self) {
        self.order(Command::ShowAtMost(self.show_at_most.get_value() + SHOWN_AT_FIRST));
    }

    /// One upload, as a signal; `None` once it is not shown any more.
    pub(crate) fn view(&self, id: EntryId) -> Option<ArcRwSignal<UploadView>> {
        self.views.with_value(|views| views.get(&id).cloned())
    }

    /// How many of the shown uploads are so.
    pub(crate) fn shown_where(&self, is_so: fn(&UploadView) -> bool) -> usize {
        self.shown.with(|shown| shown.iter().filter_map(|id| self.view(*id)).filter(|view| view.with(is_so)).count())
    }

    /// Whether there is anything to tell of.
    pub(crate) fn any(&self) -> bool {
        self.given.get()
            || self.shown.with(|shown| !shown.is_empty())
            || self.reading.get() > 0
            || self.health.get().is_lost()
            || self.unreadable.with(|names| !names.is_empty())
    }

    /// Whether files are on their way to the worker: being read, or given to it just now.
    pub(crate) fn is_preparing(&self) -> bool {
        self.reading.get() > 0 || self.given.get()
    }

    /// Takes in what the worker tells.
    fn show(&self, frame: Frame, page_now: UnixMillis) {
        self.moment.set_value((frame.now, page_now));
        self.views.update_value(|views| {
            for view in frame.changed {
                match views.get(&view.id) {
                    Some(signal) => signal.set(view),
                    None => drop(views.insert(view.id, ArcRwSignal::new(view))),
                }
            }
        });
        if let Some(shown) = frame.shown {
            let kept: std::collections::HashSet<_> = shown.iter().copied().collect();
            self.shown.set(shown);
            self.views.update_value(|views| views.retain(|id, _| kept.contains(id)));
        }
        set_if_changed(self.given, false);
        set_if_changed(self.hidden, frame.hidden);
        set_if_changed(self.clearable, frame.clearable);
        set_if_changed(self.conflict, frame.conflict.map(|view| *view));
        set_if_changed(self.totals, frame.totals);
        let target = self.target.get_untracked();
        if frame.stored.iter().any(|place| {
            target.as_ref().is_some_and(|target| {
                place.bucket == target.bucket && place.prefix.as_str().starts_with(target.prefix.as_str())
            })
        }) {
            self.refresh.note();
        }
    }

    /// Forgets the uploads of a worker that is gone.
    fn forget_all(&self) {
        self.shown.set(Vec::new());
        self.views.update_value(HashMap::clear);
        self.totals.set(Totals::default());
        self.conflict.set(None);
        self.hidden.set(0);
        self.clearable.set(0);
        self.given.set(false);
        self.round.update_value(|round| *round += 1);
        self.beforehand.set_value(None);
        self.show_at_most.set_value(SHOWN_AT_FIRST);
        self.health.set(Health::Asleep);
    }

    /// The time by the worker's clock, for words such as "in 4 s". The page's own may stand elsewhere: the worker's
    /// goes evenly, even while somebody sets the computer's.
    pub(crate) fn now(&self) -> UnixMillis {
        self.now_at(page_now())
    }

    fn now_at(&self, page_now: UnixMillis) -> UnixMillis {
        let (worker, page) = self.moment.get_value();
        worker.plus_ms(page_now.ms_since(page))
    }

    /// Puts away what a person has read: what is over, what could not be read, and uploads that were lost.
    pub(crate) fn clear(&self) {
        self.unreadable.set(Vec::new());
        if self.health.get_untracked().is_lost() {
            self.forget_all();
        } else {
            self.order(Command::Clear);
        }
    }
}

/// Comes back when the browser has done what waits, such as to draw. At once where nobody sees the page: its timers may
/// take a minute there.
async fn let_the_page_go_on() {
    if document().hidden() {
        return;
    }
    let waited = js_sys::Promise::new(&mut |go_on, _| {
        // Where there is no timer, it goes on at once.
        if window().set_timeout_with_callback(&go_on).is_err() {
            let _ = go_on.call0(&JsValue::UNDEFINED);
        }
    });
    let _ = wasm_bindgen_futures::JsFuture::from(waited).await;
}

fn page_now() -> UnixMillis {
    UnixMillis(whole(js_sys::Date::now()))
}

fn set_if_changed<T: PartialEq + Send + Sync + 'static>(signal: RwSignal<T>, value: T) {
    if signal.with_untracked(|before| *before != value) {
        signal.set(value);
    }
}
