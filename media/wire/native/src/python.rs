//! The Python module `_core`: the wire on sockets, and the engine alone for networks in memory.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Mutex, PoisonError};

use pyo3::exceptions::{PyOSError, PyRuntimeError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList, PyTuple};

use crate::descriptors::Codec;
use crate::engine::{self, Output};
use crate::line::Ask;
use crate::shell;
use crate::tcp::Limits;
use crate::types::{
    AddPublication, AddSubscription, Address, Command, Kind, Note, Payload, PayloadMap, Profile, Value,
};
use crate::written::{write_address, write_heads, write_note, write_receptions, write_value};

/// Notes that are handed over before Python's loop gets another turn.
const AT_ONCE: usize = 512;

#[pymodule]
#[pyo3(name = "_core")]
fn core(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Wire>()?;
    module.add_class::<Engine>()
}

#[pyclass(frozen)]
struct Wire(shell::Wire);

#[pymethods]
impl Wire {
    /// Raises OSError when the port is taken.
    #[new]
    #[pyo3(signature = (host, port, own, patience=10.0, idle=40.0))]
    fn new(host: &str, port: u16, own: Vec<String>, patience: f64, idle: f64) -> PyResult<Self> {
        let own: Vec<IpAddr> = own.iter().filter_map(|each| each.parse().ok()).collect();
        let limits = Limits {
            patience,
            idle,
            ..Limits::default()
        };
        shell::Wire::open(read_host(host)?, port, &own, limits)
            .map(Self)
            .map_err(|error| {
                let words = error.to_string();
                let words = words.split(" (os error").next().unwrap_or_default().to_owned();
                PyOSError::new_err((error.raw_os_error().unwrap_or(0), words))
            })
    }

    #[getter]
    fn port(&self) -> u16 {
        self.0.port
    }

    /// Readable when there are notes, or when the thread has died.
    #[getter]
    fn bell(&self) -> i32 {
        self.0.bell()
    }

    /// Why the thread has died, if it has.
    #[getter]
    fn died(&self) -> Option<String> {
        self.0.died()
    }

    fn perform(&self, command: &Bound<'_, PyAny>) -> PyResult<()> {
        self.tell(read_command(command)?)
    }

    fn tap(&self, publication: String, on: bool) -> PyResult<()> {
        self.tell(Command::Tap { publication, on })
    }

    fn receptions<'py>(&self, py: Python<'py>, peer: String) -> PyResult<Bound<'py, PyList>> {
        let found = py.detach(|| self.0.receptions(peer)).unwrap_or_default();
        write_receptions(py, &found)
    }

    fn captured<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let found = py.detach(|| self.0.captured()).unwrap_or_default();
        write_heads(py, &found)
    }

    /// None for a peer that is not known, and when the thread does not answer.
    fn counts<'py>(&self, py: Python<'py>, peer: String) -> PyResult<Option<Bound<'py, PyAny>>> {
        let found = py.detach(|| self.0.counts(peer)).flatten();
        found.map(|told| write_value(py, &Value::Map(told))).transpose()
    }

    /// None when the thread does not answer.
    fn dump<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let found = py.detach(|| self.0.dump());
        found.map(|told| write_value(py, &Value::Map(told))).transpose()
    }

    /// What has been noted, some at a time, as `(kind, …)`.
    fn notes<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyTuple>>> {
        self.0.notes(AT_ONCE).iter().map(|note| write_note(py, note)).collect()
    }

    fn close(&self, py: Python<'_>) {
        py.detach(|| self.0.close());
    }

    /// Make the thread panic.
    fn _fall(&self) {
        self.0.ask(Ask::Fall);
    }
}

impl Wire {
    fn tell(&self, command: Command) -> PyResult<()> {
        if self.0.perform(command) {
            return Ok(());
        }
        let why = self.0.died().unwrap_or_else(|| "it is closed".to_owned());
        Err(PyRuntimeError::new_err(format!("the wire's thread has ended: {why}")))
    }
}

/// The engine without sockets and threads. Everything returns what it puts out: notes, and `("send", address, data,
/// size)`, of which size 0 is one packet.
#[pyclass(frozen)]
struct Engine(Mutex<engine::Engine>);

