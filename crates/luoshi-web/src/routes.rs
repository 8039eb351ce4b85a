//! Routes that can be listed: a router keeps its paths to itself, and nothing may be reached that the table of who may
//! reach what (`luoshi/tests/authorisation.tsv`) does not name.

use crate::app::App;
use axum::Router;
use axum::routing::MethodRouter;

/// Routes of a noun, with their paths.
#[derive(Default)]
pub(crate) struct Routes {
    router: Router<App>,
    paths: Vec<String>,
}

impl Routes {
    pub fn new() -> Routes {
        Routes::default()
    }

    /// Adds a route.
    pub fn route(mut self, path: &str, to: MethodRouter<App>) -> Routes {
        self.paths.push(path.to_owned());
        Routes { router: self.router.route(path, to), ..self }
    }

    /// Adds those of another noun.
    pub fn merge(mut self, other: Routes) -> Routes {
        self.paths.extend(other.paths);
        Routes { router: self.router.merge(other.router), ..self }
    }

    /// Adds a router below an address, with the paths it has there.
    pub fn nest(mut self, below: &str, paths: &[&str], router: Router<App>) -> Routes {
        self.paths.extend(paths.iter().map(|path| format!("{below}{path}")));
        Routes { router: self.router.nest(below, router), ..self }
    }

    /// The router.
    pub fn router(self) -> Router<App> {
        self.router
    }

    /// Every path, in the order they were added.
    pub fn paths(self) -> Vec<String> {
        self.paths
    }
}
