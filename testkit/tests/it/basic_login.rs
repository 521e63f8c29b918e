//! Basic authentication of the predecessor's routes: how often somebody may try.

use std::time::Duration;

use frontdesk_testkit::{
    desk::{Answer, TestDesk},
    story,
};

/// admin:contraseña
const RIGHT: &str = "Basic YWRtaW46Y29udHJhc2XDsWE=";
/// admin:wrong
const WRONG: &str = "Basic YWRtaW46d3Jvbmc=";

async fn tries(desk: &TestDesk, login: &str, from: &str) -> Answer {
    let headers = [("authorization", login), ("x-forwarded-for", from)];
    desk.ask_with("GET", "/ui/prompts/api", &headers, "").await
}

story!(whoever_guesses_the_login_is_refused_even_the_right_one_and_others_are_not, |desk| async {
    desk.business("Luna").open().await;
    for (guesser, neighbour, other) in [
        ("192.0.2.66", "192.0.2.66", "192.0.2.67"),
        // Whoever has one address of IPv6 has its whole /64.
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:db8:1:3::1"),
    ] {
        let mut statuses = Vec::new();
        for _ in 0..20 {
            statuses.push(tries(desk, WRONG, guesser).await.status);
        }
        assert_eq!((statuses[0], statuses[19]), (401, 429), "{statuses:?}");
        let held = tries(desk, RIGHT, neighbour).await;
        assert_eq!((held.status, held.retry_after), (429, Some(1)), "{guesser}: not even the right one is tried");
        assert_eq!(tries(desk, RIGHT, other).await.status, 200, "nobody else is held up");
        desk.clock.advance(Duration::from_secs(60));
        assert_eq!(tries(desk, RIGHT, neighbour).await.status, 200, "{guesser}: who waits may try again");
    }
});

story!(whoever_knows_the_login_is_not_held_up_by_their_own_pages, |desk| async {
    desk.business("Luna").open().await;
    let at_home = "198.51.100.7";
    for _ in 0..3 {
        assert_eq!(tries(desk, WRONG, at_home).await.status, 401);
    }
    for n in 0..60 {
        assert_eq!(tries(desk, RIGHT, at_home).await.status, 200, "page {n}");
    }
});
