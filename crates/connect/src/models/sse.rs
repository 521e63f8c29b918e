//! Server-sent events, decoded as they arrive, with limits.

/// One event. `name` is empty when the sender gave none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) name: String,
    pub(crate) data: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooLong;

/// Takes pieces cut anywhere and gives whole events.
pub(crate) struct Decoder {
    max_line: usize,
    max_event: usize,
    /// The line that has begun but not ended.
    line: Vec<u8>,
    /// A piece ended with CR: an LF at the start of the next belongs to it.
    after_cr: bool,
    first_line: bool,
    name: String,
    data: Option<Vec<u8>>,
}

impl Decoder {
    pub(crate) fn new(max_line: usize, max_event: usize) -> Self {
        Decoder { max_line, max_event, line: Vec::new(), after_cr: false, first_line: true, name: String::new(), data: None }
    }

    pub(crate) fn feed(&mut self, piece: &[u8]) -> Result<Vec<Event>, TooLong> {
        let mut events = Vec::new();
        let mut rest = piece;
        if !rest.is_empty() && std::mem::take(&mut self.after_cr) {
            rest = rest.strip_prefix(b"\n").unwrap_or(rest);
        }
        while let Some(end) = rest.iter().position(|b| matches!(b, b'\n' | b'\r')) {
            let line = &rest[..end];
            let ended_by_cr = rest[end] == b'\r';
            rest = &rest[end + 1..];
            if ended_by_cr {
                self.after_cr = rest.is_empty();
                rest = rest.strip_prefix(b"\n").unwrap_or(rest);
            }
            self.within_line_limit(line.len())?;
            if self.line.is_empty() {
                self.take_line(line, &mut events)?;
            } else {
                let mut whole = std::mem::take(&mut self.line);
                whole.extend_from_slice(line);
                self.take_line(&whole, &mut events)?;
                whole.clear();
                self.line = whole;
            }
        }
        self.within_line_limit(rest.len())?;
        self.line.extend_from_slice(rest);
        Ok(events)
    }

    /// The stream is over. Some servers leave out the empty line after the last event.
    pub(crate) fn end(&mut self) -> Result<Option<Event>, TooLong> {
        let mut events = self.feed(b"\n\n")?;
        Ok(events.pop())
    }

    fn within_line_limit(&self, more: usize) -> Result<(), TooLong> {
        if self.line.len() + more > self.max_line { Err(TooLong) } else { Ok(()) }
    }

    fn take_line(&mut self, line: &[u8], events: &mut Vec<Event>) -> Result<(), TooLong> {
        let line = if std::mem::take(&mut self.first_line) { line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line) } else { line };
        if line.is_empty() {
            let name = std::mem::take(&mut self.name);
            events.extend(self.data.take().map(|data| Event { name, data: text(data) }));
            return Ok(());
        }
        let (field, value) = match line.iter().position(|b| *b == b':') {
            Some(colon) => (&line[..colon], &line[colon + 1..]),
            None => (line, &b""[..]),
        };
        let value = value.strip_prefix(b" ").unwrap_or(value);
        match field {
            b"data" => {
                match &mut self.data {
                    Some(data) => {
                        data.push(b'\n');
                        data.extend_from_slice(value);
                    }
                    None => self.data = Some(value.to_vec()),
                }
                if self.data.as_ref().is_some_and(|data| data.len() > self.max_event) {
                    return Err(TooLong);
                }
            }
            b"event" => self.name = text(value.to_vec()),
            _ => {}
        }
        Ok(())
    }
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|wrong| String::from_utf8_lossy(wrong.as_bytes()).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(pieces: &[&[u8]]) -> Vec<(String, String)> {
        let mut decoder = Decoder::new(100, 200);
        let mut events = Vec::new();
        for piece in pieces {
            events.extend(decoder.feed(piece).unwrap());
        }
        events.extend(decoder.end().unwrap());
        events.into_iter().map(|e| (e.name, e.data)).collect()
    }

    type Case = (&'static str, &'static [u8], &'static [(&'static str, &'static str)]);
    const CASES: &[Case] = &[
        ("one event", b"data: hi\n\n", &[("", "hi")]),
        ("CRLF", b"data: a\r\n\r\ndata: b\r\n\r\n", &[("", "a"), ("", "b")]),
        ("CR alone", b"data: a\r\rdata: b\r\r", &[("", "a"), ("", "b")]),
        ("lines mixed", b"data: a\r\ndata: b\n\rdata: c\r\r\n", &[("", "a\nb"), ("", "c")]),
        ("several data lines", b"data: a\ndata:\ndata: b\n\n", &[("", "a\n\nb")]),
        ("comments", b": ping\n\n:\ndata: a\n: more\n\n", &[("", "a")]),
        ("names and other fields", b"id: 7\nretry: 10\nevent: error\ndata: x\n\ndata: y\n\n", &[("error", "x"), ("", "y")]),
        ("a name without data is nothing", b"event: lonely\n\ndata: y\n\n", &[("", "y")]),
        ("no blank after the colon", b"data:a\n\ndata:  b\n\n", &[("", "a"), ("", " b")]),
        ("a field without colon", b"data\n\n", &[("", "")]),
        ("letters of several bytes", "data: año 🗓️ 日\n\n".as_bytes(), &[("", "año 🗓️ 日")]),
        ("a byte order mark", b"\xef\xbb\xbfdata: a\n\n", &[("", "a")]),
        ("bad UTF-8", b"data: a\xff\n\n", &[("", "a\u{fffd}")]),
        ("no empty line at the end", b"data: a\n\ndata: [DONE]", &[("", "a"), ("", "[DONE]")]),
        ("nothing", b"", &[]),
        ("not events", b"<html>\n<body>\n\n</html>", &[]),
    ];

    #[test]
    fn events_are_read_however_the_stream_is_cut() {
        for (name, input, expected) in CASES {
            let expected: Vec<_> = expected.iter().map(|(n, d)| ((*n).to_owned(), (*d).to_owned())).collect();
            assert_eq!(decode(&[input]), expected, "{name}, whole");
            let bytes: Vec<&[u8]> = input.chunks(1).collect();
            assert_eq!(decode(&bytes), expected, "{name}, byte by byte");
            for first in 0..=input.len() {
                for second in first..=input.len() {
                    let pieces = [&input[..first], &input[first..second], &input[second..]];
                    assert_eq!(decode(&pieces), expected, "{name}, cut at {first} and {second}");
                }
            }
        }
    }

    #[test]
    fn lines_and_events_have_limits() {
        let fits = format!("data:{}\n", "a".repeat(95));
        let long = format!("data:{}", "a".repeat(96));
        let mut decoder = Decoder::new(100, 200);
        assert_eq!(decoder.feed(fits.as_bytes()), Ok(vec![]));
        assert_eq!(decoder.feed(fits.as_bytes()), Ok(vec![]));
        assert_eq!(decoder.feed(fits.as_bytes()), Err(TooLong), "an event of three such lines");
        assert_eq!(Decoder::new(100, 200).feed(long.as_bytes()), Err(TooLong), "a line without an end");
        let mut decoder = Decoder::new(100, 200);
        let (head, tail) = long.split_at(60);
        assert_eq!(decoder.feed(head.as_bytes()), Ok(vec![]));
        assert_eq!(decoder.feed(format!("{tail}\n").as_bytes()), Err(TooLong), "a line in two pieces");
    }
}
