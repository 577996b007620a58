//! What is wrong with a stream that brought something.

use super::Finding;
use crate::cause::Cause;
use crate::knowledge::view::Sight;

/// The fault of a stream whose status was fine; `None` if clients can use it.
pub(super) fn fault(sight: Sight<'_>) -> Option<Finding> {
    let (answer, reading) = (sight.answer()?, sight.reading()?);
    if !answer.success() || reading.error {
        return None;
    }
    let Some(events) = &reading.events else {
        return sight.spoke().then(|| {
            Finding::at(Cause::StreamUnsupported, sight).and("the whole answer came at once, as JSON").warning()
        });
    };
    let event_stream = answer.content_type().is_some_and(|kind| kind.contains("event-stream"));
    if events.garbled > 0 {
        return Some(
            Finding::at(Cause::StreamMalformed, sight)
                .and(if events.garbled == 1 {
                    "one event is no JSON".to_owned()
                } else {
                    format!("{} events are no JSON", events.garbled)
                })
                .warning(),
        );
    }
    if !events.done && !events.finished && events.chunks > 0 {
        return Some(Finding::at(Cause::StreamMalformed, sight).and("the stream ended without an end mark").warning());
    }
    if events.spoke() && !event_stream {
        let kind = answer.content_type().unwrap_or_else(|| "nothing in particular".into());
        return Some(
            Finding::at(Cause::StreamMalformed, sight)
                .and(format!("the events are sent as {kind} instead of text/event-stream"))
                .warning(),
        );
    }
    if events.spoke() && !events.finished {
        return Some(Finding::at(Cause::StreamMalformed, sight).and("no event says why the answer ended").warning());
    }
    let late =
        answer.arrival.is_some_and(|arrival| arrival.pieces == 1 && arrival.first_ms > 2_000.0) && events.chunks >= 8;
    late.then(|| {
        Finding::at(Cause::StreamUnsupported, sight)
            .and("all events came at once, at the end: something on the way holds them back")
            .warning()
    })
}
