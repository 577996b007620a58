//! Which programs of this machine listen where only the machine itself reaches them: containers do not.

use crate::connection::Connection;
use crate::connection::url::is_loopback;

/// Notes whether the server of a client in a container listens on the machine's own loopback only. Where the system does
/// not tell, nothing is noted.
pub(super) fn note(connection: &mut Connection) {
    let Ok(url) = url::Url::parse(connection.base_url.as_deref().unwrap_or_default().trim()) else { return };
    let place = &connection.place;
    let detour = place.from_here.as_ref().is_some_and(|(host, port)| host == "127.0.0.1" && port.is_none());
    let own = place.in_container && url.host().is_some_and(|host| is_loopback(&host));
    let Some(port) = url.port_or_known_default().filter(|_| detour || own) else { return };
    // Elsewhere Docker runs in a virtual machine of its own, from which it reaches the loopback, too.
    if cfg!(target_os = "linux") {
        let tables = ["/proc/net/tcp", "/proc/net/tcp6"];
        let tables = tables.map(|path| std::fs::read_to_string(path).unwrap_or_default());
        connection.place.loopback_only = only_on_loopback(&tables, port);
    }
}

/// Whether something listens on this port, and only on loopback, by the system's tables of sockets.
fn only_on_loopback(tables: &[String], port: u16) -> bool {
    let mut addresses = tables.iter().flat_map(|table| table.lines()).filter_map(|line| {
        let mut words = line.split_whitespace().skip(1);
        let (address, own) = words.next()?.split_once(':')?;
        // 0A is the state of a socket that waits for connections.
        let listens = words.nth(1)? == "0A";
        (listens && u16::from_str_radix(own, 16).ok()? == port).then_some(address)
    });
    let mut any = false;
    addresses.all(|address| {
        any = true;
        is_loopback_address(address)
    }) && any
}

/// Whether a hexadecimal address, word by word in the machine's order, is one of loopback.
fn is_loopback_address(hex: &str) -> bool {
    match hex.len() {
        8 => hex.ends_with("7F"),
        32 => {
            hex == "00000000000000000000000001000000"
                || (hex.starts_with("0000000000000000FFFF0000") && hex.ends_with("7F"))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_of_sockets_tell() {
        let table = "  sl  local_address rem_address   st tx_queue
   0: 0100007F:2CAA 00000000:0000 0A 00000000:00000000
   1: 00000000:1F90 00000000:0000 0A 00000000:00000000
   2: 0100007F:1F90 00000000:0000 0A 00000000:00000000
   3: 0100007F:0050 0100007F:9C4A 01 00000000:00000000
   4: 00000000000000000000000001000000:2CAA 00000000000000000000000000000000:0000 0A 0
   5: 0000000000000000FFFF00000100007F:1092 00000000000000000000000000000000:0000 0A 0
   6: 00000000000000000000000000000000:1093 00000000000000000000000000000000:0000 0A 0";
        let only = |port| only_on_loopback(&[table.to_owned()], port);
        assert!(only(0x2caa) && only(0x1092));
        assert!(!only(0x1f90), "another socket listens on all addresses");
        assert!(!only(80), "a connection is not a listener");
        assert!(!only(0x1093) && !only(1));
    }
}
