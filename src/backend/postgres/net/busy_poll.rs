//! Looking for an answer for a short while before sleeping, where that pays.
//!
//! A server on the same machine answers within tens of microseconds, which is what it takes to put a thread to sleep and
//! to wake it up again on another processor. A thread that looks again and again instead has the answer at once, and the
//! two processes spend less time together. Where answers take longer this would be waste, so each connection learns from
//! its waits ([`Odds`]), and the threads of a process that look at the same time are few ([`Place`]).
//!
//! Knows nothing of sockets: who waits looks by itself, and tells what came of it.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// Of the time spent waiting, one part in so many may be spent looking in vain.
const WASTE: u32 = 32;

/// So many answers that were looked for with success pay for one looked for in vain: each has spared a sleep.
const SPARED: u32 = 8;

/// How many times in a row one may look in vain before waits have paid for it.
const ADVANCE: u32 = 8;

/// After looking in vain once, the next wait looks again; after n times in a row 2^(n - 1) - 1 waits pass first, up to this n.
const MAX_IN_VAIN: u32 = 8;

/// Two looks are this far apart when something else had the processor in between: another program, or the server itself.
/// Sleeping is then the faster way to the answer.
const TAKEN_AWAY: Duration = Duration::from_micros(10);

/// Where more than one look in so many is disturbed that way, the machine is busy.
const RARELY: u32 = 8;

/// After n disturbed looks 2^n waits pass before the next one, up to this n.
const MAX_DISTURBED: u32 = 10;

/// One connection's waits: whether to look, and what came of it.
#[derive(Debug)]
pub(super) struct BusyPoll {
    odds: Odds,
}

impl BusyPoll {
    /// Looks for at most `budget` per wait; never where the process has one processor, which the server needs to answer.
    pub fn new(budget: Duration) -> BusyPoll {
        BusyPoll { odds: Odds::new(if most_at_a_time() == 0 { Duration::ZERO } else { budget }) }
    }

    /// Begins a wait. `None` sleeps at once, and nothing of it is remembered.
    #[inline]
    pub fn begin(&mut self) -> Option<Wait> {
        if self.odds.budget.is_zero() {
            return None;
        }
        let place = if self.odds.are_good() { Place::take() } else { None };
        Some(Wait { began: Instant::now(), place, looked: Duration::ZERO, is_disturbed: false })
    }

    /// Whether to look now. `false` from the moment on when it is time to sleep.
    #[inline]
    pub fn looks(&mut self, wait: &mut Wait) -> bool {
        if wait.place.is_none() {
            return false;
        }
        if wait.is_disturbed {
            self.odds.disturbed();
        } else {
            // Whoever else wants this processor gets it.
            std::thread::yield_now();
            let looked = wait.began.elapsed();
            wait.is_disturbed = looked - wait.looked > TAKEN_AWAY;
            wait.looked = looked;
            // If it was the server, the answer is here now.
            if wait.is_disturbed || looked < self.odds.budget {
                return true;
            }
            self.odds.looked_in_vain(looked);
        }
        wait.place = None;
        false
    }

    /// The answer came while looking.
    #[inline]
    pub fn answered(&mut self, wait: &Wait) {
        if wait.is_disturbed { self.odds.disturbed() } else { self.odds.answered() }
    }

    /// The sleep is over.
    pub fn slept(&mut self, wait: &Wait) {
        self.odds.slept(wait.began.elapsed());
    }
}

/// A wait that has begun.
#[derive(Debug)]
pub(super) struct Wait {
    began: Instant,
    /// `None` once it is time to sleep.
    place: Option<Place>,
    /// When it was looked last, since the beginning.
    looked: Duration,
    /// Something else had the processor before the last look.
    is_disturbed: bool,
}

/// What a connection has learnt: a state machine without a clock.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Odds {
    budget: Duration,
    /// How much may still be wasted.
    credit: Duration,
    /// How many times in a row it was in vain.
    in_vain: u32,
    /// So many waits pass before the next look, since answers come late.
    pause: u32,
    /// Each disturbed look adds [`RARELY`], each other one with success takes one away.
    disturbances: u32,
    /// So many waits pass before the next look, since the machine is busy.
    rest: u32,
}

impl Odds {
    fn new(budget: Duration) -> Odds {
        Odds { budget, credit: budget * ADVANCE, in_vain: 0, pause: 0, disturbances: 0, rest: 0 }
    }

    fn are_good(&mut self) -> bool {
        let must_wait = self.pause > 0 || self.rest > 0;
        self.pause = self.pause.saturating_sub(1);
        self.rest = self.rest.saturating_sub(1);
        !must_wait && self.credit >= self.budget
    }

    fn answered(&mut self) {
        self.in_vain = 0;
        self.disturbances = self.disturbances.saturating_sub(1);
        self.earn(self.budget / SPARED);
    }

    fn looked_in_vain(&mut self, looked: Duration) {
        self.credit = self.credit.saturating_sub(looked);
        self.in_vain = (self.in_vain + 1).min(MAX_IN_VAIN);
        self.pause = (1 << (self.in_vain - 1)) - 1;
    }

    fn disturbed(&mut self) {
        self.disturbances = (self.disturbances + RARELY).min(MAX_DISTURBED * RARELY);
        self.rest = 1 << (self.disturbances / RARELY);
    }

    /// A wait is over that ended in a sleep, waking up included.
    fn slept(&mut self, waited: Duration) {
        self.earn(waited / WASTE);
        if waited < self.budget {
            // It would have been found.
            (self.in_vain, self.pause) = (0, 0);
        }
    }

    fn earn(&mut self, credit: Duration) {
        self.credit = (self.credit + credit).min(self.budget * ADVANCE);
    }
}

