//! A headless Chromium, driven over a pair of pipes by the DevTools protocol: real keys, real pointer, and a record of what
//! the page said and asked for. Needs nothing but Chromium and a shell.

use super::program::Folder;
use serde_json::{Value, json};
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const BROWSERS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// A page that hangs must not hang the tests.
const PATIENCE: Duration = Duration::from_secs(180);

pub struct Browser {
    process: Arc<Mutex<Child>>,
    to: File,
    from: BufReader<File>,
    session: Option<String>,
    next: u64,
    /// What the console said, what was thrown, dialogs that opened.
    pub said: Vec<String>,
    /// Every request that the page made.
    pub requests: Vec<String>,
    loaded: bool,
    pub folder: Folder,
}

impl Browser {
    /// `None` where no Chromium is installed.
    pub fn start() -> Option<Self> {
        let installed = |name: &&&str| {
            Command::new(name).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
        };
        let name = BROWSERS.iter().find(installed)?;
        let folder = Folder::new();
        let (input, output) = (folder.path.join("in"), folder.path.join("out"));
        assert!(Command::new("mkfifo").args([&input, &output]).status().expect("mkfifo runs").success());
        let process = Command::new("sh")
            .args(["-c", "in=$1 out=$2; shift 2; exec \"$@\" 3<\"$in\" 4>\"$out\"", "sh"])
            .args([&input, &output])
            .arg(name)
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"])
            .args(["--no-first-run", "--disable-quic", "--disable-background-networking", "--disable-component-update"])
            .args(["--disable-sync", "--disable-extensions", "--remote-debugging-pipe"])
            .arg(format!("--user-data-dir={}", folder.path.join("profile").display()))
            .arg("about:blank")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("a shell starts");
        // The shell opens the same ends in the same order.
        let to = File::options().write(true).open(input).expect("the browser listens");
        let from = BufReader::new(File::open(output).expect("the browser speaks"));
        let process = Arc::new(Mutex::new(process));
        let watched = Arc::downgrade(&process);
        std::thread::spawn(move || {
            std::thread::sleep(PATIENCE);
            if let Some(process) = watched.upgrade() {
                _ = process.lock().expect("no thread panics with it").kill();
            }
        });
        let mut browser = Self {
            process,
            to,
            from,
            session: None,
            next: 0,
            said: Vec::new(),
            requests: Vec::new(),
            loaded: false,
            folder,
        };
        let downloads = browser.folder.path.join("downloads");
        browser.call("Browser.setDownloadBehavior", json!({"behavior": "allow", "downloadPath": downloads}));
        browser.call(
            "Browser.grantPermissions",
            json!({"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]}),
        );
        let target = browser.call("Target.createTarget", json!({"url": "about:blank"}))["targetId"].clone();
        let session = browser.call("Target.attachToTarget", json!({"targetId": target, "flatten": true}));
        browser.session = session["sessionId"].as_str().map(str::to_string);
        for domain in ["Page", "Runtime", "Log", "Network"] {
            browser.call(&format!("{domain}.enable"), json!({}));
        }
        Some(browser)
    }

    /// Sends a command and waits for its answer; what happens meanwhile is recorded.
    pub fn call(&mut self, method: &str, parameters: Value) -> Value {
        self.next += 1;
        let id = self.next;
        let mut message = json!({"id": id, "method": method, "params": parameters});
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        self.to.write_all(format!("{message}\0").as_bytes()).expect("the browser is there");
        loop {
            let answer = self.read();
            if answer["id"] == json!(id) {
                assert!(answer["error"].is_null(), "{method}: {}", answer["error"]);
                return answer["result"].clone();
            }
        }
    }

    fn read(&mut self) -> Value {
        let mut bytes = Vec::new();
        self.from.read_until(0, &mut bytes).expect("the browser speaks");
        assert!(bytes.pop() == Some(0), "the browser has ended");
        let message: Value = serde_json::from_slice(&bytes).expect("JSON");
        let parameters = &message["params"];
        match message["method"].as_str().unwrap_or("") {
            "Page.loadEventFired" => self.loaded = true,
            "Runtime.consoleAPICalled"
            | "Runtime.exceptionThrown"
            | "Log.entryAdded"
            | "Page.javascriptDialogOpening" => {
                self.said.push(parameters.to_string());
            }
            "Network.requestWillBeSent" => {
                self.requests.push(parameters["request"]["url"].as_str().unwrap_or("").to_string());
            }
            _ => {}
        }
        message
    }

    /// A window of this size, in points, of a reader who prefers light or dark.
    pub fn window(&mut self, width: u32, height: u32, scheme: &str) {
        let phone = width < 600;
        let metrics = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": phone});
        self.call("Emulation.setDeviceMetricsOverride", metrics);
        self.medium("", scheme);
    }

    /// "print" for the rules of a printer.
    pub fn medium(&mut self, medium: &str, scheme: &str) {
        let features = json!([{"name": "prefers-color-scheme", "value": scheme}]);
        self.call("Emulation.setEmulatedMedia", json!({"media": medium, "features": features}));
    }

    /// Opens a page from disk and waits until it has loaded.
    pub fn open(&mut self, page: &str) {
        let path = self.folder.write("page.html", page);
        self.go(&format!("file://{}", path.display()));
    }

    pub fn go(&mut self, address: &str) {
        self.loaded = false;
        self.call("Page.navigate", json!({"url": address}));
        while !self.loaded {
            self.read();
        }
    }

    /// The value of an expression in the page; a promise is awaited.
    pub fn value(&mut self, expression: &str) -> Value {
        let parameters =
            json!({"expression": expression, "returnByValue": true, "awaitPromise": true, "userGesture": true});
        let answer = self.call("Runtime.evaluate", parameters);
        assert!(answer["exceptionDetails"].is_null(), "{expression}: {}", answer["exceptionDetails"]);
        answer["result"]["value"].clone()
    }

    pub fn text(&mut self, expression: &str) -> String {
        self.value(expression).as_str().unwrap_or_else(|| panic!("{expression} is no text")).to_string()
    }

    pub fn truth(&mut self, expression: &str) -> bool {
        self.value(expression).as_bool().unwrap_or_else(|| panic!("{expression} is neither true nor false"))
    }

    /// Presses and releases a key where the focus is.
    pub fn press(&mut self, key: &str) {
        let code = match key {
            "ArrowLeft" => 37,
            "ArrowUp" => 38,
            "ArrowRight" => 39,
            "ArrowDown" => 40,
            "Enter" => 13,
            "Escape" => 27,
            "Tab" => 9,
            " " => 32,
            _ => 0,
        };
        for kind in ["rawKeyDown", "keyUp"] {
            let event = json!({"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code});
            self.call("Input.dispatchKeyEvent", event);
        }
    }

    /// Moves the pointer to the middle of an element, or to a share of its width and height, and clicks if asked to.
    pub fn point(&mut self, selector: &str, across: f64, down: f64, click: bool) {
        let place = self.value(&format!(
            "(() => {{ const e = document.querySelector({selector:?}); e.scrollIntoView({{block: 'center'}}); \
             const r = e.getBoundingClientRect(); return [r.left + {across} * r.width, r.top + {down} * r.height]; }})()"
        ));
        let event = |kind: &str| json!({"type": kind, "x": place[0], "y": place[1], "button": if kind == "mouseMoved" { "none" } else { "left" }, "clickCount": 1});
        self.call("Input.dispatchMouseEvent", event("mouseMoved"));
        if click {
            self.call("Input.dispatchMouseEvent", event("mousePressed"));
            self.call("Input.dispatchMouseEvent", event("mouseReleased"));
        }
    }

    pub fn click(&mut self, selector: &str) {
        self.point(selector, 0.5, 0.5, true);
    }

    /// A downloaded file, once it is there.
    pub fn downloaded(&self, name: &str) -> String {
        let path = self.folder.path.join("downloads").join(name);
        for _ in 0..100 {
            if let Ok(text) = std::fs::read_to_string(&path)
                && !text.is_empty()
            {
                return text;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("{name} was not downloaded")
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let mut process = self.process.lock().expect("no thread panics with it");
        _ = process.kill();
        _ = process.wait();
    }
}
