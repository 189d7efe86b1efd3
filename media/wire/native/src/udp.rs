//! The UDP sockets: many datagrams a call where the kernel can, in (GRO, recvmmsg) and out (GSO).

use std::io;
use std::mem::{size_of, zeroed};
use std::net::{IpAddr, SocketAddr};
use std::os::fd::{AsRawFd, OwnedFd};

use libc::{c_int, c_uint};

use crate::engine::MAX_DATAGRAM;
use crate::net;

/// Own addresses that get a socket each; a machine with more answers from where its routes say.
const MAX_SOCKETS: usize = 32;
const BUFFER: c_int = 8 * 1024 * 1024;
/// The kernel takes 64 segments a send (older ones) or 128.
const MAX_SEGMENTS: usize = 60;
const NO_SEGMENTS: [c_int; 4] = [libc::EIO, libc::EINVAL, libc::EOPNOTSUPP, libc::ENOPROTOOPT];
const SOL_UDP: c_int = libc::SOL_UDP;
/// Room for the one control message that we send or take.
const CONTROL: usize = 64;

/// One socket. It never blocks, and what the network does is no error.
pub struct Udp {
    fd: OwnedFd,
    v6: bool,
    gro: bool,
    /// Whether the kernel cuts a run into packets for us.
    pub segments: bool,
    /// Sends that the network did not take.
    pub failed: u64,
}

impl Udp {
    pub fn open(host: IpAddr, port: u16) -> io::Result<Self> {
        Self::prepared(host, port, false)
    }

    fn prepared(host: IpAddr, port: u16, shared: bool) -> io::Result<Self> {
        let fd = net::bound(host, port, libc::SOCK_DGRAM, |fd| {
            net::set(fd, libc::SOL_SOCKET, libc::SO_REUSEADDR, c_int::from(shared))?;
            for (forced, plain) in [
                (libc::SO_RCVBUFFORCE, libc::SO_RCVBUF),
                (libc::SO_SNDBUFFORCE, libc::SO_SNDBUF),
            ] {
                // Beyond the system's limit only for root; the plain way takes what is allowed.
                net::set(fd, libc::SOL_SOCKET, forced, BUFFER)
                    .or_else(|_| net::set(fd, libc::SOL_SOCKET, plain, BUFFER))?;
            }
            Ok(())
        })?;
        let segments = net::set(&fd, SOL_UDP, libc::UDP_SEGMENT, 0).is_ok();
        let gro = net::set(&fd, SOL_UDP, libc::UDP_GRO, 1).is_ok();
        Ok(Self {
            fd,
            v6: host.is_ipv6(),
            gro,
            segments,
            failed: 0,
        })
    }

    pub fn address(&self) -> io::Result<SocketAddr> {
        net::name_of(&self.fd)
    }

    /// What is needed to read from it while others send on it.
    pub fn reading(&self) -> Reading {
        Reading {
            fd: self.fd.as_raw_fd(),
            gro: self.gro,
        }
    }

    pub fn send(&mut self, to: SocketAddr, data: &[u8]) {
        if self.sent(to, data, None).is_err() {
            self.failed += 1; // full buffer, no route, filtered: the network lost a packet
        }
    }

    /// Send packets of `size` bytes, the last may be shorter.
    pub fn send_run(&mut self, to: SocketAddr, data: &[u8], size: usize) {
        let size = size.clamp(1, u16::MAX as usize);
        for part in data.chunks(size * MAX_SEGMENTS) {
            let sent = if self.segments {
                self.sent(to, part, Some(size as u16))
            } else {
                Err(one_by_one())
            };
            let Err(error) = sent else { continue };
            match after(error.raw_os_error().unwrap_or(0)) {
                After::Never => self.segments = false,
                After::NotHere => {}
                After::Lost => {
                    self.failed += 1;
                    continue;
                }
            }
            for packet in part.chunks(size) {
                self.send(to, packet);
            }
        }
    }

