//! Parameters of controls: a serde type with a default.

use serde::{Serialize, de::DeserializeOwned};
use std::any::Any;

/// A parameter's value, of the type that its control asks for.
pub type Parameter = Box<dyn Any + Send + Sync>;

/// How a control's parameters are made.
#[derive(Clone, Copy)]
pub struct ParamSpec {
    default: fn() -> Parameter,
    parse: fn(&serde_json::Value) -> Result<Parameter, String>,
    example: fn() -> serde_json::Value,
}

impl ParamSpec {
    /// The specification of `T`: its default stands where nobody sets anything.
    pub const fn of<T: Serialize + DeserializeOwned + Default + Send + Sync + 'static>() -> ParamSpec {
        ParamSpec {
            default: || Box::new(T::default()),
            parse: |v| match T::deserialize(v) {
                Ok(t) => Ok(Box::new(t)),
                Err(e) => Err(e.to_string()),
            },
            example: || serde_json::to_value(T::default()).unwrap_or(serde_json::Value::Null),
        }
    }

    /// The default.
    pub fn default_value(&self) -> Parameter {
        (self.default)()
    }

    /// A configured value.
    ///
    /// # Errors
    /// A sentence that names the field and what was expected.
    pub fn parse(&self, value: &serde_json::Value) -> Result<Parameter, String> {
        (self.parse)(value)
    }

    /// The default as data, for documentation.
    pub fn default_json(&self) -> serde_json::Value {
        (self.example)()
    }
}

impl std::fmt::Debug for ParamSpec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ParamSpec({})", self.default_json())
    }
}
