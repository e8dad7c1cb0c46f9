//! Decisions about accounts, sessions and bans, without a store and without waiting.

use super::*;
use crate::accounts::Token;

const NOW: UnixMillis = UnixMillis(1_000_000);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn book() -> Book {
    Book::new(SessionRules { unused_max: DAY })
}

fn user(name: &str) -> UserName {
    name.parse().unwrap()
}

fn with_account(book: &mut Book, name: &str, roles: &[&str]) {
    let roles = roles.iter().map(|role| role.parse().unwrap()).collect();
    let changes = book.new_account(user(name), "hash".to_owned(), roles, NOW).unwrap();
    book.apply(changes);
}

fn signed_in(book: &mut Book, name: &str, now: UnixMillis) -> Fingerprint {
    let of = Token::new().fingerprint();
    let changes = book.new_session(&user(name), of, None, now);
    book.apply(changes);
    of
}

fn is_in(book: &mut Book, of: &Fingerprint, now: UnixMillis) -> bool {
    matches!(book.look_up(of, now), Worth::Is(_))
}

#[test]
fn a_session_is_its_users_until_it_ends() {
    let mut book = book();
    with_account(&mut book, "alice", &["trader"]);
    let of = signed_in(&mut book, "alice", NOW);
    let Worth::Is(alice) = book.look_up(&of, NOW + DAY / 2) else { panic!("not in") };
    assert_eq!((alice.user.as_str(), alice.by), ("alice", SignedInBy::Session));
    assert!(alice.is("trader"));
    assert_eq!(alice.ends_at, Some(NOW + DAY / 2 + DAY));
    assert_eq!(book.look_up_again(alice.credential.as_ref().unwrap(), NOW), Worth::Is(alice));
    assert!(is_in(&mut book, &of, NOW + DAY));
    assert!(!is_in(&mut book, &of, NOW + DAY * 2));
    assert_eq!(book.look_up(&Token::new().fingerprint(), NOW), Worth::Nothing);
}

#[test]
fn what_is_over_goes_and_what_was_used_is_stored_once_a_minute() {
    let mut book = book();
    with_account(&mut book, "alice", &[]);
    let of = signed_in(&mut book, "alice", NOW);
    let second = Duration::from_secs(1);
    assert!(is_in(&mut book, &of, NOW + second * 59));
    assert_eq!(book.due(NOW + second * 59), []);
    assert!(is_in(&mut book, &of, NOW + second * 60));
    let due = book.due(NOW + second * 60);
    assert_eq!(due.len(), 2, "the session and its user: {due:?}");
    book.apply(due);
    assert_eq!(book.due(NOW + second * 60), []);
    assert_eq!(book.account(&user("alice")).unwrap().last_seen, Some(NOW + second * 60));
    let over = book.due(NOW + DAY * 2);
    assert_eq!(over, [Change::Session(of, None)]);
    assert_eq!(book.apply(over), [of.credential()]);
}

#[test]
fn the_least_used_session_makes_room() {
    let mut book = book();
    with_account(&mut book, "alice", &[]);
    let minute = Duration::from_secs(60);
    let mut sessions = Vec::new();
    for nth in 0..50 {
        sessions.push(signed_in(&mut book, "alice", NOW + minute * nth));
    }
    let late = NOW + minute * 60;
    assert!(is_in(&mut book, &sessions[0], late));
    signed_in(&mut book, "alice", late);
    assert!(is_in(&mut book, &sessions[0], late), "it was used");
    assert!(!is_in(&mut book, &sessions[1], late));
    assert!(is_in(&mut book, &sessions[2], late));
}

#[test]
fn a_browser_that_signs_in_again_has_one_session() {
    let mut book = book();
    with_account(&mut book, "alice", &[]);
    with_account(&mut book, "bob", &[]);
    let old = signed_in(&mut book, "alice", NOW);
    let changes = book.new_session(&user("bob"), Token::new().fingerprint(), Some(&old), NOW);
    assert_eq!(book.apply(changes), [old.credential()]);
    assert!(!is_in(&mut book, &old, NOW));
}

#[test]
fn names_that_look_alike_are_taken() {
    let mut book = book();
    with_account(&mut book, "alice", &[]);
    for taken in ["alice", "Alice", "ALICE"] {
        let refused = book.new_account(user(taken), String::new(), BTreeSet::new(), NOW);
        assert_eq!(refused, Err(Refusal::Taken), "{taken}");
        assert_eq!(book.meant_by(user(taken)), user("alice"));
    }
}

#[test]
fn a_name_of_nobodys_is_meant_as_it_is() {
    let mut book = book();
    with_account(&mut book, "alice", &[]);
    assert_eq!(book.meant_by(user("Alic")), user("Alic"));
}

