package io.trainyard.access.oidc;

import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.source.JWKSetCacheRefreshEvaluator;
import com.nimbusds.jose.jwk.source.JWKSetSource;
import com.nimbusds.jose.jwk.source.RateLimitReachedException;
import com.nimbusds.jose.proc.SecurityContext;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys that a provider has now: those that are strong enough. It is asked at most once a minute
 * whatever keys tokens name, and a few seconds after it did not answer.
 */
final class IssuerKeys implements JWKSetSource<SecurityContext> {
  private static final Logger log = LoggerFactory.getLogger(IssuerKeys.class);

  /** Source: NIST SP 800-131A, and RFC 7518, section 3.3. */
  private static final int RSA_BITS = 2048;

  private static final long PAUSE_MILLIS = Duration.ofMinutes(1).toMillis();
  private static final long RETRY_MILLIS = Duration.ofSeconds(5).toMillis();

  /** Asks the provider. */
  private final JWKSetSource<SecurityContext> fetches;

  private final Clock clock;
  private @Nullable KeySourceException failure;
  private long next;

  IssuerKeys(JWKSetSource<SecurityContext> fetches, Clock clock) {
    this.fetches = fetches;
    this.clock = clock;
  }

  @Override
  public synchronized JWKSet getJWKSet(
      JWKSetCacheRefreshEvaluator refresh, long millis, SecurityContext context)
      throws KeySourceException {
    long now = clock.millis();
    // A clock that was set back by more must not keep out new keys.
    if (now < next && now >= next - PAUSE_MILLIS) {
      throw failure == null ? new RateLimitReachedException() : failure;
    }
    try {
      JWKSet all = fetches.getJWKSet(refresh, millis, context);
      next = now + PAUSE_MILLIS;
      failure = null;
      return strong(all);
    } catch (KeySourceException e) {
      next = now + RETRY_MILLIS;
      failure = e;
      throw e;
    }
  }

  private static JWKSet strong(JWKSet all) {
    return new JWKSet(all.getKeys().stream().filter(IssuerKeys::isStrong).toList());
  }

  private static boolean isStrong(JWK key) {
    boolean strong = !(key instanceof RSAKey) || key.size() >= RSA_BITS;
    if (!strong) {
      log.warn(
          "Tokens with the key '{}' of their issuer are refused: it has {} bits, fewer than {}",
          key.getKeyID(),
          key.size(),
          RSA_BITS);
    }
    return strong;
  }

  @Override
  public void close() throws IOException {
    fetches.close();
  }
}