#[pymethods]
impl Engine {
    #[new]
    fn new() -> Self {
        Self(Mutex::new(engine::Engine::new()))
    }

    fn receive<'py>(
        &self,
        py: Python<'py>,
        data: &[u8],
        address: &Bound<'py, PyAny>,
        now: f64,
    ) -> PyResult<Vec<Bound<'py, PyTuple>>> {
        let (address, mut data) = (read_address(address)?, data.to_vec());
        self.with(py, |engine, out| engine.receive(&mut data, address, now, out))
    }

    fn flush<'py>(&self, py: Python<'py>, now: f64) -> PyResult<Vec<Bound<'py, PyTuple>>> {
        self.with(py, |engine, out| engine.flush(now, out))
    }

    fn perform<'py>(
        &self,
        py: Python<'py>,
        command: &Bound<'py, PyAny>,
        now: f64,
    ) -> PyResult<Vec<Bound<'py, PyTuple>>> {
        let command = read_command(command)?;
        self.with(py, |engine, out| engine.perform(command, now, out))
    }

    fn tap<'py>(&self, py: Python<'py>, publication: String, on: bool, now: f64) -> PyResult<Vec<Bound<'py, PyTuple>>> {
        self.with(py, |engine, out| {
            engine.perform(Command::Tap { publication, on }, now, out)
        })
    }

    fn hold<'py>(
        &self,
        py: Python<'py>,
        address: &Bound<'py, PyAny>,
        held: bool,
    ) -> PyResult<Vec<Bound<'py, PyTuple>>> {
        let address = read_address(address)?;
        self.with(py, |engine, out| engine.hold(address, held, out))
    }

    fn closed<'py>(&self, py: Python<'py>, address: &Bound<'py, PyAny>) -> PyResult<Vec<Bound<'py, PyTuple>>> {
        let address = read_address(address)?;
        self.with(py, |engine, out| engine.closed(address, out))
    }

    #[getter]
    fn asking(&self) -> bool {
        self.engine().asking()
    }

    fn ask<'py>(&self, py: Python<'py>, now: f64) -> PyResult<Vec<Bound<'py, PyTuple>>> {
        self.with(py, |engine, out| engine.ask(now, out))
    }

    /// When `send_due` wants to be called.
    #[getter]
    fn due_at(&self) -> Option<f64> {
        self.engine().due_at()
    }

    fn send_due<'py>(&self, py: Python<'py>, now: f64) -> PyResult<Vec<Bound<'py, PyTuple>>> {
        self.with(py, |engine, out| engine.send_due(now, out))
    }

    fn tick<'py>(&self, py: Python<'py>, now: f64) -> PyResult<Vec<Bound<'py, PyTuple>>> {
        self.with(py, |engine, out| engine.tick(now, out))
    }

    fn receptions<'py>(&self, py: Python<'py>, peer: &str, now: f64) -> PyResult<Bound<'py, PyList>> {
        write_receptions(py, &self.engine().receptions(peer, now))
    }

    fn captured<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        write_heads(py, &self.engine().captured())
    }

    fn counts<'py>(&self, py: Python<'py>, peer: &str) -> PyResult<Option<Bound<'py, PyAny>>> {
        let found = self.engine().counts(peer);
        found.map(|told| write_value(py, &Value::Map(told))).transpose()
    }

    fn dump<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        write_value(py, &Value::Map(self.engine().dump()))
    }
}

impl Engine {
    fn engine(&self) -> std::sync::MutexGuard<'_, engine::Engine> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with<'py>(
        &self,
        py: Python<'py>,
        act: impl FnOnce(&mut engine::Engine, &mut Kept),
    ) -> PyResult<Vec<Bound<'py, PyTuple>>> {
        let mut kept = Kept::default();
        act(&mut self.engine(), &mut kept);
        kept.0.iter().map(|each| each.written(py)).collect()
    }
}

/// What the engine put out, in its order.
#[derive(Default)]
struct Kept(Vec<Put>);

enum Put {
    Send(Address, Vec<u8>, usize),
    Note(Note),
}

