//! Compose files read, and what their addresses mean from outside.

use super::*;
use crate::connection::Connection;
use crate::connection::foreign::{json, yaml};

fn project(texts: &[&str]) -> Project {
    let trees: Vec<Tree> = texts.iter().map(|text| yaml::read(text).unwrap_or(Tree::Null)).collect();
    let variable = |name: &str| match name {
        "KEY" => Some("sk-Vn4kTz8QpW2x"),
        "HOST" => Some("llm"),
        _ => None,
    };
    let file = |name: &str| {
        let mut variables = Variables::default();
        if name != "extra.env" {
            return Err("there is no such file".to_owned());
        }
        variables.set("FROM_FILE", Zeroizing::new("yes".into()), KeySource::File(name.into()));
        variables.set("A", Zeroizing::new("file".into()), KeySource::File(name.into()));
        Ok(variables)
    };
    read(&trees, "compose.yaml", &Outside { variable: &variable, file: &file })
}

fn value<'a>(project: &'a Project, name: &str) -> Option<&'a str> {
    project.services.first()?.variables.get(name)
}

#[test]
fn variables_come_from_maps_lists_files_and_the_shell() {
    for environment in [
        "{A: own, URL: 'http://${HOST}:8000/v1', KEY: null, NUMBER: 7, DOLLAR: a$$b, ELSE: '${NO:-x}', NOTHING: '${NO}'}",
        "[A=own, 'URL=http://${HOST}:8000/v1', KEY, NUMBER=7, DOLLAR=a$$b, 'ELSE=${NO:-x}', 'NOTHING=${NO}']",
    ] {
        let project = project(&[&format!(
            "services:\n  web:\n    image: x\n    env_file: [extra.env, gone.env]\n    environment: {environment}\n"
        )]);
        for (name, wanted) in [
            ("A", "own"),
            ("URL", "http://llm:8000/v1"),
            ("KEY", "sk-Vn4kTz8QpW2x"),
            ("NUMBER", "7"),
            ("DOLLAR", "a$b"),
            ("ELSE", "x"),
            ("NOTHING", ""),
            ("FROM_FILE", "yes"),
        ] {
            assert_eq!(value(&project, name), Some(wanted), "{name} in {environment}");
        }
        assert_eq!(
            project.remarks,
            [
                "the env_file gone.env of web: there is no such file",
                "NO is used in compose.yaml and not set here, so it is taken as empty"
            ]
        );
    }
}

#[test]
fn later_files_and_bases_are_put_together() {
    let project = project(&[
        "x-common: &common {A: base, B: base}\nservices:\n  base:\n    image: ghcr.io/open-webui/open-webui:main\n    environment:\n      <<: *common\n      B: own\n  web:\n    extends: {service: base}\n    environment: {C: own}\n",
        "name: mine\nservices:\n  web:\n    environment: {A: over}\n    network_mode: host\n",
    ]);
    let web = &project.services[1];
    let values = ["A", "B", "C"].map(|name| web.variables.get(name).unwrap_or_default());
    assert_eq!(values, ["over", "own", "own"]);
    assert!(web.is_open_webui() && web.network == Network::Host);
    assert_eq!(project.name.as_deref(), Some("mine"));
}

#[test]
fn open_webui_is_known_by_its_image() {
    for (image, wanted) in [
        ("ghcr.io/open-webui/open-webui:main", true),
        ("registry.example:5000/mirror/open-webui@sha256:0a", true),
        ("open-webui", true),
        ("backplane/open-webui-slim:1", true),
        ("ghcr.io/open-webui/pipelines:main", false),
        ("ollama/ollama", false),
    ] {
        let service = Service { image: image.into(), ..Service::default() };
        assert_eq!(service.is_open_webui(), wanted, "{image}");
    }
}

const STACK: &str = "
services:
  chat:
    image: ghcr.io/open-webui/open-webui:ollama
    extra_hosts: ['host.docker.internal:host-gateway', 'box:10.0.0.9', 'me:host-gateway']
  bare:
    image: ghcr.io/open-webui/open-webui:main
  open:
    image: ghcr.io/open-webui/open-webui:main
    network_mode: host
  vllm:
    image: vllm/vllm-openai
    ports: ['127.0.0.1:9000-9002:8000-8002', '7000']
    container_name: gpu-box
  far:
    image: x
    networks: [other]
    ports: [{target: 80, published: '8080'}]
