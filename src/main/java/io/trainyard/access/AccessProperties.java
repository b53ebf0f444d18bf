package io.trainyard.access;

import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Who may call, and how much.
 *
 * @param mode null: by the address that the service listens on
 * @param refresh how long a change of the keys by another process may take to be seen
 * @param auditRetention how long changes stay in the audit log
 * @param limits of every caller whose key has no other ones
 * @param oidc the provider whose tokens are accepted beside keys
 */
@ConfigurationProperties("trainyard.access")
public record AccessProperties(
    @Nullable AccessMode mode,
    @DefaultValue("2s") Duration refresh,
    @DefaultValue("365d") Duration auditRetention,
    @DefaultValue Defaults limits,
    @DefaultValue Oidc oidc) {
  public AccessProperties {
    if (refresh.compareTo(Duration.ofMillis(100)) < 0
        || refresh.compareTo(Duration.ofMinutes(1)) > 0) {
      throw new IllegalArgumentException(
          "trainyard.access.refresh must be between 100ms and 1m, was " + refresh);
    }
    if (auditRetention.isNegative() || auditRetention.isZero()) {
      throw new IllegalArgumentException(
          "trainyard.access.audit-retention must be more than 0, was " + auditRetention);
    }
  }

  /** The limits of a caller; 0: none. */
  public record Defaults(
      @DefaultValue("0") int requestsPerSecond,
      @DefaultValue("0") int concurrentRequests,
      @DefaultValue("0B") DataSize storedBytes,
      @DefaultValue("0") int unfinishedJobs) {
    public Defaults {
      if (requestsPerSecond < 0
          || concurrentRequests < 0
          || storedBytes.isNegative()
          || unfinishedJobs < 0) {
        throw new IllegalArgumentException("trainyard.access.limits must all be 0 or more");
      }
    }

    public Limits limits() {
      return new Limits(
          requestsPerSecond == 0 ? null : (Integer) requestsPerSecond,
          concurrentRequests == 0 ? null : (Integer) concurrentRequests,
          storedBytes.toBytes() == 0 ? null : (Long) storedBytes.toBytes(),
          unfinishedJobs == 0 ? null : (Integer) unfinishedJobs);
    }
  }

  /**
   * An OpenID provider.
   *
   * @param issuer its URL, as in the tokens; null: tokens are not accepted
   * @param audience what a token's {@code aud} must contain
   * @param clientId of the pages of this service at the provider; null: as the audience
   * @param scopesClaim where a token has its scopes: a list, or one text with spaces
   * @param modelsClaim where a token lists the models that it is bound to; null: nowhere, and
   *     tokens are for all
   * @param datasetsClaim the same of datasets
   */
  public record Oidc(
      @Nullable String issuer,
      @Nullable String audience,
      @Nullable String clientId,
      @DefaultValue("scope") String scopesClaim,
      @Nullable String modelsClaim,
      @Nullable String datasetsClaim) {
    public Oidc {
      issuer = blankToNull(issuer);
      audience = blankToNull(audience);
      clientId = blankToNull(clientId);
      modelsClaim = blankToNull(modelsClaim);
      datasetsClaim = blankToNull(datasetsClaim);
      if (issuer != null) {
        String scheme = URI.create(issuer).getScheme();
        if (!"https".equals(scheme) && !"http".equals(scheme)) {
          throw new IllegalArgumentException(
              "trainyard.access.oidc.issuer must be a URL, was " + issuer);
        }
        if (audience == null) {
          throw new IllegalArgumentException(
              "trainyard.access.oidc.audience is needed with an issuer: without it, tokens for"
                  + " other services would be accepted here");
        }
      }
    }

    private static @Nullable String blankToNull(@Nullable String text) {
      return text == null || text.isBlank() ? null : text;
    }
  }
}
