package io.trainyard.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CallerLimitsTest {
  private final CallerLimits limits = new CallerLimits();

  private static Identity caller(String id, @Nullable Integer rate, @Nullable Integer concurrent) {
    return new Identity(
        id,
        id,
        Set.of(Scope.READ),
        Binding.ALL,
        Binding.ALL,
        new Limits(rate, concurrent, null, null),
        0);
  }

  private void refuses(Identity caller, String address) {
    assertThatThrownBy(() -> limits.enter(caller, address))
        .isInstanceOfSatisfying(
            ServiceException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.RATE_LIMITED);
              assertThat(e.retryAfter()).isBetween(Duration.ZERO, Duration.ofSeconds(1));
            });
  }

  @Test
  void twiceTheRateMayComeAtOnce() {
    Identity caller = caller("a", 1, null);
    limits.enter(caller, "x").close();
    limits.enter(caller, "x").close();
    refuses(caller, "x");
    limits.enter(caller("b", 1, null), "x").close();
  }

  @Test
  void placeIsFreeAgainWhenItsRequestEnds() {
    Identity caller = caller("a", null, 2);
    CallerLimits.Permit first = limits.enter(caller, "x");
    limits.enter(caller, "x");
    refuses(caller, "x");
    refuses(caller, "x");
    first.close();
    limits.enter(caller, "x");
    refuses(caller, "x");
  }

  @Test
  void callersWithoutKeysAreToldApartByTheirAddress() {
    Identity caller = Identity.open(new Limits(1, null, null, null));
    limits.enter(caller, "x").close();
    limits.enter(caller, "x").close();
    refuses(caller, "x");
    limits.enter(caller, "y").close();
  }

  /** A subscriber of IPv6 has as many addresses as it likes. */
  @Test
  void aNetworkOfIpv6IsOneCaller() {
    Identity caller = Identity.open(new Limits(1, null, null, null));
    limits.enter(caller, "2001:db8:0:1::1").close();
    limits.enter(caller, "2001:db8:0:1::2").close();
    refuses(caller, "2001:db8:0:1:ffff::3");
    limits.enter(caller, "2001:db8:0:2::1").close();
  }

  @Test
  void newLimitsHoldAtOnce() {
    limits.enter(caller("a", 1, null), "x").close();
    limits.enter(caller("a", 1, null), "x").close();
    refuses(caller("a", 1, null), "x");
    for (int i = 0; i < 100; i++) {
      limits.enter(caller("a", 50, null), "x").close();
    }
  }

  @Test
  void noLimitsCountNothing() {
    assertThatCode(
            () -> {
              for (int i = 0; i < 10_000; i++) {
                limits.enter(caller("a", null, null), "x");
              }
            })
        .doesNotThrowAnyException();
  }
}
