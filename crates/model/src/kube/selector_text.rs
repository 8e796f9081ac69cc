//! The text form of label selectors: apimachinery `pkg/labels/selector.go`, lexer and parser.
//!
//! Owns the syntax only; what a requirement may hold is [`super::selector`]'s.

use super::names::label_key;
use super::selector::{Operator, Requirement, SelectorError};
use std::collections::BTreeSet;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Token {
    End,
    Close,
    Comma,
    Not,
    Equals,
    Greater,
    Word,
    In,
    Less,
    NotEquals,
    NotIn,
    Open,
}

#[derive(Clone, Copy)]
struct Item<'t> {
    token: Token,
    text: &'t str,
    at: usize,
}

/// Reads the requirements in the order of the text.
pub(super) fn parse(text: &str) -> Result<Vec<Requirement>, SelectorError> {
    let mut p = Parser { text, at: 0, next: None };
    let mut requirements = Vec::new();
    loop {
        let item = p.peek();
        match item.token {
            Token::End => return Ok(requirements),
            Token::Word | Token::Not | Token::In | Token::NotIn => requirements.push(p.requirement()?),
            _ => return Err(unexpected(item, "'!', a key or the end")),
        }
        let item = p.take();
        match item.token {
            Token::End => return Ok(requirements),
            Token::Comma => match p.peek() {
                Item { token: Token::Word | Token::Not | Token::In | Token::NotIn, .. } => {}
                other => return Err(unexpected(other, "a key after ','")),
            },
            _ => return Err(unexpected(item, "',' or the end")),
        }
    }
}

fn unexpected(item: Item<'_>, expected: &'static str) -> SelectorError {
    SelectorError::Syntax { at: item.at, found: item.text.to_owned(), expected }
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    next: Option<Item<'t>>,
}

impl<'t> Parser<'t> {
    fn peek(&mut self) -> Item<'t> {
        let item = match self.next {
            Some(item) => item,
            None => self.scan(),
        };
        self.next = Some(item);
        item
    }

    fn take(&mut self) -> Item<'t> {
        let item = self.peek();
        self.next = None;
        item
    }

    fn byte(&self, at: usize) -> u8 {
        self.text.as_bytes().get(at).copied().unwrap_or(0)
    }

    /// The next token. A NUL where one starts ends the text, as for upstream's lexer.
    fn scan(&mut self) -> Item<'t> {
        while matches!(self.byte(self.at), b' ' | b'\t' | b'\r' | b'\n') {
            self.at += 1;
        }
        let start = self.at;
        let (mut token, mut len) = match (self.byte(start), self.byte(start + 1)) {
            (0, _) => (Token::End, 0),
            (b'=', b'=') => (Token::Equals, 2),
            (b'=', _) => (Token::Equals, 1),
            (b'!', b'=') => (Token::NotEquals, 2),
            (b'!', _) => (Token::Not, 1),
            (b'(', _) => (Token::Open, 1),
            (b')', _) => (Token::Close, 1),
            (b',', _) => (Token::Comma, 1),
            (b'>', _) => (Token::Greater, 1),
            (b'<', _) => (Token::Less, 1),
            _ => (Token::Word, 0),
        };
        if token == Token::Word {
            let rest = self.text.as_bytes().get(start..).unwrap_or_default();
            let ends =
                |b: &u8| matches!(b, 0 | b' ' | b'\t' | b'\r' | b'\n' | b'=' | b'!' | b'(' | b')' | b',' | b'>' | b'<');
            len = rest.iter().position(ends).unwrap_or(rest.len());
        }
        let text = self.text.get(start..start + len).unwrap_or_default();
        if token == Token::Word {
            token = match text {
                "in" => Token::In,
                "notin" => Token::NotIn,
                _ => Token::Word,
            };
        }
        // Upstream's lexer swallows a NUL behind a token.
        let swallowed = usize::from(token != Token::End && self.text.as_bytes().get(start + len) == Some(&0));
        self.at = start + len + swallowed;
        Item { token, text, at: start }
    }

    fn requirement(&mut self) -> Result<Requirement, SelectorError> {
        let mut item = self.take();
        let negated = item.token == Token::Not;
        if negated {
            item = self.take();
        }
        if !matches!(item.token, Token::Word | Token::In | Token::NotIn) {
            return Err(unexpected(item, "a key"));
        }
        let key = item.text.to_owned();
        if let Err(reason) = label_key(&key) {
            return Err(SelectorError::Key { key, reason });
        }
        if negated {
            return Requirement::new(key, Operator::DoesNotExist, Vec::new());
        }
        if matches!(self.peek().token, Token::End | Token::Comma) {
            return Requirement::new(key, Operator::Exists, Vec::new());
        }
        let item = self.take();
        let operator = match item.token {
            Token::In | Token::Equals => Operator::In,
            Token::NotIn | Token::NotEquals => Operator::NotIn,
            Token::Greater => Operator::Gt,
            Token::Less => Operator::Lt,
            _ => return Err(unexpected(item, "=, ==, !=, in, notin, > or <")),
        };
        let values = match item.token {
            Token::In | Token::NotIn => self.set()?,
            _ => BTreeSet::from([self.single()?]),
        };
        Requirement::new(key, operator, values.into_iter().collect())
    }

    /// `(x,,y)`: the empty place is the empty value; so is `()`.
    fn set(&mut self) -> Result<BTreeSet<String>, SelectorError> {
        let item = self.take();
        if item.token != Token::Open {
            return Err(unexpected(item, "'('"));
        }
        let mut values = BTreeSet::new();
        // A value may stand here; where another separator or the end stands, the value is empty.
        loop {
            let item = self.take();
            match item.token {
                Token::Word | Token::In | Token::NotIn => {
                    values.insert(item.text.to_owned());
                    let after = self.take();
                    match after.token {
                        Token::Close => return Ok(values),
                        Token::Comma => {}
                        _ => return Err(unexpected(after, "',' or ')'")),
                    }
                }
                Token::Comma => {
                    values.insert(String::new());
                }
                Token::Close => {
                    values.insert(String::new());
                    return Ok(values);
                }
                _ => return Err(unexpected(item, "',', ')' or a value")),
            }
        }
    }

    fn single(&mut self) -> Result<String, SelectorError> {
        let item = self.peek();
        match item.token {
            Token::End | Token::Comma => Ok(String::new()),
            Token::Word | Token::In | Token::NotIn => Ok(self.take().text.to_owned()),
            _ => Err(unexpected(item, "a value")),
        }
    }
}
