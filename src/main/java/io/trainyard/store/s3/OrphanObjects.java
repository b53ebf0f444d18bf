package io.trainyard.store.s3;

import io.trainyard.store.ObjectStoreException;
import io.trainyard.store.database.Timestamps;
import io.trainyard.store.file.RunningBackups;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Deletes objects that no database record references. A first run marks one that is an hour old; a
 * later run deletes it after another hour. Who is about to reference an object removes its mark
 * before, or waits for the deletion to end. Marks are in the database, so that the runs of several
 * processes do not disturb each other.
 */
final class OrphanObjects {
  private static final Logger log = LoggerFactory.getLogger(OrphanObjects.class);

  /** A deletion that is older has died with its process: no call to a store takes that long. */
  private static final Duration DEAD = Duration.ofMinutes(10);

  /** The age at which an object is marked, and its mark's when it is deleted. */
  private static final Duration GRACE = Duration.ofHours(1);

  private static final int BATCH = 500;

  private static final Duration WAIT = Duration.ofSeconds(30);
  private static final Duration POLL = Duration.ofMillis(200);

  /** Lists are long; what is new since the last one must be an hour old anyway. */
  private static final Duration INTERVAL = Duration.ofMinutes(55);

  private final JdbcClient jdbc;
  private final S3Objects objects;
  private final ObjectOwner owner;
  private final RunningBackups backups;
  private final Clock clock;
  private final Map<String, Instant> listedAt = new ConcurrentHashMap<>();

  OrphanObjects(
      JdbcClient jdbc, S3Objects objects, ObjectOwner owner, RunningBackups backups, Clock clock) {
    this.jdbc = jdbc;
    this.objects = objects;
    this.owner = owner;
    this.backups = backups;
    this.clock = clock;
  }

  /**
   * Call it before an object is stored, or before a record references a stored one.
   *
   * @throws ObjectStoreException if a deletion does not end
   */
  void protect(String key) throws IOException {
    Instant end = clock.instant().plus(WAIT);
    while (!unmark(key)) {
      if (!clock.instant().isBefore(end)) {
        throw new ObjectStoreException(key + " is being deleted");
      }
      try {
        Thread.sleep(POLL);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new ObjectStoreException(key + " is being deleted", e);
      }
    }
  }

  /** Whether an object has no mark now. */
  private boolean unmark(String key) {
    int _ =
        jdbc.sql(
                "delete from orphan_objects where object_key = :key"
                    + " and (deleting_since is null or deleting_since < :dead)")
            .param("key", key)
            .param("dead", Timestamps.time(clock.instant().minus(DEAD)))
            .update();
    return !isMarked(key);
  }

  private boolean isMarked(String key) {
    return jdbc.sql("select count(*) from orphan_objects where object_key = :key")
            .param("key", key)
            .query(Integer.class)
            .single()
        > 0;
  }

  /**
   * Marks and deletes orphans below a prefix.
   *
   * @param since when the database was created; older objects are kept
   * @param referenced gives, out of some names, those that database records reference
   */
  void delete(String prefix, Instant since, Function<Collection<String>, Set<String>> referenced)
      throws IOException {
    Instant now = clock.instant();
    Instant last = listedAt.get(prefix);
    if (last != null && now.isBefore(last.plus(INTERVAL))) {
      return;
    }
    owner.require();
    List<String> old = new ArrayList<>();
    // Stores tell times in whole seconds.
    Instant oldest = since.truncatedTo(ChronoUnit.SECONDS);
    objects.list(
        prefix,
        entry -> {
          boolean isOld = entry.lastModified().isBefore(now.minus(GRACE));
          if (isOld && !entry.lastModified().isBefore(oldest)) {
            old.add(entry.key());
          }
        });
    for (int from = 0; from < old.size(); from += BATCH) {
      deleteSome(old.subList(from, Math.min(from + BATCH, old.size())), referenced);
    }
    listedAt.put(prefix, now);
  }

  private void deleteSome(List<String> old, Function<Collection<String>, Set<String>> referenced)
      throws IOException {
    Set<String> kept = referenced.apply(old.stream().map(OrphanObjects::name).toList());
    for (String key : old) {
      if (kept.contains(name(key))) {
        boolean _ = unmark(key);
      } else if (!mark(key) && claim(key)) {
        deleteClaimed(key, referenced);
      }
    }
  }

  private static String name(String key) {
    return key.substring(key.lastIndexOf('/') + 1);
  }

  /** False for one that is marked already. */
  private boolean mark(String key) {
    if (isMarked(key)) {
      return false;
    }
    try {
      return jdbc.sql("insert into orphan_objects (object_key, marked_at) values (:key, :now)")
              .param("key", key)
              .param("now", Timestamps.time(clock.instant()))
              .update()
          == 1;
    } catch (DuplicateKeyException e) {
      return false; // another process was faster
    }
  }

  /** Takes an object that was marked an hour ago, so that nobody else deletes or references it. */
  private boolean claim(String key) {
    Instant now = clock.instant();
    return !backups.any()
        && jdbc.sql(
                    """
                    update orphan_objects set deleting_since = :now
                    where object_key = :key and marked_at < :limit
                      and (deleting_since is null or deleting_since < :dead)\
                    """)
                .param("now", Timestamps.time(now))
                .param("key", key)
                .param("limit", Timestamps.time(now.minus(GRACE)))
                .param("dead", Timestamps.time(now.minus(DEAD)))
                .update()
            == 1;
  }

  private void deleteClaimed(String key, Function<Collection<String>, Set<String>> referenced)
      throws IOException {
    // A record may have appeared since the mark.
    if (referenced.apply(List.of(name(key))).isEmpty()) {
      objects.delete(key);
      log.debug("{} was deleted: nothing refers to it", key);
    }
    jdbc.sql("delete from orphan_objects where object_key = :key").param("key", key).update();
  }
}
