//! The wire's own thread: sockets and timers to the engine, and what it says back out.

use std::io;
use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::engine::{ASK_EVERY, Engine, Output, TICK_EVERY};
use crate::heads::Head;
use crate::line::{Ask, Line, Up, take_notes};
use crate::net::{self, Epoll, Event};
use crate::tcp::{FIRST, LISTENING, Limits, Tcp};
use crate::types::{Address, Command, Note, Reception, Value};
use crate::udp::{Inbox, Udp, open_beside};

/// Datagrams read before what they bring is sent on.
const BATCH: usize = 64;
const SWEEP_EVERY: f64 = 1.0;
/// Free UDP ports to look at for one whose TCP twin is free too.
const TRIES: usize = 20;
const EVENTS: usize = 64;
const BELL: u64 = 1 << 42;
/// How long a question waits for its answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// A wire on sockets, with a thread of its own.
pub struct Wire {
    pub port: u16,
    line: Arc<Line>,
    asks: Sender<Ask>,
    notes: Mutex<Receiver<Note>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Wire {
    /// `own` are this machine's addresses, of use where `host` stands for all of them. Port 0 finds a free one.
    pub fn open(host: IpAddr, port: u16, own: &[IpAddr], limits: Limits) -> io::Result<Self> {
        let epoll = Arc::new(Epoll::new()?);
        let (first, mut tcp) = open_both(host, port, limits, &epoll)?;
        let port = first.address()?.port();
        let mut udp = open_beside(&first, own);
        udp.insert(0, first);
        tcp.number_from(udp.len() as u32);
        for (number, each) in udp.iter().enumerate() {
            epoll.add(each, number as u64)?;
        }
        let line = Arc::new(Line::new()?);
        epoll.add(&line.down, BELL)?;
        let ((asks, asked), (sender, notes)) = (channel(), channel());
        let ways = Ways {
            udp,
            tcp,
            up: Up::new(line.clone(), sender),
        };
        let thread = std::thread::Builder::new().name("sabaq-wire".to_owned()).spawn({
            let line = line.clone();
            move || {
                let mut shell = Shell::new(epoll, ways, asked);
                let why = match catch_unwind(AssertUnwindSafe(|| shell.run())) {
                    Ok(Ok(())) => return,
                    Ok(Err(error)) => error.to_string(),
                    Err(panic) => said(panic.as_ref()),
                };
                drop(shell); // its questions end unanswered, its sockets close
                line.die(why);
            }
        })?;
        Ok(Self {
            port,
            line,
            asks,
            notes: Mutex::new(notes),
            thread: Mutex::new(Some(thread)),
        })
    }

    /// False when there is no thread any more.
    pub fn ask(&self, ask: Ask) -> bool {
        let taken = self.asks.send(ask).is_ok();
        self.line.call_down();
        taken
    }

    pub fn perform(&self, command: Command) -> bool {
        self.ask(Ask::Do(command))
    }

    /// None when it does not answer.
    pub fn receptions(&self, peer: String) -> Option<Vec<Reception>> {
        self.answer(|back| Ask::Receptions(peer, back))
    }

    pub fn captured(&self) -> Option<Vec<Head>> {
        self.answer(Ask::Captured)
    }

    pub fn counts(&self, peer: String) -> Option<Option<Vec<(String, Value)>>> {
        self.answer(|back| Ask::Counts(peer, back))
    }

    pub fn dump(&self) -> Option<Vec<(String, Value)>> {
        self.answer(Ask::Dump)
    }

    /// Readable when there are notes, or when the thread has died.
    pub fn bell(&self) -> i32 {
        std::os::fd::AsRawFd::as_raw_fd(&self.line.up)
    }

    pub fn notes(&self, most: usize) -> Vec<Note> {
        take_notes(
            &self.line,
            &self.notes.lock().unwrap_or_else(PoisonError::into_inner),
            most,
        )
    }

    pub fn died(&self) -> Option<String> {
        self.line.died()
    }

    /// End the thread, and wait for it: the port is free afterwards.
    pub fn close(&self) {
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            self.ask(Ask::Stop);
            _ = thread.join();
        }
    }

