package io.trainyard.access;

import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A key as it is stored: everything but the key.
 *
 * @param prefix the first characters of the key
 * @param sha256 of the key, in hexadecimal digits
 * @param models the only ones that its caller may use
 * @param datasets the same
 * @param limits null where those of the service hold
 * @param maxPriority of its caller's jobs; an administrator has no limit
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
    Binding models,
    Binding datasets,
    Limits limits,
    int maxPriority,
    String createdBy,
    Instant createdAt,
    @Nullable Instant expiresAt,
    @Nullable Instant lastUsedAt) {
  public AccessKey {
    scopes = Set.copyOf(scopes);
  }

  boolean isExpired(Instant now) {
    return expiresAt != null && !now.isBefore(expiresAt);
  }

  AccessKey used(@Nullable Instant at) {
    return new AccessKey(
        id,
        name,
        prefix,
        sha256,
        scopes,
        models,
        datasets,
        limits,
        maxPriority,
        createdBy,
        createdAt,
        expiresAt,
        at);
  }

  Identity identity(Limits ofService) {
    return new Identity(id, name, scopes, models, datasets, limits.orElse(ofService), maxPriority);
  }

  /** Whether it can make other keys. */
  public boolean administers(Instant now) {
    return identity(Limits.NONE).has(Scope.ADMIN) && !isExpired(now);
  }

  /** Whether it can do what a key that the operator has chosen can. */
  boolean isForEverything() {
    return identity(Limits.NONE).has(Scope.ADMIN)
        && limits.equals(Limits.NONE)
        && expiresAt == null;
  }

  /**
   * Whether an administrator is left when another key is deleted. A key that expires does not take
   * the place of one that never does.
   */
  public boolean replaces(AccessKey other, Instant now) {
    return !id.equals(other.id)
        && administers(now)
        && (expiresAt == null || other.expiresAt != null);
  }

  /** What somebody wants of a new key. */
  public record Wanted(
      String name,
      Set<Scope> scopes,
      Binding models,
      Binding datasets,
      Limits limits,
      int maxPriority,
      @Nullable Instant expiresAt) {
    static Wanted admin(String name) {
      return new Wanted(name, Set.of(Scope.ADMIN), Binding.ALL, Binding.ALL, Limits.NONE, 0, null);
    }
  }
}
