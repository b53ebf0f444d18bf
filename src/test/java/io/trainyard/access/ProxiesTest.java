package io.trainyard.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProxiesTest {
  private final Proxies proxies =
      new Proxies(new ProxyProperties(List.of("10.0.0.0/8", "192.168.1.7", "fd00::/8")));

  @ParameterizedTest
  @CsvSource({
    "10.0.0.1, true",
    "10.255.255.255, true",
    "11.0.0.0, false",
    "192.168.1.7, true",
    "192.168.1.6, false",
    "fd12::1, true",
    "fc12::1, false",
    "::1, false"
  })
  void rangesHaveTheirAddresses(String address, boolean isProxy) {
    assertThat(proxies.has(InetAddress.ofLiteral(address))).isEqualTo(isProxy);
  }

  @Test
  void aRangeMayBeOneAddressOrAll() {
    Proxies one = new Proxies(new ProxyProperties(List.of("192.0.2.1/32", "::1/128")));
    assertThat(one.has(InetAddress.ofLiteral("192.0.2.1"))).isTrue();
    assertThat(one.has(InetAddress.ofLiteral("192.0.2.0"))).isFalse();
    assertThat(one.has(InetAddress.ofLiteral("::1"))).isTrue();
    Proxies all = new Proxies(new ProxyProperties(List.of("0.0.0.0/0")));
    assertThat(all.has(InetAddress.ofLiteral("203.0.113.9"))).isTrue();
    assertThat(all.has(InetAddress.ofLiteral("::1"))).as("of IPv4").isFalse();
  }

  /** Only what proxies have added is believed. */
  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {
        "10.0.0.1, 203.0.113.9, 203.0.113.9",
        "10.0.0.1, '1.1.1.1, 203.0.113.9', 203.0.113.9",
        "10.0.0.1, '203.0.113.9, 192.168.1.7', 203.0.113.9",
        "10.0.0.1, '10.0.0.3, 10.0.0.2', 10.0.0.3",
        "10.0.0.1, 2001:db8::1, 2001:db8::1",
        "10.0.0.1, 203.0.113.9:4711, 203.0.113.9",
        "10.0.0.1, '1.1.1.1, 203.0.113.9:4711, 10.0.0.2:80', 203.0.113.9",
        "10.0.0.1, [2001:db8::1]:4711, 2001:db8::1",
        "10.0.0.1, [2001:db8::1], 2001:db8::1",
        "10.0.0.1, 203.0.113.9:x, 10.0.0.1",
        "10.0.0.1, -, 10.0.0.1",
        "10.0.0.1, unknown, 10.0.0.1",
        "10.0.0.1, '203.0.113.9, nonsense', 10.0.0.1",
        "10.0.0.1, 203.0.113.0/24, 10.0.0.1",
        "203.0.113.5, 1.1.1.1, 203.0.113.5"
      })
  void proxiesTellTheCaller(String peer, @Nullable String forwarded, String caller) {
    assertThat(proxies.caller(peer, forwarded)).isEqualTo(caller);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"proxy.example.com", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/x", "", "/8"})
  void otherTextsAreRefused(String text) {
    assertThatThrownBy(() -> new ProxyProperties(List.of(text)))
        .hasMessageStartingWith("trainyard.http.proxies must list addresses or ranges")
        .hasMessageContaining("'" + text + "'");
  }

  @Test
  void oneAddressHoldsAtMostWhatItLeavesFree() {
    InetAddress greedy = InetAddress.ofLiteral("203.0.113.9");
    InetAddress other = InetAddress.ofLiteral("203.0.113.8");
    InetAddress proxy = InetAddress.ofLiteral("10.0.0.1");
    FairSlots places = new FairSlots(6, proxies);
    FairSlots.Place first = Objects.requireNonNull(places.take(greedy));
    assertThat(places.take(greedy)).isNotNull();
    assertThat(places.take(greedy)).isNotNull();
    assertThat(places.take(greedy)).isNull();
    assertThat(places.take(other)).isNotNull();
    for (int i = 0; i < 2; i++) {
      assertThat(places.take(proxy)).isNotNull();
    }
    assertThat(places.take(proxy)).isNull();
    assertThat(places.take(null)).isNull();
    first.close();
    first.close();
    assertThat(places.taken()).isEqualTo(5);
    assertThat(places.take(greedy)).isNull();
    assertThat(places.take(proxy)).isNotNull();
    assertThat(places.taken(greedy)).isEqualTo(2);
  }

  /** FairSlots for another address are left, however many addresses take all that they can. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5, 50})
  void aNewcomerFindsAPlace(int greedy) {
    FairSlots places = new FairSlots(100, proxies);
    for (int round = 0; round < 100; round++) {
      for (int i = 0; i < greedy; i++) {
        var _ = places.take(InetAddress.ofLiteral("203.0.113." + i));
      }
    }
    assertThat(places.taken()).isLessThanOrEqualTo(100 * greedy / (greedy + 1) + greedy);
    assertThat(places.take(InetAddress.ofLiteral("203.0.113.200"))).isNotNull();
  }

  /** Each takes a half of what those before it have left. */
  @Test
  void addressesThatComeOneAfterTheOtherLeavePlaces() {
    FairSlots places = new FairSlots(100, proxies);
    for (int i = 0; i < 10; i++) {
      InetAddress greedy = InetAddress.ofLiteral("203.0.113." + i);
      while (places.take(greedy) != null) {
        assertThat(places.taken(greedy)).isLessThanOrEqualTo(50);
      }
    }
    assertThat(places.taken()).isEqualTo(88 + 7);
    assertThat(places.take(InetAddress.ofLiteral("203.0.113.200"))).isNotNull();
  }

  /** A subscriber of IPv6 has as many addresses as it likes. */
  @Test
  void aNetworkOfIpv6CountsAsOneAddress() {
    FairSlots places = new FairSlots(3, proxies);
    FairSlots.Place proxy = places.take(InetAddress.ofLiteral("10.0.0.1"));
    assertThat(proxy).isNotNull();
    assertThat(places.take(InetAddress.ofLiteral("2001:db8:0:1::1"))).isNotNull();
    assertThat(places.take(InetAddress.ofLiteral("2001:db8:0:1:ffff::2"))).isNull();
    assertThat(places.take(InetAddress.ofLiteral("2001:db8:0:2::1"))).isNotNull();
  }
}
