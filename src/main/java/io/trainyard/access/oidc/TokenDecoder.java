package io.trainyard.access.oidc;

import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.jwk.source.URLBasedJWKSetSource;
import com.nimbusds.jose.proc.SecurityContext;
import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.springframework.security.oauth2.core.OAuth2Error;
import org.springframework.security.oauth2.core.OAuth2TokenValidator;
import org.springframework.security.oauth2.core.OAuth2TokenValidatorResult;
import org.springframework.security.oauth2.jose.jws.SignatureAlgorithm;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtIssuerValidator;
import org.springframework.security.oauth2.jwt.JwtTypeValidator;
import org.springframework.security.oauth2.jwt.JwtValidators;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Spring Security's decoder, with the keys that the provider's discovery document names. The keys
 * are kept for five minutes.
 *
 * <p>Source: OpenID Connect Discovery 1.0, section 4.
 */
final class TokenDecoder {
  /** How long an answer of the provider may take. */
  private static final Duration LONGEST = Duration.ofSeconds(3);

  private static final Duration KEPT = Duration.ofMinutes(5);

  /** How long the last keys hold while the provider is away. */
  private static final Duration TOLERATED = Duration.ofHours(1);

  /** How long a token waits for another one's fetch, which ends before. */
  private static final Duration WAIT = LONGEST.plusSeconds(1);

  private static final IssuerAnswers HTTP = new IssuerAnswers(LONGEST, 1 << 20);

  private TokenDecoder() {}

  /**
   * Asks the provider where its keys are.
   *
   * @throws IOException when it does not answer, or not as itself
   */
  static JwtDecoder of(String issuer, String audience, Clock clock) throws IOException {
    JWKSource<SecurityContext> keys =
        JWKSourceBuilder.create(
                new IssuerKeys(new URLBasedJWKSetSource<>(keys(issuer), HTTP), clock))
            .cache(KEPT.toMillis(), WAIT.toMillis())
            .refreshAheadCache(false)
            .rateLimited(false)
            .outageTolerant(TOLERATED.toMillis())
            .build();
    NimbusJwtDecoder decoder =
        NimbusJwtDecoder.withJwkSource(keys)
            .jwsAlgorithms(all -> all.addAll(Set.of(SignatureAlgorithm.values())))
            .build();
    decoder.setJwtValidator(
        JwtValidators.createDefaultWithValidators(
            List.of(new JwtIssuerValidator(issuer), types(), isFor(audience))));
    return decoder;
  }

  /** Providers mark access tokens as RFC 9068 says, or as any token, or not at all. */
  private static JwtTypeValidator types() {
    JwtTypeValidator types = new JwtTypeValidator("JWT", "at+jwt", "application/at+jwt");
    types.setAllowEmpty(true);
    return types;
  }

  private static URL keys(String issuer) throws IOException {
    String place = issuer.replaceFirst("/+$", "") + "/.well-known/openid-configuration";
    try {
      return keys(issuer, HTTP.retrieveResource(URI.create(place).toURL()).getContent());
    } catch (JacksonException | IllegalArgumentException e) {
      throw new IOException(place + " names no keys: " + e.getMessage(), e);
    }
  }

  /** Where an issuer's own document says that its keys are. */
  static URL keys(String issuer, String discovery) throws IOException {
    JsonNode document = JsonMapper.shared().readTree(discovery);
    String named = document.path("issuer").asString("");
    if (!named.equals(issuer)) {
      throw new IOException("The document of %s is of the issuer '%s'".formatted(issuer, named));
    }
    URL keys = URI.create(document.path("jwks_uri").asString("")).toURL();
    boolean safe = keys.getProtocol().equals("https");
    if (!safe && (issuer.startsWith("https") || !keys.getProtocol().equals("http"))) {
      throw new IOException(
          "%s has its keys at %s, which others on the way could change".formatted(issuer, keys));
    }
    return keys;
  }

  private static OAuth2TokenValidator<Jwt> isFor(String audience) {
    OAuth2Error other =
        new OAuth2Error("invalid_token", "its audience must contain '" + audience + "'", null);
    return token ->
        token.getAudience() != null && token.getAudience().contains(audience)
            ? OAuth2TokenValidatorResult.success()
            : OAuth2TokenValidatorResult.failure(other);
  }
}
