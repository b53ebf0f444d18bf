package io.trainyard.access;

import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A key as it is stored: everything but the key.
 *
 * @param prefix the first characters of the key
 * @param sha256 of the key, in hexadecimal digits
 * @param models the only ones that its caller may use; null: all
 * @param limits null where those of the service hold
 * @param createdBy the name of the caller who made it
 * @param expiresAt null: never
 * @param lastUsedAt to about a minute; null: never
 */
public record AccessKey(
    String id,
    String name,
    String prefix,
    String sha256,
    Set<Scope> scopes,
    @Nullable List<String> models,
    Limits limits,
    String createdBy,
    Instant createdAt,
    @Nullable Instant expiresAt,
    @Nullable Instant lastUsedAt) {
  public AccessKey {
    scopes = Set.copyOf(scopes);
    models = models == null ? null : List.copyOf(new TreeSet<>(models));
  }

  boolean isExpired(Instant now) {
    return expiresAt != null && !now.isBefore(expiresAt);
  }

  AccessKey used(@Nullable Instant at) {
    return new AccessKey(
        id, name, prefix, sha256, scopes, models, limits, createdBy, createdAt, expiresAt, at);
  }

  Identity identity(Limits ofService) {
    return new Identity(
        id, name, scopes, models == null ? null : Set.copyOf(models), limits.orElse(ofService));
  }
}
