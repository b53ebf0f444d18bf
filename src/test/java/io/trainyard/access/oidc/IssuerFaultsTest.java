package io.trainyard.access.oidc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import io.trainyard.Cases;
import io.trainyard.Http;
import io.trainyard.LocalIssuer;
import io.trainyard.SetClock;
import io.trainyard.access.AccessProperties.Oidc;
import io.trainyard.access.Identity;
import io.trainyard.access.Limits;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A provider that is away, slow or broken, or that has new keys. */
@Timeout(60)
class IssuerFaultsTest {
  private static final List<LocalIssuer.Answers> FAULTS =
      Arrays.asList(
          (exchange, _) -> exchange.sendResponseHeaders(500, -1),
          (exchange, _) -> exchange.sendResponseHeaders(204, -1),
          (exchange, _) -> exchange.sendResponseHeaders(200, -1),
          (exchange, _) -> LocalIssuer.send(exchange, ""),
          (exchange, _) -> LocalIssuer.send(exchange, "no JSON"),
          (exchange, _) -> LocalIssuer.send(exchange, "[]"),
          (exchange, _) -> LocalIssuer.send(exchange, "null"),
          (exchange, _) -> LocalIssuer.send(exchange, "{\"keys\": 7, \"jwks_uri\": 7}"),
          (exchange, _) -> LocalIssuer.send(exchange, "{\"keys\": [{\"kty\": \"RSA\"}]}"),
          (exchange, _) -> LocalIssuer.send(exchange, "{\"keys\": " + "[".repeat(100_000)),
          (exchange, json) -> LocalIssuer.send(exchange, json + " ".repeat(10 << 20)),
          (exchange, json) -> LocalIssuer.send(exchange, " ".repeat(10 << 20) + json),
          IssuerFaultsTest::sendForever);

  private final LocalIssuer issuer = LocalIssuer.start();
  private final SetClock clock = new SetClock();
  private final OidcTokens tokens =
      new OidcTokens(
          new Oidc(issuer.url(), "trainyard", null, "scope", null, null), Limits.NONE, clock);

  IssuerFaultsTest() {
    clock.now = Instant.now();
  }

  @AfterEach
  void stop() {
    issuer.stop();
  }

  private String token(String subject) {
    return issuer.token(c -> c.issuer(issuer.url()).subject(subject).claim("scope", "read"));
  }

  private Identity identify(String token) {
    return tokens.identify(token);
  }

  private void refused(String token, ErrorCode code) {
    long start = System.nanoTime();
    assertThatThrownBy(() -> identify(token))
        .isInstanceOfSatisfying(
            ServiceException.class, e -> assertThat(e.code()).as(e.detail()).isEqualTo(code));
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
  }

  /** As those of a real provider, they are seen within a minute, and old ones are gone then. */
  @Test
  void newKeysAreSeenAndOldOnesForgotten() {
    assertThat(identify(token("before")).id()).isEqualTo("oidc:before");
    String old = token("old");
    issuer.rotate("second");
    String later = token("later");
    refused(later, ErrorCode.UNAUTHENTICATED);
    assertThat(identify(old).id()).isEqualTo("oidc:old");
    String other = token("other");
    clock.now = clock.now.plusSeconds(61);
    assertThat(identify(later).id()).isEqualTo("oidc:later");
    assertThat(identify(other).id()).isEqualTo("oidc:other");
    issuer.rotate("second");
    refused(token("same id"), ErrorCode.UNAUTHENTICATED);
    clock.now = clock.now.plusSeconds(61);
    refused(LocalIssuer.forged(issuer.url(), "second"), ErrorCode.UNAUTHENTICATED);
  }

  /** Some: one of them takes its whole time. All in profile {@code slow}. */
  private static List<LocalIssuer.Answers> faults() {
    return Cases.sample(FAULTS, 5);
  }

  /** A byte now and then: no read of it takes long. */
  private static void sendForever(HttpExchange exchange, String json) throws IOException {
    exchange.sendResponseHeaders(200, 0);
    for (int i = 0; i < 100; i++) {
      exchange.getResponseBody().write(json.charAt(i % json.length()));
      exchange.getResponseBody().flush();
      Http.pause(Duration.ofMillis(200));
    }
  }

  /** Before the first token: where the keys are, is not known yet. */
  @Test
  void providerThatNeverAnsweredWellRefusesTokensForNow() {
    for (LocalIssuer.Answers fault : faults()) {
      issuer.answers(fault);
      OidcTokens fresh =
          new OidcTokens(
              new Oidc(issuer.url(), "trainyard", null, "scope", null, null), Limits.NONE, clock);
      long start = System.nanoTime();
      assertThatThrownBy(() -> fresh.identify(token("a")))
          .isInstanceOfSatisfying(
              ServiceException.class,
              e -> assertThat(e.code()).as(e.detail()).isEqualTo(ErrorCode.UNAVAILABLE));
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(7));
    }
  }

  /** Its keys are known: good tokens go on working, and others are refused soon. */
  @Test
  void tokensOfKnownKeysNeedNoProvider() {
    assertThat(identify(token("first")).id()).isEqualTo("oidc:first");
    int round = 0;
    for (LocalIssuer.Answers fault : faults()) {
      issuer.answers(fault);
      clock.now = clock.now.plusSeconds(61);
      assertThatThrownBy(() -> identify(LocalIssuer.forged(issuer.url(), "unknown")))
          .isInstanceOf(ServiceException.class);
      String subject = "round" + round++;
      assertThat(identify(token(subject)).id()).isEqualTo("oidc:" + subject);
    }
    issuer.stop();
    clock.now = clock.now.plusSeconds(61);
    assertThat(identify(token("alone")).id()).isEqualTo("oidc:alone");
    issuer.answers(LocalIssuer::send);
  }
}
