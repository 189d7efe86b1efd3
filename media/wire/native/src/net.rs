//! The system's edge: sockets, addresses, epoll and eventfd, each call behind a safe function. Linux.

use std::io;
use std::mem::{size_of, zeroed};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

use libc::{c_int, c_void, sockaddr_storage, socklen_t};

/// What a system call said: its result, or the error in its place.
pub fn checked(result: c_int) -> io::Result<c_int> {
    if result < 0 {
        Err(io::Error::last_os_error())
    } else {
        Ok(result)
    }
}

/// As `checked`, of calls that tell a number of bytes.
pub fn counted(result: isize) -> io::Result<usize> {
    usize::try_from(result).map_err(|_| io::Error::last_os_error())
}

/// Monotonic seconds, as Python's time.monotonic().
pub fn now() -> f64 {
    // SAFETY: a timespec of zeroes is valid, and the kernel writes it whole.
    let time = unsafe {
        let mut time: libc::timespec = zeroed();
        libc::clock_gettime(libc::CLOCK_MONOTONIC, &mut time);
        time
    };
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

/// A non-blocking socket that is bound to `host` and `port`, after `prepare` has set what it wants.
pub fn bound(
    host: IpAddr,
    port: u16,
    kind: c_int,
    prepare: impl FnOnce(&OwnedFd) -> io::Result<()>,
) -> io::Result<OwnedFd> {
    let family = if host.is_ipv6() { libc::AF_INET6 } else { libc::AF_INET };
    // SAFETY: plain numbers; the descriptor is ours from here on.
    let fd = unsafe {
        OwnedFd::from_raw_fd(checked(libc::socket(
            family,
            kind | libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC,
            0,
        ))?)
    };
    if host.is_ipv6() {
        set(&fd, libc::IPPROTO_IPV6, libc::IPV6_V6ONLY, 0)?;
    }
    prepare(&fd)?;
    let (raw, size) = to_raw(SocketAddr::new(host, port), host.is_ipv6());
    // SAFETY: `raw` holds an address of `size` bytes.
    checked(unsafe { libc::bind(fd.as_raw_fd(), (&raw const raw).cast(), size) })?;
    Ok(fd)
}

pub fn set(fd: &OwnedFd, level: c_int, name: c_int, value: c_int) -> io::Result<()> {
    let at: *const c_void = (&raw const value).cast();
    // SAFETY: `at` points to an int of the size that is told.
    checked(unsafe { libc::setsockopt(fd.as_raw_fd(), level, name, at, size_of::<c_int>() as socklen_t) }).map(|_| ())
}

/// Where a socket is bound.
pub fn name_of(fd: &OwnedFd) -> io::Result<SocketAddr> {
    // SAFETY: zeroes are a valid sockaddr_storage; the kernel writes no more than `size`.
    let raw = unsafe {
        let mut raw: sockaddr_storage = zeroed();
        let mut size = size_of::<sockaddr_storage>() as socklen_t;
        checked(libc::getsockname(fd.as_raw_fd(), (&raw mut raw).cast(), &mut size))?;
        raw
    };
    from_raw(&raw).ok_or_else(|| io::Error::from(io::ErrorKind::Unsupported))
}

/// Take connections from now on; `most` may wait.
pub fn listen(fd: &OwnedFd, most: c_int) -> io::Result<()> {
    // SAFETY: plain numbers.
    checked(unsafe { libc::listen(fd.as_raw_fd(), most) }).map(drop)
}

/// The next connection of a listening socket, non-blocking, and where it is from.
pub fn accepted(fd: &OwnedFd) -> io::Result<(OwnedFd, SocketAddr)> {
    // SAFETY: as in `name_of`; the new descriptor is ours.
    let (made, raw) = unsafe {
        let mut raw: sockaddr_storage = zeroed();
        let mut size = size_of::<sockaddr_storage>() as socklen_t;
        let flags = libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC;
        let made = checked(libc::accept4(fd.as_raw_fd(), (&raw mut raw).cast(), &mut size, flags))?;
        (OwnedFd::from_raw_fd(made), raw)
    };
    let from = from_raw(&raw).ok_or_else(|| io::Error::from(io::ErrorKind::Unsupported))?;
    Ok((made, from))
}

/// Bytes of a stream, as many as are there.
pub fn received(fd: &OwnedFd, into: &mut [u8]) -> io::Result<usize> {
    // SAFETY: the kernel writes within `into`.
    counted(unsafe { libc::recv(fd.as_raw_fd(), into.as_mut_ptr().cast(), into.len(), 0) })
}

/// Bytes into a stream, as many as it takes; no signal when nobody is there.
pub fn pushed(fd: &OwnedFd, data: &[u8]) -> io::Result<usize> {
    // SAFETY: the kernel reads within `data`.
    counted(unsafe { libc::send(fd.as_raw_fd(), data.as_ptr().cast(), data.len(), libc::MSG_NOSIGNAL) })
}

/// An address as the kernel wants it; on a socket of IPv6, IPv4 is mapped (RFC 4291 §2.5.5.2).
pub fn to_raw(address: SocketAddr, v6: bool) -> (sockaddr_storage, socklen_t) {
    // SAFETY: zeroes are a valid sockaddr_storage, which is large and aligned enough for both kinds.
    unsafe {
        let mut raw: sockaddr_storage = zeroed();
        let (ip, scope) = match address {
            SocketAddr::V4(old) if !v6 => {
                let into = &mut *(&raw mut raw).cast::<libc::sockaddr_in>();
                into.sin_family = libc::AF_INET as libc::sa_family_t;
                into.sin_port = old.port().to_be();
                into.sin_addr.s_addr = u32::from_ne_bytes(old.ip().octets());
                return (raw, size_of::<libc::sockaddr_in>() as socklen_t);
            }
            SocketAddr::V4(old) => (old.ip().to_ipv6_mapped(), 0),
            SocketAddr::V6(new) => (*new.ip(), new.scope_id()),
        };
        let into = &mut *(&raw mut raw).cast::<libc::sockaddr_in6>();
        into.sin6_family = libc::AF_INET6 as libc::sa_family_t;
        into.sin6_port = address.port().to_be();
        into.sin6_addr.s6_addr = ip.octets();
        into.sin6_scope_id = scope;
        (raw, size_of::<libc::sockaddr_in6>() as socklen_t)
    }
}

/// An address as people write it: never IPv4 in IPv6.
pub fn from_raw(raw: &sockaddr_storage) -> Option<SocketAddr> {
    match c_int::from(raw.ss_family) {
        libc::AF_INET => {
            // SAFETY: the family says which kind it is, and the storage is large enough.
            let old = unsafe { &*(&raw const *raw).cast::<libc::sockaddr_in>() };
            let ip = Ipv4Addr::from(old.sin_addr.s_addr.to_ne_bytes());
            Some(SocketAddr::V4(SocketAddrV4::new(ip, u16::from_be(old.sin_port))))
        }
        libc::AF_INET6 => {
            // SAFETY: as above.
            let new = unsafe { &*(&raw const *raw).cast::<libc::sockaddr_in6>() };
            let (ip, port) = (
                std::net::Ipv6Addr::from(new.sin6_addr.s6_addr),
                u16::from_be(new.sin6_port),
            );
            Some(match ip.to_ipv4_mapped() {
                Some(old) => SocketAddr::V4(SocketAddrV4::new(old, port)),
                None => SocketAddr::V6(SocketAddrV6::new(ip, port, 0, new.sin6_scope_id)),
            })
        }
        _ => None,
    }
}

/// Tells which sockets want to be looked at.
pub struct Epoll(OwnedFd);

pub type Event = libc::epoll_event;

impl Epoll {
    pub fn new() -> io::Result<Self> {
        // SAFETY: the descriptor is ours from here on.
        Ok(Self(unsafe {
            OwnedFd::from_raw_fd(checked(libc::epoll_create1(libc::EPOLL_CLOEXEC))?)
        }))
    }

    /// Tell of what can be read there, from now on.
    pub fn add(&self, fd: &impl AsRawFd, token: u64) -> io::Result<()> {
        self.control(libc::EPOLL_CTL_ADD, fd, token, false)
    }

    /// Tell of room to write, too, or no more.
    pub fn change(&self, fd: &impl AsRawFd, token: u64, write: bool) -> io::Result<()> {
        self.control(libc::EPOLL_CTL_MOD, fd, token, write)
    }

    pub fn remove(&self, fd: &impl AsRawFd) -> io::Result<()> {
        self.control(libc::EPOLL_CTL_DEL, fd, 0, false)
    }

    /// What is to be looked at, after at most so many seconds (in whole milliseconds, upwards).
    pub fn wait<'a>(&self, events: &'a mut [Event], seconds: f64) -> io::Result<&'a [Event]> {
        let patience = (seconds.clamp(0.0, 60.0) * 1000.0).ceil() as c_int;
        // SAFETY: the kernel writes no more than the events there is room for.
        let found = checked(unsafe {
            libc::epoll_wait(self.0.as_raw_fd(), events.as_mut_ptr(), events.len() as c_int, patience)
        });
        match found {
            Ok(count) => Ok(events.get(..count as usize).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(&[]),
            Err(error) => Err(error),
        }
    }

    fn control(&self, what: c_int, fd: &impl AsRawFd, token: u64, write: bool) -> io::Result<()> {
        let events = libc::EPOLLIN | if write { libc::EPOLLOUT } else { 0 };
        let mut event = libc::epoll_event {
            events: events as u32,
            u64: token,
        };
        // SAFETY: `event` lives through the call.
        checked(unsafe { libc::epoll_ctl(self.0.as_raw_fd(), what, fd.as_raw_fd(), &mut event) }).map(|_| ())
    }
}

