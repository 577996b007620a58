//! What is special about a connection that was found in a client's settings: where that client runs, and what for.

/// Where a client runs, seen from here, and what it uses the connection for. The usual place is this machine.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Place {
    /// The client runs in a container, where `localhost` is that container.
    pub in_container: bool,
    /// Where its host is from here: host and port to connect to instead, as the name means something only there.
    pub from_here: Option<(String, Option<u16>)>,
    /// Why nothing can be asked from here, as a sentence, if it cannot.
    pub out_of_reach: Option<String>,
    /// The checks that matter for what it is used for; empty for those that its client needs.
    pub checks: Vec<&'static str>,
}
