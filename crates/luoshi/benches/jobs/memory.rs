//! Memory of the server, which is a process of its own: by page, and around imports, at rest and the most it was
//! meanwhile. Part of it is the file of the program itself, which the system reads as it is needed and shares.

use super::{Asker, PAGES, folder, import, pages, serve, sign_in, wait_for};
use std::process::Child;
use std::time::Duration;

/// Resident memory in MB, where the system tells.
pub fn resident(child: &Child) -> u64 {
    read(child, "VmRSS:")
}

/// The most that was resident since [`forget`], in MB.
pub fn most(child: &Child) -> u64 {
    read(child, "VmHWM:")
}

/// Begins anew with the most that is resident.
pub fn forget(child: &Child) {
    std::fs::write(format!("/proc/{}/clear_refs", child.id()), "5").ok();
}

fn read(child: &Child, name: &str) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with(name)).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kb| kb.parse::<u64>().ok()).unwrap_or(0) / 1024
}

fn told(child: &Child, when: &str) {
    let (all, file, most) = (resident(child), read(child, "RssFile:"), most(child));
    println!("| memory {when} | | | | {all} MB, {file} of them files of the program; at most {most} MB |");
    forget(child);
}

/// All pages of the department one after the other, two imports, and a minute of rest.
pub async fn job(asker: &Asker) {
    let folder = folder();
    for again in [false, true] {
        let (mut child, url) = serve(&folder);
        wait_for(asker, &url).await;
        if again {
            told(&child, "at the start");
            let clerk = sign_in(asker, &url, "clerk").await;
            for (name, path, login, times) in PAGES {
                let cookie = sign_in(asker, &url, login).await;
                pages(asker, name, &format!("{url}{path}"), Some(&cookie), times).await;
                told(&child, &format!("after {name}"));
            }
            for people in [5_000, 100_000] {
                import(asker, &url, &clerk, people).await;
                told(&child, &format!("after an import of {people}"));
            }
            tokio::time::sleep(Duration::from_secs(100)).await;
            told(&child, "after a minute of rest");
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }
    std::fs::remove_dir_all(folder).unwrap();
}
