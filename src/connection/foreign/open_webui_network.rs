//! Variables that change how Open `WebUI` reaches its servers, where ruta goes another way.

use super::variables::Variables;
use crate::connection::KeySource;
use crate::connection::url::redact;

/// What is to be said of them, in sentences. Proxies of this process are obeyed by ruta itself.
pub fn remarks(variables: &Variables) -> Vec<String> {
    let mut remarks = Vec::new();
    let proxies = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];
    let proxy = proxies.iter().find_map(|name| Some((*name, variables.filled(name)?)));
    if let Some((name, proxy)) = proxy.filter(|(name, _)| !matches!(variables.source(name), Some(KeySource::Env(_)))) {
        let proxy = redact(proxy);
        remarks.push(format!(
            "Open WebUI goes through the proxy {proxy} ({name}); to go the same way, give --proxy {proxy}"
        ));
    }
    match variables.filled("AIOHTTP_CLIENT_SESSION_SSL") {
        Some(value) if value.eq_ignore_ascii_case("false") => {
            remarks.push("AIOHTTP_CLIENT_SESSION_SSL=False: Open WebUI checks no certificates; ruta does".to_owned());
        }
        Some(file) if !file.eq_ignore_ascii_case("true") => remarks.push(trusts("AIOHTTP_CLIENT_SESSION_SSL", file)),
        _ => {
            let file = variables.filled("AIOHTTP_CLIENT_SSL_CERT_FILE");
            remarks.extend(file.map(|file| trusts("AIOHTTP_CLIENT_SSL_CERT_FILE", file)));
        }
    }
    let list = ["AIOHTTP_CLIENT_TIMEOUT_MODEL_LIST", "AIOHTTP_CLIENT_TIMEOUT_OPENAI_MODEL_LIST"];
    if let Some((name, seconds)) = list.iter().find_map(|name| Some((*name, variables.get(name)?)))
        && seconds != "10"
    {
        remarks.push(match seconds {
            "" => format!("{name} is empty: Open WebUI waits for a list of models without limit"),
            seconds => format!("Open WebUI waits {seconds} s for a list of models ({name})"),
        });
    }
    if let Some(seconds) = variables.filled("AIOHTTP_CLIENT_TIMEOUT") {
        remarks.push(format!("Open WebUI gives up an answer after {seconds} s (AIOHTTP_CLIENT_TIMEOUT)"));
    }
    remarks
}

fn trusts(name: &str, file: &str) -> String {
    format!("Open WebUI trusts the certificates of {file} ({name}); to do the same, give that file with --cacert")
}

#[cfg(test)]
mod tests {
    use zeroize::Zeroizing;

    use super::*;
    #[test]
    fn what_changes_the_way_is_said() {
        let said = |pairs: &[(&str, &str)], source: KeySource| {
            let mut variables = Variables::default();
            for (name, value) in pairs {
                variables.set(name, Zeroizing::new((*value).to_owned()), source.clone());
            }
            remarks(&variables).join("\n")
        };
        let file = || KeySource::File(".env".into());
        let proxy = [("HTTPS_PROXY", "http://me:secret@proxy:3128")];
        assert!(said(&proxy, file()).contains("http://***@proxy:3128") && !said(&proxy, file()).contains("secret"));
        assert_eq!(said(&proxy, KeySource::Env("x".into())), "");
        assert!(said(&[("AIOHTTP_CLIENT_SESSION_SSL", "False")], file()).contains("checks no certificates"));
        assert!(said(&[("AIOHTTP_CLIENT_SESSION_SSL", "/ca.pem")], file()).contains("/ca.pem"));
        assert!(said(&[("AIOHTTP_CLIENT_SSL_CERT_FILE", "/ca.pem")], file()).contains("/ca.pem"));
        assert!(said(&[("AIOHTTP_CLIENT_TIMEOUT_MODEL_LIST", "3")], file()).contains("waits 3 s"));
        assert!(said(&[("AIOHTTP_CLIENT_TIMEOUT_MODEL_LIST", "")], file()).contains("without limit"));
        assert_eq!(
            said(&[("AIOHTTP_CLIENT_TIMEOUT_MODEL_LIST", "10"), ("AIOHTTP_CLIENT_SESSION_SSL", "True")], file()),
            ""
        );
    }
}
