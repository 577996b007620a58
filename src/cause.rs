//! The public names of everything that can be wrong, with how bad each is and whether waiting helps.

use std::fmt;
use std::str::FromStr;

/// How much a cause hurts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gravity {
    /// Nothing is wrong.
    None,
    /// A warning where the model answers all the same, an error where it does not.
    Warning,
    /// Always an error.
    Error,
    /// An error or a warning, as the rule that names it saw it.
    Either,
}

/// The group that a cause belongs to; also the name of its advice file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// What the base URL's text or target shows.
    Url,
    /// The API key.
    Key,
    /// Names, connections, TLS, proxies, and what stands in between.
    Network,
    /// Money and permission.
    Account,
    /// The model and the list of models.
    Model,
    /// Limits, load and the servers behind the server.
    Limits,
    /// The request, the answer and the stream.
    Request,
    /// Health, and the case that no rule explains.
    Ok,
}

impl Family {
    /// The name of the family's advice file, without `.toml`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Url => "url",
            Self::Key => "key",
            Self::Network => "network",
            Self::Account => "account",
            Self::Model => "model",
            Self::Limits => "limits",
            Self::Request => "request",
            Self::Ok => "ok",
        }
    }
}

macro_rules! causes {
    ($($family:ident { $($name:ident $code:literal $gravity:ident $later:literal)* })*) => {
        /// The name of what is wrong: a stable public code, never reused.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[expect(missing_docs, reason = "each cause is described by its advice file, which `ruta explain CODE` prints")]
        pub enum Cause { $($($name,)*)* }

        impl Cause {
            /// Every cause, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$($(Self::$name,)*)*];

            /// The public kebab-case code.
            pub const fn code(self) -> &'static str {
                match self { $($(Self::$name => $code,)*)* }
            }

            /// How much this cause hurts.
            pub const fn gravity(self) -> Gravity {
                match self { $($(Self::$name => Gravity::$gravity,)*)* }
            }

            /// Whether the same request may work later without any change.
            pub const fn retry_later(self) -> bool {
                match self { $($(Self::$name => $later,)*)* }
            }

            /// Whether a server that is starting may end in this cause, so that waiting for it makes sense.
            pub const fn waiting_helps(self) -> bool {
                self.retry_later() || matches!(self, Self::ConnectRefused | Self::ConnectReset | Self::ConnectTimeout)
            }

            /// The group that this cause belongs to.
            pub const fn family(self) -> Family {
                match self { $($(Self::$name => Family::$family,)*)* }
            }
        }
    };
}

