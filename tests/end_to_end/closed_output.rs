//! What is printed is read by other programs, which may stop early, and goes to disks, which may be full.

use super::small_study::study_with;
use crate::support::program::command;
use std::io::Read;
use std::process::Stdio;

#[test]
fn a_reader_who_has_had_enough_is_no_failure() {
    let folder = study_with(&[]);
    for arguments in [["schema"].as_slice(), &["completions", "bash"], &["check", "."], &["report", "--print-template"]]
    {
        let mut child =
            command(&folder.path).args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let mut said = String::new();
        child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(0), "{arguments:?}: {said}");
        assert!(!said.contains("panicked") && !said.contains("cannot be written"), "{arguments:?}: {said}");
    }
}

#[test]
fn nobody_to_tell_is_no_panic() {
    let folder = study_with(&[("title:", "titel:")]);
    let mut child =
        command(&folder.path).args(["check", "."]).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stderr.take());
    assert_eq!(child.wait().unwrap().code(), Some(2));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_in_a_sentence() {
    let folder = study_with(&[]);
    for arguments in [["schema"].as_slice(), &["check", "."]] {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = command(&folder.path).args(arguments).stdout(full).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains("The output cannot be written") && !said.contains("panicked"), "{said}");
    }
}
