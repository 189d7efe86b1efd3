//! Takes TCP connections on the wire's port, and sees to it that strangers cannot use them up.
//!
//! A connection that was not answered yet is a stranger's: there are few of those, and not for long. When there are
//! too many, the oldest goes, so that who comes next and knows a password still gets in.

use std::collections::{BTreeSet, HashMap};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::ops::Range;
use std::os::fd::OwnedFd;
use std::sync::Arc;

use libc::c_int;

use crate::net::{self, Epoll};
use crate::talk::{Talk, Turn};
use crate::types::{Address, Value};

const ACCEPTS: usize = 32;
const AT_ONCE: usize = 64 * 1024;
/// Bytes the kernel may hold unsent: what waits here can still be left out, what waits there cannot.
const UNSENT: c_int = 32 * 1024;
/// Seconds without accepting when no more sockets are to be had; asking on would keep the thread busy.
const BREATH: f64 = 1.0;

#[derive(Clone, Copy)]
pub struct Limits {
    pub connections: usize,
    /// From one address (of IPv6: one /64), behind which a whole school may be.
    pub from_one: usize,
    pub strangers: usize,
    pub strangers_from_one: usize,
    /// Seconds within which a connection must have said something right.
    pub patience: f64,
    /// Seconds without a byte after which it is closed; browsers send checks every few.
    pub idle: f64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 4096,
            from_one: 2048,
            strangers: 256,
            strangers_from_one: 32,
            patience: 10.0,
            idle: 40.0,
        }
    }
}

/// What has happened and is to be told when nothing is being sent.
#[derive(Default)]
pub struct News {
    /// There is too much on the way there (true), or room again.
    pub held: Vec<(Address, bool)>,
    /// Who has gone, and whether they were ever answered.
    pub gone: Vec<(Address, bool)>,
}

struct Open {
    fd: OwnedFd,
    address: Address,
    origin: IpAddr,
    talk: Talk,
    writing: bool,
}

pub struct Tcp {
    listening: OwnedFd,
    epoll: Arc<Epoll>,
    limits: Limits,
    open: HashMap<u32, Open>,
    strangers: BTreeSet<u32>,
    from: HashMap<IpAddr, usize>,
    next: u32,
    again: Option<f64>,
    scratch: Vec<u8>,
    pub news: News,
    accepted: u64,
    refused: u64,
    cut_off: u64,
    left_out: u64,
}

/// The listener's own token; connections have FIRST and what their way is.
pub const LISTENING: u64 = 1 << 40;
pub const FIRST: u64 = 1 << 41;

impl Tcp {
    /// Listen. `::` takes IPv4 too. Connections are numbered from `first` on.
    pub fn open(host: IpAddr, port: u16, first: u32, limits: Limits, epoll: Arc<Epoll>) -> io::Result<Self> {
        let listening = net::bound(host, port, libc::SOCK_STREAM, |fd| {
            net::set(fd, libc::SOL_SOCKET, libc::SO_REUSEADDR, 1)
        })?;
        net::listen(&listening, 256)?;
        epoll.add(&listening, LISTENING)?;
        Ok(Self {
            listening,
            epoll,
            limits,
            open: HashMap::new(),
            strangers: BTreeSet::new(),
            from: HashMap::new(),
            next: first,
            again: None,
            scratch: vec![0; AT_ONCE],
            news: News::default(),
            accepted: 0,
            refused: 0,
            cut_off: 0,
            left_out: 0,
        })
    }

    /// The first number that connections have; sockets' are below. To be said before any has come.
    pub fn number_from(&mut self, first: u32) {
        self.next = first;
    }