/// Wakes another thread that waits in epoll: an eventfd.
pub struct Bell(OwnedFd);

impl Bell {
    pub fn new() -> io::Result<Self> {
        let flags = libc::EFD_CLOEXEC | libc::EFD_NONBLOCK;
        // SAFETY: the descriptor is ours from here on.
        Ok(Self(unsafe { OwnedFd::from_raw_fd(checked(libc::eventfd(0, flags))?) }))
    }

    pub fn ring(&self) {
        let one = 1u64;
        // SAFETY: eight bytes are read. A full counter is as good as a rung bell.
        unsafe { libc::write(self.0.as_raw_fd(), (&raw const one).cast(), 8) };
    }

    pub fn silence(&self) {
        let mut count = 0u64;
        // SAFETY: eight bytes are written.
        unsafe { libc::read(self.0.as_raw_fd(), (&raw mut count).cast(), 8) };
    }
}

impl AsRawFd for Bell {
    fn as_raw_fd(&self) -> c_int {
        self.0.as_raw_fd()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_mapped_only_where_they_must_be() {
        for text in ["192.0.2.1:5", "[2001:db8::1]:5", "[fe80::1%3]:7"] {
            let address: SocketAddr = text.parse().unwrap();
            let (mapped, _) = to_raw(address, true);
            assert_eq!(c_int::from(mapped.ss_family), libc::AF_INET6);
            assert_eq!(from_raw(&mapped), Some(address));
        }
        let old: SocketAddr = "192.0.2.1:5".parse().unwrap();
        assert_eq!(from_raw(&to_raw(old, false).0), Some(old));
    }

    #[test]
    fn a_bell_wakes_once_for_many_rings() {
        let (epoll, bell) = (Epoll::new().unwrap(), Bell::new().unwrap());
        epoll.add(&bell, 9).unwrap();
        let mut events = [Event { events: 0, u64: 0 }; 4];
        assert!(epoll.wait(&mut events, 0.0).unwrap().is_empty());
        bell.ring();
        bell.ring();
        let found: Vec<u64> = epoll
            .wait(&mut events, 1.0)
            .unwrap()
            .iter()
            .map(|each| each.u64)
            .collect();
        assert_eq!(found, [9]);
        bell.silence();
        assert!(epoll.wait(&mut events, 0.0).unwrap().is_empty());
    }
}
