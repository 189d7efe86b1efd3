//! What the wire says, as values of Python.

use std::net::SocketAddr;

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList, PyTuple};

use crate::heads::Head;
use crate::types::{Address, Note, Reception, Tapped, Value};

pub fn write_address<'py>(py: Python<'py>, address: Address) -> PyResult<Bound<'py, PyTuple>> {
    let host = match address.socket {
        SocketAddr::V6(new) if new.scope_id() != 0 => format!("{}%{}", new.ip(), new.scope_id()),
        other => other.ip().to_string(),
    };
    let port = address.socket.port();
    if address.way == 0 {
        (host, port).into_pyobject(py)
    } else {
        (host, port, address.way).into_pyobject(py)
    }
}

pub fn write_note<'py>(py: Python<'py>, note: &Note) -> PyResult<Bound<'py, PyTuple>> {
    match note {
        Note::Datagram { address, data } => {
            ("Datagram", write_address(py, *address)?, PyBytes::new(py, data)).into_pyobject(py)
        }
        Note::Rtcp { peer, data } => ("Rtcp", peer, PyBytes::new(py, data)).into_pyobject(py),
        Note::Started { publication } => ("Started", publication).into_pyobject(py),
        Note::Levels { levels } => ("Levels", PyTuple::new(py, levels)?).into_pyobject(py),
        Note::PacketsLost { publication, layer } => ("PacketsLost", publication, *layer).into_pyobject(py),
        Note::Rates { rates, bases } => {
            let rates = rates.iter().map(|(key, rates)| Ok((key, PyTuple::new(py, rates)?)));
            let rates = rates.collect::<PyResult<Vec<_>>>()?;
            ("Rates", PyTuple::new(py, rates)?, PyTuple::new(py, bases)?).into_pyobject(py)
        }
        Note::Closed { address } => ("Closed", write_address(py, *address)?).into_pyobject(py),
        Note::Line { peer, news } => {
            let times = (news.round_trip, news.queueing_delay);
            ("Line", peer, news.estimate, news.loss, times.0, times.1).into_pyobject(py)
        }
        Note::Packets { publication, packets } => {
            let packets: Vec<_> = packets
                .iter()
                .map(|one| write_tapped(py, one))
                .collect::<PyResult<_>>()?;
            ("packets", publication, PyList::new(py, packets)?).into_pyobject(py)
        }
        Note::Report {
            publication,
            ntp,
            timestamp,
            at,
        } => ("report", publication, *ntp, *timestamp, *at).into_pyobject(py),
    }
}

fn write_tapped<'py>(py: Python<'py>, one: &Tapped) -> PyResult<Bound<'py, PyTuple>> {
    let elements = one
        .elements
        .iter()
        .map(|(id, data)| (*id, PyBytes::new(py, data)).into_pyobject(py));
    let elements = PyTuple::new(py, elements.collect::<PyResult<Vec<_>>>()?)?;
    let payload = PyBytes::new(py, &one.payload);
    (one.flags, one.kind, one.index, one.timestamp, payload, elements, one.at).into_pyobject(py)
}

/// Fields of `media.wire.Reception`, in its order.
pub fn write_receptions<'py>(py: Python<'py>, found: &[Reception]) -> PyResult<Bound<'py, PyList>> {
    let written = found.iter().map(|one| {
        let (name, counts) = (
            (&one.publication, one.ssrc),
            (one.received, one.expected, one.highest, one.jitter),
        );
        (
            name.0,
            name.1,
            counts.0,
            counts.1,
            counts.2,
            counts.3,
            one.last_report,
            one.report_age,
        )
            .into_pyobject(py)
    });
    PyList::new(py, written.collect::<PyResult<Vec<_>>>()?)
}

/// Fields of `media.wire.Captured`, in its order.
pub fn write_heads<'py>(py: Python<'py>, found: &[Head]) -> PyResult<Bound<'py, PyList>> {
    let written = found
        .iter()
        .map(|one| (one.at, one.is_sent, one.size, PyBytes::new(py, &one.data)).into_pyobject(py));
    PyList::new(py, written.collect::<PyResult<Vec<_>>>()?)
}

pub fn write_value<'py>(py: Python<'py>, value: &Value) -> PyResult<Bound<'py, PyAny>> {
    Ok(match value {
        Value::Bool(value) => value.into_pyobject(py)?.to_owned().into_any(),
        Value::Int(value) => value.into_pyobject(py)?.into_any(),
        Value::Text(value) => value.into_pyobject(py)?.into_any(),
        Value::None => py.None().into_bound(py),
        Value::Map(values) => {
            let dict = PyDict::new(py);
            for (name, each) in values {
                dict.set_item(name, write_value(py, each)?)?;
            }
            dict.into_any()
        }
    })
}
