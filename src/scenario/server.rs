//! Plays a scenario on 127.0.0.1, on a thread of its own, and remembers what it was sent.

use std::fs;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};

use tokio::sync::oneshot;

use super::answer::Answer;
use super::certificate::Authority;
use super::listener::Port;
use super::proxy::Behind;
use super::stage::{self, Fill, Log, Place, Received, Stage};
use super::{Listen, Proxy, ProxyMode, Scenario, ScenarioError, Tls};

/// A running scenario. Dropping it ends all connections, also those that hang, and removes the CA file.
pub struct Server {
    address: SocketAddr,
    other: Option<SocketAddr>,
    ca_pem: Option<String>,
    ca_file: Option<PathBuf>,
    fill: Fill,
    log: Arc<Log>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts the scenario's servers and returns as soon as they listen.
    ///
    /// # Errors
    /// [`ScenarioError::Start`] if no port, thread or file can be had, [`ScenarioError::Certificate`] if no certificate can be made.
    pub fn start(scenario: &Scenario) -> Result<Self, ScenarioError> {
        let ports = Ports::open(scenario).map_err(ScenarioError::Start)?;
        let (fill, log) = (ports.fill(scenario), Arc::new(Log::default()));
        let (address, other) = (ports.main.address, ports.other.as_ref().map(|port| port.address));
        let stages = stages(scenario, &ports, &fill, &log)?;
        let ca_pem =
            stages.iter().filter_map(|stage| stage.identity.as_ref()).find_map(|identity| identity.ca_pem.clone());
        let ca_file = ca_pem.as_deref().map(write_ca).transpose().map_err(ScenarioError::Start)?;
        // From here on the file is removed whatever happens, because the server owns it.
        let mut server = Self { address, other, ca_pem, ca_file, fill, log, stop: None, thread: None };
        let (stop, stopped) = oneshot::channel();
        let (ready, started) = mpsc::channel();
        let work = move || run(&ports, stages, stopped, &ready);
        server.thread =
            Some(thread::Builder::new().name("scenario".to_owned()).spawn(work).map_err(ScenarioError::Start)?);
        server.stop = Some(stop);
        started.recv().unwrap_or_else(|_| Err(io::Error::other("its thread ended"))).map_err(ScenarioError::Start)?;
        Ok(server)
    }

    /// Where the server listens, always on 127.0.0.1.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where the second server listens, if the scenario has one.
    #[must_use]
    pub fn other_address(&self) -> Option<SocketAddr> {
        self.other
    }

    /// The certificate (PEM) that makes a client trust the server, if it is to be trusted.
    #[must_use]
    pub fn ca_pem(&self) -> Option<&str> {
        self.ca_pem.as_deref()
    }

    /// A file with [`Server::ca_pem`], removed when the server is dropped.
    #[must_use]
    pub fn ca_file(&self) -> Option<&Path> {
        self.ca_file.as_deref()
    }

    /// The text with its placeholders replaced: `{server}`, `{other}` and `{proxy}` by origins like `http://127.0.0.1:40001`, `{port}` by the server's port,
    /// `{proxy_address}` by the proxy's host and port.
    #[must_use]
    pub fn fill(&self, text: &str) -> String {
        self.fill.apply(text)
    }

    /// All requests so far, in the order in which they were read.
    #[must_use]
    pub fn received(&self) -> Vec<Received> {
        self.log.received()
    }

    /// How many connections were accepted so far, over all places.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.log.connections()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ended = thread.join();
        }
        if let Some(path) = &self.ca_file {
            let _gone = fs::remove_file(path);
        }
    }
}

