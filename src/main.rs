//! The `ruta` program.

fn main() -> std::process::ExitCode {
    ruta::cli::main()
}
