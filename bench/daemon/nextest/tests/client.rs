//! A test that starts the server, lets the client try it, and thinks no more of it.
use std::env::var;
use std::process::Command;

#[test]
fn client() {
    let mut server = Command::new("../http");
    match var("BENCH_HTTP").as_deref() {
        Ok("--daemon") => assert!(server.arg("--daemon").status().unwrap().success()),
        _ => drop(server.spawn().unwrap()),
    }
    let client = Command::new("../client").arg(var("PORT").unwrap()).status().unwrap();
    assert!(client.success(), "the client failed");
}