#[test]
fn the_last_admin_stays_one() {
    let mut book = book();
    with_account(&mut book, "root", &["admin"]);
    with_account(&mut book, "alice", &[]);
    let no_roles = || AccountChange { roles: Some(BTreeSet::new()), ..AccountChange::default() };
    let disabled = || AccountChange { disabled: Some(true), ..AccountChange::default() };
    for change in [no_roles(), disabled()] {
        let refused = book.change_account(&user("root"), change, None);
        assert_eq!(refused, Err(Refusal::LastAdmin));
    }
    with_account(&mut book, "second", &["admin"]);
    let changes = book.change_account(&user("second"), disabled(), None).unwrap();
    book.apply(changes);
    let refused = book.change_account(&user("root"), no_roles(), None);
    assert_eq!(refused, Err(Refusal::LastAdmin), "a closed account looks after nothing");
    let enabled = AccountChange { disabled: Some(false), ..AccountChange::default() };
    let changes = book.change_account(&user("second"), enabled, None).unwrap();
    book.apply(changes);
    assert!(book.change_account(&user("root"), no_roles(), None).is_ok());
}

#[test]
fn a_closed_account_and_a_new_password_end_sessions_but_the_one_they_come_from() {
    let mut book = book();
    with_account(&mut book, "alice", &[]);
    let (here, there) = (signed_in(&mut book, "alice", NOW), signed_in(&mut book, "alice", NOW));
    let new_hash = || AccountChange { hash: Some("new".into()), ..AccountChange::default() };
    let changes = book.change_account(&user("alice"), new_hash(), Some(&here)).unwrap();
    assert_eq!(book.apply(changes), [there.credential()]);
    assert!(is_in(&mut book, &here, NOW) && !is_in(&mut book, &there, NOW));
    let disabled = AccountChange { disabled: Some(true), ..AccountChange::default() };
    let changes = book.change_account(&user("alice"), disabled, None).unwrap();
    book.apply(changes);
    assert!(!is_in(&mut book, &here, NOW));
}

#[test]
fn roles_are_looked_at_each_time() {
    let mut book = book();
    with_account(&mut book, "root", &["admin"]);
    with_account(&mut book, "alice", &["admin"]);
    let of = signed_in(&mut book, "alice", NOW);
    let demoted = AccountChange { roles: Some(BTreeSet::new()), ..AccountChange::default() };
    let changes = book.change_account(&user("alice"), demoted, None).unwrap();
    assert_eq!(book.apply(changes), [], "she stays signed in");
    let Worth::Is(alice) = book.look_up(&of, NOW) else { panic!("not in") };
    assert!(!alice.is(Role::ADMIN));
}

#[test]
fn a_banned_session_counts_for_nothing_until_the_ban_is_over_or_lifted() {
    let mut book = book();
    with_account(&mut book, "alice", &[]);
    let of = signed_in(&mut book, "alice", NOW);
    let minute = Duration::from_secs(60);
    let ban = |until| Ban { at: NOW, by: "root".into(), until, reason: String::new() };
    let changes = book.new_ban(of.credential(), ban(Some(NOW + minute))).unwrap();
    book.apply(changes);
    assert_eq!(book.look_up(&of, NOW), Worth::Banned);
    assert!(is_in(&mut book, &of, NOW + minute));
    assert_eq!(book.bans(NOW + minute).count(), 0);
    let changes = book.new_ban(of.credential(), ban(None)).unwrap();
    book.apply(changes);
    assert_eq!(book.ban_list(), [(of.credential(), None)].into());
    assert_eq!(book.look_up(&of, NOW + minute * 2), Worth::Banned);
    let changes = book.lift(of.credential()).unwrap();
    book.apply(changes);
    assert!(is_in(&mut book, &of, NOW));
    assert_eq!(book.lift(of.credential()), Err(Refusal::NotBanned));
}

#[test]
fn bans_are_bounded() {
    let mut book = book();
    let ban = Ban { at: NOW, by: "root".into(), until: None, reason: String::new() };
    for nth in 0..BANS_MAX {
        book.bans.insert(Credential(format!("token:{nth}").into()), ban.clone());
    }
    let one_more = book.new_ban(Credential("token:x".into()), ban.clone());
    assert_eq!(one_more, Err(Refusal::TooManyBans));
    assert!(book.new_ban(Credential("token:1".into()), ban).is_ok(), "an old one may change");
}

#[test]
fn a_link_counts_once_and_not_for_ever() {
    let mut book = book();
    let of = Token::new().fingerprint();
    book.apply(vec![Change::Link(of, Some(Link::first_admin(NOW)))]);
    assert_eq!(book.link(&of, NOW), Ok(Purpose::FirstAdmin));
    assert_eq!(book.link(&of, NOW + DAY), Err(Refusal::NoLink));
    assert_eq!(book.link(&Token::new().fingerprint(), NOW), Err(Refusal::NoLink));
    let over = book.due(NOW + DAY);
    assert_eq!(over, [Change::Link(of, None)]);
}
