//! A random sample that anybody can draw again: the same seed and the same rows give the same choice.

/// `n` of the rows, chosen by a seed; the choice does not depend on their order.
pub fn draw(seed: u64, rows: &[i64], n: usize) -> Vec<i64> {
    let mut marked: Vec<(u64, i64)> = rows.iter().map(|row| (mix(seed ^ mix(*row as u64)), *row)).collect();
    marked.sort_unstable();
    marked.dedup();
    let mut chosen: Vec<i64> = marked.into_iter().take(n).map(|(_, row)| row).collect();
    chosen.sort_unstable();
    chosen
}

/// SplitMix64: every bit of the number depends on every other.
fn mix(n: u64) -> u64 {
    let n = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ (n >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn the_same_seed_draws_the_same_rows_in_whatever_order_they_come() {
        let rows: Vec<i64> = (1..=56).collect();
        let back: Vec<i64> = rows.iter().rev().copied().collect();
        assert_eq!(draw(7, &rows, 6), draw(7, &back, 6));
        assert_ne!(draw(7, &rows, 6), draw(8, &rows, 6));
        assert_eq!(draw(7, &rows, 100), rows);
        assert!(draw(7, &[], 3).is_empty());
    }

    #[test]
    fn every_row_is_drawn_about_as_often_as_another() {
        let rows: Vec<i64> = (1..=20).collect();
        let mut times = [0_i32; 21];
        for seed in 0..2_000 {
            let drawn = draw(seed, &rows, 5);
            assert_eq!(drawn.iter().collect::<HashSet<_>>().len(), 5);
            drawn.iter().for_each(|row| times[*row as usize] += 1);
        }
        assert!(times[1..].iter().all(|n| (400..=600).contains(n)), "{times:?}");
    }
}
