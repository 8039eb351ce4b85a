//! Attendance over the sessions of a year: who was there, who was not, and who has made up for it since.

use jiff::civil::Date;

/// A session as it was held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// the day
    pub on: Date,
    /// who was due
    pub due: Vec<i64>,
    /// who of them was absent
    pub absent: Vec<i64>,
}

/// Where one person stood at one session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seat {
    /// they were there
    Present,
    /// they were not, and have not made up for it
    Absent,
    /// they were not, and made up for it on that day
    MadeUp(Date),
    /// they were not due
    NotDue,
}

/// Where a person stood at each session, the earliest first. What they studied afterwards makes up for the earliest
/// absence that is still open, each time for one.
pub fn seats(sessions: &[Session], made_up: &[Date], person: i64) -> Vec<Seat> {
    let mut days = made_up.to_vec();
    days.sort_unstable();
    let mut seats: Vec<Seat> = Vec::new();
    for session in sessions {
        let seat = match (session.due.contains(&person), session.absent.contains(&person)) {
            (false, _) => Seat::NotDue,
            (true, false) => Seat::Present,
            (true, true) => match days.iter().position(|day| *day >= session.on) {
                Some(at) => Seat::MadeUp(days.remove(at)),
                None => Seat::Absent,
            },
        };
        seats.push(seat);
    }
    seats
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn an_absence_is_made_up_for_once_and_only_afterwards() {
        let held =
            |month: i8, absent: &[i64]| Session { on: date(2023, month, 10), due: vec![1, 2], absent: absent.to_vec() };
        let sessions = [held(2, &[1]), held(5, &[1, 2]), held(8, &[])];
        let days = [date(2023, 6, 1), date(2023, 1, 5)];
        assert_eq!(seats(&sessions, &days, 1), [Seat::MadeUp(date(2023, 6, 1)), Seat::Absent, Seat::Present]);
        assert_eq!(seats(&sessions, &[], 2), [Seat::Present, Seat::Absent, Seat::Present]);
        assert_eq!(seats(&sessions, &days, 3), [Seat::NotDue; 3], "a guest owes nothing");
        assert_eq!(seats(&sessions, &[date(2023, 2, 10)], 1)[0], Seat::MadeUp(date(2023, 2, 10)), "the same evening");
    }
}
