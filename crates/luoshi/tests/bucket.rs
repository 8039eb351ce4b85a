//! Attachments in a store as S3 speaks it, against a server of its own: kept, read, backed up, brought back.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::too_many_lines)]

#[allow(dead_code)] // shared with the other stories
mod place;
mod servers;

use luoshi_gateway::Trust;
use luoshi_gateway::bucket::{Bucket, Wish};
use luoshi_web::Files;
use place::*;
use servers::Server;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn files(address: &str, bucket: &str, key: &str) -> Files {
    let text = |text: &str| text.to_owned();
    let wish = Wish {
        endpoint: text(address),
        bucket: text(bucket),
        region: text("us-east-1"),
        key: text(key),
        secret: text("S3RVER"),
    };
    Files::Bucket(Bucket::new(wish, Trust::new(None).unwrap()).unwrap())
}

fn room() -> PathBuf {
    let folder = std::env::temp_dir().join(format!("luoshi-bucket-{}", luoshi_store::new_id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

#[tokio::test]
async fn what_is_kept_comes_back_and_nothing_else_is_handed_out_for_it() {
    let room = room();
    let mut store = Server::store(&room);
    let kept = files(&store.address, "luoshi", "S3RVER");
    let large: Vec<u8> = (0..3_000_000_u32).map(|n| (n % 251) as u8).collect();
    let (small, digest) = (kept.keep(b"paper".to_vec()).await.unwrap(), kept.keep(large.clone()).await.unwrap());
    assert_eq!(kept.keep(b"paper".to_vec()).await.unwrap(), small, "the same file is kept once");
    assert_eq!(kept.read(&digest).await.unwrap(), large);
    let mut all = vec![small.clone(), digest];
    all.sort();
    assert_eq!(kept.digests().await.unwrap(), all);
    assert_eq!(kept.read(&"0".repeat(64)).await.unwrap_err().kind(), ErrorKind::NotFound);

    let stranger = files(&store.address, "luoshi", "stranger");
    let refused = stranger.keep(b"x".to_vec()).await.unwrap_err().to_string();
    assert!(refused.contains("look at the key"), "{refused}");
    let elsewhere = files(&store.address, "nowhere", "S3RVER").read(&small).await.unwrap_err().to_string();
    assert!(elsewhere.contains("no bucket nowhere"), "{elsewhere}");

    let object = room.join("luoshi").join(format!("{}._S3rver_object", Files::name(&small)));
    std::fs::write(object, b"PAPER").unwrap();
    assert_eq!(kept.read(&small).await.unwrap_err().kind(), ErrorKind::InvalidData, "changed in the store");
    store.end();
    assert_eq!(kept.read(&small).await.unwrap_err().kind(), ErrorKind::NotConnected);
    std::fs::remove_dir_all(room).unwrap();
}

#[tokio::test]
async fn more_files_than_a_page_of_the_store_are_all_told() {
    let room = room();
    let store = Server::store(&room);
    let kept = files(&store.address, "luoshi", "S3RVER");
    for n in 0..1_003_u32 {
        kept.keep(n.to_be_bytes().to_vec()).await.unwrap();
    }
    assert_eq!(kept.digests().await.unwrap().len(), 1_003);
    std::fs::remove_dir_all(room).unwrap();
}

#[tokio::test]
async fn an_attachment_goes_to_the_store_and_a_form_waits_while_it_is_away() {
    let room = room();
    let mut store = Server::store(&room);
    for site in sites_with(&files(&store.address, "luoshi", "S3RVER")).await {
        let secretary = site.sign_in(SECRETARY).await;
        let (form, fields) = (
            "/units/3/records/new?kind=disclosure",
            [("kind", "disclosure"), ("on", "2023-02-10"), ("topic", "带附件的一条")],
        );
        let sent = secretary.attach(form, "/units/3/records", &fields, "说明.pdf", b"%PDF-1.4 text").await;
        assert_eq!(sent.status, 303, "{}", sent.text);
        assert!(secretary.get(&format!("{}/files/1/0", sent.to)).await.text.starts_with("%PDF"));
        assert!(!site.folder().join("files").exists(), "nothing is kept on the disk");
        let (status, archive) = secretary.get_bytes("/units/3/2023/archive").await;
        let names = "-说明.pdf".as_bytes();
        assert!(status == 200 && archive.windows(names.len()).any(|part| part == names), "it is in the archive too");
    }
    let sites = sites_with(&files(&store.address, "luoshi", "S3RVER")).await;
    store.end();
    for site in sites {
        let secretary = site.sign_in(SECRETARY).await;
        let (form, fields) = (
            "/units/3/records/new?kind=disclosure",
            [("kind", "disclosure"), ("on", "2023-02-10"), ("topic", "带附件的一条")],
        );
        let sent = secretary.attach(form, "/units/3/records", &fields, "说明.pdf", b"%PDF-1.4 text").await;
        assert!(sent.status == 503 && sent.text.contains("附件存储"), "{} {}", sent.status, sent.text);
        assert!(
            !secretary.get("/units/3/2023/records").await.text.contains("带附件的一条"),
            "no record without its attachment"
        );
    }
    std::fs::remove_dir_all(room).unwrap();
}

fn luoshi(words: &[&str], data: &Path, store: Option<(&str, &Path)>) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_luoshi"));
    command.args(words).arg("--data").arg(data).env_remove("LUOSHI_DATA");
    if let Some((address, secret)) = store {
        command.args(["--s3-endpoint", address, "--s3-key", "S3RVER", "--s3-secret-file"]).arg(secret);
    }
    command.output().unwrap()
}

#[tokio::test]
async fn a_back_up_takes_attachments_along_from_the_disk_to_a_store_and_back() {
    let room = room();
    let store = Server::store(&room.join("store"));
    let (old, new, back) = (room.join("old"), room.join("new"), room.join("back"));
    place::small::small(&old);
    let on_disk = Files::Folder(old.clone());
    let digest = on_disk.keep(b"paper".to_vec()).await.unwrap();
    let spoilt = on_disk.keep(b"spoilt".to_vec()).await.unwrap();
    std::fs::write(old.join(Files::name(&spoilt)), b"otherwise").unwrap();
    let (first, second, secret) = (room.join("first.zip"), room.join("second.zip"), room.join("secret"));
    std::fs::write(&secret, "S3RVER\n").unwrap();
    for folder in [&new, &back] {
        std::fs::create_dir_all(folder).unwrap();
        std::fs::copy(old.join("luoshi.key"), folder.join("luoshi.key")).unwrap();
    }
    let there = Some((store.address.as_str(), secret.as_path()));
    let steps = [
        (luoshi(&["backup", first.to_str().unwrap()], &old, None), "1 attachments"),
        (luoshi(&["restore", first.to_str().unwrap()], &new, there), "rows restored"),
        (luoshi(&["backup", second.to_str().unwrap()], &new, there), "1 attachments"),
        (luoshi(&["restore", second.to_str().unwrap()], &back, None), "rows restored"),
    ];
    for (n, (done, words)) in steps.iter().enumerate() {
        let said = String::from_utf8_lossy(&done.stdout).into_owned() + &String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success() && said.contains(words), "step {n}: {said}");
        assert_eq!(said.contains(&spoilt), n == 0, "what was changed on the disk is told and left out: {said}");
    }
    assert!(!new.join("files").exists(), "the store has them");
    assert_eq!(Files::Folder(back).read(&digest).await.unwrap(), b"paper");
    let keyless = Command::new(env!("CARGO_BIN_EXE_luoshi"))
        .args(["backup", "x.zip", "--s3-endpoint", &store.address, "--data"])
        .arg(&old)
        .output()
        .unwrap();
    assert!(!keyless.status.success() && String::from_utf8_lossy(&keyless.stderr).contains("s3-secret-file"));
    std::fs::remove_dir_all(room).unwrap();
}
