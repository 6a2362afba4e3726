//! The words both sides of Turret speak: numbers, ids, orders, commands, events, views and frames.
//!
//! It must do no input or output, read no clock, spawn nothing and import no other crate of ours.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod account;
pub mod alert;
pub mod approval;
pub mod assertion;
pub mod attempt;
pub mod ban;
pub mod bar;
pub mod bulk;
pub mod cbor;
pub mod command;
pub mod composed;
pub mod csv;
pub mod denial;
pub mod digest;
pub mod enrol_code;
pub mod entry;
pub mod event;
pub mod evidence;
pub mod export;
pub mod house;
pub mod ids;
pub mod instrument;
pub mod intent_file;
pub mod key_model;
pub mod limits;
pub mod manage;
pub mod money;
pub mod order;
pub mod own;
pub mod pack;
pub mod password;
pub mod people;
pub mod person;
pub mod plain;
pub mod policy;
pub mod role;
pub mod secret;
pub mod text;
pub mod time;
pub mod tlog;
pub mod venue;
pub mod view;
pub mod wire;