/// A name of its own for each server of this process, never an existing file.
fn write_ca(pem: &str) -> io::Result<PathBuf> {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let name = format!("ruta-scenario-{}-{}.pem", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let path = std::env::temp_dir().join(name);
    fs::File::options().write(true).create_new(true).open(&path)?.write_all(pem.as_bytes())?;
    Ok(path)
}

/// The ports of a scenario.
struct Ports {
    main: Port,
    /// Beside the main one, where the scenario has an IPv6 address too. A machine without IPv6 has none: dead as well.
    ipv6: Option<Port>,
    other: Option<Port>,
    proxy: Option<Port>,
}

impl Ports {
    fn open(scenario: &Scenario) -> io::Result<Self> {
        let proxy = scenario.proxy.as_ref().map(proxy_listen);
        let main = Port::open(scenario.listen)?;
        Ok(Self {
            ipv6: scenario.ipv6.and_then(|listen| Port::open_v6(listen, main.address.port()).ok()),
            main,
            other: scenario.other.as_ref().map(|other| Port::open(other.listen)).transpose()?,
            proxy: proxy.map(Port::open).transpose()?,
        })
    }

    fn fill(&self, scenario: &Scenario) -> Fill {
        let origin = |tls: Option<Tls>, port: &Port| {
            format!("{}://{}", if tls.is_some() { "https" } else { "http" }, port.address)
        };
        let mut places =
            vec![("{server}", origin(scenario.tls, &self.main)), ("{port}", self.main.address.port().to_string())];
        if let (Some(port), Some(described)) = (&self.other, &scenario.other) {
            places.push(("{other}", origin(described.tls, port)));
        }
        if let (Some(port), Some(proxy)) = (&self.proxy, &scenario.proxy) {
            let scheme = if proxy.mode.is_socks() { "socks5h" } else { "http" };
            places.push(("{proxy}", format!("{scheme}://{}", port.address)));
            places.push(("{proxy_address}", port.address.to_string()));
        }
        Fill(places)
    }

    /// In the order of the stages.
    fn all(&self) -> impl Iterator<Item = &Port> {
        [Some(&self.main), self.other.as_ref(), self.proxy.as_ref(), self.ipv6.as_ref()].into_iter().flatten()
    }
}

fn proxy_listen(proxy: &Proxy) -> Listen {
    if matches!(proxy.mode, ProxyMode::No | ProxyMode::SocksNo) { Listen::No } else { Listen::Yes }
}

/// What each port plays.
fn stages(scenario: &Scenario, ports: &Ports, fill: &Fill, log: &Arc<Log>) -> Result<Vec<Stage>, ScenarioError> {
    let authority = Authority::trusted()?;
    let stage = |place: Place,
                 listen: Listen,
                 tls: Option<Tls>,
                 hosts: &[String],
                 answers: &[Answer]|
     -> Result<Stage, ScenarioError> {
        let kind = tls.or((listen == Listen::Tls).then_some(Tls::Good));
        let identity = kind.map(|kind| authority.identity(kind, hosts)).transpose()?;
        let answers = answers.iter().map(|row| (row.clone(), AtomicU32::new(0))).collect();
        let (key, model, fill, log) = (scenario.key.clone(), scenario.model.clone(), fill.clone(), Arc::clone(log));
        Ok(Stage { place, listen, tls, identity, proxy: None, answers, key, model, fill, log })
    };
    let mut stages = vec![stage(Place::Main, scenario.listen, scenario.tls, &scenario.host, &scenario.answer)?];
    if let Some(other) = &scenario.other {
        stages.push(stage(Place::Other, other.listen, other.tls, &other.host, &other.answer)?);
    }
    if let Some(proxy) = &scenario.proxy {
        let behind = Behind { main: ports.main.address, other: ports.other.as_ref().map(|port| port.address) };
        let plain = stage(Place::Proxy, proxy_listen(proxy), None, &[], &[])?;
        let own = proxy.mode == ProxyMode::Intercept;
        let identity = own.then(|| authority.identity(Tls::Intercepted, &scenario.host)).transpose()?;
        stages.push(Stage { proxy: Some((proxy.mode, behind)), identity, ..plain });
    }
    if let (Some(listen), Some(_)) = (scenario.ipv6, &ports.ipv6) {
        stages.push(stage(Place::Main, listen, scenario.tls, &scenario.host, &scenario.answer)?);
    }
    Ok(stages)
}

/// The life of the thread: until the other end of `stopped` goes away. Dropping the runtime ends every connection.
fn run(ports: &Ports, stages: Vec<Stage>, stopped: oneshot::Receiver<()>, ready: &mpsc::Sender<io::Result<()>>) {
    let serve = || -> io::Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
        runtime.block_on(async {
            for (port, stage) in ports.all().zip(stages) {
                if let Some(listener) = port.listener()? {
                    tokio::spawn(stage::accept(listener, Arc::new(stage)));
                }
            }
            let _nobody_waits = ready.send(Ok(()));
            let _stopped = stopped.await;
            Ok(())
        })
    };
    if let Err(error) = serve() {
        let _nobody_waits = ready.send(Err(error));
    }
}
