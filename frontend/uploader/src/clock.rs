//! The worker's clock and timers, which a hidden page would have to do without.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Poll, Waker};

use domain::units::{UnixMillis, whole};
use wasm_bindgen::prelude::*;

use crate::page::worker;

/// The time, which never goes back: the page's start by the wall clock, and from there a steady count.
pub(crate) fn now() -> UnixMillis {
    let ms = worker().performance().map_or_else(js_sys::Date::now, |clock| clock.time_origin() + clock.now());
    UnixMillis(whole(ms))
}

/// One call in the future, taken back when dropped.
pub(crate) struct Timer {
    id: i32,
    _call: Closure<dyn FnMut()>,
}

impl Timer {
    /// Calls once, `delay_ms` from now. Delays longer than the browser counts (24 days) come early.
    pub(crate) fn after_ms(delay_ms: u64, call: impl FnOnce() + 'static) -> Option<Self> {
        let call = Closure::once(call);
        let delay_ms = i32::try_from(delay_ms).unwrap_or(i32::MAX);
        let id = worker()
            .set_timeout_with_callback_and_timeout_and_arguments_0(call.as_ref().unchecked_ref(), delay_ms)
            .ok()?;
        Some(Self { id, _call: call })
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        worker().clear_timeout_with_handle(self.id);
    }
}

/// What `work` comes to, or `None` where it takes longer than `limit_ms`. It is then dropped, and nobody waits for it any
/// more.
pub(crate) async fn within_ms<T>(limit_ms: u64, work: impl Future<Output = T>) -> Option<T> {
    let is_over = Rc::new(Cell::new(false));
    let waker = Rc::new(RefCell::new(None::<Waker>));
    let _timer = Timer::after_ms(limit_ms, {
        let (is_over, waker) = (is_over.clone(), waker.clone());
        move || {
            is_over.set(true);
            if let Some(waker) = waker.take() {
                waker.wake();
            }
        }
    })?;
    let mut work = pin!(work);
    poll_fn(|context| {
        if let Poll::Ready(result) = work.as_mut().poll(context) {
            return Poll::Ready(Some(result));
        }
        if is_over.get() {
            return Poll::Ready(None);
        }
        waker.replace(Some(context.waker().clone()));
        Poll::Pending
    })
    .await
}
