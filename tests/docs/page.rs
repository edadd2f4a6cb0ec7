//! A page of the documentation, parted into its text and its blocks of code.

use std::path::{Path, PathBuf};

/// The folder of the project.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// One page.
pub struct Page {
    /// From the project's folder: `docs/run.md`.
    pub name: String,
    pub text: String,
    pub blocks: Vec<Block>,
}

/// A block between fences. The first line says `console` (commands), `text` (what the last command above it
/// prints: notes, warnings and errors first), or a language; a word behind that is the file that the block is.
pub struct Block {
    pub kind: String,
    pub file: Option<String>,
    pub body: String,
    /// The line of the page that it begins in.
    pub line: usize,
}

impl Page {
    pub fn read(name: &str) -> Self {
        let text = std::fs::read_to_string(root().join(name)).unwrap();
        Page { name: name.to_owned(), blocks: blocks(&text), text }
    }

    /// The text without its blocks of code.
    pub fn prose(&self) -> String {
        let mut parts = Vec::new();
        for (index, part) in self.text.split("```").enumerate() {
            if index % 2 == 0 {
                parts.push(part);
            }
        }
        parts.concat()
    }
}

impl Block {
    /// Its lines, if it holds commands.
    pub fn commands(&self) -> Vec<&str> {
        match self.kind.as_str() {
            "console" => self.body.lines().collect(),
            _ => Vec::new(),
        }
    }
}

/// README.md and every page of docs/.
pub fn pages() -> Vec<Page> {
    let mut names = vec!["README.md".to_owned()];
    for entry in std::fs::read_dir(root().join("docs")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|end| end == "md") {
            names.push(format!("docs/{}", path.file_name().unwrap().to_str().unwrap()));
        }
    }
    names.sort();
    names.iter().map(|name| Page::read(name)).collect()
}

/// The files of a folder of the project that are no folders.
pub fn files(folder: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(root().join(Path::new(folder))).unwrap();
    entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_file()).collect()
}

fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for (index, line) in text.lines().enumerate() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some(info), None) => {
                let mut words = info.split_whitespace().map(str::to_owned);
                let kind = words.next().unwrap_or_default();
                open =
                    Some(Block { kind, file: words.next(), body: String::new(), line: index + 1 });
            }
            (None, Some(block)) => {
                block.body.push_str(line);
                block.body.push('\n');
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block of code does not end");
    blocks
}
