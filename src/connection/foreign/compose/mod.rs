//! Compose files: which services there are, with which variables, and what their addresses mean from outside.

mod inspect;
mod place;

use zeroize::Zeroizing;

use super::open_webui;
use super::tree::Tree;
use super::variables::{Form, Variables, expand};
use crate::connection::KeySource;

pub use inspect::of_inspect;
pub use place::seen_from_outside;

/// `extends` leads no further than this.
const DEEPEST: usize = 8;

/// The services of one project.
#[derive(Default)]
pub struct Project {
    /// All services, in the order of the files.
    pub services: Vec<Service>,
    /// What is to be said of the files.
    pub remarks: Vec<String>,
    /// The name that the file gives the project.
    pub name: Option<String>,
    /// How the files are called in what people read.
    file: String,
}

/// One service, or one container.
#[derive(Default, Clone)]
pub struct Service {
    /// Its name.
    pub name: String,
    /// Its image, with registry and tag.
    pub image: String,
    /// Its variables.
    pub variables: Variables,
    /// What is mounted: the folder or the volume outside, and the folder inside.
    pub mounts: Vec<(String, String)>,
    network: Network,
    /// Other names of it in its networks.
    aliases: Vec<String>,
    networks: Vec<String>,
    /// Names that it knows by itself, and their addresses.
    hosts: Vec<(String, String)>,
    /// Ports of it, and those of this machine that lead there.
    ports: Vec<(u16, Option<u16>)>,
}

/// Whose network a service uses.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Network {
    /// Its own, and those that it shares.
    #[default]
    Own,
    /// That of the machine.
    Host,
}

impl Service {
    /// Whether it runs Open `WebUI`: by its image, or by variables that nobody else reads.
    pub fn is_open_webui(&self) -> bool {
        let repository = self.image.rsplit('/').next().unwrap_or_default();
        let name = repository.split(['@', ':']).next().unwrap_or_default();
        name.contains("open-webui")
            || name.contains("openwebui")
            || (!self.image.contains("open-webui/") && open_webui::is_meant(&self.variables))
    }

    /// Whether its image brings Ollama along.
    fn has_ollama(&self) -> bool {
        self.image.rsplit(':').next().is_some_and(|tag| tag.contains("ollama")) && self.is_open_webui()
    }
}

/// Whether this is a compose file.
pub fn is_compose(tree: &Tree) -> bool {
    tree.get("services").is_map()
}

/// Outside a compose file: the variables of the shell and of the `.env` file, and the files that services name.
pub struct Outside<'a> {
    /// A variable of the shell, or of the `.env` file beside the compose file.
    pub variable: &'a dyn Fn(&str) -> Option<&'a str>,
    /// The variables of a file that a service names, or why it cannot be read.
    pub file: &'a dyn Fn(&str) -> Result<Variables, String>,
}

/// Reads the files of one project, the later over the earlier. `file` is how they are called in what people read.
pub fn read(trees: &[Tree], file: &str, outside: &Outside<'_>) -> Project {
    let mut project = Project { file: file.to_owned(), ..Project::default() };
    let mut missing = Vec::new();
    for tree in trees {
        if let Some(name) = tree.get("name").filled() {
            project.name = Some(name.to_owned());
        }
        if !tree.get("include").is_null() {
            project.remarks.push(format!("{file} includes other files, which are not read"));
        }
        for (name, own) in tree.get("services").entries() {
            let mut reader = Reader { tree, file, outside, missing: &mut missing, remarks: &mut project.remarks };
            if let Some(service) = project.services.iter_mut().find(|service| service.name == *name) {
                reader.apply(service, own, 0);
            } else {
                let mut service = Service { name: name.clone(), ..Service::default() };
                reader.apply(&mut service, own, 0);
                project.services.push(service);
            }
        }
    }
    if !missing.is_empty() {
        let (verb, those) = if missing.len() == 1 { ("is", "it is") } else { ("are", "they are") };
        let names = missing.join(", ");
        project.remarks.push(format!("{names} {verb} used in {file} and not set here, so {those} taken as empty"));
    }
    project
}

struct Reader<'a, 'o> {
    tree: &'a Tree,
    file: &'a str,
    outside: &'a Outside<'o>,
    missing: &'a mut Vec<String>,
    remarks: &'a mut Vec<String>,
}

impl Reader<'_, '_> {
    fn text(&mut self, text: &str) -> Zeroizing<String> {
        expand(text, Form::Compose, self.outside.variable, self.missing)
    }

