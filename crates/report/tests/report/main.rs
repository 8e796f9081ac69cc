//! Renderings of one small report that has something of everything.

#[cfg(test)]
mod explain;
#[cfg(test)]
mod fixture;
#[cfg(test)]
mod live;
#[cfg(test)]
mod machine;
#[cfg(test)]
mod terminal;