    fn sent(&self, to: SocketAddr, data: &[u8], segment: Option<u16>) -> io::Result<usize> {
        let (mut name, size) = net::to_raw(to, self.v6);
        let mut part = libc::iovec {
            iov_base: data.as_ptr().cast_mut().cast(),
            iov_len: data.len(),
        };
        let mut control = Control([0; CONTROL]);
        // SAFETY: all that the message points to lives through the call, which only reads; the control message fits.
        net::counted(unsafe {
            let mut message: libc::msghdr = zeroed();
            message.msg_name = (&raw mut name).cast();
            message.msg_namelen = size;
            message.msg_iov = &mut part;
            message.msg_iovlen = 1;
            if let Some(segment) = segment {
                message.msg_control = control.0.as_mut_ptr().cast();
                message.msg_controllen = libc::CMSG_SPACE(size_of::<u16>() as c_uint) as _;
                let said = libc::CMSG_FIRSTHDR(&message);
                (*said).cmsg_level = SOL_UDP;
                (*said).cmsg_type = libc::UDP_SEGMENT;
                (*said).cmsg_len = libc::CMSG_LEN(size_of::<u16>() as c_uint) as _;
                libc::CMSG_DATA(said).cast::<u16>().write_unaligned(segment);
            }
            libc::sendmsg(self.fd.as_raw_fd(), &message, libc::MSG_NOSIGNAL)
        })
    }
}

/// A socket to read from; of use as long as the socket is open.
#[derive(Clone, Copy)]
pub struct Reading {
    fd: c_int,
    gro: bool,
}

impl AsRawFd for Udp {
    fn as_raw_fd(&self) -> c_int {
        self.fd.as_raw_fd()
    }
}

/// What a refused run means.
#[derive(Debug, PartialEq)]
enum After {
    /// The network card cannot, though the kernel can: one by one from now on.
    Never,
    /// Too large for this path: one by one this time.
    NotHere,
    Lost,
}

fn after(error: c_int) -> After {
    match error {
        _ if NO_SEGMENTS.contains(&error) => After::Never,
        libc::EMSGSIZE => After::NotHere,
        _ => After::Lost,
    }
}

fn one_by_one() -> io::Error {
    io::Error::from_raw_os_error(libc::EMSGSIZE)
}

/// Where one socket takes what comes to any own address: a socket for each of `own`, if that is needed.
///
/// The kernel answers from the address its routes choose; with several that may not be the one that was asked, and a
/// firewall between then lets no answer through. A socket bound to the address answers from it, and costs nothing a
/// packet. The first stays for addresses that come later.
pub fn open_beside(first: &Udp, own: &[IpAddr]) -> Vec<Udp> {
    let Ok(bound) = first.address() else { return Vec::new() };
    if !bound.ip().is_unspecified() {
        return Vec::new();
    }
    let usable: Vec<IpAddr> = own.iter().copied().filter(|each| each.is_ipv4() || first.v6).collect();
    let several = |v6: bool| usable.iter().filter(|each| each.is_ipv6() == v6).count() > 1;
    let wanted = usable.iter().filter(|each| several(each.is_ipv6())).take(MAX_SOCKETS);
    let share = |fd: &OwnedFd, shared: c_int| _ = net::set(fd, libc::SOL_SOCKET, libc::SO_REUSEADDR, shared);
    share(&first.fd, 1);
    // One that cannot be had has gone, or is another program's.
    let made: Vec<Udp> = wanted
        .filter_map(|each| Udp::prepared(*each, bound.port(), true).ok())
        .collect();
    for each in made.iter().chain([first]) {
        share(&each.fd, 0); // from now on the port is taken, as it was
    }
    made
}

/// Datagrams of one or more to a message; a message with GRO holds up to 64 of one sender.
const GATHERED: usize = 65_536;
const GATHERINGS: usize = 16;
const SINGLES: usize = 64;

/// Memory to receive into.
pub struct Inbox {
    memory: Vec<u8>,
    names: Vec<libc::sockaddr_storage>,
    controls: Vec<Control>,
}

#[derive(Clone, Copy)]
#[repr(align(8))]
struct Control([u8; CONTROL]);