/// Leave to look: half of the processors stay with those who have something to do.
#[derive(Debug)]
struct Place;

static TAKEN: AtomicUsize = AtomicUsize::new(0);

impl Place {
    #[inline]
    fn take() -> Option<Place> {
        let taken = TAKEN.fetch_update(Relaxed, Relaxed, |taken| (taken < most_at_a_time()).then_some(taken + 1));
        // Lazily: a place that is dropped is given back.
        taken.is_ok().then(|| Place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        TAKEN.fetch_sub(1, Relaxed);
    }
}

/// How many threads of the process may look at the same time: half of the processors that it may use, as its affinity and
/// its control group said at the first question.
fn most_at_a_time() -> usize {
    static MOST: OnceLock<usize> = OnceLock::new();
    *MOST.get_or_init(|| std::thread::available_parallelism().map_or(0, |processors| processors.get() / 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUDGET: Duration = Duration::from_micros(100);

    /// Time that waits took, and how much of it was spent looking in vain, where the answers come after so long each.
    fn wasted(odds: &mut Odds, answers: impl Iterator<Item = Duration>) -> (Duration, Duration, u32) {
        let (mut total, mut wasted, mut found) = (Duration::ZERO, Duration::ZERO, 0);
        for after in answers {
            total += after;
            if !odds.are_good() {
                odds.slept(after);
            } else if after < odds.budget {
                odds.answered();
                found += 1;
            } else {
                odds.looked_in_vain(odds.budget);
                odds.slept(after);
                wasted += odds.budget;
            }
        }
        (total, wasted, found)
    }

    #[test]
    fn answers_that_come_soon_are_all_found() {
        let answers = (0..1_000).map(|n| Duration::from_micros(10 + n % 80));
        assert_eq!(wasted(&mut Odds::new(BUDGET), answers).2, 1_000);
    }

    #[test]
    fn a_server_far_away_is_looked_for_only_now_and_then() {
        for micros in [101, 200, 1_000, 100_000] {
            let answers = std::iter::repeat_n(Duration::from_micros(micros), 10_000);
            let (_, wasted, found) = wasted(&mut Odds::new(BUDGET), answers);
            assert_eq!(found, 0);
            assert!(wasted <= BUDGET * (10_000 / 128 + MAX_IN_VAIN), "{micros} µs each: {wasted:?}");
        }
    }

    #[test]
    fn waste_is_paid_for_by_time_waited_and_by_what_was_spared() {
        for soon_of_ten in 0..10 {
            for late in [150, 400, 2_000] {
                let mut odds = Odds::new(BUDGET);
                // The same mixture in an order that repeats, and in one that does not (a linear congruential generator).
                let mut random: u32 = 1;
                let shuffled = std::iter::repeat_with(move || {
                    random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    (random >> 16) % 10
                });
                let answers = (0..10).cycle().take(20_000).chain(shuffled.take(20_000));
                let answers = answers.map(|n| Duration::from_micros(if n < soon_of_ten { 30 } else { late }));
                let (total, wasted, found) = wasted(&mut odds, answers);
                let limit = total / WASTE + BUDGET / SPARED * found + BUDGET * ADVANCE;
                assert!(wasted <= limit, "{soon_of_ten} of ten soon, the others {late} µs: {wasted:?} of {total:?}");
            }
        }
    }

    #[test]
    fn three_short_statements_and_a_long_commit_are_worth_looking() {
        let transaction = [25, 35, 30, 2_000].map(Duration::from_micros);
        let (_, _, found) = wasted(&mut Odds::new(BUDGET), transaction.into_iter().cycle().take(4_000));
        assert!(found > 2_900, "{found} of 3,000");
    }

    #[test]
    fn a_sleep_that_was_short_makes_it_look_again() {
        let mut odds = Odds::new(BUDGET);
        wasted(&mut odds, std::iter::repeat_n(Duration::from_millis(1), 1_000));
        assert!(!odds.are_good());
        odds.slept(Duration::from_micros(60));
        assert!(odds.are_good());
    }

    /// How many of so many waits look, where every so many-th look is disturbed.
    fn looks(odds: &mut Odds, waits: u32, disturbed_of: u32) -> u32 {
        let mut looks = 0;
        for _ in 0..waits {
            if !odds.are_good() {
                odds.slept(BUDGET / 4);
                continue;
            }
            looks += 1;
            if looks % disturbed_of == 0 { odds.disturbed() } else { odds.answered() }
        }
        looks
    }

    #[test]
    fn a_busy_machine_is_left_alone_and_a_quiet_one_is_not() {
        let mut odds = Odds::new(BUDGET);
        assert!(looks(&mut odds, 100_000, 1) < 120, "each look is disturbed");
        // What it was told by then is forgotten soon when the machine is quiet.
        assert!(looks(&mut odds, 100_000, u32::MAX) > 98_900);
        assert!(looks(&mut Odds::new(BUDGET), 100_000, 5) < 1_000, "every fifth");
        assert!(looks(&mut Odds::new(BUDGET), 100_000, 50) > 90_000, "every fiftieth");
    }

    #[test]
    fn half_of_the_processors_are_left_to_others() {
        let most = most_at_a_time();
        for _ in 0..3 {
            // Other tests of this process may look at the same time, so fewer may be left for this one, never more.
            let places: Vec<Place> = (0..most).map_while(|_| Place::take()).collect();
            let refused = (0..10).filter(|_| Place::take().is_none()).count();
            assert!(places.len() < most || refused == 10, "{most}, and {} got more", 10 - refused);
            assert!(TAKEN.load(Relaxed) <= most);
        }
    }

    #[test]
    fn zero_sleeps_at_once() {
        assert!(BusyPoll::new(Duration::ZERO).begin().is_none());
    }
}
