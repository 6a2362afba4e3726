//! Files of acts read, judged and written for the model; it must send no command.

use std::path::{Path, PathBuf};

use turret_shared::bulk::Table;
use turret_shared::manage::Why;
use turret_shared::text::escaped;

use super::doing::{Brought, Doing};
use crate::app::Msg;
use crate::app::effect::Request;
use crate::bulk::{self, BadLine, Fault, Line};
use crate::link::Link;
use crate::pack_file;

impl Doing {
    /// Reads a file and has the server judge every row of it.
    pub(super) fn read_table(&mut self, request: Request, table: Table, file: PathBuf) {
        self.with_link(move |link, inbox| async move {
            let told = judged(&link, table, file).await;
            let _ = inbox.send(Brought::Message(Msg::TableRead { request, told })).await;
        });
    }

    /// Writes how things stand into a new file, and says so.
    pub(super) fn write_table(&mut self, table: Table, file: PathBuf) {
        self.with_link(move |link, inbox| async move {
            let said = match bulk::export(&link, table).await {
                Ok((text, rows)) => {
                    let written = tokio::task::spawn_blocking(move || kept(&file, table, &text, rows)).await;
                    written.unwrap_or_else(|_| "The file is not written.".to_owned())
                }
                Err(error) => format!("The file is not written: {error}."),
            };
            let _ = inbox.send(Brought::Message(Msg::PackKept(said))).await;
        });
    }
}

async fn judged(link: &Link, table: Table, file: PathBuf) -> Result<Result<Vec<Line>, Vec<BadLine>>, String> {
    let loaded = tokio::task::spawn_blocking(move || bulk::load(&file)).await;
    let bytes = match loaded {
        Ok(Ok(bytes)) => bytes,
        Ok(Err(error)) => return Err(error.kind().to_string()),
        Err(_) => return Err("the file cannot be read".to_owned()),
    };
    match bulk::dry(link, table, &bytes, Why::Duties).await {
        Ok(lines) => Ok(Ok(lines)),
        Err(Fault::Lines(bad)) => Ok(Err(bad)),
        Err(Fault::File(kind)) => Err(kind.to_string()),
        Err(Fault::Link(error)) => Err(error.to_string()),
    }
}

fn kept(file: &Path, table: Table, text: &str, rows: usize) -> String {
    let name = escaped(&file.display().to_string());
    match pack_file::write(file, text.as_bytes()) {
        Ok(_) => format!("{name} holds {rows} rows of {}.", table.as_str()),
        Err(error) => format!("{name} is not written: {}.", pack_file::why(&error)),
    }
}