impl Default for Inbox {
    fn default() -> Self {
        // SAFETY: zeroes are a valid sockaddr_storage.
        let name: libc::sockaddr_storage = unsafe { zeroed() };
        Self {
            memory: vec![0; GATHERED * GATHERINGS],
            names: vec![name; SINGLES],
            controls: vec![Control([0; CONTROL]); SINGLES],
        }
    }
}

impl Inbox {
    /// Read once, and give each datagram to `take`. Returns how many there were, and whether there may be more.
    pub fn receive(&mut self, udp: Reading, mut take: impl FnMut(&mut [u8], SocketAddr)) -> (usize, bool) {
        let (size, most) = if udp.gro {
            (GATHERED, GATHERINGS)
        } else {
            (MAX_DATAGRAM, SINGLES)
        };
        let mut heads: [libc::mmsghdr; SINGLES] =
            // SAFETY: zeroes are a valid mmsghdr.
            unsafe { zeroed() };
        let mut parts: [libc::iovec; SINGLES] =
            // SAFETY: zeroes are a valid iovec.
            unsafe { zeroed() };
        let places = self
            .memory
            .chunks_mut(size)
            .zip(&mut self.names)
            .zip(&mut self.controls);
        for (((place, name), control), (head, part)) in places.zip(heads.iter_mut().zip(&mut parts)).take(most) {
            *part = libc::iovec {
                iov_base: place.as_mut_ptr().cast(),
                iov_len: place.len(),
            };
            head.msg_hdr.msg_name = (&raw mut *name).cast();
            head.msg_hdr.msg_namelen = size_of::<libc::sockaddr_storage>() as _;
            head.msg_hdr.msg_iov = part;
            head.msg_hdr.msg_iovlen = 1;
            if udp.gro {
                head.msg_hdr.msg_control = control.0.as_mut_ptr().cast();
                head.msg_hdr.msg_controllen = CONTROL as _;
            }
        }
        // SAFETY: each of the first `most` heads points to memory of ours that lives through the call.
        let read = net::checked(unsafe {
            libc::recvmmsg(udp.fd, heads.as_mut_ptr(), most as c_uint, 0, std::ptr::null_mut())
        });
        let Ok(read) = read else { return (0, false) }; // nothing there, or an ICMP error of somebody's address
        let mut datagrams = 0;
        let places = self.memory.chunks_mut(size).zip(&self.names);
        for (head, (place, name)) in heads.iter().zip(places).take(read as usize) {
            let (Some(from), Some(data)) = (net::from_raw(name), place.get_mut(..head.msg_len as usize)) else {
                continue;
            };
            let step = if udp.gro { segment(&head.msg_hdr) } else { None };
            for each in data.chunks_mut(step.unwrap_or(size)) {
                datagrams += 1;
                let length = each.len().min(MAX_DATAGRAM);
                take(&mut each[..length], from);
            }
        }
        (datagrams, read as usize == most)
    }
}

