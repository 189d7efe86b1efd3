//! Between the wire's thread and Python's: commands and questions down, notes up, a bell each way.
//!
//! Nobody waits for the other, and what strangers can cause is bounded while Python is busy.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};

use crate::heads::Head;
use crate::net::Bell;
use crate::types::{Command, Note, Reception, Value};

/// Notes that may wait of what anybody can send.
const MOST_OF_STRANGERS: usize = 4096;
/// Notes that may wait of what peers send.
const MOST_REPORTS: usize = 16 * 1024;
/// Bytes that may wait for taps.
const MOST_TAPPED: usize = 64 * 1024 * 1024;

/// What is said down to the wire's thread.
pub enum Ask {
    Do(Command),
    Receptions(String, Sender<Vec<Reception>>),
    Captured(Sender<Vec<Head>>),
    Counts(String, Sender<Option<Vec<(String, Value)>>>),
    Dump(Sender<Vec<(String, Value)>>),
    /// Panic, to see what comes of it.
    Fall,
    Stop,
}

/// What both threads hold.
pub struct Line {
    pub down: Bell,
    pub up: Bell,
    is_down_rung: AtomicBool,
    is_up_rung: AtomicBool,
    of_strangers: AtomicUsize,
    reports: AtomicUsize,
    tapped: AtomicUsize,
    untold: AtomicU64,
    died: Mutex<Option<String>>,
}

impl Line {
    pub fn new() -> io::Result<Self> {
        Ok(Self {
            down: Bell::new()?,
            up: Bell::new()?,
            is_down_rung: AtomicBool::new(false),
            is_up_rung: AtomicBool::new(false),
            of_strangers: AtomicUsize::new(0),
            reports: AtomicUsize::new(0),
            tapped: AtomicUsize::new(0),
            untold: AtomicU64::new(0),
            died: Mutex::new(None),
        })
    }

    /// There are commands; the bell is rung once until they are looked at.
    pub fn call_down(&self) {
        if !self.is_down_rung.swap(true, Ordering::SeqCst) {
            self.down.ring();
        }
    }

    /// Commands are about to be looked at.
    pub fn answer_down(&self) {
        self.down.silence();
        self.is_down_rung.store(false, Ordering::SeqCst);
    }

    pub fn call_up(&self) {
        if !self.is_up_rung.swap(true, Ordering::SeqCst) {
            self.up.ring();
        }
    }

    pub fn answer_up(&self) {
        self.up.silence();
        self.is_up_rung.store(false, Ordering::SeqCst);
    }

    /// Notes that were left out because Python did not take them.
    pub fn untold(&self) -> u64 {
        self.untold.load(Ordering::Relaxed)
    }

    /// Why the wire's thread is no more, if so.
    pub fn died(&self) -> Option<String> {
        self.died.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn die(&self, why: String) {
        *self.died.lock().unwrap_or_else(PoisonError::into_inner) = Some(why);
        self.up.ring();
    }

    /// What a note weighs, on which scale, and how much that holds.
    fn scale(&self, note: &Note) -> Option<(&AtomicUsize, usize, usize)> {
        match note {
            Note::Datagram { .. } => Some((&self.of_strangers, 1, MOST_OF_STRANGERS)),
            Note::Rtcp { .. } | Note::Report { .. } => Some((&self.reports, 1, MOST_REPORTS)),
            Note::Packets { packets, .. } => {
                let bytes = packets.iter().map(|each| each.payload.len() + 128).sum();
                Some((&self.tapped, bytes, MOST_TAPPED))
            }
            Note::Line { .. } => Some((&self.reports, 1, MOST_REPORTS)),
            Note::Started { .. }
            | Note::Levels { .. }
            | Note::PacketsLost { .. }
            | Note::Rates { .. }
            | Note::Closed { .. } => None,
        }
    }
}

/// The wire's end for notes.
pub struct Up {
    pub line: Arc<Line>,
    notes: Sender<Note>,
    fresh: bool,
}

impl Up {
    pub fn new(line: Arc<Line>, notes: Sender<Note>) -> Self {
        Self {
            line,
            notes,
            fresh: false,
        }
    }

    pub fn tell(&mut self, note: Note) {
        if let Some((waiting, weight, most)) = self.line.scale(&note) {
            if waiting.load(Ordering::Relaxed) + weight > most {
                self.line.untold.fetch_add(1, Ordering::Relaxed);
                return;
            }
            waiting.fetch_add(weight, Ordering::Relaxed);
        }
        self.fresh |= self.notes.send(note).is_ok();
    }

    /// Whether what strangers cause may still be told.
    pub fn has_room(&self) -> bool {
        self.line.of_strangers.load(Ordering::Relaxed) < MOST_OF_STRANGERS
    }

    /// Ring, if anything was told since the last time.
    pub fn ring(&mut self) {
        if std::mem::take(&mut self.fresh) {
            self.line.call_up();
        }
    }
}

/// Up to `most` notes that wait; when there are more, the bell is rung again.
pub fn take_notes(line: &Line, notes: &Receiver<Note>, most: usize) -> Vec<Note> {
    line.answer_up();
    let found: Vec<Note> = notes.try_iter().take(most).collect();
    for (waiting, weight, _) in found.iter().filter_map(|each| line.scale(each)) {
        waiting.fetch_sub(weight, Ordering::Relaxed);
    }
    if found.len() == most {
        line.call_up();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::Address;
    use std::sync::mpsc::channel;

    #[test]
    fn what_strangers_say_is_bounded_while_nobody_listens_and_the_rest_comes_through() {
        let line = Arc::new(Line::new().unwrap());
        let (sender, notes) = channel();
        let mut up = Up::new(line.clone(), sender);
        let address = Address {
            socket: "192.0.2.1:9".parse().unwrap(),
            way: 0,
        };
        for _ in 0..5000 {
            up.tell(Note::Datagram { address, data: vec![0] });
        }
        up.tell(Note::Closed { address });
        up.ring();
        assert_eq!((line.untold(), up.has_room()), (5000 - 4096, false));
        assert_eq!(take_notes(&line, &notes, 4000).len(), 4000);
        assert_eq!(take_notes(&line, &notes, 4000).len(), 97);
        assert!(up.has_room());
        up.tell(Note::Datagram { address, data: vec![1] });
        assert_eq!(take_notes(&line, &notes, 10).len(), 1);
    }
}