impl Output for Kept {
    fn send(&mut self, to: Address, data: &[u8]) {
        self.0.push(Put::Send(to, data.to_vec(), 0));
    }

    fn send_run(&mut self, to: Address, data: &[u8], size: usize) {
        self.0.push(Put::Send(to, data.to_vec(), size));
    }

    fn note(&mut self, note: Note) {
        self.0.push(Put::Note(note));
    }
}

impl Put {
    fn written<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        match self {
            Self::Note(note) => write_note(py, note),
            Self::Send(to, data, size) => {
                ("send", write_address(py, *to)?, PyBytes::new(py, data), *size).into_pyobject(py)
            }
        }
    }
}

// Python → Rust: the frozen commands of `media.wire` by the names of their classes and fields.

fn read_command(command: &Bound<'_, PyAny>) -> PyResult<Command> {
    let name = command.get_type().name()?;
    Ok(match name.to_str()? {
        "SendDatagram" => Command::SendDatagram {
            address: address_of(command)?,
            data: get(command, "data")?,
        },
        "AddPeer" => Command::AddPeer {
            peer: get(command, "peer")?,
            address: address_of(command)?,
            profile: read_profile(&get::<String>(command, "profile")?)?,
            receive_key: get(command, "receive_key")?,
            send_key: get(command, "send_key")?,
            weight: get(command, "weight")?,
        },
        "MovePeer" => Command::MovePeer {
            peer: get(command, "peer")?,
            address: address_of(command)?,
        },
        "HearPeer" => Command::HearPeer {
            peer: get(command, "peer")?,
            address: address_of(command)?,
        },
        "DropPeer" => Command::DropPeer {
            peer: get(command, "peer")?,
        },
        "AddPublication" => Command::AddPublication(read_publication(command)?),
        "DropPublication" => Command::DropPublication {
            publication: get(command, "publication")?,
        },
        "MutePublication" => Command::MutePublication {
            publication: get(command, "publication")?,
            muted: get(command, "muted")?,
        },
        "AddSubscription" => Command::AddSubscription(read_subscription(command)?),
        "DropSubscription" => Command::DropSubscription {
            peer: get(command, "peer")?,
            publication: get(command, "publication")?,
        },
        "PauseSubscription" => Command::PauseSubscription {
            peer: get(command, "peer")?,
            publication: get(command, "publication")?,
            paused: get(command, "paused")?,
        },
        "MapPayloads" => Command::MapPayloads {
            peer: get(command, "peer")?,
            publication: get(command, "publication")?,
            payloads: read_maps(command)?,
        },
        "LimitSounds" => Command::LimitSounds {
            group: get(command, "group")?,
            most: get(command, "most")?,
        },
        "SendRtcp" => Command::SendRtcp {
            peer: get(command, "peer")?,
            data: get(command, "data")?,
        },
        "SelectLayer" => Command::SelectLayer {
            peer: get(command, "peer")?,
            publication: get(command, "publication")?,
            layer: get::<i64>(command, "layer")?.clamp(0, 255) as u8,
            temporal: get::<i64>(command, "temporal")?.clamp(0, 255) as u8,
        },
        "RequestKeyframe" => Command::RequestKeyframe {
            publication: get(command, "publication")?,
            layer: get::<Option<i64>>(command, "layer")?.map(|layer| layer.clamp(0, 255) as u8),
        },
        "WantBitrate" => Command::WantBitrate {
            peer: get(command, "peer")?,
            bitrate: get(command, "bitrate")?,
        },
        "Capture" => Command::Capture {
            peer: get(command, "peer")?,
            packets: get(command, "packets")?,
        },
        other => return Err(PyTypeError::new_err(format!("no command of the wire: {other}"))),
    })
}

