//! What `docker inspect` prints of containers: the same facts as in a compose file, as they really are.

use zeroize::Zeroizing;

use super::{Network, Project, Service};
use crate::connection::KeySource;
use crate::connection::foreign::tree::Tree;
use crate::connection::foreign::variables::Variables;

/// The containers; `None` if this is something else.
pub fn of_inspect(tree: &Tree, file: &str) -> Option<Project> {
    let all = if tree.is_map() { std::slice::from_ref(tree) } else { tree.list() };
    let services: Vec<Service> =
        all.iter().filter(|container| !container.at("Config.Env").is_null()).map(|one| service(one, file)).collect();
    (!services.is_empty()).then(|| Project { services, file: file.to_owned(), ..Project::default() })
}

fn service(container: &Tree, file: &str) -> Service {
    let source = KeySource::File(file.to_owned());
    let mut variables = Variables::default();
    for (name, value) in container.at("Config.Env").texts().filter_map(|line| line.split_once('=')) {
        variables.set(name, Zeroizing::new(value.to_owned()), source.clone());
    }
    let host = container.at("HostConfig.NetworkMode").text() == Some("host");
    let networks = container.at("NetworkSettings.Networks").entries();
    let ports = container.at("NetworkSettings.Ports").entries().iter().filter_map(|(inside, outside)| {
        let inside = inside.split('/').next()?.parse().ok()?;
        Some((inside, outside.list().first().and_then(|first| first.get("HostPort").text()?.parse().ok())))
    });
    let mounts = container.get("Mounts").list().iter().filter_map(|mount| {
        Some((mount.get("Source").text()?.to_owned(), mount.get("Destination").text()?.to_owned()))
    });
    let hosts = container.at("HostConfig.ExtraHosts").texts().filter_map(|item| item.split_once(':'));
    Service {
        name: container.get("Name").text().unwrap_or("container").trim_start_matches('/').to_owned(),
        image: container.at("Config.Image").text().unwrap_or_default().to_owned(),
        variables,
        mounts: mounts.collect(),
        network: if host { Network::Host } else { Network::Own },
        aliases: networks.iter().flat_map(|(_, network)| network.get("Aliases").texts()).map(str::to_owned).collect(),
        networks: networks.iter().map(|(name, _)| name.clone()).collect(),
        hosts: hosts.map(|(name, address)| (name.to_owned(), address.to_owned())).collect(),
        ports: ports.collect(),
    }
}
