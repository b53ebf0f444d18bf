package io.trainyard.access.oidc;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.nimbusds.jose.jwk.source.RateLimitReachedException;
import io.trainyard.access.AccessProperties.Oidc;
import io.trainyard.access.Binding;
import io.trainyard.access.Identity;
import io.trainyard.access.Limits;
import io.trainyard.access.Scope;
import io.trainyard.access.Tokens;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.os.Sha256;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.security.oauth2.jwt.BadJwtException;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtException;

/**
 * Tokens of one OpenID provider. Nothing is loaded before the first token comes. A token that was
 * found valid stays so for a minute at most, because a signature takes longer to check than a
 * prediction to compute.
 */
public final class OidcTokens implements Tokens {
  private static final Logger log = LoggerFactory.getLogger(OidcTokens.class);

  private static final Duration VALID_FOR = Duration.ofMinutes(1);
  private static final long PAUSE_NANOS = Duration.ofSeconds(5).toNanos();
  private static final int MOST = 10_000;
  private static final int LONGEST_NAME = 150;

  private final Oidc provider;
  private final Limits limits;
  private final Clock clock;
  private final Cache<String, Valid> valid =
      Caffeine.newBuilder()
          .maximumSize(MOST)
          .expireAfterWrite(VALID_FOR)
          .executor(Runnable::run)
          .build();
  private volatile @Nullable JwtDecoder decoder;
  private volatile long failedAt;
  private final AtomicLong warnedAt = new AtomicLong();

  private record Valid(Identity identity, Instant expiresAt) {}

  public OidcTokens(Oidc provider, Limits limits, Clock clock) {
    this.provider = provider;
    this.limits = limits;
    this.clock = clock;
  }

  @Override
  public Identity identify(String token) {
    String digest = HexFormat.of().formatHex(Sha256.digest(token));
    Valid known = valid.getIfPresent(digest);
    if (known != null && clock.instant().isBefore(known.expiresAt())) {
      return known.identity();
    }
    Jwt checked = check(token);
    Identity identity = identity(checked);
    Instant end = checked.getExpiresAt();
    if (end == null) {
      throw refused("it never expires");
    }
    valid.put(digest, new Valid(identity, end));
    return identity;
  }

  private Jwt check(String token) {
    try {
      return decoder().decode(token);
    } catch (BadJwtException e) {
      throw refused(String.valueOf(e.getMessage()));
    } catch (JwtException e) {
      if (isOfTooManyFetches(e)) {
        throw refused("it is signed with a key that its issuer did not have a moment ago");
      }
      throw unreachable(e);
    } catch (IOException e) {
      throw unreachable(e);
    }
  }

  private static boolean isOfTooManyFetches(JwtException failure) {
    for (Throwable e = failure; e != null; e = e.getCause()) {
      if (e instanceof RateLimitReachedException) {
        return true;
      }
    }
    return false;
  }

  /** Logged once in a while: every request with a token meets it. */
  private ServiceException unreachable(Exception e) {
    long now = System.nanoTime();
    long last = warnedAt.get();
    if ((last == 0 || now - last > PAUSE_NANOS) && warnedAt.compareAndSet(last, now)) {
      log.warn("The keys of {} cannot be fetched: {}", provider.issuer(), e.toString());
    }
    return new ServiceException(
        ErrorCode.UNAVAILABLE, "Tokens cannot be checked now: their issuer does not answer", e);
  }

  private static ServiceException refused(String reason) {
    return new ServiceException(
        ErrorCode.UNAUTHENTICATED,
        "The token is not valid: %s; get a new one".formatted(reason.replaceFirst("\\.$", "")));
  }

  /** Asks the provider once; after a failure it is left alone for a while. */
  private JwtDecoder decoder() throws IOException {
    JwtDecoder made = decoder;
    if (made != null) {
      return made;
    }
    requirePause();
    synchronized (this) {
      if (decoder == null) {
        requirePause();
        try {
          decoder =
              TokenDecoder.of(
                  Objects.requireNonNull(provider.issuer()),
                  Objects.requireNonNull(provider.audience()),
                  clock);
        } catch (IOException e) {
          failedAt = System.nanoTime();
          throw e;
        }
      }
      return Objects.requireNonNull(decoder);
    }
  }

  private void requirePause() throws IOException {
    if (failedAt != 0 && System.nanoTime() - failedAt < PAUSE_NANOS) {
      throw new IOException("it did not answer a moment ago");
    }
  }

  private Identity identity(Jwt token) {
    String subject = token.getSubject();
    if (subject == null || !isName(subject)) {
      throw refused(
          "its subject is missing, longer than %d characters, or has invisible ones"
              .formatted(LONGEST_NAME));
    }
    return new Identity(
        Identity.TOKEN + subject,
        name(token, subject),
        Scope.known(words(token, provider.scopesClaim())),
        binding(token, provider.modelsClaim()),
        binding(token, provider.datasetsClaim()),
        limits,
        0);
  }

  /** Once there is a claim, it decides: a token without it, or with anything else, is for none. */
  private static Binding binding(Jwt token, @Nullable String claim) {
    return claim == null ? Binding.ALL : Binding.ofAnything(token.getClaim(claim));
  }

  private static String name(Jwt token, String subject) {
    return List.of("preferred_username", "email", "name", "client_id").stream()
        .map(token::getClaim)
        .filter(String.class::isInstance)
        .map(String.class::cast)
        .filter(OidcTokens::isName)
        .findFirst()
        .orElse(subject);
  }

  /** One line that shows all of its characters: it stands in logs. */
  private static boolean isName(String text) {
    return !text.isBlank()
        && text.length() <= LONGEST_NAME
        && text.codePoints().noneMatch(OidcTokens::isInvisible);
  }

  private static boolean isInvisible(int character) {
    return switch (Character.getType(character)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED ->
          true;
      default -> false;
    };
  }

  /** A list, or one text with spaces between the words. */
  private static Set<String> words(Jwt token, String claim) {
    Object value = token.getClaim(claim);
    Set<String> words = new HashSet<>();
    if (value instanceof String text) {
      words.addAll(Arrays.asList(text.strip().split("\\s+")));
    } else if (value instanceof Collection<?> list) {
      list.forEach(each -> words.add(String.valueOf(each)));
    }
    words.remove("");
    return words;
  }
}