";

fn placed(service: &str, url: &str) -> Connection {
    let project = project(&[STACK]);
    let service = project.services.iter().find(|own| own.name == service).unwrap_or_else(|| panic!("{service}"));
    let mut connection = Connection { base_url: Some(url.to_owned()), ..Connection::default() };
    project.place(service, &mut connection);
    connection
}

#[test]
fn addresses_are_seen_from_outside() {
    let here = |port| Some(("127.0.0.1".to_owned(), port));
    for (service, url, from_here) in [
        ("chat", "http://vllm:8001/v1", here(Some(9001))),
        ("chat", "http://GPU-BOX:8000/v1", here(Some(9000))),
        ("chat", "http://host.docker.internal:1234/v1", here(None)),
        ("chat", "http://me:1234/v1", here(None)),
        ("chat", "http://box:1234/v1", Some(("10.0.0.9".to_owned(), None))),
        ("chat", "https://api.rutaapi.com/v1", None),
        ("chat", "http://far/v1", here(Some(8080))),
        ("open", "http://localhost:11434/v1", None),
        ("open", "http://vllm:8000/v1", None),
    ] {
        let connection = placed(service, url);
        assert_eq!(connection.place.from_here, from_here, "{service} {url}");
        assert!(!connection.place.in_container && connection.place.out_of_reach.is_none(), "{service} {url}");
    }
    assert!(placed("bare", "http://localhost:11434/v1").place.in_container);
    assert!(placed("chat", "http://127.0.0.1:8000/v1").place.in_container);
    for (service, url) in
        [("chat", "http://localhost:11434"), ("chat", "http://vllm:7000/v1"), ("bare", "http://vllm:1/v1")]
    {
        let connection = placed(service, url);
        assert!(connection.place.out_of_reach.is_some() && !connection.place.in_container, "{url}");
    }
}

#[test]
fn what_is_odd_about_an_address_is_said() {
    let said = |service, url| placed(service, url).remarks.join("\n");
    assert!(said("chat", "http://far/v1").contains("share no network"));
    assert!(said("open", "http://vllm:8000/v1").contains("where the name of the service vllm is not known"));
    assert!(said("bare", "http://host.docker.internal:1/v1").contains("only with extra_hosts"));
    assert!(!said("chat", "http://host.docker.internal:1/v1").contains("only with extra_hosts"));
    assert_eq!(said("chat", "https://api.rutaapi.com/v1"), "");
}

#[test]
fn docker_inspect_tells_the_same() {
    let text = r#"[{"Name":"/webui","Config":{"Image":"ghcr.io/open-webui/open-webui:main","Env":["OPENAI_API_BASE_URL=http://localhost:1/v1","EMPTY="]},
        "HostConfig":{"NetworkMode":"bridge","ExtraHosts":["a:1.2.3.4"]},"NetworkSettings":{"Ports":{"8080/tcp":[{"HostIp":"","HostPort":"3000"}],"1/udp":null},"Networks":{"bridge":{"Aliases":["x"]}}},
        "Mounts":[{"Source":"/srv/data","Destination":"/app/backend/data"}]}]"#;
    let tree = json::read(text).unwrap_or(Tree::Null);
    let Some(project) = of_inspect(&tree, "inspect.json") else { panic!("not read") };
    let service = &project.services[0];
    assert_eq!((service.name.as_str(), service.is_open_webui()), ("webui", true));
    assert_eq!(service.ports, [(8080, Some(3000)), (1, None)]);
    assert_eq!(service.mounts, [("/srv/data".to_owned(), "/app/backend/data".to_owned())]);
    assert_eq!(service.variables.get("EMPTY"), Some(""));
    assert!(of_inspect(&json::read("{\"services\":{}}").unwrap_or(Tree::Null), "x").is_none());
}
