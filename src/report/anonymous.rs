//! Masks what tells whose machine a report comes from: folders, names and addresses of the user's side. Pure: what is
//! known of the machine is handed in.

mod find;

use std::net::IpAddr;

use serde_json::Value;

use super::{Outcome, Report, report};
use crate::cause::Cause;
use crate::evidence::Evidence;
use find::{
    Place, address_of, authority, is_plain_word, is_private_name, names_in, places, users_in_paths, well_known,
};

/// What a report must not tell of the machine that it was made on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Machine {
    /// The user's home folder, however it is written.
    pub homes: Vec<String>,
    /// The names of the user.
    pub users: Vec<String>,
    /// The names of the machine.
    pub hosts: Vec<String>,
}

/// Masks texts; the same thing always gets the same stand-in.
#[derive(Debug, Default)]
pub struct Masker {
    homes: Vec<String>,
    users: Vec<String>,
    /// So many of them are this user's own, and masked wherever they stand; the others were met in paths.
    own: usize,
    /// Hosts to mask: every way to write one, in lower case; the place in the list tells them apart.
    hosts: Vec<Vec<String>>,
    /// So many of them are this machine's own.
    machines: usize,
    /// Which hosts were met, in the order of their stand-ins.
    met: Vec<usize>,
    private: Vec<IpAddr>,
    public: Vec<IpAddr>,
    mails: Vec<String>,
    /// Whether names of the user and of the machine stay where they stand alone, because they are words that answers use.
    careful: bool,
}

/// Fields whose values are words of ours.
const OURS: &[&str] = &[
    "check",
    "method",
    "auth",
    "origin",
    "stage",
    "kind",
    "shape",
    "cause",
    "variant",
    "client",
    "wanted",
    "started_at",
    "at",
    "version",
    "ruta",
    "platform",
    "prefix",
    "what",
];

/// Parts of header names whose values tell whose account it is.
const ACCOUNT: &[&str] =
    &["organization", "project", "account", "tenant", "workspace", "customer", "user-id", "userid", "team"];

/// Names of users that half of all machines have.
const ANYBODY: &[&str] = &[
    "root",
    "admin",
    "administrator",
    "user",
    "ubuntu",
    "debian",
    "runner",
    "app",
    "node",
    "test",
    "guest",
    "docker",
    "ec2-user",
    "vscode",
    "www-data",
    "nobody",
    "default",
    "jenkins",
    "gitlab-runner",
    "build",
    "system",
    "public",
];

impl Masker {
    /// A masker for what is known of this machine; what texts themselves show is added as it is met.
    #[must_use]
    pub fn new(machine: &Machine) -> Self {
        let long = |text: &String| text.chars().count() > 2;
        let mut homes: Vec<String> =
            machine.homes.iter().map(|home| home.trim_end_matches(['/', '\\']).to_owned()).collect();
        homes.retain(long);
        homes.sort_by_key(|home| std::cmp::Reverse(home.len()));
        let folders = homes.iter().filter_map(|home| home.rsplit(['/', '\\']).next().map(str::to_owned));
        let mut users: Vec<String> = machine.users.iter().cloned().chain(folders).collect();
        users.retain(|user| long(user) && !ANYBODY.contains(&user.to_ascii_lowercase().as_str()));
        users.sort_by_key(|user| std::cmp::Reverse(user.len()));
        users.dedup();
        let mut masker = Self { homes, own: users.len(), users, ..Self::default() };
        for host in &machine.hosts {
            let full = host.trim_end_matches('.').to_ascii_lowercase();
            let short = full.split('.').next().unwrap_or_default().to_owned();
            if !full.is_empty() && !well_known(&full) && !well_known(&short) {
                // A machine has one name, written with its domain or without.
                let mut ways = vec![full, short];
                ways.dedup();
                masker.hosts.push(ways);
            }
        }
        masker.machines = masker.hosts.len();
        masker
    }

    /// The report on the same evidence, masked. The verdict stays what it was.
    #[must_use]
    pub fn report(&mut self, original: &Report) -> Report {
        let verdict = |report: &Report| -> (Cause, Outcome) { (report.diagnosis.cause, report.outcome) };
        let mut masked = report(self.evidence(&original.evidence));
        if verdict(&masked) != verdict(original) && self.own + self.machines > 0 {
            self.careful = true;
            masked = report(self.evidence(&original.evidence));
            self.careful = false;
        }
        if verdict(&masked) != verdict(original) {
            masked.outcome = original.outcome;
            masked.diagnosis = original.diagnosis.clone();
            masked.diagnosis.span = None;
            let diagnosis = &mut masked.diagnosis;
            let suggested = diagnosis.suggestion.iter_mut().flat_map(|it| [Some(&mut it.value), it.proof.as_mut()]);
            let texts = [&mut diagnosis.title, &mut diagnosis.meaning].into_iter().chain(suggested.flatten());
            for text in texts.chain(&mut diagnosis.evidence).chain(&mut diagnosis.fix) {
                *text = self.text(text);
            }
        }
        masked
    }

    /// The evidence, masked.
    #[must_use]
    pub fn evidence(&mut self, evidence: &Evidence) -> Evidence {
        let Ok(mut value) = serde_json::to_value(evidence) else { return evidence.clone() };
        // The base URL's host is the first of all.
        if let Some(url) = &evidence.target.base_url {
            self.learn(url);
        }
        self.learn_all(&value);
        self.walk(&mut value, "");
        // The shape is that of evidence still: only texts were changed.
        let mut masked: Evidence = serde_json::from_value(value).unwrap_or_else(|_| evidence.clone());
        masked.anonymized = true;
        masked
    }