causes! {
    Url {
        UrlMissing "url-missing" Error false
        UrlInvalid "url-invalid" Error false
        UrlNoScheme "url-no-scheme" Error false
        UrlUnsupportedScheme "url-unsupported-scheme" Error false
        UrlStrayCharacters "url-stray-characters" Error false
        UrlPlaceholder "url-placeholder" Error false
        UrlHasCredentials "url-has-credentials" Error false
        UrlHasQueryOrFragment "url-has-query-or-fragment" Either false
        UrlWebsite "url-website" Error false
        UrlDashboard "url-dashboard" Error false
        UrlEndpointPath "url-endpoint-path" Error false
        UrlMissingV1 "url-missing-v1" Error false
        UrlDuplicateV1 "url-duplicate-v1" Error false
        UrlTrailingSlash "url-trailing-slash" Either false
        UrlWrongPath "url-wrong-path" Error false
        UrlWrongHost "url-wrong-host" Error false
        UrlInsecure "url-insecure" Warning false
        UrlLocalhost "url-localhost" Either false
        UrlWildcardAddress "url-wildcard-address" Warning false
    }
    Key {
        KeyMissing "key-missing" Error false
        KeyPlaceholder "key-placeholder" Error false
        KeyStrayCharacters "key-stray-characters" Error false
        KeyHasBearerPrefix "key-has-bearer-prefix" Error false
        KeyMasked "key-masked" Error false
        KeyWrongProvider "key-wrong-provider" Error false
        KeyWrongKind "key-wrong-kind" Error false
        KeyRejected "key-rejected" Error false
        KeyExpiredOrRevoked "key-expired-or-revoked" Error false
        KeyWrongHeader "key-wrong-header" Error false
        ClientNotAllowed "client-not-allowed" Error false
        KeyRestricted "key-restricted" Error false
    }
    Network {
        DnsFailed "dns-failed" Error false
        ConnectRefused "connect-refused" Error false
        ConnectTimeout "connect-timeout" Error false
        ConnectReset "connect-reset" Error false
        ProxyFailed "proxy-failed" Error false
        ProxyAuthRequired "proxy-auth-required" Error false
        TlsUntrusted "tls-untrusted" Error false
        TlsExpired "tls-expired" Error false
        TlsWrongHost "tls-wrong-host" Error false
        TlsHandshake "tls-handshake" Error false
        HttpOnHttpsPort "http-on-https-port" Error false
        Redirected "redirected" Either false
        NotAnApi "not-an-api" Error false
        BlockedByFirewall "blocked-by-firewall" Error false
        ResponseTimeout "response-timeout" Error true
        ResponseTruncated "response-truncated" Error false
        ResponseTooLarge "response-too-large" Error false
    }
    Account {
        NoCredits "no-credits" Error false
        Forbidden "forbidden" Error false
        ModelNotAllowed "model-not-allowed" Error false
        RegionBlocked "region-blocked" Error false
        AccountRestricted "account-restricted" Error false
        ServiceRetired "service-retired" Error false
    }
    Model {
        ModelsEndpointMissing "models-endpoint-missing" Warning false
        ModelsEmpty "models-empty" Warning false
        ModelsMalformed "models-malformed" Warning false
        ModelsTooMany "models-too-many" Warning false
        ModelsSlow "models-slow" Warning false
        ModelMissing "model-missing" Error false
        ModelNotFound "model-not-found" Error false
        ModelNotInList "model-not-in-list" Warning false
        ModelLoading "model-loading" Error true
        ModelLoadFailed "model-load-failed" Error false
        ModelWrongType "model-wrong-type" Error false
        ModelRetired "model-retired" Error false
        DeploymentNotFound "deployment-not-found" Error false
        ApiVersion "api-version" Error false
    }
    Limits {
        RateLimited "rate-limited" Error true
        ConcurrencyLimited "concurrency-limited" Error true
        Overloaded "overloaded" Error true
        RequestTooLarge "request-too-large" Error false
        NoRoute "no-route" Error true
        UpstreamKeyRejected "upstream-key-rejected" Error false
        ServerError "server-error" Error true
        BadGateway "bad-gateway" Error true
        GatewayTimeout "gateway-timeout" Error true
    }
    Request {
        UnsupportedParameter "unsupported-parameter" Warning false
        EndpointNotFound "endpoint-not-found" Error false
        MethodNotAllowed "method-not-allowed" Error false
        ContentBlocked "content-blocked" Error false
        RequestRejected "request-rejected" Error false
        ResponseNotJson "response-not-json" Error false
        ResponseMalformed "response-malformed" Error false
        ResponseEmpty "response-empty" Error false
        StreamUnsupported "stream-unsupported" Warning false
        StreamMalformed "stream-malformed" Warning false
        ToolsUnsupported "tools-unsupported" Warning false
        ErrorInSuccess "error-in-success" Error false
    }
    Ok {
        Ok "ok" None false
        Unexplained "unexplained" Error false
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// The text is not the code of any cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownCause;

impl FromStr for Cause {
    type Err = UnknownCause;

    fn from_str(code: &str) -> Result<Self, UnknownCause> {
        Self::ALL.iter().copied().find(|cause| cause.code() == code).ok_or(UnknownCause)
    }
}

impl serde::Serialize for Cause {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl schemars::JsonSchema for Cause {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Cause".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let codes: Vec<&str> = Self::ALL.iter().map(|cause| cause.code()).collect();
        schemars::json_schema!({
            "description": "The name of what is wrong; `ruta explain` tells about each. Later versions know more.",
            "type": "string",
            "enum": codes,
        })
    }
}

/// Causes as their codes in saved evidence.
pub mod as_code {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    use super::Cause;

    /// Writes the code.
    pub fn serialize<S: Serializer>(cause: &Cause, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(cause.code())
    }

    /// Reads a code back.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Cause, D::Error> {
        let code = String::deserialize(deserializer)?;
        code.parse().map_err(|_| D::Error::custom(format!("no such cause: {code}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_kebab_case_unique_and_reads_back() {
        for (index, cause) in Cause::ALL.iter().enumerate() {
            let code = cause.code();
            assert!(code.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'), "{code}");
            assert_eq!(code.parse(), Ok(*cause));
            assert!(Cause::ALL[index + 1..].iter().all(|other| other.code() != code), "{code} twice");
        }
    }
}