    pub fn accept(&mut self, now: f64) {
        for _ in 0..ACCEPTS {
            match net::accepted(&self.listening) {
                Ok((fd, from)) => self.take_in(fd, from, now),
                Err(error) => match error.raw_os_error() {
                    Some(libc::EAGAIN) => return,
                    Some(libc::EMFILE | libc::ENFILE | libc::ENOBUFS | libc::ENOMEM) => {
                        _ = self.epoll.remove(&self.listening);
                        self.again = Some(now + BREATH);
                        return;
                    }
                    _ => {} // it has gone again already
                },
            }
        }
    }

    /// What came on a connection: its address, memory, and where the packets lie in it.
    pub fn read(&mut self, way: u32, now: f64) -> Option<(Address, Vec<u8>, Vec<Range<usize>>)> {
        let open = self.open.get_mut(&way)?;
        let size = match net::received(&open.fd, &mut self.scratch) {
            Ok(size) => size,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return None,
            Err(_) => 0,
        };
        if size == 0 {
            self.hang_up(way);
            return None;
        }
        let data = self.scratch.get(..size).unwrap_or_default();
        let Ok((memory, packets)) = open.talk.take(data, now) else {
            self.cut(way);
            return None;
        };
        Some((open.address, memory, packets))
    }

    /// Send packets of `size` bytes, the last may be shorter. To nobody, when the connection has gone.
    pub fn send(&mut self, to: Address, data: &[u8], size: usize) {
        self.write(to.way, Some(to), |talk, push| talk.send(data, size, push));
    }

    /// A connection takes bytes again.
    pub fn writable(&mut self, way: u32) {
        self.write(way, None, |talk, push| talk.pushed_on(push));
    }

    /// Close what has been silent; to be called about once a second.
    pub fn sweep(&mut self, now: f64) {
        if self.again.is_some_and(|at| now >= at) {
            self.again = None;
            _ = self.epoll.add(&self.listening, LISTENING);
        }
        let Limits { idle, patience, .. } = self.limits;
        let is_silent = |talk: &Talk| now - talk.heard > idle || (!talk.answered && now - talk.began > patience);
        let silent: Vec<u32> = self
            .open
            .iter()
            .filter(|(_, each)| is_silent(&each.talk))
            .map(|(way, _)| *way)
            .collect();
        for way in silent {
            self.cut(way);
        }
    }

    pub fn dump(&self) -> Vec<(String, Value)> {
        let waiting: usize = self.open.values().map(|each| each.talk.waiting()).sum();
        let dropped: u64 = self.open.values().map(|each| each.talk.dropped).sum();
        let strangers = self.open.values().filter(|each| !each.talk.answered).count();
        let told = [
            ("open", self.open.len() as u64),
            ("strangers", strangers as u64),
            ("waiting_bytes", waiting as u64),
            ("accepted", self.accepted),
            ("refused", self.refused),
            ("cut_off", self.cut_off),
            ("left_out", self.left_out + dropped),
        ];
        told.into_iter()
            .map(|(name, count)| (name.to_owned(), Value::Int(count as i64)))
            .collect()
    }

    fn write(
        &mut self,
        way: u32,
        to: Option<Address>,
        act: impl FnOnce(&mut Talk, &mut dyn FnMut(&[u8]) -> usize) -> Turn,
    ) {
        let Some(Open {
            fd,
            address,
            talk,
            writing,
            ..
        }) = self.open.get_mut(&way)
        else {
            return;
        };
        if to.is_some_and(|to| to != *address) {
            return;
        }
        let mut is_broken = false;
        let turn = act(talk, &mut |data| match net::pushed(fd, data) {
            Ok(sent) => sent,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => 0,
            Err(_) => {
                is_broken = true;
                data.len()
            }
        });
        match turn {
            Turn::Nothing => {}
            Turn::Filled => self.news.held.push((*address, true)),
            Turn::Emptied => self.news.held.push((*address, false)),
        }
        if is_broken {
            self.hang_up(way);
            return;
        }
        let wants = talk.waiting() > 0;
        if wants != *writing {
            *writing = wants;
            _ = self.epoll.change(fd, FIRST + u64::from(way), wants);
        }
    }

