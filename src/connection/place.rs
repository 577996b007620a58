//! What is special about the client of a connection: who named it, where it runs, and what for.

/// Where a client runs, seen from here, and what it uses the connection for. The usual place is this machine.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Place {
    /// Nobody said which client it is: the usual one is assumed.
    pub assumed: bool,
    /// The values stand in the client's settings: there is nothing to enter where they work.
    pub found: bool,
    /// The client runs in a container, where `localhost` is that container.
    pub in_container: bool,
    /// Where its host is from here: host and port to connect to instead, as the name means something only there.
    pub from_here: Option<(String, Option<u16>)>,
    /// Where nothing can be asked from here: what to do about it, and why.
    pub out_of_reach: Option<String>,
    /// The server listens on this machine's loopback only, where a container does not reach it.
    pub loopback_only: bool,
    /// Its models are set by hand, so that its client never asks for the list.
    pub models_by_hand: bool,
    /// The checks that matter for what it is used for; empty for those that its client needs.
    pub checks: Vec<&'static str>,
}
