package io.trainyard.label;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which things a list shows, and in which order.
 *
 * @param tags that they all have
 * @param owner name or id of a caller; null: any
 * @param createdAfter null: any time
 * @param archived null: archived or not
 * @param order null: the newest first
 */
public record Selection(
    Map<String, String> tags,
    @Nullable String owner,
    @Nullable Instant createdAfter,
    @Nullable Boolean archived,
    @Nullable Order order) {
  /** Everything, the newest first. */
  public static final Selection ALL = new Selection(Map.of(), null, null, null, null);

  public Selection {
    tags = Map.copyOf(tags);
  }

  /**
   * An order.
   *
   * @param key a member or a metric; things without it come last
   */
  public record Order(String key, boolean descending) {}
}
