//! Renderings of one small report that has something of everything.

#[cfg(test)]
mod cluster;
#[cfg(test)]
mod explain;
#[cfg(test)]
mod fixture;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod hosts;
#[cfg(test)]
mod html;
#[cfg(test)]
mod live;
#[cfg(test)]
mod machine;
#[cfg(test)]
mod terminal;
