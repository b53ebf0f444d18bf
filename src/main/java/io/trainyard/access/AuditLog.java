package io.trainyard.access;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Who changed what, in all processes. */
public interface AuditLog {
  /** Adds an entry. */
  void add(Entry entry);

  /**
   * At most {@code limit} entries, newest first.
   *
   * @param caller the id or the name of the only caller to show; null: all
   * @param resource what the path of the resource starts with; null: all
   * @param before only entries with a lower id; null: from the newest on
   */
  List<Entry> list(
      @Nullable String caller, @Nullable String resource, @Nullable Long before, int limit);

  /** Deletes older entries. */
  void deleteBefore(Instant oldest);

  /**
   * A change.
   *
   * @param id grows with time; 0 for one that is not stored yet
   * @param operation method and path with the names of its variables, or what happened without a
   *     request
   * @param resource the path
   * @param before JSON; null when there was nothing
   * @param after JSON; null when nothing is left
   */
  record Entry(
      long id,
      Instant at,
      String caller,
      String callerName,
      String operation,
      String resource,
      @Nullable String before,
      @Nullable String after) {
    /**
     * A version that got an alias as it was published.
     *
     * @param owner the id of who published it; null: nobody who has shown a key
     */
    public static Entry granted(
        Instant at,
        @Nullable String owner,
        @Nullable String ownerName,
        String model,
        String alias,
        String after) {
      Identity nobody = Identity.nobody();
      return new Entry(
          0,
          at,
          Objects.requireNonNullElse(owner, nobody.id()),
          Objects.requireNonNullElse(ownerName, nobody.name()),
          "alias.moved",
          "/v1/models/%s/aliases/%s".formatted(model, alias),
          null,
          after);
    }
  }
}
