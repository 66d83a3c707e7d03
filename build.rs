//! The specs and the shipped facts are embedded in the binary; a change to them rebuilds it.
fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=pipelines");
    println!("cargo:rerun-if-changed=data");
}
