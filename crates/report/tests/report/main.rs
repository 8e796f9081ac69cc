//! Renderings of one small report that has something of everything.

#[cfg(test)]
mod explain;
#[cfg(test)]
mod fixture;
mod hostile;
#[cfg(test)]
mod hosts;
#[cfg(test)]
mod live;
mod machine;
#[cfg(test)]
mod terminal;
