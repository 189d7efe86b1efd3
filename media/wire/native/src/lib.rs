//! Sabaq's wire: what moves packets. The engine is pure; `shell` gives it sockets, a thread and Python.

mod arrivals;
pub mod bandwidth;
mod bytes;
mod cipher;
mod counts;
pub mod dependencies;
pub mod descriptors;
pub mod engine;
pub mod frames;
mod gaps;
#[cfg(test)]
mod given;
mod heads;
mod history;
mod incoming;
pub mod keyframes;
mod layering;
pub mod layers;
pub mod line;
mod losses;
mod loudest;
pub mod net;
mod outgoing;
mod pacer;
mod pacing;
mod peer;
mod pictures;
mod probing;
mod publications;
mod receiving;
pub mod red;
mod replay;
pub mod rtcp;
pub mod rtp;
mod sending;
pub mod shell;
mod slab;
pub mod srtp;
mod tables;
pub mod talk;
pub mod tcp;
mod trend;
pub mod twcc;
pub mod types;
pub mod udp;
mod viewer_line;

#[cfg(feature = "python")]
mod python;
#[cfg(feature = "python")]
mod written;