    fn take_in(&mut self, fd: OwnedFd, from: SocketAddr, now: f64) {
        let origin = origin(from.ip());
        self.make_room(origin);
        let mine = self.from.get(&origin).copied().unwrap_or(0);
        let way = self.next;
        let refused = self.open.len() >= self.limits.connections || mine >= self.limits.from_one;
        if refused || self.epoll.add(&fd, FIRST + u64::from(way)).is_err() {
            self.refused += 1;
            return;
        }
        // Where it fails it is gone, or the system has no such bound: then the kernel's buffer is part of the delay.
        _ = net::set(&fd, libc::IPPROTO_TCP, libc::TCP_NODELAY, 1);
        _ = net::set(&fd, libc::IPPROTO_TCP, libc::TCP_NOTSENT_LOWAT, UNSENT);
        self.next = way.wrapping_add(1).max(1);
        let address = Address { socket: from, way };
        self.open.insert(
            way,
            Open {
                fd,
                address,
                origin,
                talk: Talk::new(now),
                writing: false,
            },
        );
        self.strangers.insert(way);
        *self.from.entry(origin).or_default() += 1;
        self.accepted += 1;
    }

    fn make_room(&mut self, origin: IpAddr) {
        let open = &self.open;
        self.strangers
            .retain(|way| open.get(way).is_some_and(|each| !each.talk.answered));
        let mut mine = self
            .strangers
            .iter()
            .filter(|way| open.get(way).is_some_and(|each| each.origin == origin));
        let oldest = mine.next().copied();
        if 1 + mine.count() >= self.limits.strangers_from_one {
            oldest.inspect(|way| self.cut(*way));
        } else if self.strangers.len() >= self.limits.strangers {
            self.strangers.first().copied().inspect(|way| self.cut(*way));
        }
    }

    fn cut(&mut self, way: u32) {
        self.cut_off += 1;
        self.hang_up(way);
    }

    fn hang_up(&mut self, way: u32) {
        let Some(gone) = self.open.remove(&way) else { return };
        self.strangers.remove(&way);
        if let Some(count) = self.from.get_mut(&gone.origin) {
            *count -= 1;
            if *count == 0 {
                self.from.remove(&gone.origin);
            }
        }
        self.left_out += gone.talk.dropped;
        self.news.gone.push((gone.address, gone.talk.answered));
    }
}

