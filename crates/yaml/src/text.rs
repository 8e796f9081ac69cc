//! The text of scalars: folding, chomping and unescaping. Linear in the input.
//!
//! Owns: how the characters of a scalar become its value. Must not know: nodes, readers, or what the value means.

/// Folds the lines of a plain or (with `single`) single-quoted scalar: a break is a space, n blank lines are n breaks.
pub(crate) fn fold_flow(s: &str, single: bool) -> String {
    let mut out = String::with_capacity(s.len());
    let mut blank = 0;
    let mut lines = s.split('\n').peekable();
    let mut first = true;
    while let Some(line) = lines.next() {
        let last = lines.peek().is_none();
        let mut line = if last { line } else { line.strip_suffix('\r').unwrap_or(line).trim_end_matches([' ', '\t']) };
        if !first {
            line = line.trim_start_matches([' ', '\t']);
            if line.is_empty() && !last {
                blank += 1;
                continue;
            }
            push_break(&mut out, blank);
            blank = 0;
        }
        first = false;
        if single && line.contains('\'') {
            // A quote inside is always written twice.
            for (i, part) in line.split("''").enumerate() {
                if i > 0 {
                    out.push('\'');
                }
                out.push_str(part);
            }
        } else {
            out.push_str(line);
        }
    }
    out
}

/// One line break with `blank` blank lines after it, folded.
fn push_break(out: &mut String, blank: usize) {
    if blank == 0 {
        out.push(' ');
    } else {
        out.extend(std::iter::repeat_n('\n', blank));
    }
}

/// The value of a block scalar's lines. `indent`: the given indentation, else that of the first line with content.
pub(crate) fn block_text(s: &str, indent: Option<usize>, folded: bool, strip: bool, keep: bool) -> String {
    let lead = |l: &str| l.len() - l.trim_start_matches(' ').len();
    let lines = || {
        let without_break = |l: &'_ str| -> usize { l.trim_end_matches('\n').trim_end_matches('\r').len() };
        s.split_inclusive('\n').map(move |l| l.get(..without_break(l)).unwrap_or(l))
    };
    let indent = indent.or_else(|| lines().find(|l| lead(l) < l.len()).map(lead)).unwrap_or(0);
    let mut out = String::with_capacity(s.len());
    // `blank`: blank lines since the last line with content; `deep`: that line began with a blank.
    let (mut first, mut blank, mut deep) = (true, 0, false);
    for line in lines() {
        let Some(content) = line.get(indent..).filter(|t| !t.is_empty()) else {
            blank += 1;
            continue;
        };
        let deep_now = content.starts_with([' ', '\t']);
        if !first && (!folded || deep || deep_now) {
            out.push('\n');
        } else if !first && blank == 0 {
            out.push(' ');
        }
        out.extend(std::iter::repeat_n('\n', blank));
        out.push_str(content);
        (first, blank, deep) = (false, 0, deep_now);
    }
    if !strip {
        out.push('\n');
    }
    if keep {
        out.extend(std::iter::repeat_n('\n', blank));
    }
    out
}

/// The value of a double-quoted YAML scalar's inside; `None`: an escape that only the full parser may judge.
pub(crate) fn unescape(s: &str) -> Option<String> {
    let mut out = String::with_capacity(s.len());
    // Blanks after this length are dropped at a line break.
    let mut keep = 0;
    let mut chars = s.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            ' ' | '\t' => out.push(c),
            '\r' if chars.peek() == Some(&'\n') => {}
            '\n' => {
                out.truncate(keep);
                let blank = skip_blank_lines(&mut chars);
                push_break(&mut out, blank);
                keep = out.len();
            }
            '\\' => {
                match chars.next()? {
                    c @ ('\n' | '\r') => {
                        if c == '\r' {
                            chars.next();
                        }
                        let blank = skip_blank_lines(&mut chars);
                        out.extend(std::iter::repeat_n('\n', blank));
                    }
                    c => out.push(escape(c, &mut chars)?),
                }
                keep = out.len();
            }
            c => {
                out.push(c);
                keep = out.len();
            }
        }
    }
    Some(out)
}