    fn answer<T>(&self, ask: impl FnOnce(Sender<T>) -> Ask) -> Option<T> {
        let (back, answer) = channel();
        if self.ask(ask(back)) {
            answer.recv_timeout(PATIENCE).ok()
        } else {
            None
        }
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.close();
    }
}

/// UDP and TCP on one port number.
fn open_both(host: IpAddr, port: u16, limits: Limits, epoll: &Arc<Epoll>) -> io::Result<(Udp, Tcp)> {
    for _ in 0..TRIES {
        let udp = Udp::open(host, port)?;
        match Tcp::open(host, udp.address()?.port(), 1, limits, epoll.clone()) {
            Ok(tcp) => return Ok((udp, tcp)),
            Err(error) if port != 0 => return Err(error),
            Err(_) => {}
        }
    }
    Err(io::Error::other(format!(
        "no port of {host} is free for both UDP and TCP"
    )))
}

fn said(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied().map(str::to_owned);
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "it panicked".to_owned())
}

/// All ways out.
struct Ways {
    udp: Vec<Udp>,
    tcp: Tcp,
    up: Up,
}

impl Output for Ways {
    fn send(&mut self, to: Address, data: &[u8]) {
        match self.udp.get_mut(to.way as usize) {
            Some(udp) => udp.send(to.socket, data),
            None => self.tcp.send(to, data, data.len()),
        }
    }

    fn send_run(&mut self, to: Address, data: &[u8], size: usize) {
        match self.udp.get_mut(to.way as usize) {
            Some(udp) => udp.send_run(to.socket, data, size),
            None => self.tcp.send(to, data, size),
        }
    }

    fn note(&mut self, note: Note) {
        self.up.tell(note);
    }
}

struct Shell {
    epoll: Arc<Epoll>,
    asked: Receiver<Ask>,
    engine: Engine,
    ways: Ways,
    inbox: Inbox,
    /// It was told to stop.
    over: bool,
    tick_at: f64,
    sweep_at: f64,
    ask_at: Option<f64>,
}

impl Shell {
    fn new(epoll: Arc<Epoll>, ways: Ways, asked: Receiver<Ask>) -> Self {
        let (tick_at, engine) = (net::now() + TICK_EVERY, Engine::new());
        Self {
            epoll,
            asked,
            engine,
            ways,
            inbox: Inbox::default(),
            over: false,
            tick_at,
            sweep_at: 0.0,
            ask_at: None,
        }
    }

    /// Until it is told to stop.
    fn run(&mut self) -> io::Result<()> {
        let epoll = self.epoll.clone();
        let mut events = [Event { events: 0, u64: 0 }; EVENTS];
        loop {
            let due = [self.ask_at, self.engine.due_at()];
            let next = due.into_iter().flatten().fold(self.tick_at, f64::min);
            for event in epoll.wait(&mut events, next - net::now())? {
                let (token, readiness) = (event.u64, event.events); // copies: the struct is packed
                match token {
                    BELL => {
                        self.ways.up.line.answer_down();
                        self.over |= !obey(&self.asked, &mut self.engine, &mut self.ways);
                    }
                    LISTENING => self.ways.tcp.accept(net::now()),
                    token if token >= FIRST => self.stream((token - FIRST) as u32, readiness),
                    number => self.datagrams(number as usize),
                }
                if self.over {
                    return Ok(());
                }
                self.settle();
            }
            self.be_punctual();
            self.settle();
            self.ways.up.ring();
        }
    }

