//! Which files make up the page.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use super::bindgen::Client;
use super::file::{Load, PageFile};
use super::policy;
use super::worker::{WORKER, worker};

/// The one file whose text names the hashed ones.
const INDEX: &str = "index.html";

/// The script that starts the page: the stem of its name, and its place in the index.
const START: (&str, &str) = ("start", "%TIDEMARK_START%");

/// The client and the files of the folder `static_files`, named as the page has them.
pub(super) fn collect(client: Client, static_files: &Path) -> Result<Vec<PageFile>> {
    let mut statics = BTreeMap::new();
    read_folder(static_files, "", &mut statics)?;
    let index = take_text(&mut statics, INDEX)?;
    let worker_source = take_text(&mut statics, WORKER)?;
    let css = take_styles(&mut statics);

    let mut hashed = vec![
        ("%TIDEMARK_JS%", PageFile::hashed("tidemark", "js", client.js)),
        ("%TIDEMARK_WASM%", PageFile::hashed("tidemark", "wasm", client.wasm)),
        ("%TIDEMARK_CSS%", PageFile::hashed("tidemark", "css", css)),
    ];
    let (stem, place) = START;
    let script = take_text(&mut statics, &format!("{stem}.js"))?;
    hashed.push((place, PageFile::hashed(stem, "js", script.into())));
    let names: Vec<_> = hashed.iter().map(|(place, file)| (*place, file.name.as_str())).collect();
    let start = names.iter().filter(|(place, _)| *place == START.1).copied().collect::<Vec<_>>();
    let fill_in_script = |name: &str, script: &str| match name {
        "boot.js" => fill(name, script, &start),
        _ => fill(name, script, &[]),
    };
    let take = |name: &str| take_text(&mut statics, name);
    let index = policy::close(&index, take, fill_in_script)?;
    let index = fill(INDEX, &index, &names)?;

    let modules = client.modules.into_iter();
    let mut files: Vec<PageFile> =
        modules.map(|(name, content)| PageFile { name, content, load: Load::First }).collect();
    let statics = statics.into_iter();
    files.extend(statics.map(|(name, content)| PageFile { name, content, load: Load::Later }));
    files.extend(hashed.into_iter().map(|(_, file)| file));
    files.push(PageFile { name: INDEX.into(), content: index.into(), load: Load::First });
    files.push(worker(&worker_source, &files)?);
    Ok(files)
}

fn take_text(statics: &mut BTreeMap<String, Vec<u8>>, name: &str) -> Result<String> {
    let Some(content) = statics.remove(name) else {
        bail!("there is no {name} among the static files");
    };
    String::from_utf8(content).with_context(|| format!("{name} is no UTF-8"))
}

fn read_folder(folder: &Path, prefix: &str, files: &mut BTreeMap<String, Vec<u8>>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else {
            bail!("a name in {} is no UTF-8", folder.display());
        };
        let path = entry.path();
        let name = format!("{prefix}{name}");
        if path.is_dir() {
            read_folder(&path, &format!("{name}/"), files)?;
        } else {
            let content = fs::read(&path).with_context(|| format!("reading {}", path.display()))?;
            files.insert(name, content);
        }
    }
    Ok(())
}

/// Joins the style sheets, in the order of their names: many small files to read, one to download.
fn take_styles(statics: &mut BTreeMap<String, Vec<u8>>) -> Vec<u8> {
    let is_style = |name: &str| name.ends_with(".css");
    let mut joined = Vec::new();
    for (_, content) in statics.extract_if(.., |name, _| is_style(name)) {
        joined.extend(content);
        joined.push(b'\n');
    }
    joined
}

/// Puts names in the places of placeholders; one that is missing or left over is a mistake.
fn fill(file: &str, text: &str, names: &[(&str, &str)]) -> Result<String> {
    let mut filled = text.to_owned();
    for (placeholder, name) in names {
        if !filled.contains(placeholder) {
            bail!("{file} does not mention {placeholder}");
        }
        filled = filled.replace(placeholder, name);
    }
    if let Some((_, after)) = filled.split_once("%TIDEMARK_") {
        let name: String = after.chars().take_while(|letter| *letter != '%').take(20).collect();
        bail!("{file} mentions %TIDEMARK_{name}%, which nobody fills in");
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [(&str, &str); 2] = [("%TIDEMARK_JS%", "a-1.js"), ("%TIDEMARK_CSS%", "a-2.css")];

    #[test]
    fn the_index_names_the_hashed_files() {
        let index = "<link href=%TIDEMARK_CSS%><script src=%TIDEMARK_JS%>%TIDEMARK_JS%";
        let filled = fill(INDEX, index, &NAMES).unwrap();
        assert_eq!(filled, "<link href=a-2.css><script src=a-1.js>a-1.js");
    }

    #[test]
    fn a_missing_or_misspelt_placeholder_stops_the_build() {
        let missing = fill(INDEX, "%TIDEMARK_JS%", &NAMES).unwrap_err();
        assert_eq!(missing.to_string(), "index.html does not mention %TIDEMARK_CSS%");
        let misspelt =
            fill(INDEX, "%TIDEMARK_JS% %TIDEMARK_CSS% %TIDEMARK_WSAM%", &NAMES).unwrap_err();
        assert!(misspelt.to_string().contains("%TIDEMARK_WSAM%, which nobody"));
    }

    #[test]
    fn style_sheets_are_joined_in_the_order_of_their_names() {
        let file = |name: &str| (name.to_owned(), name.as_bytes().to_vec());
        let mut statics = ["style/2.css", "start.js", "style/1.css"].map(file).into();
        assert_eq!(take_styles(&mut statics), b"style/1.css\nstyle/2.css\n");
        assert_eq!(statics.into_keys().collect::<Vec<_>>(), ["start.js"]);
    }
}