/// Of how many bytes each, but perhaps the last, the datagrams are that came as one.
fn segment(message: &libc::msghdr) -> Option<usize> {
    // SAFETY: the kernel has written the control messages, within the memory that was given.
    let size = unsafe {
        let mut said = libc::CMSG_FIRSTHDR(message);
        loop {
            if said.is_null() {
                return None;
            }
            if (*said).cmsg_level == SOL_UDP && (*said).cmsg_type == libc::UDP_GRO {
                break libc::CMSG_DATA(said).cast::<c_int>().read_unaligned();
            }
            said = libc::CMSG_NXTHDR(message, said);
        }
    };
    usize::try_from(size).ok().filter(|size| *size > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::UdpSocket;
    use std::time::Duration;

    const HERE: &str = "127.0.0.1";

    fn open(host: &str) -> Udp {
        Udp::open(host.parse().unwrap(), 0).unwrap()
    }

    fn sink() -> (UdpSocket, SocketAddr) {
        let made = UdpSocket::bind((HERE, 0)).unwrap();
        made.set_read_timeout(Some(Duration::from_secs(2))).unwrap();
        let address = made.local_addr().unwrap();
        (made, address)
    }

    fn sizes(sink: &UdpSocket, count: usize) -> Vec<usize> {
        let mut into = [0; 2048];
        (0..count).map(|_| sink.recv(&mut into).unwrap()).collect()
    }

    #[test]
    fn a_run_is_cut_into_packets_with_and_without_the_kernels_help() {
        let (mut udp, (sink, address)) = (open(HERE), sink());
        udp.send_run(address, &[7; 240], 100);
        assert_eq!(sizes(&sink, 3), [100, 100, 40]);
        udp.segments = false;
        udp.send_run(address, &[7; 240], 100);
        assert_eq!(sizes(&sink, 3), [100, 100, 40]);
        udp.segments = true;
        udp.send_run(address, &[7; 15_000], 100);
        assert_eq!(sizes(&sink, 150), [100; 150], "more than one call takes");
        assert_eq!(udp.failed, 0);
    }

    #[test]
    fn a_card_that_cannot_is_asked_once_and_a_narrow_path_again() {
        for error in NO_SEGMENTS {
            assert_eq!(after(error), After::Never);
        }
        assert_eq!(after(libc::EMSGSIZE), After::NotHere);
        assert_eq!(after(libc::EAGAIN), After::Lost);
    }

    #[test]
    fn what_the_network_refuses_is_lost_and_counted() {
        let mut udp = open(HERE);
        let nowhere = "255.255.255.255:9".parse().unwrap();
        udp.send(nowhere, b"no broadcast allowed");
        udp.send_run(nowhere, &[0; 300], 100);
        assert!(udp.failed >= 2);
    }

    #[test]
    fn what_comes_as_one_is_told_one_by_one() {
        for gro in [true, false] {
            let (mut udp, mut sender) = (open(HERE), open(HERE));
            if !gro {
                net::set(&udp.fd, SOL_UDP, libc::UDP_GRO, 0).unwrap();
                udp.gro = false;
            }
            let to = udp.address().unwrap();
            sender.send_run(to, &[5; 1050], 100);
            sender.send(to, b"and one");
            let (mut inbox, mut got) = (Inbox::default(), Vec::new());
            while got.len() < 12 {
                inbox.receive(udp.reading(), |data, from| got.push((data.len(), from)));
            }
            let from = sender.address().unwrap();
            let expected: Vec<_> = [100; 10].into_iter().chain([50, 7]).map(|size| (size, from)).collect();
            assert_eq!(got, expected);
            assert_eq!(inbox.receive(udp.reading(), |_, _| ()), (0, false));
        }
    }

    #[test]
    fn one_socket_speaks_both_families() {
        let (mut both, (sink, address)) = (open("::"), sink());
        both.send(address, b"hello");
        let (_, from) = sink.recv_from(&mut [0; 10]).unwrap();
        assert_eq!(from.port(), both.address().unwrap().port());
        sink.send_to(b"back", from).unwrap();
        let (mut inbox, mut got) = (Inbox::default(), None);
        while got.is_none() {
            inbox.receive(both.reading(), |_, from| got = Some(from));
        }
        assert_eq!(got, Some(address));
    }

    #[test]
    fn each_of_several_own_addresses_has_a_socket_and_the_port_stays_taken() {
        let own = |all: &[&str]| -> Vec<IpAddr> { all.iter().map(|each| each.parse().unwrap()).collect() };
        let first = open("0.0.0.0");
        let port = first.address().unwrap().port();
        assert!(
            open_beside(&first, &own(&["127.0.0.2", "::1"])).is_empty(),
            "one of each answers rightly by itself"
        );
        let beside = open_beside(&first, &own(&["127.0.0.2", "127.0.0.3", "192.0.2.200"]));
        let bound: Vec<String> = beside.iter().map(|each| each.address().unwrap().to_string()).collect();
        assert_eq!(bound, [format!("127.0.0.2:{port}"), format!("127.0.0.3:{port}")]);
        assert!(Udp::prepared("127.0.0.2".parse().unwrap(), port, true).is_err());
        assert!(open_beside(&open(HERE), &own(&["127.0.0.2", "127.0.0.3"])).is_empty());
    }
}