    fn datagrams(&mut self, number: usize) {
        let Self {
            engine,
            ways,
            inbox,
            asked,
            over,
            ..
        } = self;
        let (now, mut read) = (net::now(), 0);
        let Some(udp) = ways.udp.get(number).map(Udp::reading) else {
            return;
        };
        while read < BATCH {
            let mut first = true;
            let take = |data: &mut [u8], socket| {
                if std::mem::take(&mut first) {
                    *over |= !obey(asked, engine, ways); // what was said before this packet was sent
                }
                let way = number as u32;
                engine.receive(data, Address { socket, way }, now, ways);
            };
            let (count, has_more) = inbox.receive(udp, take);
            read += count;
            if !has_more {
                break;
            }
        }
        engine.flush(now, ways);
    }

    fn stream(&mut self, way: u32, events: u32) {
        if events & libc::EPOLLOUT as u32 != 0 {
            self.ways.tcp.writable(way);
            self.settle();
        }
        if events & !(libc::EPOLLOUT as u32) == 0 {
            return;
        }
        let now = net::now();
        let Some((address, mut memory, packets)) = self.ways.tcp.read(way, now) else {
            return;
        };
        self.over |= !obey(&self.asked, &mut self.engine, &mut self.ways);
        for packet in packets {
            if let Some(data) = memory.get_mut(packet) {
                self.engine.receive(data, address, now, &mut self.ways);
            }
        }
        self.engine.flush(now, &mut self.ways);
    }

    /// What could not be told in the midst of sending.
    fn settle(&mut self) {
        while !self.ways.tcp.news.held.is_empty() || !self.ways.tcp.news.gone.is_empty() {
            let news = std::mem::take(&mut self.ways.tcp.news);
            for (address, held) in news.held {
                self.engine.hold(address, held, &mut self.ways);
            }
            for (address, was_answered) in news.gone {
                if was_answered || self.ways.up.has_room() {
                    self.engine.closed(address, &mut self.ways);
                }
            }
        }
    }

    fn be_punctual(&mut self) {
        let now = net::now();
        if self.ask_at.is_some_and(|at| now >= at) {
            self.ask_at = None;
            self.engine.ask(now, &mut self.ways);
        }
        if self.engine.due_at().is_some_and(|at| now >= at) {
            self.engine.send_due(now, &mut self.ways);
        }
        if self.ask_at.is_none() && self.engine.asking() {
            self.ask_at = Some(now + ASK_EVERY);
        }
        if now >= self.tick_at {
            self.tick_at = now + TICK_EVERY;
            self.engine.tick(now, &mut self.ways);
        }
        if now >= self.sweep_at {
            self.sweep_at = now + SWEEP_EVERY;
            self.ways.tcp.sweep(now);
        }
    }
}

/// Follow what was said. False: it is over.
fn obey(asked: &Receiver<Ask>, engine: &mut Engine, ways: &mut Ways) -> bool {
    while let Ok(ask) = asked.try_recv() {
        match ask {
            Ask::Do(command) => engine.perform(command, net::now(), ways),
            Ask::Receptions(peer, back) => _ = back.send(engine.receptions(&peer, net::now())),
            Ask::Captured(back) => _ = back.send(engine.captured()),
            Ask::Counts(peer, back) => _ = back.send(engine.counts(&peer)),
            Ask::Dump(back) => _ = back.send(dump(engine, ways)),
            Ask::Fall => panic!("told to fall"),
            Ask::Stop => return false,
        }
    }
    true
}

fn dump(engine: &Engine, ways: &Ways) -> Vec<(String, Value)> {
    let Ways { udp, tcp, up } = ways;
    let failed: u64 = udp.iter().map(|each| each.failed).sum();
    let mut told = vec![
        ("maker".to_owned(), Value::Text("native".to_owned())),
        (
            "segments".to_owned(),
            Value::Bool(udp.first().is_some_and(|first| first.segments)),
        ),
        ("unsent".to_owned(), Value::Int(failed as i64)),
        ("untold".to_owned(), Value::Int(up.line.untold() as i64)),
        ("sockets".to_owned(), Value::Int(udp.len() as i64)),
        ("tcp".to_owned(), Value::Map(tcp.dump())),
    ];
    told.extend(engine.dump());
    told
}
