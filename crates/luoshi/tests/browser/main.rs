//! What a person does in a real browser and then sees. `driver` starts the browser, `page` is what a person can do
//! with it; every other module holds the tests of one part of the product.

#[path = "../place/built.rs"]
mod built;
mod demo;
mod directive;
mod drafts;
mod driver;
mod figures;
mod harness;
mod matrix;
mod newcomer;
mod page;
mod passkeys;
mod province;
mod rectify;
mod second;
#[path = "../servers/mod.rs"]
mod servers;
mod single;
mod study;
mod takeaway;
mod weekly;