fn read_publication(command: &Bound<'_, PyAny>) -> PyResult<AddPublication> {
    let kind: String = get(command, "kind")?;
    let payloads = each_of(command, "payloads", |one| {
        let (number, clock) = (get(one, "number")?, get(one, "clock")?);
        Ok(Payload {
            number,
            clock,
            retransmission: get(one, "retransmission")?,
            wraps: get(one, "wraps")?,
        })
    })?;
    Ok(AddPublication {
        publication: get(command, "publication")?,
        peer: get(command, "peer")?,
        kind: if kind == "audio" { Kind::Audio } else { Kind::Video },
        payloads,
        ssrc: get(command, "ssrc")?,
        retransmission_ssrc: get(command, "retransmission_ssrc")?,
        mid: get::<String>(command, "mid")?.into_bytes(),
        mid_extension: get(command, "mid_extension")?,
        level_extension: get(command, "level_extension")?,
        nack: get(command, "nack")?,
        transport_extension: get(command, "transport_extension")?,
        codec: Codec::named(&get::<String>(command, "codec")?),
        rids: get::<Vec<String>>(command, "rids")?
            .into_iter()
            .map(String::into_bytes)
            .collect(),
        rid_extension: get(command, "rid_extension")?,
        repaired_rid_extension: get(command, "repaired_rid_extension")?,
        group: get(command, "group")?,
        dependency_extension: get(command, "dependency_extension")?,
        layer_ssrcs: get(command, "layer_ssrcs")?,
    })
}

fn read_subscription(command: &Bound<'_, PyAny>) -> PyResult<AddSubscription> {
    Ok(AddSubscription {
        peer: get(command, "peer")?,
        publication: get(command, "publication")?,
        ssrc: get(command, "ssrc")?,
        sequence: get(command, "sequence")?,
        cname: get(command, "cname")?,
        payloads: read_maps(command)?,
        retransmission_ssrc: get(command, "retransmission_ssrc")?,
        extensions: get(command, "extensions")?,
        mid: get::<String>(command, "mid")?.into_bytes(),
        mid_extension: get(command, "mid_extension")?,
        nack: get(command, "nack")?,
        transport_extension: get(command, "transport_extension")?,
    })
}

fn read_maps(command: &Bound<'_, PyAny>) -> PyResult<Vec<PayloadMap>> {
    each_of(command, "payloads", |one| {
        let (source, target) = (get(one, "source")?, get(one, "target")?);
        Ok(PayloadMap {
            source,
            target,
            retransmission: get(one, "retransmission")?,
            unwrap: get(one, "unwrap")?,
        })
    })
}

fn get<'py, T: for<'a> FromPyObject<'a, 'py, Error = PyErr>>(of: &Bound<'py, PyAny>, name: &str) -> PyResult<T> {
    of.getattr(name)?.extract()
}

fn each_of<'py, T>(
    of: &Bound<'py, PyAny>,
    name: &str,
    read: impl Fn(&Bound<'py, PyAny>) -> PyResult<T>,
) -> PyResult<Vec<T>> {
    of.getattr(name)?.try_iter()?.map(|one| read(&one?)).collect()
}

fn address_of(command: &Bound<'_, PyAny>) -> PyResult<Address> {
    read_address(&command.getattr("address")?)
}

fn read_address(address: &Bound<'_, PyAny>) -> PyResult<Address> {
    let way = if address.len()? > 2 {
        address.get_item(2)?.extract()?
    } else {
        0
    };
    let host: String = address.get_item(0)?.extract()?;
    let port = address.get_item(1)?.extract()?;
    if host.contains('%') {
        let socket = format!("[{host}]:{port}").parse();
        return Ok(Address {
            socket: socket.map_err(|_| no_address(&host))?,
            way,
        });
    }
    Ok(Address {
        socket: SocketAddr::new(read_host(&host)?, port),
        way,
    })
}

fn read_host(host: &str) -> PyResult<IpAddr> {
    host.parse().map_err(|_| no_address(host))
}

fn no_address(host: &str) -> PyErr {
    PyValueError::new_err(format!("not an address: {host}"))
}

fn read_profile(name: &str) -> PyResult<Profile> {
    match name {
        "AEAD_AES_128_GCM" => Ok(Profile::Gcm128),
        "AEAD_AES_256_GCM" => Ok(Profile::Gcm256),
        "AES128_CM_SHA1_80" => Ok(Profile::Cm128Sha1),
        other => Err(PyValueError::new_err(format!("no profile: {other}"))),
    }
}