/// Skips blanks and line breaks; gives the number of breaks.
fn skip_blank_lines(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> usize {
    let mut n = 0;
    while let Some(&c) = chars.peek() {
        match c {
            '\n' => n += 1,
            ' ' | '\t' | '\r' => {}
            _ => break,
        }
        chars.next();
    }
    n
}

fn escape(c: char, chars: &mut impl Iterator<Item = char>) -> Option<char> {
    Some(match c {
        '0' => '\0',
        'a' => '\x07',
        'b' => '\x08',
        't' => '\t',
        'n' => '\n',
        'v' => '\x0b',
        'f' => '\x0c',
        'r' => '\r',
        'e' => '\x1b',
        // kubectl refuses the slash that YAML 1.2 allows here.
        ' ' | '"' | '\\' => c,
        'N' => '\u{85}',
        '_' => '\u{a0}',
        'L' => '\u{2028}',
        'P' => '\u{2029}',
        // Surrogates are not characters: left to the full parser.
        'x' => char::from_u32(hex(chars, 2)?)?,
        'u' => char::from_u32(hex(chars, 4)?)?,
        'U' => char::from_u32(hex(chars, 8)?)?,
        _ => return None,
    })
}

fn hex(chars: &mut impl Iterator<Item = char>, digits: usize) -> Option<u32> {
    (0..digits).try_fold(0u32, |v, _| Some(v << 4 | chars.next()?.to_digit(16)?))
}

/// The value of a JSON string's inside. A lone surrogate becomes U+FFFD, as for Go; `Err`: offset of the bad escape.
pub(crate) fn unescape_json(s: &str) -> Result<String, usize> {
    let mut out = String::with_capacity(s.len());
    let mut rest = s;
    while let Some(i) = memchr::memchr(b'\\', rest.as_bytes()) {
        let at = s.len() - rest.len() + i;
        let (before, after) = rest.split_at(i);
        out.push_str(before);
        let mut chars = after.chars();
        chars.next();
        let c = match chars.next().ok_or(at)? {
            c @ ('"' | '\\' | '/') => c,
            'b' => '\x08',
            'f' => '\x0c',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => unicode(&mut chars).ok_or(at)?,
            _ => return Err(at),
        };
        out.push(c);
        rest = chars.as_str();
    }
    out.push_str(rest);
    Ok(out)
}

fn unicode(chars: &mut std::str::Chars<'_>) -> Option<char> {
    let first = json_hex(chars)?;
    if !(0xd800..0xdc00).contains(&first) {
        return Some(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER));
    }
    let mut ahead = chars.clone();
    if ahead.next() == Some('\\')
        && ahead.next() == Some('u')
        && let Some(second @ 0xdc00..=0xdfff) = json_hex(&mut ahead)
    {
        *chars = ahead;
        return char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00));
    }
    Some(char::REPLACEMENT_CHARACTER)
}

fn json_hex(chars: &mut std::str::Chars<'_>) -> Option<u32> {
    hex(chars, 4)
}

/// Bytes of standard base64, line breaks inside ignored; `None` where Go's decoder refuses it.
pub(crate) fn base64(s: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(s.len() / 4 * 3);
    let (mut bits, mut count, mut padding) = (0u32, 0u32, 0u32);
    for c in s.bytes() {
        let value = match c {
            b'\r' | b'\n' => continue,
            b'A'..=b'Z' => c - b'A',
            b'a'..=b'z' => c - b'a' + 26,
            b'0'..=b'9' => c - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b'=' => {
                padding += 1;
                continue;
            }
            _ => return None,
        };
        if padding > 0 {
            return None;
        }
        bits = bits << 6 | u32::from(value);
        count += 1;
        if count.is_multiple_of(4) {
            out.extend_from_slice(bits.to_be_bytes().get(1..)?);
            bits = 0;
        }
    }
    match (count % 4, padding) {
        (0, 0) => {}
        (2, 2) => out.push((bits >> 4).to_be_bytes()[3]),
        (3, 1) => out.extend_from_slice((bits >> 2).to_be_bytes().get(2..)?),
        _ => return None,
    }
    Some(out)
}
