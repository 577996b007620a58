//! What is wrong with a stream that brought something.

use super::view::Sight;
use crate::cause::Cause;
use crate::evidence::reading::Reply;

/// The fault of a stream whose status was fine, and what shows it; `None` if clients can use it.
pub fn fault(sight: Sight<'_>) -> Option<(Cause, String)> {
    let (answer, reading) = (sight.answer()?, sight.reading()?);
    if !answer.success() || reading.error {
        return None;
    }
    let Some(events) = &reading.events else {
        let other = matches!(reading.reply, Some(Reply::Other("a response" | "a message")));
        return (sight.spoke() || other)
            .then(|| (Cause::StreamUnsupported, "the whole answer came at once, as JSON".to_owned()));
    };
    let malformed = |what: String| Some((Cause::StreamMalformed, what));
    let event_stream = answer.content_type().is_some_and(|kind| kind.contains("event-stream"));
    if events.garbled == 1 {
        return malformed("one event is no JSON".to_owned());
    }
    if events.garbled > 1 {
        return malformed(format!("{} events are no JSON", events.garbled));
    }
    if !events.done && !events.finished && events.chunks > 0 {
        return malformed("the stream ended without an end mark".to_owned());
    }
    if events.spoke() && !event_stream {
        let kind = answer.content_type().unwrap_or_else(|| "nothing in particular".into());
        return malformed(format!("the events are sent as {kind} instead of text/event-stream"));
    }
    if events.spoke() && !events.finished {
        return malformed("no event says why the answer ended".to_owned());
    }
    let late =
        answer.arrival.is_some_and(|arrival| arrival.pieces == 1 && arrival.first_ms > 2_000.0) && events.chunks >= 8;
    late.then(|| {
        (
            Cause::StreamUnsupported,
            "all events came at once, at the end: something on the way holds them back".to_owned(),
        )
    })
}
