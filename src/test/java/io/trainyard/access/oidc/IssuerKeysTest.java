package io.trainyard.access.oidc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.jwk.source.JWKSetCacheRefreshEvaluator;
import com.nimbusds.jose.jwk.source.JWKSetSource;
import com.nimbusds.jose.jwk.source.RateLimitReachedException;
import com.nimbusds.jose.proc.SecurityContext;
import io.trainyard.SetClock;
import java.io.IOException;
import java.net.URL;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.slf4j.LoggerFactory;

/** Which keys of a provider are taken, and how often it is asked. */
@Execution(ExecutionMode.SAME_THREAD)
class IssuerKeysTest {
  private static final SecurityContext NONE = new SecurityContext() {};

  private final Provider provider = new Provider();
  private final SetClock clock = new SetClock();
  private final IssuerKeys keys = new IssuerKeys(provider, clock);

  /** Counts how often it is asked. */
  private static final class Provider implements JWKSetSource<SecurityContext> {
    List<JWK> keys = List.of();
    boolean isAway;
    int asked;

    @Override
    public JWKSet getJWKSet(
        JWKSetCacheRefreshEvaluator refresh, long millis, SecurityContext context)
        throws KeySourceException {
      asked++;
      if (isAway) {
        throw new KeySourceException("no answer");
      }
      return new JWKSet(keys);
    }

    @Override
    public void close() {}
  }

  private JWKSet at(long millis) throws KeySourceException {
    clock.now = Instant.ofEpochMilli(millis);
    return keys.getJWKSet(JWKSetCacheRefreshEvaluator.forceRefresh(), 0, NONE);
  }

  private static URL place(String issuer, String named, String keys) throws IOException {
    return TokenDecoder.keys(
        issuer, "{\"issuer\": \"%s\", \"jwks_uri\": \"%s\"}".formatted(named, keys));
  }

  @Test
  void keysAreAsSafeFromOthersAsTheirIssuer() throws IOException {
    assertThat(place("https://a", "https://a", "https://b/keys")).hasHost("b");
    assertThat(place("http://a", "http://a", "http://a/keys")).hasHost("a");
    assertThatThrownBy(() -> place("https://a", "https://a", "http://a/keys"))
        .isInstanceOf(IOException.class);
    assertThatThrownBy(() -> place("https://a", "https://a", "file:///keys"))
        .isInstanceOf(IOException.class);
    assertThatThrownBy(() -> place("https://a", "https://b", "https://a/keys"))
        .isInstanceOf(IOException.class);
  }

  @Test
  void shortRsaKeysAreLeftOut() throws KeySourceException, JOSEException {
    provider.keys =
        List.of(
            new RSAKeyGenerator(1024, true).keyID("short").generate(),
            new RSAKeyGenerator(2048).keyID("long").generate(),
            new ECKeyGenerator(Curve.P_256).keyID("curve").generate());
    Logger logger = (Logger) LoggerFactory.getLogger(IssuerKeys.class);
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.start();
    logger.addAppender(lines);
    try {
      assertThat(at(0).getKeys()).extracting(JWK::getKeyID).containsExactly("long", "curve");
    } finally {
      logger.detachAppender(lines);
    }
    assertThat(lines.list)
        .as("its tokens are refused, so the operator is told of it alone")
        .extracting(ILoggingEvent::getFormattedMessage)
        .singleElement(STRING)
        .contains("'short'", "1024 bits, fewer than 2048");
  }

  @Test
  void aClockThatIsSetBackKeepsOutNoNewKeys() throws KeySourceException {
    at(3_600_000);
    at(1_000);
    assertThat(provider.asked).isEqualTo(2);
    assertThatThrownBy(() -> at(2_000)).isInstanceOf(RateLimitReachedException.class);
  }

  @Test
  void providerIsAskedOnceAMinute() throws KeySourceException {
    at(0);
    for (int millis = 1; millis < 60_000; millis += 100) {
      long now = millis;
      assertThatThrownBy(() -> at(now)).isInstanceOf(RateLimitReachedException.class);
    }
    assertThat(provider.asked).isEqualTo(1);
    at(60_000);
    assertThat(provider.asked).isEqualTo(2);
  }

  /** It may be back soon, and good tokens wait for it. */
  @Test
  void providerThatDidNotAnswerIsAskedAgainSoon() throws KeySourceException {
    provider.isAway = true;
    for (int millis = 0; millis < 5_000; millis += 100) {
      long now = millis;
      assertThatThrownBy(() -> at(now)).hasMessage("no answer");
    }
    assertThat(provider.asked).isEqualTo(1);
    provider.isAway = false;
    at(5_000);
    assertThat(provider.asked).isEqualTo(2);
  }
}
