//! What an address that a container uses means from outside it.

use super::{Network, Project, Service};
use crate::connection::Connection;
use crate::connection::url::is_loopback;

/// Names by which containers know the machine that they run on.
const MACHINE: &[&str] = &[
    "host.docker.internal",
    "gateway.docker.internal",
    "host.containers.internal",
    "host.orb.internal",
    "host.lima.internal",
    "docker.for.mac.localhost",
    "docker.for.win.localhost",
];

/// The address of this machine.
const HERE: &str = "127.0.0.1";

/// A connection that names this machine as only containers do: it is asked here instead.
pub fn seen_from_outside(connection: &mut Connection) {
    let Some((host, _)) = address(connection).filter(|(host, _)| MACHINE.contains(&host.as_str())) else { return };
    connection.place.from_here = Some((HERE.to_owned(), None));
    connection.remarks.push(format!(
        "{host} is this machine as a container sees it, so {HERE} was asked; \
         a server that listens there only does not answer to containers"
    ));
}

impl Project {
    /// Says of a connection of this service what its address means here.
    pub fn place(&self, service: &Service, connection: &mut Connection) {
        let Some((host, port)) = address(connection) else { return };
        let other = self.services.iter().find(|other| other.is_called(&host));
        if service.network == Network::Host {
            if let Some(other) = other {
                let name = &other.name;
                connection.remarks.push(format!(
                    "{} uses the network of the machine, where the name of the service {name} is not known",
                    service.name
                ));
            }
            return;
        }
        let own = service.hosts.iter().find(|(name, _)| name.eq_ignore_ascii_case(&host));
        let is_own = url::Url::parse(connection.base_url.as_deref().unwrap_or_default().trim())
            .is_ok_and(|url| url.host().is_some_and(|host| is_loopback(&host)));
        if is_own && service.has_ollama() && port == 11434 {
            connection.place.out_of_reach = Some(format!(
                "publish port {port} of {} in {}, under `ports:`; this Ollama runs inside that container",
                service.name, self.file
            ));
        } else if is_own {
            connection.place.in_container = true;
        } else if let Some((_, address)) = own.filter(|(_, address)| address != "host-gateway") {
            connection.place.from_here = Some((address.clone(), None));
            connection.remarks.push(format!("{host} is {address} in extra_hosts of {}", self.file));
        } else if own.is_some() || MACHINE.contains(&host.as_str()) {
            seen_from_outside(connection);
            if !MACHINE.contains(&host.as_str()) {
                connection.place.from_here = Some((HERE.to_owned(), None));
                connection
                    .remarks
                    .push(format!("{host} is this machine in extra_hosts of {}, so {HERE} was asked", self.file));
            } else if own.is_none() && host == "host.docker.internal" {
                connection.remarks.push(format!(
                    "on Linux {} knows {host} only with extra_hosts: [\"{host}:host-gateway\"] in {}",
                    service.name, self.file
                ));
            }
        } else if let Some(other) = other {
            self.at_service(service, other, &host, port, connection);
        }
    }

    /// The address is another service.
    fn at_service(&self, service: &Service, other: &Service, host: &str, port: u16, connection: &mut Connection) {
        let (file, name) = (&self.file, &other.name);
        let published = other.ports.iter().find(|(inside, outside)| *inside == port && outside.is_some());
        if other.network == Network::Host {
            connection.remarks.push(format!(
                "{name} uses the network of the machine, so the name {host} leads nowhere: use host.docker.internal"
            ));
        } else if !service.meets(other) {
            connection
                .remarks
                .push(format!("{} and {name} share no network in {file}, so {host} is not known there", service.name));
        }
        if let Some((_, Some(outside))) = published {
            connection.place.from_here = Some((HERE.to_owned(), Some(*outside)));
            connection.remarks.push(format!(
                "{host} is a service of {file} whose port {port} is port {outside} of this machine, where it was asked"
            ));
        } else {
            connection.place.out_of_reach = Some(format!(
                "publish port {port} of {name} in {file}, under `ports:`; as it is, only that network knows this address"
            ));
        }
    }
}

impl Service {
    fn is_called(&self, host: &str) -> bool {
        self.name.eq_ignore_ascii_case(host) || self.aliases.iter().any(|alias| alias.eq_ignore_ascii_case(host))
    }

    /// Whether both are in one network; without any they are in that of the project.
    fn meets(&self, other: &Self) -> bool {
        let all = |service: &Self| match service.networks.as_slice() {
            [] => vec!["default".to_owned()],
            networks => networks.to_vec(),
        };
        let theirs = all(other);
        all(self).iter().any(|network| theirs.contains(network))
    }
}

/// Host, in lower case, and port.
fn address(connection: &Connection) -> Option<(String, u16)> {
    let url = url::Url::parse(connection.base_url.as_deref()?.trim()).ok()?;
    Some((url.host_str()?.to_ascii_lowercase(), url.port_or_known_default()?))
}
