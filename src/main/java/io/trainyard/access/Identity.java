package io.trainyard.access;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.ThreadFactory;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Who calls, and what they may do.
 *
 * @param id of the key or the token's subject; "" for a caller without either
 * @param name for people: in the audit log and in messages
 * @param models the only ones that the caller may see and use
 * @param datasets the same
 * @param limits its own, or those of the service
 * @param maxPriority of its jobs
 * @param address of a caller whom no id names; "" when unknown
 */
public record Identity(
    String id,
    String name,
    Set<Scope> scopes,
    Binding models,
    Binding datasets,
    Limits limits,
    int maxPriority,
    String address) {
  /** Begins the ids of callers with a token, who have their names from elsewhere. */
  public static final String TOKEN = "oidc:";

  /** The name of callers without a key; no key may have it. */
  public static final String ANONYMOUS = "anonymous";

  private static final int LONGEST_LABEL = 200;

  private static final ScopedValue<Identity> CURRENT = ScopedValue.newInstance();
  private static final ScopedValue<Supplier<Identity>> AGAIN = ScopedValue.newInstance();
  private static final Identity NOBODY =
      new Identity("", ANONYMOUS, Set.of(), Binding.NONE, Binding.NONE, Limits.NONE, 0);
  private static final Identity SERVICE = ofProcess("", "service", Set.of(), Binding.ALL);
  private static final Identity PRACTICE =
      ofProcess("service:warm-up", "warm-up", Set.of(Scope.PREDICT), Binding.NONE);

  public Identity {
    Set<Scope> own = EnumSet.noneOf(Scope.class);
    own.addAll(scopes);
    if (!models.isAll() || !datasets.isAll()) {
      own.remove(Scope.ADMIN); // it would be for all of them
    }
    scopes = Set.copyOf(own);
    maxPriority = own.contains(Scope.ADMIN) ? Integer.MAX_VALUE : maxPriority;
  }

  /** A caller whose address does not matter. */
  public Identity(
      String id,
      String name,
      Set<Scope> scopes,
      Binding models,
      Binding datasets,
      Limits limits,
      int maxPriority) {
    this(id, name, scopes, models, datasets, limits, maxPriority, "");
  }

  private static Identity ofProcess(String id, String name, Set<Scope> scopes, Binding datasets) {
    return new Identity(id, name, scopes, Binding.ALL, datasets, Limits.NONE, 0);
  }

  /** A caller in the mode open, who may do everything. */
  public static Identity open(Limits limits) {
    return new Identity(
        "",
        ANONYMOUS,
        EnumSet.allOf(Scope.class),
        Binding.ALL,
        Binding.ALL,
        limits,
        Integer.MAX_VALUE);
  }

  /** A caller who has shown no key where keys are needed. */
  public static Identity nobody() {
    return NOBODY;
  }

  /**
   * The service itself, for work that no request started: its threads say so. It uses all models
   * and datasets, and has no scopes, because it sends no requests.
   */
  public static Identity service() {
    return SERVICE;
  }

  /** The service as the caller of the requests that warm it up, which only predict. */
  public static Identity practice() {
    return PRACTICE;
  }

  /** The caller of this thread's request; nobody where no thread has said who it is. */
  public static Identity current() {
    return CURRENT.orElse(NOBODY);
  }

  /** Runs a request of this caller. */
  public <T extends @Nullable Object, X extends Throwable> T call(
      ScopedValue.CallableOp<T, X> request) throws X {
    return ScopedValue.where(CURRENT, this).call(request);
  }

  /**
   * As {@link #call(ScopedValue.CallableOp)}, for a request that may go on for long.
   *
   * @param again finds out who calls as if the request came now, or refuses it
   */
  public <T extends @Nullable Object, X extends Throwable> T call(
      Supplier<Identity> again, ScopedValue.CallableOp<T, X> request) throws X {
    return ScopedValue.where(CURRENT, this).where(AGAIN, again).call(request);
  }

  /**
   * The caller of this thread's request as of now. A key may end while its request goes on: what
   * goes on for long asks every second. The caller is as before when nobody can tell, as while the
   * issuer of tokens does not answer.
   *
   * @throws ServiceException when the caller may not send the request now
   */
  public static Identity again() {
    if (!AGAIN.isBound()) {
      return current();
    }
    try {
      return AGAIN.get().get();
    } catch (ServiceException e) {
      return switch (e.code().family()) {
        case UNAUTHENTICATED, FORBIDDEN, NOT_FOUND -> throw e;
        default -> current();
      };
    }
  }

  /** The same for a task that may run on another thread. */
  public Runnable doing(Runnable task) {
    return () -> ScopedValue.where(CURRENT, this).run(task);
  }

  /** Threads that do all their tasks as this caller. */
  public ThreadFactory threads(Thread.Builder.OfPlatform threads) {
    return task -> threads.unstarted(doing(task));
  }

  /** The same caller; one without an id is told apart by an address from now on. */
  public Identity from(String newAddress) {
    return id.isEmpty()
        ? new Identity(
            id, name, scopes, models, datasets, limits, maxPriority, Proxies.counted(newAddress))
        : this;
  }

  /** By what callers are told apart where each gets a share: the id, or else the address. */
  public String counted() {
    return id.isEmpty() ? "@" + address : id;
  }

  /** What is stored as the owner of what the caller makes; null for one without a key. */
  public @Nullable String owner() {
    return id.isEmpty() ? null : id;
  }

  /** Who owns what the caller makes, for people; null for one without a key. */
  public @Nullable String ownerName() {
    return id.isEmpty() ? null : label();
  }

  /** Who has done something, where only one text is kept: nobody can choose that of another. */
  public String label() {
    String label = id.startsWith(TOKEN) ? "%s (%s)".formatted(id, name) : name;
    return label.substring(0, Math.min(LONGEST_LABEL, label.length()));
  }

  public boolean has(Scope scope) {
    return scopes.contains(scope) || scopes.contains(Scope.ADMIN);
  }

  /** Whether the caller may see and use a model. */
  public boolean permitsModel(String model) {
    return models.permits(model);
  }

  /** Whether the caller may see and use a dataset. */
  public boolean permitsDataset(String dataset) {
    return datasets.permits(dataset);
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
    if (!permitsModel(model)) {
      throw unbound("models", models, model);
    }
  }

  /** Refuses a dataset that the caller may not use, in the same words whether it exists or not. */
  public void requireDataset(String dataset) {
    if (!permitsDataset(dataset)) {
      throw unbound("datasets", datasets, dataset);
    }
  }

  private ServiceException unbound(String kind, Binding bound, String name) {
    return new ServiceException(
        ErrorCode.FORBIDDEN,
        "%s %s and cannot use '%s'; ask an administrator for a key that can"
            .formatted(described(), bound.described(kind), name));
  }

  /** Refuses a caller who is bound to some models or datasets what tells about all of them. */
  public void requireUnbound(String action) {
    if (!models.isAll()) {
      throw tellsAll(action, "models", models);
    }
    if (!datasets.isAll()) {
      throw tellsAll(action, "datasets", datasets);
    }
  }

  private ServiceException tellsAll(String action, String kind, Binding bound) {
    return new ServiceException(
        ErrorCode.FORBIDDEN,
        "%s needs a key for all %s; %s %s"
            .formatted(action, kind, described(), bound.described(kind)));
  }

  /** Refuses a job that is more urgent than the caller's may be. */
  public void requirePriority(int priority) {
    if (priority > maxPriority) {
      throw new ServiceException(
          ErrorCode.FORBIDDEN,
          "The priority %d is more than the %d that %s may ask for; leave it out, or ask an administrator for a key with 'max_priority'"
              .formatted(priority, maxPriority, described()));
    }
  }

  private String described() {
    return id.isEmpty() ? "a caller without a key" : "'" + name + "'";
  }
}
