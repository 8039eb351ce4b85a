//! A headless Chromium of one's own, driven through chromedriver. Both end when the `Browser` is dropped,
//! also by a failed test, and leave no file behind.

use axum::http::Method;
use fantoccini::{Client, ClientBuilder, wd::WebDriverCompatibleCommand};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use std::{
    fs,
    io::{BufRead, BufReader},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
};
use url::{ParseError, Url};

/// Whether pages may run script. Every page must do all its work without.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Script {
    On,
    Off,
}

/// One browser with one window and no memory of any other.
pub struct Browser {
    pub client: Client,
    _driver: Driver,
}

impl Browser {
    /// Starts a browser with a window of desktop size. Panics, and says what to do, where there is no Chromium.
    pub async fn start(script: Script) -> Browser {
        let driver = Driver::start();
        let serde_json::Value::Object(wishes) = capabilities(script, &driver.room) else { unreachable!() };
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let session = builder.capabilities(wishes).connect(&format!("http://127.0.0.1:{}", driver.port)).await;
        let client = session.unwrap_or_else(|e| panic!("Chromium does not start; run `make tools`. {e}"));
        let browser = Browser { client, _driver: driver };
        browser.size(1280, 800).await;
        browser
    }

    /// Makes the window so large inside. (A window proper cannot be narrower than 500 px; a phone is.)
    pub async fn size(&self, width: u32, height: u32) {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", size).await;
    }

    /// Sends a command of the DevTools protocol and returns its answer.
    pub async fn devtools(&self, command: &str, parameters: Value) -> Value {
        let body = json!({ "cmd": command, "params": parameters });
        self.ask("goog/cdp/execute", body).await
    }

    /// What the browser wrote to its console since it was last asked: `(level, message)`.
    pub async fn console(&self) -> Vec<(String, String)> {
        let entries = self.ask("se/log", json!({ "type": "browser" })).await;
        let text = |entry: &Value, key: &str| entry[key].as_str().unwrap_or_default().to_string();
        entries.as_array().into_iter().flatten().map(|e| (text(e, "level"), text(e, "message"))).collect()
    }

    /// Sends a command that is not among those of the client, and returns its answer.
    pub async fn ask(&self, endpoint: &'static str, body: Value) -> Value {
        let answer = self.client.issue_cmd(Vendor { endpoint, body: body.clone() }).await;
        answer.unwrap_or_else(|e| panic!("the browser refuses {body}: {e}"))
    }
}

/// A command that the client does not know: of another standard, or of chromedriver alone.
#[derive(Debug)]
struct Vendor {
    endpoint: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Vendor {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.endpoint))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.body.to_string()))
    }
}

/// No flag turns off a check of the page; they keep Chromium from the network, the sandbox of containers and the disk.
fn capabilities(script: Script, room: &Path) -> Value {
    let mut preferences = serde_json::Map::new();
    if script == Script::Off {
        preferences.insert("profile.managed_default_content_settings.javascript".into(), json!(2));
    }
    json!({
        "browserName": "chrome",
        "goog:loggingPrefs": { "browser": "ALL" },
        "goog:chromeOptions": {
            "prefs": preferences,
            "args": [
                "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage",
                "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
                "--hide-scrollbars", "--accept-lang=zh-CN,zh",
                "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost",
                format!("--user-data-dir={}", room.join("profile").display()),
            ],
        },
    })
}

/// Ends chromedriver and the browsers it started (one process group) when our end of its input closes:
/// when the driver is dropped, and also when the test is killed.
const LEASH: &str = "chromedriver --port=0 & exec >&-; read -r _; kill -9 0";

/// A chromedriver on its leash, with a folder of its own.
struct Driver {
    group: Child,
    port: u16,
    room: PathBuf,
}

impl Driver {
    /// One that listens. The port it picks is free on one kind of address and may be taken on the other: then it ends at
    /// once, and another is started.
    fn start() -> Driver {
        let driver = (0..3).map(|_| Driver::begin()).find(|driver| driver.port > 0);
        driver.unwrap_or_else(|| panic!("chromedriver does not start; run `make tools`"))
    }

    fn begin() -> Driver {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("luoshi-browser-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let room = std::env::temp_dir().join(name);
        fs::create_dir_all(&room).unwrap_or_else(|e| panic!("cannot make {}: {e}", room.display()));
        let mut command = Command::new("sh");
        command.args(["-c", LEASH]).process_group(0);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        for place in ["TMPDIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"] {
            command.env(place, &room);
        }
        let group = command.spawn().unwrap_or_else(|e| panic!("no shell to start chromedriver: {e}"));
        let mut driver = Driver { group, port: 0, room };
        driver.port = driver.announced_port().unwrap_or(0);
        driver
    }

    /// chromedriver picks a free port itself and says so: "… started successfully on port 43211."
    fn announced_port(&mut self) -> Option<u16> {
        let lines = self.group.stdout.take().map(BufReader::new).into_iter().flat_map(BufRead::lines);
        let mut said = lines.map_while(Result::ok).filter_map(|line| {
            let (_, port) = line.split_once("started successfully on port ")?;
            port.trim_end_matches('.').parse().ok()
        });
        said.next()
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        drop(self.group.stdin.take());
        let _ = self.group.wait();
        // The last of the browser's processes may still be writing while it dies.
        let _ = (0..20).find(|_| fs::remove_dir_all(&self.room).is_ok() || !self.room.exists());
    }
}