    /// Adds to a service what one file says of it.
    fn apply(&mut self, service: &mut Service, own: &Tree, depth: usize) {
        self.extend(service, own, depth);
        if let Some(image) = own.get("image").text() {
            service.image = self.text(image).to_string();
        }
        for file in env_files(own.get("env_file")) {
            let file = self.text(file);
            match (self.outside.file)(&file) {
                Ok(variables) => service.variables.add(variables),
                Err(why) => self.remarks.push(format!("the env_file {} of {}: {why}", &*file, service.name)),
            }
        }
        self.environment(service, own.get("environment"));
        if let Some(mode) = own.get("network_mode").text() {
            service.network = if mode == "host" { Network::Host } else { Network::Own };
        }
        for name in ["container_name", "hostname"] {
            service.aliases.extend(own.get(name).text().map(str::to_owned));
        }
        let networks = own.get("networks");
        service.networks.extend(networks.texts().map(str::to_owned));
        for (name, network) in networks.entries() {
            service.networks.push(name.clone());
            service.aliases.extend(network.get("aliases").texts().map(str::to_owned));
        }
        self.hosts(service, own.get("extra_hosts"));
        for port in own.get("ports").list() {
            self.port(service, port);
        }
        for mount in own.get("volumes").list() {
            if let Some((outside, inside)) = mount.text().and_then(|text| text.split_once(':')) {
                let inside = inside.split(':').next().unwrap_or(inside).to_owned();
                service.mounts.push((self.text(outside).to_string(), inside));
            } else if let (Some(outside), Some(inside)) = (mount.get("source").text(), mount.get("target").text()) {
                service.mounts.push((self.text(outside).to_string(), inside.to_owned()));
            }
        }
    }

    /// What a service takes over from another one of the same file.
    fn extend(&mut self, service: &mut Service, own: &Tree, depth: usize) {
        let extends = own.get("extends");
        let Some(base) = extends.text().or_else(|| extends.get("service").text()) else { return };
        if !extends.get("file").is_null() {
            self.remarks.push(format!("{} extends a service of another file, which is not read", service.name));
        } else if depth < DEEPEST {
            let base = self.tree.get("services").get(base).clone();
            self.apply(service, &base, depth + 1);
        }
    }

    fn environment(&mut self, service: &mut Service, environment: &Tree) {
        let source = KeySource::File(self.file.to_owned());
        let mut set = |name: &str, value: Option<Zeroizing<String>>| {
            // A name alone takes the value from the shell.
            let value = value.or_else(|| Some(Zeroizing::new((self.outside.variable)(name)?.to_owned())));
            if let Some(value) = value {
                service.variables.set(name, value, source.clone());
            }
        };
        for (name, value) in environment.entries() {
            let value = value.text().map(|text| expand(text, Form::Compose, self.outside.variable, self.missing));
            set(name, value);
        }
        for item in environment.texts() {
            let item = expand(item, Form::Compose, self.outside.variable, self.missing);
            match item.split_once('=') {
                Some((name, value)) => set(name, Some(Zeroizing::new(value.to_owned()))),
                None => set(&item, None),
            }
        }
    }

    fn hosts(&mut self, service: &mut Service, hosts: &Tree) {
        for (name, address) in hosts.entries() {
            let addresses = address.text().into_iter().chain(address.texts());
            service.hosts.extend(addresses.map(|address| (name.clone(), address.to_owned())));
        }
        for item in hosts.texts() {
            let item = self.text(item);
            if let Some((name, address)) = item.split_once([':', '=']) {
                service.hosts.push((name.to_owned(), address.trim_matches(['[', ']']).to_owned()));
            }
        }
    }

    fn port(&mut self, service: &mut Service, port: &Tree) {
        if let Some(target) = port.get("target").text().and_then(|target| target.parse().ok()) {
            let published = port.get("published").text().map(|text| self.text(text));
            service.ports.push((target, published.and_then(|text| text.parse().ok())));
        } else if let Some(text) = port.text() {
            let text = self.text(text);
            service.ports.extend(pairs(&text));
        }
    }
}

/// The files that a service takes variables from.
fn env_files(tree: &Tree) -> impl Iterator<Item = &str> {
    let long = |entry: &'_ Tree| entry.get("path").text().is_some();
    let single = tree.text().into_iter();
    let many =
        tree.list().iter().filter_map(move |entry| if long(entry) { entry.get("path").text() } else { entry.text() });
    single.chain(many)
}

/// `8000:80`, `127.0.0.1:8000:80/tcp`, `8000-8002:80-82`, `80`: ports inside and the ports of this machine.
fn pairs(text: &str) -> Vec<(u16, Option<u16>)> {
    let text = text.split('/').next().unwrap_or_default();
    let mut parts = text.rsplit(':');
    let inside = parts.next().and_then(range);
    let outside = parts.next().filter(|part| !part.is_empty());
    let Some((first, last)) = inside else { return Vec::new() };
    let outside = outside.and_then(range).map(|(start, _)| start);
    let pair = |at: u16| (at, outside.and_then(|start| start.checked_add(at - first)));
    (first..=last).take(1000).map(pair).collect()
}

fn range(text: &str) -> Option<(u16, u16)> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    Some((first.trim().parse().ok()?, last.trim().parse().ok()?))
}

#[cfg(test)]
mod tests;
