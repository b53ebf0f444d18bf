package io.trainyard.access;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import java.util.EnumSet;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Who calls, and what they may do.
 *
 * @param id of the key or the token's subject; "" for a caller without either
 * @param name for people: in the audit log and in messages
 * @param models the only ones that the caller may see and use; null: all
 * @param limits its own, or those of the service
 */
public record Identity(
    String id, String name, Set<Scope> scopes, @Nullable Set<String> models, Limits limits) {
  private static final ScopedValue<Identity> CURRENT = ScopedValue.newInstance();

  /** The service's own work, which no request started. */
  private static final Identity SERVICE =
      new Identity("", "service", EnumSet.allOf(Scope.class), null, Limits.NONE);

  public Identity {
    models = models == null ? null : Set.copyOf(models);
    Set<Scope> own = EnumSet.noneOf(Scope.class);
    own.addAll(scopes);
    if (models != null) {
      own.remove(Scope.ADMIN); // it would be for all models
    }
    scopes = Set.copyOf(own);
  }

  /** A caller in the mode open, who may do everything. */
  public static Identity open(Limits limits) {
    return new Identity("", "anonymous", EnumSet.allOf(Scope.class), null, limits);
  }

  /** A caller who has shown no key where keys are needed. */
  public static Identity nobody() {
    return new Identity("", "anonymous", EnumSet.noneOf(Scope.class), null, Limits.NONE);
  }

  /** The caller of this thread's request; the service itself where there is none. */
  public static Identity current() {
    return CURRENT.orElse(SERVICE);
  }

  /** Runs a request of this caller. */
  public <T, X extends Exception> T call(ScopedValue.CallableOp<T, X> request) throws X {
    return ScopedValue.where(CURRENT, this).call(request);
  }

  /** What is stored as the owner of what the caller makes; null for one without a key. */
  public @Nullable String owner() {
    return id.isEmpty() ? null : id;
  }

  public boolean has(Scope scope) {
    return scopes.contains(scope) || scopes.contains(Scope.ADMIN);
  }

  /** Whether the caller may see and use a model. */
  public boolean permits(String model) {
    return models == null || models.contains(model);
  }

  /**
   * Refuses a caller who has none of some scopes.
   *
   * @param action what the caller wants to do, as in "A job that moves an alias"
   */
  public void require(Set<Scope> any, String action) {
    if (any.stream().noneMatch(this::has)) {
      throw new ServiceException(
          ErrorCode.FORBIDDEN,
          "%s needs the scope %s; %s has %s. Ask an administrator for a key with it"
              .formatted(
                  action,
                  Scope.words(any, " or "),
                  described(),
                  scopes.isEmpty() ? "none" : Scope.words(scopes, ", ")));
    }
  }

  /** Refuses a model that the caller may not use, in the same words whether it exists or not. */
  public void requireModel(String model) {
    if (!permits(model)) {
      throw new ServiceException(
          ErrorCode.FORBIDDEN,
          "%s is bound to the models %s and cannot use '%s'; ask an administrator for a key that can"
              .formatted(described(), listedModels(), model));
    }
  }

  /** Refuses a caller who is bound to some models what tells about all of them. */
  public void requireAllModels(String action) {
    if (models != null) {
      throw new ServiceException(
          ErrorCode.FORBIDDEN,
          "%s needs a key for all models; %s is bound to %s"
              .formatted(action, described(), listedModels()));
    }
  }

  private String listedModels() {
    return models == null ? "" : String.join(", ", new TreeSet<>(models));
  }

  private String described() {
    return id.isEmpty() ? "a caller without a key" : "'" + name + "'";
  }
}
