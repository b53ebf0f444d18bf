package io.trainyard.access;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.os.Watchdog;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All keys, in memory: a request asks no database. Changes by other processes are seen within the
 * refresh time. A key that another process has just made is found at once: a well-formed unknown
 * key makes this process read the keys again, but at most five times a second for all callers
 * together.
 *
 * <p>While the database is away, the keys that were read last stay valid.
 */
public final class AccessKeys implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(AccessKeys.class);

  private static final int MOST = 10_000;
  private static final Duration LAST_USE_STORED = Duration.ofMinutes(1);

  /** Between two readings that unknown keys cause, and how long one of their callers waits. */
  private static final long UNKNOWN_NANOS = Duration.ofMillis(200).toNanos();

  private static final long UNKNOWN_WAIT_MILLIS = 100;

  private final AccessKeyStore store;
  private final Limits limits;
  private final Duration refresh;
  private final boolean needsAdmin;
  private final Clock clock;
  private final ReentrantLock reading = new ReentrantLock();
  private final CountDownLatch stopping = new CountDownLatch(1);

  /** By the first 8 bytes of their hash; those of one entry are compared in constant time. */
  private volatile Map<Long, List<Known>> known = Map.of();

  /** The ids of stored keys that cannot be read, each logged once. */
  private Set<String> unreadable = Set.of();

  private volatile long readAt;
  private Instant stored = Instant.MIN;

  /** A key in memory. */
  private static final class Known {
    final AccessKey key;
    final byte[] sha256;
    final Identity identity;
    volatile @Nullable Instant lastUsed;

    Known(AccessKey key, Identity identity, @Nullable Instant lastUsed) {
      this.key = key;
      this.sha256 = HexFormat.of().parseHex(key.sha256());
      this.identity = identity;
      this.lastUsed = lastUsed;
    }
  }

  /**
   * No key is known before the first {@link #read}.
   *
   * @param limits of callers whose key has none
   * @param refresh between two readings of all keys
   * @param needsAdmin whether no administrator could come in without a stored key
   */
  public AccessKeys(
      AccessKeyStore store, Limits limits, Duration refresh, boolean needsAdmin, Clock clock) {
    this.store = store;
    this.limits = limits;
    this.refresh = refresh;
    this.needsAdmin = needsAdmin;
    this.clock = clock;
  }

  /** A key, and its text, which is nowhere afterwards. */
  public record Made(AccessKey key, String text) {}

  /** Follows changes by other processes. The thread is never interrupted. */
  public void start() {
    read();
    Watchdog.loop("access-keys", this::follow).start();
  }

  private void follow() {
    try {
      while (!stopping.await(refresh.toNanos(), TimeUnit.NANOSECONDS)) {
        try {
          read();
          storeLastUse(false);
        } catch (RuntimeException e) {
          log.debug("The keys cannot be read; the last ones hold", e);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    stopping.countDown();
    try {
      storeLastUse(true);
    } catch (RuntimeException e) {
      log.debug("When keys were last used is not stored", e);
    }
  }

  /** Reads all keys. */
  public void read() {
    reading.lock();
    try {
      Map<Long, List<Known>> last = known;
      Map<Long, List<Known>> next = new HashMap<>();
      Set<String> bad = new HashSet<>();
      for (AccessKey key : store.all()) {
        if (!KeyText.isHash(key.sha256())) {
          bad.add(key.id());
          continue;
        }
        Known one = new Known(key, key.identity(limits), key.lastUsedAt());
        Known before = find(last, one.sha256);
        if (before != null) {
          one.lastUsed = later(before.lastUsed, one.lastUsed);
        }
        next.computeIfAbsent(start(one.sha256), _ -> new ArrayList<>(1)).add(one);
      }
      known = next;
      for (String id : bad) {
        if (!unreadable.contains(id)) {
          log.error("The stored key {} is left out: its sha256 is no SHA-256; delete it", id);
        }
      }
      unreadable = bad;
    } finally {
      readAt = System.nanoTime();
      reading.unlock();
    }
  }

  private static @Nullable Instant later(@Nullable Instant a, @Nullable Instant b) {
    return a == null || (b != null && b.isAfter(a)) ? b : a;
  }

  private static long start(byte[] sha256) {
    return ByteBuffer.wrap(sha256).getLong();
  }

  private static @Nullable Known find(Map<Long, List<Known>> keys, byte[] sha256) {
    Known found = null;
    for (Known candidate : keys.getOrDefault(start(sha256), List.of())) {
      if (MessageDigest.isEqual(candidate.sha256, sha256)) {
        found = candidate;
      }
    }
    return found;
  }

  /**
   * The caller who shows a key.
   *
   * @throws ServiceException UNAUTHENTICATED when there is no such key, or it has expired
   */
  Identity identify(String text) {
    byte[] sha256 = KeyText.sha256(text);
    Known found = find(known, sha256);
    if (found == null && KeyText.isWellFormed(text) && readForUnknown()) {
      found = find(known, sha256);
    }
    if (found == null) {
      throw new ServiceException(
          ErrorCode.UNAUTHENTICATED,
          "The key of this request is not known here; it was deleted, or is not complete");
    }
    Instant now = clock.instant();
    if (found.key.isExpired(now)) {
      throw new ServiceException(
          ErrorCode.UNAUTHENTICATED,
          "The key '%s' expired at %s; ask an administrator for a new one"
              .formatted(found.key.name(), found.key.expiresAt()));
    }
    Instant last = found.lastUsed;
    if (last == null || last.isBefore(now.minusSeconds(1))) {
      found.lastUsed = now.truncatedTo(ChronoUnit.MILLIS);
    }
    return found.identity;
  }

  /** Whether the keys were read again; when others try too, most are not waited for. */
  private boolean readForUnknown() {
    if (System.nanoTime() - readAt < UNKNOWN_NANOS) {
      return false;
    }
    try {
      if (!reading.tryLock(UNKNOWN_WAIT_MILLIS, TimeUnit.MILLISECONDS)) {
        return false;
      }
      try {
        if (System.nanoTime() - readAt >= UNKNOWN_NANOS) {
          read();
        }
        return true;
      } finally {
        reading.unlock();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } catch (RuntimeException e) {
      log.debug("The keys cannot be read; the last ones hold", e);
      return false;
    }
  }

  /** At most once a minute. */
  private void storeLastUse(boolean now) {
    Instant time = clock.instant();
    if (!now && stored.plus(LAST_USE_STORED).isAfter(time)) {
      return;
    }
    Map<String, Instant> used = new HashMap<>();
    for (Known each : all()) {
      Instant last = each.lastUsed;
      Instant before = each.key.lastUsedAt();
      if (last != null && (before == null || last.isAfter(before))) {
        used.put(each.key.id(), last);
      }
    }
    if (!used.isEmpty()) {
      store.used(used);
    }
    stored = time;
  }

  private List<Known> all() {
    return known.values().stream().flatMap(List::stream).toList();
  }

  /** All keys, newest first, with what this process knows of their use. */
  public List<AccessKey> list() {
    Map<String, Known> here = new HashMap<>();
    all().forEach(each -> here.put(each.key.id(), each));
    return store.all().stream()
        .map(
            key -> {
              Known one = here.get(key.id());
              return one == null ? key : key.used(later(one.lastUsed, key.lastUsedAt()));
            })
        .toList();
  }

  /** KEY_NOT_FOUND when there is none. */
  public AccessKey get(String id) {
    return list().stream()
        .filter(key -> key.id().equals(id))
        .findFirst()
        .orElseThrow(() -> notFound(id));
  }

  private static ServiceException notFound(String id) {
    return new ServiceException(ErrorCode.KEY_NOT_FOUND, "There is no key '" + id + "'");
  }

  /** Makes a key. */
  public Made create(AccessKey.Wanted wanted) {
    if (store.all().size() >= MOST) {
      throw new ServiceException(
          ErrorCode.CONFLICT, "There are " + MOST + " keys, the most; delete some first");
    }
    String text = KeyText.random();
    AccessKey key = key(UUID.randomUUID().toString(), text, wanted, Identity.current().label());
    store.insert(key);
    read();
    return new Made(key, text);
  }

  private AccessKey key(String id, String text, AccessKey.Wanted wanted, String by) {
    return new AccessKey(
        id,
        wanted.name(),
        KeyText.prefix(text),
        HexFormat.of().formatHex(KeyText.sha256(text)),
        wanted.scopes(),
        wanted.models(),
        wanted.datasets(),
        wanted.limits(),
        wanted.maxPriority(),
        by,
        clock.instant().truncatedTo(ChronoUnit.MICROS),
        wanted.expiresAt(),
        null);
  }

  /** Ends a key: here at once, in other processes within the refresh time. */
  public AccessKey delete(String id) {
    AccessKey key = get(id);
    if (!store.delete(id, needsAdmin)) {
      throw notFound(id);
    }
    read();
    return key;
  }

  /**
   * Stores a key for everything that the operator has chosen, in place of the one chosen before.
   *
   * @param text the key
   * @param source what its owner knows it by
   */
  public void adopt(String text, String source) {
    String prefix = "env-";
    String sha256 = HexFormat.of().formatHex(KeyText.sha256(text));
    List<AccessKey> same = store.all().stream().filter(key -> key.sha256().equals(sha256)).toList();
    if (same.stream().anyMatch(AccessKey::isForEverything)) {
      return;
    }
    for (AccessKey lesser : same) {
      // A backup or a hand has put it there: the operator stays an administrator.
      store.delete(lesser.id(), false);
    }
    String id = prefix + sha256.substring(0, 24);
    if (store.insert(key(id, text, AccessKey.Wanted.admin("admin"), source))) {
      log.info("The key in {} is valid from now on", source);
    }
    for (AccessKey key : store.all()) {
      if (key.id().startsWith(prefix) && !key.id().equals(id)) {
        store.delete(key.id(), false);
        log.info("The key that {} held before is not valid any more", source);
      }
    }
    read();
  }

  /** Makes a key for everything where there is none; empty where there is one. */
  public Optional<String> first() {
    Instant now = clock.instant();
    boolean exists =
        store.all().stream()
            .anyMatch(key -> key.scopes().contains(Scope.ADMIN) && !key.isExpired(now));
    if (exists) {
      return Optional.empty();
    }
    String text = KeyText.random();
    // Another process that starts now has the same id.
    String id = "first-" + store.all().size();
    boolean made = store.insert(key(id, text, AccessKey.Wanted.admin("first"), "service"));
    read();
    return made ? Optional.of(text) : Optional.empty();
  }
}