    /// One text, masked.
    #[must_use]
    pub fn text(&mut self, text: &str) -> String {
        self.learn(text);
        let mut out = text.to_owned();
        for home in self.homes.clone() {
            out = replaced(&out, &places(&out, &home, find::is_path_end), "~");
        }
        for (range, user) in users_in_paths(&out).into_iter().rev() {
            let stand_in = self.user(&user);
            out.replace_range(range, &stand_in);
        }
        out = self.mails(out);
        out = self.addresses(&out);
        out = self.named(&out);
        if !self.careful {
            for at in 0..self.own {
                let found = places(&out, &self.users[at], find::is_word_end);
                out = replaced(&out, &found, &format!("user-{}", at + 1));
            }
        }
        out
    }

    fn learn_all(&mut self, value: &Value) {
        match value {
            Value::String(text) => self.learn(text),
            Value::Array(items) => items.iter().for_each(|item| self.learn_all(item)),
            Value::Object(fields) => fields.values().for_each(|field| self.learn_all(field)),
            _ => {}
        }
    }

    /// Remembers the private hosts that a text names.
    fn learn(&mut self, text: &str) {
        for name in names_in(text) {
            let name = name.to_ascii_lowercase();
            let known = self.hosts.iter().any(|ways| ways.contains(&name));
            if !known && !well_known(&name) && address_of(&name).is_none() && is_private_name(&name) {
                self.hosts.push(vec![name]);
            }
        }
    }

    fn walk(&mut self, value: &mut Value, name: &str) {
        match value {
            Value::String(text) if OURS.contains(&name) || (name == "key" && !text.contains(' ')) => {}
            Value::String(text) => *text = self.text(text),
            Value::Array(items) if name == "headers" => {
                for item in items {
                    self.header(item);
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.walk(item, name)),
            Value::Object(fields) => fields.iter_mut().for_each(|(name, field)| self.walk(field, name)),
            _ => {}
        }
    }

    /// One header: a name and a value, or a name alone.
    fn header(&mut self, header: &mut Value) {
        let Some([name, value]) = header.as_array_mut().map(Vec::as_mut_slice) else { return };
        let name = name.as_str().unwrap_or_default().to_ascii_lowercase();
        if let Value::String(text) = value {
            *text = if ACCOUNT.iter().any(|part| name.contains(part)) { "masked".to_owned() } else { self.text(text) };
        }
    }

    fn user(&mut self, name: &str) -> String {
        if ANYBODY.contains(&name.to_ascii_lowercase().as_str()) || name.starts_with("user-") {
            return name.to_owned();
        }
        let at = self.users.iter().position(|known| known == name).unwrap_or_else(|| {
            self.users.push(name.to_owned());
            self.users.len() - 1
        });
        format!("user-{}", at + 1)
    }

    fn mails(&mut self, text: String) -> String {
        let mut out = text;
        for range in find::mails(&out).into_iter().rev() {
            let mail = out[range.clone()].to_ascii_lowercase();
            let at = place(&mut self.mails, mail);
            out.replace_range(range, &format!("mail-{at}"));
        }
        out
    }

    fn addresses(&mut self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut from = 0;
        for (range, address) in find::addresses(text) {
            out.push_str(&text[from..range.start]);
            // A private address stays a name without a dot, a public one a name with one: URLs stay URLs of their kind.
            let stand_in = if find::is_private_address(address) {
                format!("private-address-{}", place(&mut self.private, address))
            } else {
                format!("address-{}.example", place(&mut self.public, address))
            };
            out.push_str(&stand_in);
            from = range.end;
        }
        out.push_str(&text[from..]);
        out
    }

    fn named(&mut self, text: &str) -> String {
        let ways = self.hosts.iter().enumerate();
        let mut ways: Vec<(usize, &String)> =
            ways.flat_map(|(host, ways)| ways.iter().map(move |way| (host, way))).collect();
        // The longest first: a machine's name with its domain before the name alone.
        ways.sort_by_key(|(_, way)| std::cmp::Reverse(way.len()));
        let mut found: Vec<(Place, usize)> = Vec::new();
        for (host, way) in ways {
            // The machine's own name tells whose it is wherever it stands, unless it is a word that answers use.
            let own = host < self.machines && !self.careful && way.len() > 3 && !find::is_common_word(way);
            let alone = is_plain_word(way) && !own;
            for place in places(text, way, find::is_name_end) {
                let free = !found.iter().any(|(other, _)| place.start < other.end && other.start < place.end);
                if free && (!alone || authority(text, &place)) {
                    found.push((place, host));
                }
            }
        }
        found.sort_by_key(|(place, _)| place.start);
        let mut out = String::with_capacity(text.len());
        let mut from = 0;
        for (range, host) in found {
            out.push_str(&text[from..range.start]);
            out.push_str(&format!("host-{}", place(&mut self.met, host)));
            from = range.end;
        }
        out.push_str(&text[from..]);
        out
    }
}

/// The place of a thing in a list, from 1; it is added if it is new.
fn place<T: PartialEq>(list: &mut Vec<T>, thing: T) -> usize {
    list.iter().position(|known| *known == thing).unwrap_or_else(|| {
        list.push(thing);
        list.len() - 1
    }) + 1
}

fn replaced(text: &str, places: &[Place], stand_in: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for place in places {
        out.push_str(&text[from..place.start]);
        out.push_str(stand_in);
        from = place.end;
    }
    out.push_str(&text[from..]);
    out
}
