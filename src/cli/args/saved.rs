//! The arguments of the commands that keep connections and keys.

use clap::{Args, Subcommand};

use super::parse::{ClientName, header};
use crate::knowledge::client::Client;

#[derive(Debug, Args)]
#[command(after_help = "They are kept in ruta/connections.toml in your configuration folder:
~/.config, or what XDG_CONFIG_HOME says; %APPDATA% on Windows. The file explains
itself, may be edited by hand, and holds no key: keys are in the keyring
(ruta key) or in environment variables.

Examples:
  ruta connections add work          asks for URL, model and key
  ruta connections list
  ruta doctor work                   check it; --all checks every one")]
pub(in crate::cli) struct ConnectionsArgs {
    #[command(subcommand)]
    pub(in crate::cli) what: ConnectionsCommand,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ConnectionsCommand {
    /// Save a connection
    #[command(after_help = "Examples:
  ruta connections add work          asks for URL, model and key
  ruta connections add work --url https://api.rutaapi.com/v1 --model MODEL --key-env WORK_KEY
  ruta connections add home --url http://localhost:11434/v1 --model llama3.2 --no-key")]
    Add(AddArgs),
    /// List the saved connections
    #[command(after_help = "Examples:
  ruta connections list
  ruta connections list --json")]
    List {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Show one connection
    #[command(after_help = "Example:
  ruta connections show work")]
    Show {
        /// The connection
        #[arg(value_name = "NAME")]
        name: String,
    },
    /// Change one connection: only what is given changes
    #[command(after_help = "Examples:
  ruta connections edit work --model gpt-5.5
  ruta connections edit work --model ''       takes the model away
  ruta connections edit work -H 'X-Team:'     takes the header away
  ruta connections edit work --rename office  its key in the keyring goes with it")]
    Edit {
        #[command(flatten)]
        changes: AddArgs,
        /// Give it another name
        #[arg(long, value_name = "NAME")]
        rename: Option<String>,
    },
    /// Forget a connection, and its key in the keyring
    #[command(after_help = "Example:
  ruta connections remove work")]
    Remove {
        /// The connections
        #[arg(value_name = "NAME", required = true)]
        names: Vec<String>,
    },
    /// Look for connections in the environment and in the settings of clients on this machine
    #[command(after_help = "Examples:
  ruta connections find
  ruta connections find --json
  ruta doctor --from codex           check what was found there")]
    Find {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Args)]
pub(in crate::cli) struct AddArgs {
    /// The name: letters, digits, dots, hyphens and underscores
    #[arg(value_name = "NAME")]
    pub(in crate::cli) name: String,
    /// Base URL
    #[arg(long, value_name = "URL")]
    pub(in crate::cli) url: Option<String>,
    /// Model ID
    #[arg(long, value_name = "ID")]
    pub(in crate::cli) model: Option<String>,
    /// The client that uses it
    #[arg(long = "for", value_name = "CLIENT", value_parser = ClientName, hide_possible_values = true)]
    pub(in crate::cli) client: Option<&'static Client>,
    /// The variable that holds the key
    #[arg(long, value_name = "VAR", conflicts_with_all = ["key_stdin", "no_key"])]
    pub(in crate::cli) key_env: Option<String>,
    /// Read the key from standard input and keep it in the keyring
    #[arg(long, conflicts_with = "no_key")]
    pub(in crate::cli) key_stdin: bool,
    /// The server wants no key
    #[arg(long)]
    pub(in crate::cli) no_key: bool,
    /// A header to send as well; its value is written into the file, so it must hold no secret
    #[arg(long = "header", short = 'H', value_name = "NAME: VALUE", value_parser = header)]
    pub(in crate::cli) headers: Vec<(String, String)>,
}

#[derive(Debug, Args)]
#[command(after_help = "The keyring is that of the system: Secret Service (gnome-keyring, KWallet,
KeePassXC), macOS Keychain, Windows Credential Manager. Where there is none, a
key comes from a variable (ruta connections edit NAME --key-env VAR) or from
standard input (ruta doctor NAME --key-stdin). With RUTA_KEYRING=off the keyring
is never asked.

Examples:
  ruta key set work                  asks for the key; nothing of it is shown
  pass show work | ruta key set work
  ruta key list")]
pub(in crate::cli) struct KeyArgs {
    #[command(subcommand)]
    pub(in crate::cli) what: KeyCommand,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum KeyCommand {
    /// Keep the key of a connection in the keyring; asks for it, or reads it from a pipe
    #[command(after_help = "Examples:
  ruta key set work
  pass show work | ruta key set work")]
    Set {
        /// The connection
        #[arg(value_name = "NAME")]
        name: String,
    },
    /// Whether the keyring holds a key for a connection
    #[command(after_help = "Examples:
  ruta key get work
  ruta key get work --reveal         prints the key itself")]
    Get {
        /// The connection
        #[arg(value_name = "NAME")]
        name: String,
        /// Print the key itself
        #[arg(long)]
        reveal: bool,
    },
    /// Take a key out of the keyring
    #[command(after_help = "Example:
  ruta key remove work")]
    Remove {
        /// The connection
        #[arg(value_name = "NAME")]
        name: String,
    },
    /// Which saved connections have a key in the keyring
    #[command(after_help = "Example:
  ruta key list")]
    List,
}
