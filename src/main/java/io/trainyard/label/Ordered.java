package io.trainyard.label;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.label.Selection.Order;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Pages of things that are few enough to be sorted here. */
public final class Ordered {
  private Ordered() {}

  /**
   * What a thing is sorted by.
   *
   * @param id grows with age; it is also the thing's cursor
   * @param value null: the thing has none, and comes last
   */
  public record Key(long id, @Nullable Comparable<?> value) {}

  /**
   * One page.
   *
   * @param keys of all things that are selected
   * @param order null: the newest first
   * @param after the cursor of the last thing before the page
   * @param read the things of some ids, in any order
   */
  public static <T> List<Placed<T>> page(
      List<Key> keys,
      @Nullable Order order,
      @Nullable String after,
      int limit,
      Function<List<Long>, Map<Long, T>> read) {
    List<Key> sorted = keys.stream().sorted(comparator(order)).toList();
    int from = after == null ? 0 : position(sorted, after, order == null);
    List<Placed<T>> page = new ArrayList<>();
    // A short page would be the last one: others take the place of things that cannot be read.
    for (int at = from; at < sorted.size() && page.size() < limit; ) {
      List<Long> ids = sorted.stream().skip(at).limit(limit - page.size()).map(Key::id).toList();
      Map<Long, T> things = new HashMap<>(read.apply(ids));
      for (Long id : ids) {
        T thing = things.get(id);
        if (thing != null) {
          String cursor = order == null ? String.valueOf(id) : id + "." + at;
          page.add(new Placed<>(Objects.requireNonNull(thing), cursor));
        }
        at++;
      }
    }
    return page;
  }

  private static Comparator<Key> comparator(@Nullable Order order) {
    Comparator<Key> newest = Comparator.comparingLong(Key::id).reversed();
    if (order == null) {
      return newest;
    }
    Comparator<Key> byValue = (a, b) -> compare(a.value(), b.value(), order.descending());
    return byValue.thenComparing(newest);
  }

  @SuppressWarnings({"unchecked", "rawtypes"})
  private static int compare(@Nullable Comparable a, @Nullable Comparable b, boolean descending) {
    if (a == null || b == null) {
      return a == null ? (b == null ? 0 : 1) : -1;
    }
    return descending ? b.compareTo(a) : a.compareTo(b);
  }

  /** The first place behind a cursor; its thing may have been deleted since. */
  private static int position(List<Key> sorted, String cursor, boolean newest) {
    try {
      int dot = cursor.indexOf('.');
      long id = Long.parseLong(dot < 0 ? cursor : cursor.substring(0, dot));
      int place = dot < 0 ? 0 : Math.max(0, Integer.parseInt(cursor.substring(dot + 1)));
      for (int i = 0; i < sorted.size(); i++) {
        if (sorted.get(i).id() == id) {
          return i + 1;
        }
        if (newest && sorted.get(i).id() < id) {
          return i;
        }
      }
      return newest ? sorted.size() : place;
    } catch (NumberFormatException e) {
      throw new ServiceException(
          ErrorCode.INVALID_PARAMETER, "page_token must be a next_page_token of this service", e);
    }
  }
}
