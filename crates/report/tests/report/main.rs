//! Renderings of one small report that has something of everything.

#[cfg(test)]
mod explain;
#[cfg(test)]
mod fixture;
mod hostile;
#[cfg(test)]
mod hosts;
mod machine;
#[cfg(test)]
mod terminal;