/// Whom an address counts for: a household or a school has one of IPv4, or a /64 of IPv6.
fn origin(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(_) => ip,
        IpAddr::V6(new) => IpAddr::V6((new.to_bits() & !u128::from(u64::MAX)).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::net::TcpStream;
    use std::time::Duration;

    struct Bench {
        tcp: Tcp,
        epoll: Arc<Epoll>,
        at: SocketAddr,
    }

    impl Bench {
        fn new(limits: Limits) -> Self {
            let epoll = Arc::new(Epoll::new().unwrap());
            let tcp = Tcp::open("127.0.0.1".parse().unwrap(), 0, 1, limits, epoll.clone()).unwrap();
            let at = net::name_of(&tcp.listening).unwrap();
            Self { tcp, epoll, at }
        }

        fn connect(&mut self) -> TcpStream {
            let before = self.tcp.accepted + self.tcp.refused;
            let made = TcpStream::connect(self.at).unwrap();
            made.set_read_timeout(Some(Duration::from_secs(2))).unwrap();
            while self.tcp.accepted + self.tcp.refused == before {
                self.tcp.accept(100.0);
            }
            made
        }

        /// One that was answered, and its address.
        fn known(&mut self) -> (TcpStream, Address) {
            let mut made = self.connect();
            made.write_all(b"\x00\x02hi").unwrap();
            let way = self.tcp.next - 1;
            let mut events = [net::Event { events: 0, u64: 0 }; 64];
            loop {
                let found: Vec<u64> = self
                    .epoll
                    .wait(&mut events, 1.0)
                    .unwrap()
                    .iter()
                    .map(|each| each.u64)
                    .collect();
                if found.contains(&(FIRST + u64::from(way))) {
                    break;
                }
            }
            let (address, memory, packets) = self.tcp.read(way, 100.0).unwrap();
            assert_eq!(
                packets.iter().map(|each| &memory[each.clone()]).collect::<Vec<_>>(),
                [b"hi"]
            );
            self.tcp.send(address, b"answer", 6);
            let mut got = [0; 8];
            made.read_exact(&mut got).unwrap();
            assert_eq!(&got, b"\x00\x06answer");
            (made, address)
        }
    }

    fn is_closed(mut stream: &TcpStream) -> bool {
        matches!(stream.read(&mut [0; 8]), Ok(0))
    }

    #[test]
    fn who_says_nothing_right_is_cut_off_after_a_while_and_the_silent_later() {
        let mut bench = Bench::new(Limits::default());
        let stranger = bench.connect();
        let (known, address) = bench.known();
        bench.tcp.sweep(110.5);
        assert!(is_closed(&stranger));
        assert_eq!(bench.tcp.news.gone.len(), 1);
        assert!(!bench.tcp.news.gone[0].1);
        bench.tcp.sweep(140.5);
        assert!(is_closed(&known));
        assert_eq!(bench.tcp.news.gone[1], (address, true));
        bench.tcp.send(address, b"too late", 8);
    }

    #[test]
    fn too_many_strangers_push_out_the_oldest_and_never_a_known_one() {
        let mut bench = Bench::new(Limits {
            strangers_from_one: 3,
            ..Limits::default()
        });
        let (_known, address) = bench.known();
        let strangers: Vec<_> = (0..5).map(|_| bench.connect()).collect();
        assert!(is_closed(&strangers[0]) && is_closed(&strangers[1]));
        assert_eq!((bench.tcp.open.len(), bench.tcp.cut_off), (4, 2));
        assert!(bench.tcp.open.contains_key(&address.way));
        bench.known();
        let mut bench = Bench::new(Limits {
            strangers: 2,
            ..Limits::default()
        });
        let strangers: Vec<_> = (0..3).map(|_| bench.connect()).collect();
        assert!(is_closed(&strangers[0]));
        assert_eq!(bench.tcp.strangers.len(), 2);
    }

    #[test]
    fn beyond_the_bound_nobody_comes_in_and_who_is_in_stays() {
        let usual = Limits::default();
        for limits in [
            Limits {
                connections: 2,
                ..usual
            },
            Limits { from_one: 2, ..usual },
        ] {
            let mut bench = Bench::new(limits);
            let (_first, (second, address)) = (bench.known(), bench.known());
            assert!(is_closed(&bench.connect()));
            assert_eq!((bench.tcp.open.len(), bench.tcp.refused), (2, 1));
            drop(second);
            while bench.tcp.open.contains_key(&address.way) {
                bench.tcp.read(address.way, 100.0);
            }
            bench.known();
        }
    }

    #[test]
    fn another_behind_the_same_number_gets_nothing() {
        let mut bench = Bench::new(Limits::default());
        let (stream, address) = bench.known();
        stream.set_nonblocking(true).unwrap();
        bench.tcp.send(
            Address {
                socket: "192.0.2.1:9".parse().unwrap(),
                ..address
            },
            b"not yours",
            9,
        );
        bench.tcp.send(address, b"yours", 5);
        stream.set_nonblocking(false).unwrap();
        let mut got = [0; 7];
        (&stream).read_exact(&mut got).unwrap();
        assert_eq!(&got, b"\x00\x05yours");
    }

    #[test]
    fn a_household_of_ipv6_is_one_origin() {
        let of = |text: &str| origin(text.parse().unwrap());
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), of("2001:db8:1:2::9"));
        assert_ne!(of("2001:db8:1:2::9"), of("2001:db8:1:3::9"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
    }
}
