//! The one comparison behind every `diff`: two multisets of things with keys.
//!
//! Owns: who is paired with whom. Must not know: what the things are, and what a difference means.

use std::cmp::Ordering;

/// A thing in a multiset.
#[derive(Clone, Debug)]
pub struct Item<'a, K, T, const N: usize> {
    /// What it is paired by, from the strictest key to the loosest: all things are paired by their first keys before any is
    /// by its second.
    pub keys: [K; N],
    /// How many times it is there.
    pub weight: u32,
    /// The thing.
    pub value: &'a T,
}

/// What two multisets do not share, and what they do. Each thing comes with how many of it are meant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Difference<'a, A, B> {
    /// Only in the second, in its order.
    pub new: Vec<(&'a B, u32)>,
    /// Only in the first, in its order.
    pub gone: Vec<(&'a A, u32)>,
    /// In both, in the order of the second.
    pub both: Vec<(&'a A, &'a B, u32)>,
}

/// Compares two multisets. Of every last key, as many are paired as the smaller side has, where equal keys imply equal keys
/// after them; things with equal keys are paired in order.
pub fn diff<'a, K: Ord, A, B, const N: usize>(
    before: &[Item<'a, K, A, N>],
    after: &[Item<'a, K, B, N>],
) -> Difference<'a, A, B> {
    let mut left: Vec<u32> = before.iter().map(|i| i.weight).collect();
    let mut right: Vec<u32> = after.iter().map(|i| i.weight).collect();
    let mut pairs: Vec<(usize, usize, u32)> = Vec::new();
    for level in 0..N {
        let a = by_key(before, &left, level);
        let b = by_key(after, &right, level);
        let (mut i, mut j) = (0, 0);
        while let (Some((x, key)), Some((y, other))) = (a.get(i), b.get(j)) {
            match key.cmp(other) {
                Ordering::Less => i += 1,
                Ordering::Greater => j += 1,
                Ordering::Equal => {
                    let (Some(l), Some(r)) = (left.get_mut(*x), right.get_mut(*y)) else { break };
                    let n = (*l).min(*r);
                    pairs.push((*y, *x, n));
                    *l -= n;
                    *r -= n;
                    i += usize::from(*l == 0);
                    j += usize::from(*r == 0);
                }
            }
        }
    }
    pairs.sort_unstable();
    // Two things can meet again by a looser key only where one of them had others to meet in between.
    pairs.dedup_by(|later, first| {
        let same = (later.0, later.1) == (first.0, first.1);
        first.2 += if same { later.2 } else { 0 };
        same
    });
    let both = pairs.iter().filter_map(|(y, x, n)| Some((before.get(*x)?.value, after.get(*y)?.value, *n)));
    Difference { new: rest(after, &right), gone: rest(before, &left), both: both.collect() }
}

/// What is still without a partner, by its key of a level.
fn by_key<'i, K: Ord, T, const N: usize>(
    items: &'i [Item<'_, K, T, N>],
    remaining: &[u32],
    level: usize,
) -> Vec<(usize, &'i K)> {
    let open = items.iter().zip(remaining).enumerate().filter(|(_, (_, n))| **n > 0);
    let mut out: Vec<(usize, &K)> = open.filter_map(|(i, (item, _))| Some((i, item.keys.get(level)?))).collect();
    out.sort_by(|(i, a), (j, b)| a.cmp(b).then(i.cmp(j)));
    out
}

fn rest<'a, K, T, const N: usize>(items: &[Item<'a, K, T, N>], remaining: &[u32]) -> Vec<(&'a T, u32)> {
    items.iter().zip(remaining).filter(|(_, n)| **n > 0).map(|(item, n)| (item.value, *n)).collect()
}
